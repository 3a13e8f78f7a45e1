//! Receives Zendesk's webhooks about agents, keeps them in SQLite, and answers questions about them over HTTP.

mod database;
mod history;
mod raw;

pub use database::StoreError;
