//! Prints something for each event of a source, as it arrives.

use agentfold::Event;
use agentfold::stream::{Next, Record, Records};

use crate::args::Source;
use crate::failure::Failure;
use crate::input::{self, Place, Reader};
use crate::output::{Output, counted};

/// Calls `print` for each event of a source. Fails at the end if a record could not be read.
pub(crate) fn print_each<F>(source: &Source, print: F) -> Result<(), Failure>
where
    F: FnMut(&Event<'_>, &mut Output) -> Result<(), Failure>,
{
    let mut printing = Printing { print, output: Output::new(), unreadable: 0 };
    input::read(source, &mut printing)?;
    printing.output.flush()?;
    match printing.unreadable {
        0 => Ok(()),
        n => {
            let records = counted(n, "record");
            Err(Failure::Problems(format!("left out {records} that could not be read")))
        }
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
                (self.print)(&event, &mut self.output)?;
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
