//! Changes as they happen: Server-Sent Events and WebSockets.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use agentfold::Id;
use axum::extract::ws::{CloseFrame, Message as Frame, WebSocket};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, sleep_until, timeout};

use crate::feed::{Followed, Message, Told};
use crate::problem::private;
use crate::server::Server;
use crate::tokens::Access;

/// How often it is looked whether the token is still right.
const LOOK: Duration = Duration::from_secs(5);
/// How long a client may take to receive a message.
const PATIENCE: Duration = Duration::from_secs(10);
/// "Service restart": the client connects again, and asks for everything.
const AGAIN: u16 = 1012;

/// What a follower is sent next.
enum Next {
    Message(Arc<Message>),
    /// Messages were missed.
    Missed,
    End,
}

/// A follower of an account's events.
struct Follower {
    server: Arc<Server>,
    access: Access,
    waiting: VecDeque<Arc<Message>>,
    has_missed: bool,
    /// The number of the last message that it got, or that it has to read everything for.
    last: u64,
    to_come: tokio::sync::broadcast::Receiver<Told>,
    look_at: Instant,
}

impl Follower {
    fn new(server: &Arc<Server>, access: Access, followed: Followed) -> Follower {
        let Followed { missed, last, to_come } = followed;
        Follower {
            server: Arc::clone(server),
            access,
            has_missed: missed.is_none(),
            waiting: missed.unwrap_or_default().into(),
            last,
            to_come,
            look_at: Instant::now() + LOOK,
        }
    }

    async fn next(&mut self) -> Next {
        if std::mem::take(&mut self.has_missed) {
            return Next::Missed;
        }
        if let Some(message) = self.waiting.pop_front() {
            return Next::Message(message);
        }
        loop {
            tokio::select! {
                received = self.to_come.recv() => return match received {
                    Ok(Told::Message(message)) => {
                        self.last = message.number;
                        Next::Message(message)
                    }
                    Ok(Told::Missed(number)) => {
                        self.last = number;
                        Next::Missed
                    }
                    Err(RecvError::Lagged(_)) => Next::Missed,
                    Err(RecvError::Closed) => Next::End,
                },
                () = sleep_until(self.look_at) => {
                    self.look_at = Instant::now() + LOOK;
                    if self.server.is_stopping() || !self.server.tokens.is_valid(&self.access).unwrap_or(false) {
                        return Next::End;
                    }
                }
            }
        }
    }
}

/// Sends the events of an account from now on, or after the one that the client received last.
pub(crate) fn changes(
    server: &Arc<Server>,
    account: Id,
    access: Access,
    headers: &HeaderMap,
) -> Response {
    let feed = server.writer.shared().feed(account);
    let start = server.start;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    // An id of before a restart counts as one that is no longer kept.
    let after = last.map(|id| id.strip_prefix(&format!("{start}-"))?.parse().ok());
    let followed = feed.follow(after.map(|number| number.unwrap_or(u64::MAX)));
    let first = format!("{start}-{}", followed.last);
    let is_new = last.is_none();
    let follower = Follower::new(server, access, followed);
    // A client that connects again at once sends the id of this first event, so nothing is missed in between.
    let hello = is_new.then(|| Event::default().event("begin").id(first).data("{}"));
    let rest = stream::unfold(follower, move |mut follower| async move {
        let event = match follower.next().await {
            Next::Message(message) => Event::default()
                .event("change")
                .id(format!("{start}-{}", message.number))
                .data(message.text()),
            Next::Missed => {
                let id = format!("{start}-{}", follower.last);
                Event::default().event("missed").id(id).data("{}")
            }
            Next::End => return None,
        };
        Some((Ok::<_, Infallible>(event), follower))
    });
    let events = stream::StreamExt::chain(stream::iter(hello.map(Ok)), rest);
    private(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Sends the events of an account from now on. The client asks for everything once it is connected.
pub(crate) async fn follow(
    server: Arc<Server>,
    account: Id,
    access: Access,
    mut socket: WebSocket,
) {
    let feed = server.writer.shared().feed(account);
    let mut follower = Follower::new(&server, access, feed.follow(None));
    loop {
        let frame = tokio::select! {
            next = follower.next() => match next {
                Next::Message(message) => Frame::Text(message.text().into()),
                Next::Missed | Next::End => {
                    Frame::Close(Some(CloseFrame { code: AGAIN, reason: "ask again".into() }))
                }
            },
            received = socket.recv() => match received {
                Some(Ok(Frame::Text(text))) if text.as_str() == "ping" => Frame::Text("pong".into()),
                Some(Ok(Frame::Close(_)) | Err(_)) | None => return,
                // Clients only receive.
                Some(Ok(_)) => continue,
            },
        };
        let is_last = matches!(frame, Frame::Close(_));
        if !matches!(timeout(PATIENCE, socket.send(frame)).await, Ok(Ok(()))) || is_last {
            return;
        }
    }
}
