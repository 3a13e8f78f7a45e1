//! docs/numbers.md and docs/attendance.md explain every column of a report, and work examples out by hand.
//!
//! What their commands print is compared with that of all pages.

use serde_json::Value;

use crate::events::webhook;
use crate::run::Folder;

const PAGES: [&str; 2] =
    [include_str!("../../../../docs/numbers.md"), include_str!("../../../../docs/attendance.md")];

/// A line of a table that explains columns.
struct Explained<'p> {
    page: &'p str,
    columns: Vec<&'p str>,
    by_hand: Vec<&'p str>,
}

/// The lines of tables that begin with columns, then say what they mean and may have an example.
fn explained() -> Vec<Explained<'static>> {
    let in_backticks = |text: &'static str| text.split('`').skip(1).step_by(2).collect();
    let lines = PAGES.into_iter().flat_map(|page| page.lines().map(move |line| (page, line)));
    lines
        .filter(|(_, line)| line.starts_with("| `"))
        .filter_map(|(page, line)| {
            let mut cells = line.trim_matches('|').split('|');
            let (columns, _, by_hand) = (cells.next()?, cells.next()?, cells.next().unwrap_or(""));
            let (columns, by_hand) = (in_backticks(columns), in_backticks(by_hand));
            cells.next().is_none().then_some(Explained { page, columns, by_hand })
        })
        .collect()
}

#[test]
fn every_column_of_a_report_is_explained() {
    let groups = r#""new_group_ids":["100"]"#;
    let event = webhook(11, 1, "2026-01-05T09:00:00Z", "groups_updated", groups);
    let folder = Folder::with("events", event)
        .and("shifts.csv", "account_id,agent_id,from,to,track,states\n")
        .and("names.json", "{}");
    let schema: Value =
        serde_json::from_str(&folder.run("schema report_row").printed()).expect("JSON");
    let explained = explained();
    for kind in schema["oneOf"].as_array().expect("kinds of rows") {
        let kind = kind["properties"]["row"]["const"].as_str().expect("a name");
        let options = "--schedule shifts.csv --names names.json --by group --csv";
        let printed = folder.run(&format!("report events {options} --rows {kind}")).printed();
        for column in printed.lines().next().expect("a heading").split(',') {
            let is_explained = explained.iter().any(|line| line.columns.contains(&column));
            assert!(is_explained, "neither page explains `{column}` of rows `{kind}`");
        }
    }
}

#[test]
fn what_is_worked_out_by_hand_is_what_is_printed() {
    let mut compared = 0;
    for Explained { page, columns, by_hand } in explained() {
        let one = by_hand.len() == 1;
        assert!(one || by_hand.is_empty() || by_hand.len() == columns.len(), "{columns:?}");
        for (place, column) in columns.iter().enumerate() {
            let Some(value) = by_hand.get(if one { 0 } else { place }) else { continue };
            let printed = page.lines().any(|line| {
                let mut words = line.split_whitespace();
                words.next() == Some(column) && words.any(|word| word == *value)
            });
            assert!(printed, "`{column}` is nowhere printed as {value}");
            compared += 1;
        }
    }
    assert!(compared > 80, "{compared}");
}
