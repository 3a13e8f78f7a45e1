//! [`Records`]: reads many events from a stream of bytes, in any wrapping.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::fmt;

use serde::Serialize;

use super::envelope::{self, Carried, read_carried};
use super::format::{self, Looks};
use super::frame::{Brackets, Found, Frame, MARK, SEPARATOR};
use super::json::{Stop, skip_space};
use super::shapes::{Read, Shapes};
use super::values::Values;
use super::walk::{Met, Walk};
use super::{DEEPEST, Options};
use crate::Instant;
use crate::event::Event;
use crate::fact::Fact;
use crate::issue::{Code, Issue};
use crate::issues::Issues;
use crate::steps;

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
    shapes: Shapes,
    wraps: Vec<Wrap>,
    /// Whether events seem to be alone on their lines.
    by_line: bool,
    line: u64,
    offset: u64,
    /// Set within a record that is too large, whose rest is skipped.
    lost: Option<Brackets>,
    frame: Frame,
    /// The field of a page's rest that is being read.
    member: Option<Walk>,
    /// What came last in an array.
    last: Last,
    /// A problem of the stream that is reported next.
    trouble: Option<Trouble>,
    /// Where the stream breaks off, which is reported after its last record.
    damage: Option<Trouble>,
    /// Whether a problem of this wrapping was reported.
    warned: bool,
    /// The other events of an envelope that held several.
    queue: VecDeque<Record<'static>>,
    /// How many envelopes are around the stream.
    envelopes: usize,
}

/// A problem of a stream and not of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    /// The array or page around the records is malformed.
    Wrapping(&'static str),
    /// The packed bytes are damaged from a byte on.
    Damage(&'static str, u64),
}

impl Trouble {
    fn issue(self) -> Issue {
        match self {
            Trouble::Wrapping(message) => Issue::new(Code::BadWrapping, "", message),
            Trouble::Damage(words, at) => {
                let message = format!("{words} at byte {at}: what comes before it is read");
                Issue::new(Code::DamagedStream, "", message)
            }
        }
    }
}

/// What came last in an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Its opening bracket.
    Open,
    Record,
    Comma,
    /// A record that may have swallowed a comma.
    Damage,
}

/// How many bytes are checked for UTF-8 at a time.
const STRETCH: usize = 1 << 14;

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

/// Reads the records of a text one by one, as long as the quick layers can.
pub(crate) struct Usual<'r, 'a> {
    records: &'r mut Records,
    text: &'a str,
    used: usize,
    values: Values<'a>,
}

impl<'a> Usual<'_, 'a> {
    /// How many bytes were used.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Reads the next record, if a quick layer can. [`Usual::step`] steps over it.
    #[inline(always)]
    pub(crate) fn read(&mut self) -> Option<Read<'a>> {
        let text = self.text.get(self.start()..)?;
        self.records.shapes.read(text, &mut self.values)
    }

    /// The fact of a record. Its texts are put into `room` if they have escapes. `None` for a record
    /// that should be read as an event.
    #[inline(always)]
    pub(crate) fn fact<'e>(&self, read: &Read<'a>, room: &'e OnceCell<String>) -> Option<Fact<'e>>
    where
        'a: 'e,
    {
        self.values.fact(read, &self.records.options, room)
    }

    /// The event of a record. `None` for a record that the strict layer should read.
    pub(crate) fn event(&mut self, read: &Read<'a>) -> Option<Event<'a>> {
        self.records.shapes.event(read, &mut self.values, &self.records.options)
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

    /// Steps over a record, and returns whether it is not too large.
    #[inline(always)]
    pub(crate) fn step(&mut self, read: &Read<'a>) -> bool {
        let length = read.text.len();
        let fits = length <= self.records.options.max_bytes;
        if fits {
            let start = self.start();
            let space = &self.text.as_bytes()[self.used..start];
            self.records.line += if space == b"\n" { 1 } else { newlines(space) };
            self.records.line += read.form.newlines as u64;
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
///
/// A problem of the array or page around the records is returned in this form too: its only issue is the
/// warning [`bad_wrapping`](Code::BadWrapping), and no record is lost by it.
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
    /// Whether it is only a warning about what the records are wrapped in.
    pub fn is_warning(&self) -> bool {
        self.text.is_warning()
    }

    /// The same without its bytes, so that it can outlive them.
    pub fn without_bytes(self) -> Unreadable<'static> {
        Unreadable { text: RecordText { bytes: &[], ..self.text }, issues: self.issues }
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
    #[serde(skip)]
    trouble: Option<Trouble>,
}

impl RecordText<'_> {
    /// Whether it is no record, but a warning about what the records are wrapped in.
    pub fn is_warning(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Wrapping(_)))
    }

    /// Every problem of the record: errors first, then by path.
    ///
    /// ```
    /// use agentfold::stream::Records;
    /// use agentfold::{Code, Options};
    ///
    /// let options = Options::default();
    /// let (_, next) = Records::new(&options).next_text(b"[,{}]", true);
    /// let issues = next.item().expect("a comma too many").check(&options);
    /// assert_eq!(issues[0].code, Code::BadWrapping);
    /// ```
    pub fn check(&self, options: &Options) -> Vec<Issue> {
        match self.trouble {
            Some(trouble) => vec![trouble.issue()],
            None => envelope::check(self.bytes, options),
        }
    }
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
            shapes: Shapes::default(),
            wraps: Vec::new(),
            by_line: true,
            line: 1,
            offset: 0,
            lost: None,
            frame: Frame::default(),
            member: None,
            last: Last::Open,
            trouble: None,
            damage: None,
            warned: false,
            queue: VecDeque::new(),
            envelopes: 0,
        }
    }

    /// Exchanges what is known of how the records are spelled.
    pub(crate) fn exchange_shapes(&mut self, shapes: &mut Shapes) {
        std::mem::swap(&mut self.shapes, shapes);
    }

    /// Sets the clock for the records that are read from now on.
    pub(crate) fn set_now(&mut self, now: Instant) {
        self.options.now = Some(now);
    }

    /// A reader of what is within this many envelopes.
    pub(crate) fn within(options: &Options, envelopes: usize) -> Records {
        Records { envelopes, ..Records::new(options) }
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

    /// Says that the stream breaks off because its packed bytes are damaged: how, and from which of them
    /// on. After the last record, an [`Unreadable`] reports it with the code `damaged_stream`.
    pub fn note_damage(&mut self, words: &'static str, at: u64) {
        self.damage = Some(Trouble::Damage(words, at));
    }

    /// Reads the next record from `bytes`, and returns how many of them were used.
    ///
    /// Begin the next call with the unused bytes. `end` says that no bytes follow them.
    #[inline]
    pub fn next<'a>(&mut self, bytes: &'a [u8], end: bool) -> (usize, Next<Record<'a>>) {
        if let Some(record) = self.queue.pop_front() {
            return (0, Next::Item(record));
        }
        let (start, found) = self.enter(bytes, end);
        let is_new = found == Next::Item(()) && self.trouble.is_none() && !self.frame.waits();
        let by_line = is_new && self.by_line;
        if by_line
            && let Some(text) = self.candidate(&bytes[start..])
            && let Some((event, length)) = self.quick(text)
        {
            self.offset += length as u64;
            self.last = Last::Record;
            return (start + length, Next::Item(Record::Event(event)));
        }
        let (used, next) = self.frame(bytes, start, found, end);
        (used, next.map(|text| self.record(text, !by_line)))
    }

    /// The event at the beginning of a line if a quick layer can read it, and where it ends.
    #[inline]
    fn quick<'a>(&mut self, line: &'a str) -> Option<(Event<'a>, usize)> {
        let mut values = Values::new();
        let read = self.shapes.read(line, &mut values)?;
        let fits = read.text.len() <= self.options.max_bytes && self.options.max_depth >= DEEPEST;
        let read = fits.then_some(read)?;
        Some((self.shapes.event(&read, &mut values, &self.options)?, read.text.len()))
    }

    /// Reads a record. With `try_quick`, the quick layers have not tried it.
    fn record<'a>(&mut self, text: RecordText<'a>, try_quick: bool) -> Record<'a> {
        let unreadable = |issues| Record::Unreadable(Unreadable { text, issues });
        if let Some(trouble) = text.trouble {
            return unreadable(trouble.issue().into());
        }
        if try_quick && let Some(event) = self.options.parse_quick(text.bytes, &mut self.shapes) {
            return Record::Event(event);
        }
        match read_carried(text.bytes, &self.options, self.envelopes) {
            Carried::One(Ok((event, _))) => Record::Event(event),
            Carried::One(Err(issues)) => unreadable(issues),
            Carried::Many(all) => {
                self.queue.extend(all.into_iter().map(|one| match one {
                    Ok((event, _)) => Record::Event(event),
                    Err(issues) => Record::Unreadable(Unreadable { text, issues }.without_bytes()),
                }));
                self.queue.pop_front().expect("INVARIANT: there are several")
            }
        }
    }

    /// Reads records for a fold as long as the quick layers can, if they are not wrapped.
    #[inline]
    pub(crate) fn stretch<'r, 'a>(&'r mut self, bytes: &'a [u8]) -> Usual<'r, 'a> {
        let plain = self.wraps.is_empty() && self.lost.is_none();
        let plain = plain && self.options.max_depth >= DEEPEST;
        let plain = plain && !self.frame.waits() && self.queue.is_empty();
        let near = if plain { &bytes[..bytes.len().min(STRETCH)] } else { &[] };
        // The end of a stretch may cut a character in two.
        let text = simdutf8::basic::from_utf8(near)
            .unwrap_or_else(|_| near.utf8_chunks().next().map_or("", |chunk| chunk.valid()));
        Usual { records: self, text, used: 0, values: Values::new() }
    }

    /// The line at the beginning of `bytes`, if its end is near.
    #[inline]
    fn candidate<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a str> {
        let near = &bytes[..bytes.len().min(LINE)];
        let end = memchr::memchr(b'\n', near);
        let line = &near[..end.unwrap_or(near.len())];
        steps::count(line.len());
        if line.len() == LINE {
            self.by_line = false;
            return None;
        }
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
            if *byte == MARK[0] && !self.frame.waits() {
                if bytes[at..].starts_with(MARK) {
                    at += MARK.len();
                    continue;
                }
                if !end && MARK.starts_with(&bytes[at..]) {
                    return (at, Next::More);
                }
            }
            let wrap = self.wraps.last().copied();
            let in_list = matches!(wrap, Some(Wrap::Array | Wrap::Page));
            let trouble = match (byte, self.last) {
                _ if !in_list => None,
                (b',', Last::Open) => Some("a comma comes before the first record of its array"),
                (b',', Last::Comma) => Some("two commas stand between two records of an array"),
                (b',' | b']' | &SEPARATOR, _) => None,
                (_, Last::Record) => Some("a comma is missing between two records of an array"),
                _ => None,
            };
            if trouble.is_some() && !std::mem::replace(&mut self.warned, true) {
                self.trouble = trouble.map(Trouble::Wrapping);
                return (at, Next::Item(()));
            }
            match (wrap, byte) {
                (_, &SEPARATOR) => {}
                (None, b'[') => {
                    self.warned = false;
                    self.open(Wrap::Array);
                }
                (None | Some(Wrap::Array | Wrap::Page), b',') => self.last = Last::Comma,
                (Some(Wrap::Array), b']') | (Some(Wrap::PageEnd), b'}') => {
                    self.wraps.pop();
                    self.last = Last::Record;
                }
                (Some(Wrap::Page), b']') => {
                    self.wraps.pop();
                    self.wraps.push(Wrap::PageEnd);
                }
                (Some(Wrap::PageEnd), b',') => {
                    let base = self.offset + at as u64 + 1;
                    let kept = self.member.take().filter(|walk| walk.base() == base);
                    let mut walk = kept.unwrap_or_else(|| Walk::member(base));
                    let most = self.options.max_bytes;
                    let room = bytes.len() - at <= most;
                    match walk.run(&bytes[at + 1..bytes.len().min(at + 1 + most)], end && room) {
                        Met::End(length) if length < most => {
                            at += 1 + length;
                            continue;
                        }
                        Met::Page(length) if length < most => {
                            self.wraps.pop();
                            self.open(Wrap::Page);
                            self.warned = true;
                            let message = "a page has two lists of records: both are read";
                            self.trouble = Some(Trouble::Wrapping(message));
                            return (at + 1 + length, Next::Item(()));
                        }
                        Met::Stopped(Stop::Short) if !end && room => {
                            self.member = Some(walk);
                            return (at, Next::More);
                        }
                        _ => return (at, Next::Item(())),
                    }
                }
                (Some(Wrap::PageEnd), b'{') => {
                    // The page is incomplete, and something else begins.
                    self.wraps.pop();
                    self.last = Last::Damage;
                    continue;
                }
                _ => return (at, Next::Item(())),
            }
            at += 1;
        }
    }

    fn open(&mut self, wrap: Wrap) {
        self.wraps.push(wrap);
        self.last = Last::Open;
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
                Next::End if self.damage.is_some() => self.trouble = self.damage.take(),
                Next::End => return (start, Next::End),
            }
            let rest = &bytes[start..];
            if let Some(trouble) = self.trouble.take() {
                let text = RecordText { trouble: Some(trouble), ..self.text(&rest[..0]) };
                return (start, Next::Item(text));
            }
            if rest.is_empty() {
                self.wraps.clear();
                return (start, Next::Item(self.text(rest)));
            }
            if self.offset <= MARK.len() as u64 && self.envelopes == 0 && !self.frame.waits() {
                let other = match format::of_stream(rest, end) {
                    Looks::Unsure => return (start, Next::More),
                    Looks::Usual => None,
                    Looks::Lines(used) => Some((used, Brackets::of_lines())),
                    Looks::Packed(used) => Some((used, Brackets::of_all())),
                };
                if let Some((used, skip)) = other {
                    self.lost = Some(skip);
                    let text = self.text(&rest[..used]);
                    self.advance(&rest[..used]);
                    return (start + used, Next::Item(text));
                }
            }
            let (options, envelopes) = (self.options, self.envelopes);
            let is_record = |bytes: &[u8]| match read_carried(bytes, &options, envelopes) {
                Carried::One(read) => read.is_ok_and(|(event, _)| event.agent().is_some()),
                Carried::Many(_) => true,
            };
            let pages = !self.wraps.contains(&Wrap::Page);
            let most = options.max_bytes;
            let (stop, last) = match self.frame.find(rest, end, self.offset, most, pages, is_record)
            {
                Found::More => return (start, Next::More),
                Found::Page(events) => {
                    self.warned &= !self.wraps.is_empty();
                    self.open(Wrap::Page);
                    self.advance(&rest[..events]);
                    let (used, next) = self.enter(&rest[events..], end);
                    (start, found) = (start + events + used, next);
                    continue;
                }
                Found::Whole(stop) => {
                    // The next one may be alone on its line again.
                    let alone = rest.get(stop) == Some(&b'\n');
                    self.by_line |= alone && memchr::memchr(b'\n', &rest[..stop]).is_none();
                    (stop, Last::Record)
                }
                Found::Broken(stop) => (stop, Last::Damage),
                Found::Endless(stop, brackets) => {
                    self.lost = Some(brackets);
                    (stop, Last::Damage)
                }
            };
            self.last = last;
            // One byte more than allowed shows that it is too large.
            let text = self.text(rest[..stop.min(most.saturating_add(1))].trim_ascii_end());
            self.advance(&rest[..stop]);
            return (start + stop, Next::Item(text));
        }
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> RecordText<'a> {
        RecordText { line: self.line, offset: self.offset, bytes, trouble: None }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
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
