//! [`WindowData`]: the window of a question as data.

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use crate::history::Window;
use crate::{Fold, Instant};

/// The window of a question as data. Without `as_of`, the fold that is asked decides
/// ([`Fold::default_as_of`]).
///
/// ```
/// use agentfold::Fold;
/// use agentfold::border::WindowData;
///
/// let (nine, ten) = ("2026-01-05T09:00:00Z".parse()?, "2026-01-05T10:00:00Z".parse()?);
/// let window = WindowData { from: nine, to: ten, as_of: None };
/// assert_eq!(window.of(&Fold::new()).as_of, ten);
///
/// let reversed = WindowData { from: ten, to: nine, as_of: None };
/// let failure = reversed.check("/window/to").expect_err("reversed");
/// assert_eq!((failure.code(), failure.path()), ("not_rising", "/window/to"));
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
// Exhaustive on purpose, as `Window` is.
pub struct WindowData {
    /// Where the window begins.
    pub from: Instant,
    /// Where it ends.
    pub to: Instant,
    /// The latest instant whose events are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Instant>,
}

impl WindowData {
    /// Returns the window unless it is reversed.
    ///
    /// # Errors
    /// `not_rising` at the path if it ends before it begins.
    pub fn check(self, path: &str) -> Result<WindowData, Failure> {
        Window::new(self.from, self.to, self.to)
            .map_err(|error| Failure::new(error.code(), path.to_owned(), error.to_string()))?;
        Ok(self)
    }

    /// The window of a question to a fold.
    pub fn of(self, fold: &Fold) -> Window {
        let as_of = self.as_of.unwrap_or_else(|| fold.default_as_of(self.to));
        Window { from: self.from, to: self.to, as_of }
    }
}
