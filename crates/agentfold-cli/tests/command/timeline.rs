//! What `timeline` prints: intervals, work items and chat spans, as JSON lines and as CSV.

use std::collections::BTreeMap;

use agentfold::Instant;
use agentfold_simulate::{Feed, Simulation};
use serde_json::Value;

use crate::events::{CHAT_PAGE, half_a_day, ndjson, support_is, webhook};
use crate::run::Folder;

/// Half a day of ten agents, with some lost events.
fn with_losses() -> Folder {
    let floor = Simulation { agents: 10, hours: 12, seed: 5, drop: 0.02, ..Simulation::default() };
    let events: Vec<String> = Simulation { feed: Feed::Both, ..floor }.events().collect();
    Folder::with("day", ndjson(&events))
}

fn lines(printed: &str) -> Vec<Value> {
    printed.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// The intervals of each track of each agent, in the order in which they are printed.
fn by_track(printed: &str) -> BTreeMap<String, Vec<Value>> {
    let mut tracks: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in lines(printed) {
        let key = format!("{} {} {}", line["account_id"], line["agent_id"], line["track"]);
        tracks.entry(key).or_default().push(line);
    }
    tracks
}

fn instant(value: &Value) -> Instant {
    value.as_str().expect("a text").parse().expect("an instant")
}

#[track_caller]
fn assert_covers(printed: &str, from: &str, to: &str) {
    let tracks = by_track(printed);
    assert!(tracks.len() > 100, "{} tracks", tracks.len());
    for (track, intervals) in tracks {
        let ends = [&intervals[0]["from"], &intervals[intervals.len() - 1]["to"]];
        assert_eq!(ends.map(|end| end.as_str()), [Some(from), Some(to)], "{track}");
        for pair in intervals.windows(2) {
            assert_eq!(pair[0]["to"], pair[1]["from"], "{track}");
        }
        assert!(intervals.iter().all(|i| instant(&i["from"]) < instant(&i["to"])), "{track}");
    }
}

#[test]
fn the_intervals_of_a_track_cover_the_window_without_gaps() {
    let (from, to) = ("2026-01-05T02:00:00Z", "2026-01-05T05:30:00Z");
    let printed = with_losses().run(&format!("timeline day --from {from} --to {to}")).printed();
    assert_covers(&printed, from, to);
    for basis in ["observed", "assumed", "inferred", "disputed", "unknown"] {
        assert!(printed.contains(&format!(r#""basis":"{basis}""#)), "{basis}");
    }
}

#[test]
fn the_window_ends_at_as_of_and_later_events_confirm_nothing() {
    let (from, to) = ("2026-01-05T02:00:00Z", "2026-01-05T05:30:00Z");
    let folder = with_losses();
    let as_of = "2026-01-05T03:00:00Z";
    let command = format!("timeline day --from {from} --to {to} --as-of {as_of}");
    let printed = folder.run(&command).printed();
    assert_covers(&printed, from, as_of);
    let last = by_track(&printed).into_values().filter_map(|mut track| track.pop());
    assert!(last.into_iter().all(|last| last["basis"] == "assumed" || last["open"] == false));
}

#[test]
fn without_bounds_the_window_is_from_the_first_event_to_the_last() {
    let events = [
        support_is("online", 7, 1, "2026-01-05T09:00:00Z"),
        support_is("away", 8, 1, "2026-01-05T10:00:00.25Z"),
        support_is("away", 7, 2, "2026-01-05T09:30:00Z"),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let line = |agent: u32, from: &str, to: &str, value: &str, basis: &str, open: bool| {
        format!(
            r#"{{"account_id":"2","agent_id":"{agent}","track":"state[support]","aspect":"state","channel":"support","work_item":null,"from":"2026-01-05T{from}Z","to":"2026-01-05T{to}Z","value":{value},"basis":"{basis}","open":{open},"doubtful":[]}}"#
        )
    };
    let of_seven = line(7, "09:00:00", "09:30:00", r#""online""#, "assumed", false);
    assert_eq!(
        folder.run("timeline events").printed(),
        ndjson(&[
            of_seven.clone(),
            line(7, "09:30:00", "10:00:00.250", r#""away""#, "assumed", true),
            line(8, "09:00:00", "10:00:00.250", "null", "unknown", false),
        ])
    );
    assert_eq!(
        folder.run("timeline events --as-of 2026-01-05T11:00:00Z").printed(),
        ndjson(&[
            of_seven,
            line(7, "09:30:00", "11:00:00", r#""away""#, "assumed", true),
            line(8, "09:00:00", "10:00:00.250", "null", "unknown", false),
            line(8, "10:00:00.250", "11:00:00", r#""away""#, "assumed", true),
        ])
    );
}

#[test]
fn one_agent_and_one_track_can_be_requested() {
    let folder = with_losses();
    let all = folder.run("timeline day").printed();
    let first = &lines(&all)[0];
    let (account, agent) = (&first["account_id"], first["agent_id"].as_str().expect("an id"));
    let account = account.as_str().expect("an id");
    let of_agent: Vec<&str> =
        all.lines().filter(|line| line.contains(&format!(r#""agent_id":"{agent}""#))).collect();
    let item = lines(&all).into_iter().find(|line| {
        line["agent_id"] == agent && line["track"].as_str().is_some_and(|t| t.starts_with("work_i"))
    });
    let item = item.expect("the agent has a work item")["track"].as_str().map(str::to_owned);
    for filter in [agent.to_owned(), format!("{account}/{agent}")] {
        let printed = folder.run(&format!("timeline day --agent {filter}")).printed();
        assert_eq!(printed, ndjson(&of_agent));
        for track in ["unified_state", "state[support]", &item.clone().expect("a text")] {
            let mark = format!(r#""track":"{track}""#);
            let of_track: Vec<&&str> = of_agent.iter().filter(|l| l.contains(&mark)).collect();
            assert!(!of_track.is_empty(), "{track}");
            let command = format!("timeline day --agent {filter} --track {track}");
            assert_eq!(folder.run(&command).printed(), ndjson(&of_track), "{track}");
        }
    }
}

#[test]
fn an_unknown_agent_or_an_empty_window_is_a_note_and_not_an_error() {
    let folder = Folder::with("one", support_is("online", 7, 1, "2026-01-05T09:00:00Z"));
    for (command, message) in [
        ("timeline one --agent 9 --as-of 2026-01-05T10:00:00Z", "nothing is known about agent 9\n"),
        ("timeline one", "give an --as-of later than 2026-01-05T09:00:00Z"),
        ("timeline", ""),
    ] {
        let run = folder.run(command);
        assert!(run.stderr.contains(message), "{command}: {}", run.stderr);
        assert_eq!(run.printed(), "", "{command}");
    }
    let until = folder.run("timeline one --as-of 2026-01-05T09:00:00.000000001Z").printed();
    assert_eq!(until.lines().count(), 1);
}

#[test]
fn a_saved_fold_has_the_same_timeline_as_its_events() {
    let folder = with_losses();
    folder.run("state day --save fold").printed();
    for flags in ["", "--work-items", "--chat-spans"] {
        let saved = folder.run(&format!("timeline --restore fold {flags}")).printed();
        assert_eq!(saved, folder.run(&format!("timeline day {flags}")).printed());
    }
}

#[test]
fn unreadable_records_do_not_change_the_timeline() {
    let folder = with_losses().and("bad", "{}");
    let run = folder.run("timeline bad day");
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    assert_eq!(run.stdout, folder.run("timeline day").printed());
}

#[test]
fn a_work_item_has_its_offer_its_moves_and_its_end() {
    let at = |minute: u32| format!("2026-01-05T09:{minute:02}:00Z");
    let item = |version, minute, kind: &str, channel: &str, reason: &str| {
        let fields = format!(r#""work_item_id":"123","channel":"{channel}","reason":"{reason}""#);
        webhook(7, version, &at(minute), &format!("work_item_{kind}"), &fields)
    };
    let events = [
        item(1, 0, "added", "messaging", "OFFERED"),
        item(2, 1, "updated", "messaging", "ACCEPTED"),
        item(3, 5, "added", "talk", "CHANNEL_CHANGE"),
        item(4, 9, "removed", "talk", "WORK_ITEM_SOLVED"),
    ];
    let folder = Folder::with("events", ndjson(&events));
    assert_eq!(
        folder.run("timeline events --work-items").printed(),
        concat!(
            r#"{"account_id":"2","agent_id":"7","work_item":"123","opened_at":"2026-01-05T09:00:00Z","#,
            r#""offered_at":"2026-01-05T09:00:00Z","accepted_at":"2026-01-05T09:01:00Z","#,
            r#""closed_at":"2026-01-05T09:09:00Z","reason":"WORK_ITEM_SOLVED","#,
            r#""moves":[{"at":"2026-01-05T09:00:00Z","channel":"messaging"},{"at":"2026-01-05T09:05:00Z","channel":"talk"}],"#,
            r#""orphan":false,"handle_ns":480000000000}"#,
            "\n",
        )
    );
    assert_eq!(
        folder.run("timeline events --work-items --csv").printed(),
        concat!(
            "account_id,agent_id,work_item,opened_at,offered_at,accepted_at,closed_at,reason,moves,orphan,handle_seconds\n",
            "2,7,123,2026-01-05T09:00:00Z,2026-01-05T09:00:00Z,2026-01-05T09:01:00Z,2026-01-05T09:09:00Z,WORK_ITEM_SOLVED,",
            "messaging@2026-01-05T09:00:00Z;talk@2026-01-05T09:05:00Z,false,480\n",
        )
    );
}

#[test]
fn chat_spans_have_the_format_of_the_agent_timeline() {
    let folder = Folder::with("page", CHAT_PAGE);
    let printed = folder.run("timeline page --chat-spans").printed();
    let spans = lines(&printed);
    assert!(!spans.is_empty());
    assert!(spans.iter().all(|span| span["agent_id"] == "980824"));

    let folder = Folder::with("both", ndjson(&half_a_day(Feed::Both)));
    let (from, to) = ("2026-01-05T02:00:00Z", "2026-01-05T05:00:00Z");
    let command = format!("timeline both --chat-spans --from {from} --to {to}");
    let spans = lines(&folder.run(&command).printed());
    let mut seconds: BTreeMap<String, f64> = BTreeMap::new();
    for span in &spans {
        let duration = span["duration"].as_f64().expect("a number");
        *seconds.entry(span["agent_id"].to_string()).or_default() += duration;
    }
    assert!(seconds.len() > 5, "{seconds:?}");
    assert!(seconds.values().all(|sum| (sum - 10_800.0).abs() < 1e-6), "{seconds:?}");
}

#[test]
fn csv_contains_what_json_contains() {
    let folder = with_losses();
    for flags in ["", "--work-items", "--chat-spans"] {
        let expected = lines(&folder.run(&format!("timeline day {flags}")).printed());
        let printed = folder.run(&format!("timeline day {flags} --csv")).printed();
        let mut reader = csv::Reader::from_reader(printed.as_bytes());
        let names = reader.headers().expect("there is a heading").clone();
        let rows: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().expect("every row is as long");
        assert_eq!(rows.len(), expected.len(), "{flags}");
        for (row, line) in rows.iter().zip(&expected) {
            for (name, text) in names.iter().zip(row) {
                assert_eq!(text, in_csv(name, line), "{name} of {line}");
            }
        }
    }
}

/// The text of a column, derived from the line of JSON.
fn in_csv(name: &str, line: &Value) -> String {
    let in_seconds = |nanos: i128| {
        let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    let value = match name {
        "seconds" => {
            let ends = [&line["to"], &line["from"]].map(|end| instant(end).unix_nanos());
            return in_seconds(ends[0] - ends[1]);
        }
        "doubtful_seconds" => {
            let parts = line["doubtful"].as_array().expect("a list").iter();
            let length = |part: &Value| {
                instant(&part["to"]).unix_nanos() - instant(&part["from"]).unix_nanos()
            };
            return in_seconds(parts.map(length).sum());
        }
        "handle_seconds" => {
            return line["handle_ns"].as_i64().map(|ns| in_seconds(ns.into())).unwrap_or_default();
        }
        "moves" => {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let moves = line["moves"].as_array().expect("a list").iter();
            let moves = moves.map(|to| format!("{}@{}", text(&to["channel"]), text(&to["at"])));
            return moves.collect::<Vec<_>>().join(";");
        }
        "duration" => return line["duration"].as_f64().expect("a number").to_string(),
        name => &line[name],
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[test]
fn a_value_with_csv_syntax_is_quoted() {
    let state = r#"a \"b\", c\nd;e"#;
    let events = support_is(state, 7, 1, "2026-01-05T09:00:00Z");
    let command = "timeline --csv --as-of 2026-01-05T09:00:00.5Z";
    let printed = Folder::new().run_on(events, command).printed();
    let mut reader = csv::Reader::from_reader(printed.as_bytes());
    let row = reader.records().next().expect("a row").expect("it can be read");
    assert_eq!((&row[5], &row[6]), ("0.5", "a \"b\", c\nd;e"));
}

#[test]
fn the_window_may_be_given_in_local_time() {
    let folder = Folder::with("events", ndjson(&half_a_day(Feed::Both)));
    let utc = "timeline events --from 2026-01-05T03:00:00Z --to 2026-01-05T03:15:00Z";
    let berlin = "timeline events --from 2026-01-05T04:00 --to 2026-01-05T04:15 --tz Europe/Berlin";
    assert_eq!(folder.run(berlin).printed(), folder.run(utc).printed());
}
