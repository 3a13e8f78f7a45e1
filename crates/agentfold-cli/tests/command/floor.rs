//! What `floor` prints: which agents can take one more item, and which are doubtful.

use agentfold_simulate::Feed;
use serde_json::{Value, json};

use crate::events::{half_a_day, ndjson, support_is, webhook};
use crate::run::Folder;

fn lines(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// A webhook that sets an agent's capacity on the support channel.
fn capacity_is(max: u64, agent_id: u64, version: u64, at: &str) -> String {
    let fields = format!(r#""maxCapacity":{{"support":{{"current":{max},"previous":null}}}}"#);
    webhook(agent_id, version, at, "max_capacity_changed", &fields)
}

fn item_added(item: u64, agent_id: u64, version: u64, at: &str) -> String {
    let fields = format!(r#""work_item_id":"{item}","channel":"support","reason":"ASSIGNED""#);
    webhook(agent_id, version, at, "work_item_added", &fields)
}

#[test]
fn the_least_loaded_agents_come_first_and_of_them_those_with_most_spare_capacity() {
    let at = "2026-01-05T09:00:00Z";
    let events = [
        support_is("online", 1, 1, at),
        capacity_is(3, 1, 2, at),
        item_added(10, 1, 3, at),
        support_is("online", 2, 1, at),
        capacity_is(2, 2, 2, at),
        support_is("online", 3, 1, at),
        capacity_is(5, 3, 2, at),
        support_is("away", 4, 1, at),
        support_is("online", 5, 1, at),
        support_is("online", 6, 1, at),
        capacity_is(1, 6, 2, at),
        item_added(11, 6, 3, at),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let floor = lines(&folder.run("floor events").printed());
    assert_eq!(floor.len(), 1);
    let agents = floor[0]["agents"].as_array().expect("a list");
    let order: Vec<&str> = agents.iter().filter_map(|agent| agent["agent_id"].as_str()).collect();
    // Agent 5 has no known capacity, agent 4 is away, agent 6 is full.
    assert_eq!(order, ["3", "2", "1", "5", "4", "6"]);
    for (key, value) in [
        ("at", json!(at)),
        ("states", json!([{"state": "away", "agents": 1}, {"state": "online", "agents": 5}])),
        ("load", json!(2)),
        ("max_capacity", json!(11)),
        ("spare", json!(9)),
        ("accepting", json!(3)),
        ("unsure", json!(1)),
        ("doubtful", json!(0)),
    ] {
        assert_eq!(floor[0][key], value, "{key}");
    }
}

#[test]
fn the_floor_agrees_with_the_state_as_of_the_same_instant() {
    let folder = Folder::with("events", ndjson(&half_a_day(Feed::Both)));
    let noon = "2026-01-05T06:00:00Z";
    let floors = lines(&folder.run(&format!("floor events --at {noon}")).printed());
    let states = lines(&folder.run(&format!("state events --at {noon}")).printed());
    let mut agents = 0;
    for floor in &floors {
        for agent in floor["agents"].as_array().expect("a list") {
            let state = states.iter().find(|state| state["agent_id"] == agent["agent_id"]);
            let channel = &state.expect("the same agents")["channels"]
                [floor["channel"].as_str().expect("a name")];
            for key in ["state", "load", "max_capacity", "spare", "accepting"] {
                assert_eq!(agent[key], channel[key], "{key}");
            }
            agents += 1;
        }
    }
    let channels = states.iter().flat_map(|state| state["channels"].as_object());
    let channels = channels.flat_map(|channels| channels.values());
    assert_eq!(agents, channels.filter(|channel| channel["access"] != false).count());
}

#[test]
fn a_recent_anomaly_or_a_long_silence_makes_an_agent_doubtful() {
    let state_changed = |state: &str, version, at: &str, previous: &str| {
        let fields =
            format!(r#""new_state":"{state}","previous_state":"{previous}","channel":"support""#);
        webhook(7, version, at, "state_changed", &fields)
    };
    let events = [
        state_changed("online", 1, "2026-01-05T09:00:00Z", "offline"),
        // The event that set the agent to away was lost.
        state_changed("online", 3, "2026-01-05T10:00:00Z", "away"),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let doubts = |arguments: &str| {
        let floor = lines(&folder.run(&format!("floor events {arguments}")).printed());
        floor[0]["agents"][0]["doubts"].clone()
    };
    assert_eq!(doubts("--at 2026-01-05T09:59:59Z"), json!([]));
    assert_eq!(doubts(""), json!(["gap", "missing_versions"]));
    assert_eq!(doubts("--at 2026-01-05T10:16:00Z"), json!([]));
    assert_eq!(
        doubts("--at 2026-01-05T10:16:00Z --near 1h --silent 10m"),
        json!(["gap", "missing_versions", "silent"])
    );
    assert_eq!(doubts("--at 2026-01-05T18:00:01Z"), json!(["silent"]));

    let table = folder.run("floor events --table").printed();
    assert!(table.contains("1 online"), "{table}");
}

#[test]
fn one_channel_can_be_requested() {
    let folder = Folder::with("events", ndjson(&half_a_day(Feed::Availability)));
    let floors = lines(&folder.run("floor events --channel talk").printed());
    assert!(!floors.is_empty());
    assert!(floors.iter().all(|floor| floor["channel"] == "talk"));

    let none = folder.run("floor events --channel tlak");
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));
    assert_eq!(none.stderr, "nothing is known about channel `tlak` at that instant\n");
}

#[test]
fn a_floor_before_the_cut_is_refused() {
    let folder = Folder::with("events", ndjson(&half_a_day(Feed::Availability)));
    folder.run("state events --compact 2026-01-05T06:00:00Z --save fold").printed();
    let refused = folder.run("floor --restore fold --at 2026-01-05T05:00:00Z").refused(2);
    assert!(refused.contains("2026-01-05T05:00:00Z"), "{refused}");
    assert_eq!(folder.run_on("", "floor").printed(), "");
}
