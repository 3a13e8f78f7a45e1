//! [`pairs`]: the headers of a delivery or of a reply.

use std::borrow::Cow;

use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::{PyDict, PyList, PyString};

use crate::argument::raw;
use crate::raised::Raised;

/// A name or a value, which Python owns.
pub(crate) enum Header {
    /// Latin-1, as in HTTP.
    Bytes(PyBackedBytes),
    Text(PyBackedStr),
    /// Text that a framework could not decode, with replacement characters.
    Replaced(String),
}

impl Header {
    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            Header::Bytes(bytes) => match str::from_utf8(bytes) {
                Ok(text) if text.is_ascii() => Cow::Borrowed(text),
                _ => bytes.iter().map(|byte| char::from(*byte)).collect(),
            },
            Header::Text(text) => Cow::Borrowed(text),
            Header::Replaced(text) => Cow::Borrowed(text),
        }
    }

    /// Its bytes. They are the same in every encoding if they are ASCII, as signatures are.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Header::Bytes(bytes) => bytes,
            Header::Text(text) => text.as_bytes(),
            Header::Replaced(text) => text.as_bytes(),
        }
    }
}

/// Reads headers of any framework, or a WSGI environment: a mapping or pairs. Names and values are text
/// or bytes. A value may be a list.
pub(crate) fn pairs(value: &Bound<'_, PyAny>) -> Result<Vec<(Header, Header)>, Raised> {
    let mut all = Vec::with_capacity(16);
    if let Ok(dict) = value.cast_exact::<PyDict>() {
        for (name, values) in dict {
            push(&mut all, &name, &values)?;
        }
        return Ok(all);
    }
    let wrong = |_| Raised::argument("headers");
    for pair in items(value)?.try_iter().map_err(wrong)? {
        let pair = pair?;
        if pair.is_instance_of::<PyString>() || !matches!(pair.len(), Ok(2)) {
            return Err(Raised::argument("headers"));
        }
        push(&mut all, &pair.get_item(0)?, &pair.get_item(1)?)?;
    }
    Ok(all)
}

/// Returns the pairs of a mapping, or the value itself.
fn items<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    // Starlette, httpx: the bytes as they were received.
    if let Some(raw) = value.getattr_opt(pyo3::intern!(py, "raw"))?
        && raw.is_instance_of::<PyList>()
    {
        return Ok(raw);
    }
    // For a name that was sent twice, a mapping's own `items` may return only one value.
    for name in [pyo3::intern!(py, "multi_items"), pyo3::intern!(py, "items")] {
        if let Some(items) = value.getattr_opt(name)? {
            return items.call0();
        }
    }
    Ok(value.clone())
}

fn push(
    all: &mut Vec<(Header, Header)>,
    name: &Bound<'_, PyAny>,
    values: &Bound<'_, PyAny>,
) -> Result<(), Raised> {
    let first = header(name)?;
    // A WSGI environment also has objects of the server, such as `wsgi.input`.
    if first.bytes().contains(&b'.') {
        return Ok(());
    }
    let Ok(values) = values.cast::<PyList>() else {
        all.push((first, header(values)?));
        return Ok(());
    };
    for value in values {
        all.push((header(name)?, header(&value)?));
    }
    Ok(())
}

/// Reads a name or a value. Text that a framework could not decode is replaced, since a sender must not
/// be able to make a receiver raise.
fn header(value: &Bound<'_, PyAny>) -> Result<Header, Raised> {
    let Ok(text) = value.cast::<PyString>() else {
        return raw(value)?.map(Header::Bytes).ok_or_else(|| Raised::argument("headers"));
    };
    Ok(match text.extract() {
        Ok(text) => Header::Text(text),
        Err(_) => Header::Replaced(text.to_string_lossy().into_owned()),
    })
}
