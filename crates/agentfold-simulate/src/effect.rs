//! Effects: the true changes on the floor, before they are written or delivered.

/// Defines an enum of words that Zendesk uses.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name { $($variant),+ }

        impl $name {
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// A channel, in the order in which a change of capacity names them.
    #[derive(PartialOrd, Ord)]
    Channel { Talk = "talk", Support = "support", Messaging = "messaging" }
}

words! {
    /// An agent's state on one channel.
    ChannelState {
        Online = "online",
        Offline = "offline",
        Away = "away",
        TransfersOnly = "transfers_only",
    }
}

words! {
    /// An agent's status in Zendesk Chat.
    ChatStatus {
        Online = "online",
        Offline = "offline",
        Away = "away",
        Invisible = "invisible",
    }
}

words! {
    /// Why an agent's unified state changed.
    StateReason {
        Unknown = "UNKNOWN",
        Switcher = "AGENT_STATUS_SWITCHER",
        Logout = "AGENT_LOGOUT",
        Disconnected = "AGENT_DISCONNECTED",
        IdleTimeout = "AGENT_IDLE_TIMEOUT",
        AutoReconnect = "SWITCHER_AUTO_RECONNECT",
        PublicApi = "PUBLIC_API",
        Workforce = "WFM_STATUS_UPDATE",
        Monitoring = "MONITORING_ASSISTANT_UPDATE",
    }
}

words! {
    /// Why an agent has a work item.
    ItemReason {
        Unknown = "UNKNOWN_ADD",
        Assigned = "ASSIGNED",
        Offered = "OFFERED",
        Accepted = "ACCEPTED",
        ManualAssigned = "MANUAL_ASSIGNED",
        Reopened = "REOPENED",
        Transferred = "ASSIGNED_TRANSFER",
        ChannelChange = "CHANNEL_CHANGE",
        Missed = "OFFER_MISSED",
        Obsoleted = "OFFER_OBSOLETED",
    }
}

words! {
    /// Why a work item left an agent.
    RemovalReason {
        Removed = "REMOVED",
        Unknown = "UNKNOWN_REMOVE",
        Solved = "WORK_ITEM_SOLVED",
        OnHold = "WORK_ITEM_ON_HOLD",
        InactivityTimeout = "INACTIVITY_TIMEOUT",
        AgentEnded = "AGENT_ENDED",
        Reassigned = "MANUAL_REASSIGNMENT",
    }
}

impl Channel {
    pub(crate) const ALL: [Self; 3] = [Self::Talk, Self::Support, Self::Messaging];
}

/// An agent's unified state, as in events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnifiedState {
    pub(crate) id: u64,
    pub(crate) name: &'static str,
    pub(crate) reason: StateReason,
}

/// A change of a channel's capacity; `None` means no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Capacity {
    pub(crate) current: Option<u32>,
    pub(crate) previous: Option<u32>,
}

/// A change to an agent, with the previous value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    State {
        channel: Channel,
        previous: ChannelState,
        new: ChannelState,
    },
    ItemAdded {
        item: u64,
        channel: Channel,
        reason: ItemReason,
    },
    ItemUpdated {
        item: u64,
        channel: Channel,
        previous: ItemReason,
        reason: ItemReason,
    },
    ItemRemoved {
        item: u64,
        channel: Channel,
        reason: Option<RemovalReason>,
    },
    /// The changed capacities, by channel.
    MaxCapacity([Option<Capacity>; 3]),
    Unified {
        previous: UnifiedState,
        new: UnifiedState,
    },
    ChannelCreated(Channel),
    ChannelDeleted(Channel),
    Groups {
        previous: Vec<u64>,
        new: Vec<u64>,
    },
    ChatStatus {
        previous: ChatStatus,
        new: ChatStatus,
    },
    Engagements {
        previous: u32,
        new: u32,
    },
}

impl Change {
    /// Whether the Chat feed reports this change, and not the availability feed.
    pub(crate) fn is_chat(&self) -> bool {
        matches!(self, Self::ChatStatus { .. } | Self::Engagements { .. })
    }
}

/// A change to an agent at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Effect {
    /// In nanoseconds since 1970; whole microseconds for the Chat feed.
    pub(crate) at: u64,
    pub(crate) account_id: u64,
    pub(crate) agent_id: u64,
    /// The number of this agent's changes in the availability feed, including this one.
    pub(crate) version: u64,
    pub(crate) change: Change,
}
