//! Printing something for each event of a source, as it comes.

use agentfold::Event;
use agentfold::stream::{Record, Stream};

use crate::args::Source;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::Output;

/// Prints for each event of a source, and fails in the end if records could not be read.
pub(crate) fn print_each<F>(source: &Source, print: F) -> Result<(), Failure>
where
    F: FnMut(&Event<'_>, &mut Output) -> Result<(), Failure>,
{
    let mut printing = Printing { print, output: Output::new(), unreadable: 0 };
    input::read(source, &mut printing)?;
    printing.output.flush()?;
    match printing.unreadable {
        0 => Ok(()),
        n => Err(Failure::Problems(format!("{n} records could not be read, and are left out"))),
    }
}

struct Printing<F> {
    print: F,
    output: Output,
    unreadable: u64,
}

impl<F> Reader for Printing<F>
where
    F: FnMut(&Event<'_>, &mut Output) -> Result<(), Failure>,
{
    const PROGRESS: bool = false;

    fn take(&mut self, place: &Place<'_>, stream: &mut Stream) -> Result<(), Failure> {
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => (self.print)(&event, &mut self.output)?,
                Record::Unreadable(bad) => {
                    self.unreadable += 1;
                    place.report(&bad);
                }
            }
        }
        Ok(())
    }

    fn waiting(&mut self) -> Result<(), Failure> {
        self.output.flush()
    }
}
