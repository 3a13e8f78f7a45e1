//! The content of events: each is true of its agent, and all kinds occur.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use agentfold_simulate::{Feed, Simulation};
use serde_json::{Value, json};

const CROCKFORD: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const BASE_62: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Three days of a floor, long enough for rare events.
fn events() -> &'static [Value] {
    static EVENTS: OnceLock<Vec<Value>> = OnceLock::new();
    EVENTS.get_or_init(|| {
        let floor = Simulation { agents: 60, hours: 72, seed: 5, ..Simulation::default() };
        let lines = Simulation { feed: Feed::Both, ..floor }.events();
        lines.map(|line| serde_json::from_str(&line).expect("a line is JSON")).collect()
    })
}

fn word<'a>(event: &'a Value, pointer: &str) -> &'a str {
    event.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {event}"))
}

fn is_chat(event: &Value) -> bool {
    event.get("field_name").is_some()
}

/// The agent of either feed, as (account, agent).
fn agent(event: &Value) -> (u64, u64) {
    let account = event["account_id"].as_u64().expect("account ids are integers");
    if is_chat(event) {
        return (account, event["agent_id"].as_u64().expect("chat ids are integers"));
    }
    assert_eq!(word(event, "/detail/account_id"), account.to_string());
    let agent = word(event, "/detail/agent_id");
    assert_eq!(word(event, "/subject"), format!("zen:agent:{agent}"));
    (account, agent.parse().expect("ids are numbers"))
}

fn kind(event: &Value) -> &str {
    if is_chat(event) {
        return word(event, "/field_name");
    }
    word(event, "/type").strip_prefix("zen:event-type:agent.").expect("types have a prefix")
}

/// The milliseconds since 1970 of an instant in January 2026.
fn milliseconds(instant: &str) -> u64 {
    assert!(instant.starts_with("2026-01-") && instant.ends_with('Z'), "{instant}");
    let part = |from: usize, to: usize| instant[from..to].parse::<u64>().expect("digits");
    let minutes = (20_453 + part(8, 10)) * 1440 + part(11, 13) * 60 + part(14, 16);
    (minutes * 60 + part(17, 19)) * 1000 + part(20, 23)
}

fn number(digits: &str, alphabet: &str) -> u64 {
    digits.chars().fold(0, |number, digit| {
        let value = alphabet.find(digit).expect("a digit of the alphabet");
        number * alphabet.len() as u64 + value as u64
    })
}

/// The values of an agent after the events so far.
struct Known {
    version: u64,
    unified_state: Value,
    channels: BTreeMap<String, Value>,
    capacities: BTreeMap<String, Value>,
    groups: Value,
    items: HashMap<String, (String, String)>,
    status: Value,
    engagements: Value,
}

impl Known {
    fn new() -> Self {
        Self {
            version: 0,
            unified_state: json!({"id": "2", "name": "offline", "reason": "UNKNOWN"}),
            channels: BTreeMap::new(),
            capacities: BTreeMap::new(),
            groups: json!([]),
            items: HashMap::new(),
            status: json!("offline"),
            engagements: json!(0),
        }
    }

    /// Applies an event, and checks its previous values.
    fn learn(&mut self, event: &Value) {
        let body = &event["event"];
        if !is_chat(event) {
            self.version += 1;
            assert_eq!(word(event, "/detail/version"), self.version.to_string());
        }
        match kind(event) {
            "state_changed" => {
                let state = self.channels.get_mut(word(body, "/channel"));
                let state = state.expect("an agent has access to a channel with a state");
                assert_eq!(body["previous_state"], *state, "{event}");
                assert_ne!(body["new_state"], *state, "{event}");
                *state = body["new_state"].clone();
            }
            "channel_created" => {
                let channel = word(body, "/channel").to_owned();
                assert_eq!(self.channels.insert(channel, json!("offline")), None, "{event}");
            }
            "channel_deleted" => {
                assert!(self.channels.remove(word(body, "/channel")).is_some(), "{event}");
            }
            "max_capacity_changed" => {
                let capacities = body["maxCapacity"].as_object().expect("an object");
                assert!(!capacities.is_empty());
                for (channel, capacity) in capacities {
                    let known = self.capacities.entry(channel.clone()).or_default();
                    assert_eq!(capacity["previous"], *known, "{event}");
                    assert_ne!(capacity["current"], *known, "{event}");
                    *known = capacity["current"].clone();
                }
            }
            "unified_state_changed" => {
                assert_eq!(body["previous_unified_state"], self.unified_state, "{event}");
                assert_ne!(body["new_unified_state"]["id"], self.unified_state["id"], "{event}");
                self.unified_state = body["new_unified_state"].clone();
            }
            "groups_updated" => {
                assert_eq!(body["previous_group_ids"], self.groups, "{event}");
                assert_ne!(body["new_group_ids"], self.groups, "{event}");
                self.groups = body["new_group_ids"].clone();
            }
            "status" => {
                assert_eq!(event["previous_value"], self.status, "{event}");
                assert_ne!(event["value"], self.status, "{event}");
                self.status = event["value"].clone();
            }
            "engagements" => {
                assert_eq!(event["previous_value"], self.engagements, "{event}");
                let before = self.engagements.as_u64().expect("a count");
                let after = event["value"].as_u64().expect("a count");
                assert_eq!(before.abs_diff(after), 1, "{event}");
                self.engagements = event["value"].clone();
            }
            _ => self.learn_of_item(event),
        }
    }

    fn learn_of_item(&mut self, event: &Value) {
        let body = &event["event"];
        let item = word(body, "/work_item_id").to_owned();
        let channel = word(body, "/channel").to_owned();
        let reason = body["reason"].as_str().unwrap_or_default().to_owned();
        let held = match kind(event) {
            "work_item_removed" => self.items.remove(&item),
            _ => self.items.insert(item, (channel.clone(), reason.clone())),
        };
        match kind(event) {
            "work_item_added" => assert_eq!(held, None, "{event}"),
            "work_item_updated" => {
                let (before, previous) = held.expect("an item is open when it is updated");
                assert_eq!(word(body, "/previous_reason"), previous, "{event}");
                assert_eq!(before != channel, reason == "CHANNEL_CHANGE", "{event}");
            }
            "work_item_removed" => {
                let (before, _) = held.expect("an item is open when it is removed");
                assert_eq!(before, channel, "{event}");
            }
            other => panic!("an event of type {other}"),
        }
    }
}

#[test]
fn every_previous_value_is_the_value_before_and_versions_have_no_gaps() {
    let mut agents = HashMap::new();
    for event in events() {
        agents.entry(agent(event)).or_insert_with(Known::new).learn(event);
    }
    assert_eq!(agents.len(), 60);
}

#[test]
fn no_item_belongs_to_two_agents_at_once() {
    let mut holders = HashMap::new();
    for event in events() {
        let item = event["event"]["work_item_id"].as_str().map(|id| (agent(event).0, id));
        match (item, kind(event)) {
            (Some(item), "work_item_added") => {
                assert_eq!(holders.insert(item, agent(event)), None, "{event}");
            }
            (Some(item), "work_item_removed") => {
                assert_eq!(holders.remove(&item), Some(agent(event)), "{event}");
            }
            _ => {}
        }
    }
}

#[test]
fn every_type_every_chat_field_and_many_reasons_occur() {
    let events = events();
    let kinds: BTreeSet<&str> = events.iter().map(kind).collect();
    let all = [
        "channel_created",
        "channel_deleted",
        "engagements",
        "groups_updated",
        "max_capacity_changed",
        "state_changed",
        "status",
        "unified_state_changed",
        "work_item_added",
        "work_item_removed",
        "work_item_updated",
    ];
    assert!(kinds.into_iter().eq(all));

    let of = |wanted: &str, pointer: &str| -> BTreeSet<&str> {
        let wanted = events.iter().filter(|event| kind(event) == wanted);
        wanted.map(|event| event.pointer(pointer).and_then(Value::as_str).unwrap_or("-")).collect()
    };
    let added = [
        "ACCEPTED",
        "ASSIGNED",
        "ASSIGNED_TRANSFER",
        "MANUAL_ASSIGNED",
        "OFFERED",
        "REOPENED",
        "UNKNOWN_ADD",
    ];
    assert!(of("work_item_added", "/event/reason").into_iter().eq(added));
    let updated = ["ACCEPTED", "CHANNEL_CHANGE", "OFFER_MISSED", "OFFER_OBSOLETED"];
    assert!(of("work_item_updated", "/event/reason").into_iter().eq(updated));
    let removed = [
        "-",
        "AGENT_ENDED",
        "INACTIVITY_TIMEOUT",
        "MANUAL_REASSIGNMENT",
        "REMOVED",
        "UNKNOWN_REMOVE",
        "WORK_ITEM_ON_HOLD",
        "WORK_ITEM_SOLVED",
    ];
    assert!(of("work_item_removed", "/event/reason").into_iter().eq(removed));
    let unified = [
        "AGENT_DISCONNECTED",
        "AGENT_IDLE_TIMEOUT",
        "AGENT_LOGOUT",
        "AGENT_STATUS_SWITCHER",
        "MONITORING_ASSISTANT_UPDATE",
        "PUBLIC_API",
        "SWITCHER_AUTO_RECONNECT",
        "WFM_STATUS_UPDATE",
    ];
    assert!(of("unified_state_changed", "/event/new_unified_state/reason").into_iter().eq(unified));
    let statuses = ["away", "invisible", "offline", "online"];
    assert!(of("status", "/value").into_iter().eq(statuses));
}

#[test]
fn ids_are_unique_and_contain_the_time() {
    let mut seen = HashSet::new();
    for event in events() {
        let id = word(event, "/id");
        assert!(seen.insert(id.to_owned()), "{id}");
        if is_chat(event) {
            let parts: Vec<&str> = id.split('.').collect();
            let [time, owner, random] = parts[..] else { panic!("{id}") };
            assert_eq!((time.len(), random.len()), (7, 6), "{id}");
            assert_eq!(number(time, BASE_62), milliseconds(word(event, "/timestamp")), "{id}");
            assert_eq!(owner, format!("agent:{}", agent(event).1));
            assert!(random.chars().all(|digit| BASE_62.contains(digit)), "{id}");
        } else {
            assert_eq!(id.len(), 26, "{id}");
            assert_eq!(number(&id[..10], CROCKFORD), milliseconds(word(event, "/time")), "{id}");
            assert!(id.chars().all(|digit| CROCKFORD.contains(digit)), "{id}");
        }
    }
}

#[test]
fn instants_have_the_digits_of_their_feed_and_events_are_issued_soon_after() {
    for event in events() {
        if is_chat(event) {
            assert_eq!(word(event, "/timestamp").len(), "2018-10-19T12:33:50.140101Z".len());
        } else {
            let (at, time) = (word(event, "/event/updated_at"), word(event, "/time"));
            assert_eq!(at.len(), "2023-04-05T23:30:58.642630335Z".len());
            assert_eq!(time.len(), at.len());
            let delay = milliseconds(time) - milliseconds(at);
            assert!((17..=421).contains(&delay), "{delay} ms");
        }
    }
}

#[test]
fn some_changes_have_the_same_instant() {
    let events = events();
    let webhooks: Vec<&Value> = events.iter().filter(|event| !is_chat(event)).collect();
    let same = |pair: &&[&Value]| {
        pair[0]["event"]["updated_at"] == pair[1]["event"]["updated_at"]
            && agent(pair[0]) == agent(pair[1])
    };
    let simultaneous = webhooks.windows(2).filter(same).count();
    assert!((100..webhooks.len() / 20).contains(&simultaneous), "{simultaneous}");
}

#[test]
fn some_ids_are_small_and_some_are_too_large_for_a_double() {
    let ids: HashSet<u64> = events().iter().map(|event| agent(event).1).collect();
    assert!(ids.iter().any(|&id| id < 1_000_000));
    assert!(ids.iter().any(|&id| id > 1 << 53));
}

#[test]
fn names_of_states_are_any_text() {
    let names: HashSet<String> = events()
        .iter()
        .filter(|event| kind(event) == "unified_state_changed")
        .map(|event| word(event, "/event/new_unified_state/name").to_owned())
        .collect();
    for name in ["online", "Lunch", "Training", "1:1 \"coaching\"", "Pause déjeuner"] {
        assert!(names.contains(name), "{name} in {names:?}");
    }
}
