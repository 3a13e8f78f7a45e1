//! [`ReportRows`]: the rows of a report, computed when they are needed.

use std::vec::IntoIter;

use agentfold::names::Names;
use agentfold::report::Row;
use pyo3::prelude::*;

use crate::data::data;
use crate::raised::Raised;
use crate::turns::Pages;
use crate::wanted::add_names;

/// An iterator of the rows of a report.
#[pyclass(module = "agentfold")]
pub(crate) struct ReportRows {
    pages: Pages<Row>,
    page: IntoIter<Row>,
    names: Option<Names>,
}

impl ReportRows {
    pub(crate) fn new(
        rows: impl Iterator<Item = Row> + Send + Sync + 'static,
        names: Option<Names>,
    ) -> ReportRows {
        ReportRows { pages: Pages::new(rows), page: Vec::new().into_iter(), names }
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
        let Some(row) = self.page.next() else {
            return Ok(None);
        };
        let row = data(py, &row)?;
        self.names.as_ref().map(|names| add_names(&row, names)).transpose()?;
        Ok(Some(row))
    }
}
