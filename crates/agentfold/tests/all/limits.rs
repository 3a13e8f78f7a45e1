//! What a fold does when it would hold more than it may.

use agentfold::rest::Page;
use agentfold::{Agent, Fold, Limit, Limits, Options, Outcome};
use proptest::prelude::*;
use serde_json::{Value, json};

fn limited(limit: Limit, most: usize) -> Fold {
    Fold::with_options(&Options::default().with_limits(Limits::default().with(limit, most)))
}

/// The text of an event of an agent, with a version.
fn event(kind: &str, agent: u64, version: u64, body: &str) -> String {
    format!(
        r#"{{"account_id": 2, "detail": {{"agent_id": "{agent}", "version": "{version}"}}, "id": "{kind}-{agent}-{version}",
            "type": "zen:event-type:agent.{kind}", "event": {{{body}, "updated_at": "2026-01-05T09:00:00Z"}}}}"#
    )
}

fn state(agent: u64, version: u64, channel: &str, state: &str) -> String {
    event(
        "state_changed",
        agent,
        version,
        &format!(r#""channel": "{channel}", "new_state": "{state}""#),
    )
}

fn item(agent: u64, version: u64, item: u64) -> String {
    let body = format!(r#""channel": "c", "work_item_id": "{item}", "reason": "OFFERED""#);
    event("work_item_added", agent, version, &body)
}

#[track_caller]
fn apply(fold: &mut Fold, event: &str) -> Outcome {
    // In bulk first, so that both ways of taking events in are compared.
    let mut bulk = fold.clone();
    let counts = bulk.read(event.as_bytes(), |bad| panic!("{bad}"));
    let outcome = fold.apply_bytes(event.as_bytes()).outcome;
    assert_eq!(counts.limit, u64::from(matches!(outcome, Outcome::Limit { .. })), "{event}");
    assert!(bulk == *fold, "{event}");
    outcome
}

/// Applies events and checks which exceed a limit, and that those change nothing.
#[track_caller]
fn check(limit: Limit, most: usize, events: &[(String, bool)]) {
    let mut fold = limited(limit, most);
    for (event, is_over) in events {
        let before = fold.save();
        let outcome = apply(&mut fold, event);
        assert_eq!(outcome == Outcome::Limit { limit }, *is_over, "{event}: {outcome}");
        assert_eq!(fold.save() == before, *is_over, "{event}");
    }
    // A repeat changes nothing, whatever the limit.
    for (event, _) in events.iter().filter(|(_, is_over)| !is_over) {
        let outcome = apply(&mut fold, event);
        assert!(matches!(outcome, Outcome::Duplicate | Outcome::Ignored), "{event}: {outcome}");
    }
}

#[test]
fn agents_are_limited_with_those_of_whom_no_event_was_accepted() {
    let unknown = event("lost_pen", 8, 1, r#""pen": 1"#);
    check(
        Limit::Agents,
        2,
        &[
            (state(7, 1, "c", "online"), false),
            (unknown, false),
            (state(9, 1, "c", "online"), true),
            (event("lost_pen", 9, 1, r#""pen": 1"#), true),
            (state(8, 2, "c", "online"), false),
            (state(7, 2, "d", "online"), false),
        ],
    );
}

#[test]
fn channels_are_limited_for_each_agent() {
    let capacity = |channels: &str| {
        event("max_capacity_changed", 7, 9, &format!(r#""maxCapacity": {{{channels}}}"#))
    };
    check(
        Limit::Channels,
        2,
        &[
            (state(7, 1, "a", "online"), false),
            (capacity(r#""b": {"current": 1}, "c": {"current": 1}"#), true),
            (state(7, 2, "b", "online"), false),
            (state(7, 3, "c", "online"), true),
            // Both are known.
            (capacity(r#""b": {"current": 1}, "a": {"current": 1}"#), false),
            (
                event(
                    "work_item_added",
                    7,
                    4,
                    r#""channel": "d", "work_item_id": "1", "reason": "OFFERED""#,
                ),
                true,
            ),
            (state(8, 1, "c", "online"), false),
            (state(7, 5, "a", "away"), false),
        ],
    );
}

#[test]
fn channels_and_items_that_are_known_do_not_count_again() {
    let capacity = r#""maxCapacity": {"a": {"current": 1}, "b": {"current": 1}}"#;
    let told = event("max_capacity_changed", 7, 2, capacity);
    check(Limit::Channels, 2, &[(state(7, 1, "a", "online"), false), (told, false)]);

    // Only a REST record names several items.
    let id = "agent_availabilities|7";
    let record = |items: &[u64]| {
        let items: Vec<String> =
            items.iter().map(|item| format!("{id}|channels|c|work_items|{item}")).collect();
        let refs: Vec<Value> =
            items.iter().map(|id| json!({"type": "work_items", "id": id})).collect();
        let channel = json!({
            "type": "channels", "id": format!("{id}|channels|c"), "attributes": {"name": "c"},
            "relationships": {"work_items": {"data": refs}},
        });
        let items = items.iter().map(
            |id| json!({"type": "work_items", "id": id, "attributes": {"reason": "ASSIGNED"}}),
        );
        let included: Vec<Value> = [channel].into_iter().chain(items).collect();
        let page = json!({
            "data": [{
                "type": "agent_availabilities", "id": id, "attributes": {"agent_id": 7},
                "relationships": {"channels": {"data": [{"type": "channels", "id": format!("{id}|channels|c")}]}},
            }],
            "included": included,
        });
        Page::parse(page.to_string().as_bytes()).expect("a page")
    };
    let mut fold = limited(Limit::WorkItems, 2);
    let at = "2026-01-05T10:00:00Z".parse().expect("an instant");
    let mut outcome = |items: &[u64]| fold.seed(2, &record(items), at).remove(0).applied.outcome;
    assert_eq!(outcome(&[1]), Outcome::Applied);
    assert_eq!(outcome(&[1, 2, 3]), Outcome::Limit { limit: Limit::WorkItems });
    assert_eq!(outcome(&[1, 2]), Outcome::Applied);
}

#[test]
fn work_items_are_limited_for_each_agent() {
    check(
        Limit::WorkItems,
        2,
        &[
            (item(7, 1, 1), false),
            (item(7, 2, 2), false),
            (item(7, 3, 3), true),
            (item(8, 1, 3), false),
            (event("work_item_removed", 7, 4, r#""channel": "c", "work_item_id": "1""#), false),
            (item(7, 5, 3), true),
            (state(7, 6, "c", "online"), false),
        ],
    );
}

#[test]
fn ranges_of_versions_are_limited_for_each_agent() {
    check(
        Limit::VersionRanges,
        2,
        &[
            (state(7, 1, "c", "online"), false),
            (state(7, 5, "c", "away"), false),
            (state(7, 9, "c", "online"), true),
            (state(7, 6, "c", "online"), false),
            (state(7, 4, "c", "online"), false),
            (state(7, 2, "c", "away"), false),
            (event("lost_pen", 7, 10, r#""pen": 1"#), true),
            (state(7, 3, "c", "online"), false),
            (state(7, 10, "c", "online"), false),
        ],
    );
}

#[test]
fn a_version_that_makes_no_range_is_not_limited() {
    let unversioned = state(8, 3, "c", "away").replace(r#", "version": "3""#, "");
    check(
        Limit::VersionRanges,
        1,
        &[
            (state(8, 5, "c", "online"), false),
            (unversioned, false),
            (state(8, 6, "c", "away"), false),
            (state(8, 4, "c", "online"), false),
            (state(8, 8, "c", "away"), true),
        ],
    );
}

#[test]
fn names_are_limited_and_those_that_nothing_uses_make_room() {
    // Nine names are always there. A channel and two states make twelve.
    let mut fold = limited(Limit::Names, 12);
    let over = Outcome::Limit { limit: Limit::Names };
    assert_eq!(apply(&mut fold, &state(7, 1, "c", "one")), Outcome::Applied);
    assert_eq!(apply(&mut fold, &state(7, 2, "c", "two")), Outcome::Applied);
    assert_eq!(apply(&mut fold, &state(7, 3, "c", "three")), over);
    assert_eq!(apply(&mut fold, &state(8, 1, "another", "one")), over);
    assert_eq!(apply(&mut fold, &state(7, 4, "c", "one")), Outcome::Applied);
    assert_eq!(apply(&mut fold, &state(8, 2, "c", "two")), Outcome::Applied);
    fold.forget(Agent::new(2, 7));
    assert_eq!(apply(&mut fold, &state(8, 3, "c", "three")), Outcome::Applied);
    assert_eq!(apply(&mut fold, &state(8, 4, "c", "four")), over);
}

#[test]
fn names_of_agents_that_were_restored_are_used() {
    let mut saved = Fold::new();
    saved.read(state(7, 1, "c", "one").as_bytes(), |bad| panic!("{bad}"));
    let mut fold = limited(Limit::Names, 12);
    fold.restore(&saved.save()).expect("saved");
    assert_eq!(apply(&mut fold, &state(8, 1, "c", "two")), Outcome::Applied);
    fold.forget(Agent::new(2, 8));
    assert_eq!(apply(&mut fold, &state(8, 1, "c", "three")), Outcome::Applied);
    assert_eq!(fold.state(Agent::new(2, 7)), saved.state(Agent::new(2, 7)));
}

#[test]
fn merging_and_restoring_are_not_limited() {
    let mut many = Fold::new();
    for agent in 1..9 {
        many.read(state(agent, 1, "c", "online").as_bytes(), |bad| panic!("{bad}"));
    }
    let mut few = limited(Limit::Agents, 2);
    few.restore(&many.save()).expect("saved");
    assert_eq!(few.len(), 8);
    few.merge(&many).expect("equal options");
    assert_eq!(few.save(), many.save());
    assert_eq!(
        apply(&mut few, &state(9, 1, "c", "online")),
        Outcome::Limit { limit: Limit::Agents }
    );
    assert_eq!(apply(&mut few, &state(8, 2, "c", "away")), Outcome::Applied);
}

proptest! {
    #[test]
    fn below_the_limits_nothing_changes(
        events in prop::collection::vec((1_u64..4, 1_u64..9, 0_u64..5, any::<bool>()), 0..60),
    ) {
        let limits = Limits::default()
            .with(Limit::Agents, 3)
            .with(Limit::WorkItems, 5)
            .with(Limit::Channels, 2)
            .with(Limit::Names, 40)
            .with(Limit::VersionRanges, 5);
        let mut limited = Fold::with_options(&Options::default().with_limits(limits));
        let mut free = Fold::new();
        for (agent, version, i, is_item) in events {
            let event = if is_item { item(agent, version, i) } else { state(agent, version, "d", &i.to_string()) };
            let outcome = limited.apply_bytes(event.as_bytes()).outcome;
            prop_assert_eq!(outcome, free.apply_bytes(event.as_bytes()).outcome);
        }
        prop_assert!(limited == free);
        prop_assert_eq!(limited.state(Agent::new(2, 1)), free.state(Agent::new(2, 1)));
    }
}
