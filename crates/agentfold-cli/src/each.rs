//! Prints something for each event of a source, as it arrives.

use agentfold::Event;
use agentfold::stream::{Record, Stream};

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

    fn take(&mut self, place: &Place<'_>, stream: &mut Stream) -> Result<(), Failure> {
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => (self.print)(&event, &mut self.output)?,
                Record::Unreadable(bad) => {
                    self.unreadable += u64::from(!bad.is_warning());
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
