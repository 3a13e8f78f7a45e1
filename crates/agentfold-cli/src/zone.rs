//! [`Zone`]: local time in an IANA time zone. [`When`]: an instant in an argument.

use std::fmt;
use std::str::FromStr;

use agentfold::Instant;
use agentfold::report::Every;
use chrono::{DateTime, MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::failure::Failure;

/// A time zone.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Zone(pub(crate) Tz);

impl Zone {
    /// The local time at an instant.
    pub(crate) fn local(self, at: Instant) -> NaiveDateTime {
        self.date_time(at).naive_local()
    }

    /// The instant in RFC 3339 with the zone's offset; in UTC if the offset is not whole minutes.
    pub(crate) fn rfc3339(self, at: Instant) -> String {
        let east = self.east(at);
        let shifted = Instant::from_unix(at.unix_seconds() + i64::from(east), at.subsec_nanos());
        match shifted {
            Some(shifted) if east != 0 && east % 60 == 0 => {
                let (sign, minutes) = (if east < 0 { '-' } else { '+' }, east.abs() / 60);
                let text = shifted.to_string();
                let local = text.trim_end_matches('Z');
                format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
            _ => at.to_string(),
        }
    }

    /// Date and time for people, to the second. If the clocks show it twice, followed by the
    /// abbreviation of the offset.
    pub(crate) fn clock(self, at: Instant) -> String {
        let local = self.local(at);
        let format = if local.second() == 0 { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        let mut text = local.format(format).to_string();
        if matches!(self.0.from_local_datetime(&local), MappedLocalTime::Ambiguous(..)) {
            text.push_str(&format!(" {}", self.date_time(at).offset()));
        }
        text
    }

    /// Seconds east of UTC.
    fn east(self, at: Instant) -> i32 {
        self.date_time(at).offset().fix().local_minus_utc()
    }

    fn date_time(self, at: Instant) -> DateTime<Tz> {
        DateTime::from_timestamp(at.unix_seconds(), at.subsec_nanos())
            .expect("INVARIANT: chrono covers the years 0 to 9999")
            .with_timezone(&self.0)
    }
}

/// The instant, or the nearest in the years 0 to 9999, which contain all events.
fn instant(at: &DateTime<Tz>) -> Instant {
    let nearest = if at.timestamp() < 0 { Instant::MIN } else { Instant::MAX };
    Instant::from_unix(at.timestamp(), at.timestamp_subsec_nanos()).unwrap_or(nearest)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Zone, String> {
        text.parse().map(Zone).map_err(|_| match &near_names(text)[..] {
            [] => "not an IANA time zone: write a name such as `Europe/Berlin`".to_owned(),
            near => format!("not an IANA time zone: did you mean `{}`?", near.join("` or `")),
        })
    }
}

/// The zones whose name or city is most similar to a text.
fn near_names(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase().replace(' ', "_");
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let city = name.rsplit('/').next().unwrap_or(&name);
        strsim::jaro_winkler(&name, &text).max(strsim::jaro_winkler(city, &text))
    };
    let names = TZ_VARIANTS.iter().map(|zone| zone.name());
    let mut near: Vec<(f64, &str)> = names.map(|name| (likeness(name), name)).collect();
    near.retain(|(likeness, _)| *likeness > 0.9);
    near.sort_by(|a, b| b.0.total_cmp(&a.0));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// An instant in an argument: with an offset, or as a date or time in the zone of --tz.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    At(Instant),
    /// The first instant of a date.
    Date(NaiveDateTime),
    Time(NaiveDateTime),
}

impl When {
    /// The instant in a zone, of the argument with this name.
    pub(crate) fn of_argument(self, name: &str, zone: Zone) -> Result<Instant, Failure> {
        self.instant(zone).map_err(|error| Failure::WrongUse(format!("--{name}: {error}")))
    }

    /// The instant in a zone.
    ///
    /// # Errors
    /// The clocks in the zone show the local time twice or never. The message says what to write.
    fn instant(self, zone: Zone) -> Result<Instant, String> {
        let (local, is_date) = match self {
            When::At(at) => return Ok(at),
            When::Date(local) => (local, true),
            When::Time(local) => (local, false),
        };
        let (what, a, b) = match zone.0.from_local_datetime(&local) {
            MappedLocalTime::Single(at) => return Ok(instant(&at)),
            MappedLocalTime::Ambiguous(a, b) => {
                let (a, b) = (instant(&a.min(b)), instant(&a.max(b)));
                if is_date {
                    return Ok(a);
                }
                ("occurs twice", a, b)
            }
            MappedLocalTime::None => {
                let day = TimeDelta::days(1);
                let [before, after] = [local - day, local + day]
                    .map(|near| zone.0.offset_from_utc_datetime(&near).fix());
                let [a, b] = [after, before]
                    .map(|offset| instant(&zone.0.from_utc_datetime(&(local - offset))));
                if is_date {
                    // The day begins when clocks skip its midnight.
                    return Ok(Every::DAY.beginning(&zone.0, b));
                }
                ("does not exist", a, b)
            }
        };
        let (a, b) = (zone.rfc3339(a), zone.rfc3339(b));
        let local = local.format("%Y-%m-%dT%H:%M:%S%.f");
        Err(format!("the local time {local} {what} in {zone}: write {a} or {b}"))
    }
}

impl FromStr for When {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<When, &'static str> {
        if let Ok(at) = text.parse() {
            return Ok(When::At(at));
        }
        // Parse a local time as if in UTC.
        let local = |rest: &str| {
            let at: Instant = format!("{text}{rest}").parse().ok()?;
            let utc = DateTime::from_timestamp(at.unix_seconds(), at.subsec_nanos())?;
            Some(utc.naive_utc())
        };
        local("T00:00:00Z")
            .map(When::Date)
            .or_else(|| local(":00Z").or_else(|| local("Z")).map(When::Time))
            .ok_or(
                "not an instant: write RFC 3339 such as `2026-03-29T08:00:00Z`, or a date or time in the \
                 zone of --tz such as `2026-03-29` or `2026-03-29T08:00`",
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str, zone: &str) -> Result<String, String> {
        let when: When = text.parse().expect("an instant");
        when.instant(zone.parse().expect("a zone")).map(|at| at.to_string())
    }

    #[test]
    fn local_times_are_read_in_the_zone_and_others_are_not() {
        for (text, zone, at) in [
            ("2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z"),
            ("2026-03-29T08:00", "Europe/Berlin", "2026-03-29T06:00:00Z"),
            ("2026-03-29 08:00:01.5", "Europe/Berlin", "2026-03-29T06:00:01.500Z"),
            ("2026-03-29T08:00", "Asia/Kathmandu", "2026-03-29T02:15:00Z"),
            ("2026-03-29T08:00:00Z", "Asia/Kathmandu", "2026-03-29T08:00:00Z"),
            ("2026-03-29T08:00:00+05:00", "Asia/Kathmandu", "2026-03-29T03:00:00Z"),
            // Midnight does not exist; the whole day does not exist.
            ("2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00Z"),
            ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),
            // Midnight occurs twice.
            ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"),
        ] {
            assert_eq!(meant(text, zone).as_deref(), Ok(at), "{text} in {zone}");
        }
    }

    #[test]
    fn a_local_time_that_occurs_twice_or_never_is_refused_with_what_to_write() {
        for (text, zone, a, b) in [
            (
                "2026-03-29T02:30",
                "Europe/Berlin",
                "2026-03-29T01:30:00+01:00",
                "2026-03-29T03:30:00+02:00",
            ),
            (
                "2026-03-29T02:00",
                "Europe/Berlin",
                "2026-03-29T01:00:00+01:00",
                "2026-03-29T03:00:00+02:00",
            ),
            (
                "2026-10-25T02:30",
                "Europe/Berlin",
                "2026-10-25T02:30:00+02:00",
                "2026-10-25T02:30:00+01:00",
            ),
            (
                "2026-10-04T02:15",
                "Australia/Lord_Howe",
                "2026-10-04T01:45:00+10:30",
                "2026-10-04T02:45:00+11:00",
            ),
            (
                "2011-12-30T12:00",
                "Pacific/Apia",
                "2011-12-29T12:00:00-10:00",
                "2011-12-31T12:00:00+14:00",
            ),
        ] {
            let told = meant(text, zone).expect_err("refused");
            assert!(told.ends_with(&format!("write {a} or {b}")), "{told}");
            let choices = [a, b].map(|text| meant(text, zone));
            assert!(choices.iter().all(Result::is_ok) && choices[0] < choices[1], "{choices:?}");
        }
    }

    #[test]
    fn a_clock_time_that_occurs_twice_names_its_offset() {
        let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
        for (at, shown, rfc3339) in [
            ("2026-10-25T00:00:00Z", "2026-10-25 02:00 CEST", "2026-10-25T02:00:00+02:00"),
            ("2026-10-25T01:00:00Z", "2026-10-25 02:00 CET", "2026-10-25T02:00:00+01:00"),
            ("2026-10-25T02:00:00.250Z", "2026-10-25 03:00", "2026-10-25T03:00:00.250+01:00"),
            ("2026-10-25T02:00:01Z", "2026-10-25 03:00:01", "2026-10-25T03:00:01+01:00"),
        ] {
            let at: Instant = at.parse().expect("an instant");
            assert_eq!((&*berlin.clock(at), &*berlin.rfc3339(at)), (shown, rfc3339));
            assert_eq!(berlin.rfc3339(at).parse(), Ok(at));
        }
    }

    #[test]
    fn an_unknown_zone_is_refused_with_similar_names() {
        for (text, near) in [
            ("Berlin", "Europe/Berlin"),
            ("Europe/Berln", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("New York", "America/New_York"),
            ("Kathmando", "Asia/Kathmandu"),
        ] {
            let told = text.parse::<Zone>().expect_err("refused");
            assert!(told.contains(&format!("did you mean `{near}`")), "{told}");
        }
        let told = "Mars/Olympus".parse::<Zone>().expect_err("refused");
        assert!(told.ends_with("such as `Europe/Berlin`"), "{told}");
    }
}
