//! [`Stretch`]: a part of a track's history with one value
//! ([the contract](crate::contract::measures#intervals)).

use super::basis::Basis;
use super::doubt::Vouched;
use super::window::Window;
use crate::Instant;
use crate::fold::origin::Origin;
use crate::fold::tracks::{Target, Tracks};
use crate::fold::transition::Transition;
use crate::fold::transition_set::TransitionSet;
use crate::fold::transitions::{Cached, Part};
use crate::fold::value::{Previous, Unified, Value};

/// A part of a track's history with one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    /// [`Value::Null`] if the basis is `unknown`.
    pub(crate) value: Value,
    pub(crate) basis: Basis,
    pub(crate) open: bool,
}

/// The steps of a track's history, in the order of their stamps.
pub(crate) trait Steps {
    fn count(&self) -> usize;
    fn at(&self, step: usize) -> Instant;
    /// How many steps are before an instant.
    fn before(&self, at: Instant) -> usize;
    /// The value that a step set; `None` if it made the value unknown.
    fn value(&self, step: usize) -> Option<Value>;
    /// The basis of the stretch that a step ends. The step is not the first.
    fn ended(&self, step: usize) -> Basis;
    /// The value before the first step, if that states it.
    fn inferred(&self) -> Option<Value>;
    /// What speaks for the value of the stretch that a step ends. With the count of steps, it is the last
    /// stretch.
    fn vouched(&self, next: usize) -> Vouched;
}

/// When an agent's history begins to be known.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Life {
    pub(crate) first_at: Instant,
    pub(crate) cut: Instant,
}

impl Life {
    pub(crate) fn of(tracks: &Tracks) -> Life {
        Life { first_at: tracks.first_at, cut: tracks.cut }
    }
}

/// The steps of a track that is not a work item's.
pub(crate) struct PlainSteps<'t> {
    transitions: Cached<'t>,
    /// Whether null means unknown, as for a deleted channel's state, rather than no limit.
    null_is_unknown: bool,
    /// Whether it changes so rarely that a gap is hardly ever its own.
    is_rare: bool,
    /// For access, the transitions of the channel's state: an agent without access has none.
    pub(crate) active: Part<'t>,
}

impl<'t> PlainSteps<'t> {
    /// The steps of a track without transitions.
    pub(crate) fn none() -> PlainSteps<'static> {
        PlainSteps {
            transitions: Cached::new(Part::EMPTY),
            null_is_unknown: false,
            is_rare: false,
            active: Part::EMPTY,
        }
    }

    pub(crate) fn new(
        target: &Target,
        track: Option<&'t TransitionSet>,
        as_of: Instant,
    ) -> PlainSteps<'t> {
        PlainSteps {
            transitions: Cached::new(PlainSteps::told(track, as_of)),
            null_is_unknown: matches!(target, Target::State(_)),
            is_rare: matches!(target, Target::Access(_) | Target::MaxCapacity(_) | Target::Groups),
            active: Part::EMPTY,
        }
    }

    /// The transitions of a track up to an instant.
    pub(crate) fn told(track: Option<&TransitionSet>, as_of: Instant) -> Part<'_> {
        track.map_or(Part::EMPTY, |track| track.as_of(Some(as_of)))
    }

    /// Whether the agent was active on the channel in a stretch in which it has no access to it.
    fn is_active_without_access(&self, next: usize) -> bool {
        let begin = next.checked_sub(1).filter(|_| !self.active.is_empty());
        let begin = begin.and_then(|last| self.transitions.look(last, |t| (t.at, t.value)));
        let Some((begin, Value::Bool(false))) = begin else {
            return false;
        };
        let end = self.transitions.look(next, |next| next.at).unwrap_or(Instant::MAX);
        let after = self.active.partition_point(|t| t.at <= begin);
        let mut within = self.active.from(after).take_while(|t| t.at < end);
        within.any(|t| t.value != Value::Null)
    }

    /// Looks at the transition of a step.
    pub(crate) fn look<T>(&self, step: usize, look: impl FnOnce(&Transition) -> T) -> T {
        self.transitions.look(step, look).expect("INVARIANT: steps are counted")
    }
}

impl Steps for PlainSteps<'_> {
    fn count(&self) -> usize {
        self.transitions.all.len()
    }

    fn at(&self, step: usize) -> Instant {
        self.look(step, |t| t.at)
    }

    fn before(&self, at: Instant) -> usize {
        self.transitions.all.count_before(at)
    }

    fn value(&self, step: usize) -> Option<Value> {
        let value = self.look(step, |t| t.value);
        (!self.null_is_unknown || value != Value::Null).then_some(value)
    }

    fn ended(&self, step: usize) -> Basis {
        match self.look(step, |t| t.previous) {
            Previous::Value(stated) if stated.is_same(self.look(step - 1, |t| t.value)) => {
                Basis::Observed
            }
            Previous::Value(_) => Basis::Disputed,
            _ => Basis::Assumed,
        }
    }

    fn inferred(&self) -> Option<Value> {
        match self.transitions.look(0, |first| first.previous)? {
            Previous::Value(stated) => Some(stated),
            _ => None,
        }
    }

    fn vouched(&self, next: usize) -> Vouched {
        let told = |step| self.transitions.look(step, |t| (t.value, t.origin));
        match (next.checked_sub(1).and_then(told), told(next)) {
            _ if self.is_active_without_access(next) => Vouched::Disputed,
            (None, _) => Vouched::After,
            (Some(_), None) if self.is_rare => Vouched::Throughout,
            (Some(_), None) => Vouched::Before,
            (Some((last, _)), Some((end, origin))) => match self.ended(next) {
                Basis::Observed => Vouched::Throughout,
                Basis::Disputed => Vouched::Disputed,
                // A REST record states no previous value.
                _ if end.is_same(last) => Vouched::Throughout,
                _ if origin == Origin::Rest => Vouched::Disputed,
                _ => Vouched::Before,
            },
        }
    }
}

/// All stretches that end at `from` or later, not joined: some may be empty, and neighbours may be
/// equal.
pub(crate) fn raw<S: Steps>(
    steps: &S,
    life: Life,
    from: Instant,
    as_of: Instant,
) -> impl Iterator<Item = Stretch> {
    let Life { first_at, cut } = life;
    let unknown = |from, to| {
        let (value, basis, open) = (Value::Null, Basis::Unknown, false);
        Stretch { from, to, value, basis, open }
    };
    let before_cut = (from < cut).then(|| unknown(Instant::MIN, cut));
    let count = steps.count();
    let first = steps.before(from.max(cut));
    let before_first = (first == 0).then(|| {
        let end = if count == 0 { as_of } else { steps.at(0) };
        match steps.inferred() {
            None => [Some(unknown(cut, end)), None],
            Some(value) => {
                let told = first_at.min(end);
                let (basis, open) = (Basis::Inferred, false);
                let inferred = Stretch { from: told, to: end, value, basis, open };
                [(cut < told).then(|| unknown(cut, told)), Some(inferred)]
            }
        }
    });
    let rest = (first.max(1)..=count).map(move |next| {
        let (from, value) = (steps.at(next - 1), steps.value(next - 1));
        let open = next == count;
        let to = if open { as_of } else { steps.at(next) };
        match value {
            None => unknown(from, to),
            Some(value) if open => Stretch { from, to, value, basis: Basis::Assumed, open },
            Some(value) => Stretch { from, to, value, basis: steps.ended(next), open },
        }
    });
    let known = before_first.into_iter().flatten().flatten().chain(rest);
    // Stretches that ended by the cut are before it, where nothing is known.
    let known = known.filter(move |s| s.from >= cut || s.to > cut);
    let known = known.map(move |s| Stretch { from: s.from.max(cut), ..s });
    before_cut.into_iter().chain(known)
}

/// A track's stretches in a window, which they cover without gaps.
pub(crate) fn stretches<S: Steps>(steps: &S, life: Life, window: &Window) -> Vec<Stretch> {
    let mut kept: Vec<Stretch> = Vec::new();
    for stretch in raw(steps, life, window.from, window.as_of) {
        match kept.last_mut() {
            Some(last) if stretch.from >= stretch.to && last.value.joins(stretch.value) => {}
            Some(last) if last.value.joins(stretch.value) && last.basis == stretch.basis => {
                last.value = last.value.told_again(stretch.value);
                (last.to, last.open) = (stretch.to, stretch.open);
            }
            _ if stretch.from >= window.end() => break,
            _ => kept.push(stretch),
        }
    }
    let clipped = kept.into_iter().map(|stretch| Stretch {
        from: stretch.from.max(window.from),
        to: stretch.to.min(window.end()),
        ..stretch
    });
    clipped.filter(|stretch| stretch.from < stretch.to).collect()
}

/// The stretches of a track that is not a work item's.
pub(crate) fn plain(tracks: &Tracks, target: &Target, window: &Window) -> Vec<Stretch> {
    let steps = PlainSteps::new(target, tracks.track(target), window.as_of);
    stretches(&steps, Life::of(tracks), window)
}

impl Value {
    /// Whether stretches with these values can be joined. Unified states need the same id and reason.
    fn joins(self, other: Value) -> bool {
        match (self, other) {
            (Value::Unified(a), Value::Unified(b)) => (a.id, a.reason) == (b.id, b.reason),
            _ => self == other,
        }
    }

    /// The value of joined stretches. A unified state has the name that was stated last.
    fn told_again(self, later: Value) -> Value {
        match (self, later) {
            (Value::Unified(first), Value::Unified(later)) => {
                Value::Unified(Unified { name: later.name.or(first.name), ..later })
            }
            _ => later,
        }
    }
}
