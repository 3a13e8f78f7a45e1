//! [`TrackTransition`]: what an event told of one track, as data.

use serde::Serialize;
use serde_json::Value as Json;

use super::interval::{json_of, sorted_plain_tracks};
use crate::fold::Fold;
use crate::fold::state::as_text;
use crate::fold::tracks::Target;
use crate::fold::transition::Transition;
use crate::fold::value::Value;
use crate::{Agent, Instant};

/// What an event told of one track (`fold.md`, Tracks): a fold is the set of these.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrackTransition {
    /// The account.
    #[serde(serialize_with = "as_text")]
    pub account_id: u64,
    /// The agent.
    #[serde(serialize_with = "as_text")]
    pub agent_id: u64,
    /// The track, as the contract writes it: `unified_state`, `state[support]`, `work_item[7]@talk`.
    pub track: String,
    /// The channel that the track is of, where it is of one.
    pub channel: Option<String>,
    /// When it happened.
    pub at: Instant,
    /// The version that the event told.
    pub version: Option<u64>,
    /// The name of the event's [`Kind`](crate::event::Kind); `rest` for Zendesk's record.
    pub kind: &'static str,
    /// The event's id.
    pub event_id: String,
    /// The value from then on, as in intervals.
    pub value: Json,
    /// Whether another event told something else with the same stamp.
    pub conflict: bool,
}

impl Fold {
    /// All that the fold holds of an agent: what each accepted event told, track by track in the order
    /// of [`Fold::intervals`], each from the earliest on. An event that told of several tracks is there
    /// for each; what was compacted away is not.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let mut fold = Fold::new();
    /// fold.read(br#"{"account_id": 2, "detail": {"agent_id": "7", "version": "3"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "talk", "new_state": "away"},
    ///     "type": "zen:event-type:agent.state_changed"}"#, |bad| panic!("{bad:?}"));
    /// let told = &fold.transitions(fold.agents()[0])[0];
    /// assert_eq!((told.track.as_str(), told.value.as_str()), ("state[talk]", Some("away")));
    /// assert_eq!((told.kind, told.version), ("agent.state_changed", Some(3)));
    /// ```
    pub fn transitions(&self, agent: Agent) -> Vec<TrackTransition> {
        let Some(tracks) = self.tracks(agent) else {
            return Vec::new();
        };
        let mut told = Vec::new();
        for (target, track) in sorted_plain_tracks(tracks, &self.names) {
            let all = track.transitions().iter();
            told.extend(all.map(|t| self.transition(agent, &target, t)));
        }
        let mut items: Vec<_> = tracks.items.iter().collect();
        items.sort_by_key(|(id, _)| *id);
        for (id, item) in items {
            for t in item.track().transitions() {
                if let Value::Work(work) = t.value {
                    let target = Target::WorkItem(id.clone(), work.channel);
                    told.push(self.transition(agent, &target, t));
                }
            }
        }
        told
    }

    fn transition(&self, agent: Agent, target: &Target, t: &Transition) -> TrackTransition {
        TrackTransition {
            account_id: agent.account_id,
            agent_id: agent.agent_id,
            track: target.text(&self.names),
            channel: target.channel().map(|name| self.names.text(name).to_owned()),
            at: t.at,
            version: Some(t.version).filter(|version| *version > 0),
            kind: t.origin.name(),
            event_id: t.id.text().into_owned(),
            value: json_of(t.value, &self.names),
            conflict: t.conflict,
        }
    }
}
