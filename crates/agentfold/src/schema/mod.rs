//! JSON Schemas of events and answers, and the AsyncAPI and OpenAPI documents that include them.
//!
//! Each event and each answer has a JSON Schema of draft 2020-12, generated from the types of this
//! crate. An AsyncAPI document describes the webhooks, and an OpenAPI document the Chat export's
//! endpoint. Schemas of events are as open as the reader: they accept unknown fields, types and words,
//! which the reader reports as warnings. Schemas of answers are closed: they refuse unknown keys. This
//! module requires the feature `schema`.
//!
//! ```
//! use agentfold::schema::Document;
//!
//! let schema = Document::find("agent.state_changed").expect("known").to_json();
//! assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
//! assert_eq!(schema["properties"]["event"]["$ref"], "#/$defs/StateChanged");
//! ```

mod async_api;
mod chat;
mod description;
mod event;
mod id;
mod instant;
mod open_api;
mod track;
mod webhook;
mod word;

use schemars::JsonSchema;
use schemars::generate::{Contract, SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, RestrictFormats};
use serde_json::Value as Json;

pub(crate) use self::event::PlainEvent;

use self::chat::{ChatEvent, ChatPage, ExportError};
use self::event::AnyEvent;
use self::webhook::{
    ChannelCreated, ChannelDeleted, Delivery, GroupsUpdated, MaxCapacityChanged, Payload,
    StateChanged, UnifiedStateChanged, WorkItemAdded, WorkItemRemoved, WorkItemUpdated,
};
use crate::alert::{Alert, Episodes, Message};
use crate::cloud_event::CloudEvent;
use crate::floor::ChannelFloor;
use crate::history::{Anomaly, ChatSpan, Interval, WorkItemSpan};
use crate::names::Names;
use crate::report::{Correction, Row};
use crate::rest::{Difference, Seeded, TimelineDifference};
use crate::webhook::{Flaw, Signed};
use crate::{AgentState, Applied, Change, Counts, Issue, export};

/// A schema, or a document of schemas.
#[derive(Debug, Clone, Copy)]
pub struct Document {
    /// Its name: an event's type, an answer's name in data, `asyncapi` or `openapi`.
    pub name: &'static str,
    /// What it describes, in a few words.
    pub about: &'static str,
    make: fn(&str) -> Json,
}

/// Every schema and document of this crate: events, answers, and the two documents.
pub const DOCUMENTS: &[Document] = &[
    Document::event::<AnyEvent>("event", "an event of either feed, plain or in a CloudEvent"),
    Document::delivery::<StateChanged>(),
    Document::delivery::<WorkItemAdded>(),
    Document::delivery::<WorkItemUpdated>(),
    Document::delivery::<WorkItemRemoved>(),
    Document::delivery::<MaxCapacityChanged>(),
    Document::delivery::<UnifiedStateChanged>(),
    Document::delivery::<ChannelCreated>(),
    Document::delivery::<ChannelDeleted>(),
    Document::delivery::<GroupsUpdated>(),
    Document::event::<ChatEvent>("chat_event", "a record of the Chat export"),
    Document::event::<ChatPage>("chat_page", "a page of the Chat export"),
    Document::event::<CloudEvent<'_>>("cloud_event", "an event as a CloudEvent"),
    Document::answer::<AgentState>("agent_state", "an agent's state"),
    Document::answer::<Applied>("applied", "what became of one event"),
    Document::answer::<Seeded>("seeded", "what became of one agent of the REST record"),
    Document::answer::<Change>("change", "a change of the current state"),
    Document::answer::<Anomaly>("anomaly", "a sign that something was missed"),
    Document::answer::<Counts>("counts", "how many events had which outcome"),
    Document::answer::<Interval>("interval", "a stretch of a track with one value"),
    Document::answer::<WorkItemSpan>("work_item_span", "a work item's stay with an agent"),
    Document::answer::<ChatSpan>("chat_span", "a stretch of one chat status"),
    Document::answer::<Row>("report_row", "a row of a report"),
    Document::answer::<Correction>("correction", "a row that differs in a later report"),
    Document::answer::<ChannelFloor>(
        "channel_floor",
        "a channel's agents who can take one more item",
    ),
    Document::answer::<Alert>("alert", "a condition that is over its threshold"),
    Document::answer::<Episodes>("episodes", "which alerts began, go on and ended"),
    Document::answer::<Message<'_>>("alert_message", "what is sent about an alert"),
    Document::answer::<Difference>("difference", "where a fold and the REST record differ"),
    Document::answer::<TimelineDifference>(
        "timeline_difference",
        "where a fold and Chat's agent_timeline differ",
    ),
    Document::answer::<Issue>("issue", "a problem of an event"),
    Document::answer::<Names>("names", "what agents and groups are called"),
    Document::answer::<Flaw>("flaw", "why a delivery is not trusted"),
    Document::answer::<Signed>("signed", "a correct signature"),
    Document::answer::<export::Request>("export_request", "a request to the Chat export"),
    Document::answer::<export::Answer>("export_answer", "what the export's endpoint answers"),
    Document::answer::<export::Refusal>("export_refusal", "why a pull can't continue"),
    Document::answer::<export::BadQuery>("export_bad_query", "why a query can't be answered"),
    Document::answer::<ExportError>("export_error", "the body of an answer with status 400"),
    Document {
        name: "asyncapi",
        about: "the webhooks, as AsyncAPI 3",
        make: |_| async_api::document(),
    },
    Document {
        name: "openapi",
        about: "the Chat export's endpoint, as OpenAPI 3.1",
        make: |_| open_api::document(),
    },
];

impl Document {
    /// The document with a name.
    ///
    /// ```
    /// use agentfold::schema::Document;
    ///
    /// assert_eq!(Document::find("openapi").expect("known").to_json()["openapi"], "3.1.1");
    /// assert!(Document::find("swagger").is_none());
    /// ```
    pub fn find(name: &str) -> Option<&'static Document> {
        DOCUMENTS.iter().find(|document| document.name == name)
    }

    /// The schema of an answer of your own.
    ///
    /// ```
    /// use agentfold::schema::Document;
    ///
    /// let mine = Document::answer::<Vec<agentfold::history::Interval>>("my_intervals", "a day");
    /// assert_eq!(mine.to_json()["$id"], "urn:agentfold:schema:my_intervals");
    /// ```
    pub const fn answer<T: JsonSchema>(name: &'static str, about: &'static str) -> Document {
        Document { name, about, make: |name| root::<T>(name, Contract::Serialize) }
    }

    const fn delivery<P: Payload>() -> Document {
        Document::event::<Delivery<P>>(P::KIND.as_str(), "a webhook delivery")
    }

    const fn event<T: JsonSchema>(name: &'static str, about: &'static str) -> Document {
        Document { name, about, make: |name| root::<T>(name, Contract::Deserialize) }
    }

    /// The document as JSON. It is the same on every machine for one version of this crate.
    pub fn to_json(&self) -> Json {
        (self.make)(self.name)
    }
}

/// The schema of a type, with all definitions that it refers to.
fn root<T: JsonSchema>(name: &str, contract: Contract) -> Json {
    let mut schema =
        generator(SchemaSettings::draft2020_12(), contract).into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), format!("urn:agentfold:schema:{name}").into());
    schema.to_value()
}

/// A generator of schemas, with the settings of a draft.
fn generator(settings: SchemaSettings, contract: Contract) -> SchemaGenerator {
    settings
        .with(|settings| settings.contract = contract)
        .with_transform(RecursiveTransform(description::plain))
        .with_transform(RestrictFormats::default())
        .into_generator()
}

/// The path of schemas in AsyncAPI and OpenAPI documents.
const COMPONENTS: &str = "/components/schemas";
