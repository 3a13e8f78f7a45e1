use std::time::Duration;

use agentfold::rest::Page;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::database::Database;
use crate::verify::verify;

const ACCOUNT: u64 = 2;

/// What may happen to a history.
#[derive(Debug, Clone)]
enum Step {
    /// An event of an agent arrives, of that many days ago.
    Deliver {
        agent: u64,
        ago: i64,
        second: i64,
        kind: usize,
        value: usize,
    },
    /// An event that arrived earlier arrives again.
    Repeat(usize),
    /// A REST record of an agent is read, which says since when it has its status.
    Seed {
        agent: u64,
        ago: i64,
        value: usize,
    },
    Save,
    /// The next day begins.
    Settle,
    Renew,
    /// History of more than that many days ago is removed.
    Forget(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let deliver = (7..9_u64, 0..12_i64, 0..5_i64, 0..5_usize, 0..3_usize);
    let step = prop_oneof![
        8 => deliver.prop_map(|(agent, ago, second, kind, value)| Step::Deliver {
            agent, ago: (ago - 4).max(0), second, kind, value
        }),
        1 => any::<usize>().prop_map(Step::Repeat),
        1 => (7..9_u64, 0..12_i64, 0..3_usize)
            .prop_map(|(agent, ago, value)| Step::Seed { agent, ago, value }),
        2 => Just(Step::Save),
        3 => Just(Step::Settle),
        1 => Just(Step::Renew),
        1 => (2..9_i64).prop_map(Step::Forget),
    ];
    prop::collection::vec(step, 1..60)
}

/// An event; its number is its id and its version.
fn event(agent: u64, day: i64, second: i64, kind: usize, value: usize, number: usize) -> Vec<u8> {
    let at = Instant::from_unix(day * DAY_SECONDS + second, 0).expect("in range");
    let value = ["online", "away", "offline"][value];
    let (kind, data) = match kind {
        0 => ("state_changed", format!(r#""channel": "support", "new_state": "{value}""#)),
        1 => (
            "work_item_added",
            format!(r#""channel": "support", "work_item_id": "{value}", "reason": "ASSIGNED""#),
        ),
        2 => (
            "work_item_removed",
            format!(r#""channel": "support", "work_item_id": "{value}", "reason": "ENDED""#),
        ),
        3 => ("mood_changed", String::from(r#""mood": 1"#)),
        _ => {
            return format!(
                r#"{{"account_id": {ACCOUNT}, "agent_id": {agent}, "field_name": "status", "id": "{number}",
                    "timestamp": "{at}", "value": "{value}"}}"#
            )
            .into_bytes();
        }
    };
    format!(
        r#"{{"account_id": {ACCOUNT}, "detail": {{"agent_id": "{agent}", "version": "{number}"}}, "id": "{number}",
            "event": {{"updated_at": "{at}", {data}}}, "type": "zen:event-type:agent.{kind}"}}"#
    )
    .into_bytes()
}

/// A page with a REST record of an agent: since when it has a status, and which items are open on a channel.
fn record(agent: u64, day: i64, value: usize, version: u64) -> Page {
    let at = begin_of(day).saturating_add(Duration::from_secs(3)).to_string();
    let name = ["online", "away", "offline"][value];
    let id = format!("agent_availabilities|{agent}");
    let channel = format!("{id}|channels|support");
    let items = ["online", "away"].map(|item| format!("{channel}|work_items|{item}"));
    let listed: Vec<_> =
        items[..value].iter().map(|id| json!({"type": "work_items", "id": id})).collect();
    let page = json!({
        "data": [{
            "type": "agent_availabilities", "id": id,
            "attributes": {"agent_id": agent, "version": version,
                "agent_status": {"id": value, "name": name, "updated_at": at}},
            "relationships": {"channels": {"data": [{"type": "channels", "id": channel}]}},
        }],
        "included": [
            {
                "type": "channels", "id": channel,
                "attributes": {"name": "support", "status": name, "updated_at": at, "work_item_count": value},
                "relationships": {"work_items": {"data": listed, "meta": {"has_more": false}}},
            },
            {"type": "work_items", "id": items[0], "attributes": {"added_at": at, "reason": "ASSIGNED"}},
            {"type": "work_items", "id": items[1], "attributes": {"reason": "OFFERED"}},
        ],
    });
    Page::parse(page.to_string().as_bytes()).expect("a page")
}

/// A history as the server keeps it, and the fold of all its events.
struct Model {
    today: i64,
    /// The first day in memory. Events of before it are late.
    since: i64,
    cut: i64,
    whole: Fold,
    records: u64,
    events: Vec<(u64, Vec<u8>)>,
}

impl Model {
    fn step(&mut self, connection: &Connection, step: &Step) -> Result<(), StoreError> {
        let history = History::new(connection, ACCOUNT.into(), self.today);
        match *step {
            Step::Deliver { agent, ago, second, kind, value } => {
                let bytes =
                    event(agent, self.today - ago, second, kind, value, self.events.len() + 1);
                self.events.push((agent, bytes.clone()));
                self.deliver(&history, agent, &bytes)?;
            }
            Step::Repeat(index) => {
                if let Some((agent, bytes)) =
                    self.events.get(index % self.events.len().max(1)).cloned()
                {
                    self.deliver(&history, agent, &bytes)?;
                }
            }
            Step::Seed { agent, ago, value } => {
                self.records += 1;
                let record = record(agent, self.today - ago, value, self.records);
                let mut alone = Fold::new();
                let at = begin_of(self.today).saturating_add(Duration::from_secs(9));
                alone.seed(ACCOUNT, &record, at);
                if let Some(cut) = history.cut()? {
                    alone.compact(begin_of(cut));
                }
                self.whole.merge_agents(&alone, &[Agent::new(ACCOUNT, agent)])?;
                let first =
                    alone.first_and_last_event_at().map_or(self.today, |(first, _)| day_of(first));
                history.add(Agent::new(ACCOUNT, agent), first.max(self.cut), alone)?;
            }
            Step::Save => {
                for agent in history.heard_of()? {
                    history.save(agent)?;
                }
            }
            Step::Settle => {
                self.today += 1;
                self.since = self.today - 1;
                for agent in history.agents()? {
                    History::new(connection, ACCOUNT.into(), self.today)
                        .settle(agent, self.since)?;
                }
            }
            Step::Renew => {
                for (agent, day) in history.stale()? {
                    history.renew(agent, day)?;
                }
            }
            Step::Forget(days) => {
                self.cut = self.cut.max(self.today - days);
                history.set_cut(self.cut)?;
                for agent in history.agents()? {
                    history.forget(agent, self.cut)?;
                }
                self.whole.compact(begin_of(self.cut));
            }
        }
        Ok(())
    }

    fn deliver(
        &mut self,
        history: &History<'_>,
        agent: u64,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let outcome = insert(&mut self.whole, bytes, begin_of(self.cut))?;
        let (agent, day) = (Agent::new(ACCOUNT, agent), at(&parsed(bytes)?)?.map(day_of));
        match day {
            Some(day) if self.cut <= day && day < self.since => {
                if outcome != Outcome::Duplicate {
                    let mut alone = Fold::new();
                    alone.insert(&parsed(bytes)?);
                    history.add_late(agent, day, alone, &[bytes])?;
                }
            }
            _ => {
                history.keep(bytes, Some(agent))?;
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn what_is_loaded_from_any_day_is_the_fold_of_all_events_compacted_there(steps in steps()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.db");
        let mut database = Database::create_or_open(&path).expect("created");
        // Durable or not is nothing that this test could tell.
        database.connection().execute_batch("PRAGMA synchronous = OFF").expect("set");
        let mut model = Model { today: 20, since: 19, cut: 0, whole: Fold::new(), records: 1000, events: Vec::new() };
        for step in &steps {
            database.transaction(|connection| model.step(connection, step)).expect("stored");
        }
        let history = History::new(database.connection(), ACCOUNT.into(), model.today);
        for agent in history.agents().expect("read") {
            for from in (0..=model.today).chain([i64::MAX]) {
                let mut loaded = Fold::new();
                history.load(agent, from, None, &mut loaded).expect("loaded");
                let mut whole = model.whole.clone();
                let cut = if from == i64::MAX {
                    loaded.cut_of(agent).unwrap_or(Instant::MIN)
                } else {
                    begin_of(from.max(model.cut))
                };
                for fold in [&mut loaded, &mut whole] {
                    fold.compact(cut);
                }
                prop_assert_eq!(loaded.save_agent(agent), whole.save_agent(agent), "agent {} from {}", agent, from);
            }
        }
        let verified = verify(&path).expect("verified");
        prop_assert_eq!(&verified.differing, &[], "{:?}", verified);
    }
}
