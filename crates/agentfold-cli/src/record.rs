//! Answers of Zendesk's API in files: pages of the REST record and of Chat's `agent_timeline`.

use std::path::Path;

use agentfold::rest::{Page, TimelineRow};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::input;
use crate::output::tell;

/// Reads the pages of the REST record in a file, one or more.
pub(crate) fn pages(file: &Path) -> Result<Vec<Page>, Failure> {
    let name = file.display();
    let (mut pages, mut wrong) = (Vec::new(), false);
    for (number, text) in texts(file)?.iter().enumerate() {
        match Page::parse(text.get().as_bytes()) {
            Ok(page) => pages.push(page),
            Err(issues) => {
                wrong = true;
                for issue in issues {
                    tell(&format!("{name}: page {}: {issue}", number + 1));
                }
            }
        }
    }
    match wrong {
        true => Err(Failure::WrongUse(format!("{name} is not a page of the REST record"))),
        false => Ok(pages),
    }
}

/// Reads the rows of `agent_timeline` in a file: pages of the API, arrays of rows, or single rows.
pub(crate) fn timeline(file: &Path) -> Result<Vec<TimelineRow<'static>>, Failure> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Rows {
        Page { agent_timeline: Vec<TimelineRow<'static>> },
        List(Vec<TimelineRow<'static>>),
        One(TimelineRow<'static>),
    }
    let mut rows = Vec::new();
    for text in texts(file)? {
        match serde_json::from_str(text.get()) {
            Ok(Rows::Page { agent_timeline }) => rows.extend(agent_timeline),
            Ok(Rows::List(list)) => rows.extend(list),
            Ok(Rows::One(row)) => rows.push(row),
            Err(_) => {
                let name = file.display();
                let message = format!("{name} is neither rows nor a page of `agent_timeline`");
                return Err(Failure::WrongUse(message));
            }
        }
    }
    Ok(rows)
}

/// Splits a file into its JSON texts.
fn texts(file: &Path) -> Result<Vec<Box<RawValue>>, Failure> {
    let name = file.display();
    let bytes = input::whole(file)?;
    let texts = serde_json::Deserializer::from_slice(&bytes).into_iter();
    let texts: Result<Vec<_>, _> = texts.collect();
    texts.map_err(|error| Failure::WrongUse(format!("{name} is not JSON: {error}")))
}
