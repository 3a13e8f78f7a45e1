//! [`Scanner`]: a position in the text of an event, from which plain JSON is read.

use std::borrow::Cow;

use super::json::is_space;
use super::walk::skip_value;
use crate::event::MAX_COUNT;
use crate::swar;
use crate::{Id, Instant};

/// A position in a text. Each reader steps over what it reads, and returns `None` for unusual text.
#[derive(Clone, Copy)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    // The bytes of the text that are not read yet.
    rest: &'a [u8],
}

/// A value of a chat record.
#[derive(Clone, Copy)]
pub(crate) enum ChatValue<'a> {
    Text(&'a str),
    Number(u64),
}

impl<'a> Scanner<'a> {
    #[inline(always)]
    pub(crate) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { text, rest: text.as_bytes() }
    }

    /// How many bytes of the text were read.
    #[inline(always)]
    pub(crate) fn used(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    #[inline(always)]
    pub(crate) fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    #[inline(always)]
    fn step(&mut self, count: usize) {
        self.rest = &self.rest[count..];
    }

    #[inline(always)]
    pub(crate) fn space(&mut self) {
        while is_space(self.peek()) {
            self.step(1);
        }
    }

    /// Steps over `text`, which must come next.
    #[inline(always)]
    pub(crate) fn skip<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        (head == text).then(|| self.rest = rest)
    }

    /// Steps over `text`, which must come next.
    #[inline(always)]
    pub(crate) fn skip_part(&mut self, text: &[u8]) -> Option<()> {
        self.rest.strip_prefix(text).map(|rest| self.rest = rest)
    }

    /// Reads an object. `field` reads each value.
    #[inline]
    pub(crate) fn object(
        &mut self,
        mut field: impl FnMut(&mut Scanner<'a>, &'a str) -> Option<()>,
    ) -> Option<()> {
        self.skip(b"{")?;
        self.space();
        if self.peek() == b'}' {
            self.step(1);
            return Some(());
        }
        loop {
            let key = self.text()?;
            self.space();
            self.skip(b":")?;
            self.space();
            field(self, key)?;
            self.space();
            match self.peek() {
                b',' => self.step(1),
                b'}' => {
                    self.step(1);
                    return Some(());
                }
                _ => return None,
            }
            self.space();
        }
    }

    /// A string without escapes.
    #[inline(always)]
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        self.skip(b"\"")?;
        self.rest_of_text()
    }

    /// The rest of a string after its opening quote.
    #[inline(always)]
    pub(crate) fn rest_of_text(&mut self) -> Option<&'a str> {
        let start = self.used();
        loop {
            match self.rest.first_chunk::<8>() {
                Some(chunk) => {
                    let count = swar::first_special(swar::word(*chunk));
                    self.step(count);
                    if count < 8 {
                        break;
                    }
                }
                None => {
                    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
                    self.step(self.rest.iter().position(special)?);
                    break;
                }
            }
        }
        let end = self.used();
        self.skip(b"\"")?;
        self.text.get(start..end)
    }

    /// A string of exactly `N` bytes (8 to 32) without escapes, checked at once.
    #[inline(always)]
    pub(crate) fn text_of<const N: usize>(&mut self) -> Option<&'a str> {
        let mut ahead = *self;
        ahead.skip(b"\"")?;
        let start = ahead.used();
        let (text, rest) = ahead.rest.split_first_chunk::<N>()?;
        // Four words that overlap: enough for 8 to 32 bytes.
        let starts =
            const { [0, if N < 16 { N - 8 } else { 8 }, if N < 24 { N - 8 } else { 16 }, N - 8] };
        let mut specials = 0;
        for start in starts {
            specials |= swar::specials(swar::word(*text[start..].first_chunk()?));
        }
        if specials != 0 {
            return None;
        }
        ahead.rest = rest;
        ahead.skip(b"\"")?;
        *self = ahead;
        self.text.get(start..start + N)
    }

    /// An id of any form, as text.
    #[inline]
    pub(crate) fn text_id(&mut self) -> Option<&'a str> {
        if self.peek() == b'"' {
            return self.text();
        }
        let start = self.used();
        self.number()?;
        self.text.get(start..self.used())
    }

    /// Any value, as JSON text.
    pub(crate) fn value(&mut self) -> Option<&'a str> {
        let start = self.used();
        self.step(skip_value(self.rest, 0).ok()?);
        self.text.get(start..self.used())
    }

    #[inline(always)]
    pub(crate) fn instant(&mut self) -> Option<Instant> {
        if let Some(([b'"', text @ .., b'"'], rest)) = self.rest.split_first_chunk::<32>()
            && let Some(usual) = text.first_chunk()
            && let Some(at) = Instant::parse_usual(usual)
        {
            self.rest = rest;
            return Some(at);
        }
        Instant::parse(self.text()?.as_bytes()).ok()
    }

    /// A whole number that fits. A leading zero, a fraction or an exponent is unusual.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Option<u64> {
        let (number, length) = swar::number(self.rest)?;
        if length > 1 && self.peek() == b'0' {
            return None;
        }
        self.step(length);
        (!matches!(self.peek(), b'.' | b'e' | b'E')).then_some(number)
    }

    /// A whole number as [`Scanner::number`] reads it, and its digits.
    #[inline(always)]
    pub(crate) fn number_and_text(&mut self) -> Option<(u64, &'a [u8])> {
        let before = self.rest;
        let number = self.number()?;
        Some((number, &before[..before.len() - self.rest.len()]))
    }

    /// A string that is exactly `head` and `tail`.
    #[inline(always)]
    pub(crate) fn text_that_ends<const N: usize>(
        &mut self,
        head: &[u8; N],
        tail: &[u8],
    ) -> Option<&'a str> {
        let mut ahead = *self;
        ahead.skip(b"\"")?;
        let start = ahead.used();
        ahead.skip(head)?;
        ahead.skip_part(tail)?;
        let end = ahead.used();
        ahead.skip(b"\"")?;
        *self = ahead;
        self.text.get(start..end)
    }

    #[inline(always)]
    pub(crate) fn number_id(&mut self) -> Option<Id> {
        self.number_or_digits().map(Id::new)
    }

    /// A whole number, written as a number or as text.
    #[inline(always)]
    pub(crate) fn number_or_digits(&mut self) -> Option<u64> {
        if self.peek() != b'"' {
            return self.number();
        }
        self.step(1);
        let number = self.number()?;
        self.skip(b"\"")?;
        Some(number)
    }

    /// A number of items or engagements.
    #[inline]
    fn count(&mut self) -> Option<u64> {
        self.number().filter(|number| *number <= MAX_COUNT)
    }

    #[inline]
    pub(crate) fn count_or_null(&mut self) -> Option<Option<u64>> {
        if self.skip(b"null").is_some() {
            return Some(None);
        }
        self.count().map(Some)
    }

    #[inline]
    pub(crate) fn chat_value(&mut self) -> Option<ChatValue<'a>> {
        if self.peek() == b'"' {
            self.text().map(ChatValue::Text)
        } else {
            self.count().map(ChatValue::Number)
        }
    }

    pub(crate) fn list(&mut self) -> Option<Vec<Cow<'a, str>>> {
        let mut list = Vec::new();
        self.skip(b"[")?;
        self.space();
        if self.skip(b"]").is_some() {
            return Some(list);
        }
        loop {
            list.push(Cow::Borrowed(self.text_id()?));
            self.space();
            if self.skip(b"]").is_some() {
                return Some(list);
            }
            self.skip(b",")?;
            self.space();
        }
    }
}
