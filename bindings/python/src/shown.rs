//! Text as people may read it.

use agentfold::Shown;
use pyo3::prelude::*;

/// Returns a text as people may read it: what is not printable is shown as an escape.
#[pyfunction]
#[pyo3(signature = (text, /))]
pub(crate) fn shown(text: &str) -> String {
    Shown(text).to_string()
}
