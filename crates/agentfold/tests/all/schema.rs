//! Compares schemas with what the reader accepts and with answers, using an independent validator.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use agentfold::event::Kind;
use agentfold::export::{self, Cursor, Exported, Query, Refusal, RefusalCode, Reply, Served, Step};
use agentfold::names::Names;
use agentfold::rest::{Page, TimelineRow};
use agentfold::schema::{DOCUMENTS, Document};
use agentfold::webhook::{self, Flaw, FlawCode, Headers, Policy, Secret};
use agentfold::{Code, Counts, Event, Fold, Instant, Options, Outcome, Severity};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use crate::case::{cases, files};

/// The validator of every schema.
static VALIDATORS: LazyLock<BTreeMap<&str, Validator>> = LazyLock::new(|| {
    let schemas = DOCUMENTS.iter().filter(|document| !is_api(document.name));
    schemas
        .map(|document| {
            let made = jsonschema::draft202012::new(&document.to_json());
            (document.name, made.unwrap_or_else(|error| panic!("{}: {error}", document.name)))
        })
        .collect()
});

fn is_api(name: &str) -> bool {
    ["asyncapi", "openapi"].contains(&name)
}

fn validator(name: &str) -> &'static Validator {
    VALIDATORS.get(name).unwrap_or_else(|| panic!("no schema has the name {name}"))
}

fn document(name: &str) -> Value {
    Document::find(name).expect("known").to_json()
}

#[track_caller]
fn assert_valid(name: &str, value: &Value) {
    if let Err(error) = validator(name).validate(value) {
        panic!("{name}: {error} at {} in {value}", error.instance_path());
    }
}

/// Asserts that an answer is valid, and that it is not with one key removed or added.
#[track_caller]
fn assert_answer(name: &str, answer: &Value) {
    assert_valid(name, answer);
    for path in objects(answer, String::new()) {
        // Skip events, and maps whose keys are names or ids.
        let is_map = path.ends_with("/channels") || name == "names" && !path.is_empty();
        if path.starts_with("/data") || is_map {
            continue;
        }
        let keys: Vec<String> = keys(answer.pointer(&path).expect("there"));
        let told_by_row = name == "correction" && path.is_empty();
        let may_lack = |key: &str| {
            LEFT_OUT.contains(&key)
                || (name == "export_refusal" && key == "status")
                || (told_by_row && ["channel", "id", "track"].contains(&key))
        };
        for key in keys.iter().filter(|key| !may_lack(key)) {
            let mut less = answer.clone();
            object(&mut less, &path).remove(key);
            assert!(!validator(name).is_valid(&less), "{name}: valid without {path}/{key}: {less}");
        }
        let mut more = answer.clone();
        object(&mut more, &path).insert("more".to_owned(), Value::Null);
        assert!(!validator(name).is_valid(&more), "{name}: valid with {path}/more: {more}");
    }
}

/// Keys that some answers of a kind do not have.
const LEFT_OUT: &[&str] = &["group_id", "agents", "sequence", "sparse"];

/// Returns the paths of all objects in a value.
fn objects(value: &Value, path: String) -> Vec<String> {
    let within = |key: &str, value| objects(value, format!("{path}/{}", escape(key)));
    let mut found: Vec<String> = match value {
        Value::Object(members) => members.iter().flat_map(|(key, v)| within(key, v)).collect(),
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, v)| within(&i.to_string(), v)).collect()
        }
        _ => Vec::new(),
    };
    if value.is_object() {
        found.push(path);
    }
    found
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

fn object<'v>(value: &'v mut Value, path: &str) -> &'v mut serde_json::Map<String, Value> {
    value.pointer_mut(path).and_then(Value::as_object_mut).expect("an object")
}

/// The samples of Zendesk's documentation: nine deliveries and a record.
static SAMPLES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let text = |file: &str| {
        let files = files("documents");
        let file = files.iter().find(|path| path.ends_with(file)).expect("a sample");
        fs::read_to_string(file).expect("readable")
    };
    let samples = text("availability.ndjson") + &text("chat_event.json");
    serde_json::Deserializer::from_str(&samples).into_iter().map(|s| s.expect("JSON")).collect()
});

/// Returns the name of the schema of a sample.
fn name_of(sample: &Value) -> &str {
    match sample["type"].as_str() {
        Some(kind) => kind.strip_prefix("zen:event-type:").expect("the prefix"),
        None => "chat_event",
    }
}

#[test]
fn every_schema_is_one_by_the_meta_schema() {
    for document in DOCUMENTS.iter().filter(|document| !is_api(document.name)) {
        let schema = document.to_json();
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{}", document.name);
        assert_eq!(schema["$id"], format!("urn:agentfold:schema:{}", document.name));
        for key in ["title", "description"] {
            assert!(schema[key].is_string(), "{} has no {key}", document.name);
        }
        let text = schema.to_string();
        for rust in ["`None`", "`Some", "[`", "```", "\\n\\n```"] {
            assert!(!text.contains(rust), "{} speaks of {rust}", document.name);
        }
    }
}

#[test]
fn each_sample_fits_its_own_schema_and_no_other() {
    let names: Vec<&str> = SAMPLES.iter().map(name_of).chain(["chat_event"]).collect();
    for sample in SAMPLES.iter() {
        assert_valid("event", sample);
        for name in &names {
            let is_own = *name == name_of(sample);
            assert_eq!(validator(name).is_valid(sample), is_own, "{name}: {sample}");
        }
        let schema = document(name_of(sample));
        assert_eq!(schema["examples"][0], *sample, "the example is not the documented sample");
    }
}

#[test]
fn every_kind_of_event_has_a_sample_that_is_read_without_a_warning_and_folds() {
    let examples = DOCUMENTS.iter().flat_map(|document| {
        let examples = document.to_json()["examples"].take();
        examples.as_array().cloned().unwrap_or_default()
    });
    let events = examples.flat_map(|example| match example["agent_events"].as_array() {
        Some(events) => events.clone(),
        None => vec![example],
    });
    let samples: Vec<String> = events.map(|event| event.to_string()).collect();
    let samples: Vec<Event<'_>> =
        samples.iter().filter_map(|sample| Event::parse(sample.as_bytes()).ok()).collect();
    for kind in Kind::ALL {
        let sample = samples.iter().find(|sample| sample.kind() == Some(*kind));
        let sample = sample.unwrap_or_else(|| panic!("{kind} has no sample"));
        assert!(sample.check().iter().all(|issue| issue.code != Code::UnknownField), "{kind}");
        assert_eq!(Fold::new().apply(sample).outcome, Outcome::Applied, "{kind}");
    }
}

#[test]
fn a_sample_without_what_it_needs_does_not_fit() {
    for sample in SAMPLES.iter() {
        for path in objects(sample, String::new()) {
            for key in keys(sample.pointer(&path).expect("there")) {
                let mut mutated = sample.clone();
                object(&mut mutated, &path).insert(key, json!({ "of": ["another", "type"] }));
                assert!(!validator(name_of(sample)).is_valid(&mutated), "{mutated}");
            }
        }
    }
}

#[test]
fn the_page_of_the_document_fits() {
    let files = files("documents");
    let file = files.iter().find(|path| path.ends_with("chat_page.json")).expect("a sample");
    let page: Value =
        serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("JSON");
    assert_valid("chat_page", &page);
    assert_eq!(document("chat_page")["examples"][0], page);
    let mut mutated = page.clone();
    mutated["agent_events"][1]["value"] = json!("one");
    assert!(!validator("chat_page").is_valid(&mutated));
}

/// Errors that a schema can't express.
///
/// A schema also can't distinguish whole numbers from `7.0` and `7e3`, nor check whether an id as text
/// is below 2^64: see [`BEYOND_NUMBERS`].
const BEYOND: &[&str] =
    &["bad_instant", "future_instant", "duplicate_key", "too_large", "too_deep", "not_json"];

/// Returns whether a schema should accept an event with these errors; `None` if a schema can't express
/// them.
fn should_fit<'c>(errors: impl Iterator<Item = &'c str>) -> Option<bool> {
    let errors: Vec<&str> = errors.collect();
    match errors.iter().any(|code| BEYOND.contains(code)) {
        true => None,
        false => Some(errors.is_empty()),
    }
}

#[test]
fn the_reader_and_the_schema_agree_on_the_vectors() {
    let mut told = 0;
    for case in cases("read").into_iter().chain(cases("check")) {
        let Ok(event) = serde_json::from_slice::<Value>(&case.bytes) else { continue };
        // Schemas describe events, and not what carries them.
        if case.options.instant != Options::default().instant || case.name.starts_with("envelopes")
        {
            continue;
        }
        let issues = case.expected["issues"].as_array().expect("a list of issues");
        let errors = issues.iter().filter(|issue| issue["severity"] == "error");
        let Some(fits) = should_fit(errors.filter_map(|issue| issue["code"].as_str())) else {
            continue;
        };
        told += 1;
        let fits = fits || BEYOND_NUMBERS.contains(&&*case.name);
        assert_eq!(validator("event").is_valid(&event), fits, "{}", case.name);
    }
    assert!(told > 100, "only {told} vectors were compared with the schema");
}

/// Vectors with numbers that the reader refuses and a schema accepts.
const BEYOND_NUMBERS: &[&str] = &[
    "bad_id: an agent with a fraction is refused",
    "bad_id: an agent with an exponent is refused",
    "bad_id: an agent of 2^64 as text is refused",
    "bad_id: a group's id with an exponent is refused",
    "wrong_type: a version of 2^64 is refused",
];

/// Values that replace a part of an event.
fn replacement() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(7),
        json!(-1),
        json!(1.5),
        json!(u64::MAX),
        json!(""),
        json!("x"),
        json!("0"),
        json!("007"),
        json!("-1"),
        json!("18446744073709551615"),
        json!("online"),
        json!("status"),
        json!("engagements"),
        json!("1.0"),
        json!("zen:event-type/agent.channel_created"),
        json!("zen:event-type:agent.groups_updated"),
        json!("zen:event-type:agent.unheard_of"),
        json!("2023-04-05T23:30:58Z"),
        json!("2023-04-05 23:30:58.5+02:00"),
        json!("2023-04-05T23:30:58"),
        json!("2023-13-05T23:30:58Z"),
        json!([]),
        json!(["a", 1]),
        json!([null]),
        json!({}),
        json!({ "id": 3 }),
        json!({ "talk": { "current": 1 } }),
    ])
}

/// One change to an event.
#[derive(Debug, Clone)]
enum Mutation {
    Drop(Index, Index),
    Replace(Index, Index, Value),
    Add(Index, &'static str, Value),
    Wrap(Value),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = || (any::<Index>(), any::<Index>());
    let key = prop::sample::select(vec![
        "account_id",
        "agent_id",
        "type",
        "field_name",
        "previous_value",
        "reason",
        "previous",
        "specversion",
        "data",
        "anything",
    ]);
    prop_oneof![
        3 => place().prop_map(|(object, key)| Mutation::Drop(object, key)),
        6 => (place(), replacement()).prop_map(|((o, key), v)| Mutation::Replace(o, key, v)),
        2 => (any::<Index>(), key, replacement()).prop_map(|(o, key, v)| Mutation::Add(o, key, v)),
        1 => replacement().prop_map(Mutation::Wrap),
    ]
}

impl Mutation {
    fn of(self, event: &mut Value) {
        let paths = objects(event, String::new());
        let chosen = |index: Index| index.get(&paths).clone();
        match self {
            _ if paths.is_empty() => {}
            Mutation::Drop(place, key) => {
                let object = object(event, &chosen(place));
                let keys: Vec<String> = object.keys().cloned().collect();
                if !keys.is_empty() {
                    object.remove(key.get(&keys));
                }
            }
            Mutation::Replace(place, key, value) => {
                let object = object(event, &chosen(place));
                let keys: Vec<String> = object.keys().cloned().collect();
                if !keys.is_empty() {
                    object.insert(key.get(&keys).clone(), value);
                }
            }
            Mutation::Add(place, key, value) => {
                object(event, &chosen(place)).insert(key.to_owned(), value);
            }
            // The reader takes envelopes in envelopes, which the schema does not describe.
            Mutation::Wrap(_) if event.get("specversion").is_some() => {}
            Mutation::Wrap(version) => {
                *event = json!({ "specversion": version, "data": event.take() });
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn the_reader_and_the_schema_agree_on_mutated_samples(
        sample in any::<Index>(),
        mutations in prop::collection::vec(mutation(), 0..4),
    ) {
        let mut event = sample.get(&SAMPLES).clone();
        mutations.into_iter().for_each(|mutation| mutation.of(&mut event));
        let issues = agentfold::check(event.to_string().as_bytes());
        let errors = issues.iter().filter(|issue| issue.severity == Severity::Error);
        if let Some(fits) = should_fit(errors.map(|issue| issue.code.as_str())) {
            prop_assert_eq!(validator("event").is_valid(&event), fits, "{}: {:?}", event, issues);
        }
    }
}

#[test]
fn answers_of_the_vectors_fit_their_schemas() {
    let mut told: BTreeMap<&str, usize> = BTreeMap::new();
    for file in ["fold", "measure", "rest"].into_iter().flat_map(files) {
        let text = fs::read_to_string(&file).expect("readable");
        for line in text.lines() {
            let line: Value = serde_json::from_str(line).expect("JSON");
            let name = match line["step"]["op"].as_str() {
                Some("state" | "state_at") => "agent_state",
                Some("anomalies") => "anomaly",
                Some("intervals") => "interval",
                Some("work_items") => "work_item_span",
                Some("chat_spans") => "chat_span",
                Some("report" | "adherence" | "exceptions" | "sessions") => "report_row",
                Some("corrections") => "correction",
                Some("floor") => "channel_floor",
                Some("reconcile") => "difference",
                Some("alerts") => "alert",
                Some("episodes" | "alert_message") => {
                    let name =
                        if line["step"]["op"] == "episodes" { "episodes" } else { "alert_message" };
                    assert_valid(name, &line["expect"]);
                    continue;
                }
                _ => continue,
            };
            for answer in line["expect"].as_array().into_iter().flatten() {
                let told = told.entry(name).or_default();
                *told += 1;
                // Validate every answer. Mutate only some, because that takes longer.
                if *told < 200 {
                    assert_answer(name, answer);
                } else {
                    assert_valid(name, answer);
                }
            }
        }
    }
    assert_eq!(told.len(), 10, "{told:?}");
}

#[test]
fn what_applying_and_reading_answer_fits() {
    let mut fold = Fold::new();
    let mut changes = 0;
    for sample in SAMPLES.iter() {
        let text = sample.to_string();
        let event = Event::parse(text.as_bytes()).expect("a sample");
        assert_answer("cloud_event", &parsed(&event.to_cloud_event().expect("of a known type")));
        let applied = fold.apply(&event);
        assert_answer("applied", &json!(applied));
        for change in applied.changes {
            changes += 1;
            assert_answer("change", &json!(change));
        }
    }
    assert!(changes > 10, "{changes}");
    assert_answer("counts", &json!(Counts::default()));
    let issues = cases("check").into_iter().flat_map(|case| agentfold::check(&case.bytes));
    issues.for_each(|issue| assert_answer("issue", &json!(issue)));
    assert_answer("applied", &json!(Fold::new().apply_bytes(b"{}")));
    let page = br#"{"data": [{"id": "agent_availabilities|7", "type": "agent_availabilities", "attributes": {"agent_id": 7, "group_ids": [8]}}]}"#;
    let page = Page::parse(page).expect("a page");
    let seeded = fold.seed(2, &page, Instant::MAX);
    assert_eq!(seeded.len(), 1);
    seeded.iter().for_each(|seeded| assert_answer("seeded", &json!(seeded)));
    for code in Code::ALL {
        let issue = json!({ "code": code, "path": "", "message": "", "severity": code.severity() });
        assert_answer("issue", &issue);
    }

    let names = Names::parse(b"id,name\n7,Ann Lee\n").expect("a table");
    assert_answer("names", &json!(names));
    for wrong in [json!({ "7": 8 }), json!({ "Ann Lee": "7" })] {
        let wrong = json!({ "agents": wrong, "groups": {} });
        assert!(!validator("names").is_valid(&wrong), "{wrong}");
    }

    let row: TimelineRow<'_> = serde_json::from_value(json!({
        "agent_id": 980824, "engagement_count": 3, "status": "online",
        "start_time": "2018-10-19T12:00:00Z", "duration": 3600.0,
    }))
    .expect("a row");
    let differences =
        fold.reconcile_timeline(2, &[row], "2018-10-19T14:00:00Z".parse().expect("valid"));
    assert!(!differences.is_empty());
    for difference in differences {
        assert_answer("timeline_difference", &json!(difference));
    }
}

#[test]
fn what_is_answered_of_deliveries_fits() {
    let secrets = [Secret::new("only-zendesk-and-we-know").expect("a good secret")];
    let now: Instant = "2026-01-05T08:00:00Z".parse().expect("valid");
    let headers: Headers = webhook::sign(b"{}", &secrets[0], now).into_iter().collect();
    let policy = Policy::default();
    let signed = webhook::verify(&headers, b"{}", &secrets, now, &policy).expect("right");
    assert_answer("signed", &json!(signed));
    for flaw in webhook::explain(&headers, b"[]", &secrets, Instant::MAX, &policy) {
        assert_answer("flaw", &json!(flaw));
    }
    for code in FlawCode::ALL {
        assert_answer("flaw", &json!(Flaw { code: *code, path: "/body", message: String::new() }));
    }
}

#[test]
fn what_the_export_answers_fits() {
    let now: Instant = "2018-10-22T09:00:00Z".parse().expect("valid");
    let mut cursor = Cursor::new("2018-10-01T00:00:00Z".parse().expect("valid"));
    let Ok(Step::Request(request)) = cursor.next(now) else { panic!("old enough") };
    assert_answer("export_request", &json!(request));
    let reply = Reply { host: "example.zendesk.com", status: 401, headers: &[], body: b"{}" };
    assert_answer("export_refusal", &json!(cursor.take(&reply, now, 0.5).expect_err("refused")));
    for code in RefusalCode::ALL {
        let refusal =
            Refusal { code: *code, path: "", message: "", status: Some(400), may_pass: true };
        assert_answer("export_refusal", &json!(refusal));
    }
    for query in ["start_time=x", "start_time=1540198800", "limit=0", "fields=id"] {
        let bad = Query::parse(query, now).expect_err("bad");
        assert_answer("export_bad_query", &json!(bad));
        assert_answer("export_answer", &json!(bad.answer()));
        assert_answer("export_error", &parsed(&bad.answer().body));
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Returns the validator of a schema in a document, by its path.
fn within(document: &Value, path: &str, draft: &str) -> Validator {
    // Draft 7 ignores keys next to a `$ref`.
    let root = json!({
        "$schema": draft,
        "allOf": [{ "$ref": format!("#{path}") }],
        "components": document["components"],
    });
    jsonschema::validator_for(&root).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const DRAFT_7: &str = "http://json-schema.org/draft-07/schema#";
const DRAFT_2020_12: &str = "https://json-schema.org/draft/2020-12/schema";

#[test]
fn every_reference_in_the_documents_leads_somewhere() {
    for name in ["asyncapi", "openapi"] {
        let document = document(name);
        let mut references = 0;
        for path in objects(&document, String::new()) {
            let Some(Value::String(to)) = document.pointer(&path).expect("there").get("$ref")
            else {
                continue;
            };
            references += 1;
            let to = to.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(to).is_some(), "{name}: {path} leads to {to}");
        }
        assert!(references > 10, "{name}: {references}");
        for schema in keys(&document["components"]["schemas"]) {
            let schema = &document["components"]["schemas"][schema];
            let is_valid = match name {
                "asyncapi" => jsonschema::draft7::meta::is_valid(schema),
                _ => jsonschema::draft202012::meta::is_valid(schema),
            };
            assert!(is_valid, "{name}: {schema}");
        }
    }
}

#[test]
fn asyncapi_describes_every_kind_of_delivery() {
    let document = document("asyncapi");
    let messages = keys(&document["components"]["messages"]);
    let kinds = Kind::ALL.iter().filter_map(|kind| kind.as_str().strip_prefix("agent."));
    assert_eq!(BTreeSet::from_iter(messages.iter().map(String::as_str)), kinds.collect());
    assert_eq!(keys(&document["channels"]["deliveries"]["messages"]), messages);
    for sample in SAMPLES.iter().filter(|sample| sample.get("type").is_some()) {
        let name = name_of(sample).strip_prefix("agent.").expect("of an agent");
        let message = format!("/components/messages/{name}");
        assert_eq!(document.pointer(&format!("{message}/examples/0/payload")), Some(sample));
        let payload = within(&document, &format!("{message}/payload"), DRAFT_7);
        if let Err(error) = payload.validate(sample) {
            panic!("{name}: {error}");
        }
        let mut mutated = sample.clone();
        mutated["event"]["updated_at"] = json!(1);
        assert!(!payload.is_valid(&mutated), "{name}");
    }
    let headers = within(&document, "/components/schemas/Headers", DRAFT_7);
    let secret = Secret::new("only-zendesk-and-we-know").expect("a good secret");
    let signed = webhook::sign(b"{}", &secret, "2026-01-05T08:00:00Z".parse().expect("valid"));
    let signed: BTreeMap<String, String> =
        signed.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    assert!(headers.is_valid(&json!(signed)));
    assert!(!headers.is_valid(&json!({})));
}

#[test]
fn openapi_tells_of_what_the_endpoint_answers() {
    let document = document("openapi");
    let response = |name: &str| {
        let path = format!("/components/responses/{name}/content/application~1json");
        (within(&document, &format!("{path}/schema"), DRAFT_2020_12), format!("{path}/examples"))
    };
    let (page, bad) = (response("Page"), response("BadRequest"));
    for (schema, examples) in [&page, &bad] {
        let examples = document.pointer(examples).and_then(Value::as_object).expect("examples");
        for example in examples.values() {
            assert!(schema.is_valid(&example["value"]), "{example}");
        }
    }
    let file = &files("export")[..];
    let file = file.iter().find(|path| path.ends_with("pages.json")).expect("the pages");
    let pages: Vec<Value> =
        serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("a list");
    for case in &pages {
        let (schema, _) = if case["status"] == 200 { &page } else { &bad };
        assert!(schema.is_valid(&case["body"]), "{case}");
    }
    assert!(!page.0.is_valid(&json!({ "agent_events": {} })));

    let paths: Vec<String> = keys(&document["paths"]);
    for endpoint in [export::Endpoint::Chat, export::Endpoint::Document] {
        assert!(paths.iter().any(|path| path == endpoint.path()));
    }
    let parameters = &document["components"]["parameters"];
    let now: Instant = "2018-10-22T09:00:00Z".parse().expect("valid");
    let served = Served { url: "", now, end: None };
    for (name, value) in [
        ("limit", json!(1)),
        ("limit", json!(1000)),
        ("limit", json!(0)),
        ("limit", json!(1001)),
        ("fields", json!("*")),
        ("fields", json!("agent_events(*)")),
        ("fields", json!("agent_events(id,value)")),
        ("fields", json!("agent_events()")),
        ("fields", json!("id")),
        ("start_time", json!(1_539_952_430)),
        ("start_time", json!(1_539_952_430.5)),
        ("start_time", json!("soon")),
    ] {
        let schema = jsonschema::validator_for(&parameters[name]["schema"]).expect("a schema");
        let text = value.as_str().map_or(value.to_string(), str::to_owned);
        let answered = export::answer(&format!("{name}={text}"), [] as [Exported<'_>; 0], &served);
        assert_eq!(schema.is_valid(&value), answered.status == 200, "{name}={text}");
    }
}
