//! Receives Zendesk's webhooks about agents, keeps them in SQLite, and answers questions about them over HTTP.

mod backup;
mod database;
mod history;
mod raw;
mod verify;

pub use backup::backup;
pub use database::StoreError;
pub use verify::{Differing, Verified, verify};
