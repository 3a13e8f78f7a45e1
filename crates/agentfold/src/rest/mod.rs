//! Zendesk's REST record of agent availability: to seed a fold from, and to check one against.
//!
//! The record (`GET /api/v2/agent_availabilities?include=channels`, JSON:API) says what is true of
//! each agent at the moment; webhooks say what changes. [`Fold::seed`](crate::Fold::seed) takes in a
//! record's pages, [`Fold::reconcile`](crate::Fold::reconcile) tells where they differ from a fold.
//! [`Fold::reconcile_timeline`](crate::Fold::reconcile_timeline) does so with Chat's `agent_timeline`,
//! which says what was true when.

mod page;
mod reconcile;
mod seed;
mod timeline;

pub use page::{Channel, Page, Record, UnifiedState, WorkItem};
pub use reconcile::{Difference, Differs};
pub use seed::Seeded;
pub use timeline::{TimelineDifference, TimelineRow};
