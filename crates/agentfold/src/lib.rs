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
//! let state = fold.state(fold.agents().next().expect("an agent")).expect("heard of");
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
//! What this crate is not: a client of Zendesk's API, a server, or a store. It has no clock, no
//! files, no network, no threads and no globals; it takes bytes and gives data. It never panics on
//! any input.
//!
//! The rules by which events fold and history is measured are a contract, named `fold.md` and
//! `measures.md` in these pages, that all languages share; the conformance vectors in `tests/vectors`
//! state it as data.
//!
//! # Features
//!
//! On by default. Turn them off for a smaller build with fewer dependencies:
//!
//! - **`webhook`**: the module `webhook`, which signs, verifies and explains webhook deliveries.
//! - **`export`**: the module `export`, which pulls and serves the Chat incremental export, and
//!   `Fold::tell_chat`, which writes availability events in its form.
//! - **`io`**: [`Fold::read_from`] and [`Stream::read_from`](stream::Stream::read_from), which read
//!   from `std::io::Read`.
//! - **`scrub`**: the module `scrub`, which replaces ids and free text by pseudonyms.
//!
//! Off by default:
//!
//! - **`chrono`**: conversions between [`Instant`] and `chrono::DateTime`.
//! - **`jiff`**: conversions between [`Instant`] and `jiff::Timestamp`.
//! - **`schema`**: the module `schema`, with JSON Schemas of events and answers. It turns on `export` and
//!   `webhook`, whose types are among them.
//!
//! Reading, folding, history, reports, the floor and the REST record are always there.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod agent;
mod cloud_event;
mod error;
pub mod event;
#[cfg(feature = "export")]
pub mod export;
mod fact;
pub mod floor;
mod fold;
pub mod history;
mod id;
mod instant;
mod issue;
mod kind;
mod print;
mod read;
pub mod report;
pub mod rest;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "scrub")]
pub mod scrub;
mod selection;
pub mod stream;

mod swar;
mod track;
mod track_value;
mod vocabulary;
#[cfg(feature = "webhook")]
pub mod webhook;

pub use agent::Agent;
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use fold::{AgentState, Applied, Change, Counts, Fold, Outcome, state};
pub use id::{BadId, Id};
pub use instant::{BadInstant, Instant};
pub use issue::{Code, Issue, Severity};
pub use read::{Options, check};
pub use selection::{AgentName, Selection};
pub use track::{Aspect, Track};
pub use track_value::TrackValue;

/// The READMEs' examples run as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../../README.md")]
struct Readme;
