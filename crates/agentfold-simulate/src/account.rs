//! Accounts: their ids, groups, unified states and the numbers of their work items.

use crate::effect::{ChannelState, ChatStatus, StateReason, UnifiedState};
use crate::random::Random;

/// The activity of an agent. Each account has a unified state for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activity {
    Offline,
    Online,
    Away,
    TransfersOnly,
    Break,
    Lunch,
    Training,
    Meeting,
    WrapUp,
}

/// Zendesk's own unified states, which have the same ids in every account.
const DEFAULT_STATES: [(u64, &str); 4] =
    [(2, "offline"), (3, "online"), (4, "away"), (5, "transfers_only")];

/// The names of custom states in different accounts, for the activities from [`Activity::Break`].
const CUSTOM_NAMES: [[&str; 5]; 4] = [
    ["Break", "Lunch", "Training", "1:1 \"coaching\"", "Wrap-up"],
    ["Pause café", "Pause déjeuner", "Formation", "Réunion d'équipe", "Après-appel"],
    ["Kurze Pause", "Mittagspause", "Schulung", "Besprechung", "Nachbearbeitung"],
    ["小休憩", "昼休み", "研修", "会議", "後処理"],
];

/// An account of the simulation.
pub(crate) struct Account {
    pub(crate) id: u64,
    pub(crate) groups: Vec<u64>,
    states: [(u64, &'static str); 9],
    last_item: u64,
}

impl Account {
    /// Draws the account with an index. Ids ascend with the index.
    pub(crate) fn draw(index: u32, random: &mut Random) -> Self {
        let id = 10_000_000 + u64::from(index) * 2_000 + random.between(0, 1_999);
        let mut last = 360_000_000_000 + u64::from(index) * 1_000_000;
        let groups = (0..random.between(5, 9))
            .map(|_| {
                last += random.between(20, 90_000);
                last
            })
            .collect();

        let mut states = [(0, ""); 9];
        states[..4].copy_from_slice(&DEFAULT_STATES);
        let mut last = 15_823_174_000_000 + u64::from(index) * 100_000_000;
        let names = CUSTOM_NAMES[index as usize % CUSTOM_NAMES.len()];
        for (state, name) in states[4..].iter_mut().zip(names) {
            last += random.between(1_000, 9_000_000);
            *state = (last, name);
        }
        Self { id, groups, states, last_item: random.between(1_000, 400_000) }
    }

    /// The unified state of an agent with an activity.
    pub(crate) fn state(&self, activity: Activity, reason: StateReason) -> UnifiedState {
        let (id, name) = self.states[activity as usize];
        UnifiedState { id, name, reason }
    }

    /// Draws the id of a new work item.
    pub(crate) fn next_item(&mut self, random: &mut Random) -> u64 {
        self.last_item += random.between(1, 3);
        self.last_item
    }
}

impl Activity {
    /// The states on talk, support and messaging of an agent with this activity.
    pub(crate) fn channel_states(self) -> [ChannelState; 3] {
        use ChannelState::{Away, Offline, Online, TransfersOnly};
        match self {
            Self::Online => [Online, Online, Online],
            Self::Offline => [Offline, Offline, Offline],
            Self::Away | Self::Break => [Away, Away, Away],
            Self::TransfersOnly => [TransfersOnly, Away, TransfersOnly],
            Self::Lunch => [Offline, Away, Offline],
            Self::Training => [Offline, Online, Away],
            Self::Meeting => [Away, Online, Away],
            Self::WrapUp => [Away, Online, Online],
        }
    }

    pub(crate) fn chat_status(self) -> ChatStatus {
        match self {
            Self::Online => ChatStatus::Online,
            Self::Offline => ChatStatus::Offline,
            Self::TransfersOnly => ChatStatus::Invisible,
            Self::Away | Self::Break | Self::Lunch => ChatStatus::Away,
            Self::Training | Self::Meeting | Self::WrapUp => ChatStatus::Away,
        }
    }
}
