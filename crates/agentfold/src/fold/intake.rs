//! Applies events to a fold.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use smallvec::SmallVec;

use super::change::{Change, Look};
use super::effect::{Effect, Effects, effect, effects};
use super::held::Held;
use super::id::ItemId;
use super::names::Names;
use super::outcome::{Counts, Outcome};
use super::recorded::Listing;
use super::tracks::{Target, Tracks};
use super::transition::{Stamp, Transition};
use super::transition_set::Put;
use super::work_item::{Open, WorkItem};
use super::{Applied, Fold, Known};
use crate::event::Event;
use crate::fact::Fact;
use crate::issues::Issues;
use crate::read::Values;
use crate::steps;
use crate::stream::{Next, Record, Records, Stream, Unreadable};
use crate::{Agent, Instant, Limit};

/// How many facts are read before they are applied.
const BATCH: usize = 64;
/// How many names a fact of a batch has at most.
const NAMES: usize = 8;

/// # Applying events
impl Fold {
    /// Applies an event, and returns its outcome and how it changed the agent's current state.
    ///
    /// [`Fold::insert`] does the same without the changes, and takes a fraction of the time.
    ///
    /// If an event was built by hand and a reader would refuse it, the outcome is `unreadable`, with
    /// the issues that [`Event::check`] finds.
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
        applied(|changes| self.insert_checked(event, changes))
    }

    /// Reads one event by the fold's options and applies it. Returns its outcome and how it changed the
    /// agent's current state. If it can't be read, the outcome is `unreadable`.
    ///
    /// ```
    /// use agentfold::{Fold, Outcome};
    ///
    /// let applied = Fold::new().apply_bytes(b"{}");
    /// assert!(matches!(applied.outcome, Outcome::Unreadable { .. }));
    /// ```
    pub fn apply_bytes(&mut self, bytes: &[u8]) -> Applied {
        if let Some(applied) = self.apply_quick(bytes) {
            return applied;
        }
        match self.options.read_and_check(bytes) {
            Ok((event, _)) => applied(|changes| self.insert_event(&event, changes)),
            Err(issues) => Applied { outcome: Outcome::Unreadable { issues }, changes: Vec::new() },
        }
    }

    /// Applies an event that a quick layer can read.
    fn apply_quick(&mut self, bytes: &[u8]) -> Option<Applied> {
        let (room, mut values) = (OnceCell::new(), Values::new());
        let text = std::str::from_utf8(bytes).ok()?;
        let read = self.shapes.read_whole(text, &mut values, &self.options)?;
        if let Some(fact) = values.fact(&read, &self.options, &room) {
            return Some(applied(|changes| self.insert_fact(&fact, changes)));
        }
        let event = self.shapes.event(&read, &mut values, &self.options)?;
        Some(applied(|changes| self.insert_event(&event, changes)))
    }

    /// Applies all complete records of a stream, and returns the number of each outcome. Calls
    /// `changed` with each change of the current state, and `unreadable` with each record that can't be
    /// read.
    ///
    /// Create the stream with [`Fold::stream`], so that it uses the fold's options.
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
        stream.exchange_shapes(&mut self.shapes);
        while let Some(record) = stream.next() {
            match record {
                Record::Event(event) => {
                    let applied = applied(|changes| self.insert_event(&event, changes));
                    counts.add(&applied.outcome);
                    applied.changes.into_iter().for_each(&mut changed);
                }
                Record::Unreadable(bad) => {
                    counts.unreadable += u64::from(!bad.is_warning());
                    unreadable(bad);
                }
            }
        }
        stream.exchange_shapes(&mut self.shapes);
        counts
    }

    /// Applies an event and returns its outcome. This is [`Fold::apply`] without the changes.
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
        self.insert_checked(event, &mut None)
    }

    /// Applies all records in complete bytes, and returns the number of each outcome. Calls
    /// `unreadable` with each record that can't be read.
    ///
    /// This is the fastest way to apply events. The bytes may have any format that a [`Stream`] reads.
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
        // What is learned of the spelling stays, since some callers pass one event at a time.
        records.exchange_shapes(&mut self.shapes);
        self.read_window(&mut records, bytes, true, &mut counts, &mut unreadable);
        records.exchange_shapes(&mut self.shapes);
        counts
    }

    /// Applies all complete records of a stream, and returns the number of each outcome. Calls
    /// `unreadable` with each record that can't be read.
    ///
    /// It is as fast as [`Fold::read`], for bytes that arrive in pieces.
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
            records.exchange_shapes(&mut self.shapes);
            let read = self.read_window(records, bytes, end, &mut counts, &mut unreadable);
            records.exchange_shapes(&mut self.shapes);
            read
        });
        counts
    }

    /// Applies all records of a reader to its end, and returns the number of each outcome. Calls
    /// `unreadable` with each record that can't be read.
    ///
    /// # Errors
    /// The error of `reader`. The records before it have been applied.
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

    /// Creates a stream that uses the fold's options, for [`Fold::read_stream`] and
    /// [`Fold::apply_stream`].
    pub fn stream(&self) -> Stream {
        Stream::new(&self.options)
    }

    /// Applies all complete records in a window of a stream, and returns how many of its bytes were
    /// used.
    fn read_window(
        &mut self,
        records: &mut Records,
        bytes: &[u8],
        end: bool,
        counts: &mut Counts,
        mut unreadable: impl FnMut(Unreadable<'_>),
    ) -> (usize, Next<()>) {
        let mut used = 0;
        // If the quick layers can't read the records, they are tried less and less, down to once in 64.
        let (mut wait, mut misses) = (0_u32, 0);
        loop {
            if wait == 0 {
                let many = self.read_usual(records, &bytes[used..], counts);
                used += many;
                if many > 0 {
                    misses = 0;
                    continue;
                }
                misses = 6.min(misses + 1);
                wait = 1 << misses;
            }
            wait -= 1;
            let (more, next) = records.next(&bytes[used..], end);
            used += more;
            match next {
                Next::Item(Record::Event(event)) => {
                    counts.add(&self.insert_event(&event, &mut None))
                }
                Next::Item(Record::Unreadable(bad)) => {
                    counts.unreadable += u64::from(!bad.is_warning());
                    unreadable(bad);
                }
                Next::More => return (used, Next::More),
                Next::End => return (used, Next::End),
            }
        }
    }

    /// Applies records in batches as long as the quick layers can read them, and returns how many bytes
    /// were used.
    fn read_usual(&mut self, records: &mut Records, bytes: &[u8], counts: &mut Counts) -> usize {
        // The names of a batch are added before its events are looked at.
        if self.names.count() + NAMES * BATCH > self.options.limits.names {
            return 0;
        }
        let mut stretch = records.stretch(bytes);
        loop {
            // On the stack, since an allocation takes longer than one delivery.
            let rooms = [const { OnceCell::new() }; BATCH];
            let mut facts = SmallVec::<[_; BATCH]>::new();
            let names = Arc::make_mut(&mut self.names);
            let mut last = None;
            for room in &rooms {
                let Some(read) = stretch.read() else {
                    break;
                };
                let Some(fact) = stretch.fact(&read, room) else {
                    last = Some(read);
                    break;
                };
                if !stretch.step(&read) {
                    break;
                }
                let effect = effect(&fact, names);
                facts.push((fact, effect));
            }
            // Touch the data of all facts before the first is applied, so that the processor fetches
            // the memory of many agents at once.
            for (fact, _) in &facts {
                std::hint::black_box(self.tracks(fact.agent).map(Tracks::touch));
            }
            for (fact, effect) in &facts {
                if let (Some(tracks), Some(effect)) = (self.tracks(fact.agent), effect) {
                    std::hint::black_box(tracks.touch_track(effect));
                }
            }
            for (fact, effect) in &facts {
                counts.add(&self.insert_latest(fact, effect.as_ref()));
            }
            if facts.len() < BATCH {
                let Some(read) = last else {
                    return stretch.used();
                };
                let Some(event) = stretch.event(&read).filter(|_| stretch.step(&read)) else {
                    return stretch.used();
                };
                counts.add(&self.insert_event(&event, &mut None));
            }
        }
    }

    /// [`Fold::insert_event`] for an event that may have been built by hand, and that a reader might
    /// refuse.
    fn insert_checked(&mut self, event: &Event<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        if !event.is_refused(&self.options) {
            let outcome = self.insert_event(event, changes);
            if !matches!(outcome, Outcome::Unreadable { .. }) {
                return outcome;
            }
        }
        Outcome::Unreadable { issues: Issues::of_refused(event.check_by(&self.options)) }
    }

    /// Applies an event. Puts what it changed into `changes`, if that is `Some`.
    fn insert_event(&mut self, event: &Event<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        match Fact::of(event, self.options.instant) {
            Ok(Some(fact)) => self.insert_fact(&fact, changes),
            Ok(None) => {
                if let (Some(agent), version @ 1..) = (event.agent(), event.version()) {
                    if let Some(limit) = self.limit(agent, version, &[], false) {
                        return Outcome::Limit { limit };
                    }
                    let known = self.agents.entry(agent).or_default();
                    known.make_mut().versions.add(version);
                }
                Outcome::Ignored
            }
            Err(issue) => Outcome::Unreadable { issues: issue.into() },
        }
    }

    /// Applies a fact without returning the changes. `effect` is given if the fact has exactly one.
    #[inline(always)]
    fn insert_latest(&mut self, fact: &Fact<'_>, effect: Option<&Effect>) -> Outcome {
        // The usual case: one effect, later than all transitions of its track.
        if let Some(effect) = effect
            && let Some(known) = self.agents.get_mut(&fact.agent).map(Held::make_mut)
            && let Some(tracks) = &mut known.tracks
            && fact.at >= tracks.cut
            && tracks.limit(std::iter::once(&effect.target), &self.options.limits).is_none()
            && !known.versions.is_over(fact.version, self.options.limits.version_ranges)
            && tracks.push(effect, &Stamp::of(fact), self.names.hasher())
        {
            known.versions.add(fact.version);
            self.usual.take();
            return Outcome::Applied;
        }
        self.insert_fact(fact, &mut None)
    }

    /// Applies a fact. Puts what it changed into `changes`, if that is `Some`.
    #[inline(never)]
    fn insert_fact(&mut self, fact: &Fact<'_>, changes: &mut Option<Vec<Change>>) -> Outcome {
        let Fact { agent, at, version, .. } = *fact;
        let names = self.names.count();
        let effects = self.effects(fact);
        if version == 0 && effects.is_empty() {
            return Outcome::Ignored;
        }
        let more_names = self.names.count() > names;
        if let Some(limit) = self.limit(agent, version, &effects, more_names) {
            Arc::make_mut(&mut self.names).truncate(names);
            return Outcome::Limit { limit };
        }
        let known = self.agents.entry(agent).or_default().make_mut();
        let new_version = known.versions.add(version);
        if effects.is_empty() {
            return Outcome::Ignored;
        }
        if at < known.tracks.as_ref().map_or(self.cut, |tracks| tracks.cut) {
            return Outcome::Expired;
        }
        let stamp = Stamp::of(fact);
        let effects: SmallVec<[_; 1]> = effects.into_iter().map(|effect| (stamp, effect)).collect();
        self.known += usize::from(known.tracks.is_none());
        self.usual.take();
        let (outcome, looks) = known.put(&effects, &[], self.cut, &self.names, new_version);
        if let (Some(changes), Some((before, after))) = (changes, looks) {
            *changes = before.changes(&after, agent, at, &self.names);
        }
        outcome
    }

    /// The effects of a fact. Drops unused names first if there are too many.
    fn effects(&mut self, fact: &Fact<'_>) -> Effects {
        let names = Arc::make_mut(&mut self.names);
        let before = names.count();
        let stated = effects(fact, names);
        if names.count() == before || names.count() <= self.options.limits.names {
            return stated;
        }
        names.truncate(before);
        self.shed_names_at(self.options.limits.names);
        effects(fact, Arc::make_mut(&mut self.names))
    }

    /// The limit that an event with these effects would exceed.
    fn limit(
        &self,
        agent: Agent,
        version: u64,
        effects: &[Effect],
        more_names: bool,
    ) -> Option<Limit> {
        let limits = &self.options.limits;
        if more_names && self.names.count() > limits.names.max(Names::FEWEST) {
            return Some(Limit::Names);
        }
        let Some(known) = self.agents.get(&agent) else {
            return (self.agents.len() >= limits.agents).then_some(Limit::Agents);
        };
        if known.versions.is_over(version, limits.version_ranges) {
            return Some(Limit::VersionRanges);
        }
        known.tracks.as_ref()?.limit(effects.iter().map(|effect| &effect.target), limits)
    }

    /// Applies a REST record: effects that each have their own stamp, and listings. Those from before
    /// the cut are ignored.
    pub(crate) fn insert_record(
        &mut self,
        agent: Agent,
        version: u64,
        effects: &[(Stamp<'_>, Effect)],
        listings: &[Listing],
        at: Instant,
    ) -> Applied {
        let stated: Vec<Effect> = effects.iter().map(|(_, effect)| effect.clone()).collect();
        if let Some(limit) = self.limit(agent, version, &stated, false) {
            return Applied { outcome: Outcome::Limit { limit }, changes: Vec::new() };
        }
        let known = self.agents.entry(agent).or_default().make_mut();
        let new_version = known.versions.add(version);
        let cut = known.tracks.as_ref().map_or(self.cut, |tracks| tracks.cut);
        let accepted: Vec<_> =
            effects.iter().filter(|(stamp, _)| stamp.at >= cut).cloned().collect();
        if accepted.is_empty() {
            let outcome = if effects.is_empty() { Outcome::Ignored } else { Outcome::Expired };
            return Applied { outcome, changes: Vec::new() };
        }
        let listings = if at < cut { &[] } else { listings };
        self.known += usize::from(known.tracks.is_none());
        self.usual.take();
        let (outcome, looks) = known.put(&accepted, listings, self.cut, &self.names, new_version);
        let changes = looks.map(|(before, after)| before.changes(&after, agent, at, &self.names));
        Applied { outcome, changes: changes.unwrap_or_default() }
    }
}

/// Runs a function that applies an event, and returns its outcome with the changes that it recorded.
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
    /// Puts effects and listings into the tracks, and returns looks at the current state before and
    /// after.
    #[cold]
    fn put(
        &mut self,
        effects: &[(Stamp<'_>, Effect)],
        listings: &[Listing],
        cut: Instant,
        names: &Names,
        new_version: bool,
    ) -> (Outcome, Option<(Look, Look)>) {
        let omitted = self.omitted(listings);
        let all = || effects.iter().map(|(_, effect)| &effect.target).chain(&omitted);
        // A record may name an item on several channels.
        let (several, mut named) = (effects.len() > 1 || !omitted.is_empty(), BTreeSet::new());
        let targets = all().filter(|target| match target {
            Target::WorkItem(id, _) if several => named.insert(id),
            _ => true,
        });
        let targets: SmallVec<[&Target; 4]> = targets.collect();
        let targets = || targets.iter().copied();
        let channels = Look::channels(self.tracks.as_deref(), all(), &[]);
        let mut before = Look::new(self.tracks.as_deref_mut(), targets(), &channels);
        let first_at = effects.iter().map(|(stamp, _)| stamp.at).fold(Instant::MAX, Instant::min);
        let tracks = self.tracks.get_or_insert_with(|| Box::new(Tracks::new(cut, first_at)));
        let (mut changed, mut latest) = (new_version, false);
        for (stamp, effect) in effects {
            // The usual case.
            if tracks.push(effect, stamp, names.hasher()) {
                (changed, latest) = (true, true);
                continue;
            }
            let transition = Transition::new(stamp, effect.value, effect.previous);
            if let Put::Added { latest: last } = tracks.put(&effect.target, transition, names) {
                changed = true;
                latest |= last;
            }
        }
        for listing in listings {
            changed |= tracks.list(listing, names);
        }
        if !changed {
            return (Outcome::Duplicate, None);
        }
        let now = Look::channels(Some(tracks), all(), &channels);
        let after = Look::new(Some(tracks), targets(), &now);
        if now.len() > channels.len() {
            before.widen(&after, tracks);
        }
        let outcome = if latest || before != after { Outcome::Applied } else { Outcome::Late };
        (outcome, Some((before, after)))
    }

    /// The open items that listings omit, and those that may have moved here since: if a listing closed them
    /// before, their stay is shorter.
    fn omitted(&self, listings: &[Listing]) -> Vec<Target> {
        if listings.is_empty() {
            return Vec::new();
        }
        let items = self.tracks.iter().filter_map(|tracks| tracks.items.as_ref());
        let open = items.flat_map(|items| items.open()).inspect(|_| steps::count(1));
        let is_omitted = |id: &ItemId, item: &WorkItem, open: &Open| {
            listings.iter().any(|l| {
                let may_have_moved = item.is_on_several() && open.opened_at <= l.at;
                (l.channel == open.channel || may_have_moved) && !l.lists(id)
            })
        };
        let omitted = open.filter_map(|(id, item)| {
            let on = item.open().iter().find(|open| is_omitted(id, item, open))?;
            Some(Target::WorkItem(id.clone(), on.channel))
        });
        omitted.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::Shapes;

    #[test]
    fn what_a_fold_learned_of_the_spelling_helps_with_each_delivery() {
        let sample = include_str!("../../../../tests/vectors/documents/availability.ndjson");
        let online = sample.lines().next().expect("a sample").as_bytes();
        let read: [fn(&mut Fold, &mut Stream) -> Counts; 2] = [
            |fold, stream| fold.read_stream(stream, |bad| panic!("{bad}")),
            |fold, stream| fold.apply_stream(stream, |_| {}, |bad| panic!("{bad}")),
        ];
        for read in read {
            let mut fold = Fold::new();
            let mut learned = Vec::new();
            for _ in 0..3 {
                let mut stream = fold.stream();
                stream.push(online);
                stream.end();
                assert_eq!(read(&mut fold, &mut stream).applied, u64::from(learned.is_empty()));
                learned.push(format!("{:?}", fold.shapes));
            }
            assert_ne!(learned[0], format!("{:?}", Shapes::default()));
            assert_eq!(learned[1], learned[2]);
        }
    }
}
