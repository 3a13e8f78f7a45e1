//! Zendesk's REST record of agent availability: seeds a fold, and checks one.
//!
//! The record (`GET /api/v2/agent_availabilities?include=channels`, JSON:API) states each agent's
//! current state; webhooks report changes. [`Fold::seed`](crate::Fold::seed) adds the record's pages to
//! a fold, and [`Fold::reconcile`](crate::Fold::reconcile) returns where they differ from it.
//! [`Fold::reconcile_timeline`](crate::Fold::reconcile_timeline) does the same for Chat's
//! `agent_timeline`, which states past statuses.

mod page;
mod reconcile;
mod seed;
mod timeline;

pub use page::{Channel, Page, Record, UnifiedState, WorkItem};
pub use reconcile::{Difference, Differs};
pub use seed::Seeded;
pub use timeline::{TimelineDifference, TimelineRow};
