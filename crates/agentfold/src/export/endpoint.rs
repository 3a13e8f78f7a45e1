//! [`Endpoint`]: where the export is.

use serde::{Deserialize, Serialize};

/// Where the export of agent events is.
// Exhaustive: Zendesk has these two addresses, and a caller may want to try both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// Where it is today.
    #[default]
    Chat,
    /// Where the document has it.
    Document,
}

impl Endpoint {
    /// The path on the host.
    ///
    /// ```
    /// assert_eq!(
    ///     agentfold::export::Endpoint::Chat.path(),
    ///     "/api/v2/chat/incremental/agent_events",
    /// );
    /// ```
    pub fn path(self) -> &'static str {
        match self {
            Endpoint::Chat => "/api/v2/chat/incremental/agent_events",
            Endpoint::Document => "/api/v2/incremental/agent_events",
        }
    }
}
