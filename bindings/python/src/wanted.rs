//! [`Wanted`]: the rows of a report that are wanted.

use agentfold::names::Names;
use agentfold::report::{RollUp, Row};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};
use serde::Deserialize;

use crate::argument::{plain, text};
use crate::names::agent_name;
use crate::raised::Raised;

/// The rows of a report that are wanted: by default all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// Empty for all kinds.
    kinds: Vec<Kind>,
    /// Whether rows are left out of which all is unknown.
    sparse: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Channel,
    UnifiedState,
    Chat,
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
        let has_kind = match row {
            _ if self.kinds.is_empty() => true,
            Row::Channel(_) => self.kinds.contains(&Kind::Channel),
            Row::UnifiedState(_) => self.kinds.contains(&Kind::UnifiedState),
            Row::Chat(_) => self.kinds.contains(&Kind::Chat),
            _ => false,
        };
        has_kind && !(self.sparse && row.is_unknown())
    }

    /// Whether a table of these rows has a column. If no kinds are named, it has all columns.
    pub(crate) fn has_column(&self, name: &str, by: RollUp) -> bool {
        self.kinds.is_empty()
            || match name {
                "agents" => by != RollUp::Agent,
                "group_id" => matches!(by, RollUp::Group | RollUp::GroupSplit),
                _ => self.kinds.iter().any(|kind| kind.has_column(name)),
            }
    }
}

impl Kind {
    fn has_column(self, name: &str) -> bool {
        match name {
            "row" | "account_id" | "agent_id" | "from" | "to" | "length_ns" => true,
            "status" | "engagements" | "concurrency_ns" => self == Kind::Chat,
            "online_ns" | "busy_ns" | "occupancy" => self != Kind::UnifiedState,
            "doubtful_ns" => self != Kind::Chat,
            "id" | "name" | "ns" | "observed_ns" | "assumed_ns" | "inferred_ns" | "disputed_ns"
            | "unknown_ns" | "involuntary_ns" => self == Kind::UnifiedState,
            _ => self == Kind::Channel,
        }
    }
}

/// Adds the names of the agent and the group to a row; `None` where they have none.
pub(crate) fn add_names(row: &Bound<'_, PyAny>, names: &Names) -> PyResult<()> {
    let row = row.cast::<PyDict>()?;
    let id = |key| row.get_item(key)?.map(|id| id.extract::<Option<String>>()).transpose();
    if let Some(agent) = id("agent_id")? {
        row.set_item("agent_name", agent.and_then(|id| agent_name(names, &id)))?;
    }
    if let Some(group) = id("group_id")? {
        row.set_item("group_name", group.and_then(|id| names.group(&id)))?;
    }
    Ok(())
}
