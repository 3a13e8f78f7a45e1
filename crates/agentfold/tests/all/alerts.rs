//! Alerts agree with the states that they are about, whatever the events and their order.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use agentfold::alert::{Alert, AlertKind, Episode, Thresholds, episodes};
use agentfold::{Agent, AgentState, ErrorKind, Event, Fold, Instant, Selection};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::adversary::{at, events, instant, streams};

/// Thresholds that nearly everything exceeds.
fn low() -> Thresholds {
    let channels = ["support", "chat", "talk", "messaging"];
    let states = ["online", "away", "offline", "3"];
    let entry = |channel: Option<&str>, state: &str| serde_json::json!({ "state": state, "channel": channel, "longer_than": 0 });
    let on = channels.into_iter().map(Some).chain([None]);
    let state: Vec<_> = on.flat_map(|channel| states.map(|state| entry(channel, state))).collect();
    let nobody_free: Vec<_> = channels
        .into_iter()
        .flat_map(|channel| {
            [None, Some("1")].map(|group_id| {
                serde_json::json!({ "channel": channel, "group_id": group_id, "longer_than": "0s" })
            })
        })
        .collect();
    let thresholds = serde_json::json!({
        "state": state, "nobody_free": nobody_free,
        "load": [{ "share": 0.5 }, { "channel": "talk", "share": 0 }], "channel_load": [{ "share": 0.5 }],
        "silence": { "longer_than": 0 }, "account_silence": { "longer_than": 0 },
        "work_item": [{ "longer_than": 0 }],
    });
    serde_json::from_value(thresholds).expect("thresholds")
}

fn fold<'e>(events: impl IntoIterator<Item = &'e Event<'e>>) -> Fold {
    let mut fold = Fold::new();
    for event in events {
        fold.apply(event);
    }
    fold
}

fn alerts(fold: &Fold, at: Instant) -> Vec<Alert> {
    fold.alerts(&low(), at, &Selection::all()).expect("no cut")
}

/// The instants at which something happened, and those just before and after.
fn instants(events: &[Event<'_>]) -> Vec<Instant> {
    let moment = Duration::from_nanos(1);
    let around = |at: Instant| [at.saturating_sub(moment), at, at.saturating_add(moment)];
    let all: BTreeSet<Instant> = events.iter().filter_map(at).flat_map(around).collect();
    all.into_iter().collect()
}

/// The states of an account's agents at an instant.
fn states(fold: &Fold, account_id: agentfold::Id, at: Instant) -> Vec<AgentState> {
    let agents = fold.agents().filter(|agent| agent.account_id == account_id);
    agents.filter_map(|agent| fold.state_at(agent, at).expect("no cut")).collect()
}

/// Whether the condition of an alert holds at an instant, by the states alone.
fn holds(fold: &Fold, alert: &Alert, at: Instant) -> bool {
    let all = states(fold, alert.account_id, at);
    let of_agent = all.iter().find(|state| Some(state.agent.agent_id) == alert.agent_id);
    let channel = alert.channel.as_deref().unwrap_or_default();
    let on = |state: &AgentState| state.channels.get(channel).cloned();
    let standing = |state: &AgentState| {
        let on = on(state)?;
        let counts = on.access != Some(false) && on.state.as_deref() == Some("online");
        Some((on.load, on.max_capacity.filter(|_| counts)?))
    };
    let is_over = |load: u64, max: u64| match max {
        0 => load > 0,
        _ => load as f64 / max as f64 > alert.threshold_share.expect("a share"),
    };
    match alert.kind {
        AlertKind::State => of_agent.is_some_and(|state| {
            let Some(name) = &alert.channel else {
                let unified = state.unified_state.as_ref().map(|now| now.since);
                let status = state.chat.as_ref().and_then(|chat| chat.since);
                return unified.or(status) == Some(alert.since);
            };
            state.channels.get(name).is_some_and(|on| on.state == alert.state)
        }),
        AlertKind::NobodyFree => {
            let in_group = |state: &AgentState| {
                let groups = state.group_ids.as_deref().unwrap_or_default();
                alert.group_id.as_ref().is_none_or(|group| groups.contains(group))
            };
            let accepts = |state| on(state).is_some_and(|on| on.accepting == Some(true));
            all.iter().any(|state| in_group(state) && state.channels.contains_key(channel))
                && !all.iter().any(|state| in_group(state) && accepts(state))
        }
        AlertKind::Load => {
            of_agent.and_then(standing).is_some_and(|(load, max)| is_over(load, max))
        }
        AlertKind::ChannelLoad => {
            let (loads, maxima): (Vec<u64>, Vec<u64>) = all.iter().filter_map(standing).unzip();
            is_over(loads.iter().sum(), maxima.iter().sum())
        }
        AlertKind::Silence | AlertKind::AccountSilence => {
            let heard = all.iter().filter(|state| {
                alert.agent_id.is_none_or(|agent_id| state.agent.agent_id == agent_id)
            });
            heard.map(|state| state.last_event_at).max().is_some_and(|last| last == alert.since)
        }
        AlertKind::WorkItem => of_agent.is_some_and(|state| {
            let items = state.channels.values().flat_map(|on| &on.work_items);
            items.map(|item| &item.id).any(|id| Some(id) == alert.work_item_id.as_ref())
        }),
        _ => panic!("a kind without a check"),
    }
}

/// What an alert is about: its episode without the beginning.
fn subject(alert: &Alert) -> String {
    let (subject, _) = alert.episode.rsplit_once('/').expect("a path");
    subject.to_owned()
}

fn kinds(alerts: &[Alert]) -> BTreeSet<AlertKind> {
    alerts.iter().map(|alert| alert.kind).collect()
}

proptest! {
    // Each case looks at many instants.
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_holds_from_its_beginning_to_the_instant_and_not_before(lines in streams()) {
        let events = events(&lines);
        let fold = fold(&events);
        let instants = instants(&events);
        // The last instants are the most interesting, and checking all would take long.
        for &at in instants.iter().rev().step_by(1 + instants.len() / 12) {
            for alert in alerts(&fold, at) {
                prop_assert!(alert.since <= at, "{alert:?}");
                prop_assert_eq!(alert.for_ns, u128::try_from(at.unix_nanos() - alert.since.unix_nanos()).expect("later"));
                let within = instants.iter().filter(|then| (alert.since..=at).contains(then));
                for then in within {
                    prop_assert!(holds(&fold, &alert, *then), "not at {then}: {alert:?}");
                }
                // A value that was set again in its last instant began anew there.
                let before = alert.since.saturating_sub(Duration::from_nanos(1));
                let is_exact = matches!(alert.kind, AlertKind::NobodyFree | AlertKind::Load | AlertKind::ChannelLoad);
                prop_assert!(!is_exact || !holds(&fold, &alert, before), "before: {alert:?}");
            }
        }
    }

    #[test]
    fn what_is_free_or_full_by_the_states_is_so_by_the_alerts(lines in streams(), place in any::<Index>()) {
        let events = events(&lines);
        let fold = fold(&events);
        let at = instant(&events, place).saturating_add(Duration::from_nanos(7));
        let found = alerts(&fold, at);
        let accounts: BTreeSet<_> = fold.agents().map(|agent| agent.account_id).collect();
        for account_id in accounts {
            let all = states(&fold, account_id, at);
            let channels: BTreeSet<&String> = all.iter().flat_map(|state| state.channels.keys()).collect();
            for channel in channels {
                let on = || all.iter().filter_map(|state| state.channels.get(channel));
                let is_free = on().any(|on| on.accepting == Some(true));
                let is_told = found.iter().any(|alert| alert.kind == AlertKind::NobodyFree
                    && (alert.account_id, &alert.group_id) == (account_id, &None)
                    && alert.channel.as_ref() == Some(channel));
                let is_meant = low().nobody_free.iter().any(|threshold| threshold.channel == *channel);
                prop_assert_eq!(is_told, is_meant && !is_free, "{} at {}", channel, at);
                let open: usize = on().filter(|on| on.access != Some(false)).map(|on| on.work_items.len()).sum();
                prop_assert!(open == 0 || kinds(&found).contains(&AlertKind::WorkItem));
            }
        }
    }

    #[test]
    fn alerts_depend_on_the_set_of_events_alone(
        lines in streams(), keys in prop::collection::vec(any::<u32>(), 1..200), place in any::<Index>(),
    ) {
        let events = events(&lines);
        let mut shuffled: Vec<(u32, &Event<'_>)> = keys.iter().cycle().copied().zip(&events).collect();
        shuffled.sort_by_key(|(key, _)| *key);
        let whole = fold(&events);
        let again = fold(shuffled.iter().map(|(_, event)| *event).chain(&events));
        let (a, b) = shuffled.split_at(shuffled.len() / 2);
        let [mut merged, other] = [a, b].map(|part| fold(part.iter().map(|(_, event)| *event)));
        merged.merge(&other).expect("equal options");
        let mut restored = Fold::new();
        restored.restore(&whole.save()).expect("what was saved");
        let at = instant(&events, place).saturating_add(Duration::from_nanos(7));
        let expected = alerts(&whole, at);
        for fold in [again, merged, restored] {
            prop_assert_eq!(&alerts(&fold, at), &expected);
        }
        let episodes: BTreeSet<&str> = expected.iter().map(|alert| &*alert.episode).collect();
        prop_assert_eq!(episodes.len(), expected.len());
        let data = serde_json::to_string(&expected).expect("data");
        prop_assert_eq!(serde_json::from_str::<Vec<Alert>>(&data).expect("alerts"), expected);
    }

    /// Without late events, an episode is the same as long as its condition lasts.
    #[test]
    fn an_episode_is_told_once_and_keeps_its_name(lines in streams()) {
        let events = events(&lines);
        let fold = fold(&events);
        let mut told: Vec<Episode> = Vec::new();
        let (mut began, mut ended) = (Vec::new(), Vec::new());
        for at in instants(&events) {
            let now = alerts(&fold, at);
            let look = episodes(&told, now.clone(), at);
            let seen = |alert: &Alert| (subject(alert), alert.since, alert.for_ns);
            let kept: Vec<_> = look.told.iter().map(|episode| seen(&episode.alert)).collect();
            prop_assert_eq!(kept, now.iter().map(seen).collect::<Vec<_>>());
            began.extend(look.began.iter().map(|alert| alert.episode.clone()));
            ended.extend(look.ended.iter().map(|alert| alert.episode.clone()));
            let again = episodes(&look.told, now, at);
            prop_assert_eq!((again.began.len(), again.ended.len()), (0, 0));
            prop_assert_eq!(&again.told, &look.told);
            told = look.told;
        }
        let once: BTreeSet<&String> = began.iter().collect();
        prop_assert_eq!(once.len(), began.len(), "told twice: {:?}", began);
        prop_assert!(ended.iter().all(|episode| once.contains(episode)));
        prop_assert_eq!(began.len(), ended.len() + told.len());
    }

    /// Events arrive late while somebody looks.
    #[test]
    fn a_late_event_does_not_tell_an_episode_again(lines in streams(), keys in prop::collection::vec(any::<u32>(), 1..200)) {
        let events = events(&lines);
        let mut arrivals: Vec<(u32, &Event<'_>)> = keys.iter().cycle().copied().zip(&events).collect();
        arrivals.sort_by_key(|(key, _)| *key);
        let Some(at) = events.iter().filter_map(at).max() else { return Ok(()) };
        let (mut fold, mut told) = (Fold::new(), Vec::<Episode>::new());
        for (step, (_, event)) in (1..).zip(&arrivals) {
            fold.apply(event);
            // Each look is later than all events, so whatever began was there at the look before.
            let at = at.saturating_add(Duration::from_nanos(step));
            let look = episodes(&told, alerts(&fold, at), at);
            let before: BTreeSet<_> = told.iter().map(|episode| subject(&episode.alert)).collect();
            prop_assert!(look.began.iter().all(|alert| !before.contains(&subject(alert))));
            told = look.told;
        }
    }
}

#[test]
fn an_instant_before_a_cut_is_refused() {
    let line = r#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
    let mut fold = Fold::new();
    fold.read(line.as_bytes(), |bad| panic!("{bad:?}"));
    let cut: Instant = "2026-01-05T10:00:00Z".parse().expect("valid");
    fold.compact(cut);
    let ask = |at: &str, selection: &Selection| {
        fold.alerts(&low(), at.parse().expect("valid"), selection)
    };
    let error = ask("2026-01-05T09:59:59Z", &Selection::all()).expect_err("too early");
    assert_eq!(error.kind(), ErrorKind::BeforeCut);
    assert_eq!((error.agent(), error.cut()), (Some(Agent::new(2, 7)), Some(cut)));
    assert_eq!(ask("2026-01-05T09:59:59Z", &Selection::all().account(3)), Ok(Vec::new()));
    // What holds at the cut began before it, and that is still known.
    let alerts = ask("2026-01-05T10:00:00Z", &Selection::all()).expect("known");
    assert_eq!(alerts[0].episode, "state/2/7/chat_status/2026-01-05T09:00:00Z");
}

/// The events of `alerts.md`, "An example".
const EXAMPLE: &[(u64, &str, &str, &str)] = &[
    (
        7,
        "09:00",
        "unified_state_changed",
        r#""new_unified_state": {"id": "3", "name": "online", "reason": "UNKNOWN"}"#,
    ),
    (7, "09:00", "state_changed", r#""channel": "talk", "new_state": "online""#),
    (7, "09:00", "max_capacity_changed", r#""maxCapacity": {"talk": {"current": 2}}"#),
    (8, "09:00", "state_changed", r#""channel": "talk", "new_state": "online""#),
    (8, "09:00", "max_capacity_changed", r#""maxCapacity": {"talk": {"current": 1}}"#),
    (
        8,
        "09:10",
        "work_item_added",
        r#""channel": "talk", "work_item_id": "101", "reason": "ASSIGNED""#,
    ),
    (
        7,
        "09:20",
        "work_item_added",
        r#""channel": "talk", "work_item_id": "102", "reason": "ASSIGNED""#,
    ),
    (
        7,
        "09:25",
        "work_item_added",
        r#""channel": "talk", "work_item_id": "103", "reason": "ASSIGNED""#,
    ),
    (
        8,
        "09:30",
        "work_item_removed",
        r#""channel": "talk", "work_item_id": "101", "reason": "UNASSIGNED""#,
    ),
    (
        8,
        "09:32",
        "work_item_added",
        r#""channel": "talk", "work_item_id": "104", "reason": "ASSIGNED""#,
    ),
    (
        7,
        "09:40",
        "unified_state_changed",
        r#""new_unified_state": {"id": "1", "name": "away", "reason": "UNKNOWN"}"#,
    ),
];

#[test]
fn the_example_of_the_contract_is_as_it_says() {
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contract/alerts.md");
    let contract = fs::read_to_string(contract).expect("readable");
    let block = contract.split("```json").nth(1).and_then(|rest| rest.split("```").next());
    let thresholds: Thresholds = serde_json::from_str(block.expect("a block")).expect("thresholds");
    let mut fold = Fold::new();
    for (place, (agent_id, at, kind, fields)) in EXAMPLE.iter().enumerate() {
        let event = format!(
            r#"{{"account_id": 2, "detail": {{"agent_id": {agent_id}}}, "id": "{place}",
                "event": {{"updated_at": "2026-01-05T{at}:00Z", {fields}}},
                "type": "zen:event-type:agent.{kind}"}}"#
        );
        fold.read(event.as_bytes(), |bad| panic!("{bad:?}"));
        assert!(contract.contains(&format!("| {at} | {agent_id} |")), "{at}");
    }
    let at = "2026-01-05T10:15:00Z".parse().expect("valid");
    let alerts = fold.alerts(&thresholds, at, &Selection::all()).expect("no cut");
    let row = |alert: &Alert| {
        let over = match (alert.threshold_ns, alert.load, alert.max_capacity) {
            (Some(limit), ..) => (limit / 60_000_000_000).to_string(),
            (None, load, max) => format!("{} of {}", load.expect("a load"), max.expect("a limit")),
        };
        format!("| `{}` | {} | {over} |", alert.episode, alert.for_ns / 60_000_000_000)
    };
    let rows: Vec<String> = alerts.iter().map(row).collect();
    let expected: Vec<&str> =
        contract.lines().filter(|line| line.contains("/2026-01-05T")).collect();
    assert_eq!(rows, expected);
    assert!(alerts.iter().all(|alert| alert.doubts.is_empty()));
}

#[test]
fn the_lowest_of_all_thresholds_is_not_reached_by_what_equals_it() {
    let away = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
    let mut fold = Fold::new();
    fold.read(away, |bad| panic!("{bad:?}"));
    let count = |at: &str| alerts(&fold, at.parse().expect("valid")).len();
    assert_eq!(count("2026-01-05T08:59:59Z"), 0);
    assert_eq!(count("2026-01-05T09:00:00Z"), 0);
    // The state, the agent's silence and the account's.
    assert_eq!(count("2026-01-05T09:00:00.000000001Z"), 3);
}

#[test]
fn an_alert_of_a_hundred_days_reads_back_from_a_host_with_rounded_numbers() {
    let away = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        "timestamp": "2025-01-05T09:00:00Z", "value": "away"}"#;
    let mut fold = Fold::new();
    fold.read(away, |bad| panic!("{bad:?}"));
    let alert = alerts(&fold, "2026-01-05T09:00:00Z".parse().expect("valid")).remove(0);
    let mut data = serde_json::json!(alert);
    data["for_ns"] = serde_json::json!(alert.for_ns as f64);
    assert_eq!(serde_json::from_value::<Alert>(data).expect("an alert"), alert);
}

#[test]
fn silence_is_told_while_somebody_is_logged_in() {
    let event = |agent: u64, state: &str| {
        format!(
            r#"{{"account_id": 2, "detail": {{"agent_id": "{agent}"}}, "id": "{agent}", "event": {{"channel": "talk",
                "updated_at": "2026-01-05T09:00:00Z", "new_state": "{state}"}},
                "type": "zen:event-type:agent.state_changed"}}"#
        )
    };
    let told = |lines: &[String], while_logged_in: bool| {
        let fold = fold(&events(lines));
        let thresholds = serde_json::json!({
            "silence": { "longer_than": "1h" },
            "account_silence": { "longer_than": "1h", "while_logged_in": while_logged_in },
        });
        let thresholds: Thresholds = serde_json::from_value(thresholds).expect("thresholds");
        let at = "2026-01-05T12:00:00Z".parse().expect("an instant");
        let alerts = fold.alerts(&thresholds, at, &Selection::all()).expect("no cut").into_iter();
        alerts.map(|alert| (alert.kind, alert.agent_id.map(|id| id.get()))).collect::<Vec<_>>()
    };
    let (silence, account) = ((AlertKind::Silence, Some(8)), (AlertKind::AccountSilence, None));
    let both = [event(7, "offline"), event(8, "online")];
    assert_eq!(told(&both, true), [silence, account]);
    assert_eq!(told(&both[..1], true), []);
    assert_eq!(told(&both[..1], false), [account]);
}
