//! `agentfold cloud-events`: events as CloudEvents.

use crate::args::CloudEventsArgs;
use crate::each::print_each;
use crate::failure::Failure;
use crate::output::tell;

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
