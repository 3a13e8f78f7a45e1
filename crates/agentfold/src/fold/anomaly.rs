//! [`Anomaly`]: a sign that events are missing or strange, derived from the set.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::names::Names;
use super::origin::Origin;
use super::tracks::{Target, Tracks};
use super::transition::Transition;
use super::value::{Previous, Value};
use super::versions::Versions;
use super::work_item::{Open, OpenOn, step};
use crate::kind::Kind;
use crate::{Agent, Instant, Track};

/// A sign that events of an agent are missing or strange. A late event can remove it
/// ([the contract](crate::contract::fold#anomalies)).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Anomaly {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// What was noticed.
    #[serde(flatten)]
    pub sign: Sign,
}

/// What was noticed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[serde(tag = "anomaly", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Sign {
    /// An event states a previous value that differs from the value before it.
    Gap(Place),
    /// A work item was updated or removed where it was not open.
    Orphan(Place),
    /// Two different transitions have one stamp.
    Conflict(Place),
    /// An event has a lower version than an event of an earlier instant.
    VersionDisorder {
        /// The event's instant.
        at: Instant,
        /// The event's id.
        event_id: String,
        /// The event's version.
        version: u64,
    },
    /// Versions between the least and the greatest seen that never arrived. This is only a hint, since
    /// Zendesk does not promise that versions have no gaps.
    MissingVersions {
        /// The first and the last version of each range.
        ranges: Vec<(u64, u64)>,
        /// Whether so many are missing that they say nothing of lost events. In data, the key is there
        /// only if it is true.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        sparse: bool,
    },
}

/// Where something was noticed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Place {
    /// The track. A conflict on a work item is about the whole item, on all channels.
    #[serde(flatten, with = "crate::track::parts")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::track::parts::Parts<'static>"))]
    pub track: Track,
    /// The instant of the transition.
    pub at: Instant,
    /// The id of the transition's event.
    pub event_id: String,
}

/// The signs of one agent.
pub(crate) fn signs(tracks: Option<&Tracks>, versions: &Versions, names: &Names) -> Vec<Sign> {
    let mut signs = tracks.map_or_else(Vec::new, |tracks| signs_of_tracks(tracks, names));
    let ranges = versions.missing();
    if !ranges.is_empty() {
        signs.push(Sign::MissingVersions { ranges, sparse: versions.sparse() });
    }
    signs
}

fn signs_of_tracks(tracks: &Tracks, names: &Names) -> Vec<Sign> {
    let oddities = oddities(tracks, Instant::MIN, Instant::MAX).into_iter();
    let mut signs: Vec<Sign> = oddities
        .map(|(oddity, target, t)| match (oddity, target) {
            (Oddity::Gap, target) => Sign::Gap(place(target.track(names), &t)),
            (Oddity::Orphan, target) => Sign::Orphan(place(target.track(names), &t)),
            (Oddity::Conflict, Target::WorkItem(id, _)) => {
                Sign::Conflict(place(Track::WorkItem { id: id.to_string(), channel: None }, &t))
            }
            (Oddity::Conflict, target) => Sign::Conflict(place(target.track(names), &t)),
        })
        .collect();
    signs.extend(version_disorder(tracks));
    signs
}

/// What is odd about one transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Oddity {
    Gap,
    Orphan,
    Conflict,
}

/// The oddities of the transitions from `from` to `to`, inclusive. Later transitions are not used.
pub(crate) fn oddities(
    tracks: &Tracks,
    from: Instant,
    to: Instant,
) -> Vec<(Oddity, Target, Transition)> {
    let mut odd = Vec::new();
    for (target, track) in tracks.plain_tracks() {
        let told = track.as_of(Some(to));
        let first = told.partition_point(|t| t.at < from);
        let befores = told.from(first.saturating_sub(1));
        let pairs = befores.zip(told.from(first.max(1)));
        for (before, t) in pairs {
            // The state of a deleted channel is unknown, so nothing can contradict it.
            let unknown = matches!(target, Target::State(_)) && before.value == Value::Null;
            if !unknown && t.previous.contradicts(before.value) {
                odd.push((Oddity::Gap, target.clone(), t.into_owned()));
            }
        }
        let conflicts = told.from(first).filter(|t| t.conflict);
        odd.extend(conflicts.map(|t| (Oddity::Conflict, target.clone(), t.into_owned())));
    }
    for (id, item) in tracks.items_touching(from, to) {
        let (mut open, mut heard) = (OpenOn::new(), Vec::new());
        for t in item.track().as_of(Some(to)).iter() {
            let Value::Work(work) = t.value else {
                continue;
            };
            let target = || Target::WorkItem((*id).clone(), work.channel);
            let (gap, orphan) = item_signs(&t, &open, heard.contains(&work.channel));
            let signs =
                [(Oddity::Conflict, t.conflict), (Oddity::Gap, gap), (Oddity::Orphan, orphan)];
            let signs = signs.into_iter().filter(|(_, is)| *is && t.at >= from);
            odd.extend(signs.map(|(oddity, _)| (oddity, target(), Transition::clone(&t))));
            step(&mut open, t.at, t.value);
            heard.push(work.channel);
        }
    }
    odd
}

/// Whether an item's transition contradicts what is known (a gap), and whether it updates or removes
/// the item where it is not open (an orphan). `heard` says whether an earlier transition named the
/// item on the transition's channel.
fn item_signs(t: &Transition, open: &[Open], heard: bool) -> (bool, bool) {
    let Value::Work(work) = t.value else {
        return (false, false);
    };
    let here = open.iter().find(|open| open.channel == work.channel);
    match t.previous {
        _ if t.origin == Origin::Event(Kind::WorkItemUpdated) && work.is_move() => {
            // A move is compared with the item on any channel.
            let stated = match t.previous {
                Previous::Open(Some(reason)) => open.iter().all(|open| open.reason != reason),
                _ => false,
            };
            (stated, open.is_empty())
        }
        Previous::NotOpen => (here.is_some(), false),
        Previous::Open(Some(reason)) => {
            (heard && here.is_none_or(|open| open.reason != reason), here.is_none())
        }
        Previous::Open(None) => (heard && here.is_none(), here.is_none()),
        Previous::Unstated | Previous::Value(_) => {
            (false, t.origin == Origin::Event(Kind::WorkItemUpdated) && here.is_none())
        }
    }
}

/// Events with a lower version than one from an earlier instant.
fn version_disorder(tracks: &Tracks) -> Vec<Sign> {
    // A REST record's version is that of the record, not of the older changes in it.
    let mut all: Vec<Transition> = Vec::new();
    tracks.each_transition(&mut |t| {
        if t.origin != Origin::Rest && t.version > 0 {
            all.push(t.clone());
        }
    });
    all.sort_by(|a, b| a.cmp_stamp(b));
    all.dedup_by(|a, b| a.cmp_stamp(b) == Ordering::Equal);
    let (mut signs, mut greatest) = (Vec::new(), 0);
    for same in all.chunk_by(|a, b| a.at == b.at) {
        if same[0].at >= tracks.cut {
            greatest = greatest.max(tracks.recorded().kept.events.version);
        }
        for t in same.iter().filter(|t| t.version < greatest) {
            let event_id = t.id.text().into_owned();
            signs.push(Sign::VersionDisorder { at: t.at, event_id, version: t.version });
        }
        greatest = same.iter().fold(greatest, |greatest, t| greatest.max(t.version));
    }
    signs
}

fn place(track: Track, t: &Transition) -> Place {
    Place { track, at: t.at, event_id: t.id.text().into_owned() }
}
