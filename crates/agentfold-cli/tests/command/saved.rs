//! Saved folds: restored, compacted, damaged.

use std::process::Stdio;

use agentfold::Fold;
use agentfold_simulate::Feed;

use crate::events::{half_a_day, ndjson, support_is};
use crate::run::Folder;

#[test]
fn continuing_from_a_saved_fold_equals_reading_everything_at_once() {
    let lines = half_a_day(Feed::Both);
    let (monday, tuesday) = lines.split_at(lines.len() / 2);
    let folder = Folder::with("all", ndjson(&lines))
        .and("monday", ndjson(monday))
        .and("tuesday", ndjson(tuesday));
    let at_once = folder.run("state all --save all.fold").printed();

    let first = folder.run("state monday --save week.fold").printed();
    assert_eq!(first, folder.run("state monday").printed());
    assert_eq!(folder.run("state tuesday --restore week.fold").printed(), at_once);
    assert_eq!(folder.run("state tuesday --restore week.fold --save week.fold").printed(), at_once);
    assert!(folder.read("week.fold") == folder.read("all.fold"));

    folder.run("state tuesday --save tuesday.fold").printed();
    folder.run("state monday --restore tuesday.fold --save backwards.fold").printed();
    assert!(folder.read("backwards.fold") == folder.read("all.fold"));
    assert!(!folder.files().iter().any(|file| file.ends_with(".part")), "{:?}", folder.files());
}

#[test]
fn a_saved_fold_alone_does_not_wait_for_standard_input() {
    let folder = Folder::with("all", ndjson(&half_a_day(Feed::Availability)));
    let state = folder.run("state all --save all.fold").printed();
    let mut asked = folder.start("state --restore all.fold");
    assert!(asked.wait().success());
    assert!(asked.stdin.is_some(), "its input is still open");
    assert_eq!(asked.finish().printed(), state);
    for question in ["--at 2026-01-05T06:00:00Z", "--agent 5", "--compact 2026-01-05T06:00:00Z"] {
        let asked = folder.run(&format!("state --restore all.fold {question}")).printed();
        assert_eq!(asked, folder.run(&format!("state all {question}")).printed(), "{question}");
    }
}

#[test]
fn a_dash_adds_standard_input_to_a_saved_fold() {
    let lines = half_a_day(Feed::Availability);
    let (monday, tuesday) = lines.split_at(lines.len() / 2);
    let folder = Folder::with("monday", ndjson(monday));
    folder.run("state monday --save week.fold").printed();
    let whole = folder.run_on(ndjson(&lines), "state").printed();
    assert_eq!(folder.run_on(ndjson(tuesday), "state - --restore week.fold").printed(), whole);
}

#[test]
fn a_damaged_fold_is_refused_and_not_changed() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Availability)));
    folder.run("state day --save whole.fold").printed();
    let whole = folder.read("whole.fold");
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        bytes
    };
    let reason = |bytes: &[u8]| Fold::new().restore(bytes).expect_err("damaged").to_string();
    for bytes in [
        flipped(0),
        Vec::new(),
        b"{\"a\": 1}\n".to_vec(),
        flipped("agentfold".len()),
        flipped(40),
        flipped(whole.len() / 2),
        flipped(whole.len() - 1),
        whole[..whole.len() - 1].to_vec(),
        whole[..100].to_vec(),
        [whole.as_slice(), b"\n"].concat(),
    ] {
        let reason = reason(&bytes);
        folder.write("bad.fold", &bytes);
        for command in
            ["state --restore", "state day --save bad.fold --restore", "changes --restore"]
        {
            let message = folder.run(&format!("{command} bad.fold")).refused(2);
            assert_eq!(
                message,
                format!("agentfold: cannot restore bad.fold: {reason}\n"),
                "{command}"
            );
            assert!(folder.read("bad.fold") == bytes, "{command}");
        }
    }
}

#[test]
fn a_missing_fold_is_reported() {
    for command in ["state", "changes"] {
        let message = Folder::new().run(&format!("{command} --restore no.fold")).refused(2);
        assert!(message.starts_with("agentfold: cannot read no.fold: "), "{message}");
    }
}

#[test]
fn a_fold_that_cannot_be_saved_is_reported() {
    let folder = Folder::with("event", support_is("online", 7, 1, "2023-04-05T10:00:00Z"));
    let run = folder.run("state event --save no/such/folder.fold");
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.starts_with("agentfold: cannot write no/such/folder.fold: "),
        "{}",
        run.stderr
    );
}

#[test]
fn folds_dated_by_different_fields_do_not_mix() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Availability)));
    let by_time = folder.run("state day --instant-from time --save time.fold").printed();
    folder.run("state day --save change.fold").printed();
    for refused in [
        "state --restore time.fold",
        "state day --restore time.fold",
        "state day --instant-from time --restore change.fold",
        "changes day --restore time.fold",
    ] {
        let message = folder.run(refused).refused(2);
        assert!(
            message.contains("time.fold") || message.contains("change.fold"),
            "{refused}: {message}"
        );
    }
    let again = folder.run("state day --instant-from time --restore time.fold").printed();
    assert_eq!(again, by_time);
}

#[test]
fn compaction_drops_history_and_keeps_current_state() {
    const CUT: &str = "2026-01-05T06:00:00Z";
    let lines = half_a_day(Feed::Both);
    let folder = Folder::with("day", ndjson(&lines));
    let whole = folder.run("state day --save whole.fold").printed();
    let compact = format!("state day --compact {CUT} --save cut.fold");
    assert_eq!(folder.run(&compact).printed(), whole);
    assert!(folder.read("cut.fold").len() < folder.read("whole.fold").len());
    assert_eq!(folder.run("state --restore cut.fold").printed(), whole);
    // Events before the cut are not accepted again, and later ones are duplicates.
    assert_eq!(folder.run("state day --restore cut.fold --save again.fold").printed(), whole);
    assert!(folder.read("again.fold") == folder.read("cut.fold"));

    for at in [CUT, "2026-01-05T09:00:00Z"] {
        let then = folder.run(&format!("state --restore whole.fold --at {at}")).printed();
        assert!(!then.is_empty());
        assert_eq!(folder.run(&format!("state --restore cut.fold --at {at}")).printed(), then);
    }
}

#[test]
fn the_state_at_an_instant_before_the_cut_is_refused() {
    let folder = Folder::with("event", support_is("online", 7, 1, "2023-04-05T10:00:00Z"));
    let cut = "--compact 2023-04-06T00:00:00Z";
    folder.run(&format!("state event {cut} --save cut.fold")).printed();
    let at = "2023-04-05T12:00:00Z";
    for command in [format!("state event {cut}"), "state --restore cut.fold".to_owned()] {
        let message = folder.run(&format!("{command} --at {at} --save new.fold")).refused(2);
        for part in ["agent 2/7", at] {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    assert_eq!(folder.files(), ["cut.fold", "event"]);
    // A question about another agent is not refused.
    assert_eq!(folder.run(&format!("state --restore cut.fold --at {at} --agent 8")).printed(), "");
}

#[test]
fn a_fold_is_saved_even_if_standard_output_is_closed() {
    let folder = Folder::with("day", ndjson(&half_a_day(Feed::Both)));
    folder.run("state day --save read.fold").printed();
    let mut child = folder.command("state day --save unread.fold");
    let mut child = child.stdout(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    assert!(folder.files().contains(&"unread.fold".to_owned()));
    assert!(folder.read("unread.fold") == folder.read("read.fold"));
}

#[test]
fn a_fold_that_cannot_be_saved_leaves_nothing_behind() {
    let folder = Folder::with("event", support_is("online", 7, 1, "2023-04-05T10:00:00Z"));
    std::fs::create_dir(folder.path().join("taken")).expect("a folder can be made");
    assert_eq!(folder.run("state event --save taken").code, Some(2));
    assert_eq!(folder.files(), ["event", "taken"]);
}
