//! [`WorkItemSpan`]: a work item's stay with an agent.

use serde::{Deserialize, Serialize};

use super::interval::histories;
use super::item_history::Stay;
use super::window::Window;
use crate::fold::Fold;
use crate::fold::id::ItemId;
use crate::fold::names::Names;
use crate::{Agent, Instant};

/// A work item's stay with an agent, across channel moves
/// ([the contract](crate::contract::measures#work-items)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct WorkItemSpan {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// The item's id.
    pub work_item: String,
    /// When this stay began.
    pub opened_at: Instant,
    /// When it was first offered; `None` if no event stated an offer.
    pub offered_at: Option<Instant>,
    /// When it was first accepted; `None` if no event stated that.
    pub accepted_at: Option<Instant>,
    /// When it left the agent; `None` if it had not by the window's `as_of`.
    pub closed_at: Option<Instant>,
    /// Why it is with the agent or, once it has left, why it left.
    pub reason: Option<String>,
    /// The channels it came to; the first at its opening.
    pub moves: Vec<Move>,
    /// Whether its opening is missing: its first event was an update.
    pub orphan: bool,
    /// The time from its acceptance, or its opening, to its removal, in nanoseconds; `None` if it has
    /// no handle time.
    pub handle_ns: Option<u128>,
}

/// When a work item came to a channel.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Move {
    /// When it came to the channel.
    pub at: Instant,
    /// The channel.
    pub channel: String,
}

impl Fold {
    /// Returns the stays of an agent's work items that touch a window, sorted by item, opening and the
    /// channel of the opening.
    ///
    /// A stay touches the window if it began before the window's end, and did not end before its
    /// beginning. Stays are not clipped to the window. Stays that ended before the agent's cut are not
    /// returned.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    /// use agentfold::history::Window;
    ///
    /// let event = |id, kind, at, reason| format!(
    ///     r#"{{"account_id": 2, "detail": {{"agent_id": "7"}}, "id": "{id}",
    ///         "event": {{"updated_at": "2026-01-05T{at}Z", "work_item_id": "123",
    ///                   "channel": "talk", "reason": "{reason}"}},
    ///         "type": "zen:event-type:agent.work_item_{kind}"}}"#);
    /// let mut fold = Fold::new();
    /// for event in [
    ///     event("a", "added", "09:00:00", "OFFERED"),
    ///     event("b", "updated", "09:00:10", "ACCEPTED"),
    ///     event("c", "removed", "09:05:00", "WORK_ITEM_SOLVED"),
    /// ] {
    ///     fold.read(event.as_bytes(), |bad| panic!("{bad:?}"));
    /// }
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let window = Window { from: at("09:00:00"), to: at("10:00:00"), as_of: at("10:00:00") };
    /// let spans = fold.work_items(fold.agents().next().expect("an agent"), &window);
    /// assert_eq!(spans[0].handle_ns, Some(290_000_000_000));
    /// assert_eq!(spans[0].reason.as_deref(), Some("WORK_ITEM_SOLVED"));
    /// ```
    pub fn work_items(&self, agent: Agent, window: &Window) -> Vec<WorkItemSpan> {
        let known = self.tracks(agent).filter(|tracks| tracks.first_at <= window.as_of);
        let known = known.filter(|tracks| tracks.cut <= window.as_of && !window.is_empty());
        let Some(tracks) = known else {
            return Vec::new();
        };
        let (from, mut spans) = (window.from.max(tracks.cut), Vec::new());
        for (id, history) in histories(tracks, window) {
            let mut stays = history.stays;
            stays.retain(|stay| {
                let ended = stay.closed_at.is_some_and(|closed| closed < from);
                stay.opened_at < window.end() && !ended
            });
            stays.sort_by_key(|stay| (stay.opened_at, self.names.text(stay.moves[0].1)));
            spans.extend(stays.into_iter().map(|stay| span(agent, &id, stay, &self.names)));
        }
        spans
    }
}

fn span(agent: Agent, id: &ItemId, stay: Stay, names: &Names) -> WorkItemSpan {
    let moves = stay.moves.into_iter();
    WorkItemSpan {
        agent,
        work_item: id.to_string(),
        opened_at: stay.opened_at,
        offered_at: stay.offered_at,
        accepted_at: stay.accepted_at,
        closed_at: stay.closed_at,
        reason: stay.reason.map(|reason| names.text(reason).to_owned()),
        moves: moves
            .map(|(at, channel)| Move { at, channel: names.text(channel).to_owned() })
            .collect(),
        orphan: stay.orphan,
        handle_ns: stay.handle,
    }
}
