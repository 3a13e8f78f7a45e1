//! Events with wrong dates do not decide what is reported, and endless reports are refused.

use crate::events::{half_a_day, ndjson, support_is};
use crate::report::rows;
use crate::run::Folder;
use agentfold_simulate::Feed;

#[test]
fn one_event_with_a_wrong_date_changes_no_default_window() {
    let day = half_a_day(Feed::Both);
    let folder = Folder::with("day", ndjson(&day));
    let commands = ["report", "report --every 15m --sparse", "report --by channel", "timeline"];
    let expected = commands.map(|command| folder.run(&format!("{command} day")).printed());
    for at in [
        "0000-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "2001-09-09T01:46:40Z",
        "2008-06-01T00:00:00Z",
        "2025-01-05T00:00:00Z",
        "2026-07-05T00:00:00Z",
        "2126-01-05T00:00:00Z",
        "9999-12-31T00:00:00Z",
    ] {
        // Another account, so that the answers about the others are the same.
        folder.write("wrong", support_is("online", 7, 1, at));
        for (command, expected) in commands.iter().zip(&expected) {
            // With a clock before an event, the event would be refused.
            let run = folder.run(&format!("{command} day wrong --now 9999-12-31T00:00:00Z"));
            let others: String = run
                .stdout
                .split_inclusive('\n')
                .filter(|line| !line.contains(r#""account_id":"2""#))
                .collect();
            if *command != "report --by channel" {
                assert!(others == *expected, "{command}: {at}");
            }
            assert!(run.stdout.lines().count() < expected.lines().count() + 200, "{command}: {at}");
            assert!(run.stderr.contains("far from all others"), "{command}: {at}: {}", run.stderr);
            assert!(run.stderr.contains(&at[..10]), "{command}: {at}: {}", run.stderr);
        }
    }
    // A time that is given is used.
    folder.write("wrong", support_is("online", 7, 1, "2025-01-05T00:00:00Z"));
    let run = folder.run("report day wrong --from 2025-01-05 --every 7d");
    assert!(run.stdout.contains("2025-01-05") && run.stderr.is_empty(), "{}", run.stderr);
    let floor = folder.run("floor day wrong").printed();
    assert!(!floor.is_empty());
}

#[test]
fn two_events_are_reported_from_the_one_that_is_not_old() {
    let events =
        ["1970-01-01T00:00:00Z", "2026-01-05T09:00:00Z"].map(|at| support_is("online", 7, 1, at));
    let folder = Folder::with("events", ndjson(&events));
    let run = folder.run("report events --as-of 2026-01-05T11:00:00Z");
    assert_eq!(rows(&run.stdout).len(), 2 * 3);
}

#[test]
fn a_report_of_too_many_rows_says_how_many_and_what_narrows_them() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    for (options, limit) in [
        ("--from 1970-01-01", "10000000"),
        ("--every 1m --from 2026-01-01 --table", "100000"),
        ("--limit-rows 100", "100"),
        ("--rows sessions --limit-rows 10", "10"),
        ("--by channel --limit-rows 10", "10"),
        ("--by group_split --limit-rows 10", "10"),
    ] {
        let message = folder.run(&format!("report day {options}")).refused(2);
        assert!(message.starts_with("agentfold: too_many_rows: "), "{options}: {message}");
        assert!(message.contains(&format!("the limit is {limit}")), "{options}: {message}");
        for narrowing in ["--every", "--from", "--agent", "--limit-rows"] {
            assert!(message.contains(narrowing), "{options}: {message}");
        }
    }
    let rows = folder.run("report day").stdout.lines().count();
    let bound = folder.run("report day --limit-rows 1").refused(2);
    let bound = bound.split("up to ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    let bound: usize = bound.expect("a number of rows");
    assert!((rows..rows + rows / 2).contains(&bound), "{rows} rows, up to {bound}");
}

#[test]
fn a_report_by_channel_over_many_buckets_takes_little_memory() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    let mut running =
        folder.start("report day --by channel --every 4m --from 2025-09-01 --rows channel");
    drop(running.stdin.take());
    // It waits for its reader, with all parts before the last computed.
    let first = running.lines(1).remove(0);
    assert!(first.contains(r#""row":"channel""#), "{first}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", running.child.id()));
    if let Some(most) = status.ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    }) {
        assert!(most < 64 * 1024, "{most} KiB");
    }
    assert_eq!(running.finish().code, Some(0));
}
