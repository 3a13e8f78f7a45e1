//! [`Request`]: the table of a fold that is requested, and its arguments.

use agentfold::history::Window;
use agentfold::report::{Buckets, RollUp};
use agentfold::{Agent, Error, Fold, Instant, Selection, Track};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::argument::{plain, selection as selection_of, text, track, window};
use crate::arrow::ArrowStream;
use crate::buckets::buckets;
use crate::column::Misshapen;
use crate::instant::instant;
use crate::raised::Raised;
use crate::tables::{AGENTS, ANOMALIES, EVENTS, INTERVALS, REPORT, Table, WORK_ITEMS, agent_rows};

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

    /// Refuses keywords that are not for the table.
    pub(crate) fn none_left(&self) -> Result<(), Raised> {
        let Some((name, _)) = self.0.first() else {
            return Ok(());
        };
        let message = format!("`{name}` is not for this table");
        Err(Raised::new("bad_argument", &format!("/{name}"), &message))
    }
}

pub(crate) enum Request {
    Events,
    Agents(Option<Instant>),
    WorkItems(Window),
    Intervals(Option<Track>, Window),
    Report(Buckets, RollUp, Selection),
    Anomalies,
}

/// Why a request failed. Raised after the lock on the fold is released.
pub(crate) enum Unanswered {
    Error(Error),
    Misshapen(Misshapen),
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Unanswered {
        Unanswered::Error(error)
    }
}

impl From<Misshapen> for Unanswered {
    fn from(misshapen: Misshapen) -> Unanswered {
        Unanswered::Misshapen(misshapen)
    }
}

impl From<Unanswered> for Raised {
    fn from(unanswered: Unanswered) -> Raised {
        match unanswered {
            Unanswered::Error(error) => error.into(),
            Unanswered::Misshapen(misshapen) => misshapen.into(),
        }
    }
}

impl Request {
    pub(crate) fn new(table: &str, keywords: &mut Keywords<'_>) -> Result<Request, Raised> {
        Ok(match table {
            "events" => Request::Events,
            "agents" => {
                let at = keywords.take("at").map(|at| instant(&at, "at")).transpose()?;
                Request::Agents(at)
            }
            "work_items" => Request::WorkItems(keywords.window()?),
            "intervals" => {
                let track = keywords.take("track").map(|one| track(&one)).transpose()?;
                Request::Intervals(track, keywords.window()?)
            }
            "report" => {
                let buckets = buckets(&keywords.needed("buckets")?, Buckets::ROW_LIMIT)?;
                let by = keywords.take("by").map(|by| text(&by, "by")).transpose()?;
                let by = by.map_or(Ok(RollUp::Agent), |by| plain(by.as_str(), "by"))?;
                let selection = keywords.take("selection");
                Request::Report(buckets, by, selection_of(selection.as_ref())?)
            }
            "anomalies" => Request::Anomalies,
            _ => return Err(Raised::argument("table")),
        })
    }

    /// Whether the request can be for one agent only.
    pub(crate) fn is_of_agents(&self) -> bool {
        !matches!(self, Request::Report(..) | Request::Anomalies)
    }

    pub(crate) fn answer(self, fold: &Fold, agents: Vec<Agent>) -> Result<ArrowStream, Unanswered> {
        let mut table = Table::new(match &self {
            Request::Events => EVENTS,
            Request::Agents(_) => AGENTS,
            Request::WorkItems(_) => WORK_ITEMS,
            Request::Intervals(..) => INTERVALS,
            Request::Report(..) => REPORT,
            Request::Anomalies => ANOMALIES,
        });
        match self {
            Request::Report(buckets, by, selection) => {
                table.extend(fold.report(&buckets, by, &selection)?)?;
            }
            Request::Anomalies => table.extend(fold.anomalies())?,
            of_agents => {
                for agent in agents {
                    of_agents.add(&mut table, fold, agent)?;
                }
            }
        }
        Ok(table.done())
    }

    /// Adds the rows of an agent.
    fn add(&self, table: &mut Table, fold: &Fold, agent: Agent) -> Result<(), Unanswered> {
        match self {
            Request::Events => table.extend(fold.transitions(agent))?,
            Request::Agents(at) => {
                let state = match at {
                    None => fold.state(agent),
                    Some(at) => fold.state_at(agent, *at)?,
                };
                table.extend(state.iter().flat_map(agent_rows))?;
            }
            Request::WorkItems(window) => table.extend(fold.work_items(agent, window))?,
            Request::Intervals(track, window) => {
                table.extend(fold.intervals(agent, track.as_ref(), window)?)?;
            }
            Request::Report(..) | Request::Anomalies => {}
        }
        Ok(())
    }
}
