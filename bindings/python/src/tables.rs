//! The tables of a fold, in batches that are computed when they are read.

use std::sync::Arc;

use agentfold::Error;
use agentfold_arrow::{Builder, Layout, Misshapen};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use serde::Serialize;

use crate::arrow::{ArrowStream, told};
use crate::raised::Raised;
use crate::turns::wait_anywhere;

/// The maximum number of rows of a batch.
pub(crate) const ROWS: usize = 1 << 16;

/// Rows that are computed when they are read.
pub(crate) trait Rows: Send {
    /// Appends rows until there are as many. Returns whether there may be more.
    fn fill(&mut self, batch: &mut Builder, until: usize) -> Result<bool, Misshapen>;
}

impl<I: Iterator<Item: Serialize> + Send> Rows for I {
    fn fill(&mut self, batch: &mut Builder, until: usize) -> Result<bool, Misshapen> {
        while batch.len() < until {
            let Some(row) = self.next() else {
                return Ok(false);
            };
            batch.push(&row)?;
        }
        Ok(true)
    }
}

/// The rows of a table, from the first one.
pub(crate) type Begin = dyn Fn() -> Result<Box<dyn Rows>, Error> + Send + Sync;

/// Returns a table of which each reading begins the rows anew.
pub(crate) fn table(
    layout: Layout,
    begin: Arc<Begin>,
    on_progress: Option<Py<PyAny>>,
) -> ArrowStream {
    let (schema, on_progress) = (layout.schema(), on_progress.map(Arc::new));
    ArrowStream::anew(schema.clone(), move || {
        let work = Work { begin: Some(begin.clone()), rows: None, builder: layout.builder() };
        let (schema, on_progress) = (schema.clone(), on_progress.clone());
        Box::new(Batches { schema, work: Some(work), on_progress })
    })
}

/// One reading of a table.
struct Batches {
    schema: SchemaRef,
    /// `None` at the end, and after an error.
    work: Option<Work>,
    on_progress: Option<Arc<Py<PyAny>>>,
}

/// What is needed for the rest of a reading. The work is done in another thread, and handed back.
struct Work {
    /// Until the rows are begun.
    begin: Option<Arc<Begin>>,
    rows: Option<Box<dyn Rows>>,
    builder: Builder,
}

impl Batches {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Raised> {
        let Some(work) = self.work.take() else {
            return Ok(None);
        };
        let (rest, batch) = wait_anywhere(move || work.done())??;
        self.work = rest;
        if let (Some(callback), count @ 1..) = (&self.on_progress, batch.num_rows()) {
            Python::try_attach(|py| callback.call1(py, (count,))).transpose()?;
        }
        Ok((batch.num_rows() > 0).then_some(batch))
    }
}

impl Work {
    /// Computes a batch. Returns it, and what is needed for the rest, if there is one.
    fn done(mut self) -> Result<(Option<Work>, RecordBatch), Unanswered> {
        if let Some(begin) = self.begin.take() {
            self.rows = Some(begin()?);
        }
        let more = match &mut self.rows {
            Some(rows) => rows.fill(&mut self.builder, ROWS)?,
            None => false,
        };
        let batch = self.builder.batch();
        Ok((more.then_some(self), batch))
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().map_err(told).transpose()
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

/// Why there are no rows. Raised in the thread that waits for them.
enum Unanswered {
    Error(Error),
    Misshapen(Misshapen),
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Unanswered {
        Unanswered::Error(error)
    }
}

impl From<Misshapen> for Unanswered {
    fn from(misshapen: Misshapen) -> Unanswered {
        Unanswered::Misshapen(misshapen)
    }
}

impl From<Unanswered> for Raised {
    fn from(unanswered: Unanswered) -> Raised {
        match unanswered {
            Unanswered::Error(error) => error.into(),
            Unanswered::Misshapen(misshapen) => misshapen.into(),
        }
    }
}
