//! [`Versions`]: the versions of an agent that were seen.

use std::collections::BTreeMap;

use smallvec::SmallVec;

/// How many ranges are searched and moved in a list.
const FEW: usize = 64;

/// A set of numbers, as inclusive ranges that neither touch nor overlap.
#[derive(Debug, Clone)]
pub(crate) enum Versions {
    // INVARIANT: sorted, and at most `FEW`.
    Few(SmallVec<[(u64, u64); 1]>),
    /// Ends by beginnings: an agent whose versions arrive in disorder.
    Many(BTreeMap<u64, u64>),
}

impl Default for Versions {
    fn default() -> Versions {
        Versions::Few(SmallVec::new())
    }
}

impl Versions {
    /// The ranges, ascending.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (u64, u64)> {
        let (few, many) = match self {
            Versions::Few(ranges) => (Some(ranges), None),
            Versions::Many(ranges) => (None, Some(ranges)),
        };
        let many = many.into_iter().flatten().map(|(first, last)| (*first, *last));
        few.into_iter().flatten().copied().chain(many)
    }

    /// Adds a version, and returns whether it is new. Version 0 counts as none.
    #[inline]
    pub(crate) fn add(&mut self, version: u64) -> bool {
        let last = match self {
            Versions::Few(ranges) => ranges.last_mut().map(|(_, end)| end),
            Versions::Many(_) => None,
        };
        match last {
            _ if version == 0 => false,
            // The usual case: the next version.
            Some(end) if version.checked_sub(1) == Some(*end) => {
                *end = version;
                true
            }
            _ => self.add_range(version, version),
        }
    }

    /// Adds all versions from `first` to `last`, and returns whether one of them is new.
    pub(crate) fn add_range(&mut self, first: u64, last: u64) -> bool {
        let ranges = match self {
            Versions::Few(ranges) => ranges,
            Versions::Many(ranges) => return add_range(ranges, first, last),
        };
        // The ranges that touch or overlap the new one.
        let from = match ranges.last() {
            Some((_, end)) if *end < first.saturating_sub(1) => ranges.len(),
            _ => ranges.partition_point(|(_, end)| *end < first.saturating_sub(1)),
        };
        let to =
            from + ranges[from..].partition_point(|(start, _)| *start <= last.saturating_add(1));
        if to == from + 1 && ranges[from].0 <= first && last <= ranges[from].1 {
            return false;
        }
        let joined =
            ranges[from..to].iter().fold((first, last), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        ranges.drain(from..to);
        ranges.insert(from, joined);
        if ranges.len() > FEW {
            *self = Versions::Many(ranges.drain(..).collect());
        }
        true
    }

    /// The versions between the least and the greatest that were never seen, as ranges.
    pub(crate) fn missing(&self) -> Vec<(u64, u64)> {
        let pairs = self.ranges().zip(self.ranges().skip(1));
        pairs.map(|(before, after)| (before.1 + 1, after.0 - 1)).collect()
    }

    /// Whether a version between `from` and `to`, both seen, was never seen.
    pub(crate) fn misses_between(&self, from: u64, to: u64) -> bool {
        let end = match self {
            Versions::Few(ranges) => {
                let first = ranges.partition_point(|(_, end)| *end < from);
                ranges.get(first).map(|(_, end)| *end)
            }
            Versions::Many(ranges) => {
                let before = ranges.range(..=from).next_back().filter(|(_, end)| **end >= from);
                before.or_else(|| ranges.range(from..).next()).map(|(_, end)| *end)
            }
        };
        end.is_some_and(|end| end < to)
    }
}

/// [`Versions::add_range`] for many ranges.
fn add_range(ranges: &mut BTreeMap<u64, u64>, first: u64, last: u64) -> bool {
    let (mut start, mut end) = (first, last);
    // Those that touch or overlap the new one, the last first.
    while let Some((known, known_end)) = ranges.range(..=last.saturating_add(1)).next_back()
        && *known_end >= first.saturating_sub(1)
    {
        let (known, known_end) = (*known, *known_end);
        if known <= first && last <= known_end {
            return false;
        }
        ranges.remove(&known);
        (start, end) = (start.min(known), end.max(known_end));
    }
    ranges.insert(start, end);
    true
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_hold_what_a_plain_set_holds(
            // Of a few values, so that ranges join, or of many, so that there are more than `FEW`.
            ranges in prop_oneof![
                prop::collection::vec((0_u64..40, 0_u64..4), 0..30),
                prop::collection::vec((0_u64..900, 0_u64..3), 0..500),
            ],
            high in any::<bool>(),
        ) {
            let base = if high { u64::MAX - 950 } else { 0 };
            let (mut versions, mut plain) = (Versions::default(), BTreeSet::new());
            for (first, more) in ranges {
                let (first, last) = (base + first, base + first + more);
                let before = plain.len();
                plain.extend(first..=last);
                prop_assert_eq!(versions.add_range(first, last), plain.len() > before);
            }
            let held: Vec<u64> = versions.ranges().flat_map(|(a, b)| a..=b).collect();
            prop_assert_eq!(&held, &plain.iter().copied().collect::<Vec<_>>());
            let missing: Vec<u64> = versions.missing().iter().flat_map(|(a, b)| *a..=*b).collect();
            if let (Some(first), Some(last)) = (plain.first(), plain.last()) {
                let absent: Vec<u64> = (*first..=*last).filter(|v| !plain.contains(v)).collect();
                prop_assert_eq!(missing, absent);
            }
            for (from, to) in held.iter().zip(held.iter().skip(7)).step_by(5) {
                let misses = (*from..*to).any(|version| !plain.contains(&version));
                prop_assert_eq!(versions.misses_between(*from, *to), misses);
            }
        }
    }
}
