//! [`ReportRows`]: the rows of a report, computed when they are needed.

use std::vec::IntoIter;

use agentfold::report::Row;
use pyo3::prelude::*;

use crate::data::data;
use crate::raised::Raised;
use crate::turns::Pages;

/// An iterator of the rows of a report.
#[pyclass(module = "agentfold")]
pub(crate) struct ReportRows {
    pages: Pages<Row>,
    page: IntoIter<Row>,
}

impl ReportRows {
    pub(crate) fn new(rows: impl Iterator<Item = Row> + Send + Sync + 'static) -> ReportRows {
        ReportRows { pages: Pages::new(rows), page: Vec::new().into_iter() }
    }
}

#[pymethods]
impl ReportRows {
    fn __iter__(rows: PyRef<'_, Self>) -> PyRef<'_, Self> {
        rows
    }

    fn __next__<'py>(&mut self, py: Python<'py>) -> Result<Option<Bound<'py, PyAny>>, Raised> {
        if self.page.as_slice().is_empty() {
            self.page = self.pages.next(py)?.into_iter();
        }
        Ok(self.page.next().map(|row| data(py, &row)).transpose()?)
    }
}
