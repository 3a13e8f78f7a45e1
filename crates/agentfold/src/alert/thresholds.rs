//! [`Thresholds`]: how long and how much is too long and too much.

use std::time::Duration;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::length;
use crate::floor::Trust;

/// How long and how much is too long and too much ([the contract](crate::contract::alerts)).
///
/// It is made to be read from data, such as a file of settings: an object with the fields below, all of
/// them optional. A length is a number of seconds or a text such as `90s`, `30m`, `8h` or `2d`. Without
/// thresholds there are no alerts.
///
/// ```
/// use agentfold::alert::Thresholds;
///
/// let thresholds: Thresholds = serde_json::from_str(r#"{
///     "state": [{"state": "away", "longer_than": "30m"},
///               {"state": "away", "channel": "talk", "longer_than": 600}],
///     "nobody_free": [{"channel": "talk", "longer_than": "2m"}],
///     "load": [{"share": 0.9}],
///     "silence": {"longer_than": "4h"},
///     "work_item": [{"channel": "messaging", "longer_than": "1d"}]
/// }"#)?;
/// assert_eq!(thresholds.state[0].longer_than.as_secs(), 1800);
/// assert!(thresholds.channel_load.is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Thresholds {
    /// An agent is in a state for too long.
    pub state: Vec<StateThreshold>,
    /// No agent can take one more item on a channel for too long.
    pub nobody_free: Vec<NobodyFreeThreshold>,
    /// An agent has too much of what it can take on a channel.
    pub load: Vec<LoadThreshold>,
    /// The agents of a channel together have too much of what they can take.
    pub channel_load: Vec<LoadThreshold>,
    /// For too long, no event came of an agent who is logged in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silence: Option<SilenceThreshold>,
    /// For too long, no event came of any agent of an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_silence: Option<AccountSilenceThreshold>,
    /// A work item is open for too long, so that its removal was probably lost: it is a ghost.
    pub work_item: Vec<WorkItemThreshold>,
    /// When an alert is doubtful. It has no influence on which alerts there are.
    pub trust: Trust,
}

/// How long an agent may be in a state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct StateThreshold {
    /// The state: the id or the name of a unified state, or a state on a channel.
    pub state: String,
    /// The channel. Without it, the state is the unified state, or Chat's status of an agent who never had
    /// a unified state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// How long is too long.
    #[serde(with = "length")]
    pub longer_than: Duration,
}

/// How long a channel may be without an agent who can take one more item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NobodyFreeThreshold {
    /// The channel.
    pub channel: String,
    /// The group whose agents are meant; without it, all agents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// How long is too long.
    #[serde(with = "length")]
    pub longer_than: Duration,
}

/// Which share of the capacity may be taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct LoadThreshold {
    /// The channel; without it, every channel that no other threshold names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The share: 0.9 is nine of ten items.
    #[serde(deserialize_with = "share")]
    pub share: f64,
}

/// How long an agent who is logged in may be without an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SilenceThreshold {
    /// How long is too long.
    #[serde(with = "length")]
    pub longer_than: Duration,
}

/// How long all agents of an account may be without an event.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountSilenceThreshold {
    /// How long is too long.
    #[serde(with = "length")]
    pub longer_than: Duration,
    /// Whether somebody has to be logged in, so that a quiet night raises no alert. False by default.
    #[serde(default)]
    pub while_logged_in: bool,
}

/// How long a work item may be open.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WorkItemThreshold {
    /// The channel; without it, every channel that no other threshold names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// How long is too long.
    #[serde(with = "length")]
    pub longer_than: Duration,
}

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(from)?;
    let is_good = share.is_finite() && share >= 0.0;
    is_good
        .then_some(share)
        .ok_or_else(|| D::Error::custom("must be a share, 0 or more, such as 0.9"))
}

/// The least of the values that hold for a channel: of the thresholds that name it, or else of those
/// that name none.
pub(super) fn least_for<'t, T, V: PartialOrd + Copy>(
    thresholds: &'t [T],
    channel: &str,
    channel_of: impl Fn(&'t T) -> Option<&'t str>,
    value: impl Fn(&'t T) -> V,
) -> Option<V> {
    let of = |wanted: Option<&str>| {
        let some = thresholds.iter().filter(|threshold| channel_of(threshold) == wanted);
        some.map(&value).reduce(|a, b| if b < a { b } else { a })
    };
    of(Some(channel)).or_else(|| of(None))
}
