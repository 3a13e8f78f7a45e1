//! [`History`]: what happened to a work item while it was with an agent
//! ([the contract](crate::contract::measures#work-items)).

use super::basis::Basis;
use super::doubt::Vouched;
use super::stretch::Steps;
use crate::Instant;
use crate::fold::id::ItemId;
use crate::fold::names::Name;
use crate::fold::origin::Origin;
use crate::fold::tracks::Tracks;
use crate::fold::transition::Transition;
use crate::fold::value::{Previous, Value, Work};
use crate::fold::work_item::WorkItem;
use crate::kind::Kind;

/// What happened to a work item while it was with an agent.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) channels: Vec<OnChannel>,
    /// Its stays with the agent. Those that have ended come first.
    pub(crate) stays: Vec<Stay>,
    pub(crate) happenings: Vec<Happening>,
    /// How many of `stays` have ended.
    ended: usize,
}

/// A work item's history on one channel.
#[derive(Debug)]
pub(crate) struct OnChannel {
    pub(crate) channel: Name,
    steps: Vec<Step>,
    inferred: Option<Value>,
}

#[derive(Debug)]
struct Step {
    at: Instant,
    value: Work,
    ended: Basis,
    by_record: bool,
}

/// A work item's stay with the agent, across channel moves.
#[derive(Debug, Clone)]
pub(crate) struct Stay {
    pub(crate) opened_at: Instant,
    /// When it was first offered, if an event stated that.
    pub(crate) offered_at: Option<Instant>,
    /// When it was first accepted.
    pub(crate) accepted_at: Option<Instant>,
    pub(crate) closed_at: Option<Instant>,
    /// Why it is with the agent, or left.
    pub(crate) reason: Option<Name>,
    /// The channels it came to, the first at its opening.
    pub(crate) moves: Vec<(Instant, Name)>,
    /// Whether the event of its opening is missing.
    pub(crate) orphan: bool,
    /// The handle time in nanoseconds, if it was removed and the time is known.
    pub(crate) handle: Option<u128>,
    /// Since when an offer is pending.
    pending: Option<Instant>,
    /// The index of the last transition that named its channel.
    heard: usize,
}

/// Something that reports count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Happening {
    pub(crate) at: Instant,
    pub(crate) channel: Name,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    Added,
    Removed(Option<Name>),
    Offered,
    /// With the length of the offer in nanoseconds, if the item was accepted.
    OfferEnded(Option<u128>),
    Accepted,
    Missed,
    /// Removed, with the nanoseconds since its acceptance or opening.
    Handled(u128),
}

impl OnChannel {
    fn open(&self) -> Option<Work> {
        self.steps.last().map(|step| step.value).filter(|work| work.open)
    }

    /// When it was opened (`true`) and closed on the channel.
    pub(crate) fn openings(&self) -> impl Iterator<Item = (Instant, bool)> {
        let mut was_open = false;
        self.steps.iter().filter_map(move |step| {
            let turned = step.value.open != was_open;
            was_open = step.value.open;
            turned.then_some((step.at, was_open))
        })
    }

    /// Whether it is open at some moment of `[from, to)` or something happened in it.
    pub(crate) fn touches(&self, from: Instant, to: Instant) -> bool {
        let before = self.before(from);
        let open = before.checked_sub(1).is_some_and(|last| self.steps[last].value.open);
        // That a record omitted it before it was heard of is no news.
        let first =
            usize::from(self.steps.first().is_some_and(|step| step.by_record && !step.value.open));
        let next = self.steps.get(before.max(first));
        from < to && (open || next.is_some_and(|step| step.at < to))
    }
}

impl Steps for OnChannel {
    fn count(&self) -> usize {
        self.steps.len()
    }

    fn at(&self, step: usize) -> Instant {
        self.steps[step].at
    }

    fn before(&self, at: Instant) -> usize {
        self.steps.partition_point(|step| step.at < at)
    }

    fn value(&self, step: usize) -> Option<Value> {
        Some(Value::Work(self.steps[step].value))
    }

    fn ended(&self, step: usize) -> Basis {
        self.steps[step].ended
    }

    fn inferred(&self) -> Option<Value> {
        self.inferred
    }

    fn vouched(&self, next: usize) -> Vouched {
        let Some(last) = next.checked_sub(1).map(|last| self.steps[last].value) else {
            let open = matches!(self.inferred, Some(Value::Work(Work { open: true, .. })));
            return if open { Vouched::Unheard } else { Vouched::Throughout };
        };
        let Some(Step { value: end, ended, by_record, .. }) = self.steps.get(next) else {
            return if last.open { Vouched::Before } else { Vouched::Throughout };
        };
        // A removal says that the item was open, but not with which reason; an offer ends with another.
        let is_removed = !end.open && end.reason != Some(Name::CHANNEL_CHANGE);
        let is_offer = last.open && last.reason == Some(Name::OFFERED);
        match ended {
            Basis::Disputed => Vouched::Disputed,
            Basis::Observed if !(is_offer && is_removed) => Vouched::Throughout,
            _ if !last.open || *end == last => Vouched::Throughout,
            _ if *by_record => Vouched::Disputed,
            _ => Vouched::Before,
        }
    }
}

impl History {
    /// [`History::of`] the item with an id.
    pub(crate) fn find(tracks: &Tracks, id: &ItemId, as_of: Instant) -> Option<History> {
        History::of(tracks, id, &*tracks.item(id)?, as_of)
    }

    /// The history of an agent's item up to an instant; `None` if nothing was heard of it by then.
    pub(crate) fn of(
        tracks: &Tracks,
        id: &ItemId,
        item: &WorkItem,
        as_of: Instant,
    ) -> Option<History> {
        let transitions = item.track().as_of(Some(as_of));
        let mut history = History::default();
        for (heard, t) in transitions.iter().enumerate() {
            if let Value::Work(work) = t.value {
                let omitted = |channel| tracks.recorded().last_omission(id, channel, &t);
                history.step_channels(&t, work, omitted);
                history.step_stays(&t, work, heard);
            }
        }
        (!transitions.is_empty()).then_some(history)
    }

    /// Adds the transition to the channels' histories. `omitted` returns when a record last omitted the
    /// item on a channel.
    fn step_channels(
        &mut self,
        t: &Transition,
        work: Work,
        omitted: impl Fn(Name) -> Option<Instant>,
    ) {
        let (is_move, at, by_record) = (work.is_move(), t.at, t.origin == Origin::Rest);
        let stated = match t.previous {
            Previous::Open(reason) => reason,
            _ => None,
        };
        let mut open = self.channels.iter().filter_map(OnChannel::open);
        let open_so = open.any(|open| stated.is_some() && open.reason == stated);
        if !self.channels.iter().any(|known| known.channel == work.channel) {
            // A move states nothing about the channel that the item comes to.
            let closed = Work { open: false, reason: None, ..work };
            let mut steps = Vec::new();
            let inferred = match t.previous {
                _ if is_move => None,
                Previous::NotOpen => Some(closed),
                Previous::Open(reason) => Some(match omitted(work.channel) {
                    None => Work { open: true, reason, ..work },
                    Some(at) => {
                        let ended = Basis::Inferred;
                        steps.push(Step { at, value: closed, ended, by_record: true });
                        closed
                    }
                }),
                Previous::Unstated | Previous::Value(_) => None,
            };
            let inferred = inferred.map(Value::Work);
            self.channels.push(OnChannel { channel: work.channel, steps, inferred });
        }
        for known in &mut self.channels {
            let here = known.channel == work.channel;
            let open = known.open();
            if !here && (!is_move || open.is_none()) {
                continue;
            }
            let ended = match t.previous {
                Previous::Open(Some(reason)) if open.is_some_and(|o| o.reason == Some(reason)) => {
                    Basis::Observed
                }
                // A move states nothing about channels where the item was not open.
                Previous::Open(Some(_)) if is_move && (open_so || open.is_none()) => Basis::Assumed,
                Previous::Open(Some(_)) => Basis::Disputed,
                Previous::Open(None) if open.is_some() => Basis::Observed,
                Previous::NotOpen if open.is_none() => Basis::Observed,
                Previous::Open(None) | Previous::NotOpen => Basis::Disputed,
                Previous::Unstated | Previous::Value(_) => Basis::Assumed,
            };
            let left = Work { channel: known.channel, open: false, ..work };
            known.steps.push(Step { at, value: if here { work } else { left }, ended, by_record });
        }
    }

    /// Adds the transition to the item's stays.
    fn step_stays(&mut self, t: &Transition, work: Work, heard: usize) {
        let (at, channel) = (t.at, work.channel);
        let here = self.stays[self.ended..].iter().position(|stay| stay.channel() == channel);
        let here = here.map(|place| self.ended + place);
        if !work.open {
            match here {
                // A record does not say when it was removed.
                Some(place) if t.origin == Origin::Rest => self.end(place, at, None),
                Some(place) => self.remove(place, at, work.reason),
                None => {}
            }
            return;
        }
        let place = match here {
            Some(_) if work.is_move() => self.end_others(at, channel),
            Some(place) => place,
            None if work.is_move() && self.ended < self.stays.len() => self.move_one(at, channel),
            None => {
                self.happen(at, channel, What::Added);
                self.stays.push(Stay {
                    opened_at: at,
                    offered_at: None,
                    accepted_at: None,
                    closed_at: None,
                    reason: None,
                    moves: vec![(at, channel)],
                    orphan: t.origin == Origin::Event(Kind::WorkItemUpdated),
                    handle: None,
                    pending: None,
                    heard,
                });
                self.stays.len() - 1
            }
        };
        let stay = &mut self.stays[place];
        stay.heard = heard;
        let before = std::mem::replace(&mut stay.reason, work.reason);
        if before != work.reason {
            self.become_so(place, at, work.reason);
        }
    }

    /// Records what a stay's new reason means.
    fn become_so(&mut self, place: usize, at: Instant, reason: Option<Name>) {
        let stay = &mut self.stays[place];
        let channel = stay.channel();
        match reason {
            Some(Name::OFFERED) if stay.pending.is_none() => {
                stay.pending = Some(at);
                stay.offered_at.get_or_insert(at);
                self.happen(at, channel, What::Offered);
            }
            Some(Name::ACCEPTED) => {
                stay.accepted_at.get_or_insert(at);
                if let Some(since) = stay.pending.take() {
                    self.happen(at, channel, What::OfferEnded(Some(at.nanos_since(since))));
                }
                self.happen(at, channel, What::Accepted);
            }
            Some(missed @ (Name::OFFER_MISSED | Name::OFFER_OBSOLETED)) => {
                if stay.pending.take().is_some() {
                    self.happen(at, channel, What::OfferEnded(None));
                }
                if missed == Name::OFFER_MISSED {
                    self.happen(at, channel, What::Missed);
                }
            }
            _ => {}
        }
    }

    /// Moves the stay that an event named last, and ends the others.
    fn move_one(&mut self, at: Instant, channel: Name) -> usize {
        let last = (self.ended..self.stays.len()).max_by_key(|place| self.stays[*place].heard);
        let place = last.expect("INVARIANT: something is open");
        let from = self.stays[place].channel();
        self.happen(at, from, What::Removed(Some(Name::CHANNEL_CHANGE)));
        self.happen(at, channel, What::Added);
        self.stays[place].moves.push((at, channel));
        self.end_others(at, channel)
    }

    /// Ends the stays on other channels, and returns where the stay on this channel is now.
    fn end_others(&mut self, at: Instant, channel: Name) -> usize {
        while let Some(place) =
            (self.ended..self.stays.len()).find(|place| self.stays[*place].channel() != channel)
        {
            self.end(place, at, Some(Name::CHANNEL_CHANGE));
        }
        self.ended
    }

    /// Ends a stay by a removal.
    fn remove(&mut self, place: usize, at: Instant, reason: Option<Name>) {
        let stay = &mut self.stays[place];
        let opened_at = (!stay.orphan && stay.offered_at.is_none()).then_some(stay.opened_at);
        stay.handle = stay.accepted_at.or(opened_at).map(|since| at.nanos_since(since));
        if let Some(handle) = stay.handle {
            let channel = stay.channel();
            self.happen(at, channel, What::Handled(handle));
        }
        self.end(place, at, reason);
    }

    fn end(&mut self, place: usize, at: Instant, reason: Option<Name>) {
        let stay = &mut self.stays[place];
        let channel = stay.channel();
        (stay.closed_at, stay.reason) = (Some(at), reason);
        if stay.pending.take().is_some() {
            self.happen(at, channel, What::OfferEnded(None));
        }
        self.happen(at, channel, What::Removed(reason));
        self.stays[self.ended..=place].rotate_right(1);
        self.ended += 1;
    }

    fn happen(&mut self, at: Instant, channel: Name, what: What) {
        self.happenings.push(Happening { at, channel, what });
    }
}

impl Stay {
    /// The channel that it is on, or was on last.
    fn channel(&self) -> Name {
        self.moves.last().expect("INVARIANT: it was opened on a channel").1
    }
}
