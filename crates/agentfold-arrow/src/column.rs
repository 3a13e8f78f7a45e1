//! [`Column`]: Arrow columns under construction. [`Shape`]: their types.

use std::fmt;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, NullBufferBuilder, StringBuilder,
    StringDictionaryBuilder, UInt64Builder,
};
use arrow_array::types::{
    ArrowTimestampType, Int32Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType,
};
use arrow_array::{ArrayRef, Int64Array, ListArray, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields};
use serde::ser::{self, Impossible, Serialize, Serializer};
use serde_json::Value as Json;

use crate::form::{Durations, Form, Strings, Unit};

/// The type of a column. Every value may be null.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text that rarely repeats.
    Text,
    /// Text that repeats. Each value is stored once.
    Word,
    /// Any JSON: text as it is, anything else as JSON. Each value is stored once.
    Json,
    /// Since 1970 in UTC; null if 64 bits can't hold it.
    Instant,
    /// A number that is not negative.
    Number,
    /// A duration; null if 64 bits can't hold its nanoseconds.
    Duration,
    /// A number with fractions.
    Ratio,
    /// Yes or no.
    Flag,
    /// Any number of values of one type.
    List(&'static Shape),
    /// Fields with types of their own.
    Struct(&'static [Named]),
}

/// The name and the type of a column.
pub type Named = (&'static str, Shape);

/// A column under construction.
pub(crate) enum Column {
    Text(StringBuilder),
    /// And how many bytes of text were appended.
    Word(StringDictionaryBuilder<Int32Type>, usize),
    /// JSON in a column of text or of words.
    Json(Box<Column>),
    Instant(Int64Builder, Unit),
    Number(UInt64Builder),
    Signed(Int64Builder),
    Seconds(Float64Builder),
    Ratio(Float64Builder),
    Flag(BooleanBuilder),
    List {
        item: Box<Column>,
        field: Arc<Field>,
        ends: Vec<i32>,
        valid: NullBufferBuilder,
    },
    Struct {
        named: &'static [Named],
        fields: Fields,
        columns: Vec<Column>,
        valid: NullBufferBuilder,
    },
}

/// A row does not match the type of its column.
#[derive(Debug)]
pub struct Misshapen(String);

impl fmt::Display for Misshapen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misshapen {}

impl ser::Error for Misshapen {
    fn custom<T: fmt::Display>(message: T) -> Misshapen {
        Misshapen(message.to_string())
    }
}

impl Shape {
    fn data_type(&self, form: Form) -> DataType {
        let word = || match form.strings {
            Strings::Dictionary => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            Strings::Plain => DataType::Utf8,
        };
        match self {
            Shape::Text => DataType::Utf8,
            Shape::Word | Shape::Json => word(),
            Shape::Instant => DataType::Timestamp(form.unit.of_arrow(), Some("UTC".into())),
            Shape::Number if form.signed => DataType::Int64,
            Shape::Number => DataType::UInt64,
            Shape::Duration if form.durations == Durations::Seconds => DataType::Float64,
            Shape::Duration => DataType::Int64,
            Shape::Ratio => DataType::Float64,
            Shape::Flag => DataType::Boolean,
            Shape::List(item) => DataType::List(Arc::new(field("item", item, form))),
            Shape::Struct(named) => DataType::Struct(fields(named, form)),
        }
    }
}

pub(crate) fn fields(named: &[Named], form: Form) -> Fields {
    named.iter().map(|(name, shape)| field(name, shape, form)).collect()
}

fn field(name: &str, shape: &Shape, form: Form) -> Field {
    let seconds = matches!(shape, Shape::Duration) && form.durations == Durations::Seconds;
    let name = match name.strip_suffix("ns") {
        Some(of) if seconds => format!("{of}s"),
        _ => name.to_owned(),
    };
    Field::new(name, shape.data_type(form), true)
}

impl Column {
    pub(crate) fn new(shape: &'static Shape, form: Form) -> Column {
        match shape {
            Shape::Text => Column::Text(StringBuilder::new()),
            Shape::Word if form.strings == Strings::Plain => Column::Text(StringBuilder::new()),
            Shape::Word => Column::Word(StringDictionaryBuilder::new(), 0),
            Shape::Json => Column::Json(Box::new(Column::new(&Shape::Word, form))),
            Shape::Instant => Column::Instant(Int64Builder::new(), form.unit),
            Shape::Number if form.signed => Column::Signed(Int64Builder::new()),
            Shape::Number => Column::Number(UInt64Builder::new()),
            Shape::Duration if form.durations == Durations::Seconds => {
                Column::Seconds(Float64Builder::new())
            }
            Shape::Duration => Column::Signed(Int64Builder::new()),
            Shape::Ratio => Column::Ratio(Float64Builder::new()),
            Shape::Flag => Column::Flag(BooleanBuilder::new()),
            Shape::List(of) => Column::List {
                item: Box::new(Column::new(of, form)),
                field: Arc::new(field("item", of, form)),
                ends: Vec::new(),
                valid: NullBufferBuilder::new(0),
            },
            Shape::Struct(named) => Column::of(named, form),
        }
    }

    /// Returns an empty table to push rows to.
    pub(crate) fn of(named: &'static [Named], form: Form) -> Column {
        let columns = named.iter().map(|(_, shape)| Column::new(shape, form)).collect();
        let fields = fields(named, form);
        Column::Struct { named, fields, columns, valid: NullBufferBuilder::new(0) }
    }

    /// Appends a value.
    #[inline]
    pub(crate) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misshapen> {
        let Column::Json(text) = self else {
            return value.serialize(self);
        };
        match serde_json::to_value(value).map_err(ser::Error::custom)? {
            Json::Null => text.push_null(),
            Json::String(plain) => plain.serialize(&mut **text)?,
            json => json.to_string().serialize(&mut **text)?,
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Column::Text(builder) => builder.len(),
            Column::Word(builder, _) => builder.len(),
            Column::Json(text) => text.len(),
            Column::Number(builder) => builder.len(),
            Column::Instant(builder, _) | Column::Signed(builder) => builder.len(),
            Column::Seconds(builder) | Column::Ratio(builder) => builder.len(),
            Column::Flag(builder) => builder.len(),
            Column::List { ends, .. } => ends.len(),
            Column::Struct { valid, .. } => valid.len(),
        }
    }

    /// Returns about how many bytes the values take, and at most that many for words that repeat.
    pub(crate) fn bytes(&self) -> usize {
        let texts = match self {
            Column::Text(builder) => builder.values_slice().len(),
            Column::Word(_, bytes) => *bytes,
            Column::Json(text) => return text.bytes(),
            Column::List { item, .. } => item.bytes(),
            Column::Struct { columns, .. } => columns.iter().map(Column::bytes).sum(),
            _ => 0,
        };
        texts + self.len() * size_of::<u64>()
    }

    fn push_null(&mut self) {
        match self {
            Column::Text(builder) => builder.append_null(),
            Column::Word(builder, _) => builder.append_null(),
            Column::Json(text) => text.push_null(),
            Column::Number(builder) => builder.append_null(),
            Column::Instant(builder, _) | Column::Signed(builder) => builder.append_null(),
            Column::Seconds(builder) | Column::Ratio(builder) => builder.append_null(),
            Column::Flag(builder) => builder.append_null(),
            Column::List { ends, valid, .. } => {
                ends.push(ends.last().copied().unwrap_or(0));
                valid.append_null();
            }
            Column::Struct { columns, valid, .. } => {
                columns.iter_mut().for_each(Column::push_null);
                valid.append_null();
            }
        }
    }

    /// Returns the values as an array and empties the column.
    pub(crate) fn take(&mut self) -> ArrayRef {
        match self {
            Column::Text(builder) => Arc::new(builder.finish()),
            Column::Word(builder, bytes) => {
                *bytes = 0;
                Arc::new(builder.finish())
            }
            Column::Json(text) => text.take(),
            Column::Instant(builder, unit) => {
                let values = builder.finish();
                match unit {
                    Unit::Ns => instants::<TimestampNanosecondType>(&values),
                    Unit::Us => instants::<TimestampMicrosecondType>(&values),
                    Unit::Ms => instants::<TimestampMillisecondType>(&values),
                }
            }
            Column::Number(builder) => Arc::new(builder.finish()),
            Column::Signed(builder) => Arc::new(builder.finish()),
            Column::Seconds(builder) | Column::Ratio(builder) => Arc::new(builder.finish()),
            Column::Flag(builder) => Arc::new(builder.finish()),
            Column::List { item, field, ends, valid } => {
                let offsets: ScalarBuffer<i32> = std::iter::once(0).chain(ends.drain(..)).collect();
                let offsets = OffsetBuffer::new(offsets);
                Arc::new(ListArray::new(field.clone(), offsets, item.take(), valid.finish()))
            }
            Column::Struct { .. } => Arc::new(self.take_rows()),
        }
    }

    /// Returns the rows and empties the column; no rows for a column without fields.
    pub(crate) fn take_rows(&mut self) -> StructArray {
        let Column::Struct { fields, columns, valid, .. } = self else {
            return StructArray::new_empty_fields(0, None);
        };
        let arrays: Vec<ArrayRef> = columns.iter_mut().map(Column::take).collect();
        StructArray::new(fields.clone(), arrays, valid.finish())
    }

    fn misshapen<T>(&self) -> Result<T, Misshapen> {
        Err(ser::Error::custom("a value does not match the type of its column"))
    }
}

fn instants<T: ArrowTimestampType>(values: &Int64Array) -> ArrayRef {
    Arc::new(values.reinterpret_cast::<T>().with_timezone("UTC"))
}

/// A list or a struct under construction.
pub(crate) enum Filling<'c> {
    List {
        item: &'c mut Column,
        ends: &'c mut Vec<i32>,
        valid: &'c mut NullBufferBuilder,
    },
    Struct {
        named: &'static [Named],
        columns: &'c mut [Column],
        valid: &'c mut NullBufferBuilder,
        /// Where to look for the next field first.
        next: usize,
        key: Option<String>,
    },
}

impl Filling<'_> {
    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misshapen> {
        match self {
            Filling::List { item, .. } => item.push(value),
            Filling::Struct { .. } => Err(ser::Error::custom("expected a struct, found a list")),
        }
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Misshapen> {
        let Filling::Struct { named, columns, next, .. } = self else {
            return Err(ser::Error::custom("expected a list, found a struct"));
        };
        // Fields usually arrive in order, with some of them omitted.
        let place = (*next..named.len()).chain(0..*next).find(|place| named[*place].0 == name);
        let place = place.ok_or_else(|| Misshapen(format!("no column has the name `{name}`")))?;
        *next = place + 1;
        columns[place].push(value)
    }

    #[inline]
    fn done(self) -> Result<(), Misshapen> {
        match self {
            Filling::List { item, ends, valid } => {
                let end = i32::try_from(item.len()).map_err(ser::Error::custom)?;
                ends.push(end);
                valid.append_non_null();
            }
            Filling::Struct { columns, valid, .. } => {
                valid.append_non_null();
                for column in columns {
                    if column.len() < valid.len() {
                        column.push_null();
                    }
                }
            }
        }
        Ok(())
    }
}

macro_rules! whole_numbers {
    ($($name:ident: $type:ty)+) => {$(
        #[inline]
        fn $name(self, value: $type) -> Result<(), Misshapen> {
            match self {
                Column::Number(builder) => builder.append_option(u64::try_from(value).ok()),
                Column::Signed(builder) => builder.append_option(i64::try_from(value).ok()),
                Column::Seconds(builder) => builder.append_value(value as f64 / 1e9),
                Column::Instant(builder, unit) => {
                    builder.append_option(i128::try_from(value).ok().and_then(|ns| unit.of(ns)));
                }
                column => return column.serialize_str(&value.to_string()),
            }
            Ok(())
        }
    )+};
}

impl<'c> Serializer for &'c mut Column {
    type Ok = ();
    type Error = Misshapen;
    type SerializeSeq = Filling<'c>;
    type SerializeTuple = Filling<'c>;
    type SerializeTupleStruct = Filling<'c>;
    type SerializeTupleVariant = Impossible<(), Misshapen>;
    type SerializeMap = Filling<'c>;
    type SerializeStruct = Filling<'c>;
    type SerializeStructVariant = Impossible<(), Misshapen>;

    whole_numbers! {
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
    }

    fn serialize_bool(self, value: bool) -> Result<(), Misshapen> {
        match self {
            Column::Flag(builder) => builder.append_value(value),
            column => return column.misshapen(),
        }
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Misshapen> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Misshapen> {
        match self {
            Column::Ratio(builder) => builder.append_value(value),
            column => return column.misshapen(),
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Misshapen> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Misshapen> {
        match self {
            Column::Text(builder) => builder.append_value(value),
            Column::Word(builder, bytes) => {
                builder.append(value).map_err(ser::Error::custom)?;
                *bytes += value.len();
            }
            Column::Instant(builder, unit) => {
                let instant: agentfold::Instant = value.parse().map_err(ser::Error::custom)?;
                builder.append_option(unit.of(instant.unix_nanos()));
            }
            column => return column.misshapen(),
        }
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Misshapen> {
        self.misshapen()
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Misshapen> {
        self.push_null();
        Ok(())
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Misshapen> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Misshapen> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Misshapen> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Misshapen> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Misshapen> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Misshapen> {
        self.misshapen()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Filling<'c>, Misshapen> {
        match self {
            Column::List { item, ends, valid, .. } => Ok(Filling::List { item, ends, valid }),
            column => column.misshapen(),
        }
    }

    fn serialize_tuple(self, _: usize) -> Result<Filling<'c>, Misshapen> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Filling<'c>, Misshapen> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Misshapen> {
        self.misshapen()
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Filling<'c>, Misshapen> {
        match self {
            Column::Struct { named, columns, valid, .. } => {
                Ok(Filling::Struct { named, columns, valid, next: 0, key: None })
            }
            column => column.misshapen(),
        }
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Filling<'c>, Misshapen> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Misshapen> {
        self.misshapen()
    }
}

macro_rules! lists {
    ($($trait:ident $push:ident)+) => {$(
        impl ser::$trait for Filling<'_> {
            type Ok = ();
            type Error = Misshapen;

            fn $push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misshapen> {
                self.item(value)
            }

            fn end(self) -> Result<(), Misshapen> {
                self.done()
            }
        }
    )+};
}

lists! { SerializeSeq serialize_element SerializeTuple serialize_element SerializeTupleStruct serialize_field }

impl ser::SerializeMap for Filling<'_> {
    type Ok = ();
    type Error = Misshapen;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Misshapen> {
        let name = serde_json::to_value(name).map_err(ser::Error::custom)?;
        if let Filling::Struct { key, .. } = self {
            *key = name.as_str().map(str::to_owned);
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misshapen> {
        let key = match self {
            Filling::Struct { key, .. } => key.take().unwrap_or_default(),
            Filling::List { .. } => String::new(),
        };
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Misshapen> {
        self.done()
    }
}

impl ser::SerializeStruct for Filling<'_> {
    type Ok = ();
    type Error = Misshapen;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Misshapen> {
        self.field(name, value)
    }

    #[inline]
    fn end(self) -> Result<(), Misshapen> {
        self.done()
    }
}
