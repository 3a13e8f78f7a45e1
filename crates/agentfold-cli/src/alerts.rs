//! `agentfold alerts`: what is over a threshold.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use agentfold::alert::{Alert, Thresholds};
use agentfold::border::{self, Argument};
use agentfold::{Instant, Selection};
use clap::Args;
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table};

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, counted};
use crate::table::{ruled, text};
use crate::usual::tell_after;

/// Print what is over a threshold: states that last too long, nobody free, load, silence, ghosts
///
/// Reads events and a JSON file of thresholds, and prints one object for each alert: what it is about
/// (`kind`), since when (`since`), how long (`for_ns`), why it may be wrong (`doubts`), and a text that
/// stays the same while it lasts (`episode`). Its keys, all optional; a length is a number of seconds
/// or a text such as `90s`, `30m`, `8h` or `2d`:
///
///   {"state": [{"state": "away", "channel": "talk", "longer_than": "30m"}],
///    "nobody_free": [{"channel": "talk", "group_id": "5", "longer_than": "2m"}],
///    "load": [{"share": 0.9}],
///    "channel_load": [{"channel": "talk", "share": 0.9}],
///    "silence": {"longer_than": "4h"},
///    "account_silence": {"longer_than": "1h", "while_logged_in": true},
///    "work_item": [{"channel": "messaging", "longer_than": "1d"}],
///    "trust": {"near_seconds": 900, "silent_seconds": 28800}}
///
/// Exit codes: 0 no alert; 1 an alert, or a record could not be read; 2 wrong usage, a wrong
/// threshold, or a file cannot be read.
///
/// Examples:
///   agentfold alerts events.ndjson.gz --thresholds limits.json --table
///   agentfold alerts --restore week.fold --thresholds limits.json --at 2026-01-05T12:00:00Z
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct AlertsArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// JSON file of thresholds
    #[arg(long, value_name = "FILE")]
    pub(crate) thresholds: PathBuf,
    /// Instant to look at (RFC 3339); default: the last event, apart from outliers
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Instant>,
    /// Only this channel, and no alerts that belong to none
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: Option<String>,
    /// Print a table
    #[arg(long)]
    pub(crate) table: bool,
}

pub(crate) fn run(args: &AlertsArgs) -> Result<(), Failure> {
    // Report mistakes in this file before reading any events.
    let thresholds = thresholds(&args.thresholds)?;
    let (fold, counts) = folding::fold(&args.fold)?;
    let usual = fold.usual_event_times();
    if let (None, Some(usual)) = (args.at, &usual) {
        tell_after(&fold, usual, "--at");
    }
    let last = usual.map(|usual| usual.last);
    let mut alerts = Vec::new();
    if let Some(at) = args.at.or(last) {
        let selection =
            args.channel.iter().fold(Selection::all(), |all, channel| all.channel(channel));
        alerts = fold.alerts(&thresholds, at, &selection).map_err(|error| {
            Failure::WrongUse(format!(
                "no alerts at {at}: {error}; choose a later instant, or read the events again \
                 without --compact"
            ))
        })?;
    }
    let mut output = Output::new();
    if args.table {
        output.line(&table(&alerts).to_string())?;
    } else {
        for alert in &alerts {
            output.json(alert)?;
        }
    }
    output.flush()?;
    folding::all_read(&counts)?;
    match alerts.len() as u64 {
        0 => Ok(()),
        n => Err(Failure::Problems(counted(n, "alert"))),
    }
}

/// Reads a file of thresholds.
fn thresholds(file: &Path) -> Result<Thresholds, Failure> {
    let name = file.display();
    let text = fs::read(file)
        .map_err(|error| Failure::WrongUse(format!("cannot read {name}: {error}")))?;
    let mut json = serde_json::Deserializer::from_slice(&text);
    let argument = Argument::new("", &mut json);
    let argument = argument.ok().filter(|_| json.end().is_ok());
    let argument = argument
        .ok_or_else(|| Failure::WrongUse(format!("{name} is not a JSON file of thresholds")))?;
    argument.read_all().map_err(|failure| wrong(file, &failure))
}

/// All problems of a file of thresholds, a line for each.
fn wrong(file: &Path, failure: &border::Failure) -> Failure {
    let issues = failure.more().issues.iter();
    let lines =
        issues.map(|issue| format!("\n  {}: {}", agentfold::Shown(&issue.path), issue.message));
    let file = file.display().to_string();
    Failure::WrongLines(format!(
        "{} is wrong:{}",
        agentfold::Shown(file),
        lines.collect::<String>()
    ))
}

fn table(alerts: &[Alert]) -> Table {
    let mut table = ruled();
    table.set_header(
        ["account", "alert", "agent", "about", "since", "for", "limit", "doubts"]
            .map(|heading| Cell::new(heading).add_attribute(Attribute::Bold)),
    );
    for alert in alerts {
        let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
        let since = alert.since.to_string();
        let limit = match (alert.threshold_ns, alert.threshold_share) {
            (Some(ns), _) => length(ns),
            (None, share) => share.map(|share| share.to_string()).unwrap_or_default(),
        };
        let doubts: Vec<&str> = alert.doubts.iter().map(|doubt| doubt.as_str()).collect();
        table.add_row([
            right(alert.account_id.to_string()),
            Cell::new(alert.kind.as_str().replace('_', " ")),
            right(alert.agent_id.map(|id| id.to_string()).unwrap_or_default()),
            text(&about(alert)),
            // To the second.
            Cell::new(since.get(..19).unwrap_or(&since).replace('T', " ")),
            right(length(alert.for_ns)),
            right(limit),
            Cell::new(doubts.join(", ").replace('_', " ")).fg(Color::Yellow),
        ]);
    }
    table
}

/// What an alert is about, apart from its agent.
fn about(alert: &Alert) -> String {
    let load = alert.load.zip(alert.max_capacity).map(|(load, max)| format!("{load}/{max}"));
    let group = alert.group_id.as_ref().map(|group| format!("group {group}"));
    let item = alert.work_item_id.as_ref().map(|item| format!("item {item}"));
    let parts = [alert.channel.clone(), group, alert.state.clone(), item, load];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// A length in whole seconds, such as `1h 30m`.
fn length(ns: u128) -> String {
    let seconds = u64::try_from(ns / 1_000_000_000).unwrap_or(u64::MAX);
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}
