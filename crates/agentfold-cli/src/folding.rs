//! Folding the events of a source, as commands that ask a fold begin with.

use std::fs;
use std::path::Path;

use agentfold::stream::{Record, Stream};
use agentfold::{Counts, Fold};

use crate::args::FoldArgs;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};

/// The fold of all events that the arguments name, and what became of them.
pub(crate) fn fold(args: &FoldArgs) -> Result<(Fold, Counts), Failure> {
    fold_onto(args, false)
}

/// The same; where there is `more` to take in, nothing waits for standard input.
pub(crate) fn fold_onto(args: &FoldArgs, more: bool) -> Result<(Fold, Counts), Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    let mut folding = Folding { fold, counts: Counts::default(), strict: args.strict };
    // A saved fold alone can be asked too, without waiting for standard input.
    if !args.source.files.is_empty() || (args.restore.is_none() && !more) {
        input::read(&args.source, &mut folding)?;
    }
    Ok((folding.fold, folding.counts))
}

/// Takes in a saved fold.
pub(crate) fn restore(fold: &mut Fold, file: &Path) -> Result<(), Failure> {
    let name = file.display();
    let saved = fs::read(file).map_err(|e| Failure::WrongUse(format!("can't read {name}: {e}")))?;
    fold.restore(&saved).map_err(|e| Failure::WrongUse(format!("can't restore {name}: {e}")))
}

/// Fails if a record could not be read, after all else is done.
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
                    let message = "stopped at the first record that could not be read (--strict)";
                    return Err(Failure::Problems(message.to_owned()));
                }
            }
        }
        Ok(())
    }
}
