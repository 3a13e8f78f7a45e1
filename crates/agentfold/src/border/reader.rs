//! [`Reader`]: reads [`Given`] data as a type, and names the wrong part.

use std::borrow::Cow;
use std::fmt::{self, Write};
use std::iter::Enumerate;
use std::slice;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use super::given::Given;
use crate::Code;
use crate::pointer::escape;
use crate::shown::Shown;
use crate::word::listed;

/// Reads given data. Errors have the place and the kind of the problem, never the value.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de>(pub(super) &'de Given);

/// What is wrong, and where.
// Boxed, since every reader has code to return it.
#[derive(Debug)]
pub(super) struct Wrong(Box<(String, Kind)>);

#[derive(Debug)]
enum Kind {
    Unknown {
        field: String,
        fields: &'static [&'static str],
    },
    Missing,
    MustBe(Cow<'static, str>),
    NoWord(&'static [&'static str]),
    OutOfRange,
    /// The message of a type of this crate, which never contains a value.
    Said(String),
}

impl Wrong {
    #[cold]
    fn new(kind: Kind) -> Wrong {
        Wrong(Box::new((String::new(), kind)))
    }

    #[cold]
    fn must_be(what: impl Into<Cow<'static, str>>) -> Wrong {
        Wrong::new(Kind::MustBe(what.into()))
    }

    /// The same error, seen from the object or list that contains it.
    #[cold]
    pub(super) fn within(mut self, key: &str) -> Wrong {
        self.0.0.insert_str(0, &format!("/{}", escape(key)));
        self
    }

    /// A JSON Pointer.
    pub(super) fn path(&self) -> &str {
        &self.0.0
    }

    /// The kind of problem that it is, as a word.
    pub(super) fn code(&self) -> Code {
        match self.0.1 {
            Kind::Unknown { .. } => Code::UnknownField,
            Kind::Missing => Code::MissingField,
            Kind::MustBe(_) => Code::WrongType,
            Kind::NoWord(_) => Code::UnknownValue,
            Kind::OutOfRange | Kind::Said(_) => Code::OutOfRange,
        }
    }

    /// What is wrong, for people. `beside` are known fields that the type does not have.
    pub(super) fn message(&self, beside: &[&'static str]) -> String {
        let (path, kind) = &*self.0;
        let mut message = match kind {
            Kind::Unknown { field, .. } => format!("`{}`", Shown(field)),
            _ => subject(path),
        };
        // Writing to a `String` never fails.
        let _ = match kind {
            Kind::Unknown { field, fields } => {
                unknown(&mut message, field, &[fields, beside].concat())
            }
            Kind::Missing => message.write_str(" is missing"),
            Kind::MustBe(what) => write!(message, " must be {what}"),
            Kind::NoWord(words) => {
                message.push_str(" must be ");
                listed(&mut message, words, "or")
            }
            Kind::OutOfRange => message.write_str(" is out of range"),
            Kind::Said(what) => write!(message, ": {what}"),
        };
        message
    }
}

/// The end of a path in words: a field, or an item of one.
fn subject(path: &str) -> String {
    let mut tokens = path.rsplit('/');
    let last = tokens.next().unwrap_or_default();
    match tokens.next() {
        Some(list) if last.parse::<usize>().is_ok() && !list.is_empty() => {
            format!("item {last} of `{}`", Shown(list))
        }
        _ => format!("`{}`", Shown(last)),
    }
}

fn unknown(message: &mut String, field: &str, fields: &[&'static str]) -> fmt::Result {
    message.push_str(" is not an option");
    // `near` probably means `near_seconds`.
    let distance = |known: &str| match field.len() > 2 && known.starts_with(field) {
        true => 0,
        false => strsim::osa_distance(field, known),
    };
    match fields.iter().map(|known| (distance(known), known)).min() {
        Some((distance, near)) if distance <= 1 + near.len() / 4 => {
            write!(message, "; did you mean `{near}`?")
        }
        _ => {
            message.push_str("; the options are ");
            listed(message, fields, "and")
        }
    }
}

impl de::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Wrong {
        Wrong::new(Kind::Said(message.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Wrong {
        Wrong::must_be(expected.to_string())
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Wrong {
        Wrong::new(Kind::OutOfRange)
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Wrong {
        Wrong::must_be("a list of another length")
    }

    fn unknown_variant(_: &str, words: &'static [&'static str]) -> Wrong {
        Wrong::new(Kind::NoWord(words))
    }

    fn unknown_field(field: &str, fields: &'static [&'static str]) -> Wrong {
        Wrong::new(Kind::Unknown { field: field.to_owned(), fields }).within(field)
    }

    fn missing_field(field: &'static str) -> Wrong {
        Wrong::new(Kind::Missing).within(field)
    }

    fn duplicate_field(field: &'static str) -> Wrong {
        Wrong::new(Kind::Said("given twice".to_owned())).within(field)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(&[]))
    }
}

impl std::error::Error for Wrong {}

impl<'de> Reader<'de> {
    fn items(self) -> Result<Items<'de>, Wrong> {
        match self.0 {
            Given::List(list) => Ok(Items { items: list.iter().enumerate() }),
            _ => Err(Wrong::must_be("a list")),
        }
    }

    fn entries(self) -> Result<Entries<'de>, Wrong> {
        match self.0 {
            Given::Fields(fields) => Ok(Entries { fields: fields.iter(), entry: None }),
            _ => Err(Wrong::must_be("an object")),
        }
    }

    fn text(self) -> Result<&'de str, Wrong> {
        match self.0 {
            Given::Text(text) => Ok(text),
            _ => Err(Wrong::must_be("a string")),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Given::Null | Given::Gone => visitor.visit_unit(),
            Given::Bool(truth) => visitor.visit_bool(*truth),
            Given::Unsigned(number) => visitor.visit_u64(*number),
            Given::Signed(number) => visitor.visit_i64(*number),
            Given::Float(number) => visitor.visit_f64(*number),
            Given::Text(text) => visitor.visit_borrowed_str(text),
            Given::Bytes => visitor.visit_bytes(&[]),
            Given::List(_) => visitor.visit_seq(self.items()?),
            Given::Fields(_) => visitor.visit_map(self.entries()?),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_unit()
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Given::Bool(truth) => visitor.visit_bool(*truth),
            _ => Err(Wrong::must_be("true or false")),
        }
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Given::Unsigned(number) => visitor.visit_u64(*number),
            _ => Err(Wrong::must_be("a whole number, 0 or more")),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Given::Unsigned(number) => visitor.visit_f64(*number as f64),
            Given::Signed(number) => visitor.visit_f64(*number as f64),
            Given::Float(number) => visitor.visit_f64(*number),
            _ => Err(Wrong::must_be("a number")),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Given::Null | Given::Gone => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_seq(self.items()?)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_map(self.entries()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'de> {
    items: Enumerate<slice::Iter<'de, Given>>,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Wrong;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Wrong> {
        let Some((place, item)) = self.items.find(|(_, item)| !matches!(item, Given::Gone)) else {
            return Ok(None);
        };
        seed.deserialize(Reader(item)).map(Some).map_err(|wrong| wrong.within(&place.to_string()))
    }
}

struct Entries<'de> {
    fields: slice::Iter<'de, (String, Given)>,
    entry: Option<&'de (String, Given)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Wrong;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Wrong> {
        // Fields that are null count as missing.
        self.entry = self.fields.find(|(_, given)| !matches!(given, Given::Null | Given::Gone));
        match self.entry {
            Some((key, _)) => seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Wrong> {
        let (key, given) = self.entry.take().expect("INVARIANT: a key comes before its value");
        seed.deserialize(Reader(given)).map_err(|wrong| wrong.within(key))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::border::read;
    use crate::floor::Trust;
    use crate::history::Window;
    use crate::report::Scheduled;
    use crate::webhook::Policy;

    fn wrong<T: serde::de::DeserializeOwned>(given: Value) -> (String, String) {
        let failure = read::<T, _>("given", given).err().expect("refused");
        assert_eq!(failure.code(), "bad_argument");
        (failure.path().to_owned(), failure.message().to_owned())
    }

    fn said(path: &str, message: &str) -> (String, String) {
        (path.to_owned(), message.to_owned())
    }

    #[test]
    fn what_is_wrong_is_named_and_its_value_is_not() {
        let at = "2026-01-05T09:00:00Z";
        let line = |from: &str, states: Value| json!([{ "account_id": 2, "agent_id": "7", "from": from, "to": at, "states": states }]);
        for (told, path, message) in [
            (wrong::<Policy>(json!("secret")), "", "`given` must be an object"),
            (wrong::<Policy>(json!(["secret"])), "", "`given` must be an object"),
            (
                wrong::<Policy>(json!({ "read": { "max_dept": 1 } })),
                "/read/max_dept",
                "`max_dept` is not an option; did you mean `max_depth`?",
            ),
            (
                wrong::<Policy>(json!({ "a/b~": 1 })),
                "/a~1b~0",
                "`a/b~` is not an option; the options are `tolerance_seconds`, `account_id` and `read`",
            ),
            (
                wrong::<Policy>(json!({ "account_id": "secret" })),
                "/account_id",
                "`account_id`: not an id: ids are whole numbers below 2^64",
            ),
            (
                wrong::<Policy>(json!({ "account_id": 0.5 })),
                "/account_id",
                "`account_id` must be an id, as text or as a whole number",
            ),
            (
                wrong::<Trust>(json!({ "near": 1 })),
                "/near",
                "`near` is not an option; did you mean `near_seconds`?",
            ),
            (
                wrong::<Trust>(json!({ "near_seconds": -1 })),
                "/near_seconds",
                "`near_seconds`: must be a number of seconds, 0 or more",
            ),
            (wrong::<Window>(json!({ "from": at, "to": null })), "/to", "`to` is missing"),
            (
                wrong::<Vec<Scheduled>>(line(at, json!(["1", 7]))),
                "/0/states/1",
                "item 1 of `states` must be a string",
            ),
            (
                wrong::<Vec<Scheduled>>(line("secret", json!([]))),
                "/0/from",
                "`from`: not an RFC 3339 instant, such as `2023-04-05T23:30:58.642Z`",
            ),
            (wrong::<Vec<Scheduled>>(json!([7])), "/0", "item 0 of `given` must be an object"),
        ] {
            assert_eq!(told, said(&format!("/given{path}"), message));
        }
    }

    #[test]
    fn what_is_null_is_left_out_and_what_is_too_long_is_without_end() {
        let given = json!({ "near_seconds": null, "silent_seconds": 1e300 });
        let trust: Trust = read("trust", given).expect("good");
        assert_eq!(trust.near, Trust::default().near);
        assert_eq!(trust.silent, std::time::Duration::MAX);
        let again: Trust = read("trust", json!(trust)).expect("good");
        assert_eq!(again, trust);
    }
}
