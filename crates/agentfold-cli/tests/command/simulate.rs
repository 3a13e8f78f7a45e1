//! What `simulate` prints and writes.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::SystemTime;

use agentfold::Instant;
use agentfold_simulate::{Feed, Simulation};
use serde_json::Value;

use crate::run::{Folder, Run};

/// A small floor with both feeds.
const FLOOR: &str = "simulate --agents 12 --hours 10 --seed 7 --feed both";

fn simulate(options: &str) -> Run {
    Folder::new().run(&format!("{FLOOR} {options}"))
}

/// The numbers of its summary: events written, duplicates among them, events lost.
fn summary(run: &Run) -> (usize, usize, usize) {
    let words: Vec<&str> = run.stderr.split_whitespace().collect();
    let shape = "wrote events, including duplicates; more were lost";
    let (numbers, others): (Vec<&str>, Vec<&str>) =
        words.iter().partition(|word| word.parse::<usize>().is_ok());
    assert_eq!(others.join(" "), shape, "{}", run.stderr);
    let numbers: Vec<usize> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
    (numbers[0], numbers[1], numbers[2])
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// The state and the saved fold of events.
fn folded(events: &str) -> (String, Vec<u8>) {
    let folder = Folder::with("events", events);
    (folder.run("state events --save fold").printed(), folder.read("fold"))
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let faults = "--drop 0.1 --duplicate 0.1 --shuffle 60";
    assert_eq!(simulate(faults), simulate(faults));
    assert_ne!(simulate("--seed 8").stdout, simulate("").stdout);
}

#[test]
fn the_default_is_a_day_of_a_hundred_agents() {
    let folder = Folder::new();
    let default = folder.run("simulate");
    let spelled_out = "simulate --agents 100 --hours 24 --seed 1 --drop 0 --duplicate 0 --shuffle 0 \
                       --feed availability --start 2026-01-05T00:00:00Z";
    assert!(default == folder.run(spelled_out));
}

#[test]
fn every_feed_has_no_errors_and_no_unknown_words() {
    for (feed, webhooks, chats) in
        [("availability", true, false), ("chat", false, true), ("both", true, true)]
    {
        let folder = Folder::new();
        let simulated = folder.run(&format!(
            "simulate --agents 12 --hours 10 --feed {feed} --drop 0.05 --duplicate 0.05 --shuffle 90"
        ));
        let events = simulated.stdout;
        assert_eq!(events.lines().any(|line| line.contains("zen:event-type:")), webhooks, "{feed}");
        assert_eq!(events.lines().any(|line| line.contains("field_name")), chats, "{feed}");
        let check = folder.run_on(&events, "check");
        let count = events.lines().count();
        assert_eq!(check.stderr, format!("{count} records: 0 with errors, 0 with warnings\n"));
        assert_eq!(check.printed(), "", "{feed}");
    }
}

#[test]
fn a_delivery_without_faults_counts_none() {
    let run = simulate("");
    assert_eq!(summary(&run), (run.stdout.lines().count(), 0, 0));
}

#[test]
fn lost_events_are_missing_and_counted() {
    let (whole, lossy) = (simulate(""), simulate("--drop 0.2"));
    let (written, repeats, lost) = summary(&lossy);
    assert_eq!((written, repeats), (lossy.stdout.lines().count(), 0));
    assert_eq!(written + lost, whole.stdout.lines().count());
    assert!(lost > written / 10 && lost < written / 2, "{}", lossy.stderr);
    let all: HashSet<&str> = whole.stdout.lines().collect();
    assert!(lossy.stdout.lines().all(|line| all.contains(line)));
    assert_eq!(simulate("--drop 1").printed(), "");
}

#[test]
fn duplicated_events_have_the_same_bytes_and_are_counted() {
    let (whole, repeating) = (simulate(""), simulate("--duplicate 0.2"));
    let (written, repeats, lost) = summary(&repeating);
    let mut distinct = sorted(&repeating.stdout);
    assert_eq!((distinct.len(), lost), (written, 0));
    distinct.dedup();
    assert_eq!(distinct.len(), written - repeats);
    assert!(repeats > written / 10, "{}", repeating.stderr);
    assert!(distinct == sorted(&whole.stdout));
}

#[test]
fn delayed_events_are_the_same_in_another_order() {
    let (whole, shuffled) = (simulate(""), simulate("--shuffle 120"));
    assert_ne!(shuffled.stdout, whole.stdout);
    assert!(sorted(&shuffled.stdout) == sorted(&whole.stdout));
    assert_eq!(summary(&shuffled), summary(&whole));
}

#[test]
fn duplicates_and_delays_do_not_change_the_state() {
    let whole = folded(&simulate("").stdout);
    assert!(folded(&simulate("--duplicate 0.3 --shuffle 600").stdout) == whole);
}

#[test]
fn every_spelling_has_no_errors_and_gives_the_same_state() {
    let documented = simulate("");
    let state = folded(&documented.stdout);
    assert!(documented == simulate("--spelling documented"));
    let mut texts = HashSet::from([documented.stdout]);
    for spelling in ["type-first", "spaced", "pretty", "shuffled", "escaped", "extra-fields"] {
        let run = simulate(&format!("--spelling {spelling}"));
        assert_eq!(summary(&run), summary(&simulate("")));
        let check = Folder::new().run_on(&run.stdout, "check");
        assert!(check.stderr.contains(" 0 with errors"), "{spelling}: {}", check.stderr);
        assert!(folded(&run.stdout) == state, "{spelling}");
        assert!(texts.insert(run.stdout), "{spelling}");
    }
}

#[test]
fn until_now_the_last_event_is_of_this_moment() {
    let before = Instant::try_from(SystemTime::now()).expect("a date").unix_seconds();
    let printed = Folder::new().run("simulate --agents 12 --hours 6 --until-now").printed();
    let event: Value = serde_json::from_str(printed.lines().last().expect("a line")).expect("JSON");
    let at = event["event"]["updated_at"].as_str().and_then(|at| at.parse::<Instant>().ok());
    let age = before - at.expect("an instant").unix_seconds();
    assert!((-30..600).contains(&age), "{age} s ago");
}

#[test]
fn the_simulation_begins_at_the_requested_instant() {
    for (start, first_hour) in [
        ("2031-07-01T05:00:00Z", "2031-07-01T05:"),
        ("2031-07-01T05:00:00+05:00", "2031-07-01T00:"),
    ] {
        let run = Folder::new().run(&format!("simulate --agents 5 --hours 1 --start {start}"));
        let mut events = 0;
        for line in run.stdout.lines() {
            let event: Value = serde_json::from_str(line).expect("an event is JSON");
            let at = event["event"]["updated_at"].as_str().expect("a webhook is dated");
            assert!(at.starts_with(first_hour), "{line}");
            events += 1;
        }
        assert!(events > 10, "{events}");
    }
}

#[test]
fn there_are_as_many_agents_as_requested() {
    let states = |count: u32| {
        let folder = Folder::new();
        let events = folder.run(&format!("simulate --agents {count} --hours 24")).stdout;
        folder.run_on(events, "state").printed().lines().count()
    };
    assert_eq!((states(0), states(1), states(9)), (0, 1, 9));
    assert_eq!(Folder::new().run("simulate --hours 0").printed(), "");
}

#[test]
fn the_truth_does_not_depend_on_faults_and_does_not_change_the_events() {
    let folder = Folder::new();
    let run = folder.run(&format!("{FLOOR} --truth spans"));
    assert!(run == simulate(""), "the events are the same");
    let floor = Simulation { agents: 12, hours: 10, seed: 7, ..Simulation::default() };
    let spans = Simulation { feed: Feed::Both, ..floor }.truth();
    let spans = spans.map(|span| span + "\n").collect::<String>();
    assert!(spans.lines().count() > 500);
    assert!(folder.read("spans") == spans.as_bytes());

    let faults = "--drop 0.5 --duplicate 0.5 --shuffle 60";
    folder.run(&format!("{FLOOR} {faults} --truth spans")).printed();
    assert!(folder.read("spans") == spans.as_bytes());
    assert_eq!(folder.files(), ["spans"]);
}

#[test]
fn the_truth_is_complete_before_the_first_event() {
    let folder = Folder::new();
    let mut child = folder.command("simulate --agents 200 --hours 24 --truth spans");
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
    let mut first = String::new();
    let stdout = child.stdout.take().expect("standard output is a pipe");
    BufReader::new(stdout).read_line(&mut first).expect("it is read");
    assert!(child.wait().expect("it ends").success());

    let floor = Simulation { agents: 200, hours: 24, seed: 1, ..Simulation::default() };
    let spans = folder.read("spans");
    assert!(floor.truth().eq(BufRead::lines(&spans[..]).map(|line| line.expect("it is text"))));
}

#[test]
fn a_truth_that_cannot_be_written_is_reported_and_nothing_is_printed() {
    let folder = Folder::new();
    let message = folder.run("simulate --agents 2 --truth nofolder/spans").refused(2);
    assert!(message.starts_with("agentfold: cannot write nofolder/spans: "), "{message}");
    // Only on systems with a device that is always full.
    if OpenOptions::new().write(true).open("/dev/full").is_ok() {
        let message = folder.run("simulate --agents 2 --truth /dev/full").refused(2);
        assert!(message.starts_with("agentfold: cannot write /dev/full: "), "{message}");
    }
}

#[test]
fn versions_that_rise_by_steps_raise_no_doubt_and_the_command_says_so() {
    let folder = Folder::with("events", simulate("--version-step 2 --drop 0.01").printed());
    let run = folder.run("floor events --at 2026-01-05T02:00:00Z");
    let told = " agents have gaps between most of their versions";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    assert!(!run.printed().contains("missing_versions"));
}
