//! [`Records`]: reads many events from a stream of bytes, in any wrapping.

use std::fmt;

use serde::Serialize;

use super::json::{Stop, skip_key, skip_space, skip_string, skip_value};
use super::{DEEPEST, Options, quick, strict, template};
use crate::Instant;
use crate::event::Event;
use crate::fact::Fact;
use crate::issues::Issues;

/// Finds and reads the events in a stream of bytes. It detects the format: one object, one object a
/// line (NDJSON), objects one after another, a JSON array, or pages of the Chat export.
///
/// It holds no bytes itself, so memory does not grow with the stream: the caller passes the bytes it
/// has, and drops those that were used. [`Records::iter`] does this for bytes that are complete. A
/// record that can't be read is returned as [`Unreadable`]. Reading then resumes after its brackets, or
/// at the next line that begins with `{`. Nothing is lost silently.
///
/// ```
/// use agentfold::stream::{Record, Records};
///
/// let text = br#"{"agent_events": [
///     {"account_id": 2, "agent_id": 980824, "field_name": "engagements", "id": "a",
///      "previous_value": 0, "timestamp": "2018-10-19T12:34:09.989524Z", "value": 1},
///     {"account_id": 2}
/// ], "count": 2}"#;
/// let mut records = Records::iter(text);
/// assert!(matches!(records.next(), Some(Record::Event(_))));
/// let Some(Record::Unreadable(bad)) = records.next() else { panic!("the second is no event") };
/// assert_eq!((bad.text.line, bad.issues[0].path.as_str()), (4, "/type"));
/// assert!(records.next().is_none());
/// ```
#[derive(Debug, Clone)]
pub struct Records {
    options: Options,
    wraps: Vec<Wrap>,
    /// Whether events seem to be alone on their lines.
    by_line: bool,
    line: u64,
    offset: u64,
    /// Set within a record that is too large, whose rest is skipped.
    lost: Option<Brackets>,
}

/// How many bytes are checked for UTF-8 at a time.
const STRETCH: usize = 1 << 16;

/// How far to look for the end of a line.
const LINE: usize = 4096;

/// What the records are wrapped in, outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrap {
    /// A JSON array.
    Array,
    /// The array `agent_events` of a page.
    Page,
    /// The rest of a page.
    PageEnd,
}

/// What comes next in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next<T> {
    /// The next item.
    Item(T),
    /// The bytes end too early: pass the unused ones again, followed by more.
    More,
    /// The stream has ended.
    End,
}

impl<T> Next<T> {
    /// The item, if there is one.
    pub fn item(self) -> Option<T> {
        match self {
            Next::Item(item) => Some(item),
            Next::More | Next::End => None,
        }
    }

    /// What comes next, changed by `change`.
    #[inline]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Next<U> {
        match self {
            Next::Item(item) => Next::Item(change(item)),
            Next::More => Next::More,
            Next::End => Next::End,
        }
    }
}

/// Reads the records of a text, as long as the quick layers can.
pub(crate) struct Usual<'r, 'a> {
    records: &'r mut Records,
    text: &'a str,
    used: usize,
}

impl<'a> Usual<'_, 'a> {
    /// How many bytes were used.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// The next record as a fact, if it has the usual spelling.
    #[inline(always)]
    pub(crate) fn fact(&mut self) -> Option<Fact<'a>> {
        let start = self.start();
        let (usual, length) = template::read(self.text.get(start..)?)?;
        let fact = usual.fact(&self.records.options)?;
        self.step(start, length).then_some(fact)
    }

    /// The next record as an event, if a quick layer can read it.
    pub(crate) fn event(&mut self) -> Option<Event<'a>> {
        let start = self.start();
        let text = self.text.get(start..)?;
        let (event, length) = quick(text, &self.records.options)?;
        let lines = newlines(&text.as_bytes()[..length]);
        let fits = self.step(start, length);
        self.records.line += if fits { lines } else { 0 };
        fits.then_some(event)
    }

    /// Where the next record begins.
    #[inline(always)]
    fn start(&self) -> usize {
        let bytes = self.text.as_bytes();
        match bytes.get(self.used..self.used + 2) {
            // The usual case: the end of a line.
            Some(b"\n{") => self.used + 1,
            _ => skip_space(bytes, self.used),
        }
    }

    /// Steps over a record without newlines, if it is not too large.
    #[inline(always)]
    fn step(&mut self, start: usize, length: usize) -> bool {
        let fits = length <= self.records.options.max_bytes;
        if fits {
            let space = &self.text.as_bytes()[self.used..start];
            self.records.line += if space == b"\n" { 1 } else { newlines(space) };
            self.records.offset += (space.len() + length) as u64;
            self.used = start + length;
        }
        fits
    }
}

/// One record of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "an event is the usual one")]
pub enum Record<'a> {
    /// A record that could be read.
    Event(Event<'a>),
    /// A record that could not.
    Unreadable(Unreadable<'a>),
}

/// A record that is not an event. In data, its `kind` is `unreadable`, and it has `line` and `offset`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename = "unreadable")]
#[non_exhaustive]
pub struct Unreadable<'a> {
    /// Where the record is.
    #[serde(flatten)]
    pub text: RecordText<'a>,
    /// What is wrong with it.
    pub issues: Issues,
}

impl fmt::Display for Unreadable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.text.line, self.issues)
    }
}

impl std::error::Error for Unreadable<'_> {}

impl Unreadable<'_> {
    /// The same without its bytes, so that it can outlive them.
    pub fn without_bytes(self) -> Unreadable<'static> {
        let RecordText { line, offset, .. } = self.text;
        Unreadable { text: RecordText { line, offset, bytes: &[] }, issues: self.issues }
    }
}

/// One record of a stream as received. Its bytes may hold anything, so data does not include them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordText<'a> {
    /// The line it begins on, from 1.
    pub line: u64,
    /// The byte it begins at, from 0.
    pub offset: u64,
    /// Its bytes, or the first of them if it is too large.
    #[serde(skip)]
    pub bytes: &'a [u8],
}

impl Default for Records {
    fn default() -> Records {
        Records::new(&Options::default())
    }
}

impl Records {
    /// A reader at the beginning of a stream.
    pub fn new(options: &Options) -> Records {
        Records {
            options: *options,
            wraps: Vec::new(),
            by_line: true,
            line: 1,
            offset: 0,
            lost: None,
        }
    }

    /// Sets the clock for the records that are read from now on.
    pub(crate) fn set_now(&mut self, now: Instant) {
        self.options.now = Some(now);
    }

    /// The records of complete bytes.
    pub fn iter(bytes: &[u8]) -> Iter<'_> {
        Iter { records: Records::default(), bytes }
    }

    /// The line that is being read, from 1: one more than the line breaks before it.
    ///
    /// ```
    /// let mut records = agentfold::stream::Records::default();
    /// records.next(b"{}\n\n{}", true);
    /// assert_eq!(records.line(), 1);
    /// records.next(b"\n\n{}", true);
    /// assert_eq!(records.line(), 3);
    /// ```
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Reads the next record from `bytes`, and returns how many of them were used.
    ///
    /// Begin the next call with the unused bytes. `end` says that no bytes follow them.
    #[inline]
    pub fn next<'a>(&mut self, bytes: &'a [u8], end: bool) -> (usize, Next<Record<'a>>) {
        let (start, found) = self.enter(bytes, end);
        if found == Next::Item(())
            && let Some(text) = self.candidate(&bytes[start..])
            && let Some((event, length)) = quick(text, &self.options)
            && length <= self.options.max_bytes
        {
            self.offset += length as u64;
            if !self.by_line {
                self.line += newlines(&text.as_bytes()[..length]);
            }
            return (start + length, Next::Item(Record::Event(event)));
        }
        let (used, next) = self.frame(bytes, start, found, end);
        let record = next.map(|text| match strict::read(text.bytes, &self.options) {
            Ok((event, _)) => Record::Event(event),
            Err(issues) => Record::Unreadable(Unreadable { text, issues }),
        });
        (used, record)
    }

    /// Reads records for a fold as long as the quick layers can, if they are not wrapped.
    #[inline]
    pub(crate) fn stretch<'r, 'a>(&'r mut self, bytes: &'a [u8]) -> Usual<'r, 'a> {
        let plain = self.wraps.is_empty() && self.lost.is_none();
        let plain = plain && self.options.max_depth >= DEEPEST;
        let near = if plain { &bytes[..bytes.len().min(STRETCH)] } else { &[] };
        // The end of a stretch may cut a character in two.
        let text = simdutf8::basic::from_utf8(near)
            .unwrap_or_else(|_| near.utf8_chunks().next().map_or("", |chunk| chunk.valid()));
        Usual { records: self, text, used: 0 }
    }

    /// A text that contains the event at the beginning of `bytes`, if it is soon found: its line, or
    /// the event itself if events are not alone on their lines.
    #[inline]
    fn candidate<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a str> {
        if !self.by_line {
            let end = skip_value(bytes, 0).ok()?;
            // The next one may be alone on its line again.
            self.by_line = bytes.get(end) == Some(&b'\n') && !bytes[..end].contains(&b'\n');
            return std::str::from_utf8(&bytes[..end]).ok();
        }
        let near = &bytes[..bytes.len().min(LINE)];
        let line = memchr::memchr(b'\n', near).map_or(near, |end| &near[..end]);
        self.by_line = line.ends_with(b"}") || line.ends_with(b"}\r");
        std::str::from_utf8(line).ok()
    }

    /// Finds the next record in `bytes` without reading it, as [`Records::next`] does.
    pub fn next_text<'a>(&mut self, bytes: &'a [u8], end: bool) -> (usize, Next<RecordText<'a>>) {
        let (start, found) = self.enter(bytes, end);
        self.frame(bytes, start, found, end)
    }

    /// Steps over used bytes.
    #[inline]
    fn advance(&mut self, used: &[u8]) {
        self.line += newlines(used);
        self.offset += used.len() as u64;
    }

    /// Steps over the bytes between records, and returns where the next record begins, if there is one.
    #[inline]
    fn enter(&mut self, bytes: &[u8], end: bool) -> (usize, Next<()>) {
        // The usual case: objects one after another.
        let start = skip_space(bytes, 0);
        if bytes.get(start) == Some(&b'{') && self.wraps.is_empty() && self.lost.is_none() {
            self.advance(&bytes[..start]);
            return (start, Next::Item(()));
        }
        let (start, found) = self.unwrap(bytes, start, end);
        self.advance(&bytes[..start]);
        (start, found)
    }

    fn unwrap(&mut self, bytes: &[u8], mut at: usize, end: bool) -> (usize, Next<()>) {
        if let Some(mut brackets) = self.lost.take() {
            at = match brackets.end_of_broken(bytes, 0) {
                Ok(stop) => stop,
                Err(keep) if !end => {
                    self.lost = Some(brackets);
                    return (keep, Next::More);
                }
                Err(_) => bytes.len(),
            };
        }
        if self.offset == 0 && bytes.starts_with(b"\xef\xbb\xbf") {
            at = at.max(3);
        }
        loop {
            at = skip_space(bytes, at);
            let Some(byte) = bytes.get(at) else {
                return match (end, self.wraps.is_empty()) {
                    (false, _) => (at, Next::More),
                    (true, true) => (at, Next::End),
                    // An array or a page is not closed: report it by an empty record.
                    (true, false) => (at, Next::Item(())),
                };
            };
            match (self.wraps.last(), byte) {
                (None, b'[') => self.wraps.push(Wrap::Array),
                (None | Some(Wrap::Array | Wrap::Page), b',') => {}
                (Some(Wrap::Array), b']') | (Some(Wrap::PageEnd), b'}') => {
                    self.wraps.pop();
                }
                (Some(Wrap::Page), b']') => {
                    self.wraps.pop();
                    self.wraps.push(Wrap::PageEnd);
                }
                (Some(Wrap::PageEnd), b',') => {
                    match skip_key(bytes, at + 1).and_then(|value| skip_value(bytes, value)) {
                        Ok(after)
                            if after - at <= self.options.max_bytes
                                && (after < bytes.len() || end) =>
                        {
                            at = after;
                            continue;
                        }
                        Ok(_) | Err(Stop::Short)
                            if !end && bytes.len() - at <= self.options.max_bytes =>
                        {
                            return (at, Next::More);
                        }
                        _ => return (at, Next::Item(())),
                    }
                }
                (Some(Wrap::PageEnd), b'{') => {
                    // The page is incomplete, and something else begins.
                    self.wraps.pop();
                    continue;
                }
                _ => return (at, Next::Item(())),
            }
            at += 1;
        }
    }

    /// The bytes of the record that begins at `start`.
    fn frame<'a>(
        &mut self,
        bytes: &'a [u8],
        mut start: usize,
        mut found: Next<()>,
        end: bool,
    ) -> (usize, Next<RecordText<'a>>) {
        loop {
            match found {
                Next::Item(()) => {}
                Next::More => return (start, Next::More),
                Next::End => return (start, Next::End),
            }
            if start == bytes.len() {
                self.wraps.clear();
                return (start, Next::Item(self.text(&bytes[start..])));
            }
            match page(bytes, start) {
                Ok(Some(events))
                    if events - start <= self.options.max_bytes
                        && !self.wraps.contains(&Wrap::Page) =>
                {
                    self.wraps.push(Wrap::Page);
                    self.advance(&bytes[start..events]);
                    let (used, next) = self.enter(&bytes[events..], end);
                    (start, found) = (events + used, next);
                }
                _ => break,
            }
        }
        let most = self.options.max_bytes;
        let room = bytes.len() - start <= most;
        let stop = match skip_value(bytes, start) {
            Ok(stop)
                if stop - start <= most
                    && (stop < bytes.len() || end || matches!(bytes[start], b'{' | b'[')) =>
            {
                stop
            }
            Ok(_) | Err(Stop::Short) if !end && room => return (start, Next::More),
            _ => {
                let mut brackets = Brackets::default();
                match brackets.end_of_broken(bytes, start) {
                    Ok(stop) => stop,
                    Err(_) if end => bytes.len(),
                    Err(_) if room => return (start, Next::More),
                    Err(keep) => {
                        self.lost = Some(brackets);
                        keep
                    }
                }
            }
        };
        // One byte more than allowed shows that it is too large.
        let shown = bytes[start..stop.min(start + most + 1)].trim_ascii_end();
        let text = self.text(shown);
        self.advance(&bytes[start..stop]);
        (stop, Next::Item(text))
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> RecordText<'a> {
        RecordText { line: self.line, offset: self.offset, bytes }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// Where the events of the page at `start` begin, if it is one.
fn page(bytes: &[u8], start: usize) -> Result<Option<usize>, Stop> {
    if bytes[start] != b'{' {
        return Ok(None);
    }
    let mut at = start + 1;
    loop {
        at = skip_space(bytes, at);
        if bytes.get(at) != Some(&b'"') {
            return Ok(None);
        }
        let key = &bytes[at..skip_string(bytes, at)?];
        at = skip_space(bytes, skip_key(bytes, at)?);
        if key == b"\"agent_events\"" && bytes.get(at) == Some(&b'[') {
            return Ok(Some(at + 1));
        }
        at = skip_space(bytes, skip_value(bytes, at)?);
        if bytes.get(at) != Some(&b',') {
            return Ok(None);
        }
        at += 1;
    }
}

/// The state of skipping a broken record by its brackets.
#[derive(Debug, Clone, Default)]
struct Brackets {
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// Whether the record's first byte was read.
    begun: bool,
}

impl Brackets {
    /// Where a broken record ends: with its brackets, or before the next line that begins an object.
    ///
    /// # Errors
    /// If it does not end in these bytes: where to resume with more.
    fn end_of_broken(&mut self, bytes: &[u8], start: usize) -> Result<usize, usize> {
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'\n' => {
                    match bytes.get(skip_space(bytes, at)) {
                        None => return Err(at),
                        Some(b'{') => return Ok(at),
                        Some(_) => {}
                    }
                    self.quoted = false;
                    self.escaped = false;
                }
                _ if self.escaped => self.escaped = false,
                b'\\' if self.quoted => self.escaped = true,
                b'"' => self.quoted = !self.quoted,
                b'{' | b'[' if !self.quoted => self.depth += 1,
                b'}' | b']' if !self.quoted && self.depth <= 1 => {
                    // A bracket that closes the array or page around the record is not part of it.
                    return Ok(if self.depth == 0 && self.begun { at } else { at + 1 });
                }
                b'}' | b']' if !self.quoted => self.depth -= 1,
                _ => {}
            }
            self.begun = true;
        }
        Err(bytes.len())
    }
}

/// The records of complete bytes.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    records: Records,
    bytes: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let (used, next) = self.records.next(self.bytes, true);
        self.bytes = &self.bytes[used..];
        match next {
            Next::Item(record) => Some(record),
            Next::More | Next::End => None,
        }
    }
}
