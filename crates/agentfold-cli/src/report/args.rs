//! The arguments of `agentfold report`.

use std::path::PathBuf;

use agentfold::AgentName;
use agentfold::report::{Every, RollUp};
use clap::{Args, ValueEnum};

use crate::args::FoldArgs;
use crate::names::NamesArgs;
use crate::zone::{When, Zone};

/// Measure time in states, occupancy, offers, handle times and adherence per bucket
///
/// Reads events and prints one JSON object per row. A bucket is one part of the time that the
/// report covers; --every sets its length. Each agent has, in each bucket, a row for each channel,
/// for each unified state, and for Chat. Durations are in nanoseconds (`_ns`), in CSV and tables in
/// seconds. They are split by basis, which says how certain a value is: observed (the next event
/// confirms it), assumed (no event contradicts it), inferred (only the next event states it),
/// disputed (the next event contradicts it) or unknown.
///
/// INSTANT is RFC 3339, or a date or time in the zone of --tz: 2026-03-29, 2026-03-29T08:00.
/// Buckets begin when clocks in that zone show a multiple of --every: 15m at :00, :15 ...; 6h at
/// 00:00, 06:00 ...; 1d at midnight; 7d on Mondays. A day has 23 or 25 hours when clocks change.
/// --from and --to clip the first and the last bucket.
///
/// Exit codes: 0 success; 1 a record could not be read; 2 wrong usage, or a file cannot be read.
///
/// Examples:
///   agentfold report events.ndjson --every 1d --tz Europe/Berlin --from 2026-03-01 --to 2026-04-01
///   agentfold report events.ndjson --schedule shifts.csv --rows adherence --table
///   agentfold report events.ndjson --schedule shifts.csv --rows exceptions --as-of 2026-03-02T10:00
///   agentfold report events.ndjson --every 1d --tz Europe/Berlin --rows sessions --csv > logins.csv
///   agentfold report events.ndjson --every 1d --by group --names team.json --table
///   agentfold report events.ndjson --every 15m > report.ndjson
///   agentfold report events.ndjson late.ndjson --every 15m --against report.ndjson --table
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Start of the first bucket; default: the bucket of the first event, apart from outliers
    ///
    /// Outliers are events from before 2007, and the few that are far from all others: one event with
    /// a wrong date would make the report thousands of times as long.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<When>,
    /// End of the last bucket; default: --as-of
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<When>,
    /// Length of the buckets in minutes, hours, days, weeks or months, such as 15m, 1h, 1d, 1w or 1mo
    #[arg(long, default_value = "1h", value_name = "LENGTH")]
    pub(crate) every: Every,
    /// IANA time zone in which days and hours begin
    #[arg(long, default_value = "UTC", value_name = "ZONE")]
    pub(crate) tz: Zone,
    /// Boundaries of the buckets, ascending and separated by commas
    #[arg(
        long,
        value_name = "INSTANTS",
        value_delimiter = ',',
        conflicts_with_all = ["from", "to", "every"]
    )]
    pub(crate) boundaries: Vec<When>,
    /// Report as of this instant: ignore later events and clip buckets here; default: the last
    /// event, apart from outliers, or the end of the last bucket if that is earlier
    ///
    /// Rows of a schedule are as of the last event by default, also if the last bucket ends earlier.
    ///
    /// An event counts in the bucket that ends after it, so the last event itself counts only as of
    /// a later instant.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<When>,
    /// What each row covers
    #[arg(long, value_enum, default_value_t = By::Agent, value_name = "UNIT")]
    pub(crate) by: By,
    /// Only this agent; write ACCOUNT/AGENT if several accounts have this agent id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentName>,
    /// Only rows of these kinds, separated by commas; --csv takes one kind, by default `channel`
    ///
    /// Rows of sessions and of exceptions are printed only if they are asked for here.
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub(crate) rows: Vec<RowKind>,
    /// Leave out rows in which all time is unknown and no event counts, except those of a schedule
    #[arg(long)]
    pub(crate) sparse: bool,
    /// Refuse reports with more rows, or more pairs of an agent and a bucket
    ///
    /// They are counted before the first is computed. By default up to 10000000 are printed, up to
    /// 1000000 are compared with --against, and up to 100000 are shown in tables.
    #[arg(long, value_name = "N")]
    pub(crate) limit_rows: Option<u64>,
    /// Print CSV, with durations in seconds and instants in the zone of --tz
    ///
    /// Text of events that begins like a formula has an apostrophe before it, so that spreadsheets do
    /// not run it, and characters that are not printable, but for line breaks, are shown as
    /// escapes. --exact prints text as it is.
    #[arg(long, conflicts_with = "table")]
    pub(crate) csv: bool,
    /// With --csv: print text of events as it is, not safe for spreadsheets
    #[arg(long, requires = "csv")]
    pub(crate) exact: bool,
    /// Print tables, with times in the zone of --tz
    ///
    /// `unsure` is the share of time that is inferred, disputed or unknown.
    #[arg(long)]
    pub(crate) table: bool,
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// Compare agents with their schedule: adds a row of adherence for each entry in the window
    ///
    /// With `--rows exceptions`, prints who did not come, came late, left early, or was in no
    /// scheduled state in between; for who is out now, give the present as --as-of. States and
    /// channels of the schedule that no agent ever had are reported on standard error.
    ///
    /// CSV with the header `account_id,agent_id,from,to,track,states`: instants in RFC 3339, states
    /// separated by `|`; an empty track means the unified state. Or JSON with these keys: an array,
    /// or one object per line.
    #[arg(long, value_name = "FILE")]
    pub(crate) schedule: Option<PathBuf>,
    /// Compare with an earlier report (its JSON lines): print the rows that differ, before and
    /// after
    ///
    /// Use the same buckets as the earlier report: the same --from, --to, --every, --tz and
    /// --as-of.
    #[arg(long, value_name = "FILE", conflicts_with = "csv")]
    pub(crate) against: Option<PathBuf>,
}

/// What a row of a report covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// One agent
    Agent,
    /// All agents on one channel, in all accounts
    Channel,
    /// All agents of an account
    Account,
    /// All agents of a group, while they belong to it; an agent of several counts fully in each
    Group,
    /// Like group, but the time of an agent of several groups is divided evenly among them, so that
    /// durations add up to those of the account
    #[value(name = "group_split", alias = "group-split")]
    GroupSplit,
}

impl By {
    pub(crate) fn roll_up(self) -> RollUp {
        match self {
            By::Agent => RollUp::Agent,
            By::Channel => RollUp::Channel,
            By::Account => RollUp::Account,
            By::Group => RollUp::Group,
            By::GroupSplit => RollUp::GroupSplit,
        }
    }
}

/// A kind of row, in the order of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum RowKind {
    /// Time in states, work items and capacity on one channel
    Channel,
    /// Time in one unified state
    UnifiedState,
    /// Statuses and engagements in the Chat export
    Chat,
    /// Comparison with one entry of the schedule
    Adherence,
    /// First login, last logout and sessions of one agent
    Sessions,
    /// A time in which an agent did not keep to the schedule
    #[value(name = "exceptions", alias = "exception")]
    Exception,
}

impl RowKind {
    /// The kind with this name in JSON.
    pub(crate) fn of(name: &str) -> RowKind {
        let mut kinds = RowKind::value_variants().iter().copied();
        let kind = kinds.find(|kind| kind.as_str() == name);
        kind.expect("INVARIANT: a test walks over every kind of row")
    }

    /// Whether its rows are of the schedule.
    pub(crate) fn is_of_schedule(self) -> bool {
        matches!(self, RowKind::Adherence | RowKind::Exception)
    }

    /// Whether it is printed without being asked for.
    pub(crate) fn is_default(self) -> bool {
        !matches!(self, RowKind::Sessions | RowKind::Exception)
    }

    /// The kind's name in JSON.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RowKind::Channel => "channel",
            RowKind::UnifiedState => "unified_state",
            RowKind::Chat => "chat",
            RowKind::Adherence => "adherence",
            RowKind::Sessions => "sessions",
            RowKind::Exception => "exception",
        }
    }
}
