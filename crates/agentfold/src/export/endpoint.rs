//! [`Endpoint`]: what is exported, and where.

use super::time::Unit;
use crate::word::words;

words! {
    /// What is exported, and where.
    // Exhaustive: Zendesk has these addresses, and a caller may want to try them all.
    #[derive(Default)]
    pub enum Endpoint {
        /// The agent events, where they are today.
        #[default]
        Chat = "chat",
        /// The agent events, where the document has them.
        Document = "document",
        /// Chat's `agent_timeline`, for [`Fold::reconcile_timeline`](crate::Fold::reconcile_timeline). Its
        /// rows have no ids: two that are equal in every byte count as one, and a page has to hold more
        /// rows than begin at one instant.
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

    /// Where a page's records are.
    pub(super) fn records(self) -> &'static str {
        match self {
            Endpoint::Chat | Endpoint::Document => "/agent_events",
            Endpoint::AgentTimeline => "/agent_timeline",
        }
    }

    /// What its times are counted in until a page says otherwise.
    pub(super) fn unit(self) -> Unit {
        match self {
            Endpoint::Chat | Endpoint::Document => Unit::Seconds,
            Endpoint::AgentTimeline => Unit::Microseconds,
        }
    }

    /// The fields that the documents have, as they are asked for.
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
