//! [`Instant`]: a moment in UTC, to the nanosecond.

mod convert;
mod text;

pub(crate) use text::civil_from_days;

use std::cmp::Ordering;
use std::time::Duration;

/// A moment in UTC, to the nanosecond.
///
/// An instant is a count of nanoseconds since the Unix epoch, `1970-01-01T00:00:00Z`. It has no time
/// zone and no calendar. To show it in local time, convert it to a type of [chrono] or [jiff] (see
/// [Conversions](#conversions)). It is not a reading of a monotonic clock, as [`std::time::Instant`]
/// is.
///
/// # Range
///
/// Instants reach from [`Instant::MIN`], the first nanosecond of year 0, to [`Instant::MAX`], the last
/// one of year 9999. This is the range of RFC 3339 in UTC. Every way to make an instant refuses values
/// outside it.
///
/// ```
/// use agentfold::Instant;
///
/// assert_eq!(Instant::MIN.to_string(), "0000-01-01T00:00:00Z");
/// assert_eq!(Instant::MAX.to_string(), "9999-12-31T23:59:59.999999999Z");
/// assert!("9999-12-31T23:59:59-01:00".parse::<Instant>().is_err());
/// ```
///
/// # Parsing
///
/// [`FromStr`](std::str::FromStr), `TryFrom<&str>` and [`Instant::parse`], which takes bytes, read
/// RFC 3339: a date, `T`, `t` or a space, a time to the second, optionally a fraction, and `Z`, `z` or
/// an offset such as `+02:00`. The offset is applied and not kept. Everything else is refused: a text
/// without an offset does not name an instant.
///
/// ```
/// use agentfold::Instant;
///
/// let at: Instant = "2023-04-06T01:30:58.5+02:00".parse()?;
/// assert_eq!(at, Instant::parse(b"2023-04-05T23:30:58.5Z")?);
/// assert!("2023-04-05T23:30:58".parse::<Instant>().is_err());
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Printing
///
/// [`Display`](std::fmt::Display) writes RFC 3339 in UTC. It writes 0, 3, 6 or 9 fraction digits, as
/// few as hold the instant exactly ([the contract](crate::contract::fold#words)). The text reads back
/// as the same instant.
///
/// ```
/// use agentfold::Instant;
///
/// let print = |text: &str| text.parse().map(|at: Instant| at.to_string());
/// assert_eq!(print("2023-04-05T23:30:58.000Z")?, "2023-04-05T23:30:58Z");
/// assert_eq!(print("2023-04-05T23:30:58.5Z")?, "2023-04-05T23:30:58.500Z");
/// assert_eq!(print("2023-04-05T23:30:58.642630335Z")?, "2023-04-05T23:30:58.642630335Z");
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Leap seconds
///
/// Instants do not count leap seconds, as Unix time does not. A time with the second `60` is read as
/// the first second of the next minute. It is accepted in any minute, since the list of leap seconds
/// grows.
///
/// ```
/// use agentfold::Instant;
///
/// let leap: Instant = "2016-12-31T23:59:60.25Z".parse()?;
/// assert_eq!(leap.to_string(), "2017-01-01T00:00:00.250Z");
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Rounding
///
/// Digits after the ninth are cut off, not rounded, so a text never reads as a later instant than
/// stated. Arithmetic is exact.
///
/// ```
/// use agentfold::Instant;
///
/// let at: Instant = "2023-04-05T23:59:59.9999999999Z".parse()?;
/// assert_eq!(at.to_string(), "2023-04-05T23:59:59.999999999Z");
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Ordering
///
/// An earlier instant is less than a later one. Instants are equal if they name the same nanosecond,
/// however they were written.
///
/// ```
/// use agentfold::Instant;
///
/// let [earlier, later] = ["2023-04-05T23:30:58Z", "2023-04-05T20:30:59-03:00"];
/// assert!(earlier.parse::<Instant>()? < later.parse::<Instant>()?);
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Arithmetic
///
/// [`checked_add`](Instant::checked_add) and [`checked_sub`](Instant::checked_sub) move an instant by a
/// [`Duration`] and return `None` outside the range; [`saturating_add`](Instant::saturating_add) and
/// [`saturating_sub`](Instant::saturating_sub) stop at the ends of the range.
/// [`duration_since`](Instant::duration_since) is the time between two instants. There are no operators
/// `+` and `-`, which could only panic outside the range.
///
/// ```
/// use std::time::Duration;
///
/// use agentfold::Instant;
///
/// let at: Instant = "2023-04-05T23:30:58Z".parse()?;
/// let later = at.checked_add(Duration::from_secs(3600)).expect("in range");
/// assert_eq!(later.to_string(), "2023-04-06T00:30:58Z");
/// assert_eq!(later.duration_since(at), Some(Duration::from_secs(3600)));
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Conversions
///
/// | from and to | how | feature |
/// |---|---|---|
/// | Unix time | [`from_unix`](Instant::from_unix), [`from_unix_nanos`](Instant::from_unix_nanos), [`unix_seconds`](Instant::unix_seconds), [`subsec_nanos`](Instant::subsec_nanos), [`unix_nanos`](Instant::unix_nanos) | |
/// | [`SystemTime`](std::time::SystemTime) | `TryFrom` both ways | |
/// | `chrono::DateTime` | `TryFrom` from any time zone, `From` to UTC | `chrono` |
/// | `jiff::Timestamp` | `TryFrom` both ways | `jiff` |
///
/// This crate does not read a clock. If a function needs the present time, pass it.
///
/// ```
/// use std::time::SystemTime;
///
/// use agentfold::Instant;
///
/// const RELEASE: Instant = Instant::from_unix(1_700_000_000, 0).expect("in range");
///
/// let now = Instant::try_from(SystemTime::now())?;
/// assert!(now > RELEASE);
/// assert_eq!(RELEASE.unix_nanos(), 1_700_000_000_000_000_000);
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
///
/// # Serde
///
/// An instant is serialised as its text, and deserialised from any text that parses, in every format.
///
/// ```
/// use agentfold::Instant;
///
/// let at: Instant = serde_json::from_str(r#""2023-04-06T01:30:58+02:00""#)?;
/// assert_eq!(serde_json::to_string(&at)?, r#""2023-04-05T23:30:58Z""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [chrono]: https://docs.rs/chrono
/// [jiff]: https://docs.rs/jiff
// Packed to twelve bytes: every transition of every agent holds one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(Rust, packed(4))]
pub struct Instant {
    seconds: i64,
    nanos: u32,
}

/// Why a text or a time is not an [`Instant`], or an instant can't be converted.
///
/// ```
/// use agentfold::Instant;
///
/// let bad = "2023-04-05".parse::<Instant>().expect_err("a date alone");
/// assert_eq!(bad.to_string(), "not an RFC 3339 instant, such as `2023-04-05T23:30:58.642Z`");
/// let bad = "9999-12-31T23:59:59-01:00".parse::<Instant>().expect_err("year 10000 in UTC");
/// assert_eq!(bad.to_string(), "outside the years 0 to 9999");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct BadInstant(Reason);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Reason {
    #[error("not an RFC 3339 instant, such as `2023-04-05T23:30:58.642Z`")]
    Text,
    #[error("outside the years 0 to 9999")]
    Range,
    #[error("outside the range of the type to convert to")]
    Target,
}

const NANOS_PER_SECOND: u32 = 1_000_000_000;

impl Instant {
    /// The first instant: `0000-01-01T00:00:00Z`.
    pub const MIN: Instant = Instant { seconds: -62_167_219_200, nanos: 0 };
    /// The last instant: `9999-12-31T23:59:59.999999999Z`.
    pub const MAX: Instant = Instant { seconds: 253_402_300_799, nanos: 999_999_999 };

    /// The instant that many seconds and nanoseconds after 1970, or `None` outside the range.
    ///
    /// `seconds` is negative before 1970. `nanos` counts up from that second and is below
    /// 1,000,000,000; a greater number is refused.
    ///
    /// ```
    /// use agentfold::Instant;
    ///
    /// let at = Instant::from_unix(1_539_952_430, 140_101_000).expect("in range");
    /// assert_eq!(at.to_string(), "2018-10-19T12:33:50.140101Z");
    /// let before = Instant::from_unix(-1, 999_000_000).expect("in range");
    /// assert_eq!(before.to_string(), "1969-12-31T23:59:59.999Z");
    /// assert_eq!(Instant::from_unix(i64::MAX, 0), None);
    /// ```
    pub const fn from_unix(seconds: i64, nanos: u32) -> Option<Instant> {
        // The range ends with a whole second on both sides.
        let in_range = Instant::MIN.seconds <= seconds && seconds <= Instant::MAX.seconds;
        if in_range && nanos < NANOS_PER_SECOND { Some(Instant { seconds, nanos }) } else { None }
    }

    /// The instant that many nanoseconds after 1970, or `None` outside the range.
    ///
    /// ```
    /// use agentfold::Instant;
    ///
    /// let at = Instant::from_unix_nanos(1_539_952_430_140_101_000).expect("in range");
    /// assert_eq!(at.to_string(), "2018-10-19T12:33:50.140101Z");
    /// assert_eq!(Instant::from_unix_nanos(-1).map(Instant::unix_nanos), Some(-1));
    /// assert_eq!(Instant::from_unix_nanos(i128::MAX), None);
    /// ```
    pub const fn from_unix_nanos(nanos: i128) -> Option<Instant> {
        if nanos < Instant::MIN.unix_nanos() || nanos > Instant::MAX.unix_nanos() {
            return None;
        }
        let second = NANOS_PER_SECOND as i128;
        Instant::from_unix(nanos.div_euclid(second) as i64, nanos.rem_euclid(second) as u32)
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds past the whole second, below 1,000,000,000.
    pub const fn subsec_nanos(self) -> u32 {
        self.nanos
    }

    /// Nanoseconds since 1970. The range needs more than 64 bits.
    pub const fn unix_nanos(self) -> i128 {
        self.seconds as i128 * NANOS_PER_SECOND as i128 + self.nanos as i128
    }

    /// The instant that much later, or `None` past [`Instant::MAX`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use agentfold::Instant;
    ///
    /// let at: Instant = "2024-02-28T23:59:59.750Z".parse()?;
    /// let later = at.checked_add(Duration::from_millis(500)).expect("in range");
    /// assert_eq!(later.to_string(), "2024-02-29T00:00:00.250Z");
    /// assert_eq!(Instant::MAX.checked_add(Duration::from_nanos(1)), None);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub const fn checked_add(self, duration: Duration) -> Option<Instant> {
        // INVARIANT: no duration reaches 2^94 nanoseconds, so neither the cast nor the sum overflows.
        Instant::from_unix_nanos(self.unix_nanos() + duration.as_nanos() as i128)
    }

    /// The instant that much earlier, or `None` before [`Instant::MIN`].
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use agentfold::Instant;
    ///
    /// let at: Instant = "2024-03-01T00:00:00Z".parse()?;
    /// let earlier = at.checked_sub(Duration::from_secs(1)).expect("in range");
    /// assert_eq!(earlier.to_string(), "2024-02-29T23:59:59Z");
    /// assert_eq!(Instant::MIN.checked_sub(Duration::from_nanos(1)), None);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub const fn checked_sub(self, duration: Duration) -> Option<Instant> {
        // INVARIANT: as for `checked_add`.
        Instant::from_unix_nanos(self.unix_nanos() - duration.as_nanos() as i128)
    }

    /// The instant that much later, or [`Instant::MAX`] if there is none.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use agentfold::Instant;
    ///
    /// assert_eq!(Instant::MIN.saturating_add(Duration::MAX), Instant::MAX);
    /// ```
    pub const fn saturating_add(self, duration: Duration) -> Instant {
        match self.checked_add(duration) {
            Some(at) => at,
            None => Instant::MAX,
        }
    }

    /// The instant that much earlier, or [`Instant::MIN`] if there is none.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use agentfold::Instant;
    ///
    /// assert_eq!(Instant::MAX.saturating_sub(Duration::MAX), Instant::MIN);
    /// ```
    pub const fn saturating_sub(self, duration: Duration) -> Instant {
        match self.checked_sub(duration) {
            Some(at) => at,
            None => Instant::MIN,
        }
    }

    /// How long this is after `earlier`, or `None` if it is before it.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use agentfold::Instant;
    ///
    /// let [first, second] = ["2024-02-29T00:00:00Z", "2024-03-01T00:00:00.5Z"];
    /// let (first, second): (Instant, Instant) = (first.parse()?, second.parse()?);
    /// assert_eq!(second.duration_since(first), Some(Duration::from_millis(86_400_500)));
    /// assert_eq!(first.duration_since(first), Some(Duration::ZERO));
    /// assert_eq!(first.duration_since(second), None);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub const fn duration_since(self, earlier: Instant) -> Option<Duration> {
        let nanos = self.unix_nanos() - earlier.unix_nanos();
        if nanos < 0 {
            return None;
        }
        let second = NANOS_PER_SECOND as i128;
        Some(Duration::new((nanos / second) as u64, (nanos % second) as u32))
    }

    /// The nanoseconds from `other` to this; 0 if this is not later.
    pub(crate) fn nanos_since(self, other: Instant) -> u128 {
        u128::try_from(self.unix_nanos() - other.unix_nanos()).unwrap_or(0)
    }

    /// The instant cut to microseconds.
    #[cfg(feature = "export")]
    pub(crate) fn to_micros(self) -> Instant {
        Instant { nanos: self.nanos / 1000 * 1000, ..self }
    }

    /// Whether this is more than `seconds` after `other`.
    pub(crate) fn is_past(self, other: Instant, seconds: i64) -> bool {
        (self.seconds, self.nanos) > (other.seconds.saturating_add(seconds), other.nanos)
    }
}

impl Ord for Instant {
    #[inline(always)]
    fn cmp(&self, other: &Instant) -> Ordering {
        let (seconds, nanos) = (self.seconds, self.nanos);
        seconds.cmp(&{ other.seconds }).then(nanos.cmp(&{ other.nanos }))
    }
}

impl PartialOrd for Instant {
    #[inline(always)]
    fn partial_cmp(&self, other: &Instant) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("valid")
    }

    #[test]
    fn arithmetic_ends_where_the_range_does() {
        let from = at("2022-01-17T13:20:50Z");
        let milli = Duration::from_millis(1);
        assert_eq!(from.checked_sub(milli), Some(at("2022-01-17T13:20:49.999Z")));
        assert_eq!(Instant::MAX.checked_add(Duration::ZERO), Some(Instant::MAX));
        assert_eq!(Instant::MIN.checked_sub(Duration::ZERO), Some(Instant::MIN));
        for at in [Instant::MIN, from, Instant::MAX] {
            assert_eq!(
                (at.checked_add(Duration::MAX), at.checked_sub(Duration::MAX)),
                (None, None)
            );
            assert_eq!(at.saturating_add(Duration::MAX), Instant::MAX);
            assert_eq!(at.saturating_sub(Duration::MAX), Instant::MIN);
        }
    }

    #[test]
    fn numbers_outside_the_range_are_no_instants() {
        for (seconds, nanos) in [
            (Instant::MIN.seconds - 1, 999_999_999),
            (Instant::MAX.seconds + 1, 0),
            (0, NANOS_PER_SECOND),
            (i64::MIN, 0),
        ] {
            assert_eq!(Instant::from_unix(seconds, nanos), None);
        }
        for nanos in
            [Instant::MIN.unix_nanos() - 1, Instant::MAX.unix_nanos() + 1, i128::MIN, i128::MAX]
        {
            assert_eq!(Instant::from_unix_nanos(nanos), None);
        }
    }

    proptest! {
        #[test]
        fn instants_are_as_far_apart_as_their_nanoseconds(
            a in Instant::MIN.unix_nanos()..=Instant::MAX.unix_nanos(),
            b in Instant::MIN.unix_nanos()..=Instant::MAX.unix_nanos(),
        ) {
            let [from, to] = [a.min(b), a.max(b)].map(|n| Instant::from_unix_nanos(n).expect("in range"));
            prop_assert_eq!([from, to].map(Instant::unix_nanos), [a.min(b), a.max(b)]);
            let apart = to.duration_since(from).expect("later");
            prop_assert_eq!(apart.as_nanos(), a.abs_diff(b));
            prop_assert_eq!(from.checked_add(apart), Some(to));
            prop_assert_eq!(to.checked_sub(apart), Some(from));
            prop_assert_eq!(from.duration_since(to).is_some(), from == to);
        }
    }
}
