//! [`Bookmark`]: where a pull stands, in a file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use agentfold::export::Cursor;
use serde::{Deserialize, Serialize};

use super::store::Extent;
use crate::failure::Failure;

/// Where a pull stands.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bookmark {
    /// Whom the cursor asks.
    pub(crate) host: String,
    pub(crate) cursor: Cursor,
    /// How far the file of events goes, where there is one.
    pub(crate) out: Option<Extent>,
}

impl Bookmark {
    /// What the file holds, or nothing if there is none.
    pub(crate) fn load(file: &Path) -> Result<Option<Bookmark>, Failure> {
        let name = file.display();
        let text = match fs::read(file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::WrongUse(format!("can't read {name}: {error}")));
            }
        };
        let bookmark = serde_json::from_slice(&text);
        let wrong = |error| Failure::WrongUse(format!("{name} is no cursor: {error}"));
        bookmark.map(Some).map_err(wrong)
    }

    /// Takes the place of what the file held, all or nothing, whenever the power fails.
    pub(crate) fn save(&self, file: &Path) -> Result<(), Failure> {
        let name = file.display();
        let wrong = |error| Failure::Problems(format!("can't save {name}: {error}"));
        let mut new = file.as_os_str().to_owned();
        new.push(".new");
        let new = PathBuf::from(new);
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_vec(self)?;
            text.push(b'\n');
            let mut written = File::create(&new)?;
            written.write_all(&text)?;
            written.sync_all()?;
            fs::rename(&new, file)
        };
        write().map_err(wrong)
    }
}
