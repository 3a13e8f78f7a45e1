//! [`pull`]: takes in the Chat export.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use agentfold::export::{Cursor, Page, Pause, Refusal, Reply, Request, Step, Taken};
use agentfold::{Agent, Event, Id, Instant};
use bytes::Bytes;
use tokio::time;

use crate::clock::now;
use crate::credentials::Credentials;
use crate::database::StoreError;
use crate::live::Delivery;
use crate::outgoing::on_thread;
use crate::server::Server;
use crate::zendesk::{NoAnswer, Zendesk};

/// How long it is pulled at a time, so that other work of the account gets its turn.
const PULLING: Duration = Duration::from_secs(20);
/// How many of its events are stored at a time. Deliveries wait meanwhile.
const EVENTS: usize = 50;

/// Why the export is not pulled on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPulled {
    #[error("zendesk: {0}")]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("its events are not stored")]
    NotStored,
    #[error("the stored cursor can't be read: {0}")]
    Cursor(#[from] serde_json::Error),
    #[error("the system gives no thread: {0}")]
    Thread(#[from] io::Error),
}

/// When there is more to pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum More {
    /// At once.
    Now,
    /// The next time.
    Later,
    /// After a pause that Zendesk asks for.
    After(Duration),
}

/// Takes in the export from the stored cursor on, or since an instant. The cursor is stored after the events, so those of
/// a page that was not finished come again, and are duplicates.
pub(crate) async fn pull(
    server: &Server,
    account: Id,
    credentials: &Credentials,
    since: Instant,
) -> Result<More, NotPulled> {
    let saved: Option<String> = server.stored(account, |history| history.meta("chats"))?;
    let mut cursor = match saved {
        Some(text) => serde_json::from_str(&text)?,
        None => Cursor::new(since),
    };
    let zendesk = Zendesk::new(credentials);
    let until = time::Instant::now() + PULLING;
    while time::Instant::now() < until {
        let request = match cursor.next(now())? {
            Step::Request(request) => request,
            Step::Pause(_) => return Ok(More::Later),
        };
        let (asked, asking) = (zendesk.clone(), cursor);
        let (moved, pulled) = on_thread(move || {
            let mut cursor = asking;
            let pulled = Pulled::ask(&asked, &mut cursor, &request, account);
            (cursor, pulled)
        })
        .await?;
        cursor = moved;
        let Pulled { parts, count, is_last } = match pulled? {
            Asked::Page(page) => page,
            Asked::Pause(pause) => return Ok(More::After(pause.length)),
        };
        for part in parts {
            let stored = server.writer.store_all(part).await;
            stored.map_err(|_| NotPulled::NotStored)?;
        }
        let text = serde_json::to_string(&cursor)?;
        server.writer.change(account, move |history, _| history.set("chats", text)).await?;
        let to = cursor.start_time();
        tracing::debug!(%account, events = count, %to, "pulled a page of the Chat export");
        if is_last {
            return Ok(More::Later);
        }
    }
    Ok(More::Now)
}

enum Asked {
    Page(Pulled),
    Pause(Pause),
}

/// The events of a page that are new to the cursor.
struct Pulled {
    /// Those of one agent each, some at a time.
    parts: Vec<Vec<Delivery>>,
    count: usize,
    is_last: bool,
}

impl Pulled {
    fn ask(
        zendesk: &Zendesk,
        cursor: &mut Cursor,
        request: &Request,
        account: Id,
    ) -> Result<Asked, Refusal> {
        let path = format!("{}?{}", request.path, request.query);
        let got = match zendesk.get(&path, request.max_bytes) {
            Ok(got) => got,
            Err(error) => return Ok(Asked::Pause(lost(cursor, account, &error))),
        };
        let headers: Vec<(&str, &str)> =
            got.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (host, body) = (zendesk.host(), &*got.body);
        let reply = Reply { host, status: got.status, headers: &headers, body };
        // Nobody else asks at the same instant, so a pause needs no chance.
        match cursor.take(&reply, now(), 1.0)? {
            Taken::Page(page) => Ok(Asked::Page(Pulled::of(&page, account))),
            Taken::Pause(pause) => {
                let (reason, seconds) = (pause.reason.as_str(), pause.length.as_secs());
                tracing::warn!(%account, status = got.status, reason, seconds, "the Chat export pauses");
                Ok(Asked::Pause(pause))
            }
        }
    }

    fn of(page: &Page<'_>, account: Id) -> Pulled {
        for note in &page.warnings {
            tracing::warn!(%account, code = note.code.as_str(), "the Chat export: {}", note.message);
        }
        let mut by_agent: BTreeMap<Option<Agent>, Vec<Delivery>> = BTreeMap::new();
        let (mut count, mut skipped) = (0, page.apart.len());
        for text in &page.events {
            let event = Event::parse(text.as_bytes()).ok();
            let is_other = |agent: Agent| agent.account_id != account;
            let Some(event) = event.filter(|event| !event.agent().is_some_and(is_other)) else {
                skipped += 1;
                continue;
            };
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            let delivery = Delivery::of(account, &event, bytes);
            by_agent.entry(delivery.agent).or_default().push(delivery);
            count += 1;
        }
        if skipped > 0 {
            let why = "they can't be read, or are of another account";
            tracing::warn!(%account, skipped, "records of the Chat export are not taken in: {why}");
        }
        let mut parts = Vec::new();
        for mut events in by_agent.into_values() {
            while !events.is_empty() {
                parts.push(events.drain(..events.len().min(EVENTS)).collect());
            }
        }
        Pulled { parts, count, is_last: page.is_last }
    }
}

fn lost(cursor: &mut Cursor, account: Id, error: &NoAnswer) -> Pause {
    tracing::warn!(%account, "{error}");
    cursor.lost(1.0)
}
