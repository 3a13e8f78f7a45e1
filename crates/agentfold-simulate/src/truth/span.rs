//! [`Stretch`]: a value that goes on. [`Span`]: one that has ended.

use std::mem;

use super::track::{Key, Value};
use crate::wire::Line;

/// A track's value since an instant, and the one that it has had since a later instant, at which it
/// may change again and even back.
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
    /// Gives the track another value, or the same again. Answers the span that is over for sure.
    pub(super) fn change(&mut self, at: u64, new: Value) -> Option<Span> {
        let ended = match self.next {
            Some((since, _)) if since < at => self.settle(),
            _ => None,
        };
        self.next = Some((at, new));
        ended
    }

    /// Lets the last value stand. Answers the span that it ended.
    fn settle(&mut self) -> Option<Span> {
        let (to, next) = self.next.take()?;
        if next == self.value {
            return None;
        }
        let from = mem::replace(&mut self.from, to);
        let value = mem::replace(&mut self.value, next);
        (from < to).then_some(Span { from, to, value })
    }

    /// Ends the track, and answers its last spans.
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
