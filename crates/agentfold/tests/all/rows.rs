//! Which rows a report has, and how many at most.

use agentfold::history::Basis;
use agentfold::report::{
    Buckets, ExceptionKind, Placed, ReportSums, RollUp, Row, Scheduled, StoredRow, corrections,
};
use agentfold::{Agent, Fold, Instant, Selection};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::adversary::{at, events, streams};

/// An instant of the hour in which the events of `floor` are.
fn minute(minute: i64) -> Instant {
    Instant::from_unix(1_767_603_600 + minute * 60, 0).expect("in range")
}

fn read(fold: &mut Fold, event: &Value) {
    fold.read(event.to_string().as_bytes(), |bad| panic!("{bad:?}"));
}

/// The fold of some events.
fn fold(events: &[Value]) -> Fold {
    let mut fold = Fold::new();
    events.iter().for_each(|event| read(&mut fold, event));
    fold
}

/// An event of agent 7 that came from one unified state into another.
fn unified(at: i64, previous: Option<Value>, new: Value) -> Value {
    of_agent(
        7,
        "unified_state_changed",
        at,
        json!({ "previous_unified_state": previous, "new_unified_state": new }),
    )
}

/// An event of an agent of account 2.
fn of_agent(agent: u64, kind: &str, at: i64, mut event: Value) -> Value {
    event["updated_at"] = json!(minute(at));
    json!({
        "account_id": 2, "detail": { "agent_id": agent }, "id": format!("{agent} {kind} {at}"),
        "type": format!("zen:event-type:agent.{kind}"), "event": event,
    })
}

/// An event of agent 7 in Chat's export.
fn chat(field: &str, at: i64, value: Value) -> Value {
    json!({
        "account_id": 2, "agent_id": 7, "field_name": field, "id": "c", "timestamp": minute(at), "value": value,
    })
}

/// Two buckets, of half an hour each.
fn halves() -> Buckets {
    Buckets::new(vec![minute(0), minute(30), minute(60)], minute(60)).expect("rising")
}

/// Two agents of account 2 and one of account 3. Agent 7 has two channels and four unified states, agent 8
/// one channel and one unified state, and agent 9 a chat.
fn floor() -> Fold {
    let named = |id: &str| json!({ "id": id, "name": id });
    let state = |channel: &str| json!({ "channel": channel, "previous_state": "offline", "new_state": "online" });
    let told = [
        unified(0, Some(named("40")), named("41")),
        unified(20, Some(named("41")), named("42")),
        unified(40, None, named("43")),
        of_agent(7, "state_changed", 5, state("support")),
        of_agent(7, "state_changed", 10, state("talk")),
        of_agent(8, "unified_state_changed", 30, json!({ "new_unified_state": named("41") })),
        of_agent(8, "state_changed", 50, state("talk")),
        json!({
            "account_id": 3, "agent_id": 9, "field_name": "status", "id": "c", "timestamp": minute(0), "value": "away",
        }),
    ];
    fold(&told)
}

#[test]
fn the_error_of_too_many_rows_tells_how_many_there_are_at_most() {
    let fold = floor();
    let most = |from: i64, until: i64, step: usize, by: RollUp, selection: &Selection| {
        let ends = (from..=60).step_by(step).map(minute).collect();
        let buckets = Buckets::new(ends, minute(until)).expect("rising").with_row_limit(0);
        let error = fold.report(&buckets, by, selection).err().expect("no row is allowed");
        let text = error.to_string();
        let words = text.split_whitespace().collect::<Vec<_>>();
        let place = words.iter().position(|word| *word == "rows,").expect("a number of rows");
        words[place - 1].parse::<u64>().expect("a number")
    };
    let all = Selection::all();
    let of = |account: u64| Selection::all().account(account);
    // Four buckets. Two channels; two states at least in each bucket and one more for each of two changes in the
    // window; one chat.
    let seven = Selection::all().agent(Agent::new(2, 7));
    assert_eq!(most(0, 60, 15, RollUp::Agent, &seven), 4 * 2 + (4 + 2 + 3) + 4);
    // A change before the window is none in it.
    assert_eq!(most(10, 60, 25, RollUp::Agent, &seven), 2 * 2 + (2 + 2 + 2) + 2);
    // By then, only one channel was named, and the later changes are not known.
    assert_eq!(most(0, 6, 3, RollUp::Agent, &seven), 2 + (2 + 2 + 1) + 2);
    // Two states were told of it, and there is the unknown one.
    assert_eq!(most(0, 5, 5, RollUp::Agent, &seven), 1 + 3 + 1);
    // By channel there are no other rows.
    assert_eq!(most(0, 60, 15, RollUp::Channel, &all), 4 * 2);
    let talk = of(2).channel("talk");
    assert_eq!(most(0, 60, 15, RollUp::Account, &talk), 4);
    assert_eq!(most(0, 60, 15, RollUp::Agent, &talk), 4 + 4);
    // Several agents together have in a bucket at most a row for each state that was told of any of them, and one for
    // the unknown state.
    assert_eq!(most(0, 60, 15, RollUp::Account, &of(2)), 4 * 2 + (4 * 2 + 5 + 3) + 4);
    assert_eq!(most(0, 60, 60, RollUp::Account, &of(2)), 2 + 5 + 1);
    // Of agent 9 no state was told.
    assert_eq!(most(0, 60, 15, RollUp::Account, &of(3)), 4 + 4);
}

#[test]
fn agents_that_change_often_have_no_more_rows_than_states() {
    let states = [json!({ "id": "41" }), json!({ "id": "42" })];
    let turns = (0..60).zip([[0, 1], [1, 0]].into_iter().cycle());
    let told: Vec<Value> = turns
        .map(|(at, [previous, new])| {
            unified(at, Some(states[previous].clone()), states[new].clone())
        })
        .collect();
    let fold = fold(&told);
    // In each half an hour: both states and the unknown one, and one of chat.
    let report = |row_limit: u64| {
        let buckets = halves().with_row_limit(row_limit);
        fold.report(&buckets, RollUp::Agent, &Selection::all()).map(Iterator::count)
    };
    assert_eq!(report(2 * (3 + 1)).expect("few rows"), 2 * (2 + 1));
    let error = report(2 * (3 + 1) - 1).expect_err("one too many");
    assert!(error.to_string().contains("up to 8 rows"), "{error}");
}

/// Whether a row's JSON says that the state was known at some time, or counts something, as the contract has it.
fn tells(row: &Value) -> bool {
    let list = |key: &str| row[key].as_array().cloned().unwrap_or_default();
    let is_known = |list: Vec<Value>, key: &str| list.iter().any(|time| !time[key].is_null());
    let is_counted = |key: &str| row[key].as_u64().is_some_and(|count| count > 0);
    match row["row"].as_str().expect("a kind") {
        "channel" => {
            is_known(list("state"), "state")
                || ["added", "offered", "offers_ended", "accepted", "missed"]
                    .into_iter()
                    .any(is_counted)
                || !list("removed").is_empty()
        }
        "unified_state" => !row["id"].is_null(),
        "chat" => {
            is_known(list("status"), "status") || is_known(list("engagements"), "engagements")
        }
        _ => true,
    }
}

proptest! {
    #[test]
    fn a_row_is_unknown_if_it_tells_nothing(
        lines in streams(), step in 1..4_i64, by in select(RollUp::ALL.to_vec()),
    ) {
        let events = events(&lines);
        let mut fold = Fold::new();
        events.iter().for_each(|event| drop(fold.apply(event)));
        let Some(first) = events.iter().filter_map(at).min() else { return Ok(()) };
        let end = |place: i64| Instant::from_unix(first.unix_seconds() + step * (place - 1), 0).expect("in range");
        let buckets = Buckets::new((0..6).map(end).collect(), end(5)).expect("rising");
        for row in fold.report(&buckets, by, &Selection::all()).expect("few rows") {
            let json: Value = serde_json::from_str(&serde_json::to_string(&row).expect("JSON")).expect("JSON");
            prop_assert_eq!(row.is_unknown(), !tells(&json), "{}", json);
        }
        let of_sessions = fold.sessions(&buckets, &Selection::all()).expect("few rows");
        for row in of_sessions.map(Row::Sessions) {
            let Row::Sessions(sessions) = &row else { unreachable!() };
            let known = sessions.length_ns - sessions.unknown_ns;
            prop_assert_eq!(row.is_unknown(), known == 0);
            prop_assert!(known > 0 || sessions.session_ns == 0);
        }
    }
}

#[test]
fn each_count_of_a_channel_makes_a_row_known() {
    let fold = floor();
    let buckets = Buckets::new(vec![minute(-60), minute(0)], minute(60)).expect("rising");
    let mut rows = fold.report(&buckets, RollUp::Agent, &Selection::all()).expect("few rows");
    let row = rows.find(|row| row.kind() == "channel").expect("of agent 7");
    let nothing = serde_json::to_string(&row).expect("JSON");
    assert!(row.is_unknown() && !nothing.contains("\"added\":1"), "{nothing}");
    for count in ["added", "offered", "offers_ended", "accepted", "missed"] {
        let one = nothing.replace(&format!("\"{count}\":0"), &format!("\"{count}\":1"));
        let row: Row = serde_json::from_str(&one).expect("a row");
        assert!(!row.is_unknown(), "{one}");
    }
    let removed = nothing.replace(r#""removed":[]"#, r#""removed":[{"reason":"x","count":1}]"#);
    assert!(!serde_json::from_str::<Row>(&removed).expect("a row").is_unknown(), "{removed}");
}

#[test]
fn corrections_compare_the_same_buckets_only() {
    let fold = floor();
    let rows = |ends: &[i64], until: i64| -> Vec<Row> {
        let buckets = Buckets::new(ends.iter().copied().map(minute).collect(), minute(until))
            .expect("rising");
        fold.report(&buckets, RollUp::Agent, &Selection::all()).expect("few rows").collect()
    };
    let are_compared = |before: Vec<Row>, after: Vec<Row>| match corrections(&before, &after) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), "other_buckets");
            false
        }
    };
    let whole = || rows(&[0, 30, 60], 60);
    assert!(are_compared(whole(), whole()));
    // The end of the last one may be clipped in either.
    assert!(are_compared(rows(&[0, 30, 60], 45), whole()));
    assert!(are_compared(whole(), rows(&[0, 30, 60], 45)));
    // Buckets that follow each other do not overlap.
    assert!(are_compared(rows(&[0, 30], 60), rows(&[30, 60], 60)));
    assert!(are_compared(rows(&[30, 60], 60), rows(&[0, 30], 60)));
    assert!(!are_compared(rows(&[0, 20, 60], 60), whole()));
    assert!(!are_compared(whole(), rows(&[0, 20, 60], 60)));
    assert!(!are_compared(rows(&[0, 60], 60), rows(&[30, 60], 60)));
    assert!(!are_compared(rows(&[30, 60], 60), rows(&[0, 60], 60)));
    assert!(!are_compared(rows(&[0, 30, 60], 60), rows(&[0, 30, 45, 60], 60)));
    assert!(!are_compared(rows(&[0, 30, 45, 60], 60), rows(&[0, 30, 60], 60)));
    // What is clipped ends where all of its report does.
    assert!(!are_compared(rows(&[0, 15, 30, 60], 60), rows(&[0, 30, 60], 60)));
}

fn scheduled(track: &str, states: &[&str]) -> Scheduled {
    Scheduled {
        account_id: 2.into(),
        agent_id: 7.into(),
        from: minute(0),
        to: minute(60),
        track: Some(track.parse().expect("a track")),
        states: states.iter().map(|&state| state.to_owned()).collect(),
    }
}

#[test]
fn warnings_name_the_words_that_are_near() {
    let mut fold = floor();
    read(&mut fold, &chat("engagements", 0, json!(1)));
    let told = |track: &str, states: &[&str]| -> Vec<(String, Vec<String>)> {
        let warnings = fold.schedule_warnings(&[scheduled(track, states)]);
        warnings.into_iter().map(|warning| (warning.word, warning.near)).collect()
    };
    let of = |word: &str, near: &[&str]| {
        (word.to_owned(), near.iter().map(|&near| near.to_owned()).collect::<Vec<_>>())
    };
    // Up to a quarter of the letters of a word, and one more, may differ.
    assert_eq!(told("state[suppo]", &["online"]), [of("suppo", &["support"])]);
    assert_eq!(told("state[supp]", &["online"]), [of("supp", &[])]);
    assert_eq!(told("state[TALK ]", &["online"]), [of("TALK ", &["talk"])]);
    assert_eq!(told("state[ta]", &["online"]), [of("ta", &["talk"])]);
    assert_eq!(told("state[t]", &["online"]), [of("t", &[])]);
    assert_eq!(told("state[talk]", &["onlin", "offline"]), [of("onlin", &["online"])]);
    // A number of engagements is known, however many there were; other words are not.
    assert_eq!(told("chat_engagements", &["0", "17"]), []);
    assert_eq!(
        told("chat_engagements", &["", "x1", "1x"]),
        [of("", &[]), of("x1", &[]), of("1x", &[])]
    );
    assert_eq!(told("state[talk]", &["3"]), [of("3", &[])]);
}

#[test]
fn exceptions_tell_what_of_their_time_is_uncertain() {
    let state = |id: &str| json!({ "id": id });
    let told = [
        chat("status", 5, json!("away")),
        unified(10, Some(state("8")), state("1")),
        unified(20, Some(state("5")), state("2")),
    ];
    let fold = fold(&told);
    let rows =
        fold.exceptions(&[scheduled("unified_state", &["2"])], minute(60)).expect("a schedule");
    let [late] = &rows[..] else { panic!("{rows:#?}") };
    // Nothing is known until the first event. Then the state is inferred from the first transition, and the state
    // after that is not what the next one says it was.
    let minutes = |minutes: u128| minutes * 60_000_000_000;
    assert_eq!((late.from, late.to, late.exception), (minute(0), minute(20), ExceptionKind::Late));
    assert_eq!((late.unknown_ns, late.out_ns), (minutes(5), minutes(15)));
    assert_eq!((late.inferred_ns, late.disputed_ns), (minutes(5), minutes(10)));
}

#[test]
fn zendesks_offline_is_known_by_its_name_or_its_id() {
    let session_of = |id: &str, name: Option<&str>| {
        let fold = fold(&[unified(10, None, json!({ "id": id, "name": name }))]);
        let buckets = Buckets::new(vec![minute(0), minute(60)], minute(60)).expect("rising");
        let mut rows = fold.sessions(&buckets, &Selection::all()).expect("few rows");
        rows.next().expect("a row").session_ns > 0
    };
    for (id, name, is_in) in [
        ("2", None, false),
        ("2", Some("Offline"), false),
        ("2", Some("Lunch"), false),
        ("2", Some("Away"), true),
        ("2", Some("transfers only"), true),
        ("9", Some("offline"), false),
        ("9", Some("Lunch"), true),
        ("9", None, true),
    ] {
        assert_eq!(session_of(id, name), is_in, "{id} {name:?}");
    }
}

/// Rows of every kind, of two agents, in the order of the contract.
fn of_every_kind(fold: &Fold) -> Vec<Row> {
    let schedule = [scheduled("unified_state", &["42"]), scheduled("state[talk]", &["away"])];
    let buckets = halves();
    let mut rows: Vec<Row> =
        fold.report(&buckets, RollUp::Agent, &Selection::all()).expect("few rows").collect();
    rows.extend(
        fold.adherence(&schedule, minute(60)).expect("a schedule").into_iter().map(Row::Adherence),
    );
    rows.extend(
        fold.exceptions(&schedule, minute(60)).expect("a schedule").into_iter().map(Row::Exception),
    );
    rows.extend(fold.sessions(&buckets, &Selection::all()).expect("few rows").map(Row::Sessions));
    rows.sort_by_key(Placed::place);
    rows
}

#[test]
fn stored_rows_have_the_places_and_the_corrections_of_their_rows() {
    let (before, mut later) = (floor(), floor());
    read(&mut later, &unified(25, None, json!({ "id": "2", "name": "offline" })));
    let (before, after) = (of_every_kind(&before), of_every_kind(&later));
    // By agent, by the instant at which they begin, and by kind.
    let kinds: Vec<&str> = before
        .iter()
        .filter(|row| row.about().agent_id == Some(7.into()) && row.starts_at() == minute(0))
        .map(Row::kind)
        .collect();
    let mut distinct = kinds.clone();
    distinct.dedup();
    assert_eq!(
        distinct,
        ["channel", "unified_state", "chat", "adherence", "exception", "sessions"],
        "{kinds:?}"
    );
    let tracks = before.iter().filter_map(|row| match row {
        Row::Adherence(row) => Some(row.track.to_string()),
        _ => None,
    });
    assert_eq!(tracks.collect::<Vec<_>>(), ["state[talk]", "unified_state"]);

    let stored = |rows: &[Row]| {
        // Each row is written in the opposite order of what came before.
        let texts: Vec<String> =
            rows.iter().rev().map(|row| serde_json::to_string(row).expect("JSON")).collect();
        format!("[{}]", texts.join(","))
    };
    let [was, is] = [&before, &after].map(|rows| stored(rows));
    let [was, is] = [&was, &is].map(|json| StoredRow::list(json).expect("rows"));
    for (row, stored) in before.iter().rev().zip(&was) {
        assert_eq!(stored.place(), row.place());
        assert_eq!(stored.bucket_ends_at(), row.bucket_ends_at());
    }
    assert_eq!(corrections(&was, &was).expect("equal buckets").len(), 0);
    let typed = corrections(&before, &after).expect("equal buckets");
    let told = corrections(&was, &is).expect("equal buckets");
    let about = |row: &str, from: Instant| format!("{row} {from}");
    assert!(typed.len() > 4, "{}", typed.len());
    assert_eq!(
        told.iter().map(|c| about(c.row, c.from)).collect::<Vec<_>>(),
        typed.iter().map(|c| about(c.row, c.from)).collect::<Vec<_>>(),
    );
}

#[test]
fn agents_are_added_to_sums_one_by_one() {
    let fold = floor();
    let buckets = halves();
    for by in RollUp::ALL.iter().copied() {
        let selection = Selection::all().account(2);
        let mut sums = ReportSums::new(&buckets, by, &selection);
        fold.agents().for_each(|agent| sums.add_agent(&fold, agent).expect("few rows"));
        let whole: Vec<Row> = fold.report(&buckets, by, &selection).expect("few rows").collect();
        // They are refused at the first row over the limit.
        let add = |row_limit: usize| {
            let buckets = buckets.clone().with_row_limit(row_limit as u64);
            ReportSums::new(&buckets, by, &selection).add(&fold)
        };
        assert!(add(whole.len()).is_ok(), "{by}");
        assert!(add(whole.len() - 1).is_err(), "{by}");
        assert!(sums.rows().eq(whole), "{by}");
    }
}

#[test]
fn a_schedule_of_which_nothing_is_known_is_unknown() {
    let fold = floor();
    let line = |from: i64, to: i64| Scheduled {
        from: minute(from),
        to: minute(to),
        ..scheduled("unified_state", &["41"])
    };
    let rows =
        fold.adherence(&[line(-60, 0), line(-60, 1), line(0, 60)], minute(60)).expect("a schedule");
    let unknown: Vec<bool> = rows.into_iter().map(|row| Row::Adherence(row).is_unknown()).collect();
    assert_eq!(unknown, [true, false, false]);
}

#[test]
fn an_agent_from_another_state_is_late_and_one_that_was_there_is_not() {
    // Nothing is known before 09:10. The first event says what was before it.
    let late = |previous: &str| {
        let fold = fold(&[unified(10, Some(json!({ "id": previous })), json!({ "id": "42" }))]);
        let rows = fold
            .exceptions(&[scheduled("unified_state", &["42", "43"])], minute(60))
            .expect("a schedule");
        rows.iter().map(|row| (row.exception, row.to)).collect::<Vec<_>>()
    };
    assert_eq!(late("9"), [(ExceptionKind::Late, minute(10))]);
    assert_eq!(late("43"), []);
}

/// An event of agent 7 that came from one state of a channel into another.
fn on(channel: &str, at: i64, previous: &str, new: &str) -> Value {
    let states = json!({ "channel": channel, "previous_state": previous, "new_state": new });
    of_agent(7, "state_changed", at, states)
}

fn talk(at: i64, previous: &str, new: &str) -> Value {
    on("talk", at, previous, new)
}

#[test]
fn an_agent_is_late_from_what_is_unknown_only_at_the_first_transition() {
    let exceptions = |told: &[Value]| {
        let rows = fold(told)
            .exceptions(&[scheduled("state[talk]", &["online"])], minute(60))
            .expect("a schedule");
        rows.iter().map(|row| (row.exception, row.from, row.to)).collect::<Vec<_>>()
    };
    let late = (ExceptionKind::Late, minute(0), minute(10));
    assert_eq!(exceptions(&[talk(10, "away", "online")]), [late]);
    // The channel was deleted before, so the transition is not the first.
    let deleted = of_agent(7, "channel_deleted", -5, json!({ "channel": "talk" }));
    assert_eq!(exceptions(&[talk(-10, "away", "online"), deleted, talk(10, "away", "online")]), []);
    // The state is known from the agent's first event on, which tells nothing of it.
    let left = (ExceptionKind::LeftEarly, minute(20), minute(60));
    assert_eq!(exceptions(&[chat("status", 5, json!("away")), talk(20, "online", "away")]), [left]);
}

#[test]
fn a_login_is_inferred_only_if_all_tracks_begin_with_it() {
    let login = |told: &[Value]| {
        let fold = fold(told);
        let buckets = Buckets::new(vec![minute(0), minute(60)], minute(60)).expect("rising");
        let row = fold.sessions(&buckets, &Selection::all()).expect("few rows").next();
        row.map(|row| (row.first_login, row.first_login_basis))
    };
    let at_ten = |basis| Some((Some(minute(10)), Some(basis)));
    let online = on("support", 10, "offline", "online");
    assert_eq!(login(std::slice::from_ref(&online)), at_ten(Basis::Inferred));
    assert_eq!(login(&[online.clone(), talk(20, "offline", "away")]), at_ten(Basis::Inferred));
    assert_eq!(login(&[online.clone(), talk(20, "online", "away")]), at_ten(Basis::Unknown));
    // Talk was deleted before, and nothing is known of it since.
    let deleted = of_agent(7, "channel_deleted", -5, json!({ "channel": "talk" }));
    let before = [talk(-10, "offline", "online"), deleted];
    assert_eq!(login(&[before.to_vec(), vec![online]].concat()), at_ten(Basis::Unknown));
}
