//! Events of the fuzzer's choice, for targets whose input is not a text.

use agentfold::event::{Availability, Body, Capacity, Chat, ChatField, UnifiedState};
use agentfold::{Agent, Event, Fold, Instant};
use libfuzzer_sys::arbitrary::{self, Arbitrary};

/// The instant of a second of the day of all events.
pub fn at(second: i64) -> Instant {
    Instant::from_unix(1_767_571_200 + second, 0).expect("in range")
}

/// Edits bytes from a place on: each edit removes some and puts others there.
pub fn edit(bytes: &mut Vec<u8>, from: usize, edits: Vec<(u16, u8, Vec<u8>)>) {
    for (at, cut, put) in edits {
        let at = bytes.len().min(from + usize::from(at));
        let end = bytes.len().min(at + usize::from(cut));
        bytes.splice(at..end, put);
    }
}

/// An event. There are few agents, items, versions and ids, so that events meet.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub struct Told {
    agent: u8,
    second: u16,
    id: u8,
    version: Option<u8>,
    says: Says,
}

#[derive(Debug, Clone, Copy, Arbitrary)]
enum Says {
    State { channel: u8, state: u8 },
    Added { channel: u8, item: u8, reason: u8 },
    Updated { channel: u8, item: u8, reason: u8 },
    Removed { channel: u8, item: u8, reason: Option<u8> },
    Capacity { channel: u8, current: Option<u8> },
    Unified { state: u8, is_named: bool },
    Created { channel: u8 },
    Deleted { channel: u8 },
    Groups { ids: u8 },
    Status { value: u8 },
    Engagements { value: u8 },
}

impl Told {
    /// When it happened.
    pub fn at(&self) -> Instant {
        at(self.second.into())
    }

    /// The event.
    pub fn event(&self) -> Event<'static> {
        let agent = Agent::new(2, u64::from(self.agent % 3));
        let id = format!("id {}", self.id);
        let chat = |field| {
            Event::from(Chat::new(agent, self.at(), id.clone(), field).expect("few engagements"))
        };
        let body = match self.says {
            Says::Status { value } => {
                return chat(ChatField::Status {
                    previous_value: None,
                    value: state(value).into(),
                });
            }
            Says::Engagements { value } => {
                return chat(ChatField::Engagements { previous_value: None, value: value.into() });
            }
            Says::State { channel: of, state: new } => Body::StateChanged {
                channel: channel(of).into(),
                previous_state: None,
                new_state: state(new).into(),
            },
            Says::Added { channel: of, item, reason: why } => Body::WorkItemAdded {
                work_item_id: work_item(item).into(),
                channel: channel(of).into(),
                reason: reason(why).into(),
            },
            Says::Updated { channel: of, item, reason: why } => Body::WorkItemUpdated {
                work_item_id: work_item(item).into(),
                channel: channel(of).into(),
                previous_reason: None,
                reason: reason(why).into(),
            },
            Says::Removed { channel: of, item, reason: why } => Body::WorkItemRemoved {
                work_item_id: work_item(item).into(),
                channel: channel(of).into(),
                reason: why.map(|why| reason(why).into()),
            },
            Says::Capacity { channel: of, current } => Body::MaxCapacityChanged {
                max_capacity: vec![Capacity::new(channel(of), current.map(u64::from))],
            },
            Says::Unified { state: new, is_named } => {
                let unified = UnifiedState::new((new % 4).to_string());
                Body::UnifiedStateChanged {
                    previous_unified_state: None,
                    new_unified_state: match is_named {
                        true => unified.with_name(state(new)),
                        false => unified,
                    },
                }
            }
            Says::Created { channel: of } => Body::ChannelCreated { channel: channel(of).into() },
            Says::Deleted { channel: of } => Body::ChannelDeleted { channel: channel(of).into() },
            Says::Groups { ids } => Body::GroupsUpdated {
                previous_group_ids: None,
                new_group_ids: (0..8)
                    .filter(|bit| ids >> bit & 1 == 1)
                    .map(|bit| bit.to_string().into())
                    .collect(),
            },
        };
        let event = Availability::new(agent, self.at(), id, body).expect("one capacity");
        Event::from(match self.version {
            Some(version) => event.with_version((version % 16).into()),
            None => event,
        })
    }
}

/// The fold of some events.
pub fn fold<'a>(told: impl IntoIterator<Item = &'a Told>) -> Fold {
    let mut fold = Fold::new();
    for told in told {
        fold.apply(&told.event());
    }
    fold
}

fn channel(number: u8) -> &'static str {
    ["support", "messaging", "talk", "a new one"][usize::from(number % 4)]
}

fn state(number: u8) -> &'static str {
    ["online", "away", "offline", "transfers_only", "invisible"][usize::from(number % 5)]
}

fn reason(number: u8) -> &'static str {
    let reasons =
        ["OFFERED", "ASSIGNED", "ACCEPTED", "AGENT_ENDED", "INACTIVITY_TIMEOUT", "CHANNEL_CHANGE"];
    reasons[usize::from(number) % reasons.len()]
}

fn work_item(number: u8) -> String {
    (number % 12).to_string()
}
