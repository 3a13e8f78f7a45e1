//! [`Accounts`]: the accounts that deliveries are taken from, with their secrets.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use agentfold::Id;
use agentfold::alert::{MessageForm, Thresholds};
use agentfold::webhook::Secret;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ureq::http::Uri;

use crate::credentials::{Credentials, HIDDEN, Hidden};

/// The accounts as the file has them now. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts(Arc<RwLock<Arc<ById>>>);

pub(crate) type ById = BTreeMap<Id, Arc<Account>>;

impl Accounts {
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
    /// How it is asked at Zendesk, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zendesk: Option<Credentials>,
    /// What it is alerted of, and who is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alerts: Option<Alerting>,
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
#[derive(Debug, Clone, Serialize, Deserialize)]
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

fn web_address<'de, D: Deserializer<'de>>(from: D) -> Result<Hidden, D::Error> {
    let url = Hidden::deserialize(from)?;
    let is_of_the_web =
        |uri: Uri| uri.authority().is_some() && matches!(uri.scheme_str(), Some("https" | "http"));
    match url.reveal().parse().is_ok_and(is_of_the_web) {
        true => Ok(url),
        false => Err(Error::custom("must be a URL that begins with https:// or http://")),
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
