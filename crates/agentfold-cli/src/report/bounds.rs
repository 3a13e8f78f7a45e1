//! [`Bounds`]: the buckets that a report is requested for.

use agentfold::report::{Buckets, Every, Scheduled};
use agentfold::{Fold, Instant};

use super::ReportArgs;
use crate::failure::Failure;
use crate::usual::{tell_after, tell_before};
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

    /// The latest instant as of which to report; `None` if neither an option nor an event gives it.
    pub(super) fn as_of(&self, fold: &Fold) -> Option<Instant> {
        let usual = fold.usual_event_times();
        if let (None, Some(usual)) = (self.as_of, &usual) {
            tell_after(fold, usual, "--as-of");
        }
        self.as_of.or(usual.map(|usual| usual.last))
    }

    /// Whether a line of a schedule is in the requested time, as far as the options give it.
    pub(super) fn has(&self, line: &Scheduled) -> bool {
        let (from, to) = match &self.boundaries[..] {
            [from, .., to] => (Some(*from), Some(*to)),
            _ => (self.from, self.to),
        };
        from.is_none_or(|from| line.to > from) && to.is_none_or(|to| line.from < to)
    }

    /// The buckets for the events of a fold; `None` if no bucket has a row.
    pub(super) fn of(&self, fold: &Fold, limit: u64) -> Result<Option<Buckets>, Failure> {
        let Some(usual) = fold.usual_event_times() else {
            return Ok(None);
        };
        let end = self.boundaries.last().copied().or(self.to).unwrap_or(Instant::MAX);
        let as_of = self.as_of.unwrap_or_else(|| fold.default_as_of(end));
        let first = usual.first;
        let (from, to) = match &self.boundaries[..] {
            [from, .., to] => (*from, *to),
            _ => {
                if self.from.is_none() {
                    tell_before(fold, &usual, "--from");
                }
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
        Ok(Some(buckets.map_err(wrong)?.with_row_limit(limit)))
    }
}
