//! [`Every`]: how long buckets are, and when they begin on the clocks of a zone.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::zone::{DAY, Steady, Zone, steady};
use crate::Instant;

/// The length of buckets: minutes, hours or days on the clocks of a time zone.
///
/// Buckets shorter than a day are counted from each midnight, buckets of days from a Monday, so that
/// seven days are a week. As text, a length is a count and a unit: `m`, `h` or `d`.
///
/// ```
/// use agentfold::report::Every;
///
/// let quarter: Every = "15m".parse()?;
/// assert_eq!(Some(quarter), Every::minutes(15));
/// let day: Every = "24h".parse()?;
/// assert_eq!(day, Every::DAY);
/// assert_eq!(day.to_string(), "1d");
/// # Ok::<(), agentfold::report::BadLength>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Every {
    /// From one day on which buckets begin to the next.
    days: u16,
    /// From one beginning on such a day to the next.
    minutes: u16,
}

/// The text is not a length of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a length: use up to 1440 minutes, 24 hours or 366 days, such as `15m`, `1h` or `1d`")]
pub struct BadLength;

const MINUTES_PER_DAY: u16 = 24 * 60;

/// The first Monday of 1970, in seconds.
const MONDAY: i64 = 4 * DAY;

impl Every {
    /// Buckets of an hour.
    pub const HOUR: Every = Every { days: 1, minutes: 60 };
    /// Buckets of a day.
    pub const DAY: Every = Every { days: 1, minutes: MINUTES_PER_DAY };
    /// Buckets of a week, which begins on Monday.
    pub const WEEK: Every = Every { days: 7, minutes: MINUTES_PER_DAY };

    /// Buckets of 1 to 1440 minutes, or `None` for any other count.
    pub const fn minutes(count: u32) -> Option<Every> {
        match count {
            1..=1440 => Some(Every { days: 1, minutes: count as u16 }),
            _ => None,
        }
    }

    /// Buckets of 1 to 366 days, or `None` for any other count.
    pub const fn days(count: u32) -> Option<Every> {
        match count {
            1..=366 => Some(Every { days: count as u16, minutes: MINUTES_PER_DAY }),
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
        let from = at.unix_seconds() - self.seconds() - 2 * DAY;
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
        let days = i64::from(self.days) * DAY;
        if days > 3 * DAY {
            // Clocks are less than a day from UTC, so only the offsets near these midnights matter.
            let first = from - DAY - (from - DAY - MONDAY).rem_euclid(days);
            for midnight in (first..=to + DAY).step_by(days as usize) {
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
                let is_new = shown.is_none_or(|e| at - (mark - e.offset) >= self.seconds());
                if is_new && beginnings.last() != Some(&at) {
                    beginnings.push(at);
                }
            }
        }
    }

    /// The multiples of the length from one local time up to, not with, another.
    fn marks(self, from: i64, to: i64) -> impl Iterator<Item = i64> {
        let days = i64::from(self.days) * DAY;
        let minutes = usize::from(self.minutes);
        let first = from - (from - MONDAY).rem_euclid(days);
        (first..to)
            .step_by(days as usize)
            .flat_map(move |midnight| (midnight..midnight + DAY).step_by(minutes * 60))
            .skip_while(move |mark| *mark < from)
            .take_while(move |mark| *mark < to)
    }

    /// The length of a bucket in which clocks do not change.
    pub(super) fn seconds(self) -> i64 {
        i64::from(self.days) * i64::from(self.minutes) * 60
    }
}

impl FromStr for Every {
    type Err = BadLength;

    fn from_str(text: &str) -> Result<Every, BadLength> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = text[..text.len() - unit.len()].parse().map_err(|_| BadLength)?;
        let every = match unit {
            "m" => Every::minutes(count),
            "h" if count <= 24 => Every::minutes(60 * count),
            "d" => Every::days(count),
            _ => None,
        };
        every.ok_or(BadLength)
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minutes {
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
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_written() {
        for (text, written) in
            [("1m", "1m"), ("60m", "1h"), ("90m", "90m"), ("24h", "1d"), ("366d", "366d")]
        {
            let every: Every = text.parse().expect("a length");
            assert_eq!(every.to_string(), written);
            assert_eq!(written.parse(), Ok(every));
            let json = serde_json::to_string(&every).expect("a text");
            assert_eq!(serde_json::from_str::<Every>(&json).ok(), Some(every));
        }
        assert!(serde_json::from_str::<Every>("\"1y\"").is_err());
        assert_eq!((Every::minutes(0), Every::minutes(1441)), (None, None));
        assert_eq!((Every::days(0), Every::days(367), Every::days(65537)), (None, None, None));
    }
}
