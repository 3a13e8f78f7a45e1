//! [`Gzip`]: unpacks gzip (RFC 1952), member by member.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use crate::Step;

const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const CHECKSUM: u8 = 2;

/// Unpacks gzip. Zeros after a member are padding, as for `gzip -d`.
pub(crate) struct Gzip {
    inflate: Decompress,
    sum: Crc,
    part: Part,
    flags: u8,
    /// What is wrong, reported after what came before it was returned.
    failed: Option<&'static str>,
}

/// The part of a member that comes next, with how many of its bytes were read.
#[derive(Clone, Copy)]
enum Part {
    Fixed(usize),
    ExtraLength(usize, usize),
    Extra(usize),
    Name,
    Comment,
    Checksum(usize),
    Body,
    Tail(usize, u64),
    /// Between members, where the stream may end.
    Between,
}

impl Gzip {
    pub(crate) fn new() -> Gzip {
        Gzip {
            inflate: Decompress::new(false),
            sum: Crc::new(),
            part: Part::Fixed(0),
            flags: 0,
            failed: None,
        }
    }

    /// Unpacks some of `input` to `output`.
    pub(crate) fn run(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, &'static str> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let mut used = 0;
        loop {
            if matches!(self.part, Part::Body) {
                let step = self.inflate(&input[used..], output);
                used += step.used;
                if step.written > 0 || matches!(self.part, Part::Body) {
                    return Ok(Step { used, written: step.written });
                }
            }
            let Some(byte) = input.get(used) else {
                return Ok(Step { used, written: 0 });
            };
            if let Err(failed) = self.frame(*byte) {
                self.failed = Some(failed);
                return match used {
                    0 => Err(failed),
                    _ => Ok(Step { used, written: 0 }),
                };
            }
            used += 1;
        }
    }

    /// Whether the stream may end here.
    pub(crate) fn end(&self) -> Result<(), &'static str> {
        match (self.failed, self.part) {
            (Some(failed), _) => Err(failed),
            (None, Part::Between) => Ok(()),
            (None, _) => Err("the gzip data breaks off"),
        }
    }

    fn inflate(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, output, FlushDecompress::None);
        let used = (self.inflate.total_in() - before_in) as usize;
        let written = (self.inflate.total_out() - before_out) as usize;
        self.sum.update(&output[..written]);
        match status {
            Ok(Status::StreamEnd) => self.part = Part::Tail(0, 0),
            Ok(Status::Ok | Status::BufError) => {}
            Err(_) => {
                self.failed = Some("the gzip data is damaged");
                self.part = Part::Body;
            }
        }
        Step { used, written }
    }

    /// Reads a byte of what is around the packed data.
    fn frame(&mut self, byte: u8) -> Result<(), &'static str> {
        self.part = match self.part {
            Part::Fixed(0) if byte == 0x1f => Part::Fixed(1),
            Part::Fixed(1) if byte == 0x8b => Part::Fixed(2),
            Part::Fixed(2) if byte == 8 => Part::Fixed(3),
            Part::Fixed(0..=2) => return Err("the bytes after a gzip member are no gzip"),
            Part::Fixed(3) => {
                self.flags = byte;
                Part::Fixed(4)
            }
            Part::Fixed(9) => self.after(EXTRA),
            Part::Fixed(read) => Part::Fixed(read + 1),
            Part::ExtraLength(0, _) => Part::ExtraLength(1, usize::from(byte)),
            Part::ExtraLength(_, low) => match low | usize::from(byte) << 8 {
                0 => self.after(NAME),
                length => Part::Extra(length),
            },
            Part::Extra(1) => self.after(NAME),
            Part::Extra(left) => Part::Extra(left - 1),
            Part::Name if byte == 0 => self.after(COMMENT),
            Part::Comment if byte == 0 => self.after(CHECKSUM),
            Part::Checksum(0) => Part::Checksum(1),
            Part::Checksum(_) => self.body(),
            Part::Tail(read, tail) => {
                let tail = tail | u64::from(byte) << (8 * read);
                let expected = u64::from(self.sum.sum()) | u64::from(self.sum.amount()) << 32;
                match read {
                    7 if tail != expected => return Err("the checksum of the gzip data is wrong"),
                    7 => Part::Between,
                    _ => Part::Tail(read + 1, tail),
                }
            }
            Part::Between if byte == 0 => Part::Between,
            Part::Between if byte == 0x1f => Part::Fixed(1),
            Part::Between => return Err("the bytes after a gzip member are no gzip"),
            part => part,
        };
        Ok(())
    }

    /// The next part of the header that is there, from this one on.
    fn after(&mut self, flag: u8) -> Part {
        match flag {
            EXTRA if self.flags & EXTRA > 0 => Part::ExtraLength(0, 0),
            EXTRA => self.after(NAME),
            NAME if self.flags & NAME > 0 => Part::Name,
            NAME => self.after(COMMENT),
            COMMENT if self.flags & COMMENT > 0 => Part::Comment,
            COMMENT => self.after(CHECKSUM),
            _ if self.flags & CHECKSUM > 0 => Part::Checksum(0),
            _ => self.body(),
        }
    }

    fn body(&mut self) -> Part {
        self.inflate.reset(false);
        self.sum.reset();
        Part::Body
    }
}
