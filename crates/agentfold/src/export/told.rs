//! Writes availability events in the form of the Chat export, so that programs that read the export
//! keep working.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;

use super::answer::{Answer, Exported, Served};
use super::query::Query;
use crate::event::{Chat, ChatField, Event};
use crate::fold::Fold;
use crate::fold::names::{Name, Names};
use crate::fold::tracks::{Target, Tracks};
use crate::fold::transitions::Part;
use crate::fold::value::{Previous, Value};
use crate::history::loads;
use crate::history::{History, Window, histories};
use crate::{Agent, Instant};

/// How long changes are held back, since a late event may still change them.
const HELD_BACK: Duration = Duration::from_secs(5 * 60);

/// How much of the history is looked at first for a page.
const FIRST_SPAN: Duration = Duration::from_secs(60 * 60);

/// An event of [`Fold::tell_chat`] that later events changed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ToldCorrection<'a> {
    /// The event as it was written before; `None` if it was not.
    pub before: Option<Chat<'a>>,
    /// The event as it is now; `None` if there is none any more.
    pub after: Option<Chat<'a>>,
}

/// A correction as the data that JavaScript and Python get: events with their ids as text.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are those of the correction")]
pub struct ToldCorrectionData {
    pub before: Option<Box<RawValue>>,
    pub after: Option<Box<RawValue>>,
}

impl ToldCorrection<'_> {
    /// Returns the correction as data.
    pub fn to_data(&self) -> ToldCorrectionData {
        let raw = |chat: &Option<Chat<'_>>| Some(Event::Chat(chat.clone()?).to_raw());
        ToldCorrectionData { before: raw(&self.before), after: raw(&self.after) }
    }
}

impl Fold {
    /// Writes the availability events of a channel in the form of the Chat export, sorted by time.
    ///
    /// A change of state becomes a `status` event: `transfers_only` becomes `away`, and other states
    /// keep their names. A change of the number of open items becomes an `engagements` event.
    ///
    /// The changes from `from` on are returned, except those of the last five minutes before `now`, the
    /// caller's clock, since late events may still change them. If a later event changes a returned
    /// one, [`told_corrections`] finds it. Ids are made from agent, field and instant, so the same
    /// change always has the same id. Instants are cut to microseconds, the precision of the export.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    /// use agentfold::event::ChatField;
    ///
    /// let state = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00.123456789Z", "channel": "messaging",
    ///               "previous_state": "online", "new_state": "transfers_only"},
    ///     "type": "zen:event-type:agent.state_changed"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(state, |bad| panic!("{bad:?}"));
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// assert_eq!(fold.tell_chat("messaging", at("00:00:00"), at("09:04:00")), []);
    /// let told = fold.tell_chat("messaging", at("00:00:00"), at("09:06:00"));
    /// assert_eq!(told[0].timestamp, at("09:00:00.123456"));
    /// let away = ChatField::Status { previous_value: Some("online".into()), value: "away".into() };
    /// assert_eq!(told[0].field, away);
    /// ```
    pub fn tell_chat(&self, channel: &str, from: Instant, now: Instant) -> Vec<Chat<'static>> {
        let end = now.saturating_sub(HELD_BACK);
        self.told(channel, from, end, end)
    }

    /// Answers a query as the endpoint of the Chat export does ([`answer`](crate::export::answer)), with the events
    /// of [`tell_chat`](Fold::tell_chat). This looks at little more of the history than the page holds.
    ///
    /// ```
    /// use agentfold::Fold;
    /// use agentfold::export::Served;
    ///
    /// let state = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "messaging", "new_state": "online"},
    ///     "type": "zen:event-type:agent.state_changed"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(state, |bad| panic!("{bad:?}"));
    /// let served = Served { url: "", now: "2026-01-05T10:00:00Z".parse()?, end: None };
    /// let page = fold.answer_export("messaging", "start_time=1767571200", &served);
    /// assert!(page.body.contains(r#""count":1,"#));
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn answer_export(&self, channel: &str, query: &str, served: &Served<'_>) -> Answer {
        let query = match Query::parse(query, served.now) {
            Ok(query) => query,
            Err(bad) => return bad.answer(),
        };
        let (start, end) = (query.start_time(), served.now.saturating_sub(HELD_BACK));
        let first = self.first_and_last_event_at().map_or(end, |(first, _)| first.max(start));
        let mut span = FIRST_SPAN;
        loop {
            let to = end.min(first.saturating_add(span));
            let told = self.told(channel, start, to, end);
            // Events of the start itself may come before the start id.
            let later = told.iter().filter(|chat| chat.timestamp > start).count();
            if to == end || later >= query.limit().count() {
                return query.answer(told.iter().map(Exported::from), served);
            }
            span *= 4;
        }
    }

    /// The changes of a window in the form of the export, by what is known as of an instant.
    fn told(
        &self,
        channel: &str,
        from: Instant,
        to: Instant,
        as_of: Instant,
    ) -> Vec<Chat<'static>> {
        let Some(channel) = self.names.find(channel) else {
            return Vec::new();
        };
        let window = Window { from: from.to_micros(), to, as_of };
        let mut told = Vec::new();
        for agent in self.agents() {
            if let Some(tracks) = self.tracks(agent) {
                told.extend(statuses(agent, tracks, channel, &window, &self.names));
                told.extend(engagements(agent, tracks, channel, &window));
            }
        }
        told.retain(|chat| chat.timestamp >= window.from);
        told.sort_by(|a, b| (a.timestamp, &a.id).cmp(&(b.timestamp, &b.id)));
        told
    }
}

/// Compares two results of [`Fold::tell_chat`], and returns the events that differ, sorted by time.
/// Events are paired by id.
///
/// Both results must begin at the same instant. Events of `after` that are later than `told_until`, the
/// end of what `before` covers, are ignored.
///
/// ```
/// use agentfold::export::told_corrections;
/// use agentfold::{Fold, Instant};
///
/// let state = |id, at, new| format!(
///     r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}",
///         "event": {{"updated_at": "2026-01-05T{at}Z", "channel": "talk", "new_state": "{new}"}},
///         "type": "zen:event-type:agent.state_changed"}}"#);
/// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
/// let mut fold = Fold::new();
/// fold.read(state("a", "09:00:00", "online").as_bytes(), |bad| panic!("{bad:?}"));
/// let before = fold.tell_chat("talk", at("00:00:00"), at("10:00:00"));
///
/// // This event arrives late.
/// fold.read(state("b", "08:00:00", "away").as_bytes(), |bad| panic!("{bad:?}"));
/// let after = fold.tell_chat("talk", at("00:00:00"), at("10:30:00"));
/// let corrections = told_corrections(&before, &after, at("09:55:00"));
/// assert_eq!(corrections.len(), 2);
/// assert!(corrections[0].before.is_none());
/// assert!(corrections[1].before != corrections[1].after);
/// ```
pub fn told_corrections<'a>(
    before: &[Chat<'a>],
    after: &[Chat<'a>],
    told_until: Instant,
) -> Vec<ToldCorrection<'a>> {
    let mut pairs: BTreeMap<(Instant, &str), [Option<&Chat<'a>>; 2]> = BTreeMap::new();
    let after = after.iter().filter(|chat| chat.timestamp <= told_until);
    for (side, chat) in before.iter().map(|chat| (0, chat)).chain(after.map(|chat| (1, chat))) {
        pairs.entry((chat.timestamp, &chat.id)).or_default()[side] = Some(chat);
    }
    let changed = pairs.into_values().filter(|[before, after]| before != after);
    changed
        .map(|[before, after]| ToldCorrection { before: before.cloned(), after: after.cloned() })
        .collect()
}

fn statuses(
    agent: Agent,
    tracks: &Tracks,
    channel: Name,
    window: &Window,
    names: &Names,
) -> Vec<Chat<'static>> {
    let status = |value: Value| match names.text(value.name()?) {
        "transfers_only" => Some("away"),
        status => Some(status),
    };
    let track = tracks.track(&Target::State(channel));
    let all = track.map_or(Part::EMPTY, |track| track.before(window.to));
    // The value before the window is the first previous value.
    let first = all.count_before(window.from).saturating_sub(1);
    let mut before = None;
    let changes = all.from(first).filter_map(|t| {
        let previous = match (before.replace(t.value), t.previous) {
            (Some(before), _) => status(before),
            (None, Previous::Value(stated)) => status(stated),
            (None, _) => None,
        };
        Some((t.at, previous, status(t.value)?)).filter(|(at, ..)| *at >= tracks.cut)
    });
    let told = by_microsecond(changes);
    let chats = told.into_iter().map(|(at, previous, value)| {
        let owned = |text: &str| Cow::Owned(text.to_owned());
        let field = ChatField::Status { previous_value: previous.map(owned), value: owned(value) };
        chat(agent, "status", at, field)
    });
    chats.collect()
}

fn engagements(
    agent: Agent,
    tracks: &Tracks,
    channel: Name,
    window: &Window,
) -> Vec<Chat<'static>> {
    let items = histories(tracks, window);
    let histories: Vec<&History> = items.iter().map(|(_, history)| history).collect();
    let loads = loads(&histories, channel, window.from.saturating_sub(Duration::from_nanos(1)));
    let changes = loads.windows(2).map(|pair| (pair[1].0, Some(pair[0].1), pair[1].1));
    // From before the cut, only the items that are still open are known.
    let known = changes.filter(|(at, ..)| *at >= tracks.cut && *at < window.to);
    let chats = by_microsecond(known).into_iter().map(|(at, previous_value, value)| {
        chat(agent, "engagements", at, ChatField::Engagements { previous_value, value })
    });
    chats.collect()
}

/// Changes with their instants cut to microseconds. Several in one microsecond become one, from the
/// first previous value to the last value. A change to the same value is dropped.
fn by_microsecond<V: PartialEq>(
    changes: impl Iterator<Item = (Instant, Option<V>, V)>,
) -> Vec<(Instant, Option<V>, V)> {
    let mut told: Vec<(Instant, Option<V>, V)> = Vec::new();
    for (at, previous, value) in changes {
        let at = at.to_micros();
        match told.last_mut() {
            Some(last) if last.0 == at => last.2 = value,
            _ => told.push((at, previous, value)),
        }
    }
    told.retain(|(_, previous, value)| previous.as_ref() != Some(value));
    told
}

fn chat(agent: Agent, name: &str, at: Instant, field: ChatField<'static>) -> Chat<'static> {
    let Agent { account_id, agent_id } = agent;
    let made_up = format!("{account_id}/{agent_id}/{name}/{at}");
    let millis = u64::try_from(at.unix_nanos() / 1_000_000).unwrap_or(0);
    let (time, random) = (base62(millis, 7), base62(crc32fast::hash(made_up.as_bytes()).into(), 6));
    Chat {
        account_id,
        agent_id,
        field,
        id: Cow::Owned(format!("{time}.agent:{agent_id}.{random}")),
        timestamp: at,
        unknown_fields: Vec::new(),
    }
}

/// The last digits of a number in base 62.
fn base62(mut number: u64, digits: usize) -> String {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = vec!['0'; digits];
    for digit in text.iter_mut().rev() {
        *digit = char::from(DIGITS[(number % 62) as usize]);
        number /= 62;
    }
    text.into_iter().collect()
}
