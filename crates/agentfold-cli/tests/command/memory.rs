//! Memory grows with the number of agents, not with the length of the stream.

use std::fs;
use std::io::Write;

use agentfold_simulate::Simulation;

use crate::events::{ndjson, support_is};
use crate::run::Folder;

/// The peak memory of a process in KiB; `None` if the system does not report it.
fn most_memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn a_stream_twenty_times_as_long_takes_no_more_memory() {
    let day = Simulation { agents: 150, hours: 24, seed: 1, ..Simulation::default() };
    let day = ndjson(&day.events().collect::<Vec<String>>());
    assert!(day.len() > 5_000_000, "{}", day.len());
    for command in ["state", "changes", "check"] {
        let folder = Folder::new();
        let mut running = folder.start(command);
        let mut stdin = running.stdin.take().expect("standard input is a pipe");
        let mut hand_over = || {
            stdin.write_all(day.as_bytes()).expect("it reads all");
            // All of it has been read, except for what is in the pipe.
            most_memory(running.child.id())
        };
        let Some(after_one) = hand_over() else {
            println!("skipped: this system does not report the peak memory of a process");
            return;
        };
        let mut after_all = after_one;
        for _ in 1..20 {
            after_all = hand_over().expect("it is running");
        }
        assert!(after_all <= after_one + 2048, "{command}: {after_one} KiB, then {after_all} KiB");
        drop(stdin);
        assert_eq!(running.finish().code, Some(0), "{command}");
    }
}

#[test]
fn an_endless_record_takes_no_more_memory_than_the_maximum_size() {
    let good = support_is("online", 7, 1, "2023-04-05T10:00:00Z");
    let megabyte = vec![b'x'; 1 << 20];
    for command in ["state", "changes", "check"] {
        for begin in [r#"{"type":""#, r#"{"agent_events":[{"type":""#, "x"] {
            let folder = Folder::new();
            let mut running = folder.start(command);
            running.send(&good);
            let mut stdin = running.stdin.take().expect("standard input is a pipe");
            stdin.write_all(begin.as_bytes()).expect("it reads all");
            for _ in 0..40 {
                stdin.write_all(&megabyte).expect("it reads all");
            }
            if let Some(most) = most_memory(running.child.id()) {
                // Forty megabytes were written. The program itself takes half of this.
                assert!(most < 24 * 1024, "{command}: {begin}: {most} KiB");
            }
            drop(stdin);
            let run = running.finish();
            assert_eq!(run.code, Some(1), "{command}: {begin}");
            assert!([run.stderr, run.stdout].concat().contains(":2: error: too_large at /: "));
        }
    }
}
