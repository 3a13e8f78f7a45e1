//! [`compare`]: compares an account's agents with Zendesk's record, and takes it in where they differ.

use std::collections::BTreeSet;
use std::io;

use agentfold::rest::{Difference, Page};
use agentfold::{Agent, Fold, Id, Instant};
use serde::Serialize;

use crate::clock::now;
use crate::credentials::Credentials;
use crate::database::StoreError;
use crate::history::{History, begin_of, day_of, today};
use crate::live::Live;
use crate::outgoing::on_thread;
use crate::server::Server;
use crate::zendesk::{NoAnswer, Zendesk};

/// How many differences are kept.
const DIFFERENCES: usize = 1000;
/// How many agents are changed in one transaction. Deliveries wait meanwhile.
const AGENTS: usize = 10;
/// For how long Zendesk is not asked again after it failed, and for how long after any comparison, in seconds.
const HOUR: i64 = 3600;
const MINUTE: i64 = 60;

/// How the agents differed from Zendesk's record, when it was read last.
#[derive(Debug, Serialize)]
struct Drift {
    checked_at: Instant,
    /// How many agents the record has.
    agents: usize,
    /// The differences, or the first of them.
    differences: Vec<Difference>,
    /// How many differences there were.
    count: usize,
}

/// Why there is no comparison.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCompared {
    #[error(transparent)]
    Zendesk(#[from] NoAnswer),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the system gives no thread: {0}")]
    Thread(#[from] io::Error),
}

/// Whether a comparison is due: once a day, and again an hour after it failed.
pub(crate) fn is_due(history: &History<'_>) -> Result<bool, StoreError> {
    let is_done = history.meta::<i64>("compared")?.is_some_and(|day| day >= today());
    Ok(!is_done && !was_tried(history, HOUR)?)
}

/// Whether a comparison was begun within the last minute.
pub(crate) fn was_just_now(history: &History<'_>) -> Result<bool, StoreError> {
    was_tried(history, MINUTE)
}

/// An instant in the future says nothing: the clock was wrong.
fn was_tried(history: &History<'_>, within: i64) -> Result<bool, StoreError> {
    let tried: Option<i64> = history.meta("tried")?;
    Ok(tried.is_some_and(|tried| (0..within).contains(&(now().unix_seconds() - tried))))
}

/// Compares, and returns the drift as JSON, as it is stored. Asks for names, too.
///
/// Of agents that differ, the record is taken in: it has agents of which nothing was heard, and events that were lost.
pub(crate) async fn compare(
    server: &Server,
    account: Id,
    credentials: &Credentials,
) -> Result<String, NotCompared> {
    let checked_at = now();
    let writer = &server.writer;
    let tried = checked_at.unix_seconds();
    writer.change(account, move |history, _| history.set("tried", tried)).await?;
    let zendesk = Zendesk::new(credentials);
    let mut drift = Drift { checked_at, agents: 0, differences: Vec::new(), count: 0 };
    let mut pages = zendesk.record();
    loop {
        let (back, page) = on_thread(move || {
            let page = pages.next();
            (pages, page)
        })
        .await?;
        pages = back;
        let Some(page) = page? else { break };
        // Known after the page was read: what it says may have been delivered meanwhile.
        let live = writer.fold(account).await?;
        let compared = on_thread(move || Compared::read(&page, &live, account, checked_at));
        let Compared { agents, mut differences, mut records } = compared.await??;
        drift.agents += agents;
        drift.count += differences.len();
        differences.truncate(DIFFERENCES - drift.differences.len());
        drift.differences.append(&mut differences);
        while !records.is_empty() {
            let some: Vec<_> = records.drain(..records.len().min(AGENTS)).collect();
            let seeded = move |history: &History<'_>, live: &mut Live| {
                some.into_iter().try_for_each(|(agent, record)| seed(history, live, agent, record))
            };
            writer.change(account, seeded).await?;
        }
    }
    let text = serde_json::to_string(&drift).unwrap_or_default();
    let stored = text.clone();
    let finished = move |history: &History<'_>, _: &mut Live| {
        history.set("drift", stored)?;
        history.set("compared", history.today())
    };
    writer.change(account, finished).await?;
    if drift.count > 0 {
        // Nothing else tells of what is no event.
        writer.shared().feed(account).publish_missed();
    }
    let (agents, differences) = (drift.agents, drift.count);
    tracing::info!(%account, agents, differences, "compared the agents with zendesk's record");
    if let Err(error) = read_names(server, account, zendesk).await {
        tracing::error!(%account, "the names are not read: {error}");
    }
    Ok(text)
}

async fn read_names(server: &Server, account: Id, zendesk: Zendesk) -> Result<(), NotCompared> {
    let names = on_thread(move || zendesk.names()).await??;
    let (agents, groups) = (names.agents.len(), names.groups.len());
    let text = serde_json::to_string(&names).unwrap_or_default();
    server.writer.change(account, move |history, _| history.set("names", text)).await?;
    tracing::info!(%account, agents, groups, "read the names");
    Ok(())
}

/// A page of the record, and how the agents differ from it.
struct Compared {
    agents: usize,
    differences: Vec<Difference>,
    /// What it says of each agent that differs.
    records: Vec<(Agent, Fold)>,
}

impl Compared {
    fn read(bytes: &[u8], live: &Fold, account: Id, at: Instant) -> Result<Compared, NotCompared> {
        let page = Page::parse(bytes).map_err(|issues| NoAnswer::of_record(&issues))?;
        let differences = live.reconcile(account, &page);
        let differing: BTreeSet<Agent> = differences.iter().map(|it| it.agent).collect();
        let mut record = Fold::new();
        record.seed(account, &page, at);
        let agents = record.len();
        let differing = record.agents().filter(|agent| differing.contains(agent));
        let records: Vec<Agent> = differing.collect();
        let records = records.into_iter().map(|agent| (agent, record.snapshot_of(agent)));
        Ok(Compared { agents, differences, records: records.collect() })
    }
}

/// Stores what the record says of an agent.
fn seed(
    history: &History<'_>,
    live: &mut Live,
    agent: Agent,
    mut record: Fold,
) -> Result<(), StoreError> {
    let cut = history.cut()?;
    if let Some(cut) = cut {
        record.compact(begin_of(cut));
    }
    let first = record.first_and_last_event_at().map_or(history.today(), |(at, _)| day_of(at));
    history.add(agent, first.max(cut.unwrap_or(i64::MIN)), record)?;
    live.reread(history, agent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database;

    #[test]
    fn zendesk_is_asked_once_a_day_and_again_an_hour_after_it_failed() {
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::create_or_open(&folder.path().join("a.db")).expect("created");
        let history = History::new(database.connection(), Id::new(2), today());
        let found = || {
            let due = is_due(&history).expect("read");
            (due, was_just_now(&history).expect("read"))
        };
        assert_eq!(found(), (true, false));
        for (ago, expected) in [
            (10, (false, true)),
            (100, (false, false)),
            (3700, (true, false)),
            // The clock was wrong.
            (-100, (true, false)),
        ] {
            history.set("tried", now().unix_seconds() - ago).expect("stored");
            assert_eq!(found(), expected, "{ago}");
        }
        history.set("compared", today() - 1).expect("stored");
        assert_eq!(found(), (true, false));
        history.set("compared", today()).expect("stored");
        assert_eq!(found(), (false, false));
    }
}
