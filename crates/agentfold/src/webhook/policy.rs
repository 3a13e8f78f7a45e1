//! [`Policy`]: what is asked of a delivery.

use std::time::Duration;

use crate::Options;

/// What is asked of a delivery beside a right signature.
///
/// ```
/// use agentfold::webhook::Policy;
///
/// let policy = Policy { account_id: Some(10_003_379), ..Policy::default() };
/// assert_eq!(policy.tolerance.as_secs(), 300);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// How far from now a delivery may have been signed, before or after. Zendesk sets no bound;
    /// `Duration::MAX` is none.
    pub tolerance: Duration,
    /// The account whose secrets are given; deliveries that name another are refused.
    ///
    /// Who chooses the secrets by the account that a delivery names must say so here: otherwise the
    /// owner of one account could sign events of another.
    pub account_id: Option<u64>,
    /// How events are read; a body of more than its `max_bytes` is refused before any work.
    pub read: Options,
}

impl Default for Policy {
    /// Five minutes, any account, and events read by default.
    fn default() -> Policy {
        let tolerance = Duration::from_secs(300);
        Policy { tolerance, account_id: None, read: Options::default() }
    }
}
