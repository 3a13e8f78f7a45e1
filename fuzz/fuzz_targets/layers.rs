//! Parsing a printed event gives an equal event, `check` finds errors exactly when `parse` does, and
//! what is not JSON is not JSON for `serde_json` either.
#![no_main]

use agentfold::{Code, Event, Issue, Severity, check};
use serde_json::value::RawValue;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| match Event::parse(bytes) {
    Ok(event) => {
        assert!(is_json(bytes));
        assert!(check(bytes).iter().all(|issue| issue.severity == Severity::Warning));
        let printed = event.to_json();
        assert_eq!(Event::parse(printed.as_bytes()), Ok(event), "{printed}");
    }
    Err(issues) => {
        assert_eq!(check(bytes), issues[..]);
        // A lone surrogate is valid JSON, but not valid text. A path leads into an envelope.
        let broken = |issue: &Issue| {
            matches!(issue.code, Code::NotJson | Code::OtherFormat)
                && issue.path.is_empty()
                && !issue.message.contains("surrogate")
        };
        let unread = |issue: &Issue| matches!(issue.code, Code::TooLarge | Code::TooDeep);
        if !issues.iter().any(unread) {
            assert_eq!(is_json(bytes), !issues.iter().any(broken), "{issues:?}");
        }
    }
});

fn is_json(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice::<&RawValue>(bytes).is_ok()
}
