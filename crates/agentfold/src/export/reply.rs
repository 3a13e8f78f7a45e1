//! [`Reply`]: what came back, and the page in it.

use std::borrow::Cow;

use http::Uri;
use http::uri::Authority;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::endpoint::Endpoint;
use super::time::Unit;
use crate::Instant;
use crate::read::json::{Stop, skip_value};

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
#[derive(Deserialize)]
pub(super) struct Body<'a> {
    #[serde(skip)]
    pub(super) records: Vec<&'a RawValue>,
    #[serde(default, borrow)]
    agent_events: Option<Vec<&'a RawValue>>,
    #[serde(default, borrow)]
    agent_timeline: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    count: Option<u64>,
    #[serde(default, borrow)]
    pub(super) end_id: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    end_time: Option<&'a RawValue>,
    #[serde(default)]
    next_page: Option<String>,
}

impl<'a> Body<'a> {
    pub(super) fn parse(bytes: &'a [u8], endpoint: Endpoint) -> Result<Body<'a>, BadBody> {
        // `serde_json` does not tell a number or a character that breaks off from a wrong one.
        let mut body: Body<'a> =
            serde_json::from_slice(bytes).map_err(|_| match skip_value(bytes, 0) {
                Err(Stop::Short) => BadBody::CutOff,
                _ => BadBody::NotAPage,
            })?;
        let records = match endpoint {
            Endpoint::Chat | Endpoint::Document => body.agent_events.take(),
            Endpoint::AgentTimeline => body.agent_timeline.take(),
        };
        body.records = records.ok_or(BadBody::NotAPage)?;
        Ok(body)
    }

    /// Whether there may be more: only a page with fewer events than asked for is the last one, since
    /// `next_page` is there on every one.
    pub(super) fn is_full(&self, limit: usize) -> bool {
        let count = self.count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
        !self.records.is_empty() && count.max(self.records.len()) >= limit
    }

    pub(super) fn end_time(&self) -> Option<(Instant, Unit)> {
        Unit::read(self.end_time?.get().trim_matches('"'))
    }

    /// `next_page`, if it says anything.
    pub(super) fn next_page(&self) -> Option<NextPage> {
        let text = self.next_page.as_deref().filter(|text| !text.is_empty())?;
        Some(NextPage(text.parse().ok()))
    }
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
    pub(super) fn read(event: &'a RawValue) -> Stamp<'a> {
        #[derive(Deserialize, Default)]
        struct Fields<'a> {
            #[serde(default, borrow)]
            id: Option<&'a RawValue>,
            #[serde(default, borrow, alias = "start_time")]
            timestamp: Option<&'a RawValue>,
        }
        let fields: Fields<'a> = serde_json::from_str(event.get()).unwrap_or_default();
        let text = |value: &'a RawValue| -> Cow<'a, str> {
            serde_json::from_str::<String>(value.get()).map_or(value.get().into(), Cow::Owned)
        };
        let at = fields.timestamp.and_then(|at| Instant::parse(text(at).as_bytes()).ok());
        Stamp { id: fields.id.map(text), at: at.map(Instant::to_micros) }
    }
}
