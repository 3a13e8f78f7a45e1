//! `agentfold changes`: each change of current state, as events arrive.

use agentfold::{Fold, Next, Outcome, Record, Records};

use crate::args::ChangesArgs;
use crate::failure::Failure;
use crate::input::{self, Reader};
use crate::output::Output;
use crate::state::{report, restore};

pub(crate) fn run(args: &ChangesArgs) -> Result<(), Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    let mut changing = Changing { fold, output: Output::new(), unreadable: 0, file: String::new() };
    input::read(&args.source, &mut changing)?;
    changing.output.flush()?;
    match changing.unreadable {
        0 => Ok(()),
        n => Err(Failure::Problems(format!("{n} records could not be read"))),
    }
}

struct Changing {
    fold: Fold,
    output: Output,
    unreadable: u64,
    file: String,
}

impl Reader for Changing {
    fn next(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
    ) -> Result<(usize, Next<()>), Failure> {
        let (used, next) = records.next(bytes, end);
        let next = match next {
            Next::Item(Record::Event(event)) => {
                let applied = self.fold.apply(&event);
                if let Outcome::Unreadable(issues) = &applied.outcome {
                    self.unreadable += 1;
                    for issue in issues {
                        eprintln!("{}: {issue}", self.file);
                    }
                }
                for change in &applied.changes {
                    self.output.json(change)?;
                }
                Next::Item(())
            }
            Next::Item(Record::Unreadable(bad)) => {
                self.unreadable += 1;
                report(&self.file, &bad);
                Next::Item(())
            }
            Next::More => Next::More,
            Next::End => Next::End,
        };
        Ok((used, next))
    }

    fn file(&mut self, name: &str) {
        name.clone_into(&mut self.file);
    }

    fn waiting(&mut self) -> Result<(), Failure> {
        self.output.flush()
    }
}
