//! `agentfold completions`: what a shell needs to complete commands.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::failure::Failure;
use crate::output::Output;

/// Print a script with which a shell completes commands and options
///
/// Exit codes: 0 success; 2 the shell is not known.
///
/// Examples:
///   agentfold completions bash > ~/.local/share/bash-completion/completions/agentfold
///   agentfold completions fish > ~/.config/fish/completions/agentfold.fish
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "agentfold", &mut script);
    let mut output = Output::new();
    output.write_all(&script)?;
    output.flush()
}
