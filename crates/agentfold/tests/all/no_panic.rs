//! Reading, folding and restoring any bytes returns a result, and leaves a sound fold.

use std::fs;

use agentfold::floor::Trust;
use agentfold::history::Window;
use agentfold::report::{Buckets, RollUp, Row};
use agentfold::stream::{Record, Records};
use agentfold::{Event, Fold, Instant, Selection, Severity, check};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::adversary::streams;
use crate::case::{cases, files};

/// Returns the files of samples of Zendesk's documentation, and the bytes of all cases of some folders.
fn samples(folders: &[&str]) -> Vec<Vec<u8>> {
    let documents = files("documents").into_iter().map(|file| fs::read(file).expect("readable"));
    let cases = folders.iter().flat_map(|folder| cases(folder)).map(|case| case.bytes);
    documents.chain(cases).collect()
}

/// Reads, checks and folds bytes.
fn take(bytes: &[u8]) {
    let errors = check(bytes).iter().any(|issue| issue.severity == Severity::Error);
    assert_eq!(Event::parse(bytes).is_err(), errors, "{}", String::from_utf8_lossy(bytes));
    let mut unreadable = Vec::new();
    let mut fold = Fold::new();
    let counts = fold.read(bytes, |bad| unreadable.push(bad.issues));
    let (mut bad, mut one_by_one, mut events) = (Vec::new(), Fold::new(), 0);
    for record in Records::iter(bytes) {
        match record {
            Record::Event(event) => {
                one_by_one.apply(&event);
                events += 1;
            }
            Record::Unreadable(unreadable) => bad.push(unreadable.issues),
        }
    }
    assert_eq!(counts.total() - counts.unreadable, events);
    assert_eq!(unreadable, bad);
    assert_eq!(fold.save(), one_by_one.save());
    sound(&fold);
}

/// Asserts that a fold answers, and that it equals its saved form.
fn sound(fold: &Fold) {
    let saved = fold.save();
    let mut restored = Fold::new();
    restored.restore(&saved).expect("what was saved");
    assert_eq!(restored.save(), saved);
    assert_eq!(restored.anomalies(), fold.anomalies());
    for agent in fold.agents() {
        let state = fold.state(agent);
        assert!(state.is_some(), "{agent}");
        assert_eq!(restored.state(agent), state);
        assert_eq!(fold.state_at(agent, Instant::MAX), Ok(state));
        assert!(fold.save_agent(agent).is_some(), "{agent}");
    }
    let (from, to) = (Instant::MIN, Instant::MAX);
    let window = Window { from, to, as_of: to };
    let middle = "2023-04-05T23:30:52Z".parse().expect("an instant");
    let buckets = Buckets::new(vec![from, middle, to], to).expect("rising");
    for agent in fold.agents() {
        let intervals = fold.intervals(agent, None, &window).expect("no track is named");
        assert_eq!(restored.intervals(agent, None, &window), Ok(intervals));
        assert_eq!(restored.work_items(agent, &window), fold.work_items(agent, &window));
        assert_eq!(restored.chat_spans(agent, &window), fold.chat_spans(agent, &window));
    }
    for by in [RollUp::Agent, RollUp::Account, RollUp::Group, RollUp::Channel] {
        let rows = |fold: &Fold| -> Vec<Row> {
            fold.report(&buckets, by, &Selection::all()).expect("not too many rows").collect()
        };
        let of_copy = restored.clone().into_report(&buckets, by, &Selection::all());
        assert_eq!(of_copy.expect("not too many rows").collect::<Vec<Row>>(), rows(fold));
    }
    assert_eq!(
        restored.floor(to, &Trust::default(), &Selection::all()),
        fold.floor(to, &Trust::default(), &Selection::all())
    );
    let thresholds = r#"{"nobody_free": [{"channel": "talk", "longer_than": 0}], "load": [{"share": 0}],
        "channel_load": [{"share": 0}], "silence": {"longer_than": 0}, "work_item": [{"longer_than": 0}]}"#;
    let thresholds = serde_json::from_str(thresholds).expect("thresholds");
    let alerts = |fold: &Fold| fold.alerts(&thresholds, to, &Selection::all());
    assert_eq!(alerts(&restored), alerts(fold));
}

#[test]
fn samples_may_be_cut_anywhere() {
    for bytes in samples(&["read"]) {
        for end in 0..=bytes.len() {
            take(&bytes[..end]);
        }
    }
}

/// Edits: where, how many bytes to remove, and what to insert.
fn edits() -> impl Strategy<Value = Vec<(Index, usize, Vec<u8>)>> {
    let texts =
        ["\"", "{", "}", "[", "]", ",", ":", "\\", "null", "-1", "1e3", "\n", "\n{", "\"id\":"];
    let text = select(texts.map(|text| text.as_bytes().to_vec()).to_vec());
    let put = prop_oneof![text, prop::collection::vec(any::<u8>(), 0..4)];
    prop::collection::vec((any::<Index>(), 0..4_usize, put), 1..4)
}

fn edit(bytes: &mut Vec<u8>, edits: Vec<(Index, usize, Vec<u8>)>) {
    for (at, cut, insert) in edits {
        let at = at.index(bytes.len() + 1);
        let end = bytes.len().min(at + cut);
        bytes.splice(at..end, insert);
    }
}

/// The mark and the version of a saved fold.
const HEAD: usize = b"agentfold".len() + 1;

/// Restores the damaged bytes of a fold. Their checksum is corrected, so that the damage is detected by the
/// content, or gives another sound fold, which can be merged and changed.
fn restore_damaged(damaged: &[u8], fold: &mut Fold, lines: &[u8]) {
    let damaged = [damaged, &crc32fast::hash(damaged).to_be_bytes()].concat();
    let mut other = Fold::new();
    match other.restore(&damaged) {
        Ok(()) => {
            sound(&other);
            other.merge(fold).expect("equal options");
            other.compact("2023-04-05T23:30:52Z".parse().expect("an instant"));
            other.read(lines, |bad| panic!("{:?}", bad.issues));
            sound(&other);
        }
        Err(error) => {
            assert!(matches!(error.code(), "damaged" | "different_options"), "{error}");
            assert_eq!(other.save(), Fold::new().save());
            let saved = fold.save();
            assert!(fold.restore(&damaged).is_err());
            assert_eq!(fold.save(), saved);
        }
    }
}

#[test]
fn each_byte_of_a_save_may_be_damaged() {
    let lines = include_bytes!("../../../../tests/vectors/documents/availability.ndjson");
    let mut fold = Fold::new();
    fold.read(lines, |bad| panic!("{:?}", bad.issues));
    let saved = fold.save();
    let body = &saved[..saved.len() - 4];
    for at in HEAD..body.len() {
        restore_damaged(&body[..at], &mut fold, lines);
        for flip in [0x01, 0x02, 0x10, 0x40, 0x80, 0xff] {
            let mut damaged = body.to_vec();
            damaged[at] ^= flip;
            restore_damaged(&damaged, &mut fold, lines);
        }
    }
}

proptest! {
    #[test]
    fn samples_may_be_edited_anyhow(mut bytes in select(samples(&["read", "check", "streams"])), edits in edits()) {
        edit(&mut bytes, edits);
        take(&bytes);
    }

    #[test]
    fn saves_may_be_edited_anyhow(lines in streams(), edits in edits()) {
        let lines = lines.join("\n");
        let mut fold = Fold::new();
        fold.read(lines.as_bytes(), |bad| panic!("{:?}", bad.issues));
        let saved = fold.save();
        let mut body = saved[HEAD..saved.len() - 4].to_vec();
        edit(&mut body, edits);
        restore_damaged(&[&saved[..HEAD], &body].concat(), &mut fold, lines.as_bytes());
    }
}
