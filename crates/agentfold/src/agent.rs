//! [`Agent`]: the agent that an event is about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Id;
use crate::id::BadId;

/// An agent of an account.
///
/// Agents sort by account, then by agent, as numbers.
///
/// ```
/// use agentfold::Agent;
///
/// let agent = Agent::new(2, 10011);
/// assert_eq!(agent.to_string(), "2/10011");
/// assert_eq!("2/10011".parse(), Ok(agent));
/// assert_eq!(serde_json::to_string(&agent)?, r#"{"account_id":"2","agent_id":"10011"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct Agent {
    /// The account.
    pub account_id: Id,
    /// The agent, unique within the account.
    pub agent_id: Id,
}

impl Agent {
    /// The agent with this id in this account.
    pub fn new(account_id: impl Into<Id>, agent_id: impl Into<Id>) -> Agent {
        Agent { account_id: account_id.into(), agent_id: agent_id.into() }
    }
}

impl fmt::Display for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account_id, self.agent_id)
    }
}

impl FromStr for Agent {
    type Err = BadId;

    /// Reads an account's id and an agent's id with a slash between them.
    fn from_str(text: &str) -> Result<Agent, BadId> {
        let (account_id, agent_id) = text.split_once('/').ok_or(BadId)?;
        Ok(Agent { account_id: account_id.parse()?, agent_id: agent_id.parse()? })
    }
}
