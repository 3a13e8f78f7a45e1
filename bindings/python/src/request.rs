//! [`Request`]: the table of a fold that is requested, and its arguments.

use std::sync::Arc;
use std::time::Duration;
use std::vec;

use agentfold::border::{BucketsData, WindowData};
use agentfold::history::{Sign, Window};
use agentfold::report::{RollUp, Row, Scheduled};
use agentfold::{Agent, Error, Fold, Instant, Selection, Track};
use agentfold_arrow::tables::{
    ADHERENCE, AGENTS, ANOMALIES, EVENTS, EXCEPTIONS, INTERVALS, SESSIONS, WORK_ITEMS, agent_rows,
};
use agentfold_arrow::{Dialect, Form, Layout};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::argument::{given, plain, selection, text, track, window};
use crate::buckets::{STREAM_ROW_LIMIT, buckets};
use crate::instant::instant;
use crate::raised::Raised;
use crate::tables::Rows;
use crate::wanted::Wanted;

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

    fn window(&mut self) -> Result<WindowData, Raised> {
        let (from, to, as_of) = (self.needed("from_")?, self.needed("to")?, self.take("as_of"));
        window(&from, &to, as_of.as_ref())
    }

    fn word<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<Option<T>, Raised> {
        let word = self.take(name).map(|word| text(&word, name)).transpose()?;
        word.map(|word| plain(word.as_ref() as &str, name)).transpose()
    }

    fn flag(&mut self, name: &str) -> Result<bool, Raised> {
        let flag = self.take(name).map(|flag| flag.extract()).transpose();
        Ok(flag.map_err(|_| Raised::argument(name))?.unwrap_or_default())
    }

    /// Takes how values are to be stored. The other options are exceptions from the dialect.
    pub(crate) fn form(&mut self) -> Result<Form, Raised> {
        let dialect: Dialect = self.word("dialect")?.unwrap_or_default();
        let form = Form::from(dialect);
        Ok(Form {
            strings: self.word("strings")?.unwrap_or(form.strings),
            unit: self.word("unit")?.unwrap_or(form.unit),
            durations: self.word("durations")?.unwrap_or(form.durations),
            flat: self.flag("flat")?,
            ..form
        })
    }

    fn wanted(&mut self) -> Result<Wanted, Raised> {
        let rows = self.take("rows");
        Wanted::new(rows.as_ref(), self.flag("sparse")?)
    }

    fn buckets(&mut self) -> Result<BucketsData, Raised> {
        buckets(&self.needed("buckets")?, STREAM_ROW_LIMIT)
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

const MOMENT: Duration = Duration::from_nanos(1);

const ALWAYS: Window = Window { from: Instant::MIN, to: Instant::MAX, as_of: Instant::MAX };

/// How many lines of a schedule are compared at a time.
const LINES: usize = 256;

/// A table, and what it is about.
pub(crate) struct Request {
    table: Table,
    /// The agent that the table is about; `None` for all of them.
    pub(crate) agent: Option<Agent>,
    selection: Selection,
}

/// The names of the tables.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Events,
    Agents,
    WorkItems,
    Intervals,
    Report,
    Sessions,
    Adherence,
    Exceptions,
    Anomalies,
}

enum Table {
    Events,
    Agents(Option<Instant>),
    WorkItems(WindowData),
    Intervals(Option<Track>, WindowData),
    Report(BucketsData, RollUp, Wanted),
    Sessions(BucketsData),
    Adherence(Arc<[Scheduled]>, Instant),
    Exceptions(Arc<[Scheduled]>, Instant),
    Anomalies,
}

impl Request {
    /// Reads the keywords of a table. `known` finds the agent that a keyword names.
    pub(crate) fn new<'py>(
        name: &str,
        keywords: &mut Keywords<'py>,
        known: impl FnOnce(&Bound<'py, PyAny>) -> Result<Agent, Raised>,
    ) -> Result<Request, Raised> {
        let table = match plain(name, "table")? {
            Name::Events => Table::Events,
            Name::Agents => {
                Table::Agents(keywords.take("at").map(|at| instant(&at, "at")).transpose()?)
            }
            Name::WorkItems => Table::WorkItems(keywords.window()?),
            Name::Intervals => {
                let track = keywords.take("track").map(|one| track(&one)).transpose()?;
                Table::Intervals(track, keywords.window()?)
            }
            Name::Report => {
                let by = keywords.word("by")?.unwrap_or_default();
                Table::Report(keywords.buckets()?, by, keywords.wanted()?)
            }
            Name::Sessions => Table::Sessions(keywords.buckets()?),
            Name::Adherence => {
                let (schedule, as_of) = keywords.schedule()?;
                Table::Adherence(schedule, as_of)
            }
            Name::Exceptions => {
                let (schedule, as_of) = keywords.schedule()?;
                Table::Exceptions(schedule, as_of)
            }
            Name::Anomalies => Table::Anomalies,
        };
        let (mut agent, mut selected) = (None, Selection::all());
        if matches!(
            table,
            Table::Events | Table::Agents(_) | Table::WorkItems(_) | Table::Intervals(..)
        ) {
            agent = keywords.take("agent").map(|agent| known(&agent)).transpose()?;
        }
        if !matches!(table, Table::Adherence(..) | Table::Exceptions(..)) {
            selected = selection(keywords.take("selection").as_ref())?;
        }
        Ok(Request { table, agent, selection: selected })
    }

    /// The columns of the table.
    pub(crate) fn layout(&self, form: Form) -> Layout {
        let named = match &self.table {
            Table::Events => EVENTS,
            Table::Agents(_) => AGENTS,
            Table::WorkItems(_) => WORK_ITEMS,
            Table::Intervals(..) => INTERVALS,
            Table::Report(_, by, wanted) => return wanted.layout(*by, form),
            Table::Sessions(_) => SESSIONS,
            Table::Adherence(..) => ADHERENCE,
            Table::Exceptions(..) => EXCEPTIONS,
            Table::Anomalies => ANOMALIES,
        };
        Layout::new(named, form)
    }

    /// The selected agents, by account, then agent.
    fn agents(&self, fold: &Fold, window: &Window) -> vec::IntoIter<Agent> {
        fold.selected(&self.selection, window).into_iter()
    }

    /// Returns the rows of the table. They are computed when they are needed.
    pub(crate) fn rows(&self, fold: &Arc<Fold>) -> Result<Box<dyn Rows>, Error> {
        let (known, selection) = (Arc::clone(fold), self.selection.clone());
        let all_channels = selection.channels.is_empty();
        let has = move |channel: Option<&str>| {
            all_channels || channel.is_some_and(|channel| selection.has_channel(channel))
        };
        Ok(match &self.table {
            Table::Events => {
                let rows = move |agent| known.transitions(agent);
                let rows = self.agents(fold, &ALWAYS).flat_map(rows);
                Box::new(rows.filter(move |row| has(row.track.channel())))
            }
            Table::Agents(at) => {
                let at = *at;
                // The groups that an agent is in are those of the state.
                let last = at.unwrap_or(Instant::MAX.saturating_sub(MOMENT));
                let (to, as_of) = (last.saturating_add(MOMENT), at.unwrap_or(Instant::MAX));
                let agents = self.agents(fold, &Window { from: last, to, as_of });
                // An agent's cut is known without its state.
                for agent in agents.as_slice() {
                    if at.is_some_and(|at| fold.cut_of(*agent).is_some_and(|cut| at < cut)) {
                        fold.state_at(*agent, last)?;
                    }
                }
                let state = move |agent| match at {
                    // INVARIANT: no agent has a later cut.
                    Some(at) => known.state_at(agent, at).ok().flatten(),
                    None => known.state(agent),
                };
                let rows = agents.filter_map(state).flat_map(agent_rows);
                Box::new(rows.filter(move |row| has(row.channel.as_deref())))
            }
            Table::WorkItems(window) => {
                let window = window.of(fold);
                let rows = move |agent| known.work_items(agent, &window);
                let rows = self.agents(fold, &window).flat_map(rows);
                Box::new(
                    rows.filter(move |row| row.moves.iter().any(|moved| has(Some(&moved.channel)))),
                )
            }
            Table::Intervals(track, window) => {
                let (track, window) = (track.clone(), window.of(fold));
                // Whether the track has intervals does not depend on the fold.
                Fold::new().intervals(Agent::new(0, 0), track.as_ref(), &window)?;
                let rows = move |agent| {
                    known.intervals(agent, track.as_ref(), &window).unwrap_or_default()
                };
                let rows = self.agents(fold, &window).flat_map(rows);
                Box::new(rows.filter(move |row| has(row.track.channel())))
            }
            // A copy of a snapshot shares its agents.
            Table::Report(buckets, by, wanted) => {
                let rows =
                    Fold::clone(fold).into_report(&buckets.of(fold)?, *by, &self.selection)?;
                let wanted = wanted.clone();
                Box::new(rows.filter(move |row| wanted.has(row)))
            }
            Table::Sessions(buckets) => {
                let rows = Fold::clone(fold).into_sessions(&buckets.of(fold)?, &self.selection)?;
                Box::new(rows.map(Row::Sessions))
            }
            Table::Adherence(schedule, as_of) => {
                Box::new(adherence(known, Arc::clone(schedule), *as_of)?)
            }
            Table::Exceptions(schedule, as_of) => {
                Box::new(exceptions(known, Arc::clone(schedule), *as_of)?)
            }
            Table::Anomalies => {
                let mut agents: Vec<Agent> = self.agents(fold, &ALWAYS).collect();
                // An agent of which only versions are known is in no group.
                if self.selection.groups.is_empty() {
                    let unknown = fold.unknown_agents().into_iter();
                    agents.extend(unknown.filter(|agent| self.selection.has_agent(*agent)));
                    agents.sort_unstable();
                }
                let rows = agents.into_iter().flat_map(move |agent| known.anomalies_of(agent));
                Box::new(rows.filter(move |row| match &row.sign {
                    Sign::Gap(place) | Sign::Orphan(place) | Sign::Conflict(place) => {
                        has(place.track.channel())
                    }
                    _ => all_channels,
                }))
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
