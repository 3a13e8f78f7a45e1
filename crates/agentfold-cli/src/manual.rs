//! `agentfold manual`: the pages for `man`, which a release contains.

use std::fs;
use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::args::Cli;
use crate::failure::Failure;

/// Write a manual page of each command into a folder
#[derive(Debug, Args)]
#[command(hide = true)]
pub(crate) struct ManualArgs {
    /// The folder, which is made if it is missing
    #[arg(value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

pub(crate) fn run(args: &ManualArgs) -> Result<(), Failure> {
    fs::create_dir_all(&args.folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), &args.folder))
        .map_err(|error| {
            Failure::WrongUse(format!("cannot write {}: {error}", args.folder.display()))
        })
}
