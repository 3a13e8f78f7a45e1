//! The bytes of a stream as they were before gzip or zstd, told apart by looking: for the command and for
//! Python, since the core itself knows no files.
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

/// A stream, unpacked where it is packed. Packed streams may follow each other.
pub struct Unpacked<R: Read>(Packed<R>);

/// A stream, and before it what was read of it to tell how it is packed.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

enum Packed<R: Read> {
    Not(Whole<R>),
    Gzip(Box<MultiGzDecoder<Whole<R>>>),
    Zstd(zstd::Decoder<'static, BufReader<Whole<R>>>),
}

impl<R: Read> Unpacked<R> {
    /// Looks at how a stream begins.
    ///
    /// # Errors
    /// If the stream can't be read.
    pub fn new(mut stream: R) -> io::Result<Unpacked<R>> {
        // No more than it takes, since a live stream may say little at first.
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

    /// Whether the stream is packed.
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

/// Whether bytes begin as packed ones do.
pub fn is_packed(bytes: &[u8]) -> bool {
    is_gzip(bytes) || is_zstd(bytes)
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Whether bytes begin with a frame of data, or one to be skipped (RFC 8878).
fn is_zstd(bytes: &[u8]) -> bool {
    matches!(bytes, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_in_parts_is_unpacked_as_a_whole() {
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
    fn what_only_begins_alike_is_left_as_it_is() {
        for plain in [&b""[..], b"\x1f", b"\x1f{", b"(", b"(\xb5/{}", b"P*M", b"{}"] {
            let mut unpacked = Unpacked::new(plain).expect("in memory");
            assert!(!unpacked.is_packed() && !is_packed(plain));
            let mut bytes = Vec::new();
            unpacked.read_to_end(&mut bytes).expect("in memory");
            assert_eq!(bytes, plain);
        }
    }
}
