//! [`Lengths`]: lengths of time, to be summarised.

use super::row::Times;

/// Lengths of time in nanoseconds, in any order. All of them are kept, for exact quantiles.
#[derive(Debug, Default)]
pub(crate) struct Lengths {
    short: Vec<u64>,
    /// Those that 64 bits can't hold: from 584 years on.
    long: Vec<u128>,
}

impl Lengths {
    pub(crate) fn len(&self) -> usize {
        self.short.len() + self.long.len()
    }

    pub(crate) fn push(&mut self, ns: u128) {
        match u64::try_from(ns) {
            Ok(ns) => self.short.push(ns),
            Err(_) => self.long.push(ns),
        }
    }

    pub(crate) fn join(&mut self, other: Lengths) {
        self.short.extend(other.short);
        self.long.extend(other.long);
    }

    pub(crate) fn times(mut self) -> Times {
        self.short.sort_unstable();
        self.long.sort_unstable();
        let count = self.len();
        let at = |place: usize| match place.checked_sub(self.short.len()) {
            Some(place) => self.long.get(place).copied(),
            None => Some(self.short[place].into()),
        };
        // By nearest rank: the ceil(q·n)-th smallest.
        let quantile = |part: usize, whole| at((count * part).div_ceil(whole).checked_sub(1)?);
        Times {
            count: count as u64,
            sum_ns: self
                .short
                .iter()
                .copied()
                .map(u128::from)
                .chain(self.long.iter().copied())
                .sum(),
            min_ns: at(0),
            max_ns: count.checked_sub(1).and_then(at),
            p50_ns: quantile(1, 2),
            p90_ns: quantile(9, 10),
            p95_ns: quantile(19, 20),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(all: impl IntoIterator<Item = u128>) -> Times {
        let mut lengths = Lengths::default();
        all.into_iter().for_each(|ns| lengths.push(ns));
        lengths.times()
    }

    #[test]
    fn quantiles_go_by_nearest_rank() {
        let few = times([40, 10, 30, 20]);
        assert_eq!((few.p50_ns, few.p90_ns), (Some(20), Some(40)));
        let many = times(1..=20);
        assert_eq!((many.p50_ns, many.p90_ns, many.p95_ns), (Some(10), Some(18), Some(19)));
        assert_eq!(times([7]).p50_ns, Some(7));
        assert_eq!(times([]), Times::default());
    }

    #[test]
    fn lengths_of_a_thousand_years_are_exact() {
        let long = u128::from(u64::MAX) + 1;
        let both = times([long + 1, 5, long]);
        assert_eq!((both.count, both.sum_ns), (3, 2 * long + 6));
        assert_eq!((both.min_ns, both.p50_ns, both.max_ns), (Some(5), Some(long), Some(long + 1)));
        assert_eq!(times([long]).min_ns, Some(long));
    }
}
