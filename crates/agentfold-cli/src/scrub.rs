//! `agentfold scrub`: events that can be shared.

use std::fs;

use agentfold::{Next, Record, Records, Scrubber};

use crate::args::ScrubArgs;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::Output;

pub(crate) fn run(args: &ScrubArgs) -> Result<(), Failure> {
    let file = args.key_file.display();
    let key = fs::read(&args.key_file)
        .map_err(|error| Failure::WrongUse(format!("can't read {file}: {error}")))?;
    let scrubber =
        Scrubber::new(&key).map_err(|error| Failure::WrongUse(format!("{file}: {error}")))?;
    let mut scrubbing = Scrubbing { scrubber, output: Output::new(), unreadable: 0 };
    input::read(&args.source, &mut scrubbing)?;
    scrubbing.output.flush()?;
    match scrubbing.unreadable {
        0 => Ok(()),
        n => Err(Failure::Problems(format!("{n} records could not be read, and are left out"))),
    }
}

struct Scrubbing {
    scrubber: Scrubber,
    output: Output,
    unreadable: u64,
}

impl Reader for Scrubbing {
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
                self.output.line(&self.scrubber.scrub(&event))?;
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
