//! The columns of rows, for CSV and for what corrections change.

use std::fmt;

use agentfold::Instant;
use agentfold::history::Basis;
use agentfold::report::{AdherenceRow, ChannelRow, ChatRow, Row, Times, UnifiedStateRow};

use crate::args::{By, RowKind};

/// What stands in a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Nothing,
    Text(String),
    Count(u64),
    At(Instant),
    /// In nanoseconds.
    Time(u128),
    /// A share, of which 1 is the whole.
    Share(f64),
    Average(f64),
}

/// A column for what is known to no list: sorted, they come after the others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extra {
    State(String),
    Status(String),
    Engagements(u64),
    Removed(Option<String>),
}

impl Extra {
    /// What stands there in a row that does not have it.
    pub(super) fn none(&self) -> Field {
        match self {
            Extra::Removed(_) => Field::Count(0),
            _ => Field::Time(0),
        }
    }
}

impl fmt::Display for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Extra::State(state) => write!(f, "state_{state}_s"),
            Extra::Status(status) => write!(f, "status_{status}_s"),
            Extra::Engagements(count) => write!(f, "engagements_{count}_s"),
            Extra::Removed(Some(reason)) => write!(f, "removed_{reason}"),
            Extra::Removed(None) => f.write_str("removed_without_reason"),
        }
    }
}

/// The columns that tell whom a row is about.
pub(super) fn about_names(by: By, kind: RowKind) -> &'static [&'static str] {
    match by {
        _ if kind == RowKind::Adherence => &["account_id", "agent_id"],
        By::Agent => &["account_id", "agent_id"],
        By::Channel | By::Account => &["account_id", "agent_id", "agents"],
        By::Group => &["account_id", "agent_id", "group_id", "agents"],
    }
}

pub(super) fn about(row: &Row) -> Vec<Field> {
    let about = row.about();
    let id = |id: Option<u64>| id.map_or(Field::Nothing, |id| Field::Text(id.to_string()));
    let mut fields = vec![id(about.account_id), id(about.agent_id)];
    fields.extend(about.group_id.as_ref().map(|group| text(group.as_deref())));
    fields.extend(about.agents.map(Field::Count));
    fields
}

/// The columns that all rows of a kind have.
pub(super) fn names(kind: RowKind) -> &'static [&'static str] {
    match kind {
        RowKind::Channel => &CHANNEL,
        RowKind::UnifiedState => &UNIFIED_STATE,
        RowKind::Chat => &CHAT,
        RowKind::Adherence => &ADHERENCE,
    }
}

/// What stands in the columns that all rows of the kind have, and in the others that this one has.
pub(super) fn fields(row: &Row) -> (Vec<Field>, Vec<(Extra, Field)>) {
    match row {
        Row::Channel(row) => (channel(row).into(), channel_extras(row)),
        Row::UnifiedState(row) => (unified_state(row).into(), Vec::new()),
        Row::Chat(row) => (chat(row).into(), chat_extras(row)),
        Row::Adherence(row) => (adherence(row).into(), Vec::new()),
        _ => unreachable!("INVARIANT: a test walks over every kind of row"),
    }
}

const CHANNEL: [&str; 40] = [
    "channel",
    "from",
    "to",
    "length_s",
    "observed_s",
    "assumed_s",
    "inferred_s",
    "disputed_s",
    "unknown_s",
    "online_s",
    "busy_s",
    "item_s",
    "item_known_s",
    "capacity_s",
    "at_capacity_s",
    "occupancy",
    "utilisation",
    "average_used_capacity",
    "added",
    "removed",
    "offered",
    "offers_ended",
    "offers_accepted",
    "accepted",
    "missed",
    "acceptance_rate",
    "offer_time_count",
    "offer_time_sum_s",
    "offer_time_min_s",
    "offer_time_max_s",
    "offer_time_p50_s",
    "offer_time_p90_s",
    "offer_time_p95_s",
    "handle_time_count",
    "handle_time_sum_s",
    "handle_time_min_s",
    "handle_time_max_s",
    "handle_time_p50_s",
    "handle_time_p90_s",
    "handle_time_p95_s",
];

fn channel(row: &ChannelRow) -> [Field; CHANNEL.len()] {
    let [observed, assumed, inferred, disputed, unknown] =
        by_basis(row.state.iter().map(|time| (time.basis, time.ns)));
    let [offer_count, offer_sum, offer_min, offer_max, offer_50, offer_90, offer_95] =
        times(&row.offer_time);
    let [handle_count, handle_sum, handle_min, handle_max, handle_50, handle_90, handle_95] =
        times(&row.handle_time);
    [
        Field::Text(row.channel.clone()),
        Field::At(row.from),
        Field::At(row.to),
        Field::Time(row.length_ns),
        observed,
        assumed,
        inferred,
        disputed,
        unknown,
        Field::Time(row.online_ns),
        Field::Time(row.busy_ns),
        Field::Time(row.item_ns),
        Field::Time(row.item_known_ns),
        Field::Time(row.capacity_ns),
        Field::Time(row.at_capacity_ns),
        share(row.occupancy),
        share(row.utilisation),
        row.average_used_capacity.map_or(Field::Nothing, Field::Average),
        Field::Count(row.added),
        Field::Count(row.removed.iter().map(|removed| removed.count).sum()),
        Field::Count(row.offered),
        Field::Count(row.offers_ended),
        Field::Count(row.offers_accepted),
        Field::Count(row.accepted),
        Field::Count(row.missed),
        share(row.acceptance_rate),
        offer_count,
        offer_sum,
        offer_min,
        offer_max,
        offer_50,
        offer_90,
        offer_95,
        handle_count,
        handle_sum,
        handle_min,
        handle_max,
        handle_50,
        handle_90,
        handle_95,
    ]
}

/// The time without a state is that without a basis, `unknown_s`.
fn channel_extras(row: &ChannelRow) -> Vec<(Extra, Field)> {
    let known = row.state.iter().filter_map(|time| Some((time.state.clone()?, time.ns)));
    let mut extras = added_up(known.map(|(state, ns)| (Extra::State(state), ns)));
    let removed = row.removed.iter();
    extras.extend(removed.map(|r| (Extra::Removed(r.reason.clone()), Field::Count(r.count))));
    extras
}

const UNIFIED_STATE: [&str; 12] = [
    "from",
    "to",
    "length_s",
    "id",
    "name",
    "time_s",
    "observed_s",
    "assumed_s",
    "inferred_s",
    "disputed_s",
    "unknown_s",
    "involuntary_s",
];

fn unified_state(row: &UnifiedStateRow) -> [Field; UNIFIED_STATE.len()] {
    [
        Field::At(row.from),
        Field::At(row.to),
        Field::Time(row.length_ns),
        text(row.id.as_deref()),
        text(row.name.as_deref()),
        Field::Time(row.ns),
        Field::Time(row.observed_ns),
        Field::Time(row.assumed_ns),
        Field::Time(row.inferred_ns),
        Field::Time(row.disputed_ns),
        Field::Time(row.unknown_ns),
        Field::Time(row.involuntary_ns),
    ]
}

const CHAT: [&str; 17] = [
    "from",
    "to",
    "length_s",
    "status_observed_s",
    "status_assumed_s",
    "status_inferred_s",
    "status_disputed_s",
    "status_unknown_s",
    "engagements_observed_s",
    "engagements_assumed_s",
    "engagements_inferred_s",
    "engagements_disputed_s",
    "engagements_unknown_s",
    "concurrency_s",
    "online_s",
    "busy_s",
    "occupancy",
];

fn chat(row: &ChatRow) -> [Field; CHAT.len()] {
    let [observed, assumed, inferred, disputed, unknown] =
        by_basis(row.status.iter().map(|time| (time.basis, time.ns)));
    let [engaged_observed, engaged_assumed, engaged_inferred, engaged_disputed, engaged_unknown] =
        by_basis(row.engagements.iter().map(|time| (time.basis, time.ns)));
    [
        Field::At(row.from),
        Field::At(row.to),
        Field::Time(row.length_ns),
        observed,
        assumed,
        inferred,
        disputed,
        unknown,
        engaged_observed,
        engaged_assumed,
        engaged_inferred,
        engaged_disputed,
        engaged_unknown,
        Field::Time(row.concurrency_ns),
        Field::Time(row.online_ns),
        Field::Time(row.busy_ns),
        share(row.occupancy),
    ]
}

fn chat_extras(row: &ChatRow) -> Vec<(Extra, Field)> {
    let status = row.status.iter();
    let status = status.filter_map(|time| Some((Extra::Status(time.status.clone()?), time.ns)));
    let engaged = row.engagements.iter();
    let engaged = engaged.filter_map(|time| Some((Extra::Engagements(time.engagements?), time.ns)));
    added_up(status.chain(engaged))
}

const ADHERENCE: [&str; 11] = [
    "from",
    "to",
    "track",
    "scheduled_s",
    "elapsed_s",
    "adherent_s",
    "out_s",
    "unknown_s",
    "disputed_s",
    "inferred_s",
    "adherence",
];

fn adherence(row: &AdherenceRow) -> [Field; ADHERENCE.len()] {
    [
        Field::At(row.from),
        Field::At(row.to),
        Field::Text(row.track.clone()),
        Field::Time(row.scheduled_ns),
        Field::Time(row.elapsed_ns),
        Field::Time(row.adherent_ns),
        Field::Time(row.out_ns),
        Field::Time(row.unknown_ns),
        Field::Time(row.disputed_ns),
        Field::Time(row.inferred_ns),
        share(row.adherence),
    ]
}

fn text(text: Option<&str>) -> Field {
    text.map_or(Field::Nothing, |text| Field::Text(text.to_owned()))
}

fn share(share: Option<f64>) -> Field {
    share.map_or(Field::Nothing, Field::Share)
}

fn times(times: &Times) -> [Field; 7] {
    let time = |ns: Option<u128>| ns.map_or(Field::Nothing, Field::Time);
    [
        Field::Count(times.count),
        Field::Time(times.sum_ns),
        time(times.min_ns),
        time(times.max_ns),
        time(times.p50_ns),
        time(times.p90_ns),
        time(times.p95_ns),
    ]
}

/// The time on each basis, from best to worst.
fn by_basis(parts: impl Iterator<Item = (Basis, u128)> + Clone) -> [Field; 5] {
    let sum = |basis| parts.clone().filter(|(b, _)| *b == basis).map(|(_, ns)| ns).sum();
    Basis::ALL.map(|basis| Field::Time(sum(basis)))
}

/// Times with the same column in one.
fn added_up(parts: impl Iterator<Item = (Extra, u128)>) -> Vec<(Extra, Field)> {
    let mut sums = std::collections::BTreeMap::new();
    for (extra, ns) in parts {
        *sums.entry(extra).or_default() += ns;
    }
    sums.into_iter().map(|(extra, ns)| (extra, Field::Time(ns))).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use agentfold::schema::Document;
    use serde_json::{Value, json};

    use super::*;

    /// A row of each kind that the schema of rows has, with every field.
    pub(in super::super) fn rows() -> Vec<Row> {
        let schema = Document::find("report_row").expect("there is one").to_json();
        let kinds = schema["oneOf"].as_array().expect("a list of kinds");
        kinds.iter().map(|kind| row(values(kind, &schema["$defs"]).swap_remove(0))).collect()
    }

    fn row(data: Value) -> Row {
        // The kind must come first, and a map is sorted.
        let Value::Object(mut fields) = data else { panic!("a row is an object") };
        let kind = fields.remove("row").expect("a row has a kind");
        let rest = Value::Object(fields).to_string();
        serde_json::from_str(&format!("{{\"row\":{kind},{}", &rest[1..])).expect("a row")
    }

    /// Some value that a schema allows, then values that each differ from it in one place, in every place.
    fn values(schema: &Value, named: &Value) -> Vec<Value> {
        if let Some(name) = schema["$ref"].as_str() {
            return values(&named[name.trim_start_matches("#/$defs/")], named);
        }
        if let Some(any) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return any.iter().flat_map(|one| values(one, named)).take(2).collect();
        }
        let kind = schema["type"].as_str().or(schema["type"][0].as_str());
        match kind.expect("a type") {
            _ if !schema["const"].is_null() => vec![schema["const"].clone()],
            "integer" => vec![json!(1), json!(2)],
            "number" => vec![json!(0.25), json!(0.5)],
            "string" if schema["format"] == "date-time" => {
                vec![json!("2023-04-05T00:00:00Z"), json!("2023-04-06T00:00:00Z")]
            }
            "string" => vec![json!("1"), json!("2")],
            "array" => values(&schema["items"], named).into_iter().map(|it| json!([it])).collect(),
            "object" => {
                let fields = schema["properties"].as_object().expect("fields");
                let all = fields.iter().map(|(name, it)| (name, values(it, named)));
                let all: Vec<(&String, Vec<Value>)> = all.collect();
                let first = all.iter().map(|(name, it)| ((*name).clone(), it[0].clone()));
                let first = Value::Object(first.collect());
                let mut objects = vec![first.clone()];
                for (name, values) in all {
                    objects.extend(values.into_iter().skip(1).map(|value| {
                        let mut object = first.clone();
                        object[name] = value;
                        object
                    }));
                }
                objects
            }
            "null" => vec![Value::Null],
            other => panic!("{other} is not in rows"),
        }
    }

    #[test]
    fn every_field_of_every_kind_of_row_is_in_its_columns() {
        let schema = Document::find("report_row").expect("there is one").to_json();
        for kind in schema["oneOf"].as_array().expect("a list of kinds") {
            let mut rows = values(kind, &schema["$defs"]).into_iter();
            let first = rows.next().expect("a row");
            let columns = |data: &Value| {
                let row = row(data.clone());
                let (fixed, extras) = fields(&row);
                assert_eq!(fixed.len(), names(RowKind::of(row.kind())).len());
                (about(&row), fixed, extras)
            };
            for other in rows {
                assert_ne!(columns(&first), columns(&other), "{first}\n{other}");
            }
        }
    }
}
