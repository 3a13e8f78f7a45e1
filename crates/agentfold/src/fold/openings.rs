//! [`Openings`]: where a work item of many transitions is open, without stepping through all of them.

use smallvec::SmallVec;

use super::names::Name;
use super::transitions::Part;
use super::value::{Value, Work};
use super::work_item::{OpenOn, step};
use crate::Instant;
use crate::steps;

/// How many transitions or children a node has at most.
const WIDTH: usize = 32;

/// What the transitions of one work item do to the channels where it is open: a tree over them in their
/// order, whose nodes hold the same in short.
#[derive(Debug, Clone)]
pub(crate) struct Openings(Node);

/// A step of a work item: an instant, and what happened.
type Step = (Instant, Work);

#[derive(Debug, Clone)]
struct Node {
    /// How many transitions it covers.
    count: usize,
    /// Steps that do what those transitions do, wherever the item was open before.
    steps: Vec<Step>,
    /// Empty for a leaf, which covers at most `WIDTH` transitions.
    // INVARIANT: no more than `WIDTH`, all of one depth.
    children: Vec<Node>,
}

impl Openings {
    pub(crate) fn new(transitions: Part<'_>) -> Openings {
        let mut openings = Openings(Node { count: 0, steps: Vec::new(), children: Vec::new() });
        for (place, _) in transitions.iter().enumerate() {
            openings.insert(place, transitions);
        }
        openings
    }

    /// Notes that a transition was inserted at a place of these transitions.
    pub(crate) fn insert(&mut self, place: usize, transitions: Part<'_>) {
        if let Some(second) = self.0.change(place, 1, 0, transitions) {
            let (steps, children) = (Vec::new(), Vec::new());
            let first = std::mem::replace(&mut self.0, Node { count: 0, steps, children });
            self.0.children = vec![first, second];
            self.0.sum_up();
        }
    }

    /// Notes that the transition at a place of these transitions was replaced.
    pub(crate) fn replace(&mut self, place: usize, transitions: Part<'_>) {
        self.0.change(place, 0, 0, transitions);
    }

    /// Where the item is open after all of them.
    pub(crate) fn open(&self) -> OpenOn {
        let mut open = OpenOn::new();
        for (at, work) in &self.0.steps {
            step(&mut open, *at, Value::Work(*work));
        }
        open
    }
}

impl Node {
    /// Adds `more` transitions at a place, counted from `start`, where this node begins. Returns the
    /// second half if it had to be split.
    fn change(
        &mut self,
        place: usize,
        more: usize,
        start: usize,
        transitions: Part<'_>,
    ) -> Option<Node> {
        if self.children.is_empty() {
            self.count += more;
            if self.count <= WIDTH {
                self.read(start, transitions);
                return None;
            }
            let mut second =
                Node { count: self.count / 2, steps: Vec::new(), children: Vec::new() };
            self.count -= second.count;
            self.read(start, transitions);
            second.read(start + self.count, transitions);
            return Some(second);
        }
        let (mut at, mut start) = (0, start);
        while at + 1 < self.children.len() && place >= start + self.children[at].count {
            start += self.children[at].count;
            at += 1;
        }
        let second = self.children[at].change(place, more, start, transitions);
        self.children.splice(at + 1..at + 1, second);
        let split = (self.children.len() > WIDTH).then(|| {
            let children = self.children.split_off(WIDTH / 2);
            let mut second = Node { count: 0, steps: Vec::new(), children };
            second.sum_up();
            second
        });
        self.sum_up();
        split
    }

    /// Takes a leaf's steps from the transitions that it covers.
    fn read(&mut self, start: usize, transitions: Part<'_>) {
        let covered = transitions.from(start).take(self.count);
        self.steps = in_short(covered.filter_map(|t| match t.value {
            Value::Work(work) => Some((t.at, work)),
            _ => None,
        }));
    }

    /// Takes the steps and the count from the children.
    fn sum_up(&mut self) {
        self.count = self.children.iter().map(|child| child.count).sum();
        self.steps = in_short(self.children.iter().flat_map(|child| child.steps.iter().copied()));
    }
}

/// A channel that steps name. "Before" is before the first of the steps.
struct Touched {
    channel: Name,
    /// Whether the item, if it was open there before, was not closed there since.
    kept: bool,
    opened: Option<Opened>,
}

/// Steps that opened an item on a channel where it is still open.
struct Opened {
    /// The earliest opening that flowed in.
    at: Instant,
    first: (Instant, Name),
    /// A later one with another reason than the first.
    other: Option<(Instant, Name)>,
    /// The first one of those with the last reason.
    last: (Instant, Name),
}

/// Fewer steps that do the same, wherever the item was open before.
fn in_short(steps: impl Iterator<Item = Step>) -> Vec<Step> {
    let mut touched = SmallVec::<[Touched; 2]>::new();
    // The channel of the last move, if the item is still open there.
    let mut holder = None;
    // After a move: the channels that were closed before the first one. What was open elsewhere has
    // flowed to the holder; `None` if that was closed.
    let mut moved = false;
    let mut pulled: Option<Vec<Name>> = None;
    for (at, work) in steps {
        steps::count(1);
        let channel = work.channel;
        let Work { reason: Some(reason), open: true, .. } = work else {
            if moved {
                touched.retain(|known| known.channel != channel);
            } else {
                let known = touch(&mut touched, channel, true);
                (known.kept, known.opened) = (false, None);
            }
            if holder == Some(channel) {
                (holder, pulled) = (None, None);
            }
            continue;
        };
        let (mut opened_at, kept) = (at, !moved);
        if work.is_move() {
            let opened = touched.iter().filter_map(|known| known.opened.as_ref());
            opened_at = opened.map(|opened| opened.at).fold(at, Instant::min);
            if !moved {
                let closed = touched.iter().filter(|known| !known.kept);
                pulled = Some(closed.map(|known| known.channel).collect());
            }
            touched.retain(|known| known.channel == channel);
            (moved, holder) = (true, Some(channel));
        }
        let known = touch(&mut touched, channel, kept);
        match &mut known.opened {
            None => {
                let first = (at, reason);
                known.opened = Some(Opened { at: opened_at, first, other: None, last: first });
            }
            Some(opened) => {
                opened.at = opened.at.min(opened_at);
                if opened.last.1 != reason {
                    if reason != opened.first.1 {
                        opened.other = opened.other.or(Some((at, reason)));
                    }
                    opened.last = (at, reason);
                }
            }
        }
    }

    let mut short = Vec::new();
    let close = |channel| (Instant::MIN, Work { channel, reason: None, open: false });
    let open = |channel, (at, reason)| (at, Work { channel, reason: Some(reason), open: true });
    let aside = |channel| if channel == Name::ONLINE { Name::OFFERED } else { Name::ONLINE };
    match pulled {
        Some(closed) => short.extend(closed.into_iter().map(close)),
        None if moved => {
            short.extend([
                open(Name::ONLINE, (Instant::MAX, Name::CHANNEL_CHANGE)),
                close(Name::ONLINE),
            ]);
        }
        None => {}
    }
    // What the holder has comes first, since its move closes all others.
    touched.sort_by_key(|known| holder != Some(known.channel));
    for Touched { channel, kept, opened } in touched {
        if !moved && !kept {
            short.push(close(channel));
        }
        let Some(Opened { at, first, other, last }) = opened else {
            continue;
        };
        if holder == Some(channel) {
            // A move elsewhere closes what was open on its channel before.
            let how = if kept { Name::ACCEPTED } else { Name::CHANNEL_CHANGE };
            short.push(open(aside(channel), (at, how)));
        }
        short.push(open(channel, first));
        if holder == Some(channel)
            && first.1 != Name::CHANNEL_CHANGE
            && last.1 != Name::CHANNEL_CHANGE
        {
            // There was a move in between.
            short.push(open(channel, (first.0, Name::CHANNEL_CHANGE)));
            short.push(open(channel, last));
        } else if last != first {
            short.extend(other.filter(|_| last.1 == first.1).map(|step| open(channel, step)));
            short.push(open(channel, last));
        }
    }
    short
}

fn touch(touched: &mut SmallVec<[Touched; 2]>, channel: Name, kept: bool) -> &mut Touched {
    let place = touched.iter().position(|known| known.channel == channel);
    let place = place.unwrap_or_else(|| {
        touched.push(Touched { channel, kept, opened: None });
        touched.len() - 1
    });
    &mut touched[place]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fold::work_item::Open;

    /// Steps on four channels, with four reasons.
    fn steps(most: usize) -> impl Strategy<Value = Vec<(u8, u8, bool)>> {
        prop::collection::vec((0_u8..4, 0_u8..4, prop::bool::weighted(0.7)), 0..most)
    }

    fn dated(steps: &[(u8, u8, bool)], from: i64) -> Vec<Step> {
        let reasons = [Name::CHANNEL_CHANGE, Name::OFFERED, Name::ACCEPTED, Name::OFFER_MISSED];
        let channels = [Name::ONLINE, Name::OFFERED, Name::ACCEPTED, Name::OFFER_MISSED];
        let steps = steps.iter().zip(from..).map(|((channel, reason, open), second)| {
            let channel = channels[usize::from(*channel)];
            let reason = open.then_some(reasons[usize::from(*reason)]);
            (
                Instant::from_unix(second, 0).expect("in range"),
                Work { channel, reason, open: *open },
            )
        });
        steps.collect()
    }

    fn after(before: &OpenOn, steps: &[Step]) -> Vec<Open> {
        let mut open = before.clone();
        for (at, work) in steps {
            step(&mut open, *at, Value::Work(*work));
        }
        open.sort_by_key(|open| open.channel);
        open.to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 80))]

        #[test]
        fn steps_in_short_do_the_same(before in steps(9), first in steps(12), second in steps(12)) {
            let mut open = OpenOn::new();
            for (at, work) in dated(&before, 0) {
                step(&mut open, at, Value::Work(work));
            }
            let (first, second) = (dated(&first, 100), dated(&second, 200));
            let all = [&first[..], &second[..]].concat();
            let short = in_short(all.iter().copied());
            prop_assert_eq!(after(&open, &short), after(&open, &all), "{:?} is {:?}", all, short);
            let halves = [in_short(first.into_iter()), in_short(second.into_iter())].concat();
            let short = in_short(halves.into_iter());
            prop_assert_eq!(after(&open, &short), after(&open, &all), "{:?} is {:?}", all, short);
            prop_assert!(short.len() <= 16, "{}", short.len());
        }
    }
}
