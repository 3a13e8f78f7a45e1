//! Agents: their current values, and the changes to them.
//!
//! INVARIANT: only the methods in this file change a value that events report, and each returns the
//! change with the true previous value.

use crate::account::{Account, Activity};
use crate::effect::{
    Capacity, Change, Channel, ChannelState, ChatStatus, ItemReason, RemovalReason, StateReason,
    UnifiedState,
};
use crate::random::Random;
use crate::shift::Shift;

/// The number of items that an agent takes on a channel without a limit.
const ENOUGH: u32 = 12;

/// An agent of the floor.
pub(crate) struct Agent {
    /// The index of its account.
    pub(crate) account: usize,
    pub(crate) id: u64,
    pub(crate) version: u64,
    pub(crate) activity: Activity,
    pub(crate) shift: Shift,
    pub(crate) groups: Vec<u64>,
    pub(crate) items: Vec<Item>,
    pub(crate) chat: Chat,
    state: UnifiedState,
    desks: [Desk; 3],
    last_token: u32,
}

/// An agent's place on one channel.
#[derive(Clone, Copy)]
struct Desk {
    access: bool,
    state: ChannelState,
    capacity: Option<u32>,
}

/// A work item of an agent.
#[derive(Clone, Copy)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) channel: Channel,
    pub(crate) reason: ItemReason,
    /// Identifies the step that the item waits for. A planned step with another token is obsolete.
    pub(crate) token: u32,
}

/// An agent's state in Zendesk Chat.
pub(crate) struct Chat {
    pub(crate) status: ChatStatus,
    pub(crate) engagements: u32,
    /// The instant of the agent's last Chat event.
    pub(crate) last_at: u64,
    /// Counts how often the agent left all chats, which makes their planned ends obsolete.
    pub(crate) round: u32,
}

impl Agent {
    /// Draws the agent with an index, before it joins.
    pub(crate) fn draw(
        index: u32,
        account: usize,
        accounts: &[Account],
        random: &mut Random,
    ) -> Self {
        let desk = Desk { access: false, state: ChannelState::Offline, capacity: None };
        Self {
            account,
            id: draw_id(index, random),
            version: 0,
            activity: Activity::Offline,
            shift: Shift::draw(index, random),
            groups: Vec::new(),
            items: Vec::new(),
            chat: Chat { status: ChatStatus::Offline, engagements: 0, last_at: 0, round: 0 },
            state: accounts[account].state(Activity::Offline, StateReason::Unknown),
            desks: [desk; 3],
            last_token: 0,
        }
    }

    pub(crate) fn has_access(&self, channel: Channel) -> bool {
        self.desks[channel as usize].access
    }

    pub(crate) fn capacity(&self, channel: Channel) -> Option<u32> {
        self.desks[channel as usize].capacity
    }

    /// Whether the agent can receive work on a channel.
    pub(crate) fn receives(&self, channel: Channel) -> bool {
        let desk = &self.desks[channel as usize];
        desk.access && desk.state == ChannelState::Online && !self.shift.leaving
    }

    /// Whether the agent can receive work on a channel, at most `excess` items over its capacity.
    pub(crate) fn has_room(&self, channel: Channel, excess: u32) -> bool {
        let most = self.capacity(channel).unwrap_or(ENOUGH) + excess;
        let load = self.items.iter().filter(|item| item.channel == channel).count();
        self.receives(channel) && load < most as usize
    }

    pub(crate) fn enter(&mut self, activity: Activity, new: UnifiedState) -> Change {
        let previous = std::mem::replace(&mut self.state, new);
        self.activity = activity;
        Change::Unified { previous, new }
    }

    /// Sets the state of a channel to match the agent's activity.
    pub(crate) fn follow(&mut self, channel: Channel) -> Option<Change> {
        let new = self.activity.channel_states()[channel as usize];
        let desk = &mut self.desks[channel as usize];
        if !desk.access || desk.state == new {
            return None;
        }
        let previous = std::mem::replace(&mut desk.state, new);
        Some(Change::State { channel, previous, new })
    }

    pub(crate) fn gain(&mut self, channel: Channel) -> Option<Change> {
        let desk = &mut self.desks[channel as usize];
        if desk.access {
            return None;
        }
        // A new channel is offline, even if the agent had it before.
        desk.state = ChannelState::Offline;
        desk.access = true;
        Some(Change::ChannelCreated(channel))
    }

    pub(crate) fn lose(&mut self, channel: Channel) -> Change {
        self.desks[channel as usize].access = false;
        Change::ChannelDeleted(channel)
    }

    /// Sets the capacities of channels.
    pub(crate) fn limit(&mut self, limits: &[(Channel, Option<u32>)]) -> Change {
        let mut capacities = [None; 3];
        for &(channel, current) in limits {
            let capacity = &mut self.desks[channel as usize].capacity;
            let previous = std::mem::replace(capacity, current);
            capacities[channel as usize] = Some(Capacity { current, previous });
        }
        Change::MaxCapacity(capacities)
    }

    pub(crate) fn regroup(&mut self, new: Vec<u64>) -> Change {
        let previous = std::mem::replace(&mut self.groups, new.clone());
        Change::Groups { previous, new }
    }

    pub(crate) fn open(&mut self, item: u64, channel: Channel, reason: ItemReason) -> Change {
        self.items.push(Item { id: item, channel, reason, token: 0 });
        Change::ItemAdded { item, channel, reason }
    }

    pub(crate) fn update(&mut self, place: usize, channel: Channel, reason: ItemReason) -> Change {
        let item = &mut self.items[place];
        let previous = std::mem::replace(&mut item.reason, reason);
        item.channel = channel;
        Change::ItemUpdated { item: item.id, channel, previous, reason }
    }

    pub(crate) fn close(&mut self, place: usize, reason: Option<RemovalReason>) -> Change {
        let Item { id, channel, .. } = self.items.swap_remove(place);
        Change::ItemRemoved { item: id, channel, reason }
    }

    /// Gives the item a new token, which makes its planned step obsolete.
    pub(crate) fn renew(&mut self, place: usize) -> u32 {
        self.last_token = self.last_token.wrapping_add(1);
        self.items[place].token = self.last_token;
        self.last_token
    }

    pub(crate) fn set_chat_status(&mut self, new: ChatStatus) -> Change {
        let previous = std::mem::replace(&mut self.chat.status, new);
        Change::ChatStatus { previous, new }
    }

    pub(crate) fn set_engagements(&mut self, new: u32) -> Change {
        let previous = std::mem::replace(&mut self.chat.engagements, new);
        Change::Engagements { previous, new }
    }
}

/// Draws an id like Zendesk's, whose ids have become longer over the years. A few are too large for
/// a binary64 number. The four ranges do not overlap.
fn draw_id(index: u32, random: &mut Random) -> u64 {
    let (first, step) = match index % 16 {
        3 => (9_007_199_254_740_993, 1_000_000),
        1 | 9 => (10_011, 37),
        5 | 13 => (15_823_000_000_000, 1_000_000),
        _ => (360_000_000_000, 1_000),
    };
    first + u64::from(index) * step + random.between(0, step - 1)
}
