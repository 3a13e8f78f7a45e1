//! [`Settings`]: what can be set, by flags, environment and file. [`Config`]: what the server runs with.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentfold::border::Argument;
use agentfold::webhook::Secret;
use agentfold::{Id, Shown};
use clap::{Args, ValueEnum};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use toml::Value;
use toml::de::{DeTable, DeValue};

use crate::accounts::{Account, Accounts, ById, ByKey, by_id, id_of};
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

/// A length of time, as in `400d` or `1h 30m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Length(pub Duration);

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

/// Why a file has no settings.
enum Unread {
    Missing,
    Io(io::Error),
    Wrong(Vec<Problem>),
}

impl Unread {
    fn into_error(self, file: &Path) -> ConfigError {
        let message = match self {
            Unread::Wrong(problems) => {
                return ConfigError { file: Some(file.to_owned()), problems };
            }
            Unread::Missing => "there is no such file".to_owned(),
            Unread::Io(error) => error.to_string(),
        };
        let message = format!("cannot read {}: {message}", shown(file));
        ConfigError { file: None, problems: vec![Problem::of(message)] }
    }
}

fn read(file: &Path) -> Result<Settings, Unread> {
    let text = fs::read_to_string(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unread::Missing,
        _ => Unread::Io(error),
    })?;
    parse(&text).map_err(Unread::Wrong)
}

/// Reads settings and names all that is wrong, with lines and without values.
fn parse(text: &str) -> Result<Settings, Vec<Problem>> {
    let line_at =
        |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
    let (spans, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // The whole text of such an error has the line as it is, maybe with a secret.
        let problem = |error: &toml::de::Error| Problem {
            line: error.span().map(|span| line_at(span.start)),
            message: format!("not TOML: {}", error.message()),
        };
        return Err(errors.iter().map(problem).collect());
    }
    let mut table = Value::Table(toml::from_str(text).map_err(|error| {
        vec![Problem {
            line: error.span().map(|span| line_at(span.start)),
            message: "not TOML".to_owned(),
        }]
    })?);
    as_text(&mut table);
    let mut wrong: Vec<(String, String)> = Vec::new();
    let accounts = table.get("accounts").and_then(Value::as_table);
    for key in accounts.into_iter().flat_map(|accounts| accounts.keys()) {
        if id_of(key).is_none() {
            let message =
                format!("`{}` is not the id of an account: ids are whole numbers", Shown(key));
            wrong.push((format!("/accounts/{}", escape(key)), message));
        }
    }
    let read = Argument::new("", table).and_then(Argument::read_all::<Settings>);
    if let Err(failure) = &read {
        let issues = failure.more().issues.iter();
        wrong.extend(issues.map(|issue| (issue.path.to_string(), issue.message.to_string())));
        if wrong.is_empty() {
            wrong.push((failure.path().to_owned(), failure.message().to_owned()));
        }
    }
    match read {
        Ok(settings) if wrong.is_empty() => Ok(settings),
        _ => {
            let problem = |(path, message): (String, String)| {
                let line = span_of(spans.get_ref(), &path).map(line_at);
                Problem { line, message }
            };
            let mut problems: Vec<Problem> = wrong.into_iter().map(problem).collect();
            problems.sort_by_key(|problem| problem.line);
            Err(problems)
        }
    }
}

/// Writes dates as text, since all instants here are read from text.
fn as_text(value: &mut Value) {
    match value {
        Value::Datetime(at) => *value = Value::String(at.to_string()),
        Value::Array(items) => items.iter_mut().for_each(as_text),
        Value::Table(table) => table.iter_mut().for_each(|(_, value)| as_text(value)),
        _ => {}
    }
}

/// A path without line breaks, so that it looks like no other problem.
fn shown(file: &Path) -> Shown<String> {
    Shown(file.display().to_string())
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Where the key at a JSON Pointer begins, or what is nearest around it if it is missing.
fn span_of(table: &DeTable<'_>, path: &str) -> Option<usize> {
    let mut tokens = path.split('/').skip(1);
    let first = tokens.next()?;
    let (key, value) = table.iter().find(|(key, _)| escape(key.get_ref()) == first)?;
    let mut start = key.span().start;
    let mut part = value.get_ref();
    for token in tokens {
        (start, part) = match part {
            DeValue::Table(table) => {
                match table.iter().find(|(key, _)| escape(key.get_ref()) == token) {
                    Some((key, value)) => (key.span().start, value.get_ref()),
                    None => break,
                }
            }
            DeValue::Array(items) => match token.parse().ok().and_then(|at: usize| items.get(at)) {
                Some(item) => (item.span().start, item.get_ref()),
                None => break,
            },
            _ => break,
        };
    }
    Some(start)
}

fn to_toml(settings: &impl Serialize) -> String {
    toml::to_string(settings).expect("INVARIANT: settings are tables, lists, numbers and text")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "must be an IP address and a port, such as `127.0.0.1:8080` or `[::1]:8080`")
}

fn some_address<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SocketAddr>, D::Error> {
    address(&String::deserialize(from)?).map(Some).map_err(de::Error::custom)
}

impl FromStr for Length {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Length, &'static str> {
        let length = humantime::parse_duration(text);
        length
            .map(Length)
            .map_err(|_| "must be a length of time, such as `90s`, `30m`, `8h` or `400d`")
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
        let unit = units.iter().find(|(unit, _)| seconds.is_multiple_of(*unit) && seconds > 0);
        match unit {
            Some((unit, name)) if self.0.subsec_nanos() == 0 => {
                write!(f, "{}{name}", seconds / unit)
            }
            _ => write!(f, "{}", humantime::format_duration(self.0)),
        }
    }
}

impl Serialize for Length {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Length, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// All that is wrong with the settings. It contains no secret, so it is safe to log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file that is wrong, if it is one.
    file: Option<PathBuf>,
    problems: Vec<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Problem {
    line: Option<usize>,
    message: String,
}

impl Problem {
    fn of(message: impl Into<String>) -> Problem {
        Problem { line: None, message: message.into() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{} is wrong:", shown(file))?;
        }
        for (at, Problem { line, message }) in self.problems.iter().enumerate() {
            if at > 0 || self.file.is_some() {
                f.write_str("\n  ")?;
            }
            match line {
                Some(line) => write!(f, "line {line}: {message}")?,
                None => f.write_str(message)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        let file = Some(PathBuf::from("f"));
        let problems = parse(text).expect_err("it is wrong");
        let error = ConfigError { file, problems }.to_string();
        error.lines().skip(1).map(|line| line.trim_start().to_owned()).collect()
    }

    #[test]
    fn all_that_is_wrong_with_a_file_is_named_with_its_line_and_the_near_name() {
        let text = r#"
adress = "127.0.0.1:80"
keep = "forever"
behind_proxy = "yes"
log_format = "xml"

[accounts.10000345]
secrets = ["good", "", 7]
zendesk = { subdomain = "a.b", oauth_token = "hush" }

[accounts.02]
secret = ["hush"]

[accounts.3.alerts]
thresholds = { silense = { longer_than = "4h" } }
[[accounts.3.alerts.send]]
url = "hush"
[[accounts.3.alerts.send]]
urls = "hush"
"#;
        let told = wrong(text);
        assert_eq!(
            told,
            [
                "line 2: `adress` is not an option; did you mean `address`?",
                "line 3: `keep`: must be a length of time, such as `90s`, `30m`, `8h` or `400d`",
                "line 4: `behind_proxy` must be true or false",
                "line 5: `log_format` must be `text` or `json`",
                "line 8: item 1 of `secrets`: the secret is empty, so anyone can sign",
                "line 8: item 2 of `secrets` must be a string",
                "line 9: `zendesk`: `subdomain` must be the first part of the host: `acme` for acme.zendesk.com",
                "line 11: `02` is not the id of an account: ids are whole numbers",
                "line 12: `secret` is not an option; did you mean `secrets`?",
                "line 15: `silense` is not an option; did you mean `silence`?",
                "line 17: `url`: must be a URL that begins with https:// or http://",
                "line 18: `url` is missing",
                "line 19: `urls` is not an option; did you mean `url`?",
            ]
        );
        assert!(!told.concat().contains("hush"));
    }

    #[test]
    fn what_is_not_toml_is_told_by_its_line_without_its_text() {
        let told = wrong("address = \"127.0.0.1:80\"\n[accounts.1]\nsecrets = [\"hush\n");
        assert!(told[0].starts_with("line 3: not TOML: "), "{told:?}");
        assert!(!told.concat().contains("hush"), "{told:?}");
        assert!(
            wrong("keep = \"1d\"\nkeep = \"2d\"")[0].starts_with("line 2: not TOML: duplicate key")
        );
    }

    #[test]
    fn credentials_are_complete_and_sent_to_zendesk_or_within_the_machine() {
        let zendesk = |text: &str| parse(&format!("[accounts.1.zendesk]\n{text}"));
        let both = "subdomain = \"acme\"\nemail = \"a@acme.example\"\ntoken = \"t\"\n";
        let settings = zendesk(&format!("{both}chat_since = 2026-01-01T00:00:00Z")).expect("good");
        let credentials = settings.accounts["1"].zendesk.as_ref().expect("they are there");
        assert_eq!(credentials.authorization().reveal(), "Basic YUBhY21lLmV4YW1wbGUvdG9rZW46dA==");
        assert_eq!(credentials.origin(), "https://acme.zendesk.com");
        assert_eq!(
            credentials.chat_since.map(|at| at.to_string()).as_deref(),
            Some("2026-01-01T00:00:00Z")
        );
        for text in [
            "subdomain = \"acme\"",
            "subdomain = \"acme\"\nemail = \"a@acme.example\"",
            &format!("{both}oauth_token = \"o\""),
            &format!("{both}url = \"http://example.com\""),
            &format!("{both}url = \"http://localhost@example.com\""),
            "subdomain = \"acme\"\noauth_token = \"two words\"",
        ] {
            assert!(zendesk(text).is_err(), "{text}");
        }
        assert!(zendesk(&format!("{both}url = \"http://127.0.0.1:9000\"")).is_ok());
    }

    #[test]
    fn nothing_shows_a_secret() {
        let text = r#"
[accounts.1]
secrets = ["hush-1"]
zendesk = { subdomain = "acme", email = "hush-2", token = "hush-3" }
[accounts.1.alerts]
thresholds = {}
send = [{ url = "https://hush-4.example/", secret = "hush-5" }]
[accounts.2]
zendesk = { subdomain = "acme", oauth_token = "hush-6" }
"#;
        let settings = parse(text).expect("good");
        let accounts = by_id(parse(text).expect("good").accounts);
        let shown = format!("{settings:?}{}{accounts:?}", to_toml(&settings));
        assert!(!shown.contains("hush"), "{shown}");
        assert_eq!(to_toml(&settings).matches("\"…\"").count(), 6, "{shown}");
    }

    #[test]
    fn lengths_are_written_as_they_are_read() {
        for text in ["400d", "90s", "8h", "30m", "0s", "1h 1ms"] {
            assert_eq!(text.parse::<Length>().expect("a length").to_string(), text);
        }
    }

    #[test]
    fn webhooks_do_not_take_a_path_of_the_server() {
        for path in ["/webhooks/zendesk", "/zendesk", "/apis", "/z-1/x.y_~"] {
            assert_eq!(wrong_path(path), None, "{path}");
        }
        for path in
            ["", "/", "zendesk", "/a/", "//a", "/a b", "/{a}", "/a?b", "/api", "/api/x", "/metrics"]
        {
            assert!(wrong_path(path).is_some(), "{path}");
        }
    }

    #[test]
    fn accounts_are_read_again_and_stay_as_they_were_after_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("agentfold.toml");
        let write = |text: &str| fs::write(&file, text).expect("written");
        write("keep = \"10d\"\n[accounts.1]\nsecrets = [\"old\"]");
        let given = || Settings { config: Some(file.clone()), ..Settings::default() };
        let config = Config::load(given()).expect("good");
        let secrets = || config.accounts.of(Id::new(1)).map(|account| account.secrets.len());
        assert_eq!((config.keep, secrets()), (Some(DAY * 10), Some(1)));
        write("keep = \"10d\"\n[accounts.1]\nsecrets = [\"old\", \"new\"]");
        assert_eq!((config.reload(), secrets()), (Ok(false), Some(2)));
        write("keep = \"10d\"\n[accounts.1]\nsecrets = [\"new\"");
        assert!(config.reload().is_err());
        assert_eq!(secrets(), Some(2));
        fs::remove_file(&file).expect("removed");
        assert!(config.reload().is_err());
        assert_eq!(secrets(), Some(2));
        write("keep = \"20d\"\n[accounts.2]");
        assert_eq!((config.reload(), secrets()), (Ok(true), None));
    }

    #[test]
    fn other_machines_are_let_in_only_with_a_secret_a_token_and_tls() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("agentfold.toml");
        let refused = |text: &str, tokens| {
            fs::write(&file, text).expect("written");
            let given = Settings { config: Some(file.clone()), ..Settings::default() };
            let config = Config::load(given).expect("good");
            config.refuse_exposure(tokens).err().map(|error| error.problems.len() - 1)
        };
        assert_eq!(refused("", 0), None);
        assert_eq!(refused("address = \"[::1]:0\"", 0), None);
        assert_eq!(refused("address = \"[::ffff:127.0.0.1]:0\"", 0), None);
        let all = "address = \"0.0.0.0:0\"";
        assert_eq!(refused(all, 0), Some(3));
        assert_eq!(refused(&format!("{all}\nbehind_proxy = true"), 0), Some(2));
        assert_eq!(refused(&format!("{all}\nbehind_proxy = true\n[accounts.1]"), 1), Some(1));
        let good = format!("{all}\nbehind_proxy = true\n[accounts.1]\nsecrets = [\"s\"]");
        assert_eq!(refused(&good, 1), None);
    }
}
