//! [`EventId`] and [`ItemId`]: compact ids, sorted in the contract's orders.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use crate::swar;

/// An event's id, sorted by its bytes. An id of 26 bytes, such as a ULID, needs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventId {
    /// The bytes as big-endian numbers, which sort like the bytes. The processor moves numbers faster
    /// than an array.
    Short(u64, u64, u64, u16),
    Long(Box<str>),
}

/// The digits of a ULID (Crockford's Base32).
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

impl EventId {
    #[inline(always)]
    pub(crate) fn new(text: &str) -> EventId {
        let bytes = text.as_bytes();
        match (bytes.first_chunk(), bytes.get(8..16), bytes.get(16..24), bytes.last_chunk()) {
            (Some(a), Some(b), Some(c), Some(d)) if bytes.len() == 26 => {
                let number =
                    |bytes: &[u8]| bytes.first_chunk().map_or(0, |b| u64::from_be_bytes(*b));
                EventId::Short(u64::from_be_bytes(*a), number(b), number(c), u16::from_be_bytes(*d))
            }
            _ => EventId::Long(text.into()),
        }
    }

    /// The number that the id is, if it is a ULID in its usual spelling.
    pub(crate) fn ulid(&self) -> Option<u128> {
        let EventId::Short(a, b, c, d) = *self else {
            return None;
        };
        let words = [a, b, c].into_iter().flat_map(u64::to_be_bytes);
        let mut number = 0;
        for digit in words.chain(d.to_be_bytes()) {
            let value = VALUES[usize::from(digit)];
            if value >= 32 || number >> 123 > 0 {
                return None;
            }
            number = number << 5 | u128::from(value);
        }
        Some(number)
    }

    /// The id that is a ULID.
    pub(crate) fn of_ulid(number: u128) -> EventId {
        let digits = |from: u32, count: u32| {
            (0..count).fold(0_u64, |all, place| {
                let value = number >> (5 * (25 - from - place)) & 31;
                all << 8 | u64::from(DIGITS[value as usize])
            })
        };
        EventId::Short(digits(0, 8), digits(8, 8), digits(16, 8), digits(24, 2) as u16)
    }

    pub(crate) fn text(&self) -> Cow<'_, str> {
        match self {
            EventId::Short(a, b, c, d) => {
                let bytes =
                    [&a.to_be_bytes()[..], &b.to_be_bytes(), &c.to_be_bytes(), &d.to_be_bytes()];
                let text = String::from_utf8(bytes.concat());
                Cow::Owned(text.expect("INVARIANT: the bytes are those of a text"))
            }
            EventId::Long(text) => Cow::Borrowed(text),
        }
    }
}

impl Ord for EventId {
    fn cmp(&self, other: &EventId) -> Ordering {
        match (self, other) {
            (EventId::Short(a, b, c, d), EventId::Short(w, x, y, z)) => {
                (a, b, c, d).cmp(&(w, x, y, z))
            }
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
            texts in prop::collection::vec("[0-9A-Z]{26}|01{0,24}[0-9A-Z]{1,8}|[a-zé.:]{0,40}", 2),
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
