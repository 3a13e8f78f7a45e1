//! Several servers that share nothing, as docs/scale.md describes them.

use std::path::PathBuf;
use std::time::SystemTime;

use agentfold::Instant;

use crate::events::ndjson;
use crate::run::Folder;
use crate::served::{ACCOUNT, SECRET, Served, events, fold_of, settings};

#[test]
fn servers_behind_a_balancer_share_nothing_and_their_folds_and_databases_merge() {
    let (one, other) = (Served::new(), Served::new());
    let events = events(&one.folder, 8);
    // In turn, and every seventh delivery again at the other server.
    for (place, event) in events.iter().enumerate() {
        let servers = if place % 2 == 0 { [&one, &other] } else { [&other, &one] };
        let count = if place % 7 == 0 { 2 } else { 1 };
        for server in &servers[..count] {
            assert_eq!(server.deliver(event), 200);
        }
    }
    let expected = fold_of(&events);
    let (of_one, mut merged) = (one.fold(), other.fold());
    assert!(of_one.save() != expected.save(), "one server has half of the events");
    merged.merge(&of_one).expect("folds of one kind");
    assert!(merged.save() == expected.save(), "the merged folds differ from a fold of all events");

    // While both run.
    let copies = [&one, &other].map(|server| {
        server.folder.run("serve backup copy.db").printed();
        server.folder.path().join("copy.db")
    });
    let united = imported(&copies);
    one.folder.write("all.ndjson", ndjson(&events));
    let of_all = imported(&[one.folder.path().join("all.ndjson")]);
    assert!(
        united.fold().save() == expected.save(),
        "the imported databases differ from all events"
    );
    let at = moment(0);
    for question in [
        format!("state?at={at}"),
        format!("floor?at={at}"),
        format!("report?every=1h&from={}&to={at}&as_of={at}", moment(12)),
        "anomalies".to_owned(),
    ] {
        let path = format!("/accounts/{ACCOUNT}/{question}");
        assert_eq!(united.json(&path), of_all.json(&path), "{path}");
        assert_ne!(one.json(&path), of_all.json(&path), "{path}");
    }
}

/// A server that took in files before it started.
fn imported(files: &[PathBuf]) -> Served {
    let folder = Folder::with("agentfold.toml", settings(&[SECRET], ""));
    for file in files {
        folder.run(&format!("serve import {}", file.display())).printed();
    }
    Served::in_folder(folder)
}

/// The instant some hours ago.
fn moment(hours: i64) -> Instant {
    let now = Instant::try_from(SystemTime::now()).expect("a date");
    Instant::from_unix(now.unix_seconds() - hours * 3600, 0).expect("a date")
}
