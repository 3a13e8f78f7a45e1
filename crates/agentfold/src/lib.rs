//! stub docs

mod agent;
mod event;
mod instant;
mod issue;
mod kind;
mod print;
mod read;
mod vocabulary;

pub use agent::Agent;
pub use event::{
    Availability, Body, Capacity, Chat, ChatField, Detail, Event, InstantFrom, UnifiedState,
    Unknown, UnknownField,
};
pub use instant::{BadInstant, Instant};
pub use issue::{Code, Issue, Severity};
pub use read::{Iter, Next, Options, Record, RecordText, Records, Unreadable, check};
