//! [`Row`]: one line of a report, as data ([the contract](crate::contract::measures#as-data)).

use serde::de::{Error, IntoDeserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize};

use super::buffered::Buffered;
use super::exception::ExceptionKind;
use crate::history::Basis;
use crate::{Id, Instant, Track, TrackValue};

/// One line of a report. It can be read back from its data, in any order of keys.
///
/// ```
/// use agentfold::report::{Row, UnifiedStateRow};
///
/// let text = r#"{"row":"unified_state","account_id":"2","agent_id":"7","from":"2026-01-05T09:00:00Z","to":"2026-01-05T09:15:00Z","length_ns":900000000000,"id":"3","name":"online","ns":900000000000,"observed_ns":900000000000,"assumed_ns":0,"inferred_ns":0,"disputed_ns":0,"unknown_ns":0,"doubtful_ns":0,"involuntary_ns":0}"#;
/// let row: Row = serde_json::from_str(text)?;
/// assert!(matches!(&row, Row::UnifiedState(UnifiedStateRow { ns: 900_000_000_000, .. })));
/// assert_eq!(serde_json::to_string(&row)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "row", rename_all = "snake_case")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "most rows are of the greatest variant")]
pub enum Row {
    /// One or several agents on one channel.
    Channel(ChannelRow),
    /// One or several agents in one unified state.
    UnifiedState(UnifiedStateRow),
    /// One or several agents in the Chat export.
    Chat(ChatRow),
    /// An agent compared with a schedule.
    Adherence(AdherenceRow),
    /// A time in which an agent did not keep to a schedule.
    Exception(ExceptionRow),
    /// An agent's logins and logouts.
    Sessions(SessionsRow),
}

/// What a row is about.
///
/// In data, rows of one agent do not have the keys `group_id` and `agents`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct About {
    /// The account; `None` in rows by channel, which cover all accounts.
    pub account_id: Option<Id>,
    /// The agent; `None` in rows that roll up several.
    pub agent_id: Option<Id>,
    /// The group, in rows by group. `Some(None)` is for agents without a known group. By `group`,
    /// an agent counts fully in each of its groups, so these rows must not be added; by
    /// `group_split`, times add up.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub group_id: Option<Option<String>>,
    /// The number of agents, in rows that roll up several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<u64>,
}

/// One or several agents on one channel in one bucket. Durations are in nanoseconds.
///
/// Durations such as `busy_ns` count values of every basis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ChannelRow {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// The channel.
    pub channel: String,
    /// Where the bucket begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The bucket's length; in rows of several agents, the sum over them.
    pub length_ns: u128,
    /// The time in each state, by basis; adds up to `length_ns`.
    pub state: Vec<StateTime>,
    /// The time in which the state is doubtful: a version is missing between it and what speaks for
    /// it.
    pub doubtful_ns: u128,
    /// The time in the state `online` on the channel. An agent is online on several channels at
    /// once, so the sum over channels is more than the time that agents worked.
    pub online_ns: u128,
    /// The time online with at least one open item on the channel. An agent may be busy on several
    /// channels at once: do not add it over channels.
    pub busy_ns: u128,
    /// The number of open items, integrated over the time online: two items for an hour are two
    /// hours.
    pub item_ns: u128,
    /// As `item_ns`, without the items that are doubtful.
    pub item_least_ns: u128,
    /// As `item_ns`, with the items that may be open although they are not known to be.
    pub item_most_ns: u128,
    /// As `item_ns`, but only while the capacity is a known number. So it can be compared with
    /// `capacity_ns`.
    pub item_known_ns: u128,
    /// The capacity, integrated over the time online, while it is a known number.
    pub capacity_ns: u128,
    /// The time online with at least as many open items as the capacity, while that is a known
    /// number. An agent with capacity 0 is at capacity.
    pub at_capacity_ns: u128,
    /// `busy_ns` divided by `online_ns`: the share of the time online with an open item; `None` if
    /// never online.
    pub occupancy: Option<f64>,
    /// `item_known_ns` divided by `capacity_ns`: the share of the known capacity that is taken;
    /// `None` if that is 0.
    pub utilisation: Option<f64>,
    /// `item_ns` divided by `online_ns`: how many items are open at once, on average; `None` if
    /// never online.
    pub average_used_capacity: Option<f64>,
    /// How many items were opened, moves to the channel included.
    pub added: u64,
    /// How many items were closed, by reason, moves from the channel included.
    pub removed: Vec<Removed>,
    /// How many offers began: an item was offered to the agent, who may accept it.
    pub offered: u64,
    /// How many offers ended: accepted, missed, obsolete or withdrawn.
    pub offers_ended: u64,
    /// How many offers ended with their acceptance.
    pub offers_accepted: u64,
    /// How many items were accepted, with or without an offer before.
    pub accepted: u64,
    /// How many offers were missed, even if the offer's event is missing.
    pub missed: u64,
    /// `offers_accepted` divided by `offers_ended`; `None` if no offer ended. Items that are
    /// accepted automatically play no part.
    pub acceptance_rate: Option<f64>,
    /// The times from an offer to its acceptance.
    pub offer_time: Times,
    /// The times from an item's acceptance to its removal, or from its opening if it was never
    /// accepted. Each is counted once, on the channel and in the bucket of the removal.
    pub handle_time: Times,
}

/// One or several agents in one unified state in one bucket. Durations are in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct UnifiedStateRow {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// Where the bucket begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The bucket's length; in rows of several agents, the sum over them.
    pub length_ns: u128,
    /// The state's id; `None` for the time in which the state is unknown.
    pub id: Option<String>,
    /// Its name, as stated last.
    pub name: Option<String>,
    /// The time in the state: the sum of `observed_ns`, `assumed_ns`, `inferred_ns`, `disputed_ns`
    /// and `unknown_ns`. An agent is in one unified state at a time, so the times in all of them
    /// add up to the agent's hours.
    pub ns: u128,
    /// The part of `ns` that is observed: the next event confirms it.
    pub observed_ns: u128,
    /// The part of `ns` that is assumed: no later event confirms or contradicts it.
    pub assumed_ns: u128,
    /// The part of `ns` that is inferred: the first event states it as the value before.
    pub inferred_ns: u128,
    /// The part of `ns` that is disputed: the next event states another value before it.
    pub disputed_ns: u128,
    /// The part of `ns` that is unknown.
    pub unknown_ns: u128,
    /// How much of `ns` is doubtful: a version is missing between it and what speaks for it.
    pub doubtful_ns: u128,
    /// The part of `ns` that the system caused, not the agent: disconnected, idle, reconnected.
    pub involuntary_ns: u128,
}

/// One or several agents in the Chat export in one bucket. Durations are in nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ChatRow {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// Where the bucket begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The bucket's length; in rows of several agents, the sum over them.
    pub length_ns: u128,
    /// The time in each status, by basis; adds up to `length_ns`.
    pub status: Vec<StatusTime>,
    /// The time with each number of engagements, by basis; adds up to `length_ns`.
    pub engagements: Vec<EngagementsTime>,
    /// The number of engagements, integrated over the bucket, in any status: two chats for an hour
    /// are two hours.
    pub concurrency_ns: u128,
    /// The time in the status `online`.
    pub online_ns: u128,
    /// The time online with at least one engagement.
    pub busy_ns: u128,
    /// `busy_ns` divided by `online_ns`: the share of the time online with an engagement; `None` if
    /// never online.
    pub occupancy: Option<f64>,
}

/// An agent compared with a line of a schedule. Durations are in nanoseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct AdherenceRow {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// Where the schedule's line begins.
    pub from: Instant,
    /// Where it ends, clipped at `as_of`.
    pub to: Instant,
    /// The track that is compared with the schedule.
    pub track: Track,
    /// The whole length of the schedule's line.
    pub scheduled_ns: u128,
    /// The part of it that had elapsed by `as_of`: the sum of `adherent_ns`, `out_ns` and
    /// `unknown_ns`.
    pub elapsed_ns: u128,
    /// The time in a scheduled state.
    pub adherent_ns: u128,
    /// The time in another state.
    pub out_ns: u128,
    /// The time in which the state is unknown.
    pub unknown_ns: u128,
    /// How much of `elapsed_ns` is disputed.
    pub disputed_ns: u128,
    /// How much of `elapsed_ns` is inferred.
    pub inferred_ns: u128,
    /// How much of `elapsed_ns` is doubtful.
    pub doubtful_ns: u128,
    /// `adherent_ns` divided by `elapsed_ns`; `None` if no time has elapsed.
    pub adherence: Option<f64>,
}

/// A time in which an agent did not keep to a line of their schedule. Durations are in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ExceptionRow {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// Where it begins.
    pub from: Instant,
    /// Where it ends: `as_of` if it is open.
    pub to: Instant,
    /// The track that is compared with the schedule.
    pub track: Track,
    /// How the agent did not keep to the line.
    pub exception: ExceptionKind,
    /// Whether it still goes on at `as_of`, before the line ends.
    pub open: bool,
    /// Where the schedule's line begins.
    pub scheduled_from: Instant,
    /// Where it ends.
    pub scheduled_to: Instant,
    /// The last value in this time, as in the state. Null if it is unknown.
    pub value: TrackValue,
    /// The part in another state than the scheduled ones.
    pub out_ns: u128,
    /// The part in which the state is unknown.
    pub unknown_ns: u128,
    /// How much of it is disputed.
    pub disputed_ns: u128,
    /// How much of it is inferred.
    pub inferred_ns: u128,
}

/// When an agent logged in and out in one bucket. Durations are in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct SessionsRow {
    /// What it is about.
    #[serde(flatten)]
    pub about: About,
    /// Where the bucket begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The bucket's length.
    pub length_ns: u128,
    /// How many sessions have a part in the bucket.
    pub sessions: u64,
    /// How many of them begin in it.
    pub logins: u64,
    /// How many of them end in it.
    pub logouts: u64,
    /// The first login; `None` if no session begins in the bucket.
    pub first_login: Option<Instant>,
    /// How certain it is that the agent was offline before it; unknown if nothing says so.
    pub first_login_basis: Option<Basis>,
    /// The last logout; `None` if no session ends in the bucket.
    pub last_logout: Option<Instant>,
    /// How certain it is that the session lasted until then; unknown if its end is not known.
    pub last_logout_basis: Option<Basis>,
    /// The time in sessions.
    pub session_ns: u128,
    /// The time of which nothing is known.
    pub unknown_ns: u128,
    /// Whether a session goes on at the beginning of the bucket, begun before.
    pub continued: bool,
    /// Whether a session goes on at the end of the bucket.
    pub open: bool,
}

/// The time in one state with one basis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct StateTime {
    /// The state; `None` if it is unknown.
    pub state: Option<String>,
    /// How certain it is.
    pub basis: Basis,
    /// The time, in nanoseconds.
    pub ns: u128,
}

/// The time in one chat status with one basis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct StatusTime {
    /// The status; `None` if it is unknown.
    pub status: Option<String>,
    /// How certain it is.
    pub basis: Basis,
    /// The time, in nanoseconds.
    pub ns: u128,
}

/// The time with one number of engagements and one basis.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct EngagementsTime {
    /// The number; `None` if it is unknown.
    pub engagements: Option<u64>,
    /// How certain it is.
    pub basis: Basis,
    /// The time, in nanoseconds.
    pub ns: u128,
}

/// How many items left for one reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Removed {
    /// The reason; `None` if none was given.
    pub reason: Option<String>,
    /// How many items.
    pub count: u64,
}

/// How long something took, in nanoseconds. Quantiles are exact, by nearest rank.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Times {
    /// How many there are.
    pub count: u64,
    /// Their sum.
    pub sum_ns: u128,
    /// The shortest. This and all fields that follow are `None` if there are no times.
    pub min_ns: Option<u128>,
    /// The longest.
    pub max_ns: Option<u128>,
    /// The median: 50 percent took no longer.
    pub p50_ns: Option<u128>,
    /// 90 percent took no longer.
    pub p90_ns: Option<u128>,
    /// 95 percent took no longer.
    pub p95_ns: Option<u128>,
}

/// A ratio as data: both numbers are rounded to binary64, then divided. `None` if `whole` is 0.
pub(crate) fn ratio(part: u128, whole: u128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Row {
    /// What the row is about.
    pub fn about(&self) -> &About {
        match self {
            Row::Channel(row) => &row.about,
            Row::UnifiedState(row) => &row.about,
            Row::Chat(row) => &row.about,
            Row::Adherence(row) => &row.about,
            Row::Exception(row) => &row.about,
            Row::Sessions(row) => &row.about,
        }
    }

    /// Where the row's bucket begins.
    pub fn starts_at(&self) -> Instant {
        match self {
            Row::Channel(row) => row.from,
            Row::UnifiedState(row) => row.from,
            Row::Chat(row) => row.from,
            Row::Adherence(row) => row.from,
            Row::Exception(row) => row.from,
            Row::Sessions(row) => row.from,
        }
    }

    /// Where the row's bucket ends.
    pub fn ends_at(&self) -> Instant {
        match self {
            Row::Channel(row) => row.to,
            Row::UnifiedState(row) => row.to,
            Row::Chat(row) => row.to,
            Row::Adherence(row) => row.to,
            Row::Exception(row) => row.to,
            Row::Sessions(row) => row.to,
        }
    }

    /// The word for the kind of row, as in data.
    pub fn kind(&self) -> &'static str {
        match self {
            Row::Channel(_) => "channel",
            Row::UnifiedState(_) => "unified_state",
            Row::Chat(_) => "chat",
            Row::Adherence(_) => "adherence",
            Row::Exception(_) => "exception",
            Row::Sessions(_) => "sessions",
        }
    }

    /// Whether the row has no information: all its time is unknown, and nothing happened. A sparse
    /// report omits such rows.
    pub fn is_unknown(&self) -> bool {
        match self {
            Row::Channel(row) => {
                let moved = row.offered + row.offers_ended + row.accepted + row.missed;
                row.state.iter().all(|time| time.state.is_none())
                    && row.added + moved == 0
                    && row.removed.is_empty()
            }
            Row::UnifiedState(row) => row.id.is_none(),
            Row::Chat(row) => {
                let mut engagements = row.engagements.iter();
                row.status.iter().all(|time| time.status.is_none())
                    && engagements.all(|time| time.engagements.is_none())
            }
            Row::Adherence(row) => row.unknown_ns == row.elapsed_ns,
            Row::Exception(_) => false,
            Row::Sessions(row) => row.unknown_ns == row.length_ns,
        }
    }
}

impl<'de> Deserialize<'de> for Row {
    /// Reads a row, with its keys in any order.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Row, D::Error> {
        struct Rows;

        impl<'de> Visitor<'de> for Rows {
            type Value = Row;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a row of a report")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
                let mut before: Vec<(String, Buffered)> = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "row" && before.is_empty() {
                        let kind = map.next_value()?;
                        return of_kind(kind, MapAccessDeserializer::new(map));
                    }
                    before.push((key, map.next_value()?));
                }
                let place = before.iter().position(|(key, _)| key == "row");
                let place = place.ok_or_else(|| A::Error::missing_field("row"))?;
                let (_, kind) = before.swap_remove(place);
                let kind = match &kind {
                    Buffered::Text(kind) => {
                        RowKind::deserialize(kind.as_str().into_deserializer())?
                    }
                    _ => return Err(A::Error::custom("the kind of a row is not text")),
                };
                of_kind(kind, Buffered::Fields(before).into_deserializer())
            }
        }

        fn of_kind<'de, D: Deserializer<'de>>(kind: RowKind, row: D) -> Result<Row, D::Error> {
            Ok(match kind {
                RowKind::Channel => Row::Channel(Deserialize::deserialize(row)?),
                RowKind::UnifiedState => Row::UnifiedState(Deserialize::deserialize(row)?),
                RowKind::Chat => Row::Chat(Deserialize::deserialize(row)?),
                RowKind::Adherence => Row::Adherence(Deserialize::deserialize(row)?),
                RowKind::Exception => Row::Exception(Deserialize::deserialize(row)?),
                RowKind::Sessions => Row::Sessions(Deserialize::deserialize(row)?),
            })
        }

        deserializer.deserialize_map(Rows)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RowKind {
    Channel,
    UnifiedState,
    Chat,
    Adherence,
    Exception,
    Sessions,
}

/// Reads a key that is present, even if it is null.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Deserialize::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_of_nothing_is_none() {
        assert_eq!(ratio(1, 3), Some(1.0 / 3.0));
        assert_eq!(ratio(0, 0), None);
    }
}
