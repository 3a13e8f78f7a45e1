//! [`Rows`]: the rows of an agent in the picture.

use std::collections::BTreeMap;

use agentfold::history::{Basis, Interval, Window};
use agentfold::{Agent, Aspect, Error, Fold, Instant, Track, TrackValue};

/// The rows of an agent: its unified state, its channels by name, and Chat.
pub(crate) struct Rows {
    pub(super) agent: Agent,
    /// What the agent is called, if that is known.
    pub(super) name: Option<String>,
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
    /// The rows of an agent in a window; `None` if there is nothing to draw.
    ///
    /// # Errors
    /// As [`Fold::intervals`].
    pub(crate) fn of(fold: &Fold, agent: Agent, window: &Window) -> Result<Option<Rows>, Error> {
        let mut unified = None;
        let mut chat = None;
        let mut channels: BTreeMap<String, Row> = BTreeMap::new();
        for interval in fold.intervals(agent, None, window)? {
            let channel = |channels| of_channel(channels, interval.track.channel());
            match interval.track.aspect() {
                Aspect::UnifiedState => {
                    row(&mut unified, "unified state", "").states.push(state(&interval));
                }
                Aspect::ChatStatus => {
                    row(&mut chat, "chat export", "chat").states.push(state(&interval));
                }
                Aspect::ChatEngagements => {
                    let load = row(&mut chat, "chat export", "chat").load.get_or_insert_default();
                    load.extend(number(&interval));
                }
                Aspect::State => channel(&mut channels).states.push(state(&interval)),
                Aspect::MaxCapacity => channel(&mut channels).capacity.extend(number(&interval)),
                Aspect::Access if interval.value == false => {
                    channel(&mut channels).no_access.push(stretch(&interval, ()));
                }
                Aspect::Access | Aspect::WorkItem => {
                    channel(&mut channels);
                }
                _ => {}
            }
        }
        for (name, row) in &mut channels {
            let load = fold.intervals(agent, Some(&Track::Load(name.clone())), window)?;
            row.load = Some(load.iter().filter_map(number).collect());
        }
        let rows: Vec<Row> =
            unified.into_iter().chain(channels.into_values()).chain(chat).collect();
        Ok((!rows.is_empty()).then_some(Rows { agent, name: None, rows }))
    }

    /// The rows with a name beside the agent's id.
    pub(crate) fn with_name(self, name: Option<&str>) -> Rows {
        Rows { name: name.map(str::to_owned), ..self }
    }
}

/// The row of a channel.
fn of_channel<'r>(channels: &'r mut BTreeMap<String, Row>, channel: Option<&str>) -> &'r mut Row {
    let name = channel.unwrap_or_default();
    let row = || Row { name: name.to_owned(), unit: "open item", ..Row::default() };
    channels.entry(name.to_owned()).or_insert_with(row)
}

/// The row of this name, which counts this.
fn row<'r>(row: &'r mut Option<Row>, name: &str, unit: &'static str) -> &'r mut Row {
    row.get_or_insert_with(|| Row { name: name.to_owned(), unit, ..Row::default() })
}

fn stretch<T>(interval: &Interval, value: T) -> Stretch<T> {
    Stretch { from: interval.from, to: interval.to, value, basis: interval.basis }
}

fn number(interval: &Interval) -> Option<Stretch<u64>> {
    Some(stretch(interval, interval.value.as_u64()?))
}

fn state(interval: &Interval) -> Stretch<Option<State>> {
    let state = match &interval.value {
        TrackValue::UnifiedState { id, name, reason } => {
            Some(State { name: name.as_ref().unwrap_or(id).clone(), reason: reason.clone() })
        }
        value => value.as_str().map(|name| State { name: name.to_owned(), reason: None }),
    };
    stretch(interval, state)
}
