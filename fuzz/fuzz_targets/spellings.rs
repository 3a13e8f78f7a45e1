//! A record is read alike alone, where nothing is learned, and in a stream of records of any spellings,
//! where the reader learns them.
#![no_main]

use agentfold::stream::{Record, Records};
use agentfold::{Event, Fold};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.trim_ascii());
    let records: Vec<&[u8]> =
        lines.filter(|line| line.starts_with(b"{") && Event::parse(line).is_ok()).collect();
    // The second time, the spellings are known.
    let twice = [&records[..], &records[..]].concat();
    let stream = twice.join(&b'\n');
    let mut read = Records::iter(&stream);
    let mut fold = Fold::new();
    for record in &twice {
        let event = Event::parse(record).expect("it was read before");
        assert_eq!(read.next(), Some(Record::Event(event)));
        fold.apply_bytes(record);
    }
    assert_eq!(read.next(), None);
    let mut whole = Fold::new();
    whole.read(&stream, |bad| panic!("{bad}"));
    assert!(whole == fold);
});
