//! The picture that `timeline --svg` draws.

use agentfold_simulate::{Feed, Simulation};
use roxmltree::{Document, Node};
use serde_json::Value;

use crate::events::{ndjson, support_is, webhook};
use crate::run::Folder;

/// The picture that a command draws. The command must print nothing.
#[track_caller]
fn drawn(folder: &Folder, arguments: &str) -> String {
    assert_eq!(folder.run(&format!("timeline {arguments} --svg picture")).printed(), "");
    String::from_utf8(folder.read("picture")).expect("the picture is text")
}

#[track_caller]
fn xml(picture: &str) -> Document<'_> {
    Document::parse(picture).expect("the picture is well-formed")
}

fn of_class<'a>(document: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
    let nodes = document.descendants();
    nodes
        .filter(|node| node.attribute("class").is_some_and(|c| c.split(' ').any(|c| c == class)))
        .collect()
}

/// The visible texts.
fn texts<'a>(document: &'a Document<'_>) -> Vec<&'a str> {
    let nodes = document.descendants().filter(|node| node.has_tag_name("text"));
    nodes.filter_map(|node| node.text()).collect()
}

fn half_a_day_of(drop: f64) -> Folder {
    let floor = Simulation { agents: 6, hours: 12, seed: 7, drop, ..Simulation::default() };
    let events: Vec<String> = Simulation { feed: Feed::Both, ..floor }.events().collect();
    Folder::with("day", ndjson(&events))
}

#[test]
fn it_has_a_row_for_each_agent_and_channel() {
    let folder = half_a_day_of(0.01);
    let mut expected = Vec::new();
    for line in folder.run("state day").printed().lines() {
        let state: Value = serde_json::from_str(line).expect("a line is JSON");
        expected.push("unified state".to_owned());
        expected.extend(state["channels"].as_object().expect("channels").keys().cloned());
        expected.push("chat export".to_owned());
    }
    let picture = drawn(&folder, "day");
    let document = xml(&picture);
    let names: Vec<&str> = of_class(&document, "row")
        .into_iter()
        .filter_map(|row| row.first_element_child()?.text())
        .collect();
    assert_eq!(names, expected);
    assert_eq!(of_class(&document, "agent").len(), 6);
}

#[test]
fn it_has_a_title_and_a_description_for_screen_readers() {
    let picture = drawn(&half_a_day_of(0.0), "day");
    let document = xml(&picture);
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let ids: Vec<&str> = root.attribute("aria-labelledby").expect("named").split(' ').collect();
    let named = document
        .descendants()
        .filter(|node| node.attribute("id").is_some_and(|id| ids.contains(&id)));
    let named: Vec<(&str, &str)> =
        named.map(|node| (node.tag_name().name(), node.text().unwrap_or_default())).collect();
    assert_eq!((named[0].0, named[1].0), ("title", "desc"));
    assert!(named[0].1.starts_with("6 agents from 2026-01-05 00:"), "{}", named[0].1);
}

#[test]
fn it_needs_no_other_file() {
    let picture = drawn(&half_a_day_of(0.01), "day");
    let document = xml(&picture);
    for node in document.descendants() {
        assert!(!["script", "image", "use", "foreignObject"].contains(&node.tag_name().name()));
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && !attribute.name().ends_with("href"));
        }
    }
    assert_eq!(picture.matches("http").count(), 1, "the namespace alone");
}

#[test]
fn the_legend_names_what_is_shown_and_the_zone() {
    let folder = half_a_day_of(0.02);
    let picture = drawn(&folder, "day --tz Asia/Kathmandu");
    let document = xml(&picture);
    let texts = texts(&document);
    let intervals = folder.run("timeline day").printed();
    let mut states = 0;
    for line in intervals.lines() {
        let interval: Value = serde_json::from_str(line).expect("a line is JSON");
        let track = interval["track"].as_str().expect("a text");
        let state = match &interval["value"] {
            Value::Object(unified) if track == "unified_state" => &unified["name"],
            value if track.starts_with("state[") || track == "chat_status" => value,
            _ => continue,
        };
        if let Some(state) = state.as_str() {
            states += 1;
            assert!(texts.contains(&state), "{state} is in no legend");
        }
    }
    assert!(states > 100, "{states}");
    for sign in [
        "inferred from the next event",
        "disputed: an event is missing",
        "unknown",
        "open items (scale at the left)",
        "capacity",
    ] {
        assert!(texts.contains(&sign), "{sign}");
    }
    let named =
        document.descendants().any(|node| node.text() == Some("Asia/Kathmandu (UTC+05:45)"));
    assert!(named, "the zone is not named");
}

#[test]
fn only_disputed_stretches_are_hatched() {
    let hatched = |picture: &str| picture.matches("disputed").count() > 0;
    let sure = half_a_day_of(0.0);
    let intervals = sure.run("timeline day").printed();
    assert!(!intervals.contains(r#""basis":"disputed""#));
    assert!(!hatched(&drawn(&sure, "day")));

    let state = |version, at: &str, old: &str, new: &str| {
        let fields = format!(r#""previous_state":"{old}","new_state":"{new}","channel":"talk""#);
        webhook(7, version, at, "state_changed", &fields)
    };
    let events = [
        state(1, "2026-01-05T09:00:00Z", "offline", "online"),
        state(2, "2026-01-05T10:00:00Z", "away", "online"),
        state(3, "2026-01-05T11:00:00Z", "online", "offline"),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let picture = drawn(&folder, "events");
    let document = xml(&picture);
    let rows = of_class(&document, "row");
    let hatches = rows[0].descendants().filter(|n| n.attribute("fill") == Some("url(#disputed)"));
    assert_eq!(hatches.count(), 1);
    let tooltip =
        rows[0].descendants().filter_map(|node| node.text()).find(|t| t.contains("disputed"));
    assert_eq!(
        tooltip,
        Some("talk: online\n2026-01-05 09:00:00 to 10:00:00 UTC (1 h 0 min)\ndisputed")
    );
    assert!(!hatched(&drawn(&folder, "events --from 2026-01-05T10:00:00Z")));
}

#[test]
fn the_load_is_a_line_over_its_row_with_its_scale() {
    let item = |version, minute: u32, kind: &str, id: u32| {
        let fields = format!(r#""work_item_id":"{id}","channel":"talk","reason":"ASSIGNED""#);
        webhook(7, version, &format!("2026-01-05T09:{minute:02}:00Z"), kind, &fields)
    };
    let events = [
        item(1, 0, "work_item_added", 1),
        item(2, 10, "work_item_added", 2),
        item(3, 20, "work_item_removed", 1),
        item(4, 30, "work_item_removed", 2),
    ];
    let folder = Folder::with("events", ndjson(&events));
    let picture = drawn(&folder, "events --from 2026-01-05T08:50:00Z --as-of 2026-01-05T09:40:00Z");
    let document = xml(&picture);
    let row = of_class(&document, "row")[0];
    let scale = row.children().find(|n| n.attribute("class") == Some("s e")).and_then(|n| n.text());
    assert_eq!(scale, Some("2"));
    let titles: Vec<&str> =
        row.descendants().filter(|n| n.has_tag_name("title")).filter_map(|n| n.text()).collect();
    assert_eq!(
        titles,
        [
            "talk: 1 open item\n2026-01-05 09:00:00 to 09:10:00 UTC (10 min 0 s)\nobserved",
            "talk: 2 open items\n2026-01-05 09:10:00 to 09:20:00 UTC (10 min 0 s)\nobserved",
            "talk: 1 open item\n2026-01-05 09:20:00 to 09:30:00 UTC (10 min 0 s)\nobserved",
        ]
    );
    let line = row.children().find(|node| node.attribute("class") == Some("line"));
    let line = line.and_then(|line| line.attribute("d")).expect("a line");
    assert_eq!((line.matches('M').count(), line.matches('V').count()), (1, 3), "{line}");
}

#[test]
fn any_text_is_shown_but_for_what_is_not_printable() {
    let state = r#"<b>\"on\" & 'off'</b>]]>\u0007\u0000\u202e"#;
    let hostile = support_is(state, 7, 1, "2026-01-05T09:00:00Z")
        .replace(r#""support""#, r#""<script>alert(1)</script>""#);
    let folder = Folder::with("events", hostile);
    let picture = drawn(&folder, "events --as-of 2026-01-05T10:00:00Z");
    assert!(!picture.contains("<b>") && !picture.contains("<script"));
    let document = xml(&picture);
    let seen = r#"<b>"on" & 'off'</b>]]>\u{7}\u{0}\u{202e}"#;
    assert!(texts(&document).contains(&seen), "{:?}", texts(&document));
    let title = document.descendants().filter_map(|node| node.text()).find(|t| t.contains("alert"));
    assert!(title.is_some());
}

#[test]
fn the_hours_are_those_of_the_zone_across_daylight_saving() {
    let folder = Folder::with("events", support_is("online", 7, 1, "2026-01-05T09:00:00Z"));
    let hours = |from: &str, to: &str, offsets: &str| {
        let command = format!("events --tz Europe/Berlin --from {from} --to {to} --as-of {to}");
        let picture = drawn(&folder, &command);
        let document = xml(&picture);
        assert!(picture.contains(&format!(">Europe/Berlin ({offsets})<")), "{offsets}");
        let texts = texts(&document).into_iter().filter(|t| t.contains(':') && t.len() == 5);
        texts.map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(
        hours("2026-10-24T22:00:00Z", "2026-10-25T04:00:00Z", "UTC+02:00, UTC+01:00"),
        [
            "00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00",
            "03:30", "04:00", "04:30", "05:00",
        ]
    );
    let spring = hours("2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z", "UTC+01:00, UTC+02:00");
    assert!(!spring.iter().any(|hour| hour.starts_with("02:")), "{spring:?}");
    assert_eq!(spring.first().map(String::as_str), Some("00:00"));
    assert_eq!(spring.last().map(String::as_str), Some("07:00"));
    let year = hours("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "UTC+01:00, UTC+02:00");
    assert!(year.is_empty(), "{year:?}");
}

#[test]
fn no_file_is_written_if_there_is_nothing_to_draw() {
    let folder = Folder::with("events", support_is("online", 7, 1, "2026-01-05T09:00:00Z"));
    for command in [
        "timeline --svg picture",
        "timeline events --svg picture",
        "timeline events --as-of 2026-01-05T10:00:00Z --agent 9 --svg picture",
    ] {
        let message = folder.run(command).refused(1);
        assert!(message.contains("picture was not written: there is nothing to draw"), "{message}");
    }
    assert_eq!(folder.files(), ["events"]);
    let command = "timeline events --as-of 2026-01-05T10:00:00Z --svg no/picture";
    assert!(folder.run(command).refused(2).contains("cannot write no/picture"));
}
