//! [`Tracks`]: all that is known of one agent.

use hashbrown::HashMap;

use super::id::ItemId;
use super::names::{Name, Names};
use super::track::{Put, Track};
use super::transition::{Stamp, Transition};
use super::work_item::{Open, WorkItem};
use crate::Instant;

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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Greatest {
    /// 0 for none.
    pub(crate) version: u64,
    pub(crate) at: Option<Instant>,
}

impl Greatest {
    #[inline]
    pub(crate) fn add(&mut self, version: u64, at: Instant) {
        self.join(Greatest { version, at: Some(at) });
    }

    #[inline]
    pub(crate) fn join(&mut self, other: Greatest) {
        self.version = self.version.max(other.version);
        self.at = self.at.max(other.at);
    }
}

/// One agent's tracks, and what is kept apart from them.
#[derive(Debug, Clone)]
pub(crate) struct Tracks {
    /// Nothing from before it is accepted, or known for sure.
    pub(crate) cut: Instant,
    /// The least instant of all accepted events.
    pub(crate) first_at: Instant,
    /// Of accepted events from before the cut.
    pub(crate) kept: Greatest,
    /// Of all accepted events.
    pub(crate) greatest: Greatest,
    pub(crate) channels: Vec<Channel>,
    pub(crate) unified_state: Track,
    pub(crate) groups: Track,
    pub(crate) chat_status: Track,
    pub(crate) chat_engagements: Track,
    pub(crate) items: HashMap<ItemId, WorkItem>,
    /// The items that are open, in no order.
    // INVARIANT: those of `items` whose `open` is not empty, each once.
    open: Vec<ItemId>,
}

/// What is known of one channel of an agent.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) name: Name,
    /// The least instant of the accepted events that name it.
    pub(crate) named_at: Instant,
    pub(crate) state: Track,
    pub(crate) access: Track,
    pub(crate) max_capacity: Track,
}

impl Channel {
    pub(crate) fn new(name: Name, named_at: Instant) -> Channel {
        let [state, access, max_capacity] = Default::default();
        Channel { name, named_at, state, access, max_capacity }
    }

    pub(crate) fn tracks(&self) -> [(Target, &Track); 3] {
        [
            (Target::State(self.name), &self.state),
            (Target::Access(self.name), &self.access),
            (Target::MaxCapacity(self.name), &self.max_capacity),
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
            channels: Vec::new(),
            unified_state,
            groups,
            chat_status,
            chat_engagements,
            items: HashMap::new(),
            open: Vec::new(),
        }
    }

    pub(crate) fn channel(&self, name: Name) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    /// The items that are open, and where.
    pub(crate) fn open_items(&self) -> impl Iterator<Item = (&ItemId, &[Open])> {
        self.open.iter().map(|id| (id, self.items[id].open()))
    }

    /// The greatest version and instant of accepted events up to and with an instant, which is not
    /// before the cut.
    pub(crate) fn greatest_as_of(&self, at: Instant) -> Greatest {
        let mut greatest = self.kept;
        let items = self.items.values().map(WorkItem::track);
        for track in self.plain_tracks().map(|(_, track)| track).chain(items) {
            for t in track.as_of(Some(at)) {
                greatest.add(t.version, t.at);
            }
        }
        greatest
    }

    /// How many items are open on a channel.
    pub(crate) fn load(&self, channel: Name) -> u64 {
        let open = self.open_items().flat_map(|(_, open)| open);
        open.filter(|open| open.channel == channel).count() as u64
    }

    /// The track of a target, if anything is known of it.
    pub(crate) fn track(&self, target: &Target) -> Option<&Track> {
        match target {
            Target::State(channel) => self.channel(*channel).map(|channel| &channel.state),
            Target::Access(channel) => self.channel(*channel).map(|channel| &channel.access),
            Target::MaxCapacity(channel) => {
                self.channel(*channel).map(|channel| &channel.max_capacity)
            }
            Target::UnifiedState => Some(&self.unified_state),
            Target::Groups => Some(&self.groups),
            Target::ChatStatus => Some(&self.chat_status),
            Target::ChatEngagements => Some(&self.chat_engagements),
            Target::WorkItem(id, _) => self.items.get(id).map(WorkItem::track),
        }
    }

    /// All tracks but those of work items.
    pub(crate) fn plain_tracks(&self) -> impl Iterator<Item = (Target, &Track)> {
        let agent = [
            (Target::UnifiedState, &self.unified_state),
            (Target::Groups, &self.groups),
            (Target::ChatStatus, &self.chat_status),
            (Target::ChatEngagements, &self.chat_engagements),
        ];
        agent.into_iter().chain(self.channels.iter().flat_map(Channel::tracks))
    }

    /// All transitions of all tracks, in no order.
    pub(crate) fn all_transitions(&self) -> impl Iterator<Item = &Transition> {
        let items = self.items.values().map(WorkItem::track);
        let tracks = self.plain_tracks().map(|(_, track)| track).chain(items);
        tracks.flat_map(Track::transitions)
    }

    /// Whether a transition would be the last of its track.
    #[inline]
    pub(crate) fn is_newest(&self, target: &Target, stamp: &Stamp) -> bool {
        self.track(target).is_none_or(|track| track.is_newest(stamp))
    }

    /// Notes that an accepted event names a channel; tells whether that was not known.
    #[inline]
    pub(crate) fn name_channel(&mut self, name: Name, at: Instant) -> bool {
        match self.channels.iter_mut().find(|channel| channel.name == name) {
            Some(known) if known.named_at <= at => false,
            Some(known) => {
                known.named_at = at;
                true
            }
            None => {
                self.channels.push(Channel::new(name, at));
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
            Target::State(name) => self.channel_mut(*name).state.put(transition, names),
            Target::Access(name) => self.channel_mut(*name).access.put(transition, names),
            Target::MaxCapacity(name) => {
                self.channel_mut(*name).max_capacity.put(transition, names)
            }
            Target::UnifiedState => self.unified_state.put(transition, names),
            Target::Groups => self.groups.put(transition, names),
            Target::ChatStatus => self.chat_status.put(transition, names),
            Target::ChatEngagements => self.chat_engagements.put(transition, names),
            Target::WorkItem(id, _) => self.put_item(id, transition, names),
        };
        if named && put == Put::Known { Put::Added { latest: false } } else { put }
    }

    fn channel_mut(&mut self, name: Name) -> &mut Channel {
        let channel = self.channels.iter_mut().find(|channel| channel.name == name);
        channel.expect("INVARIANT: a channel is named before its tracks are used")
    }

    fn put_item(&mut self, id: &ItemId, transition: Transition, names: &Names) -> Put {
        let item = self.items.entry_ref(id).or_default();
        let was_open = !item.open().is_empty();
        let put = item.put(transition, names);
        match (was_open, !item.open().is_empty()) {
            (false, true) => self.open.push(id.clone()),
            (true, false) => self.open.retain(|open| open != id),
            _ => {}
        }
        put
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

    fn plain_tracks_mut(&mut self) -> impl Iterator<Item = &mut Track> {
        let agent = [
            &mut self.unified_state,
            &mut self.groups,
            &mut self.chat_status,
            &mut self.chat_engagements,
        ];
        let channels = self.channels.iter_mut();
        let channels = channels.flat_map(|c| [&mut c.state, &mut c.access, &mut c.max_capacity]);
        agent.into_iter().chain(channels)
    }

    /// Raises the cut, and drops what it makes needless.
    pub(crate) fn compact(&mut self, before: Instant) {
        if before <= self.cut {
            return;
        }
        self.compact_plain(before);
        self.items.retain(|_, item| {
            for t in item.track().before(before) {
                self.kept.add(t.version, t.at);
            }
            item.compact(before);
            !item.track().is_empty()
        });
    }

    /// Raises the cut for all tracks but those of work items.
    fn compact_plain(&mut self, before: Instant) {
        self.cut = before;
        let mut kept = self.kept;
        for (_, track) in self.plain_tracks() {
            for t in track.before(before) {
                kept.add(t.version, t.at);
            }
        }
        self.kept = kept;
        for track in self.plain_tracks_mut() {
            track.compact(before);
        }
    }

    /// Takes in what another fold knows of the agent: the union, compacted at the later cut. Of
    /// work items, what lies before that cut comes from sides with that cut alone.
    pub(crate) fn merge(&mut self, mut other: Tracks, names: &Names) {
        let cut = self.cut.max(other.cut);
        for side in [&mut *self, &mut other] {
            if side.cut < cut {
                side.forget_items_before(cut);
            }
        }
        self.first_at = self.first_at.min(other.first_at);
        self.kept.join(other.kept);
        self.greatest.join(other.greatest);
        for channel in &other.channels {
            self.name_channel(channel.name, channel.named_at);
        }
        for (target, track) in other.plain_tracks() {
            for t in track.transitions() {
                self.put(&target, t.clone(), names);
            }
        }
        for (id, item) in &other.items {
            for t in item.track().transitions() {
                self.put_item(id, t.clone(), names);
            }
        }
        self.compact_plain(cut);
    }

    /// Forgets what happened to work items before a cut, but for the greatest version and instant.
    fn forget_items_before(&mut self, cut: Instant) {
        self.items.retain(|_, item| {
            for t in item.track().before(cut) {
                self.kept.add(t.version, t.at);
            }
            item.forget_before(cut);
            !item.track().is_empty()
        });
        self.open.retain(|id| self.items.get(id).is_some_and(|item| !item.open().is_empty()));
    }
}
