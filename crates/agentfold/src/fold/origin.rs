//! [`Origin`]: where a transition comes from.

use std::cmp::Ordering;

use crate::kind::Kind;

/// Where a transition comes from: its kind in [the contract](crate::contract::fold#tracks).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// An event.
    Event(Kind),
    /// A record of Zendesk's REST API, which is not an event.
    Rest,
}

/// The contract's number of a REST record.
const REST: u8 = 11;

impl Origin {
    /// The number in the contract's table. It is saved, and orders simultaneous transitions.
    #[inline(always)]
    pub(crate) fn number(self) -> u8 {
        match self {
            Origin::Event(kind) => kind as u8,
            Origin::Rest => REST,
        }
    }

    pub(crate) fn from_number(number: u8) -> Option<Origin> {
        if number == REST {
            return Some(Origin::Rest);
        }
        Kind::ALL.iter().find(|kind| **kind as u8 == number).copied().map(Origin::Event)
    }

    /// The kind's name, or `rest`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Origin::Event(kind) => kind.as_str(),
            Origin::Rest => "rest",
        }
    }
}

impl Ord for Origin {
    #[inline(always)]
    fn cmp(&self, other: &Origin) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl PartialOrd for Origin {
    #[inline(always)]
    fn partial_cmp(&self, other: &Origin) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_origin_has_a_number_of_its_own() {
        for kind in Kind::ALL {
            assert_ne!(*kind as u8, REST);
        }
        for origin in Kind::ALL.iter().map(|kind| Origin::Event(*kind)).chain([Origin::Rest]) {
            assert_eq!(Origin::from_number(origin.number()), Some(origin));
        }
        assert_eq!(Origin::from_number(u8::MAX), None);
        assert_eq!(size_of::<Origin>(), 1);
    }
}
