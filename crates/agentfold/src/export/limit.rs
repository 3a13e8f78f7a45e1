//! [`Limit`]: the maximum number of events on a page.

use serde::{Deserialize, Serialize};

/// The maximum number of events on a page, from 1 to 1000. The default is 1000 (*Chat incremental
/// agent events*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Limit(u16);

impl Limit {
    /// The greatest limit, 1000.
    pub const MAX: Limit = Limit(1000);

    /// A limit from 1 to 1000, or `None` for any other number.
    ///
    /// ```
    /// use agentfold::export::Limit;
    ///
    /// assert_eq!(Limit::new(1000), Some(Limit::MAX));
    /// assert_eq!(Limit::new(1001), None);
    /// assert_eq!(Limit::new(0), None);
    /// ```
    pub fn new(limit: u16) -> Option<Limit> {
        (1..=Limit::MAX.0).contains(&limit).then_some(Limit(limit))
    }

    /// The limit as a number.
    pub fn count(self) -> usize {
        self.0.into()
    }
}

impl Default for Limit {
    fn default() -> Limit {
        Limit::MAX
    }
}

impl From<Limit> for u16 {
    fn from(limit: Limit) -> u16 {
        limit.0
    }
}

impl TryFrom<u16> for Limit {
    type Error = &'static str;

    fn try_from(limit: u16) -> Result<Limit, &'static str> {
        Limit::new(limit).ok_or("must be from 1 to 1000")
    }
}
