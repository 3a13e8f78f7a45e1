//! The events of a day as received, for good: one a line, compressed.

use std::io;

/// A part that is longer than this is not added to any more, in bytes as compressed. Most days of an agent are one.
pub(crate) const PART: usize = 32 * 1024;

const LEVEL: i32 = 3;

/// An event as a line. Line ends within it are white space, since texts of JSON have none.
pub(crate) fn line(event: &[u8]) -> Vec<u8> {
    event.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect()
}

pub(crate) fn packed(lines: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    compressor.compress(lines)
}

/// Adds the lines of a part to others.
pub(crate) fn unpack(part: &[u8], lines: &mut Vec<u8>) -> io::Result<()> {
    zstd::stream::copy_decode(part, lines)
}

/// The events of lines.
pub(crate) fn events(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}
