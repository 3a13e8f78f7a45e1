//! [`Agent`]: whom an event is about.

use std::fmt;

/// An agent of an account. Sorted by account, then agent, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Agent {
    /// The account.
    pub account_id: u64,
    /// The agent, unique in the account.
    pub agent_id: u64,
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account_id, self.agent_id)
    }
}
