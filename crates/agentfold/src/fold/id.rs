//! [`EventId`] and [`ItemId`]: compact ids, sorted in the contract's orders.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::swar;

/// An event's id, sorted by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventId {
    /// A ULID in its usual spelling, as the two halves of its number. Such numbers sort like their texts.
    Ulid(u64, u64),
    Text(Box<str>),
}

/// The digits of a ULID (Crockford's Base32), which sort like their values.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The value of each digit; 32 for other bytes.
const VALUES: [u8; 256] = {
    let mut values = [32; 256];
    let mut value = 0;
    while value < DIGITS.len() {
        values[DIGITS[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// How many digits a ULID has.
const ULID: usize = 26;

impl EventId {
    #[inline(always)]
    pub(crate) fn new(text: &str) -> EventId {
        match text.as_bytes().first_chunk().and_then(ulid) {
            Some(number) if text.len() == ULID => EventId::of_ulid(number),
            _ => EventId::Text(text.into()),
        }
    }

    /// The number that the id is, if it is a ULID in its usual spelling.
    pub(crate) fn ulid(&self) -> Option<u128> {
        match self {
            EventId::Ulid(high, low) => Some(u128::from(*high) << 64 | u128::from(*low)),
            EventId::Text(_) => None,
        }
    }

    /// The id that is a ULID.
    pub(crate) fn of_ulid(number: u128) -> EventId {
        EventId::Ulid((number >> 64) as u64, number as u64)
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            EventId::Ulid(high, low) => {
                let number = u128::from(*high) << 64 | u128::from(*low);
                let digit = |place| DIGITS[(number >> (5 * place) & 31) as usize];
                Cow::Owned((0..ULID).rev().map(|place| char::from(digit(place))).collect())
            }
            EventId::Text(text) => Cow::Borrowed(text),
        }
    }
}

/// The number of 26 digits, of which the first is at most 7.
#[inline(always)]
fn ulid(text: &[u8; ULID]) -> Option<u128> {
    let mut wrong = VALUES[usize::from(text[0])] & !7;
    let mut number = |digits: &[u8]| {
        digits.iter().fold(0_u64, |number, digit| {
            let value = VALUES[usize::from(*digit)];
            wrong |= value & 32;
            number << 5 | u64::from(value & 31)
        })
    };
    // Three numbers that fit into words, so that they are computed side by side.
    let (first, second, third) = (number(&text[..10]), number(&text[10..18]), number(&text[18..]));
    let number = u128::from(first) << 80 | u128::from(second) << 40 | u128::from(third);
    (wrong == 0).then_some(number)
}

impl Ord for EventId {
    fn cmp(&self, other: &EventId) -> Ordering {
        match (self.ulid(), other.ulid()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => self.text().cmp(&other.text()),
        }
    }
}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &EventId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A work item's id. Numbers sort first. An id of more than nineteen digits is kept as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ItemId {
    Number(u64),
    Text(Box<str>),
}

impl ItemId {
    #[inline]
    pub(crate) fn new(text: &str) -> ItemId {
        match swar::number(text.as_bytes()) {
            Some((number, length))
                if length == text.len() && (length == 1 || !text.starts_with('0')) =>
            {
                ItemId::Number(number)
            }
            _ => ItemId::Text(text.into()),
        }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemId::Number(number) => number.fmt(f),
            ItemId::Text(text) => f.write_str(text),
        }
    }
}

impl Ord for ItemId {
    fn cmp(&self, other: &ItemId) -> Ordering {
        match (self, other) {
            (ItemId::Number(a), ItemId::Number(b)) => a.cmp(b),
            (ItemId::Text(a), ItemId::Text(b)) => by_number(a, b),
            _ => by_number(&self.to_string(), &other.to_string()),
        }
    }
}

impl PartialOrd for ItemId {
    fn partial_cmp(&self, other: &ItemId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The order of group and item ids: numbers first, by value; ties and the rest by bytes
/// ([the contract](crate::contract::fold#words)).
pub(crate) fn by_number(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => {
            let (x, y) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
            (x.len(), x, a).cmp(&(y.len(), y, b))
        }
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn event_ids_keep_their_text_and_its_order(
            texts in prop::collection::vec("[0-9A-Z]{26}|[0-8G][0-9A-HJKMNP-TV-Z]{25}|01{0,24}[0-9A-Z]{1,8}|[a-zé.:]{0,40}", 2),
        ) {
            let (a, b) = (EventId::new(&texts[0]), EventId::new(&texts[1]));
            prop_assert_eq!(&a.text(), &texts[0]);
            prop_assert_eq!(a.cmp(&b), texts[0].cmp(&texts[1]));
        }

        #[test]
        fn item_ids_keep_their_text_and_the_order_of_numbers(
            texts in prop::collection::vec("0{0,2}[0-9]{0,3}|[0-9]{19,22}|[+-]?[0-9a-c]{0,3}", 2),
        ) {
            let (a, b) = (ItemId::new(&texts[0]), ItemId::new(&texts[1]));
            prop_assert_eq!(a.to_string(), &*texts[0]);
            prop_assert_eq!(a.cmp(&b), by_number(&texts[0], &texts[1]));
            if let (Ok(x), Ok(y)) = (texts[0].parse::<u128>(), texts[1].parse::<u128>())
                && x != y && is_number(&texts[0]) && is_number(&texts[1])
            {
                prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            }
        }
    }
}
