//! Receives Zendesk's webhooks about agents, keeps them in SQLite, and answers questions about them over HTTP.

mod backup;
mod database;
mod history;
mod import;
mod raw;
mod verify;

pub use backup::backup;
pub use database::StoreError;
pub use import::{Imported, import_database, import_events};
pub use verify::{Differing, Verified, verify};
