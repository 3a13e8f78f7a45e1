//! [`Store`]: where pulled events go, a file or standard output.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use agentfold::export::Page;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// How far a file goes, and what stands before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    bytes: u64,
    /// The CRC-32 of the last bytes, to know the file again.
    crc: u32,
}

/// How many bytes before the end are looked at.
const LOOK: u64 = 4096;

/// Where pulled events go.
pub(crate) enum Store {
    Output(io::Stdout),
    File(File),
}

impl Store {
    /// The file, cut back to where the cursor stands: what is after that was written just before a
    /// crash, and comes again.
    pub(crate) fn open(file: &Path, known: Option<Extent>) -> Result<Store, Failure> {
        let name = file.display();
        let wrong = |error| Failure::WrongUse(format!("can't open {name}: {error}"));
        let mut opened =
            OpenOptions::new().read(true).append(true).create(true).open(file).map_err(wrong)?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::WrongUse(format!("another pull writes to {name}")));
            }
            // Some file systems have no locks.
            Err(TryLockError::Error(_)) => {}
        }
        let length = opened.metadata().map_err(wrong)?.len();
        if length == 0 {
            return Ok(Store::File(opened));
        }
        let Some(known) = known else {
            return Err(Failure::WrongUse(format!(
                "{name} is there already, and no cursor tells how far it goes: give another file, \
                 or the --cursor that it was pulled with"
            )));
        };
        if known.bytes > length || extent(&mut opened, known.bytes).map_err(wrong)? != known {
            return Err(Failure::WrongUse(format!(
                "{name} is not as the cursor left it: give the file that it was pulled to, or a new \
                 one to go on there"
            )));
        }
        opened.set_len(known.bytes).map_err(wrong)?;
        Ok(Store::File(opened))
    }

    /// How far the file goes.
    pub(crate) fn extent(&mut self) -> io::Result<Option<Extent>> {
        let Store::File(file) = self else {
            return Ok(None);
        };
        let length = file.metadata()?.len();
        extent(file, length).map(Some)
    }

    /// Writes the events of a page, and waits until they are there to stay.
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

/// The extent of so many bytes of a file, which has as many.
fn extent(file: &mut File, bytes: u64) -> io::Result<Extent> {
    let mut last = Vec::new();
    file.seek(SeekFrom::Start(bytes.saturating_sub(LOOK)))?;
    (&*file).take(bytes.min(LOOK)).read_to_end(&mut last)?;
    Ok(Extent { bytes, crc: crc32fast::hash(&last) })
}
