//! `agentfold floor`: who can take one more item, channel by channel.

use agentfold::Selection;
use agentfold::floor::Trust;

use crate::args::FloorArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::table;

pub(crate) fn run(args: &FloorArgs) -> Result<(), Failure> {
    let (fold, counts) = folding::fold(&args.fold)?;
    let last = fold.first_and_last_event_at().map(|(_, last)| last);
    let mut floors = Vec::new();
    if let Some(at) = args.at.or(last) {
        let trust = Trust { near: *args.near, silent: *args.silent };
        let selection =
            args.channel.iter().fold(Selection::all(), |all, channel| all.channel(channel));
        floors = fold.floor(at, &trust, &selection).map_err(|error| {
            Failure::WrongUse(format!(
                "no floor at {at}: {error}; ask for a later instant, or read the events again \
                 without --compact"
            ))
        })?;
    }
    let mut output = Output::new();
    if args.table {
        output.line(&table::channels(&floors).to_string())?;
        output.line(&table::takers(&floors, args.top).to_string())?;
    } else {
        for floor in &floors {
            output.json(floor)?;
        }
    }
    output.flush()?;
    if let (Some(channel), []) = (&args.channel, &floors[..]) {
        tell(&format!("nothing is known of channel `{channel}` then"));
    }
    folding::all_read(&counts)
}
