//! [`ReportSums`]: a report whose agents are added one by one.

use std::sync::Arc;

use agentfold::border::Failure;
use pyo3::prelude::*;

use crate::buckets::ROW_LIMIT;
use crate::fold::{Fold, report_of};
use crate::raised::Raised;
use crate::report_rows::ReportRows;
use crate::turns::wait;

/// A report whose agents are added one by one: of agents that are kept apart, each in a fold of its own, as in a
/// database or on a cluster. The arguments are those of `Fold.report`, but the buckets must have `as_of`: no part
/// has the last event of all.
///
/// Raises:
///     AgentfoldError: `not_rising` or `bad_argument`.
///
/// Example:
///     >>> from agentfold import Fold, ReportSums, buckets
///     >>> nine, ten = "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"
///     >>> hour = buckets(from_=nine, to=ten, every="1h", as_of=ten)
///     >>> sums = ReportSums(hour, "account")
///     >>> sums.add(Fold())
///     >>> list(sums.rows())
///     []
#[pyclass(module = "agentfold")]
pub(crate) struct ReportSums(Option<agentfold::report::ReportSums>);

#[pymethods]
impl ReportSums {
    #[new]
    #[pyo3(signature = (buckets, by = "agent", *, selection = None))]
    fn new(
        buckets: &Bound<'_, PyAny>,
        by: &str,
        selection: Option<&Bound<'_, PyAny>>,
    ) -> Result<ReportSums, Raised> {
        let (buckets, by, selection) = report_of(buckets, by, selection, ROW_LIMIT)?;
        let sums = agentfold::report::ReportSums::new(&buckets.of_parts()?, by, &selection);
        Ok(ReportSums(Some(sums)))
    }

    /// Adds all agents of a fold. Each agent must be added once, with everything that is known of it.
    ///
    /// Nothing can be added any more if a signal, such as Ctrl-C, ends the call.
    ///
    /// Raises:
    ///     AgentfoldError: `too_many_rows`, as for `Fold.report`; `freed` after `rows` and after a signal.
    #[pyo3(signature = (fold, /))]
    fn add(&mut self, py: Python<'_>, fold: &Fold) -> Result<(), Raised> {
        let mut sums = self.0.take().ok_or_else(used_up)?;
        let fold = fold.snapshot(py);
        // After a signal nobody wants the sums: without this, all agents would still be added, in gigabytes.
        let caller = Arc::new(());
        let waits = Arc::downgrade(&caller);
        let (sums, added) = wait(py, move || {
            let mut agents = fold.agents().take_while(|_| waits.strong_count() > 0);
            let added = agents.try_for_each(|agent| sums.add_agent(&fold, agent));
            (sums, added)
        })?;
        self.0 = Some(sums);
        Ok(added?)
    }

    /// Returns an iterator of the rows, in the order of `Fold.report`. Nothing can be added then.
    ///
    /// Raises:
    ///     AgentfoldError: `freed` if it was called before.
    fn rows(&mut self) -> Result<ReportRows, Raised> {
        Ok(ReportRows::new(self.0.take().ok_or_else(used_up)?.rows(), None))
    }
}

#[cold]
fn used_up() -> Failure {
    Failure::new(
        "freed",
        String::new(),
        "the rows of these sums were taken before, or a signal ended the last `add`".to_owned(),
    )
}
