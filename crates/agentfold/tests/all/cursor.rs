//! What a cursor makes of single pages, and of a few one after the other.

use agentfold::Instant;
use agentfold::export::{Cursor, Endpoint, Limit, NoteCode, Page, RefusalCode, Reply, Taken};
use serde_json::{Value, json};

use crate::export::{HOST, URL};

/// The instants of pages are seconds after this one.
const START: i64 = 1_540_198_000;

/// A page of events with ids and seconds.
fn page(events: &[(&str, i64)], next_page: Option<&str>) -> String {
    let events: Vec<Value> = events
        .iter()
        .map(|(id, second)| json!({ "id": id, "timestamp": Instant::from_unix(START + second, 0).expect("in range") }))
        .collect();
    json!({ "agent_events": events, "next_page": next_page }).to_string()
}

/// What a cursor makes of a page that it gets an hour later.
fn taken<'p>(cursor: &mut Cursor, body: &'p str) -> Result<Page<'p>, RefusalCode> {
    taken_at(cursor, body, 3600)
}

fn taken_at<'p>(cursor: &mut Cursor, body: &'p str, second: i64) -> Result<Page<'p>, RefusalCode> {
    let now = Instant::from_unix(START + second, 0).expect("in range");
    let reply = Reply { host: HOST, status: 200, headers: &[], body: body.as_bytes() };
    match cursor.take(&reply, now, 0.5) {
        Ok(Taken::Page(page)) => Ok(page),
        Ok(Taken::Pause(pause)) => panic!("{pause:?}"),
        Err(refusal) => Err(refusal.code),
    }
}

fn cursor() -> Cursor {
    Cursor::new(Instant::from_unix(START, 0).expect("in range"))
        .with_limit(Limit::new(2).expect("in range"))
}

#[test]
fn a_cursor_tells_its_endpoint() {
    assert_eq!(cursor().endpoint(), Endpoint::Chat);
    assert_eq!(cursor().with_endpoint(Endpoint::AgentTimeline).endpoint(), Endpoint::AgentTimeline);
}

#[test]
fn a_page_may_have_64_mib_and_no_byte_more() {
    let mut body = page(&[("a", 1)], None);
    body.push_str(&" ".repeat((64 << 20) - body.len()));
    assert_eq!(taken(&mut cursor(), &body).expect("a page").events.len(), 1);
    body.push(' ');
    assert_eq!(taken(&mut cursor(), &body).expect_err("too large"), RefusalCode::PageTooLarge);
}

#[test]
fn a_next_page_that_leads_to_the_same_id_loops() {
    let next = |id| format!("{URL}?start_time={}&start_id={id}", START + 1);
    let loops = |id| {
        let mut cursor = cursor();
        taken(&mut cursor, &page(&[("a", 0), ("b", 1)], None)).expect("a page");
        let body = page(&[("c", 1), ("d", 1)], Some(&next(id)));
        let warnings = taken(&mut cursor, &body).expect("a page").warnings;
        warnings.iter().any(|note| note.code == NoteCode::NextPageLoops)
    };
    assert_eq!((loops("b"), loops("d")), (true, false));
}

#[test]
fn a_record_that_is_no_event_is_told_once() {
    let body = format!(
        r#"{{"agent_events": [17, {}"#,
        &page(&[("a", 0)], None)["{\"agent_events\":[".len()..]
    );
    let mut cursor = cursor().with_limit(Limit::new(3).expect("in range"));
    let counts = [(); 2].map(|()| {
        let page = taken(&mut cursor, &body).expect("a page");
        (page.apart.len(), page.events.len(), page.repeats)
    });
    assert_eq!(counts, [(1, 1, 0), (0, 0, 2)]);
}

#[test]
fn records_that_are_dated_ahead_are_told_once_unless_they_are_too_many() {
    for (count, again) in [(1, 0), (10_000, 0), (10_001, 10_001)] {
        let ids: Vec<String> = (0..count).map(|id| format!("ahead{id}")).collect();
        let ahead: Vec<(&str, i64)> = ids.iter().map(|id| (&**id, 90_000)).collect();
        let with = |event| page(&[&ahead[..], &[event]].concat(), None);
        let (mut cursor, first, last) = (cursor(), with(("a", 0)), with(("c", 2)));
        let apart =
            |cursor: &mut Cursor, body: &str| taken(cursor, body).expect("a page").apart.len();
        assert_eq!(apart(&mut cursor, &first), count);
        assert_eq!(apart(&mut cursor, &page(&[("b", 1)], None)), 0);
        assert_eq!(apart(&mut cursor, &last), again);
    }
}

#[test]
fn the_last_record_once_more_is_the_end_also_after_short_pages() {
    let mut cursor = cursor();
    assert!(!taken(&mut cursor, &page(&[("a", 0)], None)).expect("a page").is_last);
    // More events come after a page of one record.
    assert!(!taken(&mut cursor, &page(&[("a", 0), ("b", 1)], None)).expect("a page").is_last);
    assert!(taken(&mut cursor, &page(&[("b", 1)], None)).expect("a page").is_last);
}

#[test]
fn a_page_of_recent_events_does_not_move_the_start() {
    let mut cursor = cursor();
    taken(&mut cursor, &page(&[("a", 10)], None)).expect("a page");
    let before = (cursor.start_time(), cursor.next(Instant::MAX).ok());
    let body = page(&[("b", 200)], None);
    assert!(taken_at(&mut cursor, &body, 310).expect("a page").is_last);
    assert_eq!((cursor.start_time(), cursor.next(Instant::MAX).ok()), before);
}

#[test]
fn old_events_alone_tell_that_the_start_was_ignored() {
    let is_told = |events: &[(&str, i64)]| {
        let body = page(events, None);
        let page = taken(&mut cursor(), &body).expect("a page");
        page.warnings.iter().any(|note| note.code == NoteCode::StartIgnored)
    };
    assert!(is_told(&[("old", -100)]));
    assert!(!is_told(&[("old", -100), ("new", 3400)]));
    assert!(!is_told(&[("new", 3400)]));
}
