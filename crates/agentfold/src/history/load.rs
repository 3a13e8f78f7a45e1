//! The load of a channel: how many items are open on it.

use super::basis::Basis;
use super::interval::histories;
use super::item_history::History;
use super::stretch::{Life, Stretch, stretches};
use super::window::Window;
use crate::Instant;
use crate::fold::names::Name;
use crate::fold::tracks::Tracks;
use crate::fold::value::{Value, Work};

/// The number of open items on a channel, and the instant from which it holds. The first begins before
/// the window.
pub(crate) fn loads(histories: &[&History], channel: Name, from: Instant) -> Vec<(Instant, u64)> {
    let channels = histories.iter().flat_map(|history| &history.channels);
    let openings = channels.filter(|on| on.channel == channel).flat_map(|on| on.openings());
    let mut openings: Vec<(Instant, bool)> = openings.collect();
    // At one instant, openings come first, so that the load is never negative.
    openings.sort_by_key(|(at, opens)| (*at, !opens));
    let mut loads = vec![(Instant::MIN, 0)];
    for (at, opens) in openings {
        let (last_at, last) = loads[loads.len() - 1];
        let load = if opens { last + 1 } else { last - 1 };
        if at <= from || at == last_at {
            loads.pop();
        }
        loads.push((if at <= from { Instant::MIN } else { at }, load));
    }
    loads
}

/// The stretches of a channel's load in a window; unknown before the cut and the first event.
pub(crate) fn load(tracks: &Tracks, channel: Option<Name>, window: &Window) -> Vec<Stretch> {
    // Whether a stretch is open depends on everything after it.
    let whole = Window { to: window.as_of, ..*window };
    let life = Life::of(tracks);
    let known_from = life.first_at.max(life.cut);
    // The openings and closings, by basis, and the beginning, where the load does not change.
    let mut steps: Vec<(Instant, Basis, i64)> =
        vec![(known_from.max(window.from), Basis::Observed, 0)];
    for (_, history) in histories(tracks, &whole) {
        for on in history.channels.iter().filter(|on| Some(on.channel) == channel) {
            for stretch in stretches(on, life, &whole) {
                let is_open = matches!(stretch.value, Value::Work(Work { open: true, .. }));
                if is_open && stretch.basis != Basis::Inferred {
                    steps.push((stretch.from, stretch.basis, 1));
                    steps.push((stretch.to, stretch.basis, -1));
                }
            }
        }
    }
    steps.sort_unstable_by_key(|(at, ..)| *at);
    let unknown = Stretch {
        from: window.from,
        to: known_from,
        value: Value::Null,
        basis: Basis::Unknown,
        open: false,
    };
    let mut loads: Vec<Stretch> = vec![unknown];
    let mut open = Basis::ALL.map(|basis| (basis, 0_i64));
    for same in steps.chunk_by(|a, b| a.0 == b.0) {
        for (_, basis, more) in same {
            open[*basis as usize].1 += more;
        }
        let from = same[0].0;
        if from >= window.as_of {
            break;
        }
        let value = Value::Number(open.iter().map(|(_, count)| count.unsigned_abs()).sum());
        let worst = open.iter().rev().find(|(_, count)| *count > 0);
        let basis = worst.map_or(Basis::Observed, |(basis, _)| *basis);
        match loads.last_mut() {
            Some(last) if (last.value, last.basis) == (value, basis) => {}
            Some(last) => {
                last.to = from;
                loads.push(Stretch { from, to: window.as_of, value, basis, open: false });
            }
            None => {}
        }
    }
    if let Some(last) = loads.last_mut().filter(|last| last.basis != Basis::Unknown) {
        last.open = true;
    }
    let clipped = loads.into_iter().map(|stretch| Stretch {
        from: stretch.from.max(window.from),
        to: stretch.to.min(window.end()),
        ..stretch
    });
    clipped.filter(|stretch| stretch.from < stretch.to).collect()
}
