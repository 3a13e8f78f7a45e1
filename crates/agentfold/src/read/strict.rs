//! The strict layer of the reader: takes any JSON and finds every problem. Its result is authoritative.

use std::borrow::Cow;

use super::Options;
use super::envelope::{Carried, Read, read_carried};
use super::fields::{
    Fields, Notes, count, count_or_null, instant, number_id, text, text_id, version,
};
use crate::event::{
    Availability, Body, Capacity, Chat, ChatField, ChatId, Detail, Event, UnifiedState, Unknown,
};
use crate::issue::{Code, Issue, Severity};
use crate::issues::Issues;
use crate::kind::Kind;
use crate::pointer::escape;
use crate::vocabulary::{
    CHANNELS, CHAT_STATUSES, EVENT_VERSIONS, REMOVAL_REASONS, STATES, UNIFIED_REASONS,
    WORK_ITEM_REASONS,
};
use crate::{Agent, Id, Instant};

/// Zendesk was founded in 2007.
pub(crate) const FOUNDED: i64 = 1_167_609_600;
/// How far an instant may be before its envelope's without a warning, in seconds.
const FAR: i64 = 24 * 3600;
/// How far the time in a chat id may be from the record's without a warning, in seconds.
const CHAT_ID_TOLERANCE: i64 = 1;

/// Reads one event, in an envelope or not, and finds all of its issues. Returns the event with its
/// warnings.
///
/// # Errors
/// All issues, if one of them is an error.
pub(crate) fn read<'a>(bytes: &'a [u8], options: &Options) -> Read<'a> {
    match read_carried(bytes, options, 0) {
        Carried::One(read) => read,
        Carried::Many(events) => {
            let message = format!(
                "the envelope holds {} events and not one: read it as a stream",
                events.len()
            );
            Err(Issue::new(Code::NotOneEvent, "", message).into())
        }
    }
}

/// Reads an event that is in no envelope.
pub(crate) fn read_plain<'a>(bytes: &'a [u8], options: &Options) -> Read<'a> {
    let notes = Notes::default();
    let event = event(bytes, options, &notes);
    let (mut issues, mut unknown) = notes.into_inner();
    unknown.sort_by(|a, b| a.path.cmp(&b.path));
    issues.sort_by(|a, b| (a.severity, &a.path, a.code).cmp(&(b.severity, &b.path, b.code)));
    let is_refused = issues.first().is_some_and(|issue| issue.severity == Severity::Error);
    let Some(mut event) = event.filter(|_| !is_refused) else {
        return Err(Issues::of_refused(issues));
    };
    match &mut event {
        Event::Availability(event) => event.unknown_fields = unknown,
        Event::Chat(event) => event.unknown_fields = unknown,
        Event::Unknown(_) => {}
    }
    Ok((event, issues))
}

fn event<'a>(bytes: &'a [u8], options: &Options, notes: &Notes<'a>) -> Option<Event<'a>> {
    if bytes.len() > options.max_bytes {
        let message = format!("the event has more than {} bytes", options.max_bytes);
        return notes.issue(Code::TooLarge, "", message);
    }
    let text = notes.text(bytes)?;
    if deeper_than(bytes, options.max_depth) {
        let message = format!("the event is nested more than {} deep", options.max_depth);
        return notes.issue(Code::TooDeep, "", message);
    }
    let json = notes.whole(text)?;
    let mut fields = Fields::open(json, String::new(), notes)?;
    let event = if fields.holds("type") {
        webhook(&mut fields, json)?
    } else if fields.holds("field_name") {
        record(&mut fields, json)?
    } else {
        return fields.missing("type");
    };
    match event.at_by(options) {
        Err(issue) => notes.push(issue),
        Ok(Some(at)) if options.is_ahead(at) => {
            let message = "the change is dated more than five minutes after the reader's clock";
            notes.push(Issue::new(Code::AheadInstant, event.at_path(options.instant), message));
        }
        Ok(_) => {}
    }
    Some(event)
}

/// Whether brackets outside strings are nested deeper than `max`.
pub(crate) fn deeper_than(bytes: &[u8], max: usize) -> bool {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max {
            return true;
        }
    }
    false
}

fn webhook<'a>(envelope: &mut Fields<'a, '_>, json: &'a str) -> Option<Event<'a>> {
    let name = envelope.required("type", text)?;
    let Some(kind) = Kind::of_type(&name) else {
        envelope.warn(Code::UnknownType, "type", "an event type that this library does not know");
        let (agent, version) = about(envelope).unzip();
        let version = version.flatten();
        return Some(Event::Unknown(Unknown { name, agent, version, json: Cow::Borrowed(json) }));
    };
    let told = envelope.has_value("account_id");
    let account_id = envelope.optional("account_id", number_id);
    let detail = envelope.object("detail", |fields| {
        if !told && !fields.has_value("account_id") {
            fields.missing::<()>("account_id");
        }
        detail(fields, account_id)
    });
    let change = envelope.object("event", |fields| {
        let updated_at = fields.required("updated_at", instant);
        not_old(fields, "updated_at", updated_at);
        let body = body(fields, kind);
        Some((updated_at?, body?))
    });
    let id = envelope.required("id", text_id);
    let subject = envelope.optional("subject", text);
    let time = envelope.optional("time", instant);
    let zendesk_event_version = envelope.optional("zendesk_event_version", text);
    if zendesk_event_version.as_ref().is_some_and(|version| !EVENT_VERSIONS.contains(&&**version)) {
        let message = "a version of the payload that this library was not written for";
        envelope.warn(Code::UnknownVersion, "zendesk_event_version", message);
    }
    envelope.close();

    let (detail, (updated_at, body)) = (detail?, change?);
    if subject.as_ref().is_some_and(|s| **s != format!("zen:agent:{}", detail.agent_id)) {
        envelope.warn(
            Code::SubjectMismatch,
            "subject",
            "the subject names another agent than `detail`",
        );
    }
    if time.is_some_and(|time| time.is_past(updated_at, FAR)) {
        let message = "more than 24 hours before the event was issued";
        envelope.warn(Code::FarInstant, "event/updated_at", message);
    }
    Some(Event::Availability(Availability {
        account_id,
        detail,
        body,
        updated_at,
        id: id?,
        subject,
        time,
        zendesk_event_version,
        unknown_fields: Vec::new(),
    }))
}

/// The agent and version of an event of unknown type, as far as they can be read.
fn about(envelope: &mut Fields<'_, '_>) -> Option<(Agent, Option<u64>)> {
    let silent = Notes::default();
    let mut detail = Fields::open(envelope.take("detail")?, String::new(), &silent)?;
    let account_id = detail.take("account_id").and_then(|json| number_id(json).ok());
    let account_id =
        account_id.or_else(|| envelope.take("account_id").and_then(|json| number_id(json).ok()))?;
    let agent_id = number_id(detail.take("agent_id")?).ok()?;
    let version = detail.take("version").and_then(|json| version(json).ok());
    Some((Agent::new(account_id, agent_id), version))
}

fn detail(fields: &mut Fields<'_, '_>, envelope: Option<Id>) -> Option<Detail> {
    let account_id = fields.optional("account_id", number_id);
    if account_id.is_some() && envelope.is_some() && account_id != envelope {
        fields.warn(
            Code::AccountMismatch,
            "account_id",
            "the detail names another account than the envelope",
        );
    }
    let agent_id = fields.required("agent_id", number_id);
    let version = fields.optional("version", version);
    Some(Detail { account_id, agent_id: agent_id?, version })
}

fn body<'a>(fields: &mut Fields<'a, '_>, kind: Kind) -> Option<Body<'a>> {
    match kind {
        Kind::StateChanged => {
            let previous_state = fields.optional("previous_state", text);
            let new_state = fields.required("new_state", text);
            let channel = channel(fields);
            known(fields, "previous_state", previous_state.as_ref(), STATES);
            known(fields, "new_state", new_state.as_ref(), STATES);
            changed(fields, "new_state", new_state.as_ref(), previous_state.as_ref());
            Some(Body::StateChanged { channel: channel?, previous_state, new_state: new_state? })
        }
        Kind::WorkItemAdded => {
            let work_item_id = fields.required("work_item_id", text_id);
            let channel = channel(fields);
            let reason = fields.required("reason", text);
            known(fields, "reason", reason.as_ref(), WORK_ITEM_REASONS);
            let (work_item_id, channel, reason) = (work_item_id?, channel?, reason?);
            Some(Body::WorkItemAdded { work_item_id, channel, reason })
        }
        Kind::WorkItemUpdated => {
            let work_item_id = fields.required("work_item_id", text_id);
            let channel = channel(fields);
            let previous_reason = fields.optional("previous_reason", text);
            let reason = fields.required("reason", text);
            known(fields, "previous_reason", previous_reason.as_ref(), WORK_ITEM_REASONS);
            known(fields, "reason", reason.as_ref(), WORK_ITEM_REASONS);
            changed(fields, "reason", reason.as_ref(), previous_reason.as_ref());
            let (work_item_id, channel, reason) = (work_item_id?, channel?, reason?);
            Some(Body::WorkItemUpdated { work_item_id, channel, previous_reason, reason })
        }
        Kind::WorkItemRemoved => {
            let work_item_id = fields.required("work_item_id", text_id);
            let channel = channel(fields);
            let reason = fields.optional("reason", text);
            known(fields, "reason", reason.as_ref(), REMOVAL_REASONS);
            Some(Body::WorkItemRemoved { work_item_id: work_item_id?, channel: channel?, reason })
        }
        Kind::MaxCapacityChanged => {
            let max_capacity = fields.object("maxCapacity", |channels| {
                let each = channels.keys().into_iter().map(|key| {
                    known(channels, &escape(&key), Some(&key), CHANNELS);
                    channels.object(&key, |fields| capacity(fields, key.clone()))
                });
                each.collect::<Vec<_>>().into_iter().collect()
            });
            Some(Body::MaxCapacityChanged { max_capacity: max_capacity? })
        }
        Kind::UnifiedStateChanged => {
            let previous = fields.optional_object("previous_unified_state", unified_state);
            let new = fields.object("new_unified_state", unified_state);
            changed(fields, "new_unified_state", new.as_ref(), previous.as_ref());
            Some(Body::UnifiedStateChanged {
                previous_unified_state: previous,
                new_unified_state: new?,
            })
        }
        Kind::ChannelCreated => Some(Body::ChannelCreated { channel: channel(fields)? }),
        Kind::ChannelDeleted => Some(Body::ChannelDeleted { channel: channel(fields)? }),
        Kind::GroupsUpdated => {
            let previous_group_ids = fields.optional_list("previous_group_ids");
            let new_group_ids = fields.list("new_group_ids");
            changed(fields, "new_group_ids", new_group_ids.as_ref(), previous_group_ids.as_ref());
            Some(Body::GroupsUpdated { previous_group_ids, new_group_ids: new_group_ids? })
        }
        Kind::ChatStatus | Kind::ChatEngagements => None,
    }
}

fn channel<'a>(fields: &mut Fields<'a, '_>) -> Option<Cow<'a, str>> {
    let channel = fields.required("channel", text);
    known(fields, "channel", channel.as_ref(), CHANNELS);
    channel
}

fn capacity<'a>(fields: &mut Fields<'a, '_>, channel: Cow<'a, str>) -> Option<Capacity<'a>> {
    let current = fields.required("current", count_or_null);
    let previous = fields.stated("previous", count_or_null);
    changed(fields, "current", current.as_ref(), previous.as_ref());
    Some(Capacity { channel, current: current?, previous })
}

fn unified_state<'a>(fields: &mut Fields<'a, '_>) -> Option<UnifiedState<'a>> {
    let id = fields.required("id", text_id);
    let name = fields.optional("name", text);
    let reason = fields.optional("reason", text);
    known(fields, "reason", reason.as_ref(), UNIFIED_REASONS);
    Some(UnifiedState { id: id?, name, reason })
}

fn record<'a>(fields: &mut Fields<'a, '_>, json: &'a str) -> Option<Event<'a>> {
    let name = fields.required("field_name", text)?;
    let Some(kind) = Kind::of_field_name(&name) else {
        fields.warn(Code::UnknownType, "field_name", "a field that this library does not know");
        let mut id = |key| fields.take(key).and_then(|json| number_id(json).ok());
        let ids = id("account_id").zip(id("agent_id"));
        let agent = ids.map(|(account_id, agent_id)| Agent::new(account_id, agent_id));
        let json = Cow::Borrowed(json);
        return Some(Event::Unknown(Unknown { name, agent, version: None, json }));
    };
    let chat = chat(fields, kind);
    fields.close();
    chat.map(Event::Chat)
}

fn chat<'a>(fields: &mut Fields<'a, '_>, kind: Kind) -> Option<Chat<'a>> {
    let account_id = fields.required("account_id", number_id);
    let agent_id = fields.required("agent_id", number_id);
    let id = fields.required("id", text_id);
    let timestamp = fields.required("timestamp", instant);
    not_old(fields, "timestamp", timestamp);
    let field = chat_field(fields, kind);
    if let (Some(told), Some(timestamp)) = (id.as_deref().and_then(ChatId::parse), timestamp) {
        if told.made_at.is_past(timestamp, CHAT_ID_TOLERANCE)
            || timestamp.is_past(told.made_at, CHAT_ID_TOLERANCE)
        {
            fields.warn(Code::ChatIdTime, "id", "the time in the id differs from the record's");
        }
        if agent_id.is_some_and(|agent_id| agent_id.to_string() != told.agent_id) {
            fields.warn(Code::ChatIdAgent, "id", "the id names another agent than the record");
        }
    }
    Some(Chat {
        account_id: account_id?,
        agent_id: agent_id?,
        field: field?,
        id: id?,
        timestamp: timestamp?,
        unknown_fields: Vec::new(),
    })
}

fn chat_field<'a>(fields: &mut Fields<'a, '_>, kind: Kind) -> Option<ChatField<'a>> {
    match kind {
        Kind::ChatStatus => {
            let previous_value = fields.optional("previous_value", text);
            let value = fields.required("value", text);
            known(fields, "previous_value", previous_value.as_ref(), CHAT_STATUSES);
            known(fields, "value", value.as_ref(), CHAT_STATUSES);
            changed(fields, "value", value.as_ref(), previous_value.as_ref());
            Some(ChatField::Status { previous_value, value: value? })
        }
        Kind::ChatEngagements => {
            let previous_value = fields.optional("previous_value", count);
            let value = fields.required("value", count);
            changed(fields, "value", value.as_ref(), previous_value.as_ref());
            Some(ChatField::Engagements { previous_value, value: value? })
        }
        _ => None,
    }
}

/// Notes a word that is not known for this field.
fn known(fields: &Fields<'_, '_>, token: &str, word: Option<&Cow<'_, str>>, words: &[&str]) {
    if word.is_some_and(|word| !words.contains(&&**word)) {
        fields.warn(Code::UnknownValue, token, "a value that this library does not know");
    }
}

/// Notes a change that changes nothing.
fn changed<T: PartialEq>(
    fields: &Fields<'_, '_>,
    token: &str,
    new: Option<&T>,
    previous: Option<&T>,
) {
    if new.is_some() && new == previous {
        fields.warn(Code::UnchangedValue, token, "the same value as before the change");
    }
}

/// Notes an instant from before Zendesk was founded.
fn not_old(fields: &Fields<'_, '_>, token: &str, at: Option<Instant>) {
    if at.is_some_and(|at| at.unix_seconds() < FOUNDED) {
        fields.warn(Code::OldInstant, token, "an instant from before 2007");
    }
}
