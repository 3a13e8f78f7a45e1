//! Adherence: agents compared with a schedule, and mistakes in schedules.

use serde_json::json;

use crate::events::{ndjson, support_is, webhook};
use crate::report::rows;
use crate::run::Folder;

/// Agent 7 is online from 09:15, on support from 09:30 to 10:30.
fn events() -> String {
    let fields = |before: &str, after: &str| {
        format!(r#""previous_unified_state":{before},"new_unified_state":{after}"#)
    };
    let offline = r#"{"id":"2","name":"offline","reason":"UNKNOWN"}"#;
    let online = r#"{"id":"3","name":"online","reason":"UNKNOWN"}"#;
    let (morning, on) = ("2026-01-05T08:00:00Z", "2026-01-05T09:15:00Z");
    ndjson(&[
        webhook(7, 1, morning, "unified_state_changed", &fields(online, offline)),
        webhook(7, 2, on, "unified_state_changed", &fields(offline, online)),
        support_is("online", 7, 3, "2026-01-05T09:30:00Z"),
        support_is("away", 7, 4, "2026-01-05T10:30:00Z"),
    ])
}

/// One entry for the unified state, by name and by id; one for a channel; one for an unknown agent;
/// one for another day.
const SHIFTS: &str = "\
account_id,agent_id,from,to,track,states
2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,online|5
2,7,2026-01-05T10:00:00+01:00,2026-01-05T12:00:00+01:00,state[support],online | away
2,8,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,online
2,7,2026-02-05T09:00:00Z,2026-02-05T10:00:00Z,,online
";

#[test]
fn a_schedule_adds_rows_of_adherence_after_the_others() {
    let folder = Folder::with("events", events()).and("shifts", SHIFTS);
    let options = "report events --as-of 2026-01-05T10:45:00Z";
    let plain = folder.run(options).printed();
    let held = folder.run(&format!("{options} --schedule shifts")).stdout;
    let adherence = held.strip_prefix(&plain).expect("the others come first, as they are");
    let found = rows(adherence);
    assert_eq!(found.len(), 3);
    let minute = 60_000_000_000_u64;
    assert_eq!(found[0]["adherence"], json!(0.75));
    assert_eq!(found[0]["track"], "unified_state");
    assert_eq!(found[0]["out_ns"], 15 * minute);
    assert_eq!(found[1]["track"], "state[support]");
    // Clipped at --as-of; nothing is known before half past nine.
    assert_eq!(found[1]["scheduled_ns"], 120 * minute);
    assert_eq!(found[1]["elapsed_ns"], 105 * minute);
    assert_eq!(found[1]["unknown_ns"], 30 * minute);
    assert_eq!(found[1]["adherent_ns"], 75 * minute);
    // Nothing is known about agent 8.
    assert_eq!((&found[2]["agent_id"], &found[2]["adherence"]), (&json!("8"), &json!(0.0)));
    assert_eq!(found[2]["unknown_ns"], 60 * minute);

    let alone = folder.run(&format!("{options} --schedule shifts --rows adherence")).stdout;
    assert_eq!(alone, adherence);
    // Only entries that overlap the window, not clipped to it.
    let early = format!("{options} --schedule shifts --rows adherence --to 2026-01-05T09:00:00Z");
    assert_eq!(folder.run(&early).stdout, "");
    let late = format!("{options} --schedule shifts --rows adherence --from 2026-01-05T09:59:00Z");
    assert_eq!(folder.run(&late).stdout, adherence);
    let of = |agent: &str| -> String {
        adherence.split_inclusive('\n').filter(|line| line.contains(agent)).collect()
    };
    for (agent, id) in [("2/7", r#""agent_id":"7""#), ("2/8", r#""agent_id":"8""#)] {
        let run = folder.run(&format!("{late} --agent {agent}"));
        assert_eq!((run.code, &*run.stdout), (Some(0), &*of(id)));
    }
}

#[test]
fn adherence_is_shown_as_csv_and_as_a_table() {
    let folder = Folder::with("events", events()).and("shifts", SHIFTS);
    let options = "report events --schedule shifts --rows adherence --as-of 2026-01-05T10:45:00Z";
    let csv = folder.run(&format!("{options} --csv --by account")).stdout;
    assert_eq!(
        csv,
        "account_id,agent_id,from,to,track,scheduled_s,elapsed_s,adherent_s,out_s,unknown_s,disputed_s,inferred_s,doubtful_s,adherence\n\
         2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,unified_state,3600,3600,2700,900,0,0,0,0,0.75\n\
         2,7,2026-01-05T09:00:00Z,2026-01-05T10:45:00Z,state[support],7200,6300,4500,0,1800,0,0,0,0.7142857142857143\n\
         2,8,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,unified_state,3600,3600,0,0,3600,0,0,0,0\n"
    );
    let table = folder.run(&format!("{options} --table")).stdout;
    assert!(table.starts_with("Adherence to the schedule of account 2, times in UTC\n"), "{table}");
    assert!(table.contains("0:45:00   0:15:00      75.0 %"), "{table}");
    let message = folder.run("report events --schedule shifts --csv").refused(2);
    assert!(message.contains("--rows adherence"), "{message}");
}

#[test]
fn exceptions_are_listed_also_as_of_now() {
    let shifts = "account_id,agent_id,from,to,track,states\n\
                  2,7,2026-01-05T09:00:00Z,2026-01-05T11:00:00Z,state[support],online\n\
                  2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,online\n\
                  2,8,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,online\n";
    let folder = Folder::with("events", events()).and("shifts", shifts);
    let list = |as_of: &str| -> Vec<String> {
        let options = format!("--schedule shifts --rows exceptions --as-of 2026-01-05T{as_of}:00Z");
        let run = folder.run(&format!("report events {options}"));
        let line = |row: &serde_json::Value| {
            let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
            let [from, to] = ["from", "to"].map(|key| text(key)[11..16].to_owned());
            let open = if row["open"] == json!(true) { " open" } else { "" };
            format!(
                "{} {} {} {from} {to}{open}",
                text("agent_id"),
                text("track"),
                text("exception")
            )
        };
        rows(&run.stdout).iter().map(line).collect()
    };
    assert_eq!(
        list("11:30"),
        [
            "7 state[support] left_early 10:30 11:00",
            "7 unified_state late 09:00 09:15",
            "8 unified_state no_show 09:00 10:00"
        ]
    );
    assert_eq!(list("10:45")[0], "7 state[support] out_of_adherence 10:30 10:45 open",);
    assert_eq!(
        list("09:10"),
        [
            "7 state[support] no_show 09:00 09:10 open",
            "7 unified_state no_show 09:00 09:10 open",
            "8 unified_state no_show 09:00 09:10 open"
        ]
    );
    let options = "--schedule shifts --rows exceptions --as-of 2026-01-05T11:30:00Z";
    let csv = folder.run(&format!("report events {options} --csv")).stdout;
    assert!(csv.starts_with("account_id,agent_id,exception,from,to,open,scheduled_from,"), "{csv}");
    assert!(csv.contains("2,8,no_show,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,false,"), "{csv}");
    let table = folder.run(&format!("report events {options} --table")).stdout;
    assert!(
        table.starts_with("Exceptions to the schedule of account 2, times in UTC\n"),
        "{table}"
    );
    let message = folder.run("report events --rows exceptions").refused(2);
    assert!(message.contains("give --schedule"), "{message}");
}

#[test]
fn words_that_no_agent_ever_had_are_named_with_near_ones() {
    let shifts = "account_id,agent_id,from,to,track,states\n\
                  2,7,2026-01-05T09:00:00Z,2026-01-05T11:00:00Z,state[suport],online\n\
                  2,7,2026-01-05T09:00:00Z,2026-01-05T11:00:00Z,state[support],onlin\n\
                  2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,Online|3|2\n\
                  2,7,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,,Online|lunch\n";
    let folder = Folder::with("events", events()).and("shifts", shifts);
    let run = folder.run("report events --schedule shifts --rows adherence");
    assert_eq!(run.code, Some(0));
    assert_eq!(rows(&run.stdout).len(), 4);
    let told: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(
        told,
        [
            "shifts: no agent has a channel `suport`; did you mean `support`? (1 entry)",
            "shifts: no agent ever was in the state `onlin`; did you mean `online`? (1 entry)",
            "shifts: no agent ever was in the state `Online`; did you mean `online`? (2 entries)",
            "shifts: no agent ever was in the state `lunch` (1 entry)",
        ]
    );
}

#[test]
fn a_schedule_has_rows_without_any_event() {
    let folder = Folder::with("events", "").and("shifts", SHIFTS);
    let run =
        folder.run("report events --schedule shifts --rows adherence --as-of 2026-01-05T12:00:00Z");
    assert_eq!(rows(&run.stdout).len(), 3);
    assert!(rows(&run.stdout).iter().all(|row| row["unknown_ns"] == row["elapsed_ns"]));
}

#[test]
fn a_schedule_is_csv_or_json_in_several_formats() {
    let folder = Folder::with("events", events()).and("shifts", SHIFTS);
    let run = |name: &str| {
        folder.run(&format!("report events --schedule {name} --rows adherence")).stdout
    };
    let expected = run("shifts");
    assert_eq!(rows(&expected).len(), 3);
    let first = r#"{"account_id":"2","agent_id":7,"from":"2026-01-05T09:00:00Z","to":"2026-01-05T10:00:00Z","states":["online","5"]}"#;
    let second = r#"{"account_id":2,"agent_id":"7","track":"state[support]","from":"2026-01-05T09:00:00Z","to":"2026-01-05T11:00:00Z","states":["online","away"]}"#;
    let reordered = "states,to,from,agent_id,account_id\r\n\
                     \"online|5\",2026-01-05T10:00:00Z,2026-01-05T09:00:00Z,7,2\r\n";
    for (name, text, lines) in [
        ("lines", format!("{first}\n\n{second}\n"), 2),
        ("list", format!("[\n{first},\n{second}]"), 2),
        ("bom", format!("\u{feff}{SHIFTS}"), 3),
        ("reordered", reordered.to_owned(), 1),
        ("empty_list", "[]".to_owned(), 0),
    ] {
        folder.write(name, text);
        let expected: String = expected.split_inclusive('\n').take(lines).collect();
        assert_eq!(run(name), expected, "{name}");
    }
    folder.write("shifts.zst", zstd::encode_all(SHIFTS.as_bytes(), 3).expect("it is compressed"));
    assert_eq!(run("shifts.zst"), expected);
}

#[test]
fn all_mistakes_in_a_schedule_are_reported_with_their_lines() {
    let csv = "account_id,agent_id,from,to,track,states\n\
               2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z,,online\n\
               x,7,monday,2026-01-05T10:00:00Z,,online\n\
               2,7,2026-01-05T09:00:00Z,2026-01-05T10:00:00Z\n\
               2,7,2026-01-05T10:00:00Z,2026-01-05T09:00:00Z,,|\n\
               2,7,2026-01-05T08:00:00Z,2026-01-05T10:00:00Z,groups,online\n\
               2,7,2026-01-05T09:00:00Z,2026-01-05T12:00:00Z,unified_state,online\n";
    let jsonl = "{\"account_id\":2}\n\n{\"account_id\":2,\n[]\n";
    let list = "[{\"account_id\":2,\n\"agent_id\":7},\n{\"agent_id\":\"x\"}]";
    for (text, mistakes) in [
        (
            csv,
            &[
                "shifts:3: `account_id`: ",
                "shifts:3: `from`: ",
                "shifts:4: 4 fields, but the header has 6",
                "shifts:5: `to` is not after `from`",
                "shifts:5: `states` is empty",
                "shifts:6: `track`: ",
                "shifts:7: line 2 has the same agent, track and `from`",
            ][..],
        ),
        (
            "account_id,agent,from,to\n",
            &[
                "shifts:1: unknown column `agent`",
                "shifts:1: the header has no column `agent_id`",
                "shifts:1: the header has no column `states`",
            ],
        ),
        (
            "",
            &[
                "shifts:1: the header has no column `account_id`",
                "shifts:1: the header has no column `agent_id`",
                "shifts:1: the header has no column `from`",
                "shifts:1: the header has no column `to`",
                "shifts:1: the header has no column `states`",
            ],
        ),
        (jsonl, &["shifts:1: missing field `agent_id`", "shifts:3: EOF", "shifts:4: "]),
        (list, &["shifts:2: missing field `from`", "shifts:3: "]),
        ("[", &["shifts:1: EOF"]),
    ] {
        let folder = Folder::with("events", events()).and("shifts", text);
        let stderr = folder.run("report events --schedule shifts").refused(2);
        let lines: Vec<&str> = stderr.lines().collect();
        assert_eq!(lines.len(), mistakes.len() + 1, "{stderr}");
        for (line, start) in lines.iter().zip(mistakes) {
            assert!(line.starts_with(start), "{start}: {stderr}");
        }
        let last = format!("agentfold: {} mistake", mistakes.len());
        assert!(lines.last().is_some_and(|line| line.starts_with(&last)), "{stderr}");
    }
}
