//! The command line: the parser, the list of commands, and the arguments that commands share.

use std::path::PathBuf;

use agentfold::event::InstantFrom;
use agentfold::{Instant, Options};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::alerts::AlertsArgs;
use crate::changes::ChangesArgs;
use crate::check::CheckArgs;
use crate::clock;
use crate::cloud_events::CloudEventsArgs;
use crate::completions::CompletionsArgs;
use crate::deliver::DeliverArgs;
use crate::demo::DemoArgs;
use crate::floor::FloorArgs;
use crate::manual::ManualArgs;
use crate::pull::PullArgs;
use crate::reconcile::ReconcileArgs;
use crate::report::ReportArgs;
use crate::schema::SchemaArgs;
use crate::scrub::ScrubArgs;
use crate::serve::ServeArgs;
use crate::sign::SignArgs;
use crate::simulate::SimulateArgs;
use crate::state::StateArgs;
use crate::timeline::TimelineArgs;
use crate::verify::VerifyArgs;

/// Reconstruct agent state and history from Zendesk's agent events
///
/// Reads agent availability webhooks and the Chat incremental export. The answers are correct even
/// when deliveries are duplicated, late, lost or out of order.
///
/// Most commands read events, build a fold, ask it one question, and print the answer on standard
/// output as JSON lines. Messages go to standard error.
///
/// Terms:
///   fold    all that is known of many agents; built from events, saved with `state --save`
///   track   one aspect of an agent that has one value at a time, such as `state[support]`
///   basis   how certain a value is: observed, assumed, inferred, disputed or unknown
///   bucket  one part of the time that a report covers, such as an hour
///   floor   the channels of an account at one instant, with their agents
///   cut     the instant before which a fold accepts no events; set by `state --compact`
///
/// Exit codes:
///   0  success
///   1  finished with a problem: an unreadable record, a difference, a failed verification ...
///   2  wrong usage, or a file cannot be read or written
#[derive(Debug, Parser)]
#[command(name = "agentfold", version, max_term_width = 100, verbatim_doc_comment)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Demo(DemoArgs),
    State(StateArgs),
    Check(CheckArgs),
    Changes(ChangesArgs),
    Timeline(TimelineArgs),
    Report(Box<ReportArgs>),
    Floor(FloorArgs),
    Alerts(AlertsArgs),
    Serve(Box<ServeArgs>),
    Pull(PullArgs),
    Reconcile(ReconcileArgs),
    CloudEvents(CloudEventsArgs),
    Scrub(ScrubArgs),
    Simulate(SimulateArgs),
    Deliver(DeliverArgs),
    Sign(SignArgs),
    Verify(VerifyArgs),
    Schema(SchemaArgs),
    Completions(CompletionsArgs),
    Manual(ManualArgs),
}

/// The heading of options that say what to read.
pub(crate) const INPUT: &str = "Input options";

/// The events to read, and how to read them.
#[derive(Debug, Args)]
pub(crate) struct Source {
    /// Files of events, read in order; `-` or no file means standard input
    ///
    /// Each file holds one event, NDJSON, concatenated JSON objects, a JSON text sequence, a JSON
    /// array, or pages of the Chat export; plain, gzip or zstd. The format is detected. Events may be
    /// in envelopes: CloudEvents, SQS, SNS, EventBridge, Kafka, API Gateway, Pub/Sub, Kinesis, Firehose.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Field that dates a change
    #[arg(long, value_enum, default_value_t = From::UpdatedAt, value_name = "FIELD", help_heading = INPUT)]
    pub(crate) instant_from: From,
    /// Maximum size of an event in bytes; larger events are unreadable
    #[arg(long, default_value_t = Options::default().max_bytes, value_name = "BYTES", help_heading = INPUT)]
    pub(crate) max_bytes: usize,
    /// Clock to compare dates with (RFC 3339); default: the machine's
    ///
    /// An event that is dated more than 24 hours after it cannot be read.
    #[arg(long, value_name = "INSTANT", help_heading = INPUT)]
    pub(crate) now: Option<Instant>,
    /// Print every problem of the records that cannot be read, not only the first 20 of each code
    #[arg(long, help_heading = INPUT)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum From {
    /// `event.updated_at`: when the change happened
    UpdatedAt,
    /// `time` of the envelope: when Zendesk issued the event
    Time,
}

impl Source {
    pub(crate) fn options(&self) -> Options {
        let instant = match self.instant_from {
            From::UpdatedAt => InstantFrom::UpdatedAt,
            From::Time => InstantFrom::Time,
        };
        Options::default().with_instant(instant).with_max_bytes(self.max_bytes)
    }

    /// The clock to compare dates with.
    pub(crate) fn now(&self) -> Instant {
        self.now.unwrap_or_else(clock::now)
    }
}

/// The fold to ask: a saved one, events, or both.
#[derive(Debug, Args)]
pub(crate) struct FoldArgs {
    #[command(flatten)]
    pub(crate) source: Source,
    /// Start from a saved fold; if no FILE is given, read no events
    ///
    /// A fold is all that is known of many agents. `agentfold state --save` writes it.
    #[arg(long, value_name = "FILE", help_heading = INPUT)]
    pub(crate) restore: Option<PathBuf>,
    /// Stop at the first record that cannot be read, instead of skipping it
    #[arg(long, help_heading = INPUT)]
    pub(crate) strict: bool,
}
