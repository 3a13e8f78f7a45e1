//! [`Rows`]: the rows of an agent in the picture.

use std::collections::BTreeMap;

use agentfold::history::{Basis, Interval};
use agentfold::{Agent, Instant};
use serde_json::Value as Json;

/// The rows of an agent: its unified state, its channels by name, and Chat.
pub(crate) struct Rows {
    pub(super) agent: Agent,
    pub(super) rows: Vec<Row>,
}

/// A row: the states of one track, and the load above them.
#[derive(Default)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) states: Vec<Stretch<Option<State>>>,
    /// When the agent has no access to the channel.
    pub(super) no_access: Vec<Stretch<()>>,
    /// The number of open items or chats; `None` for the unified state.
    pub(super) load: Option<Vec<Stretch<u64>>>,
    /// The unit of the load.
    pub(super) unit: &'static str,
    /// The capacity, when it is a number.
    pub(super) capacity: Vec<Stretch<u64>>,
}

/// A stretch of time with one value.
pub(super) struct Stretch<T> {
    pub(super) from: Instant,
    pub(super) to: Instant,
    pub(super) value: T,
    pub(super) basis: Basis,
}

/// A state, with its reason if there is one.
pub(super) struct State {
    pub(super) name: String,
    pub(super) reason: Option<String>,
}

impl Rows {
    /// The rows for an agent's intervals; `None` if there is nothing to draw.
    pub(crate) fn of(agent: Agent, intervals: &[Interval]) -> Option<Rows> {
        let mut unified = None;
        let mut chat = None;
        let mut channels: BTreeMap<&str, (Row, Vec<&Interval>)> = BTreeMap::new();
        for interval in intervals {
            match interval.track.as_str() {
                "unified_state" => {
                    row(&mut unified, "unified state", "").states.push(state(interval))
                }
                "chat_status" => row(&mut chat, "chat export", "chat").states.push(state(interval)),
                "chat_engagements" => {
                    let load = row(&mut chat, "chat export", "chat").load.get_or_insert_default();
                    load.extend(number(interval));
                }
                track => {
                    let Some((kind, channel)) = of_channel(track) else { continue };
                    let (row, items) = channels.entry(channel).or_default();
                    match kind {
                        "state" => row.states.push(state(interval)),
                        "max_capacity" => row.capacity.extend(number(interval)),
                        "access" if interval.value == false => {
                            row.no_access.push(stretch(interval, ()));
                        }
                        "work_item" => items.push(interval),
                        _ => {}
                    }
                }
            }
        }
        // Nothing is known before the first event, or before the cut.
        let known = intervals.iter().filter(|interval| interval.basis != Basis::Unknown);
        let known_from = known.map(|interval| interval.from).min();
        let end = intervals.iter().map(|interval| interval.to).max();
        let channels = channels.into_iter().map(|(name, (row, items))| Row {
            name: name.to_owned(),
            unit: "open item",
            load: known_from.zip(end).map(|(from, end)| load(&items, from, end)),
            ..row
        });
        let rows: Vec<Row> = unified.into_iter().chain(channels).chain(chat).collect();
        (!rows.is_empty()).then_some(Rows { agent, rows })
    }
}

/// The row, made with a name and a unit if it does not exist.
fn row<'r>(row: &'r mut Option<Row>, name: &str, unit: &'static str) -> &'r mut Row {
    row.get_or_insert_with(|| Row { name: name.to_owned(), unit, ..Row::default() })
}

/// The kind and the channel of a track; `None` for a track without a channel.
fn of_channel(track: &str) -> Option<(&str, &str)> {
    if let Some(item) = track.strip_prefix("work_item[") {
        return Some(("work_item", item.rsplit_once("]@")?.1));
    }
    track.strip_suffix(']')?.split_once('[')
}

fn stretch<T>(interval: &Interval, value: T) -> Stretch<T> {
    Stretch { from: interval.from, to: interval.to, value, basis: interval.basis }
}

fn number(interval: &Interval) -> Option<Stretch<u64>> {
    Some(stretch(interval, interval.value.as_u64()?))
}

fn state(interval: &Interval) -> Stretch<Option<State>> {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let (name, reason) = match &interval.value {
        Json::Object(unified) => {
            let field = |key| unified.get(key).and_then(text);
            (field("name").or_else(|| field("id")), field("reason"))
        }
        value => (text(value), None),
    };
    stretch(interval, name.map(|name| State { name, reason }))
}

/// The number of open items on a channel, on the worst basis of any of them.
fn load(items: &[&Interval], from: Instant, end: Instant) -> Vec<Stretch<u64>> {
    // An inferred item does not count as load (`measures.md`, Seconds).
    let open = items.iter().filter(|item| {
        item.value["open"] == true && !matches!(item.basis, Basis::Inferred | Basis::Unknown)
    });
    let steps = open.flat_map(|item| [(item.from, item.basis, 1), (item.to, item.basis, -1)]);
    let ends = [from, end].map(|at| (at, Basis::Observed, 0));
    let mut steps: Vec<(Instant, Basis, i64)> = steps.chain(ends).collect();
    steps.sort_unstable();
    let mut open = Basis::ALL.map(|basis| (basis, 0));
    let mut load: Vec<Stretch<u64>> = Vec::new();
    for (i, (from, basis, more)) in steps.iter().enumerate() {
        open[*basis as usize].1 += more;
        let Some((to, ..)) = steps.get(i + 1).filter(|(to, ..)| to > from) else { continue };
        let value = open.iter().map(|(_, count)| count).sum::<i64>().unsigned_abs();
        let worst = open.iter().rev().find(|(_, count)| *count > 0);
        let basis = worst.map_or(Basis::Observed, |(basis, _)| *basis);
        match load.last_mut() {
            Some(last) if (last.value, last.basis) == (value, basis) => last.to = *to,
            _ => load.push(Stretch { from: *from, to: *to, value, basis }),
        }
    }
    load
}
