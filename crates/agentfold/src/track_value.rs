//! [`TrackValue`]: what a track holds, as data.

use serde::{Deserialize, Serialize};

use crate::Instant;

/// The value of a [`Track`](crate::Track): the same shapes as in an agent's state.
///
/// ```
/// use agentfold::TrackValue;
///
/// let value: TrackValue = serde_json::from_str(r#"{"id": "3", "name": "online", "reason": null}"#)?;
/// let TrackValue::UnifiedState { id, name, .. } = &value else { panic!("a unified state") };
/// assert_eq!((id.as_str(), name.as_deref()), ("3", Some("online")));
/// assert_eq!(TrackValue::Text("away".to_owned()), "away");
/// # Ok::<(), serde_json::Error>(())
/// ```
// The derived reader tries the variants in their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum TrackValue {
    /// Nothing: an unknown value, a closed item, or a capacity without limit.
    Null,
    /// An access, whether the agent accepts, or whether a channel was named.
    Bool(bool),
    /// A capacity, a load, or a number of engagements.
    Number(u64),
    /// A state or a chat status.
    Text(String),
    /// The agent's groups, sorted.
    Groups(Vec<String>),
    /// A unified state.
    UnifiedState {
        /// The state's id.
        id: String,
        /// Its name, if one was stated.
        name: Option<String>,
        /// Why the agent is in it.
        reason: Option<String>,
    },
    /// What happened to a work item on a channel.
    WorkItem {
        /// Whether it is open.
        open: bool,
        /// Why it is with the agent, or why it left.
        reason: Option<String>,
    },
    /// Since when a value holds; only in changes. In data it is text.
    #[serde(skip_deserializing)]
    Instant(Instant),
}

impl TrackValue {
    /// The text, of a state or a chat status.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            TrackValue::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, of a capacity, a load or engagements.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            TrackValue::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth, of an access and the like.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            TrackValue::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        *self == TrackValue::Null
    }
}

impl PartialEq<str> for TrackValue {
    fn eq(&self, text: &str) -> bool {
        self.as_str() == Some(text)
    }
}

impl PartialEq<&str> for TrackValue {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

impl PartialEq<u64> for TrackValue {
    fn eq(&self, number: &u64) -> bool {
        self.as_u64() == Some(*number)
    }
}

impl PartialEq<bool> for TrackValue {
    fn eq(&self, value: &bool) -> bool {
        self.as_bool() == Some(*value)
    }
}
