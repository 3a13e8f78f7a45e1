//! `agentfold timeline`: how it was, from when to when.

mod columns;

use std::fs;
use std::path::{Path, PathBuf};

use agentfold::history::Window;
use agentfold::{Agent, Fold, Instant};
use clap::Args;
use serde::Serialize;

use self::columns::Columns;
use crate::args::{AgentFilter, FoldArgs};
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::picture::{self, Rows};
use crate::zone::{When, Zone};

/// Print the intervals of every agent, one JSON object a line; or draw them
///
/// Each tells from when to when a track (an agent's state on a channel, a work item ...) had a value,
/// and on what basis: observed, assumed, inferred, disputed or unknown. Without bounds it goes from
/// the first event to the last.
///
/// Examples:
///   agentfold timeline day.ndjson --agent 10011 --track unified_state
///   agentfold timeline day.ndjson --work-items --csv > items.csv
///   agentfold timeline day.ndjson --svg day.svg --tz Europe/Berlin
///   agentfold timeline --restore week.fold --from 2026-01-05T00:00:00Z --to 2026-01-06T00:00:00Z
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct TimelineArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Where the window begins; if not given, at the first event
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<When>,
    /// Where the window ends; if not given, --as-of
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<When>,
    /// The latest instant of which anything is known; if not given, that of the last event
    ///
    /// Later events are not used, and nothing is told of later times. Who reads a live feed gives the
    /// present: what is open then goes on until now, not until the last event.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<When>,
    /// Only this agent; `ACCOUNT/AGENT` where two accounts have one of that id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentFilter>,
    /// Only this track, such as `state[support]`, `unified_state` or `work_item[123]@talk`
    #[arg(long, value_name = "TRACK", value_parser = track, conflicts_with_all = ["work_items", "chat_spans"])]
    pub(crate) track: Option<String>,
    /// Instead, each stay of a work item with an agent: offered, accepted, moved, removed
    #[arg(long, conflicts_with = "chat_spans")]
    pub(crate) work_items: bool,
    /// Instead, stretches of one chat status and number of engagements, as Zendesk's
    /// `agent_timeline` tells them
    #[arg(long)]
    pub(crate) chat_spans: bool,
    /// CSV instead of JSON lines, with durations in seconds
    #[arg(long)]
    pub(crate) csv: bool,
    /// Instead, draw a picture to a file: a row for each agent and channel, to open in a browser
    #[arg(long, value_name = "FILE", conflicts_with_all = ["track", "work_items", "chat_spans", "csv"])]
    pub(crate) svg: Option<PathBuf>,
    /// The IANA time zone of the picture's clock, and of instants that are given without an offset
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) tz: Zone,
}

/// A track as the contract writes it; on which channels there are such does not matter yet.
fn track(text: &str) -> Result<String, agentfold::Error> {
    let nobody = Agent { account_id: 0, agent_id: 0 };
    let never = Window { from: Instant::MIN, to: Instant::MIN, as_of: Instant::MIN };
    Fold::new().intervals(nobody, Some(text), &never).map(|_| text.to_owned())
}

pub(crate) fn run(args: &TimelineArgs) -> Result<(), Failure> {
    let (fold, counts) = folding::fold(&args.fold)?;
    let agents = agents(&fold, args);
    match (window(&fold, args)?, &args.svg) {
        (Some(window), Some(file)) => draw(&fold, &agents, &window, args, file)?,
        (Some(window), None) => print(&fold, &agents, &window, args)?,
        (None, Some(file)) => return Err(nothing_to_draw(file)),
        (None, None) => {}
    }
    folding::all_read(&counts)
}

/// The agents asked for.
fn agents(fold: &Fold, args: &TimelineArgs) -> Vec<Agent> {
    let mut agents = fold.agents();
    if let Some(filter) = args.agent {
        agents.retain(|agent| filter.takes(*agent));
        if agents.is_empty() {
            tell(&format!("nothing is known of agent {filter}"));
        }
    }
    agents
}

/// The window asked for; none if there is nothing to ask.
fn window(fold: &Fold, args: &TimelineArgs) -> Result<Option<Window>, Failure> {
    let Some((first, last)) = fold.first_and_last_event_at() else {
        return Ok(None);
    };
    let given = |name: &str, when: Option<When>| {
        let at = when.map(|when| when.instant(args.tz)).transpose();
        at.map_err(|error| Failure::WrongUse(format!("--{name}: {error}")))
    };
    let as_of = given("as-of", args.as_of)?.unwrap_or(last);
    let from = given("from", args.from)?.unwrap_or(first);
    let to = given("to", args.to)?.unwrap_or(as_of);
    if from < to.min(as_of) {
        return Ok(Some(Window { from, to, as_of }));
    }
    if args.from.is_none() && args.to.is_none() && args.as_of.is_none() {
        tell(&format!("all events are of one instant: give an --as-of later than {last}"));
        return Ok(None);
    }
    Err(Failure::WrongUse(format!(
        "the window is empty: it begins at {from}, ends at {to} and is told as of {as_of}; give a \
         --from before --to and --as-of (the events are from {first} to {last})"
    )))
}

fn print(
    fold: &Fold,
    agents: &[Agent],
    window: &Window,
    args: &TimelineArgs,
) -> Result<(), Failure> {
    if args.work_items {
        return print_each(agents, args.csv, |agent| Ok(fold.work_items(agent, window)));
    }
    if args.chat_spans {
        return print_each(agents, args.csv, |agent| Ok(fold.chat_spans(agent, window)));
    }
    print_each(agents, args.csv, |agent| {
        let intervals = fold.intervals(agent, args.track.as_deref(), window);
        intervals.map_err(|error| Failure::WrongUse(format!("--track: {error}")))
    })
}

/// Prints what there is of each agent.
fn print_each<T: Columns + Serialize>(
    agents: &[Agent],
    csv: bool,
    of: impl Fn(Agent) -> Result<Vec<T>, Failure>,
) -> Result<(), Failure> {
    let mut output = Output::new();
    if !csv {
        for agent in agents {
            for line in of(*agent)? {
                output.json(&line)?;
            }
        }
        return output.flush();
    }
    let mut output = csv::Writer::from_writer(output);
    output.write_record(T::NAMES)?;
    for agent in agents {
        for line in of(*agent)? {
            output.write_record(line.texts())?;
        }
    }
    Ok(output.flush()?)
}

/// Writes the picture.
fn draw(
    fold: &Fold,
    agents: &[Agent],
    window: &Window,
    args: &TimelineArgs,
    file: &Path,
) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for agent in agents {
        let intervals = fold.intervals(*agent, None, window);
        let intervals = intervals.map_err(|error| Failure::WrongUse(error.to_string()))?;
        rows.extend(Rows::of(*agent, &intervals));
    }
    if rows.is_empty() {
        return Err(nothing_to_draw(file));
    }
    fs::write(file, picture::svg(&rows, window, args.tz.0))
        .map_err(|error| Failure::WrongUse(format!("can't write {}: {error}", file.display())))
}

fn nothing_to_draw(file: &Path) -> Failure {
    let file = file.display();
    Failure::Problems(format!("{file} is not written: there is nothing to draw"))
}
