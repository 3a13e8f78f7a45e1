//! Compares reading and folding of simulated webhook deliveries with `serde_json` and `sonic-rs` and a
//! fold in which the last arrival wins. `make bench` prints the table.
//!
//! "Borrowed" leaves all text as it is, including instants. "Typed" parses instants with chrono,
//! because agentfold parses them too.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::LazyLock;

use agentfold::Fold;
use agentfold::stream::{Next, Records};
use agentfold_simulate::Simulation;
use chrono::{DateTime, Utc};
use divan::Bencher;
use divan::counter::BytesCount;
use serde::Deserialize;
use serde_json::Value;

fn main() {
    divan::main();
}

/// A day of a contact centre: about 300,000 deliveries as NDJSON.
static DAY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let floor = Simulation { agents: 1250, hours: 10, seed: 1, ..Simulation::default() };
    let mut day = Vec::new();
    for event in floor.events() {
        day.extend_from_slice(event.as_bytes());
        day.push(b'\n');
    }
    day
});

/// The deliveries as `serde_json` streams them.
fn by_serde<T: Deserialize<'static>>() -> impl Iterator<Item = T> {
    let deliveries = serde_json::Deserializer::from_slice(&DAY).into_iter();
    deliveries.map(|delivery| delivery.expect("a delivery"))
}

/// The deliveries as `sonic-rs` streams them.
fn by_sonic<T: Deserialize<'static>>() -> impl Iterator<Item = T> {
    let deliveries = sonic_rs::Deserializer::from_slice(&DAY).into_stream();
    // Its stream reports the white space at the end as an incomplete delivery.
    deliveries.map_while(Result::ok)
}

fn bench<T>(bencher: Bencher<'_, '_>, run: impl Fn() -> T + Sync) {
    bencher.counter(BytesCount::of_slice(&DAY[..])).bench(run);
}

mod read {
    use super::*;

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn agentfold(bencher: Bencher<'_, '_>) {
        bench(bencher, || {
            let (mut records, mut rest, mut count) = (Records::default(), &DAY[..], 0);
            loop {
                let (used, next) = records.next(rest, true);
                rest = &rest[used..];
                match black_box(next) {
                    Next::Item(_) => count += 1,
                    Next::More | Next::End => return count,
                }
            }
        });
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn serde_json_borrowed(bencher: Bencher<'_, '_>) {
        bench(bencher, || by_serde::<Delivery<'_, &str>>().map(black_box).count());
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn serde_json_typed(bencher: Bencher<'_, '_>) {
        bench(bencher, || by_serde::<Delivery<'_, DateTime<Utc>>>().map(black_box).count());
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn sonic_rs_borrowed(bencher: Bencher<'_, '_>) {
        bench(bencher, || by_sonic::<Delivery<'_, &str>>().map(black_box).count());
    }
}

mod read_and_fold {
    use super::*;

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn agentfold(bencher: Bencher<'_, '_>) {
        bench(bencher, || {
            let mut fold = Fold::new();
            let counts = fold.read(&DAY, |_| panic!("the simulator's events are valid"));
            (fold, counts)
        });
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn serde_json_borrowed_last_arrival(bencher: Bencher<'_, '_>) {
        bench(bencher, || {
            let mut fold = LastArrival::default();
            by_serde::<Delivery<'_, &str>>().for_each(|delivery| fold.apply(&delivery));
            fold
        });
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn serde_json_typed_last_arrival(bencher: Bencher<'_, '_>) {
        bench(bencher, || {
            let mut fold = LastArrival::default();
            by_serde::<Delivery<'_, DateTime<Utc>>>().for_each(|delivery| fold.apply(&delivery));
            fold
        });
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn serde_json_value_last_arrival(bencher: Bencher<'_, '_>) {
        bench(bencher, || {
            let mut fold: HashMap<String, HashMap<String, Value>> = HashMap::new();
            for mut delivery in by_serde::<Value>() {
                let agent = delivery["detail"]["agent_id"].as_str().expect("an id").to_owned();
                let kind = delivery["type"].as_str().expect("a type").to_owned();
                fold.entry(agent).or_default().insert(kind, delivery["event"].take());
            }
            fold
        });
    }

    #[divan::bench(sample_count = 10, sample_size = 1)]
    fn sonic_rs_borrowed_last_arrival(bencher: Bencher<'_, '_>) {
        bench(bencher, || {
            let mut fold = LastArrival::default();
            by_sonic::<Delivery<'_, &str>>().for_each(|delivery| fold.apply(&delivery));
            fold
        });
    }
}

/// A delivery as a typical reader with `serde` declares it: typed and borrowed, with the fields of all
/// types optional, and the type looked at last, since it arrives last. `I` is the type of instants.
#[derive(Deserialize)]
#[expect(dead_code, reason = "a reader reads all fields, not only those that this fold uses")]
struct Delivery<'a, I> {
    account_id: u64,
    #[serde(borrow)]
    detail: Detail<'a>,
    event: Change<'a, I>,
    id: &'a str,
    subject: &'a str,
    time: I,
    #[serde(rename = "type")]
    kind: &'a str,
    zendesk_event_version: &'a str,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Detail<'a> {
    account_id: &'a str,
    agent_id: &'a str,
    version: &'a str,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Change<'a, I> {
    updated_at: I,
    channel: Option<&'a str>,
    previous_state: Option<&'a str>,
    new_state: Option<&'a str>,
    work_item_id: Option<&'a str>,
    previous_reason: Option<&'a str>,
    reason: Option<&'a str>,
    #[serde(rename = "maxCapacity", borrow)]
    max_capacity: Option<HashMap<&'a str, Limits>>,
    previous_unified_state: Option<Unified<'a>>,
    new_unified_state: Option<Unified<'a>>,
    previous_group_ids: Option<Vec<&'a str>>,
    new_group_ids: Option<Vec<&'a str>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Limits {
    current: Option<u64>,
    previous: Option<u64>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Unified<'a> {
    id: &'a str,
    // Names of states may contain escapes, which can't be borrowed.
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    reason: &'a str,
}

/// A fold like those of the few public programs: the last arrival wins, and no history is kept.
#[derive(Default)]
struct LastArrival(HashMap<(u64, u64), LastState>);

#[derive(Default)]
struct LastState {
    unified_state: Option<String>,
    states: HashMap<String, String>,
    access: HashMap<String, bool>,
    max_capacity: HashMap<String, Option<u64>>,
    work_items: HashMap<String, (String, String)>,
    groups: Vec<String>,
}

impl LastArrival {
    fn apply<I>(&mut self, delivery: &Delivery<'_, I>) {
        let id = |text: &str| text.parse().expect("an id");
        let agent = (id(delivery.detail.account_id), id(delivery.detail.agent_id));
        let state = self.0.entry(agent).or_default();
        let event = &delivery.event;
        let own = |text: Option<&str>| text.expect("a field of the type").to_owned();
        match delivery.kind.rsplit('.').next().expect("a type") {
            "state_changed" => {
                state.states.insert(own(event.channel), own(event.new_state));
            }
            "work_item_added" | "work_item_updated" => {
                let value = (own(event.channel), own(event.reason));
                state.work_items.insert(own(event.work_item_id), value);
            }
            "work_item_removed" => {
                state.work_items.remove(event.work_item_id.expect("an item"));
            }
            "max_capacity_changed" => {
                for (channel, limits) in event.max_capacity.iter().flatten() {
                    state.max_capacity.insert((*channel).to_owned(), limits.current);
                }
            }
            "unified_state_changed" => {
                state.unified_state = event.new_unified_state.as_ref().map(|u| u.id.to_owned());
            }
            "channel_created" => {
                state.access.insert(own(event.channel), true);
            }
            "channel_deleted" => {
                state.access.insert(own(event.channel), false);
            }
            "groups_updated" => {
                let groups = event.new_group_ids.iter().flatten();
                state.groups = groups.map(|group| (*group).to_owned()).collect();
            }
            kind => panic!("the simulator does not make {kind}"),
        }
    }
}
