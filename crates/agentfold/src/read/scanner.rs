//! [`Scanner`]: a position in the text of an event, from which JSON is read.

use std::borrow::Cow;
use std::ops::Range;

use super::json::is_space;
use super::parts::unescaped;
use super::walk::skip_value;
use crate::Instant;
use crate::event::{Capacity, MAX_COUNT};
use crate::swar;

/// How many keys are compared one by one.
pub(crate) const FEW: usize = 32;

/// A position in a text. Each reader steps over what it reads, and returns `None` for unusual text.
#[derive(Clone, Copy)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    /// How many bytes of the text were read.
    used: usize,
    /// How many line breaks of them were white space.
    newlines: usize,
}

impl<'a> Scanner<'a> {
    #[inline(always)]
    pub(crate) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, used: 0, newlines: 0 }
    }

    #[inline(always)]
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// How many line breaks of the bytes that were read were white space.
    pub(crate) fn newlines(&self) -> usize {
        self.newlines
    }

    /// Goes back to where it was when it had read `used` bytes.
    #[inline(always)]
    pub(crate) fn back_to(&mut self, used: usize) {
        self.used = used;
    }

    /// The bytes that are not read yet.
    #[inline(always)]
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.used..).unwrap_or_default()
    }

    #[inline(always)]
    pub(crate) fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.used).copied().unwrap_or(0)
    }

    /// Steps over bytes that were peeked at.
    #[inline(always)]
    pub(crate) fn step(&mut self, count: usize) {
        self.used += count;
    }

    #[inline(always)]
    pub(crate) fn space(&mut self) {
        while is_space(self.peek()) {
            self.newlines += usize::from(self.peek() == b'\n');
            self.step(1);
        }
    }

    /// Steps over `text`, which must come next.
    #[inline(always)]
    pub(crate) fn skip<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        (self.rest().first_chunk()? == text).then(|| self.step(N))
    }

    /// Steps over a literal, and returns whether it came next.
    #[inline(always)]
    pub(crate) fn skip_literal(&mut self, literal: &Literal) -> bool {
        let found = match self.rest().first_chunk::<{ Literal::MOST }>() {
            Some(chunk) => {
                let mut differs = 0;
                for (i, (expected, mask)) in literal.words.iter().zip(&literal.masks).enumerate() {
                    let word = chunk[8 * i..].first_chunk().map_or(0, |word| swar::word(*word));
                    differs |= (word ^ expected) & mask;
                }
                differs == 0
            }
            None => self.rest().starts_with(literal.bytes().get(..literal.length).unwrap_or(b"")),
        };
        self.step(if found { literal.length } else { 0 });
        found
    }

    /// A part of the text.
    pub(crate) fn part(&self, place: Range<usize>) -> Option<&'a str> {
        self.text.get(place)
    }

    /// The key of a member, and where it is between its quotes. `None` instead of a key if it is long.
    #[inline(always)]
    pub(crate) fn key(&mut self) -> Option<(Option<Key>, Range<usize>)> {
        if let Some((b'"', head)) = self.rest().split_first()
            && let Some(chunk) = head.first_chunk::<{ Key::MOST + 1 }>()
        {
            // All words at once, without a branch: short keys and long ones come in turns.
            let words =
                [0, 8, 16].map(|at| chunk[at..].first_chunk().map_or(0, |w| swar::word(*w)));
            let [first, second, third] = words.map(swar::first_special);
            let length = match (first, second) {
                (8, 8) => 16 + third,
                (8, _) => 8 + second,
                _ => first,
            };
            if chunk[length] == b'"' {
                let mut key = Key { words };
                for (word, mask) in key.words.iter_mut().zip(&Key::MASKS[length]) {
                    *word &= mask;
                }
                let start = self.used + 1;
                self.step(length + 2);
                return Some((Some(key), start..start + length));
            }
        }
        self.any_key()
    }

    /// The same for a key that is long, has escapes, or stands near the end of the text.
    #[cold]
    fn any_key(&mut self) -> Option<(Option<Key>, Range<usize>)> {
        let start = self.used + 1;
        let text = self.text()?;
        let key = text.unescaped()?;
        // Zeros are what a key's words end with.
        let is_short = key.len() <= Key::MOST && !key.contains('\0');
        Some((is_short.then(|| Key::of(&key)), start..start + text.raw.len()))
    }

    /// A string.
    #[inline(always)]
    pub(crate) fn text(&mut self) -> Option<Text<'a>> {
        self.skip(b"\"")?;
        let text = self.inside_text()?;
        self.step(1);
        Some(text)
    }

    /// The rest of a string up to its closing quote, which comes next.
    #[inline(always)]
    pub(crate) fn inside_text(&mut self) -> Option<Text<'a>> {
        let start = self.used;
        self.plain_text();
        if self.peek() == b'"' {
            return Some(Text { raw: self.text.get(start..self.used)?, escaped: false });
        }
        self.escaped_text(start)
    }

    /// Steps to the next quote, backslash or control character, or to the end.
    #[inline(always)]
    fn plain_text(&mut self) {
        while let Some(chunk) = self.rest().first_chunk::<16>() {
            // Both words at once: most texts end within them.
            let [first, second] = [0, 8].map(|at| {
                chunk[at..].first_chunk().map_or(0, |bytes| swar::specials(swar::word(*bytes)))
            });
            let (zeros, before) = if first != 0 { (first, 0) } else { (second, 8) };
            let count = before + zeros.trailing_zeros() as usize / 8;
            self.step(count);
            if count < 16 {
                return;
            }
        }
        let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
        let rest = self.rest();
        self.step(rest.iter().position(special).unwrap_or(rest.len()));
    }

    /// Goes on in a string that began at `start`, up to its closing quote. Half of a surrogate pair is
    /// unusual.
    #[inline(never)]
    fn escaped_text(&mut self, start: usize) -> Option<Text<'a>> {
        while self.peek() != b'"' {
            match *self.rest() {
                [b'\\', b'u', ..] => match self.unit()? {
                    0xd800..0xdc00 => matches!(self.unit()?, 0xdc00..0xe000).then_some(())?,
                    0xdc00..0xe000 => return None,
                    _ => {}
                },
                [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', ..] => self.step(2),
                _ => return None,
            }
            self.plain_text();
        }
        Some(Text { raw: self.text.get(start..self.used)?, escaped: true })
    }

    /// An escape of four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        self.skip(b"\\u")?;
        let digits = self.rest().first_chunk::<4>()?;
        self.step(4);
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            Some(unit << 4 | digit as u16)
        })
    }

    /// An instant up to its closing quote, which comes next.
    #[inline(always)]
    pub(crate) fn instant(&mut self) -> Option<Instant> {
        if let Some([text @ .., b'"']) = self.rest().first_chunk::<31>()
            && let Some(usual) = text.first_chunk()
            && let Some(at) = Instant::parse_usual(usual)
        {
            self.step(30);
            return Some(at);
        }
        self.any_instant()
    }

    #[inline(never)]
    fn any_instant(&mut self) -> Option<Instant> {
        let text = self.inside_text()?;
        Instant::parse(text.unescaped()?.as_bytes()).ok()
    }

    /// A whole number that fits. A leading zero, a fraction or an exponent is unusual.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Option<u64> {
        let (number, length) = swar::number(self.rest())?;
        if length > 1 && self.peek() == b'0' {
            return None;
        }
        self.step(length);
        (!matches!(self.peek(), b'.' | b'e' | b'E')).then_some(number)
    }

    /// The digits of a whole number.
    #[inline(always)]
    pub(crate) fn digits(&mut self) -> Option<Text<'a>> {
        let start = self.used;
        self.number()?;
        Some(Text { raw: self.text.get(start..self.used)?, escaped: false })
    }

    /// A number of items or engagements.
    #[inline]
    pub(crate) fn count(&mut self) -> Option<u64> {
        self.number().filter(|number| *number <= MAX_COUNT)
    }

    /// Any value, as JSON text.
    #[inline]
    pub(crate) fn value(&mut self) -> Option<&'a str> {
        let start = self.used;
        match self.peek() {
            b'"' => {
                self.skip(b"\"")?;
                self.inside_text()?;
                self.step(1);
            }
            _ => {
                self.step(skip_value(self.rest(), 0).ok()?);
                let value = &self.text.as_bytes()[start..self.used];
                self.newlines += memchr::memchr_iter(b'\n', value).count();
            }
        }
        self.text.get(start..self.used)
    }

    /// The capacities of channels.
    pub(crate) fn capacities(&mut self) -> Option<Vec<Capacity<'a>>> {
        let mut capacities: Vec<Capacity<'a>> = Vec::new();
        self.object(|scanner, channel| {
            if capacities.len() == FEW || capacities.iter().any(|one| one.channel == channel) {
                return None;
            }
            let (mut current, mut previous) = (None, None);
            scanner.object(|scanner, key| {
                let count = match scanner.skip(b"null") {
                    Some(()) => None,
                    None => Some(scanner.count()?),
                };
                let slot = match &*key {
                    "current" => &mut current,
                    "previous" => &mut previous,
                    _ => return None,
                };
                slot.replace(count).is_none().then_some(())
            })?;
            capacities.push(Capacity { channel, current: current?, previous });
            Some(())
        })?;
        Some(capacities)
    }

    /// A list of ids.
    pub(crate) fn ids(&mut self) -> Option<Vec<Cow<'a, str>>> {
        let mut ids = Vec::new();
        self.skip(b"[")?;
        self.parts(b']', |scanner| {
            let id = if scanner.peek() == b'"' { scanner.text()? } else { scanner.digits()? };
            ids.push(id.unescaped()?);
            Some(())
        })?;
        Some(ids)
    }

    /// An object of any keys. `field` reads each value.
    fn object(
        &mut self,
        mut field: impl FnMut(&mut Scanner<'a>, Cow<'a, str>) -> Option<()>,
    ) -> Option<()> {
        self.skip(b"{")?;
        self.parts(b'}', |scanner| {
            let key = scanner.text()?.unescaped()?;
            scanner.colon()?;
            field(scanner, key)
        })
    }

    /// Steps over a colon and the space around it.
    #[inline(always)]
    pub(crate) fn colon(&mut self) -> Option<()> {
        self.space();
        self.skip(b":")?;
        self.space();
        Some(())
    }

    /// Reads parts that are separated by commas, up to the closing bracket.
    #[inline(always)]
    fn parts(
        &mut self,
        close: u8,
        mut part: impl FnMut(&mut Scanner<'a>) -> Option<()>,
    ) -> Option<()> {
        let mut more = self.first_part(close)?;
        while more {
            part(self)?;
            more = self.next_part(close)?;
        }
        Some(())
    }

    /// Steps to the first part after an opening bracket, and returns whether there is one.
    #[inline(always)]
    pub(crate) fn first_part(&mut self, close: u8) -> Option<bool> {
        self.space();
        let is_empty = self.peek() == close;
        self.step(usize::from(is_empty));
        Some(!is_empty)
    }

    /// Steps over the comma after a part, or the closing bracket. Returns whether another part comes.
    #[inline(always)]
    pub(crate) fn next_part(&mut self, close: u8) -> Option<bool> {
        self.space();
        let found = self.peek();
        if found != b',' && found != close {
            return None;
        }
        self.step(1);
        if found == b',' {
            self.space();
        }
        Some(found == b',')
    }
}

/// The text within the quotes of a string, as it is written. It has no half of a surrogate pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) raw: &'a str,
    pub(crate) escaped: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn unescaped(self) -> Option<Cow<'a, str>> {
        if self.escaped { unescaped(self.raw) } else { Some(Cow::Borrowed(self.raw)) }
    }
}

/// A key of up to 24 bytes, in words that end with zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) words: [u64; Key::WORDS],
}

impl Key {
    const WORDS: usize = 3;
    const MOST: usize = 8 * Key::WORDS;

    /// The bits of the words that a key of each length has.
    const MASKS: [[u64; Key::WORDS]; Key::MOST + 1] = {
        let mut masks = [[0; Key::WORDS]; Key::MOST + 1];
        let mut i = 0;
        while i < Key::MOST {
            masks[i + 1] = masks[i];
            masks[i + 1][i / 8] |= 0xff << (8 * (i % 8));
            i += 1;
        }
        masks
    };

    /// A key that is not longer than that.
    pub(crate) const fn of(key: &str) -> Key {
        let (mut words, mut i) = ([0; Key::WORDS], 0);
        while i < key.len() {
            words[i / 8] |= (key.as_bytes()[i] as u64) << (8 * (i % 8));
            i += 1;
        }
        Key { words }
    }
}

/// A few bytes that are expected, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Literal {
    words: [u64; Literal::MOST / 8],
    /// Which bits of the words count.
    masks: [u64; Literal::MOST / 8],
    length: usize,
}

impl Literal {
    /// How many bytes a literal has at most.
    pub(crate) const MOST: usize = 32;

    /// The literal of bytes that are not more.
    pub(crate) fn of(bytes: &[u8]) -> Literal {
        let mut literal = Literal { words: [0; 4], masks: [0; 4], length: bytes.len() };
        for (i, byte) in bytes.iter().enumerate() {
            literal.words[i / 8] |= u64::from(*byte) << (8 * (i % 8));
            literal.masks[i / 8] |= 0xff << (8 * (i % 8));
        }
        literal
    }

    fn bytes(&self) -> [u8; Literal::MOST] {
        let mut bytes = [0; Literal::MOST];
        for (chunk, word) in bytes.chunks_mut(8).zip(self.words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}
