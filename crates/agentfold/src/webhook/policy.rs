//! [`Policy`]: what a delivery must satisfy besides its signature.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Id, Options};

/// What a delivery must satisfy besides a correct signature.
///
/// In data, its fields are `tolerance_seconds`, `account_id` and `read`, and all of them are optional.
///
/// ```
/// use agentfold::Id;
/// use agentfold::webhook::Policy;
///
/// let policy = Policy::default().with_account(10_003_379);
/// assert_eq!(policy.account_id, Some(Id::new(10_003_379)));
/// assert_eq!(policy.tolerance.as_secs(), 300);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Policy {
    /// The maximum time between the signing of a delivery and now, before or after. Zendesk sets no
    /// limit; `Duration::MAX` turns the check off.
    #[serde(rename = "tolerance_seconds", with = "crate::seconds")]
    pub tolerance: Duration,
    /// The account that the secrets belong to. Deliveries are refused if their header or their body
    /// names another account.
    ///
    /// If you choose the secrets by the account header, set that account here too. Otherwise the owner
    /// of one account could sign events of another.
    pub account_id: Option<Id>,
    /// How events are read. A body larger than its `max_bytes` is refused before anything else.
    pub read: Options,
}

impl Default for Policy {
    /// A tolerance of five minutes, any account, and the default options.
    fn default() -> Policy {
        let tolerance = Duration::from_secs(300);
        Policy { tolerance, account_id: None, read: Options::default() }
    }
}

impl Policy {
    /// Sets the maximum time between the signing of a delivery and now.
    #[must_use]
    pub const fn with_tolerance(mut self, tolerance: Duration) -> Policy {
        self.tolerance = tolerance;
        self
    }

    /// Refuses deliveries that name another account.
    #[must_use]
    pub fn with_account(mut self, account_id: impl Into<Id>) -> Policy {
        self.account_id = Some(account_id.into());
        self
    }

    /// Sets how events are read.
    #[must_use]
    pub const fn with_options(mut self, read: Options) -> Policy {
        self.read = read;
        self
    }
}
