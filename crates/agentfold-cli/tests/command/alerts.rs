//! What `alerts` prints, and with which exit code.

use serde_json::Value;

use crate::events::{ndjson, support_is};
use crate::run::Folder;

const THRESHOLDS: &str = r#"{"state": [{"state": "away", "channel": "support", "longer_than": "30m"}],
    "nobody_free": [{"channel": "support", "longer_than": 60}]}"#;

fn folder() -> Folder {
    let at = "2026-01-05T09:00:00Z";
    let events = [support_is("away", 7, 1, at), support_is("offline", 8, 1, at)];
    Folder::with("events", ndjson(&events)).and("limits.json", THRESHOLDS)
}

#[test]
fn alerts_are_printed_as_json_and_end_with_1() {
    let run = folder().run("alerts events --thresholds limits.json --at 2026-01-05T09:42:00Z");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert!(run.stderr.contains("2 alerts"), "{}", run.stderr);
    let lines: Vec<Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let episodes: Vec<&str> = lines.iter().filter_map(|line| line["episode"].as_str()).collect();
    let since = "2026-01-05T09:00:00Z";
    assert_eq!(
        episodes,
        [format!("state/2/7/state[support]/{since}"), format!("nobody_free/2/support/{since}")]
    );
}

#[test]
fn without_an_alert_the_code_is_0() {
    let run = folder().run("alerts events --thresholds limits.json");
    assert_eq!((run.code, &*run.stdout), (Some(0), ""), "{}", run.stderr);
}

#[test]
fn a_table_says_what_each_alert_is_about() {
    let run =
        folder().run("alerts events --thresholds limits.json --at 2026-01-05T10:30:00Z --table");
    for words in ["support, away", "2026-01-05 09:00:00", "1h 30m", "30m", "nobody free"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
}

#[test]
fn all_that_is_wrong_with_thresholds_is_said_before_events_are_read() {
    let folder = folder()
        .and("wrong.json", r#"{"silense": {}, "load": [{"share": "much"}, {"share": 0.9}]}"#)
        .and("two\nlines.json", "{\"silense\": {}}")
        .and("text.json", "thresholds");
    for (file, messages) in [
        ("wrong.json", &["did you mean `silence`?", "/load/0/share: `share` must be a number"][..]),
        ("text.json", &["text.json is not a JSON file of thresholds"]),
        ("nofile.json", &["cannot read nofile.json"]),
    ] {
        let run = folder.run(&format!("alerts no-events --thresholds {file}"));
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        for message in messages {
            assert!(run.stderr.contains(message), "{message}: {}", run.stderr);
        }
    }
    // On a line each, of which a file's name makes none.
    let run = folder.run("alerts no-events --thresholds wrong.json");
    assert_eq!(run.stderr.lines().count(), 3, "{}", run.stderr);
    let mut command = folder.command("alerts no-events --thresholds");
    let output = command.arg("two\nlines.json").output().expect("it runs");
    let told = String::from_utf8(output.stderr).expect("it prints text");
    assert!(told.starts_with("agentfold: two\\nlines.json is wrong:\n  /silense: "), "{told}");
}

#[test]
fn an_instant_before_a_cut_is_refused() {
    let folder = folder();
    folder.run("state events --compact 2026-01-05T10:00:00Z --save week.fold").printed();
    let run =
        folder.run("alerts --restore week.fold --thresholds limits.json --at 2026-01-05T09:30:00Z");
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("no alerts at 2026-01-05T09:30:00Z"), "{}", run.stderr);
}
