//! The arguments of `agentfold report`.

use std::path::PathBuf;

use agentfold::report::RollUp;
use clap::{Args, ValueEnum};

use crate::args::{AgentFilter, FoldArgs};
use crate::every::Every;
use crate::zone::{When, Zone};

/// Measure how long, how busy and how fast, bucket by bucket
///
/// One JSON object a line: for each agent and bucket a row for each channel, each unified state, and
/// chat. Durations are nanoseconds (`_ns`), or seconds in CSV and tables.
///
/// INSTANT is RFC 3339, or a date or time in the zone of --tz: 2026-03-29, 2026-03-29T08:00. Buckets
/// begin when clocks in that zone show a whole --every: 15m at :00, :15 …, 6h at 00:00, 06:00 …, 1d at
/// midnight, 7d on Mondays. So days are of 23 or 25 hours where clocks change. The first and the last
/// bucket are cut at --from and --to.
///
/// Examples:
///   agentfold report events.ndjson --every 15m > report.ndjson
///   agentfold report events.ndjson --every 1d --tz Europe/Berlin --from 2026-03-01 --to 2026-04-01
///   agentfold report events.ndjson --by group --table
///   agentfold report events.ndjson --rows unified_state --csv > states.csv
///   agentfold report events.ndjson --schedule shifts.csv --rows adherence --table
///   agentfold report events.ndjson late.ndjson --every 15m --against report.ndjson --table
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Where the first bucket begins; if not given, the bucket of the first event
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<When>,
    /// Where the last bucket ends; if not given, --as-of
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<When>,
    /// The length of buckets: minutes, hours or days, such as 15m, 30m, 1h, 1d
    #[arg(long, default_value = "1h", value_name = "LENGTH")]
    pub(crate) every: Every,
    /// The time zone in which days and hours begin (an IANA name)
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub(crate) tz: Zone,
    /// The boundaries of the buckets themselves, rising, with commas between
    #[arg(
        long,
        value_name = "INSTANTS",
        value_delimiter = ',',
        conflicts_with_all = ["from", "to", "every"]
    )]
    pub(crate) boundaries: Vec<When>,
    /// What was known then: later events are not used, and buckets are cut there
    ///
    /// If not given, the instant of the last event. An event counts in a bucket that ends after it, so
    /// the very last one is counted only as of a later instant.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<When>,
    /// Whom a row is about
    #[arg(long, value_enum, default_value_t = By::Agent, value_name = "WHOM")]
    pub(crate) by: By,
    /// Only this agent; `ACCOUNT/AGENT` where two accounts have one of that id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentFilter>,
    /// Only rows of these kinds, with commas between; with --csv one kind, `channel` if not given
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub(crate) rows: Vec<RowKind>,
    /// Leave out rows that tell nothing: all unknown, and nothing happened
    #[arg(long)]
    pub(crate) sparse: bool,
    /// CSV, with durations in seconds and instants in the zone of --tz
    #[arg(long, conflicts_with = "table")]
    pub(crate) csv: bool,
    /// Tables for people, with times in the zone of --tz
    #[arg(long)]
    pub(crate) table: bool,
    /// What agents were to do: a row of adherence for each of its lines in the window
    ///
    /// CSV with the header `account_id,agent_id,from,to,track,states`: instants in RFC 3339, states
    /// with `|` between, the unified state if no track is named. Or JSON with these keys: a list, or
    /// one object a line.
    #[arg(long, value_name = "FILE")]
    pub(crate) schedule: Option<PathBuf>,
    /// Print the corrections of an earlier report (its JSON lines): rows that differ, before and after
    ///
    /// Ask for the same buckets again: the same --from, --to, --every, --tz and --as-of.
    #[arg(long, value_name = "SAVED", conflicts_with = "csv")]
    pub(crate) against: Option<PathBuf>,
}

/// Whom a row of a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// One agent
    Agent,
    /// All agents of all accounts on one channel
    Channel,
    /// All agents of an account
    Account,
    /// All agents of a group, while they are in it
    Group,
}

impl By {
    pub(crate) fn roll_up(self) -> RollUp {
        match self {
            By::Agent => RollUp::Agent,
            By::Channel => RollUp::Channel,
            By::Account => RollUp::Account,
            By::Group => RollUp::Group,
        }
    }
}

/// A kind of row, in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum RowKind {
    /// Time in states, work items, capacity, on one channel
    Channel,
    /// Time in one unified state
    UnifiedState,
    /// Statuses and engagements by the Chat export
    Chat,
    /// Held against a line of the schedule
    Adherence,
}

impl RowKind {
    /// The word for it, as in data.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RowKind::Channel => "channel",
            RowKind::UnifiedState => "unified_state",
            RowKind::Chat => "chat",
            RowKind::Adherence => "adherence",
        }
    }
}
