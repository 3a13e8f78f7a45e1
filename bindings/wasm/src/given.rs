//! [`Given`]: plain data that a caller hands over, as `serde` reads it.

use std::fmt;

use js_sys::{Array, Object};
use serde::de::value::{MapDeserializer, SeqDeserializer, StringDeserializer};
use serde::de::{Deserializer, Error, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use wasm_bindgen::prelude::*;

/// What `JSON.parse` makes: no other value is read.
pub(crate) struct Given(pub(crate) JsValue);

/// The value is not what it should be. How, is not told: it would hold the value.
#[derive(Debug)]
pub(crate) struct Wrong;

impl<'de> Deserializer<'de> for Given {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let value = self.0;
        if value.is_null() {
            visitor.visit_unit()
        } else if let Some(truth) = value.as_bool() {
            visitor.visit_bool(truth)
        } else if let Some(number) = value.as_f64() {
            // Beyond, a number of JavaScript's is no integer with digits of its own any more.
            match number.trunc() == number && number.abs() < 2_f64.powi(64) {
                true if number >= 0.0 => visitor.visit_u64(number as u64),
                true => visitor.visit_i64(number as i64),
                false => visitor.visit_f64(number),
            }
        } else if let Some(text) = value.as_string() {
            visitor.visit_string(text)
        } else if let Some(array) = value.dyn_ref::<Array>() {
            visitor.visit_seq(SeqDeserializer::new(array.iter().map(Given)))
        } else if let Some(object) = value.dyn_ref::<Object>() {
            let entries = Object::entries(object);
            let entry = |entry: JsValue| {
                let entry = Array::from(&entry);
                (entry.get(0).as_string().unwrap_or_default(), Given(entry.get(1)))
            };
            visitor.visit_map(MapDeserializer::new(entries.iter().map(entry)))
        } else {
            Err(Wrong)
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        let word: StringDeserializer<Wrong> = self.0.as_string().ok_or(Wrong)?.into_deserializer();
        visitor.visit_enum(word)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Wrong> for Given {
    type Deserializer = Given;

    fn into_deserializer(self) -> Given {
        self
    }
}

impl Error for Wrong {
    fn custom<T: fmt::Display>(_: T) -> Wrong {
        Wrong
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not what its type says")
    }
}

impl std::error::Error for Wrong {}
