//! [`Packed`]: a work item that is not open, as bytes.

use integer_encoding::VarInt;

use super::id::ItemId;
use super::packing::{Before, Reader, put, put_instant, put_transition, unzigzag, zigzag};
use super::work_item::WorkItem;
use crate::Instant;
use crate::steps;

/// A work item that is not open, as bytes: its length, then
/// - a byte of its id's hash, so that few other ids are read to find one,
/// - its last and first instants, its greatest version and the number of its transitions,
/// - its id,
/// - its transitions: of most numbers the difference from the transition before.
///
/// The last instant and the id are packed in comparison with a [`Base`] that items share.
#[derive(Debug, Clone)]
pub(crate) struct Packed<'b> {
    pub(crate) last: Instant,
    base: Base,
    /// From the first instant on.
    rest: Reader<'b>,
    /// How many bytes it has.
    pub(crate) len: usize,
}

/// What packed items are packed in comparison with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Base {
    last: Instant,
    id: u64,
}

impl Base {
    /// An item that is packed first.
    pub(crate) fn new(last: Instant, id: &ItemId) -> Base {
        let id = match id {
            ItemId::Number(number) => *number,
            ItemId::Text(_) => 0,
        };
        Base { last, id }
    }
}

/// What summaries of packed items need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The first transition's instant.
    pub(crate) first: Instant,
    /// The greatest version of the transitions.
    pub(crate) version: u64,
}

const INVARIANT: &str = "INVARIANT: an item was packed";

impl<'b> Packed<'b> {
    /// Adds a work item to bytes. `None` if it has no transitions.
    pub(crate) fn write(
        tag: u8,
        id: &ItemId,
        item: &WorkItem,
        base: Base,
        bytes: &mut Vec<u8>,
    ) -> Option<Extent> {
        let all = item.track().transitions().to_slice();
        let (first, last) = (all.first()?, all.last()?);
        let start = bytes.len();
        // Room for the length, which has one byte as a rule.
        bytes.push(0);
        let version = all.iter().map(|t| t.version).max()?;
        bytes.push(tag);
        put_instant(bytes, last.at, base.last);
        put_instant(bytes, first.at, last.at);
        put(bytes, version);
        put(bytes, all.len() as u64);
        put_id(bytes, id, base.id);
        let mut before = Before::new(first.at, version);
        for (left, t) in (0..all.len()).rev().zip(all.iter()) {
            // The last instant is known.
            before.at = if left == 0 { last.at } else { before.at };
            put_transition(bytes, t, &mut before);
        }
        let (mut room, len) = ([0; 10], bytes.len() - start - 1);
        let width = (len as u64).encode_var(&mut room);
        bytes[start] = room[0];
        for (place, byte) in room[1..width].iter().enumerate() {
            bytes.insert(start + 1 + place, *byte);
        }
        Some(Extent { first: first.at, version })
    }

    /// The work item that bytes begin with.
    pub(crate) fn read(bytes: &'b [u8], base: Base) -> Packed<'b> {
        Packed::parse(bytes, base).expect(INVARIANT)
    }

    fn parse(bytes: &'b [u8], base: Base) -> Option<Packed<'b>> {
        let mut reader = Reader::new(bytes);
        let len = reader.number()? as usize;
        let mut rest = Reader::new(reader.bytes(len)?);
        rest.byte()?;
        let last = rest.instant(base.last)?;
        Some(Packed { last, base, rest, len: bytes.len() - reader.rest.len() })
    }

    /// Where the first item with a tag and an id is in bytes that hold items one after the other.
    pub(crate) fn find(bytes: &[u8], base: Base, tag: u8, id: &ItemId) -> Option<usize> {
        let mut reader = Reader::new(bytes);
        while !reader.rest.is_empty() {
            let at = bytes.len() - reader.rest.len();
            let len = reader.number()? as usize;
            let item = reader.bytes(len)?;
            if item.first() == Some(&tag) && Packed::read(&bytes[at..], base).id() == *id {
                return Some(at);
            }
        }
        None
    }

    /// Steps to the id, and returns the extent and the number of transitions.
    fn skip_to_id(&self, reader: &mut Reader<'_>) -> Option<(Extent, u64)> {
        Some((read_extent(reader, self.last)?, reader.number()?))
    }

    pub(crate) fn extent(&self) -> Extent {
        read_extent(&mut self.rest.clone(), self.last).expect(INVARIANT)
    }

    pub(crate) fn id(&self) -> ItemId {
        let mut reader = self.rest;
        self.skip_to_id(&mut reader)
            .and_then(|_| read_id(&mut reader, self.base.id))
            .expect(INVARIANT)
    }

    pub(crate) fn unpack(&self) -> (ItemId, WorkItem) {
        let mut reader = self.rest;
        let (Extent { first, version }, count) = self.skip_to_id(&mut reader).expect(INVARIANT);
        let id = read_id(&mut reader, self.base.id).expect(INVARIANT);
        let mut before = Before::new(first, version);
        let mut transitions = Vec::with_capacity(3.max(count as usize));
        for left in (0..count).rev() {
            steps::count(1);
            before.at = if left == 0 { self.last } else { before.at };
            transitions.push(reader.transition(&mut before).expect(INVARIANT));
        }
        (id, WorkItem::of(transitions))
    }
}

/// A number as a difference, a text by its length; the lowest bit says which.
pub(super) fn put_id(bytes: &mut Vec<u8>, id: &ItemId, base: u64) {
    let difference = |number: u64| zigzag(number.wrapping_sub(base).cast_signed());
    match id {
        ItemId::Number(number) if difference(*number) >> 63 == 0 => {
            put(bytes, difference(*number) << 1);
        }
        _ => {
            let text = id.to_string();
            put(bytes, (text.len() as u64) << 1 | 1);
            bytes.extend_from_slice(text.as_bytes());
        }
    }
}

fn read_extent(reader: &mut Reader<'_>, last: Instant) -> Option<Extent> {
    Some(Extent { first: reader.instant(last)?, version: reader.number()? })
}

pub(super) fn read_id(reader: &mut Reader<'_>, base: u64) -> Option<ItemId> {
    let head = reader.number()?;
    if head & 1 == 0 {
        return Some(ItemId::Number(base.wrapping_add_signed(unzigzag(head >> 1))));
    }
    let text = reader.bytes(usize::try_from(head >> 1).ok()?)?;
    Some(ItemId::new(std::str::from_utf8(text).ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::Name;
    use super::super::origin::Origin;
    use super::super::packing::tests::{transitions, work};
    use super::super::transition::{Stamp, Transition};
    use super::super::value::{Previous, Value, Work};
    use super::*;
    use crate::kind::Kind;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            id in "[0-9]{1,20}|[a-z\u{e9}]{0,4}",
            all in transitions(work(), 1..9),
            base in -62_135_596_800..253_402_300_800_i64,
            near in any::<bool>(),
        ) {
            let (id, base) = (ItemId::new(&id), Instant::from_unix(base, 0).expect("in range"));
            let base = Base::new(base, &ItemId::Number(if near { 7 } else { u64::MAX }));
            let item = WorkItem::of(all.clone());
            let mut bytes = Vec::new();
            Packed::write(7, &id, &item, base, &mut bytes);
            prop_assert_eq!(Packed::find(&bytes, base, 7, &id), Some(0));
            prop_assert_eq!(Packed::find(&bytes, base, 8, &id), None);
            bytes.extend([1, 2, 3]);
            let packed = Packed::read(&bytes, base);
            prop_assert_eq!(packed.len, bytes.len() - 3);
            prop_assert_eq!(packed.id(), id.clone());
            let (unpacked_id, unpacked) = packed.unpack();
            prop_assert_eq!(unpacked_id, id);
            prop_assert_eq!(format!("{item:?}"), format!("{unpacked:?}"));
            let Extent { first, version } = packed.extent();
            prop_assert_eq!(Some(first), all.first().map(|t| t.at));
            prop_assert_eq!(Some(packed.last), all.last().map(|t| t.at));
            prop_assert_eq!(Some(version), all.iter().map(|t| t.version).max());
        }
    }

    #[test]
    fn an_item_of_many_bytes_is_unpacked() {
        let id = "x".repeat(1000);
        let all: Vec<Transition> = (0..20)
            .map(|second| {
                let at = Instant::from_unix(second, 0).expect("in range");
                let stamp =
                    Stamp { at, version: 0, origin: Origin::Event(Kind::WorkItemRemoved), id: &id };
                let closed = Work { channel: Name::ONLINE, reason: None, open: false };
                Transition::new(&stamp, Value::Work(closed), Previous::NotOpen)
            })
            .collect();
        let (item, id, base) =
            (WorkItem::of(all), ItemId::new("5"), Base::new(Instant::MIN, &ItemId::new("4")));
        let mut bytes = Vec::new();
        Packed::write(7, &id, &item, base, &mut bytes);
        assert!(bytes.len() > 1 << 14);
        Packed::write(8, &id, &item, base, &mut bytes);
        let packed = Packed::read(&bytes, base);
        assert_eq!(Packed::find(&bytes, base, 8, &id), Some(packed.len));
        assert_eq!(format!("{:?}", packed.unpack().1), format!("{item:?}"));
    }
}
