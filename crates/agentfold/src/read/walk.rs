//! [`Walk`]: follows a JSON value to its end, in bytes that arrive in pieces.

use std::collections::BTreeSet;

use super::json::{Stop, is_space, rest_of_string, skip_number, skip_space, skip_word};
use crate::steps;

/// How far a JSON value was followed. No byte is looked at twice, however the bytes are cut.
///
/// It does not check that strings are UTF-8.
#[derive(Debug, Clone, Default)]
pub(crate) struct Walk {
    /// Where the value begins in the stream. The bytes that are passed begin there.
    base: u64,
    /// The places of the open brackets in the stream, and in the last bit whether it is a list.
    open: Vec<u64>,
    /// How many of them are outside of the value.
    outside: usize,
    /// Where the next token begins.
    at: usize,
    /// How far an incomplete token was looked at.
    seen: usize,
    step: Step,
    /// How many brackets are open where the key of a page counts; none if pages do not.
    page_depth: Option<usize>,
    is_page_key: bool,
    /// Where the objects begin that have the key of a page.
    pages: BTreeSet<u64>,
    /// The latest object that has closed and may be a record of its own.
    child: Option<u64>,
}

/// What may come next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Step {
    #[default]
    Value,
    /// A value, or the end of a list.
    First,
    Key,
    /// A key, or the end of an object.
    FirstKey,
    Colon,
    After,
}

/// What a walk met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// The value ends here.
    End(usize),
    /// The value is a page, whose records begin here.
    Page(usize),
    /// The value does not end in these bytes, or the bytes from an index on are not JSON.
    Stopped(Stop),
}

/// The keys of the lists in which pages and batches hold their records.
const LISTS: [&[u8]; 4] =
    [b"\"agent_events\"", b"\"Records\"", b"\"Messages\"", b"\"receivedMessages\""];

impl Walk {
    /// Begins at a place in the stream. With `pages`, the walk stops where the records of a page begin.
    pub(crate) fn at(base: u64, pages: bool) -> Walk {
        Walk { base, page_depth: pages.then_some(1), ..Walk::default() }
    }

    /// Begins anew.
    pub(crate) fn restart(&mut self, base: u64, pages: bool) {
        self.open.clear();
        self.pages.clear();
        *self = Walk {
            open: std::mem::take(&mut self.open),
            pages: std::mem::take(&mut self.pages),
            ..Walk::at(base, pages)
        };
    }

    /// Begins before a key, and ends after its value.
    pub(crate) fn member(base: u64) -> Walk {
        Walk { base, step: Step::Key, page_depth: Some(0), ..Walk::default() }
    }

    /// Where the value begins in the stream.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// Goes on as the walk of a value inside, which begins at `base` and has not ended. Returns whether
    /// there is such a value, which is no page if `pages` matter.
    pub(crate) fn narrow(&mut self, base: u64, pages: bool) -> bool {
        if pages && self.pages.contains(&base) {
            return false;
        }
        let open = &self.open[self.outside..];
        let Ok(place) = open.binary_search_by_key(&base, |open| open >> 1) else {
            return false;
        };
        let skipped = (base - self.base) as usize;
        self.outside += place;
        self.at -= skipped;
        self.seen = self.seen.saturating_sub(skipped);
        self.base = base;
        true
    }

    /// Where the latest object begins that has closed just before the walk stopped.
    pub(crate) fn child(&self) -> Option<usize> {
        let child = self.child?.checked_sub(self.base)?;
        (child > 0).then_some(child as usize)
    }

    /// Whether it stopped at `byte` within a word, a number or an escape, so that a record may begin a few
    /// bytes later.
    pub(crate) fn is_within_token(&self, byte: Option<u8>) -> bool {
        let is_word = matches!(byte, Some(b't' | b'f' | b'n'));
        self.seen > self.at || (is_word && matches!(self.step, Step::Value | Step::First))
    }

    /// Follows the value. `end` says that no bytes follow.
    pub(crate) fn run(&mut self, bytes: &[u8], end: bool) -> Met {
        let before = self.at.max(self.seen);
        let met = self.follow(bytes, end);
        steps::count(self.at.max(self.seen) - before);
        met.unwrap_or_else(Met::Stopped)
    }

    fn follow(&mut self, bytes: &[u8], end: bool) -> Result<Met, Stop> {
        loop {
            self.at = skip_space(bytes, self.at);
            let at = self.at;
            let byte = *bytes.get(at).ok_or(Stop::Short)?;
            match (self.step, byte) {
                (Step::Value | Step::First, b'{' | b'[') => {
                    let is_list = byte == b'[';
                    if std::mem::take(&mut self.is_page_key) && is_list {
                        if self.page_depth == Some(self.open.len() - self.outside) {
                            return Ok(Met::Page(at + 1));
                        }
                        self.pages.extend(self.open.last().map(|open| open >> 1));
                    }
                    self.open.push((self.base + at as u64) << 1 | u64::from(is_list));
                    self.step = if is_list { Step::First } else { Step::FirstKey };
                    self.at += 1;
                    continue;
                }
                (Step::First, b']') | (Step::FirstKey, b'}') => self.close(),
                (Step::After, b']') if self.is_in_list() => self.close(),
                (Step::After, b'}') if !self.is_in_list() => self.close(),
                (Step::After, b',') => {
                    self.step = if self.is_in_list() { Step::Value } else { Step::Key };
                    self.at += 1;
                    continue;
                }
                (Step::Key | Step::FirstKey, b'"') => {
                    self.string(bytes)?;
                    self.child = None;
                    self.is_page_key = LISTS.contains(&&bytes[at..self.at]);
                    self.step = Step::Colon;
                    continue;
                }
                (Step::Colon, b':') => {
                    self.step = Step::Value;
                    self.at += 1;
                    continue;
                }
                (Step::Value | Step::First, b'"') => self.string(bytes)?,
                (Step::Value | Step::First, b'-' | b'0'..=b'9') => self.number(bytes, end)?,
                (Step::Value | Step::First, b't') => self.at = skip_word(bytes, at, b"true")?,
                (Step::Value | Step::First, b'f') => self.at = skip_word(bytes, at, b"false")?,
                (Step::Value | Step::First, b'n') => self.at = skip_word(bytes, at, b"null")?,
                _ => return Err(Stop::Broken(at)),
            }
            self.is_page_key = false;
            self.step = Step::After;
            if self.open.len() == self.outside {
                return Ok(Met::End(self.at));
            }
        }
    }

    fn is_in_list(&self) -> bool {
        self.open.last().is_some_and(|open| open & 1 == 1)
    }

    fn close(&mut self) {
        self.at += 1;
        let Some(closed) = self.open.pop() else { return };
        if closed & 1 == 1 {
            return;
        }
        // In a list, the first object; in an object, the latest.
        let list = self.open.last().filter(|open| **open & 1 == 1).map(|open| open >> 1);
        let is_kept = list.is_some_and(|list| self.child.is_some_and(|child| child > list));
        if !is_kept {
            self.child = Some(closed >> 1);
        }
    }

    fn string(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.seen = self.seen.max(self.at + 1);
        rest_of_string(bytes, &mut self.seen)?;
        self.at = self.seen;
        Ok(())
    }

    fn number(&mut self, bytes: &[u8], end: bool) -> Result<(), Stop> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        self.seen = self.seen.max(self.at);
        while bytes.get(self.seen).is_some_and(is_part) {
            self.seen += 1;
        }
        if self.seen == bytes.len() && !end {
            return Err(Stop::Short);
        }
        self.at = skip_number(bytes, self.at)?;
        Ok(())
    }
}

/// Where the value at `at` ends. Does not check that its strings are UTF-8.
pub(crate) fn skip_value(bytes: &[u8], mut at: usize) -> Result<usize, Stop> {
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    match Walk::default().run(&bytes[at.min(bytes.len())..], true) {
        Met::End(end) | Met::Page(end) => Ok(at + end),
        Met::Stopped(Stop::Short) => Err(Stop::Short),
        Met::Stopped(Stop::Broken(broken)) => Err(Stop::Broken(at + broken)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    use super::*;

    proptest! {
        #[test]
        fn a_value_ends_where_serde_says(
            text in r#"[\[\]{}:,"\\0-9eE+.\-a-f tru nl]{0,24}|(\[|\{"a":)?"(\\["\\/bfnrtu]|\\u[0-9a-fA-F]{2,4}|[a-z])*"[\]},]?|-?[0-9]{1,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?"#,
        ) {
            let ours = skip_value(text.as_bytes(), 0);
            let mut theirs = serde_json::Deserializer::from_str(&text).into_iter::<&RawValue>();
            match theirs.next() {
                Some(Ok(value)) => {
                    let end = skip_space(text.as_bytes(), 0) + value.get().len();
                    prop_assert_eq!(ours, Ok(end), "{}", text);
                }
                // serde_json checks the four digits of an incomplete escape at once.
                Some(Err(error)) if error.is_eof() => {
                    prop_assert!(ours == Err(Stop::Short) || ours.is_err() && text.contains("\\u"), "{text}");
                }
                // There are two differences. serde_json calls an incomplete number invalid. It also
                // requires a delimiter after a value, which our callers check.
                Some(Err(error)) => match ours {
                    Err(Stop::Broken(_)) => {}
                    Err(Stop::Short) => prop_assert!(error.to_string().starts_with("invalid number"), "{text} {error}"),
                    Ok(_) => prop_assert!(error.to_string().starts_with("trailing"), "{text} {error}"),
                },
                None => prop_assert_eq!(ours, Err(Stop::Short)),
            }
        }

        #[test]
        fn a_value_ends_at_the_same_place_however_its_bytes_are_cut(
            text in r#"[\[{]("a":)?([\[\]{}:,"\\0-9eE+.\-a-f tru nl]{0,24}|"(\\["\\/bfnrtu]|[a-z])*"[\]},]?|-?[0-9]{1,3}(\.[0-9]{0,2})?)"#,
            size in 1_usize..5,
        ) {
            let bytes = text.as_bytes();
            let (mut walk, mut to) = (Walk::default(), 0);
            let met = loop {
                match walk.run(&bytes[..to], to == bytes.len()) {
                    Met::Stopped(Stop::Short) if to < bytes.len() => to = bytes.len().min(to + size),
                    met => break met,
                }
            };
            prop_assert_eq!(met, Walk::default().run(bytes, true), "{}", text);
        }
    }
}
