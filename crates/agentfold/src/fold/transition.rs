//! [`Transition`]: an event's effect on one track.

use std::cmp::Ordering;

use super::id::EventId;
use super::names::Name;
use super::origin::Origin;
use super::value::{Previous, Value};
use crate::Instant;
use crate::fact::Fact;
use crate::steps;

/// When an event took effect, and its place among the events of that instant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp<'e> {
    pub(crate) at: Instant,
    /// 0 for none.
    pub(crate) version: u64,
    pub(crate) origin: Origin,
    pub(crate) id: &'e str,
}

impl<'e> Stamp<'e> {
    #[inline(always)]
    pub(crate) fn of(fact: &Fact<'e>) -> Stamp<'e> {
        let Fact { at, version, kind, id, .. } = *fact;
        Stamp { at, version, origin: Origin::Event(kind), id }
    }
}

/// An event's effect on one track: stamp, value, and the previous value if the event states it.
// The stamp's fields are not nested, since a nested struct would be larger.
#[derive(Debug, Clone)]
pub(crate) struct Transition {
    pub(crate) at: Instant,
    pub(crate) origin: Origin,
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
        let Stamp { at, version, origin, id } = *stamp;
        Transition { at, origin, conflict: false, version, id: EventId::new(id), value, previous }
    }

    /// The channel that a work item's transition names.
    pub(crate) fn channel(&self) -> Option<Name> {
        match self.value {
            Value::Work(work) => Some(work.channel),
            _ => None,
        }
    }

    /// The order of stamps: instant, version, kind, event id.
    pub(crate) fn cmp_stamp(&self, other: &Transition) -> Ordering {
        steps::count(1);
        let key = |t: &Transition| (t.at, t.version, t.origin);
        key(self).cmp(&key(other)).then_with(|| self.id.cmp(&other.id))
    }

    /// Whether its stamp is before another.
    pub(crate) fn is_before(&self, stamp: &Stamp<'_>) -> bool {
        let key = (stamp.at, stamp.version, stamp.origin);
        (self.at, self.version, self.origin)
            .cmp(&key)
            .then_with(|| self.id.text().as_ref().cmp(stamp.id))
            == Ordering::Less
    }
}
