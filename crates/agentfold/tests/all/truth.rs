//! Compares a simulated month, whose true history is known, with the fold of its events.
//!
//! `make truth` prints the tables.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use agentfold::history::{Basis, Interval, Window};
use agentfold::report::{Buckets, RollUp, Row};
use agentfold::rest::{Channel, Page, Record, UnifiedState, WorkItem};
use agentfold::{Agent, Fold, Instant, Selection, Track, TrackValue};
use agentfold_simulate::{Feed, Simulation};
use serde::Deserialize;
use serde_json::Value;

/// The times between two nightly records.
const DAY: i128 = 86_400_000_000_000;

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

/// A month of a floor, its true history, and the fold of all its events.
struct Month {
    simulation: Simulation,
    truth: BTreeMap<Agent, BTreeMap<Track, Vec<Span>>>,
    whole: Fold,
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
        let mut truth: BTreeMap<Agent, BTreeMap<Track, Vec<Span>>> = BTreeMap::new();
        for line in simulation.truth() {
            let span: Span = serde_json::from_str(&line).expect("a span");
            let track = span.track.parse().expect("a track");
            truth.entry(span.agent()).or_default().entry(track).or_default().push(span);
        }
        let spans = truth.values().flat_map(|tracks| tracks.values().flatten());
        let end = spans.map(|span| span.to).max().expect("a span");
        let whole = fold(&simulation);
        Month { simulation, truth, whole, end }
    }

    /// The fold of what arrives if this share of the events is lost, and the true REST records of every
    /// night.
    fn lossy(&self, drop: f64, nightly: bool) -> Fold {
        let mut fold = fold(&Simulation { drop, ..self.simulation.clone() });
        let (first, _) = self.whole.first_and_last_event_at().expect("events");
        let begin = first.unix_nanos().div_euclid(DAY) * DAY;
        let nights = (1..).map(|day| begin + day * DAY);
        for night in nights.take_while(|night| nightly && *night < self.end.unix_nanos()) {
            let night =
                Instant::from_unix((night / 1_000_000_000) as i64, (night % 1_000_000_000) as u32);
            let night = night.expect("in range");
            for agent in self.whole.agents() {
                if let Some(record) = self.record(agent, night) {
                    let page = Page { records: vec![record], next: None };
                    fold.seed(agent.account_id, &page, night);
                }
            }
        }
        fold
    }

    /// What Zendesk's record says of an agent at an instant: the truth.
    fn record(&self, agent: Agent, at: Instant) -> Option<Record> {
        let state = self.whole.state_at(agent, at).expect("no cut")?;
        let id = format!("agent_availabilities|{}", agent.agent_id);
        let unified_state = state.unified_state.map(|state| UnifiedState {
            id: state.id,
            name: state.name,
            reason: state.reason,
            updated_at: Some(state.since),
        });
        let with_access = state.channels.into_iter().filter(|(_, c)| c.access == Some(true));
        let channels = with_access.map(|(name, channel)| {
            let id = format!("{id}|channels|{name}");
            let window = Window { from: Instant::MIN, to: at, as_of: at };
            let capacity = Track::MaxCapacity(name.clone());
            let capacities = self.whole.intervals(agent, Some(&capacity), &window);
            let since = capacities.expect("a track").last().map(|last| last.from);
            let items = channel.work_items.into_iter().map(|item| WorkItem {
                id: format!("{id}|work_items|{}", item.id),
                work_item_id: item.id,
                reason: Some(item.reason),
                added_at: Some(item.since),
            });
            Channel {
                work_items: items.collect(),
                id,
                name,
                status: channel.state,
                max_capacity: Some(channel.max_capacity),
                updated_at: channel.since.max(since),
                work_item_count: Some(channel.load),
                has_more: false,
            }
        });
        Some(Record {
            channels: channels.collect(),
            id,
            agent_id: agent.agent_id,
            version: state.version,
            unified_state,
            group_ids: state.group_ids,
        })
    }
}

fn fold(simulation: &Simulation) -> Fold {
    let mut fold = Fold::new();
    for event in simulation.events() {
        fold.read(event.as_bytes(), |bad| panic!("{:?}", bad.issues));
    }
    fold
}

/// Nanoseconds of a kind of track for which a value is claimed, by whether it is right and marked.
#[derive(Debug, Default, Clone, Copy)]
struct Claimed {
    right: u128,
    right_marked: u128,
    wrong: u128,
    wrong_marked: u128,
}

impl Claimed {
    /// Adds a part of an interval.
    fn add(&mut self, interval: &Interval, from: Instant, to: Instant, is_right: bool) {
        let ns = to.nanos_between(from);
        let marked = marked(interval, from, to);
        let (sum, of_it) = match is_right {
            true => (&mut self.right, &mut self.right_marked),
            false => (&mut self.wrong, &mut self.wrong_marked),
        };
        *sum += ns;
        *of_it += marked;
    }
}

trait Between {
    fn nanos_between(self, from: Instant) -> u128;
}

impl Between for Instant {
    fn nanos_between(self, from: Instant) -> u128 {
        (self.unix_nanos() - from.unix_nanos()).max(0).unsigned_abs()
    }
}

/// The nanoseconds of a part of an interval that are doubtful.
fn marked(interval: &Interval, from: Instant, to: Instant) -> u128 {
    let parts = interval.doubtful.iter();
    parts.map(|part| part.to.min(to).nanos_between(part.from.max(from))).sum()
}

/// Compares a fold with the true history, for each kind of track. Unknown time is left out.
fn measure(month: &Month, fold: &Fold) -> BTreeMap<&'static str, Claimed> {
    let mut claimed: BTreeMap<&'static str, Claimed> = BTreeMap::new();
    let window = Window { from: Instant::MIN, to: month.end, as_of: month.end };
    for (agent, tracks) in &month.truth {
        let all = fold.intervals(*agent, None, &window).expect("no track is named");
        let mut told: HashMap<&Track, Vec<&Interval>> = HashMap::new();
        for interval in all.iter().filter(|interval| interval.basis != Basis::Unknown) {
            told.entry(&interval.track).or_default().push(interval);
        }
        for (track, spans) in tracks {
            let Some(told) = told.get(track) else {
                continue;
            };
            let kind = match track {
                Track::State(_) => "state",
                Track::Access(_) => "access",
                Track::MaxCapacity(_) => "max_capacity",
                Track::WorkItem { .. } => "work_item",
                Track::UnifiedState => "unified_state",
                Track::Groups => "groups",
                Track::ChatStatus => "chat_status",
                Track::ChatEngagements => "chat_engagements",
                _ => unreachable!("the simulator has no other tracks"),
            };
            for interval in told {
                let is_open = matches!(interval.value, TrackValue::WorkItem { open: true, .. });
                let value = serde_json::to_value(&interval.value).expect("a value is JSON");
                let is_true = |truth: &Value| match interval.value {
                    // Without a reason, all that is claimed is that it is not open.
                    TrackValue::WorkItem { open: false, reason: None } => truth["open"] == false,
                    _ => *truth == value,
                };
                let begin = spans.partition_point(|span| span.to <= interval.from);
                let spans_in =
                    spans[begin..].iter().take_while(|span| span.from < interval.to).map(|span| {
                        let (from, to) = (span.from.max(interval.from), span.to.min(interval.to));
                        (from, to, is_true(&span.value))
                    });
                // Before its first span a work item was not open.
                let before = Some((interval.from, interval.to.min(spans[0].from), false));
                let before = before.filter(|(from, to, _)| is_open && from < to);
                for (from, to, is_right) in before.into_iter().chain(spans_in) {
                    claimed.entry(kind).or_default().add(interval, from, to, is_right);
                    if is_open {
                        let open = claimed.entry("work_item, open").or_default();
                        open.add(interval, from, to, is_right);
                    }
                }
            }
        }
    }
    claimed
}

/// How far the numbers of a fold's daily reports are from those of the fold of all events.
#[derive(Debug, Default)]
struct Errors {
    occupancy: (f64, f64),
    handled: (u128, u128),
    load: (u128, u128),
    /// Of the right load, how much is within the bounds that the rows give.
    bounded: u128,
}

fn errors(month: &Month, fold: &Fold) -> Errors {
    let begin = month.whole.first_and_last_event_at().expect("events").0;
    let begin = begin.unix_nanos().div_euclid(DAY) * DAY;
    let days = (0..=30).map(|day| begin + day * DAY);
    let days = days.map(|day| Instant::from_unix((day / 1_000_000_000) as i64, 0).expect("valid"));
    let buckets = Buckets::new(days.collect(), month.end).expect("rising");
    let rows = |fold: &Fold| {
        let rows = fold.report(&buckets, RollUp::Agent, &Selection::all()).expect("few rows");
        rows.filter_map(|row| match row {
            Row::Channel(row) => Some(((row.about.agent_id, row.channel.clone(), row.from), row)),
            _ => None,
        })
        .collect::<BTreeMap<_, _>>()
    };
    let (truth, told) = (rows(&month.whole), rows(fold));
    let mut errors = Errors::default();
    for (key, truth) in truth {
        let Some(told) = told.get(&key) else {
            continue;
        };
        let weight = truth.online_ns as f64;
        let occupancy = truth.occupancy.unwrap_or(0.0);
        errors.occupancy.0 += (told.occupancy.unwrap_or(0.0) - occupancy).abs() * weight;
        errors.occupancy.1 += occupancy * weight;
        errors.handled.0 += told.handle_time.sum_ns.abs_diff(truth.handle_time.sum_ns);
        errors.handled.1 += truth.handle_time.sum_ns;
        errors.load.0 += told.item_ns.abs_diff(truth.item_ns);
        errors.load.1 += truth.item_ns;
        if (told.item_least_ns..=told.item_most_ns).contains(&truth.item_ns) {
            errors.bounded += truth.item_ns;
        }
    }
    errors
}

fn percent(part: u128, whole: u128) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

#[test]
fn a_month_without_losses_is_told_exactly_and_nothing_is_doubted() {
    let month = month();
    let measured = measure(month, &month.whole);
    assert_eq!(measured.len(), 9, "kinds of tracks: {:?}", measured.keys());
    for (track, claimed) in measured {
        assert!(claimed.right > 0, "nothing is known of {track}");
        assert_eq!((claimed.wrong, claimed.right_marked), (0, 0), "{track}");
    }
}

#[test]
fn repeats_and_delays_lose_nothing() {
    let month = month();
    let late = Simulation { duplicate: 0.1, shuffle: 7200, ..month.simulation.clone() };
    assert_eq!(fold(&late).save(), month.whole.save());
}

/// The tracks of which at least 97 % of the wrong time is marked with 1 % lost, and how much of the
/// right time is marked at most, in percent.
const GOALS: [(&str, f64, f64); 4] = [
    ("state", 97.0, 3.0),
    ("unified_state", 97.0, 3.0),
    ("work_item", 97.0, 3.0),
    ("work_item, open", 97.0, 3.0),
];

#[test]
fn what_lost_events_made_wrong_is_marked() {
    let month = month();
    let shares = [0.0, 0.001, 0.01, 0.05];
    let mut tables = [Vec::new(), Vec::new()];
    let mut wrong_items = BTreeMap::new();
    for nightly in [false, true] {
        for drop in shares {
            let fold = month.lossy(drop, nightly);
            let record = if nightly { "nightly" } else { "none" };
            let lost = 100.0 * drop;
            for (track, claimed) in measure(month, &fold) {
                let Claimed { right, right_marked, wrong, wrong_marked } = claimed;
                if track == "work_item" && drop == 0.01 {
                    wrong_items.insert(nightly, wrong);
                }
                let hours = |ns: u128| ns as f64 / 3.6e12;
                let recall = match wrong {
                    0 => "–".to_owned(),
                    _ => format!("{:.1} %", percent(wrong_marked, wrong)),
                };
                tables[0].push(format!(
                    "| `{track}` | {lost} % | {record} | {:.1} | {recall} | {:.0} | {:.2} % |",
                    hours(wrong),
                    hours(right),
                    percent(right_marked, right),
                ));
                let goal = GOALS.iter().find(|(of, ..)| *of == track && drop == 0.01 && !nightly);
                if let Some((_, least, most)) = goal {
                    assert!(percent(wrong_marked, wrong) >= *least, "{track}: {claimed:?}");
                    assert!(percent(right_marked, right) <= *most, "{track}: {claimed:?}");
                }
            }
            let errors = errors(month, &fold);
            let share = |(part, whole): (u128, u128)| percent(part, whole);
            tables[1].push(format!(
                "| {lost} % | {record} | {:.2} % | {:.2} % | {:.2} % | {:.1} % |",
                100.0 * errors.occupancy.0 / errors.occupancy.1,
                share(errors.handled),
                share(errors.load),
                percent(errors.bounded, errors.load.1),
            ));
        }
    }
    assert!(wrong_items[&false] >= 20 * wrong_items[&true], "{wrong_items:?}");
    tables[0].sort_by_key(|row| row.split('|').nth(1).map(str::to_owned));
    println!(
        "| track | lost | REST record | wrong hours | of them doubtful | right hours | of them doubtful |"
    );
    println!("|---|---:|---|---:|---:|---:|---:|");
    tables[0].iter().for_each(|row| println!("{row}"));
    println!(
        "| lost | REST record | error of occupancy | of handle time | of load | load within its bounds |"
    );
    println!("|---:|---|---:|---:|---:|---:|");
    tables[1].iter().for_each(|row| println!("{row}"));
}
