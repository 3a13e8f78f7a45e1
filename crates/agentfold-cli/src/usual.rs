//! The time that a question is about by default.

use agentfold::{Fold, UsualTimes};

use crate::output::{counted, tell};

/// Tells which events at the beginning are left out by default.
pub(crate) fn tell_before(fold: &Fold, usual: &UsualTimes, option: &str) {
    if let (1.., Some((first, _))) = (usual.before, fold.first_and_last_event_at()) {
        let (start, outliers) = (usual.first, counted(usual.before, "earlier instant"));
        tell(&format!(
            "begins at {start}: left out {outliers} far from all others, from {first} on, whose date is \
             probably wrong; give {option} to include them"
        ));
    }
}

/// Tells which events at the end are left out by default.
pub(crate) fn tell_after(fold: &Fold, usual: &UsualTimes, option: &str) {
    if let (1.., Some((_, last))) = (usual.after, fold.first_and_last_event_at()) {
        let (end, outliers) = (usual.last, counted(usual.after, "later instant"));
        tell(&format!(
            "ends at {end}: left out {outliers} far from all others, up to {last}, whose date is probably \
             wrong; give {option} to include them"
        ));
    }
}
