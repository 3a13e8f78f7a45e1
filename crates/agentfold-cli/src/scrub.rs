//! `agentfold scrub`: events that can be shared.

use std::fs;
use std::path::PathBuf;

use agentfold::scrub::Scrubber;
use clap::Args;

use crate::args::Source;
use crate::each::print_each;
use crate::failure::Failure;
use crate::names;
use crate::output::Output;

/// Replace the ids and names in events with pseudonyms, so that you can share the events
///
/// Reads events and prints one scrubbed event per line. Replaces the ids of accounts, agents,
/// groups and work items, and the names of custom statuses, with pseudonyms that a key determines:
/// the same key gives the same pseudonyms. Removes fields and event types that agentfold does not
/// know. Scrubbed events fold to the same history as the original ones.
///
/// Exit codes: 0 success; 1 a record could not be read and is left out; 2 wrong usage, or a file
/// cannot be read.
///
/// Examples:
///   head -c 32 /dev/urandom > scrub.key
///   agentfold scrub events.ndjson.gz --key-file scrub.key > shared.ndjson
///   agentfold scrub --names team.json --key-file scrub.key > shared-team.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ScrubArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// File that holds the key: at least 16 bytes, better 32 random ones
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
    /// Scrub this table of names instead of events; may be given more than once
    ///
    /// The table is one that `--names` of other commands takes. Ids get the same pseudonyms as in
    /// events, and names become `Agent 1`, `Agent 2`, `Group 1` and so on. Prints JSON.
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub(crate) names: Vec<PathBuf>,
}

pub(crate) fn run(args: &ScrubArgs) -> Result<(), Failure> {
    let file = args.key_file.display();
    let key = fs::read(&args.key_file)
        .map_err(|error| Failure::WrongUse(format!("cannot read {file}: {error}")))?;
    let scrubber =
        Scrubber::new(&key).map_err(|error| Failure::WrongUse(format!("{file}: {error}")))?;
    if let Some(names) = names::merged(&args.names)? {
        let mut output = Output::new();
        output.json(&scrubber.names(&names))?;
        return output.flush();
    }
    print_each(&args.source, |event, output| output.json_text(&scrubber.scrub(event)))
}
