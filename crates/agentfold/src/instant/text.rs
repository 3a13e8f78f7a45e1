//! Reads and writes instants as RFC 3339.

use std::borrow::Cow;
use std::fmt;
use std::str::{self, FromStr};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{BadInstant, Instant, Reason};
use crate::swar;

const SECONDS_PER_DAY: i64 = 86_400;

const NOT_RFC_3339: BadInstant = BadInstant(Reason::Text);

impl Instant {
    /// Reads an RFC 3339 instant from bytes.
    ///
    /// # Errors
    /// [`BadInstant`] if the bytes are not an RFC 3339 instant in the range.
    ///
    /// ```
    /// use agentfold::Instant;
    ///
    /// assert!(Instant::parse(b"2016-12-31T23:59:60Z").is_ok());
    /// assert!(Instant::parse(b"2023-02-29T00:00:00Z").is_err());
    /// ```
    pub fn parse(text: &[u8]) -> Result<Instant, BadInstant> {
        let (head, tail) = text.split_first_chunk::<19>().ok_or(NOT_RFC_3339)?;
        let seconds = local_seconds(head).ok_or(NOT_RFC_3339)?;
        let (nanos, zone) = fraction(tail)?;
        Instant::from_unix(seconds - offset(zone)?, nanos).ok_or(BadInstant(Reason::Range))
    }

    /// Reads an instant in Zendesk's usual form: with `Z` and nine fraction digits.
    #[inline(always)]
    pub(crate) fn parse_usual(text: &[u8; 30]) -> Option<Instant> {
        let seconds = local_seconds(text.first_chunk::<19>()?)?;
        let nanos = swar::eight(*text[20..].first_chunk()?)? * 10;
        let last = u64::from(text[28].wrapping_sub(b'0'));
        // A leap second at the end of the range is left to the other reader.
        let plain =
            text[19] == b'.' && last <= 9 && text[29] == b'Z' && seconds <= Instant::MAX.seconds;
        plain.then_some(Instant { seconds, nanos: (nanos + last) as u32 })
    }
}

/// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SS`, as if in UTC.
#[inline(always)]
fn local_seconds(text: &[u8; 19]) -> Option<i64> {
    let (year, month) = swar::year_and_month(*text.first_chunk()?)?;
    let (hour, minute, second) = swar::time_of_day(*text.last_chunk()?)?;
    let (tens, ones) = (text[8].wrapping_sub(b'0'), text[9].wrapping_sub(b'0'));
    let day = u32::from(tens) * 10 + u32::from(ones);
    let plain = tens <= 9 && ones <= 9 && matches!(text[10], b'T' | b't' | b' ');
    if !plain || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let [before, days] = *MONTHS[usize::from(leap)].get(month.wrapping_sub(1) as usize)?;
    if day == 0 || day > days {
        return None;
    }
    // The days before a year are counted from the year 0, which was a leap year.
    let leaps = year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400);
    let days = i64::from(year * 365 + leaps + before + day) - DAYS_TO_1970 - 1;
    Some(days * SECONDS_PER_DAY + i64::from(hour * 3600 + minute * 60 + second))
}

/// The days from the first day of the year 0 to that of 1970.
const DAYS_TO_1970: i64 = 719_528;

/// The days before each month and in it, in common years and in leap years.
const MONTHS: [[[u32; 2]; 12]; 2] = {
    let mut months = [[[0; 2]; 12]; 2];
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (mut leap, mut month) = (0, 0);
    while leap < 2 {
        let mut before = 0;
        while month < 12 {
            let days = lengths[month] + if month == 1 { leap as u32 } else { 0 };
            months[leap][month] = [before, days];
            before += days;
            month += 1;
        }
        month = 0;
        leap += 1;
    }
    months
};

/// Nanoseconds of a fraction, if there is one, and the rest of the text.
#[inline]
fn fraction(text: &[u8]) -> Result<(u32, &[u8]), BadInstant> {
    let Some((b'.', rest)) = text.split_first() else {
        return Ok((0, text));
    };
    const SCALE: [u64; 10] =
        [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let nines = rest.get(..9).unwrap_or(rest);
    let (number, length) = swar::number(nines).ok_or(NOT_RFC_3339)?;
    let more = rest[length..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    // Nine digits fit in 32 bits.
    Ok(((number * SCALE[length]) as u32, &rest[length + more..]))
}

/// Seconds east of UTC.
#[inline]
fn offset(zone: &[u8]) -> Result<i64, BadInstant> {
    let [sign @ (b'+' | b'-'), h1, h0, b':', m1, m0] = zone else {
        return if matches!(zone, b"Z" | b"z") { Ok(0) } else { Err(NOT_RFC_3339) };
    };
    let digit =
        |byte: &u8| byte.is_ascii_digit().then(|| i64::from(byte - b'0')).ok_or(NOT_RFC_3339);
    let hours = digit(h1)? * 10 + digit(h0)?;
    let minutes = digit(m1)? * 10 + digit(m0)?;
    if hours > 23 || minutes > 59 {
        return Err(NOT_RFC_3339);
    }
    let east = hours * 3600 + minutes * 60;
    Ok(if *sign == b'-' { -east } else { east })
}

/// Year, month and day of a day counted from 1970-01-01, by eras of 400 years that begin in March.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, of_year - (153 * march + 2) / 5 + 1)
}

impl Instant {
    /// Writes the instant into a buffer that is long enough for any instant.
    fn write(self, text: &mut [u8; 30]) -> &str {
        let (year, month, day) = civil_from_days(self.seconds.div_euclid(SECONDS_PER_DAY));
        let of_day = self.seconds.rem_euclid(SECONDS_PER_DAY);
        *text = *b"0000-00-00T00:00:00.000000000Z";
        put(&mut text[..4], year);
        put(&mut text[5..7], month);
        put(&mut text[8..10], day);
        put(&mut text[11..13], of_day / 3600);
        put(&mut text[14..16], of_day / 60 % 60);
        put(&mut text[17..19], of_day % 60);
        let end = match self.nanos {
            0 => 19,
            n if n % 1_000_000 == 0 => 23,
            n if n % 1_000 == 0 => 26,
            _ => 29,
        };
        if end > 19 {
            put(&mut text[20..29], self.nanos.into());
        }
        text[end] = b'Z';
        str::from_utf8(&text[..=end]).expect("INVARIANT: all of it is ASCII")
    }
}

/// Writes a number, which must not have more digits than the place.
fn put(place: &mut [u8], mut number: i64) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

impl FromStr for Instant {
    type Err = BadInstant;

    fn from_str(text: &str) -> Result<Instant, BadInstant> {
        Instant::parse(text.as_bytes())
    }
}

impl TryFrom<&str> for Instant {
    type Error = BadInstant;

    fn try_from(text: &str) -> Result<Instant, BadInstant> {
        text.parse()
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.write(&mut [0; 30]))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.write(&mut [0; 30]))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;
    use crate::instant::NANOS_PER_SECOND;

    #[test]
    fn a_leap_second_is_the_first_of_the_next_minute() {
        let leap: Instant = "2016-12-31T23:59:60.25Z".parse().expect("valid");
        assert_eq!(leap.to_string(), "2017-01-01T00:00:00.250Z");
    }

    #[test]
    fn the_ends_of_the_range_print_and_read_back() {
        for end in [Instant::MIN, Instant::MAX] {
            assert_eq!(end.to_string().parse(), Ok(end));
        }
        assert!("9999-12-31T23:59:59-00:01".parse::<Instant>().is_err());
        assert!("0000-01-01T00:00:00+00:01".parse::<Instant>().is_err());
    }

    #[test]
    fn what_is_almost_an_instant_is_refused() {
        for text in [
            "",
            "2023-04-05",
            "2023-04-05T23:30:58",
            "2023-04-05T23:30:58.Z",
            "2023-13-05T23:30:58Z",
            "2023-04-31T23:30:58Z",
            "2023-04-05T24:00:00Z",
            "2023-04-05T23:30:61Z",
            "2023-04-05t23:60:00z",
            "2023-04-05T23:30:58+2:00",
            "2023-04-05T23:30:58+0200",
            "2023-04-05T23:30:58+24:00",
            "2023-04-05T23:30:58ZZ",
            " 2023-04-05T23:30:58Z",
            "2023-04-05\u{0}23:30:58Z",
            "+023-04-05T23:30:58Z",
        ] {
            assert_eq!(text.parse::<Instant>(), Err(NOT_RFC_3339), "{text}");
        }
    }

    fn agrees_with_chrono(text: &str) -> Result<(), TestCaseError> {
        // Unlike RFC 3339, chrono also reads U+2212 as a minus sign. It also keeps instants whose UTC
        // year does not have four digits.
        let theirs = DateTime::parse_from_rfc3339(text).ok().filter(|_| !text.contains('\u{2212}'));
        if let Some(usual) = text.as_bytes().first_chunk::<30>().filter(|_| text.len() == 30)
            && let Some(at) = Instant::parse_usual(usual)
        {
            prop_assert_eq!(Ok(at), text.parse::<Instant>(), "{}", text);
        }
        let theirs = theirs.and_then(|at| {
            let leap = at.timestamp_subsec_nanos() / NANOS_PER_SECOND;
            let nanos = at.timestamp_subsec_nanos() % NANOS_PER_SECOND;
            Instant::from_unix(at.timestamp() + i64::from(leap), nanos)
        });
        prop_assert_eq!(text.parse::<Instant>().ok(), theirs, "{}", text);
        Ok(())
    }

    proptest! {
        #[test]
        fn reading_agrees_with_chrono(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{1,12})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])",
        ) {
            agrees_with_chrono(&text)?;
        }

        #[test]
        fn reading_agrees_with_chrono_on_damaged_text(
            text in "2[0-9]{3}-0[1-9]-1[0-9]T1[0-9]:[0-5][0-9]:[0-5][0-9]\\.([0-9]{9}|[0-9]{0,10})(Z|-08:00)",
            at in 0_usize..30,
            with in prop::char::any(),
        ) {
            let damaged: String =
                text.chars().enumerate().map(|(i, c)| if i == at { with } else { c }).collect();
            agrees_with_chrono(&damaged)?;
        }

        #[test]
        fn what_is_printed_reads_back(seconds in Instant::MIN.seconds..=Instant::MAX.seconds, nanos in 0..NANOS_PER_SECOND, cut in 0_u32..10) {
            let scale = 10_u32.pow(cut);
            let at = Instant::from_unix(seconds, nanos / scale * scale).expect("in range");
            prop_assert_eq!(at.to_string().parse(), Ok(at));
        }
    }
}
