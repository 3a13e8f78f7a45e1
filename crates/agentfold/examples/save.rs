//! Folds deliveries from standard input, and writes the saved fold to standard output.
//!
//! `agentfold simulate --agents 8 --hours 3 | cargo run --example save > day.fold`

use std::io::{self, Read, Write};

use agentfold::Fold;

fn main() -> io::Result<()> {
    let mut deliveries = Vec::new();
    io::stdin().read_to_end(&mut deliveries)?;
    let mut fold = Fold::new();
    fold.read(&deliveries, |bad| eprintln!("line {}: {}", bad.text.line, bad.issues));
    io::stdout().write_all(&fold.save())
}
