//! The command line.

use std::path::PathBuf;

use agentfold::event::InstantFrom;
use agentfold::export::{Endpoint, Limit};
use agentfold::history::Window;
use agentfold::report::RollUp;
use agentfold::{Agent, Fold, Instant, Options};
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, value_parser};

use crate::every::Every;
use crate::zone::{When, Zone};

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
    Timeline(TimelineArgs),
    Report(Box<ReportArgs>),
    Floor(FloorArgs),
    Pull(PullArgs),
    Reconcile(ReconcileArgs),
    CloudEvents(CloudEventsArgs),
    Scrub(ScrubArgs),
    Simulate(SimulateArgs),
    Sign(SignArgs),
    Verify(VerifyArgs),
    Schema(SchemaArgs),
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
#[derive(Debug, ClapArgs)]
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
    /// The kind that data calls so.
    pub(crate) fn of(name: &str) -> RowKind {
        let mut kinds = RowKind::value_variants().iter().copied();
        let kind = kinds.find(|kind| kind.as_str() == name);
        kind.expect("INVARIANT: a test walks over every kind of row")
    }

    /// The kind's name in data.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            RowKind::Channel => "channel",
            RowKind::UnifiedState => "unified_state",
            RowKind::Chat => "chat",
            RowKind::Adherence => "adherence",
        }
    }
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
    /// Where the window begins; if not given, at the first event
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<When>,
    /// Where the window ends; if not given, --as-of
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<When>,
    /// The latest instant of which anything is known; if not given, that of the last event
    ///
    /// Later events are not used, and nothing is told of later times. Who reads a live feed gives the
    /// present: what is open then goes on until now, not until the last event.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<When>,
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
    /// The IANA time zone of the picture's clock, and of instants that are given without an offset
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) tz: Zone,
}

/// A track as the contract writes it; on which channels there are such does not matter yet.
fn track(text: &str) -> Result<String, agentfold::Error> {
    let nobody = Agent { account_id: 0, agent_id: 0 };
    let never = Window { from: Instant::MIN, to: Instant::MIN, as_of: Instant::MIN };
    Fold::new().intervals(nobody, Some(text), &never).map(|_| text.to_owned())
}

/// Tell where a fold differs from what Zendesk's API says, one JSON object a difference
///
/// The REST record (`GET /api/v2/agent_availabilities?include=channels`) says what is true now: other
/// states, capacities and groups are told, items that are open here and not there (their removal was
/// lost), and items never heard of. Chat's `agent_timeline` says what was true when. Exit code 1 if
/// anything differs.
///
/// Example:
///   agentfold reconcile --restore week.fold --account 2 --record page1.json --record page2.json
#[derive(Debug, ClapArgs)]
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

/// Pull the Chat incremental export of agent events from Zendesk, one JSON object a line
///
/// Credentials are in the environment: ZENDESK_OAUTH_TOKEN, or ZENDESK_EMAIL and
/// ZENDESK_API_TOKEN, of an administrator. Zendesk asks for patience at times, and gets it.
///
/// With --cursor and --out, nothing is lost and nothing repeated, whenever the command is stopped or
/// the machine fails: run it again, and it goes on where it was. Without --out, what follows may get
/// the last page twice after that, which changes nothing that agentfold says.
///
/// Examples:
///   agentfold pull --subdomain acme --since 2026-01-01T00:00:00Z --cursor c --out acme.ndjson
///   agentfold pull --subdomain acme --cursor c --out acme.ndjson --follow
///   agentfold pull --subdomain acme --since 2026-01-05T00:00:00Z | agentfold state --table
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct PullArgs {
    /// The account's subdomain: `acme` of acme.zendesk.com
    #[arg(long, value_name = "S", required_unless_present = "base_url")]
    pub(crate) subdomain: Option<String>,
    /// From when on (RFC 3339); a cursor that is there already decides itself
    #[arg(long, value_name = "INSTANT", required_unless_present = "cursor")]
    pub(crate) since: Option<Instant>,
    /// Keep where the pull stands in this file, and go on from there
    #[arg(long, value_name = "FILE")]
    pub(crate) cursor: Option<PathBuf>,
    /// Append the events to this file, which nothing else may write to; if not given, print them
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Go on asking for what is new
    #[arg(long)]
    pub(crate) follow: bool,
    /// How often to ask for what is new
    #[arg(long, default_value = "1m", value_name = "DURATION", requires = "follow")]
    pub(crate) every: humantime::Duration,
    /// How long to ask in vain before giving up; 10m if not given, and for good with --follow
    #[arg(long, value_name = "DURATION")]
    pub(crate) patience: Option<humantime::Duration>,
    /// What to pull
    #[arg(long, value_enum, default_value_t = EndpointArg::Chat, value_name = "NAME")]
    pub(crate) endpoint: EndpointArg,
    /// The most events of a page
    #[arg(long, default_value = "1000", value_parser = limit, value_name = "N")]
    pub(crate) limit: Limit,
    /// Ask for all fields, also those that the document does not have
    #[arg(long)]
    pub(crate) all_fields: bool,
    /// Trust the certificates of this PEM file, and no others
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Ask another host than Zendesk's, such as a proxy of yours; http:// on this machine only
    #[arg(long, value_name = "URL", conflicts_with = "subdomain")]
    pub(crate) base_url: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum EndpointArg {
    /// The agent events, where they are today
    Chat,
    /// The agent events, where Zendesk's document has them
    Document,
    /// The spans that `agentfold reconcile --agent-timeline` takes
    AgentTimeline,
}

impl std::convert::From<EndpointArg> for Endpoint {
    fn from(endpoint: EndpointArg) -> Endpoint {
        match endpoint {
            EndpointArg::Chat => Endpoint::Chat,
            EndpointArg::Document => Endpoint::Document,
            EndpointArg::AgentTimeline => Endpoint::AgentTimeline,
        }
    }
}

/// Print events as CloudEvents 1.0, one a line, for brokers and pipelines
///
/// Each has the event as its data, its agent as its source, and the agent's version as its sequence.
/// All commands read them back as the events that they were.
///
/// Example:
///   agentfold cloud-events events.ndjson.gz | kcat -P -b localhost -t agents
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct CloudEventsArgs {
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Replace what tells of people, so that events can be shared, one JSON object a line
///
/// The ids of accounts, agents, groups and work items, and the names of statuses that are not
/// Zendesk's own, become stand-ins that a key decides: the same for the same, always. Fields and
/// types that agentfold does not know are left out. Scrubbed events fold as the others do.
///
/// Example:
///   head -c 32 /dev/urandom > scrub.key
///   agentfold scrub events.ndjson.gz --key-file scrub.key > shared.ndjson
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct ScrubArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// A file whose bytes are the key: 16 or more, best 32 random ones
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: PathBuf,
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

/// Where the secret of a webhook comes from: never from the command line, which others can read.
#[derive(Debug, ClapArgs)]
pub(crate) struct SecretArgs {
    /// A file that holds the webhook's secret, in place of the variable AGENTFOLD_SECRET
    ///
    /// One line, as Zendesk shows it (Admin Center, Webhooks, Reveal secret). To verify with several,
    /// as when a secret is replaced, give one file for each.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<PathBuf>,
    /// Take the public secret of Zendesk's test webhooks, or an empty one
    ///
    /// Anybody can sign with these, so both are refused otherwise.
    #[arg(long)]
    pub(crate) allow_test_secret: bool,
}

/// Print the headers by which Zendesk would sign a body
///
/// For test deliveries: the lines can be given to curl. The body is signed byte by byte, so send
/// exactly the same (curl: --data-binary, not --data). The secret is in the environment variable
/// AGENTFOLD_SECRET, or in a file.
///
/// Example:
///   export AGENTFOLD_SECRET=the-secret-of-my-test-server
///   agentfold sign event.json > headers
///   curl -H @headers --data-binary @event.json http://localhost:8787/zendesk
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct SignArgs {
    /// The body; `-` or none is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// When it is signed (RFC 3339); if not given, now
    #[arg(long, value_name = "INSTANT")]
    pub(crate) timestamp: Option<Instant>,
}

/// Verify that a webhook delivery was signed by Zendesk; if not, say why
///
/// Give the body as it came, byte by byte: what was parsed and written again has another signature.
/// The secret is in the environment variable AGENTFOLD_SECRET, or in files. A delivery that was kept
/// is too old by now: verify it as of the time when it came, with --now.
///
/// Exit code 0 if it is to be trusted. Otherwise 1, and each flaw on a line, with the mistake behind
/// it where that is a known one: the body alone signed, hexadecimal digits, the body written again ...
///
/// Example:
///   agentfold verify delivery.json --now 2026-01-05T08:00:01Z \
///     --header 'x-zendesk-webhook-signature: S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=' \
///     --header 'x-zendesk-webhook-signature-timestamp: 2026-01-05T08:00:00Z'
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct VerifyArgs {
    /// The raw body; `-` or none is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// A header of the delivery; give all that begin with x-zendesk, others don't matter
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// When it came (RFC 3339); if not given, now
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<Instant>,
    /// How long before or after it may have been signed
    #[arg(long, default_value = "5m", value_name = "DURATION")]
    pub(crate) tolerance: humantime::Duration,
    /// The account whose secret it is; a delivery whose header names another is refused
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<u64>,
    /// The most bytes that a body may have
    #[arg(long, default_value_t = Options::default().max_bytes, value_name = "BYTES")]
    pub(crate) max_bytes: usize,
    /// JSON lines instead of text for people
    #[arg(long)]
    pub(crate) json: bool,
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("a header is a name, a colon, and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn limit(text: &str) -> Result<Limit, &'static str> {
    text.parse().ok().and_then(Limit::new).ok_or("a limit is between 1 and 1000")
}

/// Print what events and answers look like, as JSON Schema; without a name, list what there is
///
/// A schema for each of the nine webhooks, the Chat export's records and pages, and each kind of line
/// that agentfold prints (JSON Schema 2020-12); `asyncapi` describes the webhooks, `openapi` the Chat
/// export's endpoint. Schemas of events are as open as the reader; those of answers are closed.
///
/// Examples:
///   agentfold schema agent.state_changed
///   agentfold schema openapi > openapi.json
#[derive(Debug, ClapArgs)]
#[command(verbatim_doc_comment)]
pub(crate) struct SchemaArgs {
    /// Which: an event's type, a kind of answer, `asyncapi` or `openapi`
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
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
