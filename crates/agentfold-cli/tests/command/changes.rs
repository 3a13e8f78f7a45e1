//! Changes of current state as events arrive.

use agentfold::Track;
use agentfold_simulate::Feed;
use serde_json::json;

use crate::events::{AVAILABILITY, half_a_day, ndjson, support_is, webhook};
use crate::run::{Folder, Running};

/// Minutes of one hour.
fn at(minute: u32) -> String {
    format!("2023-04-05T10:0{minute}:00Z")
}

/// Sends one event, and reads its changes (track, from, to) before the next is sent. `@` and a
/// minute is an instant.
#[track_caller]
fn brings(live: &mut Running, event: &str, minute: u32, changes: &[(&str, &str, &str)]) {
    let value = |text: &str| match text.strip_prefix('@') {
        Some(minute) => format!("{:?}", at(minute.parse().expect("a minute"))),
        None => text.to_owned(),
    };
    let line = |(track, from, to): &(&str, &str, &str)| {
        let (from, to, at) = (value(from), value(to), at(minute));
        let (track_alone, part) = track.split_once('.').unwrap_or((track, "value"));
        let track_alone: Track = track_alone.parse().expect("a track");
        let (aspect, channel) = (track_alone.aspect(), json!(track_alone.channel()));
        let item = json!(track_alone.work_item_id());
        format!(
            r#"{{"account_id":"2","agent_id":"7","track":"{track}","aspect":"{aspect}","part":"{part}","channel":{channel},"work_item":{item},"from":{from},"to":{to},"at":"{at}"}}"#
        )
    };
    live.send(event);
    assert_eq!(live.lines(changes.len()), changes.iter().map(line).collect::<Vec<_>>());
}

#[test]
fn each_change_is_printed_before_the_next_event_arrives() {
    const OFFERED: &str = r#"{"open":true,"reason":"OFFERED"}"#;
    const ACCEPTED: &str = r#"{"open":true,"reason":"ACCEPTED"}"#;
    let event = |version, minute, event_type: &str, fields: &str| {
        webhook(7, version, &at(minute), event_type, fields)
    };
    let item = |version, minute, event_type: &str, reason: &str| {
        let fields = format!(r#""work_item_id":"5","channel":"support","reason":"{reason}""#);
        event(version, minute, event_type, &fields)
    };
    let folder = Folder::new();
    let mut live = folder.start("changes");

    let online = support_is("online", 7, 1, &at(2));
    let first = [
        ("state[support]", "null", r#""online""#),
        ("state[support].since", "null", "@2"),
        ("channel[support]", "false", "true"),
    ];
    brings(&mut live, &online, 2, &first);
    // A duplicate changes nothing.
    brings(&mut live, &online, 2, &[]);
    // The state began earlier.
    let earlier = support_is("online", 7, 2, &at(1));
    brings(&mut live, &earlier, 1, &[("state[support].since", "@2", "@1")]);

    let one = event(
        3,
        3,
        "max_capacity_changed",
        r#""maxCapacity":{"support":{"current":1,"previous":null}}"#,
    );
    let roomy = [("max_capacity[support]", "null", "1"), ("accepting[support]", "null", "true")];
    brings(&mut live, &one, 3, &roomy);

    let offered = [
        ("work_item[5]@support", "null", OFFERED),
        ("work_item[5]@support.opened_at", "null", "@5"),
        ("work_item[5]@support.since", "null", "@5"),
        ("accepting[support]", "true", "false"),
    ];
    brings(&mut live, &item(4, 5, "work_item_added", "OFFERED"), 5, &offered);
    let accepted =
        [("work_item[5]@support", OFFERED, ACCEPTED), ("work_item[5]@support.since", "@5", "@6")];
    brings(&mut live, &item(5, 6, "work_item_updated", "ACCEPTED"), 6, &accepted);
    // The item was opened earlier.
    let opened = [("work_item[5]@support.opened_at", "@5", "@4")];
    brings(&mut live, &item(6, 4, "work_item_added", "ASSIGNED"), 4, &opened);
    let removed = [
        ("work_item[5]@support", ACCEPTED, "null"),
        ("work_item[5]@support.opened_at", "@4", "null"),
        ("work_item[5]@support.since", "@6", "null"),
        ("accepting[support]", "false", "true"),
    ];
    brings(&mut live, &item(7, 7, "work_item_removed", "REMOVED"), 7, &removed);

    let talk = event(8, 8, "channel_created", r#""channel":"talk""#);
    let named = [("access[talk]", "null", "true"), ("channel[talk]", "false", "true")];
    brings(&mut live, &talk, 8, &named);
    let deleted = [
        ("access[support]", "null", "false"),
        ("state[support]", r#""online""#, "null"),
        ("state[support].since", "@1", "null"),
        ("accepting[support]", "true", "false"),
    ];
    let no_support = event(9, 9, "channel_deleted", r#""channel":"support""#);
    brings(&mut live, &no_support, 9, &deleted);
    // An event that changes only the past prints nothing.
    brings(&mut live, &support_is("away", 7, 10, &at(3)), 3, &[]);

    let chat = r#"{"account_id":2,"agent_id":7,"field_name":"engagements","id":"a","timestamp":"2023-04-05T10:04:00Z","value":2}"#;
    brings(&mut live, chat, 4, &[("chat_engagements", "null", "2")]);
    assert_eq!(live.finish().printed(), "", "no change is left over");
}

#[test]
fn an_unreadable_record_is_reported_before_the_next_event_arrives() {
    let folder = Folder::new();
    let mut live = folder.start("changes");
    live.send(r#"{"type":3}"#);
    assert!(live.error().starts_with("standard input:1: error: wrong_type at /type: "));
    live.send(&support_is("online", 7, 1, &at(1)));
    assert_eq!(live.lines(3).len(), 3);
    assert_eq!(live.finish().code, Some(1));
}

#[test]
fn a_truncated_record_does_not_delay_the_next_event() {
    let event = support_is("online", 7, 1, &at(1));
    for broken in [&event[..event.len() - 1], &event[..event.len() / 2], r#"{"type":""#, "{"] {
        let folder = Folder::new();
        let mut live = folder.start("changes");
        live.send(broken);
        live.send(&event);
        assert_eq!(live.lines(3).len(), 3, "{broken}");
        assert!(live.error().starts_with("standard input:1: error: not_json at /: "), "{broken}");
        assert_eq!(live.finish().code, Some(1));
    }
}

#[test]
fn changes_continue_from_a_saved_fold() {
    let folder = Folder::with("online", support_is("online", 7, 1, &at(1)));
    folder.run("state online --save week.fold").printed();
    let saved = folder.read("week.fold");
    let mut live = folder.start("changes --restore week.fold");
    brings(&mut live, &support_is("online", 7, 1, &at(1)), 1, &[]);
    let away = [
        ("state[support]", r#""online""#, r#""away""#),
        ("state[support].since", "@1", "@2"),
        ("accepting[support]", "null", "false"),
    ];
    brings(&mut live, &support_is("away", 7, 2, &at(2)), 2, &away);
    assert_eq!(live.finish().printed(), "");
    assert!(folder.read("week.fold") == saved);
}

#[test]
fn the_changes_of_a_file_are_those_of_its_events_one_by_one() {
    let lines = half_a_day(Feed::Both);
    let (morning, evening) = lines.split_at(lines.len() / 2);
    let folder = Folder::with("all", ndjson(&lines))
        .and("morning", ndjson(morning))
        .and("evening", format!("[{}]", evening.join(",\n")));
    let whole = folder.run("changes all").printed();
    assert!(whole.lines().count() > lines.len(), "most events change something");
    assert!(folder.run("changes morning evening").printed() == whole);
    assert!(folder.run_on(ndjson(&lines), "changes").printed() == whole);
    assert!(folder.run_on(ndjson(evening), "changes morning -").printed() == whole);
}

#[test]
fn each_change_begins_at_the_value_of_the_one_before() {
    let mut values = std::collections::HashMap::new();
    for line in Folder::new().run_on(ndjson(&half_a_day(Feed::Both)), "changes").printed().lines() {
        let mut change: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let track = format!("{}/{}", change["agent_id"], change["track"]);
        let begin =
            if track.contains("\"channel[") { false.into() } else { serde_json::Value::Null };
        let before = values.insert(track, change["to"].take());
        assert_eq!(change["from"], before.unwrap_or(begin), "{line}");
    }
    assert!(values.len() > 100, "{}", values.len());
}

#[test]
fn the_nine_webhooks_change_nothing_the_second_time() {
    let folder = Folder::with("webhooks", AVAILABILITY);
    let once = folder.run("changes webhooks").printed();
    assert_eq!(folder.run("changes webhooks webhooks").printed(), once);
    assert_eq!(once.lines().count(), 24, "{once}");
}
