//! The clock, which the core has not.

use std::time::SystemTime;

use agentfold::Instant;

/// The present; 1970 where the clock is before it.
pub(crate) fn now() -> Instant {
    let now = SystemTime::now().max(SystemTime::UNIX_EPOCH);
    Instant::try_from(now).unwrap_or(Instant::MAX)
}
