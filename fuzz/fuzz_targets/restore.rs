//! An edited saved fold is refused, or restored to a fold that answers and saves the same.
#![no_main]

use std::sync::LazyLock;

use agentfold::report::{Buckets, RollUp};
use agentfold::{Fold, Instant, Selection};
use agentfold_fuzz::edit;

/// A saved fold of the events of Zendesk's documentation.
static SAVED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut fold = Fold::new();
    for sample in [
        &include_bytes!("../../tests/vectors/documents/availability.ndjson")[..],
        include_bytes!("../../tests/vectors/documents/chat_page.json"),
    ] {
        fold.read(sample, |bad| panic!("{:?}", bad.issues));
    }
    fold.save()
});

libfuzzer_sys::fuzz_target!(|edits: Vec<(u16, u8, Vec<u8>)>| {
    // Edit after the version, without the checksum, which is then corrected.
    let (version, sum) = (b"agentfold".len() + 1, 4);
    let mut bytes = SAVED[..SAVED.len() - sum].to_vec();
    edit(&mut bytes, version, edits);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());

    let (mut fold, mut again) = (Fold::new(), Fold::new());
    if fold.restore(&bytes).is_err() {
        return assert_eq!(fold.save(), again.save());
    }
    again.restore(&fold.save()).expect("what was saved");
    assert_eq!(again.save(), fold.save());
    assert_eq!(again.anomalies(), fold.anomalies());
    for agent in fold.agents() {
        assert_eq!(again.state(agent), fold.state(agent));
    }
    let buckets = Buckets::new(vec![Instant::MIN, Instant::MAX], Instant::MAX).expect("rising");
    for by in [RollUp::Agent, RollUp::Group] {
        let [again, fold] = [&again, &fold]
            .map(|fold| fold.report(&buckets, by, &Selection::all()).expect("few rows"));
        assert!(again.eq(fold));
    }
});
