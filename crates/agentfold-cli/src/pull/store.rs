//! [`Store`]: the destination of pulled events, a file or standard output.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use agentfold::export::Page;
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
    pub(crate) fn open(file: &Path, known: Option<Extent>) -> Result<Store, Failure> {
        let name = file.display();
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
