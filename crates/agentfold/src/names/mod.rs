//! Names of agents and groups, for tables and pictures that people read.
//!
//! Events know agents and groups by their ids alone. [`Names`] is a table of what they are called. It is
//! never part of a fold, of its saved form, or of an event.

mod csv;
mod page;

use std::collections::BTreeMap;

use serde::Serialize;

pub use self::page::Page;

use crate::Id;
use crate::issue::Code;
use crate::issues::Issues;
use crate::read::fields::Notes;

/// What agents and groups are called, by id.
///
/// In data, it is `{"agents": {id: name}, "groups": {id: name}}`, which [`parse`](Names::parse) reads
/// again.
///
/// ```
/// use agentfold::names::Names;
///
/// let mut names = Names::parse(br#"{"users": [{"id": 10011, "name": "Ann Lee", "email": "a@example.com"}]}"#)?;
/// names.merge(Names::parse(b"id,name,kind\n360,Tier 2,group\n")?);
/// assert_eq!(names.agent(10011), Some("Ann Lee"));
/// assert_eq!(names.group("360"), Some("Tier 2"));
/// assert_eq!(names.agent(360), None);
///
/// let json = r#"{"agents":{"10011":"Ann Lee"},"groups":{"360":"Tier 2"}}"#;
/// assert_eq!(serde_json::to_string(&names)?, json);
/// assert_eq!(Names::parse(json.as_bytes())?, names);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Names {
    /// The names of agents, by id.
    pub agents: BTreeMap<Id, String>,
    /// The names of groups, by id.
    pub groups: BTreeMap<Id, String>,
}

impl Names {
    /// The maximum size of a text that is read, in bytes.
    pub const MAX_BYTES: usize = 64 << 20;

    /// The maximum number of entries in a list or an object that is read.
    pub const MAX_ENTRIES: usize = 100_000;

    /// The maximum length of a name, in bytes of UTF-8. Zendesk's names have at most 255 characters.
    pub const MAX_NAME: usize = 1024;

    /// Reads a table of names, in one of these forms:
    ///
    /// - JSON `{id: name}`, whose names are of agents and of groups.
    /// - JSON with `agents` and `groups`, each of them `{id: name}` or a list of objects with `id` and
    ///   `name`. Both are optional.
    /// - Pages of Zendesk's `users.json` and `groups.json`. Only ids and names are kept. Users with the
    ///   role `end-user` are left out, since they are not agents.
    /// - CSV with the columns `id` and `name`, separated by commas, semicolons or tabs. A column `kind`
    ///   or `type` says `agent` or `group`; without it, or where it is empty, the name is of both.
    ///
    /// An id is a whole number below 2^64, in JSON also as text. Spaces around names are removed. An id
    /// may stand twice with the same name.
    ///
    /// # Errors
    /// All errors of the text, each with its code and path: `not_json`, `other_format`, `missing_field`,
    /// `wrong_type`, `bad_id`, `duplicate_key`, `empty_name`, `bad_row`, and `too_large` past the limits
    /// above. The path of a row of CSV begins with its number, counted from 0 without the header. No
    /// issue contains a name.
    ///
    /// ```
    /// use agentfold::Code;
    /// use agentfold::names::Names;
    ///
    /// let issues = Names::parse(b"id,name\n7,\nx,Ann Lee\n").expect_err("two mistakes");
    /// let told: Vec<_> = issues.iter().map(|issue| (issue.code, issue.path.as_str())).collect();
    /// assert_eq!(told, [(Code::EmptyName, "/0/name"), (Code::BadId, "/1/id")]);
    /// assert!(!issues[1].message.contains("Ann"));
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Names, Issues> {
        Page::parse(bytes).map(|page| page.names)
    }

    /// The name of an agent.
    pub fn agent(&self, id: impl Into<Id>) -> Option<&str> {
        self.agents.get(&id.into()).map(String::as_str)
    }

    /// The name of a group, by its id as in events.
    pub fn group(&self, id: &str) -> Option<&str> {
        self.groups.get(&id.parse().ok()?).map(String::as_str)
    }

    /// Whether there is no name.
    pub fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.groups.is_empty()
    }

    /// Adds the names of another table. Where both have a name for an id, the other one's is kept.
    pub fn merge(&mut self, other: Names) {
        self.agents.extend(other.agents);
        self.groups.extend(other.groups);
    }

    /// Adds a name. Returns false if there is another one for the id.
    fn add(&mut self, whose: Whose, id: Id, name: String) -> bool {
        let is_other = |named: &BTreeMap<Id, String>| named.get(&id).is_some_and(|it| *it != name);
        let (of_agents, of_groups) = (whose != Whose::Group, whose != Whose::Agent);
        if of_agents && is_other(&self.agents) || of_groups && is_other(&self.groups) {
            return false;
        }
        if of_groups {
            self.groups.insert(id, name.clone());
        }
        if of_agents {
            self.agents.insert(id, name);
        }
        true
    }
}

/// What is wrong if [`Names::add`] returns false.
const TWO_NAMES: &str = "the id stands twice, with different names";

/// Whose a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whose {
    Agent,
    Group,
    /// The table does not say.
    Either,
}

/// A name without the spaces around it.
fn checked(text: &str) -> Result<String, Code> {
    match text.trim() {
        "" => Err(Code::EmptyName),
        name if name.len() > Names::MAX_NAME => Err(Code::TooLarge),
        name => Ok(name.to_owned()),
    }
}

/// Notes an issue if there are too many entries.
fn not_too_many(entries: usize, path: &str, notes: &Notes<'_>) -> Option<()> {
    if entries <= Names::MAX_ENTRIES {
        return Some(());
    }
    notes.issue(Code::TooLarge, path, "more than 100000 entries")
}
