//! [`Fold::exceptions`]: when agents did not keep to their schedule
//! ([the contract](crate::contract::measures#rows)).

use super::Scheduled;
use super::row::{About, ExceptionRow};
use crate::error::Error;
use crate::fold::Fold;
use crate::fold::tracks::Target;
use crate::fold::value::Value;
use crate::history::{Basis, PlainSteps, Steps, Stretch, Window};
use crate::word::words;
use crate::{Agent, Id, Instant};

words! {
    /// How an agent did not keep to a line of their schedule.
    #[non_exhaustive]
    pub enum ExceptionKind {
        /// The agent was in no scheduled state at any time so far.
        NoShow = "no_show",
        /// The agent was in no scheduled state from the beginning of the line on.
        Late = "late",
        /// The agent was in no scheduled state up to the end of the line, which has passed.
        LeftEarly = "left_early",
        /// The agent was in no scheduled state between two times in one, or is in none now.
        OutOfAdherence = "out_of_adherence",
    }
}

/// A time in which an agent was in no scheduled state.
struct Away {
    from: Instant,
    to: Instant,
    value: Value,
    out: u128,
    unknown: u128,
    disputed: u128,
    inferred: u128,
}

impl Fold {
    /// Returns when agents did not keep to their schedule: who did not come, who came late or left
    /// early, and who was in another state in between. In the order of the lines, then by time.
    ///
    /// With the present as `as_of`, an exception that still goes on is `open`. A time of which
    /// everything is unknown is an exception only if it is all of the line (then nobody came, as far as
    /// is known), or if the line begins with it and the event that ends it states that the agent was in
    /// no scheduled state before. The row tells how much of its time is unknown.
    ///
    /// # Errors
    /// `no_track` if a line names a track that has no states.
    ///
    /// ```
    /// use agentfold::{Fold, Instant};
    /// use agentfold::report::{ExceptionKind, Scheduled};
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
    /// let line = |agent_id: u64| Scheduled {
    ///     account_id: 2.into(),
    ///     agent_id: agent_id.into(),
    ///     from: at("09:15:00"),
    ///     to: at("10:00:00"),
    ///     track: None,
    ///     states: vec!["online".to_owned()],
    /// };
    /// let early = Scheduled { from: at("09:00:00"), ..line(7) };
    /// let exceptions = fold.exceptions(&[early, line(7), line(8)], at("09:30:00"))?;
    /// assert_eq!(exceptions.len(), 2);
    /// assert_eq!((exceptions[0].exception, exceptions[0].to), (ExceptionKind::Late, at("09:15:00")));
    /// assert_eq!((exceptions[1].exception, exceptions[1].open), (ExceptionKind::NoShow, true));
    /// # Ok::<(), agentfold::Error>(())
    /// ```
    pub fn exceptions(
        &self,
        schedule: &[Scheduled],
        as_of: Instant,
    ) -> Result<Vec<ExceptionRow>, Error> {
        let mut exceptions = Vec::new();
        for line in schedule {
            let track = line.track_with_states()?;
            let window = Window { from: line.from, to: line.to, as_of };
            if window.is_empty() {
                continue;
            }
            let (away, adherent) = self.away(line, &window);
            for time in away {
                let is_first = time.from == line.from;
                let is_last = time.to == window.end();
                let is_over = line.to <= as_of;
                let exception = match (adherent, time.out) {
                    (false, _) => ExceptionKind::NoShow,
                    (true, 0) if !(is_first && self.comes_from_out(line, time.to)) => continue,
                    _ if is_first => ExceptionKind::Late,
                    _ if is_last && is_over => ExceptionKind::LeftEarly,
                    _ => ExceptionKind::OutOfAdherence,
                };
                exceptions.push(ExceptionRow {
                    about: About::agent(line.account_id, line.agent_id),
                    from: time.from,
                    to: time.to,
                    track: track.clone(),
                    exception,
                    open: is_last && !is_over,
                    scheduled_from: line.from,
                    scheduled_to: line.to,
                    value: time.value.data(&self.names),
                    out_ns: time.out,
                    unknown_ns: time.unknown,
                    disputed_ns: time.disputed,
                    inferred_ns: time.inferred,
                });
            }
        }
        Ok(exceptions)
    }

    /// Whether the first transition of the track is at an instant, and states a previous value that is
    /// not scheduled.
    fn comes_from_out(&self, line: &Scheduled, at: Instant) -> bool {
        let agent = Agent::new(line.account_id, line.agent_id);
        let target = Target::of(line.compared(), &self.names);
        self.tracks(agent).zip(target).is_some_and(|(tracks, target)| {
            let steps = PlainSteps::new(&target, tracks.track(&target), at);
            let out = |value| !line.takes(value, &self.names);
            steps.count() > 0 && steps.at(0) == at && steps.inferred().is_some_and(out)
        })
    }

    /// The times in which an agent was in no scheduled state, and whether it was in one at any time.
    fn away(&self, line: &Scheduled, window: &Window) -> (Vec<Away>, bool) {
        let (mut times, mut adherent): (Vec<Away>, bool) = (Vec::new(), false);
        for Stretch { from, to, value, basis, .. } in self.scheduled_stretches(line, window) {
            if basis != Basis::Unknown && line.takes(value, &self.names) {
                adherent = true;
                continue;
            }
            if times.last().is_none_or(|last| last.to < from) {
                let (out, unknown, disputed, inferred) = (0, 0, 0, 0);
                times.push(Away { from, to, value, out, unknown, disputed, inferred });
            }
            let last = times.len() - 1;
            let (time, ns) = (&mut times[last], to.nanos_since(from));
            (time.to, time.value) = (to, value);
            match basis {
                Basis::Unknown => time.unknown += ns,
                _ => time.out += ns,
            }
            time.disputed += if basis == Basis::Disputed { ns } else { 0 };
            time.inferred += if basis == Basis::Inferred { ns } else { 0 };
        }
        (times, adherent)
    }
}

impl About {
    /// One agent.
    pub(super) fn agent(account_id: Id, agent_id: Id) -> About {
        About {
            account_id: Some(account_id),
            agent_id: Some(agent_id),
            group_id: None,
            agents: None,
        }
    }
}
