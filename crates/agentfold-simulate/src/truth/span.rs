//! [`Stretch`]: a value that may still last. [`Span`]: a value that has ended.

use std::mem;

use super::track::{Key, Value};
use crate::wire::Line;

/// A track's value since an instant. `next` is its value since a later instant, at which it may
/// change again, even back to the old value.
pub(super) struct Stretch {
    pub(super) from: u64,
    pub(super) value: Value,
    pub(super) next: Option<(u64, Value)>,
}

/// A stretch that has ended.
pub(super) struct Span {
    from: u64,
    to: u64,
    value: Value,
}

impl Stretch {
    /// Sets the value of the track, possibly to the same value. Returns the span that has ended.
    pub(super) fn change(&mut self, at: u64, new: Value) -> Option<Span> {
        let ended = match self.next {
            Some((since, _)) if since < at => self.settle(),
            _ => None,
        };
        self.next = Some((at, new));
        ended
    }

    /// Makes the next value final. Returns the span that it ended.
    fn settle(&mut self) -> Option<Span> {
        let (to, next) = self.next.take()?;
        if next == self.value {
            return None;
        }
        let from = mem::replace(&mut self.from, to);
        let value = mem::replace(&mut self.value, next);
        (from < to).then_some(Span { from, to, value })
    }

    /// Ends the track, and returns its last spans.
    pub(super) fn end(&mut self, at: u64) -> impl Iterator<Item = Span> + use<> {
        let last = self.settle();
        let rest = Span { from: self.from, to: at, value: self.value.clone() };
        last.into_iter().chain((rest.from < at).then_some(rest))
    }

    pub(super) fn is_of_open_item(&self) -> bool {
        let last = self.next.as_ref().map_or(&self.value, |(_, next)| next);
        matches!(last, Value::Item { open: true, .. })
    }
}

impl Span {
    pub(super) fn line(&self, key: &Key) -> String {
        let mut line = Line::new(256);
        line.text("{\"account_id\":\"").number(key.account_id);
        line.text("\",\"agent_id\":\"").number(key.agent_id);
        line.text("\",\"track\":\"");
        key.track.write(&mut line);
        line.text("\",\"from\":\"").brief_instant(self.from);
        line.text("\",\"to\":\"").brief_instant(self.to);
        line.text("\",\"value\":");
        self.value.write(&mut line);
        line.text("}");
        line.finish()
    }
}
