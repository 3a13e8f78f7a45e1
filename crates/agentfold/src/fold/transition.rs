//! [`Transition`]: an event's effect on one track.

use std::cmp::Ordering;

use super::id::EventId;
use super::value::{Previous, Value};
use crate::Instant;
use crate::fact::Fact;
use crate::kind::Kind;

/// When an event took effect, and its place among those of the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stamp<'e> {
    pub(crate) at: Instant,
    /// 0 for none.
    pub(crate) version: u64,
    pub(crate) kind: Kind,
    pub(crate) id: &'e str,
}

impl<'e> Stamp<'e> {
    #[inline(always)]
    pub(crate) fn of(fact: &Fact<'e>) -> Stamp<'e> {
        let Fact { at, version, kind, id, .. } = *fact;
        Stamp { at, version, kind, id }
    }
}

/// An event's effect on one track: stamp, value, and the previous value if the event states it.
// The stamp's fields stand here one by one, for a smaller struct than a nested one would give.
#[derive(Debug, Clone)]
pub(crate) struct Transition {
    pub(crate) at: Instant,
    pub(crate) kind: Kind,
    /// Whether another transition had this stamp.
    pub(crate) conflict: bool,
    pub(crate) version: u64,
    pub(crate) id: EventId,
    pub(crate) value: Value,
    pub(crate) previous: Previous,
}

impl Transition {
    #[inline(always)]
    pub(crate) fn new(stamp: &Stamp<'_>, value: Value, previous: Previous) -> Transition {
        let Stamp { at, version, kind, id } = *stamp;
        Transition { at, kind, conflict: false, version, id: EventId::new(id), value, previous }
    }

    #[inline]
    pub(crate) fn cmp_stamp(&self, stamp: &Stamp<'_>) -> Ordering {
        self.stamp().cmp(stamp)
    }

    pub(crate) fn stamp(&self) -> Stamp<'_> {
        Stamp { at: self.at, version: self.version, kind: self.kind, id: self.id.as_str() }
    }
}
