//! `agentfold scrub`: events that can be shared.

use std::fs;

use agentfold::scrub::Scrubber;

use crate::args::ScrubArgs;
use crate::each::print_each;
use crate::failure::Failure;

pub(crate) fn run(args: &ScrubArgs) -> Result<(), Failure> {
    let file = args.key_file.display();
    let key = fs::read(&args.key_file)
        .map_err(|error| Failure::WrongUse(format!("can't read {file}: {error}")))?;
    let scrubber =
        Scrubber::new(&key).map_err(|error| Failure::WrongUse(format!("{file}: {error}")))?;
    print_each(&args.source, |event, output| output.line(&scrubber.scrub(event)))
}
