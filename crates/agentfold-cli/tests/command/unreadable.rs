//! Unreadable records: reported, skipped, and never quoted.

use crate::events::{ndjson, support_is};
use crate::run::Folder;

const AT: &str = "2023-04-05T10:00:00Z";

/// Two good events, and four bad ones.
fn events() -> String {
    let no_channel = support_is("away", 7, 2, AT).replace(r#","channel":"support""#, "");
    let many_lines = "{\n \"type\": 3\n}";
    let broken = r#"{"account_id":2,"detail":{"agent_id""#;
    let bad_id = support_is("away", 7, 3, AT).replace(r#""agent_id":"7""#, r#""agent_id":"-7""#);
    let (first, last) = (support_is("online", 7, 1, AT), support_is("away", 8, 1, AT));
    ndjson(&[&first, &no_channel, many_lines, broken, &bad_id, &last])
}

/// The places and codes of the bad ones.
const REPORTED: [&str; 4] = [
    "events:2: error: missing_field at /event/channel: ",
    "events:3: error: wrong_type at /type: ",
    "events:6: error: not_json at /: ",
    "events:7: error: bad_id at /detail/agent_id: ",
];

#[track_caller]
fn assert_reported(stderr: &str, reported: &[&str], last: &str) {
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), reported.len() + 1, "{stderr}");
    for (line, start) in lines.iter().zip(reported) {
        assert!(line.starts_with(start), "{start}: {stderr}");
    }
    assert_eq!(lines.last(), Some(&last));
}

#[test]
fn unreadable_records_are_reported_and_skipped() {
    let folder = Folder::with("events", events());
    let run = folder.run("state events --save events.fold");
    assert_eq!(run.code, Some(1));
    assert_reported(&run.stderr, &REPORTED, "agentfold: 4 of 6 records could not be read");

    let good = [support_is("online", 7, 1, AT), support_is("away", 8, 1, AT)];
    assert_eq!(run.stdout, folder.run_on(ndjson(&good), "state --save good.fold").printed());
    assert!(folder.read("events.fold") == folder.read("good.fold"));
}

#[test]
fn changes_reports_and_skips_unreadable_records() {
    let folder = Folder::with("events", events());
    let run = folder.run("changes events");
    assert_eq!(run.code, Some(1));
    assert_reported(&run.stderr, &REPORTED, "agentfold: left out 4 records that could not be read");
    let good = [support_is("online", 7, 1, AT), support_is("away", 8, 1, AT)];
    assert_eq!(run.stdout, folder.run_on(ndjson(&good), "changes").printed());
}

#[test]
fn a_record_is_reported_with_its_file_and_line() {
    let good = support_is("online", 7, 1, AT);
    let folder =
        Folder::with("first", ndjson(&[&good, "{}"])).and("second", ndjson(&["", "", "{}", &good]));
    for command in ["state", "changes"] {
        let run = folder.run_on("{}", &format!("{command} first second -"));
        assert_eq!(run.code, Some(1));
        for place in ["first:2: ", "second:3: ", "standard input:1: "] {
            let count = run.stderr.lines().filter(|line| line.starts_with(place)).count();
            assert_eq!(count, 1, "{place}: {}", run.stderr);
        }
    }
}

#[test]
fn strict_stops_at_the_first_unreadable_record() {
    let folder = Folder::with("events", events());
    let stderr = folder.run("state events --strict --save events.fold").refused(1);
    let last = "agentfold: stopped at the first record that could not be read (--strict)";
    assert_reported(&stderr, &REPORTED[..1], last);
    assert_eq!(folder.files(), ["events"]);

    folder.write("good", support_is("online", 7, 1, AT));
    let plain = folder.run("state good").printed();
    assert_eq!(folder.run("state good --strict").printed(), plain);
}

#[test]
fn a_record_larger_than_the_maximum_is_unreadable() {
    let (short, long) = (support_is("online", 7, 1, AT), support_is(&"x".repeat(500), 8, 1, AT));
    let folder = Folder::with("events", ndjson(&[&long, &short]));
    folder.run("state events").printed();
    let run = folder.run("state events --max-bytes 500");
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with("events:1: error: too_large at /: "), "{}", run.stderr);
    assert_eq!(run.stdout, folder.run_on(&short, "state").printed());
}

#[test]
fn no_value_of_an_unreadable_record_is_printed() {
    const SECRET: &str = "hunter2@example.com";
    let records = [
        r#"{"account_id":"S","detail":{"agent_id":"S","version":"S"},"event":{"updated_at":"S","channel":"S","work_item_id":["S"],"reason":"S"},"id":"a","id":"S","subject":"S","time":"S","type":"zen:event-type:agent.work_item_added"}"#,
        r#"{"account_id":2,"detail":{"agent_id":"7"},"event":{"updated_at":"2023-04-05T10:00:00Z","channel":"S","previous_state":"S","new_state":{"a":"S"}},"id":"S","more":"S","type":"zen:event-type:agent.state_changed","zendesk_event_version":"S"}"#,
        r#"{"account_id":2,"detail":{"agent_id":"7"},"event":{"updated_at":"2030-04-05T10:00:00Z","channel":"S"},"id":"S","time":"2023-04-05T10:00:00Z","type":"zen:event-type:agent.channel_created"}"#,
        r#"{"account_id":2,"agent_id":7,"field_name":"engagements","id":"S","timestamp":"S","value":"S"}"#,
        r#"{"type":"zen:event-type:agent.channel_created","id":"S","S"}"#,
        r#"{"type":"S""#,
        r#"{"type":S}"#,
        r#"{"type":{"S":"S"}}"#,
        r#"{"a":"S"} S"#,
        r#"["S"]"#,
        r#""S""#,
        "S",
    ];
    let folder = Folder::new();
    for record in records {
        folder.write("events", record.replace('S', SECRET));
        for command in
            ["state", "state --table", "changes", "state --strict", "state --max-bytes 40"]
        {
            let run = folder.run(&format!("{command} events"));
            assert_eq!(run.code, Some(1), "{command}: {record}");
            assert!(run.stderr.contains("error: "), "{command}: {record}");
            assert!(!run.stderr.contains("hunter2"), "{command}: {record}: {}", run.stderr);
            assert!(!run.stdout.contains("hunter2"), "{command}: {record}: {}", run.stdout);
        }
    }
}

#[test]
fn the_first_problems_of_each_code_are_printed_and_the_rest_is_counted() {
    let folder = Folder::with("events", "{}\n".repeat(1_000) + &"\"\"\n".repeat(30) + "[,]");
    for command in ["state events", "changes events"] {
        let lines: Vec<String> = folder.run(command).stderr.lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 20 + 20 + 1 + 2 + 1 + 1, "{lines:?}");
        assert!(lines.contains(&"... and 980 more problems with missing_field".to_owned()));
        assert!(lines.contains(&"... and 10 more problems with wrong_type".to_owned()));
        let all = folder.run(&format!("{command} --verbose")).stderr;
        assert_eq!(all.lines().count(), 1_000 + 30 + 1 + 1);
    }
    let check = folder.run("check events");
    assert_eq!(check.stdout.lines().count(), 1_000 + 30 + 1);
    assert!(check.stderr.contains("1030 with errors, 1 with warnings"), "{}", check.stderr);
}

#[test]
fn a_warning_about_an_array_is_no_unreadable_record() {
    let good = support_is("online", 7, 1, AT);
    let folder = Folder::with("events", format!("[{good} {good}]"));
    for command in ["state events", "state events --strict", "changes events", "check events"] {
        let run = folder.run(command);
        assert_eq!(run.code, Some(0), "{command}");
        assert!([run.stderr, run.stdout].concat().contains("bad_wrapping"), "{command}");
    }
}
