//! Compares a simulated month, whose true history is known, with the fold of its events.
//!
//! `make truth` prints the table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use agentfold::history::{Basis, Interval, Sign, Window};
use agentfold::{Agent, Fold, Instant, Track, TrackValue};
use agentfold_simulate::{Feed, Simulation};
use serde::Deserialize;
use serde_json::Value;

/// A line of the simulator's true history.
#[derive(Debug, Deserialize)]
struct Span {
    account_id: String,
    agent_id: String,
    track: String,
    from: Instant,
    to: Instant,
    value: Value,
}

impl Span {
    fn agent(&self) -> Agent {
        let id = |text: &str| text.parse().expect("an id");
        Agent { account_id: id(&self.account_id), agent_id: id(&self.agent_id) }
    }
}

/// A month of a floor, and its true history.
struct Month {
    simulation: Simulation,
    truth: BTreeMap<Agent, BTreeMap<String, Vec<Span>>>,
    end: Instant,
}

fn month() -> &'static Month {
    static MONTH: LazyLock<Month> = LazyLock::new(|| {
        Month::of(Simulation {
            agents: 100,
            hours: 30 * 24,
            feed: Feed::Both,
            ..Simulation::default()
        })
    });
    &MONTH
}

impl Month {
    fn of(simulation: Simulation) -> Month {
        let mut truth: BTreeMap<Agent, BTreeMap<String, Vec<Span>>> = BTreeMap::new();
        for line in simulation.truth() {
            let span: Span = serde_json::from_str(&line).expect("a span");
            let tracks = truth.entry(span.agent()).or_default();
            tracks.entry(span.track.clone()).or_default().push(span);
        }
        let spans = truth.values().flat_map(|tracks| tracks.values().flatten());
        let end = spans.map(|span| span.to).max().expect("a span");
        Month { simulation, truth, end }
    }
}

fn fold(simulation: &Simulation) -> Fold {
    let mut fold = Fold::new();
    for event in simulation.events() {
        fold.read(event.as_bytes(), |bad| panic!("{:?}", bad.issues));
    }
    fold
}

/// Nanoseconds of a kind of track, by whether the fold's value is right.
#[derive(Debug, Default)]
struct Measured {
    right: u128,
    /// By basis, and by whether the agent has missing versions.
    wrong: BTreeMap<(Basis, bool), u128>,
}

impl Measured {
    fn wrong(&self, which: impl Fn(Basis, bool) -> bool) -> u128 {
        let wrong = self.wrong.iter().filter(|((basis, missing), _)| which(*basis, *missing));
        wrong.map(|(_, ns)| ns).sum()
    }
}

fn is_marked(basis: Basis) -> bool {
    matches!(basis, Basis::Disputed | Basis::Inferred | Basis::Unknown)
}

/// Compares a fold with the true history from each agent's first event on, for each kind of track.
fn measure(month: &Month, fold: &Fold) -> BTreeMap<String, Measured> {
    let missing: BTreeSet<Agent> = fold
        .anomalies()
        .into_iter()
        .filter(|anomaly| matches!(anomaly.sign, Sign::MissingVersions { .. }))
        .map(|anomaly| anomaly.agent)
        .collect();
    let mut measured: BTreeMap<String, Measured> = BTreeMap::new();
    for (agent, tracks) in &month.truth {
        let whole = Window { from: Instant::MIN, to: month.end, as_of: month.end };
        let intervals = fold.intervals(*agent, None, &whole).expect("no track is named");
        let known = intervals.iter().filter(|interval| interval.basis != Basis::Unknown);
        let Some(first) = known.map(|interval| interval.from).min() else {
            continue;
        };
        for (track, spans) in tracks {
            let window = Window { from: first, ..whole };
            let track: Track = track.parse().expect("a track");
            let told = fold.intervals(*agent, Some(&track), &window).expect("a track");
            let kind = track.aspect().to_string();
            let lacks = missing.contains(agent);
            let into = measured.entry(kind).or_default();
            compare(spans, &told, first, lacks, into);
            compare_before(&spans[0], &told, lacks, into);
        }
    }
    measured
}

fn compare(truth: &[Span], told: &[Interval], first: Instant, lacks: bool, into: &mut Measured) {
    for span in truth {
        for interval in told {
            let from = span.from.max(interval.from).max(first);
            let to = span.to.min(interval.to);
            if from >= to {
                continue;
            }
            let ns = (to.unix_nanos() - from.unix_nanos()).unsigned_abs();
            if span.value == serde_json::to_value(&interval.value).expect("a value is JSON") {
                into.right += ns;
            } else {
                *into.wrong.entry((interval.basis, lacks)).or_default() += ns;
            }
        }
    }
}

/// Before its first span a work item was not open, so every open interval before it is wrong.
fn compare_before(first: &Span, told: &[Interval], lacks: bool, into: &mut Measured) {
    let open = told
        .iter()
        .filter(|interval| matches!(interval.value, TrackValue::WorkItem { open: true, .. }));
    for interval in open.filter(|interval| interval.from < first.from) {
        let to = interval.to.min(first.from);
        let ns = (to.unix_nanos() - interval.from.unix_nanos()).unsigned_abs();
        *into.wrong.entry((interval.basis, lacks)).or_default() += ns;
    }
}

#[test]
fn a_month_without_losses_is_told_exactly() {
    let month = month();
    let measured = measure(month, &fold(&month.simulation));
    assert_eq!(measured.len(), 8, "kinds of tracks: {:?}", measured.keys());
    for (track, measured) in measured {
        assert!(measured.right > 0, "nothing is known of {track}");
        assert_eq!(measured.wrong, BTreeMap::new(), "{track}");
    }
}

#[test]
fn repeats_and_delays_lose_nothing() {
    let month = month();
    let late = Simulation { duplicate: 0.1, shuffle: 7200, ..month.simulation.clone() };
    assert_eq!(fold(&late).save(), fold(&month.simulation).save());
}

#[test]
fn what_lost_events_made_wrong_is_marked() {
    let month = month();
    let lossy = Simulation { drop: 0.01, ..month.simulation.clone() };
    let measured = measure(month, &fold(&lossy));
    println!(
        "| track | hours | of them wrong | disputed, inferred or unknown | of agents with missing versions |"
    );
    println!("|---|---:|---:|---:|---:|");
    let mut states = Measured::default();
    for (track, measured) in measured {
        print_row(&format!("`{track}`"), &measured);
        if ["state", "unified_state"].contains(&track.as_str()) {
            states.right += measured.right;
            for (key, ns) in measured.wrong {
                *states.wrong.entry(key).or_default() += ns;
            }
        }
    }
    print_row("`state` and `unified_state`", &states);
    let wrong = states.wrong(|_, _| true);
    let marked = states.wrong(|basis, _| is_marked(basis));
    assert!(wrong > 0, "losses made no value wrong");
    assert!(marked * 100 >= wrong * 95, "{marked} of {wrong} wrong nanoseconds are marked");
}

fn print_row(name: &str, measured: &Measured) {
    let wrong = measured.wrong(|_, _| true);
    let hours = |ns: u128| ns as f64 / 3.6e12;
    let percent = |part: u128| 100.0 * part as f64 / wrong as f64;
    println!(
        "| {name} | {:.0} | {:.1} | {:.1} % | {:.1} % |",
        hours(measured.right + wrong),
        hours(wrong),
        percent(measured.wrong(|basis, _| is_marked(basis))),
        percent(measured.wrong(|_, missing| missing)),
    );
}
