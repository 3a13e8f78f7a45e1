//! `agentfold schema`: what events and answers look like.

use agentfold::schema::{DOCUMENTS, Document};
use clap::Args;

use crate::failure::Failure;
use crate::output::Output;
use crate::{check, verify};

/// What this command alone prints, beside what the core answers.
const OWN: &[Document] = &[
    Document::answer::<check::Line<'_>>("check_line", "a line of `agentfold check --json`"),
    Document::answer::<verify::Line>("verify_line", "a line of `agentfold verify --json`"),
];

/// Print what events and answers look like, as JSON Schema; without a name, list what there is
///
/// A schema for each of the nine webhooks, the Chat export's records and pages, and each kind of line
/// that agentfold prints (JSON Schema 2020-12); `asyncapi` describes the webhooks, `openapi` the Chat
/// export's endpoint. Schemas of events are as open as the reader; those of answers are closed.
///
/// Examples:
///   agentfold schema agent.state_changed
///   agentfold schema openapi > openapi.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SchemaArgs {
    /// Which: an event's type, a kind of answer, `asyncapi` or `openapi`
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
        true => format!("no schema is named `{name}`: `agentfold schema` lists those there are"),
        false => format!("no schema is named `{name}`: did you mean {}?", near.join(" or ")),
    }
}
