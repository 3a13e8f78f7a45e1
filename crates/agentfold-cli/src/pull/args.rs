//! The arguments of `agentfold pull`.

use std::path::PathBuf;

use agentfold::Instant;
use agentfold::export::{Endpoint, Limit};
use clap::{Args, ValueEnum};

/// Pull the Chat incremental export of agent events from Zendesk
///
/// Requests the export over HTTPS, page by page, and writes one event per line. Takes the
/// credentials of an administrator from the environment: ZENDESK_OAUTH_TOKEN, or ZENDESK_EMAIL and
/// ZENDESK_API_TOKEN. When Zendesk asks for fewer requests or does not answer, waits and retries.
/// Requests pages until one brings nothing new, or reaches the last five minutes.
///
/// With --cursor and --out, no event is lost or written twice, even if the command is killed or the
/// machine fails: run the same command again, and it continues. Without --out, the reader of
/// standard output may then receive the last page twice; agentfold ignores the duplicates.
///
/// Records that are not events, or are dated more than five minutes after this machine's clock, are
/// not written among the events. They are reported on standard error, and kept in a file beside --out
/// whose name ends in .apart.
///
/// With --follow, goes on after every failure that may pass, with growing pauses.
///
/// With --names, pulls the names of agents and groups instead of events.
///
/// Exit codes: 0 success; 1 Zendesk refused a request or did not answer within --patience, or an
/// event cannot be written; 2 wrong usage, missing credentials, or a file cannot be opened.
///
/// Examples:
///   agentfold pull --subdomain acme --since 2026-01-01T00:00:00Z --cursor c --out acme.ndjson
///   agentfold pull --subdomain acme --cursor c --out acme.ndjson --follow
///   agentfold pull --subdomain acme --since 2026-01-05T00:00:00Z | agentfold state --table
///   agentfold pull --subdomain acme --names team.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct PullArgs {
    /// Subdomain of the account: `acme` for acme.zendesk.com
    #[arg(long, value_name = "S", required_unless_present = "base_url")]
    pub(crate) subdomain: Option<String>,
    /// Instant at which the export starts (RFC 3339), not in the future; not used if the --cursor
    /// file exists
    #[arg(long, value_name = "INSTANT", required_unless_present_any = ["cursor", "names"])]
    pub(crate) since: Option<Instant>,
    /// Store the position of the pull in this file, and continue from it
    #[arg(long, value_name = "FILE")]
    pub(crate) cursor: Option<PathBuf>,
    /// Append events to this file; default: standard output
    ///
    /// No other program may write to the file. It must be a regular file, and not the --cursor file.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Continue in an empty or new --out file, without the events that were pulled before
    #[arg(long, requires_all = ["out", "cursor"])]
    pub(crate) new_out: bool,
    /// Keep running, and request new events as they appear
    #[arg(long)]
    pub(crate) follow: bool,
    /// How often to request new events
    #[arg(long, default_value = "1m", value_name = "DURATION", requires = "follow")]
    pub(crate) every: humantime::Duration,
    /// How long to retry without success before giving up; default: 10m, or forever with --follow
    #[arg(long, value_name = "DURATION")]
    pub(crate) patience: Option<humantime::Duration>,
    /// What to pull
    #[arg(long, value_enum, default_value_t = EndpointArg::Chat, value_name = "NAME")]
    pub(crate) endpoint: EndpointArg,
    /// Maximum number of events per page, from 1 to 1000
    #[arg(long, default_value = "1000", value_parser = limit, value_name = "N")]
    pub(crate) limit: Limit,
    /// Request all fields, including those that Zendesk does not document
    #[arg(long)]
    pub(crate) all_fields: bool,
    /// Pull the names of agents and groups instead, and replace this file by them
    ///
    /// The file is for `--names` of other commands. Only ids and names are stored. An agent's token
    /// suffices.
    #[arg(long, value_name = "FILE", conflicts_with_all = NOT_OF_NAMES)]
    pub(crate) names: Option<PathBuf>,
    /// Trust only the certificates in this PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Send requests to this host instead of Zendesk, such as a proxy; http:// for this machine
    /// only
    #[arg(long, value_name = "URL", conflicts_with = "subdomain")]
    pub(crate) base_url: Option<String>,
}

/// The options that only a pull of events has.
const NOT_OF_NAMES: [&str; 8] =
    ["since", "cursor", "out", "new_out", "follow", "endpoint", "limit", "all_fields"];

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum EndpointArg {
    /// Agent events, at the path where Zendesk serves them
    Chat,
    /// Agent events, at the path in Zendesk's documentation
    Document,
    /// Rows of `agent_timeline`, for `agentfold reconcile --agent-timeline`
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

fn limit(text: &str) -> Result<Limit, &'static str> {
    text.parse().ok().and_then(Limit::new).ok_or("not a limit: write a whole number from 1 to 1000")
}
