//! Reconstructs agent state and history from Zendesk's agent events, correctly even when deliveries are
//! duplicated, late, lost or out of order.
//!
//! Zendesk reports what its agents do in two ways: webhooks (agent availability, nine event types) and
//! the Chat incremental export of agent events. Deliveries are best effort. A program that trusts the
//! latest message shows agents online who went home hours ago. This crate treats the events as a set:
//! feed it what you have, in any order, and it derives each agent's current state, the full history
//! with how certain each part is, and reports. The same events always give the same answers.
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
//! for agent in fold.agents() {
//!     let state = fold.state(agent).expect("an agent of the fold");
//!     assert_eq!(state.channels["support"].state.as_deref(), Some("online"));
//!     assert_eq!(state.channels["support"].work_items[0].id, "123");
//! }
//! ```
//!
//! # Concepts
//!
//! - An [`Event`] is one record of either feed. Reading it finds every problem at once: [`check`].
//! - A [`Track`] is one aspect of an agent that has one value at a time, such as the state on one
//!   channel. An event adds a *transition* to one or more tracks.
//! - A [`Fold`] is the set of all transitions of many agents. A repeated event changes nothing, a late
//!   one finds its place, and two folds merge by union. [`Fold::apply`] returns the [`Outcome`] of an
//!   event and each [`Change`] of the current state.
//! - An [interval](history::Interval) is a stretch of a track with one value. Its
//!   [basis](history::Basis) says how certain the value is: observed, assumed, inferred, disputed or
//!   unknown.
//! - The *cut* of a fold is where [compaction](Fold::compact) ended its history.
//! - The [`floor`] is the state of every channel at an instant: which agents can take one more item.
//!
//! The [glossary](crate::contract::glossary) has every term. The rules themselves are the contract that
//! all languages share: [how events fold](crate::contract::fold) and
//! [how history is measured](crate::contract::measures). What is known of Zendesk's feeds, and how
//! certainly, is on [a page of its own](crate::contract::zendesk).
//!
//! # Types
//!
//! | type | what it is |
//! |---|---|
//! | [`Fold`] | what is known of many agents; answers every question |
//! | [`Event`] | one record of either feed |
//! | [`Stream`](stream::Stream) | reads records from bytes that arrive in pieces |
//! | [`Agent`], [`Id`] | an agent of an account |
//! | [`Instant`] | a moment in UTC, to the nanosecond |
//! | [`Track`], [`TrackValue`] | one aspect of an agent, and its value |
//! | [`AgentState`] | an agent's state, now or as of an instant |
//! | [`Applied`], [`Outcome`], [`Change`] | what an event did |
//! | [`Options`] | how events are read |
//! | [`Selection`] | the agents and channels that a question is about |
//! | [`Issue`], [`Error`] | what is wrong with an event, and why a question can't be answered |
//! | [`Shown`] | text of events as people may read it |
//!
//! # Modules
//!
//! - [`event`], [`stream`]: events and their parts; reading many of them.
//! - [`state`], [`floor`]: the state of agents, and of channels.
//! - [`alert`]: what has lasted for too long or has become too much, and how to tell it once.
//! - [`history`]: intervals, work item spans, chat spans, signs of missed events.
//! - [`report`]: how long, how busy and how fast, in buckets; sessions; adherence to a
//!   schedule and the exceptions to it; corrections.
//! - `webhook`: verifies deliveries, and says what to answer.
//! - `export`: pulls the Chat incremental export, and serves it.
//! - [`rest`]: seeds a fold from Zendesk's own record, and compares the two.
//! - `names`: what agents and groups are called, for tables and pictures.
//! - `scrub`: replaces ids and free text by pseudonyms.
//! - `schema`: JSON Schemas of events and answers.
//! - `border`: what bindings to other languages are built on.
//!
//! # What this crate is not
//!
//! It is not a client of Zendesk's API, a server or a store. It has no clock, no files, no network, no
//! threads and no globals: it takes bytes and returns data. It does not panic on any input.
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
//! - **`names`**: the module `names`, which reads names of agents and groups from JSON, CSV and Zendesk's
//!   users and groups.
//! - **`scrub`**: the module `scrub`, which replaces ids and free text by pseudonyms.
//!
//! Off by default:
//!
//! - **`border`**: the module `border`, on which bindings to other languages are built. It turns on
//!   `export`, `names` and `webhook`.
//! - **`chrono`**: conversions between [`Instant`] and `chrono::DateTime`.
//! - **`chrono-tz`**: [`report::Zone`] for `chrono_tz::Tz`.
//! - **`jiff`**: conversions between [`Instant`] and `jiff::Timestamp`, and [`report::Zone`] for
//!   `jiff::tz::TimeZone`.
//! - **`schema`**: the module `schema`, with JSON Schemas of events and answers. It turns on `export`,
//!   `names` and `webhook`, whose types are among them.
//!
//! Reading, folding, history, reports, the floor, alerts and the REST record are always there.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod agent;
pub mod alert;
#[cfg(feature = "border")]
pub mod border;
mod cloud_event;
#[cfg(doc)]
pub mod contract;
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
mod issues;
mod kind;
mod limits;
#[cfg(feature = "names")]
pub mod names;
mod pointer;
mod print;
mod read;
pub mod report;
pub mod rest;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(feature = "scrub")]
pub mod scrub;
mod seconds;
mod selection;
mod shown;
mod steps;
pub mod stream;

mod swar;
mod track;
mod track_value;
mod vocabulary;
#[cfg(feature = "webhook")]
pub mod webhook;
mod word;

pub use agent::Agent;
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use fold::{AgentState, Applied, Change, Counts, Fold, Outcome, UsualTimes, state};
pub use id::{BadId, Id};
pub use instant::{BadInstant, Instant};
pub use issue::{Code, Issue, Severity};
pub use issues::Issues;
pub use limits::{Limit, Limits};
pub use read::{Options, check};
pub use selection::{AgentName, Selection};
pub use shown::{Shown, is_shown_as_escape};
pub use track::{Aspect, Track};
pub use track_value::TrackValue;
pub use word::UnknownWord;

/// The examples of the READMEs and of the guide run as tests.
#[cfg(all(doctest, feature = "jiff"))]
#[doc = include_str!("../README.md")]
#[doc = include_str!("../../../README.md")]
#[doc = include_str!("../docs/embedding.md")]
#[doc = include_str!("../docs/webhooks.md")]
struct Readme;
