//! Reading ten times the bytes takes about ten times the steps.

use super::{Options, Records};
use crate::steps;
use crate::stream::Next;

/// How many steps it takes to read a text in chunks of a size.
fn steps(text: &str, size: usize, options: &Options) -> usize {
    steps::of(|| {
        let (mut records, mut from, mut to) = (Records::new(options), 0, 0);
        loop {
            let end = to == text.len();
            let (used, next) = records.next(&text.as_bytes()[from..to], end);
            from += used;
            match next {
                Next::Item(_) => {}
                Next::More => to = text.len().min(to + size),
                Next::End => return,
            }
        }
    })
}

#[track_caller]
fn is_linear(name: &str, text: impl Fn(usize) -> String) {
    let options = Options::default().with_max_bytes(1 << 24);
    for size in [1, 100, usize::MAX / 2] {
        let (small, large) = (text(10_000), text(100_000));
        let (few, many) = (steps(&small, size, &options), steps(&large, size, &options));
        // A logarithm more, and what is constant.
        assert!(many <= 15 * few + 200_000, "{name}, {size} at a time: {few}, then {many} steps");
        // To tell the format, the first line is looked at anew as it grows, up to 4,096 bytes.
        let first = 4_096 * 4_096;
        assert!(many <= 60 * large.len() + first, "{name}, {size} at a time: {many} steps");
    }
}

/// An event with a field before its last brace.
fn event(field: &str) -> String {
    format!(
        r#"{{"account_id":2,"agent_id":7,"field_name":"status","id":"x","timestamp":"2026-01-05T09:00:00Z","value":"away"{field}}}"#
    )
}

#[test]
fn a_record_in_small_chunks_is_looked_at_once() {
    is_linear("a text", |n| event(&format!(",\"x\":\"{}\"", "y".repeat(n))));
    is_linear("a number", |n| event(&format!(",\"x\":{}", "1".repeat(n))));
    is_linear("lists", |n| event(&format!(",\"x\":[{}1]", "[1],".repeat(n / 4))));
    is_linear("lines", |n| event(&format!(",\"x\":[{}\n{{}}]", "\n{},".repeat(n / 4))));
    is_linear("a page's end", |n| format!("{{\"agent_events\":[],\"x\":\"{}\"}}", "y".repeat(n)));
    is_linear("a page's begin", |n| format!("{{\"x\":\"{}\",\"agent_events\":[]}}", "y".repeat(n)));
}

#[test]
fn damage_is_looked_at_a_few_times() {
    for damage in [
        "{\"a\":[\n",
        "{\"a\":[",
        "{\"a\":\"x}",
        "{\"a\":\"x{",
        "{\"a\" 1}",
        "{\"a\":\n",
        "\"",
        "{",
        "[",
        "{\"agent_events\":[",
        "{\"a\":[{}",
        "{\"a\":\"x\n",
        "{\"a\":{\"b\":tr",
        "x",
        "}",
        "[,",
        "{\"x\":\n{\"Records\":1,\"y\":[",
        "{\"body\":",
        "{\"agent_events\":[],",
    ] {
        is_linear(damage, |n| damage.repeat(n / damage.len()));
        is_linear(damage, |n| format!("{}\n{}", damage.repeat(n / damage.len()), event("")));
    }
    let torn = event("").split_at(40).0.to_owned();
    is_linear("torn", |n| (torn.clone() + &event("") + "\n").repeat(n / 150));
    is_linear("torn in one line", |n| (torn.clone() + &event("")).repeat(n / 150));
    is_linear("torn before lists", |n| ("{\"a\":[".to_owned() + &event("") + ",").repeat(n / 130));
}

#[test]
fn many_keys_are_looked_up_quickly() {
    let keys = |n: usize| (0..n / 10).map(|i| format!(",\"k{i}\":1")).collect::<String>();
    is_linear("unknown fields", |n| event(&keys(n)));
    is_linear("channels", |n| {
        let channels: Vec<String> =
            (0..n / 24).map(|i| format!("\"c{i}\":{{\"current\":1}}")).collect();
        let channels = channels.join(",");
        format!(
            r#"{{"account_id":2,"detail":{{"agent_id":"7"}},"event":{{"updated_at":"2026-01-05T09:00:00Z","maxCapacity":{{{channels}}}}},"id":"x","type":"zen:event-type:agent.max_capacity_changed"}}"#
        )
    });
}

#[test]
fn an_event_that_is_too_large_is_not_read() {
    let large = event(&",\"k\":1".repeat(10_000));
    let steps =
        steps::of(|| drop(Options::default().with_max_bytes(1_000).parse(large.as_bytes())));
    assert_eq!(steps, 0);
}
