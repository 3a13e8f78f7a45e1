//! `agentfold sign`: the headers of a test delivery.

use std::path::PathBuf;

use agentfold::{Instant, webhook};
use clap::Args;

use crate::clock::now;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::secret::SecretArgs;

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
#[derive(Debug, Args)]
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

pub(crate) fn run(args: &SignArgs) -> Result<(), Failure> {
    let secrets = args.secret.secrets()?;
    let [secret] = &secrets[..] else {
        let message = "a delivery has one signature: give --secret-file once";
        return Err(Failure::WrongUse(message.to_owned()));
    };
    let body = input::bytes(args.file.as_deref(), None)?;
    let mut output = Output::new();
    for (name, value) in webhook::sign(&body, secret, args.timestamp.unwrap_or_else(now)) {
        output.line(&format!("{name}: {value}"))?;
    }
    output.flush()
}
