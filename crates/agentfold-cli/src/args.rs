//! The command line.

use std::path::PathBuf;

use agentfold::{Agent, Fold, Instant, InstantFrom, Options, Window};
use chrono_tz::Tz;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, value_parser};

/// Turns Zendesk's agent events into what is true.
///
/// Reads agent availability webhooks and the Chat incremental export of agent events, whatever was
/// repeated, late, lost or out of order.
#[derive(Debug, Parser)]
#[command(name = "agentfold", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    State(StateArgs),
    Check(CheckArgs),
    Changes(ChangesArgs),
    Floor(FloorArgs),
    Timeline(TimelineArgs),
    Simulate(SimulateArgs),
}

/// Where events come from, and how they are read.
#[derive(Debug, ClapArgs)]
pub(crate) struct Source {
    /// Files of events, read one after another; `-` or none is standard input
    ///
    /// One event, NDJSON, JSON objects one after another, a JSON array, or pages of the Chat
    /// export, each plain, gzipped or zstd-compressed: told apart by looking.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Which field says when a change happened
    #[arg(long, value_enum, default_value_t = From::UpdatedAt, value_name = "FIELD")]
    pub(crate) instant_from: From,
    /// The most bytes that an event may have
    #[arg(long, default_value_t = Options::default().max_bytes, value_name = "BYTES")]
    pub(crate) max_bytes: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum From {
    /// `event.updated_at`: when the change happened
    UpdatedAt,
    /// The envelope's `time`: when the event was issued
    Time,
}

impl Source {
    pub(crate) fn options(&self) -> Options {
        let instant = match self.instant_from {
            From::UpdatedAt => InstantFrom::UpdatedAt,
            From::Time => InstantFrom::Time,
        };
        Options { instant, max_bytes: self.max_bytes, ..Options::default() }
    }
}

/// What is folded before a question is answered.
#[derive(Debug, ClapArgs)]
pub(crate) struct FoldArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Go on from a saved fold; without files, nothing else is read
    #[arg(long, value_name = "FILE")]
    pub(crate) restore: Option<PathBuf>,
    /// Stop at the first record that can't be read
    #[arg(long)]
    pub(crate) strict: bool,
}

/// Print the state of every agent, one JSON object a line
///
/// What can't be read is reported on standard error and skipped. Exit code 1 tells of it.
///
/// Examples:
///   agentfold state events.ndjson.gz --table
///   agentfold state monday.ndjson --save week.fold
///   agentfold state tuesday.ndjson --restore week.fold --save week.fold
///   agentfold state events.ndjson --at 2026-01-05T12:00:00Z --agent 10011
#[derive(Debug, ClapArgs)]
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

/// Report what is wrong or strange with events
///
/// Every problem of every event, with its code, its place in the file and its path (a JSON Pointer)
/// in the event; then the types, fields, states, reasons and channels that were never seen before.
/// Exit code 1 if there is an error among them; warnings alone are no failure.
#[derive(Debug, ClapArgs)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// JSON lines instead of text for people
    #[arg(long)]
    pub(crate) json: bool,
}

/// Print each change of current state as events arrive, one JSON object a line
///
/// Example:
///   tail -f deliveries.ndjson | agentfold changes --restore week.fold
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct ChangesArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Begin from a saved fold
    #[arg(long, value_name = "FILE")]
    pub(crate) restore: Option<PathBuf>,
}

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
#[derive(Debug, ClapArgs)]
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

/// Print the intervals of every agent, one JSON object a line; or draw them
///
/// Each tells from when to when a track (an agent's state on a channel, a work item ...) had a value,
/// and on what basis: observed, assumed, inferred, disputed or unknown. Without bounds it goes from
/// the first event to the last.
///
/// Examples:
///   agentfold timeline day.ndjson --agent 10011 --track unified_state
///   agentfold timeline day.ndjson --work-items --csv > items.csv
///   agentfold timeline day.ndjson --svg day.svg --tz Europe/Berlin
///   agentfold timeline --restore week.fold --from 2026-01-05T00:00:00Z --to 2026-01-06T00:00:00Z
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct TimelineArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Where the window begins (RFC 3339) [default: the first event]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<Instant>,
    /// Where the window ends (RFC 3339) [default: --as-of]
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<Instant>,
    /// The latest instant of which anything is known (RFC 3339) [default: the last event]
    ///
    /// Later events are not used, and nothing is told of later times. Who reads a live feed gives the
    /// present: what is open then goes on until now, not until the last event.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<Instant>,
    /// Only this agent; `ACCOUNT/AGENT` where two accounts have one of that id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentFilter>,
    /// Only this track, such as `state[support]`, `unified_state` or `work_item[123]@talk`
    #[arg(long, value_name = "TRACK", value_parser = track, conflicts_with_all = ["work_items", "chat_spans"])]
    pub(crate) track: Option<String>,
    /// Instead, each stay of a work item with an agent: offered, accepted, moved, removed
    #[arg(long, conflicts_with = "chat_spans")]
    pub(crate) work_items: bool,
    /// Instead, stretches of one chat status and number of engagements, as Zendesk's
    /// `agent_timeline` tells them
    #[arg(long)]
    pub(crate) chat_spans: bool,
    /// CSV instead of JSON lines, with durations in seconds
    #[arg(long)]
    pub(crate) csv: bool,
    /// Instead, draw a picture to a file: a row for each agent and channel, to open in a browser
    #[arg(long, value_name = "FILE", conflicts_with_all = ["track", "work_items", "chat_spans", "csv"])]
    pub(crate) svg: Option<PathBuf>,
    /// The time zone of the picture's clock, by its IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone, requires = "svg")]
    pub(crate) tz: Tz,
}

/// A track as the contract writes it; on which channels there are such does not matter yet.
fn track(text: &str) -> Result<String, agentfold::Error> {
    let nobody = Agent { account_id: 0, agent_id: 0 };
    let never = Window { from: Instant::MIN, to: Instant::MIN, as_of: Instant::MIN };
    Fold::new().intervals(nobody, Some(text), &never).map(|_| text.to_owned())
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse()
        .map_err(|_| "not the name of an IANA time zone, such as `Europe/Berlin`".to_owned())
}

/// Make the events of a plausible support floor
///
/// Shifts, breaks, offers, missed offers, transfers, capacity changes and idle time-outs, in several
/// accounts, in Zendesk's shapes (NDJSON). The same seed gives the same bytes on every machine.
///
/// Example:
///   agentfold simulate --agents 200 --hours 24 --seed 7 --duplicate 0.02 --shuffle 90 > day.ndjson
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct SimulateArgs {
    /// How many agents
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = value_parser!(u32).range(1..=1_000_000))]
    pub(crate) agents: u32,
    /// How many hours, from `--start`
    #[arg(long, default_value_t = 24, value_name = "H")]
    pub(crate) hours: u32,
    /// What chance begins with
    #[arg(long, default_value_t = 1, value_name = "S")]
    pub(crate) seed: u64,
    /// The share of events that is lost, from 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share)]
    pub(crate) drop: f64,
    /// The share of events that comes twice, from 0 to 1
    #[arg(long, default_value_t = 0.0, value_name = "P", value_parser = share)]
    pub(crate) duplicate: f64,
    /// The most seconds by which an event is late
    #[arg(long, default_value_t = 0, value_name = "SECONDS")]
    pub(crate) shuffle: u32,
    /// Which feed tells of the floor
    #[arg(long, value_enum, default_value_t = FeedArg::Availability, value_name = "FEED")]
    pub(crate) feed: FeedArg,
    /// When the floor opens (RFC 3339)
    #[arg(long, default_value = "2026-01-05T00:00:00Z", value_name = "INSTANT")]
    pub(crate) start: Instant,
    /// The true spans of every track, as JSON lines, to hold answers against
    ///
    /// Written before the first event. Nothing that is lost, repeated or late changes them.
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FeedArg {
    /// Agent availability webhooks
    Availability,
    /// The Chat incremental export
    Chat,
    /// Both, of the same agents
    Both,
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("a share is a number from 0 to 1".to_owned()),
    }
}

/// An agent id, in any account or in one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgentFilter {
    account_id: Option<u64>,
    agent_id: u64,
}

impl AgentFilter {
    pub(crate) fn takes(self, agent: Agent) -> bool {
        agent.agent_id == self.agent_id && self.account_id.is_none_or(|id| id == agent.account_id)
    }
}

impl std::fmt::Display for AgentFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.account_id {
            Some(account_id) => write!(f, "{account_id}/{}", self.agent_id),
            None => self.agent_id.fmt(f),
        }
    }
}

impl std::str::FromStr for AgentFilter {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<AgentFilter, &'static str> {
        let id =
            |text: &str| text.parse().map_err(|_| "an id is a whole number, or two as in 2/10011");
        Ok(match text.split_once('/') {
            None => AgentFilter { account_id: None, agent_id: id(text)? },
            Some((account, agent)) => {
                AgentFilter { account_id: Some(id(account)?), agent_id: id(agent)? }
            }
        })
    }
}
