//! Copies the database while the server runs.

use std::fs::{self, OpenOptions};
use std::path::Path;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::database::{Database, StoreError, open_file, unusable};

/// Copies the database at `path` to a new file. It may be in use: the copy is as of one instant, and no delivery waits
/// for it.
///
/// # Errors
/// `io` if there is a file already, which is left as it is; else as for any use of a database. An incomplete copy is
/// removed.
pub fn backup(path: &Path, to: &Path) -> Result<(), StoreError> {
    let database = Database::open_to_read(path)?;
    open_file(to, OpenOptions::new().write(true).create_new(true))?;
    let copied = copy(&database, to);
    if copied.is_err() {
        // The copy failed for a reason of more use than why this might fail too.
        fs::remove_file(to).ok();
    }
    copied
}

fn copy(database: &Database, to: &Path) -> Result<(), StoreError> {
    let mut copy = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // In one step, since each commit of the server would begin the copy again.
    match Backup::new(database.connection(), &mut copy)?.step(-1)? {
        StepResult::Done => {}
        _ => return Err(StoreError::Io("the database is busy: try again".to_owned())),
    }
    copy.close().map_err(|(_, error)| error)?;
    let file = fs::File::open(to).and_then(|file| file.sync_all());
    file.map_err(|error| unusable(to, &error))
}
