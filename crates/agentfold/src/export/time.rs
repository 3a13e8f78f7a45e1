//! [`Unit`]: how the export writes instants, in seconds or microseconds since 1970.

use crate::Instant;
use crate::word::words;

words! {
    /// The unit in which the export counts time.
    ///
    /// The table in Zendesk's document says microseconds. Its sample, and the requests of programs in
    /// use, have seconds, with or without a fraction. So both are read: 10^14 or more is microseconds.
    // Exhaustive: magnitude distinguishes only two units.
    #[derive(Default)]
    pub enum Unit {
        /// Seconds, with up to six fraction digits.
        #[default]
        Seconds = "seconds",
        /// Whole microseconds.
        Microseconds = "microseconds",
    }
}

/// The least number that is read as microseconds: 1973 in microseconds, far past 9999 in seconds.
const MICROSECONDS: i64 = 100_000_000_000_000;

const MICROS_PER_SECOND: i64 = 1_000_000;

impl Unit {
    /// Reads an integer or a decimal fraction, rounded down to the microsecond.
    pub(super) fn read(text: &str) -> Option<(Instant, Unit)> {
        if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
            return Unit::read(&shifted(mantissa, exponent.parse().ok()?)?);
        }
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return None;
        }
        let number: i64 = whole.parse().ok()?;
        let (micros, unit) = if number >= MICROSECONDS {
            (number, Unit::Microseconds)
        } else {
            let padded = format!("{fraction:0<6}");
            let fraction: i64 = padded.get(..6)?.parse().ok()?;
            (number.checked_mul(MICROS_PER_SECOND)?.checked_add(fraction)?, Unit::Seconds)
        };
        Some((from_micros(micros)?, unit))
    }

    /// Writes an instant, cut to microseconds; 0 if this unit can't write it.
    pub(super) fn write(self, at: Instant) -> String {
        let micros = micros(at);
        match self {
            Unit::Microseconds if micros >= MICROSECONDS => micros.to_string(),
            Unit::Seconds if micros >= 0 => {
                let (seconds, micros) = (micros / MICROS_PER_SECOND, micros % MICROS_PER_SECOND);
                if micros == 0 {
                    return seconds.to_string();
                }
                let text = format!("{seconds}.{micros:06}");
                text.trim_end_matches('0').to_owned()
            }
            _ => "0".to_owned(),
        }
    }
}

/// A decimal fraction times a power of ten, with exact digits; `None` if no instant has so many.
fn shifted(mantissa: &str, exponent: i32) -> Option<String> {
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let point = i32::try_from(whole.len()).ok()?.checked_add(exponent)?;
    let (zeros, point) =
        (usize::try_from(-point).unwrap_or(0), usize::try_from(point).unwrap_or(0));
    if whole.is_empty() || point > 18 {
        return None;
    }
    // Anything below a microsecond is cut anyway.
    let mut digits = ["0".repeat(zeros.min(6)), whole.to_owned(), fraction.to_owned()].concat();
    digits.extend(std::iter::repeat_n('0', (point + 1).saturating_sub(digits.len())));
    let (whole, fraction) = digits.split_at_checked(point)?;
    Some(format!("0{whole}.{fraction}"))
}

/// Microseconds since 1970, rounded down. 64 bits hold all instants.
fn micros(at: Instant) -> i64 {
    at.unix_seconds() * MICROS_PER_SECOND + i64::from(at.subsec_nanos() / 1000)
}

fn from_micros(micros: i64) -> Option<Instant> {
    let nanos = u32::try_from(micros.rem_euclid(MICROS_PER_SECOND)).ok()? * 1000;
    Instant::from_unix(micros.div_euclid(MICROS_PER_SECOND), nanos)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Option<String> {
        Unit::read(text).map(|(at, _)| at.to_string())
    }

    #[test]
    fn magnitude_tells_seconds_from_microseconds() {
        let at = Some("2018-10-22T02:55:32.887200Z".to_owned());
        for text in [
            "1540176932.8872",
            "1540176932.8872009",
            "1.5401769328872e9",
            "15401769328872e-4",
            "1540176932887200",
            "1.5401769328872E+15",
        ] {
            assert_eq!(read(text), at, "{text}");
        }
        assert_eq!(read("1.5e17").as_deref(), Some("6723-04-25T02:40:00Z"));
        assert_eq!(read("1761312972333455").as_deref(), Some("2025-10-24T13:36:12.333455Z"));
        for text in ["0", "0e5", "9e-7", "12345e-400"] {
            assert_eq!(read(text).as_deref(), Some("1970-01-01T00:00:00Z"), "{text}");
        }
        assert_eq!(read("25e-1").as_deref(), Some("1970-01-01T00:00:02.500Z"));
    }

    #[test]
    fn what_is_no_time_is_none() {
        let bad = [
            "",
            "-1",
            "+1",
            " 1",
            "1.",
            ".5",
            "1.5.5",
            "x",
            "1e400",
            "1e99999999999",
            "-1e3",
            "1e",
            "e5",
            ".5e1",
            "1e2e3",
            "1é0e2",
            "NaN",
            "1540176932887",
            "1é",
        ];
        for text in bad {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_that_a_unit_cannot_write_is_0() {
        let early = |seconds| Instant::from_unix(seconds, 0).expect("in range");
        assert_eq!(Unit::Microseconds.write(early(99_999_999)), "0");
        assert_eq!(Unit::Microseconds.write(early(100_000_000)), "100000000000000");
        assert_eq!(Unit::Seconds.write(early(-1)), "0");
        assert_eq!(Unit::Seconds.write(early(1)), "1");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_to_the_microsecond(seconds in 100_000_000_i64..=Instant::MAX.unix_seconds(), nanos in 0_u32..1_000_000_000) {
            let at = Instant::from_unix(seconds, nanos).expect("in range");
            for unit in [Unit::Seconds, Unit::Microseconds] {
                prop_assert_eq!(Unit::read(&unit.write(at)), Some((at.to_micros(), unit)));
            }
        }

        #[test]
        fn any_text_is_read_or_not(text in "\\PC{0,24}|[0-9.eE+-]{0,24}") {
            Unit::read(&text);
        }
    }
}
