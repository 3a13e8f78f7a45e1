//! Conversions between instants and the times of other libraries.

use std::time::{Duration, SystemTime};

use super::{BadInstant, Instant, Reason};

const OUTSIDE_RANGE: BadInstant = BadInstant(Reason::Range);
const OUTSIDE_TARGET: BadInstant = BadInstant(Reason::Target);

const EPOCH: Instant = Instant { seconds: 0, nanos: 0 };

/// Fails outside the years 0 to 9999.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use agentfold::Instant;
///
/// let at = Instant::try_from(SystemTime::UNIX_EPOCH + Duration::from_millis(1500))?;
/// assert_eq!(at.to_string(), "1970-01-01T00:00:01.500Z");
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
impl TryFrom<SystemTime> for Instant {
    type Error = BadInstant;

    fn try_from(time: SystemTime) -> Result<Instant, BadInstant> {
        let at = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => EPOCH.checked_add(since),
            Err(before) => EPOCH.checked_sub(before.duration()),
        };
        at.ok_or(OUTSIDE_RANGE)
    }
}

/// Fails outside the range of the platform's `SystemTime`: on Windows, before the year 1601. A platform
/// whose clock has coarser units cuts the nanoseconds.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use agentfold::Instant;
///
/// let at: Instant = "1970-01-01T00:00:01.500Z".parse()?;
/// let since = SystemTime::try_from(at)?.duration_since(SystemTime::UNIX_EPOCH);
/// assert_eq!(since.expect("later"), Duration::from_millis(1500));
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
impl TryFrom<Instant> for SystemTime {
    type Error = BadInstant;

    fn try_from(at: Instant) -> Result<SystemTime, BadInstant> {
        let time = match at.duration_since(EPOCH) {
            Some(since) => SystemTime::UNIX_EPOCH.checked_add(since),
            None => {
                let before = EPOCH.duration_since(at).unwrap_or(Duration::ZERO);
                SystemTime::UNIX_EPOCH.checked_sub(before)
            }
        };
        time.ok_or(OUTSIDE_TARGET)
    }
}

/// Fails outside the years 0 to 9999. A leap second is the first second of the next minute.
///
/// ```
/// use agentfold::Instant;
/// use chrono::DateTime;
///
/// let time = DateTime::parse_from_rfc3339("2023-04-06T01:30:58.5+02:00").expect("valid");
/// assert_eq!(Instant::try_from(time)?.to_string(), "2023-04-05T23:30:58.500Z");
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
#[cfg(feature = "chrono")]
impl<Tz: chrono::TimeZone> TryFrom<chrono::DateTime<Tz>> for Instant {
    type Error = BadInstant;

    fn try_from(time: chrono::DateTime<Tz>) -> Result<Instant, BadInstant> {
        let nanos = i128::from(time.timestamp()) * i128::from(super::NANOS_PER_SECOND)
            + i128::from(time.timestamp_subsec_nanos());
        Instant::from_unix_nanos(nanos).ok_or(OUTSIDE_RANGE)
    }
}

/// Never fails: chrono's range is wider.
///
/// ```
/// use agentfold::Instant;
/// use chrono::{DateTime, Utc};
///
/// let at: Instant = "2023-04-05T23:30:58.642630335Z".parse()?;
/// assert_eq!(DateTime::<Utc>::from(at).timestamp_subsec_nanos(), 642_630_335);
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
#[cfg(feature = "chrono")]
impl From<Instant> for chrono::DateTime<chrono::Utc> {
    fn from(at: Instant) -> Self {
        chrono::DateTime::from_timestamp(at.seconds, at.nanos)
            .expect("INVARIANT: chrono's range includes the years 0 to 9999")
    }
}

/// Fails before the year 0.
///
/// ```
/// use agentfold::Instant;
/// use jiff::Timestamp;
///
/// let time: Timestamp = "2023-04-06T01:30:58.5+02:00".parse()?;
/// assert_eq!(Instant::try_from(time)?.to_string(), "2023-04-05T23:30:58.500Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "jiff")]
impl TryFrom<jiff::Timestamp> for Instant {
    type Error = BadInstant;

    fn try_from(time: jiff::Timestamp) -> Result<Instant, BadInstant> {
        Instant::from_unix_nanos(time.as_nanosecond()).ok_or(OUTSIDE_RANGE)
    }
}

/// Fails after [`jiff::Timestamp::MAX`], which is 26 hours before [`Instant::MAX`].
///
/// ```
/// use agentfold::Instant;
/// use jiff::Timestamp;
///
/// let at: Instant = "2023-04-05T23:30:58.642630335Z".parse()?;
/// assert_eq!(Timestamp::try_from(at)?.subsec_nanosecond(), 642_630_335);
/// assert!(Timestamp::try_from(Instant::MAX).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "jiff")]
impl TryFrom<Instant> for jiff::Timestamp {
    type Error = BadInstant;

    fn try_from(at: Instant) -> Result<jiff::Timestamp, BadInstant> {
        jiff::Timestamp::from_nanosecond(at.unix_nanos()).map_err(|_| OUTSIDE_TARGET)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("valid")
    }

    #[test]
    fn system_time_is_converted_on_both_sides_of_1970() {
        for text in
            ["1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00Z", "2026-01-05T08:30:00.5Z"]
        {
            let time = SystemTime::try_from(at(text)).expect("every platform has this");
            assert_eq!(Instant::try_from(time), Ok(at(text)));
        }
    }

    #[test]
    fn system_time_outside_the_range_is_no_instant() {
        // Not every platform's `SystemTime` reaches so far.
        let beyond = Duration::from_secs(253_402_300_800);
        if let Some(time) = SystemTime::UNIX_EPOCH.checked_add(beyond) {
            assert_eq!(Instant::try_from(time), Err(OUTSIDE_RANGE));
        }
        let before = Duration::from_secs(62_167_219_201);
        if let Some(time) = SystemTime::UNIX_EPOCH.checked_sub(before) {
            assert_eq!(Instant::try_from(time), Err(OUTSIDE_RANGE));
        }
    }

    #[cfg(feature = "chrono")]
    #[test]
    fn chrono_has_every_instant_and_more() {
        use chrono::{DateTime, NaiveDate, Utc};

        for at in [Instant::MIN, at("1969-12-31T23:59:59.999999999Z"), Instant::MAX] {
            let time = DateTime::<Utc>::from(at);
            assert_eq!(Instant::try_from(time), Ok(at));
        }
        for time in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert_eq!(Instant::try_from(time), Err(OUTSIDE_RANGE));
        }
        let leap = NaiveDate::from_ymd_opt(2016, 12, 31)
            .and_then(|day| day.and_hms_nano_opt(23, 59, 59, 1_250_000_000))
            .expect("valid");
        assert_eq!(Instant::try_from(leap.and_utc()), Ok(at("2016-12-31T23:59:60.25Z")));
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn jiff_has_every_instant_but_the_last_26_hours() {
        use jiff::Timestamp;

        for at in [Instant::MIN, at("1969-12-31T23:59:59.999999999Z"), at("9999-12-30T22:00:00Z")] {
            let time = Timestamp::try_from(at).expect("in range");
            assert_eq!(Instant::try_from(time), Ok(at));
        }
        assert_eq!(Timestamp::try_from(Instant::MAX), Err(OUTSIDE_TARGET));
        assert_eq!(Instant::try_from(Timestamp::MIN), Err(OUTSIDE_RANGE));
    }
}
