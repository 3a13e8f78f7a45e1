//! The conformance vectors of `tests/vectors`, read by path. `tests/README.md` gives their format.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use agentfold::{Event, Fold, Options, Outcome};
use serde_json::{Value, json};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(folder);
    let entries = fs::read_dir(&folder).expect("the vectors' folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("readable");
    text.lines().map(|line| serde_json::from_str(line).expect("a vector's line is JSON")).collect()
}

#[test]
fn folds_answer_as_the_vectors_say() {
    for file in files("fold") {
        let mut steps = 0;
        let mut folds: BTreeMap<String, Fold> = BTreeMap::new();
        let mut current = "a".to_owned();
        for line in lines(&file) {
            let Some(expected) = line.get("expect") else {
                continue;
            };
            let answer = step(&line["step"], &mut folds, &mut current);
            assert_eq!(&answer, expected, "{}: {}", file.display(), line["step"]);
            steps += 1;
        }
        assert!(steps > 0, "{} has no steps", file.display());
    }
}

/// Does one step of a vector, and answers in its words.
fn step(step: &Value, folds: &mut BTreeMap<String, Fold>, current: &mut String) -> Value {
    let text = |key: &str| step[key].as_str().unwrap_or_default();
    if let Some(name) = step.get("fold") {
        *current = name.as_str().expect("a name").to_owned();
    }
    let from = folds.get(text("merge")).cloned().unwrap_or_default();
    let fold = folds.entry(current.clone()).or_default();
    if let Some(event) = step.get("event") {
        let event = event.to_string();
        let outcome = match Options::default().parse(event.as_bytes()) {
            Ok(event) => fold.apply(&event).outcome,
            Err(issues) => Outcome::Unreadable(issues),
        };
        return json!(outcome.as_str());
    }
    let states = |fold: &Fold| -> Value {
        fold.agents().into_iter().map(|agent| json!(fold.state(agent))).collect()
    };
    match text("op") {
        "state" => states(fold),
        "state_at" => {
            let at = text("at").parse().expect("an instant");
            let states: Result<Vec<_>, _> =
                fold.agents().into_iter().map(|agent| fold.state_at(agent, at)).collect();
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
            let mut restored = Fold::new();
            restored.restore(&saved).expect("what was saved");
            assert_eq!(restored.save(), saved);
            Value::Null
        }
        "merge" => {
            fold.merge(&from).expect("equal options");
            Value::Null
        }
        "fold" => Value::Null,
        other => panic!("no such step: {other}"),
    }
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
