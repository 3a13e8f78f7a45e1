//! What `report` prints: which rows, for which buckets, as JSON lines and tables.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use agentfold::report::{Buckets, RollUp, Row};
use agentfold::{Fold, Instant, Selection};
use agentfold_simulate::{Feed, Simulation};
use serde_json::Value;

use crate::events::{half_a_day, ndjson, support_is, webhook};
use crate::run::Folder;

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn folded(events: &str) -> Fold {
    let mut fold = Fold::new();
    fold.read(events.as_bytes(), |bad| panic!("{bad:?}"));
    fold
}

pub(crate) fn rows(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a row is JSON")).collect()
}

/// The core's report as the command should print it.
fn report(fold: &Fold, boundaries: &[Instant], as_of: Instant, by: RollUp) -> Vec<String> {
    let buckets = Buckets::new(boundaries.to_vec(), as_of).expect("they rise");
    let line = |row: Row| serde_json::to_string(&row).expect("a row is JSON") + "\n";
    fold.report(&buckets, by, &Selection::all()).expect("few rows").map(line).collect()
}

/// The hours of the day from one to another.
fn hours(from: u32, to: u32) -> Vec<Instant> {
    (from..=to).map(|hour| at(&format!("2026-01-05T{hour:02}:00:00Z"))).collect()
}

#[test]
fn json_lines_are_the_rows_of_the_core() {
    let events = ndjson(&half_a_day(Feed::Both));
    let folder = Folder::with("day", &events);
    let fold = folded(&events);
    let (_, last) = fold.first_and_last_event_at().expect("there are events");
    for (by, roll_up) in [
        ("agent", RollUp::Agent),
        ("channel", RollUp::Channel),
        ("account", RollUp::Account),
        ("group", RollUp::Group),
    ] {
        let printed = folder.run(&format!("report day --by {by}")).printed();
        assert!(printed == report(&fold, &hours(0, 12), last, roll_up).concat(), "{by}");
    }
}

#[test]
fn without_as_of_a_report_is_as_of_the_last_event_or_of_its_end() {
    let events = ndjson(&half_a_day(Feed::Both));
    let folder = Folder::with("day", &events);
    let fold = folded(&events);
    let (_, last) = fold.first_and_last_event_at().expect("there are events");
    for (to, as_of) in [("06:00:00Z", at("2026-01-05T06:00:00Z")), ("23:00:00Z", last)] {
        let hours = hours(2, to[..2].parse().expect("an hour"));
        let expected = report(&fold, &hours, as_of, RollUp::Agent).concat();
        let window = format!("--from 2026-01-05T02:00:00Z --to 2026-01-05T{to}");
        assert!(folder.run(&format!("report day {window}")).printed() == expected, "{to}");
        let boundaries = hours.iter().map(Instant::to_string).collect::<Vec<_>>().join(",");
        let printed = folder.run(&format!("report day --boundaries {boundaries}")).printed();
        assert!(printed == expected, "{to}");
        let timeline =
            |options: &str| folder.run(&format!("timeline day {window} {options}")).printed();
        assert!(timeline("") == timeline(&format!("--as-of {as_of}")), "{to}");
    }
}

#[test]
fn the_window_is_from_the_bucket_of_the_first_event_to_the_last_event() {
    let events = [
        support_is("online", 7, 1, "2026-03-29T00:40:00Z"),
        support_is("away", 7, 2, "2026-03-29T05:10:00Z"),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let bounds = |options: &str| -> Vec<(String, String)> {
        let printed = folder.run(&format!("report events --rows channel {options}")).printed();
        let text = |row: &Value, key| row[key].as_str().expect("an instant").to_owned();
        rows(&printed).iter().map(|row| (text(row, "from"), text(row, "to"))).collect()
    };
    let day = |from: &str, to: &str| vec![(from.to_owned(), to.to_owned())];
    let every_day = "--every 1d --tz Europe/Berlin";
    assert_eq!(bounds(every_day), day("2026-03-28T23:00:00Z", "2026-03-29T05:10:00Z"));
    assert_eq!(
        bounds(&format!("{every_day} --as-of 2026-03-29T00:50:00Z")),
        day("2026-03-28T23:00:00Z", "2026-03-29T00:50:00Z")
    );
    assert_eq!(
        bounds(&format!("{every_day} --from 2026-03-29T01:30 --to 2026-03-29T03:30")),
        day("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")
    );
    assert_eq!(bounds("").len(), 6);
    assert_eq!(
        bounds("--every 15m").first(),
        day("2026-03-29T00:30:00Z", "2026-03-29T00:45:00Z").first()
    );
    assert_eq!(bounds("--every 15m").len(), 19);
    let run = folder.run("report events --from 2026-03-30");
    assert_eq!((run.code, &*run.stdout), (Some(0), ""));
    assert!(
        run.stderr.starts_with("nothing to report: no bucket begins before --as-of; "),
        "{}",
        run.stderr
    );
    let run = Folder::new().run("report");
    assert_eq!((run.code, &*run.stdout), (Some(0), ""));
    assert_eq!(run.stderr, "nothing to report: no events\n");
}

#[test]
fn days_have_23_or_25_hours_when_clocks_change() {
    let lengths = |tz: &str, from: &str, to: &str| -> Vec<u64> {
        let before = support_is("online", 7, 1, "2010-01-01T00:00:00Z");
        let options = format!("--every 1d --tz {tz} --from {from} --to {to} --as-of 2027-01-01");
        let printed =
            Folder::new().run_on(before, &format!("report --rows channel {options}")).printed();
        let minutes = |row: &Value| row["length_ns"].as_u64().expect("a number") / 60_000_000_000;
        rows(&printed).iter().map(minutes).collect()
    };
    let (spring, autumn, day) = (23 * 60, 25 * 60, 24 * 60);
    assert_eq!(lengths("Europe/Berlin", "2026-03-28", "2026-03-31"), [day, spring, day]);
    assert_eq!(lengths("Europe/Berlin", "2026-10-24", "2026-10-27"), [day, autumn, day]);
    assert_eq!(lengths("Australia/Lord_Howe", "2026-04-05", "2026-04-06"), [day + 30]);
    assert_eq!(lengths("Australia/Lord_Howe", "2026-10-04", "2026-10-05"), [day - 30]);
    assert_eq!(lengths("Pacific/Apia", "2011-12-29", "2012-01-01"), [day, day]);
    assert_eq!(lengths("UTC", "2026-03-28", "2026-03-31"), [day, day, day]);
}

#[test]
fn boundaries_can_be_given_one_by_one() {
    let events = ndjson(&half_a_day(Feed::Both));
    let folder = Folder::with("day", &events);
    let named = "2026-01-05T02:00:00Z,2026-01-05T05:00:00+01:00,2026-01-05T09:00:00Z";
    let bounds = [2, 4, 9].map(|hour| hours(hour, hour)[0]);
    let as_of = at("2026-01-05T08:30:00Z");
    let expected = report(&folded(&events), &bounds, as_of, RollUp::Agent).concat();
    let as_of = "--as-of 2026-01-05T08:30:00Z";
    assert!(folder.run(&format!("report day --boundaries {named} {as_of}")).printed() == expected);
    let local = "2026-01-05T03:00,2026-01-05T05:00,2026-01-05T10:00 --tz Europe/Berlin";
    assert!(folder.run(&format!("report day --boundaries {local} {as_of}")).printed() == expected);
}

#[test]
fn rows_are_filtered_by_kind_by_agent_and_by_information() {
    let events = ndjson(&half_a_day(Feed::Both));
    let folder = Folder::with("day", &events);
    let all = folder.run("report day").printed();
    let only = |takes: &dyn Fn(&Value) -> bool| -> String {
        all.split_inclusive('\n').filter(|line| takes(&rows(line)[0])).collect()
    };
    for kind in ["channel", "unified_state", "chat"] {
        let printed = folder.run(&format!("report day --rows {kind}")).printed();
        assert!(!printed.is_empty() && printed == only(&|row| row["row"] == kind), "{kind}");
    }
    let two = folder.run("report day --rows chat,channel").printed();
    assert!(two == only(&|row| row["row"] != "unified_state"));

    let fold = folded(&events);
    let agent = fold.agents().nth(3).expect("four agents");
    let one = folder.run(&format!("report day --agent {agent}")).printed();
    let id = agent.agent_id.to_string();
    assert!(!one.is_empty() && one == only(&|row| row["agent_id"] == id.as_str()));
    let rolled_up = folder.run(&format!("report day --agent {agent} --by account")).printed();
    assert!(rows(&rolled_up).iter().all(|row| row["agents"] == 1 && row["agent_id"].is_null()));
    let unknown = folder.run("report day --agent 1");
    assert_eq!((&*unknown.stdout, &*unknown.stderr), ("", "nothing is known about agent 1\n"));

    let tells = |line: &str| !serde_json::from_str::<Row>(line).expect("a row").is_unknown();
    let early = "--from 2026-01-04T12:00:00Z";
    let whole = folder.run(&format!("report day {early}")).printed();
    let sparse = folder.run(&format!("report day {early} --sparse")).printed();
    let telling: String = whole.split_inclusive('\n').filter(|line| tells(line)).collect();
    assert!(sparse == telling && sparse.len() < whole.len());
}

#[test]
fn tables_have_a_heading_and_leave_out_kinds_without_information() {
    let floor = Simulation { agents: 3, hours: 2, seed: 7, ..Simulation::default() };
    let folder = Folder::with("day", ndjson(&floor.events().collect::<Vec<_>>()));
    let headings = |options: &str| -> Vec<String> {
        let table = folder.run(&format!("report day --table {options}")).printed();
        let heading = |line: &&str| line.contains("times in");
        table.lines().filter(heading).map(str::to_owned).collect()
    };
    let both =
        |zone: &str| ["Channels", "Unified states"].map(|kind| format!("{kind}, times in {zone}"));
    let alone = |headings: Vec<String>| -> Vec<String> {
        headings.iter().map(|heading| heading.replace(" of account 10000345", "")).collect()
    };
    assert_eq!(alone(headings("")), both("UTC"));
    assert_eq!(alone(headings("--tz Asia/Kathmandu")), both("Asia/Kathmandu"));
    assert_eq!(alone(headings("--rows chat")), ["Chat, times in UTC"]);
    assert_eq!(alone(headings("--by channel")), ["Channels, times in UTC"]);
}

#[test]
fn a_table_shows_clock_times_and_shares() {
    let state = |version, at, id, name, before| {
        let fields = format!(
            r#""previous_unified_state":{{"id":"{before}","name":"x","reason":"PUBLIC_API"}},"new_unified_state":{{"id":"{id}","name":"{name}","reason":"AGENT_IDLE_TIMEOUT"}}"#
        );
        webhook(7, version, at, "unified_state_changed", &fields)
    };
    let events = [
        state(1, "2026-10-25T00:15:00Z", 3, "online", 2),
        state(2, "2026-10-25T00:45:00.6Z", 2, "offline", 3),
    ];
    let options = "--tz Europe/Berlin --rows unified_state --table --as-of 2026-10-25T01:00:00Z";
    let table = Folder::new().run_on(ndjson(&events), &format!("report {options}")).printed();
    let lines: Vec<String> =
        table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines[0], "Unified states of account 2, times in Europe/Berlin");
    assert_eq!(lines[1], "agent from to state time share not by choice unsure");
    let bucket = "7 2026-10-25 02:00 CEST 02:00 CET";
    assert_eq!(lines[3], format!("{bucket} offline 0:14:59 25.0 % 0:14:59 0.0 %"));
    assert_eq!(lines[4], format!("{bucket} online 0:30:01 50.0 % 0:30:01 0.0 %"));
    assert_eq!(lines[5], format!("{bucket} unknown 0:15:00 25.0 % 0:00:00 100.0 %"));
}

#[test]
fn rows_are_printed_as_they_are_computed() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    for options in ["", "--csv"] {
        let options = format!("report day --every 1m {options}");
        let mut child = folder.command(&options);
        let mut child =
            child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut first = String::new();
        let stdout = child.stdout.take().expect("standard output is a pipe");
        BufReader::new(stdout).read_line(&mut first).expect("it is read");
        assert!(first.ends_with('\n') && child.wait().expect("it ends").success());
    }
}

#[test]
fn a_saved_fold_has_the_same_report_as_its_events_and_bad_records_are_reported() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    let printed = folder.run("report day").printed();
    folder.run("state day --save day.fold").printed();
    assert!(folder.run("report --restore day.fold").printed() == printed);
    folder.write("bad", "{}");
    let run = folder.run("report day bad");
    assert_eq!((run.code, run.stdout == printed), (Some(1), true));
    assert!(run.stderr.contains("records could not be read"), "{}", run.stderr);
}

#[test]
fn wrong_usage_is_reported_before_events_are_read() {
    let folder = Folder::new();
    let two = "--boundaries 2026-01-05,2026-01-05";
    for (options, message) in [
        ("--every 7y", "such as `15m`, `1h`, `1d`, `1w` or `1mo`"),
        ("--every 25h", "24 hours"),
        ("--tz Europe/Berln", "did you mean `Europe/Berlin`"),
        ("--from yesterday", "'yesterday' for '--from"),
        ("--from 2026-02-29", "'2026-02-29' for '--from"),
        (
            "--as-of 2026-03-29T02:30 --tz Europe/Berlin",
            "--as-of: the local time 2026-03-29T02:30:00 does not exist in Europe/Berlin: write 2026-03-29T01:30:00+01:00 or 2026-03-29T03:30:00+02:00",
        ),
        (
            "--to 2026-10-25T02:30 --tz Europe/Berlin",
            "--to: the local time 2026-10-25T02:30:00 occurs twice in Europe/Berlin: write 2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00",
        ),
        (
            "--from 2026-01-06 --to 2026-01-05",
            "--from 2026-01-06T00:00:00Z is not before --to 2026-01-05T00:00:00Z",
        ),
        ("--boundaries 2026-01-05", "give two or more"),
        (two, "2026-01-05T00:00:00Z is not after 2026-01-05T00:00:00Z"),
        ("--boundaries 2026-01-05,2026-01-06 --every 1h", "cannot be used with"),
        ("--by team", "'team'"),
        ("--rows tickets", "'tickets'"),
        ("--rows adherence", "--schedule"),
        ("--csv --table", "cannot be used with"),
        ("--csv --rows channel,chat", "CSV holds one kind of row"),
        ("--csv --against nofile", "cannot be used with"),
        ("--schedule nofile", "cannot read nofile"),
        ("--against nofile", "cannot read nofile"),
        ("--agent anna", "'anna' for '--agent"),
    ] {
        let stderr = folder.run(&format!("report nofile_of_events {options}")).refused(2);
        assert!(stderr.contains(message), "`report {options}`: {stderr}");
        assert!(!stderr.contains("nofile_of_events:"), "{stderr}");
    }
    let far = support_is("online", 7, 1, "2026-01-05T00:00:00Z");
    let many = "report --every 1m --from 2000-01-01 --to 2030-01-01 --as-of 2030-01-01";
    let message = folder.run_on(far, many).refused(2);
    assert!(message.contains("more than 1000000 buckets"), "{message}");
}
