//! Streams of bytes that may be packed.

use agentfold::stream::Stream;
use agentfold::{Instant, Options};
use agentfold_unpack::{Damage, Unpacker};

/// A stream of bytes, plain or packed, that arrives in chunks of any size.
pub(crate) struct PackedStream {
    stream: Stream,
    unpacker: Unpacker,
    /// Whether the packed bytes are damaged, so that the rest is dropped.
    is_damaged: bool,
}

impl PackedStream {
    pub(crate) fn new(options: &Options) -> PackedStream {
        PackedStream { stream: Stream::new(options), unpacker: Unpacker::new(), is_damaged: false }
    }

    pub(crate) fn options(&self) -> &Options {
        self.stream.options()
    }

    /// Adds a chunk. Calls `take` whenever records may be complete, so that few unpacked bytes are held.
    pub(crate) fn push(&mut self, chunk: &[u8], now: Instant, mut take: impl FnMut(&mut Stream)) {
        self.unpack(now, &mut take, |unpacker, pass| unpacker.push(chunk, pass));
        take(&mut self.stream);
    }

    /// Ends the stream, and begins another one.
    pub(crate) fn end(&mut self, now: Instant, mut take: impl FnMut(&mut Stream)) {
        self.unpack(now, &mut take, |unpacker, pass| unpacker.end(pass));
        self.stream.end();
        take(&mut self.stream);
        self.stream.restart();
        (self.unpacker, self.is_damaged) = (Unpacker::new(), false);
    }

    /// Unpacks bytes, unless those before were damaged.
    fn unpack(
        &mut self,
        now: Instant,
        take: &mut dyn FnMut(&mut Stream),
        unpack: impl FnOnce(&mut Unpacker, &mut dyn FnMut(&[u8])) -> Result<(), Damage>,
    ) {
        let PackedStream { stream, unpacker, is_damaged } = self;
        stream.set_now(now);
        if *is_damaged {
            return;
        }
        let unpacked = unpack(unpacker, &mut |bytes| {
            stream.push(bytes);
            take(stream);
        });
        if let Err(Damage { words, at }) = unpacked {
            stream.end_damaged(words, at);
            *is_damaged = true;
        }
    }
}
