//! `agentfold check`: what is wrong or strange with events.

use std::collections::BTreeMap;

use agentfold::stream::{Next, Records};
use agentfold::{Code, Issue, Options, Severity};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::{Output, tell};
use crate::table;

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

/// Where channels are keys.
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

/// What is told of events, as data.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "CheckLine", deny_unknown_fields)]
pub(crate) enum Line<'a> {
    /// An issue and its place.
    Issue {
        /// The file, or `standard input`.
        file: &'a str,
        /// The line that the event begins on, from 1.
        line: u64,
        /// The byte that it begins at, from 0.
        offset: u64,
        #[serde(flatten)]
        issue: &'a Issue,
    },
    /// Something never seen before, told at the end.
    Drift {
        /// What it is: `type`, `field`, `version`, `channel`, `reason` or `state`.
        never_seen: &'a str,
        /// The word; of a field, its path.
        value: &'a str,
        /// How often.
        count: u64,
    },
}

impl Reader for Checking {
    const PROGRESS: bool = false;

    fn next(
        &mut self,
        place: &Place<'_>,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
    ) -> Result<(usize, Next<()>), Failure> {
        let (used, next) = records.next_text(bytes, end);
        let text = match next {
            Next::Item(text) => text,
            Next::More => return Ok((used, Next::More)),
            Next::End => return Ok((used, Next::End)),
        };
        let issues = self.options.check(text.bytes);
        self.records += 1;
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
                self.output.line(&format!("{}:{}: {issue}", place.file, text.line))?;
            }
        }
        self.note_drift(&issues, text.bytes);
        Ok((used, Next::Item(())))
    }

    fn waiting(&mut self) -> Result<(), Failure> {
        self.output.flush()
    }
}

impl Checking {
    /// Counts what was never seen before.
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
            // Fields are told by their path, and a channel that is a key by that key.
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
            "{} records: {} with errors, {} with warnings",
            self.records, self.refused, self.warned
        ));
        match self.refused {
            0 => Ok(()),
            n => Err(Failure::Problems(format!("{n} of {} records can't be folded", self.records))),
        }
    }
}
