//! [`Column`]s: the measures of a report's rows by name, for CSV and for tables of corrections.

use std::fmt;

use agentfold::history::Basis;
use agentfold::names::Names;
use agentfold::report::{
    About, AdherenceRow, ChannelRow, ChatRow, ExceptionRow, Row, SessionsRow, UnifiedStateRow,
};
use agentfold::{Id, Instant, TrackValue};

use super::args::{By, RowKind};

/// A column: its name, and the field that a row has in it.
pub(super) type Column<R> = (&'static str, fn(&R) -> Field);

/// A value in a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Nothing,
    Text(String),
    Count(u64),
    At(Instant),
    /// A duration in nanoseconds.
    Time(u128),
    /// A share from 0 to 1.
    Share(f64),
    Average(f64),
}

/// A column that only some rows of a kind have, such as the time in a state that an account
/// defined.
///
/// They follow the other columns, in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extra {
    State(String),
    Status(String),
    Engagements(u64),
    Removed(Option<String>),
}

impl Extra {
    /// The field of a row that does not have this column.
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

/// A column that identifies what a row covers: its name, and the field that a row has in it, with the
/// names of agents and groups if they are given.
pub(super) type AboutColumn = (&'static str, fn(&About, Option<&Names>) -> Field);

/// The columns that identify what a row covers; with those of names if they are given.
pub(super) fn about(by: By, kind: RowKind, names: Option<&Names>) -> Vec<AboutColumn> {
    const ACCOUNT: AboutColumn = ("account_id", |about, _| id(about.account_id));
    const AGENT: AboutColumn = ("agent_id", |about, _| id(about.agent_id));
    const AGENT_NAME: AboutColumn = ("agent_name", |about, names| text(agent_name(about, names)));
    const GROUP: AboutColumn = ("group_id", |about, _| text(group_id(about)));
    const GROUP_NAME: AboutColumn = ("group_name", |about, names| text(group_name(about, names)));
    const AGENTS: AboutColumn =
        ("agents", |about, _| about.agents.map_or(Field::Nothing, Field::Count));
    let mut columns = match by {
        _ if kind.is_of_schedule() || kind == RowKind::Sessions => {
            vec![ACCOUNT, AGENT, AGENT_NAME]
        }
        By::Agent => vec![ACCOUNT, AGENT, AGENT_NAME],
        By::Channel | By::Account => vec![ACCOUNT, AGENT, AGENT_NAME, AGENTS],
        By::Group | By::GroupSplit => {
            vec![ACCOUNT, AGENT, AGENT_NAME, GROUP, GROUP_NAME, AGENTS]
        }
    };
    columns.retain(|(name, _)| names.is_some() || !name.ends_with("_name"));
    columns
}

/// The name of the agent that a row is about, if it is known.
pub(super) fn agent_name<'n>(about: &About, names: Option<&'n Names>) -> Option<&'n str> {
    names?.agent(about.agent_id?)
}

/// The name of the group that a row is about, if it is known.
pub(super) fn group_name<'n>(about: &About, names: Option<&'n Names>) -> Option<&'n str> {
    names?.group(group_id(about)?)
}

fn group_id(about: &About) -> Option<&str> {
    about.group_id.as_ref()?.as_deref()
}

/// The names of the columns that every row of a kind has.
pub(super) fn names(kind: RowKind) -> Vec<&'static str> {
    fn of<R>(columns: &[Column<R>]) -> Vec<&'static str> {
        columns.iter().map(|(name, _)| *name).collect()
    }
    match kind {
        RowKind::Channel => of(CHANNEL),
        RowKind::UnifiedState => of(UNIFIED_STATE),
        RowKind::Chat => of(CHAT),
        RowKind::Adherence => of(ADHERENCE),
        RowKind::Sessions => of(SESSIONS),
        RowKind::Exception => of(EXCEPTION),
    }
}

/// A row's fields in the columns that every row of its kind has, and in the extra columns.
pub(super) fn fields(row: &Row) -> (Vec<Field>, Vec<(Extra, Field)>) {
    fn of<R>(columns: &[Column<R>], row: &R) -> Vec<Field> {
        columns.iter().map(|(_, field)| field(row)).collect()
    }
    match row {
        Row::Channel(row) => (of(CHANNEL, row), channel_extras(row)),
        Row::UnifiedState(row) => (of(UNIFIED_STATE, row), Vec::new()),
        Row::Chat(row) => (of(CHAT, row), chat_extras(row)),
        Row::Adherence(row) => (of(ADHERENCE, row), Vec::new()),
        Row::Sessions(row) => (of(SESSIONS, row), Vec::new()),
        Row::Exception(row) => (of(EXCEPTION, row), Vec::new()),
        _ => unreachable!("INVARIANT: a test walks over every kind of row"),
    }
}

const CHANNEL: &[Column<ChannelRow>] = &[
    ("channel", |row| Field::Text(row.channel.clone())),
    ("from", |row| Field::At(row.from)),
    ("to", |row| Field::At(row.to)),
    ("length_s", |row| Field::Time(row.length_ns)),
    ("observed_s", |row| state(row, Basis::Observed)),
    ("assumed_s", |row| state(row, Basis::Assumed)),
    ("inferred_s", |row| state(row, Basis::Inferred)),
    ("disputed_s", |row| state(row, Basis::Disputed)),
    ("unknown_s", |row| state(row, Basis::Unknown)),
    ("doubtful_s", |row| Field::Time(row.doubtful_ns)),
    ("online_s", |row| Field::Time(row.online_ns)),
    ("busy_s", |row| Field::Time(row.busy_ns)),
    ("item_s", |row| Field::Time(row.item_ns)),
    ("item_least_s", |row| Field::Time(row.item_least_ns)),
    ("item_most_s", |row| Field::Time(row.item_most_ns)),
    ("item_known_s", |row| Field::Time(row.item_known_ns)),
    ("capacity_s", |row| Field::Time(row.capacity_ns)),
    ("at_capacity_s", |row| Field::Time(row.at_capacity_ns)),
    ("occupancy", |row| share(row.occupancy)),
    ("utilisation", |row| share(row.utilisation)),
    ("average_used_capacity", |row| {
        row.average_used_capacity.map_or(Field::Nothing, Field::Average)
    }),
    ("added", |row| Field::Count(row.added)),
    ("removed", |row| Field::Count(row.removed.iter().map(|removed| removed.count).sum())),
    ("offered", |row| Field::Count(row.offered)),
    ("offers_ended", |row| Field::Count(row.offers_ended)),
    ("offers_accepted", |row| Field::Count(row.offers_accepted)),
    ("accepted", |row| Field::Count(row.accepted)),
    ("missed", |row| Field::Count(row.missed)),
    ("acceptance_rate", |row| share(row.acceptance_rate)),
    ("offer_time_count", |row| Field::Count(row.offer_time.count)),
    ("offer_time_sum_s", |row| Field::Time(row.offer_time.sum_ns)),
    ("offer_time_min_s", |row| time(row.offer_time.min_ns)),
    ("offer_time_max_s", |row| time(row.offer_time.max_ns)),
    ("offer_time_p50_s", |row| time(row.offer_time.p50_ns)),
    ("offer_time_p90_s", |row| time(row.offer_time.p90_ns)),
    ("offer_time_p95_s", |row| time(row.offer_time.p95_ns)),
    ("handle_time_count", |row| Field::Count(row.handle_time.count)),
    ("handle_time_sum_s", |row| Field::Time(row.handle_time.sum_ns)),
    ("handle_time_min_s", |row| time(row.handle_time.min_ns)),
    ("handle_time_max_s", |row| time(row.handle_time.max_ns)),
    ("handle_time_p50_s", |row| time(row.handle_time.p50_ns)),
    ("handle_time_p90_s", |row| time(row.handle_time.p90_ns)),
    ("handle_time_p95_s", |row| time(row.handle_time.p95_ns)),
];

const UNIFIED_STATE: &[Column<UnifiedStateRow>] = &[
    ("from", |row| Field::At(row.from)),
    ("to", |row| Field::At(row.to)),
    ("length_s", |row| Field::Time(row.length_ns)),
    ("id", |row| text(row.id.as_deref())),
    ("name", |row| text(row.name.as_deref())),
    ("time_s", |row| Field::Time(row.ns)),
    ("observed_s", |row| Field::Time(row.observed_ns)),
    ("assumed_s", |row| Field::Time(row.assumed_ns)),
    ("inferred_s", |row| Field::Time(row.inferred_ns)),
    ("disputed_s", |row| Field::Time(row.disputed_ns)),
    ("unknown_s", |row| Field::Time(row.unknown_ns)),
    ("doubtful_s", |row| Field::Time(row.doubtful_ns)),
    ("involuntary_s", |row| Field::Time(row.involuntary_ns)),
];

const CHAT: &[Column<ChatRow>] = &[
    ("from", |row| Field::At(row.from)),
    ("to", |row| Field::At(row.to)),
    ("length_s", |row| Field::Time(row.length_ns)),
    ("status_observed_s", |row| status(row, Basis::Observed)),
    ("status_assumed_s", |row| status(row, Basis::Assumed)),
    ("status_inferred_s", |row| status(row, Basis::Inferred)),
    ("status_disputed_s", |row| status(row, Basis::Disputed)),
    ("status_unknown_s", |row| status(row, Basis::Unknown)),
    ("engagements_observed_s", |row| engagements(row, Basis::Observed)),
    ("engagements_assumed_s", |row| engagements(row, Basis::Assumed)),
    ("engagements_inferred_s", |row| engagements(row, Basis::Inferred)),
    ("engagements_disputed_s", |row| engagements(row, Basis::Disputed)),
    ("engagements_unknown_s", |row| engagements(row, Basis::Unknown)),
    ("concurrency_s", |row| Field::Time(row.concurrency_ns)),
    ("online_s", |row| Field::Time(row.online_ns)),
    ("busy_s", |row| Field::Time(row.busy_ns)),
    ("occupancy", |row| share(row.occupancy)),
];

const ADHERENCE: &[Column<AdherenceRow>] = &[
    ("from", |row| Field::At(row.from)),
    ("to", |row| Field::At(row.to)),
    ("track", |row| Field::Text(row.track.to_string())),
    ("scheduled_s", |row| Field::Time(row.scheduled_ns)),
    ("elapsed_s", |row| Field::Time(row.elapsed_ns)),
    ("adherent_s", |row| Field::Time(row.adherent_ns)),
    ("out_s", |row| Field::Time(row.out_ns)),
    ("unknown_s", |row| Field::Time(row.unknown_ns)),
    ("disputed_s", |row| Field::Time(row.disputed_ns)),
    ("inferred_s", |row| Field::Time(row.inferred_ns)),
    ("doubtful_s", |row| Field::Time(row.doubtful_ns)),
    ("adherence", |row| share(row.adherence)),
];

const SESSIONS: &[Column<SessionsRow>] = &[
    ("from", |row| Field::At(row.from)),
    ("to", |row| Field::At(row.to)),
    ("length_s", |row| Field::Time(row.length_ns)),
    ("sessions", |row| Field::Count(row.sessions)),
    ("logins", |row| Field::Count(row.logins)),
    ("logouts", |row| Field::Count(row.logouts)),
    ("first_login", |row| at(row.first_login)),
    ("first_login_basis", |row| text(row.first_login_basis.map(Basis::as_str))),
    ("last_logout", |row| at(row.last_logout)),
    ("last_logout_basis", |row| text(row.last_logout_basis.map(Basis::as_str))),
    ("session_s", |row| Field::Time(row.session_ns)),
    ("unknown_s", |row| Field::Time(row.unknown_ns)),
    ("continued", |row| Field::Text(row.continued.to_string())),
    ("open", |row| Field::Text(row.open.to_string())),
];

const EXCEPTION: &[Column<ExceptionRow>] = &[
    ("exception", |row| Field::Text(row.exception.to_string())),
    ("from", |row| Field::At(row.from)),
    ("to", |row| Field::At(row.to)),
    ("open", |row| Field::Text(row.open.to_string())),
    ("scheduled_from", |row| Field::At(row.scheduled_from)),
    ("scheduled_to", |row| Field::At(row.scheduled_to)),
    ("track", |row| Field::Text(row.track.to_string())),
    ("value", |row| value(&row.value)),
    ("out_s", |row| Field::Time(row.out_ns)),
    ("unknown_s", |row| Field::Time(row.unknown_ns)),
    ("disputed_s", |row| Field::Time(row.disputed_ns)),
    ("inferred_s", |row| Field::Time(row.inferred_ns)),
];

/// Time without a state has no column here: it is `unknown_s`.
fn channel_extras(row: &ChannelRow) -> Vec<(Extra, Field)> {
    let known = row.state.iter().filter_map(|time| Some((time.state.clone()?, time.ns)));
    let mut extras = added_up(known.map(|(state, ns)| (Extra::State(state), ns)));
    let removed = row.removed.iter();
    extras.extend(removed.map(|r| (Extra::Removed(r.reason.clone()), Field::Count(r.count))));
    extras
}

fn chat_extras(row: &ChatRow) -> Vec<(Extra, Field)> {
    let status = row.status.iter();
    let status = status.filter_map(|time| Some((Extra::Status(time.status.clone()?), time.ns)));
    let engaged = row.engagements.iter();
    let engaged = engaged.filter_map(|time| Some((Extra::Engagements(time.engagements?), time.ns)));
    added_up(status.chain(engaged))
}

/// The time in any state of the channel, on one basis.
fn state(row: &ChannelRow, basis: Basis) -> Field {
    Field::Time(row.state.iter().filter(|time| time.basis == basis).map(|time| time.ns).sum())
}

/// The time in any Chat status, on one basis.
fn status(row: &ChatRow, basis: Basis) -> Field {
    Field::Time(row.status.iter().filter(|time| time.basis == basis).map(|time| time.ns).sum())
}

/// The time at any number of engagements, on one basis.
fn engagements(row: &ChatRow, basis: Basis) -> Field {
    Field::Time(row.engagements.iter().filter(|time| time.basis == basis).map(|time| time.ns).sum())
}

fn id(id: Option<Id>) -> Field {
    id.map_or(Field::Nothing, |id| Field::Text(id.to_string()))
}

fn text(text: Option<&str>) -> Field {
    text.map_or(Field::Nothing, |text| Field::Text(text.to_owned()))
}

fn at(at: Option<Instant>) -> Field {
    at.map_or(Field::Nothing, Field::At)
}

/// A value of a track: the name of a unified state, or else its id.
pub(super) fn value(value: &TrackValue) -> Field {
    match value {
        TrackValue::Null => Field::Nothing,
        TrackValue::Text(text) => Field::Text(text.clone()),
        TrackValue::Number(number) => Field::Count(*number),
        TrackValue::UnifiedState { id, name, .. } => {
            Field::Text(name.clone().unwrap_or_else(|| id.clone()))
        }
        other => Field::Text(serde_json::to_string(other).expect("INVARIANT: a value is JSON")),
    }
}

fn share(share: Option<f64>) -> Field {
    share.map_or(Field::Nothing, Field::Share)
}

fn time(ns: Option<u128>) -> Field {
    ns.map_or(Field::Nothing, Field::Time)
}

/// Adds up the times that share a column.
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
        serde_json::from_value(data).expect("a row")
    }

    /// Some value that a schema allows, then values that each differ from it in one place, in every place.
    fn values(schema: &Value, named: &Value) -> Vec<Value> {
        if let Some(name) = schema["$ref"].as_str() {
            return values(&named[name.trim_start_matches("#/$defs/")], named);
        }
        if let Some(any) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            return any.iter().flat_map(|one| values(one, named)).take(2).collect();
        }
        if let Some(examples) = schema["examples"].as_array() {
            return examples.clone();
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
            "boolean" => vec![json!(false), json!(true)],
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
                let about = about(By::Group, RowKind::Channel, None).into_iter();
                (about.map(|(_, of)| of(row.about(), None)).collect::<Vec<_>>(), fixed, extras)
            };
            for other in rows {
                assert_ne!(columns(&first), columns(&other), "{first}\n{other}");
            }
        }
    }
}
