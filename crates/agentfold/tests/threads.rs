//! One fold in several threads: with a sanitizer of threads, as `make sanitize` runs it, and without.

use std::sync::{Mutex, RwLock};
use std::thread;

use agentfold::Fold;
use agentfold_simulate::Simulation;

#[test]
fn threads_that_apply_and_ask_at_once_give_the_fold_of_all_events() {
    let simulation = Simulation { agents: 20, hours: 4, shuffle: 600, ..Simulation::default() };
    let events: Vec<String> = simulation.events().collect();
    let mut whole = Fold::new();
    events.iter().for_each(|event| drop(whole.apply_bytes(event.as_bytes())));
    let fold = RwLock::new(Fold::new());
    let asked = Mutex::new(0);
    thread::scope(|scope| {
        for part in 0..2 {
            let (events, fold, asked) = (&events, &fold, &asked);
            scope.spawn(move || {
                for batch in events.chunks(50).skip(part).step_by(2) {
                    let mut shared = fold.write().expect("no thread panics");
                    batch.iter().for_each(|event| drop(shared.apply_bytes(event.as_bytes())));
                    let snapshot = shared.snapshot();
                    drop(shared);
                    // The snapshot shares its data with the fold, which the other thread changes meanwhile.
                    let states = snapshot.agents().filter_map(|agent| snapshot.state(agent));
                    let states = states.count() + snapshot.anomalies().len();
                    let usual = snapshot.usual_event_times().is_some();
                    let shared = fold.read().expect("no thread panics");
                    *asked.lock().expect("no thread panics") += states + usize::from(usual);
                    assert!(shared.len() >= snapshot.len());
                }
            });
        }
    });
    assert!(asked.into_inner().expect("no thread panics") > 100);
    assert!(fold.into_inner().expect("no thread panics").save() == whole.save());
}
