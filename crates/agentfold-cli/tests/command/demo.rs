//! `agentfold demo`: what is printed, served and removed.

use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::run::{Folder, Running};
use crate::served::asked;

/// Starts a demo in a folder. Returns it with the address of its server and the token.
fn started(folder: &Folder) -> (Running, String, String) {
    let mut command = folder.command("demo");
    command.env("TMPDIR", folder.path());
    let running = Running::start(command);
    let line = (0..5).map(|_| running.error()).find(|line| line.starts_with("or ask: "));
    let line = line.expect("how to ask");
    let token = line.split("Bearer ").nth(1).and_then(|rest| rest.split('\'').next());
    let url = line.split_whitespace().last().expect("a URL");
    let server = url.strip_suffix("/api/floor").expect("the floor").to_owned();
    (running, server, token.expect("a token").to_owned())
}

#[test]
fn a_demo_prints_agents_and_serves_them_and_goes_on() {
    let folder = Folder::new();
    let (mut demo, server, token) = started(&folder);
    let printed = demo.lines(2);
    assert!(printed[0].contains("messaging") && printed[0].contains("talk"), "{}", printed[0]);
    let (status, floor) = asked(&format!("{server}/api/floor"), &token);
    assert_eq!(status, 200);
    assert!(floor.contains("\"channel\":\"support\""), "{floor}");
    let begun = Instant::now();
    let is_taken = || {
        let (_, text) = asked(&format!("{server}/metrics"), &token);
        text.lines().any(|line| {
            line.starts_with("agentfold_deliveries_total{outcome=\"applied\"}")
                && !line.ends_with(" 0")
        })
    };
    while !is_taken() {
        assert!(begun.elapsed() < Duration::from_secs(120), "no event was delivered");
        sleep(Duration::from_millis(100));
    }
    let log = demo.killed();
    assert!(!log.contains("ERROR") && !log.contains("WARN"), "{log}");
}

#[cfg(unix)]
#[test]
fn a_demo_that_is_stopped_leaves_nothing() {
    let folder = Folder::new();
    let (mut demo, ..) = started(&folder);
    assert_eq!(folder.files().len(), 1);
    let id = demo.child.id().to_string();
    let stopped = std::process::Command::new("kill").args(["-INT", &id]).status();
    assert!(stopped.expect("kill runs").success());
    assert_eq!(demo.wait().code(), Some(0));
    assert_eq!(folder.files(), [""; 0]);
}

#[test]
fn a_demo_is_for_this_machine_only() {
    let told = Folder::new().run("demo --address 0.0.0.0:0").refused(2);
    assert!(told.contains("must be of this machine"), "{told}");
}
