//! The columns of history in CSV.

use agentfold::history::{ChatSpan, Interval, WorkItemSpan};
use agentfold::{Instant, TrackValue};

use crate::output::seconds;

/// A line of history that CSV can show.
pub(crate) trait Columns {
    /// The names of the columns, of which the first two are `account_id` and `agent_id`.
    const NAMES: &[&str];

    /// The values as text, in the order of [`Columns::NAMES`].
    fn texts(&self) -> Vec<String>;
}

impl Columns for Interval {
    const NAMES: &[&str] = &[
        "account_id",
        "agent_id",
        "track",
        "from",
        "to",
        "seconds",
        "value",
        "basis",
        "open",
        "doubtful_seconds",
    ];

    fn texts(&self) -> Vec<String> {
        vec![
            self.agent.account_id.to_string(),
            self.agent.agent_id.to_string(),
            self.track.to_string(),
            self.from.to_string(),
            self.to.to_string(),
            seconds(ns(self.from, self.to)),
            match &self.value {
                TrackValue::Null => String::new(),
                TrackValue::Text(text) => text.clone(),
                other => serde_json::to_string(other).expect("INVARIANT: a value is JSON"),
            },
            self.basis.as_str().to_owned(),
            self.open.to_string(),
            seconds(self.doubtful.iter().map(|part| ns(part.from, part.to)).sum()),
        ]
    }
}

impl Columns for WorkItemSpan {
    const NAMES: &[&str] = &[
        "account_id",
        "agent_id",
        "work_item",
        "opened_at",
        "offered_at",
        "accepted_at",
        "closed_at",
        "reason",
        "moves",
        "orphan",
        "handle_seconds",
    ];

    fn texts(&self) -> Vec<String> {
        let moves = self.moves.iter().map(|to| format!("{}@{}", to.channel, to.at));
        vec![
            self.agent.account_id.to_string(),
            self.agent.agent_id.to_string(),
            self.work_item.clone(),
            self.opened_at.to_string(),
            or_empty(self.offered_at),
            or_empty(self.accepted_at),
            or_empty(self.closed_at),
            or_empty(self.reason.as_ref()),
            moves.collect::<Vec<_>>().join(";"),
            self.orphan.to_string(),
            self.handle_ns.map(seconds).unwrap_or_default(),
        ]
    }
}

impl Columns for ChatSpan {
    const NAMES: &[&str] = &[
        "account_id",
        "agent_id",
        "start_time",
        "status",
        "engagement_count",
        "duration",
        "basis",
        "open",
    ];

    fn texts(&self) -> Vec<String> {
        vec![
            self.agent.account_id.to_string(),
            self.agent.agent_id.to_string(),
            self.start_time.to_string(),
            or_empty(self.status.as_ref()),
            or_empty(self.engagement_count),
            self.duration.to_string(),
            self.basis.as_str().to_owned(),
            self.open.to_string(),
        ]
    }
}

fn ns(from: Instant, to: Instant) -> u128 {
    (to.unix_nanos() - from.unix_nanos()).unsigned_abs()
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
