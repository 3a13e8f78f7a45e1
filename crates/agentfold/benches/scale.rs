//! Measures folds as they grow, up to ten million events and a million agents: folding, memory, the saved
//! form, restoring, and a day's report of a month. `make bench` prints the tables. Linux tells the memory.

use std::env;
use std::fs;
use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use agentfold::report::{Buckets, RollUp};
use agentfold::{Event, Fold, Selection};
use agentfold_simulate::Simulation;

/// The numbers of agents and hours. An agent has about eight events an hour.
const FLOORS: [(u32, u32); 6] =
    [(10, 125), (1_000, 12), (10, 12_500), (1_000, 125), (1_000, 1_250), (1_000_000, 1)];

const START: i64 = 1_767_571_200;
const DAY: i64 = 86_400;

fn main() {
    let numbers: Vec<u32> = env::args().filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [agents, hours] => row(agents, hours),
        _ => tables(),
    }
}

fn tables() {
    println!("Folds of simulated deliveries, in the documents' spelling, in order\n");
    println!(
        "| agents | events | fold, ns an event | memory, B a transition | saved, B a transition | \
         save, ms | restore and ask for an agent, ms | save that agent after an event, ms |"
    );
    println!("|{}", "---:|".repeat(8));
    for (agents, hours) in FLOORS {
        // In a process of its own, which has no memory of the others.
        let mut floor = Command::new(env::current_exe().expect("this program"));
        let done = floor.args([agents, hours].map(|number| number.to_string())).status();
        assert!(done.expect("it starts").success());
    }
    let month = Folded::new(1_000, 720).fold;
    let quarters = (0..=96).map(|quarter| START + 14 * DAY + quarter * 900);
    let quarters = quarters.map(|at| agentfold::Instant::from_unix(at, 0).expect("in range"));
    let buckets = Buckets::new(quarters.collect(), agentfold::Instant::MAX).expect("rising");
    let report = || month.report(&buckets, RollUp::Agent, &Selection::all()).map(Iterator::count);
    let (rows, time) = timed(report);
    println!(
        "\nA day's report by 15 minutes, 1,000 agents, from a fold of a month: {} rows in {:.0} ms",
        rows.expect("few rows"),
        milliseconds(time)
    );
}

fn row(agents: u32, hours: u32) {
    let floor = Folded::new(agents, hours);
    let transitions: usize =
        floor.fold.agents().map(|agent| floor.fold.transitions(agent).len()).sum();
    let each = |bytes: usize| bytes as f64 / transitions as f64;
    let (saved, save) = timed(|| floor.fold.save());
    let last = Event::parse(floor.last.as_bytes()).expect("a good event");
    let agent = last.agent().expect("an agent's");
    let (mut restored, restore) = timed(|| {
        let mut fold = Fold::new();
        fold.restore(&saved).expect("what was saved");
        black_box(fold.state(agent));
        fold
    });
    restored.apply(&last);
    let one = timed(|| restored.save_agent(agent)).1;
    println!(
        "| {agents} | {} | {:.0} | {:.1} | {:.1} | {:.1} | {:.1} | {:.2} |",
        floor.events,
        floor.time.as_nanos() as f64 / floor.events as f64,
        each(floor.memory),
        each(saved.len()),
        milliseconds(save),
        milliseconds(restore),
        milliseconds(one),
    );
}

/// A fold of simulated deliveries.
struct Folded {
    fold: Fold,
    events: usize,
    last: String,
    /// How long reading and folding took.
    time: Duration,
    /// How much memory the process took more afterwards.
    memory: usize,
}

impl Folded {
    fn new(agents: u32, hours: u32) -> Folded {
        let floor = Simulation { agents, hours, seed: 1, ..Simulation::default() };
        let mut events = floor.events();
        // Of a long stream, only a part is kept at a time.
        let (mut part, mut last) = (String::new(), String::new());
        let mut folded = Folded {
            fold: Fold::new(),
            events: 0,
            last: String::new(),
            time: Duration::ZERO,
            memory: 0,
        };
        let before = resident();
        loop {
            part.clear();
            for event in events.by_ref().take(20_000) {
                part.push_str(&event);
                part.push('\n');
                last = event;
            }
            if part.is_empty() {
                break;
            }
            let (counts, time) = timed(|| folded.fold.read(part.as_bytes(), |bad| panic!("{bad}")));
            folded.events += usize::try_from(counts.total()).expect("few");
            folded.time += time;
        }
        folded.memory = resident().saturating_sub(before);
        Folded { last, ..folded }
    }
}

fn timed<T>(call: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let answer = call();
    (answer, start.elapsed())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// How many bytes of the process are in memory.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").expect("Linux tells it");
    pages
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .map_or(0, |pages: usize| pages * 4096)
}
