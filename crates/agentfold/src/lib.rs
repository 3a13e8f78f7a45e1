//! Turns Zendesk's agent events into what is true: the live state and the full history of every
//! support agent, whatever was repeated, late, lost or out of order.
//!
//! Zendesk tells of its agents by webhooks (agent availability, nine event types) and by the Chat
//! incremental export of agent events. [`Event`] reads one record of either, [`check`] says all that
//! is wrong with it, [`Records`] finds the records in a stream, and [`Fold`] keeps what they tell:
//!
//! ```
//! use agentfold::Fold;
//!
//! let deliveries = br#"
//! {"account_id":2,"detail":{"agent_id":"7","version":"2"},"event":{"updated_at":"2026-01-05T09:00:00Z","work_item_id":"123","channel":"support","reason":"ASSIGNED"},"id":"b","type":"zen:event-type:agent.work_item_added"}
//! {"account_id":2,"detail":{"agent_id":"7","version":"1"},"event":{"updated_at":"2026-01-05T08:00:00Z","new_state":"online","channel":"support"},"id":"a","type":"zen:event-type:agent.state_changed"}
//! "#;
//! let mut fold = Fold::new();
//! let counts = fold.read(deliveries, |bad| panic!("{:?}", bad.issues));
//! assert_eq!(counts.applied, 2);
//!
//! let state = fold.state(fold.agents()[0]).expect("heard of");
//! assert_eq!(state.channels["support"].state.as_deref(), Some("online"));
//! assert_eq!(state.channels["support"].work_items[0].id, "123");
//! ```
//!
//! What is told of an agent is a history: [`Fold::intervals`] and [`Fold::work_items`] cut it into
//! stretches, each with its [`Basis`]; [`Fold::report`] measures it in [`Buckets`], [`corrections`]
//! tells what late events change in a report, [`Fold::adherence`] holds it against a schedule, and
//! [`Fold::floor`] says who can take one more item.
//!
//! [`export`] pulls the Chat incremental export, and serves it.
//! [`webhook`] tells Zendesk's deliveries from anybody else's, and what to answer them.
//!
//! With the feature `schema`, the module of that name says what events and answers look like.
//!
//! What this crate is not: a client of Zendesk's API, a server, or a store. It has no clock, no
//! files, no network, no threads and no globals; it takes bytes and gives data. It never panics on
//! any input.
//!
//! The rules by which events fold and history is measured are a contract, named `fold.md` and
//! `measures.md` in these pages, that all languages share; the conformance vectors in `tests/vectors`
//! state it as data.

mod agent;
mod cloud_event;
mod error;
pub mod event;
pub mod export;
mod fact;
pub mod floor;
mod fold;
pub mod history;
mod instant;
mod issue;
mod kind;
mod pointer;
mod print;
mod read;
pub mod report;
pub mod rest;
#[cfg(feature = "schema")]
pub mod schema;
pub mod scrub;
pub mod stream;
mod swar;
mod vocabulary;
pub mod webhook;

pub use agent::Agent;
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use fold::{AgentState, Applied, Change, Counts, Fold, Outcome, state};
pub use instant::{BadInstant, Instant};
pub use issue::{Code, Issue, Severity};
pub use read::{Options, check};

/// The README's example runs as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
