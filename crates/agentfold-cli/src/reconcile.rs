//! `agentfold reconcile`: where a fold differs from what Zendesk's API says.

use crate::args::ReconcileArgs;
use crate::failure::Failure;
use crate::folding;
use crate::output::{Output, tell};
use crate::record;

pub(crate) fn run(args: &ReconcileArgs) -> Result<(), Failure> {
    // What can be wrong with them is told before events are read.
    let pages = args.record.iter().map(|file| record::pages(file));
    let pages = pages.collect::<Result<Vec<_>, _>>()?.concat();
    let rows = args.agent_timeline.iter().map(|file| record::timeline(file));
    let rows = rows.collect::<Result<Vec<_>, _>>()?.concat();

    let (fold, counts) = folding::fold(&args.fold)?;
    let last = fold.first_and_last_event_at().map(|(_, last)| last);
    let mut output = Output::new();
    let mut differences = 0_u64;
    for page in &pages {
        for difference in fold.reconcile(args.account, page) {
            output.json(&difference)?;
            differences += 1;
        }
    }
    if let Some(as_of) = args.as_of.or(last) {
        for difference in fold.reconcile_timeline(args.account, &rows, as_of) {
            output.json(&difference)?;
            differences += 1;
        }
    }
    output.flush()?;
    let agents: usize = pages.iter().map(|page| page.records.len()).sum();
    tell(&format!("{agents} agents and {} rows held against the fold", rows.len()));
    folding::all_read(&counts)?;
    match differences {
        0 => Ok(()),
        1 => Err(Failure::Problems("1 difference".to_owned())),
        n => Err(Failure::Problems(format!("{n} differences"))),
    }
}
