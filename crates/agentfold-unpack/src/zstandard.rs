//! [`Zstandard`]: unpacks zstd (RFC 8878), frame by frame.

use zstd::stream::raw::{Decoder, Operation};

use crate::Step;

const TRAILING: &str = "the bytes after a zstd frame are no zstd";

/// How many bytes are passed at a time, so that little is lost where they are damaged.
const PIECE: usize = 1 << 12;

/// Unpacks zstd. Zeros after a frame are padding.
pub(crate) struct Zstandard {
    decoder: Decoder<'static>,
    /// The first bytes between frames, up to four.
    head: Vec<u8>,
    /// Where the head is passed on from.
    passed: usize,
    within: bool,
    /// Whether bytes follow that are no zstd.
    failed: bool,
}

impl Zstandard {
    pub(crate) fn new() -> Result<Zstandard, &'static str> {
        let decoder = Decoder::new().map_err(|_| "there is no memory for zstd")?;
        Ok(Zstandard { decoder, head: Vec::new(), passed: 0, within: false, failed: false })
    }

    /// Unpacks some of `input` to `output`.
    pub(crate) fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, &'static str> {
        let mut used = 0;
        while !self.within && !self.failed {
            let Some(byte) = input.get(used) else {
                return Ok(Step { used, written: 0 });
            };
            if *byte == 0 && self.head.is_empty() {
                used += 1;
                continue;
            }
            self.head.push(*byte);
            if !may_be_zstd(&self.head) {
                self.head.clear();
                self.failed = true;
                break;
            }
            used += 1;
            if self.head.len() == 4 {
                (self.within, self.passed) = (true, 0);
            }
        }
        match self.failed {
            true if used > 0 => return Ok(Step { used, written: 0 }),
            true => return Err(TRAILING),
            false => {}
        }
        let is_head = self.passed < self.head.len();
        let piece = match is_head {
            true => &self.head[self.passed..],
            false => &input[used..input.len().min(used + PIECE)],
        };
        let status = self.decoder.run_on_buffers(piece, output);
        let status = status.map_err(|_| "the zstd data is damaged")?;
        match is_head {
            true => self.passed += status.bytes_read,
            false => used += status.bytes_read,
        }
        if status.remaining == 0 {
            self.within = false;
            self.head.clear();
            self.decoder.reinit().map_err(|_| "the zstd data is damaged")?;
        }
        Ok(Step { used, written: status.bytes_written })
    }

    /// Whether the stream may end here.
    pub(crate) fn end(&self) -> Result<(), &'static str> {
        match self.within || !self.head.is_empty() {
            _ if self.failed => Err(TRAILING),
            true => Err("the zstd data breaks off"),
            false => Ok(()),
        }
    }
}

/// Whether bytes, up to four, are the first of a frame or of a skippable frame.
fn may_be_zstd(bytes: &[u8]) -> bool {
    let is_skippable =
        matches!(bytes, [0x50..=0x5f, rest @ ..] if b"\x2a\x4d\x18".starts_with(rest));
    is_skippable || b"\x28\xb5\x2f\xfd".starts_with(bytes)
}
