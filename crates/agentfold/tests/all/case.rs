//! The cases of `tests/vectors`, read by path. `tests/README.md` gives their format.

use std::fs;
use std::path::{Path, PathBuf};

use agentfold::Options;
use agentfold::event::InstantFrom;
use serde_json::Value;

/// Returns the files of one folder of vectors, sorted.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder of the vectors exists");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
}

/// One vector: what is read, how, and the expected result.
pub(crate) struct Case {
    /// The file, and the name of the case, which is a sentence.
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) options: Options,
    pub(crate) expected: Value,
}

/// Returns every case of a folder whose files are lists of cases.
pub(crate) fn cases(folder: &str) -> Vec<Case> {
    files(folder).iter().flat_map(|file| in_file(file)).collect()
}

fn in_file(file: &Path) -> Vec<Case> {
    let text = fs::read_to_string(file).expect("readable");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
    assert!(!cases.is_empty(), "no cases in {}", file.display());
    let stem = file.file_stem().expect("a name").display();
    cases.into_iter().map(|case| Case::new(&stem.to_string(), case)).collect()
}

impl Case {
    fn new(file: &str, expected: Value) -> Case {
        let name = format!("{file}: {}", expected["name"].as_str().expect("a name"));
        let bytes = match &expected["bytes"] {
            Value::Null => expected["text"].as_str().expect("a text, or bytes").into(),
            bytes => serde_json::from_value(bytes.clone()).expect("a list of bytes"),
        };
        let (told, mut options) = (&expected["options"], Options::default());
        let number = |key: &str| told[key].as_u64().and_then(|number| usize::try_from(number).ok());
        options.max_bytes = number("max_bytes").unwrap_or(options.max_bytes);
        options.max_depth = number("max_depth").unwrap_or(options.max_depth);
        options.instant = match told["instant"].as_str() {
            Some("time") => InstantFrom::Time,
            None | Some("updated_at") => InstantFrom::UpdatedAt,
            Some(other) => panic!("{name}: unknown `instant`: {other}"),
        };
        options.now = told["now"].as_str().map(|now| now.parse().expect("an instant"));
        Case { name, bytes, options, expected }
    }
}
