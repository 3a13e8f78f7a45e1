//! [`Scrubber`]: pseudonyms for personal data, so that events can be shared.

use std::borrow::Cow;
#[cfg(feature = "names")]
use std::collections::BTreeSet;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use crate::Id;
use crate::error::{Error, ErrorKind};
use crate::event::{Availability, Body, Chat, Event, UnifiedState, Unknown};
#[cfg(feature = "names")]
use crate::names::Names;
use crate::vocabulary::STATES;

/// Replaces the ids of accounts, agents, groups and work items, and free text, with pseudonyms.
///
/// The key and the replaced text determine a pseudonym. With the same key, the same text always has the
/// same pseudonym. The text can't be recovered without the key.
///
/// States, channels, reasons, versions, instants and event ids are kept. Unknown fields are removed. Of
/// an event of an unknown type, which may hold anything, only type, agent and version are kept.
/// Scrubbed events fold to the same states and history, with pseudonyms. The order of ids differs, and
/// so can the outcome of a conflict between two events that differ only in what was replaced.
///
/// A pseudonym is the first 64 bits of an HMAC-SHA256, so it is very unlikely that two texts share one.
#[derive(Clone)]
pub struct Scrubber(Hmac<Sha256>);

impl fmt::Debug for Scrubber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scrubber")
    }
}

impl Scrubber {
    /// Creates a scrubber with a secret key of at least 16 bytes. Use 32 random bytes.
    ///
    /// # Errors
    /// `short_key` if the key is shorter, since pseudonyms could then be guessed.
    ///
    /// ```
    /// use agentfold::Event;
    /// use agentfold::scrub::Scrubber;
    ///
    /// let scrubber = Scrubber::new(b"sixteen bytes or more")?;
    /// let event = Event::parse(br#"{"account_id":2,"agent_id":10011,"field_name":"engagements",
    ///     "id":"x.agent:10011.y","timestamp":"2018-10-19T12:33:50Z","value":1}"#)?;
    /// let scrubbed = scrubber.scrub(&event);
    /// assert!(!scrubbed.contains("10011"));
    /// assert!(scrubbed.contains(&scrubber.agent(10011).to_string()));
    /// assert_eq!(Scrubber::new(b"short").expect_err("refused").code(), "short_key");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(key: &[u8]) -> Result<Scrubber, Error> {
        if key.len() < 16 {
            return Err(ErrorKind::ShortKey.into());
        }
        let mac = Hmac::new_from_slice(key).map_err(|_| ErrorKind::ShortKey)?;
        Ok(Scrubber(mac))
    }

    /// The pseudonym of an account.
    pub fn account(&self, id: impl Into<Id>) -> Id {
        self.pseudonym("account", &id.into().to_string()).into()
    }

    /// The pseudonym of an agent, which is the same in every account.
    pub fn agent(&self, id: impl Into<Id>) -> Id {
        self.pseudonym("agent", &id.into().to_string()).into()
    }

    /// The pseudonym of a group: a number in decimal digits.
    pub fn group(&self, id: &str) -> String {
        self.pseudonym("group", id).to_string()
    }

    /// The pseudonym of a work item: a number in decimal digits.
    pub fn work_item(&self, id: &str) -> String {
        self.pseudonym("work_item", id).to_string()
    }

    /// The pseudonym of a unified state's name. Zendesk's own names are kept.
    pub fn name(&self, name: &str) -> String {
        match STATES.contains(&name) {
            true => name.to_owned(),
            false => format!("name {:016x}", self.pseudonym("name", name)),
        }
    }

    /// Returns a table of names that fits scrubbed events: ids have their pseudonyms, and agents and groups
    /// are called `Agent 1`, `Agent 2`, `Group 1` and so on.
    ///
    /// They are numbered in the order of the pseudonyms, which says nothing about the ids. So a number may
    /// change with the other entries of the table.
    ///
    /// ```
    /// use agentfold::names::Names;
    /// use agentfold::scrub::Scrubber;
    ///
    /// let scrubber = Scrubber::new(b"sixteen bytes or more").expect("long enough");
    /// let names = Names::parse(br#"{"agents": {"7": "Ann Lee"}, "groups": {"360": "Tier 2"}}"#)?;
    /// let scrubbed = scrubber.names(&names);
    /// assert_eq!(scrubbed.agent(scrubber.agent(7)), Some("Agent 1"));
    /// assert_eq!(scrubbed.group(&scrubber.group("360")), Some("Group 1"));
    /// assert_eq!(scrubbed.agent(7), None);
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    #[cfg(feature = "names")]
    pub fn names(&self, names: &Names) -> Names {
        let numbered = |ids: BTreeSet<Id>, what: &str| {
            let numbers = ids.into_iter().zip(1..);
            numbers.map(|(id, number): (_, u32)| (id, format!("{what} {number}"))).collect()
        };
        let agents = names.agents.keys().map(|id| self.agent(*id)).collect();
        let group = |id: &Id| Id::from(self.pseudonym("group", &id.to_string()));
        let groups = names.groups.keys().map(group).collect();
        Names { agents: numbered(agents, "Agent"), groups: numbered(groups, "Group") }
    }

    /// Prints the event with pseudonyms, as JSON.
    pub fn scrub(&self, event: &Event<'_>) -> String {
        match event {
            Event::Availability(event) => Event::Availability(self.availability(event)).to_json(),
            Event::Chat(event) => Event::Chat(self.chat(event)).to_json(),
            Event::Unknown(event) => self.unknown(event),
        }
    }

    fn pseudonym(&self, what: &str, id: &str) -> u64 {
        let mut mac = self.0.clone();
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(id.as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes.first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
    }

    fn availability<'a>(&self, event: &Availability<'a>) -> Availability<'a> {
        let mut scrubbed = event.clone();
        scrubbed.account_id = event.account_id.map(|id| self.account(id));
        scrubbed.detail.account_id = event.detail.account_id.map(|id| self.account(id));
        scrubbed.detail.agent_id = self.agent(event.detail.agent_id);
        let subject = format!("zen:agent:{}", scrubbed.detail.agent_id);
        scrubbed.subject = event.subject.as_ref().map(|_| Cow::Owned(subject));
        scrubbed.unknown_fields.clear();
        match &mut scrubbed.body {
            Body::WorkItemAdded { work_item_id, .. }
            | Body::WorkItemUpdated { work_item_id, .. }
            | Body::WorkItemRemoved { work_item_id, .. } => {
                *work_item_id = Cow::Owned(self.work_item(work_item_id));
            }
            Body::UnifiedStateChanged { previous_unified_state, new_unified_state } => {
                previous_unified_state.iter_mut().for_each(|state| self.unified_state(state));
                self.unified_state(new_unified_state);
            }
            Body::GroupsUpdated { previous_group_ids, new_group_ids } => {
                let ids = previous_group_ids.iter_mut().flatten().chain(new_group_ids);
                ids.for_each(|id| *id = Cow::Owned(self.group(id)));
            }
            Body::StateChanged { .. }
            | Body::MaxCapacityChanged { .. }
            | Body::ChannelCreated { .. }
            | Body::ChannelDeleted { .. } => {}
        }
        scrubbed
    }

    fn unified_state(&self, state: &mut UnifiedState<'_>) {
        state.name = state.name.as_ref().map(|name| Cow::Owned(self.name(name)));
    }

    fn chat<'a>(&self, event: &Chat<'a>) -> Chat<'a> {
        let mut scrubbed = event.clone();
        scrubbed.account_id = self.account(event.account_id);
        scrubbed.agent_id = self.agent(event.agent_id);
        scrubbed.id = Cow::Owned(self.chat_id(&event.id));
        scrubbed.unknown_fields.clear();
        scrubbed
    }

    /// A chat id, which contains its agent: `9vWqP2e.agent:10011.x`.
    fn chat_id(&self, id: &str) -> String {
        const NAMES: &str = ".agent:";
        let Some((before, rest)) = id.split_once(NAMES) else {
            return id.to_owned();
        };
        let (agent, after) = rest.split_once('.').unwrap_or((rest, ""));
        let agent = match agent.parse::<Id>() {
            Ok(agent) => self.agent(agent),
            Err(_) => self.pseudonym("agent", agent).into(),
        };
        format!("{before}{NAMES}{agent}.{after}")
    }

    fn unknown(&self, event: &Unknown<'_>) -> String {
        #[derive(Serialize)]
        struct UnknownData<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            detail: Option<DetailData>,
            r#type: &'a str,
        }
        #[derive(Serialize)]
        struct DetailData {
            account_id: String,
            agent_id: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            version: Option<String>,
        }
        let detail = event.agent.map(|agent| DetailData {
            account_id: self.account(agent.account_id).to_string(),
            agent_id: self.agent(agent.agent_id).to_string(),
            version: event.version.map(|version| version.to_string()),
        });
        let scrubbed = UnknownData { detail, r#type: &event.name };
        serde_json::to_string(&scrubbed).expect("INVARIANT: texts are JSON")
    }
}
