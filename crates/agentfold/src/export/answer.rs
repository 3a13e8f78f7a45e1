//! [`answer`]: the export's endpoint, as a function.

use std::borrow::Cow;
use std::fmt::Write;

use form_urlencoded::Serializer as QueryWriter;
use serde::{Deserialize, Serialize};

use super::query::Query;
use super::time::Unit;
use crate::Instant;
use crate::event::{Chat, Event};

/// One event to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported<'a> {
    /// Its id. A source must never use an id for two events.
    pub id: Cow<'a, str>,
    /// When it happened.
    pub at: Instant,
    /// The event as a JSON object.
    pub json: Cow<'a, str>,
}

impl<'a> From<&Chat<'a>> for Exported<'a> {
    fn from(chat: &Chat<'a>) -> Exported<'a> {
        let json = Event::Chat(chat.clone()).to_json().into();
        Exported { id: chat.id.clone(), at: chat.timestamp, json }
    }
}

/// Where and when the export is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Served<'a> {
    /// The endpoint's URL without a query. `next_page` begins with it.
    pub url: &'a str,
    /// The caller's clock.
    pub now: Instant,
    /// How far the source has looked, if that is past its last event. A page that is not full ends
    /// there, as the page in Zendesk's document does.
    #[serde(borrow)]
    pub end: Option<End<'a>>,
}

/// How far a source has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are the document's end_id and end_time")]
pub struct End<'a> {
    pub id: &'a str,
    pub at: Instant,
}

/// What the endpoint answers. The body is JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[expect(missing_docs, reason = "the fields are HTTP's")]
#[non_exhaustive]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

/// Answers a query as the endpoint of *Chat incremental agent events* does: status 200 and a page, or
/// 400 and an error.
///
/// `events` must be sorted by instant, and events of one instant must keep their order. A page has at
/// most `limit` events: those from `start_time` on, or those after `start_id` if it is among them.
/// `next_page` is empty if the page is not full. Hold back events as long as earlier ones may still
/// arrive: a reader does not come back to an instant that it has passed.
///
/// ```
/// use agentfold::export::{Exported, Served, answer};
///
/// let served = Served {
///     url: "https://example.zendesk.com/api/v2/incremental/agent_events",
///     now: "2018-10-22T09:00:00Z".parse()?,
///     end: None,
/// };
/// let event = Exported {
///     id: "a".into(),
///     at: "2018-10-19T12:33:50.5Z".parse()?,
///     json: r#"{"id":"a","value":1}"#.into(),
/// };
/// let page = answer("fields=agent_events(value)", [event], &served);
/// assert_eq!(
///     page.body,
///     r#"{"agent_events":[{"value":1}],"count":1,"end_id":"a","end_time":1539952430.5,"next_page":""}"#,
/// );
/// assert_eq!(answer("limit=1001", [], &served).status, 400);
/// # Ok::<(), agentfold::BadInstant>(())
/// ```
pub fn answer<'a>(
    query: &str,
    events: impl IntoIterator<Item = Exported<'a>>,
    served: &Served<'_>,
) -> Answer {
    match Query::parse(query, served.now) {
        Ok(query) => query.answer(events, served),
        Err(bad) => bad.answer(),
    }
}

impl Query {
    /// Answers as [`answer`] does. `events` may begin at [`start_time`](Query::start_time).
    ///
    /// ```
    /// use agentfold::export::{Query, Served};
    ///
    /// let now = "2018-10-22T09:00:00Z".parse()?;
    /// let query = Query::parse("start_time=1539952430", now)?;
    /// let page = query.answer([], &Served { url: "", now, end: None });
    /// assert!(page.body.starts_with(r#"{"agent_events":[],"count":0,"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn answer<'a>(
        &self,
        events: impl IntoIterator<Item = Exported<'a>>,
        served: &Served<'_>,
    ) -> Answer {
        let page = self.page(events.into_iter());
        let is_full = page.len() == self.limit().count();
        let (start_id, start_time) = (self.start_id().unwrap_or_default(), self.start_time());
        let last = page.last().map(|event| (&*event.id, event.at.to_micros()));
        let (mut end_id, mut end_time) = last.unwrap_or((start_id, start_time));
        if let Some(end) = served.end
            && !is_full
            && end.at >= end_time
        {
            (end_id, end_time) = (end.id, end.at);
        }
        let end_time = Unit::Seconds.write(end_time);
        let next_page =
            if is_full { self.next_page(served.url, end_id, &end_time) } else { String::new() };

        let mut body = r#"{"agent_events":["#.to_owned();
        for (i, event) in page.iter().enumerate() {
            body.push_str(if i == 0 { "" } else { "," });
            self.write(&event.json, &mut body);
        }
        let text = |text: &str| serde_json::to_string(text).expect("INVARIANT: a text is JSON");
        // Writing to a `String` never fails.
        let _ = write!(
            body,
            r#"],"count":{},"end_id":{},"end_time":{end_time},"next_page":{}}}"#,
            page.len(),
            text(end_id),
            text(&next_page),
        );
        Answer { status: 200, body }
    }

    /// The events of a page.
    fn page<'a>(&self, events: impl Iterator<Item = Exported<'a>>) -> Vec<Exported<'a>> {
        let (start, limit) = (self.start_time(), self.limit().count());
        let mut page = Vec::new();
        let mut after = self.start_id();
        for event in events.skip_while(|event| event.at.to_micros() < start) {
            // The start id may still come among the events of its instant. Keep them all until then,
            // since it may be missing.
            let may_come = after.is_some() && event.at.to_micros() == start;
            if may_come && after == Some(&*event.id) {
                page.clear();
                after = None;
                continue;
            }
            if !may_come && page.len() >= limit {
                break;
            }
            page.push(event);
        }
        page.truncate(limit);
        page
    }

    fn next_page(&self, url: &str, end_id: &str, end_time: &str) -> String {
        let mut query = QueryWriter::new(String::new());
        query.append_pair("start_time", end_time).append_pair("start_id", end_id);
        query.append_pair("limit", &self.limit().count().to_string());
        if let Some((fields, _)) = &self.fields {
            query.append_pair("fields", fields);
        }
        format!("{url}?{}", query.finish())
    }
}
