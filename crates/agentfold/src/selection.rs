//! [`Selection`]: the agents and channels that a question is about.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::fold::Fold;
use crate::fold::tracks::{Target, Tracks};
use crate::fold::value::{Value, groups_of};
use crate::history::{Window, plain};
use crate::id::BadId;
use crate::{Agent, Id};

/// The agents and channels that a question is about: by default all of them.
///
/// A list that is empty selects everything. As data, it is an object with the keys `accounts`,
/// `agents`, `groups` and `channels`, of which each may be left out.
///
/// ```
/// use agentfold::{Agent, AgentName, Selection};
///
/// let selection: Selection = serde_json::from_str(
///     r#"{"accounts": ["2"], "agents": ["7", "2/8"], "channels": ["talk"]}"#)?;
/// let (anywhere, in_account): (AgentName, AgentName) = ("7".parse()?, "2/8".parse()?);
/// assert_eq!(selection, Selection::all().account(2).agent(anywhere).agent(in_account).channel("talk"));
/// assert!(selection.has_agent(Agent::new(2, 7)) && selection.has_agent(Agent::new(2, 8)));
/// assert!(!selection.has_agent(Agent::new(3, 7)));
/// assert!(selection.has_channel("talk") && !selection.has_channel("support"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Selection {
    /// The agents of these accounts.
    pub accounts: Vec<Id>,
    /// These agents.
    pub agents: Vec<AgentName>,
    /// The agents that are in one of these groups at some time of the question's window. Rows by
    /// group are of these groups alone; other rows of a selected agent are about its whole time.
    pub groups: Vec<String>,
    /// These channels. What belongs to no channel, such as the time in a unified state, is then left
    /// out of a report.
    pub channels: Vec<String>,
}

impl Selection {
    /// Everything.
    pub fn all() -> Selection {
        Selection::default()
    }

    /// Selects the agents of an account, beside those of the accounts that are selected already.
    pub fn account(mut self, account_id: impl Into<Id>) -> Selection {
        self.accounts.push(account_id.into());
        self
    }

    /// Selects an agent, beside those that are selected already.
    pub fn agent(mut self, agent: impl Into<AgentName>) -> Selection {
        self.agents.push(agent.into());
        self
    }

    /// Selects the agents of a group, beside those of the groups that are selected already.
    pub fn group(mut self, group_id: impl Into<String>) -> Selection {
        self.groups.push(group_id.into());
        self
    }

    /// Selects a channel, beside those that are selected already.
    pub fn channel(mut self, channel: impl Into<String>) -> Selection {
        self.channels.push(channel.into());
        self
    }

    /// Whether an agent is one of the selected agents of the selected accounts, whatever its groups.
    pub fn has_agent(&self, agent: Agent) -> bool {
        let of_account = self.accounts.is_empty() || self.accounts.contains(&agent.account_id);
        of_account && (self.agents.is_empty() || self.agents.iter().any(|name| name.names(agent)))
    }

    /// Whether a channel is selected.
    pub fn has_channel(&self, channel: &str) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|selected| selected == channel)
    }

    /// Whether a group is selected; `None` stands for no known group.
    pub(crate) fn has_group(&self, group: Option<&str>) -> bool {
        self.groups.is_empty()
            || group.is_some_and(|group| self.groups.iter().any(|selected| selected == group))
    }
}

/// The name of an agent: its id, with or without its account.
///
/// As text it is `10011` or `2/10011`. In data it is that text, or an object with `account_id` and
/// `agent_id`, as states and rows have them.
///
/// ```
/// use agentfold::{Agent, AgentName};
///
/// let anywhere: AgentName = "10011".parse()?;
/// assert!(anywhere.names(Agent::new(2, 10011)) && anywhere.names(Agent::new(3, 10011)));
/// assert!(!AgentName::from(Agent::new(2, 10011)).names(Agent::new(3, 10011)));
/// # Ok::<(), agentfold::BadId>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "NameData", into = "String")]
pub struct AgentName {
    /// The account; `None` for any.
    pub account_id: Option<Id>,
    /// The agent.
    pub agent_id: Id,
}

impl AgentName {
    /// Whether this names an agent.
    pub fn names(self, agent: Agent) -> bool {
        agent.agent_id == self.agent_id && self.account_id.is_none_or(|id| id == agent.account_id)
    }
}

impl From<Agent> for AgentName {
    fn from(agent: Agent) -> AgentName {
        AgentName { account_id: Some(agent.account_id), agent_id: agent.agent_id }
    }
}

impl fmt::Display for AgentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.account_id {
            Some(account_id) => write!(f, "{account_id}/{}", self.agent_id),
            None => self.agent_id.fmt(f),
        }
    }
}

impl FromStr for AgentName {
    type Err = BadId;

    fn from_str(text: &str) -> Result<AgentName, BadId> {
        Ok(match text.split_once('/') {
            Some(_) => text.parse::<Agent>()?.into(),
            None => AgentName { account_id: None, agent_id: text.parse()? },
        })
    }
}

/// An [`AgentName`] as it is read.
#[derive(Deserialize)]
#[serde(untagged)]
enum NameData {
    Text(String),
    Agent(Agent),
}

impl TryFrom<NameData> for AgentName {
    type Error = BadId;

    fn try_from(data: NameData) -> Result<AgentName, BadId> {
        match data {
            NameData::Text(text) => text.parse(),
            NameData::Agent(agent) => Ok(agent.into()),
        }
    }
}

impl From<AgentName> for String {
    fn from(name: AgentName) -> String {
        name.to_string()
    }
}

impl Fold {
    /// The selected agents with an accepted event by the window's `as_of`, by account, then agent.
    ///
    /// ```
    /// use agentfold::history::Window;
    /// use agentfold::{Agent, Fold, Instant, Selection};
    ///
    /// let groups = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:10:00Z", "new_group_ids": ["5"]},
    ///     "type": "zen:event-type:agent.groups_updated"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(groups, |bad| panic!("{bad:?}"));
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let window = Window { from: at("09:00:00"), to: at("10:00:00"), as_of: at("10:00:00") };
    /// let selected = fold.selected(&Selection::all().group("5"), &window);
    /// assert_eq!(selected, [Agent::new(2, 7)]);
    /// assert_eq!(fold.selected(&Selection::all().account(3), &window), []);
    /// ```
    pub fn selected(&self, selection: &Selection, window: &Window) -> Vec<Agent> {
        self.agents_where(&|agent| {
            selection.has_agent(agent)
                && self.tracks(agent).is_some_and(|tracks| {
                    tracks.first_at <= window.as_of && self.in_groups(tracks, selection, window)
                })
        })
    }

    /// Whether an agent is in one of the selected groups at some time of a window.
    fn in_groups(&self, tracks: &Tracks, selection: &Selection, window: &Window) -> bool {
        selection.groups.is_empty()
            || plain(tracks, &Target::Groups, window).iter().any(|stretch| match stretch.value {
                Value::Groups(set) => {
                    let groups = groups_of(self.names.text(set));
                    groups.iter().any(|group| selection.has_group(Some(group)))
                }
                _ => false,
            })
    }
}
