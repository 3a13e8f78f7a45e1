//! [`read`]: the file of settings, with the lines of what is wrong.

use std::fs;
use std::io;
use std::path::Path;

use agentfold::Shown;
use agentfold::border::Argument;
use serde::Serialize;
use toml::Value;
use toml::de::{DeTable, DeValue};

use super::Settings;
use super::error::{ConfigError, Problem, shown};
use crate::accounts::id_of;

/// Why a file has no settings.
pub(super) enum Unread {
    Missing,
    Io(io::Error),
    Wrong(Vec<Problem>),
}

impl Unread {
    pub(super) fn into_error(self, file: &Path) -> ConfigError {
        let message = match self {
            Unread::Wrong(problems) => {
                return ConfigError { file: Some(file.to_owned()), problems };
            }
            Unread::Missing => "there is no such file".to_owned(),
            Unread::Io(error) => error.to_string(),
        };
        let message = format!("cannot read {}: {message}", shown(file));
        ConfigError { file: None, problems: vec![Problem::of(message)] }
    }
}

pub(super) fn read(file: &Path) -> Result<Settings, Unread> {
    let text = fs::read_to_string(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Io(error),
    })?;
    parse(&text).map_err(Unread::Wrong)
}

/// Reads settings and names all that is wrong, with lines and without values.
pub(super) fn parse(text: &str) -> Result<Settings, Vec<Problem>> {
    let line_at =
        |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    let (spans, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // The whole text of such an error has the line as it is, maybe with a secret.
        let problem = |error: &toml::de::Error| Problem {
            line: error.span().map(|span| line_at(span.start)),
            message: format!("not TOML: {}", error.message()),
        };
        return Err(errors.iter().map(problem).collect());
    }
    let mut table = Value::Table(toml::from_str(text).map_err(|error| {
        vec![Problem {
            line: error.span().map(|span| line_at(span.start)),
            message: "not TOML".to_owned(),
        }]
    })?);
    as_text(&mut table);
    let mut wrong: Vec<(String, String)> = Vec::new();
    let accounts = table.get("accounts").and_then(Value::as_table);
    for key in accounts.into_iter().flat_map(|accounts| accounts.keys()) {
        if id_of(key).is_none() {
            let message =
                format!("`{}` is not the id of an account: ids are whole numbers", Shown(key));
            wrong.push((format!("/accounts/{}", escape(key)), message));
        }
    }
    let read = Argument::new("", table).and_then(Argument::read_all::<Settings>);
    if let Err(failure) = &read {
        let issues = failure.more().issues.iter();
        wrong.extend(issues.map(|issue| (issue.path.to_string(), issue.message.to_string())));
        if wrong.is_empty() {
            wrong.push((failure.path().to_owned(), failure.message().to_owned()));
        }
    }
    match read {
        Ok(settings) if wrong.is_empty() => Ok(settings),
        _ => {
            let problem = |(path, message): (String, String)| {
                let line = span_of(spans.get_ref(), &path).map(line_at);
                Problem { line, message }
            };
            let mut problems: Vec<Problem> = wrong.into_iter().map(problem).collect();
            problems.sort_by_key(|problem| problem.line);
            Err(problems)
        }
    }
}

/// Writes dates as text, since all instants here are read from text.
fn as_text(value: &mut Value) {
    match value {
        Value::Datetime(at) => *value = Value::String(at.to_string()),
        Value::Array(items) => items.iter_mut().for_each(as_text),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| as_text(value)),
        _ => {}
    }
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Where the key at a JSON Pointer begins, or what is nearest around it if it is missing.
fn span_of(table: &DeTable<'_>, path: &str) -> Option<usize> {
    let mut tokens = path.split('/').skip(1);
    let first = tokens.next()?;
    let (key, value) = table.iter().find(|(key, _)| escape(key.get_ref()) == first)?;
    let mut start = key.span().start;
    let mut part = value.get_ref();
    for token in tokens {
        (start, part) = match part {
            DeValue::Table(table) => {
                match table.iter().find(|(key, _)| escape(key.get_ref()) == token) {
                    Some((key, value)) => (key.span().start, value.get_ref()),
                    None => break,
                }
            }
            DeValue::Array(items) => match token.parse().ok().and_then(|at: usize| items.get(at)) {
                Some(item) => (item.span().start, item.get_ref()),
                None => break,
            },
            _ => break,
        };
    }
    Some(start)
}

pub(super) fn to_toml(settings: &impl Serialize) -> String {
    toml::to_string(settings).expect("INVARIANT: settings are tables, lists, numbers and text")
}
