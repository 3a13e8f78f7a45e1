//! Measures what questions cost as history grows: the same ones for a fold of 10 days and of 1,000
//! days. `make bench` prints the table.

use std::hint::black_box;
use std::sync::LazyLock;

use agentfold::floor::Trust;
use agentfold::history::Window;
use agentfold::report::{Buckets, RollUp};
use agentfold::{Agent, Event, Fold, Instant, Selection};
use agentfold_simulate::Simulation;
use divan::Bencher;
use serde_json::json;

fn main() {
    divan::main();
}

const AGENTS: u32 = 10;
const DAYS: [u32; 2] = [10, 1000];
const START: i64 = 1_767_571_200;
const DAY: i64 = 86_400;

static FOLDS: [LazyLock<Fold>; 2] =
    [LazyLock::new(|| history(DAYS[0])), LazyLock::new(|| history(DAYS[1]))];

/// Returns the fold of some days of all agents.
fn history(days: u32) -> Fold {
    let floor = Simulation { agents: AGENTS, hours: days * 24, seed: 1, ..Simulation::default() };
    let mut fold = Fold::new();
    for event in floor.events() {
        fold.read(event.as_bytes(), |bad| panic!("{:?}", bad.issues));
    }
    fold
}

fn of(days: u32) -> &'static Fold {
    &FOLDS[usize::from(days == DAYS[1])]
}

fn at(seconds: i64) -> Instant {
    Instant::from_unix(START + seconds, 0).expect("in range")
}

/// Returns noon of a Thursday near the middle, so that the measured days are alike.
fn noon(days: u32) -> i64 {
    i64::from(days / 2 / 7 * 7 + 3) * DAY + DAY / 2
}

/// Returns that Thursday, with everything that is known now.
fn day(days: u32) -> Window {
    let from = noon(days) - DAY / 2;
    Window { from: at(from), to: at(from + DAY), as_of: at(i64::from(days) * DAY) }
}

/// Asks for each agent in turn, so that the result is for one agent.
fn bench<T>(bencher: Bencher<'_, '_>, days: u32, ask: impl Fn(&Fold, Agent) -> T + Sync) {
    let (fold, agents) = (of(days), of(days).agents());
    bencher.counter(agents.len()).bench(|| {
        for agent in agents.clone() {
            black_box(ask(fold, agent));
        }
    });
}

#[divan::bench(args = DAYS)]
fn state_at(bencher: Bencher<'_, '_>, days: u32) {
    bench(bencher, days, |fold, agent| fold.state_at(agent, at(noon(days))));
}

#[divan::bench(args = DAYS)]
fn a_days_intervals(bencher: Bencher<'_, '_>, days: u32) {
    bench(bencher, days, |fold, agent| fold.intervals(agent, None, &day(days)));
}

#[divan::bench(args = DAYS)]
fn a_days_work_items(bencher: Bencher<'_, '_>, days: u32) {
    bench(bencher, days, |fold, agent| fold.work_items(agent, &day(days)));
}

#[divan::bench(args = DAYS)]
fn a_days_report(bencher: Bencher<'_, '_>, days: u32) {
    let Window { from, as_of, .. } = day(days);
    let quarters = (0..=96).map(|quarter| at(from.unix_seconds() - START + quarter * 900));
    let buckets = Buckets::new(quarters.collect(), as_of).expect("rising");
    let fold = of(days);
    bencher.counter(AGENTS).bench(|| {
        fold.report(&buckets, RollUp::Agent, &Selection::all()).expect("few rows").count()
    });
}

#[divan::bench(args = DAYS)]
fn floor(bencher: Bencher<'_, '_>, days: u32) {
    let (fold, trust) = (of(days), Trust::default());
    bencher.counter(AGENTS).bench(|| fold.floor(at(noon(days)), &trust, &Selection::all()));
}

/// A change of state that arrives an hour late.
#[divan::bench(args = DAYS, sample_count = 20, sample_size = 50)]
fn a_late_event(bencher: Bencher<'_, '_>, days: u32) {
    let mut fold = of(days).clone();
    let agent = fold.agents().next().expect("an agent");
    let last = fold.state(agent).expect("heard of").last_event_at.unix_seconds();
    let mut ids = 0_u32;
    let events = move || {
        ids += 1;
        json!({
            "account_id": agent.account_id,
            "detail": { "agent_id": agent.agent_id.to_string() },
            "event": {
                "updated_at": at(last - START - 3600).to_string(),
                "channel": "support", "new_state": "away", "previous_state": "online",
            },
            "id": format!("late-{ids}"),
            "type": "zen:event-type:agent.state_changed",
        })
        .to_string()
    };
    bencher.with_inputs(events).bench_local_refs(|event| {
        let event = Event::parse(event.as_bytes()).expect("a good event");
        fold.apply(&event).outcome
    });
}
