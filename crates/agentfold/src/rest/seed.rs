//! Adds a REST record to a fold: kind 11 of the contract.

use std::sync::Arc;

use serde::Serialize;

#[cfg(doc)]
use super::page::Channel;
use super::page::{Page, Record};
use crate::fold::effect::{Effect, groups};
use crate::fold::id::ItemId;
use crate::fold::names::Names;
use crate::fold::origin::Origin;
use crate::fold::recorded::Listing;
use crate::fold::tracks::Target;
use crate::fold::transition::Stamp;
use crate::fold::value::{Previous, Unified, Value, Work};
use crate::fold::{Applied, Fold, Outcome};
use crate::issue::{Code, Issue};
use crate::issues::Issues;
use crate::{Agent, Id, Instant, Options};

/// What [`Fold::seed`] changed for one agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Seeded {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// What became of its record.
    #[serde(flatten)]
    pub applied: Applied,
}

impl Fold {
    /// Adds a page of the REST record to the fold, and returns what that changed for each agent.
    ///
    /// Values that the record dates take effect at their dates. Values without a date, such as groups,
    /// take effect at `at`, the time of the request. The caller passes the account, since the record
    /// does not name it. Seeding the same page again with the same `at` changes nothing. Webhooks may
    /// arrive before or after it ([the contract](crate::contract::fold#the-rest-record)). A work item
    /// that is listed but not included is ignored, since the record states nothing about it. If a
    /// channel [lists all](Channel::lists_all) of its open items, the others are closed at `at`. A
    /// record that is dated more than 24 hours after `at`, or after the fold's clock
    /// ([`Options::now`]), is `unreadable`.
    ///
    /// ```
    /// use agentfold::rest::Page;
    /// use agentfold::{Fold, Instant};
    ///
    /// let page = Page::parse(br#"{"data": [{"type": "agent_availabilities",
    ///     "id": "agent_availabilities|10011", "attributes": {"agent_id": 10011, "version": 236,
    ///     "agent_status": {"id": 3, "name": "online", "reason": "UNKNOWN",
    ///                      "updated_at": "2026-01-05T09:00:00Z"}}}]}"#).expect("a good page");
    /// let at: Instant = "2026-01-05T12:00:00Z".parse()?;
    /// let mut fold = Fold::new();
    /// fold.seed(2, &page, at);
    /// let state = fold.state(fold.agents().next().expect("an agent")).expect("heard of");
    /// assert_eq!(state.version, Some(236));
    /// assert_eq!(state.unified_state.expect("told").name.as_deref(), Some("online"));
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn seed(&mut self, account_id: impl Into<Id>, page: &Page, at: Instant) -> Vec<Seeded> {
        let account_id = account_id.into();
        let records = page.records.iter();
        records.map(|record| self.seed_one(account_id, record, at)).collect()
    }

    fn seed_one(&mut self, account_id: Id, record: &Record, at: Instant) -> Seeded {
        let agent = Agent::new(account_id, record.agent_id);
        if let Some(issues) = Issues::new(future(record, at, self.options())) {
            let outcome = Outcome::Unreadable { issues };
            return Seeded { agent, applied: Applied { outcome, changes: Vec::new() } };
        }
        let version = record.version.unwrap_or(0);
        let names = Arc::make_mut(&mut self.names);
        let (told, listings) = (told(record, at, names), listings(record, at, names));
        let effects: Vec<(Stamp<'_>, Effect)> = told
            .iter()
            .map(|(id, at, effect)| {
                (Stamp { at: *at, version, origin: Origin::Rest, id }, effect.clone())
            })
            .collect();
        Seeded { agent, applied: self.insert_record(agent, version, &effects, &listings, at) }
    }
}

/// The instants of a record that are far after the request, or after the reader's clock. Their paths are
/// within the record.
fn future(record: &Record, at: Instant, options: &Options) -> Vec<Issue> {
    let mut issues = Vec::new();
    let asked = Options::default().with_now(at);
    let mut look = |when: Option<Instant>, path: &dyn Fn() -> String| {
        let when = when.unwrap_or(at);
        if options.is_future(when) || asked.is_future(when) {
            let message = "dated more than 24 hours after the request or the reader's clock";
            issues.push(Issue::new(Code::FutureInstant, path(), message));
        }
    };
    if let Some(state) = &record.unified_state {
        look(state.updated_at, &|| "/unified_state/updated_at".to_owned());
    }
    for (i, channel) in record.channels.iter().enumerate() {
        look(channel.updated_at, &|| format!("/channels/{i}/updated_at"));
        for (j, item) in channel.work_items.iter().enumerate() {
            look(item.added_at, &|| format!("/channels/{i}/work_items/{j}/added_at"));
        }
    }
    if record.group_ids.is_some() {
        look(None, &|| "/group_ids".to_owned());
    }
    issues
}

/// The transitions of a record: their ids, instants and effects.
fn told(record: &Record, at: Instant, names: &mut Names) -> Vec<(String, Instant, Effect)> {
    let mut told = Vec::new();
    let mut add = |id: &str, when: Option<Instant>, target: Target, value: Value| {
        let effect = Effect { target, value, previous: Previous::Unstated };
        told.push((format!("rest:{id}"), when.unwrap_or(at), effect));
    };
    if let Some(state) = &record.unified_state {
        let mut name = |text: &Option<String>| text.as_ref().map(|text| names.add(text));
        let (label, reason) = (name(&state.name), name(&state.reason));
        let value = Value::Unified(Unified { id: names.add(&state.id), name: label, reason });
        add(&record.id, state.updated_at, Target::UnifiedState, value);
    }
    if let Some(ids) = &record.group_ids {
        add(&record.id, None, Target::Groups, groups(ids, names));
    }
    for channel in &record.channels {
        let name = names.add(&channel.name);
        if let Some(status) = &channel.status {
            let value = Value::Name(names.add(status));
            add(&channel.id, channel.updated_at, Target::State(name), value);
        }
        if let Some(max) = channel.max_capacity {
            let value = max.map_or(Value::Null, Value::Number);
            add(&channel.id, channel.updated_at, Target::MaxCapacity(name), value);
        }
        for item in &channel.work_items {
            if let Some(reason) = &item.reason {
                let reason = Some(names.add(reason));
                let value = Value::Work(Work { channel: name, reason, open: true });
                let target = Target::WorkItem(ItemId::new(&item.work_item_id), name);
                add(&item.id, item.added_at, target, value);
            }
        }
    }
    told
}

/// The channels of which a record lists all open items.
fn listings(record: &Record, at: Instant, names: &mut Names) -> Vec<Listing> {
    let complete = record.channels.iter().filter(|channel| channel.lists_all());
    let listings = complete.map(|channel| {
        let items = channel.work_items.iter().map(|item| ItemId::new(&item.work_item_id));
        let version = record.version.unwrap_or(0);
        Listing::new(at, version, names.add(&channel.name), items.collect())
    });
    listings.collect()
}
