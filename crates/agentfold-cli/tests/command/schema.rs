//! What `schema` prints: `schemas/` contains it, and every printed line conforms to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::run::{Folder, Run};

/// The names that the command lists.
fn names() -> Vec<String> {
    let listed = Folder::new().run("schema").printed();
    let name = |line: &str| line.split(' ').next().expect("a name").to_owned();
    listed.lines().map(name).collect()
}

fn schema(name: &str) -> String {
    Folder::new().run(&format!("schema {name}")).printed()
}

fn validator(name: &str) -> Validator {
    let schema: Value = serde_json::from_str(&schema(name)).expect("JSON");
    jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_schemas_in_the_repository_are_those_that_are_printed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let mut files: Vec<String> = fs::read_dir(&folder)
        .expect("there are schemas")
        .map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut names = names();
    names.sort();
    let expected: Vec<String> = names.iter().map(|name| format!("{name}.json")).collect();
    assert_eq!(files, expected, "run `make schemas`");
    for name in names {
        let file = fs::read_to_string(folder.join(format!("{name}.json"))).expect("readable");
        assert!(file == schema(&name), "schemas/{name}.json is old: run `make schemas`");
    }
}

#[test]
fn an_unknown_name_is_refused_with_similar_names() {
    let refused = |name: &str| Folder::new().run(&format!("schema {name}")).refused(2);
    assert_eq!(
        refused("state_change"),
        "agentfold: no schema is named `state_change`: did you mean `agent.state_changed`?\n"
    );
    assert!(refused("open-api").ends_with("did you mean `openapi`?\n"));
    assert!(refused("work_item").contains("did you mean `work_item_span` or `agent.work_item_"));
    assert_eq!(
        refused("zzz"),
        "agentfold: no schema is named `zzz`: run `agentfold schema` to list them\n"
    );
}

/// Validates each line by a schema, and that it refuses the line with an additional key.
#[track_caller]
fn assert_lines(name: &str, run: Run) {
    let validator = validator(name);
    let mut lines = 0;
    for line in run.stdout.lines() {
        let mut line: Value = serde_json::from_str(line).expect("a line is JSON");
        if let Err(error) = validator.validate(&line) {
            panic!("{name}: {error} at {} in {line}", error.instance_path());
        }
        if name != "event" {
            line["more"] = Value::Null;
            assert!(!validator.is_valid(&line), "{name}: {line}");
        }
        lines += 1;
    }
    assert!(lines > 0, "{name}: nothing was printed: {}", run.stderr);
}

#[test]
fn every_printed_line_conforms_to_its_schema() {
    let folder = Folder::new();
    let simulated = folder.run(
        "simulate --agents 6 --hours 4 --seed 7 --feed both --drop 0.02 --duplicate 0.05 --shuffle 600",
    );
    folder.write("day", &simulated.stdout);
    assert_lines("event", simulated);
    for (name, command) in [
        ("agent_state", "state day --save fold"),
        ("agent_state", "state day --at 2026-01-05T02:00:00Z"),
        ("change", "changes day"),
        ("cloud_event", "cloud-events day"),
        ("interval", "timeline day"),
        ("work_item_span", "timeline day --work-items"),
        ("chat_span", "timeline day --chat-spans"),
        ("channel_floor", "floor day --at 2026-01-05T02:00:00Z"),
        ("report_row", "report day --every 1h"),
        ("report_row", "report day --every 1h --by channel"),
        ("report_row", "report day --every 1h --by group"),
        ("report_row", "report day --every 1h --by account"),
    ] {
        assert_lines(name, folder.run(command));
    }
    folder.write("key", "0123456789abcdef0123456789abcdef");
    assert_lines("event", folder.run("scrub day --key-file key"));
}

#[test]
fn lines_about_unknown_words_conform_to_their_schema() {
    let folder = Folder::new();
    let strange = r#"{"account_id":2,"detail":{"agent_id":"7"},"id":"a","mood":"good",
        "event":{"updated_at":"2026-01-05T08:00:00Z","new_state":"napping","channel":"fax"},
        "type":"zen:event-type:agent.state_changed"}"#;
    folder.write("strange", format!("{strange}\n{{}}\n"));
    let run = folder.run("check strange --json");
    assert!(run.stdout.contains("never_seen"), "{}", run.stdout);
    assert_lines("check_line", run);
}

#[test]
fn differences_and_corrections_conform_to_their_schemas() {
    let folder = Folder::with(
        "page",
        json!({ "data": [{
            "type": "agent_availabilities", "id": "agent_availabilities|7",
            "attributes": { "agent_id": 7, "version": 5 },
        }] })
        .to_string(),
    );
    let rows = json!({ "agent_id": 7, "engagement_count": 0, "status": "online",
                       "start_time": "2026-01-05T08:00:00Z", "duration": 60.0 });
    folder.write("rows", rows.to_string());
    let day = folder.run("simulate --agents 2 --hours 3 --seed 7").printed();
    let (early, _) = day.split_at(day.len() / 2);
    folder.write("early", &early[..=early.rfind('\n').expect("a line")]);
    folder.write("day", &day);
    assert_lines("difference", folder.run("reconcile day --account 2 --record page"));
    assert_lines(
        "timeline_difference",
        folder.run("reconcile day --account 2 --agent-timeline rows --as-of 2026-01-05T09:00:00Z"),
    );
    let at = "--as-of 2026-01-05T03:00:00Z";
    folder.write("report", folder.run(&format!("report early {at}")).printed());
    assert_lines("correction", folder.run(&format!("report day {at} --against report")));
}

#[test]
fn lines_about_deliveries_conform_to_their_schema() {
    let folder = Folder::with("body", "{}").and("secret", "only-zendesk-and-we-know");
    let at = "2026-01-05T08:00:00Z";
    let signed = folder.run(&format!("sign body --secret-file secret --timestamp {at}")).printed();
    let verify = |now: &str| {
        let mut command =
            folder.command(&format!("verify body --secret-file secret --json --now {now}"));
        for header in signed.lines() {
            command.args(["--header", header]);
        }
        let output = command.output().expect("it runs");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    };
    assert_lines("verify_line", verify(at));
    assert_lines("verify_line", verify("2026-01-06T08:00:00Z"));
}

#[test]
fn every_schema_is_listed_with_a_description() {
    let listed = Folder::new().run("schema").printed();
    let descriptions: BTreeMap<&str, &str> =
        listed.lines().filter_map(|line| line.split_once(' ')).collect();
    assert_eq!(descriptions.len(), listed.lines().count());
    assert!(descriptions.values().all(|about| !about.trim().is_empty()));
    assert_eq!(descriptions["agent.groups_updated"].trim(), "a webhook delivery");
}
