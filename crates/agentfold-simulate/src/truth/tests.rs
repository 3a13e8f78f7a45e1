//! Spans of agents whose changes are made by hand.

use super::*;
use crate::account::{Account, Activity};
use crate::effect::{ChannelState, RemovalReason, StateReason};
use crate::instant::SECOND;
use crate::random::{Random, Stream};

/// The spans of an agent after changes at seconds after 1970, without the start that all lines
/// share.
fn spans(changes: impl IntoIterator<Item = (u64, Change)>) -> Vec<String> {
    let floor = Simulation { agents: 0, hours: 1, start: 0, ..Simulation::default() };
    let mut truth = Truth::new(&floor);
    for (seconds, change) in changes {
        truth.learn(&Effect {
            at: seconds * SECOND,
            account_id: 2,
            agent_id: 10_011,
            version: 1,
            change,
        });
    }
    let brief = |line: String| {
        let line = line.replace("1970-01-01T", "");
        line.strip_prefix(r#"{"account_id":"2","agent_id":"10011","track":"#)
            .expect("spans begin with their agent")
            .to_owned()
    };
    truth.map(brief).collect()
}

fn state(previous: ChannelState, new: ChannelState) -> Change {
    Change::State { channel: Channel::Talk, previous, new }
}

fn added(item: u64, channel: Channel) -> Change {
    Change::ItemAdded { item, channel, reason: ItemReason::Assigned }
}

fn removed(item: u64, channel: Channel, reason: Option<RemovalReason>) -> Change {
    Change::ItemRemoved { item, channel, reason }
}

#[test]
fn a_track_has_its_previous_value_from_the_start_and_its_last_value_to_the_end() {
    use ChannelState::{Away, Offline, Online};
    assert_eq!(
        spans([(60, state(Offline, Online)), (90, state(Online, Away))]),
        [
            r#""state[talk]","from":"00:00:00Z","to":"00:01:00Z","value":"offline"}"#,
            r#""state[talk]","from":"00:01:00Z","to":"00:01:30Z","value":"online"}"#,
            r#""state[talk]","from":"00:01:30Z","to":"01:00:00Z","value":"away"}"#,
        ]
    );
}

#[test]
fn a_repeated_value_and_one_that_changes_back_at_one_instant_end_no_span() {
    use ChannelState::{Away, Offline, Online};
    let changes = [
        (60, state(Offline, Online)),
        (70, state(Online, Online)),
        (80, state(Online, Away)),
        (80, state(Away, Online)),
    ];
    assert_eq!(
        spans(changes)[1..],
        [r#""state[talk]","from":"00:01:00Z","to":"01:00:00Z","value":"online"}"#]
    );
}

#[test]
fn the_last_change_of_an_instant_counts_even_at_the_start() {
    use ChannelState::{Away, Offline, Online};
    assert_eq!(
        spans([(0, state(Offline, Online)), (0, state(Online, Away))]),
        [r#""state[talk]","from":"00:00:00Z","to":"01:00:00Z","value":"away"}"#]
    );
}

#[test]
fn a_deleted_channel_has_no_state_until_the_next_event_about_it() {
    use ChannelState::{Offline, Online};
    let changes = [
        (5, Change::ChannelCreated(Channel::Talk)),
        (10, state(Offline, Online)),
        (20, Change::ChannelDeleted(Channel::Talk)),
        (30, Change::ChannelCreated(Channel::Talk)),
        (40, state(Offline, Online)),
    ];
    let mut spans = spans(changes);
    spans.sort_unstable();
    assert_eq!(
        spans,
        [
            r#""access[talk]","from":"00:00:00Z","to":"00:00:05Z","value":false}"#,
            r#""access[talk]","from":"00:00:05Z","to":"00:00:20Z","value":true}"#,
            r#""access[talk]","from":"00:00:20Z","to":"00:00:30Z","value":false}"#,
            r#""access[talk]","from":"00:00:30Z","to":"01:00:00Z","value":true}"#,
            r#""state[talk]","from":"00:00:00Z","to":"00:00:10Z","value":"offline"}"#,
            r#""state[talk]","from":"00:00:10Z","to":"00:00:20Z","value":"online"}"#,
            r#""state[talk]","from":"00:00:20Z","to":"00:00:40Z","value":null}"#,
            r#""state[talk]","from":"00:00:40Z","to":"01:00:00Z","value":"online"}"#,
        ]
    );
}

#[test]
fn an_item_has_no_span_before_it_is_open_and_is_closed_until_it_returns() {
    let changes = [
        (10, added(7, Channel::Support)),
        (20, removed(7, Channel::Support, None)),
        (30, added(7, Channel::Support)),
        (40, removed(7, Channel::Support, Some(RemovalReason::Solved))),
    ];
    assert_eq!(
        spans(changes),
        [
            r#""work_item[7]@support","from":"00:00:10Z","to":"00:00:20Z","value":{"reason":"ASSIGNED","open":true}}"#,
            r#""work_item[7]@support","from":"00:00:20Z","to":"00:00:30Z","value":{"reason":null,"open":false}}"#,
            r#""work_item[7]@support","from":"00:00:30Z","to":"00:00:40Z","value":{"reason":"ASSIGNED","open":true}}"#,
            r#""work_item[7]@support","from":"00:00:40Z","to":"01:00:00Z","value":{"reason":"WORK_ITEM_SOLVED","open":false}}"#,
        ]
    );
}

#[test]
fn an_item_that_moves_is_closed_only_on_the_channel_where_it_was_open() {
    let moved = Change::ItemUpdated {
        item: 7,
        channel: Channel::Support,
        previous: ItemReason::Assigned,
        reason: ItemReason::ChannelChange,
    };
    let changes = [
        (10, added(7, Channel::Talk)),
        (20, removed(7, Channel::Talk, None)),
        (30, added(7, Channel::Messaging)),
        (40, moved),
    ];
    let mut spans = spans(changes);
    spans.sort_unstable();
    assert_eq!(
        spans,
        [
            r#""work_item[7]@messaging","from":"00:00:30Z","to":"00:00:40Z","value":{"reason":"ASSIGNED","open":true}}"#,
            r#""work_item[7]@messaging","from":"00:00:40Z","to":"01:00:00Z","value":{"reason":"CHANNEL_CHANGE","open":false}}"#,
            r#""work_item[7]@support","from":"00:00:40Z","to":"01:00:00Z","value":{"reason":"CHANNEL_CHANGE","open":true}}"#,
            r#""work_item[7]@talk","from":"00:00:10Z","to":"00:00:20Z","value":{"reason":"ASSIGNED","open":true}}"#,
            r#""work_item[7]@talk","from":"00:00:20Z","to":"01:00:00Z","value":{"reason":null,"open":false}}"#,
        ]
    );
}

#[test]
fn a_value_that_lasts_no_time_has_no_span() {
    let changes = [(10, added(7, Channel::Talk)), (10, removed(7, Channel::Talk, None))];
    assert_eq!(
        spans(changes),
        [
            r#""work_item[7]@talk","from":"00:00:10Z","to":"01:00:00Z","value":{"reason":null,"open":false}}"#
        ]
    );
}

#[test]
fn a_unified_state_with_another_reason_is_another_value() {
    let account = Account::draw(0, &mut Random::new(0, Stream::Floor));
    let away = |reason| account.state(Activity::Away, reason);
    let (idle, api) = (away(StateReason::IdleTimeout), away(StateReason::PublicApi));
    let previous = account.state(Activity::Offline, StateReason::Unknown);
    let changes = [
        (10, Change::Unified { previous, new: idle }),
        (20, Change::Unified { previous: idle, new: api }),
        (30, Change::Unified { previous: api, new: api }),
    ];
    assert_eq!(
        spans(changes),
        [
            r#""unified_state","from":"00:00:00Z","to":"00:00:10Z","value":{"id":"2","name":"offline","reason":"UNKNOWN"}}"#,
            r#""unified_state","from":"00:00:10Z","to":"00:00:20Z","value":{"id":"4","name":"away","reason":"AGENT_IDLE_TIMEOUT"}}"#,
            r#""unified_state","from":"00:00:20Z","to":"01:00:00Z","value":{"id":"4","name":"away","reason":"PUBLIC_API"}}"#,
        ]
    );
}

#[test]
fn capacities_are_numbers_or_null_and_groups_are_texts() {
    let capacity = |previous, current| Some(Capacity { current, previous });
    let changes = [
        (10, Change::MaxCapacity([capacity(None, Some(1)), None, capacity(Some(3), None)])),
        (20, Change::Groups { previous: vec![], new: vec![9, 10] }),
    ];
    let mut spans = spans(changes);
    spans.sort_unstable();
    assert_eq!(
        spans,
        [
            r#""groups","from":"00:00:00Z","to":"00:00:20Z","value":[]}"#,
            r#""groups","from":"00:00:20Z","to":"01:00:00Z","value":["9","10"]}"#,
            r#""max_capacity[messaging]","from":"00:00:00Z","to":"00:00:10Z","value":3}"#,
            r#""max_capacity[messaging]","from":"00:00:10Z","to":"01:00:00Z","value":null}"#,
            r#""max_capacity[talk]","from":"00:00:00Z","to":"00:00:10Z","value":null}"#,
            r#""max_capacity[talk]","from":"00:00:10Z","to":"01:00:00Z","value":1}"#,
        ]
    );
}

#[test]
fn memory_grows_with_agents_and_not_with_hours() {
    let most = |hours| {
        let simulation = Simulation { agents: 60, hours, ..Simulation::default() };
        let mut truth = Truth::new(&simulation);
        let mut most = 0;
        while truth.next().is_some() {
            most = most.max(truth.stretches.len() + truth.ended.len());
        }
        most
    };
    let few_days = most(24 * 5);
    assert!(few_days > FEW_TRACKS);
    assert!(most(24 * 60) < 2 * few_days);
}
