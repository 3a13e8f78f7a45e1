//! [`Page`]: the new events of a reply.

use serde::Serialize;

/// The events of a reply that were not handed out before.
///
/// Store them before the cursor is saved. A store of its own that may hold more events than the
/// cursor that was saved [handed out](super::Cursor::handed_out) is cut back to so many; a
/// [`Fold`](crate::Fold) needs nothing, since a repeat changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<'a> {
    /// The events as they came, one JSON text each, in order.
    pub events: Vec<&'a str>,
    /// How many others were left out: repeats, and events from before the start.
    pub repeats: usize,
    /// Whether there is nothing more for now.
    pub is_last: bool,
}

impl Page<'_> {
    /// The events as NDJSON: one a line, without the newlines that they may hold between values.
    pub fn to_ndjson(&self) -> String {
        // A string of JSON holds no control characters, so these are space.
        self.events.iter().map(|event| event.replace(['\n', '\r'], " ") + "\n").collect()
    }
}
