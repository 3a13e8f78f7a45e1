//! [`Column`]: Arrow columns, filled with rows of data.

use std::fmt;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, NullBufferBuilder, StringBuilder,
    StringDictionaryBuilder, TimestampNanosecondBuilder, UInt64Builder,
};
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, ListArray, StructArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field, Fields, TimeUnit};
use serde::ser::{self, Impossible, Serialize, Serializer};
use serde_json::Value as Json;

/// The type of a column. Every value may be null.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// Text that rarely repeats.
    Text,
    /// Text that repeats. Each value is stored once.
    Word,
    /// Any JSON: text as it is, anything else as JSON. Each value is stored once.
    Json,
    /// Nanoseconds since 1970 in UTC; null if 64 bits can't hold them.
    Instant,
    /// A number that is not negative.
    Number,
    /// Nanoseconds; null if 64 bits can't hold them.
    Duration,
    Ratio,
    Flag,
    List(&'static Shape),
    Struct(&'static [Named]),
}

/// The name and the type of a column.
pub(crate) type Named = (&'static str, Shape);

/// A column under construction.
pub(crate) enum Column {
    Text(StringBuilder),
    Word(StringDictionaryBuilder<Int32Type>),
    Json(StringDictionaryBuilder<Int32Type>),
    Instant(TimestampNanosecondBuilder),
    Number(UInt64Builder),
    Duration(Int64Builder),
    Ratio(Float64Builder),
    Flag(BooleanBuilder),
    List { item: Box<Column>, of: &'static Shape, ends: Vec<i32>, valid: NullBufferBuilder },
    Struct { named: &'static [Named], columns: Vec<Column>, valid: NullBufferBuilder },
}

/// A row does not match the type of its column.
#[derive(Debug)]
pub(crate) struct Misshapen(String);

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
    pub(crate) fn data_type(&self) -> DataType {
        let text = || Box::new(DataType::Utf8);
        match self {
            Shape::Text => DataType::Utf8,
            Shape::Word | Shape::Json => DataType::Dictionary(Box::new(DataType::Int32), text()),
            Shape::Instant => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            Shape::Number => DataType::UInt64,
            Shape::Duration => DataType::Int64,
            Shape::Ratio => DataType::Float64,
            Shape::Flag => DataType::Boolean,
            Shape::List(item) => DataType::List(Arc::new(field("item", item))),
            Shape::Struct(named) => DataType::Struct(fields(named)),
        }
    }
}

pub(crate) fn fields(named: &[Named]) -> Fields {
    named.iter().map(|(name, shape)| field(name, shape)).collect()
}

fn field(name: &str, shape: &Shape) -> Field {
    Field::new(name, shape.data_type(), true)
}

impl Column {
    pub(crate) fn new(shape: &'static Shape) -> Column {
        match shape {
            Shape::Text => Column::Text(StringBuilder::new()),
            Shape::Word => Column::Word(StringDictionaryBuilder::new()),
            Shape::Json => Column::Json(StringDictionaryBuilder::new()),
            Shape::Instant => {
                let builder = TimestampNanosecondBuilder::new();
                Column::Instant(builder.with_data_type(shape.data_type()))
            }
            Shape::Number => Column::Number(UInt64Builder::new()),
            Shape::Duration => Column::Duration(Int64Builder::new()),
            Shape::Ratio => Column::Ratio(Float64Builder::new()),
            Shape::Flag => Column::Flag(BooleanBuilder::new()),
            Shape::List(of) => Column::List {
                item: Box::new(Column::new(of)),
                of,
                ends: Vec::new(),
                valid: NullBufferBuilder::new(0),
            },
            Shape::Struct(named) => Column::of(named),
        }
    }

    /// Returns an empty table to push rows to.
    pub(crate) fn of(named: &'static [Named]) -> Column {
        let columns = named.iter().map(|(_, shape)| Column::new(shape)).collect();
        Column::Struct { named, columns, valid: NullBufferBuilder::new(0) }
    }

    /// Appends a value.
    #[inline]
    pub(crate) fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misshapen> {
        let Column::Json(builder) = self else {
            return value.serialize(self);
        };
        match serde_json::to_value(value).map_err(ser::Error::custom)? {
            Json::Null => builder.append_null(),
            Json::String(text) => builder.append_value(text),
            json => builder.append_value(json.to_string()),
        }
        Ok(())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Column::Text(builder) => builder.len(),
            Column::Word(builder) | Column::Json(builder) => builder.len(),
            Column::Instant(builder) => builder.len(),
            Column::Number(builder) => builder.len(),
            Column::Duration(builder) => builder.len(),
            Column::Ratio(builder) => builder.len(),
            Column::Flag(builder) => builder.len(),
            Column::List { ends, .. } => ends.len(),
            Column::Struct { valid, .. } => valid.len(),
        }
    }

    fn push_null(&mut self) {
        match self {
            Column::Text(builder) => builder.append_null(),
            Column::Word(builder) | Column::Json(builder) => builder.append_null(),
            Column::Instant(builder) => builder.append_null(),
            Column::Number(builder) => builder.append_null(),
            Column::Duration(builder) => builder.append_null(),
            Column::Ratio(builder) => builder.append_null(),
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
            Column::Word(builder) | Column::Json(builder) => Arc::new(builder.finish()),
            Column::Instant(builder) => Arc::new(builder.finish()),
            Column::Number(builder) => Arc::new(builder.finish()),
            Column::Duration(builder) => Arc::new(builder.finish()),
            Column::Ratio(builder) => Arc::new(builder.finish()),
            Column::Flag(builder) => Arc::new(builder.finish()),
            Column::List { item, of, ends, valid } => {
                let offsets: ScalarBuffer<i32> = std::iter::once(0).chain(ends.drain(..)).collect();
                let item_field = Arc::new(field("item", of));
                let offsets = OffsetBuffer::new(offsets);
                Arc::new(ListArray::new(item_field, offsets, item.take(), valid.finish()))
            }
            Column::Struct { .. } => Arc::new(self.take_rows()),
        }
    }

    /// Returns the rows and empties the column; no rows for a column without fields.
    pub(crate) fn take_rows(&mut self) -> StructArray {
        let Column::Struct { named, columns, valid } = self else {
            return StructArray::new_empty_fields(0, None);
        };
        let arrays: Vec<ArrayRef> = columns.iter_mut().map(Column::take).collect();
        StructArray::new(fields(named), arrays, valid.finish())
    }

    fn misshapen<T>(&self) -> Result<T, Misshapen> {
        Err(ser::Error::custom("a value does not match the type of its column"))
    }
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
                Column::Duration(builder) => builder.append_option(i64::try_from(value).ok()),
                Column::Instant(builder) => builder.append_option(i64::try_from(value).ok()),
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
            Column::Word(builder) => {
                builder.append(value).map_err(ser::Error::custom)?;
            }
            Column::Instant(builder) => {
                let instant: agentfold::Instant = value.parse().map_err(ser::Error::custom)?;
                builder.append_option(i64::try_from(instant.unix_nanos()).ok());
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
            Column::Struct { named, columns, valid } => {
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
