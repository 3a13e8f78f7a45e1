//! What `state` prints: at an instant, for one agent, and as a table.

use agentfold_simulate::{Feed, Simulation};
use serde_json::Value;

use crate::events::{
    AVAILABILITY, CHAT_PAGE, half_a_day, ndjson, support_is, webhook, webhook_issued,
};
use crate::run::Folder;

#[test]
fn the_state_at_an_instant_is_the_state_after_all_events_up_to_then() {
    let lines = half_a_day(Feed::Both);
    let happened = |line: &String| -> String {
        let event: Value = serde_json::from_str(line).expect("an event is JSON");
        let at = event["event"]["updated_at"].as_str().or(event["timestamp"].as_str());
        at.expect("an event is dated").to_owned()
    };
    let folder = Folder::with("all", ndjson(&lines));
    for noon in ["2026-01-05T00:30:00", "2026-01-05T06:00:00", "2026-01-05T11:59:00"] {
        let by_then: Vec<&String> =
            lines.iter().filter(|line| happened(line).as_str() < noon).collect();
        folder.write("by_then", ndjson(&by_then));
        let then = folder.run(&format!("state all --at {noon}Z")).printed();
        assert_eq!(then, folder.run("state by_then").printed());
        assert_ne!(then, folder.run("state all").printed());
    }
}

#[test]
fn an_agent_is_left_out_at_an_instant_before_all_of_its_events() {
    let folder = Folder::with("events", ndjson(&[AVAILABILITY, CHAT_PAGE]));
    let chat = folder.run("state events --at 2020-01-01T00:00:00Z").printed();
    assert_eq!(chat, folder.run_on(CHAT_PAGE, "state").printed());
    assert_eq!(folder.run("state events --at 2010-01-01T00:00:00Z").printed(), "");
}

#[test]
fn an_instant_may_have_an_offset_and_a_fraction() {
    let folder = Folder::with("events", support_is("online", 7, 1, "2023-04-05T23:30:58.25Z"));
    let now = folder.run("state events").printed();
    assert!(now.contains(r#""since":"2023-04-05T23:30:58.250Z""#), "{now}");
    for at in ["2023-04-05T23:30:58.250Z", "2023-04-06T01:30:58.25+02:00"] {
        assert_eq!(folder.run(&format!("state events --at {at}")).printed(), now);
    }
    for at in ["2023-04-05T23:30:58.249999999Z", "2023-04-06T01:30:58+02:00"] {
        assert_eq!(folder.run(&format!("state events --at {at}")).printed(), "");
    }
}

#[test]
fn one_agent_can_be_requested() {
    let in_account_2 = support_is("online", 7, 1, "2023-04-05T10:00:00Z");
    let in_account_30 = in_account_2.replace("\"2\"", "\"30\"").replace(":2,", ":30,");
    let other = support_is("away", 8, 1, "2023-04-05T10:00:00Z");
    let folder = Folder::with("events", ndjson(&[in_account_30, other, in_account_2]));

    let all = folder.run("state events").printed();
    let lines: Vec<&str> = all.lines().collect();
    let start = |line: &str| line.split(",\"version\"").next().expect("a beginning").to_owned();
    assert_eq!(
        lines.iter().map(|line| start(line)).collect::<Vec<_>>(),
        [
            r#"{"account_id":"2","agent_id":"7""#,
            r#"{"account_id":"2","agent_id":"8""#,
            r#"{"account_id":"30","agent_id":"7""#,
        ]
    );
    for (filter, expected) in [
        ("7", [0, 2].as_slice()),
        ("8", &[1]),
        ("2/7", &[0]),
        ("30/7", &[2]),
        ("30/8", &[]),
        ("9", &[]),
    ] {
        let expected: Vec<&str> = expected.iter().map(|i| lines[*i]).collect();
        let printed = folder.run(&format!("state events --agent {filter}")).printed();
        assert_eq!(printed, ndjson(&expected), "{filter}");
    }
}

#[test]
fn the_table_has_a_row_for_each_agent_and_a_column_for_each_channel() {
    let folder = Folder::with("webhooks", AVAILABILITY).and("chats", CHAT_PAGE);
    let full = webhook(9, 1, "2023-04-05T10:00:00Z", "channel_created", r#""channel":"support""#);
    folder.write("new", full);
    let table = folder.run("state webhooks chats new --table").printed();
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(
        rows[0],
        ["account", "agent", "status", "since", "messaging", "support", "talk"],
        "{table}"
    );
    assert!(rows[1].iter().all(|rule| rule.chars().all(|c| c == '─')), "{table}");
    for (row, expected) in rows[2..5].iter().zip([
        &["2", "9", "?", "?", "?", "0/-"] as &[&str],
        &[
            "2",
            "10011",
            "online",
            "2023-04-05",
            "23:30:58",
            "?",
            "0/5",
            "no",
            "access",
            "?",
            "0/10",
        ],
        &["2", "980824", "away", "2018-10-19", "12:33:50"],
    ]) {
        assert_eq!(row, expected, "{table}");
    }
    assert_eq!(rows.len(), 6, "{table}");
}

#[test]
fn the_table_ticks_each_channel_on_which_one_more_item_can_be_taken() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Availability)));
    let at = "--at 2026-01-05T04:00:00Z";
    let accepting = folder.run(&format!("state day {at}")).printed();
    let accepting = accepting.matches(r#""accepting":true"#).count();
    let table = folder.run(&format!("state day {at} --table")).printed();
    assert!(accepting > 3, "{table}");
    assert_eq!(table.matches(" ✓ ").count(), accepting, "{table}");
}

#[test]
fn the_table_has_no_colours_unless_it_is_on_a_terminal() {
    let lines = half_a_day(Feed::Both);
    let table = Folder::new().run_on(ndjson(&lines), "state --table").printed();
    assert!(!table.contains('\u{1b}'), "{table}");
}

#[test]
fn the_table_counts_duplicated_late_and_lost_events() {
    let floor = Simulation { agents: 20, hours: 12, seed: 3, ..Simulation::default() };
    let faulty = Simulation { drop: 0.05, duplicate: 0.05, shuffle: 120, ..floor.clone() };
    let mut events = faulty.events();
    let lines: Vec<String> = events.by_ref().collect();
    let table = Folder::new().run_on(ndjson(&lines), "state --table").printed();
    let count_before = |what: &str| -> u64 {
        let before = table.split(what).next().expect("a beginning");
        let word = before.split_whitespace().last().expect("a word before it");
        word.parse().unwrap_or_else(|_| panic!("no number before `{what}`: {table}"))
    };
    assert_eq!(count_before(" events:"), lines.len() as u64);
    assert_eq!(count_before(" were duplicates"), events.duplicated());
    assert!(count_before(" arrived late") > 0);
    assert!((1..=events.dropped()).contains(&count_before(" versions of ")));
    assert!(count_before(" changes state another previous value") > 0);
    assert!(count_before(" changes of work items that were not open") > 0);

    let clean: Vec<String> = floor.events().collect();
    let table = Folder::new().run_on(ndjson(&clean), "state --table").printed();
    let summary = format!(
        "{} events: {} updated the state, 0 arrived late and corrected the history, 0 were duplicates",
        clean.len(),
        clean.len()
    );
    assert_eq!(table.lines().last(), Some(summary.as_str()), "{table}");
}

#[test]
fn the_table_counts_events_that_were_not_used() {
    let at = "2023-04-05T10:00:00Z";
    let folder = Folder::with("old", support_is("online", 7, 1, at));
    folder.run("state old --compact 2023-04-06T00:00:00Z --save cut.fold").printed();
    let ticket = r#"{"type":"zen:event-type:ticket.created"}"#;
    folder.write("events", ndjson(&[&support_is("away", 7, 2, at), ticket, "{}"]));
    let run = folder.run("state events --restore cut.fold --table");
    assert_eq!(run.code, Some(1));
    for line in [
        "3 events: 0 updated the state",
        "1 were from before the cut",
        "1 had types that agentfold does not know",
        "1 could not be read",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
}

#[test]
fn events_are_dated_by_the_requested_field() {
    let changed = |version, at: &str, time: &str, state: &str| {
        let fields = format!(r#""new_state":"{state}","channel":"support""#);
        webhook_issued(7, version, at, time, "state_changed", &fields)
    };
    let events = [
        changed(1, "2023-04-05T10:00:00Z", "2023-04-05T12:00:00Z", "online"),
        changed(2, "2023-04-05T11:00:00Z", "2023-04-05T11:30:00Z", "away"),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let by_change = folder.run("state events").printed();
    assert!(by_change.contains(r#""state":"away","since":"2023-04-05T11:00:00Z""#), "{by_change}");
    assert_eq!(folder.run("state events --instant-from updated_at").printed(), by_change);
    let by_time = folder.run("state events --instant-from time").printed();
    assert!(by_time.contains(r#""state":"online","since":"2023-04-05T12:00:00Z""#), "{by_time}");

    let timeless = events[0].replace(r#""time":"2023-04-05T12:00:00Z","#, "");
    folder.write("timeless", timeless);
    folder.run("state timeless").printed();
    let message = folder.run("state timeless --instant-from time").refused(1);
    assert!(message.contains("timeless:1: error: missing_field at /time"), "{message}");
}
