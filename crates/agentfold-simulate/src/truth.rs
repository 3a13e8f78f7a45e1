//! The truth beside the events: what every track was, and for how long.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::iter::FusedIterator;
use std::mem;

use crate::effect::{Capacity, Change, Channel, Effect, ItemReason, UnifiedState};
use crate::floor::Floor;
use crate::wire::Line;
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

/// A track of an agent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    account_id: u64,
    agent_id: u64,
    track: Track,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Track {
    UnifiedState,
    State(Channel),
    Access(Channel),
    MaxCapacity(Channel),
    Groups,
    ChatStatus,
    ChatEngagements,
    WorkItem(u64, Channel),
}

#[derive(Clone, PartialEq, Eq)]
enum Value {
    Unknown,
    Word(&'static str),
    Access(bool),
    /// A count, or no limit.
    Count(Option<u32>),
    Unified(UnifiedState),
    Groups(Vec<u64>),
    Item {
        reason: Option<&'static str>,
        open: bool,
    },
}

/// A track's value since an instant, and the one that it has had since a later instant, at which it
/// may change again and even back.
struct Stretch {
    from: u64,
    value: Value,
    next: Option<(u64, Value)>,
}

/// A stretch that has ended.
struct Span {
    from: u64,
    to: u64,
    value: Value,
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

impl Key {
    fn new(effect: &Effect, track: Track) -> Self {
        Self { account_id: effect.account_id, agent_id: effect.agent_id, track }
    }
}

impl Stretch {
    /// Gives the track another value, or the same again. Answers the span that is over for sure.
    fn change(&mut self, at: u64, new: Value) -> Option<Span> {
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
    fn end(&mut self, at: u64) -> impl Iterator<Item = Span> + use<> {
        let last = self.settle();
        let rest = Span { from: self.from, to: at, value: self.value.clone() };
        last.into_iter().chain((rest.from < at).then_some(rest))
    }

    fn is_of_open_item(&self) -> bool {
        let last = self.next.as_ref().map_or(&self.value, |(_, next)| next);
        matches!(last, Value::Item { open: true, .. })
    }
}

impl Span {
    fn line(&self, key: &Key) -> String {
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

impl Track {
    fn write(self, line: &mut Line) {
        match self {
            Self::UnifiedState => line.text("unified_state"),
            Self::State(channel) => line.text("state[").text(channel.word()).text("]"),
            Self::Access(channel) => line.text("access[").text(channel.word()).text("]"),
            Self::MaxCapacity(channel) => line.text("max_capacity[").text(channel.word()).text("]"),
            Self::Groups => line.text("groups"),
            Self::ChatStatus => line.text("chat_status"),
            Self::ChatEngagements => line.text("chat_engagements"),
            Self::WorkItem(item, channel) => {
                line.text("work_item[").number(item).text("]@").text(channel.word())
            }
        };
    }
}

impl Value {
    fn write(&self, line: &mut Line) {
        match self {
            Self::Unknown => line.text("null"),
            Self::Word(word) => line.text("\"").text(word).text("\""),
            Self::Access(access) => line.text(if *access { "true" } else { "false" }),
            Self::Count(count) => line.limit(*count),
            Self::Unified(state) => line.unified_state(state),
            Self::Groups(groups) => line.ids(groups),
            Self::Item { reason, open } => {
                match reason {
                    Some(reason) => line.text("{\"reason\":\"").text(reason).text("\""),
                    None => line.text("{\"reason\":null"),
                };
                line.text(if *open { ",\"open\":true}" } else { ",\"open\":false}" })
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::{Account, Activity};
    use crate::effect::{ChannelState, RemovalReason, StateReason};
    use crate::instant::SECOND;
    use crate::random::{Random, Stream};

    /// What spans say of an agent whose changes are these, at seconds after 1970, as far as it
    /// differs from line to line.
    fn spans(changes: impl IntoIterator<Item = (u64, Change)>) -> Vec<String> {
        let floor = Simulation { agents: 0, hours: 1, start: 0, ..Simulation::default() };
        let mut truth = Truth::new(&floor);
        for (seconds, change) in changes {
            truth.learn(&Effect {
                at: seconds * SECOND,
                account_id: 2,
                agent_id: 10_011,
                version: 1,
                change,
            });
        }
        let brief = |line: String| {
            let line = line.replace("1970-01-01T", "");
            line.strip_prefix(r#"{"account_id":"2","agent_id":"10011","track":"#)
                .expect("spans begin with their agent")
                .to_owned()
        };
        truth.map(brief).collect()
    }

    fn state(previous: ChannelState, new: ChannelState) -> Change {
        Change::State { channel: Channel::Talk, previous, new }
    }

    fn added(item: u64, channel: Channel) -> Change {
        Change::ItemAdded { item, channel, reason: ItemReason::Assigned }
    }

    fn removed(item: u64, channel: Channel, reason: Option<RemovalReason>) -> Change {
        Change::ItemRemoved { item, channel, reason }
    }

    #[test]
    fn a_track_has_had_its_previous_value_since_the_start_and_keeps_the_last_one_to_the_end() {
        use ChannelState::{Away, Offline, Online};
        assert_eq!(
            spans([(60, state(Offline, Online)), (90, state(Online, Away))]),
            [
                r#""state[talk]","from":"00:00:00Z","to":"00:01:00Z","value":"offline"}"#,
                r#""state[talk]","from":"00:01:00Z","to":"00:01:30Z","value":"online"}"#,
                r#""state[talk]","from":"00:01:30Z","to":"01:00:00Z","value":"away"}"#,
            ]
        );
    }

    #[test]
    fn a_value_told_again_and_one_left_and_taken_again_in_an_instant_end_no_span() {
        use ChannelState::{Away, Offline, Online};
        let changes = [
            (60, state(Offline, Online)),
            (70, state(Online, Online)),
            (80, state(Online, Away)),
            (80, state(Away, Online)),
        ];
        assert_eq!(
            spans(changes)[1..],
            [r#""state[talk]","from":"00:01:00Z","to":"01:00:00Z","value":"online"}"#]
        );
    }

    #[test]
    fn the_last_change_of_an_instant_counts_even_at_the_start() {
        use ChannelState::{Away, Offline, Online};
        assert_eq!(
            spans([(0, state(Offline, Online)), (0, state(Online, Away))]),
            [r#""state[talk]","from":"00:00:00Z","to":"01:00:00Z","value":"away"}"#]
        );
    }

    #[test]
    fn a_deleted_channel_has_no_state_until_it_is_told_anew() {
        use ChannelState::{Offline, Online};
        let changes = [
            (5, Change::ChannelCreated(Channel::Talk)),
            (10, state(Offline, Online)),
            (20, Change::ChannelDeleted(Channel::Talk)),
            (30, Change::ChannelCreated(Channel::Talk)),
            (40, state(Offline, Online)),
        ];
        let mut spans = spans(changes);
        spans.sort_unstable();
        assert_eq!(
            spans,
            [
                r#""access[talk]","from":"00:00:00Z","to":"00:00:05Z","value":false}"#,
                r#""access[talk]","from":"00:00:05Z","to":"00:00:20Z","value":true}"#,
                r#""access[talk]","from":"00:00:20Z","to":"00:00:30Z","value":false}"#,
                r#""access[talk]","from":"00:00:30Z","to":"01:00:00Z","value":true}"#,
                r#""state[talk]","from":"00:00:00Z","to":"00:00:10Z","value":"offline"}"#,
                r#""state[talk]","from":"00:00:10Z","to":"00:00:20Z","value":"online"}"#,
                r#""state[talk]","from":"00:00:20Z","to":"00:00:40Z","value":null}"#,
                r#""state[talk]","from":"00:00:40Z","to":"01:00:00Z","value":"online"}"#,
            ]
        );
    }

    #[test]
    fn an_item_has_no_span_before_it_is_open_and_is_closed_until_it_comes_back() {
        let changes = [
            (10, added(7, Channel::Support)),
            (20, removed(7, Channel::Support, None)),
            (30, added(7, Channel::Support)),
            (40, removed(7, Channel::Support, Some(RemovalReason::Solved))),
        ];
        assert_eq!(
            spans(changes),
            [
                r#""work_item[7]@support","from":"00:00:10Z","to":"00:00:20Z","value":{"reason":"ASSIGNED","open":true}}"#,
                r#""work_item[7]@support","from":"00:00:20Z","to":"00:00:30Z","value":{"reason":null,"open":false}}"#,
                r#""work_item[7]@support","from":"00:00:30Z","to":"00:00:40Z","value":{"reason":"ASSIGNED","open":true}}"#,
                r#""work_item[7]@support","from":"00:00:40Z","to":"01:00:00Z","value":{"reason":"WORK_ITEM_SOLVED","open":false}}"#,
            ]
        );
    }

    #[test]
    fn an_item_that_moves_is_closed_where_it_was_open_and_nowhere_else() {
        let moved = Change::ItemUpdated {
            item: 7,
            channel: Channel::Support,
            previous: ItemReason::Assigned,
            reason: ItemReason::ChannelChange,
        };
        let changes = [
            (10, added(7, Channel::Talk)),
            (20, removed(7, Channel::Talk, None)),
            (30, added(7, Channel::Messaging)),
            (40, moved),
        ];
        let mut spans = spans(changes);
        spans.sort_unstable();
        assert_eq!(
            spans,
            [
                r#""work_item[7]@messaging","from":"00:00:30Z","to":"00:00:40Z","value":{"reason":"ASSIGNED","open":true}}"#,
                r#""work_item[7]@messaging","from":"00:00:40Z","to":"01:00:00Z","value":{"reason":"CHANNEL_CHANGE","open":false}}"#,
                r#""work_item[7]@support","from":"00:00:40Z","to":"01:00:00Z","value":{"reason":"CHANNEL_CHANGE","open":true}}"#,
                r#""work_item[7]@talk","from":"00:00:10Z","to":"00:00:20Z","value":{"reason":"ASSIGNED","open":true}}"#,
                r#""work_item[7]@talk","from":"00:00:20Z","to":"01:00:00Z","value":{"reason":null,"open":false}}"#,
            ]
        );
    }

    #[test]
    fn what_lasts_no_time_has_no_span() {
        let changes = [(10, added(7, Channel::Talk)), (10, removed(7, Channel::Talk, None))];
        assert_eq!(
            spans(changes),
            [
                r#""work_item[7]@talk","from":"00:00:10Z","to":"01:00:00Z","value":{"reason":null,"open":false}}"#
            ]
        );
    }

    #[test]
    fn a_unified_state_of_another_reason_is_another_value() {
        let account = Account::draw(0, &mut Random::new(0, Stream::Floor));
        let away = |reason| account.state(Activity::Away, reason);
        let (idle, api) = (away(StateReason::IdleTimeout), away(StateReason::PublicApi));
        let previous = account.state(Activity::Offline, StateReason::Unknown);
        let changes = [
            (10, Change::Unified { previous, new: idle }),
            (20, Change::Unified { previous: idle, new: api }),
            (30, Change::Unified { previous: api, new: api }),
        ];
        assert_eq!(
            spans(changes),
            [
                r#""unified_state","from":"00:00:00Z","to":"00:00:10Z","value":{"id":"2","name":"offline","reason":"UNKNOWN"}}"#,
                r#""unified_state","from":"00:00:10Z","to":"00:00:20Z","value":{"id":"4","name":"away","reason":"AGENT_IDLE_TIMEOUT"}}"#,
                r#""unified_state","from":"00:00:20Z","to":"01:00:00Z","value":{"id":"4","name":"away","reason":"PUBLIC_API"}}"#,
            ]
        );
    }

    #[test]
    fn capacities_are_numbers_or_null_and_groups_are_texts() {
        let capacity = |previous, current| Some(Capacity { current, previous });
        let changes = [
            (10, Change::MaxCapacity([capacity(None, Some(1)), None, capacity(Some(3), None)])),
            (20, Change::Groups { previous: vec![], new: vec![9, 10] }),
        ];
        let mut spans = spans(changes);
        spans.sort_unstable();
        assert_eq!(
            spans,
            [
                r#""groups","from":"00:00:00Z","to":"00:00:20Z","value":[]}"#,
                r#""groups","from":"00:00:20Z","to":"01:00:00Z","value":["9","10"]}"#,
                r#""max_capacity[messaging]","from":"00:00:00Z","to":"00:00:10Z","value":3}"#,
                r#""max_capacity[messaging]","from":"00:00:10Z","to":"01:00:00Z","value":null}"#,
                r#""max_capacity[talk]","from":"00:00:00Z","to":"00:00:10Z","value":null}"#,
                r#""max_capacity[talk]","from":"00:00:10Z","to":"01:00:00Z","value":1}"#,
            ]
        );
    }

    #[test]
    fn memory_grows_with_agents_and_not_with_hours() {
        let most = |hours| {
            let simulation = Simulation { agents: 60, hours, ..Simulation::default() };
            let mut truth = Truth::new(&simulation);
            let mut most = 0;
            while truth.next().is_some() {
                most = most.max(truth.stretches.len() + truth.ended.len());
            }
            most
        };
        let few_days = most(24 * 5);
        assert!(few_days > FEW_TRACKS);
        assert!(most(24 * 60) < 2 * few_days);
    }
}
