//! [`Zendesk`]: a server of the export of agent events on loopback, with all its failures.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use agentfold::Instant;
use agentfold::export::{Exported, Served, answer};
use flate2::Compression;
use flate2::write::GzEncoder;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How the server answers a request.
#[derive(Debug, Clone)]
pub(crate) enum Behaviour {
    /// With a page.
    Page,
    /// With a gzipped page.
    Gzipped,
    /// With a page whose next page is at an address.
    At(&'static str),
    /// With a body.
    Body(String),
    /// With a status and a header, without a body.
    Status(u16, &'static str),
    /// With a status and a body.
    Says(u16, &'static str),
    /// With a page of this many events at most, whatever was requested.
    Most(usize),
    /// With a number of spaces, gzipped.
    Bomb(usize),
    /// Not at all: it closes the connection.
    GoesAway,
    /// With a part of a page, in hundredths, and then closes the connection.
    HalfWay(usize),
}

/// A server on loopback, until it is dropped.
pub(crate) struct Zendesk {
    pub(crate) address: SocketAddr,
    floor: Arc<Floor>,
}

struct Floor {
    /// Ids, instants and texts, in order of their instants.
    events: Vec<(String, Instant, String)>,
    /// The number of events that exist so far.
    present: AtomicUsize,
    /// Whether it supports `start_id`.
    knows_ids: bool,
    behaviour: Mutex<Box<dyn FnMut(usize) -> Behaviour + Send>>,
    /// The heads of the requests.
    heads: Mutex<Vec<String>>,
    is_closed: AtomicBool,
}

impl Zendesk {
    /// A server with a number of events. `behaviour` gets the number of each request.
    pub(crate) fn of(
        events: usize,
        behaviour: impl FnMut(usize) -> Behaviour + Send + 'static,
    ) -> Zendesk {
        Zendesk::listening(listener(), events, true, None, behaviour)
    }

    /// Like [`Zendesk::of`], but without `start_id`, so that pages repeat events at their edges.
    pub(crate) fn by_time_only(
        events: usize,
        behaviour: impl FnMut(usize) -> Behaviour + Send + 'static,
    ) -> Zendesk {
        Zendesk::listening(listener(), events, false, None, behaviour)
    }

    /// A server with TLS.
    pub(crate) fn over_tls(events: usize, config: ServerConfig) -> Zendesk {
        Zendesk::listening(listener(), events, true, Some(Arc::new(config)), |_| Behaviour::Page)
    }

    pub(crate) fn listening(
        listener: TcpListener,
        events: usize,
        knows_ids: bool,
        tls: Option<Arc<ServerConfig>>,
        behaviour: impl FnMut(usize) -> Behaviour + Send + 'static,
    ) -> Zendesk {
        let address = listener.local_addr().expect("it is bound");
        let floor = Arc::new(Floor {
            events: (0..events).map(event).collect(),
            present: AtomicUsize::new(events),
            knows_ids,
            behaviour: Mutex::new(Box::new(behaviour)),
            heads: Mutex::default(),
            is_closed: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&floor);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.is_closed.load(Ordering::SeqCst) {
                    return;
                }
                let (floor, tls) = (Arc::clone(&accepting), tls.clone());
                // Failures to send are expected.
                thread::spawn(move || stream.and_then(|stream| serve(&floor, stream, tls)));
            }
        });
        Zendesk { address, floor }
    }

    /// The texts of all events that exist so far.
    pub(crate) fn texts(&self) -> Vec<&str> {
        let present = self.floor.present.load(Ordering::SeqCst);
        self.floor.events[..present].iter().map(|(_, _, text)| &**text).collect()
    }

    /// Sets the number of events that exist.
    pub(crate) fn has(&self, present: usize) {
        self.floor.present.store(present, Ordering::SeqCst);
    }

    /// The heads of all requests.
    pub(crate) fn heads(&self) -> Vec<String> {
        lock(&self.floor.heads).clone()
    }
}

impl Drop for Zendesk {
    fn drop(&mut self) {
        self.floor.is_closed.store(true, Ordering::SeqCst);
        // The server waits for one more connection.
        drop(TcpStream::connect(self.address));
    }
}

pub(crate) fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on")
}

/// An instant before all events.
pub(crate) const SINCE: &str = "2018-10-19T12:00:00Z";

/// An event; some events have the same instant.
fn event(number: usize) -> (String, Instant, String) {
    let micros = 1_539_950_400_000_000 + number / 5 * 1_700_003;
    let nanos = u32::try_from(micros % 1_000_000 * 1000).expect("below a second");
    let at = Instant::from_unix(i64::try_from(micros / 1_000_000).expect("small"), nanos);
    let at = at.expect("in range");
    let id = format!("{:05}.agent:7.x", number * 7919 % 99_991);
    let (before, after) = (number % 4, (number + 1) % 4);
    let text = format!(
        r#"{{"account_id":2,"agent_id":7,"field_name":"engagements","id":"{id}","previous_value":{before},"timestamp":"{at}","value":{after}}}"#
    );
    (id, at, text)
}

fn serve(floor: &Floor, stream: TcpStream, tls: Option<Arc<ServerConfig>>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    stream.set_nodelay(true)?;
    let Some(config) = tls else {
        return answer_all(floor, stream);
    };
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    answer_all(floor, StreamOwned::new(connection, stream))
}

/// Answers request after request, until either side closes.
fn answer_all(floor: &Floor, mut stream: impl Read + Write) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let number = {
            let mut heads = lock(&floor.heads);
            heads.push(head.clone());
            heads.len() - 1
        };
        let behaviour = lock(&floor.behaviour)(number);
        let reply = match &behaviour {
            Behaviour::GoesAway => return Ok(()),
            Behaviour::Status(status, header) => reply(*status, header, b""),
            Behaviour::Says(status, body) => reply(*status, "", body.as_bytes()),
            Behaviour::Most(events) => {
                reply(200, "", floor.page_of(&head, URL, Some(*events)).1.as_bytes())
            }
            Behaviour::Bomb(bytes) => {
                let mut body = GzEncoder::new(Vec::new(), Compression::fast());
                let spaces = vec![b' '; 1 << 20];
                for _ in 0..bytes >> 20 {
                    body.write_all(&spaces)?;
                }
                reply(200, "content-encoding: gzip", &body.finish()?)
            }
            Behaviour::Gzipped => {
                let mut body = GzEncoder::new(Vec::new(), Compression::fast());
                body.write_all(floor.page(&head, URL).1.as_bytes())?;
                reply(200, "content-encoding: gzip", &body.finish()?)
            }
            Behaviour::Body(body) => reply(200, "", body.as_bytes()),
            Behaviour::At(url) => reply(200, "", floor.page(&head, url).1.as_bytes()),
            Behaviour::Page | Behaviour::HalfWay(_) => {
                let (status, body) = floor.page(&head, "");
                reply(status, "", body.as_bytes())
            }
        };
        if let Behaviour::HalfWay(hundredths) = behaviour {
            stream.write_all(&reply[..reply.len() * hundredths / 100])?;
            return stream.flush();
        }
        stream.write_all(&reply)?;
        stream.flush()?;
    }
}

/// A URL without a host refers to the host of the request.
const URL: &str = "/api/v2/chat/incremental/agent_events";

impl Floor {
    /// The status and the body for a request.
    fn page(&self, head: &str, url: &str) -> (u16, String) {
        self.page_of(head, url, None)
    }

    /// The same, with at most this many events.
    fn page_of(&self, head: &str, url: &str, most: Option<usize>) -> (u16, String) {
        let url = if url.is_empty() { URL } else { url };
        let target = head.split(' ').nth(1).expect("a request has a target");
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let known = |pair: &&str| {
            (self.knows_ids || !pair.starts_with("start_id="))
                && (most.is_none() || !pair.starts_with("limit="))
        };
        let mut query: Vec<String> = query.split('&').filter(known).map(str::to_owned).collect();
        query.extend(most.map(|most| format!("limit={most}")));
        let present = self.present.load(Ordering::SeqCst);
        let events = self.events[..present].iter().map(|(id, at, text)| Exported {
            id: id.into(),
            at: *at,
            json: text.into(),
        });
        let served = Served { url, now: Instant::MAX, end: None };
        let answered = answer(&query.join("&"), events, &served);
        (answered.status, answered.body)
    }
}

fn reply(status: u16, header: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let head = format!("HTTP/1.1 {status} Reason\r\ncontent-length: {length}\r\n{header}\r\n");
    [head.as_bytes(), body].concat()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test panics while it holds this")
}
