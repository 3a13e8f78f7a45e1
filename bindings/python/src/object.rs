//! [`Object`]: builds Python objects from the core's data.

use std::fmt;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};
use serde::ser::{self, Impossible, Serialize, Serializer};

/// Converts a value to `None`, `bool`, `int`, `float`, `str`, `list` or `dict`.
#[derive(Clone, Copy)]
pub(crate) struct Object<'py> {
    py: Python<'py>,
    is_key: bool,
}

/// Why an object could not be built: a Python exception.
#[derive(Debug)]
pub(crate) struct Failed(PyErr);

/// A list under construction.
pub(crate) struct List<'py>(Bound<'py, PyList>);

/// A dict under construction.
pub(crate) struct Dict<'py> {
    dict: Bound<'py, PyDict>,
    key: Option<Bound<'py, PyAny>>,
}

type Built<'py> = Result<Bound<'py, PyAny>, Failed>;

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

impl ser::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Failed {
        Failed(PyValueError::new_err(message.to_string()))
    }
}

impl From<PyErr> for Failed {
    fn from(error: PyErr) -> Failed {
        Failed(error)
    }
}

impl From<Failed> for PyErr {
    fn from(failed: Failed) -> PyErr {
        failed.0
    }
}

/// How many words are kept, and how long they are at most.
const WORDS: usize = 1024;
const LONGEST: usize = 32;

/// Returns a key, or another word that occurs often. Most are built once, with their hash.
pub(crate) fn word<'py>(py: Python<'py>, text: &str) -> Bound<'py, PyString> {
    static KEPT: [PyOnceLock<(Box<str>, Py<PyString>)>; WORDS] =
        [const { PyOnceLock::new() }; WORDS];
    if text.len() > LONGEST {
        return PyString::new(py, text);
    }
    let mix = |hash: u32, byte| (hash.rotate_left(5) ^ u32::from(byte)).wrapping_mul(0x9e37_79b1);
    let place = text.bytes().fold(0, mix) as usize >> 22;
    let (kept, object) =
        KEPT[place].get_or_init(py, || (text.into(), PyString::intern(py, text).unbind()));
    // Two words may have the same place.
    if **kept == *text { object.bind(py).clone() } else { PyString::new(py, text) }
}

impl<'py> Object<'py> {
    pub(crate) fn new(py: Python<'py>) -> Object<'py> {
        Object { py, is_key: false }
    }

    fn of<T: IntoPyObject<'py>>(self, value: T) -> Built<'py> {
        value.into_bound_py_any(self.py).map_err(Failed)
    }

    fn list(self) -> Result<List<'py>, Failed> {
        Ok(List(PyList::empty(self.py)))
    }

    fn dict(self) -> Result<Dict<'py>, Failed> {
        Ok(Dict { dict: PyDict::new(self.py), key: None })
    }
}

macro_rules! plain {
    ($($name:ident: $type:ty)+) => {$(
        fn $name(self, value: $type) -> Built<'py> {
            self.of(value)
        }
    )+};
}

impl<'py> Serializer for Object<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;
    type SerializeSeq = List<'py>;
    type SerializeTuple = List<'py>;
    type SerializeTupleStruct = List<'py>;
    type SerializeTupleVariant = Impossible<Self::Ok, Failed>;
    type SerializeMap = Dict<'py>;
    type SerializeStruct = Dict<'py>;
    type SerializeStructVariant = Impossible<Self::Ok, Failed>;

    plain! {
        serialize_bool: bool
        serialize_i8: i8
        serialize_i16: i16
        serialize_i32: i32
        serialize_i64: i64
        serialize_i128: i128
        serialize_u8: u8
        serialize_u16: u16
        serialize_u32: u32
        serialize_u64: u64
        serialize_u128: u128
        serialize_f32: f32
        serialize_f64: f64
        serialize_char: char
    }

    fn serialize_str(self, value: &str) -> Built<'py> {
        if self.is_key { Ok(word(self.py, value).into_any()) } else { self.of(value) }
    }

    fn serialize_bytes(self, value: &[u8]) -> Built<'py> {
        Ok(PyBytes::new(self.py, value).into_any())
    }

    fn serialize_none(self) -> Built<'py> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Built<'py> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Built<'py> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Built<'py> {
        self.serialize_none()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Built<'py> {
        Ok(word(self.py, variant).into_any())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Built<'py> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Built<'py> {
        let dict = PyDict::new(self.py);
        dict.set_item(variant, value.serialize(self)?)?;
        Ok(dict.into_any())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'py>, Failed> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'py>, Failed> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'py>, Failed> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Failed> {
        Err(ser::Error::custom(name))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Dict<'py>, Failed> {
        self.dict()
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Dict<'py>, Failed> {
        self.dict()
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Failed> {
        Err(ser::Error::custom(name))
    }
}

impl<'py> List<'py> {
    fn push<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Failed> {
        Ok(self.0.append(value.serialize(Object::new(self.0.py()))?)?)
    }
}

macro_rules! lists {
    ($($trait:ident $push:ident)+) => {$(
        impl<'py> ser::$trait for List<'py> {
            type Ok = Bound<'py, PyAny>;
            type Error = Failed;

            fn $push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.push(value)
            }

            fn end(self) -> Built<'py> {
                Ok(self.0.into_any())
            }
        }
    )+};
}

lists! { SerializeSeq serialize_element SerializeTuple serialize_element SerializeTupleStruct serialize_field }

impl<'py> ser::SerializeMap for Dict<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Failed> {
        self.key = Some(key.serialize(Object { py: self.dict.py(), is_key: true })?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        let value = value.serialize(Object::new(self.dict.py()))?;
        match self.key.take() {
            Some(key) => Ok(self.dict.set_item(key, value)?),
            None => Err(ser::Error::custom("a value without a key")),
        }
    }

    fn end(self) -> Built<'py> {
        Ok(self.dict.into_any())
    }
}

impl<'py> ser::SerializeStruct for Dict<'py> {
    type Ok = Bound<'py, PyAny>;
    type Error = Failed;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        let py = self.dict.py();
        let value = value.serialize(Object::new(py))?;
        Ok(self.dict.set_item(word(py, name), value)?)
    }

    fn end(self) -> Built<'py> {
        Ok(self.dict.into_any())
    }
}
