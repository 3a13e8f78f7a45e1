//! Receives Zendesk's webhooks about agents, keeps them in SQLite, and answers questions about them over HTTP.

mod accounts;
mod backup;
mod config;
mod database;
mod history;
mod import;
mod lockout;
mod raw;
mod tls;
mod tokens;
mod verify;
mod watch;

pub use crate::backup::backup;
pub use crate::config::{Config, ConfigError, Length, LogFormat, Settings, TlsFiles};
pub use crate::database::StoreError;
pub use crate::import::{Imported, import_database, import_events};
pub use crate::tls::TlsError;
pub use crate::tokens::{Token, TokenError};
pub use crate::verify::{Differing, Verified, verify};
