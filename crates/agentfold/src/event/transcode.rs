//! Events as serde's data: JSON text that is written as data, and data that is written as JSON text.

use std::fmt::{self, Write};

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::ser::{Error as _, SerializeMap};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Event;
use crate::print::JsonText;
use crate::read::parts;

impl Serialize for Event<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let json = self.to_json();
        if serializer.is_human_readable() {
            Json(&json).serialize(serializer)
        } else {
            serializer.serialize_str(&json)
        }
    }
}

impl<'de> Deserialize<'de> for Event<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = if deserializer.is_human_readable() {
            let mut json = String::new();
            Transcriber(&mut json).deserialize(deserializer)?;
            json
        } else {
            String::deserialize(deserializer)?
        };
        match Event::parse(json.as_bytes()) {
            Ok(event) => Ok(event.into_owned()),
            Err(issues) => {
                let issues: Vec<String> = issues.iter().map(ToString::to_string).collect();
                Err(D::Error::custom(issues.join("; ")))
            }
        }
    }
}

/// A JSON text as data.
struct Json<'j>(&'j str);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Json(json) = *self;
        // What was read is JSON, but its texts may hold half of a surrogate pair where nothing looked at them.
        let broken = || S::Error::custom("a text in an unknown field is not Unicode");
        match json.trim_start().as_bytes().first() {
            Some(b'{') => {
                let members = parts::members(json).ok_or_else(broken)?;
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (key, json) in members {
                    map.serialize_entry(&key, &Json(json))?;
                }
                map.end()
            }
            Some(b'[') => {
                let items = parts::items(json).ok_or_else(broken)?;
                serializer.collect_seq(items.into_iter().map(Json))
            }
            Some(b'"') => serializer.serialize_str(&parts::text(json).ok_or_else(broken)?),
            Some(b't') => serializer.serialize_bool(true),
            Some(b'f') => serializer.serialize_bool(false),
            Some(b'n') => serializer.serialize_unit(),
            _ => {
                let number: serde_json::Number = json.trim().parse().map_err(S::Error::custom)?;
                number.serialize(serializer)
            }
        }
    }
}

/// Writes any data as JSON text. Repeated keys are kept, so that the reader can refuse them.
struct Transcriber<'o>(&'o mut String);

impl Transcriber<'_> {
    fn plain<E: serde::de::Error>(self, value: impl fmt::Display) -> Result<(), E> {
        write!(self.0, "{value}").map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Transcriber<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcriber<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Zendesk agent event")
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.plain(value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.plain(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.plain(value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        if !value.is_finite() {
            return Err(E::invalid_value(Unexpected::Float(value), &self));
        }
        self.plain(JsonText(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.plain(JsonText(value))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.plain("null")
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Transcriber(out) = self;
        out.push('[');
        while items.next_element_seed(Transcriber(out))?.is_some() {
            out.push(',');
        }
        end(out, ']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Transcriber(out) = self;
        out.push('{');
        while let Some(key) = members.next_key::<String>()? {
            write!(out, "{}:", JsonText(key)).map_err(A::Error::custom)?;
            members.next_value_seed(Transcriber(out))?;
            out.push(',');
        }
        end(out, '}');
        Ok(())
    }
}

/// Ends a list or an object, in place of the comma after its last part.
fn end(out: &mut String, bracket: char) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}
