//! [`Track`]: one aspect of an agent that has one value at a time.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, ErrorKind};
use crate::fold::id::by_number;
use crate::word::words;

/// One aspect of an agent that has one value at a time: the state on a channel, a work item, the
/// groups, and so on.
///
/// Events set the tracks from `unified_state` to `work_item[ID]`. The last three are derived from
/// them: the fold answers what their values are, and no event states them.
///
/// As text, and in data, a track is written as the contract writes it. Tracks sort in the order of
/// the list below, then by work item (numbers first, by value) and by channel.
///
/// ```
/// use agentfold::{Aspect, Track};
///
/// let track: Track = "state[support]".parse()?;
/// assert_eq!(track, Track::State("support".to_owned()));
/// assert_eq!((track.aspect(), track.channel()), (Aspect::State, Some("support")));
/// let item: Track = "work_item[123]@talk".parse()?;
/// assert_eq!((item.work_item_id(), item.channel()), (Some("123"), Some("talk")));
/// assert!(track < item);
/// assert_eq!("mood".parse::<Track>().expect_err("not a track").code(), "no_track");
/// # Ok::<(), agentfold::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Track {
    /// `unified_state`: the agent's overall status.
    UnifiedState,
    /// `state[C]`: the state on a channel.
    State(String),
    /// `access[C]`: whether the agent may use a channel.
    Access(String),
    /// `max_capacity[C]`: the most items at once on a channel.
    MaxCapacity(String),
    /// `groups`: the set of the agent's groups.
    Groups,
    /// `chat_status`: the status in the Chat export.
    ChatStatus,
    /// `chat_engagements`: the number of chats at once in the Chat export.
    ChatEngagements,
    /// `work_item[ID]@C`: a work item on a channel; without a channel, `work_item[ID]`: all of it.
    WorkItem {
        /// The work item's id.
        id: String,
        /// The channel.
        channel: Option<String>,
    },
    /// `load[C]`: how many items are open on a channel.
    Load(String),
    /// `accepting[C]`: whether the agent can take one more item on a channel.
    Accepting(String),
    /// `channel[C]`: whether a channel was ever named for the agent.
    Channel(String),
}

words! {
    /// What a [`Track`] is about, without its channel and work item.
    #[non_exhaustive]
    pub enum Aspect {
        /// `unified_state`
        UnifiedState = "unified_state",
        /// `state[C]`
        State = "state",
        /// `access[C]`
        Access = "access",
        /// `max_capacity[C]`
        MaxCapacity = "max_capacity",
        /// `groups`
        Groups = "groups",
        /// `chat_status`
        ChatStatus = "chat_status",
        /// `chat_engagements`
        ChatEngagements = "chat_engagements",
        /// `work_item[ID]@C`
        WorkItem = "work_item",
        /// `load[C]`
        Load = "load",
        /// `accepting[C]`
        Accepting = "accepting",
        /// `channel[C]`
        Channel = "channel",
    }
}

impl Track {
    /// The track with these parts, if they fit together.
    pub(crate) fn of(aspect: Aspect, item: Option<&str>, channel: Option<&str>) -> Option<Track> {
        let channel = channel.map(str::to_owned);
        Some(match aspect {
            Aspect::UnifiedState => Track::UnifiedState,
            Aspect::State => Track::State(channel?),
            Aspect::Access => Track::Access(channel?),
            Aspect::MaxCapacity => Track::MaxCapacity(channel?),
            Aspect::Groups => Track::Groups,
            Aspect::ChatStatus => Track::ChatStatus,
            Aspect::ChatEngagements => Track::ChatEngagements,
            Aspect::WorkItem => Track::WorkItem { id: item?.to_owned(), channel },
            Aspect::Load => Track::Load(channel?),
            Aspect::Accepting => Track::Accepting(channel?),
            Aspect::Channel => Track::Channel(channel?),
        })
    }

    /// Whether [`Fold::intervals`](crate::Fold::intervals) answers for this track alone: for all that
    /// events set, and for loads. A work item needs its channel.
    pub fn has_intervals(&self) -> bool {
        match self {
            Track::WorkItem { channel, .. } => channel.is_some(),
            Track::Accepting(_) | Track::Channel(_) => false,
            _ => true,
        }
    }

    /// What the track is about, without its channel and work item.
    pub fn aspect(&self) -> Aspect {
        match self {
            Track::UnifiedState => Aspect::UnifiedState,
            Track::State(_) => Aspect::State,
            Track::Access(_) => Aspect::Access,
            Track::MaxCapacity(_) => Aspect::MaxCapacity,
            Track::Groups => Aspect::Groups,
            Track::ChatStatus => Aspect::ChatStatus,
            Track::ChatEngagements => Aspect::ChatEngagements,
            Track::WorkItem { .. } => Aspect::WorkItem,
            Track::Load(_) => Aspect::Load,
            Track::Accepting(_) => Aspect::Accepting,
            Track::Channel(_) => Aspect::Channel,
        }
    }

    /// The channel, if the track belongs to one.
    pub fn channel(&self) -> Option<&str> {
        match self {
            Track::State(channel)
            | Track::Access(channel)
            | Track::MaxCapacity(channel)
            | Track::Load(channel)
            | Track::Accepting(channel)
            | Track::Channel(channel) => Some(channel),
            Track::WorkItem { channel, .. } => channel.as_deref(),
            Track::UnifiedState | Track::Groups | Track::ChatStatus | Track::ChatEngagements => {
                None
            }
        }
    }

    /// The work item's id, if the track is a work item's.
    pub fn work_item_id(&self) -> Option<&str> {
        match self {
            Track::WorkItem { id, .. } => Some(id),
            _ => None,
        }
    }
}

impl Ord for Track {
    fn cmp(&self, other: &Track) -> Ordering {
        let items = || Some(by_number(self.work_item_id()?, other.work_item_id()?));
        self.aspect()
            .cmp(&other.aspect())
            .then_with(|| items().unwrap_or(Ordering::Equal))
            .then_with(|| self.channel().cmp(&other.channel()))
    }
}

impl PartialOrd for Track {
    fn partial_cmp(&self, other: &Track) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Track {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aspect = self.aspect();
        match (self.work_item_id(), self.channel()) {
            (Some(id), Some(channel)) => write!(f, "{aspect}[{id}]@{channel}"),
            (Some(of), None) | (None, Some(of)) => write!(f, "{aspect}[{of}]"),
            (None, None) => aspect.fmt(f),
        }
    }
}

impl FromStr for Track {
    type Err = Error;

    /// Reads a track as the contract writes it. The channel of a work item begins after the last
    /// `]@`.
    fn from_str(text: &str) -> Result<Track, Error> {
        let (aspect, item, channel) = match text.split_once('[') {
            None => (text, None, None),
            Some(("work_item", rest)) => match rest.rsplit_once("]@") {
                Some((item, channel)) => ("work_item", Some(item), Some(channel)),
                None => ("work_item", rest.strip_suffix(']'), None),
            },
            Some((aspect, rest)) => (aspect, None, rest.strip_suffix(']')),
        };
        let aspect = Aspect::ALL.iter().find(|known| known.as_str() == aspect);
        let track = aspect.and_then(|aspect| Track::of(*aspect, item, channel));
        // What is not written as it would be printed has a part too many.
        track.filter(|track| track.to_string() == text).ok_or(ErrorKind::NoTrack.into())
    }
}

impl Serialize for Track {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Track {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Track, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A track in data, with its parts beside its text: for `#[serde(flatten, with = "parts")]`.
pub(crate) mod parts {
    use super::*;

    #[derive(Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub(crate) struct Parts<'a> {
        /// The track, as the contract writes it: `state[support]`, `work_item[7]@talk`.
        track: &'a Track,
        /// What the track is about.
        aspect: Aspect,
        /// The channel, if the track belongs to one.
        channel: Option<&'a str>,
        /// The work item's id, if the track is a work item's.
        work_item: Option<&'a str>,
    }

    #[derive(Deserialize)]
    struct Read {
        aspect: Aspect,
        channel: Option<String>,
        work_item: Option<String>,
    }

    pub(crate) fn serialize<S: Serializer>(track: &Track, to: S) -> Result<S::Ok, S::Error> {
        let (aspect, channel) = (track.aspect(), track.channel());
        Parts { track, aspect, channel, work_item: track.work_item_id() }.serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Track, D::Error> {
        let Read { aspect, channel, work_item } = Read::deserialize(from)?;
        let track = Track::of(aspect, work_item.as_deref(), channel.as_deref());
        track.ok_or_else(|| D::Error::custom("the track's parts do not fit together"))
    }
}

/// The same for a track that may be missing: all of its parts are null then.
pub(crate) mod parts_or_null {
    use super::*;

    #[derive(Default, Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    pub(crate) struct Parts {
        /// The track, as the contract writes it: `state[support]`, `work_item[7]@talk`.
        track: Option<Track>,
        /// What the track is about.
        aspect: Option<Aspect>,
        /// The channel, if the track belongs to one.
        channel: Option<String>,
        /// The work item's id, if the track is a work item's.
        work_item: Option<String>,
    }

    pub(crate) fn serialize<S: Serializer>(
        track: &Option<Track>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        match track {
            Some(track) => parts::serialize(track, to),
            None => Parts::default().serialize(to),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Track>, D::Error> {
        let Parts { aspect, channel, work_item, .. } = Parts::deserialize(from)?;
        let of = |aspect| Track::of(aspect, work_item.as_deref(), channel.as_deref());
        Ok(aspect.and_then(of))
    }
}
