//! The main promise at full size.

use agentfold::Fold;
use agentfold_simulate::{Feed, Simulation};

/// Shuffles with a small random number generator, so that the test is the same on every machine.
fn shuffle<T>(items: &mut [T]) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for last in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(last, (state % (last as u64 + 1)) as usize);
    }
}

fn saved<'e>(events: impl Iterator<Item = &'e String>) -> Vec<u8> {
    let mut fold = Fold::new();
    for event in events {
        let counts = fold.read(event.as_bytes(), |bad| panic!("{:?}", bad.issues));
        assert_eq!(counts.total(), 1);
    }
    fold.save()
}

#[test]
fn a_million_events_in_any_order_with_repeats_save_to_the_same_bytes() {
    let floor =
        Simulation { agents: 3000, hours: 24, seed: 5, feed: Feed::Both, ..Simulation::default() };
    let mut events: Vec<String> = floor.events().take(1_000_000).collect();
    assert_eq!(events.len(), 1_000_000);
    let in_order = saved(events.iter());
    assert!(saved(events.iter().rev()) == in_order, "backwards");
    shuffle(&mut events);
    let repeats = events.iter().step_by(7);
    assert!(saved(events.iter().chain(repeats)) == in_order, "shuffled and repeated");
}
