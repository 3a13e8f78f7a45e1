//! The arguments of `agentfold pull`.

use std::path::PathBuf;

use agentfold::Instant;
use agentfold::export::{Endpoint, Limit};
use clap::{Args, ValueEnum};

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
#[derive(Debug, Args)]
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

fn limit(text: &str) -> Result<Limit, &'static str> {
    text.parse().ok().and_then(Limit::new).ok_or("a limit is between 1 and 1000")
}
