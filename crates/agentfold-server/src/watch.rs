//! [`Watch`]: notices when files change.

use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// Files, with what was last seen of them.
///
/// Their content is compared, not their time: they are small, and an editor, a mounted secret or a coarse
/// clock can change one without the other.
#[derive(Debug)]
pub(crate) struct Watch {
    files: Vec<PathBuf>,
    seen: Option<[u8; 32]>,
}

impl Watch {
    pub(crate) fn new(files: Vec<PathBuf>) -> Watch {
        let mut watch = Watch { files, seen: None };
        watch.has_changed();
        watch
    }

    /// Whether a file has another content than when this was last asked, is there only now, or can no longer
    /// be read.
    pub(crate) fn has_changed(&mut self) -> bool {
        let mut digest = Sha256::new();
        for file in &self.files {
            match fs::read(file) {
                Ok(bytes) => digest.update([[1; 32], Sha256::digest(bytes).into()].concat()),
                Err(_) => digest.update([0]),
            }
        }
        let now = Some(digest.finalize().into());
        std::mem::replace(&mut self.seen, now) != now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_noticed_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        let mut watch = Watch::new(vec![file.clone()]);
        assert!(!watch.has_changed(), "it is not there");
        for text in ["one", "two"] {
            fs::write(&file, text).expect("written");
            assert!(watch.has_changed(), "{text}");
            assert!(!watch.has_changed(), "{text}");
        }
        fs::remove_file(&file).expect("removed");
        assert!(watch.has_changed());
        assert!(!watch.has_changed());
    }
}
