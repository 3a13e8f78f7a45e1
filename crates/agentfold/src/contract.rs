//! The contract that all languages share: how events fold, how history is measured, and what is known
//! of Zendesk's feeds.
//!
//! These are the files in `docs`, shown here so that the other pages can link to them. This module
//! has no items of its own, and is there in the documentation alone.

#[doc = include_str!("../docs/contract/fold.md")]
pub mod fold {}

#[doc = include_str!("../docs/contract/measures.md")]
pub mod measures {}

#[doc = include_str!("../docs/contract/glossary.md")]
pub mod glossary {}

#[doc = include_str!("../docs/zendesk.md")]
pub mod zendesk {}
