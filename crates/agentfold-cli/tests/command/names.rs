//! Names of agents and groups in what people read: `--names`.

use crate::events::{ndjson, support_is, webhook};
use crate::run::Folder;

const AT: &str = "2026-01-05T09:00:00Z";

/// Two agents, of whom one is in two groups.
fn folder() -> Folder {
    let groups = r#""new_group_ids":["360","361"],"previous_group_ids":[]"#;
    let capacity = r#""maxCapacity":{"support":{"current":2,"previous":null}}"#;
    let events = [
        support_is("online", 7, 1, AT),
        webhook(7, 2, AT, "groups_updated", groups),
        webhook(7, 3, AT, "max_capacity_changed", capacity),
        support_is("online", 8, 1, AT),
        webhook(8, 2, AT, "max_capacity_changed", capacity),
        support_is("away", 8, 3, "2026-01-05T10:00:00Z"),
    ];
    let team =
        r#"{"agents": {"7": "Ann Lee", "9": "Cy"}, "groups": {"360": "Tier 2", "7": "Tier 7"}}"#;
    Folder::with("events", ndjson(&events)).and("team.json", team)
}

/// The lines of a table as words.
fn cells(table: &str) -> Vec<Vec<&str>> {
    let lines = table.lines().filter(|line| !line.contains('─'));
    lines
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect()
}

/// Whether a row of a table begins with these cells.
fn has_row(table: &str, first: &[&str]) -> bool {
    cells(table).iter().any(|row| row.starts_with(first))
}

#[test]
fn tables_of_states_have_names_beside_ids() {
    let folder = folder();
    let table = folder.run("state events --table --names team.json").printed();
    let rows = cells(&table);
    assert_eq!(rows[0][..4], ["account", "agent", "name", "status"]);
    assert_eq!(rows[1][..3], ["2", "7", "Ann Lee"]);
    // Nobody named agent 8.
    assert_eq!(rows[2][..3], ["2", "8", "?"]);
    let plain = folder.run("state events --table").printed();
    assert!(!plain.contains("name") && !plain.contains("Ann"), "{plain}");
}

#[test]
fn tables_of_the_floor_have_names_beside_ids() {
    let table =
        folder().run(&format!("floor events --at {AT} --table --names team.json")).printed();
    assert!(table.contains("can take one more   name      load"), "{table}");
    let rows = cells(&table);
    assert!(rows.contains(&vec!["2", "support", "7", "Ann Lee", "0/2", "2"]), "{table}");
    assert!(rows.contains(&vec!["2", "support", "8", "0/2", "2"]), "{table}");
}

#[test]
fn reports_have_names_beside_ids_of_agents_and_groups() {
    let folder = folder();
    let csv = folder.run("report events --csv --names team.json --every 1h").printed();
    assert!(csv.starts_with("account_id,agent_id,agent_name,channel,"), "{csv}");
    assert!(csv.contains("\n2,7,Ann Lee,support,") && csv.contains("\n2,8,,support,"), "{csv}");
    let csv = folder.run("report events --csv --names team.json --by group").printed();
    let header = "account_id,agent_id,agent_name,group_id,group_name,agents,channel,";
    assert!(csv.starts_with(header), "{csv}");
    assert!(csv.contains("\n2,,,360,Tier 2,1,support,"), "{csv}");
    assert!(csv.contains("\n2,,,361,,1,support,"), "{csv}");

    let table = folder.run("report events --table --names team.json --rows channel").printed();
    assert_eq!(cells(&table)[1][..3], ["agent", "name", "from"]);
    assert!(has_row(&table, &["7", "Ann Lee"]), "{table}");
    let table = folder.run("report events --table --by group --names team.json --rows channel");
    let table = table.printed();
    assert_eq!(cells(&table)[1][..4], ["group", "name", "agents", "from"]);
    assert!(has_row(&table, &["360", "Tier 2", "1"]), "{table}");
}

#[test]
fn tables_of_corrections_have_names_beside_ids() {
    let folder = folder();
    let early = folder.run_on(
        support_is("away", 7, 1, "2026-01-05T08:00:00Z"),
        "report --as-of 2026-01-05T10:00:00Z",
    );
    folder.write("early", early.printed());
    let table = folder.run("report events --as-of 2026-01-05T10:00:00Z --from 2026-01-05T08:00:00Z --against early --table --names team.json");
    let table = table.printed();
    assert!(has_row(&table, &["7", "Ann Lee"]), "{table}");
}

#[test]
fn history_as_csv_has_a_column_of_names() {
    let folder = folder();
    for (arguments, header) in [
        ("timeline events --csv", "account_id,agent_id,agent_name,track,"),
        ("timeline events --csv --work-items", "account_id,agent_id,agent_name,work_item,"),
        ("timeline events --csv --chat-spans", "account_id,agent_id,agent_name,start_time,"),
    ] {
        let csv = folder.run(&format!("{arguments} --names team.json")).printed();
        assert!(csv.starts_with(header), "{csv}");
        let plain = folder.run(arguments).printed();
        assert!(plain.starts_with(&header.replace("agent_name,", "")), "{plain}");
    }
    let csv = folder.run("timeline events --csv --names team.json").printed();
    assert!(
        csv.contains("\n2,7,Ann Lee,state[support],") && csv.contains("\n2,8,,state[support],")
    );
}

#[test]
fn pictures_have_the_name_above_the_id() {
    let folder = folder();
    folder.write("odd.json", r#"{"8": "<Bo & Co>\u001b"}"#);
    folder.run("timeline events --svg day.svg --names team.json --names odd.json").printed();
    let svg = String::from_utf8(folder.read("day.svg")).expect("UTF-8");
    let document = roxmltree::Document::parse(&svg).expect("XML");
    let texts: Vec<&str> = document.descendants().filter_map(|node| node.text()).collect();
    for text in ["Ann Lee", "7 · account 2", "<Bo & Co>\\u{1b}", "8 · account 2"] {
        assert!(texts.contains(&text), "{text}: {texts:?}");
    }
    folder.run("timeline events --svg plain.svg").printed();
    let plain = String::from_utf8(folder.read("plain.svg")).expect("UTF-8");
    assert!(plain.contains(">account 2</text>") && !plain.contains(" · account 2"), "{plain}");
}

#[test]
fn several_files_of_any_form_merge_and_the_last_one_counts() {
    let folder = folder();
    folder.write(
        "users.json",
        r#"{"users": [{"id": 7, "name": "Ann Ng"}, {"id": 8, "name": "Bo"}]}"#,
    );
    folder.write("more.csv", "id;name\n8;\"=Bo; \u{1b}[2J\"\n");
    let names = "--names team.json --names users.json --names more.csv";
    let csv = folder.run(&format!("report events --csv {names}")).printed();
    assert!(csv.contains("\n2,7,Ann Ng,"), "{csv}");
    // Safe for spreadsheets and terminals.
    assert!(csv.contains("\n2,8,'=Bo; \\u{1b}[2J,"), "{csv}");
    let table = folder.run(&format!("state events --table {names}")).printed();
    assert!(table.contains(" =Bo; \\u{1b}[2J "), "{table}");
}

#[test]
fn mistakes_in_names_are_told_before_events_are_read_and_contain_no_name() {
    let folder = folder().and("wrong.csv", "id,name\nAnn Lee,7\n8,\n").and("no.json", "{");
    for command in ["state --table", "floor --table", "report --csv", "timeline --csv"] {
        // Without a file of events it would wait for standard input.
        let message = folder.start(&format!("{command} --names wrong.csv"));
        assert_eq!(
            message.error(),
            "wrong.csv: error: bad_id at /0/id: line 2: not an id: a whole number from 0 to \
             18446744073709551615, in digits alone, as a number or as text"
        );
        let rest = message.finish().refused(2);
        assert_eq!(
            rest,
            "wrong.csv: error: empty_name at /1/name: line 3: the name is empty\n\
             agentfold: 2 mistakes in the names wrong.csv\n"
        );
    }
    let many = format!("id,name\n{}", "x,Ann\n".repeat(30));
    folder.write("many.csv", many);
    let message = folder.run("state events --table --names many.csv").refused(2);
    assert!(message.ends_with("\n... and 10 more\nagentfold: 30 mistakes in the names many.csv\n"));
    let message = folder.run("state events --table --names none.json").refused(2);
    assert!(message.contains("cannot read none.json"), "{message}");
}

#[test]
fn names_need_output_that_has_room_for_them() {
    let folder = folder();
    for (command, options) in [
        ("state", "--table"),
        ("floor", "--table"),
        ("report", "--csv and --table"),
        ("timeline", "--csv and --svg"),
    ] {
        let message = folder.run(&format!("{command} events --names team.json")).refused(2);
        assert!(message.contains(&format!("--names is for {options}: ")), "{message}");
    }
}

#[test]
fn names_are_not_part_of_a_saved_fold() {
    let folder = folder();
    folder.run("state events --table --names team.json --save with.fold").printed();
    folder.run("state events --table --save without.fold").printed();
    assert_eq!(folder.read("with.fold"), folder.read("without.fold"));
}
