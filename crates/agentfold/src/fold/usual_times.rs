//! [`UsualTimes`]: when the events of a fold happened, apart from outliers.

use hashbrown::HashMap;
use serde::Serialize;

use super::Fold;
use super::held::Held;
use crate::Instant;
use crate::read::FOUNDED;

/// When the events of a fold happened, apart from those whose instants are probably wrong
/// ([the contract](crate::contract::measures#the-usual-time)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct UsualTimes {
    /// The earliest instant that is not an outlier.
    pub first: Instant,
    /// The latest one.
    pub last: Instant,
    /// How many instants of agents are before `first`.
    pub before: u64,
    /// How many are after `last`.
    pub after: u64,
}

/// The instants of a day.
#[derive(Clone, Copy)]
struct Day {
    first: Instant,
    last: Instant,
    count: u64,
}

const DAY: i64 = 24 * 60 * 60;
/// How far outliers are from the other instants, in seconds.
const FAR: i64 = 30 * DAY;

impl Fold {
    /// Returns when the events happened, apart from outliers; `None` if no event was accepted.
    ///
    /// One event with a wrong date would make a report over all events thousands of times as long.
    /// Ask for the time between these two instants instead. An instant from before 2007 is an outlier,
    /// and so are the few at either end that are far from all others.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let chat = |id, at| format!(
    ///     r#"{{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "{id}",
    ///         "timestamp": "{at}", "value": "away"}}"#);
    /// let mut fold = Fold::new();
    /// for (id, at) in [("a", "1970-01-01T00:00:00Z"), ("b", "2026-01-05T09:00:00Z")] {
    ///     fold.read(chat(id, at).as_bytes(), |bad| panic!("{bad:?}"));
    /// }
    /// let usual = fold.usual_event_times().expect("events");
    /// assert_eq!(usual.first.to_string(), "2026-01-05T09:00:00Z");
    /// assert_eq!((usual.before, usual.after), (1, 0));
    /// ```
    pub fn usual_event_times(&self) -> Option<UsualTimes> {
        *self.usual.get_or_init(|| self.find_usual_times())
    }

    /// Returns the instant as of which a question about the time until `to` is answered, if the caller gives
    /// none: `to`, or the last event apart from outliers if that is earlier
    /// ([the contract](crate::contract::measures#the-usual-time)). Nothing is known of the time after it.
    ///
    /// If a fold holds only a part of the agents, ask one that holds all of them.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(
    ///     br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#,
    ///     |bad| panic!("{bad:?}"),
    /// );
    /// let (early, late): (Instant, Instant) = ("2026-01-05T08:00:00Z".parse()?, "2026-01-06T00:00:00Z".parse()?);
    /// assert_eq!(fold.default_as_of(early), early);
    /// assert_eq!(fold.default_as_of(late).to_string(), "2026-01-05T09:00:00Z");
    /// assert_eq!(Fold::new().default_as_of(late), late);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn default_as_of(&self, to: Instant) -> Instant {
        self.usual_event_times().map_or(to, |usual| usual.last.min(to))
    }

    fn find_usual_times(&self) -> Option<UsualTimes> {
        let (first, last) = self.first_and_last_event_at()?;
        let whole = UsualTimes { first, last, before: 0, after: 0 };
        if first.unix_seconds() >= FOUNDED && !self.has_far_instants() {
            return Some(whole);
        }
        let days = self.days();
        let founded = days.partition_point(|day| day.last.unix_seconds() < FOUNDED);
        // Without any other instants, the old ones are all that is known.
        let old = if founded < days.len() { founded } else { 0 };
        let (from, to) = inner(&days[old..]);
        let count = |days: &[Day]| days.iter().map(|day| day.count).sum();
        let (usual, before) = (&days[old + from..old + to], &days[..old + from]);
        Some(match usual {
            [first, .., last] | [first @ last] => UsualTimes {
                first: first.first,
                last: last.last,
                before: count(before),
                after: count(&days[old + to..]),
            },
            [] => whole,
        })
    }

    /// Whether there is a gap between two instants that may separate outliers. Reads the history of as few
    /// agents as show that there is none: mostly of one that was there all the time.
    fn has_far_instants(&self) -> bool {
        let mut agents: Vec<(&Held, [Instant; 2])> = (self.agents.values())
            .filter_map(|known| Some((known, known.first_and_last()?.into())))
            .collect();
        agents
            .sort_unstable_by_key(|(_, [first, last])| first.unix_seconds() - last.unix_seconds());
        let mut gaps = self::gaps(agents.iter().flat_map(|(_, ends)| *ends).collect());
        for (known, _) in agents {
            if gaps.is_empty() {
                break;
            }
            let mut instants = Vec::new();
            if let Some(tracks) = &known.tracks {
                tracks.each_transition(&mut |t| instants.push(t.at));
            }
            let parts = gaps.into_iter().flat_map(|[from, to]| {
                let within = instants.iter().copied().filter(|at| (from..to).contains(at));
                self::gaps(within.chain([from, to]).collect())
            });
            gaps = parts.collect();
        }
        !gaps.is_empty()
    }

    /// The instants of all agents, by day. An instant counts once for each agent that has it.
    fn days(&self) -> Vec<Day> {
        let mut days: HashMap<i64, Day> = HashMap::new();
        for tracks in self.agents.values().filter_map(|known| known.tracks.as_ref()) {
            let ends = [tracks.first_at, tracks.greatest.at].into_iter();
            let mut instants: Vec<Instant> = ends.collect();
            tracks.each_transition(&mut |t| instants.push(t.at));
            instants.sort_unstable();
            instants.dedup();
            for at in instants {
                let day = days.entry(at.unix_seconds().div_euclid(DAY));
                let day = day.or_insert(Day { first: at, last: at, count: 0 });
                (day.first, day.last) = (day.first.min(at), day.last.max(at));
                day.count += 1;
            }
        }
        let mut days: Vec<Day> = days.into_values().collect();
        days.sort_unstable_by_key(|day| day.first);
        days
    }
}

/// The gaps between instants that are so long that they may separate outliers.
fn gaps(mut instants: Vec<Instant>) -> Vec<[Instant; 2]> {
    instants.sort_unstable();
    let pairs = instants.windows(2).filter(|pair| pair[1].is_past(pair[0], FAR));
    pairs.map(|pair| [pair[0], pair[1]]).collect()
}

/// The days without the outliers at both ends: at most one instant in a hundred or a single one, which
/// a gap separates that is longer than a month and than all of the time that cannot be outliers.
fn inner(days: &[Day]) -> (usize, usize) {
    let count: u64 = days.iter().map(|day| day.count).sum();
    let most = (count / 100).max(1);
    if most * 2 >= count {
        return (0, days.len());
    }
    // How many days at an end have no more instants than outliers may be.
    fn few<'d>(days: impl Iterator<Item = &'d Day>, most: u64) -> usize {
        let mut sum = 0;
        days.take_while(|day| {
            sum += day.count;
            sum <= most
        })
        .count()
    }
    let left = few(days.iter(), most);
    let right = days.len() - few(days.iter().rev(), most);
    let is_gap = |place: usize, rest: [Instant; 2]| {
        let rest = rest[1].unix_seconds() - rest[0].unix_seconds();
        days[place].first.is_past(days[place - 1].last, FAR.max(rest))
    };
    // INVARIANT: `left` is less than `right`, since both ends together do not have all instants.
    let inner_to = days[right - 1].last;
    let from = (1..=left).rev().find(|place| is_gap(*place, [days[*place].first, inner_to]));
    let from = from.unwrap_or(0);
    let inner_from = days[left].first;
    let to = (right..days.len()).find(|place| is_gap(*place, [inner_from, days[*place - 1].last]));
    (from, to.unwrap_or(days.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(instants: &[(&str, u64)]) -> Vec<Day> {
        let day = |(day, count): &(&str, u64)| {
            let at = format!("{day}T09:00:00Z").parse().expect("an instant");
            Day { first: at, last: at, count: *count }
        };
        instants.iter().map(day).collect()
    }

    #[test]
    fn a_few_instants_far_from_all_others_are_outliers() {
        for (instants, expected) in [
            (&[("2026-01-05", 1)][..], (0, 1)),
            // Of two, neither is clearly the outlier.
            (&[("2008-01-05", 1), ("2026-01-05", 1)], (0, 2)),
            (&[("2008-01-05", 1), ("2026-01-05", 2)], (1, 2)),
            (&[("2026-01-05", 2), ("2126-01-05", 1)], (0, 1)),
            (&[("2008-01-05", 1), ("2026-01-05", 9), ("2026-01-06", 9), ("9999-01-05", 1)], (1, 3)),
            // Not far enough, and too many.
            (&[("2025-12-20", 1), ("2026-01-05", 9), ("2026-01-06", 9)], (0, 3)),
            (&[("2008-01-05", 2), ("2026-01-05", 9), ("2026-01-06", 9)], (0, 3)),
            (&[("2008-01-05", 2), ("2009-02-05", 2), ("2026-01-05", 900)], (2, 3)),
            // The others are a longer time.
            (&[("2025-09-20", 1), ("2026-01-05", 9), ("2026-06-06", 9)], (0, 3)),
        ] {
            assert_eq!(inner(&days(instants)), expected, "{instants:?}");
        }
    }
    fn read(fold: &mut Fold, agent: u64, day: i64) {
        let at = Instant::from_unix(FOUNDED + day * DAY, 0).expect("in range");
        let chat = format!(
            r#"{{"account_id": 2, "agent_id": {agent}, "field_name": "status", "id": "{day}",
                "timestamp": "{at}", "value": "away"}}"#
        );
        fold.read(chat.as_bytes(), |bad| panic!("{bad:?}"));
    }

    fn of(events: &[(u64, i64)]) -> Fold {
        let mut fold = Fold::new();
        events.iter().for_each(|(agent, day)| read(&mut fold, *agent, *day));
        fold
    }

    #[test]
    fn the_usual_time_follows_each_change_of_a_fold() {
        let last = |fold: &Fold| {
            let usual = fold.usual_event_times();
            usual.map(|usual| (usual.last.unix_seconds() - FOUNDED) / DAY)
        };
        let mut fold = Fold::new();
        assert_eq!(last(&fold), None);
        read(&mut fold, 7, 1);
        assert_eq!(last(&fold), Some(1));
        read(&mut fold, 7, 2);
        assert_eq!(last(&fold), Some(2));
        read(&mut fold, 8, 3);
        assert_eq!(last(&fold), Some(3));
        let mut snapshot = fold.snapshot();
        fold.merge(&of(&[(9, 4)])).expect("equal options");
        assert_eq!(last(&fold), Some(4));
        fold.restore(&of(&[(9, 5)]).save()).expect("saved");
        assert_eq!(last(&fold), Some(5));
        fold.forget(crate::Agent::new(2, 9));
        assert_eq!(last(&fold), Some(3));
        assert_eq!(last(&snapshot), Some(3));
        read(&mut snapshot, 8, 4);
        assert_eq!((last(&snapshot), last(&fold)), (Some(4), Some(3)));
        let mut empty = Fold::new();
        assert_eq!(last(&empty), None);
        empty.restore(&fold.save()).expect("saved");
        assert_eq!(last(&empty), Some(3));
    }

    #[test]
    fn few_agents_are_opened_to_see_that_there_are_no_outliers() {
        let mut events: Vec<(u64, i64)> = (0..40).map(|i| (7, i * 20)).collect();
        events.extend((8..20).flat_map(|agent| [(agent, 5), (agent, 770)]));
        let mut fold = Fold::new();
        fold.restore(&of(&events).save()).expect("saved");
        let usual = fold.usual_event_times().expect("events");
        assert_eq!((usual.before, usual.after), (0, 0));
        let opened = fold.agents.values().filter(|known| known.is_opened()).count();
        assert_eq!(opened, 1);
    }

    proptest::proptest! {
        #[test]
        fn gaps_are_found_as_by_reading_all(events in proptest::collection::vec((0_u64..4, 0_i64..300), 1..40)) {
            let fold = of(&events);
            let days = fold.days();
            let is_far = days.windows(2).any(|pair| pair[1].first.is_past(pair[0].last, FAR));
            proptest::prop_assert_eq!(fold.has_far_instants(), is_far);
            let (from, to) = inner(&days);
            let usual = fold.usual_event_times().expect("events");
            proptest::prop_assert_eq!(usual.first, days[from].first);
            proptest::prop_assert_eq!(usual.last, days[to - 1].last);
        }
    }
}
