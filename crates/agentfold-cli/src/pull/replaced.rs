//! Files that are replaced as a whole.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Replaces the file atomically, even if the power fails.
pub(crate) fn replace(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let name = file.display();
    let wrong = |error| Failure::Problems(format!("cannot write {name}: {error}"));
    // Through a link, replace the file that it leads to.
    let file = fs::canonicalize(file).unwrap_or_else(|_| file.to_owned());
    let new = new_file(&file);
    let write = || -> io::Result<()> {
        // What a crash left, or a link: never write through it.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut written = OpenOptions::new().write(true).create_new(true).open(&new)?;
        written.write_all(bytes)?;
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

/// The file that is written before it replaces `file`.
pub(crate) fn new_file(file: &Path) -> PathBuf {
    let mut new = file.as_os_str().to_owned();
    new.push(".new");
    PathBuf::from(new)
}
