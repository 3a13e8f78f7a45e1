//! Results on standard output, messages on standard error.

use std::io::{self, BufWriter, StdoutLock, Write};

use agentfold::{Shown, is_shown_as_escape};
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::failure::Failure;

/// Standard output, buffered.
pub(crate) struct Output(BufWriter<StdoutLock<'static>>);

impl Output {
    pub(crate) fn new() -> Output {
        Output(BufWriter::with_capacity(1 << 16, io::stdout().lock()))
    }

    /// Writes a line of JSON.
    pub(crate) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let mut serializer = Serializer::with_formatter(&mut self.0, TerminalSafe);
        value.serialize(&mut serializer).map_err(io::Error::from)?;
        self.line("")
    }

    /// Writes a line of JSON that is text already.
    pub(crate) fn json_text(&mut self, json: &str) -> Result<(), Failure> {
        write_safe(&mut self.0, json)?;
        self.line("")
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

/// JSON on one line, in which characters that control a terminal or change the direction of text are
/// escaped.
struct TerminalSafe;

impl Formatter for TerminalSafe {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        write_safe(writer, fragment)
    }

    fn write_raw_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        write_safe(writer, fragment)
    }
}

/// Writes JSON, and escapes as JSON does it what a terminal would not show. Such characters can stand in
/// strings only.
fn write_safe<W: ?Sized + Write>(writer: &mut W, json: &str) -> io::Result<()> {
    // The usual case. Looking at every byte takes less time than stopping at the first.
    if !json.bytes().fold(false, |odd, byte| odd | !matches!(byte, b' '..=b'~')) {
        return writer.write_all(json.as_bytes());
    }
    for char in json.chars() {
        if is_shown_as_escape(char) {
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        } else {
            write!(writer, "{char}")?;
        }
    }
    Ok(())
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
