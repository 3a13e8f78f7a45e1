//! Events that are dealt to several folds in any way, some to two of them, merge to the fold of all events, in any order
//! of merging, and also from what was saved.
#![no_main]

use agentfold::Fold;
use agentfold_fuzz::{Told, fold};

libfuzzer_sys::fuzz_target!(|dealt: Vec<(Told, [bool; 3])>| {
    let whole = fold(dealt.iter().map(|(told, _)| told));
    let parts: Vec<Fold> = (0..3)
        .map(|part| {
            let is_of = |to: &[bool; 3]| to[part] || part == 0 && *to == [false; 3];
            fold(dealt.iter().filter(|(_, to)| is_of(to)).map(|(told, _)| told))
        })
        .collect();
    let (mut forward, mut restored) = (Fold::new(), Fold::new());
    for part in &parts {
        forward.merge(part).expect("few agents");
        restored.restore(&part.save()).expect("what was saved");
    }
    let mut backward = Fold::new();
    for part in parts.into_iter().rev() {
        backward.absorb(part).expect("few agents");
    }
    assert_eq!(forward.save(), whole.save());
    assert_eq!(restored.save(), whole.save());
    assert_eq!(backward.save(), whole.save());
    forward.merge(&whole).expect("few agents");
    assert_eq!(forward.save(), whole.save());
});
