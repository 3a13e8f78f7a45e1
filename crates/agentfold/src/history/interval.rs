//! [`Interval`]: a stretch of a track with one value, as data.

use serde::{Deserialize, Serialize};

use super::basis::Basis;
use super::doubt::{DoubtfulPart, Gaps, doubts, doubts_of, load_parts, plain_doubts};
use super::item_history::History;
use super::load::load;
use super::stretch::{Life, PlainSteps, Stretch, plain, stretches};
use super::window::Window;
use crate::error::{Error, ErrorKind};
use crate::fold::Fold;
use crate::fold::id::ItemId;
use crate::fold::names::Names;
use crate::fold::tracks::{Target, Tracks};
use crate::fold::transition_set::TransitionSet;
use crate::{Agent, Instant, Track, TrackValue};

/// A stretch of a track with one value ([the contract](crate::contract::measures#intervals)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Interval {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// The track.
    #[serde(flatten, with = "crate::track::parts")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::track::parts::Parts<'static>"))]
    pub track: Track,
    /// Where it begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The value, as in the state. Null if it is unknown, or for a capacity without limit.
    pub value: TrackValue,
    /// How certain the value is.
    pub basis: Basis,
    /// Whether it continues at the window's `as_of`.
    pub open: bool,
    /// The parts of it in which the value is doubtful, in order.
    pub doubtful: Vec<DoubtfulPart>,
}

impl Fold {
    /// Returns an agent's intervals in a window, track by track. The intervals of a track cover the
    /// window without gaps or overlaps.
    ///
    /// Without `track`, these are all tracks that an event has set, in the order of [`Track`]. Work
    /// items are included if they are open or change in the window. With `track`, it is only that
    /// track, which is [unknown](Basis::Unknown) if no event has set it. An agent without an accepted
    /// event by `as_of` has no intervals.
    ///
    /// Pass [`Track::Load`] for the number of open items on a channel. The basis of its intervals is
    /// the worst of the open items' bases, and `observed` if no item is open. As in reports, an item
    /// that is only inferred to be open does not count.
    ///
    /// Before the [agent's cut](Fold::cut_of) every track is unknown: [`Basis::Unknown`].
    ///
    /// # Errors
    /// `no_track` if the track has [no intervals](Track::has_intervals).
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    /// use agentfold::history::{Basis, Window};
    ///
    /// let state = |id, at, previous, new| format!(
    ///     r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}",
    ///         "event": {{"updated_at": "2026-01-05T{at}Z", "channel": "talk",
    ///                   "previous_state": "{previous}", "new_state": "{new}"}},
    ///         "type": "zen:event-type:agent.state_changed"}}"#);
    /// let mut fold = Fold::new();
    /// fold.read(state("a", "09:00:00", "offline", "online").as_bytes(), |bad| panic!("{bad:?}"));
    /// fold.read(state("b", "09:30:00", "online", "away").as_bytes(), |bad| panic!("{bad:?}"));
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let window = Window { from: at("09:00:00"), to: at("10:00:00"), as_of: at("09:45:00") };
    /// let intervals = fold.intervals(fold.agents().next().expect("an agent"), Some(&"state[talk]".parse()?), &window)?;
    /// assert_eq!(intervals[0].value, "online");
    /// assert_eq!(intervals[0].basis, Basis::Observed);
    /// assert_eq!(intervals[1].value, "away");
    /// assert_eq!((intervals[1].to, intervals[1].open), (at("09:45:00"), true));
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn intervals(
        &self,
        agent: Agent,
        track: Option<&Track>,
        window: &Window,
    ) -> Result<Vec<Interval>, Error> {
        if track.is_some_and(|track| !track.has_intervals()) {
            return Err(ErrorKind::NoTrack.into());
        }
        let known = self.tracks(agent).filter(|tracks| tracks.first_at <= window.as_of);
        let Some(tracks) = known.filter(|_| !window.is_empty()) else {
            return Ok(Vec::new());
        };
        let gaps = self.gaps(agent, window.as_of);
        let of_tracks = match track {
            None => of_all(tracks, &self.names, &gaps, window),
            Some(Track::Load(channel)) => {
                let name = self.names.find(channel);
                let parts = name.map(|name| load_parts(tracks, name, &gaps, window));
                let stretches = load(tracks, name, window);
                vec![(Track::Load(channel.clone()), stretches, parts.unwrap_or_default())]
            }
            Some(track) => {
                let target = Target::of(track, &self.names);
                let parts = target.as_ref().map(|target| doubts_of(tracks, target, &gaps, window));
                let stretches = of_target(tracks, target.as_ref(), window);
                vec![(track.clone(), stretches, parts.unwrap_or_default())]
            }
        };
        let intervals = of_tracks.into_iter().flat_map(|(track, stretches, parts)| {
            let mut parts = &parts[..];
            let intervals = stretches.into_iter().map(|stretch| Interval {
                agent,
                track: track.clone(),
                from: stretch.from,
                to: stretch.to,
                value: stretch.value.data(&self.names),
                basis: stretch.basis,
                open: stretch.open,
                doubtful: within(&mut parts, stretch.from, stretch.to),
            });
            intervals.collect::<Vec<_>>()
        });
        Ok(intervals.collect())
    }
}

/// The doubtful parts within `[from, to)`. Drops the parts that end before it.
fn within(parts: &mut &[DoubtfulPart], from: Instant, to: Instant) -> Vec<DoubtfulPart> {
    *parts = &parts[parts.partition_point(|part| part.to <= from)..];
    let within = parts.iter().take_while(|part| part.from < to);
    within.map(|part| DoubtfulPart { from: part.from.max(from), to: part.to.min(to) }).collect()
}

/// The stretches of a track. Without a target they are unknown.
pub(crate) fn of_target(tracks: &Tracks, target: Option<&Target>, window: &Window) -> Vec<Stretch> {
    let life = Life::of(tracks);
    match target {
        Some(Target::WorkItem(id, channel)) => {
            let history = History::find(tracks, id, window.as_of).unwrap_or_default();
            match history.channels.iter().find(|on| on.channel == *channel) {
                Some(on) => stretches(on, life, window),
                None => stretches(&PlainSteps::none(), life, window),
            }
        }
        Some(target) => plain(tracks, target, window),
        None => stretches(&PlainSteps::none(), life, window),
    }
}

/// The stretches of all tracks that have transitions. Work items are included if they touch the window.
fn of_all(
    tracks: &Tracks,
    names: &Names,
    gaps: &Gaps,
    window: &Window,
) -> Vec<(Track, Vec<Stretch>, Vec<DoubtfulPart>)> {
    let plain_tracks = sorted_plain_tracks(tracks, names)
        .into_iter()
        .filter(|(_, track)| !track.as_of(Some(window.as_of)).is_empty())
        .map(|(target, _)| {
            let parts = plain_doubts(tracks, &target, gaps, window);
            (target.track(names), plain(tracks, &target, window), parts)
        });
    let items = histories(tracks, window).into_iter().flat_map(|(id, history)| {
        let mut channels = history.channels;
        channels.retain(|on| on.touches(window.from.max(tracks.cut), window.end()));
        channels.sort_by_key(|on| names.text(on.channel));
        channels.into_iter().map(move |on| {
            let life = Life::of(tracks);
            let (stretches, parts) =
                (stretches(&on, life, window), doubts(&on, life, gaps, window));
            (Target::WorkItem(id.clone(), on.channel).track(names), stretches, parts)
        })
    });
    plain_tracks.chain(items).collect()
}

/// All tracks except those of work items, in the order of the contract's list, then by channel.
pub(crate) fn sorted_plain_tracks<'t>(
    tracks: &'t Tracks,
    names: &Names,
) -> Vec<(Target, &'t TransitionSet)> {
    let mut sorted: Vec<_> = tracks.plain_tracks().collect();
    sorted.sort_by_key(|(target, _)| {
        (target.aspect(), target.channel().map(|name| names.text(name)))
    });
    sorted
}

/// The histories of the work items that touch a window, and of a few more, sorted by id.
pub(crate) fn histories(tracks: &Tracks, window: &Window) -> Vec<(ItemId, History)> {
    let items = tracks.items_touching(window.from, window.end());
    let told = items.filter_map(|(id, item)| {
        let history = History::of(tracks, &id, &item, window.as_of)?;
        Some((id.into_owned(), history))
    });
    let mut told: Vec<_> = told.collect();
    told.sort_by(|(a, _), (b, _)| a.cmp(b));
    told
}
