//! A REST record and events give the same fold in any order.

use std::collections::BTreeMap;

use agentfold::history::Window;
use agentfold::rest::{Differs, Page, TimelineRow};
use agentfold::{Agent, Applied, Event, Fold, Id, Instant, Outcome, TrackValue};
use agentfold_simulate::{Feed, Simulation};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::adversary::{at, events, instant, streams};
use crate::changes::are_the_difference;
use crate::damage::restored;

/// Returns a page of an agent that also occurs in the streams, dated among their events. It lists three
/// items, or the first of them.
fn pages() -> impl Strategy<Value = Value> {
    let told = (select(vec![7, 8]), 0..9, when(), select(vec!["online", "away"]));
    (told, on("support", vec![0, 0b001, 0b011, 0b111])).prop_map(
        |((agent, version, at, state), on)| {
            let on = On { is_told: true, reason: "ASSIGNED", ..on };
            let told = json!({
                "agent_id": agent, "version": version, "group_ids": [2, 1], "skills": [{"id": 1}],
                "agent_status": {"id": 3, "name": state, "reason": "UNKNOWN", "updated_at": at},
            });
            page_of(told, &[on])
        },
    )
}

/// Returns a page that may list any items on two channels, and says nothing else of the agent.
fn pages_of_channels() -> impl Strategy<Value = Value> {
    let channels = ["support", "chat"].map(|name| on(name, (0..8).collect()));
    let told = (select(vec![7, 8]), prop::option::of(0..9_u64), 0..3_usize);
    (told, channels).prop_map(|((agent, version, first), channels)| {
        page_of(json!({"agent_id": agent, "version": version}), &channels[first / 2..2 - first % 2])
    })
}

fn any_pages() -> impl Strategy<Value = Value> {
    prop_oneof![pages(), pages_of_channels()]
}

/// What a page says of a channel.
#[derive(Debug, Clone)]
struct On {
    name: &'static str,
    /// Whether it says more than which items are open.
    is_told: bool,
    max: Option<u64>,
    at: String,
    /// Bits of the items that it lists.
    listed: u8,
    added_at: String,
    reason: &'static str,
    has_more: bool,
}

fn on(name: &'static str, listed: Vec<u8>) -> impl Strategy<Value = On> {
    let state = (any::<bool>(), prop::option::of(0..4_u64), when());
    let items = (select(listed), when(), select(vec!["ASSIGNED", "CHANNEL_CHANGE"]), any::<bool>());
    (state, items).prop_map(move |((is_told, max, at), (listed, added_at, reason, has_more))| On {
        name,
        is_told,
        max,
        at,
        listed,
        added_at,
        reason,
        has_more,
    })
}

/// The page of a record with these attributes and channels.
fn page_of(told: Value, channels: &[On]) -> Value {
    let id = format!("agent_availabilities|{}", told["agent_id"]);
    let (mut of, mut included) = (Vec::new(), Vec::new());
    for on in channels {
        let channel = format!("{id}|channels|{}", on.name);
        let items = ["1", "02", "77"].map(|item| format!("{channel}|work_items|{item}"));
        let listed = items.iter().enumerate().filter(|(i, _)| on.listed >> i & 1 == 1);
        let ids: Vec<Value> =
            listed.map(|(_, id)| json!({"type": "work_items", "id": id})).collect();
        of.push(json!({"type": "channels", "id": channel}));
        let mut attributes =
            json!({"name": on.name, "updated_at": on.at, "work_item_count": ids.len()});
        if on.is_told {
            attributes["status"] = json!("online");
            attributes["max_capacity"] = json!(on.max);
        }
        included.push(json!({
            "type": "channels", "id": channel, "attributes": attributes,
            "relationships": {"work_items": {"data": ids, "meta": {"has_more": on.has_more}}},
        }));
        let item = |place: usize, told: Value| json!({"type": "work_items", "id": items[place], "attributes": told});
        included.push(item(0, json!({"added_at": on.added_at, "reason": on.reason})));
        included.push(item(1, json!({"reason": "OFFERED"})));
    }
    json!({
        "data": [{"type": "agent_availabilities", "id": id, "attributes": told, "relationships": {"channels": {"data": of}}}],
        "included": included,
        "links": {"next": null}, "meta": {"has_more": false},
    })
}

fn when() -> impl Strategy<Value = String> {
    (0..4_u8).prop_map(|second| format!("2023-04-05T23:30:5{second}.000000001Z"))
}

fn page(json: &Value) -> Page {
    Page::parse(json.to_string().as_bytes()).expect("a good page")
}

fn fold<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

proptest! {
    #[test]
    fn a_record_may_come_before_among_or_after_events_and_again(
        lines in streams(), json in any_pages(), place in any::<Index>(), when in any::<Index>(),
    ) {
        let events = events(&lines);
        // A record is not dated long after its request.
        let earliest = "2023-04-05T00:00:00Z".parse().expect("an instant");
        let (page, when) = (page(&json), instant(&events, when).max(earliest));
        let outcome = |fold: &mut Fold| fold.seed(2, &page, when).remove(0).applied.outcome;
        let mut after = fold(&events);
        let is_ignored = outcome(&mut after) == Outcome::Ignored;
        for place in [0, place.index(events.len() + 1)] {
            let mut among = fold(&events[..place]);
            among.seed(2, &page, when);
            events[place..].iter().for_each(|event| drop(among.apply(event)));
            prop_assert!(among.save() == after.save());
        }
        let again = if is_ignored { Outcome::Ignored } else { Outcome::Duplicate };
        prop_assert_eq!(outcome(&mut after.clone()), again);

        let mut merged = fold(&events);
        let mut seeded = Fold::new();
        seeded.seed(2, &page, when);
        merged.merge(&seeded).expect("equal options");
        prop_assert!(merged.save() == after.save());
    }

    #[test]
    fn changes_are_the_difference_that_a_record_makes(
        lines in streams(), json in any_pages(), when in any::<Index>(), later in any_pages(), cut in prop::option::of(any::<Index>()),
    ) {
        let events = events(&lines);
        let earliest = "2023-04-05T00:00:00Z".parse().expect("an instant");
        let when = instant(&events, when).max(earliest);
        let mut fold = fold(&events);
        cut.into_iter().for_each(|cut| fold.compact(instant(&events, cut)));
        let end: Instant = "2023-04-05T23:31:00Z".parse().expect("an instant");
        for (json, at) in [(json, when), (later, end)] {
            let page = page(&json);
            let agent = Agent::new(2, page.records[0].agent_id);
            let before = fold.state(agent);
            for seeded in fold.seed(2, &page, at) {
                prop_assert_eq!(seeded.agent, agent);
                let after = fold.state(agent);
                are_the_difference(&seeded.applied.changes, before.as_ref(), after.as_ref())?;
                let has_changed = !seeded.applied.changes.is_empty();
                prop_assert!(!has_changed || seeded.applied.outcome == Outcome::Applied);
            }
        }
    }

    #[test]
    fn a_fold_agrees_with_the_record_that_it_took_in_last(lines in streams(), json in pages()) {
        let events = events(&lines);
        let asked: Instant = "2023-04-05T23:32:00Z".parse().expect("an instant");
        let before = events.iter().filter(|event| at(event).is_some_and(|at| at < asked));
        let mut fold = fold(before);
        // All values of the record are later than the events.
        let later = json.to_string().replace("T23:30:", "T23:31:");
        let page = Page::parse(later.as_bytes()).expect("a good page");
        fold.seed(2, &page, asked);
        for difference in fold.reconcile(2, &page) {
            // The third item is listed but not included, so only the number of items shows it.
            let fits = match difference.difference {
                Differs::UnheardItem => difference.track.as_ref().map(ToString::to_string).as_deref() == Some("work_item[77]@support"),
                Differs::ItemCount => page.records[0].channels[0].has_more,
                // The record does not know of what happened later.
                Differs::GhostItem => {
                    let track = difference.track.as_ref();
                    let mut transitions = fold.transitions(difference.agent).into_iter();
                    let last = transitions.rfind(|t| Some(&t.track) == track).expect("it is open");
                    last.version > page.records[0].version
                }
                Differs::Version => difference.fold.as_u64() > difference.record.as_u64(),
                _ => false,
            };
            prop_assert!(fits, "{difference:?}");
        }
    }
}

#[test]
fn a_record_may_open_an_item_where_another_had_closed_it() {
    let mut fold = Fold::new();
    fold.read(
        br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a", "event": {"updated_at": "2023-04-05T23:30:50Z",
            "channel": "support", "work_item_id": "1", "reason": "ASSIGNED"},
            "type": "zen:event-type:agent.work_item_added"}"#,
        |bad| panic!("{bad}"),
    );
    let on = |name, listed, reason| On {
        name,
        is_told: true,
        max: Some(2),
        at: "2023-04-05T23:30:51Z".to_owned(),
        listed,
        added_at: "2023-04-05T23:30:52Z".to_owned(),
        reason,
        has_more: false,
    };
    let mut seed = |channels: &[On]| {
        let page = page(&page_of(json!({"agent_id": 7, "version": 3}), channels));
        let (agent, at) = (Agent::new(2, 7), "2023-04-05T23:30:53Z".parse().expect("an instant"));
        let before = fold.state(agent);
        let seeded = fold.seed(2, &page, at).remove(0);
        let after = fold.state(agent);
        are_the_difference(&seeded.applied.changes, before.as_ref(), after.as_ref())
            .expect("all changes");
        let channels = after.expect("known").channels.into_iter();
        channels.map(|(name, channel)| (name, channel.load)).collect::<Vec<_>>()
    };
    let loads = |loads: &[(&str, u64)]| {
        loads.iter().map(|(name, load)| ((*name).to_owned(), *load)).collect::<Vec<_>>()
    };
    assert_eq!(seed(&[on("chat", 1, "CHANNEL_CHANGE")]), loads(&[("chat", 1), ("support", 0)]));
    // Another reason wins, which is no move. One channel is new.
    let channels = [on("chat", 1, "OFFERED"), on("talk", 0, "")];
    assert_eq!(seed(&channels), loads(&[("chat", 1), ("support", 1), ("talk", 0)]));
}

#[test]
fn a_record_whose_listings_are_known_may_still_be_new() {
    let id = "agent_availabilities|7|channels|chat";
    let mut fold = Fold::new();
    let mut seed = |attributes: &str| {
        let page = format!(
            r#"{{"data": [{{"type": "agent_availabilities", "id": "agent_availabilities|7",
                "attributes": {{"agent_id": 7, "version": 3{attributes}}},
                "relationships": {{"channels": {{"data": [{{"type": "channels", "id": "{id}"}}]}}}}}}],
                "included": [{{"type": "channels", "id": "{id}",
                "attributes": {{"name": "chat", "status": "online", "work_item_count": 0}}}}]}}"#
        );
        let page = Page::parse(page.as_bytes()).expect("a page");
        let at = "2023-04-05T23:30:53Z".parse().expect("an instant");
        fold.seed(2, &page, at).remove(0).applied.outcome
    };
    assert_eq!(seed(""), Outcome::Applied);
    assert_eq!(seed(""), Outcome::Duplicate);
    assert_eq!(seed(r#", "group_ids": [1]"#), Outcome::Applied);
}

/// An event of an item on the channel `chat` of agent 7, at a second of the minute in which records are requested.
fn of_item(kind: &str, second: u8, version: u64, rest: &str) -> String {
    format!(
        r#"{{"account_id": 2, "detail": {{"agent_id": "7", "version": "{version}"}}, "id": "{kind}{second}",
            "event": {{"updated_at": "2023-04-05T23:30:{second:02}Z", "channel": "chat", "work_item_id": "02"{rest}}},
            "type": "zen:event-type:agent.work_item_{kind}"}}"#
    )
}

/// A fold of events and of records.
fn told(told: &[String], records: &[(u8, u64, u8)]) -> Fold {
    let mut fold = Fold::new();
    for event in told {
        fold.read(event.as_bytes(), |bad| panic!("{bad}"));
    }
    seed(&mut fold, records);
    fold
}

/// Adds records, each requested at a second, with its version and the items that it lists.
fn seed(fold: &mut Fold, records: &[(u8, u64, u8)]) {
    for (second, version, listed) in records {
        let at = format!("2023-04-05T23:30:{second:02}Z");
        let on = On {
            name: "chat",
            is_told: true,
            max: None,
            at: at.clone(),
            listed: *listed,
            added_at: at.clone(),
            reason: "ASSIGNED",
            has_more: false,
        };
        let page = page(&page_of(json!({"agent_id": 7, "version": version}), &[on]));
        fold.seed(2, &page, at.parse().expect("an instant"));
    }
}

fn load(fold: &Fold) -> u64 {
    fold.state(Agent::new(2, 7)).expect("known").channels["chat"].load
}

const ITEM_02: u8 = 0b010;

#[test]
fn a_record_does_not_close_what_another_of_its_instant_and_version_opened() {
    let (opens, omits, later) = ((10, 3, ITEM_02), (10, 3, 0), (10, 4, 0));
    assert_eq!(load(&told(&[], &[opens, omits])), 1);
    assert_eq!(load(&told(&[], &[omits, opens])), 1);
    assert_eq!(load(&told(&[], &[opens, later])), 0);
    assert_eq!(load(&told(&[], &[later, opens])), 0);
}

#[test]
fn a_record_closes_what_an_event_of_its_instant_opened_if_it_knows_of_it() {
    let added = || of_item("added", 10, 3, r#", "reason": "ASSIGNED""#);
    assert_eq!(load(&told(&[added()], &[(10, 2, 0)])), 1);
    assert_eq!(load(&told(&[added()], &[(10, 3, 0)])), 0);
    assert_eq!(load(&told(&[added()], &[(10, 4, 0)])), 0);
    assert_eq!(load(&told(&[added()], &[(9, 4, 0)])), 1);
}

#[test]
fn a_record_of_the_instant_of_the_cut_is_taken_in() {
    let mut fold = told(&[of_item("added", 10, 3, r#", "reason": "ASSIGNED""#)], &[]);
    fold.compact("2023-04-05T23:30:12Z".parse().expect("an instant"));
    seed(&mut fold, &[(11, 4, 0)]);
    assert_eq!(load(&fold), 1);
    seed(&mut fold, &[(12, 4, 0)]);
    assert_eq!(load(&fold), 0);
}

#[test]
fn a_record_adds_nothing_to_an_item_that_was_removed_by_then() {
    let added = || of_item("added", 10, 3, r#", "reason": "ASSIGNED""#);
    let count = |removed: String, record| {
        let fold = told(&[added(), removed], &[record]);
        let transitions = fold.transitions(Agent::new(2, 7)).into_iter();
        transitions.filter(|t| t.track.work_item_id() == Some("02")).count()
    };
    assert_eq!(count(of_item("removed", 11, 4, ""), (12, 4, 0)), 2);
    assert_eq!(count(of_item("removed", 11, 4, ""), (11, 4, 0)), 2);
    // The removal comes after the record.
    assert_eq!(count(of_item("removed", 13, 5, ""), (12, 4, 0)), 3);
}

/// Events that open an item on the channel `chat`, and then also on another.
fn on_two_channels() -> [String; 2] {
    let opened = |second, version| of_item("added", second, version, r#", "reason": "ASSIGNED""#);
    [opened(10, 3), opened(11, 4).replace(r#""chat""#, r#""support""#)]
}

#[test]
fn a_record_adds_nothing_to_an_item_that_was_removed_and_went_on_elsewhere() {
    let [chat, support] = on_two_channels();
    let removed = of_item("removed", 12, 5, "");
    let fold = told(&[chat, support, removed], &[(13, 6, 0)]);
    let transitions = fold.transitions(Agent::new(2, 7)).into_iter();
    assert_eq!(transitions.filter(|t| t.track.work_item_id() == Some("02")).count(), 3);
}

#[test]
fn a_record_closes_an_item_that_was_restored_on_the_channel_that_omits_it() {
    let mut fold = restored(&told(&on_two_channels(), &[]).save());
    seed(&mut fold, &[(12, 5, 0)]);
    assert_eq!(
        (load(&fold), fold.state(Agent::new(2, 7)).expect("known").channels["support"].load),
        (0, 1)
    );
}

#[test]
fn an_item_that_a_record_closed_before_the_cut_stays_closed_in_a_merge() {
    let cut = "2023-04-05T23:30:13Z".parse().expect("an instant");
    let mut closed = told(&on_two_channels(), &[(12, 5, 0)]);
    // This record does not know of the item.
    let mut other = told(&[], &[(15, 2, 0)]);
    closed.compact(cut);
    other.compact(cut);
    assert_eq!((load(&both(&closed, &other)), load(&both(&other, &closed))), (0, 0));
}

#[test]
fn a_record_bounds_what_is_inferred_of_an_item_that_it_omits() {
    let at = |second| format!("2023-04-05T23:30:{second:02}Z").parse().expect("an instant");
    let accepted =
        of_item("updated", 20, 9, r#", "reason": "ACCEPTED", "previous_reason": "OFFERED""#);
    // A record that lists this item does not say since when it is open.
    let accepted = accepted.replace(r#""02""#, r#""77""#);
    let folded = |listed: &[u8]| {
        let records: Vec<(u8, u64, u8)> = (1..)
            .zip(1..)
            .zip(listed)
            .map(|((at, version), listed)| (at, version, *listed))
            .collect();
        told(std::slice::from_ref(&accepted), &records)
    };
    let window = |from, to| Window { from, to, as_of: at(30) };
    let open_from = |listed: &[u8]| -> Instant {
        let (track, window) =
            ("work_item[77]@chat".parse().expect("a track"), window(Instant::MIN, Instant::MAX));
        let intervals =
            folded(listed).intervals(Agent::new(2, 7), Some(&track), &window).expect("a track");
        let open = intervals
            .iter()
            .find(|interval| matches!(interval.value, TrackValue::WorkItem { open: true, .. }));
        open.expect("it was open").from
    };
    assert_eq!(open_from(&[0b111, 0b100]), at(1));
    assert_eq!(open_from(&[0b111, 0b011]), at(20));
    // Until then, nothing was heard of it.
    let is_in = |from, to| {
        let all =
            folded(&[0b111, 0b011]).intervals(Agent::new(2, 7), None, &window(at(from), at(to)));
        all.expect("no track").iter().any(|interval| interval.track.work_item_id() == Some("77"))
    };
    assert!(!is_in(0, 20) && is_in(20, 21));
}

/// Something that a fold takes in.
#[derive(Debug, Clone, Copy)]
enum Input<'a> {
    Event(&'a Event<'a>),
    /// A page, and when it was requested.
    Page(&'a Page, Instant),
}

impl Input<'_> {
    fn give(self, fold: &mut Fold) {
        match self {
            Input::Event(event) => drop(fold.insert(event)),
            Input::Page(page, at) => drop(fold.seed(2, page, at)),
        }
    }
}

fn taken<'a>(inputs: impl IntoIterator<Item = Input<'a>>) -> Fold {
    let mut fold = Fold::new();
    inputs.into_iter().for_each(|input| input.give(&mut fold));
    fold
}

fn both(a: &Fold, b: &Fold) -> Fold {
    let mut both = a.clone();
    both.merge(b).expect("equal options");
    both
}

proptest! {
    #[test]
    fn events_and_records_may_come_in_any_order_and_parts(
        lines in streams(), json in prop::collection::vec((any_pages(), any::<Index>()), 1..5),
        keys in prop::collection::vec(any::<u32>(), 1..200), cut in any::<Index>(),
    ) {
        let events = events(&lines);
        let pages: Vec<(Page, Instant)> =
            json.iter().map(|(json, when)| (page(json), instant(&events, *when))).collect();
        let inputs = pages.iter().map(|(page, at)| Input::Page(page, *at));
        let inputs: Vec<Input<'_>> = events.iter().map(Input::Event).chain(inputs).collect();
        let mut shuffled: Vec<(u32, Input<'_>)> = keys.iter().cycle().copied().zip(inputs.clone()).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let whole = taken(inputs);
        let again = taken(shuffled.iter().map(|(_, input)| *input));
        prop_assert!(again.save() == whole.save());
        prop_assert_eq!(again.anomalies(), whole.anomalies());

        let part = |i| taken(shuffled.iter().filter(|(key, _)| key % 3 == i).map(|(_, input)| *input));
        let (a, b, c) = (part(0), part(1), part(2));
        prop_assert!(both(&both(&a, &b), &c).save() == whole.save());
        prop_assert!(both(&both(&c, &a), &b).save() == whole.save());
        prop_assert!(both(&whole, &b).save() == whole.save());

        let mut restored = Fold::new();
        restored.restore(&whole.save()).expect("what was saved");
        prop_assert!(restored.save() == whole.save());
        // What comes after the fold was restored has the same effect.
        let mut halves = Fold::new();
        halves.restore(&a.save()).expect("what was saved");
        shuffled.iter().for_each(|(_, input)| input.give(&mut halves));
        prop_assert!(halves.save() == whole.save());

        let cut = instant(&events, cut);
        let mut compacted = whole.clone();
        compacted.compact(cut);
        restored = Fold::new();
        restored.restore(&compacted.save()).expect("what was saved");
        for agent in whole.agents() {
            prop_assert_eq!(compacted.state(agent), whole.state(agent));
            prop_assert_eq!(restored.state(agent), whole.state(agent));
            for at in events.iter().filter_map(at).filter(|at| *at >= cut) {
                prop_assert_eq!(compacted.state_at(agent, at), whole.state_at(agent, at));
            }
        }
        prop_assert!(both(&whole, &compacted).save() == compacted.save());
        prop_assert!(both(&compacted, &whole).save() == compacted.save());
        let mut later = whole.clone();
        later.compact(cut);
        shuffled.iter().for_each(|(_, input)| input.give(&mut later));
        prop_assert!(later.save() == compacted.save());
    }

    #[test]
    fn a_record_closes_only_what_it_omits_and_not_before_it_was_requested(
        lines in streams(), json in pages(), when in any::<Index>(),
    ) {
        let events = events(&lines);
        let (page, when) = (page(&json), instant(&events, when));
        let plain = fold(&events);
        let mut seeded = fold(&events);
        seeded.seed(2, &page, when);
        for agent in seeded.agents() {
            let open = |fold: &Fold, at: Instant| -> BTreeMap<(String, String), Instant> {
                let state = fold.state_at(agent, at).expect("no cut");
                let channels = state.into_iter().flat_map(|state| state.channels);
                channels.flat_map(|(name, channel)| {
                    let items = channel.work_items.into_iter();
                    items.map(move |item| ((name.clone(), item.id), item.opened_at))
                }).collect()
            };
            let record = page.records.iter().find(|record| record.agent_id == agent.agent_id);
            let record = record.filter(|_| agent.account_id.get() == 2);
            let listed = |channel: &str, id: &str| record.is_none_or(|record| {
                let on = record.channels.iter().find(|on| on.name == channel && on.lists_all());
                on.is_none_or(|on| on.work_items.iter().any(|item| item.work_item_id == id))
            });
            for at in events.iter().filter_map(at) {
                let (before, after) = (open(&plain, at), open(&seeded, at));
                for ((channel, id), opened_at) in &before {
                    let stays = at < when || listed(channel, id) || *opened_at > when;
                    let is_open = after.contains_key(&(channel.clone(), id.clone()));
                    prop_assert!(!stays || is_open, "{channel} {id} {at}");
                }
            }
        }
    }

    #[test]
    fn a_page_may_be_edited_anyhow(
        json in pages(),
        edits in prop::collection::vec((any::<Index>(), 0..4_usize, "[0-9a-z\"{}\\[\\]:,|-]{0,4}"), 1..4),
    ) {
        let mut bytes = json.to_string().into_bytes();
        for (at, cut, insert) in edits {
            let at = at.index(bytes.len() + 1);
            let end = bytes.len().min(at + cut);
            bytes.splice(at..end, insert.into_bytes());
        }
        match Page::parse(&bytes) {
            Ok(page) => {
                let mut fold = Fold::new();
                fold.seed(2, &page, Instant::MAX);
                fold.reconcile(2, &page);
                let mut restored = Fold::new();
                restored.restore(&fold.save()).expect("what was saved");
                prop_assert!(restored.save() == fold.save());
            }
            Err(issues) => prop_assert!(!issues.is_empty()),
        }
    }
}

#[test]
fn rows_of_a_floors_own_timeline_differ_in_nothing_until_an_event_is_lost() {
    let chat = Simulation { agents: 5, hours: 24, feed: Feed::Chat, ..Simulation::default() };
    let folded = |chat: &Simulation| {
        let mut fold = Fold::new();
        chat.events().for_each(|event| {
            fold.read(event.as_bytes(), |bad| panic!("{:?}", bad.issues));
        });
        fold
    };
    let fold = folded(&chat);
    let as_of: Instant = "2026-01-06T00:00:00Z".parse().expect("an instant");
    let from = "2026-01-05T00:00:00Z".parse().expect("an instant");
    let window = Window { from, to: as_of, as_of };
    let mut rows: BTreeMap<Id, Vec<TimelineRow<'static>>> = BTreeMap::new();
    for agent in fold.agents() {
        for span in fold.chat_spans(agent, &window) {
            if let (Some(status), Some(engagement_count)) = (span.status, span.engagement_count) {
                rows.entry(agent.account_id).or_default().push(TimelineRow {
                    agent_id: agent.agent_id,
                    start_time: span.start_time,
                    status: status.into(),
                    engagement_count,
                    duration: span.duration,
                });
            }
        }
    }
    let lossy = folded(&Simulation { drop: 0.02, ..chat });
    let count = |fold: &Fold| -> usize {
        rows.iter()
            .map(|(account, rows)| fold.reconcile_timeline(*account, rows, as_of).len())
            .sum()
    };
    assert!(rows.values().map(Vec::len).sum::<usize>() > 100);
    assert_eq!(count(&fold), 0);
    assert!(count(&lossy) > 0);
}

#[test]
fn an_item_that_a_record_has_on_another_channel_changes_once() {
    let (r, at) = ("agent_availabilities|7", "2026-01-05T09:00:00Z");
    let channel = |name: &str, items: &[&str]| {
        let ids = items.iter().map(|id| json!({"type": "work_items", "id": format!("{r}|channels|{name}|work_items|{id}")}));
        json!({"type": "channels", "id": format!("{r}|channels|{name}"),
               "attributes": {"name": name, "status": "online", "updated_at": at, "work_item_count": items.len()},
               "relationships": {"work_items": {"data": ids.collect::<Vec<_>>()}}})
    };
    let item = |name: &str, id: &str| {
        json!({"type": "work_items", "id": format!("{r}|channels|{name}|work_items|{id}"),
               "attributes": {"reason": "ASSIGNED", "added_at": "2026-01-05T11:00:00Z"}})
    };
    let page = page(&json!({
        "data": [{"id": r, "attributes": {"agent_id": 7}}],
        "included": [channel("chat", &["5", "6"]), channel("support", &["6"]), item("chat", "5"),
                     item("chat", "6"), item("support", "6")],
    }));
    let mut fold = Fold::new();
    let added = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a", "event": {"work_item_id": "5",
        "updated_at": "2026-01-05T10:00:00Z", "channel": "support", "reason": "ASSIGNED"},
        "type": "zen:event-type:agent.work_item_added"}"#;
    fold.read(added, |bad| panic!("{bad}"));
    let seeded = fold.seed(2, &page, "2026-01-05T12:00:00Z".parse().expect("an instant")).remove(0);
    let mut changes: Vec<String> = seeded
        .applied
        .changes
        .iter()
        .map(|change| format!("{} {:?} {:?}", change.track, change.part, change.to))
        .collect();
    let all = changes.len();
    changes.sort();
    changes.dedup();
    assert_eq!(changes.len(), all, "{changes:#?}");
    for opened in
        ["work_item[5]@chat Value", "work_item[6]@chat Value", "work_item[6]@support Value"]
    {
        assert!(changes.iter().any(|change| change.starts_with(opened)), "{opened}: {changes:#?}");
    }
    let state = fold.state(seeded.agent).expect("an agent");
    assert_eq!((state.channels["chat"].load, state.channels["support"].load), (2, 1));
}

#[test]
fn a_record_from_before_a_move_tells_that_the_stay_is_shorter() {
    let page = page(&json!({
        "data": [{"id": "agent_availabilities|7", "attributes": {"agent_id": 7, "group_ids": [1]}}],
        "included": [{"type": "channels", "id": "agent_availabilities|7|channels|support",
                      "attributes": {"name": "support", "work_item_count": 0},
                      "relationships": {"work_items": {"data": []}}}],
    }));
    let mut fold = Fold::new();
    for (minute, channel, reason) in [(0, "support", "ASSIGNED"), (2, "talk", "CHANNEL_CHANGE")] {
        let added = json!({
            "account_id": 2, "detail": {"agent_id": "7"}, "id": channel, "type": "zen:event-type:agent.work_item_added",
            "event": {"work_item_id": "5", "updated_at": format!("2026-01-05T10:0{minute}:00Z"), "channel": channel,
                      "reason": reason},
        });
        fold.read(added.to_string().as_bytes(), |bad| panic!("{bad}"));
    }
    let opened_at = |fold: &Fold| {
        fold.state(Agent::new(2, 7)).expect("an agent").channels["talk"].work_items[0].opened_at
    };
    assert_eq!(opened_at(&fold).to_string(), "2026-01-05T10:00:00Z");
    let asked = "2026-01-05T10:01:00Z".parse().expect("an instant");
    let Applied { outcome, changes } = fold.seed(2, &page, asked).remove(0).applied;
    assert_eq!(opened_at(&fold).to_string(), "2026-01-05T10:02:00Z");
    let of_item = changes.iter().filter(|change| change.track.to_string().starts_with("work_item"));
    let [change] = &of_item.collect::<Vec<_>>()[..] else { panic!("{changes:#?}") };
    assert_eq!(change.track.to_string(), "work_item[5]@talk");
    assert_eq!(serde_json::to_value(&change.to).expect("JSON"), "2026-01-05T10:02:00Z");
    assert_eq!(outcome, Outcome::Applied);
}

#[test]
fn all_that_is_wrong_with_a_page_is_told() {
    let bad = json!({
        "data": [{"id": "a", "attributes": {"agent_id": "x", "agent_status": {"name": 7}}}, 5],
        "included": [{"type": "channels", "id": "c", "attributes": {"max_capacity": -1}}],
    });
    let issues = Page::parse(bad.to_string().as_bytes()).expect_err("no page");
    let told: Vec<(&str, &str)> = issues.iter().map(|i| (i.code.as_str(), &*i.path)).collect();
    assert_eq!(
        told,
        [
            ("bad_id", "/data/0/attributes/agent_id"),
            ("missing_field", "/data/0/attributes/agent_status/id"),
            ("wrong_type", "/data/0/attributes/agent_status/name"),
            ("wrong_type", "/data/1"),
            ("wrong_type", "/included/0/attributes/max_capacity"),
            ("missing_field", "/included/0/attributes/name"),
        ]
    );
    assert_eq!(Page::parse(b"[").expect_err("no page")[0].code.as_str(), "not_json");
}

#[test]
fn a_record_far_after_its_request_or_the_clock_is_unreadable() {
    let dated = |at: &str| {
        page(&json!({"data": [{"id": "agent_availabilities|7", "attributes":
            {"agent_id": 7, "agent_status": {"id": 3, "updated_at": at}, "group_ids": [1]}}]}))
    };
    let seed = |fold: &mut Fold, at: &str, asked: &str| {
        let asked = asked.parse().expect("an instant");
        fold.seed(2, &dated(at), asked).remove(0).applied.outcome
    };
    let code = |outcome: Outcome| match outcome {
        Outcome::Unreadable { issues } => (issues[0].code.as_str(), issues[0].path.clone()),
        outcome => (outcome.as_str(), String::new()),
    };
    let (asked, far) = ("2026-01-05T09:00:00Z", "2126-01-05T09:00:00Z");
    let mut fold = Fold::new();
    let refused = ("future_instant", "/unified_state/updated_at".to_owned());
    assert_eq!(code(seed(&mut fold, far, asked)), refused);
    assert_eq!(code(seed(&mut fold, "2026-01-06T09:00:00.000000001Z", asked)), refused);
    fold.set_now(asked.parse().expect("an instant"));
    assert_eq!(code(seed(&mut fold, far, far)), refused);
    // What the record does not date takes effect at the request.
    assert_eq!(code(seed(&mut fold, asked, far)).0, "future_instant");
    assert!(fold.is_empty());
    assert_eq!(code(seed(&mut fold, "2026-01-06T09:00:00Z", asked)).0, "applied");

    let large = json!({"data": [], "included": [{"type": "channels", "id": "c", "attributes":
        {"name": "support", "max_capacity": 4_294_967_296_u64, "work_item_count": u64::MAX}}]});
    let issues = Page::parse(large.to_string().as_bytes()).expect_err("too large");
    let codes: Vec<&str> = issues.iter().map(|issue| issue.code.as_str()).collect();
    assert_eq!(codes, ["out_of_range", "out_of_range"]);
}
