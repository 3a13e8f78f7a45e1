//! Names of agents and groups, for output that people read.

use std::path::{Path, PathBuf};

use agentfold::names::Names;
use clap::Args;

use crate::failure::Failure;
use crate::input;
use crate::output::{counted, tell};

/// How many mistakes of a file are printed.
const SHOWN: usize = 20;

/// The files of names.
#[derive(Debug, Args)]
pub(crate) struct NamesArgs {
    /// Names of agents and groups, to print beside their ids; may be given more than once
    ///
    /// JSON `{"id": "name"}`, the file that `agentfold pull --names` writes, pages of Zendesk's
    /// `users.json` and `groups.json`, or CSV with the columns `id` and `name`, and optionally `kind`
    /// (`agent` or `group`). If two files name the same id, the later one counts.
    #[arg(long = "names", id = "names", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

impl NamesArgs {
    /// Reads the files; `None` if there are none. Refuses them if the output `has_room` for no names, as
    /// JSON, whose fields are fixed, and says which options have.
    pub(crate) fn read(&self, has_room: bool, options: &str) -> Result<Option<Names>, Failure> {
        if !self.files.is_empty() && !has_room {
            let message = format!("--names is for {options}: JSON lines have ids alone");
            return Err(Failure::WrongUse(message));
        }
        merged(&self.files)
    }
}

/// Reads files of names; `None` if there are none. The later ones count.
pub(crate) fn merged(files: &[PathBuf]) -> Result<Option<Names>, Failure> {
    let merged = files.iter().map(|file| read(file)).reduce(|all, names| {
        let mut all = all?;
        all.merge(names?);
        Ok(all)
    });
    merged.transpose()
}

/// Reads a file, or reports every mistake in it.
fn read(file: &Path) -> Result<Names, Failure> {
    let bytes = input::whole(file)?;
    Names::parse(&bytes).map_err(|issues| {
        let name = file.display();
        for issue in issues.iter().take(SHOWN) {
            tell(&format!("{name}: {issue}"));
        }
        if let Some(more @ 1..) = issues.len().checked_sub(SHOWN) {
            tell(&format!("... and {more} more"));
        }
        let mistakes = counted(issues.len() as u64, "mistake");
        Failure::WrongUse(format!("{mistakes} in the names {name}"))
    })
}
