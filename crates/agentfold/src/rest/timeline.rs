//! [`TimelineRow`]: a row of Chat's `agent_timeline`, to compare with a fold.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::fold::Fold;
use crate::history::{Basis, Window};
use crate::{Agent, Id, Instant};

/// A row of Chat's `agent_timeline`: a stretch with one status and number of engagements of an agent.
///
/// Source: Zendesk Chat, *Incremental agent timeline*.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct TimelineRow<'a> {
    /// The agent.
    pub agent_id: Id,
    /// Where it begins.
    pub start_time: Instant,
    /// The status.
    pub status: Cow<'a, str>,
    /// The number of engagements.
    pub engagement_count: u64,
    /// Its length in seconds.
    pub duration: f64,
}

/// A stretch for which `agent_timeline` and a fold differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct TimelineDifference {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// Where it begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The status in the fold; `None` if it is unknown.
    pub fold_status: Option<String>,
    /// The number of engagements in the fold; `None` if it is unknown.
    pub fold_engagements: Option<u64>,
    /// How certain the fold's values are.
    pub basis: Basis,
    /// The status in the row.
    pub row_status: String,
    /// The number of engagements in the row.
    pub row_engagements: u64,
}

/// Shorter stretches are not compared, since rows have rounded lengths.
const ROUNDED_NS: u128 = 1_000_000;

impl Fold {
    /// Returns where rows of Chat's `agent_timeline` differ from the fold's chat spans as of an
    /// instant, row by row. Stretches below a millisecond are ignored, since rows are rounded.
    ///
    /// ```
    /// use agentfold::rest::TimelineRow;
    /// use agentfold::{Fold, Instant};
    ///
    /// let status = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "previous_value": "away", "value": "online"}"#;
    /// let engagements = br#"{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "b",
    ///     "timestamp": "2026-01-05T09:00:00Z", "previous_value": 1, "value": 0}"#;
    /// let mut fold = Fold::new();
    /// fold.read(status, |bad| panic!("{bad:?}"));
    /// fold.read(engagements, |bad| panic!("{bad:?}"));
    ///
    /// let rows: Vec<TimelineRow> = serde_json::from_str(r#"[
    ///     {"agent_id": 7, "engagement_count": 0, "start_time": "2026-01-05T09:00:00Z",
    ///      "status": "online", "duration": 60.0},
    ///     {"agent_id": 7, "engagement_count": 1, "start_time": "2026-01-05T09:01:00Z",
    ///      "status": "online", "duration": 30.0}]"#)?;
    /// let as_of: Instant = "2026-01-05T10:00:00Z".parse()?;
    /// let differences = fold.reconcile_timeline(2, &rows, as_of);
    /// // The agent began a chat at 09:01, but no event of it arrived.
    /// assert_eq!(differences.len(), 1);
    /// assert_eq!(differences[0].from, rows[1].start_time);
    /// assert_eq!((differences[0].fold_engagements, differences[0].row_engagements), (Some(0), 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reconcile_timeline(
        &self,
        account_id: impl Into<Id>,
        rows: &[TimelineRow<'_>],
        as_of: Instant,
    ) -> Vec<TimelineDifference> {
        let account_id = account_id.into();
        rows.iter().flat_map(|row| self.differences_of_row(account_id, row, as_of)).collect()
    }

    fn differences_of_row(
        &self,
        account_id: Id,
        row: &TimelineRow<'_>,
        as_of: Instant,
    ) -> Vec<TimelineDifference> {
        let agent = Agent::new(account_id, row.agent_id);
        let from = row.start_time;
        // A length that is negative or not a number counts as 0. One too great for a `Duration` counts
        // as `Duration::MAX`.
        let length = Duration::try_from_secs_f64(row.duration.max(0.0)).unwrap_or(Duration::MAX);
        let to = from.saturating_add(length).min(as_of);
        let mut differences = Vec::new();
        let mut compare =
            |from: Instant, to: Instant, fold: (Option<String>, Option<u64>), basis| {
                let equal =
                    (fold.0.as_deref(), fold.1) == (Some(&row.status), Some(row.engagement_count));
                if !equal && to.nanos_since(from) >= ROUNDED_NS {
                    differences.push(TimelineDifference {
                        agent,
                        from,
                        to,
                        fold_status: fold.0,
                        fold_engagements: fold.1,
                        basis,
                        row_status: row.status.clone().into_owned(),
                        row_engagements: row.engagement_count,
                    });
                }
            };
        let mut spans = self.chat_spans(agent, &Window { from, to, as_of }).into_iter().peekable();
        if spans.peek().is_none() {
            compare(from, to, (None, None), Basis::Unknown);
        }
        while let Some(span) = spans.next() {
            let end = spans.peek().map_or(to, |next| next.start_time);
            compare(span.start_time, end, (span.status, span.engagement_count), span.basis);
        }
        differences
    }
}
