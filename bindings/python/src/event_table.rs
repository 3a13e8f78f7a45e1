//! [`EventTable`]: events in Arrow columns, read in batches.

use std::borrow::Cow;

use agentfold::event::{Capacity, InstantFrom, Kind, UnifiedState};
use agentfold::stream::{Record, Unreadable};
use agentfold::{Event, Instant};
use agentfold_arrow::Shape::{Instant as At, List, Number, Struct, Text, Word};
use agentfold_arrow::{Builder, Form, Layout, Named, Shape};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pyo3::prelude::*;
use serde::Serialize;

use crate::arrow::told;
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

/// The same columns, and one with the whole event.
const EVENTS_AND_JSON: &[Named] = &{
    let mut named = [("json", Text); EVENTS.len() + 1];
    let mut place = 0;
    while place < EVENTS.len() {
        named[place] = EVENTS[place];
        place += 1;
    }
    named
};

/// The row of an event or of an unreadable record.
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
    max_capacity: Option<&'e [Capacity<'e>]>,
    previous_unified_state: Option<&'e UnifiedState<'e>>,
    new_unified_state: Option<&'e UnifiedState<'e>>,
    previous_group_ids: Option<&'e [Cow<'e, str>]>,
    new_group_ids: Option<&'e [Cow<'e, str>]>,
    previous_status: Option<&'e str>,
    status: Option<&'e str>,
    previous_engagements: Option<u64>,
    engagements: Option<u64>,
    line: Option<u64>,
    issue: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<String>,
}

impl<'e> EventRow<'e> {
    fn new(event: &'e Event<'_>, from: InstantFrom) -> EventRow<'e> {
        let (time, version, id) = match event {
            Event::Availability(event) => (event.time, event.detail.version, Some(&*event.id)),
            Event::Chat(event) => (None, None, Some(&*event.id)),
            Event::Unknown(event) => (None, event.version(), None),
        };
        let agent = event.agent();
        let fields = event.fields();
        EventRow {
            kind: event.kind().map_or("unknown", Kind::as_str),
            account_id: agent.map(|agent| agent.account_id.get()),
            agent_id: agent.map(|agent| agent.agent_id.get()),
            // Every event that was read has an instant, except those of an unknown type.
            at: event.at(from).ok().flatten().map(Instant::unix_nanos),
            time: time.map(Instant::unix_nanos),
            version,
            id,
            channel: fields.channel,
            previous_state: fields.previous_state,
            new_state: fields.new_state,
            work_item_id: fields.work_item_id,
            previous_reason: fields.previous_reason,
            reason: fields.reason,
            max_capacity: fields.max_capacity,
            previous_unified_state: fields.previous_unified_state,
            new_unified_state: fields.new_unified_state,
            previous_group_ids: fields.previous_group_ids,
            new_group_ids: fields.new_group_ids,
            previous_status: fields.previous_status,
            status: fields.status,
            previous_engagements: fields.previous_engagements,
            engagements: fields.engagements,
            line: None,
            issue: None,
            json: None,
        }
    }

    fn unreadable(bad: &Unreadable<'_>) -> EventRow<'static> {
        EventRow {
            kind: "unreadable",
            line: Some(bad.text.line),
            issue: Some(bad.issues.first().code.as_str()),
            ..EventRow::default()
        }
    }
}

/// The events of a source, read in batches.
pub(crate) struct EventTable {
    events: Option<Events>,
    schema: SchemaRef,
    with_json: bool,
    rows: Builder,
}

impl EventTable {
    /// Reads the rest of a source, if there is any.
    pub(crate) fn new(events: Option<Events>, with_json: bool, form: Form) -> EventTable {
        let named = if with_json { EVENTS_AND_JSON } else { EVENTS };
        let layout = Layout::new(named, form);
        EventTable { events, schema: layout.schema(), with_json, rows: layout.builder() }
    }

    /// Returns the next batch; `None` at the end.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>, Raised> {
        let Some(events) = &mut self.events else {
            return Ok(None);
        };
        let from = events.stream.options().instant;
        let with_json = self.with_json;
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
        Ok((!self.rows.is_empty()).then(|| self.rows.batch()))
    }
}

impl Iterator for EventTable {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.next_batch().map_err(|error| {
            self.events = None;
            told(error)
        });
        batch.transpose()
    }
}

impl RecordBatchReader for EventTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
