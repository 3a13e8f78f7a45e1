//! Makes reports: how long, how busy and how fast, bucket by bucket
//! ([the contract](crate::contract::measures)).

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap};

use super::buckets::Buckets;
use super::row::{About, Row};
use super::row_place::none_last;
use super::sums::{Group, Sums, Told};
use crate::error::Error;
use crate::fold::Fold;
use crate::fold::names::{Name, Names};
use crate::fold::tracks::{Target, Tracks};
use crate::fold::value::{Previous, Value, groups_of};
use crate::history::Window;
use crate::history::histories;
use crate::history::loads;
use crate::history::{DoubtfulPart, Gaps, load_doubts, plain_doubts};
use crate::history::{Happening, History, What};
use crate::history::{Life, PlainSteps, Stretch, plain};
use crate::word::words;
use crate::{Agent, Instant, Selection};

words! {
    /// What a row of a report is about ([the contract](crate::contract::measures#rows)).
    // Exhaustive on purpose: the contract names these five.
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
        /// Like `group`, but the time of an agent of several groups is divided evenly among them, so
        /// the durations add up to those of the account. What is counted counts in each group.
        GroupSplit = "group_split",
    }
}

impl RollUp {
    fn is_by_group(self) -> bool {
        matches!(self, RollUp::Group | RollUp::GroupSplit)
    }

    /// What the rows are about that an agent is in, by the group and the number of agents.
    pub(super) fn about(self, agent: Agent) -> impl Fn(Group, u64) -> About {
        let is_one = self == RollUp::Agent;
        move |group, agents| About {
            account_id: (self != RollUp::Channel).then_some(agent.account_id),
            agent_id: is_one.then_some(agent.agent_id),
            group_id: self.is_by_group().then_some(group),
            agents: (!is_one).then_some(agents),
        }
    }
}

/// The agents that are reported together.
struct Party {
    agents: Vec<Agent>,
    /// The group that the rows are about, if they are by group.
    group: Option<Group>,
}

impl Fold {
    /// Makes a report. For each selected agent and bucket, it has a row for each channel, one for each
    /// unified state, and one for chat. `by` can roll these rows up.
    ///
    /// Rows are sorted by account, agent or group, bucket, kind, then channel or unified state. They
    /// are computed lazily, some buckets of an agent, account, group or, by [`RollUp::Channel`], of all
    /// agents at a time. So a report of any length takes little memory. Before the
    /// [agent's cut](Fold::cut_of) its time is unknown.
    ///
    /// # Errors
    /// `too_many_rows` if there would be more rows, or more pairs of an agent and a bucket, than
    /// [`Buckets::ROW_LIMIT`] or the limit set by [`Buckets::with_row_limit`]. They are counted before
    /// any row is computed. The message says how many there would be.
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
        report(self, buckets, by, selection)
    }

    /// Makes a report, as [`Fold::report`] does, and consumes the fold. So rows can be computed later,
    /// for example from a [snapshot](Fold::snapshot) while the original goes on.
    ///
    /// # Errors
    /// Like [`Fold::report`].
    ///
    /// ```
    /// use agentfold::{Fold, Instant, Selection};
    /// use agentfold::report::{Buckets, RollUp};
    ///
    /// let mut fold = Fold::new();
    /// let buckets = Buckets::new(vec![Instant::MIN, Instant::MAX], Instant::MAX)?;
    /// let rows = fold.snapshot().into_report(&buckets, RollUp::Agent, &Selection::all())?;
    /// fold.read(br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#, |bad| panic!("{bad:?}"));
    /// assert_eq!(rows.count(), 0);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn into_report(
        self,
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
    ) -> Result<impl Iterator<Item = Row> + use<>, Error> {
        report(self, buckets, by, selection)
    }

    /// The parties of a report, in the order of its rows.
    fn parties(
        &self,
        agents: Vec<Agent>,
        window: &Window,
        by: RollUp,
        selection: &Selection,
    ) -> Vec<Party> {
        let together = |a: &Agent, b: &Agent| match by {
            RollUp::Agent => false,
            RollUp::Channel => true,
            RollUp::Account | RollUp::Group | RollUp::GroupSplit => a.account_id == b.account_id,
        };
        let whole = agents.chunk_by(together);
        if !by.is_by_group() {
            return whole.map(|of| Party { agents: of.to_vec(), group: None }).collect();
        }
        whole.flat_map(|of| self.groups(of, window, selection)).collect()
    }

    /// The selected groups of an account, each with the agents that are in it at some time.
    fn groups(&self, agents: &[Agent], window: &Window, selection: &Selection) -> Vec<Party> {
        let mut groups: HashMap<Group, Vec<Agent>> = HashMap::new();
        for agent in agents {
            let times = self.tracks(*agent).map(|tracks| group_times(tracks, &self.names, window));
            let of_agent: BTreeSet<Group> =
                times.into_iter().flatten().flat_map(|(_, groups)| groups).collect();
            for group in of_agent.into_iter().filter(|g| selection.has_group(g.as_deref())) {
                groups.entry(group).or_default().push(*agent);
            }
        }
        let mut groups: Vec<(Group, Vec<Agent>)> = groups.into_iter().collect();
        groups.sort_by(|(a, _), (b, _)| none_last(a.as_deref(), b.as_deref()));
        groups.into_iter().map(|(group, agents)| Party { agents, group: Some(group) }).collect()
    }

    /// How many rows a party has at most. Reads no bucket, and all states of its agents only if asked to.
    fn most_rows(
        &self,
        party: &Party,
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
        counts_states: bool,
    ) -> u64 {
        let (window, count) = (buckets.window(), buckets.len() as u64);
        let (mut channels, mut changes) = (BTreeSet::new(), 0);
        for tracks in party.agents.iter().filter_map(|agent| self.tracks(*agent)) {
            let named = tracks.channels.iter().filter(|c| c.named_at <= window.as_of);
            let named = named.map(|channel| channel.name);
            channels.extend(named.filter(|name| selection.has_channel(self.names.text(*name))));
            // The cut and the first event change what is known, too.
            let told = tracks.unified_state.as_of(Some(window.end()));
            changes += 2 + (told.len() - told.partition_point(|t| t.at < window.from)) as u64;
        }
        let of_channels = count.saturating_mul(channels.len() as u64);
        if by == RollUp::Channel || !selection.channels.is_empty() || count == 0 {
            return of_channels;
        }
        // In a bucket, an agent has a state at its beginning, and another one after each change.
        let mut of_states = count.saturating_mul(party.agents.len() as u64).saturating_add(changes);
        if counts_states {
            let states = self.unified_states(&party.agents, &window);
            of_states = of_states.min(count.saturating_mul(states));
        }
        of_channels.saturating_add(of_states).saturating_add(count)
    }

    /// How many unified states agents had by a window's `as_of`, with the unknown one.
    fn unified_states(&self, agents: &[Agent], window: &Window) -> u64 {
        let tracks = agents.iter().filter_map(|agent| self.tracks(*agent));
        let told = tracks.flat_map(|tracks| tracks.unified_state.as_of(Some(window.as_of)));
        let values = told.flat_map(|transition| {
            let previous = match transition.previous {
                Previous::Value(previous) => Some(previous),
                _ => None,
            };
            [Some(transition.value), previous].into_iter().flatten()
        });
        let ids = values.filter_map(|value| match value {
            Value::Unified(state) => Some(state.id),
            _ => None,
        });
        1 + ids.collect::<BTreeSet<Name>>().len() as u64
    }

    /// The rows of a party.
    fn rows(
        &self,
        party: &Party,
        gaps: &[Gaps],
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
    ) -> Vec<Row> {
        let mut sums = Sums::default();
        for (agent, gaps) in party.agents.iter().zip(gaps) {
            sums.join(self.sums(*agent, party, gaps, buckets, by, selection));
        }
        sums.rows(by.about(party.agents[0]), buckets.boundaries(), &self.names)
    }

    /// The sums of one agent of a party.
    fn sums<'f>(
        &'f self,
        agent: Agent,
        party: &Party,
        gaps: &Gaps,
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
    ) -> Sums<'f> {
        let Some(tracks) = self.tracks(agent) else {
            return Sums::default();
        };
        let report = AgentReport::new(tracks, &self.names, gaps, buckets, by, party, selection);
        let mut sums = report.sums();
        if by == RollUp::Channel {
            sums.unified_states.clear();
            sums.chats.clear();
        }
        sums
    }

    /// The sums of the selected agents, each with the agent. They may be those of a group.
    pub(super) fn sums_of_each(
        &self,
        buckets: &Buckets,
        by: RollUp,
        selection: &Selection,
        mut each: impl FnMut(Agent, Sums<'_>),
    ) {
        let (window, as_of) = (buckets.window(), buckets.as_of());
        for party in self.parties(self.selected(selection, &window), &window, by, selection) {
            for agent in &party.agents {
                let gaps = self.gaps(*agent, as_of);
                each(*agent, self.sums(*agent, &party, &gaps, buckets, by, selection));
            }
        }
    }
}

/// The rows of a report of a fold.
fn report<F: Borrow<Fold>>(
    fold: F,
    buckets: &Buckets,
    by: RollUp,
    selection: &Selection,
) -> Result<impl Iterator<Item = Row> + use<F>, Error> {
    let known = fold.borrow();
    let agents = known.selected(selection, &buckets.window());
    let pairs = (agents.len() as u64).saturating_mul(buckets.len() as u64);
    let parties = known.parties(agents, &buckets.window(), by, selection);
    let most = |counts_states| {
        let of = |party| known.most_rows(party, buckets, by, selection, counts_states);
        parties.iter().map(of).fold(0, u64::saturating_add)
    };
    buckets.check_rows(pairs, most(false)).or_else(|_| buckets.check_rows(pairs, most(true)))?;
    let (buckets, selection) = (buckets.clone(), selection.clone());
    let slices = buckets.slices();
    let parts = (0..parties.len()).flat_map(move |party| (0..slices).map(move |s| (party, s)));
    // The gaps of a party's agents are the same in all slices, which follow one another.
    let mut gaps = (usize::MAX, Vec::new());
    Ok(parts.flat_map(move |(party, slice)| {
        let (known, agents) = (fold.borrow(), &parties[party].agents);
        if gaps.0 != party {
            let as_of = buckets.as_of();
            gaps = (party, agents.iter().map(|agent| known.gaps(*agent, as_of)).collect());
        }
        known.rows(&parties[party], &gaps.1, &buckets.slice(slice), by, &selection)
    }))
}

/// The groups of an agent from an instant on, in the order of ids; at least one at any time.
fn group_times(tracks: &Tracks, names: &Names, window: &Window) -> Vec<(Instant, Vec<Group>)> {
    let of_set = |stretch: &Stretch| {
        let ids = match stretch.value {
            Value::Groups(set) => groups_of(names.text(set)),
            _ => Vec::new(),
        };
        let mut known: Vec<Group> = ids.into_iter().map(Some).collect();
        known.sort_by(|a, b| none_last(a.as_deref(), b.as_deref()));
        known.dedup();
        (stretch.from, if known.is_empty() { vec![None] } else { known })
    };
    plain(tracks, &Target::Groups, window).iter().map(of_set).collect()
}

/// The part of an agent's time that counts for a group.
#[derive(Debug, Clone, Copy)]
struct Share {
    /// Among how many groups the time is divided.
    groups: i128,
    /// The place of the group among them.
    place: i128,
}

impl Share {
    const WHOLE: Share = Share { groups: 1, place: 0 };

    /// How many nanoseconds of a time belong to the group. The nanoseconds since 1970 go to the groups
    /// in turn, so the parts of a time add up to the same however it is cut.
    fn of(self, from: Instant, to: Instant) -> u128 {
        let before = |at: Instant| (at.unix_nanos() - 1 - self.place).div_euclid(self.groups);
        (before(to) - before(from)).unsigned_abs()
    }
}

/// One agent's part in a report.
struct AgentReport<'f, 'a> {
    tracks: &'f Tracks,
    names: &'f Names,
    gaps: &'a Gaps,
    buckets: &'a Buckets,
    selection: &'a Selection,
    window: Window,
    /// From an instant on, the share of the agent's time that counts, if any does. If rows are not by
    /// group, it always does.
    groups: Vec<(Instant, Option<(Group, Share)>)>,
}

impl<'f, 'a> AgentReport<'f, 'a> {
    fn new(
        tracks: &'f Tracks,
        names: &'f Names,
        gaps: &'a Gaps,
        buckets: &'a Buckets,
        by: RollUp,
        party: &Party,
        selection: &'a Selection,
    ) -> AgentReport<'f, 'a> {
        let window = buckets.window();
        let share = |(from, groups): (Instant, Vec<Group>)| {
            let place = groups.iter().position(|group| Some(group) == party.group.as_ref());
            let share = |place| match by {
                RollUp::GroupSplit => Share { groups: groups.len() as i128, place: place as i128 },
                _ => Share::WHOLE,
            };
            (from, place.map(|place| (groups[place].clone(), share(place))))
        };
        let groups = match by.is_by_group() {
            true => group_times(tracks, names, &window).into_iter().map(share).collect(),
            false => vec![(window.from, Some((None, Share::WHOLE)))],
        };
        AgentReport { tracks, names, gaps, buckets, selection, window, groups }
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
            if let Some((id, share)) = &self.groups[group].1 {
                let ns = share.of(from, to);
                if ns > 0 {
                    each(id, bucket, ns, places);
                }
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
        let doubts = Doubts::new(plain_doubts(
            self.tracks,
            &Target::State(channel),
            self.gaps,
            &self.window,
        ));
        let life = Life::of(self.tracks);
        let bounds = load_doubts(histories, channel, life, self.gaps, &self.window);
        let starts = [
            &starts(&states)[..],
            &starts(&capacities)[..],
            &loads.iter().map(|(at, _)| *at).collect::<Vec<_>>()[..],
            &doubts.starts,
            &bounds.iter().map(|(at, ..)| *at).collect::<Vec<_>>()[..],
        ];
        self.sweep(starts, |group, bucket, ns, [state, capacity, load, doubt, bound]| {
            let sum = sums.channels.entry((group.clone(), bucket, channel)).or_default();
            sum.agents = 1;
            sum.length += ns;
            let (state, load) = (&states[state], loads[load].1);
            let name = state.value.name();
            sum.state.add((name, state.basis), ns);
            sum.doubtful += doubts.of(doubt, ns);
            if name != Some(Name::ONLINE) {
                return;
            }
            let items = ns.saturating_mul(load.into());
            sum.online += ns;
            sum.item = sum.item.saturating_add(items);
            let (_, less, more) = bounds[bound];
            let least = ns.saturating_mul(load.saturating_sub(less).into());
            sum.item_least = sum.item_least.saturating_add(least);
            let most = ns.saturating_mul(load.saturating_add(more).into());
            sum.item_most = sum.item_most.saturating_add(most);
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
        if let Some((group, _)) = &self.groups[place].1 {
            let sum = sums.channels.entry((group.clone(), bucket, channel)).or_default();
            match what {
                What::Added => sum.added += 1,
                What::Removed(reason) => sum.removed.add(reason, 1),
                What::Offered => sum.offered += 1,
                What::OfferEnded(time) => {
                    sum.offers_ended += 1;
                    time.into_iter().for_each(|ns| sum.offer_times.push(ns));
                }
                What::Accepted => sum.accepted += 1,
                What::Missed => sum.missed += 1,
                What::Handled(time) => sum.handle_times.push(time),
            }
        }
    }

    fn add_unified_states(&self, sums: &mut Sums<'f>) {
        let target = Target::UnifiedState;
        let states = plain(self.tracks, &target, &self.window);
        let doubts = plain_doubts(self.tracks, &target, self.gaps, &self.window);
        let doubts = Doubts::new(doubts);
        self.sweep([&starts(&states), &doubts.starts], |group, bucket, ns, [state, doubt]| {
            let Stretch { value, basis, .. } = states[state];
            let (id, reason) = match value {
                Value::Unified(state) => (Some(state.id), state.reason),
                _ => (None, None),
            };
            let sum = sums.unified_states.entry((group.clone(), bucket, id)).or_default();
            sum.agents = 1;
            sum.basis.add(basis, ns);
            sum.doubtful += doubts.of(doubt, ns);
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
                Some((_, name)) => name.clone(),
                None => {
                    told.push((id, self.name_of(id)));
                    told[told.len() - 1].1.clone()
                }
            };
        }
    }

    /// The last stated name of a unified state: in a value, or else in a previous value.
    fn name_of(&self, id: Name) -> Option<Told<'f>> {
        let track = Some(&*self.tracks.unified_state);
        let told = || PlainSteps::told(track, self.window.as_of).iter().rev();
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

/// Where a track is doubtful and where it is not, in turn.
struct Doubts {
    /// Where each of the two begins, the first with no doubt.
    starts: Vec<Instant>,
}

impl Doubts {
    fn new(parts: Vec<DoubtfulPart>) -> Doubts {
        let mut starts = vec![Instant::MIN];
        for DoubtfulPart { from, to } in parts {
            // Of parts that touch, the first goes on.
            if starts.last() == Some(&from) {
                starts.pop();
            } else {
                starts.push(from);
            }
            starts.push(to);
        }
        Doubts { starts }
    }

    /// The nanoseconds, if they are doubtful.
    fn of(&self, place: usize, ns: u128) -> u128 {
        if place % 2 == 1 { ns } else { 0 }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nanosecond_n_goes_to_the_group_at_the_place_that_n_leaves_over() {
        let at = |nanos| Instant::from_unix(0, nanos).expect("in range");
        for nanos in 0..9 {
            for place in 0..3 {
                let share = Share { groups: 3, place };
                let expected = u128::from(i128::from(nanos) % 3 == place);
                assert_eq!(share.of(at(nanos), at(nanos + 1)), expected);
            }
        }
        assert_eq!(Share::WHOLE.of(at(3), at(8)), 5);
    }
}
