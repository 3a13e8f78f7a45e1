//! Delivery: losses, duplicates and delays of events.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::Simulation;
use crate::instant::SECOND;
use crate::random::{Random, Stream};

/// Loses, duplicates and delays events, and returns them in order of arrival.
pub(crate) struct Delivery {
    parcels: BinaryHeap<Reverse<Parcel>>,
    order: u64,
    random: Random,
    drop: u64,
    duplicate: u64,
    longest_delay: u64,
    pub(crate) dropped: u64,
    pub(crate) duplicated: u64,
}

/// An event in transit.
struct Parcel {
    due: u64,
    order: u64,
    line: String,
}

impl Delivery {
    pub(crate) fn new(simulation: &Simulation) -> Self {
        Self {
            parcels: BinaryHeap::new(),
            order: 0,
            random: Random::new(simulation.seed, Stream::Delivery),
            drop: threshold(simulation.drop),
            duplicate: threshold(simulation.duplicate),
            longest_delay: u64::from(simulation.shuffle) * SECOND,
            dropped: 0,
            duplicated: 0,
        }
    }

    /// Sends an event at an instant.
    pub(crate) fn send(&mut self, at: u64, line: String) {
        // Draw the same numbers for every event, used or not, so that the loss of an event does not
        // depend on other events, duplicates or delays.
        let lost = u64::from(self.random.word()) < self.drop;
        let repeated = u64::from(self.random.word()) < self.duplicate;
        let delay = self.random.between(0, self.longest_delay);
        let again = match self.random.below(4) {
            0 => self.random.between(30 * SECOND, 600 * SECOND),
            _ => self.random.between(SECOND, 30 * SECOND),
        };

        let due = at.saturating_add(delay);
        if lost {
            self.dropped += 1;
            return;
        }
        if repeated {
            self.duplicated += 1;
            self.put(due.saturating_add(again), line.clone());
        }
        self.put(due, line);
    }

    /// Returns the next event that has arrived by `now`.
    pub(crate) fn arrived(&mut self, now: u64) -> Option<String> {
        if self.parcels.peek()?.0.due > now {
            return None;
        }
        self.parcels.pop().map(|Reverse(parcel)| parcel.line)
    }

    fn put(&mut self, due: u64, line: String) {
        self.order += 1;
        self.parcels.push(Reverse(Parcel { due, order: self.order, line }));
    }
}

/// The number of 32-bit words that represent a probability.
fn threshold(probability: f64) -> u64 {
    // Scaling by a power of two is exact on every machine; NaN becomes 0.
    (probability.clamp(0.0, 1.0) * 4_294_967_296.0) as u64
}

impl Ord for Parcel {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.order).cmp(&(other.due, other.order))
    }
}

impl PartialOrd for Parcel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Parcel {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Parcel {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_become_shares_of_all_words() {
        assert_eq!(threshold(0.0), 0);
        assert_eq!(threshold(0.25), 1 << 30);
        assert_eq!(threshold(1.0), 1 << 32);
        assert_eq!(threshold(-3.0), 0);
        assert_eq!(threshold(7.0), 1 << 32);
        assert_eq!(threshold(f64::NAN), 0);
    }

    #[test]
    fn everything_is_lost_at_probability_one() {
        let mut delivery = Delivery::new(&Simulation { drop: 1.0, ..Simulation::default() });
        for at in 0..1000 {
            delivery.send(at, String::new());
        }
        assert_eq!(delivery.dropped, 1000);
        assert_eq!(delivery.arrived(u64::MAX), None);
    }

    #[test]
    fn an_event_waits_until_it_is_due() {
        let simulation = Simulation { shuffle: 60, ..Simulation::default() };
        let mut delivery = Delivery::new(&simulation);
        delivery.send(5, "event".to_owned());
        let due = delivery.parcels.peek().expect("nothing is lost").0.due;
        assert!((5..=5 + 60 * SECOND).contains(&due));
        assert_eq!(delivery.arrived(due - 1), None);
        assert_eq!(delivery.arrived(due), Some("event".to_owned()));
    }
}
