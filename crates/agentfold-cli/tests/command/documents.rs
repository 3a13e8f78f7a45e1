//! The events in Zendesk's documentation, and the exact output.

use crate::events::{AVAILABILITY, CHAT_EVENT, CHAT_PAGE, ndjson, webhook};
use crate::run::Folder;

/// The state after all nine webhooks, in the format of the contract.
const WEBHOOKS: &str = concat!(
    r#"{"account_id":"2","agent_id":"10011","version":3,"last_event_at":"2023-04-05T23:30:58.642630335Z","#,
    r#""unified_state":{"id":"2","name":"online","reason":"AGENT_LOGOUT","since":"2023-04-05T23:30:58.642630335Z"},"#,
    r#""channels":{"#,
    r#""messaging":{"access":null,"state":null,"since":null,"max_capacity":5,"work_items":[],"load":0,"spare":5,"accepting":null},"#,
    r#""support":{"access":false,"state":null,"since":null,"max_capacity":15,"work_items":[],"load":0,"spare":15,"accepting":false},"#,
    r#""talk":{"access":null,"state":null,"since":null,"max_capacity":10,"work_items":[],"load":0,"spare":10,"accepting":null}},"#,
    r#""group_ids":["123","456"],"chat":null}"#,
    "\n",
);

/// The state after the page of the Chat export.
const CHAT: &str = concat!(
    r#"{"account_id":"2","agent_id":"980824","version":null,"last_event_at":"2018-10-19T12:34:15.008359Z","#,
    r#""unified_state":null,"channels":{},"group_ids":null,"#,
    r#""chat":{"status":"away","since":"2018-10-19T12:33:50.140101Z","engagements":0}}"#,
    "\n",
);

#[test]
fn the_state_of_the_nine_webhooks_is_printed_exactly() {
    let folder = Folder::with("availability.ndjson", AVAILABILITY);
    assert_eq!(folder.run("state availability.ndjson").printed(), WEBHOOKS);
}

#[test]
fn the_state_of_the_chat_page_is_printed_exactly() {
    let folder = Folder::with("page.json", CHAT_PAGE).and("event.json", CHAT_EVENT);
    assert_eq!(folder.run("state page.json").printed(), CHAT);
    assert_eq!(folder.run("state page.json event.json").printed(), CHAT);
    assert_eq!(
        folder.run("state event.json").printed(),
        CHAT.replace("12:34:15.008359Z", "12:33:50.140101Z")
            .replace(r#""engagements":0"#, r#""engagements":null"#)
    );
}

#[test]
fn both_feeds_together_are_printed_by_agent() {
    let folder = Folder::with("page.json", CHAT_PAGE).and("availability.ndjson", AVAILABILITY);
    let printed = folder.run("state page.json availability.ndjson").printed();
    assert_eq!(printed, format!("{WEBHOOKS}{CHAT}"));
}

#[test]
fn all_nine_webhooks_take_effect_though_ids_and_instants_repeat() {
    let folder = Folder::with("all.ndjson", AVAILABILITY);
    let table = folder.run("state all.ndjson --table --save all.fold").printed();
    assert!(table.contains("9 events: 9 updated the state"), "{table}");

    let events: Vec<&str> = AVAILABILITY.lines().collect();
    assert_eq!(events.len(), 9);
    for without in 0..events.len() {
        let mut others = events.clone();
        others.remove(without);
        folder.run_on(ndjson(&others), "state --save others.fold").printed();
        let same = folder.read("others.fold") == folder.read("all.fold");
        assert!(!same, "without {}", events[without]);
    }
}

#[test]
fn every_key_is_printed_in_the_order_of_the_contract() {
    let at = |second: u32| format!("2023-04-05T23:30:{second:02}Z");
    let offered = r#""work_item_id":"123","channel":"support","reason":"OFFERED""#;
    let accepted = r#""work_item_id":"123","channel":"support","previous_reason":"OFFERED","reason":"ACCEPTED""#;
    let events = [
        webhook(10011, 1, &at(1), "channel_created", r#""channel":"support""#),
        webhook(10011, 2, &at(2), "state_changed", r#""new_state":"online","channel":"support""#),
        webhook(
            10011,
            3,
            &at(3),
            "max_capacity_changed",
            r#""maxCapacity":{"support":{"current":15,"previous":null}}"#,
        ),
        webhook(
            10011,
            4,
            &at(4),
            "unified_state_changed",
            r#""new_unified_state":{"id":"3","name":"online","reason":"AGENT_STATUS_SWITCHER"}"#,
        ),
        webhook(10011, 5, &at(5), "groups_updated", r#""new_group_ids":["456","123"]"#),
        webhook(10011, 6, &at(6), "work_item_added", offered),
        webhook(10011, 7, &at(7), "work_item_updated", accepted),
        r#"{"account_id":2,"agent_id":10011,"field_name":"status","id":"a","timestamp":"2023-04-05T23:30:08Z","value":"away"}"#.to_owned(),
        r#"{"account_id":2,"agent_id":10011,"field_name":"engagements","id":"b","timestamp":"2023-04-05T23:30:09.5Z","value":2}"#.to_owned(),
    ];
    assert_eq!(
        Folder::new().run_on(ndjson(&events), "state").printed(),
        concat!(
            r#"{"account_id":"2","agent_id":"10011","version":7,"last_event_at":"2023-04-05T23:30:09.500Z","#,
            r#""unified_state":{"id":"3","name":"online","reason":"AGENT_STATUS_SWITCHER","since":"2023-04-05T23:30:04Z"},"#,
            r#""channels":{"support":{"access":true,"state":"online","since":"2023-04-05T23:30:02Z","max_capacity":15,"#,
            r#""work_items":[{"id":"123","reason":"ACCEPTED","opened_at":"2023-04-05T23:30:06Z","since":"2023-04-05T23:30:07Z"}],"#,
            r#""load":1,"spare":14,"accepting":true}},"#,
            r#""group_ids":["123","456"],"#,
            r#""chat":{"status":"away","since":"2023-04-05T23:30:08Z","engagements":2}}"#,
            "\n",
        )
    );
}
