//! [`Agent`]: whom an event is about.

use std::fmt;

use serde::Serialize;

use crate::fold::state::as_text;

/// An agent of an account. Sorted by account, then agent, as numbers; in data, both ids are texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Agent {
    /// The account.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub account_id: u64,
    /// The agent, unique in the account.
    #[serde(serialize_with = "as_text")]
    #[cfg_attr(feature = "schema", schemars(with = "crate::schema::Id"))]
    pub agent_id: u64,
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account_id, self.agent_id)
    }
}
