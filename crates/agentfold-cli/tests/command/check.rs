//! What `check` prints: errors, warnings, and words that agentfold has never seen.

use agentfold_simulate::Feed;
use serde_json::{Value, json};

use crate::events::{AVAILABILITY, CHAT_EVENT, CHAT_PAGE, half_a_day, ndjson, support_is, webhook};
use crate::run::Folder;

const AT: &str = "2023-04-05T10:00:00Z";

/// Events without errors, with many unknown words.
fn new_words() -> String {
    let status = |value: &str| {
        format!(
            r#"{{"account_id":2,"agent_id":7,"field_name":"status","id":"a","timestamp":"{AT}","value":"{value}"}}"#
        )
    };
    let added = r#""work_item_id":"1","channel":"fax","reason":"STOLEN""#;
    let unified = r#""new_unified_state":{"id":"9","name":"Yoga","reason":"BREATHING"}"#;
    let capacity = r#""maxCapacity":{"pigeon":{"current":1,"previous":null,"weight":3}}"#;
    ndjson(&[
        support_is("online", 7, 1, AT),
        support_is("lunch", 7, 2, AT)
            .replace(r#"{"account_id":2,"#, r#"{"account_id":2,"mood":1,"#),
        support_is("lunch", 7, 3, AT).replace("2022-11-06", "2031-01-01"),
        status("lunch"),
        status("yoga"),
        webhook(7, 4, AT, "work_item_added", added),
        webhook(7, 5, AT, "unified_state_changed", unified),
        webhook(7, 6, AT, "max_capacity_changed", capacity),
        webhook(7, 7, AT, "agent_cloned", r#""clone":1"#),
        r#"{"type":"zen:event-type:ticket.created"}"#.to_owned(),
        r#"{"account_id":2,"agent_id":7,"field_name":"skills"}"#.to_owned(),
    ])
}

/// The unknown words in these events: kind, value and count.
const NEVER_SEEN: [(&str, &str, u64); 11] = [
    ("channel", "fax", 1),
    ("channel", "pigeon", 1),
    ("field", "/event/maxCapacity/pigeon/weight", 1),
    ("field", "/mood", 1),
    ("reason", "BREATHING", 1),
    ("reason", "STOLEN", 1),
    ("state", "lunch", 3),
    ("state", "yoga", 1),
    ("type", "skills", 1),
    ("type", "zen:event-type:agent.agent_cloned", 1),
    ("type", "zen:event-type:ticket.created", 1),
];

#[test]
fn unknown_words_are_counted() {
    let folder = Folder::with("events", new_words());
    let json: Vec<Value> = folder
        .run("check events --json")
        .printed()
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .filter(|line: &Value| line.get("never_seen").is_some())
        .collect();
    let mut expected: Vec<Value> = NEVER_SEEN
        .iter()
        .map(|(kind, value, count)| json!({"never_seen": kind, "value": value, "count": count}))
        .collect();
    expected.push(json!({"never_seen": "version", "value": "2031-01-01", "count": 1}));
    assert_eq!(json, expected);

    let text = folder.run("check events").printed();
    let (_, table) = text.split_once("\n\n").expect("an empty line before the table");
    let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["never", "seen", "value", "count"], "{text}");
    for (row, (kind, value, count)) in rows[2..].iter().zip(NEVER_SEEN) {
        assert_eq!(*row, [kind, value, &count.to_string()], "{text}");
    }
    assert_eq!(rows.len(), 2 + expected.len(), "{text}");
}

#[test]
fn warnings_alone_are_not_a_failure() {
    let run = Folder::with("events", new_words()).run("check events");
    assert_eq!(run.code, Some(0));
    assert_eq!(run.stderr, "11 records: 0 with errors, 10 with warnings\n");
    let warnings: Vec<&str> = run.stdout.lines().take_while(|line| !line.is_empty()).collect();
    assert!(warnings.iter().all(|line| line.contains(": warning: ")), "{}", run.stdout);
    let second = "events:2: warning: unknown_value at /event/new_state: ";
    assert!(warnings.iter().any(|line| line.starts_with(second)), "{}", run.stdout);
}

#[test]
fn every_problem_of_every_event_is_reported_with_its_place() {
    let good = support_is("online", 7, 1, AT);
    let bad = good.replace(r#""channel":"support""#, r#""channel":5"#).replace(AT, "noon");
    let folder = Folder::with("first", ndjson(&[&good, "", &bad])).and("second", "\n{\n}\n");
    let run = folder.run("check first second");
    assert_eq!(run.code, Some(1));
    let expected = [
        "first:3: error: wrong_type at /event/channel: ",
        "first:3: error: bad_instant at /event/updated_at: ",
        "first:3: error: bad_instant at /time: ",
        "second:2: error: missing_field at /type: ",
    ];
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{}", run.stdout);
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{expected}: {}", run.stdout);
    }
    assert_eq!(
        run.stderr,
        "3 records: 2 with errors, 0 with warnings\nagentfold: 2 of 3 records cannot be folded\n"
    );
}

#[test]
fn problems_are_reported_as_json_with_their_place() {
    let good = support_is("online", 7, 1, AT);
    let bad = good.replace(r#""channel":"support""#, r#""channel":5"#);
    let folder = Folder::with("events", ndjson(&[&good, &bad]));
    let run = folder.run("check events --json");
    assert_eq!(run.code, Some(1));
    let mut issue: Value = serde_json::from_str(&run.stdout).expect("one line of JSON");
    let message = issue["message"].take();
    assert!(message.as_str().is_some_and(|message| !message.is_empty()), "{}", run.stdout);
    assert_eq!(
        issue,
        json!({
            "file": "events", "line": 2, "offset": good.len() + 1, "code": "wrong_type",
            "path": "/event/channel", "message": null, "severity": "error",
        })
    );
}

#[test]
fn standard_input_is_checked_like_files() {
    let text = new_words();
    let folder = Folder::with("events", &text);
    for json in ["", " --json"] {
        let of_file = folder.run(&format!("check events{json}"));
        let of_input = folder.run_on(&text, &format!("check -{json}"));
        assert_eq!(of_input.stderr, of_file.stderr);
        let renamed = of_file
            .stdout
            .replace("\nevents:", "\nstandard input:")
            .replacen("events:", "standard input:", usize::from(json.is_empty()))
            .replace(r#""file":"events""#, r#""file":"standard input""#);
        assert_eq!(of_input.stdout, renamed);
    }
}

#[test]
fn the_samples_in_the_documentation_have_no_errors() {
    let folder =
        Folder::with("webhooks", AVAILABILITY).and("page", CHAT_PAGE).and("event", CHAT_EVENT);
    let run = folder.run("check webhooks page event");
    assert_eq!(run.stderr, "13 records: 0 with errors, 9 with warnings\n");
    // The envelopes are dated a month after the changes.
    assert!(
        run.printed()
            .lines()
            .all(|line| line.contains("warning: far_instant at /event/updated_at"))
    );
}

#[test]
fn check_finds_errors_where_state_refuses_records() {
    let mut lines = half_a_day(Feed::Both);
    for line in lines.iter_mut().step_by(7) {
        line.truncate(line.len() / 2);
    }
    let refused = lines.len().div_ceil(7);
    let folder = Folder::with("events", ndjson(&lines));
    let check = folder.run("check events");
    let state = folder.run("state events");
    let problems = |text: &str| -> Vec<String> {
        let errors = text.lines().filter(|line| line.contains(": error: "));
        errors.map(str::to_owned).collect()
    };
    // `state` prints the first of each code.
    assert_eq!(problems(&check.stdout)[..20], problems(&state.stderr));
    assert_eq!(problems(&check.stdout).len(), refused);
    let all = lines.len();
    assert!(check.stderr.ends_with(&format!("{refused} of {all} records cannot be folded\n")));
    assert!(state.stderr.ends_with(&format!("{refused} of {all} records could not be read\n")));
}

#[test]
fn check_requires_the_field_that_dates_events() {
    let timeless = support_is("online", 7, 1, AT).replace(&format!(r#""time":"{AT}","#), "");
    let folder = Folder::with("events", timeless);
    folder.run("check events").printed();
    let run = folder.run("check events --instant-from time");
    assert_eq!(run.code, Some(1));
    assert!(run.stdout.starts_with("events:1: error: missing_field at /time: "), "{}", run.stdout);
}

#[test]
fn a_channel_that_is_a_key_is_unescaped() {
    let capacity =
        r#""maxCapacity":{"e/mail":{"current":1},"reason":{"current":1},"value":{"current":1}}"#;
    let events = webhook(7, 1, AT, "max_capacity_changed", capacity);
    let printed = Folder::new().run_on(events, "check --json").printed();
    let value = |line: &str| serde_json::from_str::<Value>(line).expect("a line of JSON");
    let drift: Vec<Value> =
        printed.lines().map(value).filter(|line| line.get("never_seen").is_some()).collect();
    let channel = |name| json!({"never_seen": "channel", "value": name, "count": 1});
    assert_eq!(drift, ["e/mail", "reason", "value"].map(channel));
}
