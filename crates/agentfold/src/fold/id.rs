//! [`EventId`] and [`ItemId`]: ids in few bytes, and the contract's order of numbers.

use std::cmp::Ordering;
use std::fmt;

use crate::swar;

/// An event's id; a short one, like a ULID, takes no memory of its own.
#[derive(Debug, Clone)]
pub(crate) enum EventId {
    /// A length, and so many bytes.
    Short(u8, [u8; 30]),
    Long(Box<str>),
}

impl EventId {
    #[inline]
    pub(crate) fn new(text: &str) -> EventId {
        let mut bytes = [0; 30];
        if let Some(ulid) = text.as_bytes().first_chunk::<26>().filter(|_| text.len() == 26) {
            bytes[..26].copy_from_slice(ulid);
            return EventId::Short(26, bytes);
        }
        match bytes.get_mut(..text.len()) {
            Some(place) => {
                place.copy_from_slice(text.as_bytes());
                EventId::Short(text.len() as u8, bytes)
            }
            None => EventId::Long(text.into()),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            EventId::Short(length, bytes) => &bytes[..usize::from(*length)],
            EventId::Long(text) => text.as_bytes(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("INVARIANT: the bytes are those of a text")
    }
}

/// A work item's id, numbers first; one of more than nineteen digits is kept as text.
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
        fn event_ids_keep_their_text(
            texts in prop::collection::vec("[0-9A-Z]{26}|[a-zé.:]{0,40}", 2),
        ) {
            let (a, b) = (EventId::new(&texts[0]), EventId::new(&texts[1]));
            prop_assert_eq!(a.as_str(), &*texts[0]);
            prop_assert_eq!(b.as_str(), &*texts[1]);
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
