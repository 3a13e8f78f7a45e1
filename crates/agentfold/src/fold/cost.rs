//! Folding takes n log n steps in any order of arrival.

use std::fmt::Write;

use crate::rest::Page;
use crate::{Agent, Fold, Instant, steps};

/// An event of agent 7 in the second `at`, with a version.
fn event(kind: &str, at: usize, version: usize, id: usize, body: &str) -> String {
    let (day, second) = (1 + at / 86_400, at % 86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!(
        r#"{{"account_id":2,"detail":{{"agent_id":"7","version":"{version}"}},"event":{{{body},"updated_at":"2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}Z"}},"id":"{id:026}","type":"zen:event-type:agent.{kind}"}}"#
    )
}

fn work(i: usize, at: usize, item: usize, channel: usize, reason: &str) -> String {
    let kind = match reason {
        "OFFERED" => "work_item_added",
        "" => "work_item_removed",
        _ => "work_item_updated",
    };
    let mut body = format!(r#""channel":"c{channel}","work_item_id":"{item}""#);
    if !reason.is_empty() {
        write!(body, r#","reason":"{reason}""#).expect("text");
    }
    event(kind, at, i + 1, i, &body)
}

fn state(i: usize, at: usize, channel: usize, state: &str) -> String {
    event(
        "state_changed",
        at,
        i + 1,
        i,
        &format!(r#""channel":"c{channel}","new_state":"{state}""#),
    )
}

/// Events of one agent, by their place.
type Stream = fn(usize) -> String;

const STREAMS: &[(&str, Stream)] = &[
    ("items that are added, accepted and removed", |i| {
        work(i, i, i / 3, i % 2, ["OFFERED", "ACCEPTED", ""][i % 3])
    }),
    ("items that stay open", |i| work(i, i, i, i % 3, "OFFERED")),
    ("one item that is updated", |i| work(i, i, 1, 0, ["ACCEPTED", "OFFER_MISSED"][i / 2 % 2])),
    ("one item that is moved", |i| work(i, i, 1, i % 2, "CHANNEL_CHANGE")),
    ("one item that comes and goes", |i| work(i, i, 1, 0, ["OFFERED", ""][i % 2])),
    ("a state that stays the same", |i| state(i, i, 0, "online")),
    ("a state that changes", |i| state(i, i, i % 4, ["online", "away"][i / 4 % 2])),
    ("states of one instant", |i| state(i, 0, 0, ["online", "away"][i % 2])),
    ("items of one instant", |i| work(i, 0, i / 2, 0, ["OFFERED", ""][i % 2])),
    ("versions with gaps", |i| state(2 * i, i, 0, "online")),
];

/// The place of the event that arrives next, of so many.
type Order = fn(usize, usize) -> usize;

const ORDERS: &[(&str, Order)] = &[
    ("ordered", |arrival, _| arrival),
    ("reversed", |arrival, count| count - 1 - arrival),
    ("two halves in turns", |arrival, count| arrival / 2 + arrival % 2 * (count / 2)),
    ("every second one later", |arrival, count| {
        if arrival < count / 2 { 2 * arrival } else { 2 * (arrival - count / 2) + 1 }
    }),
    ("shuffled", |arrival, count| arrival * 7_919_057 % count),
];

fn steps_of(stream: Stream, order: Order, count: usize) -> usize {
    let events: Vec<String> = (0..count).map(|arrival| stream(order(arrival, count))).collect();
    let mut fold = Fold::new();
    steps::of(|| {
        let counts = fold.read(events.join("\n").as_bytes(), |bad| panic!("{bad}"));
        assert_eq!(counts.duplicate + counts.applied + counts.late, count as u64, "{counts:?}");
    })
}

#[test]
fn no_order_of_arrival_costs_more_than_n_log_n() {
    for (name, stream) in STREAMS {
        for (order, place) in ORDERS {
            let [few, many] = [10_000, 100_000].map(|count| steps_of(*stream, *place, count));
            let (per_few, per_many) = (few / 10_000, many / 100_000);
            let told = format!("{name}, {order}: {per_few} steps an event, then {per_many}");
            eprintln!("{told}");
            // n² would be ten times as many, n√n three times.
            assert!(per_many <= 20 + per_few * 2, "{told}");
        }
    }
}

/// The steps of items, every tenth of whose removals is lost, and of a record after each thousand events
/// that omits all of them.
fn steps_with_records(records_first: bool, order: Order, count: usize) -> usize {
    let is_lost = |i: usize| i % 30 == 29;
    let events: Vec<String> = (0..count)
        .map(|arrival| order(arrival, count))
        .filter(|i| !is_lost(*i))
        .map(|i| work(i, i, i / 3, i / 3 % 2, ["OFFERED", "ACCEPTED", ""][i % 3]))
        .collect();
    let page = Page::parse(
        br#"{"data": [{"id": "a|7", "attributes": {"agent_id": 7, "group_ids": [1]}}], "included": [
            {"type": "channels", "id": "a|7|channels|c0", "attributes": {"name": "c0", "work_item_count": 0}},
            {"type": "channels", "id": "a|7|channels|c1", "attributes": {"name": "c1", "work_item_count": 0}}]}"#,
    );
    let page = page.expect("a page");
    let first: Instant = "2026-01-01T00:00:00Z".parse().expect("an instant");
    let seed = |fold: &mut Fold| {
        for second in (1000..=count).step_by(1000) {
            let second = i64::try_from(second).expect("few");
            let at = Instant::from_unix(first.unix_seconds() + second, 0).expect("an instant");
            fold.seed(2, &page, at);
        }
    };
    let mut fold = Fold::new();
    let taken = steps::of(|| {
        if records_first {
            seed(&mut fold);
        }
        fold.read(events.join("\n").as_bytes(), |bad| panic!("{bad}"));
        if !records_first {
            seed(&mut fold);
        }
    });
    let state = fold.state(Agent::new(2, 7)).expect("an agent");
    assert!(state.channels.values().all(|channel| channel.load <= 1), "{state:?}");
    taken
}

#[test]
fn records_that_close_items_cost_no_more_than_n_log_n() {
    for records_first in [false, true] {
        for (order, place) in ORDERS {
            let steps = |count| steps_with_records(records_first, *place, count) / count;
            let (per_few, per_many) = (steps(10_000), steps(100_000));
            let told =
                format!("{records_first}, {order}: {per_few} steps an event, then {per_many}");
            eprintln!("{told}");
            assert!(per_many <= 20 + per_few * 2, "{told}");
        }
    }
}
