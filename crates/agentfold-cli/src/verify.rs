//! `agentfold verify`: whether a delivery is Zendesk's, and if not, why.

use std::path::PathBuf;

use agentfold::webhook::{self, Flaw, Headers, Policy, Signed};
use agentfold::{Instant, Options};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::now;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::secret::SecretArgs;

/// What is told of a delivery, as data.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "VerifyLine", deny_unknown_fields)]
pub(crate) enum Line {
    /// It is to be trusted.
    Trusted {
        /// By whom and when it was signed.
        trusted: Signed,
    },
    /// It is not.
    Flaw(Flaw),
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
#[derive(Debug, Args)]
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

pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let secrets = args.secret.secrets()?;
    let read = Options { max_bytes: args.max_bytes, ..Options::default() };
    let policy = Policy { tolerance: *args.tolerance, account_id: args.account, read };
    let headers: Headers = args.headers.iter().map(|(name, value)| (name, value)).collect();
    let body = input::bytes(args.file.as_deref(), Some(args.max_bytes))?;
    let at = args.now.unwrap_or_else(now);

    let mut output = Output::new();
    if let Ok(signed) = webhook::verify(&headers, &body, &secrets, at, &policy) {
        if args.json {
            output.json(&Line::Trusted { trusted: signed })?;
            return output.flush();
        }
        let which = match &secrets[..] {
            [_] => String::new(),
            _ => format!(", with secret {}", signed.secret + 1),
        };
        output.line(&format!("trusted: signed at {}{which}", signed.at))?;
        return output.flush();
    }
    for flaw in webhook::explain(&headers, &body, &secrets, at, &policy) {
        match args.json {
            true => output.json(&Line::Flaw(flaw))?,
            false => output.line(&flaw.to_string())?,
        }
    }
    output.flush()?;
    Err(Failure::Problems("the delivery is not to be trusted".to_owned()))
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("a header is a name, a colon, and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}
