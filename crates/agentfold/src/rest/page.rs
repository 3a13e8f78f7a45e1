//! [`Page`]: a page of the REST record.

use std::collections::{BTreeSet, HashMap};

use crate::issue::{Code, Severity};
use crate::issues::Issues;
use crate::read::fields::{
    Fields, Notes, boolean, count, count_or_null, instant, number_id, text, text_id, version,
};
use crate::{Id, Instant};

/// A page of the REST record.
///
/// Fields that this library does not use, such as skills, are ignored. A missing field is `None`.
/// Source: Zendesk, *Agent availability*.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The agents of the page.
    pub records: Vec<Record>,
    /// Where the next page is, if there is one.
    pub next: Option<String>,
}

/// What the REST record states about one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The resource's id.
    pub id: String,
    /// The agent.
    pub agent_id: Id,
    /// The agent's version; 0 counts as none.
    pub version: Option<u64>,
    /// The overall status.
    pub unified_state: Option<UnifiedState>,
    /// The agent's groups.
    pub group_ids: Option<Vec<String>>,
    /// The included channels.
    pub channels: Vec<Channel>,
}

/// A unified state in the REST record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnifiedState {
    /// The state's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Why the agent is in it.
    pub reason: Option<String>,
    /// Since when the agent is in it.
    pub updated_at: Option<Instant>,
}

/// An agent's channel in the REST record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// The resource's id.
    pub id: String,
    /// The channel.
    pub name: String,
    /// The agent's state on it.
    pub status: Option<String>,
    /// The maximum number of items at once: `None` if it is not stated, `Some(None)` for no limit.
    pub max_capacity: Option<Option<u64>>,
    /// Since when the channel is in this state.
    pub updated_at: Option<Instant>,
    /// The number of open items. It can exceed the listed items, and the capacity.
    pub work_item_count: Option<u64>,
    /// The listed items, which are only the first page.
    pub work_items: Vec<WorkItem>,
    /// Whether there are more items than listed.
    pub has_more: bool,
}

/// An open work item in the REST record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    /// The resource's id.
    pub id: String,
    /// The item's id.
    pub work_item_id: String,
    /// Why it is with the agent; `None` if the item is listed but not included.
    pub reason: Option<String>,
    /// Since when it is with the agent.
    pub added_at: Option<Instant>,
}

impl Channel {
    /// Whether all open items are listed: as many as are counted, and no more.
    ///
    /// ```
    /// use agentfold::rest::Page;
    ///
    /// let page = Page::parse(br#"{"data": [{"id": "agent_availabilities|7", "attributes": {"agent_id": 7}}],
    ///     "included": [{"type": "channels", "id": "agent_availabilities|7|channels|support",
    ///                   "attributes": {"name": "support", "work_item_count": 0}}]}"#)?;
    /// assert!(page.records[0].channels[0].lists_all());
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn lists_all(&self) -> bool {
        let ids: BTreeSet<&str> =
            self.work_items.iter().map(|item| item.work_item_id.as_str()).collect();
        !self.has_more && self.work_item_count == Some(ids.len() as u64)
    }
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// All errors of the page, each with its code and path.
    ///
    /// ```
    /// use agentfold::rest::Page;
    ///
    /// let page = Page::parse(br#"{"data": [{"type": "agent_availabilities",
    ///     "id": "agent_availabilities|10011", "attributes": {"agent_id": 10011, "version": 236}}]}"#)?;
    /// assert_eq!(page.records[0].version, Some(236));
    ///
    /// let issues = Page::parse(br#"{"data": [{"id": 7, "attributes": {"version": "x"}}]}"#)
    ///     .expect_err("no page");
    /// let paths: Vec<&str> = issues.iter().map(|issue| issue.path.as_str()).collect();
    /// assert_eq!(paths, ["/data/0/attributes/agent_id", "/data/0/attributes/version"]);
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Page, Issues> {
        let notes = Notes::default();
        let page = read(bytes, &notes);
        let (mut issues, _) = notes.into_inner();
        issues.retain(|issue| issue.severity == Severity::Error);
        issues.sort_by(|a, b| (&a.path, a.code).cmp(&(&b.path, b.code)));
        match page {
            Some(page) if issues.is_empty() => Ok(page),
            _ => Err(Issues::of_refused(issues)),
        }
    }
}

/// The resources under `included`, by id.
#[derive(Default)]
struct Included {
    channels: HashMap<String, Channel>,
    items: HashMap<String, WorkItem>,
    /// The ids of each channel's items.
    listed: HashMap<String, Vec<String>>,
}

fn read<'a>(bytes: &'a [u8], notes: &Notes<'a>) -> Option<Page> {
    let text = notes.text(bytes)?;
    let json = notes.whole(text)?;
    let mut fields = Fields::open(json, String::new(), notes)?;
    let mut included = Included::default();
    fields.optional_objects("included", |fields| resource(fields, &mut included));
    let mut records = Vec::new();
    fields.objects("data", |fields| {
        records.extend(record(fields, &included));
        Some(())
    })?;
    let next = fields.optional_object("links", |links| links.optional("next", text_of));
    Some(Page { records, next })
}

/// Reads a text as a `String`.
fn text_of(json: &str) -> Result<String, Code> {
    text(json).map(String::from)
}

fn id_of(json: &str) -> Result<String, Code> {
    text_id(json).map(String::from)
}

fn record(fields: &mut Fields<'_, '_>, included: &Included) -> Option<Record> {
    let id = fields.required("id", id_of);
    let attributes = fields.object("attributes", |fields| {
        let agent_id = fields.required("agent_id", number_id);
        let version = fields.optional("version", version).filter(|version| *version > 0);
        let group_ids = fields.optional_list("group_ids");
        let unified_state = fields.optional_object("agent_status", unified_state);
        let group_ids = group_ids.map(|ids| ids.into_iter().map(String::from).collect());
        Some((agent_id?, version, group_ids, unified_state))
    });
    let channels = related(fields, "channels");
    let (id, (agent_id, version, group_ids, unified_state)) = (id?, attributes?);
    // Without relationships, a channel's id tells whose it is.
    let prefix = format!("{id}|channels|");
    let (channels, _) = channels.unwrap_or_else(|| {
        let mut ids: Vec<String> =
            included.channels.keys().filter(|id| id.starts_with(&prefix)).cloned().collect();
        ids.sort_unstable();
        (ids, false)
    });
    let channels = channels.iter().filter_map(|id| {
        let mut channel = included.channels.get(id)?.clone();
        let listed = included.listed.get(id).into_iter().flatten();
        channel.work_items = listed.map(|id| included.item(id)).collect();
        Some(channel)
    });
    let channels = channels.collect();
    Some(Record { id, agent_id, version, unified_state, group_ids, channels })
}

impl Included {
    /// A listed item, with only its ids if it is not included.
    fn item(&self, id: &str) -> WorkItem {
        self.items.get(id).cloned().unwrap_or_else(|| WorkItem {
            id: id.to_owned(),
            work_item_id: last_part(id).to_owned(),
            reason: None,
            added_at: None,
        })
    }
}

/// The last part of a resource's id, which is the item's own id: `…|work_items|201`.
fn last_part(id: &str) -> &str {
    id.rsplit_once('|').map_or(id, |(_, last)| last)
}

fn unified_state(fields: &mut Fields<'_, '_>) -> Option<UnifiedState> {
    let id = fields.required("id", id_of);
    let name = fields.optional("name", text_of);
    let reason = fields.optional("reason", text_of);
    let updated_at = fields.optional("updated_at", instant);
    Some(UnifiedState { id: id?, name, reason, updated_at })
}

/// Adds a resource under `included`.
fn resource(fields: &mut Fields<'_, '_>, included: &mut Included) -> Option<()> {
    let kind = fields.required("type", text_of);
    let id = fields.required("id", id_of);
    let (kind, id) = (kind?, id?);
    match kind.as_str() {
        "channels" => {
            let channel = fields.object("attributes", |fields| channel(fields, &id));
            let (listed, has_more) = related(fields, "work_items").unwrap_or_default();
            included.channels.insert(id.clone(), Channel { has_more, ..channel? });
            included.listed.insert(id, listed);
        }
        "work_items" => {
            let item = fields.object("attributes", |fields| {
                let reason = fields.optional("reason", text_of);
                let added_at = fields.optional("added_at", instant);
                let work_item_id = last_part(&id).to_owned();
                Some(WorkItem { id: id.clone(), work_item_id, reason, added_at })
            });
            included.items.insert(id.clone(), item?);
        }
        _ => {}
    }
    Some(())
}

fn channel(fields: &mut Fields<'_, '_>, id: &str) -> Option<Channel> {
    let name = fields.required("name", text_of);
    let status = fields.optional("status", text_of);
    let max_capacity = fields.stated("max_capacity", count_or_null);
    let updated_at = fields.optional("updated_at", instant);
    let work_item_count = fields.optional("work_item_count", count);
    Some(Channel {
        id: id.to_owned(),
        name: name?,
        status,
        max_capacity,
        updated_at,
        work_item_count,
        work_items: Vec::new(),
        has_more: false,
    })
}

/// The ids of related resources, and whether there are more; `None` if the record does not state them.
fn related(fields: &mut Fields<'_, '_>, name: &str) -> Option<(Vec<String>, bool)> {
    fields.optional_object("relationships", |fields| {
        fields.optional_object(name, |fields| {
            let mut ids = Vec::new();
            fields.objects("data", |fields| {
                ids.extend(fields.required("id", id_of));
                Some(())
            })?;
            let has_more =
                fields.optional_object("meta", |meta| meta.optional("has_more", boolean));
            Some((ids, has_more.unwrap_or(false)))
        })
    })
}
