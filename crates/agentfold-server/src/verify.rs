//! Makes all that is stored again from the events as received, and compares.

use std::collections::BTreeSet;
use std::path::Path;

use agentfold::{Agent, Fold};
use serde::Serialize;

use crate::database::{Database, StoreError};
use crate::history::{History, Table, begin_of, insert, today};
use crate::raw;

/// What [`verify`] read, and what differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// The number of agents.
    pub agents: u64,
    /// The number of events.
    pub events: u64,
    /// What is stored and differs from what the events make; empty if all is right.
    pub differing: Vec<Differing>,
}

/// Something stored that differs from what the events make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Differing {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// `day`: the history of a day; `base`: what is left of all days before it; `now`: what answers are made of.
    pub part: &'static str,
    /// The begin of the day, in UTC; the first instant for `now`.
    pub at: agentfold::Instant,
}

/// Makes each agent's history again from the events as received, and compares its bytes with those stored. The database
/// may be in use.
///
/// Events that are removed by the retention can't be read again. In their place is what was left of them when they were
/// removed. What REST records said is no event: it is stored beside the events, and joined with them.
///
/// # Errors
/// `damaged` if something can't be read; else as for any use of a database. What can be read and differs is no error.
pub fn verify(path: &Path) -> Result<Verified, StoreError> {
    let database = Database::open_to_read(path)?;
    // All is as of one instant.
    let snapshot = database.connection().unchecked_transaction()?;
    let found: String = snapshot.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(StoreError::Damaged(found));
    }
    let mut verified = Verified::default();
    for account in History::accounts(&snapshot)? {
        let history = History::new(&snapshot, account, today());
        for agent in history.agents()? {
            verified.agents += 1;
            history.verify(agent, &mut verified)?;
        }
        verified.events += history.verify_others()? + history.received()?;
    }
    Ok(verified)
}

impl History<'_> {
    fn verify(&self, agent: Agent, verified: &mut Verified) -> Result<(), StoreError> {
        let mut differs =
            |part, day| verified.differing.push(Differing { agent, part, at: begin_of(day) });
        let stored = |table, day| {
            let mut fold = Fold::new();
            self.restore(table, agent, day, &mut fold)?;
            Ok::<_, StoreError>(fold.save_agent(agent))
        };
        let mut days: BTreeSet<i64> = self.raw_days(Some(agent))?.into_iter().collect();
        days.extend(self.days(Table::Day, agent, i64::MIN, None)?);
        days.extend(self.days(Table::Seed, agent, i64::MIN, None)?);
        let stale: BTreeSet<i64> = self.stale_of(agent)?.into_iter().collect();
        let bases = self.days(Table::Base, agent, i64::MIN, None)?;
        let mut bases = bases.into_iter().filter(|day| !stale.contains(day)).peekable();
        let mut whole = Fold::new();
        // What `forget` left.
        if let Some(base) = bases.next_if(|base| days.first().is_none_or(|day| day >= base)) {
            self.restore(Table::Base, agent, base, &mut whole)?;
        }
        let mut compare_base = |base: i64, whole: &Fold| {
            let mut left = whole.clone();
            left.compact_agents(begin_of(base), &[agent]);
            if left.save_agent(agent) != stored(Table::Base, base)? {
                differs("base", base);
            }
            Ok::<_, StoreError>(())
        };
        let mut wrong = Vec::new();
        for day in days {
            while let Some(base) = bases.next_if(|base| *base <= day) {
                compare_base(base, &whole)?;
            }
            let mut again = Fold::new();
            for lines in self.raw(Some(agent), day)? {
                for event in raw::events(&lines) {
                    verified.events += 1;
                    insert(&mut again, event, begin_of(day))?;
                }
            }
            self.restore(Table::Seed, agent, day, &mut again)?;
            if again.save_agent(agent) != stored(Table::Day, day)? {
                wrong.push(day);
            }
            whole.absorb(again)?;
        }
        for base in bases {
            compare_base(base, &whole)?;
        }
        wrong.into_iter().for_each(|day| differs("day", day));
        self.insert_received(agent, &mut whole)?;
        let mut now = Fold::new();
        self.load(agent, i64::MAX, None, &mut now)?;
        if let Some(cut) = now.cut_of(agent) {
            whole.compact_agents(cut, &[agent]);
        }
        if whole.save_agent(agent) != now.save_agent(agent) {
            differs("now", i64::MIN);
        }
        Ok(())
    }

    /// Reads the events of no agent, and returns their number.
    fn verify_others(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        for day in self.raw_days(None)? {
            for lines in self.raw(None, day)? {
                for event in raw::events(&lines) {
                    insert(&mut Fold::new(), event, begin_of(day))?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }
}
