//! [`Fields`]: takes the fields of one JSON object one by one, and notes what is wrong.

use std::borrow::Cow;
use std::cell::RefCell;

use super::{format, parts};
use crate::event::{MAX_COUNT, OUT_OF_RANGE, UnknownField};
use crate::issue::{Code, Issue};
use crate::pointer::escape;
use crate::steps;
use crate::{Id, Instant};

/// What is noted while an event is read: its issues and its unknown fields.
#[derive(Default)]
pub(crate) struct Notes<'a> {
    issues: RefCell<Vec<Issue>>,
    unknown_fields: RefCell<Vec<UnknownField<'a>>>,
}

impl<'a> Notes<'a> {
    pub(crate) fn push(&self, issue: Issue) {
        self.issues.borrow_mut().push(issue);
    }

    /// Notes an issue, and returns `None` for a reader that can't continue.
    pub(crate) fn issue<T>(
        &self,
        code: Code,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Option<T> {
        self.push(Issue::new(code, path, message));
        None
    }

    /// Bytes as text. Notes an issue if they are not UTF-8.
    pub(crate) fn text(&self, bytes: &'a [u8]) -> Option<&'a str> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text),
            Err(_) => self.not_json(bytes, || "the text is not UTF-8".to_owned()),
        }
    }

    /// A text that is one JSON value, without the white space around it. Notes an issue if it is not
    /// one.
    pub(crate) fn whole(&self, text: &'a str) -> Option<&'a str> {
        match parts::whole(text) {
            Ok(json) => Some(json),
            Err(stop) => self.not_json(text.as_bytes(), || stop.describe(text)),
        }
    }

    /// Notes that bytes are not JSON, and what they are if that is known.
    fn not_json<T>(&self, bytes: &[u8], message: impl FnOnce() -> String) -> Option<T> {
        match format::of_record(bytes) {
            Some(message) => self.issue(Code::OtherFormat, "", message),
            None => self.issue(Code::NotJson, "", message()),
        }
    }

    pub(crate) fn into_inner(self) -> (Vec<Issue>, Vec<UnknownField<'a>>) {
        (self.issues.into_inner(), self.unknown_fields.into_inner())
    }
}

/// The fields of one object that are not taken yet.
pub(crate) struct Fields<'a, 'n> {
    path: String,
    members: Vec<(Cow<'a, str>, Option<&'a str>)>,
    /// The places of the members, sorted by key.
    sorted: Vec<usize>,
    notes: &'n Notes<'a>,
}

impl<'a, 'n> Fields<'a, 'n> {
    /// The fields of the object `json` at `path`.
    pub(crate) fn open(
        json: &'a str,
        path: String,
        notes: &'n Notes<'a>,
    ) -> Option<Fields<'a, 'n>> {
        if !json.starts_with('{') {
            return notes.issue(
                Code::WrongType,
                path,
                format!("expected an object, found {}", type_of(json)),
            );
        }
        let Some(members) = parts::members(json) else {
            return notes.issue(Code::NotJson, path, "a key holds half of a surrogate pair");
        };
        let mut sorted: Vec<usize> = (0..members.len()).collect();
        // Equal keys stay in their order.
        sorted.sort_by(|a, b| {
            steps::count(1);
            members[*a].0.cmp(&members[*b].0)
        });
        sorted.dedup_by(|later, earlier| {
            let is_repeated = members[*later].0 == members[*earlier].0;
            if is_repeated {
                let path = format!("{path}/{}", escape(&members[*later].0));
                let message = "the key stands twice in its object";
                notes.push(Issue::new(Code::DuplicateKey, path, message));
            }
            is_repeated
        });
        let members = members.into_iter().map(|(key, json)| (key, Some(json))).collect();
        Some(Fields { path, members, sorted, notes })
    }

    /// Notes the fields that are left as unknown.
    pub(crate) fn close(&mut self) {
        for place in std::mem::take(&mut self.sorted) {
            let (key, json) = &self.members[place];
            if let Some(json) = *json {
                let path = format!("{}/{}", self.path, escape(key));
                let message = "a field that this library does not know";
                self.notes.push(Issue::new(Code::UnknownField, path.clone(), message));
                let json = Cow::Borrowed(json);
                self.notes.unknown_fields.borrow_mut().push(UnknownField { path, json });
            }
        }
    }

    /// The keys, in the order of the text.
    pub(crate) fn keys(&self) -> Vec<Cow<'a, str>> {
        let mut places = self.sorted.clone();
        places.sort_unstable();
        places.into_iter().map(|place| self.members[place].0.clone()).collect()
    }

    fn find(&self, key: &str) -> Option<usize> {
        let found = self.sorted.binary_search_by(|place| {
            steps::count(1);
            (*self.members[*place].0).cmp(key)
        });
        found.ok().map(|found| self.sorted[found])
    }

    /// The JSON text of a field that was not taken.
    fn json(&self, key: &str) -> Option<&'a str> {
        self.members[self.find(key)?].1
    }

    pub(crate) fn holds(&self, key: &str) -> bool {
        self.json(key).is_some()
    }

    /// Whether the field is present and not null.
    pub(crate) fn has_value(&self, key: &str) -> bool {
        self.json(key).is_some_and(|json| json != "null")
    }

    /// Takes a field's JSON text. The field no longer counts as unknown.
    pub(crate) fn take(&mut self, key: &str) -> Option<&'a str> {
        let place = self.find(key)?;
        self.members[place].1.take()
    }

    fn note(&self, code: Code, token: &str, message: impl Into<String>) {
        self.notes.push(Issue::new(code, format!("{}/{token}", self.path), message));
    }

    /// Notes a warning about the field at `token`.
    pub(crate) fn warn(&self, code: Code, token: &str, message: &str) {
        self.note(code, token, message);
    }

    pub(crate) fn missing<T>(&self, key: &str) -> Option<T> {
        self.note(Code::MissingField, &escape(key), format!("`{key}` is missing"));
        None
    }

    /// A field that must be present.
    pub(crate) fn required<T>(&mut self, key: &str, read: impl Read<'a, T>) -> Option<T> {
        match self.take(key) {
            Some(json) => self.read(&escape(key), json, read),
            None => self.missing(key),
        }
    }

    /// A field that may be absent or null.
    pub(crate) fn optional<T>(&mut self, key: &str, read: impl Read<'a, T>) -> Option<T> {
        self.stated(key, |json| if json == "null" { Ok(None) } else { read(json).map(Some) })
            .flatten()
    }

    /// A field that may be absent, where null has a meaning.
    pub(crate) fn stated<T>(&mut self, key: &str, read: impl Read<'a, T>) -> Option<T> {
        let json = self.take(key)?;
        self.read(&escape(key), json, read)
    }

    fn read<T>(&self, token: &str, json: &'a str, read: impl Read<'a, T>) -> Option<T> {
        match read(json) {
            Ok(value) => Some(value),
            Err(code) => {
                let message = wrong(code, token, json);
                self.note(code, token, message);
                None
            }
        }
    }

    /// An object that must be present, read by `read`. Fields that `read` does not take are unknown.
    pub(crate) fn object<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'a, 'n>) -> Option<T>,
    ) -> Option<T> {
        let Some(json) = self.take(key) else {
            return self.missing(key);
        };
        let mut fields = Fields::open(json, format!("{}/{}", self.path, escape(key)), self.notes)?;
        let value = read(&mut fields);
        fields.close();
        value
    }

    /// An object that may be absent or null.
    pub(crate) fn optional_object<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&mut Fields<'a, 'n>) -> Option<T>,
    ) -> Option<T> {
        if self.has_value(key) {
            return self.object(key, read);
        }
        self.take(key);
        None
    }

    /// A list of objects that must be present, each read by `read`.
    pub(crate) fn objects(
        &mut self,
        key: &str,
        mut read: impl FnMut(&mut Fields<'a, 'n>) -> Option<()>,
    ) -> Option<()> {
        let items = self.items(key)?;
        for (i, item) in items.into_iter().enumerate() {
            let path = format!("{}/{}/{i}", self.path, escape(key));
            if let Some(mut fields) = Fields::open(item, path, self.notes) {
                read(&mut fields);
                fields.close();
            }
        }
        Some(())
    }

    /// A list of objects that may be absent or null.
    pub(crate) fn optional_objects(
        &mut self,
        key: &str,
        read: impl FnMut(&mut Fields<'a, 'n>) -> Option<()>,
    ) {
        if self.has_value(key) {
            self.objects(key, read);
        }
        self.take(key);
    }

    /// The elements of a list that must be present.
    fn items(&mut self, key: &str) -> Option<Vec<&'a str>> {
        self.required(key, items)
    }

    /// A list of ids that must be present.
    pub(crate) fn list(&mut self, key: &str) -> Option<Vec<Cow<'a, str>>> {
        let items = self.items(key)?;
        let path = escape(key);
        let read = items.into_iter().enumerate();
        let ids = read.map(|(i, item)| self.read(&format!("{path}/{i}"), item, text_id));
        ids.collect::<Vec<_>>().into_iter().collect()
    }

    /// A list of ids that may be absent or null.
    pub(crate) fn optional_list(&mut self, key: &str) -> Option<Vec<Cow<'a, str>>> {
        if self.has_value(key) {
            return self.list(key);
        }
        self.take(key);
        None
    }
}

/// Reads a value from JSON text.
pub(crate) trait Read<'a, T>: FnOnce(&'a str) -> Result<T, Code> {}

impl<'a, T, F: FnOnce(&'a str) -> Result<T, Code>> Read<'a, T> for F {}

pub(crate) fn text(json: &str) -> Result<Cow<'_, str>, Code> {
    if !json.starts_with('"') {
        return Err(Code::WrongType);
    }
    parts::text(json).ok_or(Code::NotJson)
}

fn items(json: &str) -> Result<Vec<&str>, Code> {
    parts::items(json).ok_or(Code::WrongType)
}

/// An id of any form: text, or a whole number whose digits are kept.
pub(crate) fn text_id(json: &str) -> Result<Cow<'_, str>, Code> {
    match json.as_bytes()[0] {
        b'0'..=b'9' | b'-' if json.bytes().all(|b| b.is_ascii_digit()) => Ok(Cow::Borrowed(json)),
        b'0'..=b'9' | b'-' => Err(Code::BadId),
        _ => text(json),
    }
}

/// An id that is a whole number below 2^64, written as a number or as text.
pub(crate) fn number_id(json: &str) -> Result<Id, Code> {
    digits(&text_id(json)?).map(Id::new).ok_or(Code::BadId)
}

/// A version: a whole number, written as a number or as text.
pub(crate) fn version(json: &str) -> Result<u64, Code> {
    text_id(json).ok().and_then(|text| digits(&text)).ok_or(Code::WrongType)
}

/// A whole number, zero or more.
pub(crate) fn number(json: &str) -> Result<u64, Code> {
    digits(json).ok_or(Code::WrongType)
}

/// A number of items or engagements.
pub(crate) fn count(json: &str) -> Result<u64, Code> {
    let is_number = json.bytes().all(|byte| byte.is_ascii_digit());
    match number(json) {
        Ok(number) if number <= MAX_COUNT => Ok(number),
        _ if is_number => Err(Code::OutOfRange),
        _ => Err(Code::WrongType),
    }
}

/// A number of items, or null for no limit.
pub(crate) fn count_or_null(json: &str) -> Result<Option<u64>, Code> {
    if json == "null" { Ok(None) } else { count(json).map(Some) }
}

fn digits(text: &str) -> Option<u64> {
    // `parse` would also take a leading plus.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

pub(crate) fn instant(json: &str) -> Result<Instant, Code> {
    Instant::parse(text(json)?.as_bytes()).map_err(|_| Code::BadInstant)
}

pub(crate) fn boolean(json: &str) -> Result<bool, Code> {
    match json {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Code::WrongType),
    }
}

/// What is wrong with the value of the field at `token`, in words.
pub(crate) fn wrong(code: Code, token: &str, json: &str) -> String {
    match code {
        Code::WrongType if is_bad_number(token, json) => {
            "not a whole number from 0 to 18446744073709551615".to_owned()
        }
        Code::BadInstant => {
            "not an RFC 3339 instant, such as `2023-04-05T23:30:58.642Z`".to_owned()
        }
        Code::BadId => {
            "not an id: a whole number from 0 to 18446744073709551615, in digits alone, \
                        as a number or as text"
                .to_owned()
        }
        Code::OutOfRange => OUT_OF_RANGE.to_owned(),
        Code::NotJson => "the text holds half of a surrogate pair".to_owned(),
        Code::EmptyName => "the name is empty".to_owned(),
        Code::TooLarge => "the text is longer than allowed".to_owned(),
        _ => format!("unexpected value: {}", type_of(json)),
    }
}

/// Whether a value is meant as a number, but is no whole number that fits.
fn is_bad_number(token: &str, json: &str) -> bool {
    match json.as_bytes()[0] {
        b'"' => token == "version",
        b'-' | b'0'..=b'9' => {
            let names = ["version", "current", "previous", "value", "previous_value"];
            names.contains(&token) && digits(json).is_none()
        }
        _ => false,
    }
}

/// The type of a JSON value, in words.
pub(crate) fn type_of(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') => "text",
        Some(b't' | b'f') => "a truth value",
        Some(b'n') => "null",
        _ => "a number",
    }
}
