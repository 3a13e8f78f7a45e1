//! [`Key`]: a track of an agent. [`Value`]: a value of a track.

use crate::effect::{Channel, Effect, UnifiedState};
use crate::wire::Line;

/// A track of an agent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) account_id: u64,
    pub(super) agent_id: u64,
    pub(super) track: Track,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Track {
    UnifiedState,
    State(Channel),
    Access(Channel),
    MaxCapacity(Channel),
    Groups,
    ChatStatus,
    ChatEngagements,
    WorkItem(u64, Channel),
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Value {
    Unknown,
    Word(&'static str),
    Access(bool),
    /// A count; `None` means no limit.
    Count(Option<u32>),
    Unified(UnifiedState),
    Groups(Vec<u64>),
    Item {
        reason: Option<&'static str>,
        open: bool,
    },
}

impl Key {
    pub(super) fn new(effect: &Effect, track: Track) -> Self {
        Self { account_id: effect.account_id, agent_id: effect.agent_id, track }
    }
}

impl Track {
    pub(super) fn write(self, line: &mut Line) {
        match self {
            Self::UnifiedState => line.text("unified_state"),
            Self::State(channel) => line.text("state[").text(channel.word()).text("]"),
            Self::Access(channel) => line.text("access[").text(channel.word()).text("]"),
            Self::MaxCapacity(channel) => line.text("max_capacity[").text(channel.word()).text("]"),
            Self::Groups => line.text("groups"),
            Self::ChatStatus => line.text("chat_status"),
            Self::ChatEngagements => line.text("chat_engagements"),
            Self::WorkItem(item, channel) => {
                line.text("work_item[").number(item).text("]@").text(channel.word())
            }
        };
    }
}

impl Value {
    pub(super) fn write(&self, line: &mut Line) {
        match self {
            Self::Unknown => line.text("null"),
            Self::Word(word) => line.text("\"").text(word).text("\""),
            Self::Access(access) => line.text(if *access { "true" } else { "false" }),
            Self::Count(count) => line.limit(*count),
            Self::Unified(state) => line.unified_state(state),
            Self::Groups(groups) => line.ids(groups),
            Self::Item { reason, open } => {
                match reason {
                    Some(reason) => line.text("{\"reason\":\"").text(reason).text("\""),
                    None => line.text("{\"reason\":null"),
                };
                line.text(if *open { ",\"open\":true}" } else { ",\"open\":false}" })
            }
        };
    }
}
