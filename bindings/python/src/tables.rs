//! The tables of a fold, and their columns.

use std::collections::BTreeMap;

use agentfold::state::{ChannelState, ChatState, UnifiedStateNow};
use agentfold::{Agent, AgentState, Instant};
use arrow_array::RecordBatch;
use serde::Serialize;

use crate::arrow::{ArrowStream, schema};
use crate::column::Shape::{
    Duration, Flag, Instant as At, Json, List, Number, Ratio, Struct, Text, Word,
};
use crate::column::{Column, Misshapen, Named};

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

/// A table under construction.
pub(crate) struct Table {
    named: &'static [Named],
    rows: Column,
    batches: Vec<RecordBatch>,
}

impl Table {
    pub(crate) fn new(named: &'static [Named]) -> Table {
        Table { named, rows: Column::of(named), batches: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: &impl Serialize) -> Result<(), Misshapen> {
        self.rows.push(row)?;
        if self.rows.len() == ROWS {
            self.batches.push(self.rows.take_rows().into());
        }
        Ok(())
    }

    pub(crate) fn extend<T: Serialize>(
        &mut self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<(), Misshapen> {
        rows.into_iter().try_for_each(|row| self.push(&row))
    }

    pub(crate) fn done(mut self) -> ArrowStream {
        if self.rows.len() > 0 {
            self.batches.push(self.rows.take_rows().into());
        }
        ArrowStream::whole(schema(self.named), self.batches)
    }
}

/// A channel of an agent, and the values of the agent.
#[derive(Serialize)]
pub(crate) struct AgentRow<'s> {
    account_id: String,
    agent_id: String,
    version: Option<u64>,
    last_event_at: Instant,
    unified_state: &'s Option<UnifiedStateNow>,
    group_ids: &'s Option<Vec<String>>,
    chat: &'s Option<ChatState>,
    channel: Option<&'s str>,
    #[serde(flatten)]
    of_channel: Option<&'s ChannelState>,
}

/// Returns the rows of an agent.
pub(crate) fn agent_rows(state: &AgentState) -> impl Iterator<Item = AgentRow<'_>> {
    let Agent { account_id, agent_id } = state.agent;
    let channels: &BTreeMap<String, ChannelState> = &state.channels;
    let named = channels.iter().map(|(name, channel)| (Some(name.as_str()), Some(channel)));
    let none = channels.is_empty().then_some((None, None));
    named.chain(none).map(move |(channel, of_channel)| AgentRow {
        account_id: account_id.to_string(),
        agent_id: agent_id.to_string(),
        version: state.version,
        last_event_at: state.last_event_at,
        unified_state: &state.unified_state,
        group_ids: &state.group_ids,
        chat: &state.chat,
        channel,
        of_channel,
    })
}
