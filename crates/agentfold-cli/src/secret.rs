//! Secrets from the environment or from files, never from the command line.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use agentfold::webhook::Secret;
use clap::Args;

use crate::failure::Failure;

/// Where the secret of a webhook comes from: never from the command line, which others can read.
#[derive(Debug, Args)]
pub(crate) struct SecretArgs {
    /// A file that holds the webhook's secret, in place of the variable AGENTFOLD_SECRET
    ///
    /// One line, as Zendesk shows it (Admin Center, Webhooks, Reveal secret). To verify with several,
    /// as when a secret is replaced, give one file for each.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<PathBuf>,
    /// Take the public secret of Zendesk's test webhooks, or an empty one
    ///
    /// Anybody can sign with these, so both are refused otherwise.
    #[arg(long)]
    pub(crate) allow_test_secret: bool,
}

/// The environment variable that holds a secret.
const VARIABLE: &str = "AGENTFOLD_SECRET";

impl SecretArgs {
    /// The secrets of the files in their order, or else the one of the environment.
    pub(crate) fn secrets(&self) -> Result<Vec<Secret>, Failure> {
        if !self.secret_file.is_empty() {
            return self.secret_file.iter().map(|file| self.in_file(file)).collect();
        }
        match env::var(VARIABLE) {
            Ok(text) => Ok(vec![self.secret(text, VARIABLE)?]),
            Err(env::VarError::NotPresent) => Err(Failure::WrongUse(format!(
                "there is no secret: set {VARIABLE}, or give a file by --secret-file"
            ))),
            Err(env::VarError::NotUnicode(_)) => {
                Err(Failure::WrongUse(format!("{VARIABLE} is not UTF-8")))
            }
        }
    }

    /// The secret that is all of a file but the end of its line.
    fn in_file(&self, file: &Path) -> Result<Secret, Failure> {
        let name = file.display().to_string();
        let mut text = fs::read_to_string(file)
            .map_err(|error| Failure::WrongUse(format!("can't read {name}: {error}")))?;
        let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        if let Some(length) = line.map(str::len) {
            text.truncate(length);
        }
        self.secret(text, &name)
    }

    fn secret(&self, text: String, place: &str) -> Result<Secret, Failure> {
        if self.allow_test_secret {
            return Ok(Secret::for_tests(text));
        }
        Secret::new(text).map_err(|flaw| Failure::WrongUse(format!("{place}: {}", flaw.message)))
    }
}
