//! [`Request`]: the table of a fold that is requested, and its arguments.

use std::sync::Arc;

use agentfold::history::Window;
use agentfold::report::{Buckets, RollUp, Row, Scheduled};
use agentfold::{Agent, Error, Fold, Instant, Selection, Track};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{given, plain, selection, text, track, window};
use crate::buckets::{STREAM_ROW_LIMIT, buckets};
use crate::column::Named;
use crate::instant::instant;
use crate::raised::Raised;
use crate::tables::{
    ADHERENCE, AGENTS, ANOMALIES, EVENTS, EXCEPTIONS, INTERVALS, REPORT, Rows, SESSIONS,
    WORK_ITEMS, agent_rows,
};

/// The given keywords. Each is for some of the tables.
pub(crate) struct Keywords<'py>(Vec<(String, Bound<'py, PyAny>)>);

impl<'py> Keywords<'py> {
    /// Returns the keywords that are not `None`.
    pub(crate) fn new(given: Option<&Bound<'py, PyDict>>) -> PyResult<Keywords<'py>> {
        let given = given.into_iter().flatten().filter(|(_, value)| !value.is_none());
        let named = given.map(|(name, value)| Ok((name.extract()?, value)));
        named.collect::<PyResult<_>>().map(Keywords)
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Bound<'py, PyAny>> {
        let place = self.0.iter().position(|(given, _)| given == name)?;
        Some(self.0.swap_remove(place).1)
    }

    fn needed(&mut self, name: &str) -> Result<Bound<'py, PyAny>, Raised> {
        let message = format!("`{name}` is required for this table");
        let missing = || Raised::new("bad_argument", &format!("/{name}"), &message);
        self.take(name).ok_or_else(missing)
    }

    fn window(&mut self) -> Result<Window, Raised> {
        let (from, to, as_of) = (self.needed("from_")?, self.needed("to")?, self.take("as_of"));
        window(&from, &to, as_of.as_ref())
    }

    fn buckets(&mut self) -> Result<Buckets, Raised> {
        buckets(&self.needed("buckets")?, STREAM_ROW_LIMIT)
    }

    fn selection(&mut self) -> Result<Selection, Raised> {
        selection(self.take("selection").as_ref())
    }

    fn schedule(&mut self) -> Result<(Arc<[Scheduled]>, Instant), Raised> {
        let schedule: Vec<Scheduled> = given(&self.needed("schedule")?, "schedule")?;
        Ok((schedule.into(), instant(&self.needed("as_of")?, "as_of")?))
    }

    /// Refuses keywords that are not for the table.
    pub(crate) fn none_left(&self) -> Result<(), Raised> {
        let Some((name, _)) = self.0.first() else {
            return Ok(());
        };
        let message = format!("`{name}` is not for this table");
        Err(Raised::new("bad_argument", &format!("/{name}"), &message))
    }
}

/// How many lines of a schedule are compared at a time.
const LINES: usize = 256;

/// A table, and what it is about.
pub(crate) enum Request {
    Events(Agents),
    Agents(Agents, Option<Instant>),
    WorkItems(Agents, Window),
    Intervals(Agents, Option<Track>, Window),
    Report(Buckets, RollUp, Selection),
    Sessions(Buckets, Selection),
    Adherence(Arc<[Scheduled]>, Instant),
    Exceptions(Arc<[Scheduled]>, Instant),
    Anomalies,
}

/// The agent that a table is about; `None` for all of them.
pub(crate) type Agents = Option<Agent>;

impl Request {
    /// Reads the keywords of a table. `known` finds the agent that a keyword names.
    pub(crate) fn new<'py>(
        table: &str,
        keywords: &mut Keywords<'py>,
        known: impl FnOnce(&Bound<'py, PyAny>) -> Result<Agent, Raised>,
    ) -> Result<Request, Raised> {
        let agent = |keywords: &mut Keywords<'py>| {
            keywords.take("agent").map(|agent| known(&agent)).transpose()
        };
        Ok(match table {
            "events" => Request::Events(agent(keywords)?),
            "agents" => {
                let at = keywords.take("at").map(|at| instant(&at, "at")).transpose()?;
                Request::Agents(agent(keywords)?, at)
            }
            "work_items" => {
                let window = keywords.window()?;
                Request::WorkItems(agent(keywords)?, window)
            }
            "intervals" => {
                let track = keywords.take("track").map(|one| track(&one)).transpose()?;
                let window = keywords.window()?;
                Request::Intervals(agent(keywords)?, track, window)
            }
            "report" => {
                let buckets = keywords.buckets()?;
                let by = keywords.take("by").map(|by| text(&by, "by")).transpose()?;
                let by = by.map_or(Ok(RollUp::Agent), |by| plain(by.as_str(), "by"))?;
                Request::Report(buckets, by, keywords.selection()?)
            }
            "sessions" => Request::Sessions(keywords.buckets()?, keywords.selection()?),
            "adherence" => {
                let (schedule, as_of) = keywords.schedule()?;
                Request::Adherence(schedule, as_of)
            }
            "exceptions" => {
                let (schedule, as_of) = keywords.schedule()?;
                Request::Exceptions(schedule, as_of)
            }
            "anomalies" => Request::Anomalies,
            _ => return Err(Raised::argument("table")),
        })
    }

    /// The columns of the table.
    pub(crate) fn columns(&self) -> &'static [Named] {
        match self {
            Request::Events(..) => EVENTS,
            Request::Agents(..) => AGENTS,
            Request::WorkItems(..) => WORK_ITEMS,
            Request::Intervals(..) => INTERVALS,
            Request::Report(..) => REPORT,
            Request::Sessions(..) => SESSIONS,
            Request::Adherence(..) => ADHERENCE,
            Request::Exceptions(..) => EXCEPTIONS,
            Request::Anomalies => ANOMALIES,
        }
    }

    /// The agent that the table is about, if it is one.
    pub(crate) fn agent(&self) -> Option<Agent> {
        match self {
            Request::Events(agent)
            | Request::Agents(agent, _)
            | Request::WorkItems(agent, _)
            | Request::Intervals(agent, ..) => *agent,
            _ => None,
        }
    }

    /// Returns the rows of the table. They are computed when they are needed.
    pub(crate) fn rows(&self, fold: &Arc<Fold>) -> Result<Box<dyn Rows>, Error> {
        let known = Arc::clone(fold);
        let agents = || self.agent().map_or_else(|| fold.agents().collect(), |agent| vec![agent]);
        Ok(match self {
            Request::Events(_) => {
                Box::new(agents().into_iter().flat_map(move |agent| known.transitions(agent)))
            }
            Request::Agents(_, None) => {
                let states = agents().into_iter().filter_map(move |agent| known.state(agent));
                Box::new(states.flat_map(agent_rows))
            }
            Request::Agents(_, Some(at)) => {
                let (agents, at) = (agents(), *at);
                // An agent's cut is known without its state.
                for agent in &agents {
                    if fold.cut_of(*agent).is_some_and(|cut| at < cut) {
                        fold.state_at(*agent, at)?;
                    }
                }
                // INVARIANT: no agent has a later cut.
                let state = move |agent| known.state_at(agent, at).ok().flatten();
                Box::new(agents.into_iter().filter_map(state).flat_map(agent_rows))
            }
            Request::WorkItems(_, window) => {
                let window = *window;
                let spans = move |agent| known.work_items(agent, &window);
                Box::new(agents().into_iter().flat_map(spans))
            }
            Request::Intervals(_, track, window) => {
                let (track, window) = (track.clone(), *window);
                // Whether the track has intervals does not depend on the fold.
                Fold::new().intervals(Agent::new(0, 0), track.as_ref(), &window)?;
                let intervals = move |agent| known.intervals(agent, track.as_ref(), &window);
                Box::new(agents().into_iter().flat_map(move |a| intervals(a).unwrap_or_default()))
            }
            // A copy of a snapshot shares its agents.
            Request::Report(buckets, by, selection) => {
                Box::new(Fold::clone(fold).into_report(buckets, *by, selection)?)
            }
            Request::Sessions(buckets, selection) => {
                let rows = Fold::clone(fold).into_sessions(buckets, selection)?;
                Box::new(rows.map(Row::Sessions))
            }
            Request::Adherence(schedule, as_of) => {
                Box::new(adherence(known, Arc::clone(schedule), *as_of)?)
            }
            Request::Exceptions(schedule, as_of) => {
                Box::new(exceptions(known, Arc::clone(schedule), *as_of)?)
            }
            Request::Anomalies => {
                let mut agents: Vec<Agent> = fold.agents().chain(fold.unknown_agents()).collect();
                agents.sort_unstable();
                Box::new(agents.into_iter().flat_map(move |agent| known.anomalies_of(agent)))
            }
        })
    }
}

/// Compares agents with a schedule, some lines at a time.
pub(crate) fn adherence(
    fold: Arc<Fold>,
    schedule: Arc<[Scheduled]>,
    as_of: Instant,
) -> Result<impl Iterator<Item = Row> + use<>, Error> {
    // Whether the lines can be compared does not depend on the fold.
    Fold::new().adherence(&schedule, as_of)?;
    let rows = move |lines: &[Scheduled]| fold.adherence(lines, as_of).unwrap_or_default();
    Ok(by_lines(schedule, rows).map(Row::Adherence))
}

/// Returns when agents did not keep to a schedule, some lines at a time.
pub(crate) fn exceptions(
    fold: Arc<Fold>,
    schedule: Arc<[Scheduled]>,
    as_of: Instant,
) -> Result<impl Iterator<Item = Row> + use<>, Error> {
    Fold::new().exceptions(&schedule, as_of)?;
    let rows = move |lines: &[Scheduled]| fold.exceptions(lines, as_of).unwrap_or_default();
    Ok(by_lines(schedule, rows).map(Row::Exception))
}

fn by_lines<T>(
    schedule: Arc<[Scheduled]>,
    rows: impl Fn(&[Scheduled]) -> Vec<T>,
) -> impl Iterator<Item = T> {
    let starts = (0..schedule.len()).step_by(LINES);
    starts.flat_map(move |start| rows(&schedule[start..schedule.len().min(start + LINES)]))
}
