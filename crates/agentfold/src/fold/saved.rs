//! The saved form of a fold: `agentfold`, a version byte, CBOR (RFC 8949), a CRC-32.
//!
//! The parts of the CBOR have a fixed order; new ones are added at the end. Each distinct text is
//! stored once, sorted. So equal folds save to equal bytes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::num::NonZeroU32;

use minicbor::{Decode, Decoder, Encode, Encoder};

use super::held::Held;
use super::id::ItemId;
use super::names::{Name, Names};
use super::origin::Origin;
use super::recorded::{Listing, Recorded};
use super::tracks::{Greatest, Target, Tracks};
use super::transition::{Stamp, Transition};
use super::transitions::Part;
use super::value::{Previous, Value, is_groups};
use super::{Fold, Known};
use crate::error::{Error, ErrorKind};
use crate::event::{InstantFrom, MAX_COUNT};
use crate::{Agent, Instant, Options};

const MAGIC: &[u8] = b"agentfold";
/// The newest version of the form. All older versions stay readable.
const VERSION: u8 = 1;

/// # Saving
impl Fold {
    /// Saves everything that is known. Equal folds save to equal bytes.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let saved = Fold::new().save();
    /// let mut fold = Fold::new();
    /// fold.restore(&saved)?;
    /// assert_eq!(fold.save(), saved);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn save(&self) -> Vec<u8> {
        self.save_part(Some(self.cut), &self.sorted())
    }

    /// Saves what is known about one agent, with its own cut; `None` if nothing is known.
    ///
    /// [`Fold::restore`] restores it, alone or into a fold of many agents.
    ///
    /// ```
    /// use agentfold::{Agent, Fold};
    ///
    /// let mut fold = Fold::new();
    /// fold.read(br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#, |bad| panic!("{bad:?}"));
    ///
    /// let agent = Agent::new(2, 7);
    /// let mut alone = Fold::new();
    /// alone.restore(&fold.save_agent(agent).expect("known"))?;
    /// assert_eq!(alone.state(agent), fold.state(agent));
    /// assert_eq!(fold.save_agent(Agent::new(2, 8)), None);
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn save_agent(&self, agent: Agent) -> Option<Vec<u8>> {
        Some(self.save_part(None, &[(agent, &**self.agents.get(&agent)?)]))
    }

    /// Saves the agents one by one, as [`Fold::save_agent`] does, by account, then agent. Agents
    /// without an accepted event are included. Together with the [cut](Fold::cut) they are the whole
    /// fold.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    ///
    /// let mut fold = Fold::new();
    /// let cut: Instant = "2026-01-05T00:00:00Z".parse()?;
    /// fold.compact(cut);
    /// // From before the cut.
    /// fold.read(br#"{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"}, "id": "a",
    ///     "type": "zen:event-type:agent.channel_created",
    ///     "event": {"updated_at": "2026-01-04T08:00:00Z", "channel": "support"}}"#, |bad| panic!("{bad:?}"));
    /// assert!(fold.is_empty());
    ///
    /// let mut again = Fold::new();
    /// again.compact(cut);
    /// for (_, saved) in fold.save_agents() {
    ///     again.restore(&saved)?;
    /// }
    /// assert_eq!(again.save(), fold.save());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save_agents(&self) -> impl Iterator<Item = (Agent, Vec<u8>)> {
        let known = self.sorted().into_iter();
        known.map(|(agent, known)| (agent, self.save_part(None, &[(agent, known)])))
    }

    /// Restores a saved fold or agent. An empty fold becomes what was saved; any other fold is
    /// [merged](Fold::merge) with it.
    ///
    /// # Errors
    /// `not_saved`, `damaged` or `newer_version` if the bytes can't be read, `different_options` if
    /// the saved fold dates events by another field. The fold is then unchanged.
    pub fn restore(&mut self, saved: &[u8]) -> Result<(), Error> {
        let [version, rest @ ..] = saved.strip_prefix(MAGIC).ok_or(ErrorKind::NotSaved)? else {
            return Err(ErrorKind::Damaged.into());
        };
        if *version > VERSION {
            return Err(ErrorKind::NewerVersion.into());
        }
        let (body, sum) = rest.split_last_chunk::<4>().ok_or(ErrorKind::Damaged)?;
        let told = &saved[..saved.len() - sum.len()];
        if crc32fast::hash(told).to_be_bytes() != *sum {
            return Err(ErrorKind::Damaged.into());
        }
        let mut decoder = Decoder::new(body);
        let saved: Saved<'_> = decoder.decode().map_err(|_| ErrorKind::Damaged)?;
        if decoder.position() != body.len() {
            return Err(ErrorKind::Damaged.into());
        }
        self.absorb(saved.fold(&self.options).ok_or(ErrorKind::Damaged)?)
    }

    /// What is known about each agent, by account, then agent.
    fn sorted(&self) -> Vec<(Agent, &Known)> {
        let mut agents: Vec<(Agent, &Known)> =
            self.agents.iter().map(|(a, k)| (*a, &**k)).collect();
        agents.sort_unstable_by_key(|(agent, _)| *agent);
        agents
    }

    fn save_part(&self, cut: Option<Instant>, agents: &[(Agent, &Known)]) -> Vec<u8> {
        let known: Vec<&Known> = agents.iter().map(|(_, known)| *known).collect();
        let (names, places) = used_names(&self.names, &known);
        let mut bytes = [MAGIC, &[VERSION]].concat();
        let instant = SavedInstant::from(self.options.instant);
        let saved = write(&mut bytes, instant, cut.map(moment), &names, agents, &places);
        saved.expect("memory takes all bytes");
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        bytes
    }
}

/// Seconds since 1970, and nanoseconds.
type Moment = (i64, u32);

fn moment(at: Instant) -> Moment {
    (at.unix_seconds(), at.subsec_nanos())
}

fn instant((seconds, nanos): Moment) -> Option<Instant> {
    Instant::from_unix(seconds, nanos)
}

/// A saved fold, for reading.
#[derive(Decode)]
struct Saved<'a> {
    #[n(0)]
    instant: SavedInstant,
    /// The cut of agents that are not known yet; `None` if one agent was saved.
    #[n(1)]
    cut: Option<Moment>,
    #[b(2)]
    names: Vec<&'a str>,
    #[b(3)]
    agents: Vec<SavedAgent<'a>>,
}

/// Writes a saved fold. To save memory, it converts one agent at a time.
fn write(
    bytes: &mut Vec<u8>,
    instant: SavedInstant,
    cut: Option<Moment>,
    names: &[&str],
    agents: &[(Agent, &Known)],
    places: &[Name],
) -> Result<(), minicbor::encode::Error<Infallible>> {
    let mut encoder = Encoder::new(bytes);
    encoder.array(4)?.encode(instant)?.encode(cut)?.encode(names)?.array(agents.len() as u64)?;
    for (agent, known) in agents {
        encoder.encode(SavedAgent {
            account_id: agent.account_id.get(),
            agent_id: agent.agent_id.get(),
            versions: known.versions.ranges().collect(),
            tracks: known.tracks.as_ref().map(|tracks| saved_tracks(tracks, places)),
        })?;
    }
    Ok(())
}

#[derive(Encode, Decode)]
#[cbor(index_only)]
enum SavedInstant {
    #[n(0)]
    UpdatedAt,
    #[n(1)]
    Time,
}

impl From<InstantFrom> for SavedInstant {
    fn from(from: InstantFrom) -> SavedInstant {
        match from {
            InstantFrom::UpdatedAt => SavedInstant::UpdatedAt,
            InstantFrom::Time => SavedInstant::Time,
        }
    }
}

#[derive(Encode, Decode)]
struct SavedAgent<'a> {
    #[n(0)]
    account_id: u64,
    #[n(1)]
    agent_id: u64,
    #[n(2)]
    versions: Vec<(u64, u64)>,
    #[b(3)]
    tracks: Option<SavedTracks<'a>>,
}

#[derive(Encode, Decode)]
struct SavedTracks<'a> {
    #[n(0)]
    cut: Moment,
    #[n(1)]
    first_at: Moment,
    #[n(2)]
    kept_version: u64,
    #[n(3)]
    kept_at: Moment,
    #[n(4)]
    channels: Vec<(Name, Moment)>,
    #[b(5)]
    tracks: Vec<SavedTrack<'a>>,
    /// `None`, and not written, if no REST record was added.
    #[b(6)]
    recorded: Option<SavedRecorded<'a>>,
}

#[derive(Encode, Decode)]
struct SavedRecorded<'a> {
    #[n(0)]
    kept_version: u64,
    #[n(1)]
    kept_at: Moment,
    #[b(2)]
    listings: Vec<SavedListing<'a>>,
}

#[derive(Encode, Decode)]
struct SavedListing<'a> {
    #[n(0)]
    at: Moment,
    #[n(1)]
    version: u64,
    #[n(2)]
    channel: Name,
    #[b(3)]
    items: Vec<Cow<'a, str>>,
}

#[derive(Encode, Decode)]
struct SavedTrack<'a> {
    #[b(0)]
    target: SavedTarget<'a>,
    #[b(1)]
    transitions: Vec<SavedTransition<'a>>,
}

#[derive(Encode, Decode)]
enum SavedTarget<'a> {
    #[n(0)]
    State(#[n(0)] Name),
    #[n(1)]
    Access(#[n(0)] Name),
    #[n(2)]
    MaxCapacity(#[n(0)] Name),
    #[n(3)]
    UnifiedState,
    #[n(4)]
    Groups,
    #[n(5)]
    ChatStatus,
    #[n(6)]
    ChatEngagements,
    #[n(7)]
    WorkItem(#[b(0)] Cow<'a, str>),
}

#[derive(Encode, Decode)]
struct SavedTransition<'a> {
    #[n(0)]
    at: Moment,
    #[n(1)]
    version: u64,
    #[n(2)]
    kind: u8,
    #[b(3)]
    id: Cow<'a, str>,
    #[n(4)]
    conflict: bool,
    #[n(5)]
    value: Value,
    #[n(6)]
    previous: Previous,
}

/// The texts of the names that agents use, sorted, and the place of each name among them.
pub(super) fn used_names<'n>(names: &'n Names, agents: &[&Known]) -> (Vec<&'n str>, Vec<Name>) {
    let mut used = vec![false; names.count()];
    for tracks in agents.iter().filter_map(|known| known.tracks.as_ref()) {
        for channel in &tracks.channels {
            used[channel.name.index()] = true;
        }
        for listing in tracks.recorded().listings() {
            used[listing.channel.index()] = true;
        }
        tracks.each_transition(&mut |t| {
            let (mut value, mut previous) = (t.value, t.previous);
            for name in value.names_mut().chain(previous.names_mut()) {
                used[name.index()] = true;
            }
        });
    }
    let mut sorted: Vec<(&str, usize)> = names
        .all()
        .filter(|(_, name)| used[name.index()])
        .map(|(text, name)| (text, name.index()))
        .collect();
    sorted.sort_unstable();
    let mut places = vec![Name::at(NonZeroU32::MIN); names.count()];
    for (place, (_, index)) in (1..).zip(&sorted) {
        places[*index] = Name::at(NonZeroU32::new(place).unwrap_or(NonZeroU32::MIN));
    }
    (sorted.into_iter().map(|(text, _)| text).collect(), places)
}

fn saved_tracks(tracks: &Tracks, places: &[Name]) -> SavedTracks<'static> {
    let place = |name: Name| places[name.index()];
    let mut channels: Vec<_> =
        tracks.channels.iter().map(|c| (place(c.name), moment(c.named_at))).collect();
    channels.sort_unstable();
    let mut saved = Vec::new();
    let mut plain: Vec<_> = tracks.plain_tracks().filter(|(_, track)| !track.is_empty()).collect();
    // The places of names are in the order of their texts.
    plain.sort_by_key(|(target, _)| target.channel().map(place));
    for (target, track) in plain {
        let transitions = saved_transitions(track.transitions(), places);
        saved.push(SavedTrack { target: saved_target(&target, place), transitions });
    }
    let mut items: Vec<_> = tracks.all_items().collect();
    items.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    for (id, item) in items {
        let target = SavedTarget::WorkItem(Cow::Owned(id.to_string()));
        let transitions = saved_transitions(item.track().transitions(), places);
        saved.push(SavedTrack { target, transitions });
    }
    let kept = tracks.recorded().kept.events;
    let recorded = Some(tracks.recorded()).filter(|recorded| recorded.has_records());
    SavedTracks {
        cut: moment(tracks.cut),
        first_at: moment(tracks.first_at),
        kept_version: kept.version,
        kept_at: moment(kept.at),
        channels,
        tracks: saved,
        recorded: recorded.map(|recorded| saved_recorded(recorded, place)),
    }
}

fn saved_recorded(recorded: &Recorded, place: impl Fn(Name) -> Name) -> SavedRecorded<'static> {
    let listings = recorded.listings().iter().map(|listing| SavedListing {
        at: moment(listing.at),
        version: listing.version,
        channel: place(listing.channel),
        items: listing.items().iter().map(|id| Cow::Owned(id.to_string())).collect(),
    });
    let mut listings: Vec<SavedListing<'_>> = listings.collect();
    // The places of names are in the order of their texts.
    listings.sort_by_key(|listing| (listing.at, listing.version, listing.channel));
    let Greatest { version, at } = recorded.kept.records;
    SavedRecorded { kept_version: version, kept_at: moment(at), listings }
}

fn saved_target(target: &Target, place: impl Fn(Name) -> Name) -> SavedTarget<'static> {
    match target {
        Target::State(channel) => SavedTarget::State(place(*channel)),
        Target::Access(channel) => SavedTarget::Access(place(*channel)),
        Target::MaxCapacity(channel) => SavedTarget::MaxCapacity(place(*channel)),
        Target::UnifiedState => SavedTarget::UnifiedState,
        Target::Groups => SavedTarget::Groups,
        Target::ChatStatus => SavedTarget::ChatStatus,
        Target::ChatEngagements => SavedTarget::ChatEngagements,
        Target::WorkItem(id, _) => SavedTarget::WorkItem(Cow::Owned(id.to_string())),
    }
}

fn saved_transitions(transitions: Part<'_>, places: &[Name]) -> Vec<SavedTransition<'static>> {
    let saved = transitions.iter().map(|t| {
        let (mut value, mut previous) = (t.value, t.previous);
        for name in value.names_mut().chain(previous.names_mut()) {
            *name = places[name.index()];
        }
        SavedTransition {
            at: moment(t.at),
            version: t.version,
            kind: t.origin.number(),
            id: Cow::Owned(t.id.text().into_owned()),
            conflict: t.conflict,
            value,
            previous,
        }
    });
    saved.collect()
}

impl Saved<'_> {
    /// The fold that was saved; `None` if it is not consistent.
    fn fold(self, options: &Options) -> Option<Fold> {
        let mut fold = Fold::with_options(options);
        let mut texts = Names::new(fold.names.hasher().clone());
        fold.options.instant = match self.instant {
            SavedInstant::UpdatedAt => InstantFrom::UpdatedAt,
            SavedInstant::Time => InstantFrom::Time,
        };
        if let Some(cut) = self.cut {
            fold.cut = instant(cut)?;
        }
        let names: Vec<Name> = self.names.iter().map(|text| texts.add(text)).collect();
        for agent in self.agents {
            let key = Agent::new(agent.account_id, agent.agent_id);
            let mut known = fold.agents.remove(&key).map_or_else(Known::default, Held::into_known);
            fold.known -= usize::from(known.tracks.is_some());
            for (first, last) in agent.versions {
                if first == 0 || last < first {
                    return None;
                }
                known.versions.add_range(first, last);
            }
            if let Some(tracks) = agent.tracks {
                known.tracks = Some(tracks.restore(&names, &texts)?.into());
            }
            fold.known += usize::from(known.tracks.is_some());
            fold.agents.insert(key, known.into());
        }
        fold.names = texts.into();
        Some(fold)
    }
}

impl SavedTracks<'_> {
    fn restore(self, places: &[Name], names: &Names) -> Option<Tracks> {
        let mut tracks = Tracks::new(instant(self.cut)?, instant(self.first_at)?);
        let mut recorded = match self.recorded {
            Some(saved) => saved.restore(places)?,
            None => Recorded::default(),
        };
        recorded.kept.events = Greatest { version: self.kept_version, at: instant(self.kept_at)? };
        for (channel, named_at) in self.channels {
            tracks.name_channel(*places.get(channel.index())?, instant(named_at)?);
        }
        for SavedTrack { target, transitions } in self.tracks {
            for saved in transitions {
                let SavedTransition { at, version, kind, id, conflict, .. } = saved;
                let (mut value, mut previous) = (saved.value, saved.previous);
                for name in value.names_mut().chain(previous.names_mut()) {
                    *name = *places.get(name.index())?;
                }
                let target = target.restore(places, value)?;
                if !target.holds(value, previous, names) {
                    return None;
                }
                let origin = Origin::from_number(kind)?;
                let stamp = Stamp { at: instant(at)?, version, origin, id: &id };
                let mut transition = Transition::new(&stamp, value, previous);
                transition.conflict = conflict;
                tracks.put(&target, transition, names);
            }
        }
        tracks.greatest.join(recorded.greatest_as_of(Instant::MAX));
        if recorded != Recorded::default() {
            tracks.recorded = Some(recorded.into());
        }
        Some(tracks)
    }
}

impl SavedRecorded<'_> {
    fn restore(self, places: &[Name]) -> Option<Recorded> {
        let kept = Greatest { version: self.kept_version, at: instant(self.kept_at)? };
        let mut recorded = Recorded::default();
        recorded.kept.records = kept;
        for SavedListing { at, version, channel, items } in self.listings {
            let channel = *places.get(channel.index())?;
            let items = items.iter().map(|id| ItemId::new(id)).collect();
            recorded.insert(Listing::new(instant(at)?, version, channel, items));
        }
        Some(recorded)
    }
}

impl SavedTarget<'_> {
    fn restore(&self, places: &[Name], value: Value) -> Option<Target> {
        let place = |name: &Name| places.get(name.index()).copied();
        Some(match (self, value) {
            (SavedTarget::State(channel), _) => Target::State(place(channel)?),
            (SavedTarget::Access(channel), _) => Target::Access(place(channel)?),
            (SavedTarget::MaxCapacity(channel), _) => Target::MaxCapacity(place(channel)?),
            (SavedTarget::UnifiedState, _) => Target::UnifiedState,
            (SavedTarget::Groups, _) => Target::Groups,
            (SavedTarget::ChatStatus, _) => Target::ChatStatus,
            (SavedTarget::ChatEngagements, _) => Target::ChatEngagements,
            (SavedTarget::WorkItem(id), Value::Work(work)) => {
                Target::WorkItem(ItemId::new(id), work.channel)
            }
            (SavedTarget::WorkItem(_), _) => return None,
        })
    }
}

impl Target {
    /// Whether a transition of this track can have this value and previous value.
    fn holds(&self, value: Value, previous: Previous, names: &Names) -> bool {
        let fits = |value| match (self, value) {
            (Target::State(_), Value::Name(_) | Value::Null)
            | (Target::Access(_), Value::Bool(_))
            | (Target::MaxCapacity(_), Value::Number(0..=MAX_COUNT) | Value::Null)
            | (Target::UnifiedState, Value::Unified(_))
            | (Target::ChatStatus, Value::Name(_))
            | (Target::ChatEngagements, Value::Number(0..=MAX_COUNT)) => true,
            (Target::Groups, Value::Groups(name)) => is_groups(names.text(name)),
            (Target::WorkItem(..), Value::Work(work)) => work.reason.is_some() || !work.open,
            _ => false,
        };
        let item = matches!(self, Target::WorkItem(..));
        fits(value)
            && match previous {
                Previous::Unstated => true,
                Previous::Value(previous) => !item && fits(previous),
                Previous::NotOpen | Previous::Open(_) => item,
            }
    }
}
