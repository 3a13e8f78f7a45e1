//! [`Wanted`]: the rows of a report that are wanted.

use agentfold::Id;
use agentfold::names::Names;
use agentfold::report::{RollUp, Row};
use agentfold_arrow::{Form, Layout, RowKind};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use crate::argument::{plain, text};
use crate::raised::Raised;

/// The rows of a report that are wanted: by default all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Empty for all kinds.
    kinds: Vec<RowKind>,
    /// Whether rows are left out of which all is unknown.
    sparse: bool,
}

impl Wanted {
    /// Reads a word or a list of words.
    pub(crate) fn new(rows: Option<&Bound<'_, PyAny>>, sparse: bool) -> Result<Wanted, Raised> {
        let word = |word: &Bound<'_, PyAny>| plain(text(word, "rows")?.as_ref() as &str, "rows");
        let kinds = match rows {
            None => Vec::new(),
            Some(one) if one.is_instance_of::<PyString>() => vec![word(one)?],
            Some(several)
                if several.is_instance_of::<PyList>() || several.is_instance_of::<PyTuple>() =>
            {
                several.try_iter()?.map(|one| word(&one?)).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(Raised::argument("rows")),
        };
        Ok(Wanted { kinds, sparse })
    }

    pub(crate) fn has(&self, row: &Row) -> bool {
        let has_kind = self.kinds.is_empty()
            || RowKind::of(row).is_some_and(|kind| self.kinds.contains(&kind));
        has_kind && !(self.sparse && row.is_unknown())
    }

    /// The columns of a table of these rows.
    pub(crate) fn layout(&self, by: RollUp, form: Form) -> Layout {
        Layout::of_report(&self.kinds, by, form)
    }
}

/// Adds the names of the agent and the group to a row; `None` where they have none.
pub(crate) fn add_names(row: &Bound<'_, PyAny>, names: &Names) -> PyResult<()> {
    let row = row.cast::<PyDict>()?;
    let id = |key| row.get_item(key)?.map(|id| id.extract::<Option<String>>()).transpose();
    if let Some(agent) = id("agent_id")? {
        row.set_item("agent_name", agent.and_then(|id| names.agent(id.parse::<Id>().ok()?)))?;
    }
    if let Some(group) = id("group_id")? {
        row.set_item("group_name", group.and_then(|id| names.group(&id)))?;
    }
    Ok(())
}
