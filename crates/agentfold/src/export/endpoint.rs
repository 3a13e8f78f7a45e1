//! [`Endpoint`]: which export, and its path.

use super::time::Unit;
use crate::word::words;

words! {
    /// Which export to read, and at which path.
    // Exhaustive: Zendesk has these paths, and a caller may want to try them all.
    #[derive(Default)]
    pub enum Endpoint {
        /// The agent events, at the path that Zendesk uses today.
        #[default]
        Chat = "chat",
        /// The agent events, at the path in Zendesk's document.
        Document = "document",
        /// Chat's `agent_timeline`, for [`Fold::reconcile_timeline`](crate::Fold::reconcile_timeline).
        /// Its rows have no ids, so two rows with the same bytes count as one. A page must be larger
        /// than the number of rows that begin at one instant.
        AgentTimeline = "agent_timeline",
    }
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
            Endpoint::AgentTimeline => "/api/v2/chat/incremental/agent_timeline",
        }
    }

    /// The key of a page's records.
    pub(super) fn key(self) -> &'static str {
        self.records().trim_start_matches('/')
    }

    /// The JSON Pointer of a page's records.
    pub(super) fn records(self) -> &'static str {
        match self {
            Endpoint::Chat | Endpoint::Document => "/agent_events",
            Endpoint::AgentTimeline => "/agent_timeline",
        }
    }

    /// The unit of its times, until a page uses another.
    pub(super) fn unit(self) -> Unit {
        match self {
            Endpoint::Chat | Endpoint::Document => Unit::Seconds,
            Endpoint::AgentTimeline => Unit::Microseconds,
        }
    }

    /// The documented fields, in the form of the `fields` parameter.
    pub(super) fn fields(self) -> &'static str {
        match self {
            Endpoint::Chat | Endpoint::Document => {
                "agent_events(account_id,agent_id,field_name,id,previous_value,timestamp,value)"
            }
            Endpoint::AgentTimeline => {
                "agent_timeline(agent_id,duration,engagement_count,start_time,status)"
            }
        }
    }
}
