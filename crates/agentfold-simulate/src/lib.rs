//! Simulates a contact centre that emits Zendesk's agent events, with the same bytes for the same
//! seed.
//!
//! A [`Simulation`] sets the number of agents, the duration, and how unreliably events are
//! delivered. [`Simulation::events`] streams the events as JSON text, in the exact format of
//! Zendesk's availability webhooks and of the Chat incremental export: every `previous_*` is the
//! value before, ids are unique, and the versions of each agent increase by one, or by a given step.
//! A [`Spelling`] writes the same events as other JSON text.
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
//! [`Simulation::truth`] streams the true history, so that you can compare it with a history that
//! was reconstructed from lost, late or duplicated events.
//!
//! What happens on the floor depends only on the seed. Losses, duplicates and delays are drawn from
//! a separate stream of random numbers, so they never change the true history. The simulation uses
//! only integers, so a seed gives the same bytes on every machine. Memory grows with the number of
//! agents and the delays, not with the hours.
//!
//! This crate is not a load generator, and not a model of Zendesk's routing: it sends nothing and
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
mod spelling;
mod truth;
mod wire;
mod work;

pub use events::Events;
pub use spelling::Spelling;
pub use truth::Truth;

use effect::Change;

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// The feeds that the agents emit.
///
/// Exhaustive on purpose: Zendesk has two feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feed {
    /// Agent availability webhooks.
    #[default]
    Availability,
    /// The Chat incremental export.
    Chat,
    /// Both, interleaved, for the same agents. Each feed has the same events as it has alone.
    Both,
}

impl Feed {
    fn reports(self, change: &Change) -> bool {
        match self {
            Self::Availability => !change.is_chat(),
            Self::Chat => change.is_chat(),
            Self::Both => true,
        }
    }
}

/// The parameters of a simulation.
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
    /// The number of agents in all accounts. There is one account per 400 agents, and at least two
    /// accounts for four or more agents.
    pub agents: u32,
    /// The duration in hours. Most agents begin their first eight-hour shift within twenty minutes,
    /// the last one after fourteen hours. Each agent then works on five of seven days.
    pub hours: u32,
    /// The seed of the random numbers.
    pub seed: u64,
    /// The probability that an event is lost, from 0 to 1. A higher probability loses the same
    /// events and more.
    pub drop: f64,
    /// The probability that an event that is not lost is delivered a second time, from 0 to 1. The
    /// duplicate has the same bytes and arrives seconds or minutes later.
    pub duplicate: f64,
    /// The maximum delay of a delivery in seconds. Each delay is drawn uniformly from 0 to this
    /// number, so events arrive out of order. At 0, first deliveries arrive in time order.
    pub shuffle: u32,
    /// The feeds that the agents emit.
    pub feed: Feed,
    /// By how much an agent's version rises with each event; 0 counts as 1. Above 1, most versions never
    /// arrive, as if Zendesk also counted changes that it reports to nobody.
    ///
    /// ```
    /// use agentfold_simulate::Simulation;
    ///
    /// let simulation = Simulation { agents: 1, hours: 1, version_step: 3, ..Simulation::default() };
    /// let second = simulation.events().nth(1).expect("an event");
    /// assert!(second.contains(r#""version":"6""#));
    /// ```
    pub version_step: u64,
    /// How the JSON of each event is written.
    pub spelling: Spelling,
    /// When the simulation begins, in seconds since 1970. The seven digits of a chat id represent
    /// instants until 2081.
    pub start: u64,
}

impl Default for Simulation {
    /// A hundred agents for eight hours from Monday, 2026-01-05T00:00:00Z, with webhooks that
    /// arrive exactly once and in order.
    fn default() -> Self {
        Self {
            agents: 100,
            hours: 8,
            seed: 0,
            drop: 0.0,
            duplicate: 0.0,
            shuffle: 0,
            feed: Feed::Availability,
            version_step: 1,
            spelling: Spelling::Documented,
            start: 1_767_571_200,
        }
    }
}

impl Simulation {
    /// Streams the events in order of delivery, each a JSON object. Only [`Spelling::Pretty`] writes
    /// newlines, between the lines of an event.
    pub fn events(&self) -> Events {
        Events::new(self)
    }

    /// Streams the true spans of every track, each a JSON object without a newline.
    ///
    /// Losses, duplicates and delays do not change them:
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
