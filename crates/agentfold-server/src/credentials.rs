//! [`Credentials`]: how an account is asked at Zendesk, and [`Hidden`]: what nobody may see of it.

use std::fmt;

use agentfold::Instant;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// What stands in place of a secret where settings are printed.
pub(crate) const HIDDEN: &str = "…";

/// How an account is asked at Zendesk.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "GivenCredentials")]
pub(crate) struct Credentials {
    pub(crate) subdomain: String,
    #[serde(flatten)]
    pub(crate) proof: Proof,
    /// Since when the Chat export is pulled. It is not pulled without this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chat_since: Option<Instant>,
    /// Where requests are sent in place of the account's host, for tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// What Zendesk is shown.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Proof {
    OAuth { oauth_token: Hidden },
    ApiToken { email: Hidden, token: Hidden },
}

impl Credentials {
    /// The value of the header `Authorization`.
    pub(crate) fn authorization(&self) -> Hidden {
        match &self.proof {
            Proof::OAuth { oauth_token } => Hidden::new(format!("Bearer {}", oauth_token.reveal())),
            Proof::ApiToken { email, token } => {
                let pair = Zeroizing::new(format!("{}/token:{}", email.reveal(), token.reveal()));
                Hidden::new(format!("Basic {}", STANDARD.encode(&*pair)))
            }
        }
    }

    /// Where requests are sent: a scheme and a host.
    pub(crate) fn origin(&self) -> String {
        self.url.clone().unwrap_or_else(|| format!("https://{}.zendesk.com", self.subdomain))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenCredentials {
    subdomain: String,
    oauth_token: Option<Hidden>,
    email: Option<Hidden>,
    token: Option<Hidden>,
    chat_since: Option<Instant>,
    url: Option<String>,
}

impl TryFrom<GivenCredentials> for Credentials {
    type Error = &'static str;

    fn try_from(given: GivenCredentials) -> Result<Credentials, &'static str> {
        let GivenCredentials { subdomain, oauth_token, email, token, chat_since, url } = given;
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if subdomain.is_empty() || subdomain.starts_with('-') || !subdomain.chars().all(is_part) {
            return Err(
                "`subdomain` must be the first part of the host: `acme` for acme.zendesk.com",
            );
        }
        if url.as_deref().is_some_and(|url| !is_safe_origin(url)) {
            return Err("`url` must be https:// and a host, or http:// for this machine");
        }
        let proof = match (oauth_token, email, token) {
            (Some(oauth_token), None, None) => Proof::OAuth { oauth_token },
            (None, Some(email), Some(token)) => Proof::ApiToken { email, token },
            _ => return Err("give `oauth_token`, or both `email` and `token`"),
        };
        Ok(Credentials { subdomain, proof, chat_since, url })
    }
}

/// Whether credentials may be sent there: over TLS, or without leaving the machine.
fn is_safe_origin(url: &str) -> bool {
    let is_host = |host: &str| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']);
    match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
        (Some(host), _) => is_host(host),
        (_, Some(host)) => {
            let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
            matches!(name, "127.0.0.1" | "localhost" | "[::1]") && is_host(host)
        }
        _ => false,
    }
}

/// A text that is neither logged nor printed.
#[derive(Clone)]
pub(crate) struct Hidden(Zeroizing<String>);

impl Hidden {
    fn new(text: String) -> Hidden {
        Hidden(Zeroizing::new(text))
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(..)")
    }
}

impl Serialize for Hidden {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(HIDDEN)
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Hidden, D::Error> {
        let hidden = Hidden::new(String::deserialize(from)?);
        // They are sent in headers.
        match !hidden.0.is_empty() && hidden.0.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(hidden),
            false => Err(Error::custom("must be printable ASCII without spaces, and not empty")),
        }
    }
}
