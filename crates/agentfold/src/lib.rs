//! stub docs

mod agent;
mod error;
mod event;
mod fact;
mod fold;
mod instant;
mod issue;
mod kind;
mod print;
mod read;
mod swar;
mod vocabulary;

pub use agent::Agent;
pub use error::{Error, ErrorKind};
pub use event::{
    Availability, Body, Capacity, Chat, ChatField, Detail, Event, InstantFrom, UnifiedState,
    Unknown, UnknownField,
};
pub use fold::{
    AgentState, Anomaly, Applied, Change, ChannelState, ChatState, Counts, Fold, Outcome, Place,
    Sign, UnifiedStateNow, WorkItemState,
};
pub use instant::{BadInstant, Instant};
pub use issue::{Code, Issue, Severity};
pub use read::{Iter, Next, Options, Record, RecordText, Records, Unreadable, check};
