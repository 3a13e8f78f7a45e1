//! [`Correction`]: a row of a report that became another.

use std::cmp::Ordering;
use std::collections::HashMap;

use serde::Serialize;

use super::row::{About, Row};
use crate::Instant;

/// A row that is another in a later report: before and after (`measures.md`, Rows).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Correction {
    /// The kind of row.
    pub row: &'static str,
    /// Whom it is about; of how many agents is told by the rows.
    #[serde(flatten)]
    pub about: About,
    /// Where its bucket begins.
    pub from: Instant,
    /// What tells it from other rows of the bucket.
    #[serde(flatten)]
    pub key: Option<RowKey>,
    /// The row before; `None` if there was none.
    pub before: Option<Row>,
    /// The row after; `None` if there is none.
    pub after: Option<Row>,
}

/// What tells a row from the others of its kind, agent and bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowKey {
    /// The channel of a row of a channel.
    Channel(String),
    /// The id of a row of a unified state; `None` for the unknown one.
    Id(Option<String>),
    /// The track of a row of adherence.
    Track(String),
}

/// The rows that differ between an earlier report and a later one over the same buckets, in the order
/// of reports.
///
/// Rows are paired by kind, agent (or group), the beginning of their bucket, and channel, unified
/// state or track.
///
/// ```
/// use agentfold::{Buckets, Fold, Instant, RollUp, Row, corrections};
///
/// let state = |id, at, new| format!(
///     r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}",
///         "event": {{"updated_at": "2026-01-05T{at}Z", "channel": "talk", "new_state": "{new}"}},
///         "type": "zen:event-type:agent.state_changed"}}"#);
/// let at = |hour: u32| -> Instant { format!("2026-01-05T{hour:02}:00:00Z").parse().expect("valid") };
/// let buckets = Buckets::new(vec![at(9), at(10), at(11)], at(12))?;
/// let mut fold = Fold::new();
/// fold.read(state("a", "09:00:00", "online").as_bytes(), |bad| panic!("{bad:?}"));
/// let before: Vec<Row> = fold.report(&buckets, RollUp::Agent).collect();
///
/// // It comes late.
/// fold.read(state("b", "10:30:00", "away").as_bytes(), |bad| panic!("{bad:?}"));
/// let after: Vec<Row> = fold.report(&buckets, RollUp::Agent).collect();
/// let corrections = corrections(&before, &after);
/// assert_eq!(corrections.len(), 1);
/// assert_eq!((corrections[0].row, corrections[0].from), ("channel", at(10)));
/// # Ok::<(), agentfold::Error>(())
/// ```
pub fn corrections(before: &[Row], after: &[Row]) -> Vec<Correction> {
    let mut left: HashMap<Place, &Row> = before.iter().map(|row| (place(row), row)).collect();
    let mut pairs: Vec<(Option<&Row>, Option<&Row>)> =
        after.iter().map(|row| (left.remove(&place(row)), Some(row))).collect();
    pairs.extend(left.into_values().map(|row| (Some(row), None)));
    pairs.retain(|(before, after)| before != after);
    pairs.sort_by(|a, b| match (a.1.or(a.0), b.1.or(b.0)) {
        (Some(a), Some(b)) => a.cmp_place(b),
        _ => Ordering::Equal,
    });
    pairs.into_iter().filter_map(|(before, after)| correction(before, after)).collect()
}

type Place = (&'static str, About, Instant, Option<RowKey>);

fn place(row: &Row) -> Place {
    let key = match row {
        Row::Channel(row) => Some(RowKey::Channel(row.channel.clone())),
        Row::UnifiedState(row) => Some(RowKey::Id(row.id.clone())),
        Row::Adherence(row) => Some(RowKey::Track(row.track.clone())),
        Row::Chat(_) => None,
    };
    (row.kind(), About { agents: None, ..row.about().clone() }, row.from(), key)
}

fn correction(before: Option<&Row>, after: Option<&Row>) -> Option<Correction> {
    let (row, about, from, key) = place(after.or(before)?);
    Some(Correction { row, about, from, key, before: before.cloned(), after: after.cloned() })
}
