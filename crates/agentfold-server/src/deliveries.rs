//! Webhook deliveries.

use std::time::Duration;

use agentfold::webhook::{ACCOUNT_HEADER, Handled, Policy, Refused, advise, receive};
use agentfold::{Id, Options};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use crate::clock::now;
use crate::live::Delivery;
use crate::server::Server;
use crate::writer::NotStored;

/// Within which time a delivery is answered. Zendesk waits for 12 seconds.
const ANSWER: Duration = Duration::from_secs(10);

/// Answers a delivery once it is stored, or says that it should be sent again.
pub(crate) async fn deliver(server: &Server, headers: &HeaderMap, body: Body) -> Response {
    let answer = timeout(ANSWER, delivered(server, headers, body)).await;
    let status = answer.unwrap_or_else(|_| {
        tracing::error!("a delivery was not stored in time; Zendesk sends it again");
        advise(Handled::NotStored)
    });
    // The sender does not see the reason.
    StatusCode::from_u16(status).unwrap_or(StatusCode::CONFLICT).into_response()
}

async fn delivered(server: &Server, headers: &HeaderMap, body: Body) -> u16 {
    let metrics = &server.writer.shared().metrics;
    let largest = Options::default().max_bytes;
    let Ok(bytes) = to_bytes(body, largest).await else {
        metrics.handled("too_large", 1);
        tracing::warn!(outcome = "too_large", "a delivery was refused");
        return advise(Handled::TooLarge);
    };
    let account = headers.get(ACCOUNT_HEADER).and_then(|id| id.to_str().ok()?.parse::<Id>().ok());
    let known = account.and_then(|account| Some((account, server.config.accounts.of(account)?)));
    let Some((account, access)) = known else {
        metrics.handled("untrusted", 1);
        tracing::warn!(outcome = "untrusted", "a delivery of an unknown account was refused");
        return advise(Handled::Untrusted);
    };
    let policy = Policy::default().with_account(account);
    let named = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let received = receive(&named, &bytes, &access.secrets, now(), &policy)
        .map(|received| Delivery::of(account, &received.event, bytes.clone()));
    let delivery = match received {
        Ok(delivery) => delivery,
        Err(refused) => {
            let handled = Handled::from(&refused);
            let codes: Vec<String> = match &refused {
                Refused::Untrusted(flaw) => vec![format!("{} {}", flaw.code, flaw.path)],
                Refused::NoEvent(issues) => {
                    issues.iter().map(|issue| format!("{} {}", issue.code, issue.path)).collect()
                }
            };
            metrics.handled(handled.as_str(), 1);
            tracing::warn!(outcome = handled.as_str(), %account, why = codes.join(", "), "a delivery was refused");
            return advise(handled);
        }
    };
    match server.writer.store(delivery).await {
        Ok(outcome) => advise(&outcome),
        Err(NotStored::QueueFull) => {
            metrics.handled("queue_full", 1);
            advise(Handled::NotStored)
        }
        Err(NotStored::Failed) => advise(Handled::NotStored),
    }
}
