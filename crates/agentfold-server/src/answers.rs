//! [`ask`]: the questions about an account's agents, and their answers.

use std::ops::Range;
use std::sync::Arc;

use agentfold::border::{self, Failure};
use agentfold::floor::Trust;
use agentfold::history::Window;
use agentfold::names::Names;
use agentfold::report::{Buckets, Every, ReportSums, RollUp, Row};
use agentfold::{Agent, AgentState, Fold, Id, Instant, Selection, Track};
use agentfold_arrow::Shape::{Text, Word};
use agentfold_arrow::{Form, Layout, Named, RowKind, tables};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::json;

use crate::asked::Asked;
use crate::database::StoreError;
use crate::history::{History, begin_of, day_of};
use crate::routes::Question;
use crate::rows::{Format, Rows, Sink, Unanswered};

/// The largest report, and the largest roll-up, which is held in memory.
const ROW_LIMIT: u64 = 500_000;
const SUMS_LIMIT: u64 = 20_000;
/// The largest number of buckets. More would take long to make.
const BUCKETS_LIMIT: u64 = 100_000;
/// The longest window of intervals and work items, which are computed at once for an agent.
const LONGEST_DAYS: i64 = 31;
/// How many days of history before a window are read: versions missing from them make the window doubtful.
const MARGIN: i64 = 7;
/// How many buckets, and how many days of them, are computed without a turn of others.
const BUCKETS: usize = 256;
const BUCKETS_DAYS: i64 = 8;
/// How many agents in memory are looked at without a turn of others.
const AGENTS: usize = 8;

const DAY_NS: i128 = 24 * 60 * 60 * 1_000_000_000;
const MINUTE_NS: i128 = 60 * 1_000_000_000;

/// What is known of an account: a snapshot of what is in memory, since the begin of a day, and all of it in the
/// database.
///
/// INVARIANT: every event of a day before `since` is saved in its day.
pub(crate) struct Known<'a> {
    pub(crate) account: Id,
    pub(crate) live: Fold,
    pub(crate) since: i64,
    pub(crate) history: History<'a>,
    pub(crate) names: Arc<Names>,
    pub(crate) now: Instant,
}

/// Writes the answer to a question. What is refused is refused before a part is written, where that can be known.
///
/// # Errors
/// An answer that has an error after its first part is broken off.
pub(crate) fn ask(
    question: Question,
    known: &Known<'_>,
    asked: &Asked,
    sink: &mut dyn Sink,
) -> Result<(), Unanswered> {
    if question == Question::Fold {
        return saved(known, sink);
    }
    let layout = layout(question, asked)?.with_names(Arc::clone(&known.names));
    let mut rows = Rows::new(sink, asked.format(), &known.names, &layout);
    match question {
        Question::State => states(known, asked, &mut rows)?,
        Question::Floor => floor(known, asked, &mut rows)?,
        Question::Intervals => {
            let window = at_most(LONGEST_DAYS, window(known, asked)?)?;
            let track = asked.get("track").map(track).transpose()?;
            each(known, asked, day_of(window.from), &mut rows, |fold, agent, rows| {
                Ok(rows.all(fold.intervals(agent, track.as_ref(), &window)?)?)
            })?;
        }
        Question::WorkItems => {
            let window = at_most(LONGEST_DAYS, window(known, asked)?)?;
            each(known, asked, day_of(window.from), &mut rows, |fold, agent, rows| {
                Ok(rows.all(fold.work_items(agent, &window))?)
            })?;
        }
        Question::Report => report(known, asked, &mut rows)?,
        Question::Anomalies => {
            each(known, asked, i64::MIN, &mut rows, |fold, agent, rows| {
                Ok(rows.all(fold.anomalies_of(agent))?)
            })?;
        }
        Question::Fold | Question::Folds => {
            let from =
                asked.filled("from").map(|from| border::instant("from", from)).transpose()?;
            each(known, asked, from.map_or(i64::MIN, day_of), &mut rows, |fold, agent, rows| {
                let fold = fold.save_agent(agent).map(|saved| BASE64_STANDARD.encode(saved));
                Ok(rows.row(&SavedAgent { agent, fold })?)
            })?;
        }
    }
    Ok(rows.end()?)
}

/// The columns of an answer that has types.
fn layout(question: Question, asked: &Asked) -> Result<Layout, Failure> {
    let named = match question {
        Question::State => tables::AGENTS,
        Question::Floor => tables::FLOOR,
        Question::Intervals => tables::INTERVALS,
        Question::WorkItems => tables::WORK_ITEMS,
        Question::Report => {
            let kind: Option<RowKind> =
                asked.get("row").and_then(|kind| serde_json::from_value(json!(kind)).ok());
            return Ok(Layout::of_report(kind.as_slice(), by(asked)?, Form::default()));
        }
        Question::Anomalies => tables::ANOMALIES,
        Question::Fold | Question::Folds => SAVED_AGENTS,
    };
    Ok(Layout::new(named, Form::default()))
}

const SAVED_AGENTS: &[Named] = &[("account_id", Word), ("agent_id", Word), ("fold", Text)];

/// The saved fold of an agent, for `Fold.restore`.
#[derive(Serialize)]
struct SavedAgent {
    #[serde(flatten)]
    agent: Agent,
    fold: Option<String>,
}

/// The state of one agent as of an instant, or now; none if it had no accepted event by then.
pub(crate) fn state(
    known: &Known<'_>,
    agent: Agent,
    at: Option<Instant>,
) -> Result<Option<AgentState>, Unanswered> {
    match at {
        None => Ok(known.live.state(agent)),
        Some(at) if !known.is_stored(at) => Ok(known.live.state_at(agent, at)?),
        Some(at) => Ok(as_of(known, agent, at)?.state_at(agent, at)?),
    }
}

fn states(known: &Known<'_>, asked: &Asked, rows: &mut Rows<'_>) -> Result<(), Unanswered> {
    let at = asked.get("at").map(|at| border::instant("at", at)).transpose()?;
    for agent in agents(known, asked)? {
        let state = state(known, agent, at)?;
        if asked.format() == Format::Arrow {
            rows.all(state.into_iter().flat_map(tables::agent_rows))?;
        } else {
            rows.all(state)?;
        }
        if at.is_some_and(|at| known.is_stored(at)) {
            rows.turn()?;
        }
    }
    Ok(())
}

fn floor(known: &Known<'_>, asked: &Asked, rows: &mut Rows<'_>) -> Result<(), Unanswered> {
    let at = asked.get("at").map_or(Ok(known.now), |at| border::instant("at", at))?;
    let (trust, selected) = (Trust::default(), selection(known, asked)?);
    if !known.is_stored(at) {
        return Ok(rows.all(known.live.floor(at, &trust, &selected)?)?);
    }
    let mut fold = Fold::new();
    for agent in agents(known, asked)? {
        fold.merge(&as_of(known, agent, at)?)?;
        rows.turn()?;
    }
    Ok(rows.all(fold.floor(at, &trust, &selected)?)?)
}

fn report(known: &Known<'_>, asked: &Asked, rows: &mut Rows<'_>) -> Result<(), Unanswered> {
    let window = window(known, asked)?;
    let every: Every = border::read("every", json!(asked.get("every").unwrap_or("1h")))?;
    let by = by(asked)?;
    let zone: chrono_tz::Tz = asked.get("tz").unwrap_or("UTC").parse().map_err(|_| {
        let message = "no IANA time zone has this name; an example is `Europe/Berlin`";
        Failure::new("unknown_time_zone", "/tz".to_owned(), message.to_owned())
    })?;
    check_count(&window, every, &zone)?;
    let selected = selection(known, asked)?;
    let buckets = Buckets::every(every, &zone, window.from, window.to, window.as_of);
    let buckets = buckets.map_err(|error| {
        let path = if window.from < window.to { "/every" } else { "/to" };
        Failure::new(error.code(), path.to_owned(), error.to_string())
    })?;
    // CSV has rows of one kind.
    let kind = asked.get("row").or((asked.format() == Format::Csv).then_some("channel"));
    let is_asked = |row: &Row| kind.is_none_or(|kind| row.kind() == kind);
    let parts = in_parts(buckets.boundaries());
    let from = day_of(window.from);
    if by == RollUp::Agent {
        // The rows of each agent, and of each part of the buckets, are limited by themselves, so all are counted before.
        let buckets = buckets.with_row_limit(ROW_LIMIT);
        drop(known.live.report(&buckets, by, &selected)?);
        return each(known, asked, from, rows, |fold, _, rows| {
            for part in &parts {
                let boundaries = buckets.boundaries()[part.start..=part.end].to_vec();
                let part = Buckets::new(boundaries, buckets.as_of())?.with_row_limit(ROW_LIMIT);
                rows.all(fold.report(&part, by, &selected)?.filter(is_asked))?;
                rows.turn()?;
            }
            Ok(())
        });
    }
    check_sums(known, buckets.len(), by, &selected, rows)?;
    // The estimate of the roll-up's size may be too low.
    let mut sums = ReportSums::new(&buckets.with_row_limit(SUMS_LIMIT * 3 / 2), by, &selected);
    each(known, asked, from, rows, |fold, agent, rows| {
        for part in &parts {
            sums.add_buckets(fold, agent, part.clone())?;
            rows.turn()?;
        }
        Ok(())
    })?;
    Ok(rows.all(sums.rows().filter(is_asked))?)
}

/// Asks of each agent, whose history since a day is read from the database when its turn comes.
fn each(
    known: &Known<'_>,
    asked: &Asked,
    from: i64,
    rows: &mut Rows<'_>,
    mut of_agent: impl FnMut(&Fold, Agent, &mut Rows<'_>) -> Result<(), Unanswered>,
) -> Result<(), Unanswered> {
    for agent in agents(known, asked)? {
        let fold = loaded(&known.history, agent, from.saturating_sub(MARGIN), None)?;
        of_agent(&fold, agent, rows)?;
        rows.turn()?;
    }
    Ok(())
}

/// An agent from a day on, until another, exclusive.
fn loaded(
    history: &History<'_>,
    agent: Agent,
    from: i64,
    until: Option<i64>,
) -> Result<Fold, StoreError> {
    let mut fold = Fold::new();
    history.at_once(|history| history.load(agent, from, until, &mut fold))?;
    Ok(fold)
}

/// An agent as of an instant that is before what is in memory.
fn as_of(known: &Known<'_>, agent: Agent, at: Instant) -> Result<Fold, Unanswered> {
    let day = day_of(at);
    let until = known.history.cut()?.map_or(day, |cut| day.max(cut)) + 1;
    let mut fold = loaded(&known.history, agent, day - 1, Some(until))?;
    // As much history as a question about now has.
    fold.compact_agents(begin_of(day - 1), &[agent]);
    Ok(fold)
}

impl Known<'_> {
    /// Whether an instant is before what is in memory.
    fn is_stored(&self, at: Instant) -> bool {
        day_of(at) < self.since
    }
}

/// Refuses a report of too many buckets before they are made, by those of the first day.
fn check_count(window: &Window, every: Every, zone: &chrono_tz::Tz) -> Result<(), Unanswered> {
    let Window { from, to, .. } = *window;
    let days = (to.unix_nanos() - from.unix_nanos()) as f64 / DAY_NS as f64;
    if days <= 1.0 {
        return Ok(());
    }
    let end = moved(from, DAY_NS);
    let day = Buckets::every(every, zone, from, end, end)?;
    let count = (day.len() as f64 * days).round() as u64;
    if count <= BUCKETS_LIMIT {
        return Ok(());
    }
    let message = format!("there would be about {count} buckets, and the most are {BUCKETS_LIMIT}");
    Err(Failure::new("too_many_buckets", "/every".to_owned(), message).into())
}

/// Refuses a roll-up that would be too large, by the rows of one bucket at present.
fn check_sums(
    known: &Known<'_>,
    count: usize,
    by: RollUp,
    selected: &Selection,
    rows: &mut Rows<'_>,
) -> Result<(), Unanswered> {
    let minute = vec![moved(known.now, -MINUTE_NS), known.now];
    let mut sums = ReportSums::new(&Buckets::new(minute, known.now)?, by, selected);
    for (i, agent) in known.live.agents().enumerate() {
        sums.add_agent(&known.live, agent)?;
        if i % AGENTS == AGENTS - 1 {
            rows.turn()?;
        }
    }
    let most = count as u64 * (sums.rows().count() as u64).max(1);
    if most <= SUMS_LIMIT {
        return Ok(());
    }
    let message = format!(
        "there would be about {most} rows, and at most {SUMS_LIMIT} are added up; ask for longer buckets or a \
         shorter window"
    );
    Err(Failure::new("too_many_rows", "/every".to_owned(), message).into())
}

/// The places of buckets that are computed without a turn of others.
fn in_parts(boundaries: &[Instant]) -> Vec<Range<usize>> {
    let days: Vec<i64> = boundaries.iter().map(|at| day_of(*at)).collect();
    let (mut parts, mut first) = (Vec::new(), 0);
    while first + 1 < boundaries.len() {
        let mut last = first + 1;
        while last + 1 < boundaries.len()
            && last - first < BUCKETS
            && days[last + 1] - days[first] <= BUCKETS_DAYS
        {
            last += 1;
        }
        parts.push(first..last);
        first = last;
    }
    parts
}

/// The requested agent, or all agents.
fn agents(known: &Known<'_>, asked: &Asked) -> Result<Vec<Agent>, Unanswered> {
    match asked.filled("agent") {
        Some(agent_id) => Ok(vec![Agent::new(known.account, border::id("agent", agent_id)?)]),
        None => Ok(known.history.agents()?),
    }
}

/// The requested agent and channel, if any.
fn selection(known: &Known<'_>, asked: &Asked) -> Result<Selection, Failure> {
    let agents: Vec<_> = asked.filled("agent").into_iter().collect();
    let agents: Vec<_> =
        agents.iter().map(|id| json!({ "account_id": known.account, "agent_id": id })).collect();
    let channels: Vec<_> = asked.filled("channel").into_iter().collect();
    border::read("selection", json!({ "agents": agents, "channels": channels }))
}

/// By what a report is rolled up.
fn by(asked: &Asked) -> Result<RollUp, Failure> {
    border::read("by", json!(asked.get("by").unwrap_or("agent")))
}

/// The requested window. Default: the last 24 hours.
fn window(known: &Known<'_>, asked: &Asked) -> Result<Window, Failure> {
    let given = |name| asked.get(name).map(|text| border::instant(name, text)).transpose();
    let as_of = given("as_of")?.unwrap_or(known.now);
    let to = given("to")?.unwrap_or(as_of);
    let from = given("from")?.unwrap_or_else(|| moved(to, -DAY_NS));
    Window::new(from, to, as_of)
        .map_err(|error| Failure::new(error.code(), "/to".to_owned(), error.to_string()))
}

/// Returns a window, unless it is too long.
fn at_most(days: i64, window: Window) -> Result<Window, Failure> {
    if window.to.unix_nanos() - window.from.unix_nanos() <= i128::from(days) * DAY_NS {
        return Ok(window);
    }
    let message =
        format!("the window is longer than {days} days; ask for one part after the other");
    Err(Failure::new("window_too_long", "/from".to_owned(), message))
}

fn track(text: &str) -> Result<Track, Failure> {
    let none = || Failure::from(agentfold::Error::from(agentfold::ErrorKind::NoTrack));
    text.parse().ok().filter(Track::has_intervals).ok_or_else(none)
}

/// An instant some nanoseconds later, or the first or last one there is.
pub(crate) fn moved(at: Instant, ns: i128) -> Instant {
    let end = if ns < 0 { Instant::MIN } else { Instant::MAX };
    Instant::from_unix_nanos(at.unix_nanos() + ns).unwrap_or(end)
}

/// Writes what is in memory as a saved fold.
fn saved(known: &Known<'_>, sink: &mut dyn Sink) -> Result<(), Unanswered> {
    let mut whole = Fold::new();
    whole.compact(begin_of(known.since));
    for (i, (_, saved)) in known.live.save_agents().enumerate() {
        whole.restore(&saved)?;
        if i % AGENTS == AGENTS - 1 {
            sink.turn()?;
        }
    }
    Ok(sink.write(whole.save())?)
}

#[cfg(test)]
mod tests;
