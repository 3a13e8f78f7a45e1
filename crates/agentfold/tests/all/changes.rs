//! The outcome and the changes that `apply` returns are the effect of the event on the state.

use std::collections::{BTreeMap, BTreeSet};

use agentfold::event::{Body, ChatField};
use agentfold::{Agent, AgentState, Applied, Change, Event, Fold, Instant, Outcome};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::adversary::{at, events, instant, streams};

proptest! {
    #[test]
    fn changes_are_the_difference_that_an_event_makes(
        lines in streams(), compact in prop::option::of((any::<Index>(), any::<Index>())),
    ) {
        let events = events(&lines);
        let mut latest = Latest::default();
        let mut fold = Fold::new();
        for (i, event) in events.iter().enumerate() {
            if let Some((when, cut)) = compact && when.index(events.len()) == i {
                fold.compact(instant(&events, cut));
            }
            let Some(agent) = event.agent() else { continue };
            let (before, saved) = (fold.state(agent), fold.save());
            let Applied { outcome, changes } = fold.apply(event);
            let (after, saved_after) = (fold.state(agent), fold.save());

            for change in &changes {
                prop_assert_eq!((change.agent, Some(change.at)), (agent, at(event)));
            }
            are_the_difference(&changes, before.as_ref(), after.as_ref())?;

            match &outcome {
                Outcome::Unreadable { issues } => prop_assert!(false, "{:?}", issues),
                Outcome::Ignored | Outcome::Expired | Outcome::Limit { .. } => {
                    prop_assert_eq!(before, after)
                }
                Outcome::Duplicate => prop_assert_eq!((before, saved), (after, saved_after)),
                Outcome::Applied | Outcome::Late => {
                    prop_assert_ne!(saved, saved_after);
                    let (newest, tied) = latest.add(agent, event);
                    if before != after || newest {
                        prop_assert_eq!(outcome, Outcome::Applied);
                    } else if !tied {
                        prop_assert_eq!(outcome, Outcome::Late);
                    }
                }
            }
        }
    }
}

#[test]
fn a_conflict_may_open_an_item_where_it_had_left() {
    let event = |id: &str, kind: &str, rest: Value| {
        let mut event = json!({ "updated_at": format!("2026-01-05T09:00:0{id}Z") });
        event.as_object_mut().expect("fields").extend(rest.as_object().expect("fields").clone());
        json!({
            "account_id": 2, "detail": { "agent_id": "7" }, "id": id, "event": event,
            "type": format!("zen:event-type:agent.{kind}"),
        })
        .to_string()
    };
    let item = |id, kind: &str, channel: &str, reason: &str| {
        event(id, kind, json!({ "channel": channel, "work_item_id": "1", "reason": reason }))
    };
    let mut fold = Fold::new();
    for told in [
        event("1", "state_changed", json!({ "channel": "support", "new_state": "online" })),
        event(
            "2",
            "max_capacity_changed",
            json!({ "maxCapacity": { "support": { "current": 1 } } }),
        ),
        item("3", "work_item_added", "support", "ASSIGNED"),
        item("4", "work_item_updated", "talk", "CHANNEL_CHANGE"),
    ] {
        assert_eq!(fold.apply_bytes(told.as_bytes()).outcome, Outcome::Applied);
    }
    // The same event with another reason, which wins: the item did not leave the first channel.
    let other = item("4", "work_item_updated", "talk", "OFFERED");
    let agent = Agent::new(2, 7);
    let before = fold.state(agent);
    let changes = fold.apply_bytes(other.as_bytes()).changes;
    are_the_difference(&changes, before.as_ref(), fold.state(agent).as_ref()).expect("all changes");
    let mut labels: Vec<String> = changes.iter().map(Change::label).collect();
    labels.sort_unstable();
    assert_eq!(
        labels,
        [
            "accepting[support]",
            "work_item[1]@support",
            "work_item[1]@support.opened_at",
            "work_item[1]@support.since",
            "work_item[1]@talk",
            "work_item[1]@talk.opened_at",
        ]
    );
}

/// Checks that changes make one state the other, each track once, and that they read back from JSON.
pub(crate) fn are_the_difference(
    changes: &[Change],
    before: Option<&AgentState>,
    after: Option<&AgentState>,
) -> Result<(), TestCaseError> {
    let mut known = facts(before);
    let mut tracks = BTreeSet::new();
    for change in changes {
        prop_assert_ne!(&change.from, &change.to);
        let data = serde_json::to_value(change).expect("a change is JSON");
        prop_assert_eq!(
            &serde_json::from_value::<Change>(data.clone()).expect("read back"),
            change
        );
        let track = data["track"].as_str().expect("a text").to_owned();
        prop_assert!(tracks.insert(track.clone()), "duplicate {}", track);
        let was = match told(&track, &data["to"]) {
            Some(to) => known.insert(track.clone(), to.clone()),
            None => known.remove(&track),
        };
        prop_assert_eq!(was.as_ref(), told(&track, &data["from"]), "{:?}", change);
    }
    prop_assert_eq!(known, facts(after));
    Ok(())
}

/// A state as a flat list of the values that changes can report, by track, in the form of
/// [`agentfold::Change`]. Without what is not [`told`]; without `version` and `last_event_at`, which
/// most events raise; and without `load` and `spare`, which follow from the items and the capacity.
fn facts(state: Option<&AgentState>) -> BTreeMap<String, Value> {
    let mut facts = BTreeMap::new();
    let mut add = |track: String, value: Value| {
        if told(&track, &value).is_some() {
            facts.insert(track, value);
        }
    };
    let Some(state) = state else {
        return facts;
    };
    if let Some(unified) = &state.unified_state {
        let value = json!({ "id": unified.id, "name": unified.name, "reason": unified.reason });
        add("unified_state".to_owned(), value);
        add("unified_state.since".to_owned(), json!(unified.since));
    }
    add("groups".to_owned(), json!(state.group_ids));
    if let Some(chat) = &state.chat {
        add("chat_status".to_owned(), json!(chat.status));
        add("chat_status.since".to_owned(), json!(chat.since));
        add("chat_engagements".to_owned(), json!(chat.engagements));
    }
    for (name, channel) in &state.channels {
        add(format!("channel[{name}]"), json!(true));
        add(format!("access[{name}]"), json!(channel.access));
        add(format!("state[{name}]"), json!(channel.state));
        add(format!("state[{name}].since"), json!(channel.since));
        add(format!("max_capacity[{name}]"), json!(channel.max_capacity));
        add(format!("accepting[{name}]"), json!(channel.accepting));
        for item in &channel.work_items {
            let track = format!("work_item[{}]@{name}", item.id);
            add(format!("{track}.opened_at"), json!(item.opened_at));
            add(format!("{track}.since"), json!(item.since));
            add(track, json!({ "reason": item.reason, "open": true }));
        }
    }
    facts
}

/// Returns the value; `None` for a value that stands for none: null, or false for a channel that was
/// not named.
fn told<'v>(track: &str, value: &'v Value) -> Option<&'v Value> {
    let unnamed = track.starts_with("channel[") && *value == json!(false);
    (!value.is_null() && !unnamed).then_some(value)
}

/// The greatest stamp of each track, kept independently of the fold to compute outcomes.
#[derive(Default)]
struct Latest(BTreeMap<(Agent, String), Stamp>);

/// The instant, version, kind and id of an event.
type Stamp = (Instant, u64, u8, String);

impl Latest {
    /// Adds an event. Returns whether it is the newest on a track, and whether it has the stamp of the
    /// newest.
    fn add(&mut self, agent: Agent, event: &Event<'_>) -> (bool, bool) {
        let (mut newest, mut tied) = (false, false);
        let (stamp, tracks) = stamped(event).expect("an accepted event has tracks");
        for track in tracks {
            let last = self.0.entry((agent, track)).or_insert((Instant::MIN, 0, 0, String::new()));
            newest |= stamp > *last;
            tied |= stamp == *last;
            *last = stamp.clone().max(last.clone());
        }
        (newest, tied)
    }
}

/// Returns the stamp and the tracks of an event, by the contract's table.
fn stamped(event: &Event<'_>) -> Option<(Stamp, Vec<String>)> {
    let (at, id, version) = match event {
        Event::Availability(event) => (event.updated_at, &event.id, event.detail.version),
        Event::Chat(event) => (event.timestamp, &event.id, None),
        Event::Unknown(_) => return None,
    };
    let one = |kind, track: String| (kind, vec![track]);
    let (kind, tracks) = match event {
        Event::Availability(event) => match &event.body {
            Body::StateChanged { channel, .. } => one(0, format!("state[{channel}]")),
            Body::WorkItemAdded { work_item_id, .. } => {
                one(1, format!("work_item[{work_item_id}]"))
            }
            Body::WorkItemUpdated { work_item_id, .. } => {
                one(2, format!("work_item[{work_item_id}]"))
            }
            Body::WorkItemRemoved { work_item_id, .. } => {
                one(3, format!("work_item[{work_item_id}]"))
            }
            Body::MaxCapacityChanged { max_capacity } => {
                (4, max_capacity.iter().map(|c| format!("max_capacity[{}]", c.channel)).collect())
            }
            Body::UnifiedStateChanged { .. } => one(5, "unified_state".to_owned()),
            Body::ChannelCreated { channel } => one(6, format!("access[{channel}]")),
            Body::ChannelDeleted { channel } => {
                (7, vec![format!("access[{channel}]"), format!("state[{channel}]")])
            }
            Body::GroupsUpdated { .. } => one(8, "groups".to_owned()),
            _ => return None,
        },
        Event::Chat(event) => match event.field {
            ChatField::Status { .. } => one(9, "chat_status".to_owned()),
            ChatField::Engagements { .. } => one(10, "chat_engagements".to_owned()),
            _ => return None,
        },
        Event::Unknown(_) => return None,
    };
    Some(((at, version.unwrap_or(0), kind, id.to_string()), tracks))
}
