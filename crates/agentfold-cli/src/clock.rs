//! The clock, which the core has not.

use std::time::{SystemTime, UNIX_EPOCH};

use agentfold::Instant;

/// The present; 1970 where the clock is before it.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Instant::from_unix(seconds, since.subsec_nanos()).unwrap_or(Instant::MAX)
}
