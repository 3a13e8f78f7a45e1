//! The `agentfold` command: folds, checks, pulls and simulates Zendesk's agent events.

mod alerts;
mod args;
mod changes;
mod check;
mod client;
mod clock;
mod cloud_events;
mod completions;
mod deliver;
mod demo;
mod each;
mod failure;
mod floor;
mod folding;
mod input;
mod manual;
mod names;
mod output;
mod picture;
mod pull;
mod reconcile;
mod record;
mod report;
mod schema;
mod scrub;
mod secret;
mod serve;
mod sign;
mod simulate;
mod spreadsheet;
mod state;
mod table;
mod timeline;
mod usual;
mod verify;
mod zone;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::output::tell;

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::State(args) => state::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Changes(args) => changes::run(&args),
        Command::Timeline(args) => timeline::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Floor(args) => floor::run(&args),
        Command::Alerts(args) => alerts::run(&args),
        Command::Serve(args) => serve::run(*args),
        Command::Pull(args) => pull::run(&args),
        Command::Reconcile(args) => reconcile::run(&args),
        Command::CloudEvents(args) => cloud_events::run(&args),
        Command::Scrub(args) => scrub::run(&args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Deliver(args) => deliver::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Manual(args) => manual::run(&args),
    };
    match done {
        // The reader closed our output early, which is fine.
        Ok(()) | Err(Failure::ClosedPipe) => ExitCode::SUCCESS,
        Err(Failure::Problems(message)) => {
            tell(&format!("agentfold: {message}"));
            ExitCode::from(1)
        }
        Err(Failure::WrongUse(message)) => {
            tell(&format!("agentfold: {message}"));
            ExitCode::from(2)
        }
        Err(Failure::WrongLines(message)) => {
            format!("agentfold: {message}").lines().for_each(tell);
            ExitCode::from(2)
        }
    }
}
