//! Names of agents and groups: limits, merging, and what errors say.

use agentfold::Code;
use agentfold::names::{Names, Page};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::json;

use crate::case::cases;

fn names(text: &str) -> Names {
    Names::parse(text.as_bytes()).expect("a table")
}

fn codes(text: &str) -> Vec<(Code, String)> {
    let issues = Names::parse(text.as_bytes()).expect_err("refused");
    issues.into_iter().map(|issue| (issue.code, issue.path)).collect()
}

#[test]
fn a_name_has_at_most_1024_bytes() {
    let longest = "x".repeat(Names::MAX_NAME);
    assert_eq!(names(&json!({ "7": longest }).to_string()).agent(7), Some(&*longest));
    for text in
        [json!({ "7": format!("{longest}x") }).to_string(), format!("id,name\n7,{longest}é")]
    {
        assert_eq!(codes(&text)[0].0, Code::TooLarge);
    }
}

#[test]
fn a_table_has_at_most_100000_entries() {
    let most = Names::MAX_ENTRIES;
    let csv = |rows: usize| {
        let rows = (0..rows).map(|id| format!("{id},x\n"));
        format!("id,name\n{}", rows.collect::<String>())
    };
    let json = |rows: usize| {
        let users: Vec<_> = (0..rows).map(|id| json!({ "id": id, "name": "x" })).collect();
        json!({ "users": users }).to_string()
    };
    let flat = |rows: usize| {
        let rows: Vec<_> = (0..rows).map(|id| format!("\"{id}\":\"x\"")).collect();
        format!("{{{}}}", rows.join(","))
    };
    for text in [&csv as &dyn Fn(usize) -> String, &json, &flat] {
        assert_eq!(names(&text(most)).agents.len(), most);
        let path = if text(1).contains("users") { "/users" } else { "" };
        assert_eq!(codes(&text(most + 1)), [(Code::TooLarge, path.to_owned())]);
    }
}

#[test]
fn a_text_has_at_most_64_mib() {
    let text = " ".repeat(Names::MAX_BYTES - 2) + "{}";
    assert!(names(&text).is_empty());
    assert_eq!(codes(&format!(" {text}")), [(Code::TooLarge, String::new())]);
}

#[test]
fn the_names_of_the_merged_table_win() {
    let mut all = names(r#"{"agents": {"7": "Ann", "8": "Bo"}, "groups": {"7": "Tier 1"}}"#);
    all.merge(names(r#"{"agents": {"8": "Bo Ng", "9": "Cy"}, "groups": {"360": "Tier 2"}}"#));
    let agents = [7, 8, 9, 10].map(|id| all.agent(id));
    assert_eq!(agents, [Some("Ann"), Some("Bo Ng"), Some("Cy"), None]);
    let groups = ["7", "360", "8", "", "x"].map(|id| all.group(id));
    assert_eq!(groups, [Some("Tier 1"), Some("Tier 2"), None, None, None]);
}

#[test]
fn no_issue_contains_a_name() {
    for text in [
        r#"{"Ann Lee": "7"}"#,
        r#"{"Ann Lee": 7, "Ann Lee": 8}"#,
        r#"{"agents": {"Ann Lee": "7"}}"#,
        r#"{"users": [{"id": "Ann Lee", "name": 7}, {"name": "Ann Lee"}, "Ann Lee"]}"#,
        r#"{"7": "Ann Lee", "7": "Ann Lee-Ng"}"#,
        "id,name\nAnn Lee,7\n7,Ann Lee,Ann Lee\n8,Ann Lee\n8,Ann Lee-Ng",
        "Ann Lee,7\n",
        "[\"Ann Lee\"]",
        "{\"7\": \"Ann Lee",
    ] {
        let issues = Names::parse(text.as_bytes()).expect_err("refused");
        assert!(!format!("{issues} {issues:?}").contains("Ann"), "{issues:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_table_or_refused(
        case in select(cases("names").into_iter().map(|case| case.bytes).collect::<Vec<_>>()),
        edits in prop::collection::vec((any::<Index>(), any::<u8>(), any::<bool>()), 0..4),
    ) {
        let mut bytes = case;
        for (at, byte, is_cut) in edits {
            if bytes.is_empty() { break; }
            let at = at.index(bytes.len());
            if is_cut { bytes.truncate(at); } else { bytes[at] = byte; }
        }
        if let Ok(Page { names, .. }) = Page::parse(&bytes) {
            let printed = serde_json::to_string(&names).expect("JSON");
            prop_assert_eq!(Names::parse(printed.as_bytes()), Ok(names));
        }
    }
}
