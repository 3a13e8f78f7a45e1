//! Builds the fold for a command: from a saved fold, events, or both.

use std::fs;
use std::path::Path;

use agentfold::stream::{Record, Stream};
use agentfold::{Counts, Fold};

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::tell;

/// Folds all events that the arguments name, and counts the outcomes.
pub(crate) fn fold(args: &FoldArgs) -> Result<(Fold, Counts), Failure> {
    fold_onto(args, false)
}

/// Like [`fold`], but if there is `more` to add, does not wait for standard input.
pub(crate) fn fold_onto(args: &FoldArgs, more: bool) -> Result<(Fold, Counts), Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    let mut folding = Folding { fold, counts: Counts::default(), strict: args.strict };
    // A saved fold needs no events: do not wait for standard input.
    if !args.source.files.is_empty() || (args.restore.is_none() && !more) {
        input::read(&args.source, &mut folding)?;
    }
    tell_sparse(&folding.fold);
    Ok((folding.fold, folding.counts))
}

/// Says of which agents missing versions raise no doubt.
fn tell_sparse(fold: &Fold) {
    let (sparse, all) = (fold.sparse_agents().count(), fold.len());
    if sparse > 0 {
        tell(&format!(
            "{sparse} of {all} agents have gaps between most of their versions: missing versions say nothing \
             of lost events there, and raise no doubt"
        ));
    }
}

/// Merges a saved fold into `fold`.
pub(crate) fn restore(fold: &mut Fold, file: &Path) -> Result<(), Failure> {
    let name = file.display();
    let saved =
        fs::read(file).map_err(|e| Failure::WrongUse(format!("cannot read {name}: {e}")))?;
    fold.restore(&saved).map_err(|e| Failure::WrongUse(format!("cannot restore {name}: {e}")))
}

/// Fails if a record could not be read. Call it after the answer is printed.
pub(crate) fn all_read(counts: &Counts) -> Result<(), Failure> {
    match counts.unreadable {
        0 => Ok(()),
        n => Err(Failure::Problems(format!("{n} of {} records could not be read", counts.total()))),
    }
}

/// Folds records as they are read.
struct Folding {
    fold: Fold,
    counts: Counts,
    strict: bool,
}

impl Reader for Folding {
    const PROGRESS: bool = true;

    fn take(&mut self, place: &Place<'_>, stream: &mut Stream) -> Result<(), Failure> {
        if !self.strict {
            self.counts += self.fold.read_stream(stream, |bad| place.report(&bad));
            return Ok(());
        }
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => self.counts.add(&self.fold.insert(&event)),
                Record::Unreadable(bad) => {
                    place.report(&bad);
                    if bad.is_warning() {
                        continue;
                    }
                    let message = "stopped at the first record that could not be read (--strict)";
                    return Err(Failure::Problems(message.to_owned()));
                }
            }
        }
        Ok(())
    }
}
