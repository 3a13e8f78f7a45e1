//! [`RowPlace`]: what identifies a row within its report.

use std::cmp::Ordering;

use serde::Serialize;

use super::row::{About, Row};
use crate::fold::id::by_number;
use crate::{Instant, Track};

/// What identifies a row within its report. Places are in the order of reports: account, agent,
/// group, bucket, kind, then channel, unified state or track.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RowPlace {
    pub(super) row: &'static str,
    /// Without the number of agents.
    pub(super) about: About,
    pub(super) from: Instant,
    pub(super) key: Option<RowKey>,
}

/// What identifies a row among those of its kind, agent and bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowKey {
    /// The channel of a channel row.
    Channel(String),
    /// The id of a unified state row; `None` for the unknown state.
    Id(Option<String>),
    /// The track of a row of adherence or of an exception.
    Track(Track),
}

/// A row that has a place in a report.
pub trait Placed: Clone + PartialEq {
    /// The row's place.
    fn place(&self) -> RowPlace;

    /// Where the bucket of the row ends, as far as it is stated; `None` if the row is not about a
    /// bucket.
    fn bucket_ends_at(&self) -> Option<Instant>;
}

impl Placed for Row {
    fn place(&self) -> RowPlace {
        let key = match self {
            Row::Channel(row) => Some(RowKey::Channel(row.channel.clone())),
            Row::UnifiedState(row) => Some(RowKey::Id(row.id.clone())),
            Row::Adherence(row) => Some(RowKey::Track(row.track.clone())),
            Row::Exception(row) => Some(RowKey::Track(row.track.clone())),
            Row::Chat(_) | Row::Sessions(_) => None,
        };
        let about = About { agents: None, ..self.about().clone() };
        RowPlace { row: self.kind(), about, from: self.starts_at(), key }
    }

    fn bucket_ends_at(&self) -> Option<Instant> {
        (!matches!(self, Row::Adherence(_) | Row::Exception(_))).then(|| self.ends_at())
    }
}

impl RowPlace {
    /// The position of its kind in the contract's list.
    fn rank(&self) -> u8 {
        match self.key {
            Some(RowKey::Channel(_)) => 0,
            Some(RowKey::Id(_)) => 1,
            None if self.row == "chat" => 2,
            Some(RowKey::Track(_)) if self.row == "adherence" => 3,
            Some(RowKey::Track(_)) => 4,
            None => 5,
        }
    }
}

impl Ord for RowPlace {
    fn cmp(&self, other: &RowPlace) -> Ordering {
        let whom = |place: &RowPlace| (place.about.account_id, place.about.agent_id);
        // Agents without a known group come last, and so do rows without a group.
        let group = |place: &RowPlace| place.about.group_id.clone().flatten();
        whom(self)
            .cmp(&whom(other))
            .then_with(|| none_last(group(self).as_deref(), group(other).as_deref()))
            .then_with(|| self.from.cmp(&other.from))
            .then_with(|| self.rank().cmp(&other.rank()))
            .then_with(|| match (&self.key, &other.key) {
                (Some(RowKey::Id(a)), Some(RowKey::Id(b))) => none_last(a.as_deref(), b.as_deref()),
                (Some(RowKey::Channel(a)), Some(RowKey::Channel(b))) => a.cmp(b),
                (Some(RowKey::Track(a)), Some(RowKey::Track(b))) => {
                    a.to_string().cmp(&b.to_string())
                }
                _ => Ordering::Equal,
            })
    }
}

impl PartialOrd for RowPlace {
    fn partial_cmp(&self, other: &RowPlace) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The order of ids. A missing id is last.
pub(super) fn none_last(a: Option<&str>, b: Option<&str>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => by_number(a, b),
        _ => a.is_none().cmp(&b.is_none()),
    }
}
