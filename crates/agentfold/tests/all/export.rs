//! The Chat export, pulled and served: the vectors of `tests/vectors/export`, and the property that a
//! cursor returns every event exactly once, in order, despite any failures.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::time::Duration;

use agentfold::export::{
    Attempts, Cursor, End, Endpoint, Exported, Limit, Note, NoteCode, Page, Pause, PauseReason,
    RefusalCode, Reply, Served, Step, Taken, Unit, answer,
};
use agentfold::{Event, Instant};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::files;

pub(crate) const HOST: &str = "example.zendesk.com";
pub(crate) const URL: &str = "https://example.zendesk.com/api/v2/chat/incremental/agent_events";

/// Returns the cases of the files whose names begin with a prefix.
fn vectors(prefix: &str) -> Vec<Value> {
    let files = files("export").into_iter().filter(|file| {
        file.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(prefix))
    });
    let read = |file| fs::read_to_string(file).expect("readable");
    let cases: Vec<Value> = files
        .flat_map(|file| serde_json::from_str::<Vec<Value>>(&read(file)).expect("a list of cases"))
        .collect();
    assert!(!cases.is_empty(), "no vectors named {prefix}");
    cases
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn instant(value: &Value) -> Instant {
    text(value).parse().expect("an instant")
}

fn seconds(length: Duration) -> Value {
    // A number in a vector may be an integer.
    let seconds = length.as_secs_f64();
    if seconds.fract() == 0.0 { json!(seconds as u64) } else { json!(seconds) }
}

fn said(pause: Pause) -> Value {
    json!({ "reason": pause.reason, "seconds": seconds(pause.length) })
}

/// Returns the cursor after a crash.
fn restored(cursor: &Cursor) -> Cursor {
    let saved = serde_json::to_string(cursor).expect("plain data");
    serde_json::from_str(&saved).expect("what was saved")
}

#[test]
fn cursors_answer_conversations_as_the_vectors_say() {
    let mut wrong = Vec::new();
    for case in vectors("cursor_") {
        let name = text(&case["name"]);
        let told = &case["cursor"];
        let mut cursor = match told.get("saved") {
            Some(saved) => Cursor::deserialize(saved).expect("a saved cursor"),
            None => Cursor::new(instant(&told["since"])),
        };
        if let Some(limit) = told["limit"].as_u64() {
            let limit = u16::try_from(limit).ok().and_then(Limit::new);
            cursor = cursor.with_limit(limit.expect("a limit"));
        }
        if told.get("endpoint").is_some() {
            let endpoint = Endpoint::deserialize(&told["endpoint"]).expect("an endpoint");
            cursor = cursor.with_endpoint(endpoint);
        }
        if told["unit"] == "microseconds" {
            cursor = cursor.with_unit(Unit::Microseconds);
        }
        if told["all_fields"] == true {
            cursor = cursor.with_all_fields();
        }
        for (i, step) in case["steps"].as_array().expect("a list").iter().enumerate() {
            conversation_step(&mut cursor, step, &format!("{name}: {i}"), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn conversation_step(cursor: &mut Cursor, step: &Value, name: &str, wrong: &mut Vec<String>) {
    let now = instant(&step["now"]);
    let request = match restored(cursor).next(now) {
        Ok(Step::Request(request)) => request,
        Ok(Step::Pause(pause)) => return assert_eq!(said(pause), step["wait"], "{name}"),
        Err(refusal) => {
            let refused = json!({ "code": refusal.code, "path": refusal.path });
            return assert_eq!(refused, step["refuse"], "{name}");
        }
    };
    let query: BTreeMap<_, _> = form_urlencoded::parse(request.query.as_bytes()).collect();
    let asked = json!({ "path": request.path, "query": query });
    if asked != step["request"] {
        wrong.push(format!("{name}: {asked}"));
    }
    let reply = &step["reply"];
    let headers: BTreeMap<String, String> =
        serde_json::from_value(reply["headers"].clone()).expect("texts");
    let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (&**k, &**v)).collect();
    let mut body = match &reply["body"] {
        Value::Null => text(&reply["text"]).to_owned(),
        body => body.to_string(),
    };
    let padding = reply["padding"].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
    body.push_str(&" ".repeat(padding.unwrap_or(0)));
    let status = reply["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.expect("a status");
    let reply = Reply { host: HOST, status, headers: &headers, body: body.as_bytes() };
    let (before, jitter) = (cursor.clone(), step["jitter"].as_f64().unwrap_or(0.5));
    let got = match cursor.take(&reply, now, jitter) {
        Ok(Taken::Page(page)) => {
            assert_eq!(*cursor, restored(cursor), "{name}");
            json!({ "page": told_page(&page) })
        }
        Ok(Taken::Pause(pause)) => json!({ "pause": said(pause) }),
        Err(refusal) => {
            assert_eq!(*cursor, before, "{name}");
            json!({ "refusal": { "code": refusal.code, "path": refusal.path } })
        }
    };
    if got != step["expect"] {
        wrong.push(format!("{name}: {got}"));
    }
}

/// Returns a page as the vectors have it.
fn told_page(page: &Page<'_>) -> Value {
    let id = |event: &&str| {
        serde_json::from_str::<Value>(event).expect("an event is JSON")["id"].clone()
    };
    let ids: Vec<Value> = page.events.iter().map(id).collect();
    let mut told = json!({ "ids": ids, "repeats": page.repeats, "is_last": page.is_last });
    let note = |note: &Note| json!({ "code": note.code, "path": note.path });
    if !page.apart.is_empty() {
        told["apart"] = page.apart.iter().map(|apart| note(&apart.note)).collect();
    }
    if !page.warnings.is_empty() {
        told["warnings"] = page.warnings.iter().map(note).collect();
    }
    told
}

#[test]
fn every_reason_to_refuse_or_wait_has_a_vector() {
    let told: HashSet<String> = vectors("cursor_")
        .iter()
        .flat_map(|case| case["steps"].as_array().expect("a list").clone())
        .flat_map(|step| {
            let expect = &step["expect"];
            let notes =
                ["apart", "warnings"].iter().filter_map(|key| expect["page"][key].as_array());
            let told = [&expect["refusal"], &step["refuse"]].into_iter().chain(notes.flatten());
            let mut told: Vec<Value> = told.map(|told| told["code"].clone()).collect();
            told.push(expect["pause"]["reason"].clone());
            let codes = told.iter().filter_map(Value::as_str);
            codes.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    for code in RefusalCode::ALL {
        assert!(told.contains(code.as_str()), "no vector is refused by {code}");
    }
    for code in NoteCode::ALL {
        assert!(told.contains(code.as_str()), "no vector is told of {code}");
    }
    let asked = [PauseReason::TooRecent, PauseReason::NoReply];
    for reason in PauseReason::ALL.iter().filter(|reason| !asked.contains(reason)) {
        assert!(told.contains(reason.as_str()), "no vector pauses for {reason}");
    }
}

#[test]
fn pages_are_answered_as_the_vectors_say() {
    for case in vectors("pages") {
        let texts: Vec<String> =
            case["events"].as_array().expect("a list").iter().map(Value::to_string).collect();
        let events = texts.iter().map(|text| {
            let Ok(Event::Chat(chat)) = Event::parse(text.as_bytes()) else { panic!("{text}") };
            Exported::from(&chat)
        });
        let end = case["end"]
            .as_object()
            .map(|end| End { id: text(&end["end_id"]), at: instant(&end["end_time"]) });
        let served = Served { url: text(&case["url"]), now: instant(&case["now"]), end };
        let answered = answer(text(&case["query"]), events, &served);
        let body: Value = serde_json::from_str(&answered.body).expect("a body is JSON");
        let name = text(&case["name"]);
        assert_eq!(json!(answered.status), case["status"], "{name}");
        assert_eq!(body, case["body"], "{name}");
    }
}

#[test]
fn a_page_is_written_one_event_a_line() {
    let body = "{\"agent_events\":[{\"id\":\n\"a\",\"timestamp\":\"2018-10-19T12:00:00Z\"},\r\n\
                {\"id\":\"b\",\"timestamp\":\"2018-10-19T12:00:00Z\"},[1,\n2]]}";
    let reply = Reply { host: HOST, status: 200, headers: &[], body: body.as_bytes() };
    let mut cursor = Cursor::new(Instant::from_unix(0, 0).expect("in range"));
    let Ok(Taken::Page(page)) = cursor.take(&reply, Instant::MAX, 0.5) else { panic!("a page") };
    let at = "\"timestamp\":\"2018-10-19T12:00:00Z\"";
    let lines = format!("{{\"id\": \"a\",{at}}}\n{{\"id\":\"b\",{at}}}\n");
    assert_eq!(page.to_ndjson(), lines);
    assert_eq!(page.apart[0].to_line(), "[1, 2]\n");
}

#[test]
fn a_saved_cursor_that_is_newer_or_broken_is_refused() {
    let saved = serde_json::to_value(Cursor::new(Instant::MIN)).expect("plain data");
    for (key, value) in [("version", json!(2)), ("limit", json!(0)), ("limit", json!(1001))] {
        let mut saved = saved.clone();
        saved[key] = value;
        assert!(serde_json::from_value::<Cursor>(saved).is_err(), "{key}");
    }
    assert_eq!(serde_json::from_value::<Cursor>(saved).expect("good").start_time(), Instant::MIN);
}

/// How a server differs from [`answer`].
#[derive(Debug, Clone, Copy, PartialEq)]
enum Manner {
    /// It does not differ.
    Plain,
    /// It returns the record of the start id again.
    Inclusive,
    /// It ignores start ids.
    TimeOnly,
    /// It ignores start ids, and fractions of seconds in requests and replies.
    Seconds,
    /// It returns each record twice on a page.
    Twice,
}

#[derive(Debug, Clone)]
struct Server {
    manner: Manner,
    microseconds: bool,
    /// Ids and instants, sorted by instant.
    events: Vec<(String, Instant)>,
}

fn told(id: &str, at: Instant) -> String {
    json!({ "id": id, "timestamp": at }).to_string()
}

impl Server {
    fn answer(&self, query: &str, present: usize, now: Instant) -> (u16, String) {
        let present = &self.events[..present];
        let mut asked: BTreeMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match self.manner {
            Manner::Inclusive => {
                let id = asked.remove("start_id");
                let at = present.iter().position(|(other, _)| Some(other) == id.as_ref());
                if let Some(before) = at.and_then(|at| present.get(at.checked_sub(1)?)) {
                    asked.insert("start_id".into(), before.0.clone());
                }
            }
            Manner::TimeOnly => drop(asked.remove("start_id")),
            Manner::Seconds => {
                asked.remove("start_id");
                let seconds = asked["start_time"].split('.').next().expect("a number").to_owned();
                asked.insert("start_time".into(), seconds);
            }
            Manner::Plain | Manner::Twice => {}
        }
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
        let events = present.iter().map(|(id, at)| Exported {
            id: id.into(),
            at: *at,
            json: told(id, *at).into(),
        });
        let answered = answer(&query, events, &Served { url: URL, now, end: None });
        let mut body: Value = serde_json::from_str(&answered.body).expect("a body is JSON");
        let Some(seconds) = body["end_time"].as_f64() else {
            return (answered.status, answered.body);
        };
        if self.microseconds {
            body["end_time"] = json!((seconds * 1e6).round() as u64);
        } else if self.manner == Manner::Seconds {
            body["end_time"] = json!(seconds as u64);
        }
        if self.manner == Manner::Twice
            && let Some(events) = body["agent_events"].as_array_mut()
        {
            *events = events.iter().flat_map(|event| [event.clone(), event.clone()]).collect();
        }
        (answered.status, body.to_string())
    }

    /// Returns the smallest limit with which a pull gets past the busiest period.
    fn least_limit(&self) -> usize {
        let most = |same: fn(Instant, Instant) -> bool| {
            self.events.chunk_by(|a, b| same(a.1, b.1)).map(<[_]>::len).max().unwrap_or(0)
        };
        match self.manner {
            Manner::Plain | Manner::Twice => 1,
            Manner::Inclusive => 2,
            Manner::TimeOnly => {
                // Requests have starts in microseconds.
                most(|a, b| a.unix_nanos().div_euclid(1000) == b.unix_nanos().div_euclid(1000)) + 1
            }
            Manner::Seconds => most(|a, b| a.unix_seconds() == b.unix_seconds()) + 1,
        }
    }
}

/// What happens in one step of a pull.
#[derive(Debug, Clone, Copy)]
enum Happens {
    Nothing,
    Status(u16, Option<&'static str>),
    ReplyLost,
    ReplyCut(usize),
    CrashBeforeRequest,
    CrashBeforeStoring,
    CrashBeforeSaving,
    CrashAfterSaving,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        5 => Just(Happens::Nothing),
        1 => Just(Happens::Status(429, Some("3"))),
        1 => Just(Happens::Status(429, None)),
        1 => Just(Happens::Status(503, Some("Mon, 22 Oct 2018 09:00:07 GMT"))),
        1 => Just(Happens::Status(500, None)),
        1 => Just(Happens::ReplyLost),
        1 => any::<usize>().prop_map(Happens::ReplyCut),
        1 => Just(Happens::CrashBeforeRequest),
        1 => Just(Happens::CrashBeforeStoring),
        1 => Just(Happens::CrashBeforeSaving),
        1 => Just(Happens::CrashAfterSaving),
    ]
}

fn servers() -> impl Strategy<Value = Server> {
    let manner = prop_oneof![
        4 => Just(Manner::Plain),
        1 => Just(Manner::Inclusive),
        1 => Just(Manner::TimeOnly),
        1 => Just(Manner::Seconds),
        1 => Just(Manner::Twice),
    ];
    // Steps between events in microseconds, often 0.
    let steps =
        prop_oneof![4 => Just(0_i64), 2 => 1..3_i64, 2 => 0..2_000_000_i64, 1 => 0..90_000_000_i64];
    let nanos = prop_oneof![3 => Just(0_u32), 1 => 1..1000_u32];
    (manner, any::<bool>(), prop::collection::vec((steps, nanos), 0..60)).prop_map(
        |(manner, microseconds, steps)| {
            let mut micros = 1_540_198_000_000_000_i64;
            let mut events: Vec<(String, Instant)> = Vec::new();
            for (i, (step, nanos)) in steps.into_iter().enumerate() {
                micros += step;
                let nanos = u32::try_from(micros % 1_000_000).expect("small") * 1000 + nanos;
                let at = Instant::from_unix(micros / 1_000_000, nanos).expect("in range");
                // The order of the ids differs from the order of the events.
                events.push((format!("{:05}.agent:7.x", i * 7919 % 10007), at));
            }
            events.sort_by_key(|(_, at)| *at);
            let microseconds = microseconds && manner != Manner::Seconds;
            Server { manner, microseconds, events }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_cursor_gets_every_event_once_in_order_whatever_fails(
        server in servers(),
        more in 0..10_usize,
        since in 0..40_usize,
        grown in 0..60_usize,
        script in prop::collection::vec(happens(), 0..60),
        jitter in 0.0..1.0_f64,
        // How far the clock is behind the last event when the pull begins, in seconds.
        behind in 0..1000_u64,
    ) {
        let limit = u16::try_from(server.least_limit() + more).ok().and_then(Limit::new);
        let limit = limit.expect("few events");
        let start = match server.events.get(since) {
            Some((_, at)) => *at,
            None => Instant::from_unix(1_540_000_000, 0).expect("in range"),
        };
        // The export has microseconds only.
        let start = Instant::from_unix(start.unix_seconds(), start.subsec_nanos() / 1000 * 1000);
        let start = start.expect("in range");
        let last = server.events.last().map_or(start, |(_, at)| *at).max(start);
        let mut now = last.saturating_sub(Duration::from_secs(behind)).max(start);
        // Some events arrive after the pull has reached the end.
        let mut present = grown.min(server.events.len());
        let mut cursor = Cursor::new(start).with_limit(limit);
        let (mut store, mut saved) = (Vec::new(), serde_json::to_string(&cursor).expect("data"));
        let mut script = script.into_iter();
        let mut steps = 0;
        'pull: loop {
            steps += 1;
            prop_assert!(steps < 1000, "the pull does not end");
            let happens = script.next().unwrap_or(Happens::Nothing);
            let mut crash = matches!(happens, Happens::CrashBeforeRequest);
            'step: {
                let request = match cursor.next(now) {
                    _ if crash => break 'step,
                    Err(refusal) => return Err(TestCaseError::fail(refusal.to_string())),
                    Ok(Step::Request(request)) => request,
                    Ok(Step::Pause(pause)) => {
                        now = later(now, pause.length);
                        break 'step;
                    }
                };
                let (mut status, mut body) = server.answer(&request.query, present, now);
                prop_assert_eq!(status, 200, "{} {}", request.query, body);
                let mut headers = Vec::new();
                match happens {
                    Happens::ReplyLost => {
                        now = later(now, cursor.lost(jitter).length);
                        break 'step;
                    }
                    Happens::Status(other, retry_after) => {
                        (status, body) = (other, String::new());
                        headers.extend(retry_after.map(|value| ("retry-after", value)));
                    }
                    Happens::ReplyCut(at) => body.truncate(at % body.len()),
                    _ => {}
                }
                let reply = Reply { host: HOST, status, headers: &headers, body: body.as_bytes() };
                let page = match cursor.take(&reply, now, jitter) {
                    Ok(Taken::Page(page)) => page,
                    Ok(Taken::Pause(pause)) => {
                        now = later(now, pause.length);
                        break 'step;
                    }
                    Err(refusal) => return Err(TestCaseError::fail(format!("{refusal}: {body}"))),
                };
                if matches!(happens, Happens::CrashBeforeStoring) {
                    crash = true;
                    break 'step;
                }
                store.extend(page.events.iter().map(|event| (*event).to_owned()));
                if matches!(happens, Happens::CrashBeforeSaving) {
                    crash = true;
                    break 'step;
                }
                saved = serde_json::to_string(&cursor).expect("data");
                crash = matches!(happens, Happens::CrashAfterSaving);
                if page.is_last && !crash {
                    let is_settled = now > later(last, Duration::from_secs(301));
                    if present == server.events.len() && is_settled {
                        break 'pull;
                    }
                    present = server.events.len();
                    now = later(now, Duration::from_secs(400));
                }
            }
            if crash {
                cursor = serde_json::from_str(&saved).expect("what was saved");
                store.truncate(usize::try_from(cursor.handed_out()).expect("few"));
            }
        }
        let wanted = server.events.iter().filter(|(_, at)| *at >= start);
        let wanted: Vec<String> = wanted.map(|(id, at)| told(id, *at)).collect();
        prop_assert_eq!(store, wanted);
    }

    #[test]
    fn any_reply_is_taken_waited_for_or_refused(
        status in prop_oneof![4 => Just(200_u16), 1 => any::<u16>()],
        host in "\\PC{0,12}|example\\.zendesk\\.com",
        header in "\\PC{0,20}",
        events in prop::collection::vec(
            prop_oneof![
                "\\{\"id\":\"[a-c]\",\"timestamp\":\"[0-2]0[0-9]{2}-01-0[1-9]T00:00:00Z\"\\}",
                "[0-9]|null|\"x\"|\\[\\{\\}\\]",
            ],
            0..5,
        ),
        end_time in "-?[0-9]{1,20}(\\.[0-9]{1,9})?(e[0-9]{1,3})?|null|\"\\PC{0,5}\"",
        next_page in "https?://[a-z.:@0-9]{0,12}(/\\?start_time=[0-9]{1,18}(&start_id=[a-c])?)?|\\PC{0,9}",
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..2),
        since in any::<i64>(),
    ) {
        let mut body = format!(
            "{{\"agent_events\":[{}],\"end_id\":\"a\",\"end_time\":{end_time},\"next_page\":{}}}",
            events.join(","),
            json!(next_page),
        ).into_bytes();
        for (at, byte) in noise {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let since = Instant::from_unix(since % 60_000_000_000, 7).expect("in range");
        let mut cursor = Cursor::new(since).with_limit(Limit::new(2).expect("in range"));
        for _ in 0..3 {
            let reply = Reply { host: &host, status, headers: &[("retry-after", &header)], body: &body };
            let before = cursor.clone();
            if cursor.take(&reply, Instant::MAX, f64::NAN).is_err() {
                prop_assert_eq!(&cursor, &before);
            }
            // The cursor never moves back.
            prop_assert!(cursor.start_time() >= Instant::from_unix(since.unix_seconds(), 0).expect("in range"));
            let _ = (cursor.next(Instant::MIN), cursor.next(Instant::MAX));
        }
    }

    #[test]
    fn any_query_is_answered_with_json(query in "\\PC{0,40}|(start_time|limit|fields|start_id)=\\PC{0,20}") {
        let event = Exported { id: "é\"".into(), at: Instant::MIN, json: "{\"id\":\"é\\\"\"}".into() };
        let served = Served { url: URL, now: Instant::MAX, end: None };
        let answered = answer(&query, [event], &served);
        prop_assert!(serde_json::from_str::<Value>(&answered.body).is_ok(), "{}", answered.body);
        prop_assert!(matches!(answered.status, 200 | 400));
    }
}

fn later(now: Instant, length: Duration) -> Instant {
    let nanos = now.unix_nanos() + i128::try_from(length.as_nanos()).expect("short");
    let seconds = i64::try_from(nanos.div_euclid(1_000_000_000)).expect("in range");
    let nanos = u32::try_from(nanos.rem_euclid(1_000_000_000)).expect("in range");
    Instant::from_unix(seconds, nanos).expect("in range")
}

#[test]
fn a_start_id_of_a_later_event_leaves_out_nothing() {
    const START: i64 = 1_540_198_000;
    let event = |id: &'static str, second| Exported {
        id: id.into(),
        at: Instant::from_unix(START + second, 0).expect("in range"),
        json: format!(r#"{{"id":"{id}"}}"#).into(),
    };
    let served = Served { url: URL, now: Instant::MAX, end: None };
    let count = |id: &str| {
        let query = format!("start_time={START}&start_id={id}");
        let page = answer(&query, [event("a", 0), event("b", 0), event("c", 1)], &served);
        serde_json::from_str::<Value>(&page.body).expect("JSON")["count"].clone()
    };
    assert_eq!(["a", "b", "c", "x"].map(count), [2, 1, 3, 3]);
}

#[test]
fn other_pages_are_taken_waited_for_or_refused() {
    let now: Instant = "2018-10-22T09:00:00Z".parse().expect("an instant");
    let reply = |body: &'static [u8]| Reply { host: HOST, status: 200, headers: &[], body };
    let mut attempts = Attempts::default();
    assert_eq!(attempts.take(&reply(br#" {"users": []}"#), now, 0.5), Ok(None));
    // A body that was cut off may come whole the next time.
    let cut_off =
        attempts.take(&reply(br#"{"users": ["#), now, 0.5).expect("a wait").expect("a wait");
    assert_eq!(cut_off.reason, PauseReason::CutOff);
    // A page is an object. What is none is strange, and stays so.
    for body in [&b"[1, 2]"[..], b"<html>", b"17"] {
        let mut attempts = Attempts::default();
        let mut refused = None;
        for _ in 0..20 {
            match attempts.take(&reply(body), now, 0.5) {
                Ok(pause) => assert!(pause.is_some(), "{body:?}"),
                Err(refusal) => refused = Some(refusal.code),
            }
        }
        assert_eq!(refused, Some(RefusalCode::NotAPage), "{body:?}");
    }
    // A good page ends the row of strange ones.
    let mut attempts = Attempts::default();
    for _ in 0..20 {
        assert!(attempts.take(&reply(b"17"), now, 0.5).expect("a wait").is_some());
        assert_eq!(attempts.take(&reply(b"{}"), now, 0.5), Ok(None));
    }
}

#[test]
fn notes_and_refusals_say_in_words_what_they_are_about() {
    let mut cursor = Cursor::new("2018-10-19T00:00:00Z".parse().expect("an instant"));
    let body = br#"{"agent_events": [{"id": "x"}, {"id": "y"}], "count": 3, "end_time": 1, "next_page": ""}"#;
    let reply = Reply { host: HOST, status: 200, headers: &[], body };
    let now = "2018-10-22T09:00:00Z".parse().expect("an instant");
    let Ok(Taken::Page(page)) = cursor.take(&reply, now, 0.5) else { panic!("a page") };
    let notes: Vec<&Note> =
        page.apart.iter().map(|apart| &apart.note).chain(&page.warnings).collect();
    let says = |code: NoteCode, words: &str| {
        let note = notes.iter().find(|note| note.code == code).expect("the note");
        assert!(note.message.contains(words), "{}", note.message);
    };
    says(NoteCode::NotAnEvent, "the record is not an event");
    says(NoteCode::CountDiffers, "is not the number of records");
    let refused = cursor.take(&Reply { status: 401, ..reply }, now, 0.5).expect_err("refused");
    assert!(refused.message.contains("check the token"), "{}", refused.message);
}
