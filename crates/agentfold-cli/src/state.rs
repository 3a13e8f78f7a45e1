//! `agentfold state`: the state of every agent.

use std::fs;
use std::io::Write;
use std::path::Path;

use agentfold::{AgentState, Counts, Fold, Next, Outcome, Records};

use crate::args::StateArgs;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::{Output, tell};
use crate::table;

pub(crate) fn run(args: &StateArgs) -> Result<(), Failure> {
    let mut folding = Folding::new(restored(args)?, args.strict);
    // A saved fold alone can be asked too, without waiting for standard input.
    if !args.source.files.is_empty() || args.restore.is_none() {
        input::read(&args.source, &mut folding)?;
    }
    let Folding { mut fold, counts, .. } = folding;
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
        output.line(&table::floor(&states).to_string())?;
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
    match counts.unreadable {
        0 => Ok(()),
        n => Err(Failure::Problems(format!("{n} of {} records could not be read", counts.total()))),
    }
}

/// The fold to begin with.
fn restored(args: &StateArgs) -> Result<Fold, Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    Ok(fold)
}

/// Takes in a saved fold.
pub(crate) fn restore(fold: &mut Fold, file: &Path) -> Result<(), Failure> {
    let name = file.display();
    let saved = fs::read(file).map_err(|e| Failure::WrongUse(format!("can't read {name}: {e}")))?;
    fold.restore(&saved).map_err(|e| Failure::WrongUse(format!("can't restore {name}: {e}")))
}

fn states(fold: &Fold, args: &StateArgs) -> Result<Vec<AgentState>, Failure> {
    let mut states = Vec::new();
    for agent in fold.agents() {
        if args.agent.is_some_and(|filter| !filter.takes(agent)) {
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

/// Folds records as they are read.
struct Folding {
    fold: Fold,
    counts: Counts,
    strict: bool,
}

impl Folding {
    fn new(fold: Fold, strict: bool) -> Folding {
        Folding { fold, counts: Counts::default(), strict }
    }
}

impl Reader for Folding {
    const PROGRESS: bool = true;

    #[inline]
    fn next(
        &mut self,
        place: &Place<'_>,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
    ) -> Result<(usize, Next<()>), Failure> {
        let Folding { fold, counts, strict } = self;
        if !*strict {
            return Ok(fold.read_some(records, bytes, end, counts, |bad| place.report(&bad)));
        }
        let (used, next) = fold.read_next(records, bytes, end, |bad| place.report(&bad));
        if let Next::Item(outcome) = &next {
            counts.add(outcome);
            if matches!(outcome, Outcome::Unreadable(_)) {
                let message = "stopped at the first record that could not be read (--strict)";
                return Err(Failure::Problems(message.to_owned()));
            }
        }
        Ok((used, next.map(|_| ())))
    }
}
