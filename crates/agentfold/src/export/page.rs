//! [`Page`]: the new events of a reply.

use serde::Serialize;

use super::note::Note;

/// The events of a reply that the cursor did not return before.
///
/// Store them before you save the cursor. After a crash, a separate store may hold more events than the
/// saved cursor [handed out](super::Cursor::handed_out): truncate it to that number. A
/// [`Fold`](crate::Fold) needs no such step, since repeated events change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Page<'a> {
    /// The events as received, one JSON text each, in order.
    pub events: Vec<&'a str>,
    /// The records that are not events, or are dated too far ahead. They are not in `events`, and the
    /// cursor does not follow them. Each is returned once.
    pub apart: Vec<Apart<'a>>,
    /// Where the page's `count`, `next_page` or size disagrees with what came. A cursor reports each kind
    /// once.
    pub warnings: Vec<Note>,
    /// How many events of the reply were dropped: repeats, and events from before the start.
    pub repeats: usize,
    /// Whether this is the last page for now.
    pub is_last: bool,
}

/// A record of a page that is kept apart from its events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Apart<'a> {
    /// The record as received: a JSON text.
    pub record: &'a str,
    /// Why. In data, its fields stand beside `record`.
    #[serde(flatten)]
    pub note: Note,
}

impl Page<'_> {
    /// The events as NDJSON, one a line. Newlines between the values of an event become spaces.
    pub fn to_ndjson(&self) -> String {
        self.events.iter().map(|event| line(event)).collect()
    }
}

impl Apart<'_> {
    /// The record as one line of NDJSON.
    pub fn to_line(&self) -> String {
        line(self.record)
    }
}

fn line(json: &str) -> String {
    // JSON strings contain no control characters, so these newlines are white space.
    json.replace(['\n', '\r'], " ") + "\n"
}
