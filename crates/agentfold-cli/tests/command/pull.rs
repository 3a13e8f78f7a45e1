//! `agentfold pull`, with a server on loopback.

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
use crate::zendesk::{Behaviour, SINCE, Zendesk, listener};

pub(crate) const TOKEN: &str = "a-token-that-is-never-printed";

/// The command, with a token in the environment.
pub(crate) fn command(folder: &Folder, arguments: &str) -> Command {
    let mut command = folder.command(&format!("pull {arguments}"));
    for name in ["ZENDESK_EMAIL", "ZENDESK_API_TOKEN", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env("ZENDESK_OAUTH_TOKEN", TOKEN);
    command
}

pub(crate) fn finish(command: &mut Command) -> Run {
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
    let zendesk = Zendesk::of(2345, |_| Behaviour::Page);
    let run = pull(&Folder::new(), &zendesk, FRESH);
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), zendesk.texts());
    let last = zendesk.texts()[2344].split('"').nth(17).map(str::to_owned);
    let summary =
        format!("pulled 2345 events, left out 0 duplicates, up to {}\n", last.expect("dated"));
    assert!(run.stderr.ends_with(&summary), "{}", run.stderr);
    assert_eq!(run.code, Some(0));
    // Three pages, and one that brings nothing new.
    assert_eq!(zendesk.heads().len(), 4);
}

#[test]
fn pulled_events_can_be_folded() {
    let folder = Folder::new();
    pull(&folder, &Zendesk::of(30, |_| Behaviour::Page), KEPT).printed();
    assert!(folder.run("state o").printed().contains(r#""engagements":2"#));
}

#[test]
fn duplicates_at_the_edges_of_pages_are_left_out() {
    let folder = Folder::new();
    let zendesk = Zendesk::by_time_only(300, |_| Behaviour::Gzipped);
    let run = pull(&folder, &zendesk, &format!("{KEPT} --limit 11"));
    assert!(run.stderr.contains("pulled 300 events, "), "{}", run.stderr);
    assert!(!run.stderr.contains(" 0 duplicates"), "{}", run.stderr);
    run.printed();
    holds(&folder, &zendesk);
}

#[test]
fn temporary_failures_are_retried() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(50, |number| match number {
        0 => Behaviour::Status(429, "retry-after: 1"),
        2 => Behaviour::HalfWay(60),
        3 => Behaviour::Status(503, "x: y"),
        5 => Behaviour::GoesAway,
        _ => Behaviour::Page,
    });
    let run = pull(&folder, &zendesk, &format!("{KEPT} --limit 20"));
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    assert_eq!(lines[0], "too_many_requests (status 429): trying again in 1.0 s");
    assert!(lines[1].starts_with("no_reply ("), "{lines:?}");
    assert!(lines[2].starts_with("server_error (status 503): trying again in "), "{lines:?}");
    assert!(lines[3].starts_with("no_reply ("), "{lines:?}");
    run.printed();
    holds(&folder, &zendesk);
}

#[test]
fn a_server_that_starts_late_is_retried() {
    let folder = Folder::new();
    let bound = listener();
    let address = bound.local_addr().expect("bound");
    drop(bound);
    let coming = thread::spawn(move || {
        thread::sleep(Duration::from_millis(300));
        let bound = TcpListener::bind(address).expect("the port is still free");
        Zendesk::listening(bound, 10, true, None, |_| Behaviour::Page)
    });
    let run = finish(&mut command(&folder, &format!("--base-url http://{address} {KEPT}")));
    let zendesk = coming.join().expect("it came");
    assert!(run.stderr.starts_with("no_reply ("), "{}", run.stderr);
    run.printed();
    holds(&folder, &zendesk);
}

#[test]
fn a_pull_without_success_gives_up_after_patience() {
    let zendesk = Zendesk::of(1, |_| Behaviour::Status(429, "retry-after: 3600"));
    let message = pull(&Folder::new(), &zendesk, FRESH).refused(1);
    assert!(message.contains("run the command again in 3600.0 s or later"), "{message}");
    let zendesk = Zendesk::of(1, |_| Behaviour::GoesAway);
    let message = pull(&Folder::new(), &zendesk, &format!("{FRESH} --patience 100ms")).refused(1);
    assert!(message.contains("gave up after 0 s without a page: no_reply ("), "{message}");
    assert_eq!(zendesk.heads().len(), 1);
}

#[test]
fn permanent_failures_are_explained_and_not_retried() {
    for (status, code) in [
        (400, "bad_request"),
        (401, "unauthorized"),
        (403, "forbidden"),
        (404, "not_found"),
        (418, "unexpected_status"),
    ] {
        let zendesk = Zendesk::of(1, move |_| Behaviour::Says(status, r#"{"error":"x"}"#));
        let message = pull(&Folder::new(), &zendesk, FRESH).refused(1);
        assert!(message.contains(&format!("agentfold: {code} (status {status}): ")), "{message}");
        assert_eq!(zendesk.heads().len(), 1, "{code}");
    }
    let zendesk = Zendesk::of(9, |_| Behaviour::At("https://elsewhere.example/"));
    let message = pull(&Folder::new(), &zendesk, &format!("{FRESH} --limit 3")).refused(1);
    assert!(message.contains("agentfold: other_host (status 200): "), "{message}");
}

#[test]
fn a_pull_continues_where_it_stopped() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(90, |_| Behaviour::Page);
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
fn events_written_just_before_a_crash_are_pulled_again() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(90, |_| Behaviour::Page);
    zendesk.has(40);
    pull(&folder, &zendesk, KEPT).printed();
    let cursor = folder.read("c");
    zendesk.has(70);
    pull(&folder, &zendesk, KEPT).printed();
    let whole = folder.read("o");
    zendesk.has(90);
    // The cursor was not saved, and the page was only partly written.
    for cut in 0..60 {
        folder.write("c", &cursor);
        folder.write("o", &whole[..whole.len() - cut]);
        pull(&folder, &zendesk, KEPT).printed();
        holds(&folder, &zendesk);
    }
}

#[test]
fn a_pull_killed_at_random_moments_loses_and_duplicates_nothing() {
    const ROUNDS: usize = 220;
    let mut chance = fastrand::Rng::with_seed(11);
    let mut behaviours = chance.fork();
    let is_calm = Arc::new(AtomicBool::new(false));
    let calm = Arc::clone(&is_calm);
    let zendesk = Zendesk::by_time_only(ROUNDS * 40, move |_| match behaviours.u8(..40) {
        _ if calm.load(Ordering::SeqCst) => Behaviour::Page,
        0 => Behaviour::GoesAway,
        1 => Behaviour::HalfWay(behaviours.usize(..100)),
        2 => Behaviour::Status(429, "retry-after: 1"),
        3 => Behaviour::Status(500, "x: y"),
        4..10 => Behaviour::Gzipped,
        _ => Behaviour::Page,
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
fn follow_pulls_new_events_as_they_appear() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(60, |_| Behaviour::Page);
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
    // Two pulls must not write to one file.
    let message = pull(&folder, &zendesk, KEPT).refused(2);
    assert!(message.contains("another pull is writing to o"), "{message}");
    child.kill().expect("it is ours");
    child.wait().expect("it ends");
}

#[test]
fn credentials_come_from_the_environment_and_are_never_printed() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(3, |number| match number {
        0 | 1 => Behaviour::Page,
        _ => Behaviour::Says(401, r#"{"error":"x"}"#),
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
    let message = finish(&mut basic).refused(1);
    basic.env("ZENDESK_OAUTH_TOKEN", TOKEN);
    finish(&mut basic).refused(2);
    basic.env("ZENDESK_OAUTH_TOKEN", "two words").env_remove("ZENDESK_EMAIL");
    basic.env_remove("ZENDESK_API_TOKEN");
    let wrong = finish(&mut basic).refused(2);

    let heads = zendesk.heads();
    assert_eq!(heads.len(), 3);
    assert!(heads[0].contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{}", heads[0]);
    // me@example.com/token:s3cret
    let pair = "authorization: Basic bWVAZXhhbXBsZS5jb20vdG9rZW46czNjcmV0\r\n";
    assert!(heads[2].contains(pair), "{}", heads[2]);
    let kept = String::from_utf8(folder.read("c")).expect("UTF-8");
    for text in [message, wrong, kept] {
        for secret in ["s3cret", "bWVA", TOKEN, "two words"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}

#[test]
fn only_hosts_with_a_trusted_certificate_are_used() {
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

    // The certificate is not trusted by default: the pull fails at once and sends nothing.
    let message = finish(&mut command(&folder, &format!("{url} {FRESH}"))).refused(1);
    assert!(message.contains("no reply: "), "{message}");
    assert_eq!(zendesk.heads().len(), 3);
    let run = finish(&mut command(&folder, &format!("{url} {FRESH} --ca-file not.pem")));
    assert!(run.refused(2).contains("not.pem contains no certificate"));
}

#[test]
fn credentials_are_sent_to_no_other_host() {
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
        let message = finish(&mut command(&folder, &format!("{arguments} {FRESH}"))).refused(2);
        assert!(message.contains(why), "{message}");
    }
}

#[test]
fn cursors_and_files_of_other_pulls_are_refused_and_not_changed() {
    let folder = Folder::with("other", "{\"id\":1}\n").and("broken", "{}");
    let zendesk = Zendesk::of(20, |_| Behaviour::Page);
    pull(&folder, &zendesk, KEPT).printed();
    let another = Zendesk::of(20, |_| Behaviour::Page);
    let refused = |run: Run, why: &str| {
        let message = run.refused(2);
        assert!(message.contains(why), "{message}");
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
    // A file that was changed or truncated.
    let whole = folder.read("o");
    folder.write("o", String::from_utf8_lossy(&whole).replace("value\":3", "value\":4"));
    refused(pull(&folder, &zendesk, KEPT), "o has changed since");
    folder.write("o", &whole[..whole.len() - 1]);
    refused(pull(&folder, &zendesk, KEPT), "o has changed since");
}

#[test]
fn a_file_that_is_gone_or_empty_is_refused_while_the_cursor_stays() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(30, |_| Behaviour::Page);
    zendesk.has(20);
    pull(&folder, &zendesk, KEPT).printed();
    let (whole, cursor) = (folder.read("o"), folder.read("c"));
    zendesk.has(30);
    for empty in [true, false] {
        folder.write("o", "");
        if !empty {
            std::fs::remove_file(folder.path().join("o")).expect("it was written");
        }
        let message = pull(&folder, &zendesk, KEPT).refused(2);
        assert!(message.contains("o is empty or gone"), "{message}");
        assert!(message.contains("--new-out"), "{message}");
        assert_eq!(folder.read("c"), cursor);
    }
    assert_eq!(folder.files(), ["c"]);
    // The file may be moved away, if the caller says so.
    pull(&folder, &zendesk, &format!("{KEPT} --new-out")).printed();
    let rest = folder.read("o");
    folder.write("o", [whole, rest].concat());
    holds(&folder, &zendesk);
}

#[cfg(unix)]
#[test]
fn events_and_cursor_are_never_written_to_one_file() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(30, |_| Behaviour::Page);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.path().join(name)).expect("it can be made");
    };
    link("x", "dangling");
    folder.write("a", "");
    link("a", "soft");
    std::fs::hard_link(folder.path().join("a"), folder.path().join("hard"))
        .expect("it can be made");
    let here = folder.path().display().to_string();
    for (cursor, out) in [
        ("x", "x"),
        ("x", "./x"),
        ("x", &format!("{here}/x")),
        ("x", "x.new"),
        ("y.apart", "y"),
        ("soft", "a"),
        ("hard", "a"),
        ("dangling", "x"),
    ] {
        let run = pull(&folder, &zendesk, &format!("{FRESH} --cursor {cursor} --out {out}"));
        assert!(run.refused(2).contains("to one file"), "{cursor} {out}");
    }
    // Also where standard output is the file.
    folder.write("p", pulled_cursor(&zendesk));
    let file = std::fs::OpenOptions::new().append(true).open(folder.path().join("p"));
    let mut run = command(&folder, &format!("--base-url http://{} --cursor p", zendesk.address));
    let run = run.stdout(file.expect("it was written")).output().expect("it can be run");
    assert_eq!(run.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&run.stderr).contains("to one file"));
    assert!(zendesk.heads().len() < 4);
}

/// The cursor file of a pull of a server.
fn pulled_cursor(zendesk: &Zendesk) -> Vec<u8> {
    let folder = Folder::new();
    pull(&folder, zendesk, &format!("{FRESH} --cursor c")).printed();
    folder.read("c")
}

#[cfg(unix)]
#[test]
fn a_new_cursor_is_not_written_through_a_link_and_follows_the_cursors_own() {
    let folder = Folder::with("victim", "precious").and("d", "");
    let zendesk = Zendesk::of(30, |_| Behaviour::Page);
    let link = |to: &str, name: &str| {
        std::os::unix::fs::symlink(to, folder.path().join(name)).expect("it can be made");
    };
    link("victim", "c.new");
    pull(&folder, &zendesk, KEPT).printed();
    assert_eq!(folder.read("victim"), b"precious");
    holds(&folder, &zendesk);
    assert_eq!(folder.files(), ["c", "d", "o", "victim"]);

    folder.write("d", pulled_cursor(&zendesk));
    let before = folder.read("d");
    link("d", "e");
    pull(&folder, &zendesk, &format!("{FRESH} --cursor e --limit 7")).printed();
    assert!(folder.path().join("e").is_symlink());
    assert_ne!(folder.read("d"), before);
}

#[cfg(unix)]
#[test]
fn devices_and_pipes_are_refused_as_files() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(30, |_| Behaviour::Page);
    let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status();
    assert!(made.expect("it can be run").success());
    std::fs::create_dir(folder.path().join("folder")).expect("it can be made");
    for (cursor, out) in [
        ("c", "/dev/null"),
        ("c", "/dev/full"),
        ("c", "pipe"),
        ("c", "folder"),
        ("pipe", "o"),
        ("/dev/null", "o"),
    ] {
        let run = pull(&folder, &zendesk, &format!("{FRESH} --cursor {cursor} --out {out}"));
        assert!(run.refused(2).contains("is not a regular file"), "{cursor} {out}");
    }
    assert_eq!(zendesk.heads().len(), 0);
    assert_eq!(folder.files(), ["folder", "pipe"]);
    // A full disk: the cursor stays where it was.
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let url = format!("--base-url http://{}", zendesk.address);
    let run = command(&folder, &format!("{url} {FRESH} --cursor c")).stdout(full).output();
    assert_eq!(run.expect("it can be run").status.code(), Some(1));
    let run = pull(&folder, &zendesk, "--cursor c");
    assert_eq!(run.stdout.lines().collect::<Vec<_>>(), zendesk.texts());
}

#[test]
fn a_host_that_gives_fewer_events_than_requested_is_asked_on() {
    for most in [1, 7, 200, 949] {
        let folder = Folder::new();
        let zendesk = Zendesk::of(if most == 1 { 60 } else { 950 }, move |_| Behaviour::Most(most));
        let run = pull(&folder, &zendesk, KEPT);
        assert_eq!(run.stderr.matches("warning: short_page ").count(), 1, "{}", run.stderr);
        run.printed();
        holds(&folder, &zendesk);
    }
}

#[test]
fn a_start_in_the_future_is_refused_and_not_stored() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(30, |_| Behaviour::Page);
    for arguments in ["--cursor c --out o", "--cursor c --out o --follow", ""] {
        let run = pull(&folder, &zendesk, &format!("--since 2999-01-05T08:00:00Z {arguments}"));
        assert!(run.refused(2).contains("--since is in the future"));
    }
    assert!(folder.files().is_empty());
    // A cursor of an earlier version may have followed an event there.
    pull(&folder, &zendesk, KEPT).printed();
    let cursor = String::from_utf8(folder.read("c")).expect("UTF-8");
    let (before, after) = cursor.split_once(r#""start_time":"2018"#).expect("it is there");
    folder.write("c", format!(r#"{before}"start_time":"9999{after}"#));
    let message = pull(&folder, &zendesk, KEPT).refused(2);
    assert!(message.contains("the cursor begins in the future"), "{message}");
}

#[test]
fn an_event_dated_far_ahead_is_kept_apart_and_loses_nothing_else() {
    let ahead = r#"{"account_id":2,"agent_id":7,"field_name":"status","id":"z","timestamp":"9999-12-31T23:59:59Z","value":"away"}"#;
    let now = |text: &str| {
        format!(
            r#"{{"account_id":2,"agent_id":7,"field_name":"status","id":"{text}","timestamp":"2018-10-19T12:00:{text}Z","value":"away"}}"#
        )
    };
    let first = format!(
        r#"{{"agent_events":[{},{ahead},{}],"count":3,"end_id":"z","end_time":253402300799}}"#,
        now("01"),
        now("02")
    );
    let second = format!(r#"{{"agent_events":[{},{ahead}],"count":2}}"#, now("03"));
    let zendesk = Zendesk::of(0, move |number| {
        Behaviour::Body(if number == 0 { first.clone() } else { second.clone() })
    });
    let folder = Folder::new();
    for told in [1, 0] {
        let run = pull(&folder, &zendesk, KEPT);
        assert_eq!(run.stderr.matches("warning: dated_ahead: ").count(), told, "{}", run.stderr);
        run.printed();
    }
    let events = ["01", "02", "03"].map(|text| now(text) + "\n").concat();
    assert_eq!(String::from_utf8_lossy(&folder.read("o")), events);
    assert_eq!(String::from_utf8_lossy(&folder.read("o.apart")), format!("{ahead}\n"));
    assert!(!String::from_utf8_lossy(&folder.read("c")).contains(r#""start_time":"9999"#));
}

#[test]
fn rows_that_are_no_events_are_told_and_kept_apart() {
    let event = r#"{"account_id":2,"agent_id":7,"field_name":"status","id":4,"timestamp":"2018-10-19T12:00:01Z","value":"away"}"#;
    let page = format!("\u{feff}{{\"agent_events\":[{{}},1,{event},null,\"x\"],\"count\":5}}");
    let zendesk = Zendesk::of(0, move |_| Behaviour::Body(page.clone()));
    let folder = Folder::new();
    let run = pull(&folder, &zendesk, KEPT);
    let places = "at /agent_events/0, /agent_events/1, /agent_events/3, /agent_events/4: ";
    let warning = format!("warning: not_an_event: 4 records kept apart in o.apart, {places}");
    assert_eq!(run.stderr.matches(&warning).count(), 1, "{}", run.stderr);
    run.printed();
    assert_eq!(String::from_utf8_lossy(&folder.read("o")), format!("{event}\n"));
    assert_eq!(folder.read("o.apart"), b"{}\n1\nnull\n\"x\"\n");
    assert!(folder.run("state o").printed().contains("away"));
    // Without a file, they are told.
    let run = pull(&Folder::new(), &zendesk, FRESH);
    assert!(run.stderr.contains("4 records left out, since there is no --out"), "{}", run.stderr);
    assert_eq!(run.printed(), format!("{event}\n"));
}

#[test]
fn a_page_is_limited_by_its_unpacked_bytes() {
    let zendesk = Zendesk::of(9, |_| Behaviour::Bomb(200 << 20));
    let message = pull(&Folder::new(), &zendesk, FRESH).refused(1);
    assert!(message.contains("page_too_large (status 200): "), "{message}");
    assert_eq!(zendesk.heads().len(), 1);
}

#[test]
fn follow_goes_on_after_failures_that_may_pass() {
    let folder = Folder::new();
    let html = "<html>maintenance</html>";
    let zendesk = Zendesk::of(20, move |number| match number {
        0 => Behaviour::Says(409, r#"{"error":"DatabaseConflict"}"#),
        1 => Behaviour::Says(200, html),
        2 => Behaviour::Says(403, html),
        4 => Behaviour::Status(302, "location: https://login.example/"),
        5 => Behaviour::GoesAway,
        _ => Behaviour::Page,
    });
    zendesk.has(10);
    let arguments = format!("--base-url http://{} {KEPT} --follow --every 5ms", zendesk.address);
    let mut child = command(&folder, &arguments)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command can be started");
    for present in [10, 20] {
        zendesk.has(present);
        for _ in 0..3000 {
            let out = std::fs::read(folder.path().join("o")).unwrap_or_default();
            if out.iter().filter(|byte| **byte == b'\n').count() == present {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        holds(&folder, &zendesk);
    }
    // A refusal of Zendesk itself ends it.
    child.kill().expect("it is ours");
    let output = child.wait_with_output().expect("it ends");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for reason in [
        "server_error (status 409): trying again in ",
        "strange_reply (status 200): trying again in ",
        "strange_reply (status 403): trying again in ",
        "strange_reply (status 302): trying again in ",
        "no_reply (",
    ] {
        assert!(told.contains(reason), "{told}");
    }
    let zendesk = Zendesk::of(20, |_| Behaviour::Says(401, r#"{"error":"invalid_token"}"#));
    let message = pull(&Folder::new(), &zendesk, &format!("{FRESH} --follow")).refused(1);
    assert!(message.contains("unauthorized (status 401): "), "{message}");
    assert_eq!(zendesk.heads().len(), 1);
}

#[test]
fn new_events_at_one_instant_without_end_are_refused() {
    let zendesk = Zendesk::of(0, |number| {
        let event = |i: usize| {
            format!(r#"{{"id":"{number}.{i}","timestamp":"2018-10-19T12:00:01Z","value":1}}"#)
        };
        let events: Vec<String> = (0..20).map(event).collect();
        Behaviour::Body(format!(r#"{{"agent_events":[{}],"count":20}}"#, events.join(",")))
    });
    let run = pull(&Folder::new(), &zendesk, &format!("{FRESH} --limit 20"));
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("endless_instant (status 200): "), "{}", run.stderr);
    assert_eq!(zendesk.heads().len(), 102);
}

#[test]
fn waits_that_zendesk_asks_for_are_obeyed_in_every_form() {
    let zendesk = Zendesk::of(3, |number| match number {
        0 => Behaviour::Status(429, "retry-after: 0.1"),
        1 => Behaviour::Status(429, "retry-after: 0.1, 0.2"),
        2 => Behaviour::Status(429, "ratelimit-reset: 0.3"),
        _ => Behaviour::Page,
    });
    let run = pull(&Folder::new(), &zendesk, FRESH);
    for seconds in ["0.1", "0.2", "0.3"] {
        let line = format!("too_many_requests (status 429): trying again in {seconds} s\n");
        assert!(run.stderr.contains(&line), "{}", run.stderr);
    }
    assert_eq!(run.printed().lines().count(), 3);
}

#[test]
fn closing_standard_output_early_is_not_an_error() {
    let folder = Folder::new();
    let zendesk = Zendesk::of(5000, |_| Behaviour::Page);
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
fn rows_of_agent_timeline_are_requested_in_microseconds_and_can_be_reconciled() {
    let row = r#"{"agent_id":7,"duration":1.700003,"engagement_count":1,"start_time":"2018-10-19T12:00:00Z","status":"online"}"#;
    let page = format!(r#"{{"agent_timeline":[{row}],"count":1,"end_time":1539950400000000}}"#);
    let zendesk = Zendesk::of(0, move |_| Behaviour::Body(page.clone()));
    let folder = Folder::new();
    pull(&folder, &zendesk, &format!("{KEPT} --endpoint agent_timeline")).printed();
    let head = &zendesk.heads()[0];
    let path = "GET /api/v2/chat/incremental/agent_timeline?start_time=1539950400000000&";
    assert!(head.starts_with(path), "{head}");
    assert_eq!(String::from_utf8_lossy(&folder.read("o")), format!("{row}\n"));
    let run = folder.run("reconcile --account 2 --agent-timeline o --as-of 2018-10-20T00:00:00Z");
    assert!(run.stderr.contains("0 agents and 1 timeline row"), "{}", run.stderr);
}
