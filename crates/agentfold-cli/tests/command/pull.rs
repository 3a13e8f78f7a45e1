//! `agentfold pull`, against a server on loopback.

use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rcgen::CertifiedKey;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;

use crate::run::{Folder, Run};
use crate::zendesk::{Mood, SINCE, Zendesk, listener};

const TOKEN: &str = "a-token-that-nobody-sees";

/// The command as it is called here, with a token.
fn command(folder: &Folder, arguments: &str) -> Command {
    let mut command = folder.command(&format!("pull {arguments}"));
    for name in ["ZENDESK_EMAIL", "ZENDESK_API_TOKEN", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("ZENDESK_OAUTH_TOKEN", TOKEN);
    command
}

fn finish(command: &mut Command) -> Run {
    let output = command.output().expect("the command can be run");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn pull(folder: &Folder, zendesk: &Zendesk, arguments: &str) -> Run {
    let address = zendesk.address;
    finish(&mut command(folder, &format!("--base-url http://{address} {arguments}")))
}

const FRESH: &str = "--since 2018-10-19T12:00:00Z";
const KEPT: &str = "--since 2018-10-19T12:00:00Z --cursor c --out o";

#[track_caller]
fn holds(folder: &Folder, zendesk: &Zendesk) {
    let out = String::from_utf8(folder.read("o")).expect("UTF-8");
    assert!(out.ends_with('\n'));
    assert_eq!(out.lines().collect::<Vec<_>>(), zendesk.texts());
}

#[test]
fn events_are_printed_in_order_and_counted() {
    let zendesk = Zendesk::of(2345, |_| Mood::Page);
    let run = pull(&Folder::new(), &zendesk, FRESH);
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), zendesk.texts());
    let last = zendesk.texts()[2344].split('"').nth(17).map(str::to_owned);
    let told =
        format!("pulled 2345 events, left out 0 duplicates, up to {}\n", last.expect("dated"));
    assert_eq!((run.code, run.stderr), (Some(0), told));
    assert_eq!(zendesk.heads().len(), 3);
}

#[test]
fn what_is_pulled_can_be_folded() {
    let folder = Folder::new();
    pull(&folder, &Zendesk::of(30, |_| Mood::Page), KEPT).printed();
    assert!(folder.run("state o").printed().contains(r#""engagements":2"#));
}

#[test]
fn repeats_at_the_edges_of_pages_are_left_out() {
    let folder = Folder::new();
    let zendesk = Zendesk::by_time_only(300, |_| Mood::Gzipped);
    let run = pull(&folder, &zendesk, &format!("{KEPT} --limit 11"));
    assert!(run.stderr.contains("pulled 300 events, "), "{}", run.stderr);
    assert!(!run.stderr.contains(" 0 duplicates"), "{}", run.stderr);
    run.printed();
    holds(&folder, &zendesk);
}

#[test]
fn failures_that_pass_are_waited_for() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(50, |number| match number {
        0 => Mood::Status(429, "retry-after: 1"),
        2 => Mood::HalfWay(60),
        3 => Mood::Status(503, "x: y"),
        5 => Mood::GoesAway,
        _ => Mood::Page,
    });
    let run = pull(&folder, &zendesk, &format!("{KEPT} --limit 20"));
    let told: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert_eq!(told[0], "too_many_requests (status 429): trying again in 1.0 s");
    assert!(told[1].starts_with("no_reply ("), "{told:?}");
    assert!(told[2].starts_with("server_error (status 503): trying again in "), "{told:?}");
    assert!(told[3].starts_with("no_reply ("), "{told:?}");
    run.printed();
    holds(&folder, &zendesk);
}

#[test]
fn a_server_that_comes_late_is_waited_for() {
    let folder = Folder::new();
    let bound = listener();
    let address = bound.local_addr().expect("bound");
    drop(bound);
    let coming = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        let bound = TcpListener::bind(address).expect("nobody else took it");
        Zendesk::listening(bound, 10, true, None, |_| Mood::Page)
    });
    let run = finish(&mut command(&folder, &format!("--base-url http://{address} {KEPT}")));
    let zendesk = coming.join().expect("it came");
    assert!(run.stderr.starts_with("no_reply ("), "{}", run.stderr);
    run.printed();
    holds(&folder, &zendesk);
}

#[test]
fn who_asks_in_vain_gives_up_when_patience_ends() {
    let zendesk = Zendesk::of(1, |_| Mood::Status(429, "retry-after: 3600"));
    let told = pull(&Folder::new(), &zendesk, FRESH).refused(1);
    assert!(told.contains("run the command again in 3600.0 s or later"), "{told}");
    let zendesk = Zendesk::of(1, |_| Mood::GoesAway);
    let told = pull(&Folder::new(), &zendesk, &format!("{FRESH} --patience 100ms")).refused(1);
    assert!(told.contains("gave up after 0 s without a page (no_reply: "), "{told}");
    assert_eq!(zendesk.heads().len(), 1);
}

#[test]
fn replies_that_no_waiting_helps_against_are_explained() {
    for (status, code) in [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (302, "redirected"),
        (418, "unexpected_status"),
    ] {
        let zendesk = Zendesk::of(1, move |_| Mood::Status(status, "location: /elsewhere"));
        let told = pull(&Folder::new(), &zendesk, FRESH).refused(1);
        assert!(told.contains(&format!("agentfold: {code} (status {status}): ")), "{told}");
        assert_eq!(zendesk.heads().len(), 1, "{code}");
    }
    let zendesk = Zendesk::of(9, |_| Mood::At("https://elsewhere.example/"));
    let told = pull(&Folder::new(), &zendesk, &format!("{FRESH} --limit 3")).refused(1);
    assert!(told.contains("agentfold: other_host (status 200): "), "{told}");
}

#[test]
fn a_pull_goes_on_where_it_was() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(90, |_| Mood::Page);
    for present in [0, 40, 40, 41, 90] {
        zendesk.has(present);
        pull(&folder, &zendesk, &format!("{KEPT} --limit 20")).printed();
        if present > 0 {
            holds(&folder, &zendesk);
        }
    }
    assert_eq!(folder.files(), ["c", "o"]);
}

#[test]
fn what_was_written_just_before_a_crash_is_cut_back() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(90, |_| Mood::Page);
    zendesk.has(40);
    pull(&folder, &zendesk, KEPT).printed();
    let cursor = folder.read("c");
    zendesk.has(70);
    pull(&folder, &zendesk, KEPT).printed();
    let whole = folder.read("o");
    zendesk.has(90);
    // The cursor was not saved, and the page was not written to its end.
    for cut in 0..60 {
        folder.write("c", &cursor);
        folder.write("o", &whole[..whole.len() - cut]);
        pull(&folder, &zendesk, KEPT).printed();
        holds(&folder, &zendesk);
    }
}

#[test]
fn stopped_at_random_moments_it_loses_and_repeats_nothing() {
    const ROUNDS: usize = 220;
    let mut chance = fastrand::Rng::with_seed(11);
    let mut moods = chance.fork();
    let is_calm = Arc::new(AtomicBool::new(false));
    let calm = Arc::clone(&is_calm);
    let zendesk = Zendesk::by_time_only(ROUNDS * 40, move |_| match moods.u8(..40) {
        _ if calm.load(Ordering::SeqCst) => Mood::Page,
        0 => Mood::GoesAway,
        1 => Mood::HalfWay(moods.usize(..100)),
        2 => Mood::Status(429, "retry-after: 1"),
        3 => Mood::Status(500, "x: y"),
        4..10 => Mood::Gzipped,
        _ => Mood::Page,
    });
    let folder = Folder::new();
    let arguments = format!(
        "--base-url http://{} --since {SINCE} --limit 9 --cursor c --out o",
        zendesk.address
    );
    let mut killed = 0;
    for round in 1..=ROUNDS {
        zendesk.has(round * 40);
        let mut command = command(&folder, &arguments);
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command can be started");
        thread::sleep(Duration::from_micros(chance.u64(..60_000)));
        killed += usize::from(child.try_wait().expect("it can be asked").is_none());
        child.kill().expect("it is ours");
        child.wait().expect("it ends");
    }
    assert!(killed >= ROUNDS / 2, "{killed} of {ROUNDS} were stopped before they were done");
    is_calm.store(true, Ordering::SeqCst);
    finish(&mut command(&folder, &arguments)).printed();
    holds(&folder, &zendesk);
}

#[test]
fn who_follows_gets_what_comes() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(60, |_| Mood::Page);
    zendesk.has(10);
    let mut command = command(
        &folder,
        &format!("--base-url http://{} {KEPT} --follow --every 5ms", zendesk.address),
    );
    let mut child = command.stderr(Stdio::null()).spawn().expect("the command can be started");
    for present in [10, 30, 60] {
        zendesk.has(present);
        let is_there = || {
            let out = std::fs::read(folder.path().join("o")).unwrap_or_default();
            out.iter().filter(|byte| **byte == b'\n').count() == present
        };
        for _ in 0..2000 {
            if is_there() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        holds(&folder, &zendesk);
    }
    assert!(child.try_wait().expect("it can be asked").is_none());
    // Two would write over each other.
    let told = pull(&folder, &zendesk, KEPT).refused(2);
    assert!(told.contains("another pull is writing to o"), "{told}");
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
}

#[test]
fn credentials_come_from_the_environment_and_are_never_told() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(3, |number| match number {
        0 => Mood::Page,
        _ => Mood::Status(401, "x: y"),
    });
    pull(&folder, &zendesk, KEPT).printed();
    let arguments = format!("--base-url http://{} {FRESH}", zendesk.address);
    let mut basic = command(&folder, &arguments);
    basic.env_remove("ZENDESK_OAUTH_TOKEN");
    let none = finish(&mut basic).refused(2);
    assert!(none.contains("set ZENDESK_OAUTH_TOKEN, or ZENDESK_EMAIL and ZENDESK_API_TOKEN"));
    basic.env("ZENDESK_EMAIL", "me@example.com");
    finish(&mut basic).refused(2);
    basic.env("ZENDESK_API_TOKEN", " s3cret\n");
    let told = finish(&mut basic).refused(1);
    basic.env("ZENDESK_OAUTH_TOKEN", TOKEN);
    finish(&mut basic).refused(2);
    basic.env("ZENDESK_OAUTH_TOKEN", "two words").env_remove("ZENDESK_EMAIL");
    basic.env_remove("ZENDESK_API_TOKEN");
    let wrong = finish(&mut basic).refused(2);

    let heads = zendesk.heads();
    assert_eq!(heads.len(), 2);
    assert!(heads[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{}", heads[0]);
    // me@example.com/token:s3cret
    let pair = "authorization: Basic bWVAZXhhbXBsZS5jb20vdG9rZW46czNjcmV0\r\n";
    assert!(heads[1].contains(pair), "{}", heads[1]);
    let kept = String::from_utf8(folder.read("c")).expect("UTF-8");
    for text in [told, wrong, kept] {
        for secret in ["s3cret", "bWVA", TOKEN, "two words"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn tls_is_spoken_with_whom_a_certificate_vouches_for() {
    let names = vec!["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(names).expect("a certificate can be made");
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("there are versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("the key is the certificate's");
    let zendesk = Zendesk::over_tls(1500, config);
    let folder = Folder::with("ca.pem", cert.pem()).and("not.pem", "no certificate");
    let url = format!("--base-url https://{}", zendesk.address);
    finish(&mut command(&folder, &format!("{url} {KEPT} --ca-file ca.pem"))).printed();
    holds(&folder, &zendesk);

    // Nobody that is trusted by default knows it: nothing is sent, and nothing waited for.
    let told = finish(&mut command(&folder, &format!("{url} {FRESH}"))).refused(1);
    assert!(told.contains("no reply: "), "{told}");
    assert_eq!(zendesk.heads().len(), 2);
    let told = finish(&mut command(&folder, &format!("{url} {FRESH} --ca-file not.pem")));
    assert!(told.refused(2).contains("not.pem contains no certificate"));
}

#[test]
fn credentials_go_nowhere_else() {
    let folder = Folder::new();
    for (arguments, why) in [
        ("--base-url http://example.com", "must begin with https://"),
        ("--base-url https://me:word@example.com", "contains credentials"),
        ("--base-url https://example.com/api", "has a path"),
        ("--base-url /api", "has no host"),
        ("--base-url ftp://127.0.0.1", "must begin with https://"),
        ("--subdomain acme.zendesk.com", "give `acme`"),
        ("--subdomain evil.example/", "is not a subdomain"),
    ] {
        let told = finish(&mut command(&folder, &format!("{arguments} {FRESH}"))).refused(2);
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn cursors_and_files_of_something_else_are_left_alone() {
    let folder = Folder::with("other", "{\"id\":1}\n").and("broken", "{}");
    let zendesk = Zendesk::of(20, |_| Mood::Page);
    pull(&folder, &zendesk, KEPT).printed();
    let another = Zendesk::of(20, |_| Mood::Page);
    let refused = |run: Run, why: &str| {
        let told = run.refused(2);
        assert!(told.contains(why), "{told}");
    };
    refused(pull(&folder, &another, KEPT), "the cursor belongs to 127.0.0.1:");
    let timeline = format!("{KEPT} --endpoint agent_timeline");
    refused(pull(&folder, &zendesk, &timeline), "the cursor belongs to /api/v2/chat/incremental/");
    let file = |cursor: &str, out: &str| format!("{FRESH} --cursor {cursor} --out {out}");
    refused(pull(&folder, &zendesk, &file("broken", "x")), "broken is not a cursor: ");
    refused(pull(&folder, &zendesk, &file("new", "other")), "other exists");
    refused(pull(&folder, &zendesk, &file("c", "other")), "other has changed since");
    refused(pull(&folder, &zendesk, "--cursor none"), "give --since");
    assert_eq!(folder.read("other"), b"{\"id\":1}\n");
    // What was changed, or cut.
    let whole = folder.read("o");
    folder.write("o", String::from_utf8_lossy(&whole).replace("value\":3", "value\":4"));
    refused(pull(&folder, &zendesk, KEPT), "o has changed since");
    folder.write("o", &whole[..whole.len() - 1]);
    refused(pull(&folder, &zendesk, KEPT), "o has changed since");
    // But a file may be moved away, and another begun.
    folder.write("o", "");
    zendesk.has(20);
    pull(&folder, &zendesk, KEPT).printed();
    assert_eq!(folder.read("o"), b"");
}

#[test]
fn who_has_seen_enough_may_close() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(5000, |_| Mood::Page);
    let arguments = format!("--base-url http://{} {FRESH} --follow --every 1ms", zendesk.address);
    let mut child = command(&folder, &arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), &output.stderr[..]), (Some(0), &b""[..]));
}

#[test]
fn rows_of_agent_timeline_are_asked_for_in_microseconds_and_can_be_reconciled() {
    let row = r#"{"agent_id":7,"duration":1.700003,"engagement_count":1,"start_time":"2018-10-19T12:00:00Z","status":"online"}"#;
    let page = format!(r#"{{"agent_timeline":[{row}],"count":1,"end_time":1539950400000000}}"#);
    let zendesk = Zendesk::of(0, move |_| Mood::Body(page.clone()));
    let folder = Folder::new();
    pull(&folder, &zendesk, &format!("{KEPT} --endpoint agent_timeline")).printed();
    let head = &zendesk.heads()[0];
    let path = "GET /api/v2/chat/incremental/agent_timeline?start_time=1539950400000000&";
    assert!(head.starts_with(path), "{head}");
    assert_eq!(String::from_utf8_lossy(&folder.read("o")), format!("{row}\n"));
    let run = folder.run("reconcile --account 2 --agent-timeline o --as-of 2018-10-20T00:00:00Z");
    assert!(run.stderr.contains("0 agents and 1 timeline row"), "{}", run.stderr);
}
