//! Names of agents and groups.

use agentfold::names::Names;
use pyo3::prelude::*;

use crate::argument::bytes;
use crate::data::data;
use crate::raised::Raised;

/// Reads names of agents and groups, for tables and pictures. They are never part of a fold.
///
/// Reads JSON `{id: name}`, whose names are of agents and of groups; JSON with `agents` and `groups`, as
/// this function returns it; pages of Zendesk's `users.json` and `groups.json`, of which only ids and names
/// are kept, and no end users; and CSV with the columns `id` and `name`, and optionally `kind`, which says
/// `agent` or `group`. At most 64 MiB, 100,000 entries, and 1,024 bytes for a name.
///
/// Args:
///     names: The bytes or text of the table, or a dict.
///
/// Returns:
///     `Names`: a dict of `agents` and `groups`, each with names by id.
///
/// Raises:
///     AgentfoldError: If it is not a table of names: `issues` contains all problems, and none of the
///         names.
///
/// Example:
///     >>> names = parse_names('{"users": [{"id": 10011, "name": "Ann Lee", "email": "a@example.com"}]}')
///     >>> names["agents"].get("10011", "10011"), names["groups"]
///     ('Ann Lee', {})
#[pyfunction]
#[pyo3(signature = (names, /))]
pub(crate) fn parse_names<'py>(names: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
    Ok(data(names.py(), &Names::parse(&bytes(names, "names")?)?)?)
}
