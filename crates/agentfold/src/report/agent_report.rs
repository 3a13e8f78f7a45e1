//! Makes reports: how long, how busy and how fast, bucket by bucket
//! ([the contract](crate::contract::measures)).

use super::buckets::Buckets;
use super::row::{About, Row};
use super::sums::{Group, Sums, Told};
use crate::error::Error;
use crate::fold::Fold;
use crate::fold::names::{Name, Names};
use crate::fold::tracks::{Target, Tracks};
use crate::fold::value::{Previous, Value, groups_of};
use crate::history::Window;
use crate::history::histories;
use crate::history::loads;
use crate::history::{Happening, History, What};
use crate::history::{PlainSteps, Steps, Stretch, plain};
use crate::word::words;
use crate::{Agent, Instant, Selection};

words! {
    /// What a row of a report is about ([the contract](crate::contract::measures#rows)).
    // Exhaustive on purpose: the contract names these four.
    #[derive(Default)]
    pub enum RollUp {
        /// One agent.
        #[default]
        Agent = "agent",
        /// All agents of all accounts on one channel.
        Channel = "channel",
        /// All agents of an account.
        Account = "account",
        /// All agents of a group, while they are in it. An agent of several groups counts in each of
        /// them, so these rows do not add up to a total.
        Group = "group",
    }
}

impl Fold {
    /// Makes a report. For each selected agent and bucket, it has a row for each channel, one for each
    /// unified state, and one for chat. `by` can roll these rows up.
    ///
    /// Rows are sorted by account, agent or group, bucket, kind, then channel or unified state. They
    /// are computed lazily: one agent at a time, or one account at a time by [`RollUp::Account`] and
    /// [`RollUp::Group`]. By [`RollUp::Channel`], all agents are computed before the first row. Before
    /// the [agent's cut](Fold::cut_of) its time is unknown.
    ///
    /// # Errors
    /// `too_many_rows` if the number of agents times buckets exceeds [`Buckets::ROW_LIMIT`], or the
    /// limit set by [`Buckets::with_row_limit`].
    ///
    /// ```
    /// use agentfold::{Fold, Instant, Selection};
    /// use agentfold::report::{Buckets, RollUp, Row};
    ///
    /// let online = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:10:00Z", "channel": "talk",
    ///               "previous_state": "offline", "new_state": "online"},
    ///     "type": "zen:event-type:agent.state_changed"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(online, |bad| panic!("{bad:?}"));
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let buckets = Buckets::new(vec![at("09:00:00"), at("09:15:00")], at("17:00:00"))?;
    /// let rows: Vec<Row> = fold.report(&buckets, RollUp::Agent, &Selection::all())?.collect();
    /// let Row::Channel(talk) = &rows[0] else { panic!("a row of the channel comes first") };
    /// assert_eq!((talk.length_ns, talk.online_ns), (900_000_000_000, 300_000_000_000));
    /// assert_eq!(talk.occupancy, Some(0.0));
    /// assert_eq!(talk.utilisation, None);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn report(
        &self,
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
    ) -> Result<impl Iterator<Item = Row> + use<'_>, Error> {
        let agents = self.selected(selection, &buckets.window());
        buckets.check_rows(agents.len())?;
        let together = |a: &Agent, b: &Agent| match by {
            RollUp::Agent => false,
            RollUp::Channel => true,
            RollUp::Account | RollUp::Group => a.account_id == b.account_id,
        };
        let parties: Vec<Vec<Agent>> = agents.chunk_by(together).map(<[Agent]>::to_vec).collect();
        let (buckets, selection) = (buckets.clone(), selection.clone());
        Ok(parties.into_iter().flat_map(move |party| self.rows(&party, &buckets, by, &selection)))
    }

    /// The rows of agents that are reported together.
    fn rows(
        &self,
        party: &[Agent],
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
    ) -> Vec<Row> {
        let mut sums = Sums::default();
        for tracks in party.iter().filter_map(|agent| self.tracks(*agent)) {
            sums.join(AgentReport::new(tracks, &self.names, buckets, by, selection).sums());
        }
        if by == RollUp::Channel {
            sums.unified_states.clear();
            sums.chats.clear();
        }
        if by == RollUp::Group {
            sums.retain(|group| selection.has_group(group.as_deref()));
        }
        let one = by == RollUp::Agent;
        let about = |group: Group, agents| About {
            account_id: (by != RollUp::Channel).then_some(party[0].account_id),
            agent_id: one.then_some(party[0].agent_id),
            group_id: (by == RollUp::Group).then_some(group),
            agents: (!one).then_some(agents),
        };
        sums.rows(about, buckets.boundaries(), &self.names)
    }
}

/// One agent's part in a report.
struct AgentReport<'f> {
    tracks: &'f Tracks,
    names: &'f Names,
    buckets: &'f Buckets,
    selection: &'f Selection,
    window: Window,
    /// The agent's groups from an instant on. If rows are not by group, it is always one.
    groups: Vec<(Instant, Vec<Group>)>,
}

impl<'f> AgentReport<'f> {
    fn new(
        tracks: &'f Tracks,
        names: &'f Names,
        buckets: &'f Buckets,
        by: RollUp,
        selection: &'f Selection,
    ) -> AgentReport<'f> {
        let window = buckets.window();
        let of_set = |stretch: &Stretch| {
            let ids = match stretch.value {
                Value::Groups(set) => groups_of(names.text(set)),
                _ => Vec::new(),
            };
            let known: Vec<Group> = ids.into_iter().map(Some).collect();
            (stretch.from, if known.is_empty() { vec![None] } else { known })
        };
        let groups = match by {
            RollUp::Group => plain(tracks, &Target::Groups, &window).iter().map(of_set).collect(),
            _ => vec![(window.from, vec![None])],
        };
        AgentReport { tracks, names, buckets, selection, window, groups }
    }

    fn sums(&self) -> Sums<'f> {
        let mut sums = Sums::default();
        if self.window.is_empty() {
            return sums;
        }
        let items = histories(self.tracks, &self.window);
        let histories: Vec<&History> = items.iter().map(|(_, history)| history).collect();
        for channel in self.tracks.channels.iter().filter(|c| c.named_at <= self.window.as_of) {
            if self.selection.has_channel(self.names.text(channel.name)) {
                self.add_channel(&mut sums, channel.name, &histories);
            }
        }
        if self.selection.channels.is_empty() {
            self.add_unified_states(&mut sums);
            self.add_chat(&mut sums);
        }
        sums
    }

    /// Splits each bucket into parts in which neither the groups nor the values of `lists` change.
    /// Calls `each` with a group, the bucket's index, the nanoseconds, and the indexes into the lists.
    fn sweep<const N: usize>(
        &self,
        lists: [&[Instant]; N],
        mut each: impl FnMut(&Group, usize, u128, [usize; N]),
    ) {
        let boundaries = self.buckets.boundaries();
        let groups: Vec<Instant> = self.groups.iter().map(|(from, _)| *from).collect();
        let (mut bucket, mut group, mut places) = (0, 0, [0; N]);
        let mut from = self.window.from;
        while bucket + 1 < boundaries.len() {
            let nexts = (0..N).filter_map(|i| lists[i].get(places[i] + 1));
            let to =
                nexts.chain(groups.get(group + 1)).fold(boundaries[bucket + 1], |a, b| a.min(*b));
            for id in &self.groups[group].1 {
                each(id, bucket, to.nanos_since(from), places);
            }
            for i in 0..N {
                places[i] += usize::from(lists[i].get(places[i] + 1) == Some(&to));
            }
            group += usize::from(groups.get(group + 1) == Some(&to));
            bucket += usize::from(boundaries[bucket + 1] == to);
            from = to;
        }
    }

    fn add_channel(&self, sums: &mut Sums<'f>, channel: Name, histories: &[&History]) {
        let states = plain(self.tracks, &Target::State(channel), &self.window);
        let capacities = plain(self.tracks, &Target::MaxCapacity(channel), &self.window);
        let loads = loads(histories, channel, self.window.from);
        let starts = [
            &starts(&states)[..],
            &starts(&capacities)[..],
            &loads.iter().map(|(at, _)| *at).collect::<Vec<_>>()[..],
        ];
        self.sweep(starts, |group, bucket, ns, [state, capacity, load]| {
            let sum = sums.channels.entry((group.clone(), bucket, channel)).or_default();
            sum.agents = 1;
            sum.length += ns;
            let (state, load) = (&states[state], loads[load].1);
            let name = state.value.name();
            sum.state.add((name, state.basis), ns);
            if name != Some(Name::ONLINE) {
                return;
            }
            let items = ns.saturating_mul(load.into());
            sum.online += ns;
            sum.item = sum.item.saturating_add(items);
            if load > 0 {
                sum.busy += ns;
            }
            if let Some(capacity) = capacities[capacity].value.number() {
                sum.item_known = sum.item_known.saturating_add(items);
                sum.capacity = sum.capacity.saturating_add(ns.saturating_mul(capacity.into()));
                if load >= capacity {
                    sum.at_capacity += ns;
                }
            }
        });
        let happenings = histories.iter().flat_map(|history| &history.happenings);
        for happening in happenings.filter(|happening| happening.channel == channel) {
            self.count(sums, happening);
        }
    }

    /// Counts a happening in its bucket, for the groups that the agent has after it.
    fn count(&self, sums: &mut Sums<'f>, happening: &Happening) {
        let Happening { at, channel, what } = *happening;
        let Some(bucket) = self.buckets.place(at).filter(|_| at >= self.tracks.cut) else {
            return;
        };
        let place = self.groups.partition_point(|(from, _)| *from <= at).saturating_sub(1);
        for group in &self.groups[place].1 {
            let sum = sums.channels.entry((group.clone(), bucket, channel)).or_default();
            match what {
                What::Added => sum.added += 1,
                What::Removed(reason) => sum.removed.add(reason, 1),
                What::Offered => sum.offered += 1,
                What::OfferEnded(time) => {
                    sum.offers_ended += 1;
                    sum.offer_times.extend(time);
                }
                What::Accepted => sum.accepted += 1,
                What::Missed => sum.missed += 1,
                What::Handled(time) => sum.handle_times.push(time),
            }
        }
    }

    fn add_unified_states(&self, sums: &mut Sums<'f>) {
        let states = plain(self.tracks, &Target::UnifiedState, &self.window);
        self.sweep([&starts(&states)], |group, bucket, ns, [state]| {
            let Stretch { value, basis, .. } = states[state];
            let (id, reason) = match value {
                Value::Unified(state) => (Some(state.id), state.reason),
                _ => (None, None),
            };
            let sum = sums.unified_states.entry((group.clone(), bucket, id)).or_default();
            sum.agents = 1;
            sum.basis.add(basis, ns);
            if reason.is_some_and(Name::is_involuntary) {
                sum.involuntary += ns;
            }
        });
        // A row's length is the agent's time in its bucket and group, in any state.
        self.sweep([], |group, bucket, ns, []| {
            let first = (group.clone(), bucket, None);
            let rows = sums.unified_states.range_mut(first..);
            let rows = rows.take_while(|((g, b, _), _)| (g, *b) == (group, bucket));
            rows.for_each(|(_, sum)| sum.length += ns);
        });
        let mut told: Vec<(Name, Option<Told<'f>>)> = Vec::new();
        for ((_, _, id), sum) in &mut sums.unified_states {
            let Some(id) = *id else {
                continue;
            };
            sum.name = match told.iter().find(|(known, _)| *known == id) {
                Some((_, name)) => *name,
                None => {
                    told.push((id, self.name_of(id)));
                    told[told.len() - 1].1
                }
            };
        }
    }

    /// The last stated name of a unified state: in a value, or else in a previous value.
    fn name_of(&self, id: Name) -> Option<Told<'f>> {
        let track = Some(&*self.tracks.unified_state);
        let steps = PlainSteps::new(&Target::UnifiedState, track, self.window.as_of);
        let told = || (0..steps.count()).rev().map(|step| steps.transition(step));
        let find = |as_value: bool| {
            told().find_map(|by| {
                let value = match by.previous {
                    _ if as_value => by.value,
                    Previous::Value(previous) => previous,
                    _ => return None,
                };
                match value {
                    Value::Unified(state) if state.id == id => {
                        state.name.map(|name| Told { as_value, by, name })
                    }
                    _ => None,
                }
            })
        };
        find(true).or_else(|| find(false))
    }

    fn add_chat(&self, sums: &mut Sums<'f>) {
        let statuses = plain(self.tracks, &Target::ChatStatus, &self.window);
        let engagements = plain(self.tracks, &Target::ChatEngagements, &self.window);
        let starts = [&starts(&statuses)[..], &starts(&engagements)[..]];
        self.sweep(starts, |group, bucket, ns, [status, engaged]| {
            let sum = sums.chats.entry((group.clone(), bucket)).or_default();
            sum.agents = 1;
            sum.length += ns;
            let (status, engaged) = (&statuses[status], &engagements[engaged]);
            let (name, count) = (status.value.name(), engaged.value.number());
            sum.status.add((name, status.basis), ns);
            sum.engagements.add((count, engaged.basis), ns);
            let engaged = count.unwrap_or(0);
            sum.concurrency = sum.concurrency.saturating_add(ns.saturating_mul(engaged.into()));
            if name == Some(Name::ONLINE) {
                sum.online += ns;
                sum.busy += if engaged > 0 { ns } else { 0 };
            }
        });
    }
}

fn starts(stretches: &[Stretch]) -> Vec<Instant> {
    stretches.iter().map(|stretch| stretch.from).collect()
}

impl Name {
    /// Whether this reason means that the system changed the unified state, not the agent.
    fn is_involuntary(self) -> bool {
        [Name::AGENT_DISCONNECTED, Name::AGENT_IDLE_TIMEOUT, Name::SWITCHER_AUTO_RECONNECT]
            .contains(&self)
    }
}
