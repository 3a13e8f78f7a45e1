//! `agentfold changes`: each change of current state, as events arrive.

use std::path::PathBuf;

use agentfold::Fold;
use clap::Args;

use crate::args::Source;
use crate::each::print_each;
use crate::failure::Failure;
use crate::folding::restore;

/// Print each change of current state as events arrive, one JSON object a line
///
/// Example:
///   tail -f deliveries.ndjson | agentfold changes --restore week.fold
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ChangesArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Begin from a saved fold
    #[arg(long, value_name = "FILE")]
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
