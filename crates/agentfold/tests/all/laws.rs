//! The laws of the contract (`fold.md`), which hold for every stream of events.

use std::borrow::Cow;
use std::collections::BTreeSet;

use agentfold::event::Body;
use agentfold::history::Window;
use agentfold::{Agent, Applied, Counts, Event, Fold, Instant, Outcome, Track};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::adversary::{at, events, instant, streams};
use crate::damage::restored;

fn fold<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

/// Returns every agent that is named, including those of unknown event types.
fn agents(events: &[Event<'_>]) -> BTreeSet<Agent> {
    events.iter().filter_map(Event::agent).collect()
}

/// Gives the events before a cut unique ids, because the laws of merging and compaction exclude
/// conflicts there.
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

/// Returns the events of a part of the stream. The masks repeat; an event may be in several parts.
fn part<'e>(events: &'e [Event<'e>], masks: &[u8], part: usize) -> Vec<&'e Event<'e>> {
    let masked = events.iter().zip(masks.iter().cycle());
    masked.filter(|(_, mask)| **mask >> part & 1 == 1).map(|(event, _)| event).collect()
}

const PARTS: usize = 4;

/// Masks of the parts that an event is in, at least one.
fn masks() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1..1_u8 << PARTS, 1..64)
}

/// Merges folds in the order and nesting that the picks define.
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
    let mut absorbed = a.clone();
    absorbed.absorb(b.clone()).expect("equal options");
    assert_eq!(absorbed.save(), both.save());

    let (mut in_turns, mut rest) = (a.clone(), Fold::new());
    for agent in every_agent(b) {
        in_turns.merge_agents(b, &[agent]).expect("equal options");
    }
    b.cut().into_iter().for_each(|cut| rest.compact(cut));
    in_turns.absorb(rest).expect("equal options");
    assert_eq!(in_turns.save(), both.save());
    both
}

fn compact(fold: &mut Fold, cut: Instant) {
    let mut in_turns = fold.clone();
    in_turns.compact_agents(cut, &[]);
    for agent in every_agent(fold) {
        in_turns.compact_agents(cut, &[agent]);
    }
    fold.compact(cut);
    assert_eq!(in_turns.save(), fold.save());
}

/// All agents of which something is known, by account, then agent.
fn every_agent(fold: &Fold) -> BTreeSet<Agent> {
    fold.agents().chain(fold.unknown_agents()).collect()
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
    fn an_agent_alone_is_as_it_is_among_others(lines in streams()) {
        let mut fold = fold(&events(&lines));
        let agents = every_agent(&fold);
        let anomalies: Vec<_> = agents.iter().flat_map(|agent| fold.anomalies_of(*agent)).collect();
        prop_assert_eq!(fold.anomalies(), anomalies);
        for agent in agents {
            let alone = fold.snapshot_of(agent);
            prop_assert_eq!(every_agent(&alone), BTreeSet::from([agent]));
            prop_assert_eq!(alone.len(), usize::from(fold.contains(agent)));
            prop_assert_eq!(alone.save_agent(agent), fold.save_agent(agent));
            prop_assert_eq!(alone.cut(), fold.cut());
        }
    }

    #[test]
    fn parts_merge_in_any_way_to_the_whole(
        lines in streams(), masks in masks(), picks in prop::collection::vec(any::<Index>(), 1..8),
    ) {
        let events = events(&lines);
        let parts = (0..PARTS).map(|i| fold(part(&events, &masks, i))).collect();
        prop_assert_eq!(merged(parts, &picks).save(), fold(&events).save());
    }

    /// The events of one agent's work items are compacted in one place.
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
            let home = event.agent().map_or(0, |agent| agent.agent_id.get() as usize % PARTS);
            for (i, fold) in folds.iter_mut().enumerate() {
                if if is_of_item(event) { i == home } else { *mask >> i & 1 == 1 } {
                    fold.apply(event);
                }
            }
        }
        let mut whole = fold(&events);
        for fold in folds.iter_mut().chain([&mut whole]) {
            compact(fold, cut);
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
            cut.iter().for_each(|cut| fold.compact(*cut));
            fold
        }).collect();
        let [a, b, c] = &folds[..] else { panic!("three folds") };
        prop_assert_eq!(merge(a, b).save(), merge(b, a).save());
        prop_assert_eq!(merge(&merge(a, b), c).save(), merge(a, &merge(b, c)).save());
        prop_assert_eq!(merge(a, a).save(), a.save());
        prop_assert_eq!(merge(&merge(a, b), b).save(), merge(a, b).save());
        prop_assert_eq!(merge(a, &Fold::new()).save(), a.save());
        prop_assert_eq!(merge(&Fold::new(), a).save(), a.save());
        // What a merge drops is still accounted for.
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
        prop_assert!(compacted.agents().eq(whole.agents()));
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
        // A replay does not bring back what was compacted away.
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

    /// A host may store history in parts by time: the events of each part alone, and what the parts before it
    /// leave behind. A late event changes its own part only, and what later parts begin with.
    #[test]
    fn parts_by_time_make_the_whole_from_each_of_them_on(
        lines in streams(), cuts in prop::collection::vec(any::<Index>(), 1..5),
    ) {
        let mut events = events(&lines);
        let cuts: BTreeSet<Instant> = cuts.into_iter().map(|cut| instant(&events, cut)).collect();
        settle(&mut events, *cuts.last().expect("one or more"));
        let part = |of: Instant| {
            let begins = |event: &&Event<'_>| cuts.range(..=at(event).unwrap_or(Instant::MIN)).next_back().copied();
            restored(&fold(events.iter().filter(|event| begins(event).unwrap_or(Instant::MIN) == of)).save())
        };
        let mut base = Fold::new();
        for (from, to) in [Instant::MIN].iter().chain(&cuts).zip(&cuts) {
            base.absorb(part(*from)).expect("equal options");
            base.compact(*to);
            base = restored(&base.save());
            let mut joined = base.clone();
            for later in cuts.range(to..) {
                joined.absorb(part(*later)).expect("equal options");
            }
            // Nothing was compacted of an agent that only later parts name.
            joined.compact(*to);
            let mut whole = fold(&events);
            whole.compact(*to);
            prop_assert_eq!(joined.save(), whole.save());
        }
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
    fn a_snapshot_stays_as_it_was(lines in streams(), at in any::<Index>(), cut in any::<Index>()) {
        let events = events(&lines);
        let (before, after) = events.split_at(at.index(events.len() + 1));
        let cut = instant(&events, cut);
        let (mut whole, mut first) = (fold(before), fold(before));
        let mut snapshot = whole.snapshot();
        for event in after {
            whole.insert(event);
        }
        prop_assert_eq!(snapshot.save(), first.save());
        for changed in [&mut snapshot, &mut first] {
            changed.compact(cut);
        }
        prop_assert_eq!(snapshot.save(), first.save());
        prop_assert_eq!(whole.save(), fold(&events).save());
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
        // Restoring into a fold that is not empty is a merge.
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
        // Nothing is known of an agent that only events of unknown types without a version name.
        let saved = |agent| whole.save_agent(agent).map(|saved| (agent, saved));
        let by_agent: Vec<_> = agents(&events).into_iter().filter_map(saved).collect();
        prop_assert_eq!(whole.save_agents().collect::<Vec<_>>(), by_agent.clone());
        for (agent, saved) in by_agent {
            let alone = restored(&saved);
            prop_assert_eq!(alone.save_agent(agent), Some(saved.clone()));
            prop_assert_eq!(alone.state(agent), whole.state(agent));
            joined.restore(&saved).expect("what was saved");
        }
        // Only the cut of agents that are not known yet is not saved with an agent.
        joined.compact(cut);
        prop_assert_eq!(joined.save(), whole.save());
    }

    #[test]
    fn reading_many_events_is_applying_each(
        lines in streams(), compact in prop::option::of((any::<Index>(), any::<Index>())),
        chunk in 1..500_usize,
    ) {
        let events = events(&lines);
        let (when, cut) = compact.map_or((0, Instant::MIN), |(when, cut)| {
            (when.index(events.len() + 1), instant(&events, cut))
        });
        let [mut one_by_one, mut at_once, mut in_chunks] = [Fold::new(), Fold::new(), Fold::new()];
        for part in [0..when, when..events.len()] {
            let mut counts = Counts::default();
            for event in &events[part.clone()] {
                counts.add(&one_by_one.apply(event).outcome);
            }
            let text = lines[part].join("\n");
            let read = at_once.read(text.as_bytes(), |bad| panic!("{:?}", bad.issues));
            prop_assert_eq!(read, counts);
            prop_assert_eq!(read_in_chunks(&mut in_chunks, text.as_bytes(), chunk), counts);
            for fold in [&mut one_by_one, &mut at_once, &mut in_chunks] {
                fold.compact(cut);
            }
        }
        prop_assert_eq!(at_once.save(), one_by_one.save());
        prop_assert_eq!(in_chunks.save(), one_by_one.save());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 8))]

    #[test]
    fn an_item_of_many_events_is_where_the_last_ones_leave_it(
        told in prop::collection::vec((0..5_usize, 0..3_usize, 0..4_usize), 60..1400),
        keys in prop::collection::vec(any::<u32>(), 200),
    ) {
        let lines: Vec<String> = told.iter().enumerate().map(|(place, told)| of_long_item(place, *told)).collect();
        let all = events(&lines);
        let states = |fold: &Fold| fold.state(Agent::new(2, 7));
        let mut places: Vec<usize> = (0..all.len()).collect();
        places.sort_by_key(|place| keys[place % keys.len()].wrapping_mul(*place as u32 | 1));
        let mut shuffled = Fold::new();
        for (count, place) in (1..).zip(&places) {
            shuffled.apply(&all[*place]);
            if count % 97 == 0 {
                let so_far: BTreeSet<usize> = places[..count].iter().copied().collect();
                prop_assert_eq!(states(&shuffled), states(&fold(so_far.into_iter().map(|place| &all[place]))));
            }
        }
        let (ordered, reversed) = (fold(&all), fold(all.iter().rev()));
        prop_assert_eq!(states(&ordered), states(&shuffled));
        prop_assert!(ordered == shuffled && ordered == reversed);
        prop_assert_eq!(states(&ordered), states(&reversed));
    }
}

#[test]
fn a_long_item_that_was_removed_is_in_the_windows_of_its_events() {
    let told = (0..100).map(|place| of_long_item(place, (if place < 99 { 3 } else { 4 }, 0, 0)));
    let lines: Vec<String> = told.collect();
    let fold = fold(&events(&lines));
    let at = |second: i64| Instant::from_unix(1_767_603_600 + second, 0).expect("in range");
    let count = |from, to| {
        let window = Window { from: at(from), to: at(to), as_of: at(1000) };
        let intervals =
            fold.intervals(Agent::new(2, 7), None, &window).expect("no track").into_iter();
        intervals.filter(|told| matches!(told.track, Track::WorkItem { .. })).count()
    };
    assert_eq!(fold.state(Agent::new(2, 7)).expect("known").channels["support"].load, 0);
    assert_eq!((count(-10, 0), count(100, 200)), (0, 0));
    assert!(count(-10, 1) > 0 && count(50, 60) > 0 && count(99, 200) > 0);
}

/// An event of an item that has many: at its own second, or at that of an earlier one, with its id or another.
fn of_long_item(place: usize, (what, channel, tie): (usize, usize, usize)) -> String {
    let second = place - place % (1 + tie);
    let id = if tie == 3 { second } else { place };
    let at = Instant::from_unix(1_767_603_600 + second as i64, 0).expect("in range");
    let channel = ["support", "talk", "chat"][channel];
    let (kind, reason) = [
        ("added", "OFFERED"),
        ("added", "ASSIGNED"),
        ("updated", "CHANNEL_CHANGE"),
        ("updated", "ACCEPTED"),
        ("removed", "REMOVED"),
    ][what];
    format!(
        r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}", "event": {{"updated_at": "{at}",
            "work_item_id": "1", "channel": "{channel}", "reason": "{reason}"}},
            "type": "zen:event-type:agent.work_item_{kind}"}}"#
    )
}

/// Reads bytes in chunks of a size.
fn read_in_chunks(fold: &mut Fold, bytes: &[u8], chunk: usize) -> Counts {
    let (mut stream, mut counts) = (fold.stream(), Counts::default());
    for part in bytes.chunks(chunk) {
        stream.push(part);
        counts += fold.read_stream(&mut stream, |bad| panic!("{:?}", bad.issues));
    }
    stream.end();
    counts += fold.read_stream(&mut stream, |bad| panic!("{:?}", bad.issues));
    counts
}

fn is_of_item(event: &Event<'_>) -> bool {
    use Body::{WorkItemAdded, WorkItemRemoved, WorkItemUpdated};
    matches!(event, Event::Availability(event) if matches!(
        event.body,
        WorkItemAdded { .. } | WorkItemUpdated { .. } | WorkItemRemoved { .. }
    ))
}
