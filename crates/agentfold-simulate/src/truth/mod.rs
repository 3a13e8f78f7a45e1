//! The truth beside the events: what every track was, and for how long.

mod span;
mod track;

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::iter::FusedIterator;

use self::span::Stretch;
use self::track::{Key, Track, Value};
use crate::effect::{Capacity, Change, Channel, Effect, ItemReason};
use crate::floor::Floor;
use crate::{Feed, Simulation};

/// With fewer tracks than these it is not worth looking for items that are gone.
const FEW_TRACKS: usize = 1 << 10;

/// The true spans of a [`Simulation`], each one JSON object without a newline.
///
/// A span is a longest stretch in which a track of an agent had one value, whether or not an event
/// said so again; of a unified state, id, name and reason count. Tracks and values are written as
/// agentfold writes those of intervals. Instants have 0, 3, 6 or 9 fraction digits, as few as hold
/// them, and a span's `to` is no longer in it.
///
/// - Only tracks of which an event of the asked feed tells have spans, whether or not it arrives.
/// - The spans of a track cover all from the simulation's start to its end, without a hole and
///   without overlap. Those of a work item, `work_item[ID]@C`, begin when it first is open on the
///   channel; where it is closed, they bear the reason for which it was, or null.
/// - The state of a channel is null from the channel's deletion until an event tells it anew.
/// - Of what is changed more than once in an instant, the last counts. No span is of no length.
///
/// A line comes when what it says is sure, so an agent's spans of one track come in time order, and
/// nothing else is said of the order of lines but that it is the same for the same seed.
///
/// ```
/// use agentfold_simulate::Simulation;
///
/// let simulation = Simulation { agents: 1, hours: 1, ..Simulation::default() };
/// let spans: Vec<String> = simulation.truth().collect();
///
/// let mut states = spans.iter().filter(|span| span.contains(r#""track":"state[support]""#));
/// let first = states.next().expect("the agent has support");
/// assert!(first.contains(r#""from":"2026-01-05T00:00:00Z""#));
/// assert!(first.ends_with(r#""value":"offline"}"#));
/// let last = states.last().expect("the agent logs in");
/// assert!(last.contains(r#""to":"2026-01-05T01:00:00Z""#));
/// ```
pub struct Truth {
    floor: Floor,
    feed: Feed,
    /// The stretch of each track that goes on; of items, of those that may yet change.
    stretches: BTreeMap<Key, Stretch>,
    /// With as many stretches, those of items that are gone are ended.
    most: usize,
    ended: VecDeque<String>,
}

impl Truth {
    pub(crate) fn new(simulation: &Simulation) -> Self {
        Self {
            floor: Floor::new(simulation),
            feed: simulation.feed,
            stretches: BTreeMap::new(),
            most: FEW_TRACKS,
            ended: VecDeque::new(),
        }
    }

    fn learn(&mut self, effect: &Effect) {
        use Track::{Access, ChatEngagements, ChatStatus, Groups, MaxCapacity, State};
        match &effect.change {
            Change::State { channel, previous, new } => {
                let (previous, new) = (Value::Word(previous.word()), Value::Word(new.word()));
                self.change(effect, State(*channel), previous, new);
            }
            Change::MaxCapacity(capacities) => {
                for (channel, capacity) in Channel::ALL.into_iter().zip(capacities) {
                    let &Some(Capacity { current, previous }) = capacity else { continue };
                    let (previous, new) = (Value::Count(previous), Value::Count(current));
                    self.change(effect, MaxCapacity(channel), previous, new);
                }
            }
            Change::Unified { previous, new } => {
                let (previous, new) = (Value::Unified(*previous), Value::Unified(*new));
                self.change(effect, Track::UnifiedState, previous, new);
            }
            Change::ChannelCreated(channel) => {
                let (previous, new) = (Value::Access(false), Value::Access(true));
                self.change(effect, Access(*channel), previous, new);
            }
            Change::ChannelDeleted(channel) => {
                let (previous, new) = (Value::Access(true), Value::Access(false));
                self.change(effect, Access(*channel), previous, new);
                // A channel whose state never changed is offline, as it began.
                self.change(effect, State(*channel), Value::Word("offline"), Value::Unknown);
            }
            Change::Groups { previous, new } => {
                let (previous, new) = (Value::Groups(previous.clone()), Value::Groups(new.clone()));
                self.change(effect, Groups, previous, new);
            }
            Change::ChatStatus { previous, new } => {
                let (previous, new) = (Value::Word(previous.word()), Value::Word(new.word()));
                self.change(effect, ChatStatus, previous, new);
            }
            Change::Engagements { previous, new } => {
                let (previous, new) = (Value::Count(Some(*previous)), Value::Count(Some(*new)));
                self.change(effect, ChatEngagements, previous, new);
            }
            &Change::ItemAdded { item, channel, reason } => {
                self.change_item(effect, item, channel, Some(reason.word()), true);
            }
            &Change::ItemUpdated { item, channel, reason, .. } => {
                if reason == ItemReason::ChannelChange {
                    self.close_elsewhere(effect, item, channel);
                }
                self.change_item(effect, item, channel, Some(reason.word()), true);
            }
            &Change::ItemRemoved { item, channel, reason } => {
                self.change_item(effect, item, channel, reason.map(|it| it.word()), false);
            }
        }
    }

    /// Changes a track that has had a value since the floor opened: at first, the previous one.
    fn change(&mut self, effect: &Effect, track: Track, previous: Value, new: Value) {
        let first = Stretch { from: self.floor.start, value: previous, next: None };
        self.change_from(effect, track, first, new);
    }

    fn change_item(
        &mut self,
        effect: &Effect,
        item: u64,
        channel: Channel,
        reason: Option<&'static str>,
        open: bool,
    ) {
        let new = Value::Item { reason, open };
        let first = Stretch { from: effect.at, value: new.clone(), next: None };
        self.change_from(effect, Track::WorkItem(item, channel), first, new);
    }

    fn close_elsewhere(&mut self, effect: &Effect, item: u64, channel: Channel) {
        for other in Channel::ALL {
            let key = Key::new(effect, Track::WorkItem(item, other));
            let is_open = self.stretches.get(&key).is_some_and(Stretch::is_of_open_item);
            if other != channel && is_open {
                let reason = Some(ItemReason::ChannelChange.word());
                self.change_item(effect, item, other, reason, false);
            }
        }
    }

    fn change_from(&mut self, effect: &Effect, track: Track, first: Stretch, new: Value) {
        let key = Key::new(effect, track);
        let ended = self.stretches.entry(key).or_insert(first).change(effect.at, new);
        self.ended.extend(ended.map(|span| span.line(&key)));
    }

    /// Ends the stretches of items that are closed for good, so that memory does not grow with
    /// every item that ever was.
    fn forget_items(&mut self) {
        let Some(items) = self.floor.items() else { return };
        let (end, ended) = (self.floor.end, &mut self.ended);
        self.stretches.retain(|key, stretch| match key.track {
            Track::WorkItem(item, _) if !items.contains(&(key.account_id, item)) => {
                ended.extend(stretch.end(end).map(|span| span.line(key)));
                false
            }
            _ => true,
        });
        self.most = FEW_TRACKS.max(2 * self.stretches.len());
    }
}

impl Iterator for Truth {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.ended.pop_front() {
                return Some(line);
            }
            if let Some(effect) = self.floor.next() {
                if self.feed.tells(&effect.change) {
                    self.learn(&effect);
                }
                if self.stretches.len() >= self.most {
                    self.forget_items();
                }
                continue;
            }
            let (key, mut stretch) = self.stretches.pop_first()?;
            self.ended.extend(stretch.end(self.floor.end).map(|span| span.line(&key)));
        }
    }
}

impl FusedIterator for Truth {}

impl fmt::Debug for Truth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Truth").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
