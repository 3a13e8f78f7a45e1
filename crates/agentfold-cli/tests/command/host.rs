//! [`Host`]: a server on loopback that answers as a test says: in place of Zendesk, or of a receiver of messages.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A request that the server got.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// With the query.
    pub(crate) path: String,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A status, a further header and a body.
pub(crate) type Reply = (u16, String, String);

/// A server on loopback, until it is dropped.
pub(crate) struct Host {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    is_closed: Arc<AtomicBool>,
}

impl Host {
    pub(crate) fn of(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be listened on");
        let address = listener.local_addr().expect("it is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let is_closed = Arc::new(AtomicBool::new(false));
        let (answer, all, is_over) = (Arc::new(answer), Arc::clone(&asked), Arc::clone(&is_closed));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, all) = (Arc::clone(&answer), Arc::clone(&all));
                // A client that is killed closes its connection.
                thread::spawn(move || stream.and_then(|stream| serve(stream, &all, &*answer)));
            }
        });
        Host { address, asked, is_closed }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }

    /// Waits until a number of requests to paths that begin so came, and returns these.
    #[track_caller]
    pub(crate) fn wait_for(&self, count: usize, path: &str) -> Vec<Asked> {
        let begin = Instant::now();
        loop {
            let asked = self.asked();
            let these: Vec<Asked> =
                asked.into_iter().filter(|asked| asked.path.starts_with(path)).collect();
            if these.len() >= count {
                return these;
            }
            let had = these.len();
            assert!(begin.elapsed() < Duration::from_secs(30), "{had} of {count} {path}");
            thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.is_closed.store(true, Ordering::SeqCst);
        // The server waits for one more connection.
        drop(TcpStream::connect(self.address));
    }
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> &str {
        let all = self.headers.iter();
        all.filter(|(key, _)| key == name).map(|(_, value)| &**value).next().unwrap_or_default()
    }
}

fn serve(
    stream: TcpStream,
    all: &Mutex<Vec<Asked>>,
    answer: &dyn Fn(&Asked) -> Reply,
) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).map(|_| line.trim_end().to_owned())
    };
    let path = line()?.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(": ") {
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let mut asked = Asked { path, headers, body: String::new() };
    let length = asked.header("content-length").parse().unwrap_or(0);
    reader.by_ref().take(length).read_to_string(&mut asked.body)?;
    all.lock().expect("no panic").push(asked.clone());
    let (status, header, body) = answer(&asked);
    let header = if header.is_empty() { header } else { format!("{header}\r\n") };
    let length = body.len();
    write!(
        reader.get_mut(),
        "HTTP/1.1 {status} Reason\r\ncontent-length: {length}\r\nconnection: close\r\n{header}\r\n{body}"
    )
}
