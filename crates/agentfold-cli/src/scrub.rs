//! `agentfold scrub`: events that can be shared.

use std::fs;
use std::path::PathBuf;

use agentfold::scrub::Scrubber;
use clap::Args;

use crate::args::Source;
use crate::each::print_each;
use crate::failure::Failure;

/// Replace what tells of people, so that events can be shared, one JSON object a line
///
/// The ids of accounts, agents, groups and work items, and the names of statuses that are not
/// Zendesk's own, become stand-ins that a key decides: the same for the same, always. Fields and
/// types that agentfold does not know are left out. Scrubbed events fold as the others do.
///
/// Example:
///   head -c 32 /dev/urandom > scrub.key
///   agentfold scrub events.ndjson.gz --key-file scrub.key > shared.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ScrubArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// A file whose bytes are the key: 16 or more, best 32 random ones
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
}

pub(crate) fn run(args: &ScrubArgs) -> Result<(), Failure> {
    let file = args.key_file.display();
    let key = fs::read(&args.key_file)
        .map_err(|error| Failure::WrongUse(format!("can't read {file}: {error}")))?;
    let scrubber =
        Scrubber::new(&key).map_err(|error| Failure::WrongUse(format!("{file}: {error}")))?;
    print_each(&args.source, |event, output| output.line(&scrubber.scrub(event)))
}
