//! [`Bookmark`]: the position of a pull, stored in a file.

use std::fs;
use std::io;
use std::path::Path;

use agentfold::export::Cursor;
use serde::{Deserialize, Serialize};

use super::replaced::replace;
use super::store::{Extent, irregular};
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
        let mut text = serde_json::to_vec(self).expect("INVARIANT: a position is JSON");
        text.push(b'\n');
        replace(file, &text)
    }
}
