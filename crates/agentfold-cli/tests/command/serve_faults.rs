//! A running server under faults: of its files, its disk, its clock and its readers.

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant as Time};

use agentfold::Instant;
use rcgen::CertifiedKey;
use serde_json::Value;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::run::{AGENTFOLD, Folder, Running};
use crate::served::{
    ACCOUNT, SECRET, SERVE, Served, address, agent, asked, delivered, events, fold_of, now,
    settings, signed, started,
};

/// Tells a server to read its files again.
fn hang_up(running: &Running) {
    let id = running.child.id().to_string();
    assert!(Command::new("kill").args(["-HUP", &id]).status().expect("it runs").success());
}

/// Waits until something is so.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Time::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "not yet: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// The next line on standard error that contains a text.
fn told(running: &Running, text: &str) -> String {
    loop {
        let line = running.error();
        if line.contains(text) {
            return line;
        }
    }
}

fn moved(at: Instant, seconds: i64) -> Instant {
    Instant::from_unix(at.unix_seconds() + seconds, at.subsec_nanos()).expect("a date")
}

/// A certificate of this machine, and its key.
fn certificate() -> (String, String) {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).expect("a certificate");
    (cert.pem(), signing_key.serialize_pem())
}

/// A client that trusts one certificate, and keeps its connections.
fn trusting(certificate: &str) -> ureq::Agent {
    let certificate = Certificate::from_pem(certificate.as_bytes()).expect("a certificate");
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&[certificate])).build();
    let config = ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls);
    config.timeout_global(Some(Duration::from_secs(30))).build().into()
}

#[test]
fn a_certificate_is_replaced_while_connections_go_on() {
    let ((old, old_key), (new, new_key)) = (certificate(), certificate());
    let files = "tls_certificate = \"c.pem\"\ntls_key = \"k.pem\"\n";
    let folder = Folder::with("agentfold.toml", format!("{files}{}", settings(&[SECRET], "")));
    let served = Served::in_folder(folder.and("c.pem", &old).and("k.pem", &old_key));
    let url = format!("https://{}", served.address);
    let event = &events(&served.folder, 1)[0];
    let is_served = |agent: &ureq::Agent| {
        agent.get(format!("{url}/healthz")).call().is_ok_and(|answer| answer.status() == 200)
    };
    let first = trusting(&old);
    assert_eq!(signed(&first, &url, event, SECRET, now()).expect("an answer"), 200);
    assert!(!is_served(&trusting(&new)));
    assert!(agent().get(format!("http://{}/healthz", served.address)).call().is_err());

    // The files are replaced one after the other.
    served.folder.write("c.pem", &new);
    hang_up(&served.running);
    let line = told(&served.running, "the certificate stays as it was");
    assert!(line.contains("k.pem: is not the key"), "{line}");
    assert!(is_served(&trusting(&old)));
    served.folder.write("k.pem", &new_key);
    hang_up(&served.running);
    until("the new certificate", || is_served(&trusting(&new)));
    assert!(!is_served(&trusting(&old)));
    assert!(is_served(&first), "a connection of before lives on");

    served.folder.write("c.pem", "broken");
    hang_up(&served.running);
    told(&served.running, "the certificate stays as it was");
    let second = trusting(&new);
    assert_eq!(signed(&second, &url, event, SECRET, now()).expect("an answer"), 200);
}

#[test]
fn secrets_are_rotated_without_a_restart() {
    let served = Served::new();
    let event = &events(&served.folder, 1)[0];
    let url = served.url("");
    let deliver = |secret| signed(&agent(), &url, event, secret, now()).expect("an answer");
    assert_eq!((deliver(SECRET), deliver("the-next-secret")), (200, 401));
    served.folder.write("agentfold.toml", settings(&[SECRET, "the-next-secret"], ""));
    hang_up(&served.running);
    until("the second secret", || deliver("the-next-secret") == 200);
    assert_eq!(deliver(SECRET), 200);

    for broken in ["secrets = [\"hush\"", "secret = [\"hush\"]", "secrets = [\"hush\", 7]"] {
        served.folder.write("agentfold.toml", format!("[accounts.{ACCOUNT}]\n{broken}\n"));
        hang_up(&served.running);
        let mut line = told(&served.running, "the accounts stay as they were");
        line.push_str(&told(&served.running, "line 2"));
        assert!(line.contains("ERROR") && !line.contains("hush"), "{line}");
        assert_eq!((deliver(SECRET), deliver("the-next-secret")), (200, 200), "{broken}");
    }

    served.folder.write("agentfold.toml", settings(&["the-next-secret"], ""));
    hang_up(&served.running);
    until("the old secret is refused", || deliver(SECRET) == 401);
    assert_eq!(deliver("the-next-secret"), 200);
}

#[test]
fn a_signal_may_come_as_soon_as_the_server_is_ready() {
    let folder = Folder::with("agentfold.toml", settings(&[SECRET], ""));
    for _ in 0..10 {
        let running = folder.start("serve --address 127.0.0.1:0");
        address(&running);
        hang_up(&running);
        told(&running, "read the accounts again");
    }
}

#[test]
fn a_hangup_reads_the_files_again_also_if_they_seem_unchanged() {
    let folder = Folder::with("agentfold.toml", settings(&[SECRET], ""));
    let running = folder.start("serve --address 127.0.0.1:0");
    address(&running);
    for _ in 0..2 {
        hang_up(&running);
        told(&running, "read the accounts again");
    }
}

#[test]
fn deliveries_signed_far_from_the_clock_are_refused_and_the_log_says_so() {
    let served = Served::new();
    let event = &events(&served.folder, 1)[0];
    for (seconds, status, code) in [
        (-290, 200, None),
        (290, 200, None),
        (-310, 401, Some("stale")),
        (310, 401, Some("future")),
    ] {
        let at = moved(now(), seconds);
        let answered = signed(&agent(), &served.url(""), event, SECRET, at);
        assert_eq!(answered.expect("an answer"), status, "{seconds}");
        if let Some(code) = code {
            let line = told(&served.running, "a delivery was refused");
            assert!(line.contains(code) && line.contains("timestamp"), "{line}");
        }
    }
    assert_eq!((served.outcomes("untrusted"), served.outcomes("applied")), (2, 1));
}

/// A server whose files cannot become larger than a number of KiB.
fn started_with_limit(folder: &Folder, kib: u32) -> (Running, String) {
    let mut command = Command::new("bash");
    // Without the signal, a write fails, as on a full disk.
    let script = format!("trap '' XFSZ; ulimit -f {kib}; exec \"$0\" {SERVE}");
    command.args(["-c", &script, AGENTFOLD]).current_dir(folder.path());
    let running = Running::start(command);
    let address = address(&running);
    (running, address)
}

#[test]
fn a_full_disk_refuses_deliveries_and_keeps_what_was_answered() {
    let mut served = Served::new();
    let events = events(&served.folder, 8);
    served.running.killed();
    (served.running, served.address) = started_with_limit(&served.folder, 1024);
    let (mut answered, mut refused) = (Vec::new(), 0);
    for event in &events {
        match served.deliver(event) {
            200 => answered.push(event.clone()),
            status => {
                assert_eq!(status, 409);
                refused += 1;
                if refused == 8 {
                    break;
                }
            }
        }
    }
    assert!(refused == 8 && answered.len() > 20, "{refused} of {}", answered.len());
    let expected = fold_of(&answered);
    assert!(served.fold().save() == expected.save(), "answers are of what was answered");
    assert_eq!(served.get("/healthz").0, 200);
    let line = told(&served.running, "events were not stored");
    assert!(line.contains("ERROR") && !line.contains(SECRET), "{line}");
    assert_eq!(served.outcomes("not_stored"), 8);

    let log = served.running.killed();
    assert!(!log.contains("panicked"), "{log}");
    (served.running, served.address) = started(&served.folder);
    assert!(served.fold().save() == expected.save(), "all that was answered is there");
    assert!(events.iter().all(|event| served.deliver(event) == 200));
    assert_eq!(served.outcomes("duplicate"), answered.len() as u64);
    assert!(served.fold().save() == fold_of(&events).save());
    served.folder.run("serve --verify").printed();
}

/// The questions of the tests about damage.
fn questions() -> Vec<String> {
    let (from, to) = (moved(now(), -60 * 3600), moved(now(), -3600));
    let window = format!("from={from}&to={to}&as_of={to}");
    let mut all = vec![
        "/api/v2/chat/incremental/agent_events?start_time=0&limit=100".to_owned(),
        format!("/accounts/{ACCOUNT}/state"),
    ];
    let of_account = [
        format!("state?at={from}"),
        format!("floor?at={from}"),
        format!("intervals?{window}"),
        format!("report?{window}&every=6h&by=channel"),
        "anomalies".to_owned(),
        "folds".to_owned(),
    ];
    all.extend(of_account.iter().map(|question| format!("/accounts/{ACCOUNT}/{question}")));
    all
}

/// The whole answer to a question; `None` if there is none, or only a part of it.
fn answer(served: &Served, question: &str) -> Option<String> {
    let request = agent().get(served.url(question));
    let request = request.header("authorization", format!("Bearer {}", served.token));
    // An answer can be broken off before its first part has left.
    let mut response = request.call().ok()?;
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(1 << 30).read_to_string().ok()?;
    match status {
        200 => Some(text),
        503 => {
            assert!(text.contains("\"unavailable\""), "{question}: {text}");
            None
        }
        _ => panic!("{question}: {status} {text}"),
    }
}

/// The size of a page of the database.
const PAGE: usize = 4096;

#[test]
fn a_damaged_page_makes_no_answer_wrong() {
    let folder = Folder::with("agentfold.toml", settings(&[SECRET], ""));
    let events = events(&folder, 72);
    let (old, new) = events.split_at(events.len() - 20);
    folder.write("old.ndjson", old.join("\n"));
    folder.run("serve import old.ndjson").printed();
    let mut served = Served::in_folder(folder);
    // What is saved would make the damage last.
    served.pause_saving();
    for event in new {
        assert_eq!(served.deliver(event), 200);
    }
    let questions = questions();
    let right: Vec<_> = questions.iter().map(|question| answer(&served, question)).collect();
    let is_filled = |answer: &&Option<String>| answer.as_ref().is_some_and(|text| text.len() > 2);
    assert!(right.iter().all(Option::is_some) && right.iter().filter(is_filled).count() >= 7);
    let path = served.folder.path().join("agentfold.db");
    let pages = fs::metadata(&path).expect("a file").len() as usize / PAGE;
    let mut file = OpenOptions::new().read(true).write(true).open(&path).expect("a file");
    let (mut unanswered, step) = (0, pages.div_ceil(40));
    for page in (1..pages).step_by(step) {
        let place = SeekFrom::Start((page * PAGE) as u64);
        let mut was = [0; PAGE];
        file.seek(place).expect("a place");
        file.read_exact(&mut was).expect("a page");
        let mut damaged = was;
        match page / step % 3 {
            0 => damaged.fill(0),
            1 => damaged.fill(0xff),
            // In the middle of the data of its cells.
            _ => damaged[PAGE - 600..PAGE - 500].fill(b'7'),
        }
        file.seek(place).and_then(|_| file.write_all(&damaged)).expect("damaged");
        for (question, right) in questions.iter().zip(&right) {
            match answer(&served, question) {
                None => unanswered += 1,
                answer => assert_eq!(&answer, right, "page {page}: {question}"),
            }
        }
        file.seek(place).and_then(|_| file.write_all(&was)).expect("as it was");
    }
    assert!(unanswered > 10, "{unanswered} of {pages} pages");
    for (question, right) in questions.iter().zip(&right) {
        assert_eq!(&answer(&served, question), right, "{question}");
    }
    assert_eq!(served.deliver(&new[0]), 200);
    let log = served.running.killed();
    assert!(log.contains("damaged") && !log.contains("panicked"), "{log}");
}

type Damage<'a> = &'a dyn Fn(&mut Vec<u8>);

#[test]
fn a_damaged_file_is_named_at_the_start_or_by_verify() {
    let folder = Folder::with("agentfold.toml", settings(&[SECRET], ""));
    folder.write("events.ndjson", events(&folder, 72).join("\n"));
    folder.run("serve import events.ndjson").printed();
    let whole = folder.read("agentfold.db");
    let told = |damage: Damage<'_>| {
        let mut damaged = whole.clone();
        damage(&mut damaged);
        folder.write("damaged.db", damaged);
        let run = folder.run("serve --database damaged.db --verify");
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        (run.code, run.stderr)
    };
    let is_named = |(code, told): &(Option<i32>, String)| {
        *code == Some(1)
            && (told.contains("damaged: restore a backup") || told.contains("is not a database of"))
    };
    // Compressed events, except those in pages that are free.
    let zstd = [0x28, 0xb5, 0x2f, 0xfd];
    let mut places = (0..whole.len() - 40).rev().filter(|&at| whole[at..at + 4] == zstd);
    let events = places.find(|&at| is_named(&told(&|file| file[at + 30] ^= 1)));
    let (events, half) = (events.expect("a changed event is noticed"), whole.len() / 2);
    let page = events / PAGE * PAGE;
    let damages: [(&str, Damage<'_>); 5] = [
        ("magic", &|file| file[3] ^= 1),
        ("application", &|file| file[71] ^= 1),
        ("schema", &|file| file[100..200].fill(0xff)),
        ("page", &|file| file[page..page + PAGE].fill(0)),
        ("half", &|file| file.truncate(half)),
    ];
    for (name, damage) in damages {
        let told = told(damage);
        assert!(is_named(&told), "{name}: {told:?}");
    }
}

#[test]
fn damage_of_the_last_changes_drops_them_and_nothing_before() {
    let mut served = Served::new();
    let events = &events(&served.folder, 6)[..60];
    // So the changes are in the order of the events.
    served.pause_saving();
    for event in events {
        assert_eq!(served.deliver(event), 200);
    }
    served.running.killed();
    let mut log = served.folder.read("agentfold.db-wal");
    let middle = log.len() / 2;
    log[middle] ^= 1;
    served.folder.write("agentfold.db-wal", log);
    (served.running, served.address) = started(&served.folder);
    let left = served.fold().save();
    let count = (0..=events.len()).find(|&count| left == fold_of(&events[..count]).save());
    assert!(count.is_some_and(|count| (10..50).contains(&count)), "{count:?}");
    served.folder.run("serve --verify").printed();
    assert!(events.iter().all(|event| served.deliver(event) == 200));
    assert!(served.fold().save() == fold_of(events).save());
}

/// Changes of state of some agents at the same instant.
fn at_once(round: usize, at: Instant) -> Vec<String> {
    let (version, state) = (round + 1, ["online", "away"][round % 2]);
    let event = |agent: usize| {
        format!(
            r#"{{"account_id":{ACCOUNT},"detail":{{"agent_id":"{agent}","version":"{version}"}},"event":{{"channel":"messaging","new_state":"{state}","updated_at":"{at}"}},"id":"{agent}-{round}","type":"zen:event-type:agent.state_changed"}}"#
        )
    };
    (1..=9).map(event).collect()
}

#[test]
fn pull_misses_and_repeats_nothing_while_several_write() {
    let served = Served::new();
    let rounds = |begin: Instant, numbers: std::ops::Range<usize>| -> Vec<Vec<String>> {
        let at = |round| begin.unix_nanos() + i128::from(round as u32) * 200_000_000;
        numbers
            .map(|round| at_once(round, Instant::from_unix_nanos(at(round)).expect("a date")))
            .collect()
    };
    // Agents are shared out, so that no two writers have the same.
    let write = |rounds: &[Vec<String>], pause| {
        thread::scope(|scope| {
            for writer in 0..3 {
                let address = &served.address;
                scope.spawn(move || {
                    let agent = agent();
                    for round in rounds {
                        for event in round.iter().skip(writer).step_by(3) {
                            let status = delivered(&agent, address, event).expect("an answer");
                            assert_eq!(status, 200);
                        }
                        thread::sleep(pause);
                    }
                });
            }
        });
    };
    let old = rounds(moved(now(), -310), 0..30);
    write(&old, Duration::ZERO);
    // The export holds back the last five minutes: of these rounds, one after the other comes out, some seconds after it
    // was delivered.
    let begin = moved(now(), -302);
    let (new, last) = (rounds(begin, 30..55), moved(begin, 311));
    thread::scope(|scope| {
        scope.spawn(|| write(&new, Duration::from_millis(100)));
        while now() < last {
            served.pull("--limit 5");
        }
    });
    served.pull("--limit 5");
    let pulled = String::from_utf8(served.folder.read("pulled")).expect("text");
    let pulled = pulled.lines().map(|line| {
        let event: Value = serde_json::from_str(line).expect("JSON");
        event["id"].as_str().expect("an id").to_owned()
    });
    let whole =
        fold_of(old.iter().chain(&new).flatten()).tell_chat("messaging", Instant::MIN, now());
    let told: Vec<String> = whole.iter().map(|chat| chat.id.to_string()).collect();
    assert!(told.len() >= 55 * 9, "{}", told.len());
    assert_eq!(pulled.collect::<Vec<_>>(), told);
}

#[test]
fn readers_do_not_delay_deliveries() {
    let folder = Folder::with("agentfold.toml", settings(&[SECRET], ""));
    let events = events(&folder, 6 * 24);
    let (old, new) = events.split_at(events.len() - 400);
    folder.write("old.ndjson", old.join("\n"));
    folder.run("serve import old.ndjson").printed();
    let served = Served::in_folder(folder);
    let report = |every: &str, hours: i64| {
        let (from, to) = (moved(now(), -hours * 3600), now());
        format!("/accounts/{ACCOUNT}/report?from={from}&to={to}&every={every}")
    };
    for (question, code) in [
        (report("1m", 24 * 300), "too_many_buckets"),
        (report("5m&by=account", 24 * 300), "too_many_rows"),
        (format!("/accounts/{ACCOUNT}/intervals?from=2026-01-01T00:00:00Z"), "window_too_long"),
    ] {
        let (status, text) = served.get(&question);
        assert_eq!((status, text.contains(&format!("\"code\":\"{code}\""))), (400, true), "{text}");
    }
    // One client does not read its answer, and another one does not end the head of its request.
    let connect = || {
        let stream = TcpStream::connect(&served.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        stream
    };
    let (mut unread, mut slow) = (connect(), connect());
    let question = report("5m", 6 * 24 - 1);
    let token = &served.token;
    let head =
        format!("GET {question} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {token}\r\n\r\n");
    unread.write_all(head.as_bytes()).expect("sent");
    let begun = Time::now();
    let slow = thread::spawn(move || {
        slow.write_all(b"GET / HTTP/1.1\r\nx: ").expect("sent");
        while begun.elapsed() < Duration::from_secs(20) && slow.write_all(b"a").is_ok() {
            thread::sleep(Duration::from_millis(100));
        }
        begun.elapsed()
    });
    let url = served.url(&report("15m", 72));
    let is_over = AtomicBool::new(false);
    let (answers, mut took) = thread::scope(|scope| {
        let readers: Vec<_> = (0..10)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        match asked(&url, token) {
                            (200, text) => answers += usize::from(text.ends_with(']')),
                            (429, text) if text.contains("too_many_questions") => {
                                thread::sleep(Duration::from_millis(10));
                            }
                            (status, text) => panic!("{status}: {text}"),
                        }
                    }
                    answers
                })
            })
            .collect();
        let agent = agent();
        let took = new.iter().map(|event| {
            let begun = Time::now();
            assert_eq!(delivered(&agent, &served.address, event).expect("an answer"), 200);
            begun.elapsed()
        });
        let took: Vec<Duration> = took.collect();
        is_over.store(true, Ordering::Relaxed);
        let answers: usize = readers.into_iter().map(|it| it.join().expect("no panic")).sum();
        (answers, took)
    });
    took.sort_unstable();
    let p99 = took[took.len() * 99 / 100];
    assert!(p99 < Duration::from_secs(1), "{p99:?}");
    assert!(answers > 0);
    // Both are given up after a while.
    let took = slow.join().expect("no panic");
    assert!((8..18).contains(&took.as_secs()), "{took:?}");
    thread::sleep(Duration::from_secs(7).saturating_sub(begun.elapsed()));
    let mut answer = Vec::new();
    drop(unread.read_to_end(&mut answer));
    assert!(answer.starts_with(b"HTTP/1.1 200") && !answer.ends_with(b"0\r\n\r\n"));
}
