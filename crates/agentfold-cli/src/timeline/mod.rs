//! `agentfold timeline`: how it was, from when to when.

mod columns;

use std::fs;
use std::path::Path;

use agentfold::history::Window;
use agentfold::{Agent, Fold};
use serde::Serialize;

use self::columns::Columns;
use crate::args::TimelineArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::picture::{self, Rows};
use crate::zone::When;

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
    let mut agents: Vec<Agent> = fold.agents().collect();
    if let Some(filter) = args.agent {
        agents.retain(|agent| filter.names(*agent));
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
        let intervals = fold.intervals(agent, args.track.as_ref(), window);
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
        let of_agent = Rows::of(fold, *agent, window);
        rows.extend(of_agent.map_err(|error| Failure::WrongUse(error.to_string()))?);
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
