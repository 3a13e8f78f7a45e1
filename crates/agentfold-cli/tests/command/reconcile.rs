//! What `reconcile` prints about a fold and Zendesk's API, and what `state --seed` adds from it.

use serde_json::{Value, json};

use crate::events::{ndjson, support_is, webhook};
use crate::run::Folder;

const ASKED: &str = "--account 2 --asked-at 2026-01-05T12:00:00Z";

/// A page of the REST record: one agent, online on support with one item.
fn page(has_more: bool) -> String {
    let channel = "agent_availabilities|7|channels|support";
    let item = format!("{channel}|work_items|123");
    json!({
        "data": [{
            "type": "agent_availabilities", "id": "agent_availabilities|7",
            "attributes": {"agent_id": 7, "version": 5, "group_ids": [1]},
            "relationships": {"channels": {"data": [{"type": "channels", "id": channel}]}},
        }],
        "included": [
            {
                "type": "channels", "id": channel,
                "attributes": {"name": "support", "status": "online", "max_capacity": 3,
                               "updated_at": "2026-01-05T09:00:00Z", "work_item_count": 1},
                "relationships": {"work_items": {"data": [{"type": "work_items", "id": item}],
                                                 "meta": {"has_more": has_more}}},
            },
            {"type": "work_items", "id": item,
             "attributes": {"added_at": "2026-01-05T09:30:00Z", "reason": "ACCEPTED"}},
        ],
    })
    .to_string()
}

fn differences(stdout: &str) -> Vec<String> {
    let line = |line: &str| -> Value { serde_json::from_str(line).expect("a line is JSON") };
    stdout
        .lines()
        .map(|text| line(text)["difference"].as_str().expect("a word").to_owned())
        .collect()
}

#[test]
fn a_seeded_fold_equals_the_record_until_later_events_change_it() {
    let folder = Folder::with("page", page(false));
    let state = folder.run(&format!("state --seed page {ASKED} --save fold")).printed();
    assert!(state.contains(r#""max_capacity":3,"work_items":[{"id":"123","reason":"ACCEPTED""#));
    let agreed = folder.run("reconcile --restore fold --account 2 --record page");
    assert_eq!((agreed.code, agreed.stdout.as_str()), (Some(0), ""));
    assert_eq!(agreed.stderr, "compared the fold with 1 agent and 0 timeline rows\n");

    let away = support_is("away", 7, 6, "2026-01-05T12:30:00Z");
    let added = r#""work_item_id":"9","channel":"support","reason":"ASSIGNED""#;
    let ghost = webhook(7, 7, "2026-01-05T12:40:00Z", "work_item_added", added);
    folder.write("later", ndjson(&[away, ghost]));
    let other = folder.run("reconcile later --restore fold --account 2 --record page");
    assert_eq!(other.code, Some(1));
    assert_eq!(differences(&other.stdout), ["version", "state", "ghost_item"]);
    assert!(other.stderr.ends_with("agentfold: 3 differences\n"), "{}", other.stderr);

    // An item that is not on the first page of items may be on a later one.
    folder.write("first", page(true));
    let first = folder.run("reconcile later --restore fold --account 2 --record first");
    assert_eq!(differences(&first.stdout), ["version", "state", "item_count"]);
}

#[test]
fn rows_of_the_agent_timeline_are_compared_with_chat_spans() {
    let chat_event = |field: &str, value: &str| {
        format!(
            r#"{{"account_id":2,"agent_id":7,"field_name":"{field}","id":"{field}","timestamp":"2026-01-05T09:00:00Z","value":{value}}}"#
        )
    };
    let row = |count: u64| {
        json!({"agent_id": 7, "engagement_count": count, "start_time": "2026-01-05T09:00:00Z",
               "status": "online", "duration": 60.5})
    };
    let events = ndjson(&[chat_event("status", r#""online""#), chat_event("engagements", "0")]);
    let folder = Folder::with("events", events)
        .and("page", json!({"agent_timeline": [row(0)], "count": 1}).to_string())
        .and("rows", format!("{}\n{}", row(0), row(2)));
    let held = "reconcile events --account 2 --as-of 2026-01-05T10:00:00Z --agent-timeline";
    assert_eq!(folder.run(&format!("{held} page")).printed(), "");
    let other = folder.run(&format!("{held} rows"));
    let line: Value = serde_json::from_str(&other.stdout).expect("one line");
    assert_eq!((&line["fold_engagements"], &line["row_engagements"]), (&json!(0), &json!(2)));
    assert_eq!(line["to"], "2026-01-05T09:01:00.500Z");
}

#[test]
fn files_that_are_not_a_record_are_refused_with_every_problem() {
    let folder = Folder::with("page", r#"{"data":[{"id":"a","attributes":{}},7]}"#)
        .and("text", "no JSON")
        .and("events", support_is("online", 7, 1, "2026-01-05T09:00:00Z"));
    let refused = folder.run("reconcile events --account 2 --record page").refused(2);
    assert!(refused.contains("page: page 1: error: missing_field at /data/0/attributes/agent_id"));
    assert!(refused.contains("page: page 1: error: wrong_type at /data/1"), "{refused}");
    assert!(refused.ends_with("agentfold: page is not a page of the REST record\n"));
    let refused = folder.run("reconcile events --account 2 --record text").refused(2);
    assert!(refused.contains("text is not JSON"), "{refused}");
    let refused = folder.run("reconcile events --account 2 --agent-timeline page").refused(2);
    assert!(refused.contains("neither rows nor a page of `agent_timeline`"), "{refused}");
    folder.run("reconcile events --record page").refused(2);
    folder.run("state --seed page").refused(2);
}
