//! Conversion of results to plain data, and of JSON.

use agentfold::Agent;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;
use serde::Serialize;
use serde::de::DeserializeSeed;

use crate::object::Object;
use crate::parsed::Parsed;

/// Converts a value to plain Python data.
pub(crate) fn data<'py>(
    py: Python<'py>,
    value: &(impl Serialize + ?Sized),
) -> PyResult<Bound<'py, PyAny>> {
    Ok(value.serialize(Object::new(py))?)
}

/// Parses JSON text as plain data. Integers keep all digits.
pub(crate) fn parsed<'py>(py: Python<'py>, json: &str) -> PyResult<Bound<'py, PyAny>> {
    let mut reader = serde_json::Deserializer::from_str(json);
    if let Ok(value) = Parsed(py).deserialize(&mut reader)
        && reader.end().is_ok()
    {
        return Ok(value);
    }
    static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    LOADS.import(py, "json", "loads")?.call1((json,))
}

/// Returns an agent as the named tuple that keys are.
pub(crate) fn key(py: Python<'_>, agent: Agent) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    let Agent { account_id, agent_id } = agent;
    let class = CLASS.import(py, "agentfold.agent", "Agent")?;
    class.call1((account_id.to_string(), agent_id.to_string()))
}
