//! [`Buffered`]: the fields of a row that come before its kind.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{
    Deserialize, Deserializer, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

/// Data of any self-describing format, with numbers of 128 bits, which other such types do not have.
#[derive(Debug)]
pub(super) enum Buffered {
    Null,
    Bool(bool),
    Number(u128),
    Float(f64),
    Text(String),
    List(Vec<Buffered>),
    Fields(Vec<(String, Buffered)>),
}

impl<'de> Deserialize<'de> for Buffered {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Buffered, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Buffered;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of a row")
            }

            fn visit_unit<E>(self) -> Result<Buffered, E> {
                Ok(Buffered::Null)
            }

            fn visit_none<E>(self) -> Result<Buffered, E> {
                Ok(Buffered::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, value: D) -> Result<Buffered, D::Error> {
                Buffered::deserialize(value)
            }

            fn visit_bool<E>(self, truth: bool) -> Result<Buffered, E> {
                Ok(Buffered::Bool(truth))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Buffered, E> {
                Ok(Buffered::Number(number.into()))
            }

            fn visit_u128<E>(self, number: u128) -> Result<Buffered, E> {
                Ok(Buffered::Number(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Buffered, E> {
                let number = u64::try_from(number).map_err(|_| E::custom("a number below 0"))?;
                self.visit_u64(number)
            }

            fn visit_f64<E>(self, number: f64) -> Result<Buffered, E> {
                Ok(Buffered::Float(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Buffered, E> {
                Ok(Buffered::Text(text.to_owned()))
            }

            fn visit_string<E>(self, text: String) -> Result<Buffered, E> {
                Ok(Buffered::Text(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Buffered, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = seq.next_element()? {
                    list.push(value);
                }
                Ok(Buffered::List(list))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Buffered, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Buffered::Fields(fields))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// Reads buffered data as a type.
pub(super) struct Reader<E>(Buffered, PhantomData<E>);

impl<'de, E: Error> IntoDeserializer<'de, E> for Buffered {
    type Deserializer = Reader<E>;

    fn into_deserializer(self) -> Reader<E> {
        Reader(self, PhantomData)
    }
}

impl<'de, E: Error> Deserializer<'de> for Reader<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Buffered::Null => visitor.visit_unit(),
            Buffered::Bool(truth) => visitor.visit_bool(truth),
            Buffered::Number(number) => match u64::try_from(number) {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_u128(number),
            },
            Buffered::Float(number) => visitor.visit_f64(number),
            Buffered::Text(text) => visitor.visit_string(text),
            Buffered::List(list) => visitor.visit_seq(SeqDeserializer::new(list.into_iter())),
            Buffered::Fields(fields) => visitor.visit_map(MapDeserializer::new(fields.into_iter())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.0 {
            Buffered::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
