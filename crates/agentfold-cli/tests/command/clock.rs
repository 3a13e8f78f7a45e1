//! Events that are dated after the clock.

use serde_json::Value;

use crate::events::{ndjson, support_is};
use crate::run::Folder;

/// Online, away in a hundred years, and offline: without `time`, or with a wrong one.
fn away_in_2126(with_time: bool) -> String {
    let states = [
        support_is("online", 7, 1, "2026-01-05T08:00:00Z"),
        support_is("away", 7, 2, "2126-01-06T07:30:00Z"),
        support_is("offline", 7, 3, "2026-01-05T17:00:00Z"),
    ];
    let time = |state: &String| {
        let mut event: Value = serde_json::from_str(state).expect("JSON");
        event.as_object_mut().expect("an object").remove("time");
        event.to_string()
    };
    if with_time { ndjson(&states) } else { ndjson(&states.iter().map(time).collect::<Vec<_>>()) }
}

#[test]
fn an_event_far_after_the_clock_is_refused_by_every_command() {
    for with_time in [false, true] {
        let folder = Folder::with("events", away_in_2126(with_time));
        for command in [
            "state events --table",
            "check events",
            "changes events",
            "timeline events",
            "report events --every 1h",
            "floor events",
        ] {
            // By the machine's clock, and by another one.
            for now in ["", " --now 2026-01-05T18:00:00Z"] {
                let run = folder.run(&format!("{command}{now}"));
                assert_eq!(run.code, Some(1), "{command}: {}", run.stderr);
                let told = format!("{}{}", run.stdout, run.stderr);
                assert!(told.contains("future_instant at /event/updated_at"), "{command}: {told}");
                assert!(!run.stdout.contains("2126-"), "{command}: {}", run.stdout);
            }
        }
        let state = folder.run("state events --now 2126-01-06T08:00:00Z").printed();
        assert!(state.contains(r#""state":"away","since":"2126-01-06T07:30:00Z""#), "{state}");
    }
}

#[test]
fn an_event_a_little_after_the_clock_is_a_warning() {
    let folder = Folder::with("events", support_is("online", 7, 1, "2026-01-05T08:00:00Z"));
    let check = |now: &str| folder.run(&format!("check events --now {now}")).printed();
    assert!(check("2026-01-05T07:54:59Z").contains("warning: ahead_instant at /event/updated_at"));
    assert!(!check("2026-01-05T07:55:00Z").contains("ahead_instant"));
    let state = folder.run("state events --now 2026-01-04T08:00:00Z").printed();
    assert!(state.contains(r#""state":"online""#), "{state}");
}

#[test]
fn a_record_far_after_its_request_is_refused() {
    let page = r#"{"data": [{"type": "agent_availabilities", "id": "agent_availabilities|7",
        "attributes": {"agent_id": 7, "version": 2, "agent_status": {"id": 1, "name": "away",
        "updated_at": "2126-01-06T07:30:00Z"}}}]}"#;
    let folder = Folder::with("page", page);
    for asked_at in ["2026-01-05T08:00:00Z", "2126-01-06T08:00:00Z"] {
        let run = folder.run(&format!("state --seed page --account 2 --asked-at {asked_at}"));
        assert_eq!((run.code, &*run.stdout), (Some(1), ""), "{}", run.stderr);
        assert!(
            run.stderr.contains("future_instant at /unified_state/updated_at"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_long_simulation_ends_in_the_past() {
    let folder = Folder::new();
    let events = folder.run("simulate --agents 1 --hours 17520 --seed 5").printed();
    assert!(
        events.lines().next().is_some_and(|first| first.contains("2024-01-08T")),
        "{events:.300}"
    );
    folder.run_on(events, "state").printed();
}
