use std::cell::Cell;

use agentfold::export::{self, Exported, Served};
use agentfold::history::Window;
use agentfold::report::Utc;
use agentfold_simulate::{Feed, Simulation};
use serde_json::Value as Json;

use super::*;
use crate::database::Database;
use crate::export::Exporter;
use crate::rows::tests::Kept;

/// A database with some days of an account's events, and a fold of all of them.
struct Stored {
    database: Database,
    whole: Fold,
    account: Id,
    today: i64,
    now: Instant,
    _folder: tempfile::TempDir,
}

impl Stored {
    /// Some events are late, and the last ones are not saved yet.
    fn new() -> Stored {
        let simulation = Simulation {
            agents: 3,
            hours: 8 * 24,
            seed: 7,
            drop: 0.02,
            duplicate: 0.05,
            shuffle: 3600,
            feed: Feed::Availability,
            ..Simulation::default()
        };
        let lines: Vec<String> = simulation.events().collect();
        let mut whole = Fold::new();
        for line in &lines {
            whole.read(line.as_bytes(), |bad| panic!("{bad:?}"));
        }
        let (_, last) = whole.first_and_last_event_at().expect("events");
        let (today, now) = (day_of(last), moved(last, 7 * MINUTE_NS));
        let account = whole.agents().next().expect("an agent").account_id;
        let folder = tempfile::tempdir().expect("a folder");
        let mut database = Database::create_or_open(&folder.path().join("agents.db")).expect("new");
        database
            .transaction(|connection| {
                let history = History::new(connection, account, today);
                let (mut late, mut days) = (Vec::new(), 0);
                for (i, line) in lines.iter().enumerate() {
                    let event = agentfold::Event::parse(line.as_bytes()).expect("an event");
                    if event.agent().is_none_or(|agent| agent.account_id != account) {
                        continue;
                    }
                    let at =
                        event.at(agentfold::event::InstantFrom::UpdatedAt).expect("an instant");
                    let day = at.map_or(today, day_of);
                    if i % 50 == 0 && day < today - 2 {
                        late.push((event.agent().expect("an agent"), day, line));
                        continue;
                    }
                    // What is from before yesterday is saved when yesterday begins to be the first day in memory.
                    if day > days && (1..today - 1).contains(&days) {
                        for agent in history.heard_of()? {
                            history.save(agent)?;
                        }
                        for agent in history.agents()? {
                            history.settle(agent, day - 1)?;
                        }
                    }
                    days = days.max(day);
                    history.keep(line.as_bytes(), event.agent())?;
                }
                for (agent, day, line) in late {
                    let mut alone = Fold::new();
                    alone.read(line.as_bytes(), |bad| panic!("{bad:?}"));
                    history.add_late(agent, day, alone, &[line.as_bytes()])?;
                }
                assert!(history.received()? > 0 && !history.stale()?.is_empty());
                Ok(())
            })
            .expect("stored");
        for agent in whole.agents().filter(|agent| agent.account_id != account).collect::<Vec<_>>()
        {
            whole.forget(agent);
        }
        Stored { database, whole, account, today, now, _folder: folder }
    }

    fn known(&self) -> Known<'_> {
        let since = self.today - 1;
        let mut live = self.whole.clone();
        live.compact(begin_of(since));
        let history = History::new(self.database.connection(), self.account, self.today);
        Known {
            account: self.account,
            live,
            since,
            history,
            names: Names::default(),
            now: self.now,
        }
    }

    fn answer(&self, question: Question, query: &str) -> Result<Json, Unanswered> {
        let path = match question {
            Question::State => "/accounts/{account}/state",
            Question::Floor => "/accounts/{account}/floor",
            Question::Intervals => "/accounts/{account}/intervals",
            Question::WorkItems => "/accounts/{account}/work_items",
            Question::Report => "/accounts/{account}/report",
            Question::Anomalies => "/accounts/{account}/anomalies",
            Question::Fold | Question::Folds => "/accounts/{account}/folds",
        };
        let asked = Asked::parse(path, query)?;
        let mut kept = Kept::default();
        ask(question, &self.known(), &asked, &mut kept)?;
        assert!(kept.turns > 0 || question == Question::State || question == Question::Floor);
        Ok(serde_json::from_slice(&kept.body).expect("JSON"))
    }

    fn answered(&self, question: Question, query: &str) -> Json {
        self.answer(question, query).unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// An instant some hours before now.
    fn ago(&self, hours: i128) -> Instant {
        moved(self.now, -hours * 60 * MINUTE_NS)
    }

    fn each<R: Serialize>(&self, of: impl Fn(Agent) -> Vec<R>) -> Json {
        json!(self.whole.agents().flat_map(of).collect::<Vec<R>>())
    }
}

#[test]
fn answers_equal_those_of_a_fold_of_all_events() {
    let stored = Stored::new();
    let whole = &stored.whole;
    assert_eq!(
        stored.answered(Question::State, ""),
        stored.each(|agent| whole.state(agent).into_iter().collect())
    );
    for hours in [1, 20, 30, 55, 100, 150] {
        let (at, from) = (stored.ago(hours), stored.ago(hours + 30));
        let states =
            stored.each(|agent| whole.state_at(agent, at).expect("no cut").into_iter().collect());
        assert_eq!(stored.answered(Question::State, &format!("at={at}")), states, "{at}");
        // As much history as a question about now has: versions missing before are forgotten.
        let mut lately = whole.clone();
        lately.compact(begin_of((day_of(at) - 1).min(stored.today - 1)));
        let floor = lately.floor(at, &Trust::default(), &Selection::all()).expect("no cut");
        assert!(!floor.is_empty());
        assert_eq!(stored.answered(Question::Floor, &format!("at={at}")), json!(floor), "{at}");
        let window = Window { from, to: at, as_of: stored.now };
        let query = format!("from={from}&to={at}");
        let intervals =
            stored.each(|agent| whole.intervals(agent, None, &window).expect("intervals"));
        assert_eq!(stored.answered(Question::Intervals, &query), intervals, "{query}");
        let items = stored.each(|agent| whole.work_items(agent, &window));
        assert_eq!(stored.answered(Question::WorkItems, &query), items, "{query}");
    }
    assert_eq!(stored.answered(Question::Anomalies, ""), json!(whole.anomalies()));
}

#[test]
fn reports_equal_those_of_a_fold_of_all_events() {
    let stored = Stored::new();
    for (hours, every) in [(20, "15m"), (100, "1h"), (190, "1d")] {
        let (from, to) = (stored.ago(hours), stored.ago(hours - 18));
        let buckets = Buckets::every(every.parse().expect("a length"), &Utc, from, to, stored.now)
            .expect("buckets");
        for by in ["agent", "channel", "account", "group", "group_split"] {
            let roll_up = border::read("by", json!(by)).expect("a roll-up");
            let rows = stored.whole.report(&buckets, roll_up, &Selection::all()).expect("few rows");
            let rows: Vec<Row> = rows.collect();
            assert!(!rows.is_empty());
            let query = format!("from={from}&to={to}&every={every}&by={by}");
            assert_eq!(stored.answered(Question::Report, &query), json!(rows), "{query}");
            let chats: Vec<_> = rows.iter().filter(|row| row.kind() == "unified_state").collect();
            let query = format!("{query}&row=unified_state");
            assert_eq!(stored.answered(Question::Report, &query), json!(chats), "{query}");
        }
    }
}

#[test]
fn saved_folds_have_the_history_since_an_instant() {
    let stored = Stored::new();
    let restored = |query: &str| {
        let mut fold = Fold::new();
        for row in stored.answered(Question::Folds, query).as_array().expect("rows") {
            let saved =
                BASE64_STANDARD.decode(row["fold"].as_str().expect("text")).expect("base64");
            fold.restore(&saved).expect("a fold");
        }
        fold
    };
    assert!(restored("").save() == stored.whole.save());
    let part = restored(&format!("from={}", stored.ago(2)));
    assert_eq!(part.agents().collect::<Vec<_>>(), stored.whole.agents().collect::<Vec<_>>());
    let mut kept = Kept::default();
    ask(Question::Fold, &stored.known(), &Asked::default(), &mut kept).expect("answered");
    let mut live = Fold::new();
    live.restore(&kept.body).expect("a fold");
    assert_eq!(live.cut(), Some(begin_of(stored.today - 1)));
    assert!(live.save() == stored.known().live.save());
}

#[test]
fn pages_of_the_export_are_those_of_a_fold_of_all_events() {
    let stored = Stored::new();
    let known = stored.known();
    for (channel, limit) in [("messaging", 7), ("support", 100), ("nothing", 10)] {
        let told = stored.whole.tell_chat(channel, stored.ago(300), stored.now);
        assert_eq!(told.is_empty(), channel == "nothing");
        let (mut exporter, mut query, pages) =
            (Exporter::default(), format!("limit={limit}"), Cell::new(0));
        loop {
            let mut kept = Kept::default();
            let page =
                exporter.page(&known, channel, &query, "https://a/b", &mut kept).expect("a page");
            let served = Served { url: "https://a/b", now: stored.now, end: None };
            let expected = export::answer(&query, told.iter().map(Exported::from), &served);
            assert_eq!(page, expected, "{channel} {query}");
            pages.set(pages.get() + 1);
            let page: Json = serde_json::from_str(&page.body).expect("JSON");
            match page["next_page"].as_str().expect("text").split_once('?') {
                Some((_, next)) => query = next.to_owned(),
                None => break,
            }
        }
        assert!(pages.get() > told.len() / limit, "{channel}");
    }
}

#[test]
fn questions_that_are_wrong_or_too_large_are_refused() {
    let stored = Stored::new();
    let year = "from=2025-02-01T00:00:00Z&to=2026-02-01T00:00:00Z";
    for (question, query, code, path) in [
        (Question::State, "at=yesterday", "bad_instant", "/at"),
        (Question::State, "agent=x", "bad_id", "/agent"),
        (Question::Report, "from=yesterday", "bad_instant", "/from"),
        (Question::Report, "every=1s", "bad_argument", "/every"),
        (Question::Report, "tz=Europe/Paname", "unknown_time_zone", "/tz"),
        (Question::Report, "agent=x", "bad_argument", "/selection/agents/0"),
        (Question::Report, &format!("{year}&every=1m"), "too_many_buckets", "/every"),
        (Question::Report, &format!("{year}&every=1h&by=account"), "too_many_rows", "/every"),
        (
            Question::Report,
            "to=2000-01-01T00:00:00Z&from=2000-01-02T00:00:00Z",
            "not_rising",
            "/to",
        ),
        (Question::Intervals, "track=nothing", "no_track", ""),
        (Question::Intervals, year, "window_too_long", "/from"),
        (Question::WorkItems, year, "window_too_long", "/from"),
        (Question::Folds, "from=x", "bad_instant", "/from"),
    ] {
        match stored.answer(question, query) {
            Err(Unanswered::Refused(failure)) => {
                assert_eq!((failure.code(), failure.path()), (code, path), "{query}");
            }
            other => panic!("{query}: {other:?}"),
        }
    }
}
