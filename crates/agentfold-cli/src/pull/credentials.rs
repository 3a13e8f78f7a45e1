//! [`Credentials`]: who asks Zendesk, from the environment and from nowhere else.

use std::env;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::failure::Failure;

const TOKEN: &str = "ZENDESK_OAUTH_TOKEN";
const EMAIL: &str = "ZENDESK_EMAIL";
const API_TOKEN: &str = "ZENDESK_API_TOKEN";

/// What a request is allowed by; it can't be printed.
pub(crate) struct Credentials(String);

impl Credentials {
    /// An OAuth token, or an e-mail address and an API token.
    pub(crate) fn from_env() -> Result<Credentials, Failure> {
        match (variable(TOKEN)?, variable(EMAIL)?, variable(API_TOKEN)?) {
            (Some(token), None, None) => Ok(Credentials(format!("Bearer {token}"))),
            (None, Some(email), Some(token)) => {
                let pair = STANDARD.encode(format!("{email}/token:{token}"));
                Ok(Credentials(format!("Basic {pair}")))
            }
            (None, None, None) => Err(Failure::WrongUse(format!(
                "there are no credentials: set {TOKEN}, or {EMAIL} and {API_TOKEN}"
            ))),
            (Some(_), _, _) => Err(Failure::WrongUse(format!(
                "there are two sets of credentials: unset {TOKEN}, or {EMAIL} and {API_TOKEN}"
            ))),
            _ => Err(Failure::WrongUse(format!("{EMAIL} and {API_TOKEN} go together: set both"))),
        }
    }

    /// The value of the header `Authorization`.
    pub(crate) fn header(&self) -> &str {
        &self.0
    }
}

/// A variable that is set to something, without the spaces around it.
fn variable(name: &str) -> Result<Option<String>, Failure> {
    let text = match env::var(name) {
        Ok(text) => text.trim().to_owned(),
        Err(env::VarError::NotPresent) => return Ok(None),
        Err(env::VarError::NotUnicode(_)) => {
            return Err(Failure::WrongUse(format!("{name} is not UTF-8")));
        }
    };
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!("{name} holds spaces or letters that no credentials have");
        return Err(Failure::WrongUse(message));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}
