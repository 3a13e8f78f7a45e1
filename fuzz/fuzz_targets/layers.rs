//! Parse, print, parse gives an equal event, and `check` finds errors just where `parse` does.
#![no_main]

use agentfold::{Event, Severity, check};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| match Event::parse(bytes) {
    Ok(event) => {
        assert!(check(bytes).iter().all(|issue| issue.severity == Severity::Warning));
        let printed = event.to_json();
        assert_eq!(Event::parse(printed.as_bytes()), Ok(event), "{printed}");
    }
    Err(issues) => assert_eq!(check(bytes), issues),
});
