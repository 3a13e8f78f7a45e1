//! [`Reply`]: the reply to a request, and the page in it.

use std::borrow::Cow;

use http::Uri;
use http::uri::Authority;

use super::endpoint::Endpoint;
use super::time::Unit;
use crate::Instant;
use crate::read::fields::{Fields, Notes, number, text};
use crate::read::json::{Stop, skip_space, skip_value};
use crate::read::parts::members;

/// The reply to a [`Request`](super::Request).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The host that the request was sent to, with its port if it is not the default one.
    pub host: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The headers as names, in any case, and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, decompressed.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// The value of the first header with this name, which is given in lower case.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// Why a body is not a page.
pub(super) enum BadBody {
    CutOff,
    NotAPage,
}

/// A page as received.
pub(super) struct PageBody<'a> {
    pub(super) records: Vec<&'a str>,
    count: Option<u64>,
    pub(super) end_id: Option<Cow<'a, str>>,
    end_time: Option<&'a str>,
    next_page: Option<Cow<'a, str>>,
}

impl<'a> PageBody<'a> {
    pub(super) fn parse(bytes: &'a [u8], endpoint: Endpoint) -> Result<PageBody<'a>, BadBody> {
        let end = skip_value(bytes, 0).map_err(|stop| match stop {
            Stop::Short => BadBody::CutOff,
            Stop::Broken(_) => BadBody::NotAPage,
        })?;
        let is_whole = skip_space(bytes, end) == bytes.len();
        let text = str::from_utf8(bytes).ok().filter(|_| is_whole).ok_or(BadBody::NotAPage)?;
        let notes = Notes::default();
        let body = body(text.trim_ascii(), endpoint, &notes);
        // Fields that are not read may hold anything.
        body.filter(|_| notes.into_inner().0.is_empty()).ok_or(BadBody::NotAPage)
    }

    /// Whether there may be more. A page is the last one if it has fewer events than requested;
    /// `next_page` does not tell, since every page has it.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        let count = self.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        !self.records.is_empty() && count.max(self.records.len()) >= limit
    }

    pub(super) fn end_time(&self) -> Option<(Instant, Unit)> {
        Unit::read(self.end_time?.trim_matches('"'))
    }

    /// `next_page`, unless it is empty.
    pub(super) fn next_page(&self) -> Option<NextPage> {
        let text = self.next_page.as_deref().filter(|text| !text.is_empty())?;
        Some(NextPage(text.parse().ok()))
    }
}

fn body<'a>(json: &'a str, endpoint: Endpoint, notes: &Notes<'a>) -> Option<PageBody<'a>> {
    let mut fields = Fields::open(json, String::new(), notes)?;
    Some(PageBody {
        records: fields.optional_items(match endpoint {
            Endpoint::Chat | Endpoint::Document => "agent_events",
            Endpoint::AgentTimeline => "agent_timeline",
        })?,
        count: fields.optional("count", number),
        end_id: fields.optional("end_id", text),
        end_time: fields.optional("end_time", Ok),
        next_page: fields.optional("next_page", text),
    })
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
    pub(super) id: Option<Cow<'a, str>>,
    /// Cut to microseconds.
    pub(super) at: Option<Instant>,
}

impl<'a> EventStamp<'a> {
    /// Reads what it can. An event that can't be read is still returned to the caller.
    pub(super) fn read(event: &'a str) -> EventStamp<'a> {
        let members = members(event).unwrap_or_default();
        let find = |names: &[&str]| {
            let mut all = members.iter();
            let (_, value) =
                all.find(|(key, value)| names.contains(&&**key) && *value != "null")?;
            Some(text(value).unwrap_or(Cow::Borrowed(value)))
        };
        let at = find(&["timestamp", "start_time"]);
        let at = at.and_then(|at| Instant::parse(at.as_bytes()).ok());
        EventStamp { id: find(&["id"]), at: at.map(Instant::to_micros) }
    }
}
