//! [`episodes`]: which alerts were reported already.

use serde::{Deserialize, Serialize};

use super::{Alert, subject};
use crate::Instant;

/// An alert that was reported and had not ended at the last look. As data, a host stores it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Episode {
    /// The alert as it was last seen. Its episode is the one that was reported.
    pub alert: Alert,
    /// When it was reported.
    pub told_at: Instant,
    /// When it was last seen.
    pub seen_at: Instant,
}

/// What [`episodes`] returns.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Episodes {
    /// The alerts to report: their episodes have begun since the last look.
    pub began: Vec<Alert>,
    /// The alerts that were reported and go on.
    pub continued: Vec<Alert>,
    /// The alerts that were reported and have ended, as they were last seen, by subject.
    pub ended: Vec<Alert>,
    /// What to store and to pass at the next look.
    pub told: Vec<Episode>,
}

/// Compares the alerts of an instant with those that were reported: what began, what goes on and what
/// ended.
///
/// Each episode is reported at most once, also if a late event changes when it began: an alert goes on if one
/// with the same subject was reported, and its condition began at or before the instant at which that was last
/// seen. It keeps the episode that was reported. Store [`Episodes::told`] once the messages are
/// sent. If one could not be sent, leave it out of what you store: it begins again at the next look.
///
/// ```
/// use agentfold::alert::{Thresholds, episodes};
/// use agentfold::{Fold, Instant, Selection};
///
/// let away = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
/// let mut fold = Fold::new();
/// fold.read(away, |bad| panic!("{bad:?}"));
/// let thresholds: Thresholds =
///     serde_json::from_str(r#"{"state": [{"state": "away", "longer_than": "30m"}]}"#)?;
///
/// let at: Instant = "2026-01-05T09:31:00Z".parse()?;
/// let first = episodes(&[], fold.alerts(&thresholds, at, &Selection::all())?, at);
/// assert_eq!(first.began.len(), 1);
///
/// let at: Instant = "2026-01-05T09:32:00Z".parse()?;
/// let second = episodes(&first.told, fold.alerts(&thresholds, at, &Selection::all())?, at);
/// assert_eq!((second.began.len(), second.continued.len()), (0, 1));
///
/// let third = episodes(&second.told, Vec::new(), "2026-01-05T09:33:00Z".parse()?);
/// assert_eq!((third.ended.len(), third.told.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn episodes(told: &[Episode], alerts: Vec<Alert>, at: Instant) -> Episodes {
    // By subject. An episode that an alert continues is taken out.
    let mut before: Vec<(&str, Option<&Episode>)> =
        told.iter().map(|episode| (subject(&episode.alert.episode), Some(episode))).collect();
    before.sort_unstable_by_key(|(subject, _)| *subject);
    let mut now = Episodes::default();
    for mut alert in alerts {
        let place = before.binary_search_by_key(&subject(&alert.episode), |(subject, _)| subject);
        let known = place.ok().map(|place| &mut before[place].1);
        let continues = |known: &mut &Episode| alert.since <= known.seen_at;
        let (mut told_at, mut seen_at) = (at, at);
        match known.and_then(|known| known.take_if(continues)) {
            None => now.began.push(alert.clone()),
            Some(known) => {
                alert.episode.clone_from(&known.alert.episode);
                told_at = known.told_at;
                seen_at = at.max(known.seen_at);
                now.continued.push(alert.clone());
            }
        }
        now.told.push(Episode { alert, told_at, seen_at });
    }
    let ended = before.into_iter().filter_map(|(_, left)| left);
    now.ended = ended.map(|episode| episode.alert.clone()).collect();
    now
}
