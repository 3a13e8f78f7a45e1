//! The words that Zendesk is known to use. No set is closed: any other word is kept, and reported as a
//! warning.

/// Channels. Source: Zendesk, *Agent Availability Events* and *Agent availability*.
pub(crate) const CHANNELS: &[&str] = &["support", "messaging", "talk", "chat"];

/// States of an agent on a channel.
pub(crate) const STATES: &[&str] = &["offline", "online", "away", "transfers_only", "invisible"];

/// Statuses of the Chat export.
pub(crate) const CHAT_STATUSES: &[&str] = &["offline", "online", "away", "invisible"];

/// Why an agent entered a unified state.
pub(crate) const UNIFIED_REASONS: &[&str] = &[
    "UNKNOWN",
    "AGENT_STATUS_SWITCHER",
    "AGENT_LOGOUT",
    "AGENT_STATUS_DELETED",
    "AGENT_DISCONNECTED",
    "AGENT_IDLE_TIMEOUT",
    "SWITCHER_AUTO_RECONNECT",
    "OMNICHANNEL_ROUTING_ENABLED",
    "PUBLIC_API",
    "INTERNAL_TEST",
    "EXPLORE_TAKE_AN_ACTION",
    "WFM_STATUS_UPDATE",
    "MONITORING_ASSISTANT_UPDATE",
];

/// Why an agent has a work item.
pub(crate) const WORK_ITEM_REASONS: &[&str] = &[
    "UNKNOWN_ADD",
    "ASSIGNED",
    "OFFERED",
    "ACCEPTED",
    "MANUAL_ASSIGNED",
    "REOPENED",
    "ASSIGNED_TRANSFER",
    "CHANNEL_CHANGE",
    "OFFER_MISSED",
    "OFFER_OBSOLETED",
];

/// Why a work item left an agent.
pub(crate) const REMOVAL_REASONS: &[&str] = &[
    "REMOVED",
    "UNKNOWN_REMOVE",
    "INACTIVITY_TIMEOUT",
    "AGENT_ENDED",
    "MANUAL_REASSIGNMENT",
    "WORK_ITEM_ON_HOLD",
    "WORK_ITEM_SOLVED",
];

/// The versions of the payload's schema that this library supports.
pub(crate) const EVENT_VERSIONS: &[&str] = &["2022-11-06"];

/// The reason of an update that moves an item to another channel.
pub(crate) const CHANNEL_CHANGE: &str = "CHANNEL_CHANGE";
