//! Text of events reaches no terminal and no spreadsheet as it is.

use agentfold::is_shown_as_escape;

use crate::events::{ndjson, support_is, webhook};
use crate::run::Folder;

/// Escape sequences, controls of one byte, changes of direction, and invisible characters, as in JSON.
const HOSTILE: &str =
    r"\u001b[31mRED\u001b[0m\u0007\r\n\u009b2J\u007f\u202egpj.exe\u2066\u200b\u00ad\udb40\udc41";

/// Events with hostile text as state, name, reason, channel, group, item, key and type.
fn events() -> String {
    let unified = format!(
        r#""previous_unified_state":{{"id":"2{HOSTILE}","name":"{HOSTILE}","reason":"x"}},"new_unified_state":{{"id":"3","name":"={HOSTILE}","reason":"{HOSTILE}"}}"#
    );
    let groups = format!(r#""new_group_ids":["{HOSTILE}"],"previous_group_ids":[]"#);
    let item = format!(r#""work_item_id":"{HOSTILE}","channel":"support","reason":"{HOSTILE}""#);
    let at = "2026-01-05T09:00:00Z";
    ndjson(&[
        webhook(7, 1, at, "unified_state_changed", &unified),
        webhook(7, 2, at, "groups_updated", &groups),
        webhook(7, 3, at, "work_item_added", &item),
        support_is(HOSTILE, 7, 4, at).replace(r#""support""#, &format!(r#""{HOSTILE}""#)),
        support_is("online", 7, 5, at)
            .replace(r#""new_state""#, &format!(r#""{HOSTILE}":1,"new_state""#)),
        support_is("online", 7, 6, at).replace("agent.state_changed", &format!("agent.{HOSTILE}")),
        format!(
            r#"{{"account_id":2,"agent_id":8,"field_name":"status","id":"c","timestamp":"{at}","value":"{HOSTILE}"}}"#
        ),
        // Refused: the error names the key.
        support_is("online", 7, 8, at)
            .replace(r#""new_state":"online""#, &format!(r#""{HOSTILE}":1,"{HOSTILE}":2"#)),
    ])
}

/// Fails if a text has characters that people can't read, but for line breaks.
fn assert_readable(text: &str, command: &str) {
    let wrong = text.chars().find(|c| is_shown_as_escape(*c) && *c != '\n');
    assert_eq!(wrong, None, "{command}: {text:?}");
}

#[test]
fn no_command_prints_what_controls_a_terminal() {
    let name = "d\u{1b}]0;owned\u{7}\u{202e}.ndjson";
    let shifts = "account_id,agent_id,from,to,track,states\n\
                  2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,x\u{1b}[2J\u{9b}\n";
    let folder = Folder::with(name, events()).and("shifts", shifts);
    for command in [
        "state --table",
        "state",
        "check",
        "check --json",
        "changes",
        "timeline",
        "timeline --csv",
        "timeline --work-items",
        "timeline --work-items --csv",
        "timeline --chat-spans --csv",
        "floor --table",
        "floor",
        "scrub",
        "cloud-events",
        "report --table --as-of 2026-01-05T10:00:00Z",
        "report --table --by group --as-of 2026-01-05T10:00:00Z",
        "report --as-of 2026-01-05T10:00:00Z",
        "report --csv --rows channel --as-of 2026-01-05T10:00:00Z",
        "report --csv --rows unified_state --as-of 2026-01-05T10:00:00Z",
        "report --csv --rows chat --as-of 2026-01-05T10:00:00Z",
        "report --schedule shifts --rows exceptions --table --as-of 2026-01-05T10:00:00Z",
    ] {
        let command = if command == "scrub" { "scrub --key-file k" } else { command };
        folder.write("k", "0123456789abcdef0123456789abcdef");
        let output = folder.command(command).arg(name).output().expect("it runs");
        for text in [output.stdout, output.stderr] {
            assert_readable(&String::from_utf8(text).expect("UTF-8"), command);
        }
    }
    let missing = folder.command("state").arg("no\u{1b}[2J\nfile").output().expect("it runs");
    let message = String::from_utf8(missing.stderr).expect("UTF-8");
    assert_readable(&message, "state of a file that is missing");
    assert!(message.contains(r"no\u{1b}[2J\nfile") && message.lines().count() == 1, "{message}");
}

#[test]
fn a_line_break_in_text_splits_no_row() {
    let folder = Folder::with("events", support_is(r"on\nline", 7, 1, "2026-01-05T09:00:00Z"));
    let table = folder.run("state events --table").printed();
    assert!(table.contains(r"on\nline"), "{table}");
    let csv = folder.run("timeline events --csv --as-of 2026-01-05T10:00:00Z").printed();
    assert!(csv.contains(",\"on\nline\","), "{csv}");
    // JSON says the same as before.
    let json = folder.run("timeline events --as-of 2026-01-05T10:00:00Z").printed();
    assert!(json.contains(r#""value":"on\nline""#), "{json}");
}

#[test]
fn json_with_escapes_reads_as_the_same_text() {
    let folder = Folder::with(
        "events",
        support_is(r"a\u009b\u202e\udb40\udc41", 7, 1, "2026-01-05T09:00:00Z"),
    );
    let json = folder.run("state events").printed();
    assert!(json.contains(r"a\u009b\u202e\udb40\udc41"), "{json}");
    let state: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(state["channels"]["support"]["state"], "a\u{9b}\u{202e}\u{e0041}");
}

#[test]
fn cells_of_csv_are_no_formulas_but_exact_on_request() {
    let at = "2026-01-05T09:00:00Z";
    for formula in ["=1+1", "+1+1", "-1", "@SUM(A1)", "＝1", " =1", "'=1"] {
        let fields = format!(
            r#""previous_unified_state":{{"id":"2","name":"x","reason":"x"}},"new_unified_state":{{"id":"3","name":"{formula}","reason":"x"}}"#
        );
        let item =
            format!(r#""work_item_id":"{formula}","channel":"{formula}","reason":"{formula}""#);
        let folder = Folder::with(
            "events",
            ndjson(&[
                webhook(7, 1, at, "unified_state_changed", &fields),
                webhook(7, 2, at, "work_item_added", &item),
                support_is(formula, 7, 3, at),
            ]),
        );
        let as_of = "--as-of 2026-01-05T10:00:00Z";
        for command in [
            format!("report events --rows unified_state {as_of}"),
            format!("report events --rows channel {as_of}"),
            format!("timeline events {as_of}"),
            format!("timeline events --work-items {as_of}"),
        ] {
            let cells = |how: &str| -> Vec<String> {
                let csv = folder.run(&format!("{command} {how}")).printed();
                let mut csv =
                    csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
                let rows: Vec<csv::StringRecord> =
                    csv.records().map(|row| row.expect("a row")).collect();
                rows.iter().flat_map(|row| row.iter().map(str::to_owned)).collect()
            };
            let (safe, exact) = (cells("--csv"), cells("--csv --exact"));
            assert!(exact.iter().any(|cell| cell == formula), "{command}: {formula}");
            assert!(!safe.iter().any(|cell| cell == formula), "{command}: {formula}");
            assert!(safe.iter().any(|cell| *cell == format!("'{formula}")), "{command}: {formula}");
            for (safe, exact) in safe.iter().zip(&exact) {
                assert!(safe == exact || safe == &format!("'{exact}"), "{command}: {safe}");
            }
        }
    }
}
