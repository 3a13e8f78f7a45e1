//! The stream of events: bytes, order, losses, duplicates and delays.

use std::collections::{BTreeMap, HashSet};

use agentfold_simulate::{Feed, Simulation, Spelling};
use serde_json::Value;

const SPELLINGS: [Spelling; 7] = [
    Spelling::Documented,
    Spelling::TypeFirst,
    Spelling::Spaced,
    Spelling::Pretty,
    Spelling::Shuffled,
    Spelling::Escaped,
    Spelling::ExtraFields,
];

fn lines(simulation: &Simulation) -> Vec<String> {
    simulation.events().collect()
}

fn both() -> Simulation {
    Simulation { agents: 40, hours: 12, seed: 11, feed: Feed::Both, ..Simulation::default() }
}

fn fnv_1a(lines: &[String]) -> u64 {
    let bytes = lines.iter().flat_map(|line| line.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn counts(lines: &[String]) -> BTreeMap<&str, u64> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(line.as_str()).or_default() += 1;
    }
    counts
}

/// The instant of the change as a text of 26 characters, which sorts like the instant.
fn instant(line: &str) -> String {
    let event: Value = serde_json::from_str(line).expect("a line is JSON");
    let at = event["event"]["updated_at"].as_str().or(event["timestamp"].as_str());
    at.expect("an event has an instant")[..26].to_owned()
}

/// The microseconds from the beginning of the month to an instant.
fn microseconds(instant: &str) -> u64 {
    let part = |from: usize, to: usize| instant[from..to].parse::<u64>().expect("digits");
    let minutes = (part(8, 10) * 24 + part(11, 13)) * 60 + part(14, 16);
    (minutes * 60 + part(17, 19)) * 1_000_000 + part(20, 26)
}

fn removed(object: &mut Value, key: &str) -> Value {
    let object = object.as_object_mut().expect("it is an object");
    object.remove(key).unwrap_or_else(|| panic!("no {key}"))
}

#[test]
fn a_seed_always_gives_the_same_bytes() {
    let faulty = Simulation { drop: 0.05, duplicate: 0.05, shuffle: 90, ..both() };
    let first = lines(&faulty);
    assert_eq!(first, lines(&faulty));
    assert_eq!(format!("{:016x}", fnv_1a(&lines(&both()))), "aec281b765273b16");
    assert_eq!(format!("{:016x}", fnv_1a(&first)), "a508665ac2866c59");
    for (spelling, hash) in
        [(Spelling::Shuffled, "5c1d2b7470ffc1c4"), (Spelling::ExtraFields, "c671fe8056ccafb8")]
    {
        let spelled = lines(&Simulation { spelling, ..both() });
        assert_eq!(format!("{:016x}", fnv_1a(&spelled)), hash);
    }
}

#[test]
fn an_event_means_the_same_in_every_spelling() {
    let faulty = Simulation { drop: 0.05, duplicate: 0.05, shuffle: 90, ..both() };
    let documented = lines(&faulty);
    for spelling in SPELLINGS {
        let spelled = Simulation { spelling, ..faulty.clone() };
        let delivered = lines(&spelled);
        assert_eq!(delivered.len(), documented.len());
        assert_eq!(delivered == documented, spelling == Spelling::Documented);
        for (line, documented) in delivered.iter().zip(&documented) {
            let mut event: Value = serde_json::from_str(line).expect("a line is JSON");
            if spelling == Spelling::ExtraFields {
                assert!(removed(&mut event, "sequence").is_u64(), "{line}");
                let webhook = event.get("event").is_some();
                let content = if webhook { &mut event["event"] } else { &mut event };
                assert!(removed(content, "source").is_string(), "{line}");
            }
            let expected: Value = serde_json::from_str(documented).expect("a line is JSON");
            assert_eq!(event, expected, "{spelling:?}");
        }
        assert!(spelled.truth().eq(faulty.truth()));
    }
}

#[test]
fn keys_are_shuffled_differently_from_event_to_event() {
    let shuffled = lines(&Simulation { spelling: Spelling::Shuffled, ..both() });
    let first_keys: HashSet<&str> =
        shuffled.iter().filter_map(|line| line.split('"').nth(1)).collect();
    let keys = ["account_id", "detail", "event", "field_name", "id", "subject", "time", "type"];
    assert!(keys.iter().all(|key| first_keys.contains(key)), "{first_keys:?}");
}

#[test]
fn sequences_count_the_events_of_each_feed() {
    for feed in [Feed::Availability, Feed::Chat] {
        let simulation = Simulation { feed, spelling: Spelling::ExtraFields, ..both() };
        for (line, sequence) in simulation.events().zip(1..) {
            assert!(line.ends_with(&format!(r#","sequence":{sequence}}}"#)), "{line}");
        }
    }
}

#[test]
fn another_seed_gives_another_floor() {
    let simulation = both();
    let other = Simulation { seed: simulation.seed + 1, ..simulation.clone() };
    assert_ne!(lines(&simulation), lines(&other));
}

#[test]
fn a_feed_is_the_same_with_and_without_the_other_feed() {
    for spelling in SPELLINGS {
        let of = |feed| lines(&Simulation { feed, spelling, ..both() });
        let (webhooks, chat): (Vec<String>, Vec<String>) =
            of(Feed::Both).into_iter().partition(|line| line.contains("\"zendesk_event_version\""));
        assert!(!webhooks.is_empty() && !chat.is_empty());
        assert_eq!(webhooks, of(Feed::Availability));
        assert_eq!(chat, of(Feed::Chat));
    }
}

#[test]
fn without_delays_events_arrive_in_time_order() {
    let instants: Vec<String> = lines(&both()).iter().map(|line| instant(line)).collect();
    assert!(instants.is_sorted());
}

#[test]
fn losses_are_counted_and_change_nothing_else() {
    let faultless = lines(&both());
    let mut events = Simulation { drop: 0.1, ..both() }.events();
    let delivered: Vec<String> = events.by_ref().collect();
    assert_eq!((faultless.len() - delivered.len()) as u64, events.dropped());
    assert_eq!(events.duplicated(), 0);
    let share = events.dropped() * 1000 / faultless.len() as u64;
    assert!((90..=110).contains(&share), "{share} of 1000 were lost");

    let delivered: HashSet<&String> = delivered.iter().collect();
    let kept: Vec<&String> = faultless.iter().filter(|line| delivered.contains(line)).collect();
    assert_eq!(kept.len(), delivered.len());

    // An event that is lost at a lower probability is lost at a higher one as well.
    let fewer = lines(&Simulation { drop: 0.2, ..both() });
    assert!(fewer.iter().all(|line| delivered.contains(line)));
}

#[test]
fn duplicates_are_counted_and_have_the_same_bytes() {
    for spelling in SPELLINGS {
        let once = Simulation { spelling, ..both() };
        let faultless = lines(&once);
        let mut events = Simulation { duplicate: 0.1, shuffle: 30, ..once }.events();
        let delivered: Vec<String> = events.by_ref().collect();
        assert_eq!(events.dropped(), 0);
        assert_eq!((delivered.len() - faultless.len()) as u64, events.duplicated());

        let (once, counted) = (counts(&faultless), counts(&delivered));
        assert!(once.keys().eq(counted.keys()));
        let twice = counted.values().filter(|&&count| count == 2).count() as u64;
        assert_eq!(twice, events.duplicated());
        assert!(counted.values().all(|&count| count <= 2));
    }
}

#[test]
fn losses_and_duplicates_together_add_up() {
    let faultless = lines(&both()).len() as u64;
    let mut events = Simulation { drop: 0.3, duplicate: 0.3, ..both() }.events();
    let delivered = events.by_ref().count() as u64;
    assert_eq!(delivered, faultless - events.dropped() + events.duplicated());
}

#[test]
fn delays_only_reorder_and_are_never_longer_than_the_maximum() {
    let faultless = lines(&both());
    for seconds in [1, 45, 600] {
        let shuffled = lines(&Simulation { shuffle: seconds, ..both() });
        assert_eq!(counts(&shuffled), counts(&faultless));
        assert_ne!(shuffled, faultless);

        // An event that arrived was sent before, so this is a lower bound of each delay.
        let mut latest = 0;
        let mut longest = 0;
        for line in &shuffled {
            let at = microseconds(&instant(line));
            latest = latest.max(at);
            longest = longest.max(latest - at);
        }
        assert!(longest <= u64::from(seconds) * 1_000_000, "{longest} µs");
        assert!(longest >= u64::from(seconds) * 500_000, "{longest} µs");
    }
}

#[test]
fn extreme_parameters_do_not_panic() {
    let simulation = Simulation {
        agents: 3,
        hours: u32::MAX,
        drop: f64::NAN,
        duplicate: f64::INFINITY,
        shuffle: u32::MAX,
        start: u64::MAX,
        ..Simulation::default()
    };
    assert_eq!(simulation.events().count(), 0);
    let early = Simulation { start: 0, hours: 9, ..simulation };
    let mut events = early.events();
    assert_eq!(events.by_ref().count() as u64, 2 * events.duplicated());
    assert_eq!(events.dropped(), 0);
}

#[test]
fn the_smallest_simulations_end() {
    for (agents, hours) in [(0, 8), (8, 0), (1, 24), (2, 24), (3, 24)] {
        let simulation = Simulation { agents, hours, feed: Feed::Both, ..Simulation::default() };
        let mut events = simulation.events();
        let count = events.by_ref().count();
        assert_eq!(count > 0, agents > 0 && hours > 0);
        assert_eq!(events.next(), None);
    }
}

#[test]
fn four_agents_have_two_accounts_and_a_thousand_have_three() {
    let accounts = |agents| {
        let simulation = Simulation { agents, hours: 1, ..Simulation::default() };
        let heads: HashSet<String> = lines(&simulation)
            .iter()
            .map(|line| line.split(',').next().expect("a line has a first key").to_owned())
            .collect();
        heads.len()
    };
    assert_eq!(accounts(1), 1);
    assert_eq!(accounts(4), 2);
    assert_eq!(accounts(1000), 3);
}
