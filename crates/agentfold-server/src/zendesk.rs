//! [`Zendesk`]: Zendesk's REST API, asked with an account's credentials.

use std::io::Read;
use std::time::Duration;

use agentfold::Issues;
use agentfold::names::Names;
use serde::Deserialize;
use ureq::Agent;

use crate::credentials::{Credentials, Hidden};
use crate::outgoing::client;

/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// The largest page of a list, in bytes, unpacked.
const PAGE_BYTES: usize = 32_000_000;
/// How many pages of a list are read at most.
const PAGES: usize = 1000;

const RECORD: &str = "/api/v2/agent_availabilities?include=channels&page%5Bsize%5D=100";
const USERS: &str = "/api/v2/users.json?role%5B%5D=agent&role%5B%5D=admin&page%5Bsize%5D=100";
const GROUPS: &str = "/api/v2/groups.json?page%5Bsize%5D=100";

/// An account's host, and the proof that it is shown. All of its functions wait for answers.
#[derive(Debug, Clone)]
pub(crate) struct Zendesk {
    agent: Agent,
    origin: String,
    authorization: Hidden,
}

/// Why Zendesk gave no answer that can be used. It has nothing of the credentials or of the answer.
#[derive(Debug, thiserror::Error)]
#[error("zendesk was asked for {path}: {why}")]
pub(crate) struct NoAnswer {
    path: String,
    why: String,
}

impl NoAnswer {
    /// Because a page of the record can't be read.
    pub(crate) fn of_record(issues: &Issues) -> NoAnswer {
        failed(RECORD, issues.to_string())
    }
}

/// An answer of any status.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Unpacked, and one byte longer than it may be if it is longer than that.
    pub(crate) body: Vec<u8>,
}

impl Zendesk {
    pub(crate) fn new(credentials: &Credentials) -> Zendesk {
        let origin = credentials.origin();
        let agent = client(&origin, ANSWER);
        Zendesk { agent, origin, authorization: credentials.authorization() }
    }

    /// The host, with its port if it is not the default one.
    pub(crate) fn host(&self) -> &str {
        self.origin.split_once("://").map_or("", |(_, host)| host)
    }

    /// The pages of the record of all agents' availability.
    pub(crate) fn record(&self) -> Pages {
        self.pages(RECORD)
    }

    /// The names of agents and groups.
    pub(crate) fn names(&self) -> Result<Names, NoAnswer> {
        let mut names = Names::default();
        for path in [USERS, GROUPS] {
            let mut pages = self.pages(path);
            while let Some(page) = pages.next()? {
                let page = Names::parse(&page);
                names.merge(page.map_err(|issues| failed(path, issues.to_string()))?);
            }
        }
        Ok(names)
    }

    fn pages(&self, path: &'static str) -> Pages {
        Pages { zendesk: self.clone(), next: Some(path.to_owned()), count: 0 }
    }

    /// Asks for a path with its query.
    pub(crate) fn get(&self, path: &str, max_bytes: usize) -> Result<Got, NoAnswer> {
        let call = self
            .agent
            .get(format!("{}{path}", self.origin))
            .header("authorization", self.authorization.reveal())
            .header("accept", "application/json");
        let mut response = call.call().map_err(|error| failed(path, error.to_string()))?;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        let headers = headers.collect();
        let status = response.status().as_u16();
        // The reader unpacks, so this counts unpacked bytes.
        let reader = response.body_mut().with_config().limit(u64::MAX).reader();
        let mut body = Vec::new();
        let read = reader.take(max_bytes as u64 + 1).read_to_end(&mut body);
        read.map_err(|error| failed(path, error.to_string()))?;
        tracing::debug!(path = without_query(path), status, bytes = body.len(), "asked zendesk");
        Ok(Got { status, headers, body })
    }
}

/// The pages of a list.
#[derive(Debug)]
pub(crate) struct Pages {
    zendesk: Zendesk,
    /// The path and the query of the next page.
    next: Option<String>,
    count: usize,
}

impl Pages {
    /// Asks for the next page; `None` after the last one.
    pub(crate) fn next(&mut self) -> Result<Option<Vec<u8>>, NoAnswer> {
        let Some(path) = self.next.take() else { return Ok(None) };
        let wrong = |why: &str| failed(&path, why.to_owned());
        if self.count == PAGES {
            return Err(wrong("the list has too many pages"));
        }
        self.count += 1;
        let Got { status, body, .. } = self.zendesk.get(&path, PAGE_BYTES)?;
        if status != 200 {
            return Err(wrong(&format!("the answer has the status {status}")));
        }
        if body.len() > PAGE_BYTES {
            return Err(wrong("the page is too large"));
        }
        let linked: Linked = serde_json::from_slice(&body).map_err(|_| wrong("not a page"))?;
        if let Some(url) = linked.next() {
            let rest = url.strip_prefix(&self.zendesk.origin).filter(|rest| rest.starts_with('/'));
            let rest = rest.ok_or_else(|| wrong("the next page is on another host"))?;
            self.next = Some(rest.to_owned());
        }
        Ok(Some(body))
    }
}

/// Where a page's next one is.
#[derive(Deserialize)]
struct Linked {
    links: Option<Links>,
    meta: Option<Meta>,
    next_page: Option<String>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<String>,
}

#[derive(Deserialize)]
struct Meta {
    has_more: Option<bool>,
}

impl Linked {
    fn next(self) -> Option<String> {
        // The last page may have a link, too.
        let is_last = self.meta.is_some_and(|meta| meta.has_more == Some(false));
        let link = self.links.and_then(|links| links.next).or(self.next_page);
        link.filter(|_| !is_last)
    }
}

fn failed(path: &str, why: String) -> NoAnswer {
    NoAnswer { path: without_query(path).to_owned(), why }
}

fn without_query(path: &str) -> &str {
    path.split('?').next().unwrap_or_default()
}
