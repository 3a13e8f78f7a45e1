//! `agentfold verify`: whether a delivery is Zendesk's, and if not, why.

use agentfold::Options;
use agentfold::webhook::{self, Flaw, Headers, Policy, Signed};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::VerifyArgs;
use crate::clock::now;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;

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
