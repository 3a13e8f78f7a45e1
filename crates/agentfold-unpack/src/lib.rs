//! Decompresses a stream that may be gzip, zstd or neither.
//!
//! The first bytes of the stream decide. The command and the packages for Python and JavaScript use this
//! crate, since the core reads neither files nor packed bytes.
//!
//! Damage loses nothing that comes before it: all bytes that can be unpacked are returned, and then
//! [`Damage`] says what is wrong, and where.
//!
//! ```
//! use std::io::Read;
//!
//! use agentfold_unpack::{Damage, Unpacked};
//!
//! let packed = zstd::encode_all(&b"{}"[..], 3)?;
//! let mut text = String::new();
//! Unpacked::new(&packed[..]).read_to_string(&mut text)?;
//! Unpacked::new(&b"\n{}"[..]).read_to_string(&mut text)?;
//! assert_eq!(text, "{}\n{}");
//!
//! let damaged = [&packed[..], b"more"].concat();
//! let mut bytes = Vec::new();
//! let error = Unpacked::new(&damaged[..]).read_to_end(&mut bytes).expect_err("trailing bytes");
//! let at = Damage::of(&error).map(|damage| damage.at);
//! assert_eq!((&bytes[..], at), (&b"{}"[..], Some(packed.len() as u64)));
//! # Ok::<(), std::io::Error>(())
//! ```

mod gzip;
#[cfg(feature = "zstd")]
mod zstandard;

use std::fmt;
use std::io::{self, Read};
use std::ops::Range;

use self::gzip::Gzip;
#[cfg(feature = "zstd")]
use self::zstandard::Zstandard;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// How many packed bytes are read at a time.
const CHUNK: usize = 1 << 16;

/// Where packed bytes are damaged, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// What is wrong, in words.
    pub words: &'static str,
    /// How many packed bytes were read until it showed.
    pub at: u64,
}

impl Damage {
    /// The damage that an error of [`Unpacked`] stands for; `None` for any other error.
    pub fn of(error: &io::Error) -> Option<Damage> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.words, self.at)
    }
}

impl std::error::Error for Damage {}

/// Unpacks bytes that arrive in pieces.
///
/// ```
/// use agentfold_unpack::Unpacker;
///
/// let mut unpacker = Unpacker::new();
/// let mut text = Vec::new();
/// unpacker.push(b"not pa", |bytes| text.extend_from_slice(bytes))?;
/// unpacker.push(b"cked", |bytes| text.extend_from_slice(bytes))?;
/// unpacker.end(|bytes| text.extend_from_slice(bytes))?;
/// assert_eq!(text, b"not packed");
/// # Ok::<(), agentfold_unpack::Damage>(())
/// ```
pub struct Unpacker {
    packed: Packed,
    /// The first bytes, which decide, and how many of them were unpacked.
    head: Vec<u8>,
    passed: usize,
    at: u64,
}

enum Packed {
    Unknown,
    Not,
    Gzip(Box<Gzip>),
    #[cfg(feature = "zstd")]
    Zstd(Box<Zstandard>),
}

/// How many bytes were used, and how many written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    used: usize,
    written: usize,
}

impl Default for Unpacker {
    fn default() -> Unpacker {
        Unpacker::new()
    }
}

impl Unpacker {
    /// Creates an unpacker at the beginning of a stream.
    pub fn new() -> Unpacker {
        Unpacker { packed: Packed::Unknown, head: Vec::new(), passed: 0, at: 0 }
    }

    /// Unpacks the next bytes, and passes the unpacked ones to `take`, a part at a time.
    ///
    /// # Errors
    /// They are damaged. What comes before was passed on.
    pub fn push(&mut self, packed: &[u8], take: impl FnMut(&[u8])) -> Result<(), Damage> {
        self.unpack(packed, false, take)
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// The packed bytes break off.
    pub fn end(&mut self, take: impl FnMut(&[u8])) -> Result<(), Damage> {
        self.unpack(&[], true, take)
    }

    /// Returns true if the stream is known to be packed.
    pub fn is_packed(&self) -> bool {
        !matches!(self.packed, Packed::Unknown | Packed::Not)
    }

    fn unpack(
        &mut self,
        mut bytes: &[u8],
        end: bool,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), Damage> {
        let mut room = vec![0; CHUNK];
        loop {
            let step = self.step(bytes, end, &mut room)?;
            take(&room[..step.written]);
            bytes = &bytes[step.used..];
            if step == (Step { used: 0, written: 0 }) {
                return Ok(());
            }
        }
    }

    /// Unpacks some of `input` to `output`. Nothing is used or written if more input is needed, or at the
    /// end.
    fn step(&mut self, input: &[u8], end: bool, output: &mut [u8]) -> Result<Step, Damage> {
        let mut used = 0;
        while matches!(self.packed, Packed::Unknown) {
            match input.get(used) {
                Some(byte) => self.head.push(*byte),
                None if !end => return Ok(Step { used, written: 0 }),
                None => {}
            }
            used += usize::from(used < input.len());
            if !may_be_packed(&self.head) || used == input.len() && end {
                self.packed = Packed::of(&self.head).map_err(|words| Damage { words, at: 0 })?;
            }
        }
        let is_head = self.passed < self.head.len();
        let bytes = if is_head { &self.head[self.passed..] } else { &input[used..] };
        let step = match &mut self.packed {
            Packed::Unknown | Packed::Not => {
                let count = bytes.len().min(output.len());
                output[..count].copy_from_slice(&bytes[..count]);
                Ok(Step { used: count, written: count })
            }
            Packed::Gzip(gzip) => gzip.run(bytes, output),
            #[cfg(feature = "zstd")]
            Packed::Zstd(zstd) => zstd.run(bytes, output),
        };
        let step = step.map_err(|words| Damage { words, at: self.at })?;
        self.at += step.used as u64;
        match is_head {
            true => self.passed += step.used,
            false => used += step.used,
        }
        if end && !is_head && used == 0 && step.written == 0 {
            self.packed.end().map_err(|words| Damage { words, at: self.at })?;
        }
        match is_head && used == 0 && step.written == 0 {
            // The head was used: go on with the input.
            true => self.step(input, end, output),
            false => Ok(Step { used, written: step.written }),
        }
    }
}

impl Packed {
    fn of(head: &[u8]) -> Result<Packed, &'static str> {
        Ok(match head {
            _ if is_gzip(head) => Packed::Gzip(Box::new(Gzip::new())),
            #[cfg(feature = "zstd")]
            _ if is_zstd(head) => Packed::Zstd(Box::new(Zstandard::new()?)),
            _ => Packed::Not,
        })
    }

    /// Whether the stream may end here.
    fn end(&self) -> Result<(), &'static str> {
        match self {
            Packed::Unknown | Packed::Not => Ok(()),
            Packed::Gzip(gzip) => gzip.end(),
            #[cfg(feature = "zstd")]
            Packed::Zstd(zstd) => zstd.end(),
        }
    }
}

/// Reads the decompressed bytes of a stream. Concatenated compressed streams are supported.
///
/// After the last byte that can be unpacked, reading fails with an error of which [`Damage::of`] tells
/// where the damage is, or returns 0 at the end.
pub struct Unpacked<R: Read> {
    stream: R,
    unpacker: Unpacker,
    /// Packed bytes, and which of them are not used yet.
    chunk: Vec<u8>,
    unused: Range<usize>,
    ended: bool,
    done: bool,
}

impl<R: Read> Unpacked<R> {
    /// Unpacks a stream. Its first bytes decide how.
    pub fn new(stream: R) -> Unpacked<R> {
        Unpacked {
            stream,
            unpacker: Unpacker::new(),
            chunk: Vec::new(),
            unused: 0..0,
            ended: false,
            done: false,
        }
    }

    /// Reads the first bytes of the stream, so that a stream that can't be read is noticed early.
    ///
    /// # Errors
    /// The stream can't be read.
    pub fn begin(&mut self) -> io::Result<()> {
        if self.chunk.is_empty() {
            self.fill()?;
        }
        Ok(())
    }

    /// Returns true if the stream is known to be gzip or zstd.
    pub fn is_packed(&self) -> bool {
        self.unpacker.is_packed()
    }

    fn fill(&mut self) -> io::Result<()> {
        self.chunk.resize(CHUNK, 0);
        let count = self.stream.read(&mut self.chunk)?;
        (self.unused, self.ended) = (0..count, count == 0);
        Ok(())
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.done && !buffer.is_empty() {
            let step = self.unpacker.step(&self.chunk[self.unused.clone()], self.ended, buffer);
            let step = step.map_err(|damage| {
                self.done = true;
                io::Error::new(io::ErrorKind::InvalidData, damage)
            })?;
            self.unused.start += step.used;
            if step.written > 0 {
                return Ok(step.written);
            }
            if step.used > 0 {
                continue;
            }
            if self.ended {
                self.done = true;
                break;
            }
            // What is not packed is not copied.
            if matches!(self.unpacker.packed, Packed::Not) {
                return self.stream.read(buffer);
            }
            self.fill()?;
        }
        Ok(0)
    }
}

/// Returns true if bytes begin like gzip or zstd.
pub fn is_packed(bytes: &[u8]) -> bool {
    is_gzip(bytes) || is_zstd(bytes)
}

/// Whether more bytes are needed to tell.
fn may_be_packed(bytes: &[u8]) -> bool {
    match bytes {
        [] | [0x1f] => true,
        [0x28 | 0x50..=0x5f, ..] => bytes.len() < 4,
        _ => false,
    }
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Whether bytes begin with a zstd frame or a skippable frame (RFC 8878).
fn is_zstd(bytes: &[u8]) -> bool {
    matches!(bytes, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concatenated_streams_are_decompressed_as_one() {
        let gzip = |bytes: &[u8]| {
            let mut packed = Vec::new();
            flate2::read::GzEncoder::new(bytes, flate2::Compression::fast())
                .read_to_end(&mut packed)
                .expect("in memory");
            packed
        };
        let zstd = |bytes: &[u8]| zstd::encode_all(bytes, 1).expect("in memory");
        for parts in [[gzip(b"one "), gzip(b"two")], [zstd(b"one "), zstd(b"two")]] {
            let packed = parts.concat();
            assert!(is_packed(&packed));
            let mut unpacked = Unpacked::new(&packed[..]);
            let mut text = String::new();
            unpacked.read_to_string(&mut text).expect("a text");
            assert_eq!(text, "one two");
            let mut half = Unpacked::new(&packed[..packed.len() - 3]);
            assert!(half.read_to_end(&mut Vec::new()).is_err());
        }
    }

    /// What is read of bytes in chunks of a size, and where they are damaged.
    fn unpacked(packed: &[u8], size: usize) -> (Vec<u8>, Option<u64>) {
        let (mut unpacker, mut text) = (Unpacker::new(), Vec::new());
        let mut take = |bytes: &[u8]| text.extend_from_slice(bytes);
        let mut pushed = packed.chunks(size).try_for_each(|part| unpacker.push(part, &mut take));
        pushed = pushed.and_then(|()| unpacker.end(&mut take));
        let mut read = Vec::new();
        let error = Unpacked::new(packed).read_to_end(&mut read).err();
        let damage = error.map(|error| Damage::of(&error).expect("damage"));
        assert_eq!((&read, damage), (&text, pushed.err()));
        (text, damage.map(|damage| damage.at))
    }

    #[test]
    fn damage_costs_nothing_that_comes_before_it() {
        let text: Vec<u8> =
            (0..30_000).flat_map(|i: u32| format!("{}\n", i * i).into_bytes()).collect();
        let mut gzip = Vec::new();
        let fast = flate2::Compression::fast();
        flate2::read::GzEncoder::new(&text[..], fast).read_to_end(&mut gzip).expect("in memory");
        let zstd = zstd::encode_all(&text[..], 1).expect("in memory");
        for packed in [gzip, zstd] {
            for size in [1, 7, usize::MAX] {
                let whole = packed.len() as u64;
                let padded = [&packed[..], &[0; 512]].concat();
                assert_eq!(unpacked(&padded, size), (text.clone(), None));
                let twice = [&padded[..], &packed[..], &[0; 3]].concat();
                assert_eq!(unpacked(&twice, size), (text.repeat(2), None));
                let garbage = [&packed[..], b"garbage"].concat();
                let (read, at) = unpacked(&garbage, size);
                assert!(
                    read == text && at.is_some_and(|at| at >= whole && at < whole + 7),
                    "{at:?}"
                );
                // Compression holds back a block at most.
                let (read, at) = unpacked(&packed[..packed.len() - 9], size);
                assert!(text.starts_with(&read) && read.len() + (1 << 17) >= text.len());
                assert_eq!(at, Some(whole - 9));
                if is_zstd(&packed) {
                    continue;
                }
                let mut flipped = packed.clone();
                flipped[packed.len() - 1] ^= 1;
                let (read, at) = unpacked(&flipped, size);
                assert!(read == text && at > Some(whole - 9), "{at:?}");
            }
        }
    }

    #[test]
    fn bytes_that_only_begin_similarly_are_not_changed() {
        for plain in [&b""[..], b"\x1f", b"\x1f{", b"(", b"(\xb5/{}", b"P*M", b"{}"] {
            let mut unpacked = Unpacked::new(plain);
            assert!(!unpacked.is_packed() && !is_packed(plain));
            let mut bytes = Vec::new();
            unpacked.read_to_end(&mut bytes).expect("in memory");
            assert_eq!(bytes, plain);
        }
    }
}
