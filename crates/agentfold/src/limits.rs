//! [`Limits`]: how much a fold holds at most.

use serde::{Deserialize, Serialize};

use crate::word::words;

words! {
    /// What a fold holds a limited number of.
    #[non_exhaustive]
    pub enum Limit {
        /// Agents, including those without an accepted event.
        Agents = "agents",
        /// Channels of one agent.
        Channels = "channels",
        /// Work items of one agent.
        WorkItems = "work_items",
        /// Distinct texts, such as states, reasons, channels and sets of groups.
        Names = "names",
        /// Ranges of one agent's versions.
        VersionRanges = "version_ranges",
    }
}

/// How much a fold holds at most. An event that would exceed a limit is not taken in: its outcome is
/// [`limit`](crate::Outcome::Limit). All other events are.
///
/// The limits bound what an attacker or a defect can cost; a real account stays far below the defaults. Past
/// a limit, the result depends on the order of arrival. Merging and restoring are not limited.
///
/// In data, all fields are optional.
///
/// ```
/// use agentfold::{Fold, Limit, Limits, Options, Outcome};
///
/// let limits = Limits::default().with(Limit::Agents, 1);
/// let mut fold = Fold::with_options(&Options::default().with_limits(limits));
/// let chat = |agent: u64| format!(
///     r#"{{"account_id": 2, "agent_id": {agent}, "field_name": "status", "id": "a",
///         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}}"#);
/// assert_eq!(fold.apply_bytes(chat(7).as_bytes()).outcome, Outcome::Applied);
/// assert_eq!(fold.apply_bytes(chat(8).as_bytes()).outcome, Outcome::Limit { limit: Limit::Agents });
/// assert_eq!(fold.apply_bytes(chat(7).as_bytes()).outcome, Outcome::Duplicate);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// Agents. 1,000,000 by default.
    pub agents: usize,
    /// Channels of one agent. 1,000 by default.
    pub channels: usize,
    /// Work items of one agent. 1,000,000 by default.
    pub work_items: usize,
    /// Distinct texts. 1,000,000 by default.
    pub names: usize,
    /// Ranges of one agent's versions. 1,000,000 by default.
    pub version_ranges: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            agents: 1_000_000,
            channels: 1_000,
            work_items: 1_000_000,
            names: 1_000_000,
            version_ranges: 1_000_000,
        }
    }
}

impl Limits {
    /// These limits with another one.
    #[must_use]
    pub const fn with(mut self, limit: Limit, most: usize) -> Limits {
        match limit {
            Limit::Agents => self.agents = most,
            Limit::Channels => self.channels = most,
            Limit::WorkItems => self.work_items = most,
            Limit::Names => self.names = most,
            Limit::VersionRanges => self.version_ranges = most,
        }
        self
    }
}
