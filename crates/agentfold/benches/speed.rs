//! Compares reading and folding of simulated webhook deliveries, in each spelling, with `serde_json` and
//! `sonic-rs` and a fold in which the last arrival wins. `make bench` prints the table.
//!
//! The others are written as a skilled user would: they borrow text, look at the fields of all types in one
//! pass, hash by foldhash, allocate nothing for a known key, and check UTF-8 once. "Typed" parses instants
//! with jiff, because agentfold parses them too. All take turns, so that a busy machine slows each alike; the
//! best of all turns counts.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use agentfold::Fold;
use agentfold::stream::Records;
use agentfold_simulate::{Simulation, Spelling};
use serde::Deserialize;

/// How often each takes its turn.
const TURNS: usize = 7;

const SPELLINGS: [(&str, Spelling); 7] = [
    ("documented", Spelling::Documented),
    ("type first", Spelling::TypeFirst),
    ("spaced", Spelling::Spaced),
    ("pretty", Spelling::Pretty),
    ("shuffled", Spelling::Shuffled),
    ("escaped", Spelling::Escaped),
    ("extra fields", Spelling::ExtraFields),
];

const COLUMNS: [&str; 5] =
    ["agentfold", "serde_json", "sonic-rs", "sonic-rs, typed", "agentfold, read only"];

fn main() {
    println!("Read and fold on one core, in MB/s, and by how much agentfold is faster");
    println!("| spelling | deliveries | {} |", COLUMNS.join(" | "));
    println!("|---|---:|{}", "---:|".repeat(COLUMNS.len()));
    for (name, spelling) in SPELLINGS {
        // A part of a day of a contact centre.
        let floor =
            Simulation { agents: 1250, hours: 4, seed: 1, spelling, ..Simulation::default() };
        let (mut day, mut count) = (String::new(), 0);
        for event in floor.events() {
            day.push_str(&event);
            day.push('\n');
            count += 1;
        }
        let best = match spelling {
            Spelling::Escaped => run::<Unescaped<'_>>(&day),
            _ => run::<&str>(&day),
        };
        let speed = |time: Duration| day.len() as f64 / time.as_secs_f64() / 1e6;
        let cells = best.iter().enumerate().map(|(i, time)| match i {
            1..=3 => {
                let ratio = time.as_secs_f64() / best[0].as_secs_f64();
                format!("{:.0} ({ratio:.2}x)", speed(*time))
            }
            _ => format!("{:.0}", speed(*time)),
        });
        println!("| {name} | {count} | {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

/// The best times of all readers, in the order of the columns. `T` is the others' type of texts.
fn run<'a, T: Deserialize<'a> + AsRef<str>>(day: &'a str) -> [Duration; 5] {
    let mut best = [Duration::MAX; 5];
    for _ in 0..TURNS {
        let mut turn = |column: usize, run: &mut dyn FnMut()| {
            let begin = Instant::now();
            run();
            best[column] = best[column].min(begin.elapsed());
        };
        turn(0, &mut || {
            let mut fold = Fold::new();
            black_box(fold.read(day.as_bytes(), |bad| panic!("{bad}")));
            black_box(&fold);
        });
        turn(1, &mut || {
            let text = std::str::from_utf8(day.as_bytes()).expect("text");
            let deliveries = serde_json::Deserializer::from_str(text).into_iter();
            black_box(fold_all::<T, &str>(
                deliveries.map(|delivery| delivery.expect("a delivery")),
            ));
        });
        turn(2, &mut || drop(black_box(fold_all::<T, &str>(by_sonic(day)))));
        turn(3, &mut || drop(black_box(fold_all::<T, jiff::Timestamp>(by_sonic(day)))));
        turn(4, &mut || {
            Records::iter(day.as_bytes()).for_each(|record| drop(black_box(record)));
        });
    }
    best
}

/// The deliveries as `sonic-rs` streams them.
fn by_sonic<'a, D: Deserialize<'a>>(day: &'a str) -> impl Iterator<Item = D> {
    let text = std::str::from_utf8(day.as_bytes()).expect("text");
    // Its stream reports the white space at the end as an incomplete delivery.
    sonic_rs::Deserializer::from_str(text).into_stream().map_while(Result::ok)
}

/// A text that may have escapes, and is borrowed if it has none.
#[derive(Deserialize)]
#[serde(transparent)]
struct Unescaped<'a>(#[serde(borrow)] Cow<'a, str>);

impl AsRef<str> for Unescaped<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A delivery as a typical reader with `serde` declares it: typed and borrowed, with the fields of all
/// types optional, and the type looked at last, since it arrives last. `T` is the type of texts, `I` that
/// of instants.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>, I: Deserialize<'de>")]
#[expect(dead_code, reason = "a reader reads all fields, not only those that this fold uses")]
struct Delivery<'a, T, I> {
    account_id: u64,
    #[serde(borrow)]
    detail: Detail<'a>,
    #[serde(borrow)]
    event: Change<'a, T, I>,
    id: &'a str,
    subject: T,
    time: I,
    #[serde(rename = "type")]
    kind: T,
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
#[serde(bound = "T: Deserialize<'de>, I: Deserialize<'de>")]
#[expect(dead_code, reason = "as above")]
struct Change<'a, T, I> {
    updated_at: I,
    channel: Option<T>,
    previous_state: Option<T>,
    new_state: Option<T>,
    work_item_id: Option<&'a str>,
    previous_reason: Option<T>,
    reason: Option<T>,
    #[serde(rename = "maxCapacity", borrow)]
    max_capacity: Option<HashMap<&'a str, Limits>>,
    #[serde(borrow)]
    previous_unified_state: Option<Unified<'a, T>>,
    #[serde(borrow)]
    new_unified_state: Option<Unified<'a, T>>,
    #[serde(borrow)]
    previous_group_ids: Option<Vec<&'a str>>,
    #[serde(borrow)]
    new_group_ids: Option<Vec<&'a str>>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Limits {
    current: Option<u64>,
    previous: Option<u64>,
}

#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
#[expect(dead_code, reason = "as above")]
struct Unified<'a, T> {
    id: &'a str,
    // Names of states may contain escapes, which can't be borrowed.
    #[serde(borrow)]
    name: Cow<'a, str>,
    reason: T,
}

type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// A fold like those of the few public programs: the last arrival wins, and no history is kept.
type LastArrival = Map<(u64, u64), LastState>;

#[derive(Default)]
struct LastState {
    unified_state: String,
    states: Map<String, String>,
    access: Map<String, bool>,
    max_capacity: Map<String, Option<u64>>,
    work_items: Map<String, [String; 2]>,
    groups: Vec<String>,
}

fn fold_all<'a, T: AsRef<str>, I>(
    deliveries: impl Iterator<Item = Delivery<'a, T, I>>,
) -> LastArrival {
    let mut fold = LastArrival::default();
    deliveries.for_each(|delivery| apply(&mut fold, &delivery));
    fold
}

/// Sets the value of a key, and allocates nothing if the key is known.
fn set<V: Default>(map: &mut Map<String, V>, key: &str, value: impl FnOnce(&mut V)) {
    match map.get_mut(key) {
        Some(known) => value(known),
        None => value(map.entry(key.to_owned()).or_default()),
    }
}

fn apply<T: AsRef<str>, I>(fold: &mut LastArrival, delivery: &Delivery<'_, T, I>) {
    let id = |text: &str| text.parse().expect("an id");
    let agent = (id(delivery.detail.account_id), id(delivery.detail.agent_id));
    let state = fold.entry(agent).or_default();
    let event = &delivery.event;
    match delivery.kind.as_ref().rsplit('.').next().expect("a type") {
        "state_changed" => {
            set(&mut state.states, of(&event.channel), |known| put(known, of(&event.new_state)));
        }
        "work_item_added" | "work_item_updated" => {
            set(&mut state.work_items, of(&event.work_item_id), |[channel, reason]| {
                put(channel, of(&event.channel));
                put(reason, of(&event.reason));
            });
        }
        "work_item_removed" => {
            state.work_items.remove(of(&event.work_item_id));
        }
        "max_capacity_changed" => {
            for (channel, limits) in event.max_capacity.iter().flatten() {
                set(&mut state.max_capacity, channel, |known| *known = limits.current);
            }
        }
        "unified_state_changed" => {
            let new = event.new_unified_state.as_ref().expect("a field of the type");
            put(&mut state.unified_state, new.id);
        }
        "channel_created" => set(&mut state.access, of(&event.channel), |known| *known = true),
        "channel_deleted" => set(&mut state.access, of(&event.channel), |known| *known = false),
        "groups_updated" => {
            let groups = event.new_group_ids.iter().flatten();
            state.groups = groups.map(|group| (*group).to_owned()).collect();
        }
        kind => panic!("the simulator does not make {kind}"),
    }
}

/// A field that the type has.
fn of<T: AsRef<str>>(text: &Option<T>) -> &str {
    text.as_ref().expect("a field of the type").as_ref()
}

/// Replaces a text, without allocating if there is room.
fn put(known: &mut String, text: &str) {
    known.clear();
    known.push_str(text);
}
