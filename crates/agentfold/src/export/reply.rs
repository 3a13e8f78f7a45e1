//! [`Reply`]: the reply to a request, and the page in it.

use std::borrow::Cow;

use http::Uri;
use http::uri::Authority;

use super::endpoint::Endpoint;
use super::note::{Note, NoteCode};
use super::time::Unit;
use crate::Instant;
use crate::read::json::{Stop, skip_space};
use crate::read::parts::{items, members, text};
use crate::read::walk::skip_value;

/// The reply to a [`Request`](super::Request).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The host that the request was sent to, with its port if it is not the default one.
    pub host: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The headers as names, in any case, and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, decompressed. If it has more than [`Request::max_bytes`](super::Request::max_bytes),
    /// one byte more than that is enough.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// The values of all headers with this name, which is given in lower case.
    pub(super) fn headers(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        named.map(|(_, value)| *value)
    }

    /// Whether the body is a JSON object, as all bodies of Zendesk's API are. The page of a proxy is not.
    pub(super) fn is_object(&self) -> bool {
        json(self.body).is_ok_and(|json| json.starts_with('{'))
    }
}

/// Why a body is not a page.
pub(super) enum BadBody {
    CutOff,
    /// It is an error instead.
    Error,
    NotAPage,
}

/// The text of a body that is one JSON value, without a byte order mark and white space.
pub(super) fn json(bytes: &[u8]) -> Result<&str, BadBody> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let end = skip_value(bytes, 0).map_err(|stop| match stop {
        Stop::Short => BadBody::CutOff,
        Stop::Broken(_) => BadBody::NotAPage,
    })?;
    let is_whole = skip_space(bytes, end) == bytes.len();
    let text = str::from_utf8(bytes).ok().filter(|_| is_whole).ok_or(BadBody::NotAPage)?;
    Ok(text.trim_ascii())
}

/// A page as received.
pub(super) struct PageBody<'a> {
    pub(super) records: Vec<&'a str>,
    /// The number of records that it states; `None` if it states something else.
    count: Option<Option<usize>>,
    pub(super) end_id: Option<Cow<'a, str>>,
    end_time: Option<&'a str>,
    next_page: Option<Cow<'a, str>>,
    /// The known key that stands twice.
    repeated: Option<&'static str>,
}

impl<'a> PageBody<'a> {
    pub(super) fn parse(bytes: &'a [u8], endpoint: Endpoint) -> Result<PageBody<'a>, BadBody> {
        let members = members(json(bytes)?).ok_or(BadBody::NotAPage)?;
        let all = |name: &'static str| {
            let named = members.iter().filter(move |(key, _)| key == name);
            named.map(|(_, value)| *value).filter(|value| *value != "null")
        };
        let mut lists = all(endpoint.key()).peekable();
        if lists.peek().is_none() {
            let is_error = ["error", "errors"].iter().any(|name| all(name).next().is_some());
            return Err(if is_error { BadBody::Error } else { BadBody::NotAPage });
        }
        // A key that stands twice has two lists, and the records of both count.
        let lists: Option<Vec<_>> = lists.map(items).collect();
        let first = |name: &'static str| all(name).next();
        let known = [endpoint.key(), "count", "end_id", "end_time", "next_page"];
        Ok(PageBody {
            records: lists.ok_or(BadBody::NotAPage)?.concat(),
            count: first("count").map(|count| count.trim_matches('"').parse().ok()),
            end_id: first("end_id").and_then(id),
            end_time: first("end_time"),
            next_page: first("next_page").and_then(text),
            repeated: known
                .into_iter()
                .find(|name| members.iter().filter(|(key, _)| key == name).count() > 1),
        })
    }

    pub(super) fn end_time(&self) -> Option<(Instant, Unit)> {
        Unit::read(self.end_time?.trim_matches('"'))
    }

    /// `next_page`, unless it is empty.
    pub(super) fn next_page(&self) -> Option<NextPage> {
        let text = self.next_page.as_deref().filter(|text| !text.is_empty())?;
        Some(NextPage(text.parse().ok()))
    }

    /// What is wrong with the page by itself.
    pub(super) fn notes(&self) -> Vec<Note> {
        let count = self.count.filter(|count| *count != Some(self.records.len()));
        let repeated = self.repeated.map(|key| NoteCode::RepeatedKey.at(format!("/{key}")));
        count.map(|_| NoteCode::CountDiffers.at("/count")).into_iter().chain(repeated).collect()
    }
}

/// An id: text that is not empty, or a number.
fn id(json: &str) -> Option<Cow<'_, str>> {
    match json.as_bytes().first()? {
        b'"' => text(json).filter(|id| !id.is_empty()),
        b'0'..=b'9' | b'-' => Some(Cow::Borrowed(json)),
        _ => None,
    }
}

/// The URL in `next_page`; `None` if the text is not a URL. It is checked but never followed.
pub(super) struct NextPage(Option<Uri>);

impl NextPage {
    /// Whether it has this host and port. A path without a host does.
    pub(super) fn is_on(&self, host: &str) -> bool {
        let Some(uri) = &self.0 else {
            return false;
        };
        let Some(theirs) = uri.authority() else {
            // Two slashes begin a host (RFC 3986), and some programs accept `/\\` for them.
            let mut bytes = uri.path().bytes();
            return bytes.next() == Some(b'/') && !matches!(bytes.next(), Some(b'/' | b'\\'));
        };
        let Ok(asked) = host.parse::<Authority>() else {
            return false;
        };
        let usual = if uri.scheme_str() == Some("http") { 80 } else { 443 };
        let port = |authority: &Authority| authority.port_u16().unwrap_or(usual);
        theirs.host().eq_ignore_ascii_case(asked.host()) && port(theirs) == port(&asked)
    }

    /// Its `start_time` and `start_id`, if it has them.
    pub(super) fn start(&self) -> Option<(Instant, Option<String>)> {
        let query = self.0.as_ref()?.query()?;
        let find = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            Some(pairs.find(|(key, _)| key == name)?.1.into_owned())
        };
        let (at, _) = Unit::read(&find("start_time")?)?;
        Some((at, find("start_id").filter(|id| !id.is_empty())))
    }
}

/// The id and instant of an event on a page.
pub(super) struct EventStamp<'a> {
    /// `None` for a row of `agent_timeline`, which has none.
    pub(super) id: Option<Cow<'a, str>>,
    /// Cut to microseconds.
    pub(super) at: Instant,
}

impl<'a> EventStamp<'a> {
    /// `None` if the record is not an event: an object with an instant, and with an id.
    pub(super) fn read(record: &'a str, endpoint: Endpoint) -> Option<EventStamp<'a>> {
        let members = members(record)?;
        let find = |name: &str| {
            let mut all = members.iter();
            Some(all.find(|(key, value)| key == name && *value != "null")?.1)
        };
        let (at, id) = match endpoint {
            Endpoint::Chat | Endpoint::Document => (find("timestamp"), Some(id(find("id")?)?)),
            Endpoint::AgentTimeline => (find("start_time"), find("id").and_then(id)),
        };
        let at = Instant::parse(text(at?)?.as_bytes()).ok()?;
        Some(EventStamp { id, at: at.to_micros() })
    }
}
