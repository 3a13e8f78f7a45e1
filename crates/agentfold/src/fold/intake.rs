//! Taking events into a fold.

use std::sync::Arc;

use smallvec::SmallVec;

use super::change::{Change, Look};
use super::effect::{Effect, effect, effects};
use super::names::{Name, Names};
use super::outcome::{Counts, Outcome};
use super::tracks::{Target, Tracks};
use super::transition::{Stamp, Transition};
use super::transition_set::Put;
use super::{Applied, Fold, Known};
use crate::event::Event;
use crate::fact::Fact;
use crate::issues::Issues;
use crate::stream::{Next, Record, Records, Stream, Unreadable};
use crate::{Agent, Instant};

/// How many facts are read before they are taken in.
const BATCH: usize = 64;

/// # Taking in events
impl Fold {
    /// Takes in an event, and returns its outcome and what it changed of the agent's current state.
    ///
    /// [`Fold::insert`] does the same without the changes, and takes a fraction of the time.
    ///
    /// An event that reading would refuse, which can only be one that was built by hand, is
    /// `unreadable`; [`Event::check`] finds the same issues.
    ///
    /// ```
    /// use agentfold::{Event, Fold, Issues, Outcome};
    ///
    /// let mut event = Event::parse(br#"{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
    ///     "event": {"updated_at": "2026-01-05T09:00:00Z", "channel": "support"},
    ///     "type": "zen:event-type:agent.channel_created"}"#)?;
    /// let Event::Availability(availability) = &mut event else { panic!("a webhook") };
    /// availability.account_id = None;
    /// let issues = Issues::new(event.check()).expect("no account");
    /// assert_eq!(Fold::new().apply(&event).outcome, Outcome::Unreadable { issues });
    /// # Ok::<(), Issues>(())
    /// ```
    pub fn apply(&mut self, event: &Event<'_>) -> Applied {
        applied(|changes| self.take_built(event, changes))
    }

    /// Takes in one event from its bytes, read by the fold's options, and returns its outcome and
    /// what it changed. An event that can't be read is an outcome too.
    ///
    /// ```
    /// use agentfold::{Fold, Outcome};
    ///
    /// let applied = Fold::new().apply_bytes(b"{}");
    /// assert!(matches!(applied.outcome, Outcome::Unreadable { .. }));
    /// ```
    pub fn apply_bytes(&mut self, bytes: &[u8]) -> Applied {
        match self.options.parse(bytes) {
            Ok(event) => applied(|changes| self.take(&event, changes)),
            Err(issues) => Applied { outcome: Outcome::Unreadable { issues }, changes: Vec::new() },
        }
    }

    /// Takes in every record that a stream holds whole, and returns how many had which outcome.
    /// `changed` is called with each change of the current state, `unreadable` with each record that
    /// can't be read.
    ///
    /// Make the stream by [`Fold::stream`], so that it reads by the fold's options.
    ///
    /// ```
    /// use agentfold::{Fold, Track};
    ///
    /// let mut fold = Fold::new();
    /// let mut stream = fold.stream();
    /// stream.push(br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#);
    /// stream.end();
    /// let mut changes = Vec::new();
    /// let counts = fold.apply_stream(&mut stream, |change| changes.push(change), |bad| panic!("{bad:?}"));
    /// assert_eq!(counts.applied, 1);
    /// assert_eq!((&changes[0].track, changes[0].to.as_str()), (&Track::ChatStatus, Some("away")));
    /// ```
    pub fn apply_stream(
        &mut self,
        stream: &mut Stream,
        mut changed: impl FnMut(Change),
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> Counts {
        let mut counts = Counts::default();
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => {
                    let applied = applied(|changes| self.take(&event, changes));
                    counts.add(&applied.outcome);
                    applied.changes.into_iter().for_each(&mut changed);
                }
                Record::Unreadable(bad) => {
                    counts.unreadable += 1;
                    unreadable(bad);
                }
            }
        }
        counts
    }

    /// Takes in an event, and returns its outcome: [`Fold::apply`] without the changes.
    ///
    /// ```
    /// use agentfold::{Event, Fold, Outcome};
    ///
    /// let event = Event::parse(br#"{"account_id": 2, "agent_id": 7, "field_name": "status",
    ///     "id": "a", "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#)?;
    /// let mut fold = Fold::new();
    /// assert_eq!(fold.insert(&event), Outcome::Applied);
    /// assert_eq!(fold.insert(&event), Outcome::Duplicate);
    /// assert_eq!([event].into_iter().collect::<Fold>(), fold);
    /// # Ok::<(), agentfold::Issues>(())
    /// ```
    pub fn insert(&mut self, event: &Event<'_>) -> Outcome {
        self.take_built(event, &mut None)
    }

    /// Takes in every record of bytes that are all there, and returns how many had which outcome.
    /// `unreadable` is called with each record that can't be read.
    ///
    /// This is the fastest way in. The records may be wrapped as a [`Stream`]'s.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let mut fold = Fold::new();
    /// let counts = fold.read(b"{}\n", |bad| assert_eq!(bad.issues[0].path, "/type"));
    /// assert_eq!((counts.unreadable, counts.total()), (1, 1));
    /// ```
    pub fn read(&mut self, bytes: &[u8], mut unreadable: impl FnMut(Unreadable<'_>)) -> Counts {
        let (mut records, mut counts) = (Records::new(&self.options), Counts::default());
        self.read_window(&mut records, bytes, true, &mut counts, &mut unreadable);
        counts
    }

    /// Takes in every record that a stream holds whole, and returns how many had which outcome: as
    /// fast as [`Fold::read`], for bytes that arrive in pieces. `unreadable` is called with each
    /// record that can't be read.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let status = br#"{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     "timestamp": "2026-01-05T09:00:00Z", "value": "away"}"#;
    /// let mut fold = Fold::new();
    /// let mut stream = fold.stream();
    /// for piece in status.chunks(16) {
    ///     stream.push(piece);
    ///     fold.read_stream(&mut stream, |bad| panic!("{bad:?}"));
    /// }
    /// assert_eq!(fold.len(), 1);
    /// ```
    pub fn read_stream(
        &mut self,
        stream: &mut Stream,
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> Counts {
        let mut counts = Counts::default();
        stream.window(|records, bytes, end| {
            self.read_window(records, bytes, end, &mut counts, &mut unreadable)
        });
        counts
    }

    /// Takes in every record of a reader to its end, and returns how many had which outcome.
    /// `unreadable` is called with each record that can't be read.
    ///
    /// # Errors
    /// What `reader` answers. The records before it are taken in.
    ///
    /// ```
    /// use agentfold::Fold;
    ///
    /// let day: &[u8] = b"{}\n{}\n";
    /// assert_eq!(Fold::new().read_from(day, |_| {})?.unreadable, 2);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[cfg(feature = "io")]
    pub fn read_from(
        &mut self,
        mut reader: impl std::io::Read,
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> std::io::Result<Counts> {
        let (mut stream, mut counts) = (self.stream(), Counts::default());
        while !stream.is_finished() {
            match stream.read_from(&mut reader) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            counts += self.read_stream(&mut stream, &mut unreadable);
        }
        Ok(counts)
    }

    /// A stream that reads by the fold's options, for [`Fold::read_stream`] and
    /// [`Fold::apply_stream`].
    pub fn stream(&self) -> Stream {
        Stream::new(&self.options)
    }

    /// Takes in all records that a window of a stream holds whole, and returns how many of its bytes
    /// were used.
    fn read_window(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
        counts: &mut Counts,
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> (usize, Next<()>) {
        let mut used = 0;
        // Where records are not spelled as usual, that is tried ever more seldom, down to once in 64.
        let (mut wait, mut misses) = (0_u32, 0);
        loop {
            if wait == 0 {
                let many = self.read_usual(records, &bytes[used..], counts);
                misses = if many > 0 { 0 } else { 6.min(misses + 1) };
                wait = 1 << misses;
                used += many;
            }
            wait -= 1;
            let (more, next) = records.next(&bytes[used..], end);
            used += more;
            match next {
                Next::Item(Record::Event(event)) => counts.add(&self.take(&event, &mut None)),
                Next::Item(Record::Unreadable(bad)) => {
                    counts.unreadable += 1;
                    unreadable(bad);
                }
                Next::More => return (used, Next::More),
                Next::End => return (used, Next::End),
            }
        }
    }

    /// Takes in records as long as they are spelled as usual, many at once, and returns how many
    /// bytes those were.
    fn read_usual(&mut self, records: &mut Records, bytes: &[u8], counts: &mut Counts) -> usize {
        let mut stretch = records.stretch(bytes);
        // On the stack, since one delivery takes less time than to ask for memory.
        let mut facts = SmallVec::<[_; BATCH]>::new();
        loop {
            facts.clear();
            let names = Arc::make_mut(&mut self.names);
            while facts.len() < BATCH
                && let Some(fact) = stretch.fact()
            {
                let effect = effect(&fact, names);
                facts.push((fact, effect));
            }
            // What the facts will touch is looked at before the first is taken in: so the memory of
            // many agents is fetched at once, and not one after another.
            for (fact, _) in &facts {
                std::hint::black_box(self.tracks(fact.agent).map(Tracks::touch));
            }
            for (fact, effect) in &facts {
                if let (Some(tracks), Some(effect)) = (self.tracks(fact.agent), effect) {
                    std::hint::black_box(tracks.touch_item(effect));
                }
            }
            for (fact, effect) in &facts {
                counts.add(&self.take_in(fact, effect.as_ref()));
            }
            if facts.len() < BATCH {
                let Some(event) = stretch.event() else {
                    return stretch.used();
                };
                counts.add(&self.take(&event, &mut None));
            }
        }
    }

    /// [`Fold::take`] for an event that may have been built by hand, so that reading would refuse it.
    fn take_built(&mut self, event: &Event<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        if !event.is_refused() {
            let outcome = self.take(event, changes);
            if !matches!(outcome, Outcome::Unreadable { .. }) {
                return outcome;
            }
        }
        Outcome::Unreadable { issues: Issues::of_refused(event.check_by(&self.options)) }
    }

    /// Takes in an event; what it changed is put into `changes`, if they are asked for.
    fn take(&mut self, event: &Event<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        match Fact::of(event, self.options.instant) {
            Ok(Some(fact)) => self.take_in_any(&fact, changes),
            Ok(None) => {
                if let (Some(agent), version @ 1..) = (event.agent(), event.version()) {
                    let known = self.agents.entry(agent).or_default();
                    Arc::make_mut(known).versions.add(version);
                }
                Outcome::Ignored
            }
            Err(issue) => Outcome::Unreadable { issues: issue.into() },
        }
    }

    /// Takes in a fact whose effect is known, if it has just one, without the changes.
    #[inline(always)]
    fn take_in(&mut self, fact: &Fact<'_>, effect: Option<&Effect>) -> Outcome {
        // The usual case: one effect, later than all that is known of its track.
        if let Some(effect) = effect
            && let Some(known) = self.agents.get_mut(&fact.agent).map(Arc::make_mut)
            && let Some(tracks) = &mut known.tracks
            && fact.at >= tracks.cut
            && tracks.push(effect, &Stamp::of(fact))
        {
            known.versions.add(fact.version);
            return Outcome::Applied;
        }
        self.take_in_any(fact, &mut None)
    }

    /// Takes in a fact; what it changed is put into `changes`, if they are asked for.
    #[inline(never)]
    fn take_in_any(&mut self, fact: &Fact<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        let Fact { agent, at, version, .. } = *fact;
        let effects = effects(fact, Arc::make_mut(&mut self.names));
        if version == 0 && effects.is_empty() {
            return Outcome::Ignored;
        }
        let known = Arc::make_mut(self.agents.entry(agent).or_default());
        let new_version = known.versions.add(version);
        if effects.is_empty() {
            return Outcome::Ignored;
        }
        if at < known.tracks.as_ref().map_or(self.cut, |tracks| tracks.cut) {
            return Outcome::Expired;
        }
        let stamp = Stamp::of(fact);
        let effects: Vec<_> = effects.into_iter().map(|effect| (stamp, effect)).collect();
        self.known += usize::from(known.tracks.is_none());
        let (outcome, looks) = known.put(&effects, self.cut, &self.names, new_version);
        if let (Some(changes), Some((before, after))) = (changes, looks) {
            *changes = before.changes(&after, agent, at, &self.names);
        }
        outcome
    }

    /// Takes in effects that each have a stamp of their own; those from before the cut are left out.
    pub(crate) fn take_effects(
        &mut self,
        agent: Agent,
        version: u64,
        effects: &[(Stamp<'_>, Effect)],
        at: Instant,
    ) -> Applied {
        let known = Arc::make_mut(self.agents.entry(agent).or_default());
        let new_version = known.versions.add(version);
        let cut = known.tracks.as_ref().map_or(self.cut, |tracks| tracks.cut);
        let accepted: Vec<_> =
            effects.iter().filter(|(stamp, _)| stamp.at >= cut).cloned().collect();
        if accepted.is_empty() {
            let outcome = if effects.is_empty() { Outcome::Ignored } else { Outcome::Expired };
            return Applied { outcome, changes: Vec::new() };
        }
        self.known += usize::from(known.tracks.is_none());
        let (outcome, looks) = known.put(&accepted, self.cut, &self.names, new_version);
        let changes = looks.map(|(before, after)| before.changes(&after, agent, at, &self.names));
        Applied { outcome, changes: changes.unwrap_or_default() }
    }
}

/// Runs a function that takes in an event, and returns its outcome with the changes that it put down.
fn applied(take: impl FnOnce(&mut Option<Vec<Change>>) -> Outcome) -> Applied {
    let mut changes = Some(Vec::new());
    let outcome = take(&mut changes);
    Applied { outcome, changes: changes.unwrap_or_default() }
}

impl<'e> Extend<Event<'e>> for Fold {
    fn extend<T: IntoIterator<Item = Event<'e>>>(&mut self, events: T) {
        for event in events {
            self.insert(&event);
        }
    }
}

impl<'e> FromIterator<Event<'e>> for Fold {
    fn from_iter<T: IntoIterator<Item = Event<'e>>>(events: T) -> Fold {
        let mut fold = Fold::new();
        fold.extend(events);
        fold
    }
}

impl Known {
    /// Puts effects into the tracks; looks at the current state before and after.
    #[cold]
    fn put(
        &mut self,
        effects: &[(Stamp<'_>, Effect)],
        cut: Instant,
        names: &Names,
        new_version: bool,
    ) -> (Outcome, Option<(Look, Look)>) {
        let targets = || effects.iter().map(|(_, effect)| &effect.target);
        let channels = self.tracks.iter().flat_map(|tracks| &tracks.channels).map(|c| c.name);
        let mut channels: Vec<Name> =
            channels.chain(targets().filter_map(Target::channel)).collect();
        channels.sort_unstable();
        channels.dedup();
        let look = |tracks: Option<&Tracks>| Look::new(tracks, targets(), &channels);
        let before = look(self.tracks.as_ref());
        let first_at = effects.iter().map(|(stamp, _)| stamp.at).fold(Instant::MAX, Instant::min);
        let tracks = self.tracks.get_or_insert_with(|| Tracks::new(cut, first_at));
        let (mut changed, mut latest) = (new_version, false);
        for (stamp, effect) in effects {
            let transition = Transition::new(stamp, effect.value, effect.previous);
            if let Put::Added { latest: last } = tracks.put(&effect.target, transition, names) {
                changed = true;
                latest |= last;
            }
        }
        if !changed {
            return (Outcome::Duplicate, None);
        }
        let after = look(Some(tracks));
        let outcome = if latest || before != after { Outcome::Applied } else { Outcome::Late };
        (outcome, Some((before, after)))
    }
}
