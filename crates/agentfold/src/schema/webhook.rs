//! [`Delivery`]: the webhook deliveries, by type.
//!
//! Source: Zendesk, *Agent Availability Events*. Descriptions are the document's where it is correct.
#![expect(dead_code, reason = "these types are only shapes")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value as Json, json};

use super::id::{WireId, WireLimit, WireTextId};
use super::instant::WireInstant;
use super::word::{Channel, EventVersion, RemovalReason, State, UnifiedReason, WorkItemReason};
use crate::kind::{Kind, TYPE_PREFIX};

/// A webhook delivery, whose `event` is a `P`.
pub(super) struct Delivery<P>(PhantomData<P>);

/// The `event` of a delivery.
pub(super) trait Payload: JsonSchema {
    /// Its type.
    const KIND: Kind;
    /// When it is sent.
    const ABOUT: &'static str;
    /// The id of the sample delivery in Zendesk's document.
    const SAMPLE_ID: &'static str;

    /// The sample in Zendesk's document.
    fn sample() -> Json;
}

impl<P: Payload> Delivery<P> {
    /// The sample delivery in Zendesk's document.
    pub(super) fn sample() -> Json {
        json!({
            "account_id": 2,
            "detail": { "account_id": "2", "agent_id": "10011", "version": "3" },
            "event": P::sample(),
            "id": P::SAMPLE_ID,
            "subject": "zen:agent:10011",
            "time": "2023-05-10T23:31:58.642630335Z",
            "type": format!("{TYPE_PREFIX}:{}", P::KIND.as_str()),
            "zendesk_event_version": "2022-11-06",
        })
    }
}

impl<P: Payload> JsonSchema for Delivery<P> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Delivery", P::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Envelope::<P>::json_schema(generator);
        schema.insert("description".to_owned(), P::ABOUT.into());
        schema.insert("examples".to_owned(), json!([Delivery::<P>::sample()]));
        // The account must be in one of two places.
        let told = json!({ "required": ["account_id"], "properties": { "account_id": { "not": { "type": "null" } } } });
        schema.insert("anyOf".to_owned(), json!([told, { "properties": { "detail": told } }]));
        schema
    }
}

#[derive(JsonSchema)]
struct Envelope<P: Payload> {
    /// The account.
    account_id: Option<WireId>,
    detail: Detail,
    event: P,
    /// The event's id, usually a ULID. Two events may share an id.
    id: WireTextId,
    /// Usually `zen:agent:` and the agent's id.
    subject: Option<String>,
    /// When the event was issued.
    time: Option<WireInstant>,
    #[serde(rename = "type")]
    kind: Type<P>,
    zendesk_event_version: Option<EventVersion>,
}

/// The `type` of a delivery, which has two spellings.
struct Type<P>(PhantomData<P>);

impl<P: Payload> JsonSchema for Type<P> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Type", P::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "The event's type.", "enum": types(P::KIND) })
    }
}

/// The spellings of a type.
pub(super) fn types(kind: Kind) -> [String; 2] {
    [':', '/'].map(|mark| format!("{TYPE_PREFIX}{mark}{}", kind.as_str()))
}

/// The agent that the event is about.
#[derive(JsonSchema)]
struct Detail {
    /// The account.
    account_id: Option<WireId>,
    /// The agent.
    agent_id: WireId,
    /// The agent's version, which rises with its events.
    version: Option<WireId>,
}

/// The state on one channel.
#[derive(JsonSchema)]
pub(super) struct StateChanged {
    /// When the agent's status changed.
    updated_at: WireInstant,
    /// The agent's previous status.
    previous_state: Option<State>,
    /// The agent's current status.
    new_state: State,
    /// The channel for which the agent's status changed.
    channel: Channel,
}

/// A work item that was added.
#[derive(JsonSchema)]
pub(super) struct WorkItemAdded {
    /// When the work item was added.
    updated_at: WireInstant,
    /// The id of the work item.
    work_item_id: WireTextId,
    /// The channel that the work item is on.
    channel: Channel,
    /// The reason for adding the work item.
    reason: WorkItemReason,
}

/// A work item whose reason or channel changed.
#[derive(JsonSchema)]
pub(super) struct WorkItemUpdated {
    /// When the work item was updated (Zendesk's document says: added).
    updated_at: WireInstant,
    /// The id of the work item.
    work_item_id: WireTextId,
    /// The channel that the work item is on.
    channel: Channel,
    /// The reason before.
    previous_reason: Option<WorkItemReason>,
    /// The reason for updating the work item.
    reason: WorkItemReason,
}

/// A work item that was removed.
#[derive(JsonSchema)]
pub(super) struct WorkItemRemoved {
    /// When the work item was removed.
    updated_at: WireInstant,
    /// The id of the work item.
    work_item_id: WireTextId,
    /// The channel that the work item was on.
    channel: Channel,
    /// Why it was removed. Zendesk's document has it in the sample but not in the table.
    reason: Option<RemovalReason>,
}

/// The maximum number of items at once.
#[derive(JsonSchema)]
pub(super) struct MaxCapacityChanged {
    /// When the maximum capacity was changed.
    updated_at: WireInstant,
    /// The maximum capacity of each named channel. Other channels keep theirs.
    #[serde(rename = "maxCapacity")]
    max_capacity: BTreeMap<String, Capacity>,
}

/// The maximum capacity of one channel, in items.
#[derive(JsonSchema)]
struct Capacity {
    /// The maximum now.
    current: WireLimit,
    /// The maximum before, if it is stated.
    previous: Option<WireLimit>,
}

/// The overall status.
#[derive(JsonSchema)]
pub(super) struct UnifiedStateChanged {
    /// When the agent's unified status was changed.
    updated_at: WireInstant,
    /// The agent's previous unified status.
    previous_unified_state: Option<UnifiedState>,
    /// The agent's current unified status.
    new_unified_state: UnifiedState,
}

/// A unified status: a standard one of Zendesk or a custom one of the account.
#[derive(JsonSchema)]
struct UnifiedState {
    /// The status's id. Zendesk's standard ids are 2 offline, 3 online, 4 away and 5 transfers only.
    id: WireTextId,
    /// The status's name, in any language.
    name: Option<String>,
    /// Why the agent is in it.
    reason: Option<UnifiedReason>,
}

/// An agent gained access to a channel.
#[derive(JsonSchema)]
pub(super) struct ChannelCreated {
    /// When the channel was created.
    updated_at: WireInstant,
    /// The channel.
    channel: Channel,
}

/// An agent lost access to a channel.
#[derive(JsonSchema)]
pub(super) struct ChannelDeleted {
    /// When the channel was deleted.
    updated_at: WireInstant,
    /// The channel.
    channel: Channel,
}

/// The agent's groups.
#[derive(JsonSchema)]
pub(super) struct GroupsUpdated {
    /// When the group memberships were updated.
    updated_at: WireInstant,
    /// The ids of the groups that the agent previously belonged to.
    previous_group_ids: Option<Vec<WireTextId>>,
    /// The ids of the groups that the agent currently belongs to.
    new_group_ids: Vec<WireTextId>,
}

macro_rules! payloads {
    ($($name:ident, $id:literal, $about:literal, $sample:tt;)+) => {
        $(impl Payload for $name {
            const KIND: Kind = Kind::$name;
            const ABOUT: &'static str = $about;
            const SAMPLE_ID: &'static str = $id;

            fn sample() -> Json {
                let mut sample = json!($sample);
                sample["updated_at"] = "2023-04-05T23:30:58.642630335Z".into();
                sample
            }
        })+

        /// A type of delivery, as AsyncAPI needs it.
        pub(super) struct Message {
            pub(super) kind: Kind,
            pub(super) about: &'static str,
            pub(super) sample: Json,
            pub(super) payload: Schema,
        }

        /// All types of deliveries, in the document's order.
        pub(super) fn messages(generator: &mut SchemaGenerator) -> Vec<Message> {
            vec![$(Message {
                kind: $name::KIND,
                about: $name::ABOUT,
                sample: Delivery::<$name>::sample(),
                payload: generator.subschema_for::<Delivery<$name>>(),
            },)+]
        }
    };
}

payloads! {
    StateChanged, "01GX79ST1QX01C889XV42S2J5T",
        "An agent's status for a specific channel changed.",
        { "previous_state": "offline", "new_state": "online", "channel": "support" };
    WorkItemAdded, "01GX79ST1QX01C889XV42S2J5Z",
        "A ticket, messaging conversation, or incoming call was assigned to an agent.",
        { "work_item_id": "123", "channel": "support", "reason": "OFFERED" };
    WorkItemUpdated, "01GX79ST1QX01C889XV42S2J5Z",
        "A ticket, messaging conversation, or incoming call previously assigned to an agent was updated.",
        { "work_item_id": "123", "channel": "support", "previous_reason": "OFFERED", "reason": "ACCEPTED" };
    WorkItemRemoved, "01GX79ST1QX01C889XV42S2J5Z",
        "A ticket, messaging conversation, or incoming call previously assigned to an agent was removed.",
        { "work_item_id": "123", "channel": "support", "reason": "REMOVED" };
    MaxCapacityChanged, "01GX79ST1QX01C889XV42S2J5Z",
        "The maximum number of work items per channel that can be assigned to an agent changed.",
        { "maxCapacity": {
            "talk": { "current": 10, "previous": null },
            "support": { "current": 15, "previous": null },
            "messaging": { "current": 5, "previous": null },
        } };
    UnifiedStateChanged, "01GX79ST1QX01C889XV42S2J5Z",
        "An agent's unified or custom status changed.",
        {
            "previous_unified_state": { "id": "1", "name": "offline", "reason": "UNKNOWN" },
            "new_unified_state": { "id": "2", "name": "online", "reason": "AGENT_LOGOUT" },
        };
    ChannelCreated, "01GX79ST1QX01C889XV42S2J5Z",
        "An agent gained access to a specific channel.",
        { "channel": "support" };
    ChannelDeleted, "01GX79ST1QX01C889XV42S2J5Z",
        "An agent lost access to a specific channel, by a change of role, permission, or account.",
        { "channel": "support" };
    GroupsUpdated, "01GX79ST1QX01C889XV42S2J5T",
        "An agent's group memberships were updated.",
        { "previous_group_ids": ["123"], "new_group_ids": ["123", "456"] };
}
