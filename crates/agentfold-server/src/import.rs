//! Takes in events from files, and what another instance stored.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use agentfold::stream::{Record, RecordText, Stream};
use agentfold::{Agent, Event, Fold, Id, Options};
use rusqlite::Connection;
use serde::Serialize;

use crate::database::{Database, StoreError};
use crate::history::{History, Table, today};
use crate::raw;

/// How many bytes of events are stored in one transaction.
const BATCH: usize = 8 << 20;

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Imported {
    /// Events that are new.
    pub added: u64,
    /// Events that were stored before.
    pub duplicate: u64,
    /// Events of before the first day of which history is kept. They are not stored.
    pub expired: u64,
    /// Records that can't be read.
    pub unreadable: u64,
}

/// Events by account and agent, each with the day of those that state none.
type Batch = BTreeMap<(Id, Option<Agent>), Vec<(i64, Vec<u8>)>>;

/// An import into the database of an instance that does not run.
struct Import<'d> {
    database: &'d mut Database,
    today: i64,
    batch: Batch,
    size: usize,
    touched: BTreeSet<Agent>,
    imported: Imported,
}

/// Takes in all events of a reader, in any form that the core reads. Those that are stored already change nothing, so an
/// import that was interrupted can be repeated. Events of no agent are stored for `account`, or refused as unreadable
/// without one.
///
/// # Errors
/// `locked` if an instance runs; `io` if the reader fails; else as for any use of a database. What was taken in until
/// then stays.
pub fn import_events(
    path: &Path,
    reader: &mut dyn Read,
    options: &Options,
    account: Option<Id>,
) -> Result<Imported, StoreError> {
    let mut database = Database::create_or_open(path)?;
    let mut import = Import::new(&mut database);
    let mut stream = Stream::new(options);
    while stream.read_from(reader).or_else(again)? > 0 || !stream.is_finished() {
        while let Some(text) = stream.next_text() {
            import.record(&text, options, account)?;
        }
    }
    import.end()
}

/// Takes in what another instance stored: its events, and what REST records said. Those that are stored already change
/// nothing. What is left of history that the other one removed, and where its history begins, is taken in for accounts
/// that are new here. What Zendesk can be asked for again, such as names, is not.
///
/// # Errors
/// As [`import_events`].
pub fn import_database(path: &Path, from: &Path) -> Result<Imported, StoreError> {
    let mut database = Database::create_or_open(path)?;
    let other = Database::open_to_read(from)?;
    let snapshot = other.connection().unchecked_transaction()?;
    let mut import = Import::new(&mut database);
    for account in History::accounts(&snapshot)? {
        let others = History::new(&snapshot, account, import.today);
        import.begin(account, &others)?;
        for agent in others.agents()?.into_iter().map(Some).chain([None]) {
            for day in others.raw_days(agent)? {
                for lines in others.raw(agent, day)? {
                    for event in raw::events(&lines) {
                        import.event(account, agent, day, event.to_vec())?;
                    }
                }
            }
            for bytes in others.events(agent)? {
                import.event(account, agent, import.today, bytes)?;
            }
            if let Some(agent) = agent {
                import.seeds(agent, &others)?;
            }
        }
    }
    import.end()
}

/// Reads again if a reader was only interrupted.
fn again(error: std::io::Error) -> Result<usize, StoreError> {
    if error.kind() == std::io::ErrorKind::Interrupted { Ok(1) } else { Err(error.into()) }
}

impl Import<'_> {
    fn new(database: &mut Database) -> Import<'_> {
        Import {
            database,
            today: today(),
            batch: Batch::new(),
            size: 0,
            touched: BTreeSet::new(),
            imported: Imported::default(),
        }
    }

    fn record(
        &mut self,
        text: &RecordText<'_>,
        options: &Options,
        account: Option<Id>,
    ) -> Result<(), StoreError> {
        if let Ok(event) = options.parse(text.bytes) {
            return self.stated(&event, text.bytes.to_vec(), account);
        }
        if text.is_warning() {
            return Ok(());
        }
        // It may carry events in an envelope.
        let mut stream = Stream::new(options);
        stream.push(text.bytes);
        stream.end();
        let mut count = 0;
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => {
                    let json = event.to_json().into_bytes();
                    self.stated(&event, json, account)?;
                }
                Record::Unreadable(bad) if bad.is_warning() => {}
                Record::Unreadable(_) => self.imported.unreadable += 1,
            }
            count += 1;
        }
        self.imported.unreadable += u64::from(count == 0);
        Ok(())
    }

    fn stated(
        &mut self,
        event: &Event<'_>,
        bytes: Vec<u8>,
        account: Option<Id>,
    ) -> Result<(), StoreError> {
        let agent = event.agent();
        match agent.map(|agent| agent.account_id).or(account) {
            Some(account) => self.event(account, agent, self.today, bytes),
            None => {
                self.imported.unreadable += 1;
                Ok(())
            }
        }
    }

    fn event(
        &mut self,
        account: Id,
        agent: Option<Agent>,
        day: i64,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.size += bytes.len();
        self.batch.entry((account, agent)).or_default().push((day, bytes));
        if self.size < BATCH { Ok(()) } else { self.store() }
    }

    fn store(&mut self) -> Result<(), StoreError> {
        let (batch, today) = (std::mem::take(&mut self.batch), self.today);
        self.size = 0;
        self.touched.extend(batch.keys().filter_map(|(_, agent)| *agent));
        let before = self.imported;
        let stored = self.database.transaction(|connection| {
            let mut imported = before;
            for ((account, agent), events) in &batch {
                History::new(connection, *account, today).import(*agent, events, &mut imported)?;
            }
            Ok(imported)
        });
        self.imported = stored?;
        Ok(())
    }

    /// Takes in what is left of removed history, of an account that is new.
    fn begin(&mut self, account: Id, others: &History<'_>) -> Result<(), StoreError> {
        let today = self.today;
        self.database.transaction(|connection| {
            let history = History::new(connection, account, today);
            let Some(cut) = others.cut()? else { return Ok(()) };
            if history.cut()?.is_some() || !history.agents()?.is_empty() {
                return Ok(());
            }
            history.set_cut(cut)?;
            for agent in others.agents()? {
                let mut left = Fold::new();
                let first = others.days(Table::Base, agent, i64::MIN, None)?.first().copied();
                if let Some(day) = first.filter(|day| *day <= cut) {
                    others.restore(Table::Base, agent, day, &mut left)?;
                    history.begin(agent, day, &left)?;
                }
            }
            Ok(())
        })
    }

    fn seeds(&mut self, agent: Agent, others: &History<'_>) -> Result<(), StoreError> {
        let today = self.today;
        self.database.transaction(|connection: &Connection| {
            let history = History::new(connection, agent.account_id, today);
            for day in others.days(Table::Seed, agent, i64::MIN, None)? {
                let (mut known, mut seed) = (Fold::new(), Fold::new());
                history.restore(Table::Seed, agent, day, &mut known)?;
                others.restore(Table::Seed, agent, day, &mut seed)?;
                let before = known.save_agent(agent);
                known.merge(&seed)?;
                if history.cut()?.is_none_or(|cut| day >= cut) && known.save_agent(agent) != before
                {
                    history.add(agent, day, seed)?;
                }
            }
            Ok(())
        })?;
        self.touched.insert(agent);
        Ok(())
    }

    /// Stores the rest, and computes the bases that answers are made from.
    fn end(mut self) -> Result<Imported, StoreError> {
        self.store()?;
        for agent in std::mem::take(&mut self.touched) {
            let today = self.today;
            self.database.transaction(|connection| {
                let history = History::new(connection, agent.account_id, today);
                for day in history.stale_of(agent)? {
                    history.renew(agent, day)?;
                }
                history.settle_weeks(agent, today - 1)
            })?;
        }
        Ok(self.imported)
    }
}

#[cfg(test)]
mod tests;
