//! [`DoubtfulPart`]: the parts of history that missing versions make doubtful
//! ([the contract](crate::contract::measures#doubt)).

use serde::{Deserialize, Serialize};

use super::interval::histories;
use super::item_history::History;
use super::stretch::{Life, PlainSteps, Steps};
use super::window::Window;
use crate::fold::names::Name;
use crate::fold::origin::Origin;
use crate::fold::tracks::{Target, Tracks};
use crate::fold::value::{Value, Work};
use crate::fold::{Fold, Known};
use crate::{Agent, Instant, Track};

/// A part of an interval in which its value is doubtful: a version is missing between it and what
/// speaks for the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct DoubtfulPart {
    /// Where it begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
}

/// What speaks for the value of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Vouched {
    /// What begins it and what ends it, or nothing speaks against it.
    Throughout,
    /// What begins it.
    Before,
    /// What ends it.
    After,
    /// What ends it, which is heard of an open item whose opening is missing.
    Unheard,
    /// What begins it, but not what ends it.
    Disputed,
}

/// When versions of an agent are missing. A gap, which is a missing version or several in a row, lies
/// between two instants: of the nearest lower and the nearest greater versions.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gaps {
    /// Whether the versions can tell whether an event is missing.
    tell: bool,
    /// The first instants of the gaps, sorted.
    begins: Vec<Instant>,
    /// The second instants of the gaps, sorted.
    ends: Vec<Instant>,
}

impl Gaps {
    /// For tracks whose events have no versions.
    const UNTOLD: Gaps = Gaps { tell: false, begins: Vec::new(), ends: Vec::new() };

    /// The gaps between an agent's events up to an instant.
    pub(crate) fn of(known: &Known, as_of: Instant) -> Gaps {
        let Some(tracks) = &known.tracks else {
            return Gaps::UNTOLD;
        };
        if known.versions.ranges().next().is_none() || known.versions.sparse() {
            return Gaps::UNTOLD;
        }
        let mut gaps = Gaps { tell: true, ..Gaps::UNTOLD };
        // What is missing from before the cut says nothing of the history after it.
        let kept = tracks.recorded().kept.events;
        let mut missing = known.versions.missing();
        missing.retain(|(_, last)| *last > kept.version);
        if missing.is_empty() {
            return gaps;
        }
        // The first and last instants of the versions before, between and after the missing ones.
        let mut runs: Vec<Option<(Instant, Instant)>> = vec![None; missing.len() + 1];
        runs[0] = (kept.version > 0).then_some((kept.at, kept.at));
        let mut place = 0_usize;
        tracks.each_transition(&mut |t| {
            if t.at > as_of || t.version == 0 || t.origin == Origin::Rest {
                return;
            }
            let is_there = place.checked_sub(1).is_none_or(|last| missing[last].1 < t.version)
                && missing.get(place).is_none_or(|(_, last)| t.version <= *last);
            if !is_there {
                place = missing.partition_point(|(_, last)| *last < t.version);
            }
            let (first, last) = runs[place].get_or_insert((t.at, t.at));
            (*first, *last) = ((*first).min(t.at), (*last).max(t.at));
        });
        // A run without an instant has only versions of events that made no transition. The gaps around it
        // have the same two instants, and count as one.
        let mut before = None;
        for (first, last) in runs.into_iter().flatten() {
            if let Some(begin) = before.replace(last) {
                gaps.begins.push(first.min(begin));
                gaps.ends.push(first.max(begin));
            }
        }
        gaps.begins.sort_unstable();
        gaps.ends.sort_unstable();
        gaps
    }

    /// Where a stretch is doubtful.
    fn part(&self, vouched: Vouched, from: Instant, to: Instant) -> Option<(Instant, Instant)> {
        let whole = Some((from, to));
        let since_gap = || {
            let first = self.begins.partition_point(|begin| *begin < from);
            self.begins.get(first).filter(|begin| **begin < to).map(|begin| (*begin, to))
        };
        let until_gap = || {
            let last = self.ends.partition_point(|end| *end <= to).checked_sub(1)?;
            Some((from, self.ends[last]))
        };
        match vouched {
            Vouched::Throughout => None,
            Vouched::Unheard | Vouched::Disputed if !self.tell => whole,
            Vouched::Before => since_gap(),
            Vouched::After | Vouched::Unheard => until_gap(),
            Vouched::Disputed => since_gap().or(whole),
        }
    }
}

/// The doubtful parts of a track in a window, in order.
pub(crate) fn doubts<S: Steps>(
    steps: &S,
    life: Life,
    gaps: &Gaps,
    window: &Window,
) -> Vec<DoubtfulPart> {
    let start = window.from.max(life.cut);
    let stretches =
        (steps.before(start)..=steps.count()).map(|next| stretch(steps, life, next, window));
    let stretches = stretches.take_while(|(from, ..)| *from < window.end());
    let parts = stretches.filter_map(|(from, to, value, vouched)| {
        value?;
        let (from, to) = gaps.part(vouched, from, to)?;
        clipped(from, to, life, window)
    });
    parts.collect()
}

/// The stretch before a step, or the last one: where it begins and ends, its value, and what speaks for
/// that.
fn stretch<S: Steps>(
    steps: &S,
    life: Life,
    next: usize,
    window: &Window,
) -> (Instant, Instant, Option<Value>, Vouched) {
    let (from, value) = match next.checked_sub(1) {
        None => (life.first_at, steps.inferred()),
        Some(step) => (steps.at(step), steps.value(step)),
    };
    let to = if next == steps.count() { window.as_of } else { steps.at(next) };
    (from, to, value, steps.vouched(next))
}

fn clipped(from: Instant, to: Instant, life: Life, window: &Window) -> Option<DoubtfulPart> {
    let (from, to) = (from.max(window.from).max(life.cut), to.min(window.end()));
    (from < to).then_some(DoubtfulPart { from, to })
}

/// The doubtful parts of a track that is not a work item's.
pub(crate) fn plain_doubts(
    tracks: &Tracks,
    target: &Target,
    gaps: &Gaps,
    window: &Window,
) -> Vec<DoubtfulPart> {
    let gaps = match target {
        Target::ChatStatus | Target::ChatEngagements => &Gaps::UNTOLD,
        _ => gaps,
    };
    let mut steps = PlainSteps::new(target, tracks.track(target), window.as_of);
    if let Target::Access(channel) = target {
        steps.active = PlainSteps::told(tracks.track(&Target::State(*channel)), window.as_of);
    }
    doubts(&steps, Life::of(tracks), gaps, window)
}

/// The doubtful parts of a track.
pub(crate) fn doubts_of(
    tracks: &Tracks,
    target: &Target,
    gaps: &Gaps,
    window: &Window,
) -> Vec<DoubtfulPart> {
    let Target::WorkItem(id, channel) = target else {
        return plain_doubts(tracks, target, gaps, window);
    };
    let history = History::find(tracks, id, window.as_of).unwrap_or_default();
    let on = history.channels.iter().find(|on| on.channel == *channel);
    on.map_or_else(Vec::new, |on| doubts(on, Life::of(tracks), gaps, window))
}

/// How many items may be fewer or more than the load says, and the instant from which this holds. The
/// first begins at the window or before.
pub(crate) fn load_doubts(
    histories: &[&History],
    channel: Name,
    life: Life,
    gaps: &Gaps,
    window: &Window,
) -> Vec<(Instant, u64, u64)> {
    let mut steps: Vec<(Instant, i64, i64)> = Vec::new();
    let channels = histories.iter().flat_map(|history| &history.channels);
    for on in channels.filter(|on| on.channel == channel) {
        // Before the first step nothing was heard of the item, so it is not in the load.
        for next in on.before(window.from.max(life.cut)).max(1)..=on.count() {
            let (from, to, value, vouched) = stretch(on, life, next, window);
            let part = gaps.part(vouched, from, to);
            let part = part.and_then(|(from, to)| clipped(from, to, life, window));
            let Some(DoubtfulPart { from, to }) = part else {
                continue;
            };
            let is_open = matches!(value, Some(Value::Work(Work { open: true, .. })));
            let (less, more) = (i64::from(is_open), i64::from(!is_open));
            steps.extend([(from, less, more), (to, -less, -more)]);
        }
    }
    let mut bounds = vec![(Instant::MIN, 0_u64, 0_u64)];
    steps.sort_unstable_by_key(|(at, ..)| *at);
    let (mut less, mut more) = (0_i64, 0_i64);
    for same in steps.chunk_by(|a, b| a.0 == b.0) {
        for (_, fewer, further) in same {
            less += fewer;
            more += further;
        }
        let at = same[0].0;
        if at <= window.from {
            bounds.clear();
        }
        let at = if at <= window.from { Instant::MIN } else { at };
        bounds.push((at, less.unsigned_abs(), more.unsigned_abs()));
    }
    bounds
}

/// The parts in which the load of a channel is doubtful.
pub(crate) fn load_parts(
    tracks: &Tracks,
    channel: Name,
    gaps: &Gaps,
    window: &Window,
) -> Vec<DoubtfulPart> {
    let items = histories(tracks, window);
    let items: Vec<&History> = items.iter().map(|(_, history)| history).collect();
    let bounds = load_doubts(&items, channel, Life::of(tracks), gaps, window);
    let mut parts: Vec<DoubtfulPart> = Vec::new();
    for (place, (from, less, more)) in bounds.iter().enumerate() {
        let to = bounds.get(place + 1).map_or(window.end(), |(next, ..)| *next);
        let (from, to) = ((*from).max(window.from), to.min(window.end()));
        match parts.last_mut() {
            _ if (*less, *more) == (0, 0) || from >= to => {}
            Some(last) if last.to == from => last.to = to,
            _ => parts.push(DoubtfulPart { from, to }),
        }
    }
    parts
}

/// The tracks of an agent whose value at an instant is doubtful: the unified state, the states on channels,
/// and the open items. Nothing later is known at the instant, so only what was stated before a gap is.
pub(crate) fn doubtful_at(tracks: &Tracks, gaps: &Gaps, at: Instant) -> Vec<Target> {
    if gaps.begins.is_empty() {
        return Vec::new();
    }
    let states = tracks.channels.iter().map(|channel| Target::State(channel.name));
    let states = states.chain([Target::UnifiedState]).filter(|target| {
        let steps = PlainSteps::new(target, tracks.track(target), at);
        is_doubtful_at_last(&steps, gaps, at)
    });
    let mut doubtful: Vec<Target> = states.collect();
    for (id, item) in tracks.items_touching(at, at) {
        let history = History::of(tracks, &id, &item, at);
        let channels = history.into_iter().flat_map(|history| history.channels);
        let on = channels.filter(|on| is_doubtful_at_last(on, gaps, at));
        doubtful.extend(on.map(|on| Target::WorkItem((*id).clone(), on.channel)));
    }
    doubtful
}

/// Whether the last value of a track is doubtful at an instant.
fn is_doubtful_at_last<S: Steps>(steps: &S, gaps: &Gaps, at: Instant) -> bool {
    let Some(last) = steps.count().checked_sub(1).filter(|last| steps.value(*last).is_some())
    else {
        return false;
    };
    gaps.part(steps.vouched(last + 1), steps.at(last), at).is_some()
}

impl Fold {
    /// The doubtful parts of a track that is not derived, by the agent's gaps. None if it is not known.
    pub(crate) fn doubts_of(
        &self,
        agent: Agent,
        track: &Track,
        gaps: &Gaps,
        window: &Window,
    ) -> Vec<DoubtfulPart> {
        let known = self.tracks(agent).filter(|tracks| tracks.first_at <= window.as_of);
        match (known, Target::of(track, &self.names)) {
            (Some(tracks), Some(target)) => doubts_of(tracks, &target, gaps, window),
            _ => Vec::new(),
        }
    }

    /// The agents whose versions cannot tell that an event is missing, although they have versions: so
    /// many never arrived that they must be counted for something else, too. Missing versions raise no
    /// doubt about these agents.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let state = |version: u64| format!(
    ///     r#"{{"account_id": 2, "detail": {{"agent_id": "7", "version": "{version}"}}, "id": "{version}",
    ///         "event": {{"updated_at": "2026-01-05T09:00:{version}Z", "channel": "talk", "new_state": "away"}},
    ///         "type": "zen:event-type:agent.state_changed"}}"#);
    /// let mut fold = Fold::new();
    /// for version in [10, 12, 14, 16, 18] {
    ///     fold.read(state(version).as_bytes(), |bad| panic!("{bad:?}"));
    /// }
    /// assert_eq!(fold.sparse_agents().collect::<Vec<_>>(), [Agent::new(2, 7)]);
    /// ```
    pub fn sparse_agents(&self) -> impl Iterator<Item = Agent> + use<> {
        let is_sparse =
            |agent| self.agents.get(&agent).is_some_and(|known| known.versions.sparse());
        self.agents_where(&is_sparse).into_iter()
    }

    /// When versions of an agent are missing, of its events up to an instant.
    pub(crate) fn gaps(&self, agent: Agent, as_of: Instant) -> Gaps {
        self.agents.get(&agent).map_or(Gaps::UNTOLD, |known| Gaps::of(known, as_of))
    }
}
