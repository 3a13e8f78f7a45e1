//! [`Settings`]: what can be set, by flags, environment and file. [`Config`]: what the server runs with.

mod error;
mod file;
mod length;

use std::collections::BTreeMap;
use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentfold::webhook::Secret;
use agentfold::{Id, Shown};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer, Serialize, de};

pub use self::error::ConfigError;
use self::error::{Problem, shown};
use self::file::{Unread, read, to_toml};
pub use self::length::Length;
use crate::accounts::{Account, Accounts, ById, ByKey, by_id};
use crate::watch::Watch;

/// The file that is read if no other is named.
const FILE: &str = "agentfold.toml";
/// The variable with the secret of `--account`.
const SECRET: &str = "AGENTFOLD_SECRET";
/// Paths that the server needs itself.
const TAKEN: [&str; 5] = ["/api", "/accounts", "/healthz", "/metrics", "/openapi.json"];

const DATA: &str = "Data options";
const NETWORK: &str = "Network options";

/// The settings of the server as they are given, all optional: by flags and variables of the environment, or
/// by a TOML file. [`Config::load`] merges them.
#[derive(Debug, Default, Args, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// TOML file of settings and accounts; default: agentfold.toml, if there is one
    ///
    /// It is read again when it changes, for its accounts: so secrets are rotated without a restart.
    #[arg(long, env = "AGENTFOLD_CONFIG", value_name = "FILE", global = true)]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// SQLite file that keeps everything, created if it is not there; default: agentfold.db
    #[arg(long, env = "AGENTFOLD_DATABASE", value_name = "FILE", global = true, help_heading = DATA)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<PathBuf>,
    /// How long history is kept, such as `400d`; default: for good
    ///
    /// The current state of each agent is kept in any case.
    #[arg(long, env = "AGENTFOLD_KEEP", value_name = "LENGTH", help_heading = DATA)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep: Option<Length>,
    /// How long events stay as received before they are merged into the saved history; default: 1m
    #[arg(long, env = "AGENTFOLD_SAVE_AFTER", value_name = "LENGTH", help_heading = DATA)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_after: Option<Length>,
    /// Channel that the export endpoint reports; default: messaging
    #[arg(long, env = "AGENTFOLD_EXPORT_CHANNEL", value_name = "CHANNEL", help_heading = DATA)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_channel: Option<String>,
    /// Take deliveries of this account, whose webhook's secret is in the variable AGENTFOLD_SECRET
    ///
    /// For a single account, without a file. More accounts, more secrets of one, and all else that is set
    /// up for an account stand in the file.
    #[arg(long, env = "AGENTFOLD_ACCOUNT", value_name = "ID", help_heading = DATA)]
    #[serde(skip)]
    pub account: Option<Id>,
    /// IP address and port to listen at; default: 127.0.0.1:8080
    #[arg(long, env = "AGENTFOLD_ADDRESS", value_name = "IP:PORT", value_parser = address, help_heading = NETWORK)]
    #[serde(deserialize_with = "some_address", skip_serializing_if = "Option::is_none")]
    pub address: Option<SocketAddr>,
    /// Path that Zendesk sends webhooks to; default: /webhooks/zendesk
    #[arg(long, env = "AGENTFOLD_WEBHOOK_PATH", value_name = "PATH", help_heading = NETWORK)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_path: Option<String>,
    /// PEM file of the certificate and its chain, to serve HTTPS; read again when it changes
    #[arg(long, env = "AGENTFOLD_TLS_CERTIFICATE", value_name = "FILE", help_heading = NETWORK)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// PEM file of the certificate's private key
    #[arg(long, env = "AGENTFOLD_TLS_KEY", value_name = "FILE", help_heading = NETWORK)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front of the server ends TLS, and adds clients' addresses to x-forwarded-for
    #[arg(
        long, env = "AGENTFOLD_BEHIND_PROXY", value_name = "BOOL", help_heading = NETWORK,
        num_args = 0..=1, require_equals = true, default_missing_value = "true"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub behind_proxy: Option<bool>,
    /// What is logged: a level, or levels by module as of Rust's `tracing`; default: info
    #[arg(long, env = "AGENTFOLD_LOG", value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// Form of the log, on standard error; default: text
    #[arg(long, env = "AGENTFOLD_LOG_FORMAT", value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// The accounts, which only a file has.
    #[arg(skip)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) accounts: ByKey,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogFormat {
    /// Lines for people
    Text,
    /// A JSON object a line
    Json,
}

/// What the server runs with: settings that are complete and checked.
#[derive(Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The SQLite file.
    pub database: PathBuf,
    /// Where Zendesk sends webhooks to.
    pub webhook_path: String,
    /// How long history is kept; `None` keeps it for good.
    pub keep: Option<Duration>,
    /// How long events stay as received before they are merged into the saved history.
    pub save_after: Duration,
    /// The channel that the export endpoint reports.
    pub export_channel: String,
    /// The files of certificate and key, to serve HTTPS.
    pub tls: Option<TlsFiles>,
    /// Whether the client's address is taken from `x-forwarded-for`.
    pub is_behind_proxy: bool,
    /// What is logged.
    pub log: String,
    /// The form of the log.
    pub log_format: LogFormat,
    pub(crate) accounts: Accounts,
    /// The account of `--account`, which the file cannot change.
    own: Option<(Id, Arc<Account>)>,
    file: PathBuf,
    watch: Mutex<Watch>,
    /// The settings of the file without its accounts, to notice changes that need a restart.
    in_file: String,
}

/// The files that HTTPS needs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// The certificate and its chain, as PEM.
    pub certificate: PathBuf,
    /// The private key, as PEM.
    pub key: PathBuf,
}

impl Config {
    /// Merges settings that were given by flags and environment over those of the file, and the file's over the
    /// defaults.
    ///
    /// # Errors
    /// All that is wrong with the file, or all that does not fit together. No value of a secret is in it.
    pub fn load(given: Settings) -> Result<Config, ConfigError> {
        refuse_misspelt_variables()?;
        let file = given.config.clone().unwrap_or_else(|| FILE.into());
        // Before it is read, so that a change in between is noticed later.
        let watch = Mutex::new(Watch::new(vec![file.clone()]));
        let mut from_file = match read(&file) {
            Ok(settings) => settings,
            Err(Unread::Missing) if given.config.is_none() => Settings::default(),
            Err(unread) => return Err(unread.into_error(&file)),
        };
        let accounts = by_id(std::mem::take(&mut from_file.accounts));
        let in_file = to_toml(&from_file);
        let mut wrong = Vec::new();
        let own = given.account.map(|id| own_account(id, &accounts)).transpose();
        let own = own.unwrap_or_else(|message| {
            wrong.push(Problem::of(message));
            None
        });
        let settings = given.over(from_file);
        let webhook_path = settings.webhook_path.unwrap_or_else(|| "/webhooks/zendesk".to_owned());
        wrong.extend(wrong_path(&webhook_path).map(Problem::of));
        let keep = settings.keep.map(|Length(keep)| keep);
        if keep.is_some_and(|keep| keep < DAY) {
            wrong.push(Problem::of("`keep` must be at least `1d`: history is kept by the day"));
        }
        let tls = match (settings.tls_certificate, settings.tls_key) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            (Some(_), None) => {
                wrong.push(Problem::of("`tls_certificate` needs its private key: set `tls_key`"));
                None
            }
            (None, Some(_)) => {
                wrong.push(Problem::of("`tls_key` needs its certificate: set `tls_certificate`"));
                None
            }
        };
        if !wrong.is_empty() {
            return Err(ConfigError { file: None, problems: wrong });
        }
        let config = Config {
            address: settings.address.unwrap_or((Ipv4Addr::LOCALHOST, 8080).into()),
            database: settings.database.unwrap_or_else(|| "agentfold.db".into()),
            webhook_path,
            keep,
            save_after: settings
                .save_after
                .map_or(Duration::from_secs(60), |Length(length)| length),
            export_channel: settings.export_channel.unwrap_or_else(|| "messaging".to_owned()),
            tls,
            is_behind_proxy: settings.behind_proxy.unwrap_or(false),
            log: settings.log.unwrap_or_else(|| "info".to_owned()),
            log_format: settings.log_format.unwrap_or(LogFormat::Text),
            accounts: Accounts::default(),
            own,
            file,
            watch,
            in_file,
        };
        config.accounts.replace(config.with_own(accounts));
        Ok(config)
    }

    /// The effective settings as TOML, in which `"…"` stands in place of each secret.
    pub fn to_toml(&self) -> String {
        let mut text = to_toml(&Settings {
            config: None,
            database: Some(self.database.clone()),
            keep: self.keep.map(Length),
            save_after: Some(Length(self.save_after)),
            export_channel: Some(self.export_channel.clone()),
            account: None,
            address: Some(self.address),
            webhook_path: Some(self.webhook_path.clone()),
            tls_certificate: self.tls.as_ref().map(|tls| tls.certificate.clone()),
            tls_key: self.tls.as_ref().map(|tls| tls.key.clone()),
            behind_proxy: Some(self.is_behind_proxy),
            log: Some(self.log.clone()),
            log_format: Some(self.log_format),
            accounts: BTreeMap::new(),
        });
        #[derive(Serialize)]
        struct OfFile<'a> {
            accounts: BTreeMap<String, &'a Account>,
        }
        let all = self.accounts.all();
        if !all.is_empty() {
            let accounts = all.iter().map(|(id, account)| (id.to_string(), &**account)).collect();
            text.push('\n');
            text.push_str(&to_toml(&OfFile { accounts }));
        }
        text
    }

    /// Refuses to be reached from other machines as long as that would be of no use, or not safe.
    ///
    /// # Errors
    /// What is missing, and how to set it up: a secret, a token, TLS.
    pub fn refuse_exposure(&self, tokens: usize) -> Result<(), ConfigError> {
        let Config { address, file, .. } = self;
        if address.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        let mut problems = Vec::new();
        if self.accounts.all().values().all(|account| account.secrets.is_empty()) {
            problems.push(Problem::of(format!(
                "no account has a secret, so no delivery could be verified: write \
                 `accounts.<account id>.secrets = [\"…\"]` into {}, or give --account",
                shown(file)
            )));
        }
        if tokens == 0 {
            problems.push(Problem::of(
                "there is no token to read with: run `agentfold serve token add NAME`",
            ));
        }
        if self.tls.is_none() && !self.is_behind_proxy {
            problems.push(Problem::of(
                "tokens would cross the network unencrypted: give --tls-certificate and --tls-key, or \
                 --behind-proxy if a proxy in front of the server ends TLS",
            ));
        }
        match problems.is_empty() {
            true => Ok(()),
            false => {
                problems.insert(
                    0,
                    Problem::of(format!("other machines can reach {address}, which needs more")),
                );
                Err(ConfigError { file: None, problems })
            }
        }
    }

    /// Whether the file changed since this was last asked, or since it was loaded.
    pub(crate) fn has_changed(&self) -> bool {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner).has_changed()
    }

    /// Reads the accounts of the file again. Returns whether other settings changed, which take effect with the
    /// next start. After an error, the accounts are as before.
    pub(crate) fn reload(&self) -> Result<bool, ConfigError> {
        let mut settings = read(&self.file).map_err(|unread| unread.into_error(&self.file))?;
        let accounts = by_id(std::mem::take(&mut settings.accounts));
        self.accounts.replace(self.with_own(accounts));
        Ok(to_toml(&settings) != self.in_file)
    }

    fn with_own(&self, mut accounts: ById) -> ById {
        accounts.extend(self.own.clone());
        accounts
    }
}

const DAY: Duration = Duration::from_secs(86_400);

/// The account that has its secret in the environment.
fn own_account(id: Id, in_file: &ById) -> Result<(Id, Arc<Account>), String> {
    if in_file.contains_key(&id) {
        return Err(format!("account {id} is in the file, too: set it up in one place"));
    }
    let text = env::var(SECRET).map_err(|_| {
        format!("--account needs the secret of the account's webhook in the variable {SECRET}")
    })?;
    let secret = Secret::new(text).map_err(|flaw| format!("{SECRET}: {}", flaw.message))?;
    Ok((id, Arc::new(Account { secrets: vec![secret], ..Account::default() })))
}

/// What is wrong with the path for webhooks.
fn wrong_path(path: &str) -> Option<String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    if !path.starts_with('/')
        || path.ends_with('/')
        || path.contains("//")
        || !path.chars().all(is_plain)
    {
        let rule = "letters, digits and `-._~` after each `/`, such as `/webhooks/zendesk`";
        return Some(format!("`webhook_path` must be {rule}"));
    }
    let under = |taken: &&&str| {
        path.strip_prefix(**taken).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let taken = TAKEN.iter().find(under)?;
    Some(format!("`webhook_path` must not begin with `{taken}`, which the server answers itself"))
}

/// Refuses a variable that is almost one of the settings. Others that begin the same way belong to other
/// programs: Kubernetes sets some for each service.
fn refuse_misspelt_variables() -> Result<(), ConfigError> {
    let command = Settings::augment_args(clap::Command::new("serve"));
    let known: Vec<&str> =
        command.get_arguments().filter_map(|arg| arg.get_env()?.to_str()).chain([SECRET]).collect();
    let misspelt = env::vars_os().filter_map(|(name, _)| {
        let name = name.into_string().ok().filter(|name| name.starts_with("AGENTFOLD"))?;
        let (distance, near) =
            known.iter().map(|near| (strsim::osa_distance(&name, near), near)).min()?;
        let message =
            || format!("the variable `{}` is not a setting; did you mean `{near}`?", Shown(&name));
        (1..=2).contains(&distance).then(message)
    });
    let mut problems: Vec<Problem> = misspelt.map(Problem::of).collect();
    problems.sort_by(|a, b| a.message.cmp(&b.message));
    match problems.is_empty() {
        true => Ok(()),
        false => Err(ConfigError { file: None, problems }),
    }
}

impl Settings {
    /// These settings, and others for what these leave open.
    fn over(self, lower: Settings) -> Settings {
        Settings {
            config: self.config.or(lower.config),
            database: self.database.or(lower.database),
            keep: self.keep.or(lower.keep),
            save_after: self.save_after.or(lower.save_after),
            export_channel: self.export_channel.or(lower.export_channel),
            account: self.account.or(lower.account),
            address: self.address.or(lower.address),
            webhook_path: self.webhook_path.or(lower.webhook_path),
            tls_certificate: self.tls_certificate.or(lower.tls_certificate),
            tls_key: self.tls_key.or(lower.tls_key),
            behind_proxy: self.behind_proxy.or(lower.behind_proxy),
            log: self.log.or(lower.log),
            log_format: self.log_format.or(lower.log_format),
            accounts: lower.accounts,
        }
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as `127.0.0.1:8080` or `[::1]:8080`")
}

fn some_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    address(&String::deserialize(from)?).map(Some).map_err(de::Error::custom)
}

#[cfg(test)]
mod tests;
