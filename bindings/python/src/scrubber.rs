//! Stand-ins for what tells of people.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{bytes, id, options, text};
use crate::raised::Raised;

/// Replaces the ids of accounts, agents, groups and work items, and free text, by stand-ins that a key
/// decides: the same for the same, always, and nobody without the key can tell from what.
///
/// Args:
///     key: 16 bytes or more, best random ones.
///
/// Raises:
///     AgentfoldError: `short_key`
///
/// Example:
///     >>> Scrubber("only for these examples").agent("10011")
///     '5260926570146308134'
#[pyclass(frozen, module = "agentfold")]
pub(crate) struct Scrubber(agentfold::scrub::Scrubber);

#[pymethods]
impl Scrubber {
    #[new]
    #[pyo3(signature = (key, /))]
    fn new(key: &Bound<'_, PyAny>) -> Result<Scrubber, Raised> {
        Ok(Scrubber(agentfold::scrub::Scrubber::new(&bytes(key, "key")?)?))
    }

    /// The event with stand-ins, as a JSON text in Zendesk's shape.
    ///
    /// Args:
    ///     event: Its bytes or text as they came, or a dict.
    ///     **options: How to read events: `ReadOptions`.
    ///
    /// Raises:
    ///     AgentfoldError: If it is no event.
    #[pyo3(signature = (event, **options))]
    fn scrub(
        &self,
        event: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<String, Raised> {
        let options = self::options(options, &[])?;
        Ok(self.0.scrub(&options.parse(&bytes(event, "event")?)?))
    }

    /// The stand-in of an account's id.
    #[pyo3(signature = (id, /))]
    fn account(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.account(self::id(id, "id")?).to_string())
    }

    /// The stand-in of an agent's id, the same in every account.
    #[pyo3(signature = (id, /))]
    fn agent(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.agent(self::id(id, "id")?).to_string())
    }

    /// The stand-in of a group's id.
    #[pyo3(signature = (id, /))]
    fn group(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.group(text(id, "id")?.as_str()))
    }

    /// The stand-in of a work item's id.
    #[pyo3(signature = (id, /))]
    fn work_item(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.work_item(text(id, "id")?.as_str()))
    }

    /// The stand-in of a unified state's name; Zendesk's own names stay.
    #[pyo3(signature = (name, /))]
    fn name(&self, name: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.name(text(name, "name")?.as_str()))
    }
}
