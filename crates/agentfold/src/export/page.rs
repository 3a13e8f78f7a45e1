//! [`Page`]: the new events of a reply.

use serde::Serialize;

/// The events of a reply that the cursor did not return before.
///
/// Store them before you save the cursor. After a crash, a separate store may hold more events than the
/// saved cursor [handed out](super::Cursor::handed_out): truncate it to that number. A
/// [`Fold`](crate::Fold) needs no such step, since repeated events change nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<'a> {
    /// The events as received, one JSON text each, in order.
    pub events: Vec<&'a str>,
    /// How many events of the reply were dropped: repeats, and events from before the start.
    pub repeats: usize,
    /// Whether this is the last page for now.
    pub is_last: bool,
}

impl Page<'_> {
    /// The events as NDJSON, one a line. Newlines between the values of an event become spaces.
    pub fn to_ndjson(&self) -> String {
        // JSON strings contain no control characters, so these newlines are white space.
        self.events.iter().map(|event| event.replace(['\n', '\r'], " ") + "\n").collect()
    }
}
