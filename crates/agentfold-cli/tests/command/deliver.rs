//! `agentfold deliver`: to a running server, and to receivers that fail.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use crate::events::ndjson;
use crate::run::{Folder, Run};
use crate::served::{ACCOUNT, SECRET, Served, events};

/// Runs `deliver` on the file `day`.
fn deliver(folder: &Folder, secret: &str, address: &str, options: &str) -> Run {
    let arguments = format!("deliver day --to http://{address}/webhooks/zendesk {options}");
    let output = folder.command(&arguments).env("AGENTFOLD_SECRET", secret).output();
    let output = output.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("it prints text");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stderr.contains(secret), "{stderr}");
    Run { code: output.status.code(), stdout, stderr }
}

/// A receiver that answers its requests with statuses, in order, and ends after the last one. Returns the bodies.
fn receiver(statuses: &'static [u16]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let address = listener.local_addr().expect("an address").to_string();
    let receiving = thread::spawn(move || {
        statuses
            .iter()
            .map(|status| answered(listener.accept().expect("it asks").0, *status))
            .collect()
    });
    (address, receiving)
}

fn answered(stream: TcpStream, status: u16) -> String {
    let mut stream = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).expect("a line");
        match line.to_ascii_lowercase().trim_end().split_once(": ") {
            Some(("content-length", text)) => length = text.parse().expect("a number"),
            None if line == "\r\n" => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    let answer = format!("HTTP/1.1 {status} It\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).expect("it listens");
    String::from_utf8(body).expect("text")
}

#[test]
fn a_server_accepts_every_event_of_its_account_once() {
    let served = Served::new();
    let events = events(&served.folder, 6);
    let mut lines = [&events[..], &events[..50]].concat();
    lines.push(events[0].replace(ACCOUNT, "7"));
    served.folder.write("day", ndjson(&lines));
    let options = format!("--account {ACCOUNT} --connections 4");
    let run = deliver(&served.folder, SECRET, &served.address, &options);
    let told = &run.stderr;
    assert_eq!(run.code, Some(0), "{told}");
    assert!(told.contains(&format!("delivered {} events in ", events.len() + 50)), "{told}");
    assert!(told.contains("left out 1 event of other accounts"), "{told}");
    let stored = served.outcomes("applied") + served.outcomes("late");
    assert_eq!((stored, served.outcomes("duplicate")), (events.len() as u64, 50));
}

#[test]
fn a_wrong_secret_or_address_ends_it_at_once_and_is_told() {
    let served = Served::new();
    served.folder.write("day", ndjson(&events(&served.folder, 1)));
    let wrong = deliver(&served.folder, "abracadabra", &served.address, "").refused(1);
    assert!(wrong.contains("delivered 0 events"), "{wrong}");
    let why = format!(
        "status 401: the server does not trust it: give the secret of the webhook of account {ACCOUNT}"
    );
    assert!(wrong.contains(&why), "{wrong}");
    let elsewhere = format!("{}/elsewhere", served.address);
    let wrong = deliver(&served.folder, SECRET, &elsewhere, "").refused(1);
    assert!(wrong.contains("status 404: no webhook is received there: check --to"), "{wrong}");
    assert_eq!(served.outcomes("applied"), 0);
}

#[test]
fn what_was_not_stored_is_sent_again_and_what_is_refused_is_counted() {
    let folder = Folder::new();
    let lines = &events(&folder, 1)[..3];
    folder.write("day", ndjson(lines));
    let (address, receiving) = receiver(&[409, 503, 200, 400, 200]);
    let run = deliver(&folder, SECRET, &address, "--connections 1");
    let bodies = receiving.join().expect("no panic");
    assert_eq!(bodies, [0, 0, 0, 1, 2].map(|place| lines[place].clone()));
    let told = run.refused(1);
    assert!(told.contains("status 409: trying again for up to 1m\n"), "{told}");
    assert!(told.contains("delivered 2 events in "), "{told}");
    assert!(told.contains("; sent again 2 times; 1 refused with status 400\n"), "{told}");
    assert!(told.ends_with("agentfold: 1 event not delivered\n"), "{told}");
}

#[test]
fn it_gives_up_when_patience_ends() {
    let folder = Folder::new();
    folder.write("day", ndjson(&events(&folder, 1)));
    let closed = TcpListener::bind("127.0.0.1:0").expect("loopback").local_addr();
    let closed = closed.expect("an address").to_string();
    let told = deliver(&folder, SECRET, &closed, "--patience 300ms").refused(1);
    assert!(told.contains("no answer: "), "{told}");
    assert!(told.contains("gave up after "), "{told}");
}

#[test]
fn it_is_not_faster_than_its_rate() {
    let folder = Folder::new();
    folder.write("day", ndjson(&events(&folder, 1)[..5]));
    let (address, receiving) = receiver(&[200; 5]);
    let begin = std::time::Instant::now();
    deliver(&folder, SECRET, &address, "--rate 20").printed();
    assert!(begin.elapsed().as_millis() >= 200, "{:?}", begin.elapsed());
    receiving.join().expect("no panic");
}
