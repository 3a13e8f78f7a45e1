//! An event is the same in a CloudEvent, and what is read of an edited one is read again when it is printed.
#![no_main]

use agentfold::Event;
use agentfold_fuzz::{Told, edit, fold};

libfuzzer_sys::fuzz_target!(|input: (Told, Vec<(u16, u8, Vec<u8>)>)| {
    let (told, edits) = input;
    let wrapped = told.event().to_cloud_event().expect("it has an agent");
    let mut fold = fold([&told]);
    let saved = fold.save();
    assert_eq!(fold.apply_bytes(wrapped.as_bytes()).outcome.as_str(), "duplicate");
    assert_eq!(fold.save(), saved);
    let mut bytes = wrapped.into_bytes();
    edit(&mut bytes, 0, edits);
    if let Ok(read) = Event::parse(&bytes) {
        let printed = read.to_json();
        assert_eq!(Event::parse(printed.as_bytes()), Ok(read), "{printed}");
    }
});
