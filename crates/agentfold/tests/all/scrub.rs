//! Scrubbed streams can be shared: they contain no personal data, and they fold to the scrubbed fold.

use std::collections::BTreeMap;

use agentfold::history::Sign;
use agentfold::names::Names;
use agentfold::scrub::Scrubber;
use agentfold::{Agent, AgentState, Event, Fold, Id, Track};
use agentfold_simulate::{Feed, Simulation};
use proptest::prelude::*;
use serde_json::Value;

use crate::adversary::{events, streams};
use crate::case::cases;

fn scrubber() -> Scrubber {
    Scrubber::new(&[7; 32]).expect("long enough")
}

fn fold(events: &[Event<'_>]) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

fn states(fold: &Fold) -> Vec<AgentState> {
    fold.agents().filter_map(|agent| fold.state(agent)).collect()
}

fn number(id: &str) -> u64 {
    id.parse().expect("pseudonyms are numbers")
}

/// Returns the state with pseudonyms.
fn scrubbed(scrubber: &Scrubber, mut state: AgentState) -> AgentState {
    let Agent { account_id, agent_id } = state.agent;
    state.agent = Agent::new(scrubber.account(account_id), scrubber.agent(agent_id));
    if let Some(unified) = &mut state.unified_state {
        unified.name = unified.name.as_ref().map(|name| scrubber.name(name));
    }
    if let Some(ids) = &mut state.group_ids {
        ids.iter_mut().for_each(|id| *id = scrubber.group(id));
        ids.sort_by_key(|id| number(id));
    }
    for channel in state.channels.values_mut() {
        channel.work_items.iter_mut().for_each(|item| item.id = scrubber.work_item(&item.id));
        channel.work_items.sort_by_key(|item| number(&item.id));
    }
    state
}

/// Whether text that is replaced decided between two transitions with the same stamp.
fn is_torn(fold: &Fold) -> bool {
    fold.anomalies().iter().any(|anomaly| match &anomaly.sign {
        Sign::Conflict(place) => [Track::Groups, Track::UnifiedState].contains(&place.track),
        _ => false,
    })
}

proptest! {
    #[test]
    fn the_fold_of_scrubbed_events_is_the_scrubbed_fold(lines in streams()) {
        let (scrubber, events) = (scrubber(), events(&lines));
        let plain = fold(&events);
        prop_assume!(!is_torn(&plain));
        let lines: Vec<String> = events.iter().map(|event| scrubber.scrub(event)).collect();
        let mut expected: Vec<AgentState> =
            states(&plain).into_iter().map(|state| scrubbed(&scrubber, state)).collect();
        expected.sort_by_key(|state| state.agent);
        let scrubbed = fold(&self::events(&lines));
        prop_assert_eq!(states(&scrubbed), expected);
        prop_assert_eq!(scrubbed.anomalies().len(), plain.anomalies().len());
    }
}

#[test]
fn no_id_and_no_name_is_left() {
    let floor = Simulation { agents: 8, hours: 30, feed: Feed::Both, ..Simulation::default() };
    let scrubber = scrubber();
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for text in floor.events() {
        let event = Event::parse(text.as_bytes()).expect("a good event");
        let agent = event.agent().expect("known");
        let scrubbed = scrubber.scrub(&event);
        let json: Value = serde_json::from_str(&text).expect("JSON");
        let mut secrets = vec![agent.account_id.to_string(), agent.agent_id.to_string()];
        let groups = json["event"]["new_group_ids"].as_array().into_iter().flatten();
        secrets.extend(groups.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)));
        secrets.extend(json["event"]["work_item_id"].as_str().map(str::to_owned));
        let name = json["event"]["new_unified_state"]["name"].as_str();
        let own = ["online", "offline", "away", "transfers_only"];
        secrets.extend(name.filter(|name| !own.contains(name)).map(str::to_owned));
        for secret in secrets.iter().filter(|secret| secret.len() > 3) {
            assert!(!scrubbed.contains(secret.as_str()), "{secret} in {scrubbed}");
            *told.entry("secrets").or_default() += 1;
        }
        // With the key the pseudonym can be computed again.
        assert!(scrubbed.contains(&scrubber.agent(agent.agent_id).to_string()));
    }
    assert!(told["secrets"] > 1000);
}

#[test]
fn another_key_gives_other_stand_ins_and_none_is_shown() {
    let (one, other) = (scrubber(), Scrubber::new(&[8; 16]).expect("long enough"));
    assert_ne!(one.agent(7), other.agent(7));
    assert_ne!(one.agent(7), one.account(7));
    assert_ne!(one.group("7"), one.work_item("7"));
    assert_eq!(format!("{one:?}"), "Scrubber");
}

#[test]
fn unknown_fields_and_types_keep_nothing_that_nobody_knows() {
    let scrubber = scrubber();
    let known =
        br#"{"account_id":2,"agent_id":7,"field_name":"status","id":"x","mail":"a@b.example",
        "timestamp":"2018-10-19T12:33:50Z","value":"online"}"#;
    let unknown = br#"{"account_id":2,"detail":{"agent_id":"7","version":"9","mail":"a@b.example"},
        "id":"x","type":"zen:event-type:agent.renamed"}"#;
    for text in [&known[..], unknown] {
        let event = Event::parse(text).expect("a good event");
        let scrubbed = scrubber.scrub(&event);
        assert!(!scrubbed.contains("example"), "{scrubbed}");
        let again = Event::parse(scrubbed.as_bytes()).expect("a good event");
        assert_eq!(again.agent().map(|agent| agent.agent_id), Some(scrubber.agent(7)));
    }
}

#[test]
fn stand_ins_are_those_of_the_vectors() {
    for case in cases("scrub") {
        let key = case.expected["key"].as_str().expect("a text");
        let scrubber = Scrubber::new(key.as_bytes()).expect("long enough");
        let event = Event::parse(&case.bytes).expect("a good event");
        let scrubbed: Value = serde_json::from_str(&scrubber.scrub(&event)).expect("JSON");
        assert_eq!(scrubbed, case.expected["event"], "{}", case.name);
    }
}

#[test]
fn a_scrubbed_table_of_names_has_no_name_and_no_id_of_the_original() {
    let (ids, scrubber) = (1..=50_u64, scrubber());
    let table: BTreeMap<String, String> =
        ids.clone().map(|id| (id.to_string(), format!("Person {id}"))).collect();
    let table = serde_json::to_string(&table).expect("JSON");
    let names = Names::parse(table.as_bytes()).expect("a table");
    let scrubbed = scrubber.names(&names);
    let numbers = |what: &str| (1..=50).map(|n| format!("{what} {n}")).collect::<Vec<_>>();
    let values = |named: &BTreeMap<Id, String>| named.values().cloned().collect::<Vec<_>>();
    assert_eq!(values(&scrubbed.agents), numbers("Agent"));
    assert_eq!(values(&scrubbed.groups), numbers("Group"));
    for id in ids.clone() {
        assert!(scrubbed.agent(scrubber.agent(id)).is_some());
        assert!(scrubbed.group(&scrubber.group(&id.to_string())).is_some());
        assert_eq!(scrubbed.agent(id), None);
    }
    // The numbers are not in the order of the ids.
    let first: Vec<_> = ids.filter_map(|id| scrubbed.agent(scrubber.agent(id))).collect();
    assert!(!first.is_sorted());
}
