//! Whatever an agent is scheduled to do, the parts of a line are those of its length, and the exceptions lie in it.
#![no_main]

use agentfold::report::Scheduled;
use agentfold::{Agent, Track};
use agentfold_fuzz::{Told, at, fold};

libfuzzer_sys::fuzz_target!(|input: (Vec<Told>, Vec<(u8, u16, u16, u8, Vec<String>)>, u16)| {
    let (told, lines, as_of) = input;
    let fold = fold(&told);
    let at = |second: u16| at(second.into());
    let agent = |number: u8| Agent::new(2, u64::from(number % 4));
    let track = |number: u8| match number % 5 {
        0 => None,
        1 => Some(Track::UnifiedState),
        2 => Some(Track::State("support".to_owned())),
        3 => Some(Track::ChatStatus),
        _ => Some(Track::ChatEngagements),
    };
    let schedule: Vec<Scheduled> = lines
        .into_iter()
        .map(|(of, from, to, on, states)| Scheduled {
            account_id: agent(of).account_id,
            agent_id: agent(of).agent_id,
            from: at(from),
            to: at(to),
            track: track(on),
            states,
        })
        .collect();
    for row in fold.adherence(&schedule, at(as_of)).expect("all tracks have states") {
        assert_eq!(row.adherent_ns + row.out_ns + row.unknown_ns, row.elapsed_ns);
        assert!(row.elapsed_ns <= row.scheduled_ns);
        assert!(row.disputed_ns + row.inferred_ns <= row.elapsed_ns);
        assert!(row.doubtful_ns <= row.elapsed_ns);
        assert!(row.adherence.is_none_or(|part| (0.0..=1.0).contains(&part)));
    }
    for row in fold.exceptions(&schedule, at(as_of)).expect("all tracks have states") {
        assert!(row.from <= row.to && row.to <= at(as_of), "{row:?}");
    }
    drop(fold.schedule_warnings(&schedule));
});
