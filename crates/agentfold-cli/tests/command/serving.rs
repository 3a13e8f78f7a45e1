//! `agentfold serve`: a running server, over HTTP.

use std::io::{BufRead, BufReader};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use agentfold::Instant;
use serde_json::Value;

use crate::served::{ACCOUNT, Served, agent, delivered, events, fold_of, now, started};

#[test]
fn what_was_answered_survives_a_hundred_kills() {
    let mut served = Served::new();
    let events = events(&served.folder, 30);
    assert!(events.len() > 2000, "{}", events.len());
    let (answered, next) = (Mutex::new(Vec::new()), Mutex::new(0));
    let mut random = 7_u64;
    for _ in 0..100 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let (address, is_over) = (served.address.clone(), AtomicBool::new(false));
        let count = || answered.lock().expect("no panic").len();
        let enough = count() + 8;
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let agent = agent();
                    while !is_over.load(Ordering::Relaxed) {
                        let place = {
                            let mut next = next.lock().expect("no panic");
                            *next = (*next + 1) % events.len();
                            *next
                        };
                        match delivered(&agent, &address, &events[place]) {
                            Ok(200) => answered.lock().expect("no panic").push(place),
                            _ => return,
                        }
                    }
                });
            }
            // However busy the machine is, some are answered.
            let begun = std::time::Instant::now();
            while count() < enough && begun.elapsed() < Duration::from_secs(10) {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_millis((random >> 33) % 60));
            served.running.child.kill().expect("it runs");
            is_over.store(true, Ordering::Relaxed);
        });
        served.running.child.wait().expect("it has ended");
        (served.running, served.address) = started(&served.folder);
    }
    let mut answered = answered.into_inner().expect("no panic");
    answered.sort_unstable();
    answered.dedup();
    assert!(answered.len() > 500, "{}", answered.len());
    // Each of them is known.
    for &place in &answered {
        assert_eq!(served.deliver(&events[place]), 200);
    }
    let known = served.outcomes("duplicate");
    assert_eq!((known, served.outcomes("applied")), (answered.len() as u64, 0));
    served.kill();
    // And no other event was invented: with all of them, the server knows what a fold of them does.
    for event in &events {
        assert_eq!(served.deliver(event), 200);
    }
    assert!(served.fold().save() == fold_of(&events).save(), "the folds differ");
    assert_eq!(served.folder.run("serve --verify").code, Some(0));
}

#[test]
fn a_reader_of_changes_that_connects_again_misses_nothing() {
    let served = Served::new();
    let events = events(&served.folder, 2);
    let listen = |last: Option<&str>| {
        let mut request = agent()
            .get(served.url(&format!("/api/changes?account={ACCOUNT}")))
            .header("authorization", format!("Bearer {}", served.token));
        if let Some(id) = last {
            request = request.header("last-event-id", id);
        }
        BufReader::new(request.call().expect("an answer").into_body().into_reader())
    };
    // The next event with its id.
    fn next(lines: &mut impl BufRead) -> (String, String, String) {
        let (mut kind, mut id, mut data) = Default::default();
        loop {
            let mut line = String::new();
            assert!(lines.read_line(&mut line).expect("a line") > 0, "the stream has ended");
            match line.trim_end().split_once(": ") {
                Some(("event", text)) => kind = text.to_owned(),
                Some(("id", text)) => id = text.to_owned(),
                Some(("data", text)) => data = text.to_owned(),
                _ if line == "\n" && !data.is_empty() => return (kind, id, data),
                _ => {}
            }
        }
    }
    let mut first = listen(None);
    let (kind, begin, _) = next(&mut first);
    assert_eq!(kind, "begin");
    assert_eq!(served.deliver(&events[0]), 200);
    let (kind, id, data) = next(&mut first);
    assert_eq!(kind, "change");
    assert!(data.starts_with(&format!("{{\"event\":{},\"changes\":[", events[0])), "{data}");
    drop(first);
    for event in &events[1..4] {
        assert_eq!(served.deliver(event), 200);
    }
    // A repeat is not told again.
    assert_eq!(served.deliver(&events[1]), 200);
    let mut again = listen(Some(&id));
    for event in &events[1..4] {
        assert!(next(&mut again).2.contains(event), "{event}");
    }
    assert!(next(&mut listen(Some(&begin))).2.contains(&events[0]));
    // What is no longer known is not left out silently.
    assert_eq!(next(&mut listen(Some("1-1"))).0, "missed");
}

#[test]
fn readers_need_a_token_of_the_account() {
    let served = Served::new();
    let other = served.folder.run("serve token add other --only 7").printed();
    let path = format!("/accounts/{ACCOUNT}/state");
    assert_eq!(agent().get(served.url(&path)).call().expect("an answer").status(), 401);
    assert_eq!(served.get_with(&path, "af_test_wrong").0, 401);
    // The table of tokens is read again within seconds.
    thread::sleep(Duration::from_secs(2));
    assert_eq!(served.get_with(&path, other.trim()).0, 403);
    assert_eq!(served.get(&path).0, 200);
    served.folder.run("serve token revoke test").printed();
    thread::sleep(Duration::from_secs(2));
    assert_eq!(served.get(&path).0, 401);
    assert_eq!(served.folder.run("serve token revoke test").code, Some(2));
    assert!(served.folder.run("serve token list").printed().contains("other"));
}

#[test]
fn deliveries_are_verified_before_they_are_stored() {
    let served = Served::new();
    let event = &events(&served.folder, 1)[0];
    let post = |account: &str, body: &str| {
        let request = agent().post(served.url("/webhooks/zendesk"));
        request.header("x-zendesk-account-id", account).send(body).expect("an answer").status()
    };
    assert_eq!(post(ACCOUNT, event), 401);
    assert_eq!(post("7", event), 401);
    assert_eq!(post(ACCOUNT, &"x".repeat((1 << 20) + 1)), 413);
    assert_eq!(served.deliver("{}"), 400);
    assert_eq!(served.json(&format!("/accounts/{ACCOUNT}/state")), serde_json::json!([]));
    assert_eq!(served.deliver(event), 200);
    assert_eq!(served.json(&format!("/accounts/{ACCOUNT}/state"))[0]["version"], 1);
    let (_, metrics) = served.get(&format!("/accounts/{ACCOUNT}/metrics"));
    assert!(metrics.contains("\nagentfold_deliveries_total{outcome=\"applied\"} 1\n"), "{metrics}");
}

#[test]
fn pull_reads_the_export_of_a_running_server() {
    let served = Served::new();
    let events = events(&served.folder, 6);
    let (old, new) = events.split_at(events.len() / 2);
    for event in old {
        assert_eq!(served.deliver(event), 200);
    }
    thread::scope(|scope| {
        let address = served.address.clone();
        let writing = scope.spawn(move || {
            for event in new {
                assert_eq!(delivered(&agent(), &address, event).expect("an answer"), 200);
            }
        });
        served.pull("");
        writing.join().expect("no panic");
    });
    // What was written meanwhile.
    served.pull("");
    let pulled = String::from_utf8(served.folder.read("pulled")).expect("text");
    let id = |line: &str| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        event["id"].as_str().expect("an id").to_owned()
    };
    let pulled: Vec<String> = pulled.lines().map(id).collect();
    let told = fold_of(&events).tell_chat("messaging", Instant::MIN, now());
    let told: Vec<String> = told.iter().map(|chat| chat.id.to_string()).collect();
    assert!(told.len() > 50, "{}", told.len());
    assert_eq!(pulled, told);
}

#[test]
fn a_second_instance_on_one_file_is_refused() {
    let served = Served::new();
    let told = served.folder.run("serve --address 127.0.0.1:0").refused(1);
    assert!(told.contains("used by another instance"), "{told}");
    // A copy can be made and checked meanwhile.
    served.folder.run("serve backup copy.db").printed();
    assert_eq!(served.folder.run("serve --database copy.db --verify").code, Some(0));
}
