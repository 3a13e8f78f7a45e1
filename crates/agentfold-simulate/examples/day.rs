//! Prints the events of a day of a support floor, of which some are lost, repeated or late:
//! `cargo run --example day > day.ndjson`.

use std::io::{self, BufWriter, Write};

use agentfold_simulate::Simulation;

fn main() -> io::Result<()> {
    let day = Simulation {
        agents: 40,
        hours: 24,
        seed: 7,
        drop: 0.01,
        duplicate: 0.03,
        shuffle: 120,
        ..Simulation::default()
    };
    let mut output = BufWriter::new(io::stdout().lock());
    for event in day.events() {
        writeln!(output, "{event}")?;
    }
    output.flush()
}
