//! The clock.

use std::time::SystemTime;

use agentfold::Instant;

/// The current time; 1970 if the clock is set to an earlier one.
pub(crate) fn now() -> Instant {
    let now = SystemTime::now().max(SystemTime::UNIX_EPOCH);
    Instant::try_from(now).unwrap_or(Instant::MAX)
}
