//! [`Versions`]: the versions of an agent that were seen.

use super::sequence::{Part, Sequence};

/// Fewer gaps than these do not show that versions are sparse.
const SPARSE: u128 = 4;

/// An inclusive range.
type Range = (u64, u64);

/// A set of numbers, as inclusive ranges that neither touch nor overlap.
#[derive(Debug, Clone, Default)]
pub(crate) enum Versions {
    #[default]
    None,
    /// The usual case takes no memory of its own.
    One(Range),
    Many(Box<Sequence<Range>>),
}

impl Versions {
    /// The ranges, ascending.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Range> {
        let (one, many) = match self {
            Versions::None => (None, Part::EMPTY),
            Versions::One(range) => (Some(*range), Part::EMPTY),
            Versions::Many(ranges) => (None, ranges.all()),
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// The number of ranges.
    fn len(&self) -> usize {
        match self {
            Versions::None => 0,
            Versions::One(_) => 1,
            Versions::Many(ranges) => ranges.len(),
        }
    }

    /// Adds a version, and returns whether it is new. Version 0 counts as none.
    #[inline]
    pub(crate) fn add(&mut self, version: u64) -> bool {
        let last = match self {
            Versions::None => None,
            Versions::One(range) => Some(range),
            Versions::Many(ranges) => ranges.get_mut(ranges.len().wrapping_sub(1)),
        };
        match last {
            _ if version == 0 => false,
            // The usual case: the next version.
            Some((_, end)) if version.checked_sub(1) == Some(*end) => {
                *end = version;
                true
            }
            _ => self.add_range(version, version),
        }
    }

    /// Whether there are `most` ranges, and a version is in none and touches none.
    #[inline]
    pub(crate) fn is_over(&self, version: u64, most: usize) -> bool {
        let touches = |(start, end): &Range| touch(*start, *end, version, version);
        self.len() >= most
            && version > 0
            && match self {
                Versions::None => true,
                Versions::One(range) => !touches(range),
                Versions::Many(ranges) => {
                    let ranges = ranges.all();
                    let place = ranges.partition_point(|(_, end)| *end < version - 1);
                    !ranges.get(place).is_some_and(touches)
                }
            }
    }

    /// Adds all versions from `first` to `last`, and returns whether one of them is new.
    pub(crate) fn add_range(&mut self, first: u64, last: u64) -> bool {
        match self {
            Versions::None => {
                *self = Versions::One((first, last));
                true
            }
            Versions::One((start, end)) if touch(*start, *end, first, last) => {
                let joined = (first.min(*start), last.max(*end));
                let is_new = joined != (*start, *end);
                *self = Versions::One(joined);
                is_new
            }
            Versions::One(range) => {
                let mut ranges = Sequence::default();
                ranges.push(*range);
                add_range(&mut ranges, first, last);
                *self = Versions::Many(Box::new(ranges));
                true
            }
            Versions::Many(ranges) => add_range(ranges, first, last),
        }
    }

    /// The versions between the least and the greatest that were never seen, as ranges.
    pub(crate) fn missing(&self) -> Vec<(u64, u64)> {
        let pairs = self.ranges().zip(self.ranges().skip(1));
        pairs.map(|(before, after)| (before.1 + 1, after.0 - 1)).collect()
    }

    /// Whether so many versions are missing that they say nothing of lost events: Zendesk must count
    /// them for something else, too.
    pub(crate) fn sparse(&self) -> bool {
        let gaps = (self.len() as u128).saturating_sub(1);
        let seen: u128 = self.ranges().map(|(first, last)| u128::from(last - first) + 1).sum();
        gaps >= SPARSE && 3 * gaps > seen
    }

    /// Whether a version between `from` and `to`, both seen, was never seen.
    pub(crate) fn misses_between(&self, from: u64, to: u64) -> bool {
        let Versions::Many(ranges) = self else {
            return false;
        };
        let ranges = ranges.all();
        let first = ranges.partition_point(|(_, end)| *end < from);
        ranges.get(first).is_some_and(|(_, end)| *end < to)
    }
}

/// Whether two ranges touch or overlap.
fn touch(start: u64, end: u64, first: u64, last: u64) -> bool {
    start <= last.saturating_add(1) && first <= end.saturating_add(1)
}

fn add_range(ranges: &mut Sequence<Range>, first: u64, last: u64) -> bool {
    let all = ranges.all();
    // The ranges that touch or overlap the new one.
    let from = all.partition_point(|(_, end)| *end < first.saturating_sub(1));
    let touching = all.from(from).take_while(|(start, _)| *start <= last.saturating_add(1));
    let (mut joined, mut count) = ((first, last), 0);
    for (start, end) in touching {
        if *start <= first && last <= *end {
            return false;
        }
        joined = (joined.0.min(*start), joined.1.max(*end));
        count += 1;
    }
    for _ in 1..count {
        ranges.remove(from);
    }
    match ranges.get_mut(from).filter(|_| count > 0) {
        Some(range) => *range = joined,
        None => ranges.insert(from, joined),
    }
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
            // Of a few values, so that ranges join, or of many, so that there are many ranges.
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
