//! `agentfold cloud-events`: events as CloudEvents.

use clap::Args;

use crate::args::Source;
use crate::each::print_each;
use crate::failure::Failure;
use crate::output::tell;

/// Print events as CloudEvents 1.0, one a line, for brokers and pipelines
///
/// Each has the event as its data, its agent as its source, and the agent's version as its sequence.
/// All commands read them back as the events that they were.
///
/// Example:
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
        Some(cloud_event) => output.line(&cloud_event),
        None => {
            unknown += 1;
            Ok(())
        }
    })?;
    if unknown > 0 {
        tell(&format!("{unknown} events of unknown types can't be dated, and are left out"));
    }
    Ok(())
}
