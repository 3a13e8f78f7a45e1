//! Transitions as bytes: of most numbers the difference from the transition before.

use std::num::NonZeroU32;

use integer_encoding::VarInt;

use super::id::EventId;
use super::names::Name;
use super::origin::Origin;
use super::transition::Transition;
use super::value::{Previous, Unified, Value, Work};
use crate::Instant;
use crate::kind::Kind;

/// What a transition is packed in comparison with: the transition before it.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    pub(crate) at: Instant,
    pub(crate) version: u64,
    pub(crate) origin: Option<Origin>,
    pub(crate) value: Value,
}

impl Before {
    /// What the first transition is packed in comparison with.
    pub(crate) fn new(at: Instant, version: u64) -> Before {
        Before { at, version, origin: None, value: Value::Null }
    }

    fn of(t: &Transition) -> Before {
        Before { at: t.at, version: t.version, origin: Some(t.origin), value: t.value }
    }

    /// The previous value that a transition states if it follows this one.
    fn previous(&self, value: Value) -> Previous {
        match (value, self.value) {
            (Value::Work(_), Value::Work(Work { reason, open: true, .. })) => {
                Previous::Open(reason)
            }
            (Value::Work(_), _) => Previous::NotOpen,
            (_, before) => Previous::Value(before),
        }
    }

    /// The origin that a transition of a value has as a rule.
    fn origin(&self, value: Value) -> Option<Origin> {
        let kind = match (value, self.value) {
            (Value::Work(Work { open: false, .. }), _) => Kind::WorkItemRemoved,
            (Value::Work(_), Value::Work(_)) => Kind::WorkItemUpdated,
            (Value::Work(_), _) => Kind::WorkItemAdded,
            _ => return self.origin,
        };
        Some(Origin::Event(kind))
    }

    fn channel(&self) -> Option<Name> {
        match self.value {
            Value::Work(work) => Some(work.channel),
            _ => None,
        }
    }
}

// The bits of a transition's first byte.
const CONFLICT: u8 = 1;
const ULID: u8 = 2;
/// The origin is the likely one.
const LIKELY_ORIGIN: u8 = 4;
/// What the event states as the previous value: two bits from here on.
const PREVIOUS: u32 = 3;
/// The form of the value: three bits from here on.
const VALUE: u32 = 5;

// The previous value.
const UNSTATED: u8 = 0;
/// The value of the transition before.
const AS_BEFORE: u8 = 1;
/// Another one, which follows.
const STATED: u8 = 2;

// Another previous value.
const OTHER_VALUE: u8 = 0;
const NOT_OPEN: u8 = 8;
const OPEN: u8 = 9;
const OPEN_WITH_REASON: u8 = 10;

// The bits of a work item's value.
const IS_OPEN: u8 = 1;
const HAS_REASON: u8 = 2;
/// The channel is that of the transition before.
const SAME_CHANNEL: u8 = 4;

/// What a difference of instants is counted in, in nanoseconds: the coarsest unit that fits.
const UNITS: [i64; 4] = [1_000_000_000, 1_000_000, 1_000, 1];

/// Instead of a difference that is too great for its unit: the instant itself follows.
const FAR: u64 = u64::MAX;

/// The number of random bytes of a ULID, which follow its milliseconds.
const RANDOM: usize = 10;

pub(crate) fn put(bytes: &mut Vec<u8>, number: u64) {
    // Most numbers have one byte.
    if let Ok(byte @ 0..0x80) = u8::try_from(number) {
        return bytes.push(byte);
    }
    let mut room = [0; 10];
    let len = number.encode_var(&mut room);
    bytes.extend_from_slice(&room[..len]);
}

/// A signed number as one that is small if it is near zero.
pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)).cast_unsigned()
}

pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -(number & 1).cast_signed()
}

fn put_signed(bytes: &mut Vec<u8>, number: i64) {
    put(bytes, zigzag(number));
}

pub(crate) fn put_instant(bytes: &mut Vec<u8>, at: Instant, base: Instant) {
    let nanos = i64::from(at.subsec_nanos()) - i64::from(base.subsec_nanos());
    let difference = (at.unix_seconds() - base.unix_seconds())
        .checked_mul(UNITS[0])
        .and_then(|seconds| seconds.checked_add(nanos))
        .filter(|nanos| nanos.unsigned_abs() < 1 << 60);
    let Some(difference) = difference else {
        put(bytes, FAR);
        put_signed(bytes, at.unix_seconds());
        return put(bytes, at.subsec_nanos().into());
    };
    let unit = UNITS.iter().position(|unit| difference % unit == 0).unwrap_or(UNITS.len() - 1);
    put(bytes, zigzag(difference / UNITS[unit]) << 2 | unit as u64);
}

pub(crate) fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn put_name(bytes: &mut Vec<u8>, name: Name) {
    put(bytes, name.index() as u64);
}

fn put_optional_name(bytes: &mut Vec<u8>, name: Option<Name>) {
    put(bytes, name.map_or(0, |name| name.index() as u64 + 1));
}

fn form_of(value: Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::Name(_) => 3,
        Value::Unified(_) => 4,
        Value::Groups(_) => 5,
        Value::Work(_) => 6,
    }
}

fn put_value(bytes: &mut Vec<u8>, value: Value, before: Option<Name>) {
    match value {
        Value::Null => {}
        Value::Bool(is) => bytes.push(is.into()),
        Value::Number(number) => put(bytes, number),
        Value::Name(name) | Value::Groups(name) => put_name(bytes, name),
        Value::Unified(Unified { id, name, reason }) => {
            put_name(bytes, id);
            put_optional_name(bytes, name);
            put_optional_name(bytes, reason);
        }
        Value::Work(Work { channel, reason, open }) => {
            let is_same = before == Some(channel);
            let bit = |is: bool, bit: u8| if is { bit } else { 0 };
            bytes.push(
                bit(open, IS_OPEN) | bit(reason.is_some(), HAS_REASON) | bit(is_same, SAME_CHANNEL),
            );
            if !is_same {
                put_name(bytes, channel);
            }
            reason.into_iter().for_each(|name| put_name(bytes, name));
        }
    }
}

/// Adds a transition, and makes it the one that the next is packed in comparison with. Its instant is
/// packed in comparison with that of `before`.
pub(crate) fn put_transition(bytes: &mut Vec<u8>, t: &Transition, before: &mut Before) {
    let ulid = t.id.ulid();
    let previous = match t.previous {
        Previous::Unstated => UNSTATED,
        stated if stated == before.previous(t.value) => AS_BEFORE,
        _ => STATED,
    };
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    let is_likely = before.origin(t.value) == Some(t.origin);
    let bits =
        bit(t.conflict, CONFLICT) | bit(ulid.is_some(), ULID) | bit(is_likely, LIKELY_ORIGIN);
    bytes.push(bits | previous << PREVIOUS | form_of(t.value) << VALUE);
    put_value(bytes, t.value, before.channel());
    if !is_likely {
        bytes.push(t.origin.number());
    }
    if previous == STATED {
        match t.previous {
            Previous::Value(value) => {
                bytes.push(OTHER_VALUE + form_of(value));
                put_value(bytes, value, None);
            }
            Previous::Unstated | Previous::NotOpen => bytes.push(NOT_OPEN),
            Previous::Open(None) => bytes.push(OPEN),
            Previous::Open(Some(reason)) => {
                bytes.push(OPEN_WITH_REASON);
                put_name(bytes, reason);
            }
        }
    }
    put_instant(bytes, t.at, before.at);
    put_signed(bytes, t.version.wrapping_sub(before.version).cast_signed());
    match ulid {
        Some(ulid) => {
            let millis = (ulid >> (8 * RANDOM)) as i64;
            put_signed(bytes, millis - millis_of(t.at));
            bytes.extend_from_slice(&ulid.to_be_bytes()[16 - RANDOM..]);
        }
        None => put_text(bytes, &t.id.text()),
    }
    *before = Before::of(t);
}

fn millis_of(at: Instant) -> i64 {
    at.unix_seconds() * 1000 + i64::from(at.subsec_nanos() / 1_000_000)
}

/// The rest of packed bytes. Its methods return `None` if the bytes are damaged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'b> {
    pub(crate) rest: &'b [u8],
    /// What the names stand for that were packed; `None` if for themselves.
    names: Option<&'b [Name]>,
}

impl<'b> Reader<'b> {
    #[inline]
    pub(crate) fn new(bytes: &'b [u8]) -> Reader<'b> {
        Reader { rest: bytes, names: None }
    }

    /// Replaces each name that it reads by `names` at its index.
    pub(crate) fn with_names(self, names: &'b [Name]) -> Reader<'b> {
        Reader { names: Some(names), ..self }
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(bytes)
    }

    #[inline]
    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    #[inline]
    pub(crate) fn number(&mut self) -> Option<u64> {
        if let [byte @ 0..0x80, rest @ ..] = self.rest {
            self.rest = rest;
            return Some((*byte).into());
        }
        let (number, len) = u64::decode_var(self.rest)?;
        self.rest = &self.rest[len..];
        Some(number)
    }

    fn signed(&mut self) -> Option<i64> {
        self.number().map(unzigzag)
    }

    pub(crate) fn text(&mut self) -> Option<&'b str> {
        let len = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.bytes(len)?).ok()
    }

    pub(crate) fn instant(&mut self, base: Instant) -> Option<Instant> {
        let head = self.number()?;
        if head == FAR {
            return Instant::from_unix(self.signed()?, u32::try_from(self.number()?).ok()?);
        }
        let nanos = unzigzag(head >> 2).checked_mul(UNITS[(head & 3) as usize])?;
        let nanos = nanos.checked_add(base.subsec_nanos().into())?;
        let second = base.unix_seconds().checked_add(nanos.div_euclid(UNITS[0]))?;
        Instant::from_unix(second, nanos.rem_euclid(UNITS[0]) as u32)
    }

    #[inline]
    fn name(&mut self) -> Option<Name> {
        let index = self.number()?;
        self.named(index)
    }

    #[inline]
    fn named(&self, index: u64) -> Option<Name> {
        match self.names {
            Some(names) => names.get(usize::try_from(index).ok()?).copied(),
            None => Some(Name::at(NonZeroU32::MIN.checked_add(u32::try_from(index).ok()?)?)),
        }
    }

    fn optional_name(&mut self) -> Option<Option<Name>> {
        match self.number()?.checked_sub(1) {
            Some(index) => self.named(index).map(Some),
            None => Some(None),
        }
    }

    fn value(&mut self, form: u8, before: Option<Name>) -> Option<Value> {
        Some(match form {
            0 => Value::Null,
            1 => Value::Bool(self.byte()? == 1),
            2 => Value::Number(self.number()?),
            3 => Value::Name(self.name()?),
            4 => Value::Unified(Unified {
                id: self.name()?,
                name: self.optional_name()?,
                reason: self.optional_name()?,
            }),
            5 => Value::Groups(self.name()?),
            6 => {
                let bits = self.byte()?;
                let is = |bit| bits & bit > 0;
                let channel = if is(SAME_CHANNEL) { before? } else { self.name()? };
                let reason = if is(HAS_REASON) { Some(self.name()?) } else { None };
                Value::Work(Work { channel, reason, open: is(IS_OPEN) })
            }
            _ => return None,
        })
    }

    pub(crate) fn transition(&mut self, before: &mut Before) -> Option<Transition> {
        let Told { stamp, conflict, value, previous } = self.told(before)?;
        let PackedStamp { at, version, origin, id } = stamp;
        Some(Transition { at, origin, conflict, version, id: id.id(), value, previous })
    }

    /// A transition whose id is not unpacked.
    pub(crate) fn told(&mut self, before: &mut Before) -> Option<Told<'b>> {
        let bits = self.byte()?;
        let is = |bit| bits & bit > 0;
        let value = self.value(bits >> VALUE, before.channel())?;
        let origin = match is(LIKELY_ORIGIN) {
            true => before.origin(value)?,
            false => Origin::from_number(self.byte()?)?,
        };
        let previous = match bits >> PREVIOUS & 3 {
            UNSTATED => Previous::Unstated,
            AS_BEFORE => before.previous(value),
            STATED => self.previous()?,
            _ => return None,
        };
        let at = self.instant(before.at)?;
        let version = before.version.wrapping_add_signed(self.signed()?);
        let id = if is(ULID) {
            let millis = millis_of(at).checked_add(self.signed()?)?;
            let (random, rest) = self.rest.split_first_chunk()?;
            self.rest = rest;
            PackedId::Ulid(millis.cast_unsigned(), random)
        } else {
            PackedId::Text(self.text()?)
        };
        *before = Before { at, version, origin: Some(origin), value };
        let stamp = PackedStamp { at, version, origin, id };
        Some(Told { stamp, conflict: is(CONFLICT), value, previous })
    }

    /// A previous value that is not the one before.
    #[cold]
    fn previous(&mut self) -> Option<Previous> {
        Some(match self.byte()? {
            form @ OTHER_VALUE..NOT_OPEN => Previous::Value(self.value(form, None)?),
            NOT_OPEN => Previous::NotOpen,
            OPEN => Previous::Open(None),
            OPEN_WITH_REASON => Previous::Open(Some(self.name()?)),
            _ => return None,
        })
    }
}

/// A transition whose id is not unpacked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told<'b> {
    pub(crate) stamp: PackedStamp<'b>,
    conflict: bool,
    pub(crate) value: Value,
    pub(crate) previous: Previous,
}

#[derive(Debug, Clone, Copy)]
enum PackedId<'b> {
    /// Its milliseconds and the rest.
    Ulid(u64, &'b [u8; RANDOM]),
    Text(&'b str),
}

impl PackedId<'_> {
    fn id(self) -> EventId {
        match self {
            PackedId::Ulid(millis, random) => {
                let random = random.iter().fold(0, |all, byte| all << 8 | u128::from(*byte));
                EventId::of_ulid(u128::from(millis) << (8 * RANDOM) | random)
            }
            PackedId::Text(text) => EventId::new(text),
        }
    }
}

/// The stamp of a transition whose id is not unpacked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PackedStamp<'b> {
    pub(crate) at: Instant,
    version: u64,
    origin: Origin,
    id: PackedId<'b>,
}

impl PackedStamp<'_> {
    #[inline]
    pub(crate) fn is_before(&self, other: &PackedStamp<'_>) -> bool {
        if self.at != other.at {
            return self.at < other.at;
        }
        let key = |stamp: &PackedStamp<'_>| (stamp.version, stamp.origin);
        let order = key(self).cmp(&key(other));
        order.then_with(|| self.id.id().cmp(&other.id.id())).is_lt()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::transition::Stamp;

    fn name() -> impl Strategy<Value = Name> {
        (0..200_u32).prop_map(|index| Name::at(NonZeroU32::MIN.saturating_add(index)))
    }

    pub(crate) fn work() -> impl Strategy<Value = Value> {
        (name(), prop::option::of(name()), any::<bool>()).prop_map(|(channel, reason, open)| {
            Value::Work(Work { channel, reason, open: open && reason.is_some() })
        })
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<u64>().prop_map(Value::Number),
            (0..3_u64).prop_map(Value::Number),
            name().prop_map(Value::Name),
            name().prop_map(Value::Groups),
            (name(), prop::option::of(name()), prop::option::of(name()))
                .prop_map(|(id, name, reason)| Value::Unified(Unified { id, name, reason })),
            work(),
        ]
    }

    fn previous() -> impl Strategy<Value = Previous> {
        prop_oneof![
            Just(Previous::Unstated),
            Just(Previous::NotOpen),
            value().prop_map(Previous::Value),
            prop::option::of(name()).prop_map(Previous::Open),
        ]
    }

    /// Transitions in the order of their stamps.
    pub(crate) fn transitions(
        value: impl Strategy<Value = Value>,
        count: std::ops::Range<usize>,
    ) -> impl Strategy<Value = Vec<Transition>> {
        let second =
            prop_oneof![-62_135_596_800..253_402_300_800_i64, 1_700_000_000..1_700_000_090_i64];
        let nanos = prop_oneof![Just(0), Just(120_000_000), Just(7_000), 0..1_000_000_000_u32];
        let version = prop_oneof![0_u64..50, any::<u64>()];
        let id =
            prop_oneof!["[0-7][0-9A-HJKMNP-TV-Z]{25}", "[0-9A-Za-z]{26}", "[a-z\u{e9}]{0,30}",];
        let told = (second, nanos, version, id, any::<bool>(), 0..12_u8, value, previous());
        let told =
            told.prop_map(|(second, nanos, version, id, conflict, origin, value, previous)| {
                let at = Instant::from_unix(second, nanos).expect("in range");
                let origin = Origin::from_number(origin).expect("an origin");
                let stamp = Stamp { at, version, origin, id: &id };
                Transition { conflict, ..Transition::new(&stamp, value, previous) }
            });
        prop::collection::vec(told, count).prop_map(|mut all| {
            all.sort_by(Transition::cmp_stamp);
            all.dedup_by(|a, b| a.cmp_stamp(b).is_eq());
            // Most previous values are those of the transition before.
            for i in 1..all.len() {
                if all[i].version % 3 > 0 {
                    all[i].previous = Before::of(&all[i - 1]).previous(all[i].value);
                }
            }
            all
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(all in transitions(value(), 1..9), cut in any::<prop::sample::Index>()) {
            let (mut bytes, base) = (Vec::new(), Before::new(Instant::MIN, 7));
            let mut before = base.clone();
            all.iter().for_each(|t| put_transition(&mut bytes, t, &mut before));
            let (mut reader, mut before) = (Reader::new(&bytes), base.clone());
            for t in &all {
                let unpacked = reader.transition(&mut before).expect("packed");
                prop_assert_eq!(format!("{unpacked:?}"), format!("{t:?}"));
            }
            prop_assert!(reader.rest.is_empty());
            // Damaged bytes are told, or read as something else.
            let cut = cut.index(bytes.len());
            let (mut reader, mut before) = (Reader::new(&bytes[..cut]), base.clone());
            while reader.transition(&mut before).is_some() {}
            bytes[cut] ^= 0x55;
            let (mut reader, mut before) = (Reader::new(&bytes), base);
            while reader.transition(&mut before).is_some() {}
        }
    }
}
