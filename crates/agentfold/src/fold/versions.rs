//! [`Versions`]: the versions of an agent that were seen.

use smallvec::SmallVec;

/// A set of numbers, as inclusive ranges that neither touch nor overlap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Versions(SmallVec<[(u64, u64); 1]>);

impl Versions {
    pub(crate) fn ranges(&self) -> &[(u64, u64)] {
        &self.0
    }

    /// Adds a version, and returns whether it is new. Version 0 counts as none.
    #[inline]
    pub(crate) fn add(&mut self, version: u64) -> bool {
        match self.0.last_mut() {
            _ if version == 0 => false,
            // The usual case: the next version.
            Some((_, end)) if version.checked_sub(1) == Some(*end) => {
                *end = version;
                true
            }
            _ => self.add_range(version, version),
        }
    }

    /// Adds all versions from `first` to `last`, and returns whether one of them is new.
    pub(crate) fn add_range(&mut self, first: u64, last: u64) -> bool {
        // The ranges that touch or overlap the new one.
        let from = match self.0.last() {
            Some((_, end)) if *end < first.saturating_sub(1) => self.0.len(),
            _ => self.0.partition_point(|(_, end)| *end < first.saturating_sub(1)),
        };
        let to =
            from + self.0[from..].partition_point(|(start, _)| *start <= last.saturating_add(1));
        if to == from + 1 && self.0[from].0 <= first && last <= self.0[from].1 {
            return false;
        }
        let joined =
            self.0[from..to].iter().fold((first, last), |a, b| (a.0.min(b.0), a.1.max(b.1)));
        self.0.drain(from..to);
        self.0.insert(from, joined);
        true
    }

    /// The ranges between the least and the greatest version that were never seen.
    pub(crate) fn missing(&self) -> Vec<(u64, u64)> {
        self.0.windows(2).map(|pair| (pair[0].1 + 1, pair[1].0 - 1)).collect()
    }

    /// Whether a version between `from` and `to` was never seen. Both ends were seen.
    pub(crate) fn misses_between(&self, from: u64, to: u64) -> bool {
        let first = self.0.partition_point(|(_, end)| *end < from);
        self.0.get(first).is_some_and(|(_, end)| *end < to)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn ranges_hold_what_a_plain_set_holds(
            ranges in prop::collection::vec((0_u64..40, 0_u64..4), 0..30),
            high in any::<bool>(),
        ) {
            let base = if high { u64::MAX - 50 } else { 0 };
            let (mut versions, mut plain) = (Versions::default(), BTreeSet::new());
            for (first, more) in ranges {
                let (first, last) = (base + first, base + first + more);
                let before = plain.len();
                plain.extend(first..=last);
                prop_assert_eq!(versions.add_range(first, last), plain.len() > before);
            }
            let held: Vec<u64> = versions.ranges().iter().flat_map(|(a, b)| *a..=*b).collect();
            prop_assert_eq!(&held, &plain.iter().copied().collect::<Vec<_>>());
            let missing: Vec<u64> = versions.missing().iter().flat_map(|(a, b)| *a..=*b).collect();
            if let (Some(first), Some(last)) = (plain.first(), plain.last()) {
                let absent: Vec<u64> = (*first..=*last).filter(|v| !plain.contains(v)).collect();
                prop_assert_eq!(missing, absent);
            }
        }
    }
}
