//! [`Frame`]: finds where one record of a stream ends, also a damaged one.

use super::json::{Stop, is_space};
use super::walk::{Met, Walk, skip_value};
use crate::steps;

/// What separates records in a JSON text sequence (RFC 7464).
pub(crate) const SEPARATOR: u8 = 0x1e;

/// The byte order mark, which stands at the beginning of each of several joined files.
pub(crate) const MARK: &[u8] = b"\xef\xbb\xbf";

/// How far a torn word or escape reaches past the byte that shows it.
const TOKEN: usize = 6;

/// What was looked at of the record that is being read. No byte is looked at more than a few times,
/// however the bytes are cut.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    walk: Walk,
    /// Where the record stops being JSON.
    broken: Option<usize>,
    brackets: Brackets,
    /// Where to go on with the brackets.
    looked: usize,
    /// Where the next line that begins an object is in the stream, and how far it was looked for.
    line: Option<u64>,
    lined: u64,
    /// A record that may begin within the broken one.
    next: Option<Walk>,
    /// Up to this place in the stream, no record begins within a broken one.
    searched: u64,
    /// Whether more bytes of the record are needed.
    waits: bool,
}

/// Where a record ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// It is JSON, and ends here.
    Whole(usize),
    /// It is not JSON or too large, and ends here.
    Broken(usize),
    /// It is too large, and its end is not in sight: go on here with its brackets.
    Endless(usize, Brackets),
    /// It is a page, whose records begin here.
    Page(usize),
    /// More bytes are needed.
    More,
}

impl Frame {
    /// Whether more bytes of the record are needed.
    #[inline]
    pub(crate) fn waits(&self) -> bool {
        self.waits
    }

    /// Finds the end of the record that begins with `bytes`, at `offset` in the stream. A record has at
    /// most `most` bytes. `is_record` tells whether bytes are a record.
    pub(crate) fn find(
        &mut self,
        bytes: &[u8],
        end: bool,
        offset: u64,
        most: usize,
        pages: bool,
        is_record: impl Fn(&[u8]) -> bool,
    ) -> Found {
        if !self.waits {
            self.begin(offset, pages);
        }
        let found = self.look(bytes, end, most, is_record);
        self.waits = found == Found::More;
        found
    }

    fn begin(&mut self, offset: u64, pages: bool) {
        // A record within the broken one before was followed already.
        if self.broken.is_none() || !self.walk.narrow(offset, pages) {
            self.walk.restart(offset, pages);
        }
        (self.broken, self.next) = (None, None);
        (self.brackets, self.looked) = (Brackets::default(), 0);
    }

    fn look(
        &mut self,
        bytes: &[u8],
        end: bool,
        most: usize,
        is_record: impl Fn(&[u8]) -> bool,
    ) -> Found {
        let window = &bytes[..bytes.len().min(most.saturating_add(1))];
        let room = bytes.len() <= most;
        let more = room && !end;
        let broken = match self.broken {
            Some(broken) => broken,
            None => match self.walk.run(window, end && room) {
                Met::End(stop) if stop <= most => return Found::Whole(stop),
                Met::Page(events) if events <= most => return Found::Page(events),
                Met::Stopped(Stop::Short) if more => return Found::More,
                Met::Stopped(Stop::Broken(broken)) => broken,
                _ => window.len(),
            },
        };
        self.broken = Some(broken);
        let line = self.next_line(bytes);
        if let Some(stop) = line.filter(|line| broken > line + TOKEN) {
            return Found::Broken(stop);
        }
        // The next line is a record of its own, whatever comes before it.
        let (window, more) =
            line.map_or((window, more), |line| (&window[..line.min(window.len())], false));
        if self.walk.base() >= self.searched {
            match self.record_within(window, broken.min(window.len()), more, is_record) {
                Ok(record) => return Found::Broken(record),
                Err(Stop::Short) => return Found::More,
                Err(Stop::Broken(seen)) => {
                    self.searched = self.walk.base() + seen as u64 + 1;
                }
            }
        }
        match self.brackets.end_of_broken(bytes, self.looked) {
            Ok(stop) => return Found::Broken(stop),
            Err(keep) => self.looked = keep,
        }
        match end {
            true => Found::Broken(bytes.len()),
            false if room => Found::More,
            false => Found::Endless(self.looked, std::mem::take(&mut self.brackets)),
        }
    }

    /// Where the record ends at the latest: before the next line that begins an object.
    fn next_line(&mut self, bytes: &[u8]) -> Option<usize> {
        let base = self.walk.base();
        if let Some(line) = self.line.filter(|line| *line > base) {
            return Some((line - base) as usize);
        }
        let mut at = self.lined.saturating_sub(base) as usize;
        loop {
            let rest = bytes.get(at..)?;
            let found = memchr::memchr2(b'\n', SEPARATOR, rest);
            steps::count(found.unwrap_or(rest.len()));
            at += found.unwrap_or(rest.len());
            self.lined = base + at as u64;
            match *bytes.get(at)? {
                SEPARATOR if at == 0 => {}
                SEPARATOR => break,
                _ if begins(bytes, at)? => break,
                _ => {}
            }
            at += 1;
        }
        self.line = Some(base + at as u64);
        Some(at)
    }

    /// Where a whole record begins within a broken one, which was cut off there.
    ///
    /// # Errors
    /// `Short` if more bytes are needed; `Broken` with the end of the search if there is none.
    fn record_within(
        &mut self,
        window: &[u8],
        broken: usize,
        more: bool,
        is_record: impl Fn(&[u8]) -> bool,
    ) -> Result<usize, Stop> {
        let base = self.walk.base();
        let after = |walk: &Walk, broken: usize| {
            let from = (walk.base() - base) as usize;
            // Cut off before a value: the record took its place.
            let child = walk.child().map(|child| from + child);
            let child =
                child.filter(|child| window.get(*child..).is_some_and(|it| is_record(value(it))));
            if let Some(child) = child {
                return Ok(Ok(child));
            }
            let within = walk.is_within_token(window.get(broken).copied());
            if within && more && window.len() < broken + TOKEN {
                return Err(Stop::Short);
            }
            place(window, from, broken, within).map(Err).ok_or(Stop::Broken(broken))
        };
        let mut next = match self.next.take() {
            Some(next) => next,
            None => match after(&self.walk, broken)? {
                Ok(record) => return Ok(record),
                Err(place) => Walk::at(base + place as u64, true),
            },
        };
        loop {
            let from = (next.base() - base) as usize;
            let broken = match next.run(&window[from.min(window.len())..], !more) {
                Met::Page(_) => return Ok(from),
                Met::End(end) if is_record(&window[from..from + end]) => return Ok(from),
                Met::End(end) => return Err(Stop::Broken(from + end)),
                Met::Stopped(Stop::Short) if more => {
                    self.next = Some(next);
                    return Err(Stop::Short);
                }
                Met::Stopped(Stop::Short) => window.len(),
                Met::Stopped(Stop::Broken(at)) => from + at,
            };
            next = match after(&next, broken) {
                Ok(Ok(record)) => return Ok(record),
                Ok(Err(place)) => Walk::at(base + place as u64, true),
                Err(stop) => {
                    self.next = Some(next);
                    return Err(stop);
                }
            };
        }
    }
}

/// The value at the beginning of bytes.
fn value(bytes: &[u8]) -> &[u8] {
    &bytes[..skip_value(bytes, 0).unwrap_or(0)]
}

/// Where the next record may begin if the one at `from` was cut off, and stops being JSON at `broken`.
fn place(window: &[u8], from: usize, broken: usize, is_within_token: bool) -> Option<usize> {
    let near = &window[broken.min(window.len())..window.len().min(broken + TOKEN)];
    let before = window.get(from + 1..window.len().min(broken + 1)).unwrap_or_default();
    let after = memchr::memchr(b'{', near).filter(|_| is_within_token).map(|at| broken + at);
    after.or_else(|| {
        steps::count(before.len());
        memchr::memrchr(b'{', before).map(|at| from + 1 + at)
    })
}

/// The state of skipping a broken record by its brackets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Brackets {
    depth: usize,
    quoted: bool,
    escaped: bool,
    /// Whether the record's first byte was read.
    begun: bool,
    /// Whether nothing ends it but the stream.
    endless: bool,
}

impl Brackets {
    /// Brackets that never close, so that only the next line that begins an object ends the record.
    pub(crate) fn of_lines() -> Brackets {
        Brackets { depth: usize::MAX / 2, ..Brackets::default() }
    }

    /// Brackets of something that goes on to the end of the stream.
    pub(crate) fn of_all() -> Brackets {
        Brackets { endless: true, ..Brackets::default() }
    }

    /// Where a broken record ends: with its brackets, or before the next line that begins an object.
    ///
    /// # Errors
    /// If it does not end in these bytes: where to resume with more.
    pub(crate) fn end_of_broken(&mut self, bytes: &[u8], start: usize) -> Result<usize, usize> {
        let end = self.skip(bytes, start);
        steps::count(end.unwrap_or_else(|keep| keep) - start);
        end
    }

    fn skip(&mut self, bytes: &[u8], start: usize) -> Result<usize, usize> {
        if self.endless {
            return Err(bytes.len());
        }
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match byte {
                b'\n' => {
                    match begins(bytes, at) {
                        None => return Err(at),
                        Some(true) => return Ok(at),
                        Some(false) => {}
                    }
                    self.quoted = false;
                    self.escaped = false;
                }
                &SEPARATOR if self.begun => return Ok(at),
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

/// Whether an object begins after the space at `at`. `None` if the bytes end before that is known.
fn begins(bytes: &[u8], mut at: usize) -> Option<bool> {
    while bytes.get(at).is_some_and(|byte| is_space(*byte) || *byte == SEPARATOR) {
        at += 1;
    }
    let rest = &bytes[at..];
    match rest.strip_prefix(MARK).unwrap_or(rest) {
        [] => None,
        [first, ..] if MARK.starts_with(rest) && *first != b'{' => None,
        [first, ..] => Some(*first == b'{'),
    }
}
