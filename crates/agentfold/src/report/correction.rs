//! [`Correction`]: a row that differs in a later report.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::Serialize;

use super::row::{About, Row};
use super::row_place::{Placed, RowKey, RowPlace};
use crate::Instant;
use crate::error::Error;

/// A row that differs in a later report, before and after
/// ([the contract](crate::contract::measures#rows)).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Correction<R = Row> {
    /// The kind of row.
    pub row: &'static str,
    /// What it is about, without the number of agents, which the rows state.
    #[serde(flatten)]
    pub about: About,
    /// Where its bucket begins.
    pub from: Instant,
    /// What identifies it among the rows of its bucket.
    #[serde(flatten)]
    pub key: Option<RowKey>,
    /// The row of the earlier report; `None` if it had none.
    pub before: Option<R>,
    /// The row of the later report; `None` if it has none.
    pub after: Option<R>,
}

/// The rows that differ between an earlier report and a later one over the same buckets, in the order
/// of reports.
///
/// Pass the rows of a report, or [`StoredRow`](super::StoredRow)s. Rows are paired by kind, agent (or
/// group), the beginning of their bucket, and channel, unified state or track.
///
/// # Errors
/// `other_buckets` if a bucket of one report overlaps one of the other and has another beginning or
/// another end. The last bucket of a report may end earlier than that of the other, since `as_of` clips
/// it.
///
/// ```
/// use agentfold::{Fold, Instant, Selection};
/// use agentfold::report::{Buckets, RollUp, Row, corrections};
///
/// let state = |id, at, new| format!(
///     r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}",
///         "event": {{"updated_at": "2026-01-05T{at}Z", "channel": "talk", "new_state": "{new}"}},
///         "type": "zen:event-type:agent.state_changed"}}"#);
/// let at = |hour: u32| -> Instant { format!("2026-01-05T{hour:02}:00:00Z").parse().expect("valid") };
/// let buckets = Buckets::new(vec![at(9), at(10), at(11)], at(12))?;
/// let mut fold = Fold::new();
/// fold.read(state("a", "09:00:00", "online").as_bytes(), |bad| panic!("{bad:?}"));
/// let before: Vec<Row> = fold.report(&buckets, RollUp::Agent, &Selection::all())?.collect();
///
/// // This event arrives late.
/// fold.read(state("b", "10:30:00", "away").as_bytes(), |bad| panic!("{bad:?}"));
/// let after: Vec<Row> = fold.report(&buckets, RollUp::Agent, &Selection::all())?.collect();
/// let corrections = corrections(&before, &after)?;
/// assert_eq!(corrections.len(), 1);
/// assert_eq!((corrections[0].row, corrections[0].from), ("channel", at(10)));
/// # Ok::<(), agentfold::Error>(())
/// ```
pub fn corrections<R: Placed>(before: &[R], after: &[R]) -> Result<Vec<Correction<R>>, Error> {
    same_buckets(&buckets(before), &buckets(after))?;
    let mut left: HashMap<RowPlace, &R> = before.iter().map(|row| (row.place(), row)).collect();
    let pair = |row| {
        let place = R::place(row);
        (left.remove(&place), Some(row), place)
    };
    let mut pairs: Vec<(Option<&R>, Option<&R>, RowPlace)> = after.iter().map(pair).collect();
    pairs.extend(left.into_iter().map(|(place, row)| (Some(row), None, place)));
    pairs.retain(|(before, after, _)| before != after);
    pairs.sort_by(|(.., a), (.., b)| a.cmp(b));
    let correction = |(before, after, place): (Option<&R>, Option<&R>, _)| {
        let RowPlace { row, about, from, key } = place;
        Correction { row, about, from, key, before: before.cloned(), after: after.cloned() }
    };
    Ok(pairs.into_iter().map(correction).collect())
}

/// The buckets that rows are about, from beginning to end, ascending.
fn buckets<R: Placed>(rows: &[R]) -> Vec<[Instant; 2]> {
    let bucket = |row: &R| Some([row.place().from, row.bucket_ends_at()?]);
    let mut buckets: Vec<[Instant; 2]> = rows.iter().filter_map(bucket).collect();
    buckets.sort_unstable();
    buckets.dedup();
    buckets
}

/// Checks that the buckets of two reports which overlap are the same, but for an end that is clipped.
fn same_buckets(before: &[[Instant; 2]], after: &[[Instant; 2]]) -> Result<(), Error> {
    let end = |buckets: &[[Instant; 2]]| buckets.iter().map(|[_, to]| *to).max();
    let (before_end, after_end) = (end(before), end(after));
    let (mut earlier, mut later) = (before, after);
    while let ([a, earlier_rest @ ..], [b, later_rest @ ..]) = (earlier, later) {
        let overlap = a[0] < b[1] && b[0] < a[1];
        let is_clipped = match a[1].cmp(&b[1]) {
            Ordering::Less => Some(a[1]) == before_end,
            Ordering::Equal => true,
            Ordering::Greater => Some(b[1]) == after_end,
        };
        if overlap && !(a[0] == b[0] && is_clipped) {
            return Err(Error::other_buckets(*a, *b));
        }
        if a[1] <= b[1] {
            earlier = earlier_rest;
        } else {
            later = later_rest;
        }
    }
    Ok(())
}
