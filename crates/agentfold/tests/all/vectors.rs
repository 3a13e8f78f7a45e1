//! The conformance vectors of `tests/vectors`, read by path. `tests/README.md` gives their format.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use agentfold::alert::{
    Alert, AlertNames, Episode, MessageForm, Thresholds, Turn, episodes, message,
};
use agentfold::floor::Trust;
use agentfold::history::Window;
use agentfold::names::{self, Names};
use agentfold::report::{Buckets, RollUp, Row, Scheduled, corrections};
use agentfold::rest::Page;
use agentfold::stream::{Next, Record, Records};
use agentfold::{Agent, Code, Error, Event, Fold, Instant, Issue, Options, Selection, Track};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::{Case, cases, files};
use crate::damage::restored;

/// Reads and checks the cases of single events.
fn events() -> Vec<Case> {
    cases("read").into_iter().chain(cases("check")).collect()
}

#[test]
fn events_are_read_as_the_vectors_say() {
    for case in events() {
        let answer = match case.options.parse(&case.bytes) {
            Ok(event) => read(&event, &case),
            Err(issues) => json!({ "issues": codes(&issues) }),
        };
        for key in ["agent", "at", "event", "printed"] {
            assert_eq!(answer.get(key), case.expected.get(key), "{}: {key}", case.name);
        }
        if let Some(issues) = answer.get("issues") {
            assert_eq!(*issues, case.expected["issues"], "{}", case.name);
        }
    }
}

/// Checks an event that can be read.
fn read(event: &Event<'_>, case: &Case) -> Value {
    let printed = event.to_json();
    assert_eq!(case.options.parse(printed.as_bytes()).as_ref(), Ok(event), "{printed}");
    let agent = event.agent().map(|agent| {
        json!({ "account_id": agent.account_id.to_string(), "agent_id": agent.agent_id.to_string() })
    });
    let at = event.at(case.options.instant).expect("an event that was read has an instant");
    if case.expected.get("printed").is_some() {
        return json!({ "agent": agent, "at": at, "printed": printed });
    }
    let printed: Value = serde_json::from_str(&printed).expect("an event is printed as JSON");
    json!({ "agent": agent, "at": at, "event": printed })
}

/// Returns issues without their messages, which are for people.
fn codes(issues: &[Issue]) -> Value {
    let code = |issue: &Issue| json!({ "code": issue.code, "path": issue.path, "severity": issue.severity });
    issues.iter().map(code).collect()
}

#[test]
fn events_are_checked_as_the_vectors_say() {
    for case in events() {
        let issues = case.options.check(&case.bytes);
        assert_eq!(codes(&issues), case.expected["issues"], "{}", case.name);
        assert!(issues.iter().all(|issue| !issue.message.is_empty()), "{}", case.name);
    }
}

#[test]
fn every_code_has_a_vector() {
    let (streams, names) = (cases("streams"), cases("names"));
    let cases = cases("check");
    let records = streams.iter().flat_map(|case| case.expected["records"].as_array()).flatten();
    let all = cases.iter().chain(&names).map(|case| &case.expected).chain(records);
    let issues = all.filter_map(|record| record["issues"].as_array()).flatten();
    let told: HashSet<&str> = issues.filter_map(|issue| issue["code"].as_str()).collect();
    // Packed bytes have no vectors.
    for code in Code::ALL.iter().filter(|code| **code != Code::DamagedStream) {
        assert!(told.contains(code.as_str()), "no vector in tests/vectors has {code}");
    }
}

#[test]
fn names_are_read_as_the_vectors_say() {
    for case in cases("names") {
        let page = names::Page::parse(&case.bytes);
        let answer = match &page {
            Ok(page) => json!({ "names": page.names }),
            Err(issues) => json!({ "issues": codes(issues) }),
        };
        for key in ["names", "issues"] {
            assert_eq!(answer.get(key), case.expected.get(key), "{}", case.name);
        }
        let Ok(page) = page else { continue };
        assert_eq!(Names::parse(answer["names"].to_string().as_bytes()).as_ref(), Ok(&page.names));
        if let Some(next) = case.expected.get("next") {
            assert_eq!(json!(page.next), *next, "{}", case.name);
        }
    }
}

#[test]
fn streams_are_read_as_the_vectors_say() {
    for case in cases("streams") {
        assert_eq!(records(&case, usize::MAX), case.expected["records"], "{}", case.name);
        let mut unreadable = Vec::new();
        let counts = Fold::with_options(&case.options)
            .read(&case.bytes, |bad| unreadable.push(record(Record::Unreadable(bad))));
        let expected = case.expected["records"].as_array().expect("a list of records");
        let bad: Vec<&Value> =
            expected.iter().filter(|record| record.get("id").is_none()).collect();
        assert_eq!(unreadable.iter().collect::<Vec<_>>(), bad, "{}", case.name);
        let warnings = bad.iter().filter(|bad| bad["issues"][0]["severity"] == "warning").count();
        assert_eq!(counts.total(), (expected.len() - warnings) as u64, "{}", case.name);
    }
}

#[test]
fn bytes_are_folded_as_their_events_are() {
    for case in events().into_iter().chain(cases("streams")) {
        let mut one_by_one = Fold::with_options(&case.options);
        let mut stream = Records::new(&case.options);
        let mut rest = &case.bytes[..];
        while let (used, Next::Item(record)) = stream.next(rest, true) {
            rest = &rest[used..];
            if let Record::Event(event) = record {
                one_by_one.apply(&event);
            }
        }
        let mut at_once = Fold::with_options(&case.options);
        at_once.read(&case.bytes, |_| {});
        assert_eq!(at_once.save(), one_by_one.save(), "{}", case.name);
    }
}

#[test]
fn streams_are_read_the_same_byte_by_byte() {
    for case in cases("streams") {
        assert_eq!(records(&case, 1), case.expected["records"], "{}", case.name);
    }
    for case in events() {
        assert_eq!(records(&case, 1), records(&case, usize::MAX), "{}", case.name);
    }
}

/// Returns the records of a case that arrives in chunks of a size.
fn records(case: &Case, chunk: usize) -> Value {
    let mut stream = Records::new(&case.options);
    let (mut from, mut to, mut found) = (0, chunk.min(case.bytes.len()), Vec::new());
    loop {
        let (used, next) = stream.next(&case.bytes[from..to], to == case.bytes.len());
        from += used;
        match next {
            Next::Item(next) => found.push(record(next)),
            Next::More => {
                assert!(to < case.bytes.len(), "{}: needs more bytes at the end", case.name);
                to = case.bytes.len().min(to.saturating_add(chunk));
            }
            Next::End => return json!(found),
        }
    }
}

/// Returns a record in the format of the vectors.
fn record(record: Record<'_>) -> Value {
    match record {
        Record::Event(event) => {
            // Numbers of other fields may be out of the range of `Value`.
            #[derive(Deserialize)]
            struct Printed {
                id: Option<Value>,
            }
            let printed: Printed = serde_json::from_str(&event.to_json()).expect("JSON");
            json!({ "id": printed.id })
        }
        Record::Unreadable(bad) => json!({ "line": bad.text.line, "issues": codes(&bad.issues) }),
    }
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("readable");
    text.lines().map(|line| serde_json::from_str(line).expect("a vector's line is JSON")).collect()
}

#[test]
fn folds_answer_as_the_vectors_say() {
    let folders = ["fold", "measure", "rest"];
    for file in folders.into_iter().flat_map(files) {
        // Then with folds that are saved and restored before each step.
        for is_restored in [false, true] {
            let mut steps = 0;
            let mut folds: BTreeMap<String, Fold> = BTreeMap::new();
            let mut current = "a".to_owned();
            let mut told = Vec::new();
            for line in lines(&file) {
                let Some(expected) = line.get("expect") else {
                    continue;
                };
                if !cfg!(feature = "border") && line["step"]["op"] == "bad_thresholds" {
                    continue;
                }
                if is_restored {
                    folds.values_mut().for_each(|fold| *fold = restored(&fold.save()));
                }
                let answer = step(&line["step"], &mut folds, &mut current, &mut told);
                assert_eq!(&answer, expected, "{}: {}", file.display(), line["step"]);
                steps += 1;
            }
            assert!(steps > 0, "{} has no steps", file.display());
        }
    }
}

/// Runs one step of a vector, and returns the result in the format of the vectors.
fn step(
    step: &Value,
    folds: &mut BTreeMap<String, Fold>,
    current: &mut String,
    told: &mut Vec<Episode>,
) -> Value {
    let text = |key: &str| step[key].as_str().unwrap_or_default();
    if let Some(name) = step.get("fold") {
        *current = name.as_str().expect("a name").to_owned();
    }
    let from = folds.get(text("merge")).cloned().unwrap_or_default();
    let fold = folds.entry(current.clone()).or_default();
    if let Some(event) = step.get("event") {
        let event = event.to_string();
        return json!(fold.apply_bytes(event.as_bytes()).outcome.as_str());
    }
    let states =
        |fold: &Fold| -> Value { fold.agents().map(|agent| json!(fold.state(agent))).collect() };
    match text("op") {
        "state" => states(fold),
        "state_at" => {
            let at = text("at").parse().expect("an instant");
            let states: Result<Vec<_>, _> =
                fold.agents().map(|agent| fold.state_at(agent, at)).collect();
            match states {
                Ok(states) => states.into_iter().flatten().map(|state| json!(state)).collect(),
                Err(error) => json!(error.code()),
            }
        }
        "anomalies" => {
            let mut anomalies: Vec<Value> = fold.anomalies().iter().map(|a| json!(a)).collect();
            anomalies.sort_by_key(Value::to_string);
            json!(anomalies)
        }
        "compact" => {
            fold.compact(text("before").parse().expect("an instant"));
            let saved = fold.save();
            assert_eq!(restored(&saved).save(), saved);
            Value::Null
        }
        "merge" => {
            fold.merge(&from).expect("equal options");
            Value::Null
        }
        "fold" => Value::Null,
        "intervals" => {
            let id = |key: &str| text(key).parse().expect("an id");
            let agent = Agent { account_id: id("account_id"), agent_id: id("agent_id") };
            let track = step["track"].as_str().map(str::parse::<Track>).transpose();
            let intervals =
                track.and_then(|track| fold.intervals(agent, track.as_ref(), &window(fold, step)?));
            intervals.map_or_else(|error| json!(error.code()), |intervals| json!(intervals))
        }
        "work_items" => {
            let spans = window(fold, step).map(|window| {
                fold.agents().flat_map(|agent| fold.work_items(agent, &window)).collect::<Vec<_>>()
            });
            spans.map_or_else(|error| json!(error.code()), |spans| json!(spans))
        }
        "chat_spans" => {
            let spans = window(fold, step).map(|window| {
                fold.agents().flat_map(|agent| fold.chat_spans(agent, &window)).collect::<Vec<_>>()
            });
            spans.map_or_else(|error| json!(error.code()), |spans| json!(spans))
        }
        "report" => report(fold, step).iter().map(|row| json!(row)).collect(),
        "adherence" => {
            let schedule: Vec<Scheduled> =
                serde_json::from_value(step["schedule"].clone()).expect("a schedule");
            let rows = fold.adherence(&schedule, instant(&step["as_of"])).expect("good tracks");
            rows.into_iter().map(|row| json!(Row::Adherence(row))).collect()
        }
        "exceptions" => {
            let schedule: Vec<Scheduled> =
                serde_json::from_value(step["schedule"].clone()).expect("a schedule");
            let rows = fold.exceptions(&schedule, instant(&step["as_of"])).expect("good tracks");
            rows.into_iter().map(|row| json!(Row::Exception(row))).collect()
        }
        "schedule_warnings" => {
            let schedule: Vec<Scheduled> =
                serde_json::from_value(step["schedule"].clone()).expect("a schedule");
            let warnings = fold.schedule_warnings(&schedule).into_iter().map(|warning| {
                let mut warning = json!(warning);
                // Messages are for people.
                warning.as_object_mut().expect("an object").remove("message");
                warning
            });
            warnings.collect()
        }
        "sessions" => {
            let rows =
                fold.sessions(&buckets(fold, step), &selection(step)).expect("not too many rows");
            rows.map(|row| json!(Row::Sessions(row))).collect()
        }
        "usual_event_times" => json!(fold.usual_event_times()),
        "seed" => {
            let seeded = fold.seed(account(step), &page(step), instant(&step["at"]));
            seeded.iter().map(|seeded| json!(seeded.applied.outcome.as_str())).collect()
        }
        "reconcile" => json!(fold.reconcile(account(step), &page(step))),
        "floor" => {
            let seconds = |key: &str| Duration::from_secs(step[key].as_u64().expect("seconds"));
            let trust = Trust::default()
                .with_near(seconds("near_seconds"))
                .with_silent(seconds("silent_seconds"));
            let floor = fold.floor(instant(&step["at"]), &trust, &selection(step));
            floor.map_or_else(|error| json!(error.code()), |floor| json!(floor))
        }
        "alerts" => {
            let alerts = alerts(fold, step);
            alerts.map_or_else(|error| json!(error.code()), |alerts| json!(alerts))
        }
        "episodes" => {
            let alerts = alerts(fold, step).expect("known");
            let look = episodes(told, alerts, instant(&step["at"]));
            // As a host stores them.
            *told = serde_json::from_value(json!(look.told)).expect("episodes");
            json!(look)
        }
        "alert_message" => {
            let alert: Alert = serde_json::from_value(step["alert"].clone()).expect("an alert");
            let (turn, form): (Turn, MessageForm) =
                (text("turn").parse().expect("a turn"), text("form").parse().expect("a form"));
            let names: AlertNames = step.get("names").map_or_else(AlertNames::default, |names| {
                serde_json::from_value(names.clone()).expect("names")
            });
            json!(message(&alert, turn, form, instant(&step["at"]), &names))
        }
        "bad_thresholds" => bad_thresholds(&step["thresholds"]),
        "corrections" => {
            let before = folds.get(text("of")).cloned().unwrap_or_default();
            let after = step.get("after").unwrap_or(step);
            let corrections = corrections(&report(&before, step), &report(&folds[current], after));
            corrections.map_or_else(|error| json!(error.code()), |corrections| json!(corrections))
        }
        other => panic!("unknown step: {other}"),
    }
}

fn alerts(fold: &Fold, step: &Value) -> Result<Vec<Alert>, Error> {
    let thresholds: Thresholds =
        serde_json::from_value(step["thresholds"].clone()).expect("thresholds");
    fold.alerts(&thresholds, instant(&step["at"]), &selection(step))
}

#[cfg(not(feature = "border"))]
fn bad_thresholds(_: &Value) -> Value {
    Value::Null
}

/// Returns what is wrong with thresholds.
#[cfg(feature = "border")]
fn bad_thresholds(thresholds: &Value) -> Value {
    let argument =
        agentfold::border::Argument::new("thresholds", thresholds.clone()).expect("plain data");
    let failure = argument.read_all::<Thresholds>().expect_err("bad");
    assert_eq!(failure.code(), "bad_argument");
    assert_eq!(failure.path(), failure.more().issues[0].path);
    let problem = |issue: &Issue| json!({ "code": issue.code, "path": issue.path });
    failure.more().issues.iter().map(problem).collect()
}

/// Returns the selection of a step; everything by default.
fn selection(step: &Value) -> Selection {
    let selection = step.get("selection").cloned();
    selection.map(|it| serde_json::from_value(it).expect("a selection")).unwrap_or_default()
}

fn instant(text: &Value) -> Instant {
    text.as_str().expect("a text").parse().expect("an instant")
}

fn account(step: &Value) -> u64 {
    step["account_id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

/// Returns the page of the REST record of a step.
fn page(step: &Value) -> Page {
    Page::parse(step["page"].to_string().as_bytes()).expect("a good page")
}

/// Returns the window of a step.
fn window(fold: &Fold, step: &Value) -> Result<Window, Error> {
    let [from, to] = ["from", "to"].map(|key| instant(&step[key]));
    Window::new(from, to, as_of(fold, step, to))
}

fn as_of(fold: &Fold, step: &Value, to: Instant) -> Instant {
    step.get("as_of").map_or_else(|| fold.default_as_of(to), instant)
}

/// Returns the report of a step.
fn report(fold: &Fold, step: &Value) -> Vec<Row> {
    let by: RollUp = step["by"].as_str().and_then(|by| by.parse().ok()).expect("a roll-up");
    fold.report(&buckets(fold, step), by, &selection(step)).expect("not too many rows").collect()
}

/// Returns the buckets of a step.
fn buckets(fold: &Fold, step: &Value) -> Buckets {
    let boundaries: Vec<Instant> =
        step["boundaries"].as_array().expect("a list").iter().map(instant).collect();
    let to = *boundaries.last().expect("a boundary");
    Buckets::new(boundaries, as_of(fold, step, to)).expect("rising")
}

#[test]
fn events_read_back_from_their_cloud_events() {
    let (mut told, mut ids) = (0, HashSet::new());
    for case in events() {
        if case.expected.get("printed").is_some() {
            continue;
        }
        let Ok(event) = case.options.parse(&case.bytes) else { continue };
        let Some(cloud) = event.to_cloud_event() else { continue };
        let attributes: Value = serde_json::from_str(&cloud).expect("JSON");
        for key in ["specversion", "id", "source", "type", "time", "data"] {
            assert!(!attributes[key].is_null(), "{}: {key}", case.name);
        }
        let data = &attributes["data"];
        let at = data.pointer("/event/updated_at").unwrap_or(&data["timestamp"]);
        assert_eq!(&attributes["time"], at, "{}", case.name);
        let options = Options::default().with_instant(case.options.instant);
        let again = options.parse(cloud.as_bytes());
        assert_eq!(again.expect("an event").to_json(), event.to_json(), "{}", case.name);
        ids.insert(attributes["id"].to_string());
        told += 1;
    }
    assert!(told > 20 && ids.len() > 3, "{told} events");
}

#[test]
fn the_documents_samples_print_back_equal() {
    for file in files("documents") {
        let text = fs::read_to_string(&file).expect("readable");
        let samples: Vec<Value> = serde_json::Deserializer::from_str(&text)
            .into_iter()
            .map(|sample| sample.expect("a sample is JSON"))
            .flat_map(|sample: Value| match sample.get("agent_events") {
                Some(events) => events.as_array().expect("a page's events").clone(),
                None => vec![sample],
            })
            .collect();
        for sample in samples {
            let text = sample.to_string();
            let event = Event::parse(text.as_bytes()).expect("the documents' events are good");
            let printed: Value = serde_json::from_str(&event.to_json()).expect("JSON");
            assert_eq!(printed, sample);
        }
    }
}
