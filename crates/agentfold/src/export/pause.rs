//! [`Pause`]: how long to wait before the next request, and why.

use std::time::{Duration, SystemTime};

use serde::{Serialize, Serializer};

use super::reply::Reply;
use crate::Instant;
use crate::word::words;

/// A wait. After it, call [`Cursor::next`](super::Cursor::next) again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pause {
    /// Why.
    pub reason: PauseReason,
    /// How long. In data the field is `seconds`, with a fraction.
    #[serde(rename = "seconds", serialize_with = "as_seconds")]
    pub length: Duration,
}

fn as_seconds<S: Serializer>(length: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(length.as_secs_f64())
}

words! {
    /// Why there is a [`Pause`].
    #[non_exhaustive]
    pub enum PauseReason {
        /// The start is too recent: Zendesk accepts only a start more than five minutes ago.
        TooRecent = "too_recent",
        /// Status 429.
        TooManyRequests = "too_many_requests",
        /// A status that passes: 500 or more, 408, 409 or 425.
        ServerError = "server_error",
        /// The reply is probably not Zendesk's, but for example the page of a proxy.
        StrangeReply = "strange_reply",
        /// The body is incomplete.
        CutOff = "cut_off",
        /// No reply came.
        NoReply = "no_reply",
    }
}

/// The longest wait without `Retry-After`, in seconds.
const LONGEST: u32 = 300;

/// How long to wait after a number of failures in a row: 1 s, doubled with each failure up to five
/// minutes. Half of that is fixed; `jitter`, from 0 to 1, is the part of the other half.
pub(super) fn backoff(failures: u32, jitter: f64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = Duration::from_secs((1_u32 << doublings).min(LONGEST).into());
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
    whole.mul_f64(0.5 + jitter / 2.0)
}

/// The longest wait that a reply can ask for: a day.
const LONGEST_ASKED: Duration = Duration::from_secs(86_400);

/// A greater number of seconds is an instant: seconds since 1970.
const SECONDS_SINCE_1970: Duration = Duration::from_secs(1_000_000_000);

/// The wait that a reply asks for: in `Retry-After` (RFC 9110), or else, if requests were too many, in
/// `ratelimit-reset`. `None` if it asks for none, or until an instant that has passed, since that does
/// not say when to try again.
pub(super) fn asked_wait(reply: &Reply<'_>, now: Instant) -> Option<Duration> {
    let of = |names: &[&str]| {
        let values = names.iter().flat_map(|name| reply.headers(name));
        values.filter_map(|value| wait(value, now)).max()
    };
    let resets = || of(&["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"]);
    of(&["retry-after"]).or_else(|| (reply.status == 429).then(resets)?)
}

/// The longest wait of a header, which holds seconds, with or without a fraction, an HTTP date, or a
/// list of those: a header that stands twice may arrive as one.
fn wait(value: &str, now: Instant) -> Option<Duration> {
    let mut parts: Vec<&str> = value.split(',').map(str::trim).collect();
    // A date holds a comma.
    let pairs = value.match_indices(',').map(|(at, _)| at).chain([value.len()]).collect::<Vec<_>>();
    let starts = [0].into_iter().chain(pairs.iter().map(|at| at + 1));
    parts.extend(starts.zip(pairs.iter().skip(1)).map(|(from, to)| value[from..*to].trim()));
    let until_date = |part: &str| {
        let at = httpdate::parse_http_date(part).ok()?.duration_since(SystemTime::UNIX_EPOCH);
        until(i64::try_from(at.ok()?.as_secs()).ok()?, now)
    };
    let waits = parts.iter().filter_map(|part| match seconds(part) {
        Some(wait) if wait < SECONDS_SINCE_1970 => Some(wait),
        Some(since_1970) => until(i64::try_from(since_1970.as_secs()).ok()?, now),
        None => until_date(part),
    });
    waits.filter(|wait| !wait.is_zero()).max().map(|wait| wait.min(LONGEST_ASKED))
}

/// The time until an instant in seconds since 1970; zero if it has passed.
fn until(seconds: i64, now: Instant) -> Option<Duration> {
    let nanos = Instant::from_unix(seconds, 0)?.nanos_since(now);
    Some(Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
}

/// Seconds: digits, with or without a fraction. They are not read as a float, whose tables would be part
/// of the WebAssembly module.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(fraction)).then_some(())?;
    let nanos = format!("{fraction:0<9}")[..9].parse().ok()?;
    Some(Duration::new(whole.parse().unwrap_or(u64::MAX), nanos))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked_by(status: u16, headers: &[(&str, &str)]) -> Option<Duration> {
        let now = "2018-10-22T09:00:00Z".parse().expect("valid");
        asked_wait(&Reply { host: "", status, headers, body: b"" }, now)
    }

    fn asked(value: &str) -> Option<Duration> {
        asked_by(503, &[("RETRY-after", value)])
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_or_a_list() {
        for (value, seconds) in [
            (" 90 ", 90.0),
            ("1.5", 1.5),
            ("0.25", 0.25),
            ("2, 2", 2.0),
            ("2,7 , 3", 7.0),
            ("0, 3", 3.0),
            ("soon, 3", 3.0),
            ("Mon, 22 Oct 2018 09:01:00 GMT", 60.0),
            ("Monday, 22-Oct-18 09:01:00 GMT", 60.0),
            ("Mon Oct 22 09:01:00 2018", 60.0),
            ("Mon, 22 Oct 2018 09:01:00 GMT, Mon, 22 Oct 2018 09:00:07 GMT", 60.0),
            ("5, Mon, 22 Oct 2018 09:01:00 GMT", 60.0),
            // Seconds since 1970.
            ("1540198830", 30.0),
            ("315360000", 86_400.0),
            ("99999999999", 86_400.0),
            ("Thu, 22 Oct 2099 09:01:00 GMT", 86_400.0),
        ] {
            assert_eq!(asked(value), Some(Duration::from_secs_f64(seconds)), "{value}");
        }
        for nothing in [
            "0",
            "0.0",
            "",
            ",",
            "-1",
            "1.",
            ".5",
            "1e3",
            "inf",
            "soon",
            "1540198770",
            "1000000000",
            "Mon, 22 Oct 2018 08:59:00 GMT",
        ] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
        let twice = [("retry-after", "2"), ("Retry-After", "9")];
        assert_eq!(asked_by(503, &twice), Some(Duration::from_secs(9)));
    }

    #[test]
    fn the_reset_of_a_rate_limit_counts_if_requests_were_too_many() {
        let reset = [("RateLimit-Reset", "41")];
        assert_eq!(asked_by(429, &reset), Some(Duration::from_secs(41)));
        assert_eq!(
            asked_by(429, &[("x-rate-limit-reset", "1540198830")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(asked_by(503, &reset), None);
        assert_eq!(asked_by(429, &[reset[0], ("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(asked_by(429, &[reset[0], ("retry-after", "0")]), Some(Duration::from_secs(41)));
    }

    #[test]
    fn waits_double_up_to_five_minutes() {
        let seconds: Vec<f64> =
            (0..11).map(|failures| backoff(failures, 1.0).as_secs_f64()).collect();
        assert_eq!(seconds, [1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0]);
        assert_eq!(backoff(u32::MAX, 0.0), Duration::from_secs(150));
    }

    proptest! {
        #[test]
        fn any_header_is_a_wait_or_none(value in "\\PC{0,40}|[0-9., ]{0,30}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT") {
            asked(&value);
        }

        #[test]
        fn any_jitter_gives_half_to_all_of_a_wait(failures in any::<u32>(), jitter in any::<f64>()) {
            let wait = backoff(failures, jitter);
            prop_assert!(wait >= Duration::from_millis(500) && wait <= Duration::from_secs(300));
        }
    }
}
