//! [`Delivery`]: what a webhook delivers, by type.
//!
//! Source: Zendesk, *Agent Availability Events*; descriptions are the document's, where it is right.
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
    /// When it comes.
    const ABOUT: &'static str;
    /// The document's sample: the id of the delivery.
    const SAMPLE_ID: &'static str;

    /// The document's sample.
    fn sample() -> Json;
}

impl<P: Payload> Delivery<P> {
    /// The document's sample of a whole delivery.
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
        // The account may stand in either place, but must in one.
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
    /// The event's id, usually a ULID. Do not count on its being another for another event.
    id: WireTextId,
    /// Usually `zen:agent:` and the agent's id.
    subject: Option<String>,
    /// When the event was issued.
    time: Option<WireInstant>,
    #[serde(rename = "type")]
    kind: Type<P>,
    zendesk_event_version: Option<EventVersion>,
}

/// The `type` of a delivery, which is written in two ways.
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

/// The ways in which a type is written.
pub(super) fn types(kind: Kind) -> [String; 2] {
    [':', '/'].map(|mark| format!("{TYPE_PREFIX}{mark}{}", kind.as_str()))
}

/// Whom the event is about.
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

/// A work item that came.
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

/// A work item whose reason or channel is another.
#[derive(JsonSchema)]
pub(super) struct WorkItemUpdated {
    /// When the work item was updated; the document says: added.
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

/// A work item that left.
#[derive(JsonSchema)]
pub(super) struct WorkItemRemoved {
    /// When the work item was removed.
    updated_at: WireInstant,
    /// The id of the work item.
    work_item_id: WireTextId,
    /// The channel that the work item was on.
    channel: Channel,
    /// Why it was removed. The document's sample has it, its table does not.
    reason: Option<RemovalReason>,
}

/// How many items an agent may have.
#[derive(JsonSchema)]
pub(super) struct MaxCapacityChanged {
    /// When the maximum capacity was changed.
    updated_at: WireInstant,
    /// The maximum capacity of each channel that is named; others stay as they were.
    #[serde(rename = "maxCapacity")]
    max_capacity: BTreeMap<String, Capacity>,
}

/// The maximum capacity of one channel, in items.
#[derive(JsonSchema)]
struct Capacity {
    /// The maximum now.
    current: WireLimit,
    /// The maximum before; not stated where it is missing.
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

/// A unified status: one of Zendesk's own, or of the account's.
#[derive(JsonSchema)]
struct UnifiedState {
    /// The status's id: of Zendesk's own 2 is offline, 3 online, 4 away and 5 transfers only.
    id: WireTextId,
    /// The status's name, in any language.
    name: Option<String>,
    /// Why the agent is in it.
    reason: Option<UnifiedReason>,
}

/// Access that was gained.
#[derive(JsonSchema)]
pub(super) struct ChannelCreated {
    /// When the channel was created.
    updated_at: WireInstant,
    /// The channel.
    channel: Channel,
}

/// Access that was lost.
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

        /// A type of delivery, as AsyncAPI wants it.
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
