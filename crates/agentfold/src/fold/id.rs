//! [`EventId`] and [`ItemId`]: ids in few bytes, in the contract's orders.

use std::cmp::Ordering;
use std::fmt;

/// An event's id, sorted by its bytes. A ULID takes sixteen bytes instead of 26 on the heap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventId {
    Ulid([u8; 16]),
    Text(Box<str>),
}

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The value of each digit of [`CROCKFORD`], 255 for all other bytes.
const VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut i = 0;
    while i < 32 {
        values[CROCKFORD[i] as usize] = i as u8;
        i += 1;
    }
    values
};

impl EventId {
    #[inline]
    pub(crate) fn new(text: &str) -> EventId {
        ulid(text.as_bytes()).map_or_else(|| EventId::Text(text.into()), EventId::Ulid)
    }
}

/// The number that a ULID in its one canonical form stands for.
#[inline]
fn ulid(text: &[u8]) -> Option<[u8; 16]> {
    let text: &[u8; 26] = text.try_into().ok()?;
    let (mut number, mut seen) = (0_u128, 0);
    for byte in text {
        let value = VALUES[usize::from(*byte)];
        seen |= value;
        number = number << 5 | u128::from(value & 31);
    }
    // Twenty-six digits hold 130 bits: the first must leave two of them free.
    (seen < 32 && text[0] <= b'7').then(|| number.to_be_bytes())
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventId::Text(text) => f.write_str(text),
            EventId::Ulid(bytes) => {
                let number = u128::from_be_bytes(*bytes);
                (0..26).rev().try_for_each(|digit| {
                    let value = (number >> (5 * digit)) as usize & 31;
                    fmt::Write::write_char(f, char::from(CROCKFORD[value]))
                })
            }
        }
    }
}

impl Ord for EventId {
    #[inline]
    fn cmp(&self, other: &EventId) -> Ordering {
        match (self, other) {
            // The digits' values rise with their bytes.
            (EventId::Ulid(a), EventId::Ulid(b)) => a.cmp(b),
            (EventId::Text(a), EventId::Text(b)) => a.cmp(b),
            _ => self.to_string().cmp(&other.to_string()),
        }
    }
}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &EventId) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A work item's id, numbers first.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum ItemId {
    Number(u64),
    Text(Box<str>),
}

impl ItemId {
    #[inline]
    pub(crate) fn new(text: &str) -> ItemId {
        let canonical = matches!(text.as_bytes(), [b'0'] | [b'1'..=b'9', ..]) && is_number(text);
        match text.parse() {
            Ok(number) if canonical => ItemId::Number(number),
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
/// (`fold.md`, Words).
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
            texts in prop::collection::vec("[0-9A-HJKMNP-TV-Z]{26}|[0-8][0-9A-Z]{25}|[a-z0-9.:]{0,30}", 2),
        ) {
            let (a, b) = (EventId::new(&texts[0]), EventId::new(&texts[1]));
            prop_assert_eq!(a.to_string(), &*texts[0]);
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
