//! [`alert`]: tells receivers which alerts have begun and ended.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use agentfold::alert::{Alert, AlertNames, Episode, Turn, episodes, message};
use agentfold::names::Names;
use agentfold::webhook::sign;
use agentfold::{Fold, Id, Instant, Selection};
use tokio::task::JoinSet;
use tokio::time;
use ureq::Agent;

use crate::accounts::{Account, Alerting, Receiver};
use crate::clock::now;
use crate::database::StoreError;
use crate::outbox::{Key, Outbox};
use crate::outgoing::{client, on_thread};
use crate::server::Server;

/// How long messages are sent at a time, and how long an answer is waited for.
const SENDING: Duration = Duration::from_secs(20);
const ANSWER: Duration = Duration::from_secs(5);

/// Why alerts are not looked for, or not all messages are sent now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotTold {
    #[error(transparent)]
    Fold(#[from] agentfold::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the system gives no thread: {0}")]
    Thread(#[from] io::Error),
}

/// Notes which alerts have begun and ended since the last time, and sends messages about them.
pub(crate) async fn alert(
    server: &Arc<Server>,
    account: Id,
    known: &Arc<Account>,
) -> Result<(), NotTold> {
    let Some(alerting) = &known.alerts else { return Ok(()) };
    let (told, names) =
        server.stored(account, |history| Ok((Outbox::of(history).told()?, history.names()?)))?;
    let receivers: Vec<Key> = alerting.send.iter().map(Key::of).collect();
    let live = server.writer.fold(account).await?;
    let own = Arc::clone(known);
    let look = on_thread(move || {
        let look = |alerting| Look::at(alerting, &live, &told, &names);
        Ok::<_, NotTold>(own.alerts.as_ref().map(look).transpose()?)
    });
    let Some(Look { told, messages }) = look.await?? else { return Ok(()) };
    let known_receivers = receivers.clone();
    let stored = server.writer.change(account, move |history, _| {
        let outbox = Outbox::of(history);
        outbox.tell(&told, &messages)?;
        outbox.sort_out(&known_receivers)
    });
    stored.await?;
    let until = time::Instant::now() + SENDING;
    let mut sending = JoinSet::new();
    // Of two with the same URL the last one sends all.
    let by_key: BTreeMap<Key, &Receiver> = receivers.into_iter().zip(&alerting.send).collect();
    for (key, receiver) in by_key {
        let agent = client(receiver.url.reveal(), ANSWER);
        let sender = Sender { key, receiver: receiver.clone(), agent };
        let server = Arc::clone(server);
        sending.spawn(async move { sender.send(&server, account, until).await });
    }
    while let Some(sent) = sending.join_next().await {
        sent.map_err(io::Error::other)??;
    }
    Ok(())
}

/// The alerts that are reported as going on, as JSON, and messages about those that began or ended.
struct Look {
    told: String,
    messages: Vec<(Key, String)>,
}

impl Look {
    fn at(
        alerting: &Alerting,
        live: &Fold,
        told: &[Episode],
        names: &Names,
    ) -> Result<Look, agentfold::Error> {
        let at = now();
        let current = live.alerts(&alerting.thresholds, at, &Selection::all())?;
        let turned = episodes(told, current, at);
        let began = turned.began.iter().map(|alert| (alert, Turn::Began));
        let turns: Vec<(&Alert, Turn)> =
            began.chain(turned.ended.iter().map(|alert| (alert, Turn::Ended))).collect();
        let mut messages = Vec::new();
        for receiver in &alerting.send {
            let key = Key::of(receiver);
            messages.extend(turns.iter().map(|&(alert, turn)| {
                let message = message(alert, turn, receiver.form, at, &names_in(alert, names));
                (key, serde_json::to_string(&message).unwrap_or_default())
            }));
        }
        Ok(Look { told: serde_json::to_string(&turned.told).unwrap_or_default(), messages })
    }
}

/// The names of the agent and the group of an alert.
fn names_in(alert: &Alert, names: &Names) -> AlertNames {
    let mut own = AlertNames::default();
    if let Some((id, name)) = alert.agent_id.and_then(|id| Some((id, names.agent(id)?))) {
        own.agents.insert(id.to_string(), name.to_owned());
    }
    if let Some((id, name)) = alert.group_id.as_ref().and_then(|id| Some((id, names.group(id)?))) {
        own.groups.insert(id.clone(), name.to_owned());
    }
    own
}

/// Sends the messages for a receiver.
#[derive(Clone)]
struct Sender {
    key: Key,
    receiver: Receiver,
    agent: Agent,
}

impl Sender {
    /// Sends messages, the oldest first, until the receiver fails or time is up.
    async fn send(self, server: &Server, account: Id, until: time::Instant) -> Result<(), NotTold> {
        while time::Instant::now() < until {
            let first = server.stored(account, |history| Outbox::of(history).first(self.key))?;
            let Some((seq, body)) = first else { break };
            let sender = self.clone();
            let status = on_thread(move || sender.status(account, &body, now())).await?;
            let is_taken = match status {
                None | Some(408 | 429 | 500..) => break,
                Some(status) => status < 300,
            };
            let removed = server.writer.change(account, move |history, _| match is_taken {
                true => Outbox::of(history).taken(seq),
                false => Outbox::of(history).refused(seq),
            });
            removed.await?;
        }
        Ok(())
    }

    /// Sends a message, and returns the status of the answer, if there is one.
    fn status(&self, account: Id, body: &str, at: Instant) -> Option<u16> {
        let url = self.receiver.url.reveal();
        let mut request = self.agent.post(url).header("content-type", "application/json");
        if let Some(secret) = &self.receiver.secret {
            for (name, value) in sign(body.as_bytes(), secret, at) {
                request = request.header(name, value);
            }
        }
        // An error may name the URL.
        let status = request.send(body).ok().map(|answer| answer.status().as_u16());
        match status {
            Some(..300) => {}
            Some(status) => {
                tracing::warn!(%account, status, "a receiver of alerts did not take a message")
            }
            None => tracing::warn!(%account, "a receiver of alerts does not answer"),
        }
        status
    }
}
