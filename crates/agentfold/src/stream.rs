//! Reading records from bytes that arrive in pieces.
//!
//! [`Stream`] owns the bytes that are not read yet: push bytes in, take records out. A fold takes in
//! all that a stream holds by [`Fold::read_stream`](crate::Fold::read_stream) and
//! [`Fold::apply_stream`](crate::Fold::apply_stream).
//!
//! [`Records`] is the same reader without a buffer, for callers that hold the bytes themselves: it is
//! shown a window of the stream, says how many of its bytes it used, and is shown the rest again.
//! [`Records::iter`] reads bytes that are all there.

#[cfg(feature = "io")]
use std::io;

use crate::Options;
pub use crate::read::{Iter, Next, Record, RecordText, Records, Unreadable};

#[cfg(feature = "io")]
/// How many bytes are made room for at a time: few enough to be in a cache when they are read.
const CHUNK: usize = 1 << 18;

/// Reads the records of a stream of bytes that arrive in pieces, cut anywhere.
///
/// Whatever the records are wrapped in is told apart by looking: one object, NDJSON, objects one
/// after another, a JSON array, or pages of the Chat export; events may be wrapped in CloudEvents.
/// The stream holds the bytes that are not read yet: at most one record that is not whole, no larger
/// than `max_bytes`, and what was pushed since.
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
    /// What is not read yet begins here in the buffer.
    start: usize,
    /// And ends here.
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
    /// A stream of which no byte has arrived.
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

    /// Adds the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.room(bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.fill(bytes.len());
    }

    /// Room for at least so many of the next bytes, for a caller that writes them there itself and
    /// then calls [`Stream::fill`]: without a copy.
    pub fn room(&mut self, least: usize) -> &mut [u8] {
        if self.buffer.len() - self.filled < least {
            self.buffer.copy_within(self.start..self.filled, 0);
            (self.start, self.filled) = (0, self.filled - self.start);
            let needed = self.filled + least;
            if self.buffer.len() < needed {
                // Doubled, so that a large record is not moved again and again.
                self.buffer.resize(needed.max(2 * self.filled), 0);
            }
        }
        &mut self.buffer[self.filled..]
    }

    /// Says that the first `count` bytes of [`Stream::room`] are the next bytes of the stream.
    ///
    /// # Panics
    /// If there is not that much room.
    pub fn fill(&mut self, count: usize) {
        assert!(count <= self.buffer.len() - self.filled, "more bytes than there is room for");
        self.filled += count;
    }

    /// Says that no more bytes will arrive. What is left is a record, whole or not.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Reads the next bytes from `reader`, once, and returns how many they were; 0 is the end of the
    /// stream.
    ///
    /// # Errors
    /// What `reader` answers, [`Interrupted`](io::ErrorKind::Interrupted) too: nothing is lost, so the
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

    /// Begins another stream, and keeps the memory.
    pub fn restart(&mut self) {
        self.records = Records::new(&self.options);
        (self.start, self.filled) = (0, 0);
        (self.ended, self.finished) = (false, false);
    }

    /// Hands over the window of bytes that are not read yet, and steps over those that were used.
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
