//! Many events of an agent are packed in blocks. A fold that is saved and restored between them is that of the same
//! events in any order, and its state as of an instant is that of the events until then.
#![no_main]

use agentfold::Fold;
use agentfold_fuzz::{Told, fold};

libfuzzer_sys::fuzz_target!(|input: (Vec<Told>, u8)| {
    let (mut told, every) = input;
    let mut kept = Fold::new();
    for some in told.chunks(usize::from(every) + 1) {
        for told in some {
            kept.apply(&told.event());
        }
        let saved = kept.save();
        kept = Fold::new();
        kept.restore(&saved).expect("what was saved");
    }
    let last = told.last().map(Told::at);
    told.sort_by_key(Told::at);
    assert_eq!(kept.save(), fold(&told).save());
    let Some(at) = last else { return };
    let until = fold(told.iter().filter(|told| told.at() <= at));
    for agent in kept.agents() {
        assert_eq!(kept.state_at(agent, at).expect("not compacted"), until.state(agent));
    }
});
