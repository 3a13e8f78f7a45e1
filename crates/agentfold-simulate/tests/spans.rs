//! The true spans, compared with the events of a delivery without faults.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use agentfold_simulate::{Feed, Simulation};
use serde_json::{Value, json};

const START: &str = "2026-01-05T00:00:00.000000000Z";
const END: &str = "2026-01-08T00:00:00.000000000Z";

/// Account, agent and track, as in the spans.
type Track = (String, String, String);

/// The beginning and end of a value as texts of equal length, which sort like instants, and the
/// value.
type Span = (String, String, Value);

/// Three days of a floor, long enough for many items to end.
fn floor() -> Simulation {
    Simulation { agents: 60, hours: 72, seed: 5, feed: Feed::Both, ..Simulation::default() }
}

fn parsed(line: &str) -> Value {
    serde_json::from_str(line).expect("a line is JSON")
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is text"))
}

/// The instant with nine fraction digits.
fn instant(text: &Value) -> String {
    let text = word(text).strip_suffix('Z').expect("instants are in Z");
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{seconds}.{fraction:0<9}Z")
}

fn spans_of(simulation: &Simulation) -> BTreeMap<Track, Vec<Span>> {
    let mut spans: BTreeMap<Track, Vec<Span>> = BTreeMap::new();
    for line in simulation.truth() {
        let span = parsed(&line);
        let part = |key: &str| word(&span[key]).to_owned();
        let track = (part("account_id"), part("agent_id"), part("track"));
        let (from, to) = (instant(&span["from"]), instant(&span["to"]));
        spans.entry(track).or_default().push((from, to, span["value"].clone()));
    }
    spans
}

fn spans() -> &'static BTreeMap<Track, Vec<Span>> {
    static SPANS: OnceLock<BTreeMap<Track, Vec<Span>>> = OnceLock::new();
    SPANS.get_or_init(|| spans_of(&floor()))
}

/// The values of all tracks by the instants of their events; the last event of an instant counts.
#[derive(Default)]
struct Replay(BTreeMap<Track, BTreeMap<String, Value>>);

impl Replay {
    fn of(simulation: &Simulation) -> Replay {
        let mut replay = Replay::default();
        simulation.events().for_each(|line| replay.learn(&parsed(&line)));
        replay
    }

    fn learn(&mut self, event: &Value) {
        let account = event["account_id"].to_string();
        if let Some(field) = event["field_name"].as_str() {
            let agent = (account, event["agent_id"].to_string());
            let (at, track) = (instant(&event["timestamp"]), format!("chat_{field}"));
            return self.set(&agent, &track, &at, Some(&event["previous_value"]), &event["value"]);
        }
        let agent = (account, word(&event["detail"]["agent_id"]).to_owned());
        let body = &event["event"];
        let at = instant(&body["updated_at"]);
        let on = |track: &str| format!("{track}[{}]", word(&body["channel"]));
        match word(&event["type"]).strip_prefix("zen:event-type:agent.").expect("a known type") {
            "state_changed" => {
                let previous = Some(&body["previous_state"]);
                self.set(&agent, &on("state"), &at, previous, &body["new_state"]);
            }
            "unified_state_changed" => {
                let previous = Some(&body["previous_unified_state"]);
                self.set(&agent, "unified_state", &at, previous, &body["new_unified_state"]);
            }
            "groups_updated" => {
                let previous = Some(&body["previous_group_ids"]);
                self.set(&agent, "groups", &at, previous, &body["new_group_ids"]);
            }
            "max_capacity_changed" => {
                for (channel, limit) in body["maxCapacity"].as_object().expect("an object") {
                    let track = format!("max_capacity[{channel}]");
                    self.set(&agent, &track, &at, Some(&limit["previous"]), &limit["current"]);
                }
            }
            "channel_created" => {
                self.set(&agent, &on("access"), &at, Some(&json!(false)), &json!(true));
            }
            "channel_deleted" => {
                self.set(&agent, &on("access"), &at, Some(&json!(true)), &json!(false));
                self.set(&agent, &on("state"), &at, Some(&json!("offline")), &Value::Null);
            }
            kind => {
                let item = format!("work_item[{}]@", word(&body["work_item_id"]));
                if body["reason"] == "CHANNEL_CHANGE" {
                    self.leave_all_channels(&agent, &item, &at);
                }
                let open = kind != "work_item_removed";
                let value = json!({"reason": body["reason"], "open": open});
                self.set(&agent, &(item + word(&body["channel"])), &at, None, &value);
            }
        }
    }

    fn leave_all_channels(&mut self, agent: &(String, String), item: &str, at: &str) {
        for channel in ["messaging", "support", "talk"] {
            let track = (agent.0.clone(), agent.1.clone(), format!("{item}{channel}"));
            let last = self.0.get(&track).and_then(|values| values.last_key_value());
            if last.is_some_and(|(_, value)| value["open"] == true) {
                let value = json!({"reason": "CHANNEL_CHANGE", "open": false});
                self.set(agent, &track.2, at, None, &value);
            }
        }
    }

    fn set(
        &mut self,
        (account, agent): &(String, String),
        track: &str,
        at: &str,
        previous: Option<&Value>,
        value: &Value,
    ) {
        let track = (account.clone(), agent.clone(), track.to_owned());
        let values = self.0.entry(track).or_insert_with(|| {
            previous.map(|previous| (START.to_owned(), previous.clone())).into_iter().collect()
        });
        values.insert(at.to_owned(), value.clone());
    }

    fn spans(self) -> BTreeMap<Track, Vec<Span>> {
        let spans = |values: BTreeMap<String, Value>| {
            let mut values: Vec<(String, Value)> = values.into_iter().collect();
            values.dedup_by(|later, earlier| later.1 == earlier.1);
            let ends: Vec<String> = values.iter().skip(1).map(|(at, _)| at.clone()).collect();
            let ends = ends.into_iter().chain([END.to_owned()]);
            values.into_iter().zip(ends).map(|((from, value), to)| (from, to, value)).collect()
        };
        self.0.into_iter().map(|(track, values)| (track, spans(values))).collect()
    }
}

#[test]
fn spans_equal_those_of_a_replay_of_all_events() {
    for feed in [Feed::Both, Feed::Availability, Feed::Chat] {
        let simulation = Simulation { feed, ..floor() };
        let (true_spans, replayed) = (spans_of(&simulation), Replay::of(&simulation).spans());
        assert!(true_spans.keys().eq(replayed.keys()));
        for (track, spans) in true_spans {
            assert_eq!(spans, replayed[&track], "{track:?}");
        }
    }
}

#[test]
fn spans_of_a_track_have_no_gaps_do_not_overlap_and_reach_the_end() {
    for (track, spans) in spans() {
        let is_item = track.2.starts_with("work_item[");
        assert_eq!(spans[0].0 == START, !is_item, "{track:?}");
        assert_eq!(spans.last().map(|span| &*span.1), Some(END), "{track:?}");
        for (from, to, _) in spans {
            assert!(from < to, "{track:?}: {from} to {to}");
        }
        for pair in spans.windows(2) {
            assert_eq!(pair[0].1, pair[1].0, "{track:?}");
            assert_ne!(pair[0].2, pair[1].2, "{track:?} at {}", pair[1].0);
        }
    }
}

#[test]
fn every_track_occurs_and_deletions_and_reopenings_occur() {
    let spans = spans();
    for track in [
        "access[messaging]",
        "chat_engagements",
        "chat_status",
        "groups",
        "max_capacity[talk]",
        "state[support]",
        "unified_state",
    ] {
        assert!(spans.keys().any(|key| key.2 == track), "{track}");
    }
    let values = |of: &str| -> Vec<Vec<&Value>> {
        let tracks = spans.iter().filter(|(track, _)| track.2.starts_with(of));
        tracks.map(|(_, spans)| spans.iter().map(|span| &span.2).collect()).collect()
    };
    assert!(values("state[").concat().contains(&&Value::Null));
    assert!(values("max_capacity[").iter().any(|values| values[1..].contains(&&Value::Null)));
    let items = values("work_item[");
    let moved = json!({"reason": "CHANNEL_CHANGE", "open": false});
    assert!(items.iter().any(|values| values.contains(&&moved)));
    let is_closed = |value: &&Value| value["open"] == false;
    let reopened = |values: &Vec<&Value>| values[..values.len() - 1].iter().any(is_closed);
    assert!(items.iter().any(reopened));
    assert!(items.iter().all(|values| !is_closed(&values[0])));
}

#[test]
fn losses_duplicates_and_delays_do_not_change_the_truth() {
    let truth: Vec<String> = floor().truth().collect();
    for (drop, duplicate, shuffle) in [(0.5, 0.0, 0), (1.0, 0.0, 0), (0.1, 0.3, 600)] {
        let faulty = Simulation { drop, duplicate, shuffle, ..floor() };
        assert!(truth.iter().cloned().eq(faulty.truth()), "{drop}, {duplicate}, {shuffle}");
    }
}

#[test]
fn the_truth_of_a_feed_is_the_same_with_and_without_the_other_feed() {
    let mut apart = spans_of(&Simulation { feed: Feed::Availability, ..floor() });
    assert!(apart.keys().all(|track| !track.2.starts_with("chat_")));
    let mut chat = spans_of(&Simulation { feed: Feed::Chat, ..floor() });
    assert!(chat.keys().all(|track| track.2.starts_with("chat_")));
    apart.append(&mut chat);
    assert!(&apart == spans());
}

#[test]
fn keys_have_the_order_of_intervals() {
    for line in floor().truth() {
        let value = parsed(&line);
        let [account, agent, track, from, to] =
            ["account_id", "agent_id", "track", "from", "to"].map(|key| &value[key]);
        let written = format!(
            r#"{{"account_id":{account},"agent_id":{agent},"track":{track},"from":{from},"to":{to},"value":"#
        );
        assert!(line.starts_with(&written), "{line}");
    }
}

#[test]
fn the_smallest_simulations_have_a_truth() {
    for (agents, hours) in [(0, 8), (8, 0), (1, 24), (3, 24)] {
        let simulation = Simulation { agents, hours, ..Simulation::default() };
        let mut truth = simulation.truth();
        assert_eq!(truth.by_ref().count() > 0, agents > 0 && hours > 0);
        assert_eq!(truth.next(), None);
    }
    let late = Simulation { hours: u32::MAX, start: u64::MAX, ..Simulation::default() };
    assert_eq!(late.truth().count(), 0);
}
