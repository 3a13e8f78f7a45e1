//! The clock.

use std::time::SystemTime;

use agentfold::Instant;

/// The current time; 1970 if the clock is set to an earlier one.
pub(crate) fn now() -> Instant {
    let now = SystemTime::now();
    #[cfg(test)]
    let now = now - tests::BEHIND.get();
    let now = now.max(SystemTime::UNIX_EPOCH);
    Instant::try_from(now).unwrap_or(Instant::MAX)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    thread_local! {
        /// How far the clock of a test's thread is behind.
        pub(crate) static BEHIND: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    }
}
