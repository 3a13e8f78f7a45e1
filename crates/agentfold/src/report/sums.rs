//! [`Sums`]: the sums that the rows of a report are made from, so that rows can be added up.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::lengths::Lengths;
use super::row::{
    About, ChannelRow, ChatRow, EngagementsTime, Removed, Row, StateTime, StatusTime,
    UnifiedStateRow, ratio,
};
use super::row_place::Placed;
use crate::Instant;
use crate::fold::names::{Name, Names};
use crate::fold::transition::Transition;
use crate::history::Basis;

/// A group, if rows are by group; `None` for agents without a known group.
pub(crate) type Group = Option<String>;

/// The sums of one or several agents, by group and bucket.
#[derive(Debug, Default)]
pub(crate) struct Sums<'f> {
    pub(crate) channels: BTreeMap<(Group, usize, Name), ChannelSum>,
    pub(crate) unified_states: BTreeMap<(Group, usize, Option<Name>), UnifiedSum<'f>>,
    pub(crate) chats: BTreeMap<(Group, usize), ChatSum>,
}

/// Counts by key.
#[derive(Debug, Clone)]
pub(crate) struct Tally<K>(Vec<(K, u128)>);

impl<K> Default for Tally<K> {
    fn default() -> Tally<K> {
        Tally(Vec::new())
    }
}

impl<K: PartialEq> Tally<K> {
    pub(crate) fn add(&mut self, key: K, count: u128) {
        match self.0.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.0.push((key, count)),
        }
    }

    fn join(&mut self, other: Tally<K>) {
        other.0.into_iter().for_each(|(key, count)| self.add(key, count));
    }

    /// The counts as data, sorted. A missing key comes last.
    fn rows<D: Ord>(&self, row: impl Fn(&K, u128) -> D, none: impl Fn(&D) -> bool) -> Vec<D> {
        let mut rows: Vec<D> = self.0.iter().map(|(key, count)| row(key, *count)).collect();
        rows.sort_by(|a, b| none(a).cmp(&none(b)).then_with(|| a.cmp(b)));
        rows
    }
}

/// One or several agents on one channel in one bucket.
#[derive(Debug, Default)]
pub(crate) struct ChannelSum {
    pub(crate) agents: u64,
    pub(crate) length: u128,
    pub(crate) state: Tally<(Option<Name>, Basis)>,
    pub(crate) doubtful: u128,
    pub(crate) online: u128,
    pub(crate) busy: u128,
    pub(crate) item: u128,
    pub(crate) item_least: u128,
    pub(crate) item_most: u128,
    pub(crate) item_known: u128,
    pub(crate) capacity: u128,
    pub(crate) at_capacity: u128,
    pub(crate) added: u64,
    pub(crate) removed: Tally<Option<Name>>,
    pub(crate) offered: u64,
    pub(crate) offers_ended: u64,
    pub(crate) accepted: u64,
    pub(crate) missed: u64,
    /// The lengths of the accepted offers.
    pub(crate) offer_times: Lengths,
    pub(crate) handle_times: Lengths,
}

/// One or several agents in one unified state in one bucket.
#[derive(Debug, Default)]
pub(crate) struct UnifiedSum<'f> {
    pub(crate) agents: u64,
    pub(crate) name: Option<Told<'f>>,
    pub(crate) length: u128,
    pub(crate) basis: Tally<Basis>,
    pub(crate) doubtful: u128,
    pub(crate) involuntary: u128,
}

/// One or several agents in the Chat export in one bucket.
#[derive(Debug, Default)]
pub(crate) struct ChatSum {
    pub(crate) agents: u64,
    pub(crate) length: u128,
    pub(crate) status: Tally<(Option<Name>, Basis)>,
    pub(crate) engagements: Tally<(Option<u64>, Basis)>,
    pub(crate) concurrency: u128,
    pub(crate) online: u128,
    pub(crate) busy: u128,
}

/// Where a unified state's name was stated.
#[derive(Debug, Clone)]
pub(crate) struct Told<'f> {
    /// Whether it was stated in a value, not in a previous value.
    pub(crate) as_value: bool,
    pub(crate) by: Cow<'f, Transition>,
    pub(crate) name: Name,
}

impl Told<'_> {
    /// Whether the other statement counts more: one in a value, or else the later one.
    fn is_before(&self, other: &Told<'_>) -> bool {
        let order = self.as_value.cmp(&other.as_value);
        order.then_with(|| self.by.cmp_stamp(&other.by)).is_lt()
    }
}

impl ChannelSum {
    fn join(&mut self, other: ChannelSum) {
        self.agents += other.agents;
        self.length = self.length.saturating_add(other.length);
        self.state.join(other.state);
        for (sum, more) in [
            (&mut self.doubtful, other.doubtful),
            (&mut self.online, other.online),
            (&mut self.busy, other.busy),
            (&mut self.item, other.item),
            (&mut self.item_least, other.item_least),
            (&mut self.item_most, other.item_most),
            (&mut self.item_known, other.item_known),
            (&mut self.capacity, other.capacity),
            (&mut self.at_capacity, other.at_capacity),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.removed.join(other.removed);
        for (sum, more) in [
            (&mut self.added, other.added),
            (&mut self.offered, other.offered),
            (&mut self.offers_ended, other.offers_ended),
            (&mut self.accepted, other.accepted),
            (&mut self.missed, other.missed),
        ] {
            *sum += more;
        }
        self.offer_times.join(other.offer_times);
        self.handle_times.join(other.handle_times);
    }

    fn row(self, about: About, channel: Name, bucket: [Instant; 2], names: &Names) -> ChannelRow {
        let text = |name: &Option<Name>| name.map(|name| names.text(name).to_owned());
        let offers_accepted = self.offer_times.len() as u64;
        ChannelRow {
            about,
            channel: names.text(channel).to_owned(),
            from: bucket[0],
            to: bucket[1],
            length_ns: self.length,
            state: self.state.rows(
                |(state, basis), ns| StateTime { state: text(state), basis: *basis, ns },
                |time| time.state.is_none(),
            ),
            doubtful_ns: self.doubtful,
            online_ns: self.online,
            busy_ns: self.busy,
            item_ns: self.item,
            item_least_ns: self.item_least,
            item_most_ns: self.item_most,
            item_known_ns: self.item_known,
            capacity_ns: self.capacity,
            at_capacity_ns: self.at_capacity,
            occupancy: ratio(self.busy, self.online),
            utilisation: ratio(self.item_known, self.capacity),
            average_used_capacity: ratio(self.item, self.online),
            added: self.added,
            removed: self.removed.rows(
                |reason, count| Removed { reason: text(reason), count: count as u64 },
                |removed| removed.reason.is_none(),
            ),
            offered: self.offered,
            offers_ended: self.offers_ended,
            offers_accepted,
            accepted: self.accepted,
            missed: self.missed,
            acceptance_rate: ratio(offers_accepted.into(), self.offers_ended.into()),
            offer_time: self.offer_times.times(),
            handle_time: self.handle_times.times(),
        }
    }
}

impl<'f> UnifiedSum<'f> {
    fn join(&mut self, other: UnifiedSum<'f>) {
        self.agents += other.agents;
        let is_kept = self
            .name
            .as_ref()
            .is_some_and(|known| other.name.as_ref().is_none_or(|told| told.is_before(known)));
        if !is_kept {
            self.name = other.name;
        }
        self.length = self.length.saturating_add(other.length);
        self.basis.join(other.basis);
        self.doubtful = self.doubtful.saturating_add(other.doubtful);
        self.involuntary = self.involuntary.saturating_add(other.involuntary);
    }

    fn row(
        &self,
        about: About,
        id: Option<Name>,
        bucket: [Instant; 2],
        names: &Names,
    ) -> UnifiedStateRow {
        let text = |name: Name| names.text(name).to_owned();
        let ns = |basis| {
            let of_basis = self.basis.0.iter().filter(|(known, _)| *known == basis);
            of_basis.map(|(_, ns)| *ns).sum()
        };
        UnifiedStateRow {
            about,
            from: bucket[0],
            to: bucket[1],
            length_ns: self.length,
            id: id.map(text),
            name: self.name.as_ref().map(|told| text(told.name)),
            ns: self.basis.0.iter().fold(0, |sum, (_, ns)| sum.saturating_add(*ns)),
            observed_ns: ns(Basis::Observed),
            assumed_ns: ns(Basis::Assumed),
            inferred_ns: ns(Basis::Inferred),
            disputed_ns: ns(Basis::Disputed),
            unknown_ns: ns(Basis::Unknown),
            doubtful_ns: self.doubtful,
            involuntary_ns: self.involuntary,
        }
    }
}

impl ChatSum {
    fn join(&mut self, other: ChatSum) {
        self.agents += other.agents;
        self.status.join(other.status);
        self.engagements.join(other.engagements);
        for (sum, more) in [
            (&mut self.length, other.length),
            (&mut self.concurrency, other.concurrency),
            (&mut self.online, other.online),
            (&mut self.busy, other.busy),
        ] {
            *sum = sum.saturating_add(more);
        }
    }

    fn row(&self, about: About, bucket: [Instant; 2], names: &Names) -> ChatRow {
        let text = |name: &Option<Name>| name.map(|name| names.text(name).to_owned());
        ChatRow {
            about,
            from: bucket[0],
            to: bucket[1],
            length_ns: self.length,
            status: self.status.rows(
                |(status, basis), ns| StatusTime { status: text(status), basis: *basis, ns },
                |time| time.status.is_none(),
            ),
            engagements: self.engagements.rows(
                |(engagements, basis), ns| EngagementsTime {
                    engagements: *engagements,
                    basis: *basis,
                    ns,
                },
                |time| time.engagements.is_none(),
            ),
            concurrency_ns: self.concurrency,
            online_ns: self.online,
            busy_ns: self.busy,
            occupancy: ratio(self.busy, self.online),
        }
    }
}

impl<'f> Sums<'f> {
    /// How many rows it makes.
    pub(crate) fn len(&self) -> usize {
        self.channels.len() + self.unified_states.len() + self.chats.len()
    }

    /// The sums apart from the fold and from the part of the buckets that they are of: with each name replaced
    /// by `names` at its index, and buckets counted from `first` on.
    pub(crate) fn moved(self, names: &[Name], first: usize) -> Sums<'static> {
        let rename = |name: Name| names[name.index()];
        let channels = self.channels.into_iter().map(|((group, bucket, channel), mut sum)| {
            sum.state.0.iter_mut().for_each(|((name, _), _)| *name = name.map(rename));
            sum.removed.0.iter_mut().for_each(|(name, _)| *name = name.map(rename));
            ((group, first + bucket, rename(channel)), sum)
        });
        let unified_states = self.unified_states.into_iter().map(|((group, bucket, id), sum)| {
            let name = sum.name.map(|told| Told {
                by: Cow::Owned(told.by.into_owned()),
                name: rename(told.name),
                ..told
            });
            ((group, first + bucket, id.map(rename)), UnifiedSum { name, ..sum })
        });
        let chats = self.chats.into_iter().map(|((group, bucket), mut sum)| {
            sum.status.0.iter_mut().for_each(|((name, _), _)| *name = name.map(rename));
            ((group, first + bucket), sum)
        });
        Sums {
            channels: channels.collect(),
            unified_states: unified_states.collect(),
            chats: chats.collect(),
        }
    }

    /// Adds the sums of other agents.
    pub(crate) fn join(&mut self, other: Sums<'f>) {
        for (key, sum) in other.channels {
            self.channels.entry(key).or_default().join(sum);
        }
        for (key, sum) in other.unified_states {
            self.unified_states.entry(key).or_default().join(sum);
        }
        for (key, sum) in other.chats {
            self.chats.entry(key).or_default().join(sum);
        }
    }

    /// The rows, by group, bucket, kind, then channel or unified state.
    pub(crate) fn rows(
        self,
        about: impl Fn(Group, u64) -> About,
        boundaries: &[Instant],
        names: &Names,
    ) -> Vec<Row> {
        let bucket = |place: usize| [boundaries[place], boundaries[place + 1]];
        let mut rows = Vec::new();
        for ((group, place, channel), sum) in self.channels {
            let about = about(group, sum.agents);
            rows.push(Row::Channel(sum.row(about, channel, bucket(place), names)));
        }
        for ((group, place, id), sum) in self.unified_states {
            let about = about(group, sum.agents);
            rows.push(Row::UnifiedState(sum.row(about, id, bucket(place), names)));
        }
        for ((group, place), sum) in self.chats {
            rows.push(Row::Chat(sum.row(about(group, sum.agents), bucket(place), names)));
        }
        rows.sort_by_cached_key(Row::place);
        rows
    }
}
