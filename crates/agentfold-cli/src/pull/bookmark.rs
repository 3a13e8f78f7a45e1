//! [`Bookmark`]: the position of a pull, stored in a file.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use agentfold::export::Cursor;
use serde::{Deserialize, Serialize};

use super::store::Extent;
use super::store::irregular;
use crate::failure::Failure;

/// The position of a pull.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bookmark {
    /// The host that the cursor belongs to.
    pub(crate) host: String,
    pub(crate) cursor: Cursor,
    /// The extent of the file of events, if there is one.
    pub(crate) out: Option<Extent>,
}

impl Bookmark {
    /// Reads the file; `None` if it does not exist.
    pub(crate) fn load(file: &Path) -> Result<Option<Bookmark>, Failure> {
        let name = file.display();
        if let Some(failure) = irregular(file) {
            return Err(failure);
        }
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::WrongUse(format!("cannot read {name}: {error}")));
            }
        };
        let bookmark = serde_json::from_slice(&text);
        let wrong = |error| Failure::WrongUse(format!("{name} is not a cursor: {error}"));
        bookmark.map(Some).map_err(wrong)
    }

    /// Replaces the file atomically, even if the power fails.
    pub(crate) fn save(&self, file: &Path) -> Result<(), Failure> {
        let name = file.display();
        let wrong = |error| Failure::Problems(format!("cannot write {name}: {error}"));
        // Through a link, replace the file that it leads to.
        let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
        let new = Bookmark::new_file(&file);
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_vec(self)?;
            text.push(b'\n');
            // What a crash left, or a link: never write through it.
            match fs::remove_file(&new) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut written = OpenOptions::new().write(true).create_new(true).open(&new)?;
            written.write_all(&text)?;
            written.sync_all()?;
            fs::rename(&new, &file)
        };
        let written = write().map_err(wrong);
        if written.is_err() {
            // Leave no half of a file, on a full disk for example. The error is reported anyway.
            let _ = fs::remove_file(&new);
        }
        written
    }

    /// The file that a new cursor is written to before it replaces `file`.
    pub(crate) fn new_file(file: &Path) -> PathBuf {
        let mut new = file.as_os_str().to_owned();
        new.push(".new");
        PathBuf::from(new)
    }
}
