//! `agentfold check`: every problem of every event.

use std::collections::BTreeMap;

use agentfold::stream::{RecordText, Stream};
use agentfold::{Code, Issue, Options, Severity, Shown};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::args::Source;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::{Output, counted, tell};
use crate::table;

/// Check events and report every problem
///
/// Reads events and prints each problem with its file, line, code, and path in the event (a JSON
/// Pointer). Then prints how often each event type, field, state, reason and channel occurred that
/// agentfold has never seen. An event with an error cannot be folded; one with a warning can.
///
/// Exit codes: 0 no errors, warnings are allowed; 1 a record has an error; 2 wrong usage, or a file
/// cannot be read.
///
/// Examples:
///   agentfold check deliveries.ndjson
///   agentfold check deliveries.ndjson.gz --json > problems.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Print JSON lines instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

pub(crate) fn run(args: &CheckArgs) -> Result<(), Failure> {
    let mut checking = Checking {
        options: args.source.options(),
        json: args.json,
        output: Output::new(),
        records: 0,
        refused: 0,
        warned: 0,
        drift: BTreeMap::new(),
    };
    input::read(&args.source, &mut checking)?;
    checking.finish()
}

/// Path of the object whose keys are channels.
const CAPACITIES: &str = "/event/maxCapacity/";

struct Checking {
    options: Options,
    json: bool,
    output: Output,
    records: u64,
    refused: u64,
    warned: u64,
    drift: BTreeMap<(&'static str, String), u64>,
}

/// A line of `agentfold check --json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "CheckLine", deny_unknown_fields)]
pub(crate) enum Line<'a> {
    /// A problem of an event, with its place.
    Issue {
        /// The file, or `standard input`.
        file: &'a str,
        /// The line on which the event begins, counted from 1.
        line: u64,
        /// The byte at which the event begins, counted from 0.
        offset: u64,
        #[serde(flatten)]
        issue: &'a Issue,
    },
    /// A word that agentfold has never seen; printed after all issues.
    Drift {
        /// What the word is: `type`, `field`, `version`, `channel`, `reason` or `state`.
        never_seen: &'a str,
        /// The word; for a field, its path.
        value: &'a str,
        /// How often it occurred.
        count: u64,
    },
}

impl Reader for Checking {
    const PROGRESS: bool = false;

    fn take(&mut self, place: &Place<'_>, stream: &mut Stream) -> Result<(), Failure> {
        self.options = *stream.options();
        while let Some(text) = stream.next_text() {
            self.check(place, text)?;
        }
        Ok(())
    }

    fn waiting(&mut self) -> Result<(), Failure> {
        self.output.flush()
    }
}

impl Checking {
    fn check(&mut self, place: &Place<'_>, text: RecordText<'_>) -> Result<(), Failure> {
        let issues = text.check(&self.options);
        self.records += u64::from(!text.is_warning());
        self.refused += u64::from(issues.iter().any(|issue| issue.severity == Severity::Error));
        self.warned += u64::from(issues.iter().any(|issue| issue.severity == Severity::Warning));
        for issue in &issues {
            if self.json {
                self.output.json(&Line::Issue {
                    file: place.file,
                    line: text.line,
                    offset: text.offset,
                    issue,
                })?;
            } else {
                let file = Shown(place.file);
                self.output.line(&format!("{file}:{}: {issue}", text.line))?;
            }
        }
        self.note_drift(&issues, text.bytes);
        Ok(())
    }

    /// Counts the words that agentfold has never seen.
    fn note_drift(&mut self, issues: &[Issue], bytes: &[u8]) {
        let mut event = None;
        for issue in issues {
            let key = issue.key();
            let kind = match issue.code {
                Code::UnknownType => "type",
                Code::UnknownField => "field",
                Code::UnknownVersion => "version",
                Code::UnknownValue if issue.path.starts_with(CAPACITIES) => "channel",
                Code::UnknownValue if key == "channel" => "channel",
                Code::UnknownValue if key.ends_with("reason") => "reason",
                Code::UnknownValue => "state",
                _ => continue,
            };
            let event = event
                .get_or_insert_with(|| serde_json::from_slice::<Value>(bytes).unwrap_or_default());
            // The value of a field is its path; that of a channel that is a key, the key.
            let value = match event.pointer(&issue.path) {
                Some(Value::String(value)) if kind != "field" => value.clone(),
                _ if kind == "channel" => key.into_owned(),
                _ => issue.path.clone(),
            };
            *self.drift.entry((kind, value)).or_default() += 1;
        }
    }

    fn finish(mut self) -> Result<(), Failure> {
        if self.json {
            for ((never_seen, value), count) in &self.drift {
                self.output.json(&Line::Drift { never_seen, value, count: *count })?;
            }
        } else if !self.drift.is_empty() {
            self.output.line("")?;
            self.output.line(&table::drift(&self.drift).to_string())?;
        }
        self.output.flush()?;
        tell(&format!(
            "{}: {} with errors, {} with warnings",
            counted(self.records, "record"),
            self.refused,
            self.warned
        ));
        match self.refused {
            0 => Ok(()),
            n => {
                Err(Failure::Problems(format!("{n} of {} records cannot be folded", self.records)))
            }
        }
    }
}
