//! `agentfold state`: the state of every agent, now or at an instant.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use agentfold::{Agent, AgentName, AgentState, Fold, Id, Instant, Outcome};
use clap::Args;

use crate::args::{FoldArgs, INPUT};
use crate::failure::Failure;
use crate::folding;
use crate::names::NamesArgs;
use crate::output::{Output, tell};
use crate::record;
use crate::table;

/// Print the current state of every agent, or its state at an earlier instant
///
/// Reads events, builds a fold, and prints one JSON object per agent, sorted by account and agent:
/// unified state, channels, capacity, open work items, and whether the agent can take one more.
/// Records that cannot be read are reported on standard error and skipped.
///
/// Exit codes: 0 success; 1 a record could not be read; 2 wrong usage, or a file cannot be read or
/// written.
///
/// Examples:
///   agentfold state events.ndjson.gz --table
///   agentfold state events.ndjson --at 2026-01-05T12:00:00Z --agent 10011
///   agentfold state events.ndjson --names team.json --table
///   agentfold state monday.ndjson --save week.fold
///   agentfold state tuesday.ndjson --restore week.fold --save week.fold
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct StateArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Print the state at this instant (RFC 3339), not the current one
    ///
    /// Uses every event that was read, including those that arrived later.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    /// Only this agent; write ACCOUNT/AGENT if several accounts have this agent id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentName>,
    /// Also read pages of Zendesk's REST record (`GET /api/v2/agent_availabilities`)
    ///
    /// Adds the values of the record to the fold, and closes the work items that it omits. The pages
    /// contain neither their account nor the time of the request: give --account and --asked-at.
    #[arg(long, value_name = "FILE", requires = "account", requires = "asked_at", help_heading = INPUT)]
    pub(crate) seed: Vec<PathBuf>,
    /// Account of the --seed pages
    #[arg(long, value_name = "ID", requires = "seed", help_heading = INPUT)]
    pub(crate) account: Option<Id>,
    /// When the --seed pages were requested (RFC 3339)
    #[arg(long, value_name = "INSTANT", requires = "seed", help_heading = INPUT)]
    pub(crate) asked_at: Option<Instant>,
    /// Print a table, and how many events were duplicated, late or lost
    #[arg(long)]
    pub(crate) table: bool,
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// Save the fold to this file, to continue later with --restore
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Drop the history before this instant (RFC 3339), after reading
    ///
    /// The instant becomes the cut of the fold: history begins there, older events are no longer
    /// accepted, and questions about earlier instants are refused. Current state stays the same.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) compact: Option<Instant>,
}

pub(crate) fn run(args: &StateArgs) -> Result<(), Failure> {
    let names = args.names.read(args.table, "--table")?;
    let pages = args.seed.iter().map(|file| record::pages(file));
    let pages = pages.collect::<Result<Vec<_>, _>>()?.concat();
    let (mut fold, mut counts) = folding::fold_onto(&args.fold, !pages.is_empty())?;
    if let (Some(account), Some(asked_at)) = (args.account, args.asked_at) {
        fold.set_now(args.fold.source.now());
        for page in &pages {
            for seeded in fold.seed(account, page, asked_at) {
                if let Outcome::Unreadable { issues } = &seeded.applied.outcome {
                    counts.unreadable += 1;
                    tell(&format!("REST record of agent {}: {issues}", seeded.agent));
                }
            }
        }
    }
    if let Some(before) = args.compact {
        fold.compact(before);
    }
    let agents = fold.agents().filter(|agent| args.agent.is_none_or(|filter| filter.names(*agent)));
    let agents: Vec<Agent> = agents.collect();
    // A refused question must not follow half of an answer.
    if let Some(at) = args.at
        && let Some(agent) = agents.iter().find(|agent| fold.cut_of(**agent) > Some(at))
    {
        state(&fold, *agent, args)?;
    }
    // Save first: the reader of standard output may close it early.
    if let Some(file) = &args.save {
        save(file, &fold.save())?;
    }
    let states = agents.into_iter().filter_map(|agent| state(&fold, agent, args).transpose());
    let (mut output, mut told) = (Output::new(), 0_usize);
    if args.table {
        let states = states.collect::<Result<Vec<_>, _>>()?;
        told = states.len();
        output.line(&table::agents(&states, names.as_ref()).to_string())?;
        output.line(&table::story(&counts, &fold.anomalies(), fold.unknown_agents().len()))?;
    } else {
        for state in states {
            output.json(&state?)?;
            told += 1;
        }
    }
    output.flush()?;
    if let (Some(agent), 0) = (args.agent, told) {
        tell(&format!("nothing is known about agent {agent}"));
    }
    folding::all_read(&counts)
}

fn state(fold: &Fold, agent: Agent, args: &StateArgs) -> Result<Option<AgentState>, Failure> {
    let Some(at) = args.at else {
        return Ok(fold.state(agent));
    };
    fold.state_at(agent, at).map_err(|error| {
        Failure::WrongUse(format!(
            "no state of agent {agent} at {at}: {error}; choose a later instant, or read the events again \
             without --compact"
        ))
    })
}

/// Writes a saved fold; a crash leaves either the old file or the new one.
fn save(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let wrong = |error| Failure::WrongUse(format!("cannot write {}: {error}", file.display()));
    // Replace the target of a link, not the link.
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
        // The first failure is the one to report.
        let _ = fs::remove_file(&partial);
        wrong(error)
    })
}
