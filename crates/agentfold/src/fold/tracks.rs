//! [`Tracks`]: everything that is known about one agent.

use std::borrow::Cow;
use std::collections::BTreeSet;

use smallvec::SmallVec;

use super::effect::Effect;
use super::id::ItemId;
use super::names::{Hasher, Name, Names};
use super::recorded::{self, Kept, Listing, Recorded};
use super::transition::{Stamp, Transition};
use super::transition_set::{Put, SparseSet, TransitionSet};
use super::value::Value;
use super::work_item::{Heeding, WorkItem};
use super::work_items::{Identified, WorkItems};
use crate::steps;
use crate::{Aspect, Instant, Limit, Limits, Track};

/// Which track of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    State(Name),
    Access(Name),
    MaxCapacity(Name),
    UnifiedState,
    Groups,
    ChatStatus,
    ChatEngagements,
    /// An item, and the channel that the transition names.
    WorkItem(ItemId, Name),
}

impl Target {
    /// The target of a track that events set; `None` for a derived track, or if the fold does not know
    /// its channel.
    pub(crate) fn of(track: &Track, names: &Names) -> Option<Target> {
        let channel = || names.find(track.channel()?);
        match track {
            Track::State(_) => channel().map(Target::State),
            Track::Access(_) => channel().map(Target::Access),
            Track::MaxCapacity(_) => channel().map(Target::MaxCapacity),
            Track::UnifiedState => Some(Target::UnifiedState),
            Track::Groups => Some(Target::Groups),
            Track::ChatStatus => Some(Target::ChatStatus),
            Track::ChatEngagements => Some(Target::ChatEngagements),
            Track::WorkItem { id, .. } => {
                channel().map(|channel| Target::WorkItem(ItemId::new(id), channel))
            }
            Track::Load(_) | Track::Accepting(_) | Track::Channel(_) => None,
        }
    }

    /// The track.
    pub(crate) fn track(&self, names: &Names) -> Track {
        let channel = || self.channel().map(|name| names.text(name).to_owned()).unwrap_or_default();
        match self {
            Target::State(_) => Track::State(channel()),
            Target::Access(_) => Track::Access(channel()),
            Target::MaxCapacity(_) => Track::MaxCapacity(channel()),
            Target::UnifiedState => Track::UnifiedState,
            Target::Groups => Track::Groups,
            Target::ChatStatus => Track::ChatStatus,
            Target::ChatEngagements => Track::ChatEngagements,
            Target::WorkItem(id, _) => {
                Track::WorkItem { id: id.to_string(), channel: Some(channel()) }
            }
        }
    }

    pub(crate) fn aspect(&self) -> Aspect {
        match self {
            Target::State(_) => Aspect::State,
            Target::Access(_) => Aspect::Access,
            Target::MaxCapacity(_) => Aspect::MaxCapacity,
            Target::UnifiedState => Aspect::UnifiedState,
            Target::Groups => Aspect::Groups,
            Target::ChatStatus => Aspect::ChatStatus,
            Target::ChatEngagements => Aspect::ChatEngagements,
            Target::WorkItem(..) => Aspect::WorkItem,
        }
    }

    /// The channel that it names.
    pub(crate) fn channel(&self) -> Option<Name> {
        match self {
            Target::State(channel)
            | Target::Access(channel)
            | Target::MaxCapacity(channel)
            | Target::WorkItem(_, channel) => Some(*channel),
            _ => None,
        }
    }
}

/// The greatest version and instant of accepted events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Greatest {
    /// 0 for none.
    pub(crate) version: u64,
    /// [`Instant::MIN`] for none.
    pub(crate) at: Instant,
}

impl Default for Greatest {
    fn default() -> Greatest {
        Greatest::NONE
    }
}

impl Greatest {
    pub(crate) const NONE: Greatest = Greatest { version: 0, at: Instant::MIN };

    #[inline]
    pub(crate) fn add(&mut self, version: u64, at: Instant) {
        // Branches, since conditional moves cost more than everything else here.
        if version > self.version {
            self.version = version;
        }
        if at > self.at {
            self.at = at;
        }
    }

    pub(crate) fn join(&mut self, other: Greatest) {
        self.add(other.version, other.at);
    }
}

/// One agent's tracks, and data that is kept with them.
// Fields that most events use come first, next to each other in memory.
#[derive(Debug, Clone)]
#[repr(C)]
pub(crate) struct Tracks {
    /// Events from before it are not accepted, and history before it is unknown.
    pub(crate) cut: Instant,
    /// The earliest instant of all accepted events.
    pub(crate) first_at: Instant,
    /// The greatest version and instant of all accepted events.
    pub(crate) greatest: Greatest,
    // INVARIANT: sorted by name, no name twice.
    pub(crate) channels: SmallVec<[Channel; 1]>,
    /// Present once a work item was named.
    pub(crate) items: Option<Box<WorkItems>>,
    pub(crate) unified_state: SparseSet,
    pub(crate) groups: SparseSet,
    pub(crate) chat_status: SparseSet,
    pub(crate) chat_engagements: SparseSet,
    /// Present once a REST record was added, or something is from before the cut.
    pub(crate) recorded: Option<Box<Recorded>>,
}

/// What is known about one channel of an agent.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) name: Name,
    /// How many items are open on it.
    // INVARIANT: it agrees with `items`.
    load: u32,
    /// The earliest instant of the accepted events that name it.
    pub(crate) named_at: Instant,
    pub(crate) state: SparseSet,
    pub(crate) access: SparseSet,
    pub(crate) max_capacity: SparseSet,
}

/// The number of channels that are searched one by one.
const FEW: usize = 8;

impl Channel {
    pub(crate) fn tracks(&self) -> [(Target, &TransitionSet); 3] {
        [
            (Target::State(self.name), &self.state),
            (Target::Access(self.name), &self.access),
            (Target::MaxCapacity(self.name), &self.max_capacity),
        ]
    }

    /// How many items are open on it.
    pub(crate) fn load(&self) -> u64 {
        self.load.into()
    }
}

impl Tracks {
    /// An agent's tracks before its first accepted event, which is at `first_at`.
    pub(crate) fn new(cut: Instant, first_at: Instant) -> Tracks {
        let [unified_state, groups, chat_status, chat_engagements] = Default::default();
        Tracks {
            cut,
            first_at,
            greatest: Greatest::default(),
            channels: SmallVec::new(),
            items: None,
            unified_state,
            groups,
            chat_status,
            chat_engagements,
            recorded: None,
        }
    }

    #[inline]
    pub(crate) fn channel(&self, name: Name) -> Option<&Channel> {
        Some(&self.channels[self.place_of(name).ok()?])
    }

    /// Where a channel is, or where it would be.
    #[inline]
    fn place_of(&self, name: Name) -> Result<usize, usize> {
        if self.channels.len() > FEW {
            return self.channels.binary_search_by_key(&name, |channel| channel.name);
        }
        let place = self.channels.iter().position(|channel| channel.name >= name);
        let place = place.unwrap_or(self.channels.len());
        match self.channels.get(place) {
            Some(channel) if channel.name == name => Ok(place),
            _ => Err(place),
        }
    }

    pub(crate) fn item(&self, id: &ItemId) -> Option<Cow<'_, WorkItem>> {
        self.items.as_ref()?.get(id)
    }

    /// A work item, if it is open.
    #[inline]
    pub(crate) fn open_item(&self, id: &ItemId) -> Option<&WorkItem> {
        self.items.as_ref()?.find_open(id)
    }

    /// All work items, unsorted.
    pub(crate) fn all_items(&self) -> impl Iterator<Item = Identified<'_>> {
        self.items.iter().flat_map(|items| items.iter())
    }

    /// The items that have a transition in a window or are open in it, both ends inclusive, and a few
    /// more.
    pub(crate) fn items_touching(
        &self,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = Identified<'_>> {
        self.items.iter().flat_map(move |items| items.touching(from, to))
    }

    /// The greatest version and instant of accepted events up to an instant, inclusive. The instant is
    /// not before the cut.
    pub(crate) fn greatest_as_of(&self, at: Instant) -> Greatest {
        let mut greatest = self.recorded().greatest_as_of(at);
        let past = self.items.as_ref().map(|items| items.greatest_by(at));
        let (version, last) = past.unwrap_or_default();
        greatest.add(version, last.unwrap_or(Instant::MIN));
        let mut add = |track: &TransitionSet| {
            if let Some((version, last)) = track.greatest_as_of(at) {
                greatest.add(version, last);
            }
        };
        self.plain_tracks().for_each(|(_, track)| add(track));
        self.items_touching(at, at).for_each(|(_, item)| add(item.track()));
        greatest
    }

    fn has_item(&self, id: &ItemId) -> bool {
        self.items.as_ref().is_some_and(|items| items.contains(id))
    }

    /// The track of a target that is not a work item, if it is known.
    pub(crate) fn track(&self, target: &Target) -> Option<&TransitionSet> {
        match target {
            Target::State(channel) => self.channel(*channel).map(|channel| &*channel.state),
            Target::Access(channel) => self.channel(*channel).map(|channel| &*channel.access),
            Target::MaxCapacity(channel) => {
                self.channel(*channel).map(|channel| &*channel.max_capacity)
            }
            Target::UnifiedState => Some(&self.unified_state),
            Target::Groups => Some(&self.groups),
            Target::ChatStatus => Some(&self.chat_status),
            Target::ChatEngagements => Some(&self.chat_engagements),
            Target::WorkItem(..) => None,
        }
    }

    /// All tracks except those of work items.
    pub(crate) fn plain_tracks(&self) -> impl Iterator<Item = (Target, &TransitionSet)> {
        let agent = [
            (Target::UnifiedState, &*self.unified_state),
            (Target::Groups, &*self.groups),
            (Target::ChatStatus, &*self.chat_status),
            (Target::ChatEngagements, &*self.chat_engagements),
        ];
        agent.into_iter().chain(self.channels.iter().flat_map(Channel::tracks))
    }

    /// Calls `each` with all transitions of all tracks, those of one track in order.
    pub(crate) fn each_transition(&self, each: &mut dyn FnMut(&Transition)) {
        for (_, track) in self.plain_tracks() {
            track.transitions().iter().for_each(|t| each(&t));
        }
        for (_, item) in self.all_items() {
            item.track().transitions().iter().for_each(|t| each(&t));
        }
    }

    /// Calls `each` with the names that are used.
    pub(crate) fn each_name(&self, each: &mut dyn FnMut(Name)) {
        self.channels.iter().for_each(|channel| each(channel.name));
        self.recorded().listings().iter().for_each(|listing| each(listing.channel));
        self.each_transition(&mut |t| {
            let (mut value, mut previous) = (t.value, t.previous);
            value.names_mut().chain(previous.names_mut()).for_each(|name| each(*name));
        });
    }

    /// Reads the data that every effect uses, to fetch its memory.
    #[inline]
    pub(crate) fn touch(&self) -> (Instant, usize) {
        (self.greatest.at, self.items.as_ref().map_or(0, |items| items.open_count()))
    }

    /// Reads the track that an effect changes, to fetch its memory.
    #[inline]
    pub(crate) fn touch_track(&self, effect: &Effect) -> Option<(Instant, usize)> {
        match &effect.target {
            Target::WorkItem(id, _) => {
                self.open_item(id).map(|item| (item.track().newest(), item.open().len()))
            }
            target => self.track(target).map(|track| (track.newest(), 0)),
        }
    }

    /// The limit that effects would exceed.
    pub(crate) fn limit<'t>(
        &self,
        targets: impl Iterator<Item = &'t Target> + Clone,
        limits: &Limits,
    ) -> Option<Limit> {
        let most = targets.clone().count();
        let items = self.items.as_ref().map_or(0, |items| items.len());
        // The usual case, for which nothing is looked up.
        if self.channels.len() + most <= limits.channels && items + most <= limits.work_items {
            return None;
        }
        let channels = targets.clone().filter_map(Target::channel);
        let channels: BTreeSet<Name> =
            channels.filter(|name| self.channel(*name).is_none()).collect();
        if !channels.is_empty() && self.channels.len() + channels.len() > limits.channels {
            return Some(Limit::Channels);
        }
        let ids = targets.filter_map(|target| match target {
            Target::WorkItem(id, _) if !self.has_item(id) => Some(id),
            _ => None,
        });
        let ids: BTreeSet<&ItemId> = ids.collect();
        let over = !ids.is_empty() && items + ids.len() > limits.work_items;
        over.then_some(Limit::WorkItems)
    }

    /// Appends an effect to its track if its stamp is later than all others of the track, and its
    /// channel was named by then.
    #[inline]
    pub(crate) fn push(&mut self, effect: &Effect, stamp: &Stamp<'_>, hasher: &Hasher) -> bool {
        let Effect { target, value, previous } = effect;
        if let Some(name) = target.channel()
            && self.channel(name).is_none_or(|channel| channel.named_at > stamp.at)
        {
            return false;
        }
        let pushed = match target {
            // A listing may omit it.
            Target::WorkItem(..) if self.recorded().newest() >= stamp.at => false,
            Target::WorkItem(id, _) => {
                self.change_item(id, hasher, |item| item.push(stamp, *value, *previous))
            }
            _ => self.plain_track_mut(target).push(stamp, *value, *previous),
        };
        if pushed {
            if stamp.at < self.first_at {
                self.first_at = stamp.at;
            }
            self.greatest.add(stamp.version, stamp.at);
        }
        pushed
    }

    /// Changes a work item, and updates the loads.
    #[inline]
    fn change_item<T>(
        &mut self,
        id: &ItemId,
        hasher: &Hasher,
        change: impl FnOnce(&mut WorkItem) -> T,
    ) -> T {
        let mut turns = SmallVec::<[(Name, bool); 2]>::new();
        let items = self.items.get_or_insert_with(|| Box::new(WorkItems::new(hasher.clone())));
        let changed = items.change(id, change, |channel, opened| turns.push((channel, opened)));
        for (channel, opened) in turns {
            if let Ok(place) = self.place_of(channel) {
                let load = &mut self.channels[place].load;
                *load = if opened { *load + 1 } else { *load - 1 };
            }
        }
        changed
    }

    /// Changes a work item by what records state.
    // Not generic, since a copy for each caller would be large.
    fn heeding(
        &mut self,
        id: &ItemId,
        names: &Names,
        change: &mut dyn FnMut(&mut WorkItem, &Heeding<'_>),
    ) {
        let recorded = self.recorded.take();
        let by = Heeding {
            id,
            recorded: recorded.as_deref().unwrap_or(&recorded::NONE),
            cut: self.cut,
            names,
        };
        self.change_item(id, names.hasher(), |item| change(item, &by));
        self.recorded = recorded;
    }

    /// What is noted beside the tracks.
    #[inline]
    pub(crate) fn recorded(&self) -> &Recorded {
        self.recorded.as_deref().unwrap_or(&recorded::NONE)
    }

    /// Adds the listing of a channel, and returns whether it is new. It is not from before the cut.
    pub(crate) fn list(&mut self, listing: &Listing, names: &Names) -> bool {
        if !self.recorded.get_or_insert_default().insert(listing.clone()) {
            return false;
        }
        self.greatest.add(listing.version, listing.at);
        let omitted = self.omitted(listing);
        steps::count(omitted.len());
        for id in omitted {
            self.heeding(&id, names, &mut |item, by| item.heed_listing(listing, by));
        }
        true
    }

    /// The items that a listing omits although they may be open when it was requested.
    fn omitted(&self, listing: &Listing) -> Vec<ItemId> {
        let items = self.items_touching(listing.at, listing.at).map(|(id, _)| id);
        items.filter(|id| !listing.lists(id)).map(Cow::into_owned).collect()
    }

    /// The track of a target that is not a work item, and whose channel is named.
    #[inline]
    fn plain_track_mut(&mut self, target: &Target) -> &mut TransitionSet {
        let (name, track): (_, fn(&mut Channel) -> &mut SparseSet) = match target {
            Target::State(name) => (name, |channel| &mut channel.state),
            Target::Access(name) => (name, |channel| &mut channel.access),
            Target::MaxCapacity(name) => (name, |channel| &mut channel.max_capacity),
            Target::Groups => return self.groups.make_mut(),
            Target::ChatStatus => return self.chat_status.make_mut(),
            Target::ChatEngagements => return self.chat_engagements.make_mut(),
            Target::UnifiedState => return self.unified_state.make_mut(),
            Target::WorkItem(..) => unreachable!("INVARIANT: a work item has a track of its own"),
        };
        let place = self.place_of(*name);
        let place = place.expect("INVARIANT: a channel is named before its tracks are used");
        track(&mut self.channels[place]).make_mut()
    }

    /// The value of a target that is not a work item, and since when it holds.
    pub(crate) fn current(&mut self, target: &Target) -> Option<(Value, Instant)> {
        self.track(target).filter(|track| !track.is_empty())?;
        self.plain_track_mut(target).current()
    }

    /// Notes that an accepted event names a channel, and returns whether this is new.
    #[inline]
    pub(crate) fn name_channel(&mut self, name: Name, at: Instant) -> bool {
        match self.place_of(name) {
            Ok(place) => {
                let named_at = &mut self.channels[place].named_at;
                let is_new = at < *named_at;
                *named_at = at.min(*named_at);
                is_new
            }
            Err(place) => {
                let [state, access, max_capacity] = Default::default();
                let channel = Channel { name, load: 0, named_at: at, state, access, max_capacity };
                self.channels.insert(place, channel);
                true
            }
        }
    }

    /// Puts a transition into its track.
    #[inline]
    pub(crate) fn put(&mut self, target: &Target, transition: Transition, names: &Names) -> Put {
        self.first_at = self.first_at.min(transition.at);
        self.greatest.add(transition.version, transition.at);
        let named =
            target.channel().is_some_and(|channel| self.name_channel(channel, transition.at));
        let put = match target {
            Target::WorkItem(id, _) => {
                let (mut put, mut transition) = (Put::Known, Some(transition));
                self.heeding(id, names, &mut |item, by| {
                    if let Some(transition) = transition.take() {
                        let place;
                        (put, place) = item.put(transition, names);
                        item.heed(place, by);
                    }
                });
                put
            }
            _ => self.plain_track_mut(target).put(transition, names).0,
        };
        if named && put == Put::Known { Put::Added { latest: false } } else { put }
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        for channel in &mut self.channels {
            channel.name = names[channel.name.index()];
        }
        self.channels.sort_unstable_by_key(|channel| channel.name);
        for track in self.plain_tracks_mut() {
            track.rename(names);
        }
        if let Some(items) = &mut self.items {
            items.change_all(|item| item.rename(names));
        }
        if let Some(recorded) = &mut self.recorded {
            recorded.rename(names);
        }
    }

    fn plain_tracks_mut(&mut self) -> impl Iterator<Item = &mut TransitionSet> {
        let agent = [
            &mut self.unified_state,
            &mut self.groups,
            &mut self.chat_status,
            &mut self.chat_engagements,
        ];
        let channels = self.channels.iter_mut();
        let channels = channels.flat_map(|c| [&mut c.state, &mut c.access, &mut c.max_capacity]);
        agent.into_iter().chain(channels).filter_map(SparseSet::used)
    }

    /// Raises the cut, and drops the transitions that it makes unnecessary.
    pub(crate) fn compact(&mut self, before: Instant) {
        if before <= self.cut {
            return;
        }
        self.compact_plain(before);
        self.forget_items(before, WorkItem::compact);
    }

    /// Raises the cut for all tracks except those of work items.
    fn compact_plain(&mut self, before: Instant) {
        self.cut = before;
        let mut kept = Kept::default();
        for (_, track) in self.plain_tracks() {
            track.before(before).iter().for_each(|t| kept.add(&t));
        }
        self.keep(kept);
        if let Some(recorded) = &mut self.recorded {
            recorded.compact(before);
        }
        for track in self.plain_tracks_mut() {
            track.compact(before);
        }
    }

    /// Keeps account of what was accepted from before the cut.
    pub(crate) fn keep(&mut self, kept: Kept) {
        if kept != Kept::default() {
            self.recorded.get_or_insert_default().kept.join(kept);
        }
    }

    /// Adds what another fold knows about the agent: the union, compacted at the later cut. Work items'
    /// transitions from before that cut are taken only from sides that have that cut.
    pub(crate) fn merge(&mut self, mut other: Tracks, names: &Names) {
        let cut = self.cut.max(other.cut);
        // Else at most one side has something from before the cut, and that was compacted at it.
        let is_cut = match [&*self, &other].map(|side| side.first_at < cut) {
            [true, true] => true,
            [true, false] => self.cut < cut,
            [false, true] => other.cut < cut,
            [false, false] => false,
        };
        for side in [&mut *self, &mut other] {
            if side.cut < cut && side.first_at < cut {
                side.forget_items(cut, WorkItem::forget_before);
            }
            if let Some(recorded) = &mut side.recorded {
                recorded.compact(cut);
            }
        }
        self.first_at = self.first_at.min(other.first_at);
        self.greatest.join(other.greatest);
        for channel in &other.channels {
            self.name_channel(channel.name, channel.named_at);
        }
        for (target, track) in other.plain_tracks() {
            if !track.is_empty() {
                self.plain_track_mut(&target).merge(track, names);
            }
        }
        self.cut = cut;
        if let Some(recorded) = other.recorded {
            self.keep(recorded.kept);
            for listing in recorded.listings() {
                self.list(listing, names);
            }
        }
        for (id, item) in other.items.into_iter().flat_map(|items| items.into_iter()) {
            let mut item = Some(item);
            self.heeding(&id, names, &mut |known, by| {
                item.take().into_iter().for_each(|item| known.merge(item, by));
            });
        }
        if is_cut {
            self.compact_plain(cut);
        }
    }

    /// Puts in a track that was saved; `None` if it is empty. Names its channel.
    pub(crate) fn restore_track(&mut self, target: &Target, track: TransitionSet) -> Option<()> {
        let first_at = track.transitions().first()?.at;
        if let Some(channel) = target.channel() {
            self.name_channel(channel, first_at);
        }
        let (version, last_at) = track.greatest_as_of(Instant::MAX)?;
        self.note(first_at, version, last_at);
        *self.plain_track_mut(target) = track;
        Some(())
    }

    /// Puts in a work item that was saved. Names its channels.
    pub(crate) fn restore_item(&mut self, id: &ItemId, item: WorkItem, hasher: &Hasher) {
        for t in item.track().transitions() {
            t.channel().into_iter().for_each(|channel| {
                self.name_channel(channel, t.at);
            });
            self.note(t.at, t.version, t.at);
        }
        self.change_item(id, hasher, |known| known.restore(item));
    }

    /// Notes the instants and the version of accepted events.
    fn note(&mut self, first_at: Instant, version: u64, last_at: Instant) {
        self.first_at = self.first_at.min(first_at);
        self.greatest.add(version, last_at);
    }

    /// Lets work items `forget` transitions from before a cut. Their greatest version and instant are
    /// kept.
    fn forget_items(&mut self, cut: Instant, forget: fn(&mut WorkItem, Instant)) {
        let Some(items) = &mut self.items else {
            return;
        };
        let kept = items.forget(cut, forget);
        self.channels.iter_mut().for_each(|channel| channel.load = 0);
        for open in items.open().flat_map(|(_, item)| item.open()) {
            let place = self.channels.binary_search_by_key(&open.channel, |channel| channel.name);
            self.channels[place.expect("INVARIANT: an open item's channel is named")].load += 1;
        }
        self.keep(kept);
    }
}
