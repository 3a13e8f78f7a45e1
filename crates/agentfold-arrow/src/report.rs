//! The columns of reports.

use agentfold::report::{RollUp, Row};
use serde::Deserialize;

use crate::column::Shape::{Duration, Instant as At, List, Number, Ratio, Struct, Word};
use crate::column::{Named, Shape};
use crate::form::Form;
use crate::layout::Layout;

const TIMES: Shape = Struct(&[
    ("count", Number),
    ("sum_ns", Duration),
    ("min_ns", Duration),
    ("max_ns", Duration),
    ("p50_ns", Duration),
    ("p90_ns", Duration),
    ("p95_ns", Duration),
]);

/// The rows of all kinds, distinguished by `row`.
const REPORT: &[Named] = &[
    ("row", Word),
    ("account_id", Word),
    ("agent_id", Word),
    ("group_id", Word),
    ("agents", Number),
    ("channel", Word),
    ("from", At),
    ("to", At),
    ("length_ns", Duration),
    ("id", Word),
    ("name", Word),
    ("ns", Duration),
    ("observed_ns", Duration),
    ("assumed_ns", Duration),
    ("inferred_ns", Duration),
    ("disputed_ns", Duration),
    ("unknown_ns", Duration),
    ("doubtful_ns", Duration),
    ("involuntary_ns", Duration),
    ("state", List(&Struct(&[("state", Word), ("basis", Word), ("ns", Duration)]))),
    ("status", List(&Struct(&[("status", Word), ("basis", Word), ("ns", Duration)]))),
    ("engagements", List(&Struct(&[("engagements", Number), ("basis", Word), ("ns", Duration)]))),
    ("concurrency_ns", Duration),
    ("online_ns", Duration),
    ("busy_ns", Duration),
    ("item_ns", Duration),
    ("item_least_ns", Duration),
    ("item_most_ns", Duration),
    ("item_known_ns", Duration),
    ("capacity_ns", Duration),
    ("at_capacity_ns", Duration),
    ("occupancy", Ratio),
    ("utilisation", Ratio),
    ("average_used_capacity", Ratio),
    ("added", Number),
    ("removed", List(&Struct(&[("reason", Word), ("count", Number)]))),
    ("offered", Number),
    ("offers_ended", Number),
    ("offers_accepted", Number),
    ("accepted", Number),
    ("missed", Number),
    ("acceptance_rate", Ratio),
    ("offer_time", TIMES),
    ("handle_time", TIMES),
];

/// The kinds of rows that a report has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowKind {
    /// An agent or a roll-up on a channel.
    Channel,
    /// A unified state of an agent or a roll-up.
    UnifiedState,
    /// An agent or a roll-up in Chat.
    Chat,
}

impl RowKind {
    /// Returns the kind of a row; `None` if it is not of a report.
    pub fn of(row: &Row) -> Option<RowKind> {
        match row {
            Row::Channel(_) => Some(RowKind::Channel),
            Row::UnifiedState(_) => Some(RowKind::UnifiedState),
            Row::Chat(_) => Some(RowKind::Chat),
            _ => None,
        }
    }

    fn has_column(self, name: &str) -> bool {
        match name {
            "row" | "account_id" | "agent_id" | "from" | "to" | "length_ns" => true,
            "status" | "engagements" | "concurrency_ns" => self == RowKind::Chat,
            "online_ns" | "busy_ns" | "occupancy" => self != RowKind::UnifiedState,
            "doubtful_ns" => self != RowKind::Chat,
            "id" | "name" | "ns" | "observed_ns" | "assumed_ns" | "inferred_ns" | "disputed_ns"
            | "unknown_ns" | "involuntary_ns" => self == RowKind::UnifiedState,
            _ => self == RowKind::Channel,
        }
    }
}

impl Layout {
    /// Returns the layout of a report: all columns, or if kinds of rows are named, those that such rows have.
    pub fn of_report(kinds: &[RowKind], by: RollUp, form: Form) -> Layout {
        Layout::new(REPORT, form).keep(|name| {
            kinds.is_empty()
                || match name {
                    "agents" => by != RollUp::Agent,
                    "group_id" => matches!(by, RollUp::Group | RollUp::GroupSplit),
                    _ => kinds.iter().any(|kind| kind.has_column(name)),
                }
        })
    }
}
