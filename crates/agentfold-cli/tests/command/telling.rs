//! `agentfold serve` tells receivers of alerts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant as Clock};

use agentfold::Instant;
use agentfold::webhook::{Headers, Policy, Secret, verify};
use serde_json::{Value, json};

use crate::host::{Asked, Host};
use crate::served::{ACCOUNT, SECRET, Served, now, settings};

const OF_RECEIVER: &str = "known-to-the-receiver";

/// A change of state on `messaging`, some minutes ago.
fn state(number: u32, minutes: i64, state: &str) -> String {
    let at = Instant::from_unix(now().unix_seconds() - minutes * 60, 0).expect("a date");
    format!(
        r#"{{"account_id":{ACCOUNT},"detail":{{"agent_id":"7","version":"{number}"}},"event":{{"updated_at":"{at}","channel":"messaging","new_state":"{state}"}},"id":"{number}","type":"zen:event-type:agent.state_changed"}}"#
    )
}

/// Settings that tell these paths of agents who are away for long.
fn alerts(host: &Host, paths: &[&str]) -> String {
    let url = host.url();
    let send: Vec<String> = paths
        .iter()
        .map(|path| match *path {
            "/slack" => format!("{{ url = \"{url}/slack\", form = \"slack\" }}"),
            path => format!("{{ url = \"{url}{path}\", secret = \"{OF_RECEIVER}\" }}"),
        })
        .collect();
    format!(
        "[accounts.{ACCOUNT}.alerts]\nthresholds = {{ state = [{{ state = \"away\", channel = \"messaging\", longer_than = \"10m\" }}] }}\nsend = [{}]",
        send.join(", ")
    )
}

/// The answers to requests, which a test changes.
fn receiver() -> (Host, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(200));
    let answered = Arc::clone(&status);
    let host = Host::of(move |asked: &Asked| match asked.path.as_str() {
        "/refusing" => (404, String::new(), String::new()),
        _ => (answered.load(Ordering::SeqCst), String::new(), String::new()),
    });
    (host, status)
}

/// Waits until so many messages wait and were dropped.
#[track_caller]
fn wait_for(served: &Served, waiting: u64, dropped: u64) {
    let expected = json!({"waiting": waiting, "dropped": dropped});
    let begin = Clock::now();
    loop {
        let messages = served.json(&format!("/accounts/{ACCOUNT}/status"))["messages"].clone();
        if messages == expected {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{messages}");
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn alerts_are_told_once_an_episode_signed_and_again_if_the_receiver_does_not_answer() {
    let (host, status) = receiver();
    let mut served = Served::with(&alerts(&host, &["/own", "/slack"]));
    assert_eq!(served.deliver(&state(1, 20, "away")), 200);
    // It looks at accounts when it starts.
    served.kill();
    host.wait_for(2, "/");
    wait_for(&served, 0, 0);
    let own = &host.wait_for(1, "/own")[0];
    let headers: Headers =
        own.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let secrets = [Secret::new(OF_RECEIVER).expect("a secret")];
    assert!(verify(&headers, own.body.as_bytes(), &secrets, now(), &Policy::default()).is_ok());
    let message: Value = serde_json::from_str(&own.body).expect("JSON");
    assert_eq!(message["type"], "agentfold.alert_began");
    assert_eq!(message["alert"]["agent_id"], "7");
    let slack: Value = serde_json::from_str(&host.wait_for(1, "/slack")[0].body).expect("JSON");
    assert!(slack["text"].as_str().expect("a text").contains("away"), "{slack}");

    // Its end is told, and sent until it is taken. The begin is not told again.
    assert_eq!(served.deliver(&state(2, 1, "online")), 200);
    status.store(503, Ordering::SeqCst);
    served.kill();
    host.wait_for(4, "/");
    wait_for(&served, 2, 0);
    status.store(200, Ordering::SeqCst);
    served.kill();
    let all = host.wait_for(6, "/");
    wait_for(&served, 0, 0);
    for asked in all[2..].iter().filter(|asked| asked.path == "/own") {
        let message: Value = serde_json::from_str(&asked.body).expect("JSON");
        assert_eq!(message["type"], "agentfold.alert_ended");
    }
    served.kill();
    thread::sleep(Duration::from_millis(500));
    assert_eq!(host.asked().len(), 6);
    let (_, metrics) = served.get("/metrics");
    assert!(metrics.contains("\nagentfold_messages_waiting 0\n"), "{metrics}");
}

#[test]
fn messages_that_nobody_takes_are_counted_and_receivers_wait_for_no_other() {
    let (host, status) = receiver();
    let mut served = Served::with(&alerts(&host, &["/dead", "/refusing"]));
    status.store(500, Ordering::SeqCst);
    let away = state(1, 20, "away");
    assert_eq!(served.deliver(&away), 200);
    served.kill();
    wait_for(&served, 1, 1);
    // A receiver that is no longer set up gets nothing.
    served.folder.write("agentfold.toml", settings(&[SECRET], &alerts(&host, &["/refusing"])));
    served.kill();
    wait_for(&served, 0, 2);
    let outcomes = &served.json(&format!("/accounts/{ACCOUNT}/status"))["outcomes"];
    assert_eq!(outcomes, &json!({}), "none since it started");
    assert_eq!(served.deliver(&away), 200);
    let outcomes = &served.json(&format!("/accounts/{ACCOUNT}/status"))["outcomes"];
    assert_eq!(outcomes, &json!({"duplicate": 1}));
}
