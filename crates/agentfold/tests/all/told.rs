//! Events exported in the format of the Chat export state the same as the availability events.

use agentfold::event::{Chat, ChatField};
use agentfold::export::{Exported, Served, answer, told_corrections};
use agentfold::{Agent, Event, Fold, Instant};
use agentfold_simulate::Simulation;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::adversary::{events, streams};

fn at(text: &str) -> Instant {
    text.parse().expect("an instant")
}

fn fold<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

/// Returns the fold of exported events.
fn refold(told: &[Chat<'static>]) -> Fold {
    let told: Vec<Event<'_>> = told.iter().cloned().map(Event::Chat).collect();
    fold(&told)
}

#[test]
fn what_is_told_folds_to_the_states_and_loads_of_the_channel() {
    let floor = Simulation { agents: 20, hours: 20, ..Simulation::default() };
    let lines: Vec<String> = floor.events().collect();
    let fold = fold(&events(&lines));
    for (asked, told_until) in [
        ("2026-01-05T06:00:00Z", "2026-01-05T05:54:59.999999999Z"),
        ("2026-01-06T00:00:00Z", "2026-01-05T23:54:59.999999999Z"),
    ] {
        let told = fold.tell_chat("messaging", Instant::MIN, at(asked));
        assert!(told.is_sorted_by_key(|chat| chat.timestamp));
        let refolded = refold(&told);
        let mut agents = 0;
        for agent in fold.agents() {
            let then = fold.state_at(agent, at(told_until)).expect("no history was compacted");
            let Some(messaging) = then.and_then(|then| then.channels.get("messaging").cloned())
            else {
                continue;
            };
            let chat = refolded.state(agent).and_then(|state| state.chat);
            let status = messaging.state.map(|state| state.replace("transfers_only", "away"));
            // The state of a deleted channel is unknown, which the export can't express.
            if status.is_some() {
                assert_eq!(chat.as_ref().and_then(|chat| chat.status.clone()), status);
            }
            let engagements = chat.and_then(|chat| chat.engagements).unwrap_or(0);
            assert_eq!(engagements, messaging.load, "{agent}");
            agents += 1;
        }
        assert!(agents > 10);
        // Without losses every stated previous value is correct, so nothing is disputed.
        assert_eq!(refolded.anomalies(), []);
    }
}

#[test]
fn what_happened_at_the_start_itself_is_told() {
    let lines: Vec<String> =
        Simulation { agents: 3, hours: 3, ..Simulation::default() }.events().collect();
    let fold = fold(&events(&lines));
    let (first, _) = fold.first_and_last_event_at().expect("there are events");
    let now = at("2026-02-01T00:00:00Z");
    let told = fold.tell_chat("messaging", Instant::MIN, now);
    assert_eq!(fold.tell_chat("messaging", first, now), told);
    for chat in &told {
        // The instant of the change may be later than the exported one, by less than a microsecond.
        let from =
            Instant::from_unix(chat.timestamp.unix_seconds(), chat.timestamp.subsec_nanos() + 999);
        assert!(
            fold.tell_chat("messaging", from.expect("in range"), now).contains(chat),
            "{}",
            chat.id
        );
    }
}

/// A fold of events on the channel `talk`: of each its agent, its time of day, and its kind with what it says.
fn of_talk(told: &[(u64, &str, &str)]) -> Fold {
    let event = |(id, (agent, time, says)): (usize, &(u64, &str, &str))| {
        let (kind, rest) = says.split_once(' ').expect("a kind");
        format!(
            r#"{{"account_id": 2, "detail": {{"agent_id": "{agent}"}}, "id": "{id}",
                "event": {{"updated_at": "2026-01-05T{time}Z", "channel": "talk", {rest}}},
                "type": "zen:event-type:agent.{kind}"}}"#
        )
    };
    let lines: Vec<String> = told.iter().enumerate().map(event).collect();
    fold(&events(&lines))
}

#[test]
fn the_last_five_minutes_are_held_back() {
    let fold = of_talk(&[
        (7, "09:00:00", r#"work_item_added "work_item_id": "1", "reason": "ASSIGNED""#),
        (8, "09:00:00", r#"state_changed "new_state": "online""#),
    ]);
    let count = |now| fold.tell_chat("talk", Instant::MIN, at(now)).len();
    assert_eq!(count("2026-01-05T09:05:00Z"), 0);
    assert_eq!(count("2026-01-05T09:05:00.000000001Z"), 2);
}

#[test]
fn changes_within_a_microsecond_are_told_as_one() {
    let fold = of_talk(&[
        (
            7,
            "09:00:00.000000100",
            r#"state_changed "previous_state": "offline", "new_state": "online""#,
        ),
        (
            7,
            "09:00:00.000000900",
            r#"state_changed "previous_state": "online", "new_state": "away""#,
        ),
        (
            7,
            "09:00:00.000001000",
            r#"state_changed "previous_state": "away", "new_state": "online""#,
        ),
        (
            8,
            "09:00:00.000000100",
            r#"state_changed "previous_state": "away", "new_state": "online""#,
        ),
        (
            8,
            "09:00:00.000000900",
            r#"state_changed "previous_state": "online", "new_state": "away""#,
        ),
    ]);
    let told = fold.tell_chat("talk", Instant::MIN, at("2026-01-05T10:00:00Z"));
    let told: Vec<_> = told.into_iter().map(|chat| (chat.agent_id.get(), chat.field)).collect();
    let status = |from: &'static str, to: &'static str| ChatField::Status {
        previous_value: Some(from.into()),
        value: to.into(),
    };
    assert_eq!(told, [(7, status("offline", "away")), (7, status("away", "online"))]);
}

#[test]
fn a_page_that_begins_after_an_id_goes_on_to_the_next_change_however_late() {
    let online = r#"state_changed "new_state": "online""#;
    let fold = of_talk(&[
        (7, "09:00:00", online),
        (8, "09:00:00", online),
        (9, "09:00:00", online),
        (7, "13:00:00", r#"state_changed "new_state": "away""#),
    ]);
    let now = at("2026-01-05T18:00:00Z");
    let told = fold.tell_chat("talk", Instant::MIN, now);
    let served = Served { url: "", now, end: None };
    let query =
        format!("start_time={}&start_id={}&limit=1", told[2].timestamp.unix_seconds(), told[2].id);
    let page = fold.answer_export("talk", &query, &served);
    assert!(page.body.contains(&*told[3].id), "{}", page.body);
}

#[test]
fn a_page_of_a_long_history_is_answered_as_from_all_of_its_events() {
    let floor = Simulation { agents: 8, hours: 60, drop: 0.05, ..Simulation::default() };
    let lines: Vec<String> = floor.events().collect();
    let fold = fold(&events(&lines));
    let now = at("2026-02-01T00:00:00Z");
    let served = Served { url: "", now, end: None };
    let all = fold.tell_chat("messaging", Instant::MIN, now);
    for limit in [1, 7, 100, 1000] {
        // From the beginning, from long before, and from within.
        for start in [1_767_571_200, 0, 1_767_571_200 + 90_000] {
            let mut query = format!("start_time={start}&limit={limit}");
            let mut pages = 0;
            loop {
                let page = fold.answer_export("messaging", &query, &served);
                assert_eq!(
                    page,
                    answer(&query, all.iter().map(Exported::from), &served),
                    "{query}"
                );
                let data: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
                let next = data["next_page"].as_str().and_then(|next| next.split_once('?'));
                let Some((_, next)) = next.filter(|_| pages < 30) else {
                    break;
                };
                query = next.to_owned();
                pages += 1;
            }
            assert!(pages > 0 || all.len() < limit || start > 1_767_571_200, "{}", all.len());
        }
    }
}

proptest! {
    #[test]
    fn the_export_of_a_fold_is_answered_as_from_all_of_its_events(
        lines in streams(), start in -5..9_i64, limit in 1..6_usize, cut in any::<bool>(),
    ) {
        let (now, mut fold) = (at("2030-01-01T00:00:00Z"), fold(&events(&lines)));
        if cut {
            fold.compact(Instant::from_unix(1_680_737_451, 0).expect("in range"));
        }
        let served = Served { url: "", now, end: None };
        for channel in ["messaging", "talk"] {
            let all = fold.tell_chat(channel, Instant::MIN, now);
            let mut query = format!("start_time={}&limit={limit}", 1_680_737_450 + start);
            for _ in 0..50 {
                let page = fold.answer_export(channel, &query, &served);
                let whole = answer(&query, all.iter().map(Exported::from), &served);
                prop_assert_eq!(&page, &whole, "{}", query);
                let data: serde_json::Value = serde_json::from_str(&page.body).expect("JSON");
                let Some((_, next)) = data["next_page"].as_str().and_then(|n| n.split_once('?')) else {
                    break;
                };
                query = next.to_owned();
            }
        }
        prop_assert_eq!(fold.answer_export("talk", "limit=x", &served).status, 400);
    }

    #[test]
    fn what_late_events_change_is_told_as_corrections(
        lines in streams(), late in any::<Index>(), second in 0..6_i64,
    ) {
        let events = events(&lines);
        let until = Instant::from_unix(1_680_737_450 + second, 500).expect("in range");
        let now = Instant::from_unix(1_680_737_750 + second, 500).expect("in range");
        let later = at("2030-01-01T00:00:00Z");
        let on_time = fold(&events[..late.index(events.len() + 1)]);
        let all = fold(&events);
        for channel in ["support", "chat", "no such"] {
            let before = on_time.tell_chat(channel, Instant::MIN, now);
            prop_assert!(before.iter().all(|chat| chat.timestamp <= until));
            let after = all.tell_chat(channel, Instant::MIN, later);
            let mut told = before.clone();
            for correction in told_corrections(&before, &after, until) {
                prop_assert_ne!(&correction.before, &correction.after);
                told.retain(|chat| Some(chat) != correction.before.as_ref());
                told.extend(correction.after);
            }
            told.extend(after.iter().filter(|chat| chat.timestamp > until).cloned());
            told.sort_by(|a, b| (a.timestamp, &a.id).cmp(&(b.timestamp, &b.id)));
            prop_assert_eq!(told, after);
            let mut ids: Vec<(Agent, String)> =
                before.iter().map(|chat| (chat.agent(), chat.id.to_string())).collect();
            ids.sort_unstable();
            prop_assert!(ids.is_sorted_by(|a, b| a < b), "duplicate ids");
        }
    }
}
