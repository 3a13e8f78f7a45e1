//! Pseudonyms for ids and free text.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{bytes, id, options, text};
use crate::raised::Raised;

/// Replaces the ids of accounts, agents, groups and work items, and free text, by pseudonyms that
/// depend on a key. The same value always gets the same pseudonym. Without the key, the value can't be
/// found.
///
/// Args:
///     key: A key of at least 16 bytes. Use random bytes.
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

    /// Returns an event with pseudonyms, as JSON text in Zendesk's format.
    ///
    /// Args:
    ///     event: The bytes or text as received, or a dict.
    ///     **options: How events are read: `ReadOptions`.
    ///
    /// Raises:
    ///     AgentfoldError: If it is not an event.
    #[pyo3(signature = (event, **options))]
    fn scrub(
        &self,
        event: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> Result<String, Raised> {
        let options = self::options(options)?;
        Ok(self.0.scrub(&options.parse(&bytes(event, "event")?)?))
    }

    /// Returns the pseudonym of an account id.
    #[pyo3(signature = (id, /))]
    fn account(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.account(self::id(id, "id")?).to_string())
    }

    /// Returns the pseudonym of an agent id, the same in every account.
    #[pyo3(signature = (id, /))]
    fn agent(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.agent(self::id(id, "id")?).to_string())
    }

    /// Returns the pseudonym of a group id.
    #[pyo3(signature = (id, /))]
    fn group(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.group(text(id, "id")?.as_str()))
    }

    /// Returns the pseudonym of a work item id.
    #[pyo3(signature = (id, /))]
    fn work_item(&self, id: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.work_item(text(id, "id")?.as_str()))
    }

    /// Returns the pseudonym of a unified state's name. Zendesk's own names are kept.
    #[pyo3(signature = (name, /))]
    fn name(&self, name: &Bound<'_, PyAny>) -> Result<String, Raised> {
        Ok(self.0.name(text(name, "name")?.as_str()))
    }
}
