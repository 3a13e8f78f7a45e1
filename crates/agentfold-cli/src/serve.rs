//! `agentfold serve`: the server.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::PathBuf;
use std::time::Duration;

use agentfold::{Id, Options};
use agentfold_server::{
    Config, ServeError, Settings, TokenError, add_token, backup, import_database, import_events,
    list_tokens, revoke_token, serve, verify,
};
use clap::{Args, Subcommand};
use ureq::Agent;
use ureq::tls::TlsConfig;

use crate::failure::Failure;
use crate::input::open;
use crate::output::{Output, counted, tell};
use crate::table::{ruled, text};

/// How long the answer to `health` may take.
const HEALTH: Duration = Duration::from_secs(5);

/// Receive webhooks, keep them in SQLite, and answer questions over HTTP
///
/// Verifies Zendesk's deliveries of agent availability events, stores each before it is answered, and
/// serves a page that shows the floor, reports, changes as they happen, and the Chat export's endpoint.
/// Everything is in one SQLite file. Nothing that was answered with 200 is lost, however the process ends.
///
/// It listens on this machine only, unless --address says otherwise. Settings are flags, variables of
/// the environment, or lines of agentfold.toml: a flag outweighs a variable, which outweighs the file.
/// Accounts with their secrets are in the file:
///
///   [accounts.10000345]
///   secrets = ["the signing secret of the account's webhook"]
///
/// Readers need a token: `agentfold serve token add NAME` makes one, and prints it once.
///
/// Exit codes: 0 success; 1 it cannot run, or --verify found a difference; 2 wrong usage or settings.
///
/// Examples:
///   agentfold serve token add wallboard
///   agentfold serve
///   agentfold serve backup copy.db
///   agentfold serve import last-year.ndjson.gz
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct ServeArgs {
    #[command(subcommand)]
    command: Option<ServeCommand>,
    #[command(flatten)]
    settings: Settings,
    /// Print the settings, with secrets hidden, and do nothing
    #[arg(long)]
    print_config: bool,
    /// Build all history anew from the stored events, compare it with what is stored, and do nothing else
    #[arg(long, conflicts_with = "print_config")]
    verify: bool,
}

#[derive(Debug, Subcommand)]
enum ServeCommand {
    /// Add, list or revoke the tokens that readers need
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Copy the database to a new file, also while the server runs
    Backup {
        /// The file, which must not exist yet
        file: PathBuf,
    },
    /// Ask the server that runs with these settings whether it takes deliveries: exit code 0 if it does, 1 if not
    Health,
    /// Take in events, or another instance's database, while the server does not run
    ///
    /// What is stored already changes nothing, so an import can be repeated.
    Import {
        /// Files of events, as other commands read them; and databases, by the ending .db
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token, and print it: nobody can find it out later
    Add {
        /// What the token is for, such as wallboard
        name: String,
        /// The only account that it reads; default: all
        #[arg(long, value_name = "ID")]
        only: Option<Id>,
    },
    /// List the tokens
    List,
    /// Take a token's rights away, also while the server runs
    Revoke {
        /// The name that it was made with
        name: String,
    },
}

pub(crate) fn run(args: ServeArgs) -> Result<(), Failure> {
    let config =
        Config::load(args.settings).map_err(|error| Failure::WrongLines(error.to_string()))?;
    let database = config.database.clone();
    if args.print_config {
        let mut output = Output::new();
        output.line(config.to_toml().trim_end())?;
        return output.flush();
    }
    if args.verify {
        return verified(&database);
    }
    match args.command {
        None => {
            agentfold_server::log(&config);
            let at = config.webhook_path.clone();
            let scheme = if config.tls.is_some() { "https" } else { "http" };
            let has_tokens = list_tokens(&database).is_ok_and(|tokens| !tokens.is_empty());
            let ready = |address| {
                tell(&format!("open {scheme}://{address}/ for the page; webhooks go to {at}"));
                if !has_tokens {
                    tell("nobody can read yet: `agentfold serve token add NAME` makes a token");
                }
            };
            serve(config, ready).map_err(|error| match error {
                ServeError::Config(error) => Failure::WrongLines(error.to_string()),
                ServeError::Tls(error) => wrong(error),
                ServeError::Tokens(error) => of_tokens(error),
                error => cannot(error),
            })
        }
        Some(ServeCommand::Token { command: TokenCommand::Add { name, only } }) => {
            let token = add_token(&database, &name, only).map_err(of_tokens)?;
            let mut output = Output::new();
            output.line(&token)?;
            output.flush()
        }
        Some(ServeCommand::Token { command: TokenCommand::List }) => {
            let mut table = ruled();
            table.set_header(["name", "account", "created"].map(text));
            for token in list_tokens(&database).map_err(of_tokens)? {
                let account = token.account.map_or("all".to_owned(), |id| id.to_string());
                table.add_row([
                    text(&token.name),
                    text(&account),
                    text(&token.created_at.to_string()),
                ]);
            }
            let mut output = Output::new();
            output.line(&table.to_string())?;
            output.flush()
        }
        Some(ServeCommand::Token { command: TokenCommand::Revoke { name } }) => {
            revoke_token(&database, &name).map_err(of_tokens)
        }
        Some(ServeCommand::Health) => healthy(&config),
        Some(ServeCommand::Backup { file }) => backup(&database, &file).map_err(cannot),
        Some(ServeCommand::Import { files }) => {
            for file in files {
                let imported = if file.extension().is_some_and(|ending| ending == "db") {
                    import_database(&database, &file)
                } else {
                    let mut reader = open(&file).map_err(|error| {
                        Failure::WrongUse(format!("cannot read {}: {error}", file.display()))
                    })?;
                    import_events(&database, &mut reader, &Options::default(), None)
                };
                let imported = imported.map_err(cannot)?;
                tell(&format!(
                    "{}: {} stored, {} known before, {} older than what is kept, {} unreadable",
                    file.display(),
                    counted(imported.added, "event"),
                    imported.duplicate,
                    imported.expired,
                    imported.unreadable,
                ));
            }
            Ok(())
        }
    }
}

/// Asks the server over the network, on this machine.
fn healthy(config: &Config) -> Result<(), Failure> {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let mut address = config.address;
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    // The certificate has the name that other machines use.
    let tls = TlsConfig::builder().disable_verification(true).build();
    let client = Agent::config_builder().tls_config(tls).proxy(None).timeout_global(Some(HEALTH));
    let asked = client.build().new_agent().get(format!("{scheme}://{address}/healthz")).call();
    asked.map(drop).map_err(|error| cannot(format!("no good answer from {address}: {error}")))
}

fn verified(database: &std::path::Path) -> Result<(), Failure> {
    let verified = verify(database).map_err(cannot)?;
    for differing in &verified.differing {
        tell(&format!(
            "agent {} of account {}: the stored {} of {} is not what the events give",
            differing.agent.agent_id, differing.agent.account_id, differing.part, differing.at
        ));
    }
    tell(&format!(
        "compared {} of {}",
        counted(verified.agents, "agent"),
        counted(verified.events, "event")
    ));
    match verified.differing.len() {
        0 => Ok(()),
        count => Err(Failure::Problems(counted(count as u64, "difference"))),
    }
}

fn of_tokens(error: TokenError) -> Failure {
    match error {
        TokenError::System(_) | TokenError::Database(_) | TokenError::Store(_) => cannot(error),
        error => wrong(error),
    }
}

fn wrong(error: impl fmt::Display) -> Failure {
    Failure::WrongUse(error.to_string())
}

fn cannot(error: impl fmt::Display) -> Failure {
    Failure::Problems(error.to_string())
}
