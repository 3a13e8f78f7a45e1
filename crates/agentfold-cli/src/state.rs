//! `agentfold state`: the state of every agent.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use agentfold::{AgentState, Fold, Instant};
use clap::Args;

use crate::args::{AgentFilter, FoldArgs};
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::record;
use crate::table;

/// Print the state of every agent, one JSON object a line
///
/// What can't be read is reported on standard error and skipped. Exit code 1 tells of it.
///
/// Examples:
///   agentfold state events.ndjson.gz --table
///   agentfold state monday.ndjson --save week.fold
///   agentfold state tuesday.ndjson --restore week.fold --save week.fold
///   agentfold state events.ndjson --at 2026-01-05T12:00:00Z --agent 10011
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct StateArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// The state as of an instant (RFC 3339), by all that is known now
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    /// Only this agent; `ACCOUNT/AGENT` where two accounts have one of that id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentFilter>,
    /// Take in pages of Zendesk's REST record too, of an account, as asked for at an instant
    #[arg(long, value_name = "FILE", requires = "account", requires = "asked_at")]
    pub(crate) seed: Vec<PathBuf>,
    /// The account of --seed: the record does not say so itself
    #[arg(long, value_name = "ID", requires = "seed")]
    pub(crate) account: Option<u64>,
    /// When the record of --seed was asked for (RFC 3339)
    #[arg(long, value_name = "INSTANT", requires = "seed")]
    pub(crate) asked_at: Option<Instant>,
    /// A table for people, and what was repeated, late or lost
    #[arg(long)]
    pub(crate) table: bool,
    /// Save the fold to a file, to go on from later
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Forget history from before an instant (RFC 3339), after reading
    #[arg(long, value_name = "INSTANT")]
    pub(crate) compact: Option<Instant>,
}

pub(crate) fn run(args: &StateArgs) -> Result<(), Failure> {
    let pages = args.seed.iter().map(|file| record::pages(file));
    let pages = pages.collect::<Result<Vec<_>, _>>()?.concat();
    let (mut fold, counts) = folding::fold_onto(&args.fold, !pages.is_empty())?;
    if let (Some(account), Some(asked_at)) = (args.account, args.asked_at) {
        for page in &pages {
            fold.seed(account, page, asked_at);
        }
    }
    if let Some(before) = args.compact {
        fold.compact(before);
    }
    let states = states(&fold, args)?;
    // Saved first: who reads the states may have seen enough before their end.
    if let Some(file) = &args.save {
        save(file, &fold.save())?;
    }
    let mut output = Output::new();
    if args.table {
        output.line(&table::agents(&states).to_string())?;
        output.line(&table::story(&counts, &fold.anomalies()))?;
    } else {
        for state in &states {
            output.json(state)?;
        }
    }
    output.flush()?;
    if let (Some(agent), []) = (args.agent, &states[..]) {
        tell(&format!("nothing is known of agent {agent}"));
    }
    folding::all_read(&counts)
}

fn states(fold: &Fold, args: &StateArgs) -> Result<Vec<AgentState>, Failure> {
    let mut states = Vec::new();
    for agent in fold.agents() {
        if args.agent.is_some_and(|filter| !filter.takes(agent)) {
            continue;
        }
        states.extend(match args.at {
            None => fold.state(agent),
            Some(at) => fold.state_at(agent, at).map_err(|error| {
                Failure::WrongUse(format!(
                    "no state of agent {agent} at {at}: {error}; ask for a later instant, or read the events \
                     again without --compact"
                ))
            })?,
        });
    }
    Ok(states)
}

/// Writes a saved fold, so that a crash leaves the old file or the new one.
fn save(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let wrong = |error| Failure::WrongUse(format!("can't write {}: {error}", file.display()));
    // What a link points to is written, not the link.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if fs::metadata(&target).is_ok_and(|data| !data.is_file()) {
        return fs::write(&target, bytes).map_err(wrong);
    }
    let mut partial = target.clone().into_os_string();
    partial.push(".part");
    let written = fs::File::create(&partial)
        .and_then(|mut out| out.write_all(bytes).and_then(|()| out.sync_all()))
        .and_then(|()| fs::rename(&partial, &target));
    written.map_err(|error| {
        // Nothing is to be told of a second failure.
        let _ = fs::remove_file(&partial);
        wrong(error)
    })
}
