//! [`Standing`]: what some agents can take on a channel, and since when a condition of it holds.

use std::time::Duration;

use crate::fold::names::{Name, Names};
use crate::fold::state::{ChannelState, accepting, access, max_capacity};
use crate::fold::tracks::Tracks;
use crate::fold::value::{Value, groups_of};
use crate::history::{History, Window, histories, loads};
use crate::report::ratio;
use crate::{Id, Instant};

/// What agents have and can take on a channel at an instant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Standing {
    /// How many agents count: those whose channel is known, and who are in the group if there is one.
    pub(super) agents: u64,
    /// How many agents are known to accept one more item.
    pub(super) accepting: u64,
    /// The items of the agents who are online and have a limit.
    pub(super) load: u64,
    /// What these agents can take.
    pub(super) max_capacity: u128,
}

impl Standing {
    /// What an agent has and can take.
    pub(super) fn of(channel: &ChannelState) -> Standing {
        let counts = channel.access != Some(false) && channel.state.as_deref() == Some("online");
        let max_capacity = channel.max_capacity.filter(|_| counts);
        Standing {
            agents: 1,
            accepting: u64::from(channel.accepting == Some(true)),
            load: max_capacity.map_or(0, |_| channel.load),
            max_capacity: max_capacity.unwrap_or(0).into(),
        }
    }

    /// This and another one together.
    pub(super) fn plus(self, other: Standing) -> Standing {
        Standing {
            agents: self.agents + other.agents,
            accepting: self.accepting + other.accepting,
            load: self.load + other.load,
            max_capacity: self.max_capacity + other.max_capacity,
        }
    }

    /// The share of the capacity that is taken; `None` without capacity.
    pub(super) fn share(self) -> Option<f64> {
        ratio(self.load.into(), self.max_capacity)
    }

    /// Whether more than a share of the capacity is taken. Without capacity, any item is more.
    pub(super) fn is_over(self, share: f64) -> bool {
        self.share().map_or(self.load > 0, |taken| taken > share)
    }
}

/// Some agents of an account on a channel.
pub(super) struct Team<'t> {
    pub(super) names: &'t Names,
    pub(super) account_id: Id,
    /// The agents whose channel is known.
    pub(super) members: Vec<&'t Tracks>,
    pub(super) channel: Name,
    /// Only while they are in this group.
    pub(super) group_id: Option<&'t str>,
    /// The instant of the question.
    pub(super) at: Instant,
    /// The last event of the agents by then.
    pub(super) last_event_at: Instant,
    /// What they have and can take then.
    pub(super) now: Standing,
}

/// How far is looked back from the last event first, to find since when a condition holds.
const QUARTER: Duration = Duration::from_secs(15 * 60);

impl Team<'_> {
    /// Since when a condition holds, if it does now. No earlier than all of it is known: from the latest cut on,
    /// and once an event named the channel.
    pub(super) fn since(&self, holds: &dyn Fn(Standing) -> bool) -> Option<Instant> {
        if !holds(self.now) {
            return None;
        }
        let channels = || self.members.iter().filter_map(|tracks| tracks.channel(self.channel));
        let named_at = channels().map(|channel| channel.named_at).min()?;
        let cut = self.members.iter().map(|tracks| tracks.cut).max()?;
        let known_from = named_at.max(cut).min(self.at);
        let mut length = QUARTER;
        loop {
            // Nothing has changed since the last event.
            let from = self.last_event_at.saturating_sub(length).max(known_from);
            let course = self.course(from);
            let last_not = course.iter().rposition(|(_, standing)| !holds(*standing));
            match last_not {
                Some(place) => return course.get(place + 1).map(|(since, _)| *since),
                None if from == known_from => return Some(from),
                // The condition goes back further: most do not by far.
                None => length = length.saturating_mul(8),
            }
        }
    }

    /// What the agents have and can take from an instant on: the instants at which something may have
    /// changed, the first of them `from`.
    fn course(&self, from: Instant) -> Vec<(Instant, Standing)> {
        let courses = self.members.iter().enumerate();
        let courses = courses.flat_map(|(member, tracks)| {
            self.course_of(tracks, from).into_iter().map(move |(at, now)| (at, member, now))
        });
        let mut changes: Vec<(Instant, usize, Standing)> = courses.collect();
        changes.sort_unstable_by_key(|(at, member, _)| (*at, *member));
        let mut now = vec![Standing::default(); self.members.len()];
        let mut sum = Standing::default();
        let mut course = Vec::new();
        for same in changes.chunk_by(|a, b| a.0 == b.0) {
            for (_, member, new) in same {
                let old = std::mem::replace(&mut now[*member], *new);
                sum.agents = sum.agents - old.agents + new.agents;
                sum.accepting = sum.accepting - old.accepting + new.accepting;
                sum.load = sum.load - old.load + new.load;
                sum.max_capacity = sum.max_capacity - old.max_capacity + new.max_capacity;
            }
            course.push((same[0].0, sum));
        }
        course
    }

    fn course_of(&self, tracks: &Tracks, from: Instant) -> Vec<(Instant, Standing)> {
        let at = self.at;
        let Some(channel) = tracks.channel(self.channel) else {
            return Vec::new();
        };
        let histories = histories(tracks, &Window { from, to: at, as_of: at });
        let histories: Vec<&History> = histories.iter().map(|(_, history)| history).collect();
        let loads = loads(&histories, self.channel, from);
        let mut instants: Vec<Instant> = loads.iter().map(|(at, _)| *at).collect();
        let groups = self.group_id.map(|_| &*tracks.groups);
        let of_channel = [&*channel.state, &*channel.access, &*channel.max_capacity];
        for track in of_channel.into_iter().chain(groups) {
            let told = track.as_of(Some(at));
            instants.extend(told.from(told.partition_point(|t| t.at <= from)).map(|t| t.at));
        }
        instants.push(channel.named_at);
        instants.retain(|instant| (from..=at).contains(instant));
        instants.push(from);
        instants.sort_unstable();
        instants.dedup();
        let course = instants.into_iter().map(|at| {
            let place = loads.partition_point(|(from, _)| *from <= at).saturating_sub(1);
            let load = loads.get(place).map_or(0, |(_, load)| *load);
            let mut now = Standing::default();
            let state = channel.state.last_as_of(Some(at)).map(|t| t.value);
            let max = max_capacity(channel, Some(at)).flatten();
            let is_online = state == Some(Value::Name(Name::ONLINE));
            if at < channel.named_at || !self.is_in_group(tracks, at) {
                return (at, now);
            }
            now.agents = 1;
            now.accepting = u64::from(accepting(channel, load, Some(at)) == Some(true));
            let has_access = access(channel, Some(at)) != Some(false);
            if let Some(max) = max.filter(|_| is_online && has_access) {
                (now.load, now.max_capacity) = (load, max.into());
            }
            (at, now)
        });
        course.collect()
    }

    fn is_in_group(&self, tracks: &Tracks, at: Instant) -> bool {
        let Some(group_id) = self.group_id else {
            return true;
        };
        match tracks.groups.last_as_of(Some(at)).map(|t| t.value) {
            Some(Value::Groups(set)) => {
                groups_of(self.names.text(set)).iter().any(|group| group == group_id)
            }
            _ => false,
        }
    }
}
