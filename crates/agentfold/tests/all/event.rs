//! Events can be built by hand, outlive their text, and be stored as data.

use std::borrow::Cow;
use std::collections::BTreeSet;

use agentfold::event::{Availability, Body, Capacity, Chat, ChatField, Kind, UnifiedState};
use agentfold::report::{Buckets, RollUp, Row};
use agentfold::{Agent, Code, Event, Fold, Instant, Issue, Issues, Outcome, Severity};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::adversary::{events, streams};

type Text = Cow<'static, str>;

fn text() -> impl Strategy<Value = Text> {
    let odd =
        select(vec!["", "support", "online", "a/b~1", "\"\\\u{0}", "café 𝄞", "id", "123", "02"]);
    prop_oneof![4 => odd.prop_map(Cow::Borrowed), 1 => any::<String>().prop_map(Cow::Owned)]
}

fn maybe<T: std::fmt::Debug>(it: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::of(it)
}

fn instants() -> impl Strategy<Value = Instant> {
    let around = 1_539_952_430_i64;
    let seconds = prop_oneof![
        around - 2 * 86_400..around + 2 * 86_400,
        Instant::MIN.unix_seconds()..=Instant::MAX.unix_seconds(),
    ];
    let nanos = select(vec![0, 5, 140_101_000, 999_999_999]);
    (seconds, nanos).prop_map(|(s, n)| Instant::from_unix(s, n).expect("in range"))
}

/// Numbers of items and engagements, a few of them too large.
fn counts() -> impl Strategy<Value = u64> {
    prop_oneof![9 => 0..=u64::from(u32::MAX), 1 => any::<u64>()]
}

fn unified_states() -> impl Strategy<Value = UnifiedState<'static>> {
    (text(), maybe(text()), maybe(text())).prop_map(|(id, name, reason)| {
        let state = UnifiedState::new(id);
        let state = name.into_iter().fold(state, UnifiedState::with_name);
        reason.into_iter().fold(state, UnifiedState::with_reason)
    })
}

fn capacities() -> impl Strategy<Value = Vec<Capacity<'static>>> {
    let limit = || maybe(counts());
    let one = (text(), limit(), maybe(limit())).prop_map(|(channel, current, previous)| {
        let capacity = Capacity::new(channel, current);
        previous.into_iter().fold(capacity, Capacity::with_previous)
    });
    prop::collection::vec(one, 0..4)
}

fn bodies() -> impl Strategy<Value = Body<'static>> {
    let ids = || prop::collection::vec(text(), 0..3);
    prop_oneof![
        (text(), maybe(text()), text()).prop_map(|(channel, previous_state, new_state)| {
            Body::StateChanged { channel, previous_state, new_state }
        }),
        (text(), text(), text()).prop_map(|(work_item_id, channel, reason)| {
            Body::WorkItemAdded { work_item_id, channel, reason }
        }),
        (text(), text(), maybe(text()), text()).prop_map(
            |(work_item_id, channel, previous_reason, reason)| {
                Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason }
            }
        ),
        (text(), text(), maybe(text())).prop_map(|(work_item_id, channel, reason)| {
            Body::WorkItemRemoved { work_item_id, channel, reason }
        }),
        capacities().prop_map(|max_capacity| Body::MaxCapacityChanged { max_capacity }),
        (maybe(unified_states()), unified_states()).prop_map(|(previous, new)| {
            Body::UnifiedStateChanged { previous_unified_state: previous, new_unified_state: new }
        }),
        text().prop_map(|channel| Body::ChannelCreated { channel }),
        text().prop_map(|channel| Body::ChannelDeleted { channel }),
        (maybe(ids()), ids()).prop_map(|(previous_group_ids, new_group_ids)| {
            Body::GroupsUpdated { previous_group_ids, new_group_ids }
        }),
    ]
}

fn chat_fields() -> impl Strategy<Value = ChatField<'static>> {
    prop_oneof![
        (maybe(text()), text())
            .prop_map(|(previous_value, value)| { ChatField::Status { previous_value, value } }),
        (maybe(counts()), counts()).prop_map(|(previous_value, value)| {
            ChatField::Engagements { previous_value, value }
        }),
    ]
}

fn agents() -> impl Strategy<Value = Agent> {
    (any::<u64>(), any::<u64>()).prop_map(|(account_id, agent_id)| Agent::new(account_id, agent_id))
}

fn chat_ids() -> impl Strategy<Value = Text> {
    prop_oneof![
        text(),
        select(vec!["R6vTXhl.agent:980824.y7Q4aI", "zzzzzzz.agent:7."]).prop_map(Cow::Borrowed)
    ]
}

/// Events of known types, made by the constructors.
fn built() -> impl Strategy<Value = Event<'static>> {
    let optional = (maybe(any::<u64>()), maybe(instants()), maybe(text()), maybe(text()));
    let availability = (agents(), instants(), text(), bodies(), optional).prop_filter_map(
        "the constructors refuse it",
        |(agent, at, id, body, (version, time, subject, payload))| {
            let event = Availability::new(agent, at, id, body).ok()?;
            let event = version.into_iter().fold(event, Availability::with_version);
            let event = subject.into_iter().fold(event, Availability::with_subject);
            let event = payload.into_iter().fold(event, Availability::with_zendesk_event_version);
            Some(Event::from(time.into_iter().try_fold(event, Availability::with_time).ok()?))
        },
    );
    let chat = (agents(), instants(), chat_ids(), chat_fields())
        .prop_filter_map("the constructor refuses it", |(agent, at, id, field)| {
            Some(Event::from(Chat::new(agent, at, id, field).ok()?))
        });
    prop_oneof![3 => availability, 1 => chat]
}

/// Events that were read, with unknown fields in every object.
fn read() -> impl Strategy<Value = Event<'static>> {
    select(vec![
        r#"{"account_id":2,"x":1,"detail":{"agent_id":7,"y":{}},"event":{"updated_at":"2018-10-19T12:33:50Z","channel":"talk","reason":"NAP","new_state":[]},"id":"a","type":"zen:event-type:agent.channel_created"}"#,
        r#"{"detail":{"account_id":2,"agent_id":7},"event":{"updated_at":"2018-10-19T12:33:50Z","maxCapacity":{"a/b~1":{"current":1,"z":null}}},"id":"a","type":"zen:event-type:agent.max_capacity_changed"}"#,
        r#"{"account_id":2,"detail":{"agent_id":7},"event":{"updated_at":"2018-10-19T12:33:50Z","new_unified_state":{"id":"1","emoji":"\u0041"}},"id":"a","type":"zen:event-type:agent.unified_state_changed"}"#,
        r#"{"account_id":2,"agent_id":7,"field_name":"status","id":"x","timestamp":"2018-10-19T12:33:50Z","value":"away","mood":[1,{"a":-1}]}"#,
        r#"{"account_id":2,"agent_id":7,"field_name":"mood","value": 1.50}"#,
        r#"{ "type" : "zen:event-type:agent.napped", "detail": {"account_id":"2","agent_id":7,"version":"3"}}"#,
    ])
    .prop_map(|json| Event::parse(json.as_bytes()).expect("a good event").into_owned())
}

/// Any event that the public API can make: constructed or read, and with changed public fields.
fn any_event() -> impl Strategy<Value = Event<'static>> {
    let change = (any::<[bool; 2]>(), maybe(bodies()), maybe(maybe(instants())), maybe(instants()));
    (prop_oneof![built(), read()], change, maybe(chat_fields())).prop_map(
        |(mut event, ([no_account, no_detail_account], body, time, at), field)| {
            match &mut event {
                Event::Availability(event) => {
                    event.account_id = event.account_id.filter(|_| !no_account);
                    event.detail.account_id =
                        event.detail.account_id.filter(|_| !no_detail_account);
                    event.body = body.unwrap_or(event.body.clone());
                    event.time = time.unwrap_or(event.time);
                    event.updated_at = at.unwrap_or(event.updated_at);
                }
                Event::Chat(event) => {
                    event.field = field.unwrap_or(event.field.clone());
                    event.timestamp = at.unwrap_or(event.timestamp);
                }
                Event::Unknown(_) => {}
            }
            event
        },
    )
}

fn errors(issues: &[Issue]) -> Vec<&Issue> {
    issues.iter().filter(|issue| issue.severity == Severity::Error).collect()
}

fn one_account() -> Agent {
    Agent::new(2, 7)
}

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn an_event_is_checked_or_prints_reads_back_and_folds_as_it_is(event in any_event()) {
        let (issues, json) = (event.check(), event.to_json());
        let (mut applied, mut read) = (Fold::new(), Fold::new());
        let outcome = applied.apply(&event).outcome;
        if errors(&issues).is_empty() {
            prop_assert_eq!(agentfold::check(json.as_bytes()), issues, "{}", json);
            let back = Event::parse(json.as_bytes());
            prop_assert_eq!(back.as_ref(), Ok(&event), "{}", json);
            prop_assert_eq!(&outcome, &read.apply_bytes(json.as_bytes()).outcome);
            prop_assert_eq!(applied.save(), read.save());
            let (again, text) = (event.to_json_with_text_ids(), event.to_json());
            prop_assert_eq!(Event::parse(again.as_bytes()), Event::parse(text.as_bytes()));
        } else if !event.unknown_fields().iter().any(|field| issues[0].path == field.path()) {
            // The reader and the fold refuse the event for the same reasons. A fold ignores unknown
            // fields that do not fit a replaced body.
            let issues = Issues::new(issues).expect("there are errors");
            prop_assert_eq!(outcome, Outcome::Unreadable { issues });
            prop_assert_eq!(applied.save(), Fold::new().save());
        }
    }

    #[test]
    fn every_field_that_is_printed_is_in_the_schema(event in built()) {
        let kind = event.kind().expect("known").as_str();
        let schema = schema(kind).unwrap_or_else(|| schema("chat_event").expect("there"));
        let printed: Value = serde_json::from_str(&event.to_json()).expect("JSON");
        prop_assert_eq!(unknown_keys(&printed, &schema, &schema), Vec::<String>::new(), "{}", kind);
    }

    #[test]
    fn what_the_constructors_make_has_no_errors(event in built()) {
        prop_assert!(errors(&event.check()).is_empty(), "{:?}", event.check());
    }

    #[test]
    fn an_event_is_written_and_read_as_data(event in prop_oneof![built(), read()]) {
        let json = serde_json::to_string(&event).expect("JSON");
        prop_assert_eq!(&serde_json::from_str::<Event<'_>>(&json).expect("an event"), &spelled(&event));
        let value = serde_json::to_value(&event).expect("data");
        prop_assert_eq!(&value, &serde_json::from_str::<Value>(&event.to_json()).expect("JSON"));
        let from_value = serde_json::from_value::<Event<'_>>(value).expect("an event");
        prop_assert_eq!(from_value.kind(), event.kind());
        let cbor = minicbor_serde::to_vec(&event).expect("CBOR");
        prop_assert_eq!(&minicbor_serde::from_slice::<Event<'_>>(&cbor).expect("an event"), &event);
    }

    #[test]
    fn owned_events_are_those_that_were_read(lines in streams()) {
        let owned: Vec<Event<'static>> = lines
            .iter()
            .map(|line| Event::parse(line.clone().as_bytes()).expect("streams are good").into_owned())
            .collect();
        prop_assert_eq!(owned, events(&lines));
    }
}

#[test]
fn the_events_that_are_built_here_are_of_every_kind() {
    let mut runner = TestRunner::deterministic();
    let mut kind = || built().new_tree(&mut runner).expect("an event").current().kind();
    let kinds: BTreeSet<Option<Kind>> = (0..500).map(|_| kind()).collect();
    assert_eq!(kinds, Kind::ALL.iter().copied().map(Some).collect());
}

/// Returns a schema of the repository.
fn schema(name: &str) -> Option<Value> {
    let path = format!("{}/../../schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Returns the keys of objects that are not in a part of a schema.
fn unknown_keys(value: &Value, part: &Value, schema: &Value) -> Vec<String> {
    if let Some(pointer) = part["$ref"].as_str() {
        return unknown_keys(value, schema.pointer(&pointer[1..]).expect("there"), schema);
    }
    let Value::Object(members) = value else { return Vec::new() };
    let alternatives = ["anyOf", "oneOf"].iter().filter_map(|key| part[key].as_array()).flatten();
    let mut unknown = Vec::new();
    for (key, value) in members {
        let mut of_key = [&part["properties"][key], &part["additionalProperties"]].into_iter();
        match of_key.find(|schema| schema.is_object()) {
            Some(of_key) => unknown.extend(unknown_keys(value, of_key, schema)),
            None => {
                let member = json!({ key.as_str(): value });
                let mut within = alternatives.clone().map(|it| unknown_keys(&member, it, schema));
                if !within.any(|unknown| unknown.is_empty()) {
                    unknown.push(key.clone());
                }
            }
        }
    }
    unknown
}

/// Returns the event with its unknown parts formatted by serde_json.
fn spelled(event: &Event<'static>) -> Event<'static> {
    let json = serde_json::to_string(event).expect("JSON");
    Event::parse(json.as_bytes()).expect("an event").into_owned()
}

#[test]
fn known_events_are_written_just_as_they_are_printed() {
    let documents = include_str!("../../../../tests/vectors/documents/availability.ndjson");
    for line in documents.lines() {
        let event = Event::parse(line.as_bytes()).expect("a good event");
        assert_eq!(serde_json::to_string(&event).expect("JSON"), event.to_json());
    }
}

#[test]
fn an_event_fits_into_messages_of_any_form() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "message", rename_all = "snake_case")]
    enum Message {
        Received { event: Event<'static> },
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Stored {
        offset: u64,
        #[serde(flatten)]
        event: Event<'static>,
    }
    let body = Body::GroupsUpdated { previous_group_ids: None, new_group_ids: vec!["9".into()] };
    let agent = Agent::new(u64::MAX, (1 << 53) + 1);
    let built = Availability::new(agent, at("2026-01-05T09:00:00.5Z"), "a", body);
    let event = Event::from(built.expect("a good event").with_version(u64::MAX));

    let message = Message::Received { event: event.clone() };
    let json = serde_json::to_value(&message).expect("data");
    assert_eq!(json["event"]["account_id"], u64::MAX);
    assert_eq!(serde_json::from_value::<Message>(json).expect("a message"), message);

    let json = serde_json::to_string(&Stored { offset: 5, event }).expect("JSON");
    let stored: Stored = serde_json::from_str(&json).expect("stored");
    assert_eq!(stored.event.agent(), Some(agent));
}

#[test]
fn data_that_is_no_event_is_refused_with_the_readers_issues() {
    let refused = |json: &str| serde_json::from_str::<Event<'_>>(json).expect_err(json).to_string();
    let event = json!({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "x",
        "timestamp": "2018-10-19T12:33:50Z", "value": "away"})
    .to_string();
    assert!(serde_json::from_str::<Event<'_>>(&event).is_ok());
    assert!(refused("{}").contains("missing_field"));
    assert!(refused("3").contains("wrong_type"));
    assert!(refused("[").contains("EOF"));
    let twice = event.replacen('{', r#"{"value": "online","#, 1);
    assert!(refused(&twice).contains("duplicate_key"));
    let deep = format!(r#"{{"deep":{}{},{}"#, "[".repeat(70), "]".repeat(70), &event[1..]);
    assert!(refused(&deep).contains("too_deep"));
}

#[test]
fn constructors_refuse_what_the_reader_refuses() {
    let (early, late) = (at("2018-10-19T12:33:50Z"), at("2018-10-20T12:33:51Z"));
    let channel = || Body::ChannelCreated { channel: "talk".into() };
    let event = Availability::new(one_account(), late, "a", channel()).expect("no time is stated");
    assert_eq!(event.with_time(early).expect_err("too late").code, Code::FutureInstant);
    let field = ChatField::Engagements { previous_value: None, value: 1 };
    let id = "R6vTSXc.agent:7.WEuQDQ";
    assert!(Chat::new(one_account(), early, id, field.clone()).is_ok());
    let refused = Chat::new(one_account(), at("2018-10-21T00:00:00Z"), id, field);
    assert_eq!(refused.expect_err("too late").path, "/timestamp");
    let max_capacity = vec![Capacity::new("a/b", None), Capacity::new("a/b", Some(1))];
    let refused =
        Availability::new(one_account(), early, "a", Body::MaxCapacityChanged { max_capacity });
    assert_eq!(refused.expect_err("twice").path, "/event/maxCapacity/a~1b");
}

#[test]
fn an_event_without_an_account_is_of_no_agent() {
    let body = Body::ChannelCreated { channel: "talk".into() };
    let mut event =
        Availability::new(one_account(), at("2026-01-05T09:00:00Z"), "a", body).expect("good");
    (event.account_id, event.detail.account_id) = (None, None);
    let event = Event::from(event);
    assert_eq!(event.agent(), None);
    assert_eq!(event.to_cloud_event(), None);
    let mut fold = Fold::new();
    assert!(matches!(fold.apply(&event).outcome, Outcome::Unreadable { .. }));
    assert!(fold.is_empty());
}

#[test]
fn every_kind_is_read_and_written_by_its_name() {
    for kind in Kind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(*kind));
        assert_eq!(format!("{kind:>30}").trim_start(), kind.as_str());
        let json = serde_json::to_string(kind).expect("JSON");
        assert_eq!(json, format!("\"{kind}\""));
        assert_eq!(serde_json::from_str::<Kind>(&json).expect("a kind"), *kind);
    }
    assert!("rest".parse::<Kind>().is_err());
    assert!("zen:event-type:agent.state_changed".parse::<Kind>().is_err());
}

#[test]
fn a_fold_refuses_what_a_reader_with_its_clock_refuses() {
    let body = Body::ChannelCreated { channel: "support".into() };
    let event = Availability::new(Agent::new(2, 7), at("2026-01-06T09:00:01Z"), "a", body);
    let event = Event::from(event.expect("a good event"));
    let mut fold = Fold::new();
    fold.set_now(at("2026-01-05T09:00:00Z"));
    let Outcome::Unreadable { issues } = fold.insert(&event) else { panic!("dated too late") };
    assert_eq!((issues[0].code, &*issues[0].path), (Code::FutureInstant, "/event/updated_at"));
    fold.set_now(at("2026-01-05T09:00:01Z"));
    assert_eq!(fold.insert(&event), Outcome::Applied);
    // The clock is no part of the fold.
    let mut other = Fold::new();
    other.insert(&event);
    assert!(other == fold);
    fold.merge(&other).expect("equal options");
}

#[test]
fn sums_of_the_greatest_numbers_do_not_overflow() {
    let greatest = u64::from(u32::MAX);
    let (from, to) = (Instant::MIN, Instant::MAX);
    let mut fold = Fold::new();
    for agent in 1..=3 {
        let agent = Agent::new(2, agent);
        let max_capacity = vec![Capacity::new("support", Some(greatest))];
        let body = Body::MaxCapacityChanged { max_capacity };
        let event = Availability::new(agent, from, "a", body).expect("a good event");
        assert_eq!(fold.insert(&event.into()), Outcome::Applied);
        let body = Body::StateChanged {
            channel: "support".into(),
            previous_state: None,
            new_state: "online".into(),
        };
        let event = Availability::new(agent, from, "b", body).expect("a good event");
        assert_eq!(fold.insert(&event.into()), Outcome::Applied);
    }
    let buckets = Buckets::new(vec![from, to], to).expect("rising");
    let all = agentfold::Selection::all();
    let mut rows = fold.report(&buckets, RollUp::Channel, &all).expect("few rows");
    let capacity = rows.find_map(|row| match row {
        Row::Channel(row) => Some(row.capacity_ns),
        _ => None,
    });
    let ns = u128::try_from(to.unix_nanos() - from.unix_nanos()).expect("positive");
    assert_eq!(capacity, Some(3 * u128::from(greatest) * ns));

    for too_large in [greatest + 1, u64::MAX] {
        let max_capacity = vec![Capacity::new("support", Some(1)).with_previous(Some(too_large))];
        let body = Body::MaxCapacityChanged { max_capacity };
        let issue = Availability::new(Agent::new(2, 7), from, "a", body).expect_err("too large");
        assert_eq!(issue.code, Code::OutOfRange);
        let field = ChatField::Engagements { previous_value: None, value: too_large };
        let issue = Chat::new(Agent::new(2, 7), from, "a", field).expect_err("too large");
        assert_eq!((issue.code, &*issue.path), (Code::OutOfRange, "/value"));
    }
}
