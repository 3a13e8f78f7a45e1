//! [`Zone`]: the offset of a time zone's clocks from UTC.

use crate::Instant;

/// A time zone, given by the offset of its clocks.
///
/// This crate contains no time zone database. The trait is implemented for `chrono_tz::Tz` with the
/// feature `chrono-tz`, for `jiff::tz::TimeZone` with the feature `jiff`, and for functions that return
/// the offset at an instant.
///
/// ```
/// use agentfold::Instant;
/// use agentfold::report::{Buckets, Every};
///
/// let kolkata = |_: Instant| 5 * 3600 + 30 * 60;
/// let (from, to) = ("2026-01-05T08:00:00Z".parse()?, "2026-01-05T10:00:00Z".parse()?);
/// let hours = Buckets::every(Every::HOUR, &kolkata, from, to, to)?;
/// assert_eq!(hours.boundaries()[1].to_string(), "2026-01-05T08:30:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Zone {
    /// How many seconds the clocks are ahead of UTC at an instant: less than a day, negative west of
    /// Greenwich.
    ///
    /// The offset changes at whole seconds. A change that is reversed within a day may be missed; no
    /// real time zone has one.
    fn offset(&self, at: Instant) -> i32;
}

/// The time zone in which clocks show UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Utc;

impl Zone for Utc {
    fn offset(&self, _: Instant) -> i32 {
        0
    }
}

impl<F: Fn(Instant) -> i32> Zone for F {
    fn offset(&self, at: Instant) -> i32 {
        self(at)
    }
}

#[cfg(feature = "chrono-tz")]
impl Zone for chrono_tz::Tz {
    fn offset(&self, at: Instant) -> i32 {
        use chrono::{DateTime, Offset, TimeZone};

        let utc = DateTime::from_timestamp(at.unix_seconds(), 0)
            .expect("INVARIANT: chrono has the years 0 to 9999");
        self.offset_from_utc_datetime(&utc.naive_utc()).fix().local_minus_utc()
    }
}

#[cfg(feature = "jiff")]
impl Zone for jiff::tz::TimeZone {
    fn offset(&self, at: Instant) -> i32 {
        // The last day of the year 9999 is missing in jiff.
        let at = jiff::Timestamp::from_second(at.unix_seconds()).unwrap_or(jiff::Timestamp::MAX);
        self.to_offset(at).seconds()
    }
}

/// A range of seconds, excluding its end, in which the clocks of a zone do not change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Steady {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) offset: i64,
}

impl Steady {
    /// The local time at the first second.
    pub(super) fn first(&self) -> i64 {
        self.from + self.offset
    }

    /// The local time at the end, if the clocks did not change there.
    pub(super) fn end(&self) -> i64 {
        self.to + self.offset
    }
}

pub(super) const DAY: i64 = 24 * 60 * 60;

/// The parts of a range of seconds in which the clocks do not change, ascending, without gaps.
pub(super) fn steady(zone: &(impl Zone + ?Sized), from: i64, to: i64) -> Vec<Steady> {
    let mut known = (from, offset(zone, from));
    let mut parts = vec![Steady { from, to, offset: known.1 }];
    while known.0 < to {
        let at = to.min(known.0 + DAY);
        let next = (at, offset(zone, at));
        split(zone, known, next, &mut parts);
        known = next;
    }
    parts
}

/// Adds a part for each change between two seconds whose offsets are known.
fn split(
    zone: &(impl Zone + ?Sized),
    (from, before): (i64, i64),
    (to, after): (i64, i64),
    parts: &mut Vec<Steady>,
) {
    if before == after {
        return;
    }
    if to - from > 1 {
        let at = from + (to - from) / 2;
        let middle = (at, offset(zone, at));
        split(zone, (from, before), middle, parts);
        split(zone, middle, (to, after), parts);
    } else if let Some(last) = parts.last_mut() {
        let end = std::mem::replace(&mut last.to, to);
        parts.push(Steady { from: to, to: end, offset: after });
    }
}

/// The offset at a second; outside of the range of [`Instant`], that at its nearest end.
fn offset(zone: &(impl Zone + ?Sized), second: i64) -> i64 {
    let nearest = if second < 0 { Instant::MIN } else { Instant::MAX };
    zone.offset(Instant::from_unix(second, 0).unwrap_or(nearest)).into()
}
