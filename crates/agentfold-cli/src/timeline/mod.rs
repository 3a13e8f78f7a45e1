//! `agentfold timeline`: the history of every agent.

mod columns;

use std::fs;
use std::path::{Path, PathBuf};

use agentfold::history::Window;
use agentfold::names::Names;
use agentfold::{Agent, AgentName, ErrorKind, Fold, Instant, Track};
use clap::Args;
use serde::Serialize;

use self::columns::Columns;
use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::folding;
use crate::names::NamesArgs;
use crate::output::{Output, tell};
use crate::picture::{self, Rows};
use crate::spreadsheet::Csv;
use crate::usual::{tell_after, tell_before};
use crate::zone::{When, Zone};

/// Print the history of every agent as intervals, or draw it
///
/// Reads events and prints one JSON object per interval: from when to when a track had a value, and
/// on what basis. A track is one aspect of an agent that has one value at a time, such as
/// `unified_state`, `state[support]` or `work_item[123]@talk`. The basis says how certain the value
/// is, from best to worst:
///   observed  the next event states this value as the previous one
///   assumed   no event confirms or contradicts it
///   inferred  only the next event states it, as the previous value
///   disputed  the next event states a different previous value: an event in between is missing
///   unknown   no event states a value
/// Without --from and --to, the window is from the first event to the last, apart from outliers: a
/// few events far from all others.
///
/// Exit codes: 0 success; 1 a record could not be read, or there is nothing to draw; 2 wrong usage,
/// or a file cannot be read or written.
///
/// Examples:
///   agentfold timeline day.ndjson --agent 10011 --track unified_state
///   agentfold timeline day.ndjson --work-items --csv > items.csv
///   agentfold timeline day.ndjson --svg day.svg --tz Europe/Berlin --names team.json
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct TimelineArgs {
    #[command(flatten)]
    pub(crate) fold: FoldArgs,
    /// Start of the window; default: the first event
    ///
    /// RFC 3339, or a date or time in the zone of --tz, such as 2026-03-29 or 2026-03-29T08:00.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) from: Option<When>,
    /// End of the window; default: --as-of
    #[arg(long, value_name = "INSTANT")]
    pub(crate) to: Option<When>,
    /// Answer as of this instant: ignore later events and end the window here; default: the last
    /// event, or --to if that is earlier
    ///
    /// For a live feed, give the present: a value that still holds then lasts until now, not only
    /// until the last event.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) as_of: Option<When>,
    /// Only this agent; write ACCOUNT/AGENT if several accounts have this agent id
    #[arg(long, value_name = "ID")]
    pub(crate) agent: Option<AgentName>,
    /// Only this track, such as `state[support]`, `unified_state` or `work_item[123]@talk`
    #[arg(long, value_name = "TRACK", value_parser = track, conflicts_with_all = ["work_items", "chat_spans"])]
    pub(crate) track: Option<Track>,
    /// Print work items instead: each stay with an agent, when offered, accepted, moved and closed
    #[arg(long, conflicts_with = "chat_spans")]
    pub(crate) work_items: bool,
    /// Print chat spans instead: status and number of engagements, as in Chat's `agent_timeline`
    #[arg(long)]
    pub(crate) chat_spans: bool,
    /// Print CSV instead of JSON lines, with durations in seconds
    ///
    /// Text of events that begins like a formula has an apostrophe before it, so that spreadsheets do
    /// not run it, and characters that are not printable, but for line breaks, are shown as escapes.
    /// --exact prints text as it is.
    #[arg(long)]
    pub(crate) csv: bool,
    /// With --csv: print text of events as it is, not safe for spreadsheets
    #[arg(long, requires = "csv")]
    pub(crate) exact: bool,
    #[command(flatten)]
    pub(crate) names: NamesArgs,
    /// Draw an SVG picture to this file instead: one row for each agent and channel
    #[arg(long, value_name = "FILE", conflicts_with_all = ["track", "work_items", "chat_spans", "csv"])]
    pub(crate) svg: Option<PathBuf>,
    /// IANA time zone of the picture, and of instants that you give without an offset
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub(crate) tz: Zone,
}

/// A track that has intervals.
fn track(text: &str) -> Result<Track, agentfold::Error> {
    let track: Track = text.parse()?;
    if track.has_intervals() { Ok(track) } else { Err(ErrorKind::NoTrack.into()) }
}

pub(crate) fn run(args: &TimelineArgs) -> Result<(), Failure> {
    let names = args.names.read(args.csv || args.svg.is_some(), "--csv and --svg")?;
    let (fold, counts) = folding::fold(&args.fold)?;
    let agents = agents(&fold, args);
    match (window(&fold, args)?, &args.svg) {
        (Some(window), Some(file)) => draw(&fold, &agents, &window, args, names.as_ref(), file)?,
        (Some(window), None) => print(&fold, &agents, &window, args, names.as_ref())?,
        (None, Some(file)) => return Err(nothing_to_draw(file)),
        (None, None) => {}
    }
    folding::all_read(&counts)
}

/// The requested agents.
fn agents(fold: &Fold, args: &TimelineArgs) -> Vec<Agent> {
    let mut agents: Vec<Agent> = fold.agents().collect();
    if let Some(filter) = args.agent {
        agents.retain(|agent| filter.names(*agent));
        if agents.is_empty() {
            tell(&format!("nothing is known about agent {filter}"));
        }
    }
    agents
}

/// The requested window; none if the fold has no history.
fn window(fold: &Fold, args: &TimelineArgs) -> Result<Option<Window>, Failure> {
    let Some(usual) = fold.usual_event_times() else {
        return Ok(None);
    };
    let (first, last) = (usual.first, usual.last);
    let given =
        |name, when: Option<When>| when.map(|when| when.of_argument(name, args.tz)).transpose();
    let (as_of, to) = (given("as-of", args.as_of)?, given("to", args.to)?);
    let as_of = as_of.unwrap_or_else(|| fold.default_as_of(to.unwrap_or(Instant::MAX)));
    let from = given("from", args.from)?.unwrap_or(first);
    let to = to.unwrap_or(as_of);
    if args.from.is_none() {
        tell_before(fold, &usual, "--from");
    }
    if args.as_of.is_none() {
        tell_after(fold, &usual, "--as-of");
    }
    if from < to.min(as_of) {
        return Ok(Some(Window { from, to, as_of }));
    }
    if args.from.is_none() && args.to.is_none() && args.as_of.is_none() {
        tell(&format!("all events are at one instant: give an --as-of later than {last}"));
        return Ok(None);
    }
    Err(Failure::WrongUse(format!(
        "the window is empty: it begins at {from} and ends at {to}, as of {as_of}; give a --from \
         before --to and --as-of (the events are from {first} to {last})"
    )))
}

fn print(
    fold: &Fold,
    agents: &[Agent],
    window: &Window,
    args: &TimelineArgs,
    names: Option<&Names>,
) -> Result<(), Failure> {
    let csv = Csv::of(args.csv, args.exact);
    if args.work_items {
        return print_each(agents, csv, names, |agent| Ok(fold.work_items(agent, window)));
    }
    if args.chat_spans {
        return print_each(agents, csv, names, |agent| Ok(fold.chat_spans(agent, window)));
    }
    print_each(agents, csv, names, |agent| {
        let intervals = fold.intervals(agent, args.track.as_ref(), window);
        intervals.map_err(|error| Failure::WrongUse(format!("--track: {error}")))
    })
}

/// Prints the lines of each agent, as JSON or CSV.
fn print_each<T: Columns + Serialize>(
    agents: &[Agent],
    csv: Option<Csv>,
    names: Option<&Names>,
    of: impl Fn(Agent) -> Result<Vec<T>, Failure>,
) -> Result<(), Failure> {
    let mut output = Output::new();
    let Some(how) = csv else {
        for agent in agents {
            for line in of(*agent)? {
                output.json(&line)?;
            }
        }
        return output.flush();
    };
    let mut output = csv::Writer::from_writer(output);
    // The name follows the ids of account and agent.
    let header = T::NAMES[..2].iter().copied().chain(names.map(|_| "agent_name"));
    output.write_record(header.chain(T::NAMES[2..].iter().copied()))?;
    for agent in agents {
        let name = names.map(|names| names.agent(agent.agent_id).unwrap_or_default());
        for line in of(*agent)? {
            let mut texts = line.texts();
            texts.splice(2..2, name.map(str::to_owned));
            output.write_record(texts.iter().map(|text| how.cell(text).into_owned()))?;
        }
    }
    Ok(output.flush()?)
}

/// Draws the picture to a file.
fn draw(
    fold: &Fold,
    agents: &[Agent],
    window: &Window,
    args: &TimelineArgs,
    names: Option<&Names>,
    file: &Path,
) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for agent in agents {
        let of_agent = Rows::of(fold, *agent, window);
        let of_agent = of_agent.map_err(|error| Failure::WrongUse(error.to_string()))?;
        let name = names.and_then(|names| names.agent(agent.agent_id));
        rows.extend(of_agent.map(|rows| rows.with_name(name)));
    }
    if rows.is_empty() {
        return Err(nothing_to_draw(file));
    }
    fs::write(file, picture::svg(&rows, window, args.tz.0))
        .map_err(|error| Failure::WrongUse(format!("cannot write {}: {error}", file.display())))
}

fn nothing_to_draw(file: &Path) -> Failure {
    let file = file.display();
    Failure::Problems(format!("{file} was not written: there is nothing to draw"))
}
