//! What each version saved, in `tests/saved`: every later version reads it, and answers the same.

#![cfg(feature = "export")]

use std::fs;
use std::path::Path;

use agentfold::export::{Cursor, Step};
use agentfold::report::{Buckets, RollUp, StoredRow, corrections};
use agentfold::rest::Page;
use agentfold::{Agent, Fold, Instant, Selection};
use serde_json::{Value, json};

fn saved(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/saved");
    fs::read(folder.join(name)).expect("readable")
}

fn text(name: &str) -> String {
    String::from_utf8(saved(name)).expect("text")
}

fn instant(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn restored(saved: &[u8]) -> Fold {
    let mut fold = Fold::new();
    fold.restore(saved).expect("what was saved");
    fold
}

#[test]
fn saved_folds_are_restored() {
    let mut fold = Fold::new();
    fold.read(&saved("events.ndjson"), |bad| panic!("{:?}", bad.issues));
    let page = Page::parse(&saved("record.json")).expect("a page");
    fold.seed(2_u64, &page, instant("2026-01-05T12:00:00Z"));
    fold.compact(instant("2026-01-05T08:30:00Z"));
    let known = restored(&saved("1.fold"));
    assert_eq!(known.save(), saved("1.fold"));
    assert_eq!(
        fold.save(),
        saved("1.fold"),
        "a new form needs a new version, and files of its own"
    );
    let states: Vec<_> = known.agents().map(|agent| known.state(agent)).collect();
    let expected: Value = serde_json::from_slice(&saved("states.json")).expect("JSON");
    assert_eq!(json!(states), expected);
    assert_eq!(known.anomalies(), fold.anomalies());
}

#[test]
fn saved_agents_are_restored() {
    let agent = Agent::new(2, 7);
    let known = restored(&saved("1.agent"));
    assert!(known.agents().eq([agent]));
    assert_eq!(known.save_agent(agent), Some(saved("1.agent")));
    let all = restored(&saved("1.fold"));
    assert!(all.len() > 1);
    assert_eq!(known.state(agent), all.state(agent));
    assert_eq!(all.save_agent(agent), Some(saved("1.agent")));
}

#[test]
fn stored_rows_are_compared_with_a_report() {
    let boundaries = ["2026-01-05T09:00:00Z", "2026-01-05T10:30:00Z", "2026-01-05T12:00:00Z"];
    let boundaries: Vec<Instant> = boundaries.map(instant).to_vec();
    let buckets = Buckets::new(boundaries, instant("2026-01-05T12:00:00Z")).expect("rising");
    let fold = restored(&saved("1.fold"));
    let report = fold.report(&buckets, RollUp::Agent, &Selection::all()).expect("few rows");
    let rows: Vec<Value> = report.map(|row| json!(row)).collect();
    let kinds = ["channel", "unified_state", "chat"];
    assert!(kinds.iter().all(|kind| rows.iter().any(|row| row["row"] == *kind)));
    let (before, after) = (text("1.report.json"), json!(rows).to_string());
    let [before, after] = [&before, &after].map(|json| StoredRow::list(json).expect("rows"));
    let found = corrections(&before, &after).expect("the same buckets");
    assert_eq!(json!(found), json!([]));
}

#[test]
fn saved_cursors_go_on() {
    let cursor: Cursor = serde_json::from_str(&text("1.cursor.json")).expect("a cursor");
    let asked = match cursor.next(instant("2026-01-05T12:00:00Z")) {
        Ok(Step::Request(request)) => format!("{}?{}\n", request.path, request.query),
        other => panic!("{other:?}"),
    };
    assert_eq!(asked, text("1.cursor.url"));
    let again: Value = serde_json::from_str(&text("1.cursor.json")).expect("JSON");
    assert_eq!(json!(cursor), again);
}
