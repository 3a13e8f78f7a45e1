//! Streams of events in Zendesk's format: some simulated, some made to collide.

use std::collections::BTreeSet;

use agentfold::event::InstantFrom;
use agentfold::{Event, Instant};
use agentfold_simulate::{Feed, Simulation};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

/// Streams of events in order of arrival, one event per line.
pub(crate) fn streams() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![7 => prop::collection::vec(colliding(), 0..40), 1 => simulated()]
}

/// Returns the events of lines.
pub(crate) fn events(lines: &[String]) -> Vec<Event<'_>> {
    lines.iter().map(|line| Event::parse(line.as_bytes()).expect("a valid event")).collect()
}

/// Returns an instant of the stream, or one at its beginning.
pub(crate) fn instant(events: &[Event<'_>], index: Index) -> Instant {
    let instants: BTreeSet<Instant> = events.iter().filter_map(at).collect();
    let instants: Vec<Instant> = instants.into_iter().collect();
    if instants.is_empty() { Instant::MIN } else { *index.get(&instants) }
}

/// Returns when an event took effect; `None` for an unknown type.
pub(crate) fn at(event: &Event<'_>) -> Option<Instant> {
    event.at(InstantFrom::UpdatedAt).expect("events of streams have an instant")
}

/// The events of a small contact centre: some lost, some duplicated, most out of order.
fn simulated() -> impl Strategy<Value = Vec<String>> {
    any::<u64>().prop_map(|seed| {
        let faults =
            Simulation { drop: 0.05, duplicate: 0.1, shuffle: 300, ..Simulation::default() };
        Simulation { agents: 3, hours: 1, seed, feed: Feed::Both, ..faults }
            .events()
            .take(150)
            .collect()
    })
}

/// One of so few events that many share a track, an instant, a version or an id, and some a stamp.
fn colliding() -> impl Strategy<Value = String> {
    let agent = select(vec![(2, 7), (2, 7), (2, 8), (3, 7)]);
    let kind = select(vec![
        "state_changed",
        "work_item_added",
        "work_item_added",
        "work_item_updated",
        "work_item_updated",
        "work_item_removed",
        "work_item_removed",
        "max_capacity_changed",
        "unified_state_changed",
        "channel_created",
        "channel_deleted",
        "groups_updated",
        "status",
        "engagements",
        "mood_changed",
    ]);
    let stamp = (0..4_u8, select(vec![None, None, Some(1), Some(4)]), 0..2_usize);
    let channel = select(vec!["support", "support", "chat", "talk"]);
    let values = (channel, select(vec!["1", "02"]), 0..4_usize, 0..5_usize);
    let all = (agent, kind, stamp, values, any::<bool>());
    all.prop_map(|(agent, kind, stamp, (channel, item, new, old), usual)| {
        let (second, version, id) = stamp;
        let at = format!("2023-04-05T23:30:5{second}.000000001Z");
        let id = ["a", "01GX79ST1QX01C889XV42S2J5T"][id];
        let (account_id, agent_id) = agent;
        if let "status" | "engagements" = kind {
            let value = |place: usize| match kind {
                "status" => json!(["online", "away", "offline", "invisible"].get(place)),
                _ => json!((place < 4).then_some(place)),
            };
            return json!({
                "account_id": account_id, "agent_id": agent_id, "field_name": kind, "id": id,
                "previous_value": value(old), "timestamp": at, "value": value(new),
            })
            .to_string();
        }
        let mut event = change(kind, channel, item, new, old);
        event["updated_at"] = json!(at);
        let kind = format!("zen:event-type:agent.{kind}");
        let detail = json!({ "account_id": account_id, "agent_id": agent_id, "version": version });
        let mut event = json!({ "detail": detail, "event": event, "id": id, "type": kind });
        if !usual {
            return event.to_string();
        }
        // In Zendesk's own format, for readers that expect it.
        event["account_id"] = json!(account_id);
        event["subject"] = json!(format!("zen:agent:{agent_id}"));
        event["time"] = json!("2023-04-05T23:31:00Z");
        event["zendesk_event_version"] = json!("2022-11-06");
        Event::parse(event.to_string().as_bytes()).expect("a good event").to_json()
    })
}

/// Returns the fields of a webhook of some kind. `new` and `old` are indexes into short lists of
/// values. If `old` is past the end, no previous value is stated.
fn change(kind: &str, channel: &str, item: &str, new: usize, old: usize) -> Value {
    const REASONS: [&str; 4] = ["OFFERED", "ACCEPTED", "CHANNEL_CHANGE", "ASSIGNED"];
    const STATES: [&str; 4] = ["online", "away", "offline", "online"];
    const LIMITS: [Option<u64>; 4] = [None, Some(0), Some(1), Some(2)];
    const GROUPS: [&[&str]; 4] = [&[], &["1", "2"], &["2", "1"], &["10", "9", "vip"]];
    let unified = |place: usize| {
        let id = ["2", "3", "3", "4"].get(place)?;
        Some(
            json!({ "id": id, "name": STATES[place], "reason": (place > 1).then_some("PUBLIC_API") }),
        )
    };
    match kind {
        "state_changed" => {
            json!({ "channel": channel, "new_state": STATES[new], "previous_state": STATES.get(old) })
        }
        "work_item_added" => {
            json!({ "work_item_id": item, "channel": channel, "reason": REASONS[new] })
        }
        "work_item_updated" => json!({
            "work_item_id": item, "channel": channel,
            "reason": REASONS[new], "previous_reason": REASONS.get(old),
        }),
        "work_item_removed" => {
            json!({ "work_item_id": item, "channel": channel, "reason": (old > 1).then_some("REMOVED") })
        }
        "max_capacity_changed" => {
            let mut capacity = json!({ channel: { "current": LIMITS[new] } });
            match old {
                0 => return json!({ "maxCapacity": {} }),
                1 => capacity["messaging"] = json!({ "current": 1 }),
                _ => capacity[channel]["previous"] = json!(LIMITS[old - 1]),
            }
            json!({ "maxCapacity": capacity })
        }
        "unified_state_changed" => {
            json!({ "new_unified_state": unified(new), "previous_unified_state": unified(old) })
        }
        "groups_updated" => {
            json!({ "new_group_ids": GROUPS[new], "previous_group_ids": GROUPS.get(old) })
        }
        _ => json!({ "channel": channel }),
    }
}
