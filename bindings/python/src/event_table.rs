//! [`EventTable`]: events as they are read, in Arrow's columns.

use agentfold::event::{Body, Chat, ChatField, InstantFrom, UnifiedState};
use agentfold::stream::{Record, Unreadable};
use agentfold::{Event, Instant};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use serde::Serialize;

use crate::arrow::schema;
use crate::column::Shape::{Instant as At, List, Number, Struct, Text, Word};
use crate::column::{Column, Named, Shape};
use crate::raised::Raised;
use crate::records::Events;
use crate::tables::ROWS;

const UNIFIED_STATE: Shape = Struct(&[("id", Word), ("name", Word), ("reason", Word)]);

const EVENTS: &[Named] = &[
    ("kind", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("at", At),
    ("time", At),
    ("version", Number),
    ("id", Text),
    ("channel", Word),
    ("previous_state", Word),
    ("new_state", Word),
    ("work_item_id", Text),
    ("previous_reason", Word),
    ("reason", Word),
    (
        "max_capacity",
        List(&Struct(&[("channel", Word), ("current", Number), ("previous", Number)])),
    ),
    ("previous_unified_state", UNIFIED_STATE),
    ("new_unified_state", UNIFIED_STATE),
    ("previous_group_ids", List(&Word)),
    ("new_group_ids", List(&Word)),
    ("previous_status", Word),
    ("status", Word),
    ("previous_engagements", Number),
    ("engagements", Number),
    ("line", Number),
    ("issue", Word),
];

/// The same, with the whole event.
const EVENTS_AND_JSON: &[Named] = &{
    let mut named = [("json", Text); EVENTS.len() + 1];
    let mut place = 0;
    while place < EVENTS.len() {
        named[place] = EVENTS[place];
        place += 1;
    }
    named
};

/// An event, or a record that is none, as a row.
#[derive(Default, Serialize)]
struct EventRow<'e> {
    kind: &'static str,
    account_id: Option<u64>,
    agent_id: Option<u64>,
    at: Option<i128>,
    time: Option<i128>,
    version: Option<u64>,
    id: Option<&'e str>,
    channel: Option<&'e str>,
    previous_state: Option<&'e str>,
    new_state: Option<&'e str>,
    work_item_id: Option<&'e str>,
    previous_reason: Option<&'e str>,
    reason: Option<&'e str>,
    max_capacity: Option<Vec<CapacityRow<'e>>>,
    previous_unified_state: Option<UnifiedStateRow<'e>>,
    new_unified_state: Option<UnifiedStateRow<'e>>,
    previous_group_ids: Option<Vec<&'e str>>,
    new_group_ids: Option<Vec<&'e str>>,
    previous_status: Option<&'e str>,
    status: Option<&'e str>,
    previous_engagements: Option<u64>,
    engagements: Option<u64>,
    line: Option<u64>,
    issue: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<String>,
}

#[derive(Serialize)]
struct CapacityRow<'e> {
    channel: &'e str,
    current: Option<u64>,
    previous: Option<u64>,
}

#[derive(Serialize)]
struct UnifiedStateRow<'e> {
    id: &'e str,
    name: Option<&'e str>,
    reason: Option<&'e str>,
}

impl<'e> From<&'e UnifiedState<'_>> for UnifiedStateRow<'e> {
    fn from(state: &'e UnifiedState<'_>) -> UnifiedStateRow<'e> {
        let UnifiedState { id, name, reason } = state;
        UnifiedStateRow { id, name: name.as_deref(), reason: reason.as_deref() }
    }
}

impl<'e> EventRow<'e> {
    fn new(event: &'e Event<'_>, from: InstantFrom) -> EventRow<'e> {
        let agent = event.agent();
        let row = EventRow {
            kind: event.kind().unwrap_or("unknown"),
            account_id: agent.map(|agent| agent.account_id.get()),
            agent_id: agent.map(|agent| agent.agent_id.get()),
            // What could be read can be dated.
            at: event.at(from).ok().flatten().map(Instant::unix_nanos),
            ..EventRow::default()
        };
        match event {
            Event::Availability(event) => EventRow {
                time: event.time.map(Instant::unix_nanos),
                version: event.detail.version,
                id: Some(&event.id),
                ..row.with_body(&event.body)
            },
            Event::Chat(event) => EventRow { id: Some(&event.id), ..row.with_chat(event) },
            Event::Unknown(event) => {
                EventRow { version: event.about.and_then(|(_, version)| version), ..row }
            }
        }
    }

    fn with_body(self, body: &'e Body<'_>) -> EventRow<'e> {
        match body {
            Body::StateChanged { channel, previous_state, new_state } => EventRow {
                channel: Some(channel),
                previous_state: previous_state.as_deref(),
                new_state: Some(new_state),
                ..self
            },
            Body::WorkItemAdded { work_item_id, channel, reason } => EventRow {
                work_item_id: Some(work_item_id),
                channel: Some(channel),
                reason: Some(reason),
                ..self
            },
            Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason } => EventRow {
                work_item_id: Some(work_item_id),
                channel: Some(channel),
                previous_reason: previous_reason.as_deref(),
                reason: Some(reason),
                ..self
            },
            Body::WorkItemRemoved { work_item_id, channel, reason } => EventRow {
                work_item_id: Some(work_item_id),
                channel: Some(channel),
                reason: reason.as_deref(),
                ..self
            },
            Body::MaxCapacityChanged { max_capacity } => {
                let capacities = max_capacity.iter().map(|capacity| CapacityRow {
                    channel: &capacity.channel,
                    current: capacity.current,
                    previous: capacity.previous.flatten(),
                });
                EventRow { max_capacity: Some(capacities.collect()), ..self }
            }
            Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => EventRow {
                previous_unified_state: previous_unified_state.as_ref().map(Into::into),
                new_unified_state: Some(new_unified_state.into()),
                ..self
            },
            Body::ChannelCreated { channel } | Body::ChannelDeleted { channel } => {
                EventRow { channel: Some(channel), ..self }
            }
            Body::GroupsUpdated { previous_group_ids, new_group_ids } => {
                let ids = |ids: &'e Vec<_>| ids.iter().map(AsRef::as_ref).collect();
                EventRow {
                    previous_group_ids: previous_group_ids.as_ref().map(ids),
                    new_group_ids: Some(ids(new_group_ids)),
                    ..self
                }
            }
            _ => self,
        }
    }

    fn with_chat(self, chat: &'e Chat<'_>) -> EventRow<'e> {
        match &chat.field {
            ChatField::Status { previous_value, value } => {
                EventRow { previous_status: previous_value.as_deref(), status: Some(value), ..self }
            }
            ChatField::Engagements { previous_value, value } => EventRow {
                previous_engagements: *previous_value,
                engagements: Some(*value),
                ..self
            },
            _ => self,
        }
    }

    fn unreadable(bad: &Unreadable<'_>) -> EventRow<'static> {
        EventRow {
            kind: "unreadable",
            line: Some(bad.text.line),
            issue: bad.issues.first().map(|issue| issue.code.as_str()),
            ..EventRow::default()
        }
    }
}

/// Events as they are read, batch by batch.
pub(crate) struct EventTable {
    events: Option<Events>,
    named: &'static [Named],
    rows: Column,
}

impl EventTable {
    /// Of what is left of a source, if anything is.
    pub(crate) fn new(events: Option<Events>, with_json: bool) -> EventTable {
        let named = if with_json { EVENTS_AND_JSON } else { EVENTS };
        EventTable { events, named, rows: Column::of(named) }
    }

    /// The next batch; nothing at the end.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Raised> {
        let Some(events) = &mut self.events else {
            return Ok(None);
        };
        let from = events.stream.options().instant;
        let with_json = self.named.len() > EVENTS.len();
        while self.rows.len() < ROWS {
            if let Some(record) = events.stream.next() {
                match &record {
                    Record::Event(event) => {
                        let json = with_json.then(|| event.to_json());
                        self.rows.push(&EventRow { json, ..EventRow::new(event, from) })?;
                    }
                    Record::Unreadable(bad) => self.rows.push(&EventRow::unreadable(bad))?,
                }
            } else if events.stream.is_finished() {
                self.events = None;
                break;
            } else {
                events.more()?;
            }
        }
        Python::attach(|py| py.check_signals())?;
        Ok((self.rows.len() > 0).then(|| self.rows.take_rows().into()))
    }
}

impl Iterator for EventTable {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.next_batch().map_err(|error| {
            self.events = None;
            // A text that ends in the middle is all that C has: none may stand in it.
            let message = PyErr::from(error).to_string().replace('\0', " ");
            ArrowError::ExternalError(message.into())
        });
        batch.transpose()
    }
}

impl RecordBatchReader for EventTable {
    fn schema(&self) -> SchemaRef {
        schema(self.named)
    }
}
