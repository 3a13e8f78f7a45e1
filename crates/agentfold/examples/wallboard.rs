//! A wallboard in a few lines: reads deliveries from standard input, and prints who is free.
//!
//! `agentfold simulate --agents 8 --hours 3 | cargo run --example wallboard`

use std::io::{self, Read};

use agentfold::Fold;

fn main() -> io::Result<()> {
    let mut deliveries = Vec::new();
    io::stdin().read_to_end(&mut deliveries)?;

    let mut fold = Fold::new();
    let counts = fold.read(&deliveries, |bad| {
        for issue in &bad.issues {
            eprintln!("line {}: {issue}", bad.text.line);
        }
    });
    eprintln!("{} events, {} of them repeats", counts.total(), counts.duplicate);

    for agent in fold.agents() {
        let Some(state) = fold.state(agent) else {
            continue;
        };
        for (name, channel) in &state.channels {
            if channel.accepting == Some(true) {
                let spare = channel.spare.map_or("any number of".to_owned(), |n| n.to_string());
                println!("agent {agent} can take {spare} more on {name}");
            }
        }
    }
    Ok(())
}
