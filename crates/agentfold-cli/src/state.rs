//! `agentfold state`: the state of every agent.

use std::fs;
use std::io::Write;
use std::path::Path;

use agentfold::{AgentState, Fold};

use crate::args::StateArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::record;
use crate::table;

pub(crate) fn run(args: &StateArgs) -> Result<(), Failure> {
    let pages = args.seed.iter().map(|file| record::pages(file));
    let pages = pages.collect::<Result<Vec<_>, _>>()?.concat();
    let (mut fold, counts) = folding::fold_onto(&args.fold, !pages.is_empty())?;
    if let (Some(account), Some(asked_at)) = (args.account, args.asked_at) {
        for page in &pages {
            fold.seed(account, page, asked_at);
        }
    }
    if let Some(before) = args.compact {
        fold.compact(before);
    }
    let states = states(&fold, args)?;
    // Saved first: who reads the states may have seen enough before their end.
    if let Some(file) = &args.save {
        save(file, &fold.save())?;
    }
    let mut output = Output::new();
    if args.table {
        output.line(&table::agents(&states).to_string())?;
        output.line(&table::story(&counts, &fold.anomalies()))?;
    } else {
        for state in &states {
            output.json(state)?;
        }
    }
    output.flush()?;
    if let (Some(agent), []) = (args.agent, &states[..]) {
        tell(&format!("nothing is known of agent {agent}"));
    }
    folding::all_read(&counts)
}

fn states(fold: &Fold, args: &StateArgs) -> Result<Vec<AgentState>, Failure> {
    let mut states = Vec::new();
    for agent in fold.agents() {
        if args.agent.is_some_and(|filter| !filter.names(agent)) {
            continue;
        }
        states.extend(match args.at {
            None => fold.state(agent),
            Some(at) => fold.state_at(agent, at).map_err(|error| {
                Failure::WrongUse(format!(
                    "no state of agent {agent} at {at}: {error}; ask for a later instant, or read the events \
                     again without --compact"
                ))
            })?,
        });
    }
    Ok(states)
}

/// Writes a saved fold, so that a crash leaves the old file or the new one.
fn save(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let wrong = |error| Failure::WrongUse(format!("can't write {}: {error}", file.display()));
    // What a link points to is written, not the link.
    let target = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    if fs::metadata(&target).is_ok_and(|data| !data.is_file()) {
        return fs::write(&target, bytes).map_err(wrong);
    }
    let mut partial = target.clone().into_os_string();
    partial.push(".part");
    let written = fs::File::create(&partial)
        .and_then(|mut out| out.write_all(bytes).and_then(|()| out.sync_all()))
        .and_then(|()| fs::rename(&partial, &target));
    written.map_err(|error| {
        // Nothing is to be told of a second failure.
        let _ = fs::remove_file(&partial);
        wrong(error)
    })
}
