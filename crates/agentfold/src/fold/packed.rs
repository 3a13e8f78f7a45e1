//! [`Packed`]: a work item that is not open, as bytes.

use std::num::NonZeroU32;

use integer_encoding::VarInt;

use super::id::{EventId, ItemId};
use super::names::Name;
use super::origin::Origin;
use super::transition::Transition;
use super::value::{Previous, Value, Work};
use super::work_item::WorkItem;
use crate::Instant;
use crate::steps;

/// A work item that is not open, as bytes: its length, then
/// - a byte of its id's hash, so that few other ids are read to find one,
/// - its last and first instants, and its greatest version,
/// - its id,
/// - its transitions: of most numbers the difference from the transition before.
#[derive(Debug, Clone)]
pub(crate) struct Packed<'b> {
    pub(crate) last: Instant,
    /// From the first instant on.
    rest: Reader<'b>,
    /// How many bytes it has.
    pub(crate) len: usize,
}

/// What summaries of packed items need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The first transition's instant.
    pub(crate) first: Instant,
    /// The greatest version of the transitions.
    pub(crate) version: u64,
}

/// What a transition is packed in comparison with.
struct Before {
    at: Instant,
    version: u64,
    channel: Option<Name>,
}

// The bits of a transition's first byte.
const CONFLICT: u8 = 1;
const OPEN: u8 = 2;
const REASON: u8 = 4;
/// Another channel than that of the transition before.
const CHANNEL: u8 = 8;
const ULID: u8 = 16;
/// The previous value, from this bit on.
const PREVIOUS: u32 = 6;

const UNSTATED: u8 = 0;
const NOT_OPEN: u8 = 1;
const OPEN_BEFORE: u8 = 2;
const OPEN_WITH_REASON: u8 = 3;

/// What the parts of a second are counted in: the coarsest unit that fits.
const UNITS: [u32; 4] = [1_000_000_000, 1_000_000, 1_000, 1];

/// The number of random bytes of a ULID, which follow its milliseconds.
const RANDOM: usize = 10;

impl<'b> Packed<'b> {
    /// Adds a work item to bytes. Its last instant is packed in comparison with `base`.
    pub(crate) fn write(tag: u8, id: &ItemId, item: &WorkItem, base: Instant, bytes: &mut Vec<u8>) {
        let all = item.track().transitions();
        let (Some(first), Some(last)) = (all.first(), all.last()) else {
            return;
        };
        let start = bytes.len();
        // Room for the length, which has one byte as a rule.
        bytes.push(0);
        let version = all.iter().map(|t| t.version).max().unwrap_or(0);
        bytes.push(tag);
        put_instant(bytes, last.at, base);
        put_instant(bytes, first.at, last.at);
        put(bytes, version);
        match id {
            ItemId::Number(number) => {
                put(bytes, 0);
                put(bytes, *number);
            }
            ItemId::Text(text) => {
                put(bytes, text.len() as u64 + 1);
                bytes.extend_from_slice(text.as_bytes());
            }
        }
        let mut before = Before { at: first.at, version, channel: None };
        for t in all {
            put_transition(bytes, t, &mut before);
        }
        let (mut room, len) = ([0; 10], bytes.len() - start - 1);
        let width = (len as u64).encode_var(&mut room);
        bytes[start] = room[0];
        for (place, byte) in room[1..width].iter().enumerate() {
            bytes.insert(start + 1 + place, *byte);
        }
    }

    /// The work item that bytes begin with.
    pub(crate) fn read(bytes: &'b [u8], base: Instant) -> Packed<'b> {
        let mut reader = Reader(bytes);
        let len = reader.number() as usize;
        let (after, mut rest) = (reader.0.len() - len, Reader(reader.bytes(len)));
        rest.byte();
        let last = rest.instant(base);
        Packed { last, rest, len: bytes.len() - after }
    }

    /// Where the first item with a tag and an id is in bytes that hold items one after the other.
    pub(crate) fn find(bytes: &[u8], base: Instant, tag: u8, id: &ItemId) -> Option<usize> {
        let mut reader = Reader(bytes);
        while !reader.0.is_empty() {
            let at = bytes.len() - reader.0.len();
            let len = reader.number() as usize;
            if reader.0[0] == tag && Packed::read(&bytes[at..], base).id() == *id {
                return Some(at);
            }
            reader.bytes(len);
        }
        None
    }

    pub(crate) fn extent(&self) -> Extent {
        self.rest.clone().extent(self.last)
    }

    pub(crate) fn id(&self) -> ItemId {
        let mut reader = self.rest.clone();
        reader.extent(self.last);
        reader.id()
    }

    pub(crate) fn unpack(&self) -> (ItemId, WorkItem) {
        let mut reader = self.rest.clone();
        let Extent { first, version } = reader.extent(self.last);
        let id = reader.id();
        let mut before = Before { at: first, version, channel: None };
        let mut transitions = Vec::with_capacity(3);
        while !reader.0.is_empty() {
            steps::count(1);
            transitions.push(reader.transition(&mut before));
        }
        (id, WorkItem::of(transitions))
    }
}

fn put(bytes: &mut Vec<u8>, number: u64) {
    // Most numbers have one byte.
    if let Ok(byte @ 0..0x80) = u8::try_from(number) {
        return bytes.push(byte);
    }
    let mut room = [0; 10];
    let len = number.encode_var(&mut room);
    bytes.extend_from_slice(&room[..len]);
}

fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, ((number << 1) ^ (number >> 63)).cast_unsigned());
}

fn put_instant(bytes: &mut Vec<u8>, at: Instant, base: Instant) {
    let nanos = at.subsec_nanos();
    let unit = UNITS.iter().position(|unit| nanos.is_multiple_of(*unit)).unwrap_or(UNITS.len() - 1);
    put_signed(bytes, (at.unix_seconds() - base.unix_seconds()) * 4 + unit as i64);
    if unit > 0 {
        put(bytes, (nanos / UNITS[unit]).into());
    }
}

fn put_name(bytes: &mut Vec<u8>, name: Name) {
    put(bytes, name.index() as u64);
}

fn put_transition(bytes: &mut Vec<u8>, t: &Transition, before: &mut Before) {
    let Value::Work(Work { channel, reason, open }) = t.value else {
        unreachable!("INVARIANT: the track is that of a work item");
    };
    let (previous, stated) = match t.previous {
        Previous::NotOpen => (NOT_OPEN, None),
        Previous::Open(None) => (OPEN_BEFORE, None),
        Previous::Open(reason) => (OPEN_WITH_REASON, reason),
        Previous::Unstated | Previous::Value(_) => (UNSTATED, None),
    };
    let is_other = before.channel != Some(channel);
    let ulid = t.id.ulid();
    let bits = [
        (t.conflict, CONFLICT),
        (open, OPEN),
        (reason.is_some(), REASON),
        (is_other, CHANNEL),
        (ulid.is_some(), ULID),
    ];
    let bits = bits.into_iter().filter(|(is, _)| *is).map(|(_, bit)| bit);
    bytes.push(bits.fold(previous << PREVIOUS, |all, bit| all | bit));
    bytes.push(t.origin.number());
    if is_other {
        put_name(bytes, channel);
    }
    reason.into_iter().chain(stated).for_each(|name| put_name(bytes, name));
    put_instant(bytes, t.at, before.at);
    put_signed(bytes, t.version.wrapping_sub(before.version).cast_signed());
    match ulid {
        Some(ulid) => {
            let millis = (ulid >> (8 * RANDOM)) as i64;
            put_signed(bytes, millis - millis_of(t.at));
            bytes.extend_from_slice(&ulid.to_be_bytes()[16 - RANDOM..]);
        }
        None => {
            let text = t.id.text();
            put(bytes, text.len() as u64);
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    *before = Before { at: t.at, version: t.version, channel: Some(channel) };
}

fn millis_of(at: Instant) -> i64 {
    at.unix_seconds() * 1000 + i64::from(at.subsec_nanos() / 1_000_000)
}

/// The rest of packed bytes.
#[derive(Debug, Clone)]
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn bytes(&mut self, len: usize) -> &'b [u8] {
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1)[0]
    }

    #[inline]
    fn number(&mut self) -> u64 {
        if let [byte @ 0..0x80, rest @ ..] = self.0 {
            self.0 = rest;
            return (*byte).into();
        }
        let (number, len) = u64::decode_var(self.0).expect("INVARIANT: a number was packed");
        self.0 = &self.0[len..];
        number
    }

    fn signed(&mut self) -> i64 {
        let number = self.number();
        (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
    }

    fn extent(&mut self, last: Instant) -> Extent {
        Extent { first: self.instant(last), version: self.number() }
    }

    fn text(&mut self, len: usize) -> &'b str {
        std::str::from_utf8(self.bytes(len)).expect("INVARIANT: a text was packed")
    }

    fn instant(&mut self, base: Instant) -> Instant {
        let head = self.signed();
        let unit = head.rem_euclid(4) as usize;
        let nanos = if unit > 0 { self.number() as u32 * UNITS[unit] } else { 0 };
        let at = Instant::from_unix(base.unix_seconds() + head.div_euclid(4), nanos);
        at.expect("INVARIANT: an instant was packed")
    }

    fn id(&mut self) -> ItemId {
        match self.number() {
            0 => ItemId::Number(self.number()),
            len => ItemId::Text(self.text(len as usize - 1).into()),
        }
    }

    fn name(&mut self) -> Name {
        Name::at(NonZeroU32::MIN.saturating_add(self.number() as u32))
    }

    fn transition(&mut self, before: &mut Before) -> Transition {
        let bits = self.byte();
        let is = |bit| bits & bit > 0;
        let origin = Origin::from_number(self.byte()).expect("INVARIANT: an origin was packed");
        let channel = match before.channel {
            Some(channel) if !is(CHANNEL) => channel,
            _ => self.name(),
        };
        let reason = is(REASON).then(|| self.name());
        let previous = match bits >> PREVIOUS {
            NOT_OPEN => Previous::NotOpen,
            OPEN_BEFORE => Previous::Open(None),
            OPEN_WITH_REASON => Previous::Open(Some(self.name())),
            _ => Previous::Unstated,
        };
        let at = self.instant(before.at);
        let version = before.version.wrapping_add_signed(self.signed());
        let id = if is(ULID) {
            let millis = millis_of(at) + self.signed();
            let random =
                self.bytes(RANDOM).iter().fold(0, |all, byte| all << 8 | u128::from(*byte));
            EventId::of_ulid(u128::from(millis.cast_unsigned()) << (8 * RANDOM) | random)
        } else {
            let len = self.number() as usize;
            EventId::new(self.text(len))
        };
        *before = Before { at, version, channel: Some(channel) };
        let value = Value::Work(Work { channel, reason, open: is(OPEN) });
        Transition { at, origin, conflict: is(CONFLICT), version, id, value, previous }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::transition::Stamp;
    use super::*;
    use crate::kind::Kind;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            id in "[0-9]{1,20}|[a-z\u{e9}]{0,4}",
            told in prop::collection::vec(
                (
                    prop_oneof![-62_135_596_800..253_402_300_800_i64, 1_700_000_000..1_700_000_090_i64],
                    prop_oneof![Just(0), Just(120_000_000), Just(7_000), 0..1_000_000_000_u32],
                    (any::<bool>(), prop_oneof![0_u64..50, any::<u64>()]),
                    prop_oneof!["[0-7][0-9A-HJKMNP-TV-Z]{25}", "[0-9A-Za-z]{26}", "[a-z\u{e9}]{0,30}"],
                    (0..12_u8, 0..3_u32, prop::option::of(0..200_u32), any::<bool>()),
                    prop::option::of(prop::option::of(prop::option::of(0..200_u32))),
                ),
                1..9,
            ),
            base in -62_135_596_800..253_402_300_800_i64,
        ) {
            let name = |index| Name::at(NonZeroU32::MIN.saturating_add(index));
            let transitions = told.into_iter().map(|(second, nanos, (conflict, version), id, work, previous)| {
                let (origin, channel, reason, open) = work;
                let at = Instant::from_unix(second, nanos).expect("in range");
                let origin = Origin::from_number(origin).unwrap_or(Origin::Event(Kind::WorkItemAdded));
                let work = Work { channel: name(channel), reason: reason.map(name), open: open && reason.is_some() };
                let previous = match previous {
                    None => Previous::Unstated,
                    Some(None) => Previous::NotOpen,
                    Some(Some(reason)) => Previous::Open(reason.map(name)),
                };
                let stamp = Stamp { at, version, origin, id: &id };
                Transition { conflict, ..Transition::new(&stamp, Value::Work(work), previous) }
            });
            let mut transitions: Vec<Transition> = transitions.collect();
            transitions.sort_by(Transition::cmp_stamp);
            transitions.dedup_by(|a, b| a.cmp_stamp(b).is_eq());
            let (id, base) = (ItemId::new(&id), Instant::from_unix(base, 0).expect("in range"));
            let item = WorkItem::of(transitions);
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
            let all = item.track().transitions();
            let Extent { first, version } = packed.extent();
            prop_assert_eq!(Some(first), all.first().map(|t| t.at));
            prop_assert_eq!(Some(packed.last), all.last().map(|t| t.at));
            prop_assert_eq!(Some(version), all.iter().map(|t| t.version).max());
        }
    }
}
