//! [`TrackTransition`]: an event's effect on one track, as data.

use serde::Serialize;

use super::interval::sorted_plain_tracks;
use crate::fold::Fold;
use crate::fold::tracks::Target;
use crate::fold::transition::Transition;
use crate::fold::value::Value;
use crate::{Agent, Instant, Track, TrackValue};

/// An event's effect on one track ([the contract](crate::contract::fold#tracks)): a fold is the set of
/// these.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TrackTransition {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// The track.
    #[serde(flatten, with = "crate::track::parts")]
    pub track: Track,
    /// When it happened.
    pub at: Instant,
    /// The version that the event states.
    pub version: Option<u64>,
    /// The name of the event's [`Kind`](crate::event::Kind); `rest` for Zendesk's record.
    pub kind: &'static str,
    /// The event's id.
    pub event_id: String,
    /// The value from that instant on, as in intervals.
    pub value: TrackValue,
    /// Whether another event with the same stamp stated something else.
    pub conflict: bool,
}

impl Fold {
    /// Returns all transitions of an agent, track by track in the order of [`Fold::intervals`], and
    /// within a track from the earliest. An event that set several tracks has a transition on each.
    /// Transitions that were compacted away are missing.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let mut fold = Fold::new();
    /// fold.read(br#"{"account_id": 2, "detail": {"agent_id": "7", "version": "3"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "talk", "new_state": "away"},
    ///     "type": "zen:event-type:agent.state_changed"}"#, |bad| panic!("{bad:?}"));
    /// let told = &fold.transitions(fold.agents().next().expect("an agent"))[0];
    /// assert_eq!((told.track.channel(), told.value.as_str()), (Some("talk"), Some("away")));
    /// assert_eq!((told.kind, told.version), ("agent.state_changed", Some(3)));
    /// ```
    pub fn transitions(&self, agent: Agent) -> Vec<TrackTransition> {
        let Some(tracks) = self.tracks(agent) else {
            return Vec::new();
        };
        let mut told = Vec::new();
        for (target, track) in sorted_plain_tracks(tracks, &self.names) {
            let all = track.transitions().iter();
            told.extend(all.map(|t| self.transition(agent, &target, &t)));
        }
        let mut items: Vec<_> = tracks.all_items().collect();
        items.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (id, item) in items {
            for t in item.track().transitions().iter() {
                if let Value::Work(work) = t.value {
                    let target = Target::WorkItem(id.clone().into_owned(), work.channel);
                    told.push(self.transition(agent, &target, &t));
                }
            }
        }
        told
    }

    fn transition(&self, agent: Agent, target: &Target, t: &Transition) -> TrackTransition {
        TrackTransition {
            agent,
            track: target.track(&self.names),
            at: t.at,
            version: Some(t.version).filter(|version| *version > 0),
            kind: t.origin.name(),
            event_id: t.id.text().into_owned(),
            value: t.value.data(&self.names),
            conflict: t.conflict,
        }
    }
}
