//! [`ChatSpan`]: a stretch of one chat status and number of engagements, as data.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::basis::Basis;
use super::stretch::{Life, PlainSteps, Steps, Stretch, raw};
use super::window::Window;
use crate::fold::Fold;
use crate::fold::names::Names;
use crate::fold::tracks::{Target, Tracks};
use crate::fold::transition::Transition;
use crate::fold::transition_set::run_start;
use crate::fold::value::Value;
use crate::{Agent, Instant};

/// A time in which an agent's chat status and number of engagements do not change, in the shape of
/// Zendesk's `agent_timeline` ([the contract](crate::contract::measures#rows)).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct ChatSpan {
    /// The agent.
    #[serde(flatten)]
    pub agent: Agent,
    /// Where it begins.
    pub start_time: Instant,
    /// The status; `None` if it is unknown.
    pub status: Option<String>,
    /// The number of engagements; `None` if it is unknown.
    pub engagement_count: Option<u64>,
    /// Its length in seconds.
    pub duration: f64,
    /// The worst basis of the intervals that were joined.
    pub basis: Basis,
    /// Whether it continues at the window's `as_of`.
    pub open: bool,
}

/// A part of a span, before joining.
#[derive(Debug, Clone, Copy)]
struct Part {
    from: Instant,
    to: Instant,
    /// Status and engagements.
    values: (Value, Value),
    basis: Basis,
    open: bool,
}

impl Fold {
    /// Returns the chat spans of an agent in a window. There are none if no record of the Chat export
    /// was accepted by `as_of`.
    ///
    /// Before the [agent's cut](Fold::cut_of) the values are unknown: [`Basis::Unknown`].
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    /// use agentfold::history::Window;
    ///
    /// let chat = |id, at, field, value| format!(
    ///     r#"{{"account_id": 2, "agent_id": 7, "field_name": "{field}", "id": "{id}",
    ///         "timestamp": "2026-01-05T{at}Z", "value": {value}}}"#);
    /// let mut fold = Fold::new();
    /// for event in [
    ///     chat("a", "09:00:00", "status", r#""online""#),
    ///     chat("b", "09:00:00", "engagements", "0"),
    ///     chat("c", "09:01:03.5", "engagements", "1"),
    /// ] {
    ///     fold.read(event.as_bytes(), |bad| panic!("{bad:?}"));
    /// }
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let window = Window { from: at("09:00:00"), to: at("10:00:00"), as_of: at("10:00:00") };
    /// let spans = fold.chat_spans(fold.agents().next().expect("an agent"), &window);
    /// assert_eq!((spans[0].engagement_count, spans[0].duration), (Some(0), 63.5));
    /// assert_eq!((spans[1].engagement_count, spans[1].open), (Some(1), true));
    /// ```
    pub fn chat_spans(&self, agent: Agent, window: &Window) -> Vec<ChatSpan> {
        let told = |tracks: &&Tracks| {
            let chat = [&*tracks.chat_status, &*tracks.chat_engagements];
            chat.iter().any(|track| !track.as_of(Some(window.as_of)).is_empty())
        };
        let Some(tracks) = self.tracks(agent).filter(told).filter(|_| !window.is_empty()) else {
            return Vec::new();
        };
        let parts = parts(tracks, window);
        parts.into_iter().map(|part| span(agent, &part, &self.names)).collect()
    }
}

fn span(agent: Agent, part: &Part, names: &Names) -> ChatSpan {
    let (status, engagements) = part.values;
    ChatSpan {
        agent,
        start_time: part.from,
        status: status.name().map(|status| names.text(status).to_owned()),
        engagement_count: engagements.number(),
        duration: part.to.nanos_since(part.from) as f64 / 1e9,
        basis: part.basis,
        open: part.open && part.basis != Basis::Inferred && part.basis != Basis::Unknown,
    }
}

/// The spans of a window.
fn parts(tracks: &Tracks, window: &Window) -> Vec<Part> {
    let tracks_of_chat = [&*tracks.chat_status, &*tracks.chat_engagements];
    // The first span is joined from as far back as both values stay the same.
    let runs = tracks_of_chat.map(|track| {
        let told = track.as_of(Some(window.from.min(window.as_of)));
        told.get(run_start(told)).map_or(Instant::MIN, |first| first.at)
    });
    let from = runs[0].max(runs[1]).min(window.from);
    let life = Life::of(tracks);
    let targets = [Target::ChatStatus, Target::ChatEngagements];
    let steps = [0, 1].map(|i| PlainSteps::new(&targets[i], Some(tracks_of_chat[i]), window.as_of));
    let stretches = [0, 1].map(|i| stamped(&steps[i], life, from, window.as_of));
    let mut joined: Vec<Part> = Vec::new();
    for part in both(&stretches[0], &stretches[1]) {
        match joined.last_mut() {
            Some(last) if last.values == part.values => {
                last.basis = last.basis.max(part.basis);
                // A transition at `as_of` itself ends the part before it.
                if part.from < part.to {
                    (last.to, last.open) = (part.to, part.open);
                }
            }
            _ if part.from >= window.end() => break,
            _ => joined.push(part),
        }
    }
    let clipped = joined.into_iter().map(|part| Part {
        from: part.from.max(window.from),
        to: part.to.min(window.end()),
        ..part
    });
    clipped.filter(|part| part.from < part.to).collect()
}

/// A track's stretches, each with the transition that begins it.
fn stamped(
    steps: &PlainSteps<'_>,
    life: Life,
    from: Instant,
    as_of: Instant,
) -> Vec<(Stretch, Option<Transition>)> {
    let stretches: Vec<Stretch> = raw(steps, life, from, as_of).collect();
    // Each of the last stretches begins with a transition. The stretches before those have none.
    let count = stretches.len();
    let begin = |i: usize, stretch: &Stretch| {
        let begun = !matches!(stretch.basis, Basis::Inferred | Basis::Unknown);
        begun.then(|| steps.look(steps.count() + i - count, Transition::clone))
    };
    stretches.into_iter().enumerate().map(|(i, s)| (s, begin(i, &s))).collect()
}

/// The parts in which both tracks have one stretch, in the order of stamps. Parts may be empty.
fn both(
    status: &[(Stretch, Option<Transition>)],
    engagements: &[(Stretch, Option<Transition>)],
) -> Vec<Part> {
    let (mut i, mut j) = (0, 0);
    let mut parts = Vec::new();
    while let (Some((a, _)), Some((b, _))) = (status.get(i), engagements.get(j)) {
        let next = match (status.get(i + 1), engagements.get(j + 1)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => a.0.from.cmp(&b.0.from).then_with(|| match (&a.1, &b.1) {
                (Some(a), Some(b)) => a.cmp_stamp(b),
                (a, b) => a.is_some().cmp(&b.is_some()),
            }),
        };
        parts.push(Part {
            from: a.from.max(b.from),
            to: a.to.min(b.to),
            values: (a.value, b.value),
            basis: a.basis.max(b.basis),
            open: a.open && b.open,
        });
        i += usize::from(next.is_le());
        j += usize::from(next.is_ge());
    }
    parts
}
