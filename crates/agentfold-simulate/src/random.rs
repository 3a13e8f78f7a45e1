//! Random numbers that are the same for a seed in every version and on every machine.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A purpose of random numbers. Each has its own stream, so that one use does not shift another.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Floor = 0,
    Delivery = 1,
    Webhook = 2,
    Chat = 3,
    WebhookSpelling = 4,
    ChatSpelling = 5,
}

/// A stream of random numbers from a seed.
///
/// INVARIANT: uses only the 32-bit words of ChaCha8, in order, and computes ranges here, so that no
/// upgrade of a dependency changes the bytes for a seed.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    pub(crate) fn new(seed: u64, stream: Stream) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut words = ChaCha8Rng::from_seed(key);
        words.set_stream(stream as u64);
        Self(words)
    }

    pub(crate) fn word(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn wide_word(&mut self) -> u64 {
        let high = u64::from(self.word());
        high << 32 | u64::from(self.word())
    }

    /// A number from 0 to `n`, excluding `n`.
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        // The bias of multiply-shift, 1 in 2^32 / n, does not matter here.
        ((u64::from(self.word()) * u64::from(n)) >> 32) as u32
    }

    /// A number from `from` to `to`, including both.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        let count = u128::from(to - from) + 1;
        from + ((u128::from(self.wide_word()) * count) >> 64) as u64
    }

    pub(crate) fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of the choices, with a probability in proportion to its weight.
    pub(crate) fn choose<T: Copy>(&mut self, choices: &[(u32, T)]) -> T {
        let mut rest = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for &(weight, choice) in choices {
            if rest < weight {
                return choice;
            }
            rest -= weight;
        }
        unreachable!("a number below the sum of the weights falls on one of them")
    }

    /// An exponentially distributed time with a mean.
    ///
    /// Uses von Neumann's method, which only compares and adds, since logarithms differ between
    /// machines. A run of descending numbers has odd length with the probability that its first
    /// number must be accepted.
    pub(crate) fn exponential(&mut self, mean: u64) -> u64 {
        let mut whole = 0;
        loop {
            let first = self.word();
            let mut last = first;
            let mut odd = true;
            loop {
                let next = self.word();
                if next >= last {
                    break;
                }
                last = next;
                odd = !odd;
            }
            if odd {
                return whole + ((u128::from(first) * u128::from(mean)) >> 32) as u64;
            }
            whole += mean;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_range_and_reach_both_ends() {
        let mut random = Random::new(1, Stream::Floor);
        let drawn: Vec<u64> = (0..1000).map(|_| random.between(3, 7)).collect();
        assert_eq!(drawn.iter().min(), Some(&3));
        assert_eq!(drawn.iter().max(), Some(&7));
        assert!((0..1000).all(|_| random.below(5) < 5));
    }

    #[test]
    fn waits_have_their_mean_and_a_long_tail() {
        let mut random = Random::new(1, Stream::Floor);
        let drawn: Vec<u64> = (0..100_000).map(|_| random.exponential(1_000_000)).collect();
        let mean = drawn.iter().sum::<u64>() / 100_000;
        assert!((985_000..1_015_000).contains(&mean), "{mean}");
        // e^-3 of the waits, about 4979, are longer than three times the mean.
        let long = drawn.iter().filter(|&&wait| wait > 3_000_000).count();
        assert!((4_700..5_300).contains(&long), "{long}");
    }

    #[test]
    fn streams_of_a_seed_differ_and_repeat() {
        let mut floor = Random::new(9, Stream::Floor);
        let mut again = Random::new(9, Stream::Floor);
        let mut delivery = Random::new(9, Stream::Delivery);
        let word = floor.word();
        assert_eq!(word, again.word());
        assert_ne!(word, delivery.word());
    }
}
