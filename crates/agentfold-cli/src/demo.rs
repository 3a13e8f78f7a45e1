//! `agentfold demo`: a simulated floor, folded, shown and served.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::thread;
use std::time::Duration;

use agentfold::event::InstantFrom;
use agentfold::webhook::Secret;
use agentfold::{Event, Fold, Id, Instant, Options};
use agentfold_server::{Config, Settings, add_token, has_page, import_events, serve};
use agentfold_simulate::{Feed, Simulation, Spelling};
use clap::Args;
use ureq::Agent;
use ureq::http::Uri;

use crate::client::client;
use crate::clock::now;
use crate::deliver::{Delivery, post};
use crate::failure::Failure;
use crate::output::{Output, tell};
use crate::table;

/// One of the accounts of the simulation.
const ACCOUNT: Id = Id::new(10_000_345);
/// Signs deliveries within this process.
const SECRET: &str = "the secret of a demo";
const AGENTS: u32 = 40;
/// How many hours of the floor are over, and how many it goes on.
const PAST: u32 = 30;
const FUTURE: u32 = 8;

/// Show a simulated support floor: fold its events, print who is free, and serve it with a page
///
/// Simulates the last 30 hours of a floor: 1 % of the events are lost, 3 % arrive twice, and all are
/// up to two minutes late. Prints the agents as they are now. Then it starts the server of `agentfold
/// serve`, and delivers the floor's events to it as they happen, for eight hours. All files are in a
/// temporary folder, which is removed at the end: press Ctrl-C to stop.
///
/// Exit codes: 0 success; 1 it cannot run; 2 wrong usage.
///
/// Examples:
///   agentfold demo
///   agentfold demo --address 127.0.0.1:9000
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct DemoArgs {
    /// IP address of this machine, and port to listen at; default: a free port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:0", hide_default_value = true)]
    pub(crate) address: SocketAddr,
}

pub(crate) fn run(args: &DemoArgs) -> Result<(), Failure> {
    if !args.address.ip().is_loopback() {
        let message = "--address must be of this machine, such as 127.0.0.1:9000".to_owned();
        return Err(Failure::WrongUse(message));
    }
    let mut past = events();
    let future = past.split_off(past.partition_point(|(at, _)| *at <= now()));
    let lines: String = past.iter().flat_map(|(_, event)| [event.as_str(), "\n"]).collect();
    show(lines.as_bytes())?;
    let folder = tempfile::tempdir().map_err(cannot)?;
    let config = config(folder.path(), args.address)?;
    import_events(&config.database, &mut lines.as_bytes(), &Options::default(), None)
        .map_err(cannot)?;
    let token = add_token(&config.database, "demo", Some(ACCOUNT)).map_err(cannot)?;
    let path = config.webhook_path.clone();
    let client = client(None, true)?.build().new_agent();
    let ready = move |address: SocketAddr| {
        addresses(address, &token).iter().for_each(|line| tell(line));
        // It ends with the process.
        let to = format!("http://{address}{path}").parse();
        thread::spawn(move || to.map(|to| deliver(&client, &to, future)));
    };
    serve(config, ready).map_err(cannot)
}

/// The events of the account with their instants, in the order of their deliveries.
fn events() -> Vec<(Instant, String)> {
    let start = now().unix_seconds() - i64::from(PAST) * 3600;
    let simulation = Simulation {
        agents: AGENTS,
        hours: PAST + FUTURE,
        seed: 7,
        drop: 0.01,
        duplicate: 0.03,
        shuffle: 120,
        feed: Feed::Availability,
        version_step: 1,
        spelling: Spelling::Documented,
        start: start.unsigned_abs(),
    };
    let dated = simulation.events().filter_map(|text| {
        let event = Event::parse(text.as_bytes()).ok()?;
        let is_of_account = event.agent().is_some_and(|agent| agent.account_id == ACCOUNT);
        let at = event.at(InstantFrom::UpdatedAt).ok().flatten()?;
        is_of_account.then_some((at, text))
    });
    dated.collect()
}

/// Folds the events, and prints what they tell.
fn show(events: &[u8]) -> Result<(), Failure> {
    let mut fold = Fold::new();
    let counts = fold.read(events, |_| ());
    let states: Vec<_> = fold.agents().filter_map(|agent| fold.state(agent)).collect();
    let mut output = Output::new();
    output.line(&table::agents(&states, None).to_string())?;
    output.line(&table::story(&counts, &fold.anomalies(), fold.unknown_agents().len()))?;
    output.flush()
}

/// Settings of a server of one account, in a file of the folder.
fn config(folder: &Path, address: SocketAddr) -> Result<Config, Failure> {
    let file = folder.join("agentfold.toml");
    fs::write(&file, format!("[accounts.{ACCOUNT}]\nsecrets = [{SECRET:?}]\n")).map_err(cannot)?;
    let mut settings = Settings::default();
    settings.config = Some(file);
    settings.database = Some(folder.join("demo.db"));
    settings.address = Some(address);
    Config::load(settings).map_err(cannot)
}

/// What to open and to ask.
fn addresses(address: SocketAddr, token: &str) -> [String; 3] {
    let page = match has_page() {
        true => format!("#source=server&account={ACCOUNT}&token={token} for the page"),
        false => {
            "openapi.json for the questions: this program was built without the page".to_owned()
        }
    };
    [
        format!("open http://{address}/{page}"),
        format!("or ask: curl --header 'authorization: Bearer {token}' http://{address}/api/floor"),
        "Ctrl-C stops the demo, and removes its files".to_owned(),
    ]
}

/// Delivers events when they happen.
fn deliver(client: &Agent, to: &Uri, events: Vec<(Instant, String)>) {
    let Ok(secret) = Secret::new(SECRET) else { return };
    for (at, body) in events {
        let wait = at.unix_nanos() - now().unix_nanos();
        thread::sleep(Duration::from_nanos(u64::try_from(wait).unwrap_or(0)));
        // One that does not arrive is lost, as many are.
        drop(post(client, to, &secret, &Delivery { account: ACCOUNT, body }));
    }
}

fn cannot(error: impl std::fmt::Display) -> Failure {
    Failure::Problems(error.to_string())
}
