//! [`Scheduled`]: compares agents with their schedule ([the contract](crate::contract::measures#rows)).

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::row::{About, AdherenceRow, ratio};
use crate::error::{Error, ErrorKind};
use crate::fold::Fold;
use crate::fold::names::Names;
use crate::fold::tracks::Target;
use crate::fold::value::Value;
use crate::history::{Basis, Gaps, Stretch, Window, of_target};
use crate::{Agent, Id, Instant, Track};

/// A line of a schedule: the states that an agent is scheduled to be in, from one instant to another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// The account.
    pub account_id: Id,
    /// The agent.
    pub agent_id: Id,
    /// Where the line begins.
    pub from: Instant,
    /// Where it ends, exclusive.
    pub to: Instant,
    /// The track to compare with the line: the unified state, which is the default, the state on a
    /// channel, the chat status or the engagements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub track: Option<Track>,
    /// The scheduled states. For the unified state these are ids; an entry that is not all digits can
    /// also be a name.
    pub states: Vec<String>,
}

impl Fold {
    /// Compares agents with their schedule. Returns a row for each line, in the order of the lines.
    ///
    /// Rows are clipped at `as_of`. A line has no row if it begins at `as_of` or later, or if it is
    /// empty. The time of an agent without an accepted event by then is unknown, and so is the time
    /// before the [agent's cut](Fold::cut_of). [`Fold::schedule_warnings`] finds words in a schedule
    /// that no agent ever had.
    ///
    /// # Errors
    /// `no_track` if a line names a track that has no states.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    /// use agentfold::report::Scheduled;
    ///
    /// let online = br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:15:00Z",
    ///               "previous_unified_state": {"id": "2", "name": "offline", "reason": "UNKNOWN"},
    ///               "new_unified_state": {"id": "3", "name": "online", "reason": "UNKNOWN"}},
    ///     "type": "zen:event-type:agent.unified_state_changed"}"#;
    /// let mut fold = Fold::new();
    /// fold.read(online, |bad| panic!("{bad:?}"));
    ///
    /// let at = |time: &str| -> Instant { format!("2026-01-05T{time}Z").parse().expect("valid") };
    /// let line = Scheduled {
    ///     account_id: 2.into(),
    ///     agent_id: 7.into(),
    ///     from: at("09:00:00"),
    ///     to: at("10:00:00"),
    ///     track: None,
    ///     states: vec!["3".to_owned()],
    /// };
    /// let rows = fold.adherence(&[line], at("12:00:00"))?;
    /// assert_eq!(rows[0].adherence, Some(0.75));
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn adherence(
        &self,
        schedule: &[Scheduled],
        as_of: Instant,
    ) -> Result<Vec<AdherenceRow>, Error> {
        // Each takes a look at all events of the agent.
        let mut gaps: HashMap<Agent, Gaps> = HashMap::new();
        let rows = schedule.iter().map(|line| self.adherence_to(line, as_of, &mut gaps));
        rows.filter_map(Result::transpose).collect()
    }

    fn adherence_to(
        &self,
        line: &Scheduled,
        as_of: Instant,
        gaps: &mut HashMap<Agent, Gaps>,
    ) -> Result<Option<AdherenceRow>, Error> {
        let window = Window { from: line.from, to: line.to, as_of };
        let track = line.track_with_states()?;
        if window.is_empty() {
            return Ok(None);
        }
        let (mut adherent, mut out, mut unknown) = (0, 0, 0);
        let (mut disputed, mut inferred) = (0, 0);
        for stretch in self.scheduled_stretches(line, &window) {
            let ns = stretch.to.nanos_since(stretch.from);
            match stretch.basis {
                Basis::Unknown => unknown += ns,
                _ if line.takes(stretch.value, &self.names) => adherent += ns,
                _ => out += ns,
            }
            disputed += if stretch.basis == Basis::Disputed { ns } else { 0 };
            inferred += if stretch.basis == Basis::Inferred { ns } else { 0 };
        }
        let agent = Agent::new(line.account_id, line.agent_id);
        let gaps = gaps.entry(agent).or_insert_with(|| self.gaps(agent, as_of));
        let parts = self.doubts_of(agent, &track, gaps, &window).into_iter();
        let doubtful_ns = parts.map(|part| part.to.nanos_since(part.from)).sum();
        let elapsed_ns = window.end().nanos_since(line.from);
        Ok(Some(AdherenceRow {
            about: About::agent(line.account_id, line.agent_id),
            from: line.from,
            to: window.end(),
            track,
            scheduled_ns: line.to.nanos_since(line.from),
            elapsed_ns,
            adherent_ns: adherent,
            out_ns: out,
            unknown_ns: unknown,
            disputed_ns: disputed,
            inferred_ns: inferred,
            doubtful_ns,
            adherence: ratio(adherent, elapsed_ns),
        }))
    }
}

impl Fold {
    /// The stretches of the track that a line is compared with. They cover the window, which is not
    /// empty.
    pub(super) fn scheduled_stretches(&self, line: &Scheduled, window: &Window) -> Vec<Stretch> {
        let agent = Agent::new(line.account_id, line.agent_id);
        match self.tracks(agent).filter(|tracks| tracks.first_at <= window.as_of) {
            Some(tracks) => {
                of_target(tracks, Target::of(line.compared(), &self.names).as_ref(), window)
            }
            None => vec![Stretch {
                from: window.from,
                to: window.end(),
                value: Value::Null,
                basis: Basis::Unknown,
                open: false,
            }],
        }
    }
}

impl Scheduled {
    /// The track that the line is compared with.
    pub(super) fn compared(&self) -> &Track {
        self.track.as_ref().unwrap_or(&Track::UnifiedState)
    }

    /// The track that the line is compared with.
    ///
    /// # Errors
    /// `no_track` if the track has no states.
    pub(super) fn track_with_states(&self) -> Result<Track, Error> {
        match self.compared() {
            track @ (Track::UnifiedState
            | Track::State(_)
            | Track::ChatStatus
            | Track::ChatEngagements) => Ok(track.clone()),
            _ => Err(ErrorKind::NoTrack.into()),
        }
    }

    /// Whether a value is one of the scheduled states.
    pub(super) fn takes(&self, value: Value, names: &Names) -> bool {
        let (text, name) = match value {
            Value::Name(state) => (names.text(state).to_owned(), None),
            Value::Unified(state) => (names.text(state.id).to_owned(), state.name),
            Value::Number(engagements) => (engagements.to_string(), None),
            _ => return false,
        };
        let name = name.map(|name| names.text(name));
        let is_name = |entry: &str| !entry.bytes().all(|byte| byte.is_ascii_digit());
        self.states.iter().any(|entry| *entry == text || (is_name(entry) && Some(&**entry) == name))
    }
}
