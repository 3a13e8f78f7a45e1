//! The laws of the contract (`fold.md`) that hold for every stream of events.

mod adversary;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use agentfold::{
    Agent, AgentState, Applied, Body, ChatField, Counts, Event, Fold, Instant, InstantFrom,
    Options, Outcome,
};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use self::adversary::streams;

fn events(lines: &[String]) -> Vec<Event<'_>> {
    lines.iter().map(|line| Event::parse(line.as_bytes()).expect("streams are good")).collect()
}

fn fold<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

/// An instant of the stream, or of its beginning.
fn instant(events: &[Event<'_>], index: Index) -> Instant {
    let instants: BTreeSet<Instant> = events.iter().filter_map(at).collect();
    let instants: Vec<Instant> = instants.into_iter().collect();
    if instants.is_empty() { Instant::MIN } else { *index.get(&instants) }
}

fn at(event: &Event<'_>) -> Option<Instant> {
    event.at(InstantFrom::UpdatedAt).expect("streams can be dated")
}

/// Every agent that is named, those of unknown types too.
fn agents(events: &[Event<'_>]) -> BTreeSet<Agent> {
    events.iter().filter_map(Event::agent).collect()
}

/// Gives the events before a cut ids of their own: the laws of merging and compaction exclude
/// conflicts from there.
fn settle(events: &mut [Event<'_>], cut: Instant) {
    for (i, event) in events.iter_mut().enumerate() {
        if at(event).is_some_and(|at| at < cut) {
            match event {
                Event::Availability(event) => event.id = Cow::Owned(i.to_string()),
                Event::Chat(event) => event.id = Cow::Owned(i.to_string()),
                Event::Unknown(_) => {}
            }
        }
    }
}

/// The events that a part of the stream has, by masks that go round; an event may be in many.
fn part<'e>(events: &'e [Event<'e>], masks: &[u8], part: usize) -> Vec<&'e Event<'e>> {
    let masked = events.iter().zip(masks.iter().cycle());
    masked.filter(|(_, mask)| **mask >> part & 1 == 1).map(|(event, _)| event).collect()
}

const PARTS: usize = 4;

/// Which parts an event is in: at least one.
fn masks() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1..1_u8 << PARTS, 1..64)
}

/// Merges folds in the order and the nesting that the picks say.
fn merged(mut folds: Vec<Fold>, picks: &[Index]) -> Fold {
    let mut picks = picks.iter().cycle();
    while folds.len() > 1
        && let (Some(from), Some(into)) = (picks.next(), picks.next())
    {
        let other = folds.swap_remove(from.index(folds.len()));
        let into = into.index(folds.len());
        folds[into].merge(&other).expect("equal options");
    }
    folds.pop().unwrap_or_default()
}

fn merge(a: &Fold, b: &Fold) -> Fold {
    let mut both = a.clone();
    both.merge(b).expect("equal options");
    both
}

proptest! {
    #[test]
    fn events_applied_again_change_nothing(lines in streams(), cut in prop::option::of(any::<Index>())) {
        let events = events(&lines);
        let mut fold = fold(&events);
        if let Some(cut) = cut {
            fold.compact(instant(&events, cut));
        }
        let saved = fold.save();
        for event in &events {
            let Applied { outcome, changes } = fold.apply(event);
            let known = matches!(outcome, Outcome::Duplicate | Outcome::Ignored | Outcome::Expired);
            prop_assert!(known && changes.is_empty(), "{outcome:?} {event:?}");
        }
        prop_assert_eq!(fold.save(), saved);
    }

    #[test]
    fn events_may_come_in_any_order(lines in streams(), keys in prop::collection::vec(any::<u32>(), 1..200)) {
        let events = events(&lines);
        let mut shuffled: Vec<(u32, &Event<'_>)> = keys.iter().cycle().copied().zip(&events).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let (once, again) = (fold(&events), fold(shuffled.into_iter().map(|(_, event)| event)));
        prop_assert_eq!(once.save(), again.save());
        prop_assert_eq!(once.anomalies(), again.anomalies());
    }

    #[test]
    fn parts_merge_in_any_way_to_the_whole(
        lines in streams(), masks in masks(), picks in prop::collection::vec(any::<Index>(), 1..8),
    ) {
        let events = events(&lines);
        let parts = (0..PARTS).map(|i| fold(part(&events, &masks, i))).collect();
        prop_assert_eq!(merged(parts, &picks).save(), fold(&events).save());
    }

    /// Of work items, one agent's events are compacted in one place.
    #[test]
    fn parts_compacted_equally_merge_to_the_whole_compacted(
        lines in streams(), masks in masks(), picks in prop::collection::vec(any::<Index>(), 1..8),
        cut in any::<Index>(),
    ) {
        let mut events = events(&lines);
        let cut = instant(&events, cut);
        settle(&mut events, cut);
        let mut folds = vec![Fold::new(); PARTS];
        for (event, mask) in events.iter().zip(masks.iter().cycle()) {
            let home = event.agent().map_or(0, |agent| agent.agent_id as usize % PARTS);
            for (i, fold) in folds.iter_mut().enumerate() {
                if if is_of_item(event) { i == home } else { *mask >> i & 1 == 1 } {
                    fold.apply(event);
                }
            }
        }
        let mut whole = fold(&events);
        for fold in folds.iter_mut().chain([&mut whole]) {
            fold.compact(cut);
        }
        prop_assert_eq!(merged(folds, &picks).save(), whole.save());
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent_and_nothing_is_neutral(
        lines in streams(), masks in masks(), cuts in prop::collection::vec(prop::option::of(any::<Index>()), 3),
    ) {
        let mut events = events(&lines);
        let cuts: Vec<Option<Instant>> =
            cuts.into_iter().map(|cut| cut.map(|cut| instant(&events, cut))).collect();
        settle(&mut events, cuts.iter().flatten().copied().max().unwrap_or(Instant::MIN));
        let folds: Vec<Fold> = cuts.iter().enumerate().map(|(i, cut)| {
            let mut fold = fold(part(&events, &masks, i));
            cut.into_iter().for_each(|cut| fold.compact(*cut));
            fold
        }).collect();
        let [a, b, c] = &folds[..] else { panic!("three folds") };
        prop_assert_eq!(merge(a, b).save(), merge(b, a).save());
        prop_assert_eq!(merge(&merge(a, b), c).save(), merge(a, &merge(b, c)).save());
        prop_assert_eq!(merge(a, a).save(), a.save());
        prop_assert_eq!(merge(&merge(a, b), b).save(), merge(a, b).save());
        prop_assert_eq!(merge(a, &Fold::new()).save(), a.save());
        prop_assert_eq!(merge(&Fold::new(), a).save(), a.save());
        // What a merge drops still counts.
        let both = merge(a, b);
        for agent in both.agents() {
            prop_assert_eq!(restored(&both.save()).state(agent), both.state(agent));
        }
    }

    #[test]
    fn compaction_leaves_states_as_they_were(lines in streams(), cut in any::<Index>(), earlier in any::<Index>()) {
        let events = events(&lines);
        let (cut, earlier) = (instant(&events, cut), instant(&events, earlier));
        let whole = fold(&events);
        let mut compacted = whole.clone();
        compacted.compact(cut);
        prop_assert_eq!(compacted.agents(), whole.agents());
        for agent in whole.agents() {
            prop_assert_eq!(compacted.state(agent), whole.state(agent));
            for at in events.iter().filter_map(at).chain([cut, Instant::MIN, Instant::MAX]) {
                match compacted.state_at(agent, at) {
                    Ok(state) => prop_assert_eq!(Ok(state), whole.state_at(agent, at)),
                    Err(error) => prop_assert_eq!((error.code(), at < cut), ("before_cut", true)),
                }
                prop_assert_eq!(compacted.state_at(agent, at).is_ok(), at >= cut);
            }
        }
        // What was forgotten does not come back with a replay.
        prop_assert_eq!(merge(&whole, &compacted).save(), compacted.save());
        prop_assert_eq!(merge(&compacted, &whole).save(), compacted.save());
        let mut in_steps = whole.clone();
        in_steps.compact(earlier.min(cut));
        in_steps.compact(cut);
        in_steps.compact(earlier.min(cut));
        prop_assert_eq!(in_steps.save(), compacted.save());
    }

    #[test]
    fn events_after_a_cut_may_come_after_the_compaction(lines in streams(), cut in any::<Index>()) {
        let events = events(&lines);
        let cut = instant(&events, cut);
        let (before, after): (Vec<_>, Vec<_>) =
            events.iter().partition(|event| at(event).is_some_and(|at| at < cut));
        let mut late = fold(before);
        late.compact(cut);
        for event in after {
            prop_assert_ne!(late.apply(event).outcome, Outcome::Expired);
        }
        let mut whole = fold(&events);
        whole.compact(cut);
        prop_assert_eq!(late.save(), whole.save());
    }

    #[test]
    fn the_state_at_an_instant_is_that_of_the_events_until_then(lines in streams(), until in any::<Index>()) {
        let events = events(&lines);
        let whole = fold(&events);
        let until = instant(&events, until);
        let part = fold(events.iter().filter(|event| at(event).is_none_or(|at| at <= until)));
        for agent in agents(&events) {
            prop_assert_eq!(whole.state_at(agent, until), Ok(part.state(agent)));
            let Some(state) = whole.state(agent) else { continue };
            prop_assert_eq!(whole.state_at(agent, state.last_event_at), Ok(Some(state)));
        }
    }

    #[test]
    fn what_was_saved_is_restored(
        lines in streams(), masks in masks(), cut in prop::option::of(any::<Index>()),
    ) {
        let events = events(&lines);
        let mut whole = fold(&events);
        let cut = cut.map_or(Instant::MIN, |cut| instant(&events, cut));
        whole.compact(cut);
        let restored = restored(&whole.save());
        prop_assert_eq!(restored.save(), whole.save());
        prop_assert_eq!(restored.anomalies(), whole.anomalies());
        for agent in whole.agents() {
            prop_assert_eq!(restored.state(agent), whole.state(agent));
        }
        // Into a fold that knows something, it is a merge.
        let other = fold(part(&events, &masks, 0));
        let mut joined = other.clone();
        joined.restore(&whole.save()).expect("what was saved");
        prop_assert_eq!(joined.save(), merge(&other, &whole).save());
    }

    #[test]
    fn agents_saved_one_by_one_make_the_whole(lines in streams(), cut in prop::option::of(any::<Index>())) {
        let events = events(&lines);
        let mut whole = fold(&events);
        let cut = cut.map_or(Instant::MIN, |cut| instant(&events, cut));
        whole.compact(cut);
        let mut joined = Fold::new();
        for agent in agents(&events) {
            // Nothing is known of an agent that only versionless events of unknown types name.
            let Some(saved) = whole.save_agent(agent) else { continue };
            let alone = restored(&saved);
            prop_assert_eq!(alone.save_agent(agent), Some(saved.clone()));
            prop_assert_eq!(alone.state(agent), whole.state(agent));
            joined.restore(&saved).expect("what was saved");
        }
        // Only the cut of agents not yet known is not an agent's.
        joined.compact(cut);
        prop_assert_eq!(joined.save(), whole.save());
    }

    #[test]
    fn changes_are_the_difference_that_an_event_makes(
        lines in streams(), compact in prop::option::of((any::<Index>(), any::<Index>())),
    ) {
        let events = events(&lines);
        let mut latest = Latest::default();
        let mut fold = Fold::new();
        for (i, event) in events.iter().enumerate() {
            if let Some((when, cut)) = compact && when.index(events.len()) == i {
                fold.compact(instant(&events, cut));
            }
            let Some(agent) = event.agent() else { continue };
            let (before, saved) = (fold.state(agent), fold.save());
            let Applied { outcome, changes } = fold.apply(event);
            let (after, saved_after) = (fold.state(agent), fold.save());

            let mut known = facts(before.as_ref());
            let mut tracks = BTreeSet::new();
            for change in &changes {
                prop_assert_eq!((change.account_id, change.agent_id), (agent.account_id, agent.agent_id));
                prop_assert_eq!(Some(change.at), at(event));
                prop_assert!(tracks.insert(&change.track), "{} twice", change.track);
                prop_assert_ne!(&change.from, &change.to);
                let was = match told(&change.track, &change.to) {
                    Some(to) => known.insert(change.track.clone(), to.clone()),
                    None => known.remove(&change.track),
                };
                prop_assert_eq!(was.as_ref(), told(&change.track, &change.from), "{:?}", change);
            }
            prop_assert_eq!(known, facts(after.as_ref()));

            match &outcome {
                Outcome::Unreadable(issues) => prop_assert!(false, "{:?}", issues),
                Outcome::Ignored | Outcome::Expired => prop_assert_eq!(before, after),
                Outcome::Duplicate => prop_assert_eq!((before, saved), (after, saved_after)),
                Outcome::Applied | Outcome::Late => {
                    prop_assert_ne!(saved, saved_after);
                    let (newest, tied) = latest.add(agent, event);
                    if before != after || newest {
                        prop_assert_eq!(outcome, Outcome::Applied);
                    } else if !tied {
                        prop_assert_eq!(outcome, Outcome::Late);
                    }
                }
            }
        }
    }

    #[test]
    fn reading_many_events_is_applying_each(lines in streams()) {
        let mut one_by_one = Fold::new();
        let mut counts = Counts::default();
        for event in events(&lines) {
            counts.add(&one_by_one.apply(&event).outcome);
        }
        let mut at_once = Fold::new();
        let read = at_once.read(lines.join("\n").as_bytes(), |bad| panic!("{:?}", bad.issues));
        prop_assert_eq!(read, counts);
        prop_assert_eq!(at_once.save(), one_by_one.save());
    }
}

fn restored(saved: &[u8]) -> Fold {
    let mut fold = Fold::new();
    fold.restore(saved).expect("what was saved");
    fold
}

fn is_of_item(event: &Event<'_>) -> bool {
    use Body::{WorkItemAdded, WorkItemRemoved, WorkItemUpdated};
    matches!(event, Event::Availability(event) if matches!(
        event.body,
        WorkItemAdded { .. } | WorkItemUpdated { .. } | WorkItemRemoved { .. }
    ))
}

/// A state as the flat list of what changes can tell of it: each value under its track, in the
/// form of [`agentfold::Change`]. What is not [`told`] is left out, and so are `version` and
/// `last_event_at`, which most events raise, and `load` and `spare`, which follow from the items
/// and the capacity.
fn facts(state: Option<&AgentState>) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    let mut add = |track: String, value: Value| {
        if told(&track, &value).is_some() {
            facts.insert(track, value);
        }
    };
    let Some(state) = state else {
        return facts;
    };
    if let Some(unified) = &state.unified_state {
        let value = json!({ "id": unified.id, "name": unified.name, "reason": unified.reason });
        add("unified_state".to_owned(), value);
        add("unified_state.since".to_owned(), json!(unified.since));
    }
    add("groups".to_owned(), json!(state.group_ids));
    if let Some(chat) = &state.chat {
        add("chat_status".to_owned(), json!(chat.status));
        add("chat_status.since".to_owned(), json!(chat.since));
        add("chat_engagements".to_owned(), json!(chat.engagements));
    }
    for (name, channel) in &state.channels {
        add(format!("channel[{name}]"), json!(true));
        add(format!("access[{name}]"), json!(channel.access));
        add(format!("state[{name}]"), json!(channel.state));
        add(format!("state[{name}].since"), json!(channel.since));
        add(format!("max_capacity[{name}]"), json!(channel.max_capacity));
        add(format!("accepting[{name}]"), json!(channel.accepting));
        for item in &channel.work_items {
            let track = format!("work_item[{}]@{name}", item.id);
            add(format!("{track}.opened_at"), json!(item.opened_at));
            add(format!("{track}.since"), json!(item.since));
            add(track, json!({ "reason": item.reason, "open": true }));
        }
    }
    facts
}

/// The value, unless it stands for none: null, or false for a channel that was not named.
fn told<'v>(track: &str, value: &'v Value) -> Option<&'v Value> {
    let unnamed = track.starts_with("channel[") && *value == json!(false);
    (!value.is_null() && !unnamed).then_some(value)
}

/// The greatest stamp of each track, kept apart from the fold to tell its outcomes by.
#[derive(Default)]
struct Latest(BTreeMap<(Agent, String), Stamp>);

/// Instant, version, kind and id of an event.
type Stamp = (Instant, u64, u8, String);

impl Latest {
    /// Adds an event; tells whether it is the newest on a track, and whether it has the stamp of
    /// the newest.
    fn add(&mut self, agent: Agent, event: &Event<'_>) -> (bool, bool) {
        let (mut newest, mut tied) = (false, false);
        let (stamp, tracks) = stamped(event).expect("an accepted event has tracks");
        for track in tracks {
            let last = self.0.entry((agent, track)).or_insert((Instant::MIN, 0, 0, String::new()));
            newest |= stamp > *last;
            tied |= stamp == *last;
            *last = stamp.clone().max(last.clone());
        }
        (newest, tied)
    }
}

/// An event's stamp and tracks, by the contract's table.
fn stamped(event: &Event<'_>) -> Option<(Stamp, Vec<String>)> {
    let (at, id, version) = match event {
        Event::Availability(event) => (event.updated_at, &event.id, event.detail.version),
        Event::Chat(event) => (event.timestamp, &event.id, None),
        Event::Unknown(_) => return None,
    };
    let one = |kind, track: String| (kind, vec![track]);
    let (kind, tracks) = match event {
        Event::Availability(event) => match &event.body {
            Body::StateChanged { channel, .. } => one(0, format!("state[{channel}]")),
            Body::WorkItemAdded { work_item_id, .. } => {
                one(1, format!("work_item[{work_item_id}]"))
            }
            Body::WorkItemUpdated { work_item_id, .. } => {
                one(2, format!("work_item[{work_item_id}]"))
            }
            Body::WorkItemRemoved { work_item_id, .. } => {
                one(3, format!("work_item[{work_item_id}]"))
            }
            Body::MaxCapacityChanged { max_capacity } => {
                (4, max_capacity.iter().map(|c| format!("max_capacity[{}]", c.channel)).collect())
            }
            Body::UnifiedStateChanged { .. } => one(5, "unified_state".to_owned()),
            Body::ChannelCreated { channel } => one(6, format!("access[{channel}]")),
            Body::ChannelDeleted { channel } => {
                (7, vec![format!("access[{channel}]"), format!("state[{channel}]")])
            }
            Body::GroupsUpdated { .. } => one(8, "groups".to_owned()),
            _ => return None,
        },
        Event::Chat(event) => match event.field {
            ChatField::Status { .. } => one(9, "chat_status".to_owned()),
            ChatField::Engagements { .. } => one(10, "chat_engagements".to_owned()),
            _ => return None,
        },
        Event::Unknown(_) => return None,
    };
    Some(((at, version.unwrap_or(0), kind, id.to_string()), tracks))
}

/// A fold of a few events, saved.
fn small() -> Vec<u8> {
    let sample = include_str!("../../../tests/vectors/documents/availability.ndjson");
    let mut fold = Fold::new();
    let counts = fold.read(sample.as_bytes(), |bad| panic!("{:?}", bad.issues));
    assert_eq!(counts.applied, counts.total());
    fold.compact("2023-04-01T00:00:00Z".parse().expect("an instant"));
    fold.save()
}

/// Restores damaged bytes into a fold that knows something; answers the error's code.
fn refused(fold: &mut Fold, bytes: &[u8]) -> &'static str {
    let before = fold.save();
    let error = fold.restore(bytes).expect_err("damaged");
    assert_eq!(fold.save(), before);
    error.code()
}

/// How saved bytes begin, before the version.
const MAGIC: usize = b"agentfold".len();

#[test]
fn a_save_with_any_byte_changed_is_refused() {
    let saved = small();
    let mut fold = restored(&saved);
    for at in 0..saved.len() {
        for flip in (0..8).map(|bit| 1 << bit).chain([0xff]) {
            let mut damaged = saved.clone();
            damaged[at] ^= flip;
            let code = match at {
                _ if at < MAGIC => "not_saved",
                MAGIC if damaged[at] > saved[at] => "newer_version",
                _ => "damaged",
            };
            assert_eq!(refused(&mut fold, &damaged), code, "byte {at} flipped by {flip:#x}");
        }
    }
}

#[test]
fn a_save_that_breaks_off_or_goes_on_is_refused() {
    let saved = small();
    let mut fold = restored(&saved);
    for end in 0..saved.len() {
        let code = if end < MAGIC { "not_saved" } else { "damaged" };
        assert_eq!(refused(&mut fold, &saved[..end]), code, "{end} bytes");
    }
    assert_eq!(refused(&mut fold, &[&saved[..], b"\0"].concat()), "damaged");
}

#[test]
fn a_save_of_a_newer_version_is_refused_as_such() {
    let mut saved = small();
    let mut fold = restored(&saved);
    let end = saved.len() - 4;
    saved[MAGIC] += 1;
    let sum = crc32fast::hash(&saved[..end]);
    saved[end..].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(refused(&mut fold, &saved), "newer_version");
    assert_eq!(refused(&mut fold, &saved[..=MAGIC]), "newer_version");
}

#[test]
fn folds_that_date_events_by_different_fields_do_not_merge() {
    let mut fold = restored(&small());
    let before = fold.save();
    let options = Options { instant: InstantFrom::Time, ..Options::default() };
    let other = Fold::with_options(&options);
    assert_eq!(refused(&mut fold, &other.save()), "different_options");
    assert_eq!(fold.merge(&other).map_err(|error| error.code()), Err("different_options"));
    assert_eq!(fold.save(), before);
}
