//! [`Cursor`]: pulls the export page by page, without gaps or repeats.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use form_urlencoded::Serializer as QueryWriter;
use serde::{Deserialize, Serialize};

use super::attempts::Attempts;
use super::endpoint::Endpoint;
use super::limit::Limit;
use super::note::{Note, NoteCode};
use super::page::{Apart, Page};
use super::pause::{Pause, PauseReason};
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
/// the events it already had by their ids. It asks on until a page brings nothing new, or ends within
/// the last five minutes. It never passes the caller's clock less five minutes, whatever a reply says.
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
    /// The instants, by id or text, of the records handed out apart from `start_time` on.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    apart: BTreeMap<String, Instant>,
    /// The number of pages in a row that ended where they began.
    #[serde(default, skip_serializing_if = "is_zero")]
    pages_here: u32,
    /// What the last page said about an end, if more may follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_told: Option<EndTold>,
    /// The most records on a page that was not full by `limit`, but that more followed: what the host
    /// gives at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    most_records: Option<usize>,
    /// The warnings that were returned.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    warned: BTreeSet<NoteCode>,
    /// The attempts since the last page.
    #[serde(skip)]
    attempts: Attempts,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What a page said about the end of the export: hints, which the next page may prove wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct EndTold {
    /// The number of its records, if that is fewer than were requested.
    short: Option<usize>,
    has_no_next_page: bool,
    /// When it arrived.
    at: Instant,
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
    /// The maximum size of a reply's body in bytes, uncompressed. Stop reading a body that has more, and
    /// hand over what was read: the cursor refuses it.
    pub max_bytes: usize,
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

/// By how many seconds a record may be dated after the caller's clock: clocks differ.
const AHEAD: i64 = RECENT;

/// The maximum size of a page in bytes: a hundred times the size of a thousand events.
const MAX_BYTES: usize = 64 << 20;

/// How many pages in a row may end where they began.
const PAGES_HERE: u32 = 100;

/// How many records that were handed out apart are remembered.
const MOST_APART: usize = 10_000;

/// A start within this many seconds may be too recent by Zendesk's clock.
const MAYBE_RECENT: i64 = 3600;

/// The longest text of a record that identifies it. A longer one is identified by its checksum.
const LONGEST_KEY: usize = 256;

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
            apart: BTreeMap::new(),
            pages_here: 0,
            end_told: None,
            most_records: None,
            warned: BTreeSet::new(),
            attempts: Attempts::default(),
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
    /// # Errors
    /// [`RefusalCode::StartInFuture`] if the cursor begins after `now`, the caller's clock.
    ///
    /// ```
    /// use agentfold::export::{Cursor, RefusalCode, Step};
    ///
    /// let cursor = Cursor::new("2018-10-19T12:33:50Z".parse()?);
    /// let Ok(Step::Request(request)) = cursor.next("2018-10-19T13:00:00Z".parse()?) else { panic!() };
    /// assert_eq!(request.path, "/api/v2/chat/incremental/agent_events");
    /// assert!(request.query.starts_with("start_time=1539952430&limit=1000&fields="));
    /// let Ok(Step::Pause(pause)) = cursor.next("2018-10-19T12:34:00Z".parse()?) else { panic!() };
    /// assert_eq!(pause.reason.as_str(), "too_recent");
    /// assert_eq!(pause.length.as_secs(), 291);
    /// let refusal = cursor.next("2017-10-19T13:00:00Z".parse()?).expect_err("a year ahead");
    /// assert_eq!(refusal.code, RefusalCode::StartInFuture);
    /// # Ok::<(), agentfold::BadInstant>(())
    /// ```
    pub fn next(&self, now: Instant) -> Result<Step, Refusal> {
        let start = self.start_time.to_micros();
        if start > now {
            return Err(RefusalCode::StartInFuture.without_reply().that_may_pass());
        }
        if !now.is_past(start, RECENT) {
            // One second more, so that rounding can't make it too recent.
            let ago = now.unix_nanos() - start.unix_nanos();
            let nanos = i128::from(RECENT + 1) * 1_000_000_000 - ago;
            let length = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            return Ok(Step::Pause(Pause { reason: PauseReason::TooRecent, length }));
        }
        let mut query = QueryWriter::new(String::new());
        query.append_pair("start_time", &self.unit.write(start));
        if let Some(id) = &self.start_id {
            query.append_pair("start_id", id);
        }
        query.append_pair("limit", &self.limit.count().to_string());
        query.append_pair("fields", if self.all_fields { "*" } else { self.endpoint.fields() });
        let (path, query) = (self.endpoint.path(), query.finish());
        Ok(Step::Request(Request { path, query, max_bytes: MAX_BYTES }))
    }

    /// Takes the reply to the request that [`next`](Cursor::next) returned, and advances if it is a
    /// page.
    ///
    /// For 429, 408, 409, 425, 5xx and an incomplete body, it returns how long to wait: what
    /// `Retry-After` or, with 429, `ratelimit-reset` says, at most a day; or else 1 s, doubled with each
    /// failure in a row up to five minutes. Half of that is fixed; `jitter`, a number from 0 to 1, is
    /// the part of the other half.
    ///
    /// A reply that is probably not Zendesk's, such as the page of a proxy, is taken for a passing
    /// failure, too, but only four times between two pages: then it is refused. All replies of Zendesk's
    /// API are JSON objects.
    ///
    /// # Errors
    /// A [`Refusal`] if sending the request again would not help, or did not help. The cursor is then
    /// unchanged. A program that runs on may wait as [`lost`](Cursor::lost) says, and try again, if the
    /// refusal [may pass](Refusal::may_pass).
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
    ///     body: br#"{"error": "x"}"#,
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
        if reply.status == 200 {
            return self.take_body(reply, now, jitter);
        }
        let is_recent = !now.is_past(self.start_time, MAYBE_RECENT);
        self.attempts.take_failure(reply, is_recent, now, jitter).map(Taken::Pause)
    }

    /// Records that no reply came, and returns how long to wait, as [`take`](Cursor::take) does.
    pub fn lost(&mut self, jitter: f64) -> Pause {
        self.attempts.lost(jitter)
    }

    fn take_body<'a>(
        &mut self,
        reply: &Reply<'a>,
        now: Instant,
        jitter: f64,
    ) -> Result<Taken<'a>, Refusal> {
        if reply.body.len() > MAX_BYTES {
            return Err(RefusalCode::PageTooLarge.of(reply.status));
        }
        let code = match PageBody::parse(reply.body, self.endpoint) {
            Ok(body) => return self.take_page(&body, reply, now).map(Taken::Page),
            Err(BadBody::CutOff) => {
                let pause = self.attempts.failed(PauseReason::CutOff, reply, now, jitter);
                return Ok(Taken::Pause(pause));
            }
            Err(BadBody::Error) => RefusalCode::ErrorInPage,
            Err(BadBody::NotAPage) => RefusalCode::NotAPage,
        };
        let refusal = code.of(reply.status);
        self.attempts.strange(refusal, reply, now, jitter).map(Taken::Pause)
    }

    fn take_page<'a>(
        &mut self,
        body: &PageBody<'a>,
        reply: &Reply<'_>,
        now: Instant,
    ) -> Result<Page<'a>, Refusal> {
        let next_page = body.next_page();
        if next_page.as_ref().is_some_and(|next| !next.is_on(reply.host)) {
            return Err(RefusalCode::OtherHost.of(reply.status));
        }
        let new = New::of(body, self, now);
        let latest = now.saturating_sub(Duration::from_secs(RECENT.unsigned_abs())).to_micros();
        let (to_time, to_id) = self.end_of(body, &new, latest);
        let start = self.start_time.to_micros();
        let has_moved = (to_time, &to_id) != (start, &self.start_id);
        let is_recent = to_time >= latest;
        let has_events = !new.events.is_empty();
        let is_full = body.records.len() >= self.full_page();

        let is_stuck = is_full && !has_events && !has_moved && !is_recent;
        if is_stuck && new.apart.is_empty() && !new.has_ahead {
            let path = self.endpoint.records();
            return Err(Refusal { path, ..RefusalCode::NotAdvancing.of(reply.status) });
        }
        // A full page of repeats that leads on may stand before new events.
        let goes_on = has_events || is_full && has_moved;
        let is_last = is_recent || !goes_on;
        let pages_here = if is_last || to_time > start { 0 } else { self.pages_here + 1 };
        if pages_here > PAGES_HERE {
            let path = self.endpoint.records();
            return Err(Refusal { path, ..RefusalCode::EndlessInstant.of(reply.status) });
        }

        let mut warnings = self.proved_wrong(&new);
        warnings.extend(body.notes());
        if is_last && !has_events && new.has_old {
            warnings.push(NoteCode::StartIgnored.at(self.endpoint.records()));
        }
        if has_events && next_page.as_ref().is_some_and(|next| self.is_behind(next, new.end)) {
            warnings.push(NoteCode::NextPageLoops.at("/next_page"));
        }
        warnings.retain(|note| self.warned.insert(note.code));

        let short = (body.records.len() < self.limit.count()).then_some(body.records.len());
        let told = EndTold { short, has_no_next_page: next_page.is_none(), at: now };
        let may_go_on = !is_last && (short.is_some() || told.has_no_next_page);
        self.end_told = may_go_on.then_some(told);

        let kept = new.events.len() + new.apart.len();
        let repeats = body.records.len() - kept;
        self.handed_out += new.events.len() as u64;
        self.pages_here = pages_here;
        if let Some((_, unit)) = body.end_time()
            && !body.records.is_empty()
        {
            self.unit = unit;
        }
        self.seen.extend(new.seen);
        if self.apart.len() > MOST_APART {
            self.apart.clear();
        }
        self.apart.extend(new.seen_apart);
        (self.start_time, self.start_id) = (to_time, to_id);
        self.seen.retain(|_, at| *at >= to_time);
        self.apart.retain(|_, at| *at >= to_time);
        self.attempts.succeeded();
        Ok(Page { events: new.events, apart: new.apart, warnings, repeats, is_last })
    }

    /// How many records make a page full: as many as were requested, or as the host gives at most.
    fn full_page(&self) -> usize {
        let limit = self.limit.count();
        // A page of one record may as well be the last record, once more.
        self.most_records.filter(|most| *most > 1).map_or(limit, |most| most.min(limit))
    }

    /// The hints of the page before that a page with new events proved wrong.
    fn proved_wrong(&mut self, new: &New<'_>) -> Vec<Note> {
        let mut notes = Vec::new();
        let Some(told) = self.end_told else {
            return notes;
        };
        // Events that are more recent may have come since.
        if !new.earliest.is_some_and(|at| told.at.is_past(at, RECENT)) {
            return notes;
        }
        if let Some(records) = told.short {
            self.most_records = self.most_records.max(Some(records));
            notes.push(NoteCode::ShortPage.at(self.endpoint.records()));
        }
        if told.has_no_next_page {
            notes.push(NoteCode::NoNextPage.at("/next_page"));
        }
        notes
    }

    /// Whether `next_page` begins where this page did, or earlier.
    fn is_behind(&self, next: &NextPage, end: Instant) -> bool {
        let Some((at, id)) = next.start() else {
            return false;
        };
        // If the page ends at the instant where it began, a `next_page` without an id would loop. That
        // is not odd, since this cursor sends the id.
        let start = self.start_time.to_micros();
        at < start || at == start && (id.is_some() || end > start) && id == self.start_id
    }

    /// Where the next request begins after a page: at its end, but never later than `latest`, five
    /// minutes before the caller's clock, and never earlier than where this one began.
    fn end_of(
        &self,
        body: &PageBody<'_>,
        new: &New<'_>,
        latest: Instant,
    ) -> (Instant, Option<String>) {
        let start = self.start_time.to_micros();
        if body.records.is_empty() {
            return (self.start_time, self.start_id.clone());
        }
        // Use the page's `end_time` and `end_id`, unless they are later than its last event, because of
        // rounding for example: events in between may be missing. Then use that event's.
        let mut to = (new.end, new.last_id.clone());
        if let Some((at, _)) = body.end_time()
            && (start..=new.end).contains(&at)
            // Nor if the next request would begin where this one did, although its events go on.
            && (at > start || new.end == start)
        {
            let is_apart = |id: &str| new.apart_ids.iter().any(|apart| apart == id);
            let end_id = body.end_id.as_deref().filter(|id| !is_apart(id)).map(str::to_owned);
            let by_page = (at, end_id.or(new.last_id.clone()));
            // Nor if they would request the same page again.
            if (by_page.0, &by_page.1) != (start, &self.start_id) {
                to = by_page;
            }
        }
        to.1 = to.1.filter(|id| !id.is_empty());
        if to.0 <= latest {
            to
        } else if latest > start {
            (latest, None)
        } else {
            (self.start_time, self.start_id.clone())
        }
    }
}

/// What is new on a page.
struct New<'a> {
    events: Vec<&'a str>,
    /// Their ids and instants.
    seen: BTreeMap<String, Instant>,
    apart: Vec<Apart<'a>>,
    /// Their ids or texts, and instants.
    seen_apart: BTreeMap<String, Instant>,
    /// The ids of all records that are dated ahead, whether new or not.
    apart_ids: Vec<Cow<'a, str>>,
    /// Whether a record is dated ahead, whether new or not.
    has_ahead: bool,
    /// Whether a record is from before the requested start, by more than rounding explains.
    has_old: bool,
    /// The instant of the earliest event.
    earliest: Option<Instant>,
    /// The latest instant, or the cursor's start.
    end: Instant,
    /// The id of the last event at that instant, whether new or not.
    last_id: Option<String>,
}

impl<'a> New<'a> {
    fn of(body: &PageBody<'a>, cursor: &Cursor, now: Instant) -> New<'a> {
        let start = cursor.start_time.to_micros();
        let mut new = New {
            events: Vec::new(),
            seen: BTreeMap::new(),
            apart: Vec::new(),
            seen_apart: BTreeMap::new(),
            apart_ids: Vec::new(),
            has_ahead: false,
            has_old: false,
            earliest: None,
            end: start,
            last_id: cursor.start_id.clone(),
        };
        let mut no_events = Vec::new();
        for (i, record) in body.records.iter().enumerate() {
            let Some(stamp) = EventStamp::read(record, cursor.endpoint) else {
                no_events.push(key_of(record));
                new.keep_apart(cursor, i, record, key_of(record), NoteCode::NotAnEvent);
                continue;
            };
            let EventStamp { id, at } = stamp;
            // A record without an id is identified by its text.
            let key = id.clone().unwrap_or_else(|| key_of(record));
            if at.is_past(now, AHEAD) {
                new.has_ahead = true;
                new.keep_apart(cursor, i, record, key.clone(), NoteCode::DatedAhead);
                new.seen_apart.insert(key.into_owned(), at);
                new.apart_ids.extend(id);
                continue;
            }
            if at < start {
                // From before the requested start: already handed out, or never wanted.
                new.has_old |= start.is_past(at, 1);
                continue;
            }
            if at >= new.end {
                new.end = at;
                new.last_id = id.map(Cow::into_owned).or(new.last_id);
            }
            new.take(cursor, record, key, at);
        }
        // They have no instant: remember them as long as the events at the end of the page.
        let end = new.end;
        new.seen_apart.extend(no_events.into_iter().map(|key| (key.into_owned(), end)));
        new
    }

    /// Takes an event, unless it was taken before.
    fn take(&mut self, cursor: &Cursor, record: &'a str, key: Cow<'a, str>, at: Instant) {
        // An id that comes with another instant is a different event, whatever its sender meant.
        let exact = format!("{key} {at}");
        let seen = |key: &str| cursor.seen.get(key).or_else(|| self.seen.get(key)).copied();
        let other = seen(&key);
        if other == Some(at) || seen(&exact).is_some() {
            return;
        }
        self.seen.insert(if other.is_none() { key.into_owned() } else { exact }, at);
        self.events.push(record);
        self.earliest = Some(self.earliest.map_or(at, |earliest| earliest.min(at)));
    }

    /// Hands a record out apart, unless it was before.
    fn keep_apart(
        &mut self,
        cursor: &Cursor,
        i: usize,
        record: &'a str,
        key: Cow<'a, str>,
        code: NoteCode,
    ) {
        let is_known = cursor.apart.contains_key(&*key) || self.seen_apart.contains_key(&*key);
        if !is_known {
            let note = code.at(format!("{}/{i}", cursor.endpoint.records()));
            self.apart.push(Apart { record, note });
        }
    }
}

/// What identifies a record without an id: its text, or a checksum of it.
fn key_of(record: &str) -> Cow<'_, str> {
    if record.len() <= LONGEST_KEY {
        return Cow::Borrowed(record);
    }
    Cow::Owned(format!("{:08x} {}", crc32fast::hash(record.as_bytes()), record.len()))
}
