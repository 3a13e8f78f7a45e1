//! [`Window`]: the time that a question is about.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::error::Error;

/// The time that a question is about, and what may be used to answer it.
///
/// It is `[from, to)`, and ends at `as_of` if that is earlier. The core has no clock, so the caller
/// passes the present as `as_of`. Only transitions at `as_of` or before are used; later ones neither
/// confirm nor dispute a value. A window that ends before it begins is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
// Exhaustive on purpose: a window has these three instants and nothing else.
pub struct Window {
    /// Where the window begins.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// The latest instant whose events are used.
    pub as_of: Instant,
}

impl Window {
    /// Makes a window.
    ///
    /// # Errors
    /// `not_rising` if it ends before it begins.
    ///
    /// ```
    /// use agentfold::Instant;
    /// use agentfold::history::Window;
    ///
    /// let at = |hour: u32| -> Instant { format!("2026-01-05T{hour:02}:00:00Z").parse().expect("valid") };
    /// assert!(Window::new(at(9), at(10), at(10)).is_ok());
    /// let error = Window::new(at(10), at(9), at(10)).expect_err("reversed");
    /// assert_eq!(error.code(), "not_rising");
    /// ```
    pub fn new(from: Instant, to: Instant, as_of: Instant) -> Result<Window, Error> {
        if to < from {
            return Err(Error::reversed_window());
        }
        Ok(Window { from, to, as_of })
    }

    /// Where the window ends, clipped at `as_of`.
    pub(crate) fn end(&self) -> Instant {
        self.to.min(self.as_of)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.from >= self.end()
    }
}
