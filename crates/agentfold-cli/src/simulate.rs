//! `agentfold simulate`: the events of a plausible floor.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use agentfold_simulate::{Feed, Simulation};

use crate::args::{FeedArg, SimulateArgs};
use crate::failure::Failure;
use crate::output::{Output, tell};

pub(crate) fn run(args: &SimulateArgs) -> Result<(), Failure> {
    let start = u64::try_from(args.start.unix_seconds())
        .map_err(|_| Failure::WrongUse("the floor can't open before 1970".to_owned()))?;
    let simulation = Simulation {
        agents: args.agents,
        hours: args.hours,
        seed: args.seed,
        drop: args.drop,
        duplicate: args.duplicate,
        shuffle: args.shuffle,
        feed: match args.feed {
            FeedArg::Availability => Feed::Availability,
            FeedArg::Chat => Feed::Chat,
            FeedArg::Both => Feed::Both,
        },
        start,
    };
    // Written first: who reads the events may have seen enough before their end.
    if let Some(file) = &args.truth {
        write_truth(file, &simulation)?;
    }
    let mut output = Output::new();
    let mut events = simulation.events();
    let mut count = 0_u64;
    for event in events.by_ref() {
        output.line(&event)?;
        count += 1;
    }
    output.flush()?;
    let (dropped, duplicated) = (events.dropped(), events.duplicated());
    tell(&format!(
        "{count} events written, {duplicated} of them repeats; {dropped} more were lost on the way"
    ));
    Ok(())
}

fn write_truth(file: &Path, simulation: &Simulation) -> Result<(), Failure> {
    let write = || {
        let mut out = BufWriter::with_capacity(1 << 16, File::create(file)?);
        for span in simulation.truth() {
            writeln!(out, "{span}")?;
        }
        out.flush()
    };
    write().map_err(|e| Failure::WrongUse(format!("can't write {}: {e}", file.display())))
}
