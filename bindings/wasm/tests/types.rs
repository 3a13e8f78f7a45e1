//! The words of `types.d.ts` are the core's, all of them and no others.

use std::collections::BTreeSet;

use agentfold::event::Kind;
use agentfold::export::{NoteCode, RefusalCode};
use agentfold::history::Basis;
use agentfold::webhook::{FlawCode, Handled};
use agentfold::{Aspect, Code, ErrorKind};
use serde_json::Value;

const TYPES: &str = include_str!("../types.d.ts");

/// The words in the text of a declaration.
fn words(from: &str, to: &str) -> BTreeSet<String> {
    let (_, rest) = TYPES.split_once(from).expect("declared");
    let (declared, _) = rest.split_once(to).expect("ended");
    declared.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The words that a type is one of.
fn union(name: &str) -> BTreeSet<String> {
    words(&format!("export type {name} ="), ";\n")
}

fn texts<'t>(texts: impl Iterator<Item = &'t str>) -> BTreeSet<String> {
    texts.map(str::to_owned).collect()
}

#[test]
fn every_code_of_the_core_is_in_the_types() {
    assert_eq!(union("IssueCode"), texts(Code::ALL.iter().map(|code| code.as_str())));
    assert_eq!(union("FlawCode"), texts(FlawCode::ALL.iter().map(|code| code.as_str())));
    assert_eq!(union("RefusalCode"), texts(RefusalCode::ALL.iter().map(|code| code.as_str())));
    assert_eq!(union("NoteCode"), texts(NoteCode::ALL.iter().map(|code| code.as_str())));
    assert_eq!(union("FoldErrorCode"), texts(ErrorKind::ALL.iter().map(|kind| kind.as_str())));
}

#[test]
fn every_outcome_and_basis_is_in_the_types() {
    let handled: BTreeSet<String> = union("Handled").into_iter().chain(union("Outcome")).collect();
    assert_eq!(handled, texts(Handled::ALL.iter().map(|handled| handled.as_str())));
    assert_eq!(union("Basis"), texts(Basis::ALL.iter().map(|basis| basis.as_str())));
}

#[test]
fn every_aspect_is_in_the_types() {
    assert_eq!(union("Aspect"), texts(Aspect::ALL.iter().map(|aspect| aspect.as_str())));
}

/// A text of declarations without its comments.
fn without_comments(declared: &str) -> String {
    let parts = declared.split("/**").enumerate();
    parts
        .map(|(at, part)| part.split_once("*/").filter(|_| at > 0).map_or(part, |it| it.1))
        .collect()
}

/// Every name of a field in a text of declarations, and in the interfaces that it refers to.
fn fields(declared: &str) -> BTreeSet<String> {
    let declared = without_comments(declared);
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = BTreeSet::new();
    for (before, _) in declared.match_indices(": ").map(|(at, _)| declared.split_at(at)) {
        let before = before.trim_end_matches('?');
        let from = before.rfind(|c| !is_word(c)).map_or(0, |at| at + 1);
        // What stands in brackets names a key of any name.
        if !before[..from].ends_with('[') && from < before.len() {
            names.insert(before[from..].to_owned());
        }
    }
    for word in declared.split(|c| !is_word(c)) {
        if let Some((_, rest)) = TYPES.split_once(&format!("export interface {word} {{\n")) {
            names.extend(fields(rest.split_once("\n}\n").expect("ended").0));
        }
    }
    names
}

/// The text between the braces that open after `from`.
fn block(from: &str) -> &'static str {
    let (_, rest) = TYPES.split_once(from).unwrap_or_else(|| panic!("{from} is not declared"));
    let mut open = 0;
    let end = rest.find(|c| {
        open += i32::from(c == '{') - i32::from(c == '}');
        c == '}' && open == 0
    });
    &rest[..end.expect("ended")]
}

/// Every name of a field in a schema, and in the schemas that it refers to.
fn properties(schema: &Value, root: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            for (key, value) in members {
                if let ("properties", Value::Object(fields)) = (key.as_str(), value) {
                    names.extend(fields.keys().cloned());
                }
                if let ("$ref", Value::String(pointer)) = (key.as_str(), value) {
                    properties(root.pointer(&pointer[1..]).expect("there"), root, names);
                }
                if !["$defs", "examples"].contains(&key.as_str()) {
                    properties(value, root, names);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| properties(item, root, names)),
        _ => {}
    }
}

fn schema(name: &str) -> Option<Value> {
    let path = format!("{}/../../schemas/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

#[test]
fn every_field_of_every_kind_of_event_is_in_the_types() {
    let envelope = fields(block("interface Envelope<Type extends string, Change>"));
    let record = fields(block("interface ChatRecord<Field extends string, Value>"));
    let records = schema("chat_event").expect("there is one");
    for kind in Kind::ALL {
        let mut expected = BTreeSet::new();
        let declared = match schema(kind.as_str()) {
            Some(webhook) => {
                properties(&webhook, &webhook, &mut expected);
                &envelope | &fields(block(&format!("\n  \"{kind}\":")))
            }
            None => {
                let fields = records["oneOf"].as_array().expect("a list of fields");
                let is_of_kind =
                    |it: &&Value| it["properties"]["field_name"]["const"] == kind.as_str();
                let field = fields.iter().find(is_of_kind);
                properties(
                    field.unwrap_or_else(|| panic!("{kind} has no schema")),
                    &records,
                    &mut expected,
                );
                properties(&records["properties"], &records, &mut expected);
                expected.extend(records["properties"].as_object().expect("fields").keys().cloned());
                assert!(TYPES.contains(&format!("Dated<\"{kind}\", ")), "{kind} is not declared");
                record.clone()
            }
        };
        assert_eq!(declared, expected, "{kind}");
    }
}

#[test]
fn the_types_have_no_kind_of_event_but_those_of_the_core() {
    let webhooks = Kind::ALL.iter().map(|kind| kind.as_str()).filter(|kind| schema(kind).is_some());
    assert_eq!(words("export interface Changes {", "\n}\n"), texts(webhooks));
}
