//! Writes instants, which are nanoseconds since 1970, UTC.

pub(crate) const MICROSECOND: u64 = 1_000;
pub(crate) const MILLISECOND: u64 = 1_000 * MICROSECOND;
pub(crate) const SECOND: u64 = 1_000 * MILLISECOND;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;

/// Writes an instant in RFC 3339, with Z and 0 to 9 fraction digits.
pub(crate) fn write(out: &mut Vec<u8>, at: u64, digits: usize) {
    let seconds = at / SECOND;
    let (year, month, day) = civil(seconds / 86_400);
    let clock = (seconds % 86_400) as u32;

    let mut text = *b"0000-00-00T00:00:00.000000000";
    put(&mut text[0..4], year);
    put(&mut text[5..7], month);
    put(&mut text[8..10], day);
    put(&mut text[11..13], clock / 3_600);
    put(&mut text[14..16], clock / 60 % 60);
    put(&mut text[17..19], clock % 60);
    put(&mut text[20..29], (at % SECOND) as u32);
    // Without fraction digits, leave out the point.
    out.extend_from_slice(&text[..if digits == 0 { 19 } else { 20 + digits }]);
    out.push(b'Z');
}

/// Writes an instant with 0, 3, 6 or 9 fraction digits, as few as possible.
pub(crate) fn write_briefly(out: &mut Vec<u8>, at: u64) {
    let digits = match at {
        at if at % SECOND == 0 => 0,
        at if at % MILLISECOND == 0 => 3,
        at if at % MICROSECOND == 0 => 6,
        _ => 9,
    };
    write(out, at, digits);
}

fn put(place: &mut [u8], mut number: u32) {
    for digit in place.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

/// The year, month and day that are `days` days after 1970-01-01. Howard Hinnant's
/// `civil_from_days`.
fn civil(days: u64) -> (u32, u32, u32) {
    // Years begin in March here, so that a leap day is the last day; 1970 begins after 719 468
    // days.
    let days = days as u32 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + u32::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(at: u64, digits: usize) -> String {
        let mut out = Vec::new();
        write(&mut out, at, digits);
        String::from_utf8(out).expect("digits are text")
    }

    #[test]
    fn instants_are_written_as_zendesk_writes_them() {
        assert_eq!(text(0, 9), "1970-01-01T00:00:00.000000000Z");
        let webhook = 1_680_737_458_642_630_335;
        assert_eq!(text(webhook, 9), "2023-04-05T23:30:58.642630335Z");
        let chat = 1_539_952_430_140_101_999;
        assert_eq!(text(chat, 6), "2018-10-19T12:33:50.140101Z");
    }

    #[test]
    fn brief_instants_have_as_few_digits_as_possible() {
        let brief = |at| {
            let mut out = Vec::new();
            write_briefly(&mut out, at);
            String::from_utf8(out).expect("digits are text")
        };
        assert_eq!(brief(0), "1970-01-01T00:00:00Z");
        assert_eq!(brief(100 * MILLISECOND), "1970-01-01T00:00:00.100Z");
        assert_eq!(brief(20 * MICROSECOND), "1970-01-01T00:00:00.000020Z");
        assert_eq!(brief(SECOND + 1), "1970-01-01T00:00:01.000000001Z");
    }

    #[test]
    fn leap_days_and_ends_of_years_are_written_correctly() {
        assert_eq!(text(951_782_400 * SECOND, 6), "2000-02-29T00:00:00.000000Z");
        assert_eq!(text(1_709_251_199 * SECOND, 6), "2024-02-29T23:59:59.000000Z");
        assert_eq!(text(1_767_225_599 * SECOND, 6), "2025-12-31T23:59:59.000000Z");
        assert_eq!(text(4_107_542_400 * SECOND, 6), "2100-03-01T00:00:00.000000Z");
    }
}
