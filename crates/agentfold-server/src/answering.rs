//! [`answer`]: answers to questions over HTTP, which are computed while their readers read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use agentfold::border::Failure;
use agentfold::{Agent, Fold, Id};
use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::answers::{Known, ask, state};
use crate::asked::Asked;
use crate::clock::now;
use crate::export::Exporter;
use crate::history::{History, today};
use crate::problem::{self, after, private, problem};
use crate::routes::{Question, Route};
use crate::rows::{Sink, Stopped, Unanswered};
use crate::server::{Server, unavailable};

/// How many long questions about an account are answered at the same time.
const AT_ONCE: usize = 4;
/// How long an answer may take, and how long its reader may pause.
const LONGEST: Duration = Duration::from_secs(300);
const IDLE: Duration = Duration::from_secs(5);
/// How many parts of an answer wait for its reader.
const PARTS: usize = 4;
/// The nice value of threads that compute answers: each gets a third of what a thread gets that takes deliveries.
#[cfg(target_os = "linux")]
const NICE: i32 = 5;

/// What answers share.
pub(crate) struct Answering {
    /// One answer after the other is computed for some milliseconds, in turn, so that a processor is left for
    /// deliveries.
    turns: Arc<Semaphore>,
    of_accounts: Mutex<HashMap<Id, Arc<OfAccount>>>,
}

struct OfAccount {
    long: Arc<Semaphore>,
    exporter: Mutex<Exporter>,
}

impl Answering {
    pub(crate) fn new() -> Answering {
        let processors = available_parallelism().map_or(1, usize::from);
        Answering {
            turns: Arc::new(Semaphore::new((processors - 1).max(1))),
            of_accounts: Mutex::default(),
        }
    }

    fn of(&self, account: Id) -> Arc<OfAccount> {
        let mut all = self.of_accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let new =
            || OfAccount { long: Arc::new(Semaphore::new(AT_ONCE)), exporter: Mutex::default() };
        Arc::clone(all.entry(account).or_insert_with(|| Arc::new(new())))
    }
}

/// An answer whose parts go to the reader over a channel.
struct Channel {
    handle: Handle,
    turns: Arc<Semaphore>,
    turn: Option<OwnedSemaphorePermit>,
    begun: Instant,
    parts: mpsc::Sender<Bytes>,
    /// Told once the first part is there: until then the answer may be an error.
    started: Option<oneshot::Sender<Result<(), Unanswered>>>,
}

impl Channel {
    fn new(
        answering: &Answering,
        parts: mpsc::Sender<Bytes>,
        started: Option<oneshot::Sender<Result<(), Unanswered>>>,
    ) -> Channel {
        let turns = Arc::clone(&answering.turns);
        let (handle, begun) = (Handle::current(), Instant::now());
        Channel { handle, turns, turn: None, begun, parts, started }
    }

    fn take_turn(&mut self) -> Result<(), Stopped> {
        if self.begun.elapsed() > LONGEST {
            return Err(Stopped::TooLong);
        }
        if self.parts.is_closed() {
            return Err(Stopped::Left);
        }
        // First come, first served.
        let turns = Arc::clone(&self.turns);
        self.turn = self.handle.block_on(turns.acquire_owned()).ok();
        Ok(())
    }
}

impl Sink for Channel {
    fn turn(&mut self) -> Result<(), Stopped> {
        self.turn = None;
        self.take_turn()
    }

    fn write(&mut self, part: Vec<u8>) -> Result<(), Stopped> {
        if part.is_empty() {
            return Ok(());
        }
        if let Some(started) = self.started.take() {
            drop(started.send(Ok(())));
        }
        self.turn = None;
        let sent = self.handle.block_on(timeout(IDLE, self.parts.send(part.into())));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Stopped::Left),
            Err(_) => Err(Stopped::TooLong),
        }
    }
}

/// Answers a question about an account, or about one agent of it.
pub(crate) async fn answer(
    server: &Arc<Server>,
    route: &Route,
    account: Id,
    question: Question,
    query: &str,
    agent: Option<&str>,
) -> Response {
    let asked = match Asked::parse(route.path, query) {
        Ok(asked) => asked,
        Err(failure) => return refused(&failure),
    };
    let agent = match agent.map(|agent| agentfold::border::id("agent", agent)).transpose() {
        Ok(agent) => agent.map(|agent_id| Agent { account_id: account, agent_id }),
        Err(failure) => return refused(&failure),
    };
    let of_account = server.answering.of(account);
    let is_long = question.is_long(&asked);
    let slot = is_long.then(|| Arc::clone(&of_account.long).try_acquire_owned());
    if matches!(slot, Some(Err(_))) {
        return too_many();
    }
    let media_type = match (question, agent) {
        (Question::Fold, _) => "application/octet-stream",
        (_, Some(_)) => "application/json",
        _ => asked.format().media_type(),
    };
    let known_by = Arc::clone(server);
    streamed(&server.answering, media_type, move |sink| {
        // Until the answer ends.
        let _slot = slot;
        with_known(&known_by, account, |known| match agent {
            None => ask(question, known, &asked, sink),
            Some(agent) => {
                let at =
                    asked.get("at").map(|at| agentfold::border::instant("at", at)).transpose()?;
                let state = state(known, agent, at)?;
                let state = state.ok_or_else(|| {
                    let message = "nothing is known of this agent".to_owned();
                    Failure::new("not_found", "/agent".to_owned(), message)
                })?;
                Ok(sink.write(serde_json::to_vec(&state).unwrap_or_default())?)
            }
        })
    })
    .await
}

/// Answers a request for a page of the Chat export.
pub(crate) async fn export(server: &Arc<Server>, account: Id, parts: &Parts) -> Response {
    let of_account = server.answering.of(account);
    let Ok(slot) = Arc::clone(&of_account.long).try_acquire_owned() else { return too_many() };
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let scheme = match server.config.tls.is_some() || server.config.is_behind_proxy {
        true => "https",
        false => "http",
    };
    let url = format!("{scheme}://{}{}", host.unwrap_or("localhost"), parts.uri.path());
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let server = Arc::clone(server);
    let answered = spawn(move || {
        let _slot = slot;
        let (unread, _reader) = mpsc::channel(1);
        let mut sink = Channel::new(&server.answering, unread, None);
        sink.take_turn()?;
        let mut exporter = of_account.exporter.lock().unwrap_or_else(PoisonError::into_inner);
        with_known(&server, account, |known| {
            exporter.page(known, &server.config.export_channel, &query, &url, &mut sink)
        })
    });
    match answered.await {
        Ok(Ok(answer)) => {
            let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
            let kind = [(header::CONTENT_TYPE, "application/json")];
            private((status, kind, answer.body).into_response())
        }
        Ok(Err(unanswered)) => failed(&unanswered),
        // The thread panicked, which was logged.
        Err(_) => problem::unavailable(),
    }
}

/// Computes on a thread that yields to those that take deliveries where processors are scarce.
fn spawn<T: Send + 'static>(compute: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    spawn_blocking(|| {
        // Of this thread alone. Other systems can only set the priority of the whole process.
        #[cfg(target_os = "linux")]
        rustix::process::setpriority_process(None, NICE).ok();
        compute()
    })
}

/// Computes an answer on a thread of its own, and sends its parts while it is computed.
async fn streamed(
    answering: &Answering,
    media_type: &'static str,
    compute: impl FnOnce(&mut dyn Sink) -> Result<(), Unanswered> + Send + 'static,
) -> Response {
    let (parts, receiver) = mpsc::channel(PARTS);
    let (started, has_started) = oneshot::channel();
    let mut sink = Channel::new(answering, parts, Some(started));
    let computing = spawn(move || {
        let result = sink.take_turn().map_err(Unanswered::from).and_then(|()| compute(&mut sink));
        match (sink.started.take(), result) {
            (Some(started), result) => started.send(result).is_ok(),
            (None, Ok(())) => true,
            (None, Err(error)) => {
                tracing::warn!("an answer was broken off: {error}");
                false
            }
        }
    });
    match has_started.await {
        Ok(Ok(())) => {
            let parts =
                stream::unfold((receiver, Some(computing)), |(mut parts, computing)| async {
                    if let Some(part) = parts.recv().await {
                        return Some((Ok(part), (parts, computing)));
                    }
                    // The answer is broken off if it is not whole, also if the thread panicked.
                    let is_whole = computing?.await.unwrap_or(false);
                    (!is_whole).then_some((Err(Stopped::Failed), (parts, None)))
                });
            let body = Body::from_stream(parts);
            private(([(header::CONTENT_TYPE, media_type)], body).into_response())
        }
        Ok(Err(unanswered)) => failed(&unanswered),
        // The thread panicked, which was logged.
        Err(_) => problem::unavailable(),
    }
}

/// Gives what is known of an account: a snapshot of what is in memory, and the database.
fn with_known<T>(
    server: &Server,
    account: Id,
    ask: impl FnOnce(&Known<'_>) -> Result<T, Unanswered>,
) -> Result<T, Unanswered> {
    let database = server.read()?;
    let live = Handle::current().block_on(server.writer.snapshot(account))?;
    let (live, since) = live.unwrap_or_else(|| (Fold::new(), today() - 1));
    let history = History::new(database.connection(), account, since + 1);
    let names = Arc::new(history.names()?);
    let known = Known { account, live, since, history, names, now: now() };
    ask(&known)
}

fn failed(unanswered: &Unanswered) -> Response {
    match unanswered {
        Unanswered::Refused(failure) => refused(failure),
        Unanswered::Store(error) => unavailable(error),
        Unanswered::Stopped(_) => {
            let message = "the answer took too long; ask for less";
            problem(StatusCode::SERVICE_UNAVAILABLE, "too_long", "", message)
        }
    }
}

fn refused(failure: &Failure) -> Response {
    let status = match failure.code() {
        "not_found" => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    };
    problem(status, failure.code(), failure.path(), failure.message())
}

fn too_many() -> Response {
    let message = format!("{AT_ONCE} long questions are being answered; ask again later");
    after(problem(StatusCode::TOO_MANY_REQUESTS, "too_many_questions", "", &message), 2)
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn an_answer_that_ends_early_is_not_taken_for_a_whole_one() {
        let answering = Answering::new();
        let part: &[u8] = b"part of an answer";
        let whole = streamed(&answering, "text/plain", move |sink| Ok(sink.write(part.to_vec())?));
        assert_eq!(to_bytes(whole.await.into_body(), 100).await.expect("whole"), part);
        let broken = streamed(&answering, "text/plain", move |sink| {
            sink.write(part.to_vec())?;
            panic!("as a test wants it");
        });
        assert!(to_bytes(broken.await.into_body(), 100).await.is_err());
        let slow = streamed(&answering, "text/plain", move |sink| {
            (0..=PARTS).try_for_each(|_| sink.write(part.to_vec()))?;
            Ok(())
        })
        .await;
        // Longer than the thread waits for its reader, and then to say so.
        tokio::time::sleep(2 * IDLE + Duration::from_secs(1)).await;
        assert!(to_bytes(slow.into_body(), 1000).await.is_err());
        let none = streamed(&answering, "text/plain", |_| panic!("as a test wants it"));
        assert_eq!(none.await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
