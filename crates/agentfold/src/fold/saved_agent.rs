//! [`SavedAgent`]: the saved form of what is known about one agent.
//!
//! It is CBOR, in which transitions are packed as in memory. Each name is stored once, in the order of
//! its first use, so that agents of whom the same is known are saved to equal bytes.

use std::borrow::Cow;
use std::convert::Infallible;
use std::num::NonZeroU32;

use minicbor::{Decode, Decoder, Encode};

use super::Known;
use super::id::ItemId;
use super::names::{Hasher, Name, Names};
use super::packed::{put_id, read_id};
use super::packing::{Before, PackedStamp, Reader, put, put_transition};
use super::recorded::{Listing, Recorded};
use super::tracks::{Greatest, Target, Tracks};
use super::transition::Transition;
use super::transition_set::TransitionSet;
use super::transitions::Part;
use super::value::{Previous, Value, is_groups};
use super::versions::Versions;
use super::work_item::WorkItem;
use crate::event::MAX_COUNT;
use crate::{Agent, Instant};

/// Seconds since 1970, and nanoseconds.
pub(super) type Moment = (i64, u32);

pub(super) fn moment(at: Instant) -> Moment {
    (at.unix_seconds(), at.subsec_nanos())
}

pub(super) fn instant((seconds, nanos): Moment) -> Option<Instant> {
    Instant::from_unix(seconds, nanos)
}

#[derive(Encode, Decode)]
pub(super) struct SavedAgent<'a> {
    #[n(0)]
    account_id: u64,
    #[n(1)]
    agent_id: u64,
    /// Ascending ranges: the distance from the range before, and the length.
    #[b(2)]
    #[cbor(with = "minicbor::bytes")]
    versions: Cow<'a, [u8]>,
    #[b(3)]
    tracks: Option<SavedTracks<'a>>,
}

#[derive(Encode, Decode)]
struct SavedTracks<'a> {
    #[b(0)]
    names: Vec<&'a str>,
    #[n(1)]
    cut: Moment,
    #[n(2)]
    first_at: Moment,
    #[n(3)]
    kept_version: u64,
    #[n(4)]
    kept_at: Moment,
    /// By their texts.
    #[n(5)]
    channels: Vec<(Name, Moment)>,
    #[b(6)]
    tracks: Vec<SavedTrack<'a>>,
    /// By their last instants, then ids: id, number of transitions, and these.
    #[b(7)]
    #[cbor(with = "minicbor::bytes")]
    items: Cow<'a, [u8]>,
    /// `None`, and not written, if no REST record was added.
    #[b(8)]
    recorded: Option<SavedRecorded<'a>>,
}

#[derive(Encode, Decode)]
struct SavedTrack<'a> {
    #[n(0)]
    target: SavedTarget,
    /// Its transitions, at least one.
    #[b(1)]
    #[cbor(with = "minicbor::bytes")]
    transitions: Cow<'a, [u8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
enum SavedTarget {
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

/// What the first transition of a track is packed in comparison with.
fn nothing() -> Before {
    Before::new(instant((0, 0)).unwrap_or(Instant::MIN), 0)
}

/// Saves agents.
pub(super) struct Saver<'n> {
    names: &'n Names,
    /// The place of each name among those of the agent, by name.
    places: Vec<(Name, Name)>,
    used: Vec<Name>,
}

impl<'n> Saver<'n> {
    pub(super) fn new(names: &'n Names) -> Saver<'n> {
        Saver { names, places: Vec::new(), used: Vec::new() }
    }

    /// The saved form of an agent.
    pub(super) fn agent(&mut self, agent: Agent, known: &Known) -> Vec<u8> {
        let mut versions = Vec::new();
        let mut before = 0;
        for (first, last) in known.versions.ranges() {
            put(&mut versions, first - before);
            put(&mut versions, last - first);
            before = last;
        }
        let saved = SavedAgent {
            account_id: agent.account_id.get(),
            agent_id: agent.agent_id.get(),
            versions: versions.into(),
            tracks: known.tracks.as_ref().map(|tracks| self.tracks(tracks)),
        };
        let bytes: Result<_, minicbor::encode::Error<Infallible>> = minicbor::to_vec(saved);
        bytes.expect("memory takes all bytes")
    }

    /// The name's place among those of the agent.
    fn place(&mut self, name: Name) -> Name {
        match self.places.binary_search_by_key(&name, |(known, _)| *known) {
            Ok(known) => self.places[known].1,
            Err(missing) => {
                self.used.push(name);
                let place = u32::try_from(self.used.len()).ok().and_then(NonZeroU32::new);
                let place = Name::at(place.unwrap_or(NonZeroU32::MIN));
                self.places.insert(missing, (name, place));
                place
            }
        }
    }

    fn tracks(&mut self, tracks: &Tracks) -> SavedTracks<'n> {
        let names = self.names;
        let text = |name: Name| names.text(name);
        let mut channels: Vec<_> = tracks.channels.iter().map(|c| (c.name, c.named_at)).collect();
        channels.sort_unstable_by_key(|(name, _)| text(*name));
        let channels = channels.into_iter().map(|(name, at)| (self.place(name), moment(at)));
        let channels = channels.collect();
        let plain = tracks.plain_tracks().filter(|(_, track)| !track.is_empty());
        let mut plain: Vec<(SavedTarget, &TransitionSet)> =
            plain.filter_map(|(target, track)| Some((self.target(&target)?, track))).collect();
        plain.sort_unstable_by_key(|(target, _)| *target);
        let plain = plain.into_iter().map(|(target, track)| {
            let mut bytes = Vec::new();
            self.transitions(track.transitions(), &mut nothing(), &mut bytes);
            SavedTrack { target, transitions: bytes.into() }
        });
        let plain = plain.collect();
        let items = self.items(tracks).into();
        let recorded = Some(tracks.recorded()).filter(|recorded| recorded.has_records());
        let recorded = recorded.map(|recorded| self.recorded(recorded));
        let kept = tracks.recorded().kept.events;
        self.places.clear();
        SavedTracks {
            names: self.used.drain(..).map(text).collect(),
            cut: moment(tracks.cut),
            first_at: moment(tracks.first_at),
            kept_version: kept.version,
            kept_at: moment(kept.at),
            channels,
            tracks: plain,
            items,
            recorded,
        }
    }

    /// The target of a track that is not a work item's.
    fn target(&mut self, target: &Target) -> Option<SavedTarget> {
        Some(match target {
            Target::State(channel) => SavedTarget::State(self.place(*channel)),
            Target::Access(channel) => SavedTarget::Access(self.place(*channel)),
            Target::MaxCapacity(channel) => SavedTarget::MaxCapacity(self.place(*channel)),
            Target::UnifiedState => SavedTarget::UnifiedState,
            Target::Groups => SavedTarget::Groups,
            Target::ChatStatus => SavedTarget::ChatStatus,
            Target::ChatEngagements => SavedTarget::ChatEngagements,
            Target::WorkItem(..) => return None,
        })
    }

    fn transitions(&mut self, part: Part<'_>, before: &mut Before, bytes: &mut Vec<u8>) {
        for t in part {
            let mut t = t.into_owned();
            for name in t.value.names_mut().chain(t.previous.names_mut()) {
                *name = self.place(*name);
            }
            put_transition(bytes, &t, before);
        }
    }

    fn items(&mut self, tracks: &Tracks) -> Vec<u8> {
        let (mut bytes, mut id_before, mut before) = (Vec::new(), 0, nothing());
        for (id, item) in tracks.items.iter().flat_map(|items| items.by_last()) {
            put_id(&mut bytes, &id, id_before);
            if let ItemId::Number(number) = *id {
                id_before = number;
            }
            put(&mut bytes, item.track().transitions().len() as u64);
            before = Before::new(before.at, before.version);
            self.transitions(item.track().transitions(), &mut before, &mut bytes);
        }
        bytes
    }

    fn recorded(&mut self, recorded: &Recorded) -> SavedRecorded<'static> {
        let names = self.names;
        let mut listings: Vec<&Listing> = recorded.listings().iter().collect();
        listings.sort_by_key(|l| (l.at, l.version, names.text(l.channel)));
        let listings = listings.into_iter().map(|listing| SavedListing {
            at: moment(listing.at),
            version: listing.version,
            channel: self.place(listing.channel),
            items: listing.items().iter().map(|id| Cow::Owned(id.to_string())).collect(),
        });
        let listings = listings.collect();
        let Greatest { version, at } = recorded.kept.records;
        SavedRecorded { kept_version: version, kept_at: moment(at), listings }
    }
}

/// The instants of the first and the last accepted event, if there is one.
type Checked = Option<(Instant, Instant)>;

impl<'a> SavedAgent<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Option<SavedAgent<'a>> {
        let mut decoder = Decoder::new(bytes);
        let saved = decoder.decode().ok()?;
        (decoder.position() == bytes.len()).then_some(saved)
    }

    pub(super) fn agent(&self) -> Agent {
        Agent::new(self.account_id, self.agent_id)
    }

    /// The texts of its names.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.tracks.iter().flat_map(|tracks| tracks.names.iter().copied())
    }

    /// Checks what was saved, without building it; `None` if it is not consistent.
    pub(super) fn check(&self) -> Option<Checked> {
        self.versions()?;
        match &self.tracks {
            Some(tracks) => tracks.check().map(Some),
            None => Some(None),
        }
    }

    /// What was saved; `None` if it is not consistent. `names` are its names in the fold.
    pub(super) fn known(&self, names: &[Name], hasher: &Hasher) -> Option<Known> {
        let tracks = match &self.tracks {
            Some(saved) => Some(saved.open(names, hasher)?.into()),
            None => None,
        };
        Some(Known { versions: self.versions()?, tracks })
    }

    fn versions(&self) -> Option<Versions> {
        let (mut versions, mut reader) = (Versions::default(), Reader::new(&self.versions));
        let mut before = 0_u64;
        while !reader.rest.is_empty() {
            let first = before.checked_add(reader.number()?).filter(|first| *first > before)?;
            before = first.checked_add(reader.number()?)?;
            versions.add_range(first, before);
        }
        Some(versions)
    }
}

impl SavedTracks<'_> {
    /// The instants of the first and the last accepted event; `None` if it is not consistent.
    fn check(&self) -> Option<(Instant, Instant)> {
        let count = u32::try_from(self.names.len()).ok()?;
        let names: Vec<Name> = (1..=count).filter_map(NonZeroU32::new).map(Name::at).collect();
        let mut texts = self.names.clone();
        texts.sort_unstable();
        let are_sorted = texts.is_sorted_by(|a, b| a < b)
            && self.tracks.is_sorted_by(|a, b| a.target < b.target);
        if !are_sorted {
            return None;
        }
        let Tracks { mut first_at, greatest: Greatest { at: mut last_at, .. }, .. } =
            self.open_without(&names)?;
        let mut note = |first: Option<PackedStamp<'_>>, last: Option<PackedStamp<'_>>| {
            first_at = first_at.min(first?.at);
            last_at = last_at.max(last?.at);
            Some(())
        };
        for SavedTrack { target, transitions } in &self.tracks {
            target.target(&names)?;
            let mut cursor = Cursor::new(transitions, &names);
            let (mut first, mut last) = (None, None);
            while !cursor.is_at_end() {
                last = Some(cursor.stamp_after(last, Some(*target), &self.names)?);
                first = first.or(last);
            }
            note(first, last)?;
        }
        let mut cursor = Cursor::new(&self.items, &names);
        while !cursor.is_at_end() {
            let (mut first, mut last) = (None, None);
            for _ in 0..cursor.item()?.1 {
                last = Some(cursor.stamp_after(last, None, &self.names)?);
                first = first.or(last);
            }
            note(first, last)?;
        }
        Some((first_at, last_at))
    }

    fn open(&self, names: &[Name], hasher: &Hasher) -> Option<Tracks> {
        let mut tracks = self.open_without(names)?;
        for SavedTrack { target, transitions } in &self.tracks {
            let mut cursor = Cursor::new(transitions, names);
            let mut track = TransitionSet::default();
            while !cursor.is_at_end() {
                track.append(cursor.transition()?);
            }
            tracks.restore_track(&target.target(names)?, track)?;
        }
        let mut cursor = Cursor::new(&self.items, names);
        while !cursor.is_at_end() {
            let (id, count) = cursor.item()?;
            let mut transitions = Vec::with_capacity(count);
            for _ in 0..count {
                transitions.push(cursor.transition()?);
            }
            tracks.restore_item(&id, WorkItem::of(transitions), hasher);
        }
        Some(tracks)
    }

    /// All but the transitions.
    fn open_without(&self, names: &[Name]) -> Option<Tracks> {
        let mut tracks = Tracks::new(instant(self.cut)?, instant(self.first_at)?);
        for (channel, named_at) in &self.channels {
            tracks.name_channel(*names.get(channel.index())?, instant(*named_at)?);
        }
        let mut recorded = match &self.recorded {
            Some(saved) => saved.restore(names)?,
            None => Recorded::default(),
        };
        recorded.kept.events = Greatest { version: self.kept_version, at: instant(self.kept_at)? };
        tracks.greatest.join(recorded.greatest_as_of(Instant::MAX));
        if recorded != Recorded::default() {
            tracks.recorded = Some(recorded.into());
        }
        Some(tracks)
    }
}

impl SavedTarget {
    fn target(self, names: &[Name]) -> Option<Target> {
        let name = |place: Name| names.get(place.index()).copied();
        Some(match self {
            SavedTarget::State(channel) => Target::State(name(channel)?),
            SavedTarget::Access(channel) => Target::Access(name(channel)?),
            SavedTarget::MaxCapacity(channel) => Target::MaxCapacity(name(channel)?),
            SavedTarget::UnifiedState => Target::UnifiedState,
            SavedTarget::Groups => Target::Groups,
            SavedTarget::ChatStatus => Target::ChatStatus,
            SavedTarget::ChatEngagements => Target::ChatEngagements,
        })
    }
}

/// The rest of an agent's transitions that were saved one after the other. Its methods return `None` if
/// they are not consistent.
struct Cursor<'s> {
    reader: Reader<'s>,
    before: Before,
    /// The number of the item before.
    id_before: u64,
}

impl<'s> Cursor<'s> {
    fn new(bytes: &'s [u8], names: &'s [Name]) -> Cursor<'s> {
        let reader = Reader::new(bytes).with_names(names);
        Cursor { reader, before: nothing(), id_before: 0 }
    }

    fn is_at_end(&self) -> bool {
        self.reader.rest.is_empty()
    }

    /// The next work item's id, and the number of its transitions, which follow.
    fn item(&mut self) -> Option<(ItemId, usize)> {
        let id = read_id(&mut self.reader, self.id_before)?;
        if let ItemId::Number(number) = id {
            self.id_before = number;
        }
        self.before = Before::new(self.before.at, self.before.version);
        let count = usize::try_from(self.reader.number()?).ok()?;
        // A transition takes more than a byte.
        (1..self.reader.rest.len()).contains(&count).then_some((id, count))
    }

    fn transition(&mut self) -> Option<Transition> {
        self.reader.transition(&mut self.before)
    }

    /// The stamp of the next transition of a track; of a work item's for `None`. The transition must be
    /// possible there, and follow the last one.
    fn stamp_after(
        &mut self,
        last: Option<PackedStamp<'s>>,
        target: Option<SavedTarget>,
        names: &[&str],
    ) -> Option<PackedStamp<'s>> {
        let t = self.reader.told(&mut self.before)?;
        let follows = last.is_none_or(|last| last.is_before(&t.stamp));
        (follows && holds(target, t.value, t.previous, names)).then_some(t.stamp)
    }
}

/// Whether a transition of a track can have this value and previous value.
fn holds(target: Option<SavedTarget>, value: Value, previous: Previous, names: &[&str]) -> bool {
    let fits = |value| match (target, value) {
        (Some(SavedTarget::State(_)), Value::Name(_) | Value::Null)
        | (Some(SavedTarget::Access(_)), Value::Bool(_))
        | (Some(SavedTarget::MaxCapacity(_)), Value::Number(0..=MAX_COUNT) | Value::Null)
        | (Some(SavedTarget::UnifiedState), Value::Unified(_))
        | (Some(SavedTarget::ChatStatus), Value::Name(_))
        | (Some(SavedTarget::ChatEngagements), Value::Number(0..=MAX_COUNT)) => true,
        (Some(SavedTarget::Groups), Value::Groups(name)) => {
            names.get(name.index()).is_some_and(|text| is_groups(text))
        }
        (None, Value::Work(work)) => work.reason.is_some() || !work.open,
        _ => false,
    };
    let is_item = target.is_none();
    fits(value)
        && match previous {
            Previous::Unstated => true,
            Previous::Value(previous) => !is_item && fits(previous),
            Previous::NotOpen | Previous::Open(_) => is_item,
        }
}

impl SavedRecorded<'_> {
    fn restore(&self, names: &[Name]) -> Option<Recorded> {
        let kept = Greatest { version: self.kept_version, at: instant(self.kept_at)? };
        let mut recorded = Recorded::default();
        recorded.kept.records = kept;
        for SavedListing { at, version, channel, items } in &self.listings {
            let channel = *names.get(channel.index())?;
            let items = items.iter().map(|id| ItemId::new(id)).collect();
            recorded.insert(Listing::new(instant(*at)?, *version, channel, items));
        }
        Some(recorded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Fold;

    /// An agent with two channels, groups and an item.
    fn saved() -> Vec<u8> {
        let [support, talk] = [r#""channel": "support""#, r#""channel": "talk""#];
        let told = [
            ("state_changed", format!(r#"{support}, "new_state": "online""#)),
            ("state_changed", format!(r#"{support}, "new_state": "away""#)),
            ("state_changed", format!(r#"{talk}, "new_state": "online""#)),
            ("groups_updated", r#""new_group_ids": ["1"]"#.to_owned()),
            ("work_item_added", format!(r#"{talk}, "work_item_id": "5", "reason": "OFFERED""#)),
            ("work_item_removed", format!(r#"{talk}, "work_item_id": "5""#)),
        ];
        let mut fold = Fold::new();
        for (second, (kind, rest)) in told.iter().enumerate() {
            let event = format!(
                r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{second}",
                    "event": {{"updated_at": "2026-01-05T09:00:0{second}Z", {rest}}},
                    "type": "zen:event-type:agent.{kind}"}}"#
            );
            fold.read(event.as_bytes(), |bad| panic!("{bad}"));
        }
        let agent = Agent::new(2, 7);
        Saver::new(&fold.names).agent(agent, &fold.agents[&agent])
    }

    /// Whether what was saved is consistent after a change.
    fn is_consistent(change: impl FnOnce(&mut SavedAgent<'_>)) -> bool {
        let bytes = saved();
        let mut saved = SavedAgent::read(&bytes).expect("what was saved");
        change(&mut saved);
        saved.check().is_some()
    }

    /// Whether it is after a change of one track's transitions.
    fn is_consistent_with(
        of: fn(SavedTarget) -> bool,
        change: impl FnOnce(&mut Vec<Transition>, &[Name]),
    ) -> bool {
        is_consistent(|saved| {
            let tracks = saved.tracks.as_mut().expect("an accepted event");
            let names = names_of(tracks);
            let track = tracks.tracks.iter_mut().find(|track| of(track.target)).expect("there");
            track.transitions = changed(&track.transitions, &names, change).into();
        })
    }

    fn names_of(tracks: &SavedTracks<'_>) -> Vec<Name> {
        let places = (1..).take(tracks.names.len());
        places.filter_map(NonZeroU32::new).map(Name::at).collect()
    }

    fn changed(
        bytes: &[u8],
        names: &[Name],
        change: impl FnOnce(&mut Vec<Transition>, &[Name]),
    ) -> Vec<u8> {
        let mut cursor = Cursor::new(bytes, names);
        let mut all = Vec::new();
        while !cursor.is_at_end() {
            all.push(cursor.transition().expect("what was saved"));
        }
        change(&mut all, names);
        let (mut bytes, mut before) = (Vec::new(), nothing());
        all.iter().for_each(|t| put_transition(&mut bytes, t, &mut before));
        bytes
    }

    fn is_state(target: SavedTarget) -> bool {
        matches!(target, SavedTarget::State(_))
    }

    fn is_groups(target: SavedTarget) -> bool {
        target == SavedTarget::Groups
    }

    #[test]
    fn versions_are_ranges_one_after_the_other() {
        let with = |bytes: &'static [u8]| is_consistent(|saved| saved.versions = bytes.into());
        assert!(with(&[]) && with(&[5, 0, 2, 1]));
        assert!(!with(&[5, 0, 0, 1]) && !with(&[0, 1]) && !with(&[5]));
    }

    #[test]
    fn names_and_tracks_stand_once_and_in_order() {
        let with = |change: fn(&mut SavedTracks<'_>)| {
            is_consistent(|saved| change(saved.tracks.as_mut().expect("an accepted event")))
        };
        assert!(with(|_| {}));
        assert!(!with(|tracks| tracks.names[1] = tracks.names[0]));
        assert!(!with(|tracks| tracks.tracks.swap(0, 1)));
        assert!(!with(|tracks| tracks.tracks[1].target = tracks.tracks[0].target));
    }

    #[test]
    fn transitions_stand_once_and_in_order() {
        assert!(is_consistent_with(is_state, |_, _| {}));
        assert!(!is_consistent_with(is_state, |all, _| all.swap(0, 1)));
        assert!(!is_consistent_with(is_state, |all, _| all.insert(0, all[0].clone())));
        assert!(!is_consistent_with(is_state, |all, _| all.clear()));
    }

    #[test]
    fn transitions_have_values_and_previous_values_of_their_tracks() {
        let online = |names: &[Name]| Value::Name(names[0]);
        assert!(is_consistent_with(is_state, |all, names| {
            all[0].value = Value::Null;
            all[0].previous = Previous::Value(online(names));
        }));
        assert!(!is_consistent_with(is_state, |all, _| all[0].value = Value::Bool(true)));
        assert!(!is_consistent_with(is_state, |all, _| {
            all[0].previous = Previous::Value(Value::Bool(true));
        }));
        assert!(!is_consistent_with(is_state, |all, _| all[0].previous = Previous::NotOpen));
        // A name that is not a list of groups.
        assert!(!is_consistent_with(is_groups, |all, names| {
            all[0].value = Value::Groups(names[0]);
        }));
        assert!(!is_consistent_with(is_groups, |all, names| all[0].value = online(names)));
    }

    #[test]
    fn an_item_has_transitions_of_items() {
        let with = |change: fn(&mut Vec<Transition>)| {
            is_consistent(|saved| {
                let tracks = saved.tracks.as_mut().expect("an accepted event");
                let names = names_of(tracks);
                let mut cursor = Cursor::new(&tracks.items, &names);
                let (_, count) = cursor.item().expect("what was saved");
                let head = tracks.items.len() - cursor.reader.rest.len();
                let (head, rest) = tracks.items.split_at(head);
                assert_eq!(count, 2);
                let rest = changed(rest, &names, |all, _| change(all));
                tracks.items = [head, &rest].concat().into();
            })
        };
        assert!(with(|_| {}));
        assert!(!with(|all| all.swap(0, 1)));
        assert!(!with(|all| all[0].value = Value::Null));
        assert!(!with(|all| all[1].previous = Previous::Value(all[0].value)));
        assert!(with(|all| all[1].previous = Previous::Open(None)));
    }
}
