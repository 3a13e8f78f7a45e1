//! `agentfold changes`: each change of current state as events arrive.

use std::path::PathBuf;

use agentfold::Fold;
use clap::Args;

use crate::args::{INPUT, Source};
use crate::each::print_each;
use crate::failure::Failure;
use crate::folding::restore;

/// Print each change of current state as events arrive
///
/// Reads events and prints one JSON object for each value of an agent's current state that an event
/// changes: agent, track, from, to, and when. Prints all changes before it waits for more input. An
/// event that does not change current state, such as a duplicate, prints nothing.
///
/// Exit codes: 0 success; 1 a record could not be read; 2 wrong usage, or a file cannot be read.
///
/// Examples:
///   agentfold changes events.ndjson
///   tail -f deliveries.ndjson | agentfold changes --restore week.fold
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ChangesArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Start from a saved fold (see `agentfold state --save`)
    #[arg(long, value_name = "FILE", help_heading = INPUT)]
    pub(crate) restore: Option<PathBuf>,
}

pub(crate) fn run(args: &ChangesArgs) -> Result<(), Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    print_each(&args.source, |event, output| {
        fold.apply(event).changes.iter().try_for_each(|change| output.json(change))
    })
}
