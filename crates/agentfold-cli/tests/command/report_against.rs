//! Corrections: a report compared with an earlier one.

use std::collections::BTreeMap;
use std::io::Write;

use agentfold_simulate::{Feed, Simulation};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::events::{ndjson, support_is};
use crate::report::rows;
use crate::run::Folder;

/// What a row covers, as text that sorts.
fn place(row: &Value) -> String {
    let keys = ["row", "account_id", "agent_id", "group_id", "from", "channel", "id", "track"];
    json!(keys.map(|key| &row[key])).to_string()
}

/// The rows that differ, found without agentfold: before and after, by what they cover.
fn differing(before: &str, after: &str) -> BTreeMap<String, (Value, Value)> {
    let mut pairs: BTreeMap<String, (Value, Value)> = BTreeMap::new();
    for row in rows(before) {
        let place = place(&row);
        pairs.entry(place).or_default().0 = row;
    }
    for row in rows(after) {
        let place = place(&row);
        pairs.entry(place).or_default().1 = row;
    }
    pairs.retain(|_, (before, after)| before != after);
    pairs
}

#[test]
fn reports_before_and_after_late_events_differ_exactly_by_their_corrections() {
    let floor =
        Simulation { agents: 25, hours: 24, seed: 11, feed: Feed::Both, ..Simulation::default() };
    let events: Vec<String> = floor.events().collect();
    let (late, in_time): (Vec<_>, Vec<_>) =
        events.iter().enumerate().partition(|(place, _)| place * 7 % 20 == 3);
    let lines = |part: Vec<(usize, &String)>| {
        ndjson(&part.into_iter().map(|(_, line)| line).collect::<Vec<_>>())
    };
    let folder = Folder::with("in_time", lines(in_time)).and("late", lines(late));
    let window = "--every 30m --from 2026-01-05 --to 2026-01-06 --as-of 2026-01-06";
    for by in ["agent", "channel", "account", "group"] {
        let options = format!("--by {by} {window}");
        let before = folder.run(&format!("report in_time {options}")).printed();
        let after = folder.run(&format!("report in_time late {options}")).printed();
        folder.write("before", &before);

        let run = folder.run(&format!("report in_time late {options} --against before"));
        assert_eq!(run.code, Some(0));
        let expected = differing(&before, &after);
        let corrections = rows(&run.stdout);
        assert!(corrections.len() > 40, "{by}: {}", corrections.len());
        let found: BTreeMap<String, (Value, Value)> = corrections
            .iter()
            .map(|c| (place(c), (c["before"].clone(), c["after"].clone())))
            .collect();
        assert_eq!(found.len(), corrections.len());
        assert!(found == expected, "{by}");
        let gone = expected.values().filter(|(_, after)| after.is_null()).count();
        let (differ, all) = (expected.len(), after.lines().count() + gone);
        assert!(differ < all);
        assert_eq!(run.stderr, format!("{differ} of {all} rows differ\n"));
    }
}

#[test]
fn a_report_has_no_corrections_against_itself() {
    let floor =
        Simulation { agents: 6, hours: 12, seed: 3, feed: Feed::Both, ..Simulation::default() };
    let folder = Folder::with("day", ndjson(&floor.events().collect::<Vec<_>>()));
    let agent = rows(&folder.run("state day").printed())[2]["agent_id"].clone();
    let agent = agent.as_str().expect("an id");
    let shifts = format!(
        "account_id,agent_id,from,to,track,states\n10000345,{agent},2026-01-05T01:00:00Z,2026-01-05T05:00:00Z,,online\n"
    );
    folder.write("shifts", shifts);
    let saved = folder.run("report day --schedule shifts").printed();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(saved.as_bytes()).expect("it is compressed");
    folder.write("saved.gz", gzip.finish().expect("it is compressed"));
    folder.write("saved", &saved);
    let count = saved.lines().count();
    for saved in ["saved", "saved.gz"] {
        for table in ["", "--table"] {
            let run =
                folder.run(&format!("report day --schedule shifts --against {saved} {table}"));
            assert_eq!(run.stderr, format!("0 of {count} rows differ\n"));
            assert_eq!(run.printed(), "");
        }
    }
    // Rows that are not requested now do not count as missing.
    for options in ["--rows chat,channel", "--sparse", &format!("--agent {agent}")] {
        let run = folder.run(&format!("report day --schedule shifts --against saved {options}"));
        assert!(run.stderr.starts_with("0 of "), "{options}: {}", run.stderr);
    }
}

/// Two agents; the events after the first arrive late.
fn hour() -> [String; 3] {
    [
        support_is("online", 7, 1, "2026-01-05T09:00:00Z"),
        support_is("away", 7, 2, "2026-01-05T09:30:00Z"),
        support_is("online", 8, 3, "2026-01-05T09:00:00.5Z"),
    ]
}

const HOUR: &str =
    "--from 2026-01-05T09:00 --to 2026-01-05T10:00 --as-of 2026-01-05T10:00 --rows channel";

#[test]
fn a_table_of_corrections_names_each_measure_before_and_after() {
    let [first, late, other] = hour();
    let folder = Folder::with("first", first).and("late", ndjson(&[late, other]));
    let before = folder.run(&format!("report first {HOUR}")).printed();
    folder.write("before", before);
    let run = folder.run(&format!("report first late {HOUR} --against before --table"));
    assert_eq!(run.stderr, "2 of 2 rows differ\n");
    let lines: Vec<String> = run
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(lines[0], "Corrections of account 2, times in UTC");
    assert_eq!(lines[1], "agent row from of measure before after");
    let place = "channel 2026-01-05 09:00 support";
    assert_eq!(
        lines[3..],
        [
            format!("7 {place} online 1:00:00 0:30:00"),
            format!("7 {place} state_away 0:00:00 0:30:00"),
            format!("7 {place} state_online 1:00:00 0:30:00"),
            format!("8 {place} the whole row none new"),
        ]
    );
}

#[test]
fn a_line_that_is_not_a_row_is_reported_with_its_number() {
    let [first, ..] = hour();
    let folder = Folder::with("first", first);
    let good = folder.run(&format!("report first {HOUR}")).printed();
    for (saved, message) in [
        (
            format!("{good}\n{{\"row\":\"channel\"}}\n"),
            "saved:3: not a row of a report: missing field",
        ),
        ("account_id,agent_id\n".to_owned(), "saved:1: not a row of a report: "),
        (format!("{good}\u{0}"), "saved:2: "),
    ] {
        folder.write("saved", saved);
        let stderr = folder.run(&format!("report first {HOUR} --against saved")).refused(2);
        assert!(stderr.contains(message), "{stderr}");
    }
}

#[test]
fn a_report_with_other_buckets_is_refused() {
    let folder = Folder::with("events", ndjson(&hour()));
    folder.write("saved", folder.run(&format!("report events {HOUR} --agent 8")).printed());
    for options in ["--every 1d", "--every 30m", "--from 2026-01-05T08:45:00Z --every 30m"] {
        let options = format!("{options} --rows channel --as-of 2026-01-05T10:00:00Z");
        let message =
            folder.run(&format!("report events --agent 8 {options} --against saved")).refused(2);
        assert!(message.contains("other buckets"), "{message}");
    }
    // A clipped bucket is the same bucket, and other buckets that do not overlap are new.
    for options in ["--as-of 2026-01-05T09:30:00Z", "--as-of 2026-01-05T12:00:00Z"] {
        let options = format!("--from 2026-01-05T08:00:00Z {options} --rows channel");
        let run = folder.run(&format!("report events --agent 8 {options} --against saved"));
        assert_eq!(run.code, Some(0), "{}", run.stderr);
    }
}
