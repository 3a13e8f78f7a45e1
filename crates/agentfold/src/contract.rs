//! The contract that all languages share: how events fold, how history is measured, what raises an
//! alert, and what is known of Zendesk's feeds.
//!
//! These are the files in `docs`, shown here so that the other pages can link to them. This module
//! has no items of its own, and is there in the documentation alone.

#[doc = include_str!("../docs/contract/fold.md")]
pub mod fold {}

#[doc = include_str!("../docs/contract/measures.md")]
pub mod measures {}

#[doc = include_str!("../docs/contract/alerts.md")]
pub mod alerts {}

/// [Alerts]: crate::contract::alerts
/// [Anomalies]: crate::contract::fold#anomalies
/// [Changes]: crate::contract::fold#changes
/// [Compaction]: crate::contract::fold#compaction
/// [Current state]: crate::contract::fold#current-state
/// [Doubt]: crate::contract::measures#doubt
/// [Episodes]: crate::contract::alerts#episodes
/// [History]: crate::contract::fold#history
/// [Intervals]: crate::contract::measures#intervals
/// [Outcomes]: crate::contract::fold#outcomes
/// [Rows]: crate::contract::measures#rows
/// [Saving]: crate::contract::fold#saving
/// [Sessions]: crate::contract::measures#sessions
/// [The REST record]: crate::contract::fold#the-rest-record
/// [The fold is a set]: crate::contract::fold#the-fold-is-a-set
/// [The usual time]: crate::contract::measures#the-usual-time
/// [Thresholds]: crate::contract::alerts#thresholds
/// [Tracks]: crate::contract::fold#tracks
/// [Tracks as data]: crate::contract::fold#tracks-as-data
/// [Words]: crate::contract::fold#words
/// [Work items]: crate::contract::measures#work-items
///
#[doc = include_str!("../docs/contract/glossary.md")]
pub mod glossary {}

#[doc = include_str!("../docs/zendesk.md")]
pub mod zendesk {}
