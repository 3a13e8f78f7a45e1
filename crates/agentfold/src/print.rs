//! Printing an [`Event`] as JSON, in Zendesk's shapes and key order.

use std::fmt::{self, Write};

use crate::Id;
use crate::event::{
    Availability, Body, Capacity, Chat, ChatField, Event, UnifiedState, UnknownField,
};
use crate::kind::{Kind, TYPE_PREFIX};
use crate::pointer::{self, escape, unescape};

impl Event<'_> {
    /// Prints the event as compact JSON in Zendesk's key order. An event of an unknown type is printed
    /// as it was received.
    ///
    /// Ids are printed as Zendesk writes them: integers in the envelope and the chat feed, strings
    /// elsewhere. Instants have 0, 3, 6 or 9 fraction digits, as few as hold them.
    ///
    /// Reading the text gives the same event, unless the event was built by hand and
    /// [`Event::check`] finds an error.
    ///
    /// ```
    /// let text = br#"{"account_id":2,"agent_id":7,"field_name":"status","id":"x",
    ///     "timestamp":"2018-10-19T14:33:50+02:00","value":"away"}"#;
    /// let event = agentfold::Event::parse(text)?;
    /// assert_eq!(event.to_json(), "{\"account_id\":2,\"agent_id\":7,\"field_name\":\"status\",\
    ///     \"id\":\"x\",\"timestamp\":\"2018-10-19T12:33:50Z\",\"value\":\"away\"}");
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn to_json(&self) -> String {
        self.print(false)
    }

    /// Prints the event like [`Event::to_json`], but with every id as a string, for languages whose
    /// numbers can't hold 64-bit integers. Reading the text gives the same event.
    ///
    /// ```
    /// use agentfold::Event;
    ///
    /// let event = Event::parse(br#"{"account_id": 2, "agent_id": 9007199254740993, "id": "x",
    ///     "field_name": "engagements", "timestamp": "2018-10-19T12:33:50Z", "value": 1}"#)?;
    /// let json = event.to_json_with_text_ids();
    /// assert!(json.starts_with(r#"{"account_id":"2","agent_id":"9007199254740993","#));
    /// assert_eq!(Event::parse(json.as_bytes())?, event);
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn to_json_with_text_ids(&self) -> String {
        self.print(true)
    }

    fn print(&self, text_ids: bool) -> String {
        let mut out = String::with_capacity(512);
        match self {
            Event::Availability(event) => {
                Object::write(&mut out, "", &by_parent(&event.unknown_fields), |object| {
                    availability(object, event, text_ids)
                });
            }
            Event::Chat(event) => {
                Object::write(&mut out, "", &by_parent(&event.unknown_fields), |object| {
                    chat(object, event, text_ids)
                });
            }
            Event::Unknown(event) => out.push_str(event.json()),
        }
        out
    }
}

fn availability(object: &mut Object<'_>, event: &Availability<'_>, text_ids: bool) {
    if let Some(account_id) = event.account_id {
        object.id("account_id", account_id, text_ids);
    }
    object.object("detail", |object| {
        if let Some(account_id) = event.detail.account_id {
            object.quoted("account_id", account_id);
        }
        object.quoted("agent_id", event.detail.agent_id);
        if let Some(version) = event.detail.version {
            object.quoted("version", version);
        }
    });
    object.object("event", |object| {
        object.quoted("updated_at", event.updated_at);
        body(object, &event.body);
    });
    object.text("id", &event.id);
    object.optional_text("subject", event.subject.as_deref());
    if let Some(time) = event.time {
        object.quoted("time", time);
    }
    object.quoted("type", format_args!("{TYPE_PREFIX}:{}", Kind::of_body(&event.body).as_str()));
    object.optional_text("zendesk_event_version", event.zendesk_event_version.as_deref());
}

fn body(object: &mut Object<'_>, body: &Body<'_>) {
    match body {
        Body::StateChanged { channel, previous_state, new_state } => {
            object.optional_text("previous_state", previous_state.as_deref());
            object.text("new_state", new_state);
            object.text("channel", channel);
        }
        Body::WorkItemAdded { work_item_id, channel, reason } => {
            object.text("work_item_id", work_item_id);
            object.text("channel", channel);
            object.text("reason", reason);
        }
        Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason } => {
            object.text("work_item_id", work_item_id);
            object.text("channel", channel);
            object.optional_text("previous_reason", previous_reason.as_deref());
            object.text("reason", reason);
        }
        Body::WorkItemRemoved { work_item_id, channel, reason } => {
            object.text("work_item_id", work_item_id);
            object.text("channel", channel);
            object.optional_text("reason", reason.as_deref());
        }
        Body::MaxCapacityChanged { max_capacity } => object.object("maxCapacity", |object| {
            for Capacity { channel, current, previous } in max_capacity {
                object.object(channel, |object| {
                    object.number_or_null("current", *current);
                    if let Some(previous) = previous {
                        object.number_or_null("previous", *previous);
                    }
                });
            }
        }),
        Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => {
            if let Some(previous) = previous_unified_state {
                object.object("previous_unified_state", |object| unified_state(object, previous));
            }
            object.object("new_unified_state", |object| unified_state(object, new_unified_state));
        }
        Body::ChannelCreated { channel } | Body::ChannelDeleted { channel } => {
            object.text("channel", channel);
        }
        Body::GroupsUpdated { previous_group_ids, new_group_ids } => {
            if let Some(previous) = previous_group_ids {
                object.plain("previous_group_ids", JsonText(previous));
            }
            object.plain("new_group_ids", JsonText(new_group_ids));
        }
    }
}

fn unified_state(object: &mut Object<'_>, state: &UnifiedState<'_>) {
    object.text("id", &state.id);
    object.optional_text("name", state.name.as_deref());
    object.optional_text("reason", state.reason.as_deref());
}

fn chat(object: &mut Object<'_>, event: &Chat<'_>, text_ids: bool) {
    object.id("account_id", event.account_id, text_ids);
    object.id("agent_id", event.agent_id, text_ids);
    match &event.field {
        ChatField::Status { previous_value, value } => {
            object.text("field_name", Kind::ChatStatus.as_str());
            object.text("id", &event.id);
            object.optional_text("previous_value", previous_value.as_deref());
            object.quoted("timestamp", event.timestamp);
            object.text("value", value);
        }
        ChatField::Engagements { previous_value, value } => {
            object.text("field_name", Kind::ChatEngagements.as_str());
            object.text("id", &event.id);
            if let Some(previous) = previous_value {
                object.plain("previous_value", previous);
            }
            object.quoted("timestamp", event.timestamp);
            object.plain("value", value);
        }
    }
}

/// A value as JSON text, by `serde_json`.
pub(crate) struct JsonText<T>(pub(crate) T);

impl<T: serde::Serialize> fmt::Display for JsonText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| fmt::Error)?)
    }
}

/// A JSON object that is being printed. Its unknown fields come last.
struct Object<'o> {
    out: &'o mut String,
    path: String,
    // INVARIANT: sorted by the parts of their paths before the last key.
    unknown: &'o [&'o UnknownField<'o>],
    empty: bool,
}

/// Writes a text as JSON.
fn text(out: &mut String, text: &str) {
    // The usual case needs no escapes.
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        write!(out, "{}", JsonText(text)).expect("INVARIANT: a string takes all text");
    }
}

/// Fields by the object that they belong to, so that those of an object are found quickly.
fn by_parent<'f>(unknown: &'f [UnknownField<'f>]) -> Vec<&'f UnknownField<'f>> {
    let mut sorted: Vec<_> = unknown.iter().collect();
    sorted.sort_by_key(|field| pointer::split(&field.path).0);
    sorted
}

impl Object<'_> {
    fn write(
        out: &mut String,
        path: &str,
        unknown: &[&UnknownField<'_>],
        fill: impl FnOnce(&mut Object<'_>),
    ) {
        out.push('{');
        let mut object = Object { out, path: path.to_owned(), unknown, empty: true };
        fill(&mut object);
        let first = unknown.partition_point(|field| pointer::split(&field.path).0 < path);
        for field in &unknown[first..] {
            let (parent, key) = pointer::split(&field.path);
            if parent != path {
                break;
            }
            object.plain(&unescape(key), &field.json);
        }
        object.out.push('}');
    }

    /// Begins a field.
    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        text(self.out, key);
        self.out.push(':');
    }

    fn plain(&mut self, key: &str, value: impl fmt::Display) {
        self.key(key);
        write!(self.out, "{value}").expect("INVARIANT: a string takes all text");
    }

    /// A text in which nothing needs an escape.
    fn quoted(&mut self, key: &str, value: impl fmt::Display) {
        self.plain(key, format_args!("\"{value}\""));
    }

    fn id(&mut self, key: &str, id: Id, is_text: bool) {
        if is_text { self.quoted(key, id) } else { self.plain(key, id) }
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        text(self.out, value);
    }

    fn optional_text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn number_or_null(&mut self, key: &str, value: Option<u64>) {
        self.plain(key, JsonText(value));
    }

    fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) {
        self.key(key);
        let path = format!("{}/{}", self.path, escape(key));
        Object::write(self.out, &path, self.unknown, fill);
    }
}
