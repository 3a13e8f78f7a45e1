//! `agentfold reconcile`: the differences between a fold and Zendesk's API.

use std::path::PathBuf;

use agentfold::{Id, Instant};
use clap::Args;

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, counted, tell};
use crate::record;
use crate::usual::tell_after;

/// Compare a fold with Zendesk's API, and print each difference
///
/// Reads events, and files that you saved from Zendesk's API: pages of the REST record of current
/// state (`GET /api/v2/agent_availabilities?include=channels`), or of Chat's `agent_timeline`.
/// Prints one JSON object per difference: another state, capacity or group; an item that is open in
/// the fold only, because its removal was lost; an item that is open in the record only; another
/// status or number of engagements.
///
/// Exit codes: 0 no difference; 1 a difference, or a record could not be read; 2 wrong usage, or a
/// file cannot be read.
///
/// Examples:
///   agentfold reconcile --restore week.fold --account 2 --record page1.json --record page2.json
///   agentfold reconcile chat.ndjson --account 2 --agent-timeline timeline.ndjson
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Account of the API's answers, which do not name it
    #[arg(long, value_name = "ID")]
    pub(crate) account: Id,
    /// File with pages of the REST record
    #[arg(long, value_name = "FILE", required_unless_present = "agent_timeline")]
    pub(crate) record: Vec<PathBuf>,
    /// File with rows or pages of Chat's `agent_timeline`
    #[arg(long, value_name = "FILE")]
    pub(crate) agent_timeline: Vec<PathBuf>,
    /// Compare rows of `agent_timeline` up to this instant (RFC 3339); default: the last event,
    /// apart from outliers
    #[arg(long, value_name = "INSTANT", requires = "agent_timeline")]
    pub(crate) as_of: Option<Instant>,
}

pub(crate) fn run(args: &ReconcileArgs) -> Result<(), Failure> {
    // Report mistakes in these files before reading any events.
    let pages = args.record.iter().map(|file| record::pages(file));
    let pages = pages.collect::<Result<Vec<_>, _>>()?.concat();
    let rows = args.agent_timeline.iter().map(|file| record::timeline(file));
    let rows = rows.collect::<Result<Vec<_>, _>>()?.concat();

    let (fold, counts) = folding::fold(&args.fold)?;
    let usual = fold.usual_event_times();
    if let (false, None, Some(usual)) = (rows.is_empty(), args.as_of, &usual) {
        tell_after(&fold, usual, "--as-of");
    }
    let last = usual.map(|usual| usual.last);
    let mut output = Output::new();
    let mut differences = 0_u64;
    for page in &pages {
        for difference in fold.reconcile(args.account, page) {
            output.json(&difference)?;
            differences += 1;
        }
    }
    if let Some(as_of) = args.as_of.or(last) {
        for difference in fold.reconcile_timeline(args.account, &rows, as_of) {
            output.json(&difference)?;
            differences += 1;
        }
    }
    output.flush()?;
    let agents: usize = pages.iter().map(|page| page.records.len()).sum();
    let (agents, rows) =
        (counted(agents as u64, "agent"), counted(rows.len() as u64, "timeline row"));
    tell(&format!("compared the fold with {agents} and {rows}"));
    folding::all_read(&counts)?;
    match differences {
        0 => Ok(()),
        n => Err(Failure::Problems(counted(n, "difference"))),
    }
}
