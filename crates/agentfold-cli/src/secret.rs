//! Secrets from the environment or from files, never from the command line.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use agentfold::webhook::Secret;
use clap::Args;

use crate::failure::Failure;

/// The source of a webhook's secret: never the command line, which other users can read.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// File that holds the webhook's secret, instead of the variable AGENTFOLD_SECRET
    ///
    /// One line, as Zendesk shows it (Admin Center, Webhooks, Reveal secret). To verify with
    /// several secrets, for example while you replace one, repeat the option.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<PathBuf>,
    /// Accept the public secret of Zendesk's test webhooks, or an empty secret
    ///
    /// Both are refused otherwise, since anyone can sign with them.
    #[arg(long)]
    pub(crate) allow_test_secret: bool,
}

/// The environment variable that holds a secret.
const VARIABLE: &str = "AGENTFOLD_SECRET";

impl SecretArgs {
    /// The secrets in the files, in order; without files, the secret in the environment.
    pub(crate) fn secrets(&self) -> Result<Vec<Secret>, Failure> {
        if !self.secret_file.is_empty() {
            return self.secret_file.iter().map(|file| self.in_file(file)).collect();
        }
        match env::var(VARIABLE) {
            Ok(text) => Ok(vec![self.checked(text, VARIABLE)?]),
            Err(env::VarError::NotPresent) => {
                Err(Failure::WrongUse(format!("no secret: set {VARIABLE}, or give --secret-file")))
            }
            Err(env::VarError::NotUnicode(_)) => {
                Err(Failure::WrongUse(format!("{VARIABLE} is not UTF-8")))
            }
        }
    }

    /// The only secret.
    pub(crate) fn secret(&self) -> Result<Secret, Failure> {
        let mut secrets = self.secrets()?;
        match (secrets.pop(), secrets.is_empty()) {
            (Some(secret), true) => Ok(secret),
            _ => Err(Failure::WrongUse(
                "several secrets: a delivery has one signature, so give --secret-file once"
                    .to_owned(),
            )),
        }
    }

    /// The secret in a file: its content without a trailing line break.
    fn in_file(&self, file: &Path) -> Result<Secret, Failure> {
        let name = file.display().to_string();
        let mut text = fs::read_to_string(file)
            .map_err(|error| Failure::WrongUse(format!("cannot read {name}: {error}")))?;
        let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        if let Some(length) = line.map(str::len) {
            text.truncate(length);
        }
        self.checked(text, &name)
    }

    fn checked(&self, text: String, place: &str) -> Result<Secret, Failure> {
        if self.allow_test_secret {
            return Ok(Secret::for_tests(text));
        }
        Secret::new(text).map_err(|flaw| Failure::WrongUse(format!("{place}: {}", flaw.message)))
    }
}
