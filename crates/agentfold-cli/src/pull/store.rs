//! [`Store`]: the destination of pulled events, a file or standard output.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use agentfold::export::{Apart, Page};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The length of a file, and a checksum of its last bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    bytes: u64,
    /// The CRC-32 of the last bytes, to recognise the file.
    crc: u32,
}

/// How many bytes at the end the checksum covers.
const LOOK: u64 = 4096;

/// The destination of pulled events.
pub(crate) enum Store {
    Output(io::Stdout),
    File(File),
}

impl Store {
    /// Opens the file and truncates it to the position of the cursor. Bytes after that were written
    /// just before a crash, and will be pulled again.
    ///
    /// If events were pulled before, the file must still be there, unless `is_new_out`.
    pub(crate) fn open(
        file: &Path,
        known: Option<Extent>,
        is_new_out: bool,
    ) -> Result<Store, Failure> {
        let name = file.display();
        if let Some(failure) = irregular(file) {
            return Err(failure);
        }
        let is_gone = fs::metadata(file).map_or(true, |metadata| metadata.len() == 0);
        if is_gone && !is_new_out && known.is_some_and(|known| known.bytes > 0) {
            return Err(Failure::WrongUse(format!(
                "{name} is empty or gone, but the cursor continues after events that were written to \
                 it: put the file back; or add --new-out to continue without them; or delete the \
                 cursor and give --since to pull them again"
            )));
        }
        let wrong = |error| Failure::WrongUse(format!("cannot open {name}: {error}"));
        let mut opened =
            OpenOptions::new().read(true).append(true).create(true).open(file).map_err(wrong)?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::WrongUse(format!("another pull is writing to {name}")));
            }
            // Some file systems do not support locks.
            Err(TryLockError::Error(_)) => {}
        }
        let length = opened.metadata().map_err(wrong)?.len();
        if length == 0 {
            return Ok(Store::File(opened));
        }
        let Some(known) = known else {
            return Err(Failure::WrongUse(format!(
                "{name} exists, and no cursor belongs to it: give another file, or the --cursor that \
                 it was pulled with"
            )));
        };
        if known.bytes > length || extent(&mut opened, known.bytes).map_err(wrong)? != known {
            return Err(Failure::WrongUse(format!(
                "{name} has changed since the cursor was stored: give the file that the cursor belongs \
                 to, or a new one"
            )));
        }
        opened.set_len(known.bytes).map_err(wrong)?;
        Ok(Store::File(opened))
    }

    /// The present extent of the file.
    pub(crate) fn extent(&mut self) -> io::Result<Option<Extent>> {
        let Store::File(file) = self else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        extent(file, length).map(Some)
    }

    /// Appends records to the file for records that are kept apart.
    pub(crate) fn write_apart(file: &Path, records: &[Apart<'_>]) -> Result<(), Failure> {
        if let Some(failure) = irregular(file) {
            return Err(failure);
        }
        let write = || -> io::Result<()> {
            let mut opened = OpenOptions::new().append(true).create(true).open(file)?;
            let text: String = records.iter().map(Apart::to_line).collect();
            opened.write_all(text.as_bytes())?;
            opened.sync_data()
        };
        let wrong = |error| Failure::Problems(format!("cannot write {}: {error}", file.display()));
        write().map_err(wrong)
    }

    /// Writes the events of a page, and waits until they are on disk.
    pub(crate) fn write(&mut self, page: &Page<'_>) -> io::Result<()> {
        let text = page.to_ndjson();
        match self {
            Store::Output(output) => {
                output.write_all(text.as_bytes())?;
                output.flush()
            }
            Store::File(file) => {
                file.write_all(text.as_bytes())?;
                file.sync_data()
            }
        }
    }
}

/// The extent of the first `bytes` bytes of a file that is at least as long.
fn extent(file: &mut File, bytes: u64) -> io::Result<Extent> {
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(bytes.saturating_sub(LOOK)))?;
    (&*file).take(bytes.min(LOOK)).read_to_end(&mut last)?;
    Ok(Extent { bytes, crc: crc32fast::hash(&last) })
}

/// Why a path is not that of a regular file, if it is something else: a device or pipe has no end to
/// continue at, and reading from a pipe may never end.
pub(crate) fn irregular(file: &Path) -> Option<Failure> {
    let metadata = fs::metadata(file).ok()?;
    (!metadata.is_file()).then(|| {
        Failure::WrongUse(format!(
            "{} is not a regular file, so a pull cannot continue in it: to write events to a pipe or \
             a device, leave out --out, and redirect standard output",
            file.display()
        ))
    })
}

/// The file for the records that are kept apart from the events in `out`.
pub(crate) fn apart_of(out: &Path) -> PathBuf {
    let mut apart = out.as_os_str().to_owned();
    apart.push(".apart");
    PathBuf::from(apart)
}
