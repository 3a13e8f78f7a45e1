//! `agentfold reconcile`: where a fold differs from what Zendesk's API says.

use std::path::PathBuf;

use agentfold::Instant;
use clap::Args;

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::record;

/// Tell where a fold differs from what Zendesk's API says, one JSON object a difference
///
/// The REST record (`GET /api/v2/agent_availabilities?include=channels`) says what is true now: other
/// states, capacities and groups are told, items that are open here and not there (their removal was
/// lost), and items never heard of. Chat's `agent_timeline` says what was true when. Exit code 1 if
/// anything differs.
///
/// Example:
///   agentfold reconcile --restore week.fold --account 2 --record page1.json --record page2.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ReconcileArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// The account that the API was asked about: it does not say so itself
    #[arg(long, value_name = "ID")]
    pub(crate) account: u64,
    /// A file of pages of the REST record
    #[arg(long, value_name = "FILE", required_unless_present = "agent_timeline")]
    pub(crate) record: Vec<PathBuf>,
    /// A file of rows of Chat's `agent_timeline`
    #[arg(long, value_name = "FILE")]
    pub(crate) agent_timeline: Vec<PathBuf>,
    /// Up to when rows are looked at (RFC 3339); if not given, the instant of the last event
    #[arg(long, value_name = "INSTANT", requires = "agent_timeline")]
    pub(crate) as_of: Option<Instant>,
}

pub(crate) fn run(args: &ReconcileArgs) -> Result<(), Failure> {
    // What can be wrong with them is told before events are read.
    let pages = args.record.iter().map(|file| record::pages(file));
    let pages = pages.collect::<Result<Vec<_>, _>>()?.concat();
    let rows = args.agent_timeline.iter().map(|file| record::timeline(file));
    let rows = rows.collect::<Result<Vec<_>, _>>()?.concat();

    let (fold, counts) = folding::fold(&args.fold)?;
    let last = fold.first_and_last_event_at().map(|(_, last)| last);
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
    tell(&format!("{agents} agents and {} rows held against the fold", rows.len()));
    folding::all_read(&counts)?;
    match differences {
        0 => Ok(()),
        1 => Err(Failure::Problems("1 difference".to_owned())),
        n => Err(Failure::Problems(format!("{n} differences"))),
    }
}
