//! [`Bounds`]: the buckets that a report is requested for.

use agentfold::report::{Buckets, Every};
use agentfold::{Fold, Instant};

use super::ReportArgs;
use crate::failure::Failure;
use crate::zone::{When, Zone};

/// The requested buckets, before the events are known.
pub(super) struct Bounds {
    zone: Zone,
    every: Every,
    from: Option<Instant>,
    to: Option<Instant>,
    as_of: Option<Instant>,
    boundaries: Vec<Instant>,
}

/// Buckets, and the window that they cover.
pub(super) struct Bounded {
    pub(super) buckets: Buckets,
    pub(super) from: Instant,
    pub(super) to: Instant,
    pub(super) as_of: Instant,
}

impl Bounds {
    pub(super) fn new(args: &ReportArgs) -> Result<Bounds, Failure> {
        let instant = |name, when: When| when.of_argument(name, args.tz);
        let optional = |name, when: Option<When>| when.map(|when| instant(name, when)).transpose();
        let boundaries = args.boundaries.iter().map(|when| instant("boundaries", *when));
        let bounds = Bounds {
            zone: args.tz,
            every: args.every,
            from: optional("from", args.from)?,
            to: optional("to", args.to)?,
            as_of: optional("as-of", args.as_of)?,
            boundaries: boundaries.collect::<Result<_, _>>()?,
        };
        if let (Some(from), Some(to)) = (bounds.from, bounds.to)
            && from >= to
        {
            return Err(Failure::WrongUse(format!("--from {from} is not before --to {to}")));
        }
        match &bounds.boundaries[..] {
            [_] => {
                let message = "--boundaries: a bucket needs two boundaries; give two or more";
                return Err(Failure::WrongUse(message.to_owned()));
            }
            boundaries => {
                if let Some(pair) = boundaries.windows(2).find(|pair| pair[0] >= pair[1]) {
                    let (a, b) = (pair[0], pair[1]);
                    return Err(Failure::WrongUse(format!(
                        "--boundaries: not ascending: {b} is not after {a}"
                    )));
                }
            }
        }
        Ok(bounds)
    }

    /// The buckets for the events of a fold; `None` if no bucket has a row.
    pub(super) fn of(&self, fold: &Fold) -> Result<Option<Bounded>, Failure> {
        let Some((first, last)) = fold.first_and_last_event_at() else {
            return Ok(None);
        };
        let as_of = self.as_of.unwrap_or(last);
        let (from, to) = match &self.boundaries[..] {
            [from, .., to] => (*from, *to),
            _ => {
                let from = self.from.unwrap_or_else(|| self.every.beginning(&self.zone.0, first));
                (from, self.to.map_or(as_of, |to| to.min(as_of)))
            }
        };
        if from >= to.min(as_of) {
            return Ok(None);
        }
        let buckets = if self.boundaries.is_empty() {
            Buckets::every(self.every, &self.zone.0, from, to, as_of)
        } else {
            Buckets::new(self.boundaries.clone(), as_of)
        };
        let wrong = |error| Failure::WrongUse(format!("no report from {from} to {to}: {error}"));
        // Rows are printed as they are computed, so their number is the user's choice.
        let buckets = buckets.map_err(wrong)?.with_row_limit(u64::MAX);
        Ok(Some(Bounded { buckets, from, to, as_of }))
    }
}
