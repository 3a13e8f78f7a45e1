//! `agentfold changes`: each change of current state, as events arrive.

use agentfold::{Fold, Next, Record, Records};

use crate::args::ChangesArgs;
use crate::failure::Failure;
use crate::folding::restore;
use crate::input::{self, Place, Reader};
use crate::output::Output;

pub(crate) fn run(args: &ChangesArgs) -> Result<(), Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    let mut changing = Changing { fold, output: Output::new(), unreadable: 0 };
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
}

impl Reader for Changing {
    const PROGRESS: bool = false;

    fn next(
        &mut self,
        place: &Place<'_>,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
    ) -> Result<(usize, Next<()>), Failure> {
        let (used, next) = records.next(bytes, end);
        let next = match next {
            Next::Item(Record::Event(event)) => {
                for change in &self.fold.apply(&event).changes {
                    self.output.json(change)?;
                }
                Next::Item(())
            }
            Next::Item(Record::Unreadable(bad)) => {
                self.unreadable += 1;
                place.report(&bad);
                Next::Item(())
            }
            Next::More => Next::More,
            Next::End => Next::End,
        };
        Ok((used, next))
    }

    fn waiting(&mut self) -> Result<(), Failure> {
        self.output.flush()
    }
}
