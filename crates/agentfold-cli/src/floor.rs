//! `agentfold floor`: which agents can take one more item on each channel.

use agentfold::floor::Trust;
use agentfold::{Instant, Selection};
use clap::Args;

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::folding;
use crate::names::NamesArgs;
use crate::output::{Output, tell};
use crate::table;
use crate::usual::tell_after;

/// Print the floor: which agents can take one more work item on each channel
///
/// The floor is the channels of an account at one instant. Reads events and prints one object for
/// each channel of each account: agents by state, open items (load), capacity and spare capacity;
/// then its agents, those who can take one more item first, the least loaded of them first. An
/// agent's `doubts` say why its state may be wrong: a recent anomaly (gap, orphan, conflict,
/// missing_versions), or no event for a long time (silent).
///
/// Exit codes: 0 success; 1 a record could not be read; 2 wrong usage, or a file cannot be read.
///
/// Examples:
///   agentfold floor events.ndjson.gz --table
///   agentfold floor --restore week.fold --at 2026-01-05T12:00:00Z --channel messaging
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct FloorArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Instant of the floor (RFC 3339); default: the last event, apart from outliers
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    /// Only this channel
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<String>,
    /// How long an agent stays doubtful after an anomaly
    #[arg(long, default_value = "15m", value_name = "DURATION")]
    pub(crate) near: humantime::Duration,
    /// How long an agent may be silent before it is doubtful
    #[arg(long, default_value = "8h", value_name = "DURATION")]
    pub(crate) silent: humantime::Duration,
    /// Print tables
    #[arg(long)]
    pub(crate) table: bool,
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// How many agents who can take one more item the table lists per channel
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(crate) top: usize,
}

pub(crate) fn run(args: &FloorArgs) -> Result<(), Failure> {
    let names = args.names.read(args.table, "--table")?;
    let (fold, counts) = folding::fold(&args.fold)?;
    let usual = fold.usual_event_times();
    if let (None, Some(usual)) = (args.at, &usual) {
        tell_after(&fold, usual, "--at");
    }
    let last = usual.map(|usual| usual.last);
    let mut floors = Vec::new();
    if let Some(at) = args.at.or(last) {
        let trust = Trust::default().with_near(*args.near).with_silent(*args.silent);
        let selection =
            args.channel.iter().fold(Selection::all(), |all, channel| all.channel(channel));
        floors = fold.floor(at, &trust, &selection).map_err(|error| {
            Failure::WrongUse(format!(
                "no floor at {at}: {error}; choose a later instant, or read the events again \
                 without --compact"
            ))
        })?;
    }
    let mut output = Output::new();
    if args.table {
        output.line(&table::channels(&floors).to_string())?;
        output.line(&table::takers(&floors, args.top, names.as_ref()).to_string())?;
    } else {
        for floor in &floors {
            output.json(floor)?;
        }
    }
    output.flush()?;
    if let (Some(channel), []) = (&args.channel, &floors[..]) {
        tell(&format!("nothing is known about channel `{channel}` at that instant"));
    }
    folding::all_read(&counts)
}
