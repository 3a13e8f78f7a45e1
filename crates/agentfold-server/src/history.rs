//! [`History`]: what is stored of an account's agents.

use std::collections::{BTreeMap, HashSet};

use agentfold::event::InstantFrom;
use agentfold::names::Names;
use agentfold::{Agent, Event, Fold, Id, Instant, Options, Outcome};
use rusqlite::types::{FromSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, ToSql, params};

use crate::clock::now;
use crate::database::StoreError;
use crate::import::Imported;
use crate::raw;

const DAY_SECONDS: i64 = 24 * 60 * 60;
const WEEK: i64 = 7;

/// The history of an account's agents. A view of a connection, cheap to make. All of it is read and written agent by
/// agent, so memory does not grow with it.
///
/// For each agent there are:
/// - `event`: events as received, which are not saved yet;
/// - `day`: the fold of all events of a day (UTC) alone. A late event changes only its own day;
/// - `base`: what is left of all earlier days at the start of a day. It is computed from the base and the days before;
/// - `stale`: the bases that a late event changes, until they are computed again. Answers do not use them meanwhile;
/// - `raw`: the events of a day as received, from which `day` can be made again;
/// - `seed`: what REST records said, which is part of `day`, and in no event.
///
/// INVARIANT: a base, joined with the days from its own on, is the agent's fold compacted at the begin of its day. The
/// law is `parts_by_time_make_the_whole_from_each_of_them_on` in the core. A day may also contain later transitions,
/// since a REST record tells of several instants.
///
/// The last base of each week stays, so that an answer reads little more than its window.
///
/// What changes several tables is for a transaction of the caller.
#[derive(Debug, Clone)]
pub(crate) struct History<'c> {
    connection: &'c Connection,
    account: Id,
    account_id: Text,
    today: i64,
}

/// A table of agents and days. The first three have folds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Table {
    Day,
    Base,
    Seed,
    Stale,
    Raw,
}

impl Table {
    fn name(self) -> &'static str {
        match self {
            Table::Day => "day",
            Table::Base => "base",
            Table::Seed => "seed",
            Table::Stale => "stale",
            Table::Raw => "raw",
        }
    }
}

impl History<'_> {
    /// The history of an account, on a day.
    pub(crate) fn new(connection: &Connection, account: Id, today: i64) -> History<'_> {
        History { connection, account, account_id: Text::from(account), today }
    }

    pub(crate) fn account(&self) -> Id {
        self.account
    }

    /// The day that counts as the current one.
    pub(crate) fn today(&self) -> i64 {
        self.today
    }

    /// Reads several things as they are at one moment.
    pub(crate) fn at_once<T>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.unchecked_transaction()?;
        let result = read(self)?;
        transaction.commit()?;
        Ok(result)
    }

    /// The accounts of which anything is stored, sorted as numbers.
    pub(crate) fn accounts(connection: &Connection) -> Result<Vec<Id>, StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT account_id FROM agent UNION SELECT account_id FROM event
             UNION SELECT account_id FROM raw UNION SELECT account_id FROM meta",
        )?;
        let ids = statement.query_map([], |row| row.get(0))?;
        let mut ids =
            ids.map(|id| Ok(id.map(|Stored(id)| id)?)).collect::<Result<Vec<Id>, StoreError>>()?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// The day on which a base was last computed, for any account: bases are of days before.
    pub(crate) fn begun(connection: &Connection) -> Result<Option<i64>, StoreError> {
        let begun = connection.query_row("SELECT max(day) + 1 FROM base", [], |row| row.get(0));
        Ok(begun?)
    }

    /// The first day with events.
    pub(crate) fn first(&self) -> Result<Option<i64>, StoreError> {
        let (first, cut) = (self.number("first")?, self.cut()?);
        Ok(first.map(|first| first.max(cut.unwrap_or(first))))
    }

    /// The first day of which history is kept; of earlier events, only the versions are.
    pub(crate) fn cut(&self) -> Result<Option<i64>, StoreError> {
        self.number("cut")
    }

    /// Sets the first day of which history is kept. `forget` removes what is older.
    pub(crate) fn set_cut(&self, day: i64) -> Result<(), StoreError> {
        self.set("cut", day)
    }

    /// How often a day that was over changed.
    pub(crate) fn late_days(&self) -> Result<i64, StoreError> {
        Ok(self.number("late_days")?.unwrap_or(0))
    }

    /// The agents of which anything is stored, by id.
    pub(crate) fn agents(&self) -> Result<Vec<Agent>, StoreError> {
        let agents = self.agents_in(
            "SELECT agent_id FROM agent WHERE account_id = ?1
             UNION SELECT agent_id FROM event WHERE account_id = ?1",
        )?;
        Ok(agents.into_iter().flatten().collect())
    }

    /// The agents with events that are not saved yet, by id; `None` first, if there are such events of no agent.
    pub(crate) fn heard_of(&self) -> Result<Vec<Option<Agent>>, StoreError> {
        self.agents_in("SELECT DISTINCT agent_id FROM event WHERE account_id = ?1")
    }

    fn agents_in(&self, sql: &str) -> Result<Vec<Option<Agent>>, StoreError> {
        let mut statement = self.prepared(sql)?;
        let rows = statement.query_map([self.account_id], |row| self.agent(row, 0))?;
        let mut agents = rows.collect::<Result<Vec<Option<Agent>>, _>>()?;
        agents.sort_unstable();
        Ok(agents)
    }

    /// How many events are not saved yet.
    pub(crate) fn received(&self) -> Result<u64, StoreError> {
        let mut statement = self.prepared("SELECT count(*) FROM event WHERE account_id = ?")?;
        let count: i64 = statement.query_row([self.account_id], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// Keeps an event as received until it is saved.
    ///
    /// It is not from before the agent's last base, for that is `add_late`, unless it is from before the cut.
    pub(crate) fn keep(&self, bytes: &[u8], agent: Option<Agent>) -> Result<(), StoreError> {
        let agent_id = self.id_or_none(agent);
        let mut statement = self
            .prepared("INSERT INTO event (account_id, agent_id, crc, bytes) VALUES (?, ?, ?, ?)")?;
        statement.execute(params![self.account_id, agent_id, crc32fast::hash(bytes), bytes])?;
        Ok(())
    }

    /// Saves the received events of an agent, or of none, in their days.
    pub(crate) fn save(&self, agent: Option<Agent>) -> Result<(), StoreError> {
        let events = self.events(agent)?;
        if events.is_empty() {
            return Ok(());
        }
        let cut = self.cut()?.unwrap_or(i64::MIN);
        let mut days: BTreeMap<i64, Vec<&[u8]>> = BTreeMap::new();
        for bytes in &events {
            // An unknown type states no instant that is known.
            let day = at(&parsed(bytes)?)?.map_or(self.today, day_of).max(cut);
            days.entry(day).or_default().push(bytes);
        }
        for (day, events) in days {
            match agent {
                Some(agent) => drop(self.add_events(agent, day, &events)?),
                None => self.append(Text::NONE, day, &events)?,
            }
        }
        let agent_id = self.id_or_none(agent);
        let mut delete =
            self.prepared("DELETE FROM event WHERE account_id = ? AND agent_id = ?")?;
        delete.execute(params![self.account_id, agent_id])?;
        Ok(())
    }

    /// Adds events to a day, and returns how many are new: the day of each, or that of the cut if it is older.
    fn add_events(&self, agent: Agent, day: i64, events: &[&[u8]]) -> Result<usize, StoreError> {
        let mut fold = Fold::new();
        self.restore(Table::Day, agent, day, &mut fold)?;
        let mut added = Vec::with_capacity(events.len());
        let mut stored: Option<HashSet<Vec<u8>>> = None;
        for bytes in events {
            let is_new = match insert(&mut fold, bytes, begin_of(day))? {
                Outcome::Applied | Outcome::Late => true,
                Outcome::Duplicate => false,
                // The fold does not tell whether it was there before.
                _ => {
                    let stored = match &mut stored {
                        Some(stored) => stored,
                        none => none.insert(self.lines(Some(agent), day)?),
                    };
                    stored.insert(raw::line(bytes))
                }
            };
            if is_new {
                added.push(*bytes);
            }
        }
        if !added.is_empty() {
            self.append(self.id(agent), day, &added)?;
            self.put(agent, day, &fold)?;
        }
        Ok(added.len())
    }

    /// The events of a day as received.
    fn lines(&self, agent: Option<Agent>, day: i64) -> Result<HashSet<Vec<u8>>, StoreError> {
        let parts = self.raw(agent, day)?;
        Ok(parts.iter().flat_map(|lines| raw::events(lines)).map(<[u8]>::to_vec).collect())
    }

    /// Takes in events of an agent, or of none, which may be stored already. Each has the day for it if it states none.
    pub(crate) fn import(
        &self,
        agent: Option<Agent>,
        events: &[(i64, Vec<u8>)],
        imported: &mut Imported,
    ) -> Result<(), StoreError> {
        self.save(agent)?;
        let cut = self.cut()?.unwrap_or(i64::MIN);
        let mut days: BTreeMap<i64, Vec<&[u8]>> = BTreeMap::new();
        let mut stored: Option<HashSet<Vec<u8>>> = None;
        for (day, bytes) in events {
            let day = match at(&parsed(bytes)?)?.map(day_of) {
                Some(day) if day < cut => {
                    imported.expired += 1;
                    continue;
                }
                Some(day) => day,
                None => {
                    // It may be stored in the day on which it came.
                    if stored.is_none() {
                        let mut all = HashSet::new();
                        for day in self.raw_days(agent)? {
                            all.extend(self.lines(agent, day)?);
                        }
                        stored = Some(all);
                    }
                    if !stored.as_mut().is_some_and(|stored| stored.insert(raw::line(bytes))) {
                        imported.duplicate += 1;
                        continue;
                    }
                    (*day).max(cut)
                }
            };
            days.entry(day).or_default().push(bytes);
        }
        for (day, events) in days {
            let added = match agent {
                Some(agent) => self.add_events(agent, day, &events)?,
                None => {
                    self.append(Text::NONE, day, &events)?;
                    events.len()
                }
            };
            imported.added += added as u64;
            imported.duplicate += (events.len() - added) as u64;
        }
        Ok(())
    }

    /// Begins an agent's history with what is left of the days before one.
    pub(crate) fn begin(&self, agent: Agent, day: i64, left: &Fold) -> Result<(), StoreError> {
        self.note(agent)?;
        self.store(Table::Base, agent, day, left)
    }

    /// Replaces all days before one by bases: of each week, and of that day.
    pub(crate) fn settle_weeks(&self, agent: Agent, day: i64) -> Result<(), StoreError> {
        if let Some(first) = self.days(Table::Day, agent, i64::MIN, Some(day))?.first() {
            let mut week_end = first.div_euclid(WEEK) * WEEK + WEEK - 1;
            while week_end < day {
                self.settle(agent, week_end)?;
                week_end += WEEK;
            }
        }
        self.settle(agent, day)
    }

    /// Adds late events of an agent to their day, and `fold`, which is of these events alone.
    pub(crate) fn add_late(
        &self,
        agent: Agent,
        day: i64,
        mut fold: Fold,
        events: &[&[u8]],
    ) -> Result<(), StoreError> {
        self.append(self.id(agent), day, events)?;
        self.restore(Table::Day, agent, day, &mut fold)?;
        self.put(agent, day, &fold)
    }

    /// Adds to a day what a fold knows of an agent from REST records. It has nothing of an earlier day, unless that is
    /// from before the cut, and `fold` is compacted there.
    pub(crate) fn add(&self, agent: Agent, day: i64, mut fold: Fold) -> Result<(), StoreError> {
        let mut seed = fold.clone();
        self.restore(Table::Seed, agent, day, &mut seed)?;
        self.store(Table::Seed, agent, day, &seed)?;
        self.restore(Table::Day, agent, day, &mut fold)?;
        self.put(agent, day, &fold)
    }

    /// Stores a day that changed.
    fn put(&self, agent: Agent, day: i64, fold: &Fold) -> Result<(), StoreError> {
        let agent_id = self.id(agent);
        if day < self.today {
            self.set("late_days", self.late_days()? + 1)?;
        }
        self.note(agent)?;
        if self.number("first")?.is_none_or(|first| day < first) {
            self.set("first", day)?;
        }
        self.store(Table::Day, agent, day, fold)?;
        let mut outdate = self.prepared(
            "INSERT OR IGNORE INTO stale
             SELECT account_id, agent_id, day FROM base WHERE account_id = ? AND agent_id = ? AND day > ?",
        )?;
        outdate.execute(params![self.account_id, agent_id, day])?;
        Ok(())
    }

    /// The bases that have to be computed again, each agent's in their order.
    pub(crate) fn stale(&self) -> Result<Vec<(Agent, i64)>, StoreError> {
        let mut statement = self.prepared(
            "SELECT agent_id, day FROM stale WHERE account_id = ? ORDER BY agent_id, day",
        )?;
        let rows =
            statement.query_map([self.account_id], |row| Ok((self.agent(row, 0)?, row.get(1)?)))?;
        let mut stale = Vec::new();
        for row in rows {
            let (agent, day) = row?;
            stale.extend(agent.map(|agent| (agent, day)));
        }
        Ok(stale)
    }

    /// Computes a base again.
    pub(crate) fn renew(&self, agent: Agent, day: i64) -> Result<(), StoreError> {
        // It may have been removed meanwhile.
        if self.days(Table::Base, agent, day, Some(day + 1))?.is_empty() {
            return self.delete(Table::Stale, agent, day);
        }
        self.rebase(agent, day)
    }

    /// Replaces the days before one by a base, once their events are saved. Bases in between are kept for each week.
    pub(crate) fn settle(&self, agent: Agent, day: i64) -> Result<(), StoreError> {
        self.save(Some(agent))?;
        let bases = self.days(Table::Base, agent, i64::MIN, None)?;
        let last = bases.last().copied().unwrap_or(i64::MIN);
        if last >= day || self.days(Table::Day, agent, last, Some(day))?.is_empty() {
            return Ok(());
        }
        self.rebase(agent, day)?;
        if bases.len() > 1 && last.div_euclid(WEEK) == day.div_euclid(WEEK) {
            self.delete(Table::Base, agent, last)?;
            self.delete(Table::Stale, agent, last)?;
        }
        Ok(())
    }

    /// Removes an agent's history of before a day, except for what is left of it at its begin.
    pub(crate) fn forget(&self, agent: Agent, day: i64) -> Result<(), StoreError> {
        self.save(Some(agent))?;
        let is_before =
            |table| self.days(table, agent, i64::MIN, Some(day)).map(|days| !days.is_empty());
        if is_before(Table::Day)? || is_before(Table::Base)? {
            self.rebase(agent, day)?;
        }
        for table in [Table::Day, Table::Base, Table::Stale, Table::Seed, Table::Raw] {
            self.delete_before(table, self.id(agent), day)?;
        }
        Ok(())
    }

    /// Removes the events of no agent that were received before a day.
    pub(crate) fn forget_others(&self, day: i64) -> Result<(), StoreError> {
        self.delete_before(Table::Raw, Text::NONE, day)
    }

    /// Computes the base of a day.
    fn rebase(&self, agent: Agent, day: i64) -> Result<(), StoreError> {
        let mut fold = Fold::new();
        self.restore_from(agent, day - 1, Some(day), &mut fold)?;
        fold.compact_agents(begin_of(day), &[agent]);
        self.store(Table::Base, agent, day, &fold)?;
        // Nothing may compute it a second time: the days before it may be gone then.
        self.delete(Table::Stale, agent, day)
    }

    /// Restores an agent into a fold, as known from a day on: that day and later ones until another, exclusive, and what
    /// is left of the days before. `None` is all, with the events that are not saved yet. History of a week before may
    /// come with it. From `i64::MAX` on, as few days as possible.
    pub(crate) fn load(
        &self,
        agent: Agent,
        from: i64,
        until: Option<i64>,
        fold: &mut Fold,
    ) -> Result<(), StoreError> {
        self.restore_from(agent, from, until, fold)?;
        if let Some(cut) = self.cut()? {
            fold.compact_agents(begin_of(cut), &[agent]);
        }
        Ok(())
    }

    /// Restores the last base of a day or before, and the days from it on until another, exclusive.
    fn restore_from(
        &self,
        agent: Agent,
        from: i64,
        until: Option<i64>,
        fold: &mut Fold,
    ) -> Result<(), StoreError> {
        // If there is none, and nothing of before the first one is stored, that is what `forget` left.
        let mut statement = self.prepared(
            "SELECT coalesce(
                (SELECT max(day) FROM base WHERE account_id = ?1 AND agent_id = ?2 AND day <= ?3 AND day < ?4
                    AND day NOT IN (SELECT day FROM stale WHERE account_id = ?1 AND agent_id = ?2)),
                (SELECT min(day) FROM base WHERE account_id = ?1 AND agent_id = ?2 AND day < ?4 AND NOT EXISTS (
                    SELECT 1 FROM day WHERE day.account_id = ?1 AND day.agent_id = ?2 AND day.day < base.day))
            )",
        )?;
        let end = until.unwrap_or(i64::MAX);
        let base: Option<i64> = statement
            .query_row(params![self.account_id, self.id(agent), from, end], |row| row.get(0))?;
        if let Some(base) = base {
            self.restore(Table::Base, agent, base, fold)?;
        }
        self.load_days(agent, base.unwrap_or(i64::MIN), until, fold)
    }

    /// Restores some days of an agent into a fold, until one, exclusive. `None` is all, with the events that are not
    /// saved yet.
    pub(crate) fn load_days(
        &self,
        agent: Agent,
        from: i64,
        until: Option<i64>,
        fold: &mut Fold,
    ) -> Result<(), StoreError> {
        let mut statement = self.prepared(
            "SELECT bytes FROM day WHERE account_id = ? AND agent_id = ? AND day >= ? AND day < ? ORDER BY day",
        )?;
        let end = until.unwrap_or(i64::MAX);
        let mut rows = statement.query(params![self.account_id, self.id(agent), from, end])?;
        while let Some(row) = rows.next()? {
            fold.restore(blob(row, 0)?)?;
        }
        if until.is_none() {
            self.insert_received(agent, fold)?;
        }
        Ok(())
    }

    /// The received events of an agent, or of none, in their order.
    pub(crate) fn events(&self, agent: Option<Agent>) -> Result<Vec<Vec<u8>>, StoreError> {
        let agent_id = self.id_or_none(agent);
        let mut statement = self.prepared(
            "SELECT crc, bytes FROM event WHERE account_id = ? AND agent_id = ? ORDER BY seq",
        )?;
        let mut rows = statement.query(params![self.account_id, agent_id])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes: Vec<u8> = row.get(1)?;
            if row.get::<_, u32>(0)? != crc32fast::hash(&bytes) {
                return Err(damaged("an event"));
            }
            events.push(bytes);
        }
        Ok(events)
    }

    /// Adds events to those of a day as received.
    fn append(&self, agent_id: Text, day: i64, events: &[&[u8]]) -> Result<(), StoreError> {
        let mut last = self.prepared(
            "SELECT part, bytes FROM raw WHERE account_id = ? AND agent_id = ? AND day = ? ORDER BY part DESC LIMIT 1",
        )?;
        let mut lines = Vec::new();
        let mut rows = last.query(params![self.account_id, agent_id, day])?;
        let mut part: i64 = 0;
        if let Some(row) = rows.next()? {
            let bytes = blob(row, 1)?;
            part = row.get(0)?;
            if bytes.len() < raw::PART {
                raw::unpack(bytes, &mut lines).map_err(|_| damaged("stored events"))?;
            } else {
                part += 1;
            }
        }
        drop(rows);
        for event in events {
            lines.extend(raw::line(event));
            lines.push(b'\n');
        }
        let mut store = self.prepared("INSERT OR REPLACE INTO raw VALUES (?, ?, ?, ?, ?)")?;
        store.execute(params![self.account_id, agent_id, day, part, raw::packed(&lines)?])?;
        Ok(())
    }

    /// The days with events as received, of an agent or of none.
    pub(crate) fn raw_days(&self, agent: Option<Agent>) -> Result<Vec<i64>, StoreError> {
        let agent_id = self.id_or_none(agent);
        let mut statement = self.prepared(
            "SELECT DISTINCT day FROM raw WHERE account_id = ? AND agent_id = ? ORDER BY day",
        )?;
        let days = statement.query_map(params![self.account_id, agent_id], |row| row.get(0))?;
        Ok(days.collect::<Result<_, _>>()?)
    }

    /// The events of a day as received, of an agent or of none, as lines of one or more parts.
    pub(crate) fn raw(&self, agent: Option<Agent>, day: i64) -> Result<Vec<Vec<u8>>, StoreError> {
        let agent_id = self.id_or_none(agent);
        let mut statement = self.prepared(
            "SELECT bytes FROM raw WHERE account_id = ? AND agent_id = ? AND day = ? ORDER BY part",
        )?;
        let mut rows = statement.query(params![self.account_id, agent_id, day])?;
        let mut parts = Vec::new();
        while let Some(row) = rows.next()? {
            let mut lines = Vec::new();
            raw::unpack(blob(row, 0)?, &mut lines).map_err(|_| damaged("stored events"))?;
            parts.push(lines);
        }
        Ok(parts)
    }

    /// The bases of an agent that have to be computed again.
    pub(crate) fn stale_of(&self, agent: Agent) -> Result<Vec<i64>, StoreError> {
        let mut statement =
            self.prepared("SELECT day FROM stale WHERE account_id = ? AND agent_id = ?")?;
        let days =
            statement.query_map(params![self.account_id, self.id(agent)], |row| row.get(0))?;
        Ok(days.collect::<Result<_, _>>()?)
    }

    /// Inserts an agent's events that are not saved yet into a fold.
    pub(crate) fn insert_received(&self, agent: Agent, fold: &mut Fold) -> Result<(), StoreError> {
        let begin = self.cut()?.map_or(Instant::MIN, begin_of);
        for bytes in self.events(Some(agent))? {
            insert(fold, &bytes, begin)?;
        }
        Ok(())
    }

    /// The days of which a table has a row of an agent, in order, until one, exclusive.
    pub(crate) fn days(
        &self,
        table: Table,
        agent: Agent,
        from: i64,
        until: Option<i64>,
    ) -> Result<Vec<i64>, StoreError> {
        let table = table.name();
        let mut statement = self.prepared(&format!(
            "SELECT day FROM {table} WHERE account_id = ? AND agent_id = ? AND day >= ? AND day < ? ORDER BY day"
        ))?;
        let end = until.unwrap_or(i64::MAX);
        let days = statement
            .query_map(params![self.account_id, self.id(agent), from, end], |row| row.get(0))?;
        Ok(days.collect::<Result<_, _>>()?)
    }

    /// Restores what a table has of an agent for a day.
    pub(crate) fn restore(
        &self,
        table: Table,
        agent: Agent,
        day: i64,
        fold: &mut Fold,
    ) -> Result<(), StoreError> {
        let table = table.name();
        let mut statement = self.prepared(&format!(
            "SELECT bytes FROM {table} WHERE account_id = ? AND agent_id = ? AND day = ?"
        ))?;
        let mut rows = statement.query(params![self.account_id, self.id(agent), day])?;
        if let Some(row) = rows.next()? {
            fold.restore(blob(row, 0)?)?;
        }
        Ok(())
    }

    fn store(&self, table: Table, agent: Agent, day: i64, fold: &Fold) -> Result<(), StoreError> {
        let Some(saved) = fold.save_agent(agent) else { return Ok(()) };
        let sql = format!("INSERT OR REPLACE INTO {} VALUES (?, ?, ?, ?)", table.name());
        let mut statement = self.prepared(&sql)?;
        statement.execute(params![self.account_id, self.id(agent), day, saved])?;
        Ok(())
    }

    fn delete(&self, table: Table, agent: Agent, day: i64) -> Result<(), StoreError> {
        let table = table.name();
        let sql = format!("DELETE FROM {table} WHERE account_id = ? AND agent_id = ? AND day = ?");
        self.prepared(&sql)?.execute(params![self.account_id, self.id(agent), day])?;
        Ok(())
    }

    /// Removes what a table has of an agent, or of none, before a day.
    fn delete_before(&self, table: Table, agent_id: Text, day: i64) -> Result<(), StoreError> {
        let table = table.name();
        let sql = format!("DELETE FROM {table} WHERE account_id = ? AND agent_id = ? AND day < ?");
        self.prepared(&sql)?.execute(params![self.account_id, agent_id, day])?;
        Ok(())
    }

    /// Notes that something is stored of an agent.
    fn note(&self, agent: Agent) -> Result<(), StoreError> {
        self.prepared("INSERT OR IGNORE INTO agent VALUES (?, ?)")?
            .execute(params![self.account_id, self.id(agent)])?;
        Ok(())
    }

    fn number(&self, key: &str) -> Result<Option<i64>, StoreError> {
        self.meta(key)
    }

    /// What is stored of the account by a name.
    pub(crate) fn meta<T: FromSql>(&self, key: &str) -> Result<Option<T>, StoreError> {
        let mut statement =
            self.prepared("SELECT value FROM meta WHERE account_id = ? AND key = ?")?;
        Ok(statement.query_row(params![self.account_id, key], |row| row.get(0)).optional()?)
    }

    /// The names of agents and groups; none if they were not read yet, or can't be.
    pub(crate) fn names(&self) -> Result<Names, StoreError> {
        let names = self.meta::<String>("names")?;
        Ok(names.and_then(|names| Names::parse(names.as_bytes()).ok()).unwrap_or_default())
    }

    /// Stores something of the account by a name.
    pub(crate) fn set(&self, key: &str, value: impl ToSql) -> Result<(), StoreError> {
        self.prepared("INSERT OR REPLACE INTO meta VALUES (?, ?, ?)")?.execute(params![
            self.account_id,
            key,
            value
        ])?;
        Ok(())
    }

    pub(crate) fn prepared(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        Ok(self.connection.prepare_cached(sql)?)
    }

    fn id_or_none(&self, agent: Option<Agent>) -> Text {
        agent.map_or(Text::NONE, |agent| self.id(agent))
    }

    fn id(&self, agent: Agent) -> Text {
        debug_assert_eq!(agent.account_id, self.account, "an agent of this account");
        Text::from(agent.agent_id)
    }

    /// The agent of a column; `None` for none.
    fn agent(&self, row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Agent>> {
        if row.get_ref(column)? == ValueRef::Text(b"") {
            return Ok(None);
        }
        let Stored(agent_id) = row.get(column)?;
        Ok(Some(Agent { account_id: self.account, agent_id }))
    }
}

/// The day of an instant, in UTC, counted from 1970.
pub(crate) fn day_of(at: Instant) -> i64 {
    at.unix_seconds().div_euclid(DAY_SECONDS)
}

/// The instant at which a day begins; the first or last instant if the day is outside of the years 0 to 9999.
pub(crate) fn begin_of(day: i64) -> Instant {
    let end = if day < 0 { Instant::MIN } else { Instant::MAX };
    day.checked_mul(DAY_SECONDS).and_then(|seconds| Instant::from_unix(seconds, 0)).unwrap_or(end)
}

/// The current day.
pub(crate) fn today() -> i64 {
    day_of(now())
}

/// Inserts an event into a fold. Of one from before an instant, only the version is taken.
pub(crate) fn insert(fold: &mut Fold, bytes: &[u8], begin: Instant) -> Result<Outcome, StoreError> {
    let event = parsed(bytes)?;
    let (Some(agent), Some(true)) = (event.agent(), at(&event)?.map(|at| at < begin)) else {
        return Ok(fold.insert(&event));
    };
    let mut expired = Fold::new();
    expired.compact(begin);
    let outcome = expired.insert(&event);
    fold.merge_agents(&expired, &[agent])?;
    Ok(outcome)
}

/// Reads an event that could be read when it came, whatever the clock says now.
fn parsed(bytes: &[u8]) -> Result<Event<'_>, StoreError> {
    Options::default().parse(bytes).map_err(|_| damaged("an event"))
}

fn at(event: &Event<'_>) -> Result<Option<Instant>, StoreError> {
    event.at(InstantFrom::UpdatedAt).map_err(|_| damaged("an event"))
}

fn damaged(what: &str) -> StoreError {
    StoreError::Damaged(format!("{what} can no longer be read"))
}

fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], StoreError> {
    Ok(row.get_ref(column)?.as_blob().map_err(rusqlite::Error::from)?)
}

/// An id as stored.
struct Stored(Id);

impl FromSql for Stored {
    fn column_result(value: ValueRef<'_>) -> rusqlite::types::FromSqlResult<Stored> {
        let id = value.as_str()?.parse();
        id.map(Stored).map_err(|error| rusqlite::types::FromSqlError::Other(Box::new(error)))
    }
}

/// An id as text, in place.
#[derive(Debug, Clone, Copy)]
struct Text {
    digits: [u8; 20],
    begin: u8,
}

impl Text {
    const NONE: Text = Text { digits: [b'0'; 20], begin: 20 };
}

impl From<Id> for Text {
    fn from(id: Id) -> Text {
        let (mut text, mut rest) = (Text::NONE, id.get());
        loop {
            text.begin -= 1;
            text.digits[usize::from(text.begin)] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return text;
            }
        }
    }
}

impl ToSql for Text {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(&self.digits[usize::from(self.begin)..])))
    }
}

#[cfg(test)]
mod tests;
