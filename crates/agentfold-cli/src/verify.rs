//! `agentfold verify`: whether Zendesk signed a delivery, and if not, why.

use std::path::PathBuf;

use agentfold::webhook::{self, Flaw, Headers, Policy, Request, Signed};
use agentfold::{Id, Instant, Options};
use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::now;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;
use crate::secret::SecretArgs;

/// Verify that Zendesk signed a webhook delivery; if not, explain why
///
/// Reads the raw body of a delivery, byte for byte as received: a body that was parsed and written
/// again has a different signature. The secret comes from the environment variable
/// AGENTFOLD_SECRET, or from files. To verify a stored delivery, give the time of its arrival with
/// --now. An event of API Gateway, or of a function URL, is unwrapped: its body, also in Base64, is
/// verified, with its headers if none are given.
///
/// Exit codes: 0 trusted; 1 not trusted: prints each flaw on a line, with the likely mistake (only
/// the body was signed, hexadecimal digits, the body was written again ...); 2 wrong usage, no
/// secret, or a file cannot be read.
///
/// Examples:
///   agentfold verify delivery.json --now 2026-01-05T08:00:01Z \
///     --header 'x-zendesk-webhook-signature: S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=' \
///     --header 'x-zendesk-webhook-signature-timestamp: 2026-01-05T08:00:00Z'
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct VerifyArgs {
    /// File that holds the raw body; `-` or no file means standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) secret: SecretArgs,
    /// Header of the delivery; repeat for every header that begins with x-zendesk
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    pub(crate) headers: Vec<(String, String)>,
    /// Time of arrival (RFC 3339); default: now
    #[arg(long, value_name = "INSTANT")]
    pub(crate) now: Option<Instant>,
    /// Maximum time between signature and arrival, in either direction
    #[arg(long, default_value = "5m", value_name = "DURATION")]
    pub(crate) tolerance: humantime::Duration,
    /// Account that owns the secret; a delivery from any other account is not trusted
    #[arg(long, value_name = "ID")]
    pub(crate) account: Option<Id>,
    /// Maximum size of the body in bytes
    #[arg(long, default_value_t = Options::default().max_bytes, value_name = "BYTES")]
    pub(crate) max_bytes: usize,
    /// Print JSON lines instead of text
    #[arg(long)]
    pub(crate) json: bool,
}

/// A line of `agentfold verify --json`.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(rename = "VerifyLine", deny_unknown_fields)]
pub(crate) enum Line {
    /// Zendesk signed the delivery.
    Trusted {
        /// Which secret signed it, and when.
        trusted: Signed,
    },
    /// A reason not to trust the delivery.
    Flaw(Flaw),
}

pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let secrets = args.secret.secrets()?;
    let read = Options::default().with_max_bytes(args.max_bytes);
    let mut policy = Policy::default().with_tolerance(*args.tolerance).with_options(read);
    policy.account_id = args.account;
    let mut given = args.headers.clone();
    let mut body = input::bytes(args.file.as_deref(), Some(args.max_bytes))?;
    if let Some(request) = Request::parse(&body) {
        // What Zendesk sent is within what a gateway passed on.
        body = request.body;
        if given.is_empty() {
            given = request.headers;
        }
    }
    let headers: Headers = given.iter().map(|(name, value)| (name, value)).collect();
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
    Err(Failure::Problems("the delivery is not trusted".to_owned()))
}

fn header(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once(':').ok_or("not a header: write `NAME: VALUE`")?;
    Ok((name.to_owned(), value.to_owned()))
}
