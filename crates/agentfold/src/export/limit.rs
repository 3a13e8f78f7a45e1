//! [`Limit`]: how many events a page may have.

use serde::{Deserialize, Serialize};

/// How many events a page may have: 1 to 1000, which is the default (*Chat incremental agent events*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Limit(u16);

impl Limit {
    /// The most: 1000.
    pub const MAX: Limit = Limit(1000);

    /// So many events, or `None` outside 1 to 1000.
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

    /// As a number.
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
