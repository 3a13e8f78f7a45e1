//! [`Given`]: plain data of the host language.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::pointer::unescape;

/// Plain data of any host language.
#[derive(Debug)]
pub(super) enum Given {
    /// Null or an equivalent, such as `undefined`.
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(String),
    /// Data that no argument accepts.
    Bytes,
    List(Vec<Given>),
    Fields(Vec<(String, Given)>),
    /// What was taken out. Nobody sees it, and it keeps its place in a list.
    Gone,
}

impl Given {
    /// Takes out the part at a path; false if there is none.
    pub(super) fn take_out(&mut self, path: &str) -> bool {
        let mut part = self;
        for token in path.split('/').skip(1) {
            let key = unescape(token);
            let next = match part {
                Given::List(list) => key.parse().ok().and_then(|place: usize| list.get_mut(place)),
                Given::Fields(fields) => {
                    fields.iter_mut().find(|(field, _)| *field == key).map(|(_, given)| given)
                }
                _ => None,
            };
            match next {
                Some(next) => part = next,
                None => return false,
            }
        }
        !matches!(std::mem::replace(part, Given::Gone), Given::Gone)
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Given, D::Error> {
        struct Plain;

        impl<'de> Visitor<'de> for Plain {
            type Value = Given;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("plain data")
            }

            fn visit_unit<E>(self) -> Result<Given, E> {
                Ok(Given::Null)
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Given, E> {
                Ok(Given::Bool(truth))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Given, E> {
                Ok(Given::Unsigned(number))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Given, E> {
                Ok(u64::try_from(number).map_or(Given::Signed(number), Given::Unsigned))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Given, E> {
                Ok(Given::Float(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Given, E> {
                Ok(Given::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Given, E> {
                Ok(Given::Text(text))
            }

            fn visit_bytes<E>(self, _: &[u8]) -> Result<Given, E> {
                Ok(Given::Bytes)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Given, A::Error> {
                let mut list = Vec::new();
                while let Some(given) = seq.next_element()? {
                    list.push(given);
                }
                Ok(Given::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Given, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Given::Fields(fields))
            }
        }

        deserializer.deserialize_any(Plain)
    }
}
