//! `agentfold changes`: each change of current state, as events arrive.

use agentfold::Fold;

use crate::args::ChangesArgs;
use crate::each::print_each;
use crate::failure::Failure;
use crate::folding::restore;

pub(crate) fn run(args: &ChangesArgs) -> Result<(), Failure> {
    let mut fold = Fold::with_options(&args.source.options());
    if let Some(file) = &args.restore {
        restore(&mut fold, file)?;
    }
    print_each(&args.source, |event, output| {
        fold.apply(event).changes.iter().try_for_each(|change| output.json(change))
    })
}
