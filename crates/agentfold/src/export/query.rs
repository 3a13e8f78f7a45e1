//! [`Query`]: a query to the export.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::answer::Answer;
use super::cursor::RECENT;
use super::limit::Limit;
use super::time::Unit;
use crate::Instant;
use crate::read::parts::members;
use crate::word::words;

/// A query to the export, read from a URL (*Chat incremental agent events*).
///
/// A source that can look up events by time passes [`answer`](Query::answer) only those from
/// [`start_time`](Query::start_time) on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) start_time: Instant,
    pub(super) start_id: Option<String>,
    pub(super) limit: Limit,
    /// The requested fields, as received and as names; `None` for all.
    pub(super) fields: Option<(String, Vec<String>)>,
}

/// Why a query can't be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
#[non_exhaustive]
pub struct BadQuery {
    /// What kind of problem it is.
    pub code: BadQueryCode,
    /// The parameter, as a JSON Pointer: `/start_time`, `/limit` or `/fields`.
    pub path: &'static str,
    /// What is wrong, for people, without values from the query.
    pub message: &'static str,
}

words! {
    /// What kind of [`BadQuery`] it is.
    #[non_exhaustive]
    pub enum BadQueryCode {
        /// `start_time` is not a time.
        BadStartTime = "bad_start_time",
        /// `start_time` is not more than five minutes ago.
        StartTimeTooRecent = "start_time_too_recent",
        /// `limit` is not an integer from 1 to 1000.
        BadLimit = "bad_limit",
        /// `fields` does not have the form `*`, `agent_events(*)` or `agent_events(id,value)`.
        BadFields = "bad_fields",
    }
}

impl BadQueryCode {
    fn of(self) -> BadQuery {
        let (path, message) = match self {
            BadQueryCode::BadStartTime => (
                "/start_time",
                "`start_time` must be a number of seconds or microseconds since 1970",
            ),
            BadQueryCode::StartTimeTooRecent => {
                ("/start_time", "`start_time` must be more than five minutes ago")
            }
            BadQueryCode::BadLimit => ("/limit", "`limit` must be an integer from 1 to 1000"),
            BadQueryCode::BadFields => (
                "/fields",
                "`fields` must be `*`, `agent_events(*)` or some fields, as in \
                 `agent_events(id,value)`",
            ),
        };
        BadQuery { code: self, path, message }
    }
}

impl BadQuery {
    /// The answer that Zendesk's exports give: status 400, with `error` and `description`.
    pub fn answer(&self) -> Answer {
        let error = match self.code {
            BadQueryCode::StartTimeTooRecent => "StartTimeTooRecent",
            _ => "InvalidValue",
        };
        let description = serde_json::to_string(self.message).expect("INVARIANT: a text is JSON");
        let body = format!(r#"{{"error":"{error}","description":{description}}}"#);
        Answer { status: 400, body }
    }
}

impl Query {
    /// Reads the query of a URL, without `?`. Undocumented parameters are ignored, and an empty one
    /// counts as missing.
    ///
    /// # Errors
    /// A [`BadQuery`] for the first parameter that is wrong.
    ///
    /// ```
    /// use agentfold::export::Query;
    ///
    /// let now = "2018-10-22T09:00:00Z".parse()?;
    /// let query = Query::parse("start_time=1539952430140101&limit=10", now)?;
    /// assert_eq!(query.start_time().to_string(), "2018-10-19T12:33:50.140101Z");
    /// let bad = Query::parse("limit=1001", now).expect_err("too many");
    /// assert_eq!(bad.code.as_str(), "bad_limit");
    /// assert_eq!(bad.answer().status, 400);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(query: &str, now: Instant) -> Result<Query, BadQuery> {
        let given: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes())
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let start_time = given.get("start_time").map_or("0", |text| text);
        let (start_time, _) =
            Unit::read(start_time).ok_or_else(|| BadQueryCode::BadStartTime.of())?;
        if !now.is_past(start_time, RECENT) {
            return Err(BadQueryCode::StartTimeTooRecent.of());
        }
        let limit = match given.get("limit") {
            None => Limit::default(),
            Some(text) => {
                text.parse().ok().and_then(Limit::new).ok_or_else(|| BadQueryCode::BadLimit.of())?
            }
        };
        let fields = match given.get("fields") {
            None => None,
            Some(text) => fields(text).ok_or_else(|| BadQueryCode::BadFields.of())?,
        };
        let start_id = given.get("start_id").map(|id| id.clone().into_owned());
        Ok(Query { start_time, start_id, limit, fields })
    }

    /// The instant to begin at, inclusive, to the microsecond. It is 1970 if the query has none.
    pub fn start_time(&self) -> Instant {
        self.start_time
    }

    /// The event of the start time after which to begin.
    pub fn start_id(&self) -> Option<&str> {
        self.start_id.as_deref()
    }

    /// The maximum number of events.
    pub fn limit(&self) -> Limit {
        self.limit
    }

    /// Appends an event as JSON, with the requested fields.
    pub(super) fn write(&self, json: &str, out: &mut String) {
        let wanted = self.fields.as_ref().and_then(|(_, names)| {
            // If a key occurs twice, the last one counts.
            let all: BTreeMap<_, _> = members(json)?.into_iter().collect();
            let wanted = all.into_iter().filter(|(name, _)| names.iter().any(|n| n == name));
            let member = |(name, value)| format!("\"{name}\":{value}");
            Some(wanted.map(member).collect::<Vec<_>>().join(","))
        });
        match wanted {
            Some(members) => out.extend(["{", &members, "}"]),
            None => out.push_str(json),
        }
    }
}

/// The requested fields, `Some(None)` for all; `None` if the text has another form.
fn fields(text: &str) -> Option<Option<(String, Vec<String>)>> {
    if text == "*" {
        return Some(None);
    }
    let names = text.trim().strip_prefix("agent_events(")?.strip_suffix(')')?;
    if names.trim() == "*" {
        return Some(None);
    }
    let names: Vec<String> = names.split(',').map(|name| name.trim().to_owned()).collect();
    let word = |name: &String| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    names.iter().all(word).then(|| Some((text.to_owned(), names)))
}

impl fmt::Display for BadQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}: {}", self.code, self.path, self.message)
    }
}

impl std::error::Error for BadQuery {}
