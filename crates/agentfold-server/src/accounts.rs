//! [`Accounts`]: the accounts that deliveries are taken from, with their secrets.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use agentfold::alert::{MessageForm, Thresholds};
use agentfold::webhook::Secret;
use agentfold::{Id, Instant};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// What stands in place of a secret where settings are printed.
const HIDDEN: &str = "…";

/// The accounts as the file has them now. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts(Arc<RwLock<Arc<ById>>>);

pub(crate) type ById = BTreeMap<Id, Arc<Account>>;

impl Accounts {
    pub(crate) fn new(all: ById) -> Accounts {
        Accounts(Arc::new(RwLock::new(Arc::new(all))))
    }

    /// All accounts. What was returned does not change if the file does.
    pub(crate) fn all(&self) -> Arc<ById> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn of(&self, account: Id) -> Option<Arc<Account>> {
        self.all().get(&account).cloned()
    }

    pub(crate) fn replace(&self, all: ById) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(all);
    }
}

/// What is set up for an account.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Account {
    /// The secrets of its webhooks: the old and the new one while they are rotated.
    #[serde(deserialize_with = "signing_secrets", serialize_with = "hide_all")]
    pub(crate) secrets: Vec<Secret>,
    /// How the account is asked at Zendesk, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zendesk: Option<Credentials>,
    /// What it is alerted of, and who is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alerts: Option<Alerting>,
}

/// How an account is asked at Zendesk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(try_from = "GivenCredentials")]
pub(crate) struct Credentials {
    pub(crate) subdomain: String,
    #[serde(flatten)]
    pub(crate) proof: Proof,
    /// Since when the Chat export is pulled. It is not pulled without this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) chat_since: Option<Instant>,
    /// Where requests are sent in place of the account's host, such as a proxy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
}

/// What Zendesk is shown.
#[derive(Debug, Serialize)]
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

/// What an account is alerted of, and where messages about it are sent.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Alerting {
    pub(crate) thresholds: Thresholds,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) send: Vec<Receiver>,
}

/// A receiver of messages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receiver {
    /// Hidden, since everyone who knows Slack's can send to it.
    #[serde(deserialize_with = "web_address")]
    pub(crate) url: Hidden,
    /// Signs the messages, as Zendesk signs its webhooks.
    #[serde(
        default,
        deserialize_with = "signing_secret",
        serialize_with = "hide",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) secret: Option<Secret>,
    #[serde(default = "all_of_the_alert")]
    pub(crate) form: MessageForm,
}

fn all_of_the_alert() -> MessageForm {
    MessageForm::Agentfold
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

fn web_address<'de, D: Deserializer<'de>>(from: D) -> Result<Hidden, D::Error> {
    let url = Hidden::deserialize(from)?;
    let host = ["https://", "http://"].iter().find_map(|scheme| url.0.strip_prefix(scheme));
    match host.is_some_and(|host| !host.is_empty() && !host.starts_with('/')) {
        true => Ok(url),
        false => Err(Error::custom("must begin with https:// or http:// and a host")),
    }
}

/// A secret of a webhook, checked as it is read, so that the error has its place.
struct Signing(Secret);

impl<'de> Deserialize<'de> for Signing {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Signing, D::Error> {
        let secret = Secret::new(String::deserialize(from)?);
        secret.map(Signing).map_err(|flaw| Error::custom(flaw.message))
    }
}

fn signing_secrets<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Secret>, D::Error> {
    Ok(Vec::deserialize(from)?.into_iter().map(|Signing(secret)| secret).collect())
}

fn signing_secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    Signing::deserialize(from).map(|Signing(secret)| Some(secret))
}

fn hide_all<S: Serializer>(secrets: &[Secret], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(secrets.iter().map(|_| HIDDEN))
}

fn hide<S: Serializer>(_: &Option<Secret>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(HIDDEN)
}

/// The id in a key of the accounts: as Zendesk writes it, so that no account has two keys.
pub(crate) fn id_of(key: &str) -> Option<Id> {
    let id: Id = key.parse().ok()?;
    (id != 0 && id.to_string() == key).then_some(id)
}

/// Accounts by the text of their ids, as the file has them.
pub(crate) type ByKey = BTreeMap<String, Account>;

/// The accounts of a file in which all keys were checked.
pub(crate) fn by_id(accounts: ByKey) -> ById {
    let entry = |(key, account): (String, Account)| Some((id_of(&key)?, Arc::new(account)));
    accounts.into_iter().filter_map(entry).collect()
}
