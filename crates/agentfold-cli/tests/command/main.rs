//! The `agentfold` command as its users run it.

mod changes;
mod check;
mod cloud_events;
mod documents;
mod events;
mod exit_code;
mod floor;
mod forms;
mod memory;
mod picture;
mod pull;
mod readme;
mod reconcile;
mod report;
mod report_against;
mod report_schedule;
mod run;
mod saved;
mod schema;
mod scrub;
mod simulate;
mod state;
mod timeline;
mod unreadable;
mod webhook;
mod zendesk;
