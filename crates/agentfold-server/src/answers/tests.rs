use std::cell::Cell;

use agentfold::export::{self, Exported, Served};
use agentfold::history::Window;
use agentfold::report::Utc;
use agentfold_simulate::{Feed, Simulation};
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt64Type};
use arrow_array::{Array, RecordBatch, StructArray};
use arrow_ipc::reader::StreamReader;
use arrow_schema::DataType;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::database::Database;
use crate::export::Exporter;
use crate::openapi;
use crate::routes::{ROUTES, Serves};
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
        let names = Arc::new(self.names());
        Known { account: self.account, live, since, history, names, now: self.now }
    }

    /// The name of one agent.
    fn names(&self) -> Names {
        let agent = self.whole.agents().next().expect("an agent").agent_id;
        let names = json!({ "agents": { agent.to_string(): "Ann" } });
        Names::parse(names.to_string().as_bytes()).expect("names")
    }

    fn answer(&self, question: Question, query: &str) -> Result<Json, Unanswered> {
        let mut kept = Kept::default();
        self.write(question, query, &mut kept)?;
        Ok(serde_json::from_slice(&kept.body).expect("JSON"))
    }

    fn write(&self, question: Question, query: &str, kept: &mut Kept) -> Result<(), Unanswered> {
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
        ask(question, &self.known(), &asked, kept)?;
        assert!(kept.turns > 0 || question == Question::State || question == Question::Floor);
        Ok(())
    }

    /// The answer as an Arrow stream, and its batches.
    fn streamed(&self, question: Question, query: &str) -> (Kept, Vec<RecordBatch>) {
        let mut kept = Kept::default();
        let query = format!("{query}&format=arrow");
        self.write(question, &query, &mut kept).unwrap_or_else(|error| panic!("{query}: {error}"));
        let batches = reader(&kept.body).collect::<Result<_, _>>().expect("batches");
        (kept, batches)
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

#[test]
fn an_arrow_stream_has_the_rows_of_json() {
    let stored = Stored::new();
    let day = format!("from={}&to={}", stored.ago(48), stored.ago(24));
    for (question, query) in [
        (Question::State, String::new()),
        (Question::Floor, format!("at={}", stored.ago(30))),
        (Question::Intervals, day.clone()),
        (Question::WorkItems, day.clone()),
        (Question::Report, day.clone()),
        (Question::Report, format!("{day}&by=group")),
        (Question::Report, format!("{day}&row=channel")),
        (Question::Report, format!("{day}&row=unified_state&by=account")),
        (Question::Anomalies, String::new()),
        (Question::Folds, String::new()),
    ] {
        let json = stored.answered(question, &query);
        let rows = json.as_array().expect("rows").iter();
        let rows = rows.flat_map(|row| match question {
            Question::State => of_channels(row),
            _ => vec![row.clone()],
        });
        let (_, batches) = stored.streamed(question, &query);
        let columns = batches.first().expect("rows").schema().fields().clone();
        let of_rows = DataType::Struct(columns.clone());
        let expected: Vec<Json> = rows
            .map(|mut row| {
                let id = row["agent_id"].as_str().and_then(|id| id.parse::<Id>().ok());
                if let Some(name) = id.and_then(|id| stored.names().agent(id).map(str::to_owned)) {
                    row["agent_name"] = json!(name);
                }
                in_columns(&row, &of_rows)
            })
            .collect();
        let found: Vec<Json> = batches.into_iter().flat_map(rows_of).collect();
        assert!(!found.is_empty());
        assert!(found == expected, "{query}: {} is not {}", found[0], expected[0]);
        // Rows of some kind have the columns of this kind.
        let has_times = question == Question::Report && !query.contains("unified_state");
        assert_eq!(columns.find("handle_time").is_some(), has_times);
    }
}

#[test]
fn an_arrow_stream_without_rows_has_columns() {
    let stored = Stored::new();
    for question in [Question::State, Question::Intervals, Question::WorkItems] {
        let (kept, batches) = stored.streamed(question, "agent=1");
        assert_eq!(batches, []);
        assert!(reader(&kept.body).schema().column_with_name("agent_name").is_some());
    }
}

#[test]
fn a_long_arrow_stream_has_many_batches_and_a_mark_at_its_end() {
    let stored = Stored::new();
    let query = format!("from={}&to={}&every=1m", stored.ago(72), stored.ago(48));
    let rows = stored.answered(Question::Report, &query).as_array().expect("rows").len();
    let (whole, batches) = stored.streamed(Question::Report, &query);
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), rows);
    assert!(batches.len() > 4, "{} batches of {rows} rows", batches.len());
    assert!(whole.longest_part < whole.body.len() / batches.len());

    let mut part = Kept { leaves_after: Some(whole.turns / 2), ..Kept::default() };
    let left = stored.write(Question::Report, &format!("{query}&format=arrow"), &mut part);
    assert!(matches!(left, Err(Unanswered::Stopped(_))), "{left:?}");
    assert!(whole.body.starts_with(&part.body) && part.body.len() > whole.body.len() / 4);
    let end = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
    assert!(whole.body.ends_with(&end) && !part.body.ends_with(&end));
}

fn reader(stream: &[u8]) -> StreamReader<&[u8]> {
    StreamReader::try_new(stream, None).expect("a stream")
}

/// A state as rows, one for each channel.
fn of_channels(state: &Json) -> Vec<Json> {
    let mut agent = state.as_object().expect("a state").clone();
    let channels = agent.remove("channels").expect("channels");
    let row = |(name, channel): (&String, &Json)| {
        let mut row = agent.clone();
        row.insert("channel".to_owned(), json!(name));
        row.extend(channel.as_object().expect("a channel").clone());
        Json::Object(row)
    };
    channels.as_object().expect("channels").iter().map(row).collect()
}

/// A value as a column of a type has it: what is missing is null, and what is not text is JSON in a column of text.
fn in_columns(value: &Json, of: &DataType) -> Json {
    match (of, value) {
        (_, Json::Null) => Json::Null,
        (DataType::Struct(fields), Json::Object(parts)) => {
            assert!(parts.keys().all(|name| fields.find(name).is_some()), "{parts:?}");
            let named = |name: &String| value.get(name).unwrap_or(&Json::Null);
            let parts = fields.iter().map(|field| {
                (field.name().clone(), in_columns(named(field.name()), field.data_type()))
            });
            Json::Object(parts.collect())
        }
        (DataType::List(field), Json::Array(items)) => {
            items.iter().map(|item| in_columns(item, field.data_type())).collect()
        }
        (DataType::Dictionary(..), value) if !value.is_string() => json!(value.to_string()),
        _ => value.clone(),
    }
}

fn rows_of(batch: RecordBatch) -> Vec<Json> {
    let rows = StructArray::from(batch);
    (0..rows.len()).map(|row| in_json(&rows, row)).collect()
}

/// A value of a column as in JSON.
fn in_json(column: &dyn Array, row: usize) -> Json {
    if column.is_null(row) {
        return Json::Null;
    }
    match column.data_type() {
        DataType::Utf8 => json!(column.as_string::<i32>().value(row)),
        DataType::Dictionary(..) => {
            let words = column.as_dictionary::<Int32Type>();
            in_json(words.values(), words.key(row).expect("it is not null"))
        }
        DataType::Boolean => json!(column.as_boolean().value(row)),
        DataType::UInt64 => json!(column.as_primitive::<UInt64Type>().value(row)),
        DataType::Int64 => json!(column.as_primitive::<Int64Type>().value(row)),
        DataType::Float64 => json!(column.as_primitive::<Float64Type>().value(row)),
        DataType::Timestamp(..) => {
            let ns = column.as_primitive::<TimestampNanosecondType>().value(row);
            json!(Instant::from_unix_nanos(ns.into()))
        }
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            (0..items.len()).map(|item| in_json(&items, item)).collect()
        }
        DataType::Struct(fields) => {
            let parts = column.as_struct().columns().iter().map(|part| in_json(part, row));
            let names = fields.iter().map(|field| field.name().clone());
            Json::Object(names.zip(parts).collect())
        }
        other => panic!("a column of {other}"),
    }
}

/// Values of a parameter, good and bad.
fn values(words: &[&'static str]) -> BoxedStrategy<String> {
    let instants = (-30_i64..10, 0_i64..86_400).prop_map(|(day, second)| {
        let at = STORED.with(|stored| begin_of(stored.today + day));
        moved(at, i128::from(second) * 1_000_000_000).to_string()
    });
    let texts = [
        "",
        "0",
        "7",
        "-1",
        "1m",
        "15m",
        "1d",
        "1e9",
        "true",
        "UTC",
        "Asia/Kathmandu",
        "agent",
        "csv",
        "arrow",
        "support",
        "state[support]",
        "work_item[1]",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "18446744073709551615",
        "99999999999999999999",
    ];
    let mut all = vec![instants.boxed(), any::<String>().boxed()];
    all.push(prop::sample::select(texts.map(str::to_owned).to_vec()).boxed());
    if !words.is_empty() {
        let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
        all.push(prop::sample::select(words).boxed());
    }
    prop::strategy::Union::new(all).boxed()
}

/// A question with some of its parameters.
fn questions() -> impl Strategy<Value = (Question, &'static str, Vec<(String, String)>)> {
    let asked: Vec<(Question, &str)> = ROUTES
        .iter()
        .filter_map(|route| match route.serves {
            Serves::Answer(question) => Some((question, route.path)),
            _ => None,
        })
        .collect();
    prop::sample::select(asked).prop_flat_map(|(question, path)| {
        let known = openapi::parameters(path).into_iter().map(|parameter| {
            let name = Just(parameter.name.to_owned());
            prop::option::weighted(0.4, (name, values(&parameter.words)))
        });
        let known: Vec<_> = known.collect();
        let other = prop::option::weighted(0.05, any::<(String, String)>());
        (known, other).prop_map(move |(known, other)| {
            (question, path, known.into_iter().chain([other]).flatten().collect())
        })
    })
}

thread_local! {
    static STORED: Stored = Stored::new();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn any_query_is_answered_or_refused((question, path, parameters) in questions()) {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&parameters).finish();
        let answered = Asked::parse(path, &query).map_err(Unanswered::from).and_then(|asked| {
            let mut kept = Kept::default();
            STORED.with(|stored| ask(question, &stored.known(), &asked, &mut kept))
        });
        match answered {
            Ok(()) => {}
            Err(Unanswered::Refused(failure)) => {
                prop_assert!(!failure.code().is_empty() && !failure.message().is_empty(), "{query}");
            }
            Err(error) => prop_assert!(false, "{query}: {error}"),
        }
    }
}
