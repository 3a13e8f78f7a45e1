//! `cloud-events` prints events as CloudEvents.

use agentfold_simulate::Feed;

use crate::events::{half_a_day, ndjson};
use crate::run::Folder;

#[test]
fn cloud_events_fold_like_the_original_events() {
    let folder = Folder::with("events", ndjson(&half_a_day(Feed::Both)));
    folder.write("cloud", folder.run("cloud-events events").printed());
    assert!(folder.read("cloud").starts_with(br#"{"specversion":"1.0","id":""#));
    folder.run("state events --save a").printed();
    folder.run("state cloud --save b").printed();
    assert_eq!(folder.read("a"), folder.read("b"));
}

#[test]
fn events_without_a_date_are_left_out_and_counted() {
    let unknown = r#"{"type":"zen:event-type:agent.sang","detail":{"agent_id":"7"}}"#;
    let run = Folder::new().run_on(unknown, "cloud-events");
    assert_eq!((run.code, &*run.stdout), (Some(0), ""));
    assert_eq!(run.stderr, "left out 1 event of unknown type, without a known date\n");
    let message = Folder::new().run_on("{", "cloud-events").refused(1);
    assert!(message.contains("left out 1 record that could not be read"), "{message}");
}
