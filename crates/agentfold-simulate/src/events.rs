//! The stream of simulated events.

use std::fmt;
use std::iter::FusedIterator;

use crate::delivery::Delivery;
use crate::floor::Floor;
use crate::wire::Wire;
use crate::{Feed, Simulation};

/// The events of a [`Simulation`] in order of delivery, each a JSON object. No newline follows an event.
///
/// Counts the lost and duplicated events so far. After the last event, the counts are complete:
///
/// ```
/// use agentfold_simulate::Simulation;
///
/// let simulation = Simulation { agents: 9, drop: 0.2, duplicate: 0.1, ..Simulation::default() };
/// let mut events = simulation.events();
/// let delivered = events.by_ref().count() as u64;
///
/// let faultless = Simulation { drop: 0.0, duplicate: 0.0, ..simulation };
/// let true_events = faultless.events().count() as u64;
/// assert_eq!(delivered, true_events - events.dropped() + events.duplicated());
/// ```
pub struct Events {
    floor: Floor,
    wire: Wire,
    delivery: Delivery,
    feed: Feed,
    /// The current instant on the floor.
    now: u64,
}

impl Events {
    pub(crate) fn new(simulation: &Simulation) -> Self {
        Self {
            floor: Floor::new(simulation),
            wire: Wire::new(simulation),
            delivery: Delivery::new(simulation),
            feed: simulation.feed,
            now: 0,
        }
    }

    /// Returns the number of events lost so far.
    pub fn dropped(&self) -> u64 {
        self.delivery.dropped
    }

    /// Returns the number of events duplicated so far. No event is delivered more than twice.
    pub fn duplicated(&self) -> u64 {
        self.delivery.duplicated
    }
}

impl Iterator for Events {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            // All later effects are at `now` or later, so this event is the next to arrive.
            if let Some(line) = self.delivery.arrived(self.now) {
                return Some(line);
            }
            let Some(effect) = self.floor.next() else {
                self.now = u64::MAX;
                return self.delivery.arrived(self.now);
            };
            self.now = effect.at;
            if self.feed.reports(&effect.change) {
                self.delivery.send(effect.at, self.wire.line(&effect));
            }
        }
    }
}

impl FusedIterator for Events {}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("dropped", &self.dropped())
            .field("duplicated", &self.duplicated())
            .finish_non_exhaustive()
    }
}
