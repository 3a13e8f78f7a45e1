//! [`Tracks`]: everything that is known about one agent.

use hashbrown::HashMap;
use smallvec::SmallVec;

use super::effect::Effect;
use super::id::ItemId;
use super::names::{Name, Names};
use super::open_items::OpenItems;
use super::past::{Past, PastItem};
use super::transition::{Stamp, Transition};
use super::transition_set::{Put, TransitionSet};
use super::work_item::{Open, WorkItem};
use crate::{Aspect, Instant, Track};

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
        Greatest { version: 0, at: Instant::MIN }
    }
}

impl Greatest {
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
    pub(crate) channels: SmallVec<[Channel; 4]>,
    pub(crate) items: HashMap<ItemId, WorkItem>,
    /// The open items, unsorted.
    // INVARIANT: those of `items` whose `open` is not empty, each once, at its `place`.
    open: OpenItems,
    /// The items that are not open.
    // INVARIANT: those of `items` whose `open` is empty, each once.
    past: Past,
    pub(crate) unified_state: TransitionSet,
    pub(crate) groups: TransitionSet,
    pub(crate) chat_status: TransitionSet,
    pub(crate) chat_engagements: TransitionSet,
    /// The greatest version and instant of accepted events from before the cut.
    pub(crate) kept: Greatest,
}

/// What is known about one channel of an agent.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) name: Name,
    /// The earliest instant of the accepted events that name it.
    pub(crate) named_at: Instant,
    /// How many items are open on it.
    // INVARIANT: it agrees with `items`.
    load: u32,
    /// Boxed, so that the names of an agent's channels are next to each other in memory.
    pub(crate) tracks: Box<ChannelTracks>,
}

/// The tracks of one channel of an agent.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChannelTracks {
    pub(crate) state: TransitionSet,
    pub(crate) access: TransitionSet,
    pub(crate) max_capacity: TransitionSet,
}

impl Channel {
    pub(crate) fn tracks(&self) -> [(Target, &TransitionSet); 3] {
        [
            (Target::State(self.name), &self.tracks.state),
            (Target::Access(self.name), &self.tracks.access),
            (Target::MaxCapacity(self.name), &self.tracks.max_capacity),
        ]
    }
}

impl Tracks {
    /// An agent's tracks before its first accepted event, which is at `first_at`.
    pub(crate) fn new(cut: Instant, first_at: Instant) -> Tracks {
        let [unified_state, groups, chat_status, chat_engagements] = Default::default();
        Tracks {
            cut,
            first_at,
            kept: Greatest::default(),
            greatest: Greatest::default(),
            channels: SmallVec::new(),
            unified_state,
            groups,
            chat_status,
            chat_engagements,
            items: HashMap::new(),
            open: OpenItems::default(),
            past: Past::default(),
        }
    }

    pub(crate) fn channel(&self, name: Name) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// The open items, and where they are open.
    pub(crate) fn open_items(&self) -> impl Iterator<Item = (&ItemId, &[Open])> {
        self.open.iter().map(|id| (id, self.items[id].open()))
    }

    /// The items that have a transition in a window or are open in it, both ends inclusive, and a few
    /// more.
    pub(crate) fn items_touching(
        &self,
        from: Instant,
        to: Instant,
    ) -> impl Iterator<Item = (&ItemId, &WorkItem)> {
        let past = self.past.touching(from, to).map(|item| &item.id);
        self.open.iter().chain(past).map(|id| (id, &self.items[id]))
    }

    /// The greatest version and instant of accepted events up to an instant, inclusive. The instant is
    /// not before the cut.
    pub(crate) fn greatest_as_of(&self, at: Instant) -> Greatest {
        let mut greatest = self.kept;
        let (version, last) = self.past.greatest_by(at);
        greatest.add(version, last.unwrap_or(Instant::MIN));
        let items = self.items_touching(at, at).map(|(_, item)| item.track());
        for track in self.plain_tracks().map(|(_, track)| track).chain(items) {
            if let Some(last) = track.as_of(Some(at)).last() {
                greatest.add(track.version_as_of(at), last.at);
            }
        }
        greatest
    }

    /// How many items are open on a channel.
    pub(crate) fn load(&self, channel: Name) -> u64 {
        self.channel(channel).map_or(0, |channel| channel.load.into())
    }

    /// The track of a target, if it is known.
    pub(crate) fn track(&self, target: &Target) -> Option<&TransitionSet> {
        match target {
            Target::State(channel) => self.channel(*channel).map(|channel| &channel.tracks.state),
            Target::Access(channel) => self.channel(*channel).map(|channel| &channel.tracks.access),
            Target::MaxCapacity(channel) => {
                self.channel(*channel).map(|channel| &channel.tracks.max_capacity)
            }
            Target::UnifiedState => Some(&self.unified_state),
            Target::Groups => Some(&self.groups),
            Target::ChatStatus => Some(&self.chat_status),
            Target::ChatEngagements => Some(&self.chat_engagements),
            Target::WorkItem(id, _) => self.items.get(id).map(WorkItem::track),
        }
    }

    /// All tracks except those of work items.
    pub(crate) fn plain_tracks(&self) -> impl Iterator<Item = (Target, &TransitionSet)> {
        let agent = [
            (Target::UnifiedState, &self.unified_state),
            (Target::Groups, &self.groups),
            (Target::ChatStatus, &self.chat_status),
            (Target::ChatEngagements, &self.chat_engagements),
        ];
        agent.into_iter().chain(self.channels.iter().flat_map(Channel::tracks))
    }

    /// All tracks. Those of work items are unsorted.
    fn all_tracks(&self) -> impl Iterator<Item = &TransitionSet> {
        let items = self.items.values().map(WorkItem::track);
        self.plain_tracks().map(|(_, track)| track).chain(items)
    }

    /// All transitions of all tracks.
    pub(crate) fn all_transitions(&self) -> impl Iterator<Item = &Transition> {
        self.all_tracks().flat_map(|track| track.transitions().iter())
    }

    /// Reads the data that every effect uses, to fetch its memory.
    #[inline]
    pub(crate) fn touch(&self) -> (Instant, usize) {
        (self.greatest.at, self.open.len())
    }

    /// Reads the work item that an effect changes, to fetch its memory.
    #[inline]
    pub(crate) fn touch_item(&self, effect: &Effect) -> Option<(Instant, usize)> {
        let Target::WorkItem(id, _) = &effect.target else {
            return None;
        };
        self.items.get(id).map(|item| (item.track().newest(), item.open().len()))
    }

    /// Appends an effect to its track if its stamp is later than all others of the track, and its
    /// channel was named by then.
    #[inline]
    pub(crate) fn push(&mut self, effect: &Effect, stamp: &Stamp<'_>) -> bool {
        let Effect { target, value, previous } = effect;
        if let Some(name) = target.channel()
            && !self.channels.iter().any(|c| c.name == name && c.named_at <= stamp.at)
        {
            return false;
        }
        let pushed = match target {
            Target::WorkItem(id, _) => {
                self.change_item(id, |item| item.push(stamp, *value, *previous))
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

    /// Changes a work item, and updates the loads and the indexes of open and past items.
    #[inline]
    fn change_item<T>(&mut self, id: &ItemId, change: impl FnOnce(&mut WorkItem) -> T) -> T {
        let item = self.items.entry_ref(id).or_default();
        let (was_on, was_past) = (On::channels_of(item), item.past());
        let changed = change(item);
        let (is_on, is_past) = (On::channels_of(item), item.past());
        if was_on != is_on {
            for channel in &mut self.channels {
                channel.load += u32::from(is_on.contains(channel.name));
                channel.load -= u32::from(was_on.contains(channel.name));
            }
            if was_on == On::None {
                item.place = self.open.push(id.clone());
            } else if is_on == On::None {
                let (place, items) = (item.place, &mut self.items);
                self.open.remove(place, |id, place| {
                    if let Some(item) = items.get_mut(id) {
                        item.place = place;
                    }
                });
            }
        }
        if was_past != is_past {
            if let Some((_, last, _)) = was_past {
                self.past.remove(last, id);
            }
            if let Some((first, last, version)) = is_past {
                self.past.insert(PastItem { first, last, version, id: id.clone() });
            }
        }
        changed
    }

    /// The track of a target that is not a work item, and whose channel is named.
    #[inline]
    fn plain_track_mut(&mut self, target: &Target) -> &mut TransitionSet {
        let (name, track): (_, fn(&mut ChannelTracks) -> &mut TransitionSet) = match target {
            Target::State(name) => (name, |tracks| &mut tracks.state),
            Target::Access(name) => (name, |tracks| &mut tracks.access),
            Target::MaxCapacity(name) => (name, |tracks| &mut tracks.max_capacity),
            Target::Groups => return &mut self.groups,
            Target::ChatStatus => return &mut self.chat_status,
            Target::ChatEngagements => return &mut self.chat_engagements,
            Target::UnifiedState => return &mut self.unified_state,
            Target::WorkItem(..) => unreachable!("INVARIANT: a work item has a track of its own"),
        };
        let channel = self.channels.iter_mut().find(|channel| channel.name == *name);
        let channel = channel.expect("INVARIANT: a channel is named before its tracks are used");
        track(&mut channel.tracks)
    }

    /// Notes that an accepted event names a channel, and returns whether this is new.
    #[inline]
    pub(crate) fn name_channel(&mut self, name: Name, at: Instant) -> bool {
        match self.channels.iter_mut().find(|channel| channel.name == name) {
            Some(known) if known.named_at <= at => false,
            Some(known) => {
                known.named_at = at;
                true
            }
            None => {
                self.channels.push(Channel { name, named_at: at, load: 0, tracks: Box::default() });
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
            Target::WorkItem(id, _) => self.change_item(id, |item| item.put(transition, names)),
            _ => self.plain_track_mut(target).put(transition, names),
        };
        if named && put == Put::Known { Put::Added { latest: false } } else { put }
    }

    /// Replaces each name by `names` at its index.
    pub(crate) fn rename(&mut self, names: &[Name]) {
        for channel in &mut self.channels {
            channel.name = names[channel.name.index()];
        }
        for track in self.plain_tracks_mut() {
            track.rename(names);
        }
        for item in self.items.values_mut() {
            item.rename(names);
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
        let channels = channels.flat_map(|c| {
            let ChannelTracks { state, access, max_capacity } = &mut *c.tracks;
            [state, access, max_capacity]
        });
        agent.into_iter().chain(channels)
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
        let mut kept = self.kept;
        for (_, track) in self.plain_tracks() {
            for t in track.before(before).iter() {
                kept.add(t.version, t.at);
            }
        }
        self.kept = kept;
        for track in self.plain_tracks_mut() {
            track.compact(before);
        }
    }

    /// Adds what another fold knows about the agent: the union, compacted at the later cut. Work items'
    /// transitions from before that cut are taken only from sides that have that cut.
    pub(crate) fn merge(&mut self, mut other: Tracks, names: &Names) {
        let cut = self.cut.max(other.cut);
        for side in [&mut *self, &mut other] {
            if side.cut < cut {
                side.forget_items(cut, WorkItem::forget_before);
            }
        }
        self.first_at = self.first_at.min(other.first_at);
        self.kept.join(other.kept);
        self.greatest.join(other.greatest);
        for channel in &other.channels {
            self.name_channel(channel.name, channel.named_at);
        }
        for (target, track) in other.plain_tracks() {
            if !track.is_empty() {
                self.plain_track_mut(&target).merge(track, names);
            }
        }
        for (id, item) in other.items {
            self.change_item(&id, |known| known.merge(item, names));
        }
        self.compact_plain(cut);
    }

    /// Lets work items `forget` transitions from before a cut. Their greatest version and instant are
    /// kept.
    fn forget_items(&mut self, cut: Instant, forget: fn(&mut WorkItem, Instant)) {
        self.items.retain(|_, item| {
            for t in item.track().before(cut).iter() {
                self.kept.add(t.version, t.at);
            }
            forget(item, cut);
            !item.track().is_empty()
        });
        self.open = OpenItems::default();
        self.channels.iter_mut().for_each(|channel| channel.load = 0);
        for (id, item) in self.items.iter_mut().filter(|(_, item)| !item.open().is_empty()) {
            item.place = self.open.push(id.clone());
            let on = On::channels_of(item);
            for channel in self.channels.iter_mut().filter(|channel| on.contains(channel.name)) {
                channel.load += 1;
            }
        }
        let past = self.items.iter().filter_map(|(id, item)| {
            let (first, last, version) = item.past()?;
            Some(PastItem { first, last, version, id: id.clone() })
        });
        self.past = Past::new(past.collect());
    }
}

/// The channels where an item is open: one, as a rule.
#[derive(PartialEq)]
enum On {
    None,
    One(Name),
    Several(Vec<Name>),
}

impl On {
    #[inline]
    fn channels_of(item: &WorkItem) -> On {
        match item.open() {
            [] => On::None,
            [open] => On::One(open.channel),
            several => On::Several(several.iter().map(|open| open.channel).collect()),
        }
    }

    fn contains(&self, channel: Name) -> bool {
        match self {
            On::None => false,
            On::One(on) => *on == channel,
            On::Several(on) => on.contains(&channel),
        }
    }
}
