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
        /// A status of 500 or more, or 408.
        ServerError = "server_error",
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

/// The wait in the header `Retry-After` (RFC 9110), which holds seconds or an HTTP date. `None` if the
/// time has passed, since that does not say when to try again.
pub(super) fn retry_after(reply: &Reply<'_>, now: Instant) -> Option<Duration> {
    let text = reply.header("retry-after")?.trim();
    let wait = if text.bytes().all(|byte| byte.is_ascii_digit()) {
        Duration::from_secs(text.parse().ok()?)
    } else {
        let at = httpdate::parse_http_date(text).ok()?;
        let at = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let at = Instant::from_unix(i64::try_from(at.as_secs()).ok()?, at.subsec_nanos())?;
        Duration::from_nanos(u64::try_from(at.nanos_since(now)).ok()?)
    };
    (!wait.is_zero()).then_some(wait)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn asked(value: &str) -> Option<Duration> {
        let now = "2018-10-22T09:00:00Z".parse().expect("valid");
        retry_after(
            &Reply { host: "", status: 429, headers: &[("RETRY-after", value)], body: b"" },
            now,
        )
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(asked(" 90 "), Some(Duration::from_secs(90)));
        assert_eq!(asked("Mon, 22 Oct 2018 09:01:00 GMT"), Some(Duration::from_secs(60)));
        for nothing in
            ["0", "", "-1", "soon", "99999999999999999999", "Mon, 22 Oct 2018 08:59:00 GMT"]
        {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
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
        fn any_header_is_a_wait_or_none(value in "\\PC{0,40}|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT") {
            asked(&value);
        }

        #[test]
        fn any_jitter_gives_half_to_all_of_a_wait(failures in any::<u32>(), jitter in any::<f64>()) {
            let wait = backoff(failures, jitter);
            prop_assert!(wait >= Duration::from_millis(500) && wait <= Duration::from_secs(300));
        }
    }
}
