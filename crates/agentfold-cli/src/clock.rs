//! The system clock, which the core does not read.

use std::time::{SystemTime, UNIX_EPOCH};

use agentfold::Instant;

/// The current time; 1970 if the clock is set to an earlier one.
pub(crate) fn now() -> Instant {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Instant::from_unix(seconds, since.subsec_nanos()).unwrap_or(Instant::MAX)
}
