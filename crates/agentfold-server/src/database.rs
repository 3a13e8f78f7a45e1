//! [`Database`]: the file in which everything is stored, and [`StoreError`]: why it can't be used.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::outbox;
use crate::tokens;

/// "agfd": tells the file from those of other programs.
const APPLICATION: i32 = 0x6167_6664;
/// The version of the tables.
const VERSION: i32 = 1;
/// How long a connection waits for another one that is just writing.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many statements stay prepared.
const STATEMENTS: usize = 64;

/// SQLite finds damage of its pages, but not of what is in them. So events have a checksum, as folds and compressed
/// lines have.
///
/// - `event`: events as received, which are not saved in their days yet;
/// - `day`, `base`, `stale`, `agent`: see `History`;
/// - `raw`: the events of a day as received, for good: lines, compressed, in parts;
/// - `seed`: what REST records said of an agent, which is in no event;
/// - `meta`: all else that an account has.
const TABLES: &str = "
    CREATE TABLE event (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, account_id TEXT NOT NULL, agent_id TEXT NOT NULL,
        crc INTEGER NOT NULL, bytes BLOB NOT NULL
    ) STRICT;
    CREATE INDEX event_agent ON event (account_id, agent_id);
    CREATE TABLE agent (
        account_id TEXT NOT NULL, agent_id TEXT NOT NULL, PRIMARY KEY (account_id, agent_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE day (
        account_id TEXT NOT NULL, agent_id TEXT NOT NULL, day INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, agent_id, day)
    ) STRICT;
    CREATE TABLE base (
        account_id TEXT NOT NULL, agent_id TEXT NOT NULL, day INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, agent_id, day)
    ) STRICT;
    CREATE TABLE seed (
        account_id TEXT NOT NULL, agent_id TEXT NOT NULL, day INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (account_id, agent_id, day)
    ) STRICT;
    CREATE TABLE stale (
        account_id TEXT NOT NULL, agent_id TEXT NOT NULL, day INTEGER NOT NULL,
        PRIMARY KEY (account_id, agent_id, day)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE raw (
        account_id TEXT NOT NULL, agent_id TEXT NOT NULL, day INTEGER NOT NULL, part INTEGER NOT NULL,
        bytes BLOB NOT NULL, PRIMARY KEY (account_id, agent_id, day, part)
    ) STRICT;
    CREATE TABLE meta (
        account_id TEXT NOT NULL, key TEXT NOT NULL, value ANY NOT NULL, PRIMARY KEY (account_id, key)
    ) STRICT, WITHOUT ROWID;
";

/// A connection to the file in which everything is stored.
#[derive(Debug)]
pub(crate) struct Database {
    connection: Connection,
    /// Held by the instance that writes, until it ends.
    _lock: Option<File>,
}

/// Why the database can't be used, or a change of it was not stored. A change that was not stored left nothing
/// half done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another instance has the database open.
    #[error("{} is used by another instance: stop it, or choose another file", .0.display())]
    Locked(PathBuf),
    /// The file is not a database of this program.
    #[error("{} is not a database of agentfold: choose another file", .0.display())]
    NotADatabase(PathBuf),
    /// The file, or something in it, is damaged.
    #[error("the database is damaged: restore a backup ({0})")]
    Damaged(String),
    /// A newer version of this program wrote the file.
    #[error("the database was written by a newer version of agentfold: upgrade to use it")]
    NewerVersion,
    /// The disk is full, or the file may not grow.
    #[error("the disk is full: nothing more can be stored until there is room")]
    Full,
    /// The file can't be read or written.
    #[error("the database can't be read or written: {0}")]
    Io(String),
    /// Folds can't be joined.
    #[error(transparent)]
    Fold(agentfold::Error),
}

impl StoreError {
    /// The stable name of the error, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            StoreError::Locked(_) => "locked",
            StoreError::NotADatabase(_) => "not_a_database",
            StoreError::Damaged(_) => "damaged",
            StoreError::NewerVersion => "newer_version",
            StoreError::Full => "full",
            StoreError::Io(_) => "io",
            StoreError::Fold(error) => error.code(),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> StoreError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged(error.to_string())
            }
            // Of the kind of a column or a text, which only this program writes.
            None => StoreError::Damaged(error.to_string()),
            Some(_) => StoreError::Io(error.to_string()),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> StoreError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
            _ => StoreError::Io(error.to_string()),
        }
    }
}

impl From<agentfold::Error> for StoreError {
    fn from(error: agentfold::Error) -> StoreError {
        use agentfold::ErrorKind;
        match error.kind() {
            ErrorKind::NotSaved | ErrorKind::Damaged => StoreError::Damaged(error.to_string()),
            ErrorKind::NewerVersion => StoreError::NewerVersion,
            _ => StoreError::Fold(error),
        }
    }
}

impl Database {
    /// Opens the database of the instance that writes, and creates it if there is none.
    ///
    /// # Errors
    /// `locked` if another instance has it open; `not_a_database`, `newer_version` or `damaged`; `full` or `io`.
    pub(crate) fn create_or_open(path: &Path) -> Result<Database, StoreError> {
        let lock = lock(path)?;
        open_file(path, OpenOptions::new().read(true).append(true).create(true))?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Before anything is changed.
        version(&connection, path)?;
        // Committed means on the disk, also if the power fails. Pages change in most commits, and are copied from the
        // log into the file once in 64 MiB of it, since that takes longer than the commits.
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;
             PRAGMA wal_autocheckpoint = 16384;",
        )?;
        let mut database = Database { connection, _lock: Some(lock) };
        database.transaction(|connection| match version(connection, path)? {
            Some(_) => Ok(()),
            None => {
                connection.execute_batch(TABLES)?;
                connection.execute_batch(outbox::TABLES)?;
                tokens::create(connection)?;
                connection.pragma_update(None, "application_id", APPLICATION)?;
                Ok(connection.pragma_update(None, "user_version", VERSION)?)
            }
        })?;
        Ok(database)
    }

    /// Opens the database only to read, beside the instance that writes.
    ///
    /// # Errors
    /// As [`Database::create_or_open`], but never `locked`; `io` if there is no file.
    pub(crate) fn open_to_read(path: &Path) -> Result<Database, StoreError> {
        Database::open_existing(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens the database beside the instance that writes, for small changes of what that instance reads again, such
    /// as tokens.
    ///
    /// # Errors
    /// As [`Database::open_to_read`].
    pub(crate) fn open_beside(path: &Path) -> Result<Database, StoreError> {
        let database = Database::open_existing(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.connection.execute_batch("PRAGMA synchronous = FULL;")?;
        Ok(database)
    }

    fn open_existing(path: &Path, flags: OpenFlags) -> Result<Database, StoreError> {
        File::open(path).map_err(|error| unusable(path, &error))?;
        let connection = connect(path, flags)?;
        match version(&connection, path)? {
            Some(_) => Ok(Database { connection, _lock: None }),
            None => Err(StoreError::NotADatabase(path.to_owned())),
        }
    }

    pub(crate) fn into_connection(self) -> Connection {
        self.connection
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Lets pages be read from the file again, since some may have been read wrongly.
    pub(crate) fn forget_pages(&self) {
        drop(self.connection.execute_batch("PRAGMA shrink_memory;"));
    }

    /// Makes a change, and stores all of it or, if it fails, nothing.
    pub(crate) fn transaction<T>(
        &mut self,
        change: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        // At once, since to become a writer later fails if another connection wrote meanwhile.
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let changed = change(&transaction)?;
        transaction.commit()?;
        Ok(changed)
    }
}

/// Locks a file beside the database. The lock ends with the process, however it ends.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = open_file(Path::new(&name), OpenOptions::new().append(true).create(true))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(path, &error)),
    }
}

/// Opens a file that only its owner may read once it is created: it contains data of persons.
pub(crate) fn open_file(path: &Path, options: &mut OpenOptions) -> Result<File, StoreError> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(path).map_err(|error| unusable(path, &error))
}

pub(crate) fn unusable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Io(format!("{}: {error}", path.display()))
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Finds more of the damage of a page when it is read.
    connection.pragma_update(None, "cell_size_check", true)?;
    // Reads the file for the first time.
    let read = connection.pragma_query_value(None, "application_id", |_| Ok(()));
    match read {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(StoreError::NotADatabase(path.to_owned()))
        }
        read => Ok(read.map(|()| connection)?),
    }
}

/// The version of the tables; `None` if there are none yet.
fn version(connection: &Connection, path: &Path) -> Result<Option<i32>, StoreError> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    match (number("application_id")?, number("user_version")?) {
        (APPLICATION, VERSION) => Ok(Some(VERSION)),
        (APPLICATION, _) => Err(StoreError::NewerVersion),
        _ => {
            let count: i64 =
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            if count == 0 { Ok(None) } else { Err(StoreError::NotADatabase(path.to_owned())) }
        }
    }
}

#[cfg(test)]
mod tests;
