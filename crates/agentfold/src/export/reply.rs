//! [`Reply`]: what came back, and the page in it.

use std::borrow::Cow;

use http::Uri;
use http::uri::Authority;

use super::endpoint::Endpoint;
use super::time::Unit;
use crate::Instant;
use crate::read::fields::{Fields, Notes, number, text};
use crate::read::json::{Stop, skip_space, skip_value};
use crate::read::parts::members;

/// What came back for a [`Request`](super::Request).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The host that was asked, with its port if it is not the usual one.
    pub host: &'a str,
    /// The status.
    pub status: u16,
    /// The headers: names, in any case, and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, unpacked.
    pub body: &'a [u8],
}

impl<'a> Reply<'a> {
    /// The first header of a name, given in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

/// Why a body is no page.
pub(super) enum BadBody {
    CutOff,
    NotAPage,
}

/// A page as it came, of the records that were asked for.
pub(super) struct Body<'a> {
    pub(super) records: Vec<&'a str>,
    count: Option<u64>,
    pub(super) end_id: Option<Cow<'a, str>>,
    end_time: Option<&'a str>,
    next_page: Option<Cow<'a, str>>,
}

impl<'a> Body<'a> {
    pub(super) fn parse(bytes: &'a [u8], endpoint: Endpoint) -> Result<Body<'a>, BadBody> {
        let end = skip_value(bytes, 0).map_err(|stop| match stop {
            Stop::Short => BadBody::CutOff,
            Stop::Broken(_) => BadBody::NotAPage,
        })?;
        let is_whole = skip_space(bytes, end) == bytes.len();
        let text = str::from_utf8(bytes).ok().filter(|_| is_whole).ok_or(BadBody::NotAPage)?;
        let notes = Notes::default();
        let body = body(text.trim_ascii(), endpoint, &notes);
        // Of fields that are not looked at, anything will do.
        body.filter(|_| notes.into_inner().0.is_empty()).ok_or(BadBody::NotAPage)
    }

    /// Whether there may be more: only a page with fewer events than asked for is the last one, since
    /// `next_page` is there on every one.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        let count = self.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        !self.records.is_empty() && count.max(self.records.len()) >= limit
    }

    pub(super) fn end_time(&self) -> Option<(Instant, Unit)> {
        Unit::read(self.end_time?.trim_matches('"'))
    }

    /// `next_page`, if it says anything.
    pub(super) fn next_page(&self) -> Option<NextPage> {
        let text = self.next_page.as_deref().filter(|text| !text.is_empty())?;
        Some(NextPage(text.parse().ok()))
    }
}

fn body<'a>(json: &'a str, endpoint: Endpoint, notes: &Notes<'a>) -> Option<Body<'a>> {
    let mut fields = Fields::open(json, String::new(), notes)?;
    Some(Body {
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

/// Where the reply says the next page is; `None` if it is no URL. It is never followed, only looked at.
pub(super) struct NextPage(Option<Uri>);

impl NextPage {
    /// Whether it is on the host, by name and port. A path alone is.
    pub(super) fn is_on(&self, host: &str) -> bool {
        let Some(uri) = &self.0 else {
            return false;
        };
        let Some(theirs) = uri.authority() else {
            // What begins with two slashes is a host (RFC 3986), and to some so is `/\\`.
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

    /// The start that it asks for, where it says one.
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

/// What tells one event of a page from another.
pub(super) struct Stamp<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    /// Cut to microseconds.
    pub(super) at: Option<Instant>,
}

impl<'a> Stamp<'a> {
    /// Reads what can be read; an event that can't be is still handed on.
    pub(super) fn read(event: &'a str) -> Stamp<'a> {
        let members = members(event).unwrap_or_default();
        let find = |names: &[&str]| {
            let mut all = members.iter();
            let (_, value) =
                all.find(|(key, value)| names.contains(&&**key) && *value != "null")?;
            Some(text(value).unwrap_or(Cow::Borrowed(value)))
        };
        let at = find(&["timestamp", "start_time"]);
        let at = at.and_then(|at| Instant::parse(at.as_bytes()).ok());
        Stamp { id: find(&["id"]), at: at.map(Instant::to_micros) }
    }
}
