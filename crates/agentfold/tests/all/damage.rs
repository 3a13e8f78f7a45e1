//! A damaged saved fold is refused, and the fold that it was to be restored into is unchanged.

use agentfold::event::InstantFrom;
use agentfold::{Fold, Options};

/// Returns a saved fold of a few events.
fn small() -> Vec<u8> {
    let sample = include_str!("../../../../tests/vectors/documents/availability.ndjson");
    let mut fold = Fold::new();
    let counts = fold.read(sample.as_bytes(), |bad| panic!("{:?}", bad.issues));
    assert_eq!(counts.applied, counts.total());
    fold.compact("2023-04-01T00:00:00Z".parse().expect("an instant"));
    fold.save()
}

/// Restores damaged bytes into a fold that is not empty. Returns the code of the error.
fn refused(fold: &mut Fold, bytes: &[u8]) -> &'static str {
    let before = fold.save();
    let error = fold.restore(bytes).expect_err("damaged");
    assert_eq!(fold.save(), before);
    error.code()
}

/// The length of the mark before the version of a saved fold.
const MAGIC: usize = b"agentfold".len();

#[test]
fn a_save_with_any_byte_changed_is_refused() {
    let saved = small();
    let mut fold = restored(&saved);
    for at in 0..saved.len() {
        for flip in (0..8).map(|bit| 1 << bit).chain([0xff]) {
            let mut damaged = saved.clone();
            damaged[at] ^= flip;
            let code = match at {
                _ if at < MAGIC => "not_saved",
                MAGIC if damaged[at] > saved[at] => "newer_version",
                _ => "damaged",
            };
            assert_eq!(refused(&mut fold, &damaged), code, "byte {at} flipped by {flip:#x}");
        }
    }
}

#[test]
fn a_save_that_breaks_off_or_goes_on_is_refused() {
    let saved = small();
    let mut fold = restored(&saved);
    for end in 0..saved.len() {
        let code = if end < MAGIC { "not_saved" } else { "damaged" };
        assert_eq!(refused(&mut fold, &saved[..end]), code, "{end} bytes");
    }
    assert_eq!(refused(&mut fold, &[&saved[..], b"\0"].concat()), "damaged");
}

#[test]
fn a_save_of_a_newer_version_is_refused_as_such() {
    let mut saved = small();
    let mut fold = restored(&saved);
    let end = saved.len() - 4;
    saved[MAGIC] += 1;
    let sum = crc32fast::hash(&saved[..end]);
    saved[end..].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(refused(&mut fold, &saved), "newer_version");
    assert_eq!(refused(&mut fold, &saved[..=MAGIC]), "newer_version");
}

#[test]
fn folds_that_date_events_by_different_fields_do_not_merge() {
    let mut fold = restored(&small());
    let before = fold.save();
    let options = Options::default().with_instant(InstantFrom::Time);
    let other = Fold::with_options(&options);
    assert_eq!(refused(&mut fold, &other.save()), "different_options");
    assert_eq!(refused(&mut Fold::with_options(&options), &before), "different_options");
    assert_eq!(fold.merge(&other).map_err(|error| error.code()), Err("different_options"));
    assert_eq!(fold.save(), before);
}

/// Returns what was saved.
pub(crate) fn restored(saved: &[u8]) -> Fold {
    let mut fold = Fold::new();
    fold.restore(saved).expect("what was saved");
    fold
}
