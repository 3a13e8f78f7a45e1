//! Zendesk's words. All sets are open: the known words are examples.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::id::shapes;
use crate::vocabulary::{
    CHANNELS, CHAT_STATUSES, EVENT_VERSIONS, REMOVAL_REASONS, STATES, UNIFIED_REASONS,
    WORK_ITEM_REASONS,
};

shapes! {
    /// A channel.
    Channel => word("A channel.", CHANNELS);
    /// A state on a channel.
    State => word("An agent's state on a channel.", STATES);
    /// A status of the Chat export.
    ChatStatus => word("An agent's status in Chat.", CHAT_STATUSES);
    /// A reason of a unified state.
    UnifiedReason => word("Why a unified state was entered.", UNIFIED_REASONS);
    /// A reason of an open work item.
    WorkItemReason => word("Why a work item is with an agent.", WORK_ITEM_REASONS);
    /// A reason of a removed work item.
    RemovalReason => word("Why a work item left an agent.", REMOVAL_REASONS);
    /// A version of the payload's schema.
    EventVersion => word("The version of the payload's schema.", EVENT_VERSIONS);
}

fn word(about: &str, known: &[&str]) -> Schema {
    json_schema!({
        "description": format!("{about} The examples are the known words; there may be others."),
        "type": "string",
        "examples": known,
    })
}
