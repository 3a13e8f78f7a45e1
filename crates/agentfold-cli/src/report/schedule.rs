//! Reads schedules from CSV or JSON.

use std::collections::HashMap;
use std::path::Path;

use agentfold::report::Scheduled;
use agentfold::{Fold, Id, Instant, Track};
use csv::{ReaderBuilder, StringRecord, Trim};
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::input;
use crate::output::{counted, tell};

/// The columns of CSV, in the documented order.
const COLUMNS: [&str; 6] = ["account_id", "agent_id", "from", "to", "track", "states"];
const TRACK: &str = "track";

/// Reads a schedule, or reports every mistake in it.
pub(super) fn read(file: &Path) -> Result<Vec<Scheduled>, Failure> {
    let name = file.display();
    let bytes = input::whole(file)?;
    let mut reading = Reading::default();
    match str::from_utf8(&bytes) {
        Ok(text) => reading.read(text.trim_start_matches('\u{feff}')),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            reading.wrong(line, "not UTF-8");
        }
    }
    if reading.problems.is_empty() {
        return Ok(reading.lines);
    }
    for (line, problem) in &reading.problems {
        tell(&format!("{name}:{line}: {problem}"));
    }
    let count = reading.problems.len() as u64;
    Err(Failure::WrongUse(format!("{} in the schedule {name}", counted(count, "mistake"))))
}

#[derive(Default)]
struct Reading {
    lines: Vec<Scheduled>,
    /// The line in the file of each entry, by agent, track and start.
    seen: HashMap<(Id, Id, Option<Track>, Instant), usize>,
    /// With the line in the file.
    problems: Vec<(usize, String)>,
}

impl Reading {
    fn read(&mut self, text: &str) {
        match text.trim_start().as_bytes().first() {
            Some(b'[') => self.read_list(text),
            Some(b'{') => self.read_objects(text),
            _ => self.read_csv(text),
        }
    }

    fn wrong(&mut self, line: usize, problem: impl Into<String>) {
        self.problems.push((line, problem.into()));
    }

    fn read_list(&mut self, text: &str) {
        let entries: Vec<&RawValue> = match serde_json::from_str(text) {
            Ok(entries) => entries,
            Err(error) => return self.wrong(error.line(), message(&error)),
        };
        let (mut line, mut counted) = (1, 0);
        for entry in entries {
            let start = entry.get().as_ptr() as usize - text.as_ptr() as usize;
            line += text[counted..start].matches('\n').count();
            counted = start;
            self.read_object(line, entry.get());
        }
    }

    fn read_objects(&mut self, text: &str) {
        for (line, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            self.read_object(line + 1, text);
        }
    }

    fn read_object(&mut self, line: usize, text: &str) {
        match serde_json::from_str(text) {
            Ok(scheduled) => self.take(line, scheduled),
            Err(error) => self.wrong(line + error.line().saturating_sub(1), message(&error)),
        }
    }

    fn read_csv(&mut self, text: &str) {
        let mut reader = ReaderBuilder::new();
        let mut reader = reader.flexible(true).trim(Trim::All).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return self.wrong(1, error.to_string()),
        };
        let before = self.problems.len();
        for name in header.iter().filter(|name| !COLUMNS.contains(name)) {
            self.wrong(
                1,
                format!("unknown column `{name}`: the columns are {}", COLUMNS.join(",")),
            );
        }
        for name in COLUMNS {
            match header.iter().filter(|column| *column == name).count() {
                0 if name != TRACK => self.wrong(1, format!("the header has no column `{name}`")),
                2.. => self.wrong(1, format!("the header has the column `{name}` twice")),
                _ => {}
            }
        }
        if self.problems.len() > before {
            return;
        }
        for record in reader.records() {
            match record {
                Ok(record) => self.read_record(&header, &record),
                Err(error) => self.wrong(1, error.to_string()),
            }
        }
    }

    fn read_record(&mut self, header: &StringRecord, record: &StringRecord) {
        let line = record.position().map_or(0, |position| position.line() as usize);
        let (has, needs) = (record.len(), header.len());
        if has != needs {
            return self.wrong(line, format!("{has} fields, but the header has {needs}"));
        }
        let field = |name: &str| {
            let place = header.iter().position(|column| column == name);
            place.and_then(|place| record.get(place)).unwrap_or_default()
        };
        let mut id = |name: &str| {
            let id = field(name).parse();
            id.map_err(|_| self.wrong(line, format!("`{name}`: not an id: write a whole number")))
                .ok()
        };
        let (account_id, agent_id) = (id("account_id"), id("agent_id"));
        let mut instant = |name: &str| {
            let at: Result<Instant, _> = field(name).parse();
            at.map_err(|error| self.wrong(line, format!("`{name}`: {error}"))).ok()
        };
        let (from, to) = (instant("from"), instant("to"));
        let track = Some(field(TRACK)).filter(|track| !track.is_empty()).map(str::parse::<Track>);
        let track = match track.transpose() {
            Ok(track) => track,
            Err(error) => return self.wrong(line, format!("`track`: {error}")),
        };
        let states = field("states").split('|').map(str::trim).filter(|state| !state.is_empty());
        let states = states.map(str::to_owned).collect();
        if let (Some(account_id), Some(agent_id), Some(from), Some(to)) =
            (account_id, agent_id, from, to)
        {
            self.take(line, Scheduled { account_id, agent_id, from, to, track, states });
        }
    }

    /// Adds an entry, and reports what is wrong with its values.
    fn take(&mut self, line: usize, scheduled: Scheduled) {
        if scheduled.from >= scheduled.to {
            self.wrong(line, "`to` is not after `from`");
        }
        if scheduled.states.is_empty() {
            self.wrong(line, "`states` is empty");
        }
        // An empty fold checks only the syntax of the track.
        let alone = std::slice::from_ref(&scheduled);
        if let Err(error) = Fold::new().adherence(alone, Instant::MAX) {
            self.wrong(line, format!("`track`: {error}"));
        }
        let Scheduled { account_id, agent_id, from, ref track, .. } = scheduled;
        let unified = |track: &Track| *track != Track::UnifiedState;
        let key = (account_id, agent_id, track.clone().filter(unified), from);
        if let Some(other) = self.seen.insert(key, line) {
            // Their rows could not be distinguished.
            self.wrong(line, format!("line {other} has the same agent, track and `from`"));
        }
        self.lines.push(scheduled);
    }
}

/// The message of a JSON error without its place, which is reported separately.
fn message(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    error.to_string().trim_end_matches(&place).to_owned()
}
