//! [`ReportRows`]: the rows of a report, computed when they are needed.

use std::collections::VecDeque;

use agentfold::report::Row;
use pyo3::prelude::*;

use crate::data::data;
use crate::raised::Raised;

/// How many rows are computed at a time.
const PAGE: usize = 256;

/// An iterator of the rows of a report.
#[pyclass(module = "agentfold")]
pub(crate) struct ReportRows {
    rows: Box<dyn Iterator<Item = Row> + Send + Sync>,
    page: VecDeque<Row>,
}

impl ReportRows {
    pub(crate) fn new(rows: impl Iterator<Item = Row> + Send + Sync + 'static) -> ReportRows {
        ReportRows { rows: Box::new(rows), page: VecDeque::new() }
    }
}

#[pymethods]
impl ReportRows {
    fn __iter__(rows: PyRef<'_, Self>) -> PyRef<'_, Self> {
        rows
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>, Raised> {
        if self.page.is_empty() {
            py.check_signals()?;
            py.detach(|| self.page.extend(self.rows.by_ref().take(PAGE)));
        }
        Ok(self.page.pop_front().map(|row| data(py, &row)).transpose()?)
    }
}
