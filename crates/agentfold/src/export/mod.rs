//! Both sides of Zendesk's Chat incremental export: [`Cursor`] pulls it, [`answer`] serves it.
//!
//! Nothing here sends or listens. A [`Cursor`] says what to request and takes the reply. The caller
//! supplies the host, credentials, clock and random numbers, and sleeps. Source: *Chat incremental
//! agent events*.
//!
//! ```
//! use agentfold::{Event, Instant};
//! use agentfold::export::{Cursor, Exported, Reply, Served, Step, Taken, answer};
//!
//! let now: Instant = "2018-10-22T09:00:00Z".parse()?;
//! let text = r#"{"account_id":2,"agent_id":980824,"field_name":"status","id":"R6vTSXc.agent:980824.WEuQDQ","previous_value":"online","timestamp":"2018-10-19T12:33:50.140101Z","value":"away"}"#;
//! let Event::Chat(chat) = Event::parse(text.as_bytes())? else { panic!() };
//!
//! let mut cursor = Cursor::new("2018-10-01T00:00:00Z".parse()?);
//! let Step::Request(request) = cursor.next(now)? else { panic!("old enough") };
//!
//! // On the server:
//! let url = "https://example.zendesk.com/api/v2/chat/incremental/agent_events";
//! let answered = answer(&request.query, [Exported::from(&chat)], &Served { url, now, end: None });
//!
//! // On the client:
//! let reply = Reply {
//!     host: "example.zendesk.com",
//!     status: answered.status,
//!     headers: &[],
//!     body: answered.body.as_bytes(),
//! };
//! let Taken::Page(page) = cursor.take(&reply, now, 0.5)? else { panic!("a page") };
//! assert_eq!(page.events, [text]);
//! // Ask on until a page is the last one: one that brings nothing new.
//! assert!(!page.is_last);
//! // Store the events, then the cursor.
//! let saved = serde_json::to_string(&cursor)?;
//! assert_eq!(serde_json::from_str::<Cursor>(&saved)?, cursor);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod answer;
mod attempts;
mod cursor;
mod endpoint;
mod limit;
mod note;
mod page;
mod pause;
mod query;
mod refusal;
mod reply;
mod time;
mod told;

pub use answer::{Answer, End, Exported, Served, answer};
pub use attempts::Attempts;
pub use cursor::{Cursor, CursorOptions, Request, Step, Taken};
pub use endpoint::Endpoint;
pub use limit::Limit;
pub use note::{Note, NoteCode};
pub use page::{Apart, Page};
pub use pause::{Pause, PauseReason};
pub use query::{BadQuery, BadQueryCode, Query};
pub use refusal::{Refusal, RefusalCode};
pub use reply::Reply;
pub use time::Unit;
pub use told::{ToldCorrection, ToldCorrectionData, told_corrections};
