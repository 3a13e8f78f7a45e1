//! `agentfold schema`: the JSON Schemas of events and answers.

use agentfold::schema::{DOCUMENTS, Document};
use clap::Args;

use crate::failure::Failure;
use crate::output::Output;
use crate::{check, verify};

/// The schemas of lines that only the command prints.
const OWN: &[Document] = &[
    Document::answer::<check::Line<'_>>("check_line", "a line of `agentfold check --json`"),
    Document::answer::<verify::Line>("verify_line", "a line of `agentfold verify --json`"),
];

/// Print the JSON Schema of an event or answer; without a name, list all schemas
///
/// There is a schema (JSON Schema 2020-12) for each of the nine webhooks, for the records and pages
/// of the Chat export, and for each kind of line that agentfold prints. `asyncapi` describes the
/// webhooks, `openapi` the endpoint of the Chat export. Schemas of events allow unknown fields, as
/// agentfold does when it reads them; schemas of answers do not.
///
/// Exit codes: 0 success; 2 no schema has this name.
///
/// Examples:
///   agentfold schema
///   agentfold schema agent.state_changed
///   agentfold schema openapi > openapi.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SchemaArgs {
    /// Event type, kind of answer, `asyncapi` or `openapi`
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let mut output = Output::new();
    let Some(name) = &args.name else {
        for Document { name, about, .. } in all() {
            output.line(&format!("{name:<28}{about}"))?;
        }
        return output.flush();
    };
    let Some(document) = all().find(|document| document.name == name) else {
        return Err(Failure::WrongUse(unknown(name)));
    };
    output.line(&format!("{:#}", document.to_json()))?;
    output.flush()
}

fn all() -> impl Iterator<Item = &'static Document> {
    DOCUMENTS.iter().chain(OWN)
}

fn unknown(name: &str) -> String {
    let likeness = |known: &str| {
        let short = known.trim_start_matches("agent.");
        strsim::jaro_winkler(known, name).max(strsim::jaro_winkler(short, name))
    };
    let mut near: Vec<(f64, &str)> =
        all().map(|document| (likeness(document.name), document.name)).collect();
    near.retain(|(likeness, _)| *likeness > 0.8);
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    let near: Vec<String> = near.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    match near.is_empty() {
        true => format!("no schema is named `{name}`: run `agentfold schema` to list them"),
        false => format!("no schema is named `{name}`: did you mean {}?", near.join(" or ")),
    }
}
