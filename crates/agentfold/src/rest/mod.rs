//! Zendesk's REST record of agent availability: to seed a fold from, and to check one against.
//!
//! The record (`GET /api/v2/agent_availabilities?include=channels`, JSON:API) says what is true of
//! each agent at the moment; webhooks say what changes. [`Fold::seed`](crate::Fold::seed) takes in a
//! record's pages, [`Fold::reconcile`](crate::Fold::reconcile) tells where they differ from a fold.

mod page;
mod reconcile;
mod seed;

pub use page::{Channel, Page, Record, UnifiedState, WorkItem};
pub use reconcile::{Difference, Differs};
