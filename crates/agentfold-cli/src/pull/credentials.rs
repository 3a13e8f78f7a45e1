//! [`Credentials`]: for requests to Zendesk, from the environment only.

use std::env;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::failure::Failure;

const TOKEN: &str = "ZENDESK_OAUTH_TOKEN";
const EMAIL: &str = "ZENDESK_EMAIL";
const API_TOKEN: &str = "ZENDESK_API_TOKEN";

/// The value of the header `Authorization`. Has no `Debug` or `Display`, so that it is never
/// printed.
pub(crate) struct Credentials(String);

impl Credentials {
    /// Reads an OAuth token, or an e-mail address and an API token.
    pub(crate) fn from_env() -> Result<Credentials, Failure> {
        match (variable(TOKEN)?, variable(EMAIL)?, variable(API_TOKEN)?) {
            (Some(token), None, None) => Ok(Credentials(format!("Bearer {token}"))),
            (None, Some(email), Some(token)) => {
                let pair = STANDARD.encode(format!("{email}/token:{token}"));
                Ok(Credentials(format!("Basic {pair}")))
            }
            (None, None, None) => Err(Failure::WrongUse(format!(
                "no credentials: set {TOKEN}, or {EMAIL} and {API_TOKEN}"
            ))),
            (Some(_), _, _) => Err(Failure::WrongUse(format!(
                "two sets of credentials: unset {TOKEN}, or {EMAIL} and {API_TOKEN}"
            ))),
            _ => Err(Failure::WrongUse(format!(
                "incomplete credentials: set both {EMAIL} and {API_TOKEN}"
            ))),
        }
    }

    /// The value of the header `Authorization`.
    pub(crate) fn header(&self) -> &str {
        &self.0
    }
}

/// A variable without surrounding spaces; `None` if it is not set or empty.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    let text = match env::var(name) {
        Ok(text) => text.trim().to_owned(),
        Err(env::VarError::NotPresent) => return Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            return Err(Failure::WrongUse(format!("{name} is not UTF-8")));
        }
    };
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("{name} contains spaces or characters other than printable ASCII");
        return Err(Failure::WrongUse(message));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
