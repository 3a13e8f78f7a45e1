//! Reading many records at once gives the same results as reading them one by one.

use agentfold::stream::{Record, Records, Unreadable};
use agentfold::{Counts, Fold, Outcome};
use agentfold_simulate::{Feed, Simulation};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The results that must be equal: the fold, the outcomes, and the places of unreadable records.
#[derive(Debug, PartialEq)]
struct Told {
    saved: Vec<u8>,
    counts: Counts,
    unreadable: Vec<(u64, u64, Vec<u8>)>,
}

fn one_by_one(bytes: &[u8]) -> Told {
    let (mut fold, mut counts, mut unreadable) = (Fold::new(), Counts::default(), Vec::new());
    for record in Records::iter(bytes) {
        counts.add(&match record {
            Record::Event(event) => fold.apply(&event).outcome,
            Record::Unreadable(bad) => {
                unreadable.push((bad.text.line, bad.text.offset, bad.text.bytes.to_vec()));
                Outcome::Unreadable { issues: bad.issues }
            }
        });
    }
    Told { saved: fold.save(), counts, unreadable }
}

fn many_at_once(bytes: &[u8], chunk: usize) -> Told {
    let (mut fold, mut counts, mut unreadable) = (Fold::new(), Counts::default(), Vec::new());
    let mut stream = fold.stream();
    let mut note = |bad: Unreadable<'_>| {
        unreadable.push((bad.text.line, bad.text.offset, bad.text.bytes.to_vec()));
    };
    for part in bytes.chunks(chunk) {
        stream.push(part);
        counts += fold.read_stream(&mut stream, &mut note);
    }
    stream.end();
    counts += fold.read_stream(&mut stream, &mut note);
    assert!(stream.is_finished());
    Told { saved: fold.save(), counts, unreadable }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn many_at_once_is_as_one_by_one(
        seed in any::<u64>(),
        separator in select(vec!["\n", "\r\n", "\n\n", "", " \n\t", ",\n"]),
        edits in prop::collection::vec((any::<Index>(), 0..4_usize, "[{}\"\\\\\né,x]{0,2}"), 0..6),
        chunk in select(vec![100_usize, 3_000, 70_000, 1 << 20]),
    ) {
        let floor = Simulation {
            agents: 8, hours: 2, seed, duplicate: 0.05, shuffle: 60, feed: Feed::Both, ..Simulation::default()
        };
        let events: Vec<String> = floor.events().take(700).collect();
        let mut bytes = events.join(separator).into_bytes();
        for (at, cut, insert) in edits {
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + cut);
            bytes.splice(at..end, insert.into_bytes());
        }
        prop_assert_eq!(many_at_once(&bytes, chunk), one_by_one(&bytes));
    }
}

#[test]
fn counts_add_up_outcome_by_outcome() {
    let counts = Counts {
        applied: 1,
        late: 2,
        duplicate: 4,
        expired: 8,
        ignored: 16,
        limit: 32,
        unreadable: 64,
    };
    assert_eq!(counts.total(), 127);
    let mut twice = counts;
    twice += counts;
    assert_eq!(
        twice,
        Counts {
            applied: 2,
            late: 4,
            duplicate: 8,
            expired: 16,
            ignored: 32,
            limit: 64,
            unreadable: 128
        }
    );
    assert_eq!([counts, twice].into_iter().sum::<Counts>().total(), 3 * 127);
}
