//! The cost of disorder within one agent: the same events in several orders of arrival.

use std::sync::LazyLock;

use agentfold::Fold;
use agentfold_simulate::Simulation;

/// Two years of one agent.
static EVENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let simulation = Simulation { agents: 1, hours: 17_520, seed: 5, ..Simulation::default() };
    simulation.events().collect()
});

fn main() {
    divan::main();
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Ordered,
    /// As from two partitions that are read in turns.
    TwoHalves,
    Reversed,
    Shuffled,
}

impl Order {
    /// The events in this order, as lines.
    fn arrival(self) -> Vec<u8> {
        let count = EVENTS.len();
        let place = |arrival: usize| match self {
            Order::Ordered => arrival,
            Order::TwoHalves => arrival / 2 + arrival % 2 * (count / 2),
            Order::Reversed => count - 1 - arrival,
            // A step without a common factor visits every event once.
            Order::Shuffled => (arrival * 7_919_057) % count,
        };
        let lines = (0..count - count % 2).map(|arrival| EVENTS[place(arrival)].as_str());
        lines.collect::<Vec<_>>().join("\n").into_bytes()
    }
}

#[divan::bench(args = [Order::Ordered, Order::TwoHalves, Order::Reversed, Order::Shuffled], sample_count = 10)]
fn fold(bencher: divan::Bencher<'_, '_>, order: Order) {
    let events = order.arrival();
    bencher.bench_local(|| {
        let mut fold = Fold::new();
        fold.read(&events, |bad| panic!("{bad}"));
        fold
    });
}
