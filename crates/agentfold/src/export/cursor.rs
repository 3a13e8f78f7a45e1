//! [`Cursor`]: pulls the export page by page, without gaps or repeats.

use std::collections::BTreeMap;
use std::time::Duration;

use form_urlencoded::Serializer as QueryWriter;
use serde::{Deserialize, Serialize};

use super::endpoint::Endpoint;
use super::limit::Limit;
use super::page::Page;
use super::pause::{Pause, PauseReason, backoff, retry_after};
use super::refusal::{Refusal, RefusalCode};
use super::reply::{BadBody, EventStamp, NextPage, PageBody, Reply};
use super::time::Unit;
use crate::Instant;

/// The position of a pull of the export.
///
/// [`next`](Cursor::next) says what to request, and [`take`](Cursor::take) takes the reply and returns
/// the new events. The cursor is plain data: save it as JSON after you store the events, and it
/// resumes there after a crash. To follow the export, keep calling it after the last page.
///
/// It never follows `next_page`: Zendesk sends it on the last page too, and connectors that follow it
/// are known to lose or repeat events. Instead, it requests what comes after its last event, and drops
/// the events it already had by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    version: Version,
    endpoint: Endpoint,
    limit: Limit,
    all_fields: bool,
    unit: Unit,
    start_time: Instant,
    start_id: Option<String>,
    /// The instants, by id, of the events handed out from `start_time` on, since they may come again.
    seen: BTreeMap<String, Instant>,
    handed_out: u64,
    /// The number of failures in a row.
    #[serde(skip)]
    failures: u32,
}

/// The options of a new [`Cursor`].
///
/// In data, all fields but `since` are optional.
///
/// ```
/// use agentfold::export::{Cursor, CursorOptions, Endpoint};
///
/// let options: CursorOptions = serde_json::from_str(
///     r#"{"since": "2018-10-01T00:00:00Z", "endpoint": "agent_timeline"}"#,
/// )?;
/// let cursor = Cursor::new("2018-10-01T00:00:00Z".parse()?);
/// assert_eq!(Cursor::from(options), cursor.with_endpoint(Endpoint::AgentTimeline));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CursorOptions {
    /// The instant to begin at, inclusive.
    pub since: Instant,
    /// The maximum number of events on a page.
    #[serde(default)]
    pub limit: Limit,
    /// Which export to pull.
    #[serde(default)]
    pub endpoint: Endpoint,
    /// The unit of times; `None` for the endpoint's usual unit.
    pub unit: Option<Unit>,
    /// Whether to request undocumented fields too.
    #[serde(default)]
    pub all_fields: bool,
}

impl From<CursorOptions> for Cursor {
    fn from(options: CursorOptions) -> Cursor {
        let CursorOptions { since, limit, endpoint, unit, all_fields } = options;
        let cursor = Cursor::new(since).with_limit(limit).with_endpoint(endpoint);
        let unit = unit.unwrap_or(cursor.unit);
        Cursor { unit, all_fields, ..cursor }
    }
}

/// The version of the saved form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
struct Version;

impl From<Version> for u8 {
    fn from(_: Version) -> u8 {
        1
    }
}

impl TryFrom<u8> for Version {
    type Error = &'static str;

    fn try_from(version: u8) -> Result<Version, &'static str> {
        (version == 1)
            .then_some(Version)
            .ok_or("the cursor was saved by a newer version of agentfold: upgrade to read it")
    }
}

/// What to do next. In data, `step` is `request` or `pause`, next to the fields of either.
// Exhaustive: a caller that ignored a third variant would hang.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// Send this, and hand the reply to [`Cursor::take`].
    Request(Request),
    /// Wait.
    Pause(Pause),
}

/// A GET request to send. The caller supplies host and credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct Request {
    /// The path.
    pub path: &'static str,
    /// The query, encoded, without `?`.
    pub query: String,
}

/// What a reply was. In data, `step` is `page` or `pause`, next to the fields of either.
// Exhaustive, as `Step`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Taken<'a> {
    /// A page.
    Page(Page<'a>),
    /// A temporary failure: wait, then call [`Cursor::next`] again.
    Pause(Pause),
}

/// A start must be more than this many seconds ago (*Incremental exports*, start time).
pub(super) const RECENT: i64 = 300;

impl Cursor {
    /// Creates a cursor that begins at an instant, inclusive, cut to the microsecond. It pulls pages of
    /// 1000 events from [`Endpoint::Chat`], with the documented fields.
    pub fn new(since: Instant) -> Cursor {
        Cursor {
            version: Version,
            endpoint: Endpoint::default(),
            limit: Limit::default(),
            all_fields: false,
            unit: Unit::default(),
            start_time: since,
            start_id: None,
            seen: BTreeMap::new(),
            handed_out: 0,
            failures: 0,
        }
    }

    /// Sets the endpoint, and the unit of times that is usual there.
    pub fn with_endpoint(self, endpoint: Endpoint) -> Cursor {
        Cursor { endpoint, unit: endpoint.unit(), ..self }
    }

    /// Sets the maximum number of events on a page.
    pub fn with_limit(self, limit: Limit) -> Cursor {
        Cursor { limit, ..self }
    }

    /// Requests all fields, even undocumented ones.
    pub fn with_all_fields(self) -> Cursor {
        Cursor { all_fields: true, ..self }
    }

    /// Sets the unit of times, until a page states its `end_time` in the other unit.
    pub fn with_unit(self, unit: Unit) -> Cursor {
        Cursor { unit, ..self }
    }

    /// How many events the cursor has returned.
    ///
    /// If events are stored separately from the cursor, the store may hold one more page after a crash.
    /// Truncate it to this number.
    pub fn handed_out(&self) -> u64 {
        self.handed_out
    }

    /// Which export it pulls.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// Where the next request begins. All events before it were returned.
    pub fn start_time(&self) -> Instant {
        self.start_time
    }

    /// What to do next: send a request, or wait until its start is more than five minutes ago.
    ///
    /// ```
    /// use agentfold::export::{Cursor, Step};
    ///
    /// let cursor = Cursor::new("2018-10-19T12:33:50Z".parse()?);
    /// let Step::Request(request) = cursor.next("2018-10-19T13:00:00Z".parse()?) else { panic!() };
    /// assert_eq!(request.path, "/api/v2/chat/incremental/agent_events");
    /// assert!(request.query.starts_with("start_time=1539952430&limit=1000&fields="));
    /// let Step::Pause(pause) = cursor.next("2018-10-19T12:34:00Z".parse()?) else { panic!() };
    /// assert_eq!(pause.reason.as_str(), "too_recent");
    /// assert_eq!(pause.length.as_secs(), 291);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn next(&self, now: Instant) -> Step {
        let start = self.start_time.to_micros();
        if !now.is_past(start, RECENT) {
            // One second more, so that rounding can't make it too recent.
            let ago = now.unix_nanos() - start.unix_nanos();
            let nanos = i128::from(RECENT + 1) * 1_000_000_000 - ago;
            let length = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            return Step::Pause(Pause { reason: PauseReason::TooRecent, length });
        }
        let mut query = QueryWriter::new(String::new());
        query.append_pair("start_time", &self.unit.write(start));
        if let Some(id) = &self.start_id {
            query.append_pair("start_id", id);
        }
        query.append_pair("limit", &self.limit.count().to_string());
        query.append_pair("fields", if self.all_fields { "*" } else { self.endpoint.fields() });
        Step::Request(Request { path: self.endpoint.path(), query: query.finish() })
    }

    /// Takes the reply to the request that [`next`](Cursor::next) returned, and advances if it is a
    /// page.
    ///
    /// For 429, 408, 5xx and an incomplete body, it returns how long to wait: what `Retry-After` says,
    /// or else 1 s, doubled with each failure in a row up to five minutes. Half of that is fixed;
    /// `jitter`, a number from 0 to 1, is the part of the other half.
    ///
    /// # Errors
    /// A [`Refusal`] if sending the request again would not help. The cursor is then unchanged.
    ///
    /// ```
    /// use agentfold::Instant;
    /// use agentfold::export::{Cursor, RefusalCode, Reply, Taken};
    ///
    /// let now: Instant = "2018-10-22T09:00:00Z".parse()?;
    /// let mut cursor = Cursor::new(Instant::from_unix(0, 0).expect("in range"));
    /// let busy = Reply {
    ///     host: "example.zendesk.com",
    ///     status: 429,
    ///     headers: &[("Retry-After", "7")],
    ///     body: b"",
    /// };
    /// let Ok(Taken::Pause(pause)) = cursor.take(&busy, now, 0.5) else { panic!("a wait") };
    /// assert_eq!(pause.length.as_secs(), 7);
    /// let refusal = cursor.take(&Reply { status: 404, ..busy }, now, 0.5).expect_err("refused");
    /// assert_eq!(refusal.code, RefusalCode::NotFound);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn take<'a>(
        &mut self,
        reply: &Reply<'a>,
        now: Instant,
        jitter: f64,
    ) -> Result<Taken<'a>, Refusal> {
        let code = match reply.status {
            200 => return self.take_body(reply, jitter),
            408 | 500..=599 => {
                return Ok(self.failed(PauseReason::ServerError, reply, now, jitter));
            }
            429 => return Ok(self.failed(PauseReason::TooManyRequests, reply, now, jitter)),
            300..=399 => RefusalCode::Redirected,
            400 | 422 => RefusalCode::BadRequest,
            401 => RefusalCode::Unauthorized,
            403 => RefusalCode::Forbidden,
            404 => RefusalCode::NotFound,
            _ => RefusalCode::UnexpectedStatus,
        };
        Err(code.of(reply.status))
    }

    /// Records that no reply came, and returns how long to wait, as [`take`](Cursor::take) does.
    pub fn lost(&mut self, jitter: f64) -> Pause {
        self.failures = self.failures.saturating_add(1);
        Pause { reason: PauseReason::NoReply, length: backoff(self.failures, jitter) }
    }

    fn failed<'a>(
        &mut self,
        reason: PauseReason,
        reply: &Reply<'_>,
        now: Instant,
        jitter: f64,
    ) -> Taken<'a> {
        let Pause { length, .. } = self.lost(jitter);
        Taken::Pause(Pause { reason, length: retry_after(reply, now).unwrap_or(length) })
    }

    fn take_body<'a>(&mut self, reply: &Reply<'a>, jitter: f64) -> Result<Taken<'a>, Refusal> {
        let body = match PageBody::parse(reply.body, self.endpoint) {
            Ok(body) => body,
            Err(BadBody::CutOff) => {
                let Pause { length, .. } = self.lost(jitter);
                return Ok(Taken::Pause(Pause { reason: PauseReason::CutOff, length }));
            }
            Err(BadBody::NotAPage) => return Err(RefusalCode::NotAPage.of(reply.status)),
        };
        let next_page = body.next_page();
        if next_page.as_ref().is_some_and(|next| !next.is_on(reply.host)) {
            return Err(RefusalCode::OtherHost.of(reply.status));
        }
        let new = New::of(&body, self);
        let is_full = body.is_full(self.limit.count());
        if is_full && new.events.is_empty() {
            let path = self.endpoint.records();
            return Err(Refusal { path, ..RefusalCode::NotAdvancing.of(reply.status) });
        }
        if is_full && next_page.is_some_and(|next| self.is_behind(&next, new.end)) {
            return Err(RefusalCode::NextPageLoops.of(reply.status));
        }
        let page = Page {
            events: new.events,
            repeats: body.records.len() - new.stamps.len(),
            is_last: !is_full,
        };
        self.handed_out += page.events.len() as u64;
        self.seen.extend(new.stamps);
        self.advance(&body, new.end, new.last_id);
        self.failures = 0;
        Ok(Taken::Page(page))
    }

    /// Whether a full page's `next_page` begins where this page did, or earlier.
    fn is_behind(&self, next: &NextPage, end: Instant) -> bool {
        let Some((at, id)) = next.start() else {
            return false;
        };
        // If the page ends at the instant where it began, a `next_page` without an id would loop. That
        // is no reason to refuse it, since this cursor sends the id.
        let start = self.start_time.to_micros();
        at < start || at == start && (id.is_some() || end > start) && id == self.start_id
    }

    /// Moves to the end of a page.
    fn advance(&mut self, body: &PageBody<'_>, end: Instant, last_id: Option<String>) {
        let start = self.start_time.to_micros();
        if body.records.is_empty() {
            return;
        }
        let told = body.end_time();
        self.unit = told.map_or(self.unit, |(_, unit)| unit);
        // Use the page's `end_time` and `end_id`, unless they are later than its last event, because of
        // rounding for example: events in between may be missing. Then use that event's.
        let mut to = (end, last_id.clone());
        if let Some((at, _)) = told
            && (start..=end).contains(&at)
        {
            let end_id = body.end_id.as_deref().filter(|id| !id.is_empty()).map(str::to_owned);
            let by_page = (at, end_id.or(last_id));
            // Nor if they would request the same page again.
            if (by_page.0, &by_page.1) != (start, &self.start_id) {
                to = by_page;
            }
        }
        (self.start_time, self.start_id) = to;
        self.start_id = self.start_id.take().filter(|id| !id.is_empty());
        let start = self.start_time;
        self.seen.retain(|_, at| *at >= start);
    }
}

/// What is new on a page.
struct New<'a> {
    events: Vec<&'a str>,
    /// Their ids and instants.
    stamps: BTreeMap<String, Instant>,
    /// The latest instant, or the cursor's start.
    end: Instant,
    /// The id of the last event, whether new or not.
    last_id: Option<String>,
}

impl<'a> New<'a> {
    fn of(body: &PageBody<'a>, cursor: &Cursor) -> New<'a> {
        let start = cursor.start_time.to_micros();
        let (events, stamps) = (Vec::new(), BTreeMap::new());
        let mut new = New { events, stamps, end: start, last_id: cursor.start_id.clone() };
        for event in &body.records {
            let stamp = EventStamp::read(event);
            if stamp.at.is_some_and(|at| at < start) {
                // From before the requested start: already handed out, or never wanted.
                continue;
            }
            new.end = new.end.max(stamp.at.unwrap_or(new.end));
            // An event without an id is identified by its whole text.
            let key = stamp.id.as_deref().unwrap_or(event);
            if !cursor.seen.contains_key(key) && !new.stamps.contains_key(key) {
                new.stamps.insert(key.to_owned(), stamp.at.unwrap_or(new.end));
                new.events.push(event);
            }
            new.last_id = stamp.id.map(|id| id.into_owned()).or(new.last_id);
        }
        new
    }
}
