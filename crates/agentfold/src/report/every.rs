//! [`Every`]: how long buckets are, and when they begin on the clocks of a zone.

use std::fmt;
use std::iter;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::zone::{DAY, Steady, Zone, steady};
use crate::Instant;
use crate::instant::civil_from_days;

/// The length of buckets: minutes, hours, days or months on the clocks of a time zone.
///
/// Buckets shorter than a day are counted from each midnight, buckets of days from a Monday, so that
/// seven days are a week, and buckets of months from January. As text, a length is a count and a unit, as
/// a letter or a word: `m`, `min` or `minutes`, `h`, `d`, `w` for weeks, and `mo` for months. As data, it
/// may be a number of seconds too.
///
/// ```
/// use agentfold::report::Every;
///
/// let quarter: Every = "15m".parse()?;
/// assert_eq!(Some(quarter), Every::minutes(15));
/// let day: Every = "24h".parse()?;
/// assert_eq!(day, Every::DAY);
/// assert_eq!(day.to_string(), "1d");
/// assert_eq!("15min".parse(), Ok(quarter));
/// assert_eq!("1w".parse(), Ok(Every::WEEK));
/// assert_eq!("1mo".parse(), Ok(Every::MONTH));
/// # Ok::<(), agentfold::report::BadLength>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Every {
    /// From the first of a month, on which buckets begin, to the next; 0 for buckets of days or less.
    months: u16,
    /// From one day on which buckets begin to the next.
    days: u16,
    /// From one beginning on such a day to the next.
    minutes: u16,
}

/// The text is not a length of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a length: use up to 1440 minutes, 24 hours, 366 days, 52 weeks or 12 months, such as `15m`, `1h`, \
     `1d`, `1w` or `1mo`"
)]
pub struct BadLength;

const MINUTES_PER_DAY: u16 = 24 * 60;

/// The first Monday of 1970, in seconds.
const MONDAY: i64 = 4 * DAY;

impl Every {
    /// Buckets of an hour.
    pub const HOUR: Every = Every { months: 0, days: 1, minutes: 60 };
    /// Buckets of a day.
    pub const DAY: Every = Every { months: 0, days: 1, minutes: MINUTES_PER_DAY };
    /// Buckets of a week, which begins on Monday.
    pub const WEEK: Every = Every { months: 0, days: 7, minutes: MINUTES_PER_DAY };
    /// Buckets of a month of the calendar.
    pub const MONTH: Every = Every { months: 1, days: 1, minutes: MINUTES_PER_DAY };

    /// Buckets of 1 to 1440 minutes, or `None` for any other count.
    pub const fn minutes(count: u32) -> Option<Every> {
        match count {
            1..=1440 => Some(Every { months: 0, days: 1, minutes: count as u16 }),
            _ => None,
        }
    }

    /// Buckets of 1 to 366 days, or `None` for any other count.
    pub const fn days(count: u32) -> Option<Every> {
        match count {
            1..=366 => Some(Every { months: 0, days: count as u16, minutes: MINUTES_PER_DAY }),
            _ => None,
        }
    }

    /// Buckets of 1 to 12 months, or `None` for any other count. They are counted from January, so three
    /// months are a quarter.
    pub const fn months(count: u32) -> Option<Every> {
        match count {
            1..=12 => Some(Every { months: count as u16, days: 1, minutes: MINUTES_PER_DAY }),
            _ => None,
        }
    }

    /// Buckets of so many seconds, or `None` if they are not whole minutes up to a day, or whole days up
    /// to 366.
    pub const fn seconds(count: u64) -> Option<Every> {
        match count {
            0..=86_400 if count.is_multiple_of(60) => Every::minutes((count / 60) as u32),
            0..=31_622_400 if count.is_multiple_of(86_400) => Every::days((count / 86_400) as u32),
            _ => None,
        }
    }

    /// When the bucket that contains an instant begins.
    ///
    /// ```
    /// use agentfold::report::{Every, Utc};
    ///
    /// let monday = Every::WEEK.beginning(&Utc, "2026-01-11T23:59:59.9Z".parse()?);
    /// assert_eq!(monday.to_string(), "2026-01-05T00:00:00Z");
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn beginning(self, zone: &(impl Zone + ?Sized), at: Instant) -> Instant {
        // Clocks never change by more than a day.
        let from = at.unix_seconds() - self.most_seconds() - 2 * DAY;
        self.beginnings(zone, from, at.unix_seconds()).last().unwrap_or(Instant::MIN)
    }

    /// When buckets begin in a range of seconds that includes both ends, ascending.
    pub(super) fn beginnings(
        self,
        zone: &(impl Zone + ?Sized),
        from: i64,
        to: i64,
    ) -> impl Iterator<Item = Instant> {
        let mut beginnings = Vec::new();
        if self.least_seconds() > 3 * DAY {
            // Clocks are less than a day from UTC, so only the offsets near these midnights matter.
            for midnight in self.midnights(from - DAY, to + DAY + 1) {
                self.add(&steady(zone, midnight - DAY, midnight + DAY), &mut beginnings);
            }
        } else {
            // If clocks show a time twice, at most a day lies between.
            self.add(&steady(zone, from - 2 * DAY, to + 1), &mut beginnings);
        }
        beginnings
            .into_iter()
            .filter(move |second| (from..=to).contains(second))
            .filter_map(|second| Instant::from_unix(second, 0))
    }

    /// Adds the beginnings of buckets in consecutive parts of time.
    fn add(self, parts: &[Steady], beginnings: &mut Vec<i64>) {
        for (i, part) in parts.iter().enumerate() {
            let earlier = &parts[..i];
            let skipped = earlier.last().map_or(0..0, |last| last.end()..part.first());
            if self.marks(skipped.start, skipped.end).next().is_some() {
                beginnings.push(part.from);
            }
            for mark in self.marks(part.first(), part.end()) {
                let at = mark - part.offset;
                let recent = earlier.iter().rev().take_while(|e| at - e.to < 2 * DAY);
                let shown = recent.filter(|e| (e.first()..e.end()).contains(&mark)).last();
                let is_new = shown.is_none_or(|e| at - (mark - e.offset) >= self.least_seconds());
                if is_new && beginnings.last() != Some(&at) {
                    beginnings.push(at);
                }
            }
        }
    }

    /// The multiples of the length from one local time up to, not with, another.
    fn marks(self, from: i64, to: i64) -> impl Iterator<Item = i64> {
        let minutes = usize::from(self.minutes);
        self.midnights(from, to)
            .flat_map(move |midnight| (midnight..midnight + DAY).step_by(minutes * 60))
            .skip_while(move |mark| *mark < from)
            .take_while(move |mark| *mark < to)
    }

    /// The local midnights at which buckets begin: from the last one at `from` or before, up to, not with,
    /// `to`.
    fn midnights(self, from: i64, to: i64) -> impl Iterator<Item = i64> {
        let (days, months) = (i64::from(self.days) * DAY, i64::from(self.months));
        let first = match months {
            0 => from - (from - MONDAY).rem_euclid(days),
            _ => month(from, months),
        };
        let next = move |midnight: &i64| match months {
            0 => midnight + days,
            // A month has at most 31 days, and even twelve months are but a week short of that.
            _ => month(midnight + months * 31 * DAY, months),
        };
        iter::successors(Some(first), move |midnight| Some(next(midnight)))
            .take_while(move |midnight| *midnight < to)
    }

    /// The length of the shortest bucket in which clocks do not change.
    pub(super) fn least_seconds(self) -> i64 {
        match i64::from(self.months) {
            0 => i64::from(self.days) * i64::from(self.minutes) * 60,
            months => months * 28 * DAY,
        }
    }

    /// The length of the longest one.
    fn most_seconds(self) -> i64 {
        self.least_seconds().max(i64::from(self.months) * 31 * DAY)
    }
}

/// The last beginning of a month, at a local time or before, that is a multiple of so many months.
fn month(at: i64, months: i64) -> i64 {
    let mut day = at.div_euclid(DAY);
    loop {
        let (year, month, of_month) = civil_from_days(day);
        day -= of_month - 1;
        if (year * 12 + month - 1).rem_euclid(months) == 0 {
            return day * DAY;
        }
        day -= 1;
    }
}

impl FromStr for Every {
    type Err = BadLength;

    fn from_str(text: &str) -> Result<Every, BadLength> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = text[..text.len() - unit.len()].parse().map_err(|_| BadLength)?;
        let every = match unit {
            "m" | "min" | "minute" | "minutes" => Every::minutes(count),
            "h" | "hour" | "hours" if count <= 24 => Every::minutes(60 * count),
            "d" | "day" | "days" => Every::days(count),
            "w" | "week" | "weeks" if count <= 52 => Every::days(7 * count),
            "mo" | "month" | "months" => Every::months(count),
            _ => None,
        };
        every.ok_or(BadLength)
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minutes {
            _ if self.months > 0 => write!(f, "{}mo", self.months),
            MINUTES_PER_DAY => write!(f, "{}d", self.days),
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

impl Serialize for Every {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Every {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Every, D::Error> {
        struct Length;

        impl Visitor<'_> for Length {
            type Value = Every;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a length such as `15m`, `1h`, `1d`, `1w` or `1mo`, or a number of seconds",
                )
            }

            fn visit_u64<E: Error>(self, seconds: u64) -> Result<Every, E> {
                Every::seconds(seconds).ok_or_else(|| E::custom(BadLength))
            }

            fn visit_i64<E: Error>(self, seconds: i64) -> Result<Every, E> {
                self.visit_u64(u64::try_from(seconds).unwrap_or(0))
            }

            fn visit_f64<E: Error>(self, seconds: f64) -> Result<Every, E> {
                self.visit_u64(if seconds.fract() == 0.0 { seconds as u64 } else { 0 })
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Every, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_any(Length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        for (text, written) in [
            ("1m", "1m"),
            ("60m", "1h"),
            ("90m", "90m"),
            ("24h", "1d"),
            ("366d", "366d"),
            ("15min", "15m"),
            ("1hour", "1h"),
            ("2days", "2d"),
            ("1w", "7d"),
            ("52weeks", "364d"),
            ("1mo", "1mo"),
            ("12months", "12mo"),
        ] {
            let every: Every = text.parse().expect("a length");
            assert_eq!(every.to_string(), written);
            assert_eq!(written.parse(), Ok(every));
            let json = serde_json::to_string(&every).expect("a text");
            assert_eq!(serde_json::from_str::<Every>(&json).ok(), Some(every));
        }
        for wrong in [
            "\"1y\"",
            "\"1M\"",
            "\"53w\"",
            "\"9363w\"",
            "\"71582789h\"",
            "\"613566757w\"",
            "\"60000h\"",
            "\"13mo\"",
            "\"0mo\"",
            "90",
            "0",
            "-60",
            "900.5",
            "1e300",
        ] {
            assert!(serde_json::from_str::<Every>(wrong).is_err(), "{wrong}");
        }
        for (seconds, written) in
            [("900", "15m"), ("900.0", "15m"), ("86400", "1d"), ("172800", "2d")]
        {
            let every: Every = serde_json::from_str(seconds).expect("whole minutes");
            assert_eq!(every.to_string(), written);
        }
        assert_eq!(Every::seconds(86_460), None);
        assert_eq!((Every::minutes(0), Every::minutes(1441)), (None, None));
        assert_eq!((Every::days(0), Every::days(367), Every::days(65537)), (None, None, None));
    }
}
