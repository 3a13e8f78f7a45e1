//! `agentfold cloud-events`: events as CloudEvents.

use clap::Args;

use crate::args::Source;
use crate::each::print_each;
use crate::failure::Failure;
use crate::output::{counted, tell};

/// Print events as CloudEvents 1.0, for brokers and pipelines
///
/// Reads events and prints one CloudEvent per line: its `data` is the event, its `source` the
/// agent, its `sequence` the agent's version. All commands read CloudEvents as well. Events of
/// unknown types have no known date and are left out.
///
/// Exit codes: 0 success; 1 a record could not be read; 2 wrong usage, or a file cannot be read.
///
/// Examples:
///   agentfold cloud-events events.ndjson.gz > cloud-events.ndjson
///   agentfold cloud-events events.ndjson.gz | kcat -P -b localhost -t agents
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct CloudEventsArgs {
    #[command(flatten)]
    pub(crate) source: Source,
}

pub(crate) fn run(args: &CloudEventsArgs) -> Result<(), Failure> {
    let mut unknown = 0_u64;
    print_each(&args.source, |event, output| match event.to_cloud_event() {
        Some(cloud_event) => output.json_text(&cloud_event),
        None => {
            unknown += 1;
            Ok(())
        }
    })?;
    if unknown > 0 {
        let events = counted(unknown, "event");
        tell(&format!("left out {events} of unknown type, without a known date"));
    }
    Ok(())
}
