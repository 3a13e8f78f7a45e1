//! Verifies webhook deliveries, reads their events, and says which status to answer.
//!
//! Zendesk signs each delivery with a secret that the webhook's owner knows: the header
//! [`SIGNATURE_HEADER`] holds the padded base64 of the HMAC-SHA256 of the text of the header
//! [`TIMESTAMP_HEADER`], directly followed by the raw body (Zendesk's page *Verifying webhook
//! authenticity*). [`receive`] verifies and reads in one call; [`verify`] and [`parse`] do one of the
//! two. [`advise`] returns the HTTP status to answer, [`explain`] says why a delivery was refused, and
//! [`sign`] makes deliveries for tests.
//!
//! ```
//! use agentfold::webhook::{self, Handled, Headers, Policy, Secret};
//! use agentfold::{Fold, Instant};
//!
//! let secrets = [Secret::new("the one of today")?, Secret::new("the one of yesterday")?];
//! let mut fold = Fold::new();
//! let mut answer = |headers: &Headers, body: &[u8], now: Instant| {
//!     match webhook::receive(headers, body, &secrets, now, &Policy::default()) {
//!         Ok(received) => webhook::advise(&fold.apply(&received.event).outcome),
//!         Err(refused) => webhook::advise(&refused),
//!     }
//! };
//!
//! let body = br#"{"account_id":2,"detail":{"agent_id":"7","version":"1"},"event":{"updated_at":"2026-01-05T08:00:00Z","new_state":"online","channel":"support"},"id":"a","type":"zen:event-type:agent.state_changed"}"#;
//! let now: Instant = "2026-01-05T08:00:01Z".parse()?;
//! let headers: Headers = webhook::sign(body, &secrets[1], now).into_iter().collect();
//! assert_eq!(answer(&headers, body, now), 200);
//! assert_eq!(answer(&Headers::default(), body, now), 401);
//! assert_eq!(webhook::advise(Handled::NotStored), 409);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod advice;
mod damage;
mod explain;
mod flaw;
mod headers;
mod policy;
mod receive;
mod respell;
mod secret;
mod signature;

pub use advice::{Handled, advise};
pub use explain::explain;
pub use flaw::{Flaw, FlawCode};
pub use headers::{ACCOUNT_HEADER, Headers, SIGNATURE_HEADER, TIMESTAMP_HEADER};
pub use policy::Policy;
pub use receive::{Received, ReceivedData, Refused, Signed, parse, receive, verify};
pub use secret::{Secret, TEST_SECRET};
pub use signature::sign;

pub use crate::read::envelope::Request;
