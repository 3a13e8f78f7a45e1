//! `scrub` prints events that can be shared.

use agentfold_simulate::Feed;

use crate::events::{half_a_day, ndjson, support_is};
use crate::run::Folder;

#[test]
fn scrubbed_events_fold_like_the_original_ones_and_depend_only_on_the_key() {
    let events = ndjson(&half_a_day(Feed::Both));
    let folder = Folder::with("events", &events).and("key", [7; 32]).and("other", [8; 32]);
    let scrubbed = folder.run("scrub events --key-file key").printed();
    assert_eq!(folder.run_on(&events, "scrub --key-file key").printed(), scrubbed);
    assert_ne!(folder.run("scrub events --key-file other").printed(), scrubbed);
    assert_eq!(scrubbed.lines().count(), events.lines().count());

    folder.write("scrubbed", &scrubbed);
    let story = |file: &str| {
        let table = folder.run(&format!("state {file} --table")).printed();
        table.lines().last().expect("a sentence").to_owned()
    };
    assert_eq!(story("scrubbed"), story("events"));
    folder.run("check scrubbed").printed();
}

#[test]
fn an_unreadable_record_is_left_out_and_never_quoted() {
    let bad = r#"{"type":"secret@example.org"#;
    let folder = Folder::with(
        "events",
        ndjson(&[support_is("online", 7, 1, "2026-01-05T09:00:00Z"), bad.to_owned()]),
    )
    .and("key", [7; 32])
    .and("short", [7; 15]);
    let run = folder.run("scrub events --key-file key");
    assert_eq!((run.code, run.stdout.lines().count()), (Some(1), 1));
    assert!(!format!("{run:?}").contains("example"), "{run:?}");
    assert!(run.stderr.contains("left out 1 record that could not be read"), "{}", run.stderr);

    let refused = folder.run("scrub events --key-file short").refused(2);
    assert!(refused.starts_with("agentfold: short: "), "{refused}");
    assert!(folder.run("scrub events --key-file none").refused(2).contains("cannot read none"));
}

#[test]
fn a_scrubbed_table_of_names_fits_scrubbed_events() {
    let event = support_is("online", 7, 1, "2026-01-05T09:00:00Z");
    let folder = Folder::with("events", event).and("key", [7; 32]);
    folder.write("team.csv", "id,name,kind\n7,Ann Lee,agent\n360,Tier 2,group\n");
    folder.write("shared", folder.run("scrub events --key-file key").printed());
    let names = folder.run("scrub --names team.csv --key-file key").printed();
    assert!(
        !names.contains("Ann") && !names.contains("Tier") && names.contains("Group 1"),
        "{names}"
    );
    folder.write("shared.json", names);
    let table = folder.run("state shared --table --names shared.json").printed();
    assert!(table.contains("   Agent 1   "), "{table}");
    let message = folder.run("scrub events --names team.csv --key-file key").refused(2);
    assert!(message.contains("cannot be used with"), "{message}");
}
