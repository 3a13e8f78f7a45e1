//! Instants are parsed as by chrono, and printed instants parse to the same.
#![no_main]

use agentfold::Instant;
use chrono::DateTime;

libfuzzer_sys::fuzz_target!(|text: &str| {
    // Chrono also accepts U+2212 as a minus sign, which RFC 3339 does not allow, and instants whose UTC
    // year does not have four digits.
    let theirs = DateTime::parse_from_rfc3339(text).ok().filter(|_| !text.contains('\u{2212}'));
    let theirs = theirs.and_then(|at| {
        let nanos = at.timestamp_subsec_nanos();
        let leap = i64::from(nanos / 1_000_000_000);
        Instant::from_unix(at.timestamp() + leap, nanos % 1_000_000_000)
    });
    let ours = Instant::parse(text.as_bytes()).ok();
    assert_eq!(ours, theirs);
    assert!(ours.is_none_or(|at| at.to_string().parse() == Ok(at)));
});
