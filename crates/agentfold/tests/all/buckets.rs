//! The rule for buckets: the vectors of `tests/vectors/buckets` and properties, with the time zones of
//! chrono-tz and of jiff.

use std::cell::Cell;
use std::fs;

use agentfold::report::{Buckets, Every, RollUp, Utc, Zone};
use agentfold::{Fold, Instant, Selection};
use chrono_tz::{TZ_VARIANTS, Tz};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use serde_json::{Value, json};

const DAY: i64 = 86_400;

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn second(seconds: i64) -> Instant {
    Instant::from_unix(seconds, 0).expect("in range")
}

fn every(text: &str) -> Every {
    text.parse().expect("a length")
}

fn jiff_zones() -> impl Iterator<Item = (String, TimeZone)> {
    let zones = TimeZoneDatabase::bundled();
    let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
    names.into_iter().map(move |name| {
        let zone = zones.get(&name).expect("available");
        (name, zone)
    })
}

/// Returns the result of a case: its boundaries, or the code of an error.
fn answer(case: &Value, zone: &dyn Zone) -> Value {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let ends = match case["boundaries"].as_array() {
        Some(boundaries) => [&boundaries[0], &boundaries[boundaries.len() - 1]],
        None => [&case["from"], &case["to"]],
    };
    let [from, to] = ends.map(|end| at(&text(end)));
    // Bindings return this code for an argument of the wrong type.
    let Ok(every) = serde_json::from_value(case["every"].clone()) else {
        return json!("bad_argument");
    };
    match Buckets::every(every, zone, from, to, to) {
        Ok(buckets) => json!(buckets.boundaries()),
        Err(error) => json!(error.code()),
    }
}

#[test]
fn there_are_as_many_buckets_as_begin_before_the_clock() {
    let buckets = |as_of| {
        Buckets::new(vec![second(0), second(10), second(20)], second(as_of)).expect("rising")
    };
    for (as_of, count) in [(0, 0), (1, 1), (10, 1), (11, 2), (99, 2)] {
        assert_eq!(
            (buckets(as_of).len(), buckets(as_of).is_empty()),
            (count, count == 0),
            "{as_of}"
        );
    }
}

#[test]
fn buckets_are_those_of_the_vectors() {
    let jiff = TimeZoneDatabase::bundled();
    for file in crate::case::files("buckets") {
        let text = fs::read_to_string(&file).expect("readable");
        for case in serde_json::from_str::<Vec<Value>>(&text).expect("a list of cases") {
            let (name, tz) = (&case["name"], case["tz"].as_str().expect("a zone"));
            let expected =
                if case["error"].is_null() { &case["boundaries"] } else { &case["error"] };
            let zone: Tz = tz.parse().expect("a zone");
            assert_eq!(&answer(&case, &zone), expected, "{name}, by chrono-tz");
            let zone = jiff.get(tz).expect("a zone");
            assert_eq!(&answer(&case, &zone), expected, "{name}, by jiff");
        }
    }
}

#[test]
fn buckets_are_clipped_at_as_of() {
    let (from, to) = (at("2026-01-05T08:30:00Z"), at("2026-01-05T12:00:00Z"));
    let clipped = |as_of| Buckets::every(every("1h"), &Utc, from, to, as_of).expect("rising");
    let hours = clipped(at("2026-01-05T09:45:00Z"));
    let boundaries = [from, at("2026-01-05T09:00:00Z"), at("2026-01-05T09:45:00Z")];
    assert_eq!((hours.boundaries(), hours.len()), (&boundaries[..], 2));
    assert_eq!((hours.as_of(), hours.window().to), (boundaries[2], boundaries[2]));
    assert_eq!(clipped(to).len(), 4);
    assert_eq!(clipped(Instant::MAX).len(), 4);
    assert!(clipped(from).is_empty());
}

#[test]
fn a_million_buckets_are_made_and_no_more() {
    let buckets = |every, to| Buckets::every(every, &Utc, second(0), second(to), second(to));
    let minutes = buckets(every("1m"), 60_000_000).expect("a million");
    assert_eq!(minutes.len(), Buckets::MAX);
    let error = buckets(every("1m"), 60_000_060).expect_err("a million and one");
    assert_eq!(error.code(), "too_many_buckets");
    assert!(error.to_string().contains("1000000"), "{error}");
    let all = Buckets::every(every("366d"), &Utc, Instant::MIN, Instant::MAX, Instant::MAX);
    assert_eq!(all.expect("ten thousand years").len(), 9980);
}

#[test]
fn a_report_of_too_many_rows_is_refused_before_it_is_computed() {
    let mut fold = Fold::new();
    for agent in 1..=11 {
        let event = format!(
            r#"{{"account_id": 2, "agent_id": {agent}, "field_name": "status", "id": "{agent}",
                "timestamp": "2026-01-05T09:00:00Z", "value": "away"}}"#
        );
        fold.read(event.as_bytes(), |bad| panic!("{bad:?}"));
    }
    let from = at("2026-01-05T09:00:00Z");
    let to = second(from.unix_seconds() + 60_000_000);
    let minutes = Buckets::every(every("1m"), &Utc, from, to, to).expect("a million");
    for by in [RollUp::Agent, RollUp::Channel, RollUp::Account, RollUp::Group] {
        let error = fold.report(&minutes, by, &Selection::all()).err().expect("eleven million");
        assert_eq!(error.code(), "too_many_rows");
        let message = error.to_string();
        assert!(message.contains("11000000 pairs") && message.contains("10000000"), "{message}");
    }
    // In each bucket an agent has a row of each unified state and one of its chats.
    let more = minutes.with_row_limit(40_000_000);
    assert!(fold.report(&more, RollUp::Agent, &Selection::all()).is_ok());
    // A report does not contain agents before their first event.
    let before = second(from.unix_seconds() - 1);
    let hours = Buckets::every(Every::HOUR, &Utc, Instant::MIN, to, before);
    assert_eq!(hours.expect_err("a window of 2026 years").code(), "too_many_buckets");
    let weeks = Buckets::every(Every::WEEK, &Utc, Instant::MIN, to, before).expect("enough");
    assert!(fold.report(&weeks.with_row_limit(0), RollUp::Agent, &Selection::all()).is_ok());
}

#[test]
fn a_year_of_hours_takes_an_offset_a_day_and_some_for_each_change() {
    let berlin: Tz = "Europe/Berlin".parse().expect("a zone");
    let asked = Cell::new(0);
    let zone = |at: Instant| {
        asked.set(asked.get() + 1);
        Zone::offset(&berlin, at)
    };
    let (from, to) = (at("2025-12-31T23:00:00Z"), at("2026-12-31T23:00:00Z"));
    let hours = Buckets::every(Every::HOUR, &zone, from, to, to).expect("not too many");
    assert_eq!(hours.len(), 365 * 24);
    assert!(asked.get() < 365 + 2 * 25, "{} offsets", asked.get());
    asked.set(0);
    let days = Every::days(30).expect("a length");
    Buckets::every(days, &zone, from, to, to).expect("not too many");
    assert!(asked.get() < 14 * 3 + 2 * 25, "{} offsets", asked.get());
}

#[test]
fn in_every_zone_buckets_rise_and_begin_on_whole_local_times() {
    let (from, to) = (at("2025-12-31T00:00:00Z"), at("2027-01-02T00:00:00Z"));
    for zone in TZ_VARIANTS {
        for (text, seconds) in [("6h", 6 * 3600), ("1d", DAY)] {
            let every = every(text);
            let buckets = Buckets::every(every, &zone, from, to, to).expect("not too many");
            let bounds = buckets.boundaries();
            assert!(bounds.is_sorted_by(|a, b| a < b), "{zone}");
            assert_eq!((bounds[0], bounds[bounds.len() - 1]), (from, to));
            let inner = &bounds[1..bounds.len() - 1];
            for pair in inner.windows(2) {
                // In Antarctica/Troll clocks change by two hours.
                let [a, b] = [pair[0], pair[1]].map(Instant::unix_seconds);
                assert!(
                    (seconds - 7200..=seconds + 7200).contains(&(b - a)),
                    "{zone}: {}",
                    pair[0]
                );
            }
            for begin in inner {
                let before = second(begin.unix_seconds() - 1);
                let [shown, shown_before] = [*begin, before]
                    .map(|at| at.unix_seconds() + i64::from(Zone::offset(&zone, at)));
                // Clocks show a multiple of the length, or just skipped one.
                let part = shown.rem_euclid(seconds);
                let skipped = shown - shown_before - 1;
                assert!(part <= skipped, "{zone}: {begin}");
            }
            for begin in inner.iter().step_by(13) {
                assert_eq!(every.beginning(&zone, *begin), *begin, "{zone}");
                let before = second(begin.unix_seconds() - 1);
                assert!(every.beginning(&zone, before) < *begin, "{zone}");
            }
        }
    }
}

#[test]
fn a_bucket_is_found_from_its_end_however_far_clocks_were_set_back() {
    // From almost a day before UTC to almost a day after it, at noon.
    let (change, most) = (at("2026-01-05T12:00:00Z").unix_seconds(), 86_399);
    let zone = move |at: Instant| if at.unix_seconds() < change { most } else { -most };
    let (from, to) = (at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z"));
    for length in ["1h", "1d", "1w"] {
        let every = every(length);
        let buckets = Buckets::every(every, &zone, from, to, to).expect("few");
        for pair in buckets.boundaries().windows(2).skip(1) {
            let last = second(pair[1].unix_seconds() - 1);
            assert_eq!(every.beginning(&zone, last), pair[0], "{length}");
        }
    }
}

#[test]
fn in_every_zone_the_tables_of_chrono_tz_and_jiff_agree() {
    let (from, to) = (at("2025-12-31T00:00:00Z"), at("2027-01-02T00:00:00Z"));
    let mut compared = 0;
    for (name, jiff) in jiff_zones() {
        let Ok(chrono) = name.parse::<Tz>() else {
            continue;
        };
        let mut hours = (from.unix_seconds()..to.unix_seconds()).step_by(3600).map(second);
        // The versions of their data may differ in a zone or two.
        if hours.any(|hour| Zone::offset(&jiff, hour) != Zone::offset(&chrono, hour)) {
            continue;
        }
        compared += 1;
        for text in ["1h", "7h", "1d", "7d"] {
            let by_jiff = Buckets::every(every(text), &jiff, from, to, to);
            let by_chrono = Buckets::every(every(text), &chrono, from, to, to);
            assert_eq!(by_jiff, by_chrono, "{text} in {name}");
        }
    }
    assert!(compared > 500, "{compared} zones were compared");
}

#[test]
fn around_every_change_of_every_zone_buckets_are_those_of_the_rule_in_words() {
    let lengths = ["15m", "1h", "90m", "6h", "7h", "1d", "2d", "7d", "30d"];
    let mut lengths = lengths.iter().cycle();
    for (name, zone) in jiff_zones() {
        let first = Timestamp::from_second(-5_000_000_000).expect("in range");
        let changes = zone.following(first).map(|change| change.timestamp().as_second());
        for change in changes.take_while(|change| *change < 2_500_000_000).step_by(3) {
            let text = lengths.next().expect("a cycle");
            let (from, to) = (second(change - 3 * DAY), second(change + 3 * DAY + 1));
            let buckets = Buckets::every(every(text), &zone, from, to, to).expect("rising");
            assert_eq!(buckets.boundaries(), by_words(text, &zone, from, to), "{text} in {name}");
        }
    }
}

/// Returns the boundaries of buckets by the written rule: the instants at which clocks show a local
/// time that is a multiple of the length. They are computed by jiff from its list of changes.
fn by_words(text: &str, zone: &TimeZone, from: Instant, to: Instant) -> Vec<Instant> {
    let (count, unit) = text.split_at(text.len() - 1);
    let count: i64 = count.parse().expect("a count");
    let (days, seconds) = match unit {
        "m" => (1, count * 60),
        "h" => (1, count * 3600),
        _ => (count, DAY),
    };
    let (first, last) = (from.unix_seconds(), to.unix_seconds());
    let mut beginnings = Vec::new();
    for day in first.div_euclid(DAY) - 2..=last.div_euclid(DAY) + 2 {
        // 1970 began on a Thursday.
        if (day - 4).rem_euclid(days) != 0 {
            continue;
        }
        for time in (0..DAY).step_by(seconds as usize) {
            let local = day * DAY + time;
            let instant = |offset: Offset| local - i64::from(offset.seconds());
            match zone.to_ambiguous_timestamp(date_time(local)).offset() {
                AmbiguousOffset::Unambiguous { offset } => beginnings.push(instant(offset)),
                AmbiguousOffset::Fold { before, after } => {
                    beginnings.push(instant(before));
                    if instant(after) - instant(before) >= days * seconds {
                        beginnings.push(instant(after));
                    }
                }
                AmbiguousOffset::Gap { before, .. } => {
                    let later = Timestamp::from_second(instant(before) + 1).expect("in range");
                    let skip = zone.preceding(later).next().expect("a gap is at a change");
                    beginnings.push(skip.timestamp().as_second());
                }
            }
        }
    }
    beginnings.retain(|at| first < *at && *at < last);
    beginnings.extend([first, last]);
    beginnings.sort_unstable();
    beginnings.dedup();
    beginnings.into_iter().map(second).collect()
}

fn date_time(local: i64) -> DateTime {
    let utc = Timestamp::from_second(local).expect("in range");
    Offset::UTC.to_datetime(utc)
}
