//! The clock.

use std::time::SystemTime;

use agentfold::Instant;

/// The instant that it is now.
pub(crate) fn now() -> Instant {
    Instant::try_from(SystemTime::now()).unwrap_or(Instant::MIN)
}
