//! `agentfold sign`: the headers of a test delivery.

use std::path::PathBuf;

use agentfold::{Instant, webhook};
use clap::Args;

use crate::clock::now;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::secret::SecretArgs;

/// Print the headers with which Zendesk would sign a body
///
/// Reads the body of a test delivery and prints two header lines for curl. The signature covers the
/// exact bytes, so send them unchanged (curl: --data-binary, not --data). The secret comes from the
/// environment variable AGENTFOLD_SECRET, or from a file.
///
/// Exit codes: 0 success; 2 wrong usage, no secret, or a file cannot be read.
///
/// Examples:
///   export AGENTFOLD_SECRET=the-secret-of-my-test-server
///   agentfold sign event.json > headers
///   curl -H @headers --data-binary @event.json http://localhost:8787/zendesk
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct SignArgs {
    /// File that holds the body; `-` or no file means standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// Time of the signature (RFC 3339); default: now
    #[arg(long, value_name = "INSTANT")]
    pub(crate) timestamp: Option<Instant>,
}

pub(crate) fn run(args: &SignArgs) -> Result<(), Failure> {
    let secret = args.secret.secret()?;
    let body = input::bytes(args.file.as_deref(), None)?;
    let mut output = Output::new();
    for (name, value) in webhook::sign(&body, &secret, args.timestamp.unwrap_or_else(now)) {
        output.line(&format!("{name}: {value}"))?;
    }
    output.flush()
}
