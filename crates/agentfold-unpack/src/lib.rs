//! Decompresses a stream that may be gzip, zstd or neither.
//!
//! The first bytes of the stream decide. The command and the Python package use this crate, since
//! the core does not read files.
//!
//! ```
//! use std::io::Read;
//!
//! use agentfold_unpack::Unpacked;
//!
//! let packed = zstd::encode_all(&b"{}"[..], 3)?;
//! let mut text = String::new();
//! Unpacked::new(&packed[..])?.read_to_string(&mut text)?;
//! Unpacked::new(&b"\n{}"[..])?.read_to_string(&mut text)?;
//! assert_eq!(text, "{}\n{}");
//! # Ok::<(), std::io::Error>(())
//! ```

use std::io::{self, BufReader, Chain, Cursor, Read};

use flate2::read::MultiGzDecoder;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Reads the decompressed bytes of a stream. Concatenated compressed streams are supported.
pub struct Unpacked<R: Read>(Packed<R>);

/// A stream, after the first bytes that were read from it.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

enum Packed<R: Read> {
    Not(Whole<R>),
    Gzip(Box<MultiGzDecoder<Whole<R>>>),
    Zstd(zstd::Decoder<'static, BufReader<Whole<R>>>),
}

impl<R: Read> Unpacked<R> {
    /// Detects the compression of a stream from its first bytes.
    ///
    /// # Errors
    /// The stream cannot be read.
    pub fn new(mut stream: R) -> io::Result<Unpacked<R>> {
        // Read no more than necessary: a live stream may have few bytes at first.
        let mut magic = Vec::new();
        stream.by_ref().take(1).read_to_end(&mut magic)?;
        if matches!(magic[..], [0x1f | 0x28 | 0x50..=0x5f]) {
            stream.by_ref().take(3).read_to_end(&mut magic)?;
        }
        let (gzip, zstd) = (is_gzip(&magic), is_zstd(&magic));
        let whole = Cursor::new(magic).chain(stream);
        Ok(Unpacked(match (gzip, zstd) {
            (true, _) => Packed::Gzip(Box::new(MultiGzDecoder::new(whole))),
            (_, true) => Packed::Zstd(zstd::Decoder::new(whole)?),
            _ => Packed::Not(whole),
        }))
    }

    /// Returns true if the stream is gzip or zstd.
    pub fn is_packed(&self) -> bool {
        !matches!(self.0, Packed::Not(_))
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Packed::Not(stream) => stream.read(buffer),
            Packed::Gzip(stream) => stream.read(buffer),
            Packed::Zstd(stream) => stream.read(buffer),
        }
    }
}

/// Returns true if bytes begin like gzip or zstd.
pub fn is_packed(bytes: &[u8]) -> bool {
    is_gzip(bytes) || is_zstd(bytes)
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
            let mut unpacked = Unpacked::new(&packed[..]).expect("in memory");
            let mut text = String::new();
            unpacked.read_to_string(&mut text).expect("a text");
            assert_eq!(text, "one two");
            let mut half = Unpacked::new(&packed[..packed.len() - 3]).expect("in memory");
            assert!(half.read_to_end(&mut Vec::new()).is_err());
        }
    }

    #[test]
    fn bytes_that_only_begin_similarly_are_not_changed() {
        for plain in [&b""[..], b"\x1f", b"\x1f{", b"(", b"(\xb5/{}", b"P*M", b"{}"] {
            let mut unpacked = Unpacked::new(plain).expect("in memory");
            assert!(!unpacked.is_packed() && !is_packed(plain));
            let mut bytes = Vec::new();
            unpacked.read_to_end(&mut bytes).expect("in memory");
            assert_eq!(bytes, plain);
        }
    }
}
