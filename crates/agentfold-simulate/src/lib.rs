//! A plausible contact centre whose agents emit Zendesk's agent events, the same bytes for the
//! same seed.
//!
//! A [`Simulation`] describes the floor: how many agents, for how long, and how badly their events
//! are delivered. [`Simulation::events`] streams the events as JSON text, in the exact shapes of
//! Zendesk's availability webhooks and of its Chat incremental agent events: every `previous_*` is
//! truly the value before, ids are unique, and each agent's versions rise by one.
//!
//! ```
//! use agentfold_simulate::Simulation;
//!
//! let simulation = Simulation { agents: 20, hours: 2, seed: 7, drop: 0.1, ..Simulation::default() };
//! let mut events = simulation.events();
//! let lines: Vec<String> = events.by_ref().collect();
//!
//! assert!(lines.iter().all(|line| line.starts_with(r#"{"account_id":"#)));
//! assert!(events.dropped() > 0);
//! assert_eq!(lines, simulation.events().collect::<Vec<String>>());
//! ```
//!
//! Beside the events, [`Simulation::truth`] streams what was true, to hold against what is made of
//! events that were lost, late or repeated.
//!
//! What happens on the floor is drawn from the seed alone, and what befalls the events on their way
//! from another stream of the same seed: losses, repeats and delays never change what was true.
//! Only integers decide, so a seed gives the same bytes on every machine, and memory grows with
//! agents and delays, never with hours.
//!
//! This crate is no load generator and no model of Zendesk's routing: it sends nothing anywhere and
//! reads no clock.

mod account;
mod admin;
mod agent;
mod chat;
mod delivery;
mod effect;
mod events;
mod floor;
mod instant;
mod random;
mod shift;
mod truth;
mod wire;
mod work;

pub use events::Events;
pub use truth::Truth;

use effect::Change;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Which of Zendesk's two feeds the agents emit.
///
/// Exhaustive on purpose: there are two feeds, and one may want either or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// Agent availability webhooks.
    #[default]
    Availability,
    /// Chat incremental agent events.
    Chat,
    /// Both, of the same agents, interleaved. Each feed's events are those it has alone.
    Both,
}

impl Feed {
    fn tells(self, change: &Change) -> bool {
        match self {
            Self::Availability => !change.is_chat(),
            Self::Chat => change.is_chat(),
            Self::Both => true,
        }
    }
}

/// A floor to simulate, and how its events are delivered.
///
/// ```
/// use agentfold_simulate::{Feed, Simulation};
///
/// let simulation = Simulation { agents: 4, hours: 9, feed: Feed::Chat, ..Simulation::default() };
/// let first = simulation.events().next().expect("someone logs in within nine hours");
/// assert!(first.contains(r#""field_name":"status""#));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// How many agents there are, over all accounts: one account for every 400, and two at least
    /// from four agents on.
    pub agents: u32,
    /// How long the simulation lasts. Most agents begin their first eight-hour shift within twenty
    /// minutes, the last after fourteen hours; each then works five days of seven.
    pub hours: u32,
    /// What everything is drawn from.
    pub seed: u64,
    /// The probability that an event is lost, from 0 to 1. Raising it loses the same events and
    /// others.
    pub drop: f64,
    /// The probability that an event that is not lost is delivered again, byte for byte, seconds or
    /// minutes later. From 0 to 1.
    pub duplicate: f64,
    /// The longest delay of a delivery in seconds. Each is delayed by a uniform 0 to this many
    /// seconds, so that events overtake one another; at 0, first deliveries come in time order.
    pub shuffle: u32,
    /// Which feed the agents emit.
    pub feed: Feed,
    /// When the simulation begins, in seconds since 1970. A chat id's seven digits hold instants
    /// until 2081.
    pub start: u64,
}

impl Default for Simulation {
    /// A hundred agents for eight hours from Monday, 2026-01-05T00:00:00Z, with webhooks that all
    /// arrive once and in order.
    fn default() -> Self {
        Self {
            agents: 100,
            hours: 8,
            seed: 0,
            drop: 0.0,
            duplicate: 0.0,
            shuffle: 0,
            feed: Feed::Availability,
            start: 1_767_571_200,
        }
    }
}

impl Simulation {
    /// Streams the events in the order of their delivery, each one JSON object without a newline.
    pub fn events(&self) -> Events {
        Events::new(self)
    }

    /// Streams the true spans of every track, each one JSON object without a newline.
    ///
    /// It walks the floor on its own, so that losses, repeats and delays are nothing to it:
    ///
    /// ```
    /// use agentfold_simulate::Simulation;
    ///
    /// let lossy = Simulation { agents: 9, drop: 0.5, shuffle: 90, ..Simulation::default() };
    /// let faultless = Simulation { drop: 0.0, shuffle: 0, ..lossy.clone() };
    /// assert!(lossy.events().count() < faultless.events().count());
    /// assert!(lossy.truth().eq(faultless.truth()));
    /// ```
    pub fn truth(&self) -> Truth {
        Truth::new(self)
    }
}
