//! Converts arguments. A wrong argument is an error, never a wrong answer.

use std::ops::Deref;

use agentfold::border::{self, Argument, Failure, WindowData};
use agentfold::{Agent, Id, Options, Selection, Track};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString, PyTuple};
use serde::de::value::Error as NoValue;
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::instant::{Clock, instant, json_default};
use crate::raised::Raised;

/// Bytes that Python owns, borrowed without a copy.
pub(crate) enum Bytes {
    Bytes(PyBackedBytes),
    Text(PyBackedStr),
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Bytes::Bytes(bytes) => bytes,
            Bytes::Text(text) => text.as_bytes(),
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// Returns bytes or text unchanged, and a dict or a list as JSON.
pub(crate) fn bytes(value: &Bound<'_, PyAny>, name: &str) -> Result<Bytes, Raised> {
    if let Some(bytes) = raw(value)? {
        return Ok(Bytes::Bytes(bytes));
    }
    if value.is_instance_of::<PyString>() {
        return text(value, name).map(Bytes::Text);
    }
    if value.is_instance_of::<PyDict>() || value.is_instance_of::<PyList>() {
        return json(value, name).map(Bytes::Text);
    }
    Err(Raised::argument(name))
}

/// Returns the body of a delivery, which must be as received.
pub(crate) fn body(value: &Bound<'_, PyAny>) -> Result<Bytes, Raised> {
    let name = "body";
    if value.is_instance_of::<PyString>() {
        return text(value, name).map(Bytes::Text);
    }
    raw(value)?.map(Bytes::Bytes).ok_or_else(|| Failure::parsed_body(name).into())
}

/// Returns the bytes of `bytes`, a `bytearray` or a `memoryview`; `None` for anything else.
pub(crate) fn raw(value: &Bound<'_, PyAny>) -> PyResult<Option<PyBackedBytes>> {
    if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
        return Ok(Some(value.extract()?));
    }
    if value.is_instance_of::<PyMemoryView>() {
        return Ok(Some(value.call_method0("tobytes")?.extract()?));
    }
    Ok(None)
}

/// Reads text. A lone surrogate has no UTF-8, and Python's own error would contain the text.
pub(crate) fn text(value: &Bound<'_, PyAny>, name: &str) -> Result<PyBackedStr, Raised> {
    value.extract().map_err(|_| Raised::argument(name))
}

/// Reads data into a type of the core. A `datetime` in it is read as an instant.
pub(crate) fn given<T: DeserializeOwned>(
    value: &Bound<'_, PyAny>,
    name: &'static str,
) -> Result<T, Raised> {
    Ok(argument(json(value, name)?.as_bytes(), name)?.read()?)
}

/// Returns JSON as an [`Argument`], from which types of the core are read.
pub(crate) fn argument(json: &[u8], name: &'static str) -> Result<Argument, Raised> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let argument = Argument::new(name, &mut json)?;
    json.end().map_err(|_| Raised::argument(name))?;
    Ok(argument)
}

/// Reads a window. The fold that is asked decides on `as_of` if none is given.
pub(crate) fn window(
    from: &Bound<'_, PyAny>,
    to: &Bound<'_, PyAny>,
    as_of: Option<&Bound<'_, PyAny>>,
) -> Result<WindowData, Raised> {
    let (from, to) = (instant(from, "from_")?, instant(to, "to")?);
    let as_of = as_of.map(|as_of| instant(as_of, "as_of")).transpose()?;
    Ok(WindowData { from, to, as_of }.check("/to")?)
}

/// Reads a word or a number into a type of the core.
pub(crate) fn plain<'de, T: DeserializeOwned>(
    value: impl IntoDeserializer<'de, NoValue>,
    name: &'static str,
) -> Result<T, Raised> {
    Ok(border::read(name, value.into_deserializer())?)
}

/// Reads the agents and channels that a question is about. Default: all of them.
pub(crate) fn selection(value: Option<&Bound<'_, PyAny>>) -> Result<Selection, Raised> {
    let Some(value) = value else {
        return Ok(Selection::all());
    };
    let selection = value.cast::<PyDict>().map_err(|_| Raised::argument("selection"))?.copy()?;
    let agents = selection.get_item("agents")?;
    let is_list = |agents: &Bound<'_, PyAny>| {
        agents.is_instance_of::<PyList>() || agents.is_instance_of::<PyTuple>()
    };
    if let Some(agents) = agents.filter(is_list) {
        // In JSON an `Agent` is an array, and an id may be an `int`. The core reads names.
        let names = agents.try_iter()?.map(|agent| agent_name(&agent?));
        selection.set_item("agents", names.collect::<Result<Vec<_>, _>>()?)?;
    }
    given(&selection, "selection")
}

/// Returns the name of an agent, with its account if that is stated.
fn agent_name(agent: &Bound<'_, PyAny>) -> Result<String, Raised> {
    if agent.is_instance_of::<PyString>() {
        return Ok(text(agent, "selection")?.to_string());
    }
    Ok(match named(agent)? {
        Named::Agent(agent) => agent.to_string(),
        Named::Id(id) => id.to_string(),
    })
}

/// Reads `ReadOptions` from keywords, for a call that reads at once. Default of `now`: the host's clock.
pub(crate) fn options(keywords: Option<&Bound<'_, PyDict>>) -> Result<Options, Raised> {
    let options = options_given(keywords, &[])?;
    Ok(options.with_now(Clock::of(&options).now()))
}

/// Reads `ReadOptions` from keywords as they are given. `beside` names the other keywords of the function.
pub(crate) fn options_given(
    keywords: Option<&Bound<'_, PyDict>>,
    beside: &[&'static str],
) -> Result<Options, Raised> {
    match keywords {
        Some(keywords) => {
            let json = json(keywords, "options")?;
            Ok(argument(json.as_bytes(), "")?.beside(beside).read()?)
        }
        None => Ok(Options::default()),
    }
}

/// Reads an id: text, or an `int`, also one of NumPy, which loses no digits here.
pub(crate) fn id(value: &Bound<'_, PyAny>, name: &str) -> Result<Id, Raised> {
    let id = match value.cast::<PyString>() {
        Ok(text) => text.to_str().ok().and_then(|text| text.parse().ok()),
        Err(_) => value.extract().ok().map(Id::new),
    };
    id.ok_or_else(|| Failure::bad_id(name).into())
}

pub(crate) fn track(value: &Bound<'_, PyAny>) -> Result<Track, Raised> {
    Ok(text(value, "track")?.parse::<Track>()?)
}

/// The agent that a question is about.
pub(crate) enum Named {
    Agent(Agent),
    /// An agent of any account that has one with this id.
    Id(Id),
}

/// Reads an agent: a pair of ids, a dict with both ids (such as a state, a change or a row), or only
/// its id.
pub(crate) fn named(value: &Bound<'_, PyAny>) -> Result<Named, Raised> {
    let agent = |account: &Bound<'_, PyAny>, agent: &Bound<'_, PyAny>| {
        let (account_id, agent_id) = (id(account, "account_id")?, id(agent, "agent_id")?);
        Ok(Named::Agent(Agent::new(account_id, agent_id)))
    };
    if let Ok(pair) = value.cast::<PyTuple>() {
        if pair.len() != 2 {
            return Err(Raised::argument("agent"));
        }
        return agent(&pair.get_item(0)?, &pair.get_item(1)?);
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        let field = |name| dict.get_item(name)?.ok_or_else(|| Raised::argument("agent"));
        return agent(&field("account_id")?, &field("agent_id")?);
    }
    Ok(Named::Id(id(value, "agent_id")?))
}

/// Returns a random number from 0 to 1 if none is given.
pub(crate) fn jitter(given: Option<f64>) -> f64 {
    given.unwrap_or_else(fastrand::f64)
}

/// Returns a value as JSON text.
pub(crate) fn json(value: &Bound<'_, PyAny>, name: &str) -> Result<PyBackedStr, Raised> {
    static ENCODE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = value.py();
    let encode = ENCODE.get_or_try_init(py, || {
        let keywords = PyDict::new(py);
        keywords.set_item("default", wrap_pyfunction!(json_default, py)?)?;
        keywords.set_item("ensure_ascii", false)?;
        keywords.set_item("separators", (",", ":"))?;
        let encoder = py.import("json")?.getattr("JSONEncoder")?.call((), Some(&keywords))?;
        encoder.getattr("encode").map(Bound::unbind)
    })?;
    match encode.bind(py).call1((value,)) {
        Ok(json) => text(&json, name),
        Err(error) if error.is_instance_of::<PyTypeError>(py) => Err(Raised::argument(name)),
        Err(error) => Err(error.into()),
    }
}
