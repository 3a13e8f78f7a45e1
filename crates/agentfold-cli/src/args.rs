//! The command line.

use std::path::PathBuf;

use agentfold::event::InstantFrom;
use agentfold::{Agent, Options};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::changes::ChangesArgs;
use crate::check::CheckArgs;
use crate::cloud_events::CloudEventsArgs;
use crate::floor::FloorArgs;
use crate::pull::PullArgs;
use crate::reconcile::ReconcileArgs;
use crate::report::ReportArgs;
use crate::schema::SchemaArgs;
use crate::scrub::ScrubArgs;
use crate::sign::SignArgs;
use crate::simulate::SimulateArgs;
use crate::state::StateArgs;
use crate::timeline::TimelineArgs;
use crate::verify::VerifyArgs;

/// Turns Zendesk's agent events into what is true.
///
/// Reads agent availability webhooks and the Chat incremental export of agent events, whatever was
/// repeated, late, lost or out of order.
#[derive(Debug, Parser)]
#[command(name = "agentfold", version, max_term_width = 100)]
pub(crate) struct Cli {
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
#[derive(Debug, Args)]
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
#[derive(Debug, Args)]
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
