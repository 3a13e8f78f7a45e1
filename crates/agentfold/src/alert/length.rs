//! Lengths of time in thresholds: numbers of seconds, or texts such as `30m`.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserializer, Error, Visitor};

use crate::seconds;

pub(super) use crate::seconds::serialize;

const MUST_BE: &str =
    "must be a number of seconds, 0 or more, or a length such as `90s`, `30m`, `8h` or `2d`";

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    struct Length;

    impl Visitor<'_> for Length {
        type Value = Duration;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number of seconds, or a length such as `90s`, `30m`, `8h` or `2d`")
        }

        fn visit_u64<E: Error>(self, seconds: u64) -> Result<Duration, E> {
            Ok(Duration::from_secs(seconds))
        }

        fn visit_i64<E: Error>(self, seconds: i64) -> Result<Duration, E> {
            self.visit_f64(seconds as f64)
        }

        fn visit_f64<E: Error>(self, seconds: f64) -> Result<Duration, E> {
            seconds::length(seconds).ok_or_else(|| E::custom(MUST_BE))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
            parse(text).ok_or_else(|| E::custom(MUST_BE))
        }
    }

    from.deserialize_any(Length)
}

fn parse(text: &str) -> Option<Duration> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let count: u64 = text[..text.len() - unit.len()].parse().ok()?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(count.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_whole_numbers_of_one_unit() {
        for (text, seconds) in [("90s", 90), ("030m", 1800), ("8h", 28_800), ("2d", 172_800)] {
            assert_eq!(parse(text), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "m",
            "30",
            "-1m",
            "+1m",
            "1.5h",
            "1h30m",
            "1M",
            " 1m",
            "1 m",
            "99999999999999999999s",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
