//! `agentfold pull --names`: what agents and groups are called.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use agentfold::export::{Attempts, Refusal, RefusalCode, Reply};
use agentfold::names::{Names, Page};
use indicatif::{ProgressBar, ProgressStyle};
use ureq::http::uri::PathAndQuery;

use super::args::PullArgs;
use super::patience::Patience;
use super::replaced::replace;
use super::zendesk::Zendesk;
use crate::clock::now;
use crate::failure::Failure;
use crate::output::{counted, tell};

/// The paths of the lists and the queries of their first pages: agents and administrators, not end users.
const LISTS: [(&str, &str); 2] = [
    ("/api/v2/users.json", "role%5B%5D=agent&role%5B%5D=admin&page%5Bsize%5D=100"),
    ("/api/v2/groups.json", "page%5Bsize%5D=100"),
];

/// Pulls all names, and replaces the file by them.
pub(super) fn pull(args: &PullArgs, zendesk: &Zendesk, file: &Path) -> Result<(), Failure> {
    if fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
        let message = format!("{} is not a regular file: name a file to replace", file.display());
        return Err(Failure::WrongUse(message));
    }
    let style = ProgressStyle::with_template("{spinner} {msg}").expect("the template is right");
    let bar = ProgressBar::new_spinner().with_style(style);
    let mut names = Names::default();
    let lists = LISTS.into_iter().try_for_each(|(path, query)| {
        let patience = Patience::new(args, "no file was written");
        List { zendesk, path, patience, bar: &bar }.pull(query, &mut names)
    });
    bar.finish_and_clear();
    lists?;
    let mut text = serde_json::to_vec_pretty(&names).expect("INVARIANT: names are JSON");
    text.push(b'\n');
    replace(file, &text)?;
    tell(&format!("pulled the names of {}", counts(&names)));
    Ok(())
}

fn counts(names: &Names) -> String {
    let [agents, groups] = [&names.agents, &names.groups].map(|named| named.len() as u64);
    format!("{} and {}", counted(agents, "agent"), counted(groups, "group"))
}

/// A list in pages.
struct List<'a> {
    zendesk: &'a Zendesk,
    path: &'static str,
    patience: Patience,
    bar: &'a ProgressBar,
}

impl List<'_> {
    /// Adds the names of all pages.
    fn pull(mut self, query: &str, names: &mut Names) -> Result<(), Failure> {
        let mut next = Some(query.to_owned());
        let mut asked = HashSet::new();
        while let Some(query) = next {
            let page = self.page(&query)?;
            names.merge(page.names);
            if names.agents.len().max(names.groups.len()) > Names::MAX_ENTRIES {
                let most = Names::MAX_ENTRIES;
                return Err(self.wrong(&format!("there are more than {most} names")));
            }
            self.bar.set_message(counts(names));
            self.bar.tick();
            next = page.next.as_deref().map(|url| self.query_of(url)).transpose()?;
            asked.insert(query);
            if next.as_ref().is_some_and(|next| asked.contains(next)) {
                return Err(self.wrong("the next page is one that came before"));
            }
        }
        Ok(())
    }

    /// The query of the next page. The rest of its URL is not used: credentials are sent to one host alone.
    fn query_of(&self, url: &str) -> Result<String, Failure> {
        let query = url.split_once('?').map(|(_, query)| query);
        let query = query.filter(|query| format!("/?{query}").parse::<PathAndQuery>().is_ok());
        query.map(str::to_owned).ok_or_else(|| self.wrong("the next page has no query"))
    }

    /// Requests a page until it comes.
    fn page(&mut self, query: &str) -> Result<Page, Failure> {
        let mut attempts = Attempts::default();
        loop {
            let got = match self.zendesk.send(self.path, query, Names::MAX_BYTES) {
                Ok(got) => got,
                Err(lost) if lost.is_final => {
                    return Err(Failure::Problems(format!("no reply: {}", lost.why)));
                }
                Err(lost) => {
                    let pause = attempts.lost(fastrand::f64());
                    let why = format!("{} ({})", pause.reason, lost.why);
                    self.patience.wait(pause.length, &why, self.bar)?;
                    continue;
                }
            };
            let headers: Vec<(&str, &str)> =
                got.headers.iter().map(|(name, value)| (&**name, &**value)).collect();
            let reply = Reply {
                host: &self.zendesk.host,
                status: got.status,
                headers: &headers,
                body: &got.body,
            };
            match attempts.take(&reply, now(), fastrand::f64()) {
                Ok(None) => {
                    self.patience.renew();
                    return Page::parse(&got.body)
                        .map_err(|issues| self.wrong(&issues.to_string()));
                }
                Ok(Some(pause)) => {
                    let why = format!("{} (status {})", pause.reason, got.status);
                    self.patience.wait(pause.length, &why, self.bar)?;
                }
                Err(refusal) => return Err(Failure::Problems(of_names(refusal).to_string())),
            }
        }
    }

    fn wrong(&self, why: &str) -> Failure {
        Failure::Problems(format!("{}: {why}", self.path))
    }
}

/// A refusal in words about users and groups, where those about the export would mislead.
fn of_names(refusal: Refusal) -> Refusal {
    let message = match refusal.code {
        RefusalCode::BadRequest => {
            "zendesk refused the request for users or groups: check the host"
        }
        RefusalCode::Forbidden => {
            "the credentials lack permission to list users and groups: use an agent's or an \
             administrator's token with the scope to read them"
        }
        RefusalCode::NotFound => "the host has no users or groups: check the subdomain",
        RefusalCode::UnexpectedStatus => "zendesk does not use this status: check the host",
        RefusalCode::NotAPage => {
            "the body is not a page of users or groups: check the host and any proxies"
        }
        _ => refusal.message,
    };
    Refusal { message, ..refusal }
}
