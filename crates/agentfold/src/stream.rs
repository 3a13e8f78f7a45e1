//! Reads records from bytes that arrive in pieces.
//!
//! [`Stream`] owns the bytes that are not read yet: push bytes in, take records out.
//! [`Fold::read_stream`](crate::Fold::read_stream) and
//! [`Fold::apply_stream`](crate::Fold::apply_stream) apply all records that a stream holds.
//!
//! [`Records`] is the same reader without a buffer, for callers that hold the bytes themselves. Pass it
//! a window of the stream; it returns how many bytes it used. Pass the rest again with more.
//! [`Records::iter`] reads complete bytes.

#[cfg(feature = "io")]
use std::io;

pub use crate::read::{Iter, Next, Record, RecordText, Records, Unreadable};
use crate::{Instant, Options};

#[cfg(feature = "io")]
/// How many bytes are read at a time: few enough to stay in the CPU's cache.
const CHUNK: usize = 1 << 18;

/// Reads the records of a stream of bytes that arrive in pieces, cut anywhere.
///
/// It detects the format: one object, NDJSON, objects one after another, a JSON array, or pages of the
/// Chat export. Events may be wrapped in CloudEvents. The stream holds the bytes that are not read yet:
/// at most one incomplete record, no larger than `max_bytes`, and what was pushed since.
///
/// ```
/// use agentfold::stream::{Record, Stream};
///
/// let status = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
/// let mut stream = Stream::default();
/// stream.push(&status[..40]);
/// assert_eq!(stream.next(), None);
/// stream.push(&status[40..]);
/// assert!(matches!(stream.next(), Some(Record::Event(_))));
///
/// stream.push(b"{");
/// stream.end();
/// let Some(Record::Unreadable(bad)) = stream.next() else { panic!("half a record") };
/// assert_eq!((bad.text.line, bad.issues[0].code.as_str()), (2, "not_json"));
/// assert!(stream.next().is_none() && stream.is_finished());
/// ```
#[derive(Debug, Clone)]
pub struct Stream {
    options: Options,
    records: Records,
    buffer: Vec<u8>,
    /// Where the unread bytes begin in the buffer.
    start: usize,
    /// Where they end.
    filled: usize,
    ended: bool,
    finished: bool,
}

impl Default for Stream {
    fn default() -> Stream {
        Stream::new(&Options::default())
    }
}

impl Stream {
    /// Creates a stream without bytes.
    pub fn new(options: &Options) -> Stream {
        Stream {
            options: *options,
            records: Records::new(options),
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            ended: false,
            finished: false,
        }
    }

    /// How records are read.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Sets the clock of [`Options::now`] for the records that are read from now on.
    pub fn set_now(&mut self, now: Instant) {
        self.options.now = Some(now);
        self.records.set_now(now);
    }

    /// Adds the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.fill(bytes.len());
    }

    /// Returns room for at least `least` more bytes. To avoid a copy, write the next bytes there and
    /// call [`Stream::fill`].
    pub fn room(&mut self, least: usize) -> &mut [u8] {
        if self.buffer.len() - self.filled < least {
            self.buffer.copy_within(self.start..self.filled, 0);
            (self.start, self.filled) = (0, self.filled - self.start);
            let needed = self.filled + least;
            if self.buffer.len() < needed {
                // Doubled, so that a large record is not moved many times.
                self.buffer.resize(needed.max(2 * self.filled), 0);
            }
        }
        &mut self.buffer[self.filled..]
    }

    /// Adds the first `count` bytes of [`Stream::room`] to the stream.
    ///
    /// # Panics
    /// If there is not that much room.
    pub fn fill(&mut self, count: usize) {
        assert!(count <= self.buffer.len() - self.filled, "more bytes than there is room for");
        self.filled += count;
    }

    /// Says that no more bytes will arrive. The rest is then read as a record, complete or not.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Reads once from `reader`, and returns how many bytes it gave. 0 ends the stream.
    ///
    /// # Errors
    /// The error of `reader`, [`Interrupted`](io::ErrorKind::Interrupted) too. Nothing is lost, so the
    /// caller can read again.
    #[cfg(feature = "io")]
    pub fn read_from(&mut self, reader: &mut (impl io::Read + ?Sized)) -> io::Result<usize> {
        let count = reader.read(self.room(CHUNK))?;
        self.fill(count);
        self.ended |= count == 0;
        Ok(count)
    }

    /// The next record, if all of it has arrived.
    #[expect(clippy::should_implement_trait, reason = "the record borrows from the stream")]
    pub fn next(&mut self) -> Option<Record<'_>> {
        let (used, next) = self.records.next(&self.buffer[self.start..self.filled], self.ended);
        self.start += used;
        self.finished |= matches!(next, Next::End);
        next.item()
    }

    /// The next record without reading it, if all of it has arrived.
    pub fn next_text(&mut self) -> Option<RecordText<'_>> {
        let bytes = &self.buffer[self.start..self.filled];
        let (used, next) = self.records.next_text(bytes, self.ended);
        self.start += used;
        self.finished |= matches!(next, Next::End);
        next.item()
    }

    /// Whether the stream has ended and every record was taken.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// The line that is being read, from 1: one more than the line breaks before it.
    pub fn line(&self) -> u64 {
        self.records.line()
    }

    /// Starts another stream, and keeps the buffer's memory.
    pub fn restart(&mut self) {
        self.records = Records::new(&self.options);
        (self.start, self.filled) = (0, 0);
        (self.ended, self.finished) = (false, false);
    }

    /// Passes the unread bytes to `read`, and steps over those that it used.
    #[inline]
    pub(crate) fn window(
        &mut self,
        read: impl FnOnce(&mut Records, &[u8], bool) -> (usize, Next<()>),
    ) {
        let bytes = &self.buffer[self.start..self.filled];
        let (used, next) = read(&mut self.records, bytes, self.ended);
        self.start += used;
        self.finished |= matches!(next, Next::End);
    }
}
