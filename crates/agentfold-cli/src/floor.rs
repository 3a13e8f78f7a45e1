//! `agentfold floor`: who can take one more item, channel by channel.

use agentfold::Instant;
use agentfold::floor::{ChannelFloor, Trust};
use clap::Args;

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::table;

/// Tell who can take one more item, one JSON object a channel
///
/// For each channel of each account: how many agents are in which state, their open items, capacity
/// and what is to spare; then its agents, first who can take one more item, least loaded first. Why
/// an agent should not be trusted stands with it as its doubts: an anomaly shortly before (gap,
/// orphan, conflict, missing_versions), or nothing heard for long (silent).
///
/// Examples:
///   agentfold floor events.ndjson.gz --table
///   agentfold floor --restore week.fold --at 2026-01-05T12:00:00Z --channel messaging
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct FloorArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// When (RFC 3339); by default, when the last event happened
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    /// Only this channel
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<String>,
    /// For how long an anomaly makes doubtful
    #[arg(long, default_value = "15m", value_name = "DURATION")]
    pub(crate) near: humantime::Duration,
    /// For how long nothing need be heard of an agent
    #[arg(long, default_value = "8h", value_name = "DURATION")]
    pub(crate) silent: humantime::Duration,
    /// Tables for people
    #[arg(long)]
    pub(crate) table: bool,
    /// How many of those who can take one more item the table shows for each channel
    #[arg(long, default_value_t = 5, value_name = "N")]
    pub(crate) top: usize,
}

pub(crate) fn run(args: &FloorArgs) -> Result<(), Failure> {
    let (fold, counts) = folding::fold(&args.fold)?;
    let last = fold.first_and_last_event_at().map(|(_, last)| last);
    let mut floors = Vec::new();
    if let Some(at) = args.at.or(last) {
        let trust = Trust { near: *args.near, silent: *args.silent };
        floors = fold.floor(at, &trust).map_err(|error| {
            Failure::WrongUse(format!(
                "no floor at {at}: {error}; ask for a later instant, or read the events again \
                 without --compact"
            ))
        })?;
    }
    let asked = |floor: &ChannelFloor| args.channel.as_ref().is_none_or(|c| *c == floor.channel);
    floors.retain(asked);
    let mut output = Output::new();
    if args.table {
        output.line(&table::channels(&floors).to_string())?;
        output.line(&table::takers(&floors, args.top).to_string())?;
    } else {
        for floor in &floors {
            output.json(floor)?;
        }
    }
    output.flush()?;
    if let (Some(channel), []) = (&args.channel, &floors[..]) {
        tell(&format!("nothing is known of channel `{channel}` then"));
    }
    folding::all_read(&counts)
}
