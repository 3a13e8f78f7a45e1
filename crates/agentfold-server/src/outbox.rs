//! [`Outbox`]: the alerts that were told, and messages about alerts that wait to be sent.

use agentfold::Id;
use agentfold::alert::Episode;
use rusqlite::types::ToSqlOutput;
use rusqlite::{OptionalExtension, Params, ToSql, params};
use sha2::{Digest, Sha256};

use crate::accounts::Receiver;
use crate::clock::now;
use crate::database::{Database, StoreError};
use crate::history::History;

/// The tables. A message has the second since which it waits, `told` the episodes that were told, as JSON.
pub(crate) const TABLES: &str = "
    CREATE TABLE message (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, account_id TEXT NOT NULL, receiver BLOB NOT NULL, body TEXT NOT NULL,
        since INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX message_receiver ON message (account_id, receiver, seq);
    CREATE TABLE told (account_id TEXT PRIMARY KEY, episodes TEXT NOT NULL) STRICT, WITHOUT ROWID;
";

/// How many messages wait for a receiver at most, and for how many seconds they are tried.
const WAITING: usize = 10_000;
const TRIED: i64 = 3600;

/// A receiver as stored: the hash of its URL, since everyone who knows Slack's can send to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key([u8; 32]);

impl Key {
    pub(crate) fn of(receiver: &Receiver) -> Key {
        Key(Sha256::digest(receiver.url.reveal()).into())
    }
}

impl ToSql for Key {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0[..].to_sql()
    }
}

/// How many messages wait, and how many no receiver took, of those that are no longer sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Messages {
    pub(crate) waiting: u64,
    pub(crate) dropped: u64,
}

impl Messages {
    /// Those of all accounts.
    pub(crate) fn of_all(database: &Database) -> Result<Messages, StoreError> {
        let count = |sql| database.connection().query_row(sql, [], |row| row.get::<_, i64>(0));
        let waiting = count("SELECT count(*) FROM message")?;
        let dropped = count("SELECT coalesce(sum(value), 0) FROM meta WHERE key = 'dropped'")?;
        Ok(Messages { waiting: waiting.unsigned_abs(), dropped: dropped.unsigned_abs() })
    }
}

/// The outbox of an account. A message that a receiver took or refused is not sent again; one that it did not answer is
/// tried for an hour, so a message whose answer was lost arrives twice.
pub(crate) struct Outbox<'h, 'c> {
    history: &'h History<'c>,
    account: Id,
    account_id: String,
}

impl<'h, 'c> Outbox<'h, 'c> {
    pub(crate) fn of(history: &'h History<'c>) -> Outbox<'h, 'c> {
        let account = history.account();
        Outbox { history, account, account_id: account.to_string() }
    }

    pub(crate) fn told(&self) -> Result<Vec<Episode>, StoreError> {
        let mut select = self.history.prepared("SELECT episodes FROM told WHERE account_id = ?")?;
        let told = select.query_row([&self.account_id], |row| row.get::<_, String>(0));
        let told = told.optional()?.map(|text| serde_json::from_str(&text)).transpose();
        Ok(told.map_err(|error| StoreError::Damaged(error.to_string()))?.unwrap_or_default())
    }

    /// Stores the episodes that were reported and go on, and messages about those that began or ended.
    pub(crate) fn tell(&self, told: &str, messages: &[(Key, String)]) -> Result<(), StoreError> {
        let mut replace = self.history.prepared("INSERT OR REPLACE INTO told VALUES (?, ?)")?;
        replace.execute(params![self.account_id, told])?;
        let mut insert = self.history.prepared("INSERT INTO message VALUES (NULL, ?, ?, ?, ?)")?;
        let since = now().unix_seconds();
        for (receiver, body) in messages {
            insert.execute(params![self.account_id, receiver, body, since])?;
        }
        Ok(())
    }

    /// Drops messages that are too old, too many for a receiver, or for none of these.
    pub(crate) fn sort_out(&self, receivers: &[Key]) -> Result<(), StoreError> {
        let account_id = &self.account_id;
        let too_old = now().unix_seconds() - TRIED;
        self.drop("nobody took them within an hour", "since < ?2", params![account_id, too_old])?;
        let mut select =
            self.history.prepared("SELECT DISTINCT receiver FROM message WHERE account_id = ?")?;
        let known = select.query_map([account_id], |row| row.get(0).map(Key))?;
        for receiver in known.collect::<Result<Vec<Key>, _>>()? {
            let of_receiver = params![account_id, receiver, WAITING as i64];
            if receivers.contains(&receiver) {
                let excess = "receiver = ?2 AND seq <= (SELECT seq FROM message
                    WHERE account_id = ?1 AND receiver = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)";
                self.drop("too many wait", excess, of_receiver)?;
            } else {
                let all = params![account_id, receiver];
                self.drop("the receiver was removed", "receiver = ?2", all)?;
            }
        }
        Ok(())
    }

    /// The message for a receiver that has waited the longest.
    pub(crate) fn first(&self, receiver: Key) -> Result<Option<(i64, String)>, StoreError> {
        let mut select = self.history.prepared(
            "SELECT seq, body FROM message WHERE account_id = ? AND receiver = ? ORDER BY seq LIMIT 1",
        )?;
        let row = select
            .query_row(params![self.account_id, receiver], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(row.optional()?)
    }

    /// Removes a message that a receiver took.
    pub(crate) fn taken(&self, seq: i64) -> Result<(), StoreError> {
        self.history.prepared("DELETE FROM message WHERE seq = ?")?.execute([seq])?;
        Ok(())
    }

    /// Drops a message that a receiver refused.
    pub(crate) fn refused(&self, seq: i64) -> Result<(), StoreError> {
        self.drop("the receiver refused them", "seq = ?2", params![self.account_id, seq])
    }

    pub(crate) fn messages(&self) -> Result<Messages, StoreError> {
        let mut select =
            self.history.prepared("SELECT count(*) FROM message WHERE account_id = ?")?;
        let waiting: i64 = select.query_row([&self.account_id], |row| row.get(0))?;
        let dropped: i64 = self.history.meta("dropped")?.unwrap_or(0);
        Ok(Messages { waiting: waiting.unsigned_abs(), dropped: dropped.unsigned_abs() })
    }

    fn drop(&self, why: &str, which: &str, values: impl Params) -> Result<(), StoreError> {
        let sql = format!("DELETE FROM message WHERE account_id = ?1 AND {which}");
        let count = self.history.prepared(&sql)?.execute(values)?;
        if count > 0 {
            tracing::error!(account = %self.account, count, "messages about alerts are dropped: {why}");
            let dropped: i64 = self.history.meta("dropped")?.unwrap_or(0);
            self.history.set("dropped", dropped + count as i64)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_that_are_too_old_too_many_or_for_nobody_are_dropped_and_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut database = Database::create_or_open(&folder.path().join("a.db")).expect("created");
        let done = database.transaction(|connection| {
            let history = History::new(connection, Id::new(2), 0);
            let outbox = Outbox::of(&history);
            let [known, removed] = [Key([1; 32]), Key([2; 32])];
            let mut messages: Vec<(Key, String)> =
                (0..WAITING + 5).map(|number| (known, number.to_string())).collect();
            messages.push((removed, String::new()));
            outbox.tell("[]", &messages)?;
            outbox.sort_out(&[known])?;
            let waiting = WAITING as u64;
            assert_eq!(outbox.messages()?, Messages { waiting, dropped: 6 });
            let (first, body) = outbox.first(known)?.expect("a message");
            assert_eq!(body, "5");
            outbox.taken(first)?;
            outbox.refused(first + 1)?;
            let old = "UPDATE message SET since = since - 3601 WHERE seq < ?";
            connection.execute(old, [first + 10])?;
            outbox.sort_out(&[known])?;
            assert_eq!(outbox.messages()?, Messages { waiting: waiting - 10, dropped: 15 });
            Ok(())
        });
        done.expect("stored");
    }
}
