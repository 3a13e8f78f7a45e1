//! The words of `types.d.ts` are the core's, all of them and no others.

use std::collections::BTreeSet;

use agentfold::export::RefusalCode;
use agentfold::history::Basis;
use agentfold::webhook::{FlawCode, Handled};
use agentfold::{Aspect, Code, Error, ErrorKind, Event};

const TYPES: &str = include_str!("../types.d.ts");
const DOCUMENTS: &str = include_str!("../../../tests/vectors/documents/availability.ndjson");

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
    let kinds = ErrorKind::ALL.iter().map(|kind| Error::from(*kind).code());
    assert_eq!(union("FoldErrorCode"), texts(kinds));
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

#[test]
fn every_type_of_event_is_in_the_types() {
    let kind = |line: &str| {
        let event = Event::parse(line.as_bytes()).expect("the documents' events are good");
        event.kind().expect("of a known type").to_owned()
    };
    let kinds: BTreeSet<String> = DOCUMENTS.lines().map(kind).collect();
    assert_eq!(words("export interface Changes {", "\n}\n"), kinds);
}
