//! What missing versions make doubtful (`measures.md`, "Doubt").

use agentfold::floor::{Doubt, Trust};
use agentfold::history::{Sign, Window};
use agentfold::rest::Page;
use agentfold::{Agent, Fold, Instant, Selection};

const TALK: &str = r#""channel":"talk""#;

fn at(time: &str) -> Instant {
    format!("2026-01-05T{time}:00Z").parse().expect("valid")
}

/// An event of one agent: its version, its time, its type, and what it says.
fn event(version: u64, time: &str, kind: &str, says: &str) -> String {
    format!(
        r#"{{"account_id":2,"detail":{{"agent_id":"7","version":"{version}"}},"id":"{version}",
            "event":{{"updated_at":"2026-01-05T{time}:00Z",{says}}},"type":"zen:event-type:agent.{kind}"}}"#
    )
}

fn state(version: u64, time: &str, previous: &str, new: &str) -> String {
    let says = format!(r#"{TALK},"previous_state":"{previous}","new_state":"{new}""#);
    event(version, time, "state_changed", &says)
}

fn item(version: u64, time: &str, kind: &str, id: u64, reason: &str) -> String {
    let previous = match kind {
        "updated" => r#","previous_reason":"OFFERED""#,
        _ => "",
    };
    let says = format!(r#"{TALK},"work_item_id":"{id}","reason":"{reason}"{previous}"#);
    event(version, time, &format!("work_item_{kind}"), &says)
}

fn fold<'e>(events: impl IntoIterator<Item = &'e String>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.read(event.as_bytes(), |bad| panic!("{bad:?}"));
    }
    fold
}

/// The doubtful parts of a track in a whole day.
fn doubtful(fold: &Fold, track: &str) -> Vec<(Instant, Instant)> {
    doubtful_as_of(fold, track, "18:00")
}

/// Those that are known as of a time of the day.
fn doubtful_as_of(fold: &Fold, track: &str, as_of: &str) -> Vec<(Instant, Instant)> {
    let window = Window { from: at("08:00"), to: at("18:00"), as_of: at(as_of) };
    let track = track.parse().expect("a track");
    let intervals = fold.intervals(Agent::new(2, 7), Some(&track), &window).expect("a track");
    let parts = intervals.iter().flat_map(|interval| &interval.doubtful);
    parts.map(|part| (part.from, part.to)).collect()
}

#[test]
fn a_dispute_is_doubted_from_the_gap_on_and_a_late_event_settles_it() {
    let events = [
        state(1, "09:00", "offline", "online"),
        item(2, "10:00", "added", 5, "ASSIGNED"),
        item(4, "11:00", "removed", 5, "WORK_ITEM_SOLVED"),
        state(5, "12:00", "away", "offline"),
    ];
    let mut fold = fold(&events);
    assert_eq!(doubtful(&fold, "state[talk]"), [(at("10:00"), at("12:00"))]);
    let late = state(3, "10:30", "online", "away");
    fold.read(late.as_bytes(), |bad| panic!("{bad:?}"));
    assert_eq!(doubtful(&fold, "state[talk]"), []);
}

#[test]
fn an_item_whose_removal_never_came_is_doubted_from_the_gap_on() {
    let events = [
        item(1, "09:00", "added", 5, "ASSIGNED"),
        item(2, "10:00", "added", 6, "ASSIGNED"),
        item(4, "11:00", "removed", 6, "WORK_ITEM_SOLVED"),
    ];
    let fold = fold(&events);
    assert_eq!(doubtful(&fold, "work_item[5]@talk"), [(at("10:00"), at("18:00"))]);
    // Its removal confirms that it was open.
    assert_eq!(doubtful(&fold, "work_item[6]@talk"), []);
    let parts = [(at("10:00"), at("11:00")), (at("11:00"), at("18:00"))];
    assert_eq!(doubtful(&fold, "load[talk]"), parts);
    let floor = fold.floor(at("12:00"), &Trust::default(), &Selection::all()).expect("no cut");
    let agent = &floor[0].agents[0];
    assert_eq!((agent.load, agent.load_least), (1, 0));
    assert!(agent.doubts.contains(&Doubt::Unconfirmed));
}

#[test]
fn an_anomaly_is_a_doubt_of_its_channel_for_as_long_as_it_is_near() {
    let away = r#""channel":"support","new_state":"away""#;
    let fold = fold(&[
        state(1, "09:00", "offline", "online"),
        event(2, "09:30", "state_changed", away),
        state(3, "10:00", "away", "offline"),
    ]);
    let doubts = |time| {
        let floor = fold.floor(at(time), &Trust::default(), &Selection::all()).expect("no cut");
        floor.into_iter().map(|channel| channel.agents[0].doubts.clone()).collect::<Vec<_>>()
    };
    assert_eq!(doubts("10:00"), [vec![], vec![Doubt::Gap]]);
    assert_eq!(doubts("10:15"), [vec![], vec![Doubt::Gap]]);
    assert_eq!(doubts("10:16"), [vec![], vec![]]);
}

#[test]
fn what_is_missing_after_a_cut_is_doubted_from_the_last_event_before_it() {
    let events = [
        state(1, "09:00", "offline", "online"),
        state(2, "10:00", "online", "away"),
        item(4, "11:00", "added", 5, "ASSIGNED"),
        state(5, "12:00", "online", "offline"),
    ];
    let mut fold = fold(&events);
    assert_eq!(doubtful(&fold, "state[talk]"), [(at("10:00"), at("12:00"))]);
    fold.compact(at("10:30"));
    // Version 2 is before the cut, and version 3 may be of any time from it to version 4.
    assert_eq!(doubtful(&fold, "state[talk]"), [(at("10:30"), at("12:00"))]);
    // No version after the cut is missing, so what is disputed is doubtful in full.
    fold.compact(at("11:30"));
    assert_eq!(doubtful(&fold, "state[talk]"), [(at("11:30"), at("12:00"))]);
}

#[test]
fn a_load_is_doubted_in_one_part_however_many_items_are() {
    let fold = fold(&[
        item(1, "09:00", "added", 5, "ASSIGNED"),
        state(2, "10:00", "offline", "online"),
        item(4, "10:30", "added", 6, "ASSIGNED"),
        state(5, "11:00", "online", "away"),
        state(7, "12:00", "away", "online"),
    ]);
    assert_eq!(doubtful(&fold, "work_item[5]@talk"), [(at("10:00"), at("18:00"))]);
    assert_eq!(doubtful(&fold, "work_item[6]@talk"), [(at("11:00"), at("18:00"))]);
    // The load changes at 10:30, and there an interval begins.
    let parts = [(at("10:00"), at("10:30")), (at("10:30"), at("18:00"))];
    assert_eq!(doubtful(&fold, "load[talk]"), parts);
}

#[test]
fn a_gap_is_known_once_the_event_after_it_is() {
    let fold = fold(&[
        state(1, "09:00", "offline", "online"),
        item(2, "10:00", "added", 5, "ASSIGNED"),
        item(4, "11:00", "removed", 5, "WORK_ITEM_SOLVED"),
    ]);
    let parts = |as_of| doubtful_as_of(&fold, "state[talk]", as_of);
    assert_eq!(parts("10:59"), []);
    assert_eq!(parts("11:00"), [(at("10:00"), at("11:00"))]);
}

#[test]
fn a_gap_begins_at_what_was_dropped_before_the_cut() {
    let mut fold = fold(&[
        item(1, "09:00", "added", 5, "ASSIGNED"),
        item(2, "10:00", "removed", 5, "WORK_ITEM_SOLVED"),
        state(4, "11:00", "offline", "online"),
    ]);
    assert_eq!(doubtful(&fold, "state[talk]"), [(at("09:00"), at("11:00"))]);
    fold.compact(at("10:30"));
    assert_eq!(doubtful(&fold, "state[talk]"), [(at("10:30"), at("11:00"))]);
}

#[test]
fn a_gap_after_an_event_without_effect_is_none() {
    let chat = r#"{"account_id":2,"agent_id":7,"field_name":"status","id":"c","timestamp":"2026-01-05T09:00:00Z","value":"away"}"#;
    let events = [
        event(1, "08:30", "lost_pen", r#""pen":1"#),
        chat.to_owned(),
        state(3, "10:00", "offline", "online"),
    ];
    assert_eq!(doubtful(&fold(&events), "state[talk]"), []);
}

#[test]
fn a_gap_before_the_first_event_is_none() {
    let events = [state(3, "10:00", "online", "away"), state(4, "11:00", "online", "offline")];
    assert_eq!(doubtful(&fold(&events), "state[talk]"), [(at("10:00"), at("11:00"))]);
    let events = [state(3, "10:00", "online", "away"), state(4, "11:00", "away", "offline")];
    assert_eq!(doubtful(&fold(&events), "state[talk]"), []);
}

#[test]
fn an_item_whose_opening_never_came_is_doubted_up_to_the_gap() {
    let events = [
        state(1, "09:00", "offline", "online"),
        state(2, "10:00", "online", "away"),
        state(4, "11:00", "away", "online"),
        item(5, "12:00", "removed", 5, "WORK_ITEM_SOLVED"),
    ];
    let fold = fold(&events);
    assert_eq!(doubtful(&fold, "work_item[5]@talk"), [(at("09:00"), at("11:00"))]);
    assert_eq!(doubtful(&fold, "state[talk]"), []);
    // An item that is only inferred to be open is not in the load.
    assert_eq!(doubtful(&fold, "load[talk]"), []);
}

#[test]
fn an_offer_that_ends_with_a_removal_may_have_been_accepted() {
    let gap = |reason: &str| {
        fold(&[
            item(1, "09:00", "added", 5, reason),
            item(3, "10:00", "removed", 5, "WORK_ITEM_SOLVED"),
        ])
    };
    assert_eq!(doubtful(&gap("OFFERED"), "work_item[5]@talk"), [(at("09:00"), at("10:00"))]);
    assert_eq!(doubtful(&gap("ASSIGNED"), "work_item[5]@talk"), []);
}

#[test]
fn a_state_without_access_to_the_channel_contradicts_that() {
    let events = [
        event(1, "09:00", "channel_deleted", TALK),
        event(2, "09:30", "groups_updated", r#""new_group_ids":["1"]"#),
        state(4, "10:00", "offline", "online"),
    ];
    assert_eq!(doubtful(&fold(&events[..2]), "access[talk]"), []);
    assert_eq!(doubtful(&fold(&events), "access[talk]"), [(at("09:30"), at("18:00"))]);
    // A state that comes with access says nothing of the time before.
    let again = [
        event(1, "09:00", "channel_deleted", TALK),
        event(3, "10:00", "channel_created", TALK),
        state(4, "10:00", "offline", "online"),
    ];
    assert_eq!(doubtful(&fold(&again), "access[talk]"), []);
}

#[test]
fn a_record_that_states_another_value_contradicts_the_one_before() {
    let stated = |name: &str| {
        let id = "agent_availabilities|7";
        let page = format!(
            r#"{{"data": [{{"type": "agent_availabilities", "id": "{id}",
                "attributes": {{"agent_id": 7, "version": 2}},
                "relationships": {{"channels": {{"data": [{{"type": "channels", "id": "{id}|channels|talk"}}]}}}}}}],
                "included": [{{"type": "channels", "id": "{id}|channels|talk",
                "attributes": {{"name": "talk", "status": "{name}", "updated_at": "2026-01-05T10:00:00Z"}}}}]}}"#
        );
        let mut fold = fold(&[state(1, "09:00", "offline", "online")]);
        fold.seed(2, &Page::parse(page.as_bytes()).expect("a page"), at("10:00"));
        doubtful(&fold, "state[talk]")
    };
    assert_eq!(stated("online"), []);
    assert_eq!(stated("away"), [(at("09:00"), at("10:00"))]);
}

#[test]
fn without_versions_or_with_sparse_ones_only_disputes_are_doubted() {
    let day = |version: fn(u64) -> u64| {
        fold(&[
            state(version(1), "09:00", "offline", "online"),
            item(version(2), "09:10", "added", 5, "ASSIGNED"),
            state(version(3), "10:00", "online", "away"),
            state(version(4), "11:00", "away", "online"),
            state(version(5), "12:00", "away", "offline"),
            item(version(6), "13:00", "removed", 6, "WORK_ITEM_SOLVED"),
        ])
    };
    for (fold, is_sparse) in [(day(|place| 2 * place), true), (day(|_| 0), false)] {
        assert_eq!(fold.sparse_agents().count(), usize::from(is_sparse));
        assert_eq!(doubtful(&fold, "state[talk]"), [(at("11:00"), at("12:00"))]);
        assert_eq!(doubtful(&fold, "work_item[5]@talk"), []);
        assert_eq!(doubtful(&fold, "work_item[6]@talk"), [(at("09:00"), at("13:00"))]);
        let missing = fold.anomalies().into_iter().find_map(|anomaly| match anomaly.sign {
            Sign::MissingVersions { sparse, .. } => Some(sparse),
            _ => None,
        });
        assert_eq!(missing, is_sparse.then_some(true));
        let trust = Trust::default();
        let floor = fold.floor(at("13:00"), &trust, &Selection::all()).expect("no cut");
        let doubts = &floor[0].agents[0].doubts;
        assert!(!doubts.contains(&Doubt::MissingVersions), "{doubts:?}");
        assert!(!doubts.contains(&Doubt::Unconfirmed), "{doubts:?}");
    }
}

#[test]
fn an_event_of_a_wrong_year_hides_no_other_gap() {
    let groups = event(9, "12:30", "groups_updated", r#""new_group_ids":["1"]"#);
    let events = [
        state(1, "09:00", "offline", "online"),
        item(2, "10:00", "added", 5, "ASSIGNED"),
        item(4, "11:00", "removed", 5, "WORK_ITEM_SOLVED"),
        state(5, "12:00", "away", "offline"),
        groups.replace("2026-01-05T12:30", "1970-01-01T00:00"),
    ];
    assert_eq!(doubtful(&fold(&events), "state[talk]"), [(at("10:00"), at("12:00"))]);
}
