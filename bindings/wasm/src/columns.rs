//! Columns of a report as typed arrays.

use agentfold::border::{Column, Columns, Fields};
use js_sys::{BigInt64Array, Float64Array, Int32Array, Object, Reflect, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::data::data;
use crate::thrown::Thrown;

/// Converts a batch of rows.
pub(crate) fn batch(columns: &Columns) -> Result<JsValue, Thrown> {
    let Columns { row, len, fields } = columns;
    Ok(object(&[
        ("row", (*row).into()),
        ("length", (*len as f64).into()),
        ("columns", of_fields(fields)?),
    ]))
}

fn of_fields(fields: &Fields) -> Result<JsValue, Thrown> {
    let values: Result<Vec<(&str, JsValue)>, Thrown> =
        fields.iter().map(|(name, column)| Ok((*name, value(column)?))).collect();
    Ok(object(&values?))
}

fn value(column: &Column) -> Result<JsValue, Thrown> {
    Ok(match column {
        Column::Words(words) => object(&[
            ("values", data(&words.values)?),
            ("indices", Int32Array::from(&words.indices[..]).into()),
        ]),
        Column::Instants(values) | Column::Durations(values) => {
            BigInt64Array::from(&values[..]).into()
        }
        Column::Numbers(values) => Float64Array::from(&values[..]).into(),
        Column::Lists(offsets, items) => object(&[
            ("offsets", Uint32Array::from(&offsets[..]).into()),
            ("items", of_fields(items)?),
        ]),
        Column::Fields(fields) => of_fields(fields)?,
    })
}

fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), value).expect_throw("a plain object");
    }
    object.into()
}
