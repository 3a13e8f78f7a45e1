//! The agents of a fold, whether their events were applied, restored or merged, and what is told of each.

use std::io::{Error, ErrorKind, Read};

use agentfold::stream::Record;
use agentfold::{Agent, Counts, Event, Fold, Instant, Options, Outcome};
use serde_json::{Value, json};

use crate::damage::restored;

/// An event of account 2 at a minute of an hour.
fn event(agent: u64, version: u64, kind: &str, minute: u64) -> String {
    let at = format!("2026-01-05T09:{minute:02}:00Z");
    let told = json!({ "updated_at": at, "channel": "talk", "previous_state": "offline", "new_state": "away" });
    json!({
        "account_id": 2, "detail": { "agent_id": agent, "version": version }, "id": format!("{agent}-{version}"),
        "type": format!("zen:event-type:agent.{kind}"), "event": told,
    })
    .to_string()
}

fn chat(agent: u64, minute: u64) -> String {
    json!({
        "account_id": 2, "agent_id": agent, "field_name": "status", "id": format!("c{minute}"),
        "timestamp": format!("2026-01-05T09:{minute:02}:00Z"), "value": "away",
    })
    .to_string()
}

fn minute(minute: u64) -> Instant {
    format!("2026-01-05T09:{minute:02}:00Z").parse().expect("an instant")
}

fn fold(events: &[String]) -> Fold {
    let mut fold = Fold::new();
    fold.read(events.join("\n").as_bytes(), |bad| panic!("{bad:?}"));
    fold
}

/// Agent 7 is known, and only an unknown event of agent 8 arrived.
fn two() -> Fold {
    fold(&[event(7, 1, "state_changed", 1), chat(7, 2), event(8, 3, "lost_pen", 0)])
}

#[test]
fn a_fold_counts_the_agents_of_accepted_events() {
    let (seven, eight) = (Agent::new(2, 7), Agent::new(2, 8));
    let mut merged = two();
    merged.merge(&two()).expect("equal options");
    let mut into_unknown = fold(&[event(7, 9, "lost_pen", 0)]);
    into_unknown.merge(&two()).expect("equal options");
    for mut fold in [two(), restored(&two().save()), merged, into_unknown, two().snapshot()] {
        assert_eq!((fold.len(), fold.is_empty()), (1, false));
        assert_eq!((fold.contains(seven), fold.contains(eight)), (true, false));
        assert_eq!(fold.agents().collect::<Vec<_>>(), [seven]);
        assert_eq!(fold.unknown_agents(), [eight]);
        assert_eq!(fold.first_and_last_event_at(), Some((minute(1), minute(2))));
        assert!(fold.forget(eight) && !fold.forget(eight) && fold.unknown_agents().is_empty());
        assert_eq!(fold.len(), 1);
        assert!(fold.forget(seven) && !fold.contains(seven));
        assert_eq!((fold.len(), fold.is_empty()), (0, true));
    }
}

#[test]
fn folds_of_different_events_differ() {
    assert_eq!(two(), restored(&two().save()));
    assert_ne!(two(), fold(&[event(7, 1, "state_changed", 1)]));
    let events = [event(7, 1, "state_changed", 1), chat(7, 2), event(8, 3, "lost_pen", 0)];
    let parsed = || events.iter().map(|event| Event::parse(event.as_bytes()).expect("an event"));
    assert_eq!(parsed().collect::<Fold>(), two());
    let mut extended = Fold::new();
    extended.extend(parsed());
    assert_eq!(extended, two());
}

#[test]
fn a_cut_is_told_once_there_is_one() {
    let (seven, nobody) = (Agent::new(2, 7), Agent::new(2, 99));
    let mut fold = two();
    assert_eq!((fold.cut(), fold.cut_of(seven), fold.cut_of(nobody)), (None, None, None));
    fold.compact(minute(2));
    let cut = Some(minute(2));
    assert_eq!((fold.cut(), fold.cut_of(seven), fold.cut_of(nobody)), (cut, cut, cut));
}

#[test]
fn transitions_name_their_event_its_kind_and_its_version() {
    let fold = fold(&[event(7, 1, "state_changed", 1), chat(7, 2)]);
    let told = fold.transitions(Agent::new(2, 7));
    let told: Vec<Value> = told.iter().map(|t| serde_json::to_value(t).expect("JSON")).collect();
    let told: Vec<_> =
        told.iter().map(|t| [&t["track"], &t["kind"], &t["version"], &t["event_id"]]).collect();
    let expected = [
        [json!("state[talk]"), json!("agent.state_changed"), json!(1), json!("7-1")],
        [json!("chat_status"), json!("status"), Value::Null, json!("c2")],
    ];
    for expected in &expected {
        assert!(
            told.iter().any(|told| told.iter().zip(expected).all(|(a, b)| *a == b)),
            "{told:?}"
        );
    }
}

/// A reader that gives a few bytes at a time, is interrupted before each, and fails at the end.
struct Slow<'a> {
    bytes: &'a [u8],
    interrupted: bool,
    end: Option<ErrorKind>,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(Error::from(ErrorKind::Interrupted));
        }
        let (now, later) = self.bytes.split_at(self.bytes.len().min(7).min(buffer.len()));
        buffer[..now.len()].copy_from_slice(now);
        self.bytes = later;
        match self.end {
            Some(kind) if now.is_empty() => Err(kind.into()),
            _ => Ok(now.len()),
        }
    }
}

#[test]
fn a_reader_is_read_to_its_end_or_error() {
    let day = [event(7, 1, "state_changed", 1), "{".to_owned(), chat(7, 2)].join("\n");
    for end in [None, Some(ErrorKind::ConnectionReset)] {
        let (mut fold, mut unreadable) = (Fold::new(), 0);
        let reader = Slow { bytes: day.as_bytes(), interrupted: false, end };
        let read = fold.read_from(reader, |_| unreadable += 1);
        // The last line is complete only when the end is known.
        match (end, read) {
            (None, Ok(counts)) => assert_eq!((counts.applied, counts.unreadable), (2, 1)),
            (Some(end), Err(error)) => assert_eq!(error.kind(), end),
            (_, read) => panic!("{read:?}"),
        }
        assert_eq!(unreadable, 1);
        assert!(fold.contains(Agent::new(2, 7)));
    }
}

#[test]
fn counts_add_up() {
    let issues = Event::parse(b"{").expect_err("half an event");
    let outcomes =
        [Outcome::Ignored, Outcome::Expired, Outcome::Duplicate, Outcome::Applied, Outcome::Late];
    let mut counts = Counts::default();
    for (place, outcome) in outcomes.iter().enumerate() {
        (0..=place).for_each(|_| counts.add(outcome));
    }
    (0..6).for_each(|_| counts.add(&Outcome::Unreadable { issues: issues.clone() }));
    assert_eq!((counts.ignored, counts.expired, counts.duplicate), (1, 2, 3));
    assert_eq!((counts.applied, counts.late, counts.unreadable), (4, 5, 6));
    assert_eq!(counts.total(), 21);
    let twice: Counts = [counts, counts].into_iter().sum();
    assert_eq!((twice.total(), twice.late, twice.limit), (42, 10, 0));
}

#[test]
fn a_stream_that_is_applied_counts_what_it_cannot_read() {
    let mut fold = Fold::new();
    let mut stream = fold.stream();
    stream.push(
        [event(7, 1, "state_changed", 1), "{".to_owned(), chat(7, 2), "[".to_owned()]
            .join("\n")
            .as_bytes(),
    );
    stream.end();
    let (mut changes, mut unreadable) = (0, 0);
    let counts = fold.apply_stream(&mut stream, |_| changes += 1, |_| unreadable += 1);
    assert_eq!((counts.applied, counts.unreadable, unreadable), (2, 2, 2));
    assert!(changes > 2, "{changes}");
}

#[test]
fn a_stream_of_a_fold_has_its_options() {
    let mut options = Options::default();
    options.max_bytes = 20;
    let fold = Fold::with_options(&options);
    let mut stream = fold.stream();
    stream.push(chat(7, 2).as_bytes());
    stream.end();
    assert!(matches!(stream.next(), Some(Record::Unreadable(_))));
}

#[test]
fn of_two_folds_the_later_cut_holds() {
    let state = |version| event(7, version, "state_changed", version);
    let (earlier, mut later) = (fold(&[state(1), state(2)]), fold(&[state(5)]));
    later.compact(minute(3));
    let mut whole = fold(&[state(1), state(2), state(5)]);
    whole.compact(minute(3));
    for (a, b) in [(&earlier, &later), (&later, &earlier)] {
        let mut merged = a.clone();
        merged.merge(b).expect("equal options");
        assert!(merged == whole);
    }
}

#[test]
fn the_version_at_an_instant_is_the_greatest_so_far_also_after_a_merge() {
    let state = |version, at| event(7, version, "state_changed", at);
    let merged = |a: &[(u64, u64)], b: &[(u64, u64)]| {
        let [mut a, b] = [a, b].map(|told| {
            fold(&told.iter().map(|(version, at)| state(*version, *at)).collect::<Vec<_>>())
        });
        a.merge(&b).expect("equal options");
        (1..4)
            .map(|at| {
                let state = a.state_at(Agent::new(2, 7), minute(at)).expect("no cut");
                state.expect("it is known").version.expect("a version")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(merged(&[(5, 1)], &[(3, 2), (6, 3)]), [5, 5, 6]);
    assert_eq!(merged(&[(5, 1)], &[(7, 2), (6, 3)]), [5, 7, 7]);
    assert_eq!(merged(&[(5, 1), (4, 2)], &[(6, 3)]), [5, 5, 6]);
    assert_eq!(merged(&[(5, 1), (6, 2)], &[(7, 3)]), [5, 6, 7]);
}
