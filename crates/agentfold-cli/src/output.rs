//! Results on standard output, messages on standard error.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufWriter, StdoutLock, Write};

use agentfold::{Shown, is_shown_as_escape};
use serde::Serialize;

use crate::failure::Failure;

/// Standard output, buffered.
pub(crate) struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    pub(crate) fn new() -> Output {
        Output(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }

    /// Writes a line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        self.json_text(&serde_json::to_string(value).map_err(io::Error::from)?)
    }

    /// Writes a line of JSON that is text already.
    pub(crate) fn json_text(&mut self, json: &str) -> Result<(), Failure> {
        self.line(&terminal_safe(json))
    }

    /// Writes a line of text.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        Ok(writeln!(self.0, "{text}")?)
    }

    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        Ok(self.0.flush()?)
    }
}

/// For writers of CSV.
impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The same JSON without characters that control a terminal or change the direction of text: they are
/// escaped as JSON does it. They can stand in strings only.
fn terminal_safe(json: &str) -> Cow<'_, str> {
    if !json.contains(is_shown_as_escape) {
        return Cow::Borrowed(json);
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        if is_shown_as_escape(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a `String` never fails.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(char);
        }
    }
    Cow::Owned(safe)
}

/// Writes a line to standard error, and ignores failures to write. What is not printable, such as in the
/// name of a file, is shown as an escape.
pub(crate) fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{}", Shown(line));
}

/// Nanoseconds as seconds, exact, with as few digits as possible.
pub(crate) fn seconds(ns: u128) -> String {
    let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A count with its unit, such as `1 record` and `2 records`.
pub(crate) fn counted(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}
