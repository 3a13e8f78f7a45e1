//! [`Interval`]: a stretch of a track with one value, as data.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::basis::Basis;
use super::item_history::History;
use super::stretch::{Life, PlainSteps, Stretch, plain, stretches};
use super::window::Window;
use crate::error::{Error, ErrorKind};
use crate::fold::Fold;
use crate::fold::id::ItemId;
use crate::fold::names::Names;
use crate::fold::state::as_text;
use crate::fold::tracks::{Target, Tracks};
use crate::fold::transition_set::TransitionSet;
use crate::fold::value::{Value, Work};
use crate::{Agent, Instant};

/// A stretch of a track with one value (`measures.md`, Intervals).
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Interval {
    /// The account.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub account_id: u64,
    /// The agent.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub agent_id: u64,
    /// The track, as the contract writes it: `unified_state`, `state[support]`, `work_item[7]@talk`.
    pub track: String,
    /// Where it begins.
    pub from: Instant,
    /// Where it ends, itself not in it.
    pub to: Instant,
    /// The value, as in the state; null where it is unknown, and for a capacity without limit.
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::TrackValue"))]
    pub value: Json,
    /// How sure the value is.
    pub basis: Basis,
    /// Whether it goes on as of the window's `as_of`.
    pub open: bool,
}

impl Fold {
    /// The intervals of an agent in a window, track by track: they never overlap, and cover the
    /// window without a hole.
    ///
    /// These are the tracks that anything was told of, in the order of the contract's list; of work
    /// items those that are open in the window or change in it. With `track`, written as the
    /// contract writes it, it is that track alone, unknown if nothing was told of it. There are none
    /// of an agent of whom nothing was accepted by `as_of`.
    ///
    /// # Errors
    /// `no_track` if `track` is written as no track is.
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
    /// let intervals = fold.intervals(fold.agents()[0], Some("state[talk]"), &window)?;
    /// assert_eq!(intervals[0].value, "online");
    /// assert_eq!(intervals[0].basis, Basis::Observed);
    /// assert_eq!(intervals[1].value, "away");
    /// assert_eq!((intervals[1].to, intervals[1].open), (at("09:45:00"), true));
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn intervals(
        &self,
        agent: Agent,
        track: Option<&str>,
        window: &Window,
    ) -> Result<Vec<Interval>, Error> {
        let named = track.map(|track| Target::find(track, &self.names)).transpose()?;
        let known = self.tracks(agent).filter(|tracks| tracks.first_at <= window.as_of);
        let Some(tracks) = known.filter(|_| !window.is_empty()) else {
            return Ok(Vec::new());
        };
        let tracks = match (track, named) {
            (Some(track), Some(target)) => {
                vec![(track.to_owned(), of_target(tracks, target.as_ref(), window))]
            }
            _ => of_all(tracks, &self.names, window),
        };
        let intervals = tracks.into_iter().flat_map(|(track, stretches)| {
            stretches.into_iter().map(move |stretch| Interval {
                account_id: agent.account_id,
                agent_id: agent.agent_id,
                track: track.clone(),
                from: stretch.from,
                to: stretch.to,
                value: json_of(stretch.value, &self.names),
                basis: stretch.basis,
                open: stretch.open,
            })
        });
        Ok(intervals.collect())
    }
}

/// The stretches of a track; of one that nobody named if there is no target.
pub(crate) fn of_target(tracks: &Tracks, target: Option<&Target>, window: &Window) -> Vec<Stretch> {
    let life = Life::of(tracks);
    match target {
        Some(Target::WorkItem(id, channel)) => {
            let item = tracks.items.get(id);
            let told = item.map_or(&[][..], |item| item.track().as_of(Some(window.as_of)));
            let history = History::of(told);
            match history.channels.iter().find(|on| on.channel == *channel) {
                Some(on) => stretches(on, life, window),
                None => stretches(&PlainSteps::NONE, life, window),
            }
        }
        Some(target) => plain(tracks, target, window),
        None => stretches(&PlainSteps::NONE, life, window),
    }
}

/// The stretches of all tracks that anything was told of, of work items those that the window
/// touches.
fn of_all(tracks: &Tracks, names: &Names, window: &Window) -> Vec<(String, Vec<Stretch>)> {
    let plain_tracks = sorted_plain_tracks(tracks, names)
        .into_iter()
        .filter(|(_, track)| !track.as_of(Some(window.as_of)).is_empty())
        .map(|(target, _)| (target.text(names), plain(tracks, &target, window)));
    let items = histories(tracks, window).into_iter().flat_map(|(id, history)| {
        let mut channels = history.channels;
        channels.retain(|on| on.touches(window.from.max(tracks.cut), window.end()));
        channels.sort_by_key(|on| names.text(on.channel));
        channels.into_iter().map(move |on| {
            let stretches = stretches(&on, Life::of(tracks), window);
            (Target::WorkItem(id.clone(), on.channel).text(names), stretches)
        })
    });
    plain_tracks.chain(items).collect()
}

/// All tracks but those of work items, in the order of the contract's list, then by channel.
pub(crate) fn sorted_plain_tracks<'t>(
    tracks: &'t Tracks,
    names: &Names,
) -> Vec<(Target, &'t TransitionSet)> {
    let mut sorted: Vec<_> = tracks.plain_tracks().collect();
    sorted
        .sort_by_key(|(target, _)| (target.place(), target.channel().map(|name| names.text(name))));
    sorted
}

/// The histories of the work items that a window touches, and of a few more, sorted by id.
pub(crate) fn histories<'t>(tracks: &'t Tracks, window: &Window) -> Vec<(&'t ItemId, History)> {
    let mut items: Vec<_> = tracks.items_touching(window.from, window.end()).collect();
    items.sort_by_key(|(id, _)| *id);
    let told = items.into_iter().map(|(id, item)| (id, item.track().as_of(Some(window.as_of))));
    let told = told.filter(|(_, transitions)| !transitions.is_empty());
    told.map(|(id, transitions)| (id, History::of(transitions))).collect()
}

/// A value as data, as it stands in intervals.
pub(crate) fn json_of(value: Value, names: &Names) -> Json {
    match value {
        Value::Work(Work { reason, open, .. }) => {
            json!({ "reason": reason.map(|reason| names.text(reason)), "open": open })
        }
        value => value.json(names),
    }
}

impl Target {
    /// Its place in the contract's list of tracks.
    fn place(&self) -> usize {
        match self {
            Target::UnifiedState => 0,
            Target::State(_) => 1,
            Target::Access(_) => 2,
            Target::MaxCapacity(_) => 3,
            Target::Groups => 4,
            Target::ChatStatus => 5,
            Target::ChatEngagements => 6,
            Target::WorkItem(..) => 7,
        }
    }

    /// The track of a text as [`Target::text`] writes it; none if nobody named its channel.
    pub(crate) fn find(text: &str, names: &Names) -> Result<Option<Target>, Error> {
        let plain = match text {
            "unified_state" => Some(Target::UnifiedState),
            "groups" => Some(Target::Groups),
            "chat_status" => Some(Target::ChatStatus),
            "chat_engagements" => Some(Target::ChatEngagements),
            _ => None,
        };
        if plain.is_some() {
            return Ok(plain);
        }
        if let Some(item) = text.strip_prefix("work_item[").filter(|item| item.contains("]@")) {
            // An id may hold what else ends it.
            let target = item.rmatch_indices("]@").find_map(|(end, mark)| {
                let channel = names.find(&item[end + mark.len()..])?;
                Some(Target::WorkItem(ItemId::new(&item[..end]), channel))
            });
            return Ok(target);
        }
        let of_channel = text.strip_suffix(']').and_then(|text| text.split_once('['));
        let (track, channel) = of_channel.ok_or(ErrorKind::NoTrack)?;
        let target: fn(_) -> _ = match track {
            "state" => Target::State,
            "access" => Target::Access,
            "max_capacity" => Target::MaxCapacity,
            _ => return Err(ErrorKind::NoTrack.into()),
        };
        Ok(names.find(channel).map(target))
    }
}
