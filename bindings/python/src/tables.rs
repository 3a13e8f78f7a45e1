//! The tables of a fold, and their columns.

use std::sync::Arc;

use agentfold::state::{ChannelState, ChatState, UnifiedStateNow};
use agentfold::{Agent, AgentState, Error, Instant};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use serde::Serialize;

use crate::arrow::{ArrowStream, told};
use crate::column::Shape::{
    Duration, Flag, Instant as At, Json, List, Number, Ratio, Struct, Text, Word,
};
use crate::column::{Column, Misshapen, Named};
use crate::layout::Layout;
use crate::raised::Raised;
use crate::turns::wait_anywhere;

/// The maximum number of rows of a batch.
pub(crate) const ROWS: usize = 1 << 16;

/// The events that a fold contains, a row per track.
pub(crate) const EVENTS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("track", Word),
    ("aspect", Word),
    ("channel", Word),
    ("work_item", Text),
    ("at", At),
    ("version", Number),
    ("kind", Word),
    ("event_id", Text),
    ("value", Json),
    ("conflict", Flag),
];

/// States, a row per channel of an agent. An agent without channels has one row without a channel.
pub(crate) const AGENTS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("version", Number),
    ("last_event_at", At),
    ("unified_state", Struct(&[("id", Word), ("name", Word), ("reason", Word), ("since", At)])),
    ("group_ids", List(&Word)),
    ("chat", Struct(&[("status", Word), ("since", At), ("engagements", Number)])),
    ("channel", Word),
    ("access", Flag),
    ("state", Word),
    ("since", At),
    ("max_capacity", Number),
    (
        "work_items",
        List(&Struct(&[("id", Text), ("reason", Word), ("opened_at", At), ("since", At)])),
    ),
    ("load", Number),
    ("spare", Number),
    ("accepting", Flag),
];

pub(crate) const WORK_ITEMS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("work_item", Text),
    ("opened_at", At),
    ("offered_at", At),
    ("accepted_at", At),
    ("closed_at", At),
    ("reason", Word),
    ("moves", List(&Struct(&[("at", At), ("channel", Word)]))),
    ("orphan", Flag),
    ("handle_ns", Duration),
];

pub(crate) const INTERVALS: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("track", Word),
    ("aspect", Word),
    ("channel", Word),
    ("work_item", Text),
    ("from", At),
    ("to", At),
    ("value", Json),
    ("basis", Word),
    ("open", Flag),
    ("doubtful", List(&Struct(&[("from", At), ("to", At)]))),
];

const TIMES: crate::column::Shape = Struct(&[
    ("count", Number),
    ("sum_ns", Duration),
    ("min_ns", Duration),
    ("max_ns", Duration),
    ("p50_ns", Duration),
    ("p90_ns", Duration),
    ("p95_ns", Duration),
]);

/// The rows of all kinds, distinguished by `row`. Fields that a row does not have are null.
pub(crate) const REPORT: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("group_id", Word),
    ("agents", Number),
    ("channel", Word),
    ("from", At),
    ("to", At),
    ("length_ns", Duration),
    ("id", Word),
    ("name", Word),
    ("ns", Duration),
    ("observed_ns", Duration),
    ("assumed_ns", Duration),
    ("inferred_ns", Duration),
    ("disputed_ns", Duration),
    ("unknown_ns", Duration),
    ("doubtful_ns", Duration),
    ("involuntary_ns", Duration),
    ("state", List(&Struct(&[("state", Word), ("basis", Word), ("ns", Duration)]))),
    ("status", List(&Struct(&[("status", Word), ("basis", Word), ("ns", Duration)]))),
    ("engagements", List(&Struct(&[("engagements", Number), ("basis", Word), ("ns", Duration)]))),
    ("concurrency_ns", Duration),
    ("online_ns", Duration),
    ("busy_ns", Duration),
    ("item_ns", Duration),
    ("item_least_ns", Duration),
    ("item_most_ns", Duration),
    ("item_known_ns", Duration),
    ("capacity_ns", Duration),
    ("at_capacity_ns", Duration),
    ("occupancy", Ratio),
    ("utilisation", Ratio),
    ("average_used_capacity", Ratio),
    ("added", Number),
    ("removed", List(&Struct(&[("reason", Word), ("count", Number)]))),
    ("offered", Number),
    ("offers_ended", Number),
    ("offers_accepted", Number),
    ("accepted", Number),
    ("missed", Number),
    ("acceptance_rate", Ratio),
    ("offer_time", TIMES),
    ("handle_time", TIMES),
];

pub(crate) const ANOMALIES: &[Named] = &[
    ("account_id", Word),
    ("agent_id", Word),
    ("anomaly", Word),
    ("track", Word),
    ("aspect", Word),
    ("channel", Word),
    ("work_item", Text),
    ("at", At),
    ("event_id", Text),
    ("version", Number),
    ("ranges", List(&List(&Number))),
    ("sparse", Flag),
];

pub(crate) const SESSIONS: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("from", At),
    ("to", At),
    ("length_ns", Duration),
    ("sessions", Number),
    ("logins", Number),
    ("logouts", Number),
    ("first_login", At),
    ("first_login_basis", Word),
    ("last_logout", At),
    ("last_logout_basis", Word),
    ("session_ns", Duration),
    ("unknown_ns", Duration),
    ("continued", Flag),
    ("open", Flag),
];

pub(crate) const ADHERENCE: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("from", At),
    ("to", At),
    ("track", Word),
    ("scheduled_ns", Duration),
    ("elapsed_ns", Duration),
    ("adherent_ns", Duration),
    ("out_ns", Duration),
    ("unknown_ns", Duration),
    ("disputed_ns", Duration),
    ("inferred_ns", Duration),
    ("doubtful_ns", Duration),
    ("adherence", Ratio),
];

pub(crate) const EXCEPTIONS: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("from", At),
    ("to", At),
    ("track", Word),
    ("exception", Word),
    ("open", Flag),
    ("scheduled_from", At),
    ("scheduled_to", At),
    ("value", Json),
    ("out_ns", Duration),
    ("unknown_ns", Duration),
    ("disputed_ns", Duration),
    ("inferred_ns", Duration),
];

/// Rows that are computed when they are read.
pub(crate) trait Rows: Send {
    /// Appends rows until there are as many. Returns whether there may be more.
    fn fill(&mut self, columns: &mut Column, until: usize) -> Result<bool, Misshapen>;
}

impl<I: Iterator<Item: Serialize> + Send> Rows for I {
    fn fill(&mut self, columns: &mut Column, until: usize) -> Result<bool, Misshapen> {
        while columns.len() < until {
            let Some(row) = self.next() else {
                return Ok(false);
            };
            columns.push(&row)?;
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
        let (columns, layout) = (layout.columns(), layout.clone());
        let work = Work { begin: Some(begin.clone()), rows: None, columns, layout };
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
    columns: Column,
    layout: Layout,
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
            Some(rows) => rows.fill(&mut self.columns, ROWS)?,
            None => false,
        };
        let batch = self.layout.batch(&self.columns.take_rows());
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

/// A channel of an agent, and the values of the agent.
#[derive(Serialize)]
pub(crate) struct AgentRow {
    #[serde(flatten)]
    agent: Agent,
    version: Option<u64>,
    last_event_at: Instant,
    unified_state: Option<UnifiedStateNow>,
    group_ids: Option<Vec<String>>,
    chat: Option<ChatState>,
    pub(crate) channel: Option<String>,
    #[serde(flatten)]
    of_channel: Option<ChannelState>,
}

/// Returns the rows of an agent.
pub(crate) fn agent_rows(mut state: AgentState) -> impl Iterator<Item = AgentRow> {
    let channels = std::mem::take(&mut state.channels);
    let none = channels.is_empty().then_some((None, None));
    let named = channels.into_iter().map(|(name, channel)| (Some(name), Some(channel)));
    named.chain(none).map(move |(channel, of_channel)| AgentRow {
        agent: state.agent,
        version: state.version,
        last_event_at: state.last_event_at,
        unified_state: state.unified_state.clone(),
        group_ids: state.group_ids.clone(),
        chat: state.chat.clone(),
        channel,
        of_channel,
    })
}
