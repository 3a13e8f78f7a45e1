//! [`tend`]: what the server does by itself for an account: it asks Zendesk, and sends messages about alerts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agentfold::Id;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::alerting::alert;
use crate::comparing::{NotCompared, compare, is_due, was_just_now};
use crate::credentials::Credentials;
use crate::problem::{self, after, private, problem};
use crate::pulling::{More, pull};
use crate::server::{Server, unavailable};

/// How often it is looked what is due.
const EVERY: Duration = Duration::from_secs(60);
/// How often a comparison that goes on looks whether the server stops.
const LOOK: Duration = Duration::from_millis(200);

/// What is being done for each account.
#[derive(Default)]
pub(crate) struct Tending(Mutex<HashMap<Id, Arc<OfAccount>>>);

#[derive(Default)]
struct OfAccount {
    /// Held while the account is tended: until when Zendesk asked for a pause of the Chat export.
    chats: tokio::sync::Mutex<Option<Instant>>,
    /// Held while the agents are compared: the answer, for those that ask meanwhile.
    comparing: Arc<tokio::sync::Mutex<Option<Answer>>>,
}

/// The answer to the question for a comparison.
#[derive(Debug, Clone)]
enum Answer {
    Drift(String),
    ZendeskFailed,
    Unavailable,
}

impl Tending {
    fn of(&self, account: Id) -> Arc<OfAccount> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(account).or_default())
    }
}

/// Does what is due for all accounts, each minute, until it is dropped. One that takes long holds up no other.
pub(crate) async fn tend(server: Arc<Server>) {
    let mut rounds = interval(EVERY);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut tasks = JoinSet::new();
    loop {
        rounds.tick().await;
        while tasks.try_join_next().is_some() {}
        for &account in server.config.accounts.all().keys() {
            let server = Arc::clone(&server);
            tasks.spawn(async move { tend_account(&server, account).await });
        }
    }
}

/// Does what is due for an account, unless it is being done. What fails keeps nothing else from being done.
async fn tend_account(server: &Arc<Server>, account: Id) {
    let of_account = server.tending.of(account);
    let Ok(mut paused_until) = of_account.chats.try_lock() else { return };
    loop {
        // Once more each time, since the settings may have changed.
        let Some(known) = server.config.accounts.of(account) else { return };
        let mut more = More::Later;
        if let Some(credentials) = &known.zendesk {
            compare_if_due(server, &of_account, account, credentials).await;
            let is_paused = paused_until.is_some_and(|until| Instant::now() < until);
            if let Some(since) = credentials.chat_since.filter(|_| !is_paused) {
                more = pull(server, account, credentials, since).await.unwrap_or_else(|error| {
                    tracing::error!(%account, "the Chat export is not pulled: {error}");
                    More::Later
                });
            }
        }
        if let Err(error) = alert(server, account, &known).await {
            tracing::error!(%account, "not all alerts are told: {error}");
        }
        match more {
            More::Now => {}
            More::Later => return,
            More::After(pause) => {
                *paused_until = Instant::now().checked_add(pause);
                return;
            }
        }
    }
}

async fn compare_if_due(
    server: &Arc<Server>,
    of_account: &OfAccount,
    account: Id,
    credentials: &Credentials,
) {
    // Otherwise somebody has asked for it.
    let Ok(held) = Arc::clone(&of_account.comparing).try_lock_owned() else { return };
    match server.stored(account, is_due) {
        Ok(true) => drop(begin(Arc::clone(server), account, credentials.clone(), held).await),
        Ok(false) => {}
        Err(error) => tracing::error!(%account, code = error.code(), "{error}"),
    }
}

/// Answers a request for a comparison. Those that ask while one goes on share its answer.
pub(crate) async fn compared(server: &Arc<Server>, account: Id) -> Response {
    let known = server.config.accounts.of(account);
    let Some(credentials) = known.and_then(|known| known.zendesk.clone()) else {
        let message = "the settings have no `zendesk` for this account";
        return problem(StatusCode::CONFLICT, "no_credentials", "", message);
    };
    let comparing = Arc::clone(&server.tending.of(account).comparing);
    let answer = match Arc::clone(&comparing).try_lock_owned() {
        Ok(held) => {
            match server.stored(account, was_just_now) {
                Ok(false) => {}
                Ok(true) => return just_now(),
                Err(error) => return unavailable(&error),
            }
            // It goes on if the client leaves.
            let task = tokio::spawn(begin(Arc::clone(server), account, credentials, held));
            unless_stopping(server, task).await.and_then(Result::ok)
        }
        Err(_) => unless_stopping(server, comparing.lock()).await.and_then(|last| last.clone()),
    };
    match answer {
        Some(Answer::Drift(text)) => {
            private(([(header::CONTENT_TYPE, "application/json")], text).into_response())
        }
        Some(Answer::ZendeskFailed) => {
            let message = "Zendesk did not answer, or refused the credentials; see the log";
            problem(StatusCode::BAD_GATEWAY, "zendesk_failed", "", message)
        }
        Some(Answer::Unavailable) | None => problem::unavailable(),
    }
}

fn just_now() -> Response {
    let message = "the agents were compared within the last minute";
    after(problem(StatusCode::TOO_MANY_REQUESTS, "compared_just_now", "", message), 60)
}

/// Compares, and leaves the answer to those that wait for the lock.
async fn begin(
    server: Arc<Server>,
    account: Id,
    credentials: Credentials,
    mut held: OwnedMutexGuard<Option<Answer>>,
) -> Answer {
    *held = None;
    let answer = match compare(&server, account, &credentials).await {
        Ok(drift) => Answer::Drift(drift),
        Err(error) => {
            tracing::error!(%account, "the agents are not compared: {error}");
            match error {
                NotCompared::Zendesk(_) => Answer::ZendeskFailed,
                NotCompared::Store(_) | NotCompared::Thread(_) => Answer::Unavailable,
            }
        }
    };
    held.insert(answer).clone()
}

/// Waits for work, but not for long once the server stops.
async fn unless_stopping<T>(server: &Server, work: impl Future<Output = T>) -> Option<T> {
    let stopping = async {
        while !server.is_stopping() {
            sleep(LOOK).await;
        }
    };
    tokio::select! {
        done = work => Some(done),
        () = stopping => None,
    }
}
