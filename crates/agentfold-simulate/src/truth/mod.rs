//! The true history of every track.

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

/// The number of tracks below which ended items are not removed.
const FEW_TRACKS: usize = 1 << 10;

/// The true spans of a [`Simulation`], each a JSON object without a newline.
///
/// A span is a longest stretch of time in which a track of an agent had one value. For a unified
/// state, the value is its id, name and reason. Tracks and values have the format of agentfold's
/// intervals. Instants have 0, 3, 6 or 9 fraction digits, as few as possible. A span does not
/// include its `to`.
///
/// - A track has spans only if the simulated feed reports it, even if all its events are lost.
/// - The spans of a track cover the time from the start of the simulation to its end, without gaps
///   and without overlap. The spans of a work item, `work_item[ID]@C`, begin when it is first open
///   on the channel. If it is closed, its value has the reason for that, or null.
/// - The state of a channel is null from the deletion of the channel until the next event that
///   reports it.
/// - If a track changes more than once at one instant, the last change counts. No span is empty.
///
/// A line appears as soon as its span cannot change, so the spans of a track are in time order. The
/// order is otherwise not specified, but always the same for a seed.
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
    /// The open stretch of each track, without items that can no longer change.
    stretches: BTreeMap<Key, Stretch>,
    /// The number of stretches at which the stretches of ended items are removed.
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
                // A channel whose state never changed is still offline.
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

    /// Changes a track that has had its previous value since the start of the simulation.
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

    /// Ends the stretches of items that stay closed, so that memory does not grow with the number
    /// of items.
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
                if self.feed.reports(&effect.change) {
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
