//! Reads records from bytes that arrive in pieces.
//!
//! [`Stream`] owns the bytes that are not read yet: push bytes in, take records out.
//! [`Fold::read_stream`](crate::Fold::read_stream) and
//! [`Fold::apply_stream`](crate::Fold::apply_stream) apply all records that a stream holds.
//!
//! [`Records`] is the same reader without a buffer, for callers that hold the bytes themselves. Pass it
//! a window of the stream; it returns how many bytes it used. Pass the rest again with more.
//! [`Records::iter`] reads complete bytes.

use std::collections::BTreeMap;
use std::fmt;
#[cfg(feature = "io")]
use std::io;
use std::ops::Deref;
use std::sync::Arc;

use serde::Serialize;

use crate::read::Shapes;
pub use crate::read::{Iter, Next, Record, RecordText, Records, Unreadable};
use crate::{Code, Instant, Options};

#[cfg(feature = "io")]
/// How many bytes are read at a time: few enough to stay in the CPU's cache.
const CHUNK: usize = 1 << 18;

/// Reads the records of a stream of bytes that arrive in pieces, cut anywhere.
///
/// It detects the format: one object, NDJSON, objects one after another, a JSON array, or pages of the
/// Chat export. Events may be in envelopes: CloudEvents, messages of SQS, SNS, EventBridge, Kafka,
/// API Gateway, Pub/Sub, Kinesis or Firehose. The stream holds the bytes that are not read yet:
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
    buffer: Buffer,
    /// Where the unread bytes begin in the buffer.
    start: usize,
    /// Where they end.
    filled: usize,
    ended: bool,
    finished: bool,
}

/// Where the bytes of a stream are.
#[derive(Clone)]
enum Buffer {
    Own(Vec<u8>),
    Lent(Arc<dyn AsRef<[u8]> + Send + Sync>),
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Buffer::Own(bytes) => bytes,
            Buffer::Lent(bytes) => (**bytes).as_ref(),
        }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
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
            buffer: Buffer::Own(Vec::new()),
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

    /// Lends bytes to a stream that has none, which are read where they are. Call [`Stream::fill`] to
    /// say how many of them may be read now.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let mut fold = Fold::new();
    /// let mut stream = fold.stream();
    /// stream.lend(b"{}\n{}");
    /// stream.fill(3);
    /// assert_eq!(fold.read_stream(&mut stream, |_| {}).unreadable, 1);
    /// stream.fill(2);
    /// stream.end();
    /// assert_eq!(fold.read_stream(&mut stream, |_| {}).unreadable, 1);
    /// ```
    ///
    /// # Panics
    /// If the stream has bytes that are not read yet.
    pub fn lend(&mut self, bytes: impl AsRef<[u8]> + Send + Sync + 'static) {
        assert!(self.start == self.filled, "the stream has bytes of its own");
        self.buffer = Buffer::Lent(Arc::new(bytes));
        (self.start, self.filled) = (0, 0);
    }

    /// Returns room for at least `least` more bytes. To avoid a copy, write the next bytes there and
    /// call [`Stream::fill`].
    pub fn room(&mut self, least: usize) -> &mut [u8] {
        if let Buffer::Lent(lent) = &self.buffer {
            let unread = (**lent).as_ref()[self.start..self.filled].to_vec();
            (self.start, self.filled) = (0, unread.len());
            self.buffer = Buffer::Own(unread);
        }
        let Buffer::Own(buffer) = &mut self.buffer else {
            unreachable!("INVARIANT: what was lent is a copy now");
        };
        if buffer.len() - self.filled < least {
            buffer.copy_within(self.start..self.filled, 0);
            (self.start, self.filled) = (0, self.filled - self.start);
            let needed = self.filled + least;
            if buffer.len() < needed {
                // Doubled, so that a large record is not moved many times.
                buffer.resize(needed.max(2 * self.filled), 0);
            }
        }
        &mut buffer[self.filled..]
    }

    /// Adds the first `count` bytes of [`Stream::room`], or the next ones that were lent, to the stream.
    ///
    /// # Panics
    /// If there is not that much room, or if not so many bytes are left.
    pub fn fill(&mut self, count: usize) {
        assert!(count <= self.buffer.len() - self.filled, "more bytes than there is room for");
        self.filled += count;
    }

    /// Says that no more bytes will arrive. The rest is then read as a record, complete or not.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Ends a stream whose packed bytes are damaged: how, and from which of them on. What was pushed is
    /// read. Then an [`Unreadable`] reports the damage with the code `damaged_stream`.
    ///
    /// ```
    /// use agentfold::stream::{Record, Stream};
    ///
    /// let mut stream = Stream::default();
    /// stream.end_damaged("the gzip data breaks off", 812);
    /// let Some(Record::Unreadable(bad)) = stream.next() else { panic!("damage") };
    /// assert_eq!(bad.issues[0].code.as_str(), "damaged_stream");
    /// assert!(stream.next().is_none() && stream.is_finished());
    /// ```
    pub fn end_damaged(&mut self, words: &'static str, at: u64) {
        self.records.note_damage(words, at);
        self.end();
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
        if let Buffer::Lent(_) = self.buffer {
            self.buffer = Buffer::Own(Vec::new());
        }
        (self.start, self.filled) = (0, 0);
        (self.ended, self.finished) = (false, false);
    }

    /// Exchanges what is known of how the records are spelled.
    pub(crate) fn exchange_shapes(&mut self, shapes: &mut Shapes) {
        self.records.exchange_shapes(shapes);
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

/// How many records could not be read, by the code of their first issue; in data, an object.
///
/// It helps to keep a list of them bounded: [`UnreadableCodes::add`] says which are among the first of
/// their code.
///
/// ```
/// use agentfold::Fold;
/// use agentfold::stream::UnreadableCodes;
///
/// let (mut codes, mut kept) = (UnreadableCodes::default(), 0);
/// Fold::new().read(&b"{}\n".repeat(2_000), |bad| kept += u64::from(codes.add(&bad)));
/// assert_eq!(kept, UnreadableCodes::KEPT);
/// assert_eq!(serde_json::to_string(&codes)?, r#"{"missing_field":2000}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UnreadableCodes(BTreeMap<Code, u64>);

impl UnreadableCodes {
    /// How many records of each code a list should keep.
    pub const KEPT: u64 = 1_000;

    /// Counts a record, and returns whether it is among the first of its code.
    pub fn add(&mut self, bad: &Unreadable<'_>) -> bool {
        let count = self.0.entry(bad.issues.first().code).or_default();
        *count += 1;
        *count <= UnreadableCodes::KEPT
    }

    /// Adds the counts of other streams.
    pub fn merge(&mut self, other: &UnreadableCodes) {
        for (code, count) in &other.0 {
            *self.0.entry(*code).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All records that have arrived, printed.
    fn taken(stream: &mut Stream) -> Vec<String> {
        std::iter::from_fn(|| stream.next().map(|record| format!("{record:?}"))).collect()
    }

    proptest! {
        #[test]
        fn lent_bytes_are_read_as_pushed_ones(
            text in r#"([{}\[\],\n]|\{"a":[0-9]\}\n?){0,9}"#, first in 0_usize..30, more in r"(\{\}\n?){0,3}",
        ) {
            let first = first.min(text.len());
            let (mut lent, mut pushed) = (Stream::default(), Stream::default());
            lent.lend(text.clone());
            for part in [&text[..first], &text[first..]] {
                lent.fill(part.len());
                pushed.push(part.as_bytes());
                prop_assert_eq!(taken(&mut lent), taken(&mut pushed));
            }
            // What is left of lent bytes is copied once others follow them.
            for stream in [&mut lent, &mut pushed] {
                stream.push(more.as_bytes());
                stream.end();
            }
            prop_assert_eq!(taken(&mut lent), taken(&mut pushed));
            prop_assert!(lent.is_finished());
        }
    }
}
