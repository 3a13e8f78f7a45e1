//! [`Every`]: the length of buckets, and when they begin on the clocks of a zone.

use std::str::FromStr;

use agentfold::Instant;
use chrono::{NaiveDate, TimeDelta};

use crate::zone::{Shown, Zone, earlier};

/// The length of buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Every {
    /// At most a day; counted from each midnight.
    Minutes(u32),
    /// Counted from a Monday, so that seven days are a week.
    Days(u32),
}

/// The maximum number of buckets, whose boundaries fit into memory easily.
const MOST: i64 = 1_000_000;

const MINUTES_A_DAY: u32 = 24 * 60;

impl Every {
    /// The boundaries of the buckets from one instant to another: these two, and every instant
    /// between them at which a bucket begins.
    ///
    /// A bucket begins when the clocks of the zone show a multiple of the length: a time of day,
    /// the same on all days, or midnight. If clocks skip that time, the bucket begins at the skip.
    /// If they show it twice, a second bucket begins the second time if a whole length has passed.
    ///
    /// # Errors
    /// There would be more than a million buckets.
    pub(crate) fn boundaries(
        self,
        zone: Zone,
        from: Instant,
        to: Instant,
    ) -> Result<Vec<Instant>, String> {
        if (to.unix_seconds() - from.unix_seconds()) / self.length().num_seconds() > MOST {
            return Err(format!(
                "more than {MOST} buckets from {from} to {to}: choose a longer --every, or a shorter \
                 time from --from to --to"
            ));
        }
        let inner = self.beginnings(zone, from, to);
        let inner = inner.into_iter().filter(|at| from < *at && *at < to);
        Ok([from].into_iter().chain(inner).chain([to]).collect())
    }

    /// The beginning of the bucket that contains an instant.
    pub(crate) fn beginning(self, zone: Zone, at: Instant) -> Instant {
        // Clocks never change by more than a day.
        let before = earlier(at, (self.length() + TimeDelta::days(3)).num_seconds());
        self.beginnings(zone, before, at).pop().unwrap_or(at)
    }

    /// The instants at which buckets begin, ascending, including both ends of the range.
    fn beginnings(self, zone: Zone, from: Instant, to: Instant) -> Vec<Instant> {
        // 1970 began on a Thursday.
        let monday = NaiveDate::from_ymd_opt(1970, 1, 5).expect("it was a day");
        let day = TimeDelta::days(1);
        let (first, last) = (zone.local(from).date() - day, zone.local(to).date() + day);
        let (days, minutes) = match self {
            Every::Minutes(minutes) => (1, minutes),
            Every::Days(days) => (days, MINUTES_A_DAY),
        };
        let mut beginnings = Vec::new();
        for date in first.iter_days().take_while(|date| *date <= last) {
            if (date - monday).num_days().rem_euclid(days.into()) != 0 {
                continue;
            }
            let midnight = date.and_time(chrono::NaiveTime::MIN);
            for minute in (0..MINUTES_A_DAY).step_by(minutes as usize) {
                match zone.shown(midnight + TimeDelta::minutes(minute.into())) {
                    Shown::Once(at) | Shown::Never(at) => beginnings.push(at),
                    Shown::Twice(at, again) => {
                        beginnings.push(at);
                        let passed = again.unix_seconds() - at.unix_seconds();
                        if passed >= self.length().num_seconds() {
                            beginnings.push(again);
                        }
                    }
                }
            }
        }
        beginnings.retain(|at| (from..=to).contains(at));
        // Days overlap if clocks are set back across midnight.
        beginnings.sort_unstable();
        beginnings.dedup();
        beginnings
    }

    /// The length of a bucket in which clocks do not change.
    fn length(self) -> TimeDelta {
        match self {
            Every::Minutes(minutes) => TimeDelta::minutes(minutes.into()),
            Every::Days(days) => TimeDelta::days(days.into()),
        }
    }
}

impl FromStr for Every {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Every, &'static str> {
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let every = match (digits.parse(), text.strip_prefix(digits)) {
            (Ok(count @ 1..=MINUTES_A_DAY), Some("m")) => Every::Minutes(count),
            (Ok(count @ 1..=24), Some("h")) => Every::Minutes(60 * count),
            (Ok(count @ 1..=366), Some("d")) => Every::Days(count),
            _ => {
                return Err(
                    "not a length: write up to 1440 minutes, 24 hours or 366 days, such as `15m`, `1h` \
                     or `1d`",
                );
            }
        };
        Ok(every)
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::TZ_VARIANTS;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().expect("an instant")
    }

    fn boundaries(every: &str, zone: &str, from: &str, to: &str) -> Vec<Instant> {
        let (every, zone): (Every, Zone) =
            (every.parse().expect("a length"), zone.parse().expect("a zone"));
        every.boundaries(zone, at(from), at(to)).expect("not too many")
    }

    /// Holds the boundaries in UTC, dates left out where they do not change, against those by hand.
    #[track_caller]
    fn assert_bounds(every: &str, zone: &str, by_hand: &[&str]) {
        let mut date = "";
        let mut expected = Vec::new();
        for text in by_hand {
            let (day, time) = text.split_once(' ').unwrap_or((date, text));
            date = day;
            expected.push(format!("{date}T{time}:00Z"));
        }
        let found = boundaries(every, zone, &expected[0], &expected[expected.len() - 1]);
        let found: Vec<String> = found.iter().map(Instant::to_string).collect();
        assert_eq!(found, expected, "{every} in {zone}");
    }

    #[test]
    fn berlin_puts_clocks_forward_and_its_day_has_23_hours() {
        // 02:00 becomes 03:00 at 01:00Z.
        let berlin = "Europe/Berlin";
        assert_bounds("1d", berlin, &["2026-03-27 23:00", "2026-03-28 23:00", "2026-03-29 22:00"]);
        assert_bounds(
            "6h",
            berlin,
            &["2026-03-28 23:00", "2026-03-29 04:00", "10:00", "16:00", "22:00"],
        );
        assert_bounds("2h", berlin, &["2026-03-28 23:00", "2026-03-29 01:00", "02:00", "04:00"]);
        assert_bounds("1h", berlin, &["2026-03-28 23:00", "2026-03-29 00:00", "01:00", "02:00"]);
        assert_bounds("15m", berlin, &["2026-03-29 00:30", "00:45", "01:00", "01:15", "01:30"]);
        let hours = boundaries("1h", berlin, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
        assert_eq!(hours.len() - 1, 23);
    }

    #[test]
    fn berlin_puts_clocks_back_and_its_day_has_25_hours() {
        // 03:00 becomes 02:00 at 01:00Z.
        let berlin = "Europe/Berlin";
        assert_bounds("1d", berlin, &["2026-10-23 22:00", "2026-10-24 22:00", "2026-10-25 23:00"]);
        assert_bounds(
            "6h",
            berlin,
            &["2026-10-24 22:00", "2026-10-25 05:00", "11:00", "17:00", "23:00"],
        );
        assert_bounds("2h", berlin, &["2026-10-24 22:00", "2026-10-25 00:00", "03:00", "05:00"]);
        assert_bounds("1h", berlin, &["2026-10-25 00:00", "01:00", "02:00", "03:00"]);
        assert_bounds("30m", berlin, &["2026-10-25 00:00", "00:30", "01:00", "01:30", "02:00"]);
        let quarters = boundaries("15m", berlin, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
        assert_eq!(quarters.len() - 1, 100);
    }

    #[test]
    fn lord_howe_moves_clocks_by_half_an_hour() {
        // 02:00 becomes 01:30 at 15:00Z.
        let howe = "Australia/Lord_Howe";
        assert_bounds("1d", howe, &["2026-04-03 13:00", "2026-04-04 13:00", "2026-04-05 13:30"]);
        assert_bounds(
            "6h",
            howe,
            &["2026-04-04 13:00", "19:30", "2026-04-05 01:30", "07:30", "13:30"],
        );
        assert_bounds("1h", howe, &["2026-04-04 13:00", "14:00", "15:30", "16:30"]);
        assert_bounds("30m", howe, &["2026-04-04 14:00", "14:30", "15:00", "15:30", "16:00"]);
        assert_bounds("15m", howe, &["2026-04-04 14:30", "14:45", "15:00", "15:15", "15:30"]);
        // 02:00 becomes 02:30 at 15:30Z.
        assert_bounds("1d", howe, &["2026-10-02 13:30", "2026-10-03 13:30", "2026-10-04 13:00"]);
        assert_bounds("1h", howe, &["2026-10-03 13:30", "14:30", "15:30", "16:00", "17:00"]);
        assert_bounds("30m", howe, &["2026-10-03 15:00", "15:30", "16:00", "16:30"]);
        assert_bounds("15m", howe, &["2026-10-03 15:15", "15:30", "15:45", "16:00"]);
    }

    #[test]
    fn kathmandu_is_a_quarter_of_an_hour_off() {
        let kathmandu = "Asia/Kathmandu";
        assert_bounds("1d", kathmandu, &["2026-01-04 18:15", "2026-01-05 18:15"]);
        assert_bounds("1h", kathmandu, &["2026-01-04 18:15", "19:15", "20:15"]);
        assert_bounds("30m", kathmandu, &["2026-01-04 18:15", "18:45", "19:15"]);
        assert_bounds("15m", kathmandu, &["2026-01-04 18:15", "18:30", "18:45"]);
    }

    #[test]
    fn apia_skipped_a_day() {
        // The 30th of December was left out: midnight after the 29th was that of the 31st, at
        // 10:00Z.
        let apia = "Pacific/Apia";
        assert_bounds(
            "1d",
            apia,
            &["2011-12-28 10:00", "2011-12-29 10:00", "2011-12-30 10:00", "2011-12-31 10:00"],
        );
        assert_bounds("6h", apia, &["2011-12-30 04:00", "10:00", "16:00", "22:00"]);
        assert_bounds("15m", apia, &["2011-12-30 09:45", "10:00", "10:15"]);
    }

    #[test]
    fn midnight_may_come_twice_or_never() {
        // 01:00 becomes 00:00 at 05:00Z.
        let havana = "America/Havana";
        assert_bounds("1d", havana, &["2026-10-31 04:00", "2026-11-01 04:00", "2026-11-02 05:00"]);
        assert_bounds("6h", havana, &["2026-11-01 04:00", "11:00", "17:00"]);
        assert_bounds("1h", havana, &["2026-11-01 03:00", "04:00", "05:00", "06:00"]);
        // 00:00 becomes 01:00 at 22:00Z.
        assert_bounds(
            "1d",
            "Africa/Cairo",
            &["2026-04-22 22:00", "2026-04-23 22:00", "2026-04-24 21:00"],
        );
    }

    #[test]
    fn lengths_that_are_no_part_of_a_day_begin_anew_each_day() {
        assert_bounds("7h", "UTC", &["2026-01-05 14:00", "21:00", "2026-01-06 00:00", "07:00"]);
        assert_bounds("24h", "UTC", &["2026-01-05 00:00", "2026-01-06 00:00"]);
    }

    #[test]
    fn weeks_begin_on_mondays_and_ends_are_cut() {
        assert_bounds(
            "7d",
            "UTC",
            &["2026-01-01 09:30", "2026-01-05 00:00", "2026-01-12 00:00", "00:01"],
        );
        let monday =
            Every::Days(7).beginning("UTC".parse().expect("a zone"), at("2026-01-11T23:59:59.9Z"));
        assert_eq!(monday, at("2026-01-05T00:00:00Z"));
    }

    #[test]
    fn in_every_zone_buckets_rise_and_begin_on_whole_local_times() {
        let (from, to) = (at("2025-12-31T00:00:00Z"), at("2027-01-02T00:00:00Z"));
        for zone in TZ_VARIANTS {
            let zone: Zone = zone.name().parse().expect("its own name");
            for every in ["6h", "1d"] {
                let every: Every = every.parse().expect("a length");
                let bounds = every.boundaries(zone, from, to).expect("not too many");
                assert!(bounds.is_sorted_by(|a, b| a < b), "{zone}");
                assert_eq!((bounds[0], bounds[bounds.len() - 1]), (from, to));
                for pair in bounds.windows(2) {
                    // In Antarctica/Troll clocks are moved by two hours.
                    let seconds = pair[1].unix_seconds() - pair[0].unix_seconds();
                    assert!(seconds <= every.length().num_seconds() + 7200, "{zone}: {}", pair[0]);
                }
                for begin in bounds[1..bounds.len() - 1].iter().step_by(13) {
                    assert_eq!(every.beginning(zone, *begin), *begin, "{zone}");
                    let just_before =
                        Instant::from_unix(begin.unix_seconds() - 1, 0).expect("in range");
                    assert!(every.beginning(zone, just_before) < *begin, "{zone}");
                }
            }
        }
    }

    #[test]
    fn too_many_buckets_are_refused() {
        let utc = "UTC".parse().expect("a zone");
        let told = Every::Minutes(1).boundaries(utc, Instant::MIN, Instant::MAX);
        assert!(told.expect_err("refused").contains("more than 1000000 buckets"));
        assert!(Every::Days(366).boundaries(utc, Instant::MIN, Instant::MAX).is_ok());
    }

    #[test]
    fn lengths_are_read() {
        let lengths = ["1m", "1440m", "1h", "24h", "1d", "366d"].map(|text| text.parse().ok());
        let minutes = |count| Some(Every::Minutes(count));
        let days = |count| Some(Every::Days(count));
        let expected = [minutes(1), minutes(1440), minutes(60), minutes(1440), days(1), days(366)];
        assert_eq!(lengths, expected);
        for wrong in [
            "",
            "m",
            "0m",
            "1441m",
            "25h",
            "0d",
            "367d",
            "15",
            "15s",
            "1.5h",
            "-1h",
            "1 h",
            "99999999999d",
        ] {
            assert!(wrong.parse::<Every>().is_err(), "{wrong}");
        }
    }
}
