//! [`Fold`]: all that is known of many agents.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use agentfold::floor::Trust;
use agentfold::report::{Row, Scheduled, StoredRow};
use agentfold::rest::{Page, TimelineRow};
use agentfold::stream::Stream;
use agentfold::{Agent, Error, Event, Options};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::argument::{
    Bytes, Named, argument, bytes, given, id, json, named, options, plain, selection, text, track,
    window,
};
use crate::arrow::ArrowStream;
use crate::buckets::buckets;
use crate::data::{data, key, list, parsed};
use crate::event::raw;
use crate::instant::instant;
use crate::raised::Raised;
use crate::read::{self, Callbacks};
use crate::request::{Keywords, Request};
use crate::source::Source;

/// How many events are taken over from Python at a time.
const BATCH: usize = 1024;

/// All that is known of many agents: a set of what events told, of which every answer is a function.
///
/// Events may come repeated, late, and in any order; the same events give the same fold, equal in its
/// saved bytes. It is a mapping from agents to their current states: `fold["2", "10011"]`, or
/// `fold["10011"]` where no other account has an agent of that id. Ids are texts; an `int` will do.
/// Instants are given as RFC 3339 texts or aware `datetime`s, and told as texts.
///
/// Any number of threads may use one fold. The interpreter is free for others while it works.
///
/// Args:
///     **options: How to read events: `ReadOptions`.
///
/// Raises:
///     AgentfoldError: `bad_argument`
///
/// Example:
///     >>> fold = Fold()
///     >>> online = {"account_id": 2, "detail": {"agent_id": "10011", "version": "3"}, "id": "a",
///     ...     "type": "zen:event-type:agent.state_changed", "event": {"new_state": "online",
///     ...     "channel": "support", "updated_at": "2026-01-05T08:00:00Z"}}
///     >>> fold.apply(online)["outcome"], fold.apply(online)["outcome"]
///     ('applied', 'duplicate')
///     >>> fold["10011"]["channels"]["support"]["state"]
///     'online'
///     >>> list(fold)
///     [Agent(account_id='2', agent_id='10011')]
#[pyclass(frozen, mapping, module = "agentfold")]
pub(crate) struct Fold {
    fold: RwLock<agentfold::Fold>,
    options: Options,
}

impl From<agentfold::Fold> for Fold {
    fn from(fold: agentfold::Fold) -> Fold {
        Fold { options: *fold.options(), fold: RwLock::new(fold) }
    }
}

#[pymethods]
impl Fold {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> Result<Fold, Raised> {
        Ok(agentfold::Fold::with_options(&self::options(options, &[])?).into())
    }

    /// Takes in one event, and tells what that changed. An event that can't be read is an answer too.
    ///
    /// Args:
    ///     event: Its bytes or text as they came, or a dict.
    ///
    /// Returns:
    ///     An `Applied`: the `outcome` (`"applied"`, `"late"`, `"duplicate"`, `"expired"`, `"ignored"` or
    ///     `"unreadable"`, with its `issues`) and the `changes` of the agent's current state.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if it is no bytes, text or dict.
    #[pyo3(signature = (event, /))]
    fn apply<'py>(&self, event: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, bytes) = (event.py(), bytes(event, "event")?);
        let applied = self.change(py, |fold| fold.apply_bytes(&bytes));
        Ok(data(py, &applied)?)
    }

    /// Takes in many events, and tells of each what it changed. Where that isn't asked for, `read` is
    /// much faster.
    ///
    /// Args:
    ///     events: An iterable of events, each bytes, a text or a dict.
    ///
    /// Returns:
    ///     A list of `Applied`s, one for each event.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if one is no bytes, text or dict; those before it are taken in.
    #[pyo3(signature = (events, /))]
    fn apply_many<'py>(&self, events: &Bound<'py, PyAny>) -> Result<Bound<'py, PyList>, Raised> {
        let (py, told) = (events.py(), PyList::empty(events.py()));
        let mut events = events.try_iter()?;
        loop {
            let mut batch = Vec::new();
            let mut wrong = None;
            for event in events.by_ref().take(BATCH) {
                match event.map_err(Raised::from).and_then(|event| bytes(&event, "events")) {
                    Ok(event) => batch.push(event),
                    Err(error) => {
                        wrong = Some(error);
                        break;
                    }
                }
            }
            let all = self.change(py, |fold| {
                batch.iter().map(|bytes: &Bytes| fold.apply_bytes(bytes)).collect::<Vec<_>>()
            });
            for applied in &all {
                told.append(data(py, applied)?)?;
            }
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
            py.check_signals()?;
            if batch.len() < BATCH {
                return Ok(told);
            }
        }
    }

    /// Takes in every event of a source, and counts what became of them. This is the fast way in. Memory
    /// does not grow with the source, and `KeyboardInterrupt` ends it: what was read until then stays
    /// taken in, and reading again changes nothing.
    ///
    /// Args:
    ///     source: `bytes`; a path, as a text or an `os.PathLike`; a file that is open; an iterable of
    ///         `bytes` (pieces of one stream, cut anywhere), texts or dicts (whole records); or Arrow's
    ///         columns: whatever has `__arrow_c_stream__`, or an iterable of such, an event in each row.
    ///         NDJSON, objects one after another, arrays and pages are told apart by looking, and gzip and
    ///         zstd are unpacked.
    ///     column: Which of Arrow's columns holds the events, as texts or bytes, where there are several.
    ///     changes: Whether to tell what moved in the current states, which takes longer.
    ///     on_progress: Called now and then with the number of bytes that were taken from the source, as
    ///         they stand there, since the last call: `tqdm(total=...).update` fits.
    ///     on_unreadable: Called with an `Unreadable` for each record that is no event, which is then not
    ///         in what is returned.
    ///
    /// Returns:
    ///     A `Read`: the `counts` of outcomes, what was `unreadable`, and `changes` if asked for.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument`
    ///     OSError: If a file can't be read.
    ///
    /// Example:
    ///     >>> Fold().read(b"{}")["counts"]["unreadable"]
    ///     1
    #[pyo3(signature = (
        source,
        *,
        column = None,
        changes = false,
        on_progress = None,
        on_unreadable = None
    ))]
    fn read<'py>(
        &self,
        source: &Bound<'py, PyAny>,
        column: Option<&str>,
        changes: bool,
        on_progress: Option<Bound<'py, PyAny>>,
        on_unreadable: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyDict>, Raised> {
        let callbacks = Callbacks { progress: on_progress, unreadable: on_unreadable };
        let stream = Stream::new(&self.options);
        let all = Source::new(source, column)?;
        read::read(source.py(), &self.fold, all, stream, changes, &callbacks)
    }

    /// The agents of whom an event was accepted, by account, then agent.
    fn agents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let agents = self.ask(py, agentfold::Fold::agents);
        let agents = agents.map(|agent| key(py, agent));
        PyList::new(py, agents.collect::<PyResult<Vec<_>>>()?)
    }

    /// The instants of the first and the last accepted event; `None` if there was none.
    fn first_and_last_event_at(&self, py: Python<'_>) -> Option<(String, String)> {
        let ends = self.ask(py, agentfold::Fold::first_and_last_event_at);
        ends.map(|(first, last)| (first.to_string(), last.to_string()))
    }

    /// An agent's current state; `None` if no event of it was accepted.
    ///
    /// Args:
    ///     agent: A pair of ids, whatever names both, such as a change or a row, or the agent's id alone.
    ///
    /// Returns:
    ///     An `AgentState`. What was never told is `None`.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_id`; `ambiguous_agent` if agents of several accounts have that id.
    #[pyo3(signature = (agent, /))]
    fn state<'py>(&self, agent: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, named) = (agent.py(), named(agent)?);
        let agent = self.whom(py, &named)?;
        Ok(data(py, &self.ask(py, |fold| fold.state(agent?)))?)
    }

    /// An agent's state as of an instant, by all that is known now; `None` if no event of it was accepted
    /// by then.
    ///
    /// Args:
    ///     agent: A pair of ids, whatever names both, or the agent's id alone.
    ///     at: The instant.
    ///
    /// Returns:
    ///     An `AgentState`.
    ///
    /// Raises:
    ///     AgentfoldError: `before_cut` if `at` is before the agent's cut: its history from then was
    ///         compacted away. The error has the `agent` and its `cut`.
    #[pyo3(signature = (agent, at, /))]
    fn state_at<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        at: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, named, at) = (agent.py(), named(agent)?, instant(at, "at")?);
        let Some(agent) = self.whom(py, &named)? else {
            return Ok(py.None().into_bound(py));
        };
        Ok(data(py, &self.ask(py, |fold| fold.state_at(agent, at))?)?)
    }

    /// What was noticed of missing and strange events, by agent. A late event mends it.
    ///
    /// Returns:
    ///     A list of `Anomaly`s.
    fn anomalies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        data(py, &self.ask(py, agentfold::Fold::anomalies))
    }

    /// The channels of all accounts at an instant: their agents, load and capacity, who can take one more
    /// item, and whether that can be trusted.
    ///
    /// Args:
    ///     at: The instant.
    ///     near_seconds: How long an agent stays doubtful after an anomaly; 900 by default.
    ///     silent_seconds: How long an agent may be silent before it is doubtful; 28800 by default.
    ///     selection: Which accounts, agents, groups and channels the floor is about; all by default.
    ///
    /// Returns:
    ///     A list of `ChannelFloor`s.
    ///
    /// Raises:
    ///     AgentfoldError: `before_cut` if `at` is before the cut of one of the agents. The error has the
    ///         `agent` with the latest `cut`: from then on, there is an answer for all of them.
    #[pyo3(signature = (at, *, near_seconds = None, silent_seconds = None, selection = None))]
    fn floor<'py>(
        &self,
        at: &Bound<'py, PyAny>,
        near_seconds: Option<u64>,
        silent_seconds: Option<u64>,
        selection: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, at, mut trust) = (at.py(), instant(at, "at")?, Trust::default());
        trust.near = near_seconds.map_or(trust.near, Duration::from_secs);
        trust.silent = silent_seconds.map_or(trust.silent, Duration::from_secs);
        let selection = self::selection(selection)?;
        Ok(data(py, &self.ask(py, |fold| fold.floor(at, &trust, &selection))?)?)
    }

    /// The intervals of an agent in a window, track by track: they never overlap, and cover the window
    /// without a hole.
    ///
    /// Args:
    ///     agent: A pair of ids, whatever names both, or the agent's id alone.
    ///     track: One track alone, such as `"state[support]"`; `"load[support]"`, the number of open items,
    ///         is returned only if it is named.
    ///     from_: Where the window begins.
    ///     to: Where it ends, itself not in it.
    ///     as_of: The latest instant of which anything is known; `to` where it is left out.
    ///
    /// Returns:
    ///     A list of `Interval`s.
    ///
    /// Raises:
    ///     AgentfoldError: `no_track`; `unknown_agent` if no account has an agent of an id alone.
    #[pyo3(signature = (agent, track = None, *, from_, to, as_of = None))]
    fn intervals<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        track: Option<&Bound<'py, PyAny>>,
        from_: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        as_of: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, window) = (agent.py(), window(from_, to, as_of)?);
        let track = track.map(self::track).transpose()?;
        let agent = self.known(agent)?;
        Ok(data(py, &self.ask(py, |fold| fold.intervals(agent, track.as_ref(), &window))?)?)
    }

    /// The stays of an agent's work items that touch a window, each told whole.
    ///
    /// Args:
    ///     agent: A pair of ids, whatever names both, or the agent's id alone.
    ///     from_: Where the window begins.
    ///     to: Where it ends, itself not in it.
    ///     as_of: The latest instant of which anything is known; `to` where it is left out.
    ///
    /// Returns:
    ///     A list of `WorkItemSpan`s; `handle_ns` is in nanoseconds.
    ///
    /// Raises:
    ///     AgentfoldError: `unknown_agent` if no account has an agent of an id alone.
    #[pyo3(signature = (agent, *, from_, to, as_of = None))]
    fn work_items<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        from_: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        as_of: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, window) = (agent.py(), window(from_, to, as_of)?);
        let agent = self.known(agent)?;
        Ok(data(py, &self.ask(py, |fold| fold.work_items(agent, &window)))?)
    }

    /// The chat spans of an agent in a window, in the shape of Zendesk's `agent_timeline`.
    ///
    /// Args:
    ///     agent: A pair of ids, whatever names both, or the agent's id alone.
    ///     from_: Where the window begins.
    ///     to: Where it ends, itself not in it.
    ///     as_of: The latest instant of which anything is known; `to` where it is left out.
    ///
    /// Returns:
    ///     A list of `ChatSpan`s; `duration` is in seconds.
    ///
    /// Raises:
    ///     AgentfoldError: `unknown_agent` if no account has an agent of an id alone.
    #[pyo3(signature = (agent, *, from_, to, as_of = None))]
    fn chat_spans<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        from_: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        as_of: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, window) = (agent.py(), window(from_, to, as_of)?);
        let agent = self.known(agent)?;
        Ok(data(py, &self.ask(py, |fold| fold.chat_spans(agent, &window)))?)
    }

    /// A report: how long, how busy and how fast, in each bucket, a row for each agent and channel,
    /// unified state, and chat; or what `by` makes of them.
    ///
    /// Args:
    ///     buckets: Boundaries and `as_of`, as `agentfold.buckets` makes them.
    ///     by: `"agent"`, `"channel"`, `"account"` or `"group"`.
    ///     selection: Which accounts, agents, groups and channels the report is about; all by default.
    ///
    /// Returns:
    ///     A list of `ReportRow`s; what ends in `_ns` is in nanoseconds, as an `int` of any size.
    ///
    /// Raises:
    ///     AgentfoldError: `not_rising` or `bad_argument`; `too_many_rows` if the agents times the buckets
    ///         are more than 10,000,000.
    #[pyo3(signature = (buckets, by = "agent", *, selection = None))]
    fn report<'py>(
        &self,
        buckets: &Bound<'py, PyAny>,
        by: &str,
        selection: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let py = buckets.py();
        let (buckets, by) = (self::buckets(buckets)?, plain(by, "by")?);
        let selection = self::selection(selection)?;
        let rows: Vec<Row> =
            self.ask(py, |fold| Ok::<_, Error>(fold.report(&buckets, by, &selection)?.collect()))?;
        Ok(list(py, rows)?)
    }

    /// Holds agents against a schedule: a row for each of its lines.
    ///
    /// Args:
    ///     schedule: A list of `Scheduled`s: who was to be in which states, from when to when.
    ///     as_of: Where the lines are cut.
    ///
    /// Returns:
    ///     A list of `AdherenceRow`s.
    ///
    /// Raises:
    ///     AgentfoldError: `no_track` or `bad_argument`.
    #[pyo3(signature = (schedule, as_of))]
    fn adherence<'py>(
        &self,
        schedule: &Bound<'py, PyAny>,
        as_of: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, as_of) = (schedule.py(), instant(as_of, "as_of")?);
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        let rows = self.ask(py, |fold| fold.adherence(&schedule, as_of))?;
        Ok(list(py, rows.into_iter().map(Row::Adherence))?)
    }

    /// A table in Arrow's columns, which `pyarrow.table`, `polars.DataFrame` and DuckDB take as they are.
    ///
    /// Its columns have the names that data has. Ids and words are dictionary-encoded texts, instants
    /// `timestamp[ns, UTC]`, what ends in `_ns` an `int64`; what 64 bits can't hold (instants before
    /// 1677-09-21 and after 2262-04-11) is null. A `value` is a text as it is, or JSON.
    ///
    /// Args:
    ///     table: `"events"`: what each event told of each track, which is all that a fold holds.
    ///         `"agents"`: states, a row for each channel of an agent, as of `at` if that is given.
    ///         `"work_items"`, `"intervals"`, `"report"` and `"anomalies"`: what the methods of these names
    ///         answer, of all agents, with the same keywords.
    ///     agent: Of one agent alone; for `"events"`, `"agents"`, `"work_items"` and `"intervals"`.
    ///     at: As of when, for `"agents"`; now where it is left out.
    ///     track: One track alone, for `"intervals"`.
    ///     from_: Where the window begins, for `"work_items"` and `"intervals"`.
    ///     to: Where it ends, itself not in it.
    ///     as_of: The latest instant of which anything is known; `to` where it is left out.
    ///     buckets: For `"report"`, as `agentfold.buckets` makes them.
    ///     by: For `"report"`: `"agent"` where it is left out.
    ///     selection: For `"report"`: which accounts, agents, groups and channels it is about.
    ///
    /// Returns:
    ///     An `ArrowStream`.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if a keyword is missing, or is not for that table; what the method of
    ///         that name raises.
    ///
    /// Example:
    ///     >>> Fold().to_arrow("anomalies")
    ///     <ArrowStream of account_id, agent_id, anomaly, track, aspect, channel, work_item, at, ...>
    #[pyo3(signature = (table, **keywords))]
    fn to_arrow(
        &self,
        py: Python<'_>,
        table: &str,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> Result<ArrowStream, Raised> {
        let mut keywords = Keywords::new(keywords)?;
        let request = Request::new(table, &mut keywords)?;
        let agent = if request.is_of_agents() { keywords.take("agent") } else { None };
        let agents = match agent {
            Some(agent) => vec![self.known(&agent)?],
            None => self.ask(py, |fold| fold.agents().collect()),
        };
        keywords.none_left()?;
        Ok(self.ask(py, |fold| request.answer(fold, agents))?)
    }

    /// Takes in all that another fold knows: the union of both. The other one stays as it is. `|=` does
    /// the same, and `|` gives a new fold.
    ///
    /// Raises:
    ///     AgentfoldError: `different_options` if the folds date events by different fields.
    #[pyo3(signature = (other, /))]
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Fold>) -> Result<(), Raised> {
        let other = other.get();
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        let merged = py.detach(|| {
            // In the order of addresses, or two threads that merge crosswise would wait for ever.
            let first = std::ptr::from_ref(self) < std::ptr::from_ref(other);
            let early = first.then(|| self.writing());
            let theirs = other.reading();
            let mut ours = early.unwrap_or_else(|| self.writing());
            ours.merge(&theirs)
        });
        Ok(merged?)
    }

    /// Forgets history from before an instant; current state stays as it is.
    #[pyo3(signature = (before, /))]
    fn compact(&self, before: &Bound<'_, PyAny>) -> Result<(), Raised> {
        let (py, before) = (before.py(), instant(before, "before")?);
        self.change(py, |fold| fold.compact(before));
        Ok(())
    }

    /// The cut of agents that are not known yet: events from before it are not accepted from them.
    /// `None` if the fold was never compacted.
    fn cut(&self, py: Python<'_>) -> Option<String> {
        self.ask(py, agentfold::Fold::cut).map(|cut| cut.to_string())
    }

    /// An agent's cut: its history from before that instant was compacted away. `None` if nothing was.
    ///
    /// Args:
    ///     agent: A pair of ids, whatever names both, or the agent's id alone.
    ///
    /// Raises:
    ///     AgentfoldError: `unknown_agent` if no account has an agent of an id alone.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.compact("2026-01-05T08:00:00Z")
    ///     >>> fold.cut_of(("2", "10011"))
    ///     '2026-01-05T08:00:00Z'
    #[pyo3(signature = (agent, /))]
    fn cut_of(&self, agent: &Bound<'_, PyAny>) -> Result<Option<String>, Raised> {
        let (py, agent) = (agent.py(), self.known(agent)?);
        Ok(self.ask(py, |fold| fold.cut_of(agent)).map(|cut| cut.to_string()))
    }

    /// All that the fold knows, as bytes: equal for equal folds, and readable by all later versions.
    fn save<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.ask(py, agentfold::Fold::save))
    }

    /// All that the fold knows of one agent, as bytes that `restore` takes; `None` if it knows nothing.
    #[pyo3(signature = (agent, /))]
    fn save_agent<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
    ) -> Result<Option<Bound<'py, PyBytes>>, Raised> {
        let (py, named) = (agent.py(), named(agent)?);
        let agent = self.whom(py, &named)?;
        let saved = self.ask(py, |fold| fold.save_agent(agent?));
        Ok(saved.map(|saved| PyBytes::new(py, &saved)))
    }

    /// All that the fold knows, agent by agent, as `save_agent` has it: of those too of whom no event was
    /// accepted. Together with the cut of the last `compact` they are the whole fold.
    ///
    /// Returns:
    ///     A list of `(Agent, bytes)`, by account, then agent.
    fn save_agents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let saved = self.ask(py, |fold| fold.save_agents().collect::<Vec<_>>());
        let saved =
            saved.into_iter().map(|(agent, saved)| Ok((key(py, agent)?, PyBytes::new(py, &saved))));
        PyList::new(py, saved.collect::<PyResult<Vec<_>>>()?)
    }

    /// Takes in what was saved, as `merge` would.
    ///
    /// Raises:
    ///     AgentfoldError: `not_saved`, `damaged`, `newer_version` or `different_options`; the fold stays
    ///         as it was.
    #[pyo3(signature = (saved, /))]
    fn restore(&self, saved: &Bound<'_, PyAny>) -> Result<(), Raised> {
        let bytes = bytes(saved, "saved")?;
        Ok(self.change(saved.py(), |fold| fold.restore(&bytes))?)
    }

    /// Takes in a page of Zendesk's REST record of agent availability.
    ///
    /// Args:
    ///     account_id: Whose record it is.
    ///     page: The page: bytes, a text or a dict.
    ///     at: When it was asked for.
    ///
    /// Returns:
    ///     A list of `Seeded`s: what became of each of its agents, and what that changed.
    ///
    /// Raises:
    ///     AgentfoldError: If it is no page: `issues` holds all that is wrong with it.
    #[pyo3(signature = (account_id, page, at))]
    fn seed<'py>(
        &self,
        account_id: &Bound<'py, PyAny>,
        page: &Bound<'py, PyAny>,
        at: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, account_id, at) = (page.py(), id(account_id, "account_id")?, instant(at, "at")?);
        let page = Page::parse(&bytes(page, "page")?)?;
        Ok(list(py, self.change(py, |fold| fold.seed(account_id, &page, at)))?)
    }

    /// Tells where a page of Zendesk's REST record differs from the current state.
    ///
    /// Args:
    ///     account_id: Whose record it is.
    ///     page: The page: bytes, a text or a dict.
    ///
    /// Returns:
    ///     A list of `Difference`s.
    ///
    /// Raises:
    ///     AgentfoldError: If it is no page.
    #[pyo3(signature = (account_id, page))]
    fn reconcile<'py>(
        &self,
        account_id: &Bound<'py, PyAny>,
        page: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, account_id) = (page.py(), id(account_id, "account_id")?);
        let page = Page::parse(&bytes(page, "page")?)?;
        Ok(data(py, &self.ask(py, |fold| fold.reconcile(account_id, &page)))?)
    }

    /// Tells where rows of Chat's `agent_timeline` differ from the chat spans.
    ///
    /// Args:
    ///     account_id: Whose rows they are.
    ///     rows: A list of `TimelineRow`s, or its JSON.
    ///     as_of: The latest instant of which anything is known.
    ///
    /// Returns:
    ///     A list of `TimelineDifference`s.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if they are no such rows.
    #[pyo3(signature = (account_id, rows, as_of))]
    fn reconcile_timeline<'py>(
        &self,
        account_id: &Bound<'py, PyAny>,
        rows: &Bound<'py, PyAny>,
        as_of: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, bytes) = (rows.py(), bytes(rows, "rows")?);
        let rows = argument(&bytes, "rows")?;
        let rows: Vec<TimelineRow<'_>> = rows.read()?;
        let (account_id, as_of) = (id(account_id, "account_id")?, instant(as_of, "as_of")?);
        let differ = self.ask(py, |fold| fold.reconcile_timeline(account_id, &rows, as_of));
        Ok(data(py, &differ)?)
    }

    /// What availability events told of a channel, in the form of the Chat export.
    ///
    /// Args:
    ///     channel: The channel, such as `"messaging"`.
    ///     from_: From when on.
    ///     now: What happened in the five minutes before is left out.
    ///
    /// Returns:
    ///     A list of `ChatEvent`s.
    #[pyo3(signature = (channel, from_, now))]
    fn tell_chat<'py>(
        &self,
        channel: &Bound<'py, PyAny>,
        from_: &Bound<'py, PyAny>,
        now: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (from, now, py) = (instant(from_, "from_")?, instant(now, "now")?, channel.py());
        let channel = text(channel, "channel")?;
        let told = self.ask(py, |fold| fold.tell_chat(channel.as_str(), from, now));
        let told = told.into_iter().map(|chat| raw(py, &Event::Chat(chat)));
        Ok(PyList::new(py, told.collect::<PyResult<Vec<_>>>()?)?)
    }

    /// The agents, as `dict.keys` has them.
    fn keys<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "KeysView")
    }

    /// The current states, as `dict.values` has them.
    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "ValuesView")
    }

    /// Agents with their current states, as `dict.items` has them.
    fn items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "ItemsView")
    }

    /// An agent's current state, or something else if no event of it was accepted.
    #[pyo3(signature = (agent, default = None, /))]
    fn get<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let state = self.state(agent)?;
        Ok(if state.is_none() { default.unwrap_or(state) } else { state })
    }

    /// A fold of its own that knows the same.
    fn copy(&self, py: Python<'_>) -> Fold {
        self.ask(py, agentfold::Fold::clone).into()
    }

    fn __copy__(&self, py: Python<'_>) -> Fold {
        self.copy(py)
    }

    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> Fold {
        self.copy(py)
    }

    fn __getitem__<'py>(&self, agent: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
        let state = self.state(agent)?;
        if state.is_none() {
            return Err(PyKeyError::new_err((agent.clone().unbind(),)).into());
        }
        Ok(state)
    }

    fn __contains__(&self, agent: &Bound<'_, PyAny>) -> bool {
        self.state(agent).is_ok_and(|state| !state.is_none())
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.ask(py, |fold| fold.agents().len())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.agents(py)?.try_iter()?.into_any())
    }

    fn __or__(&self, py: Python<'_>, other: &Bound<'_, Fold>) -> Result<Fold, Raised> {
        let union = self.copy(py);
        union.merge(py, other)?;
        Ok(union)
    }

    fn __ior__(&self, py: Python<'_>, other: &Bound<'_, Fold>) -> Result<(), Raised> {
        self.merge(py, other)
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, Fold>) -> bool {
        let other = other.get();
        let same = self.options.instant == other.options.instant;
        let save = agentfold::Fold::save;
        std::ptr::eq(self, other) || (same && self.ask(py, save) == other.ask(py, save))
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let count = self.__len__(py);
        match self.ask(py, agentfold::Fold::first_and_last_event_at) {
            Some((first, last)) => format!("<Fold of {count} agents, {first} to {last}>"),
            None => "<Fold of 0 agents>".to_owned(),
        }
    }

    fn __getnewargs_ex__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyAny>)> {
        Ok((PyTuple::empty(py), data(py, &self.options)?))
    }

    fn __getstate__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.save(py)
    }

    fn __setstate__(&self, saved: &Bound<'_, PyAny>) -> Result<(), Raised> {
        self.restore(saved)
    }
}

impl Fold {
    /// Asks the fold, while others may have the interpreter.
    // Nobody waits for the fold with the interpreter, nor for the interpreter with the fold.
    fn ask<T: Send>(&self, py: Python<'_>, ask: impl FnOnce(&agentfold::Fold) -> T + Send) -> T {
        py.detach(|| ask(&self.reading()))
    }

    fn change<T: Send>(
        &self,
        py: Python<'_>,
        change: impl FnOnce(&mut agentfold::Fold) -> T + Send,
    ) -> T {
        py.detach(|| change(&mut self.writing()))
    }

    fn reading(&self) -> RwLockReadGuard<'_, agentfold::Fold> {
        self.fold.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, agentfold::Fold> {
        self.fold.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The agent that is named; nobody if it is by an id that no account has.
    fn whom(&self, py: Python<'_>, named: &Named) -> Result<Option<Agent>, Raised> {
        let id = match named {
            Named::Agent(agent) => return Ok(Some(*agent)),
            Named::Id(id) => *id,
        };
        let mut named = self.ask(py, |fold| fold.find(id));
        match (named.next(), named.next()) {
            (Some(_), Some(_)) => {
                let message = "agents of several accounts have this id: name the account too";
                Err(Raised::new("ambiguous_agent", "/agent_id", message))
            }
            (agent, _) => Ok(agent),
        }
    }

    fn known(&self, agent: &Bound<'_, PyAny>) -> Result<Agent, Raised> {
        let agent = self.whom(agent.py(), &named(agent)?)?;
        let message = "no agent of any account has this id";
        agent.ok_or_else(|| Raised::new("unknown_agent", "/agent_id", message))
    }
}

/// One of the views that a mapping has.
fn view<'py>(fold: &Bound<'py, Fold>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let py = fold.py();
    let module = MODULE.get_or_try_init(py, || py.import("collections.abc").map(Bound::unbind))?;
    module.bind(py).getattr(name)?.call1((fold,))
}

/// The rows that differ between an earlier report and a later one over the same buckets.
///
/// Args:
///     before: The rows of the earlier report.
///     after: The rows of the later one.
///
/// Returns:
///     A list of `Correction`s.
///
/// Raises:
///     AgentfoldError: `bad_argument` if they are no rows of a report.
#[pyfunction]
#[pyo3(signature = (before, after))]
pub(crate) fn corrections<'py>(
    before: &Bound<'py, PyAny>,
    after: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let py = before.py();
    let (before, after) = (json(before, "before")?, json(after, "after")?);
    let rows = |json, name| StoredRow::list(json).ok_or_else(|| Raised::argument(name));
    // Rows are texts in the core, so what is told of them is one too.
    let corrections = py.detach(|| -> Result<String, Raised> {
        let told =
            agentfold::report::corrections(&rows(&before, "before")?, &rows(&after, "after")?);
        Ok(serde_json::to_string(&told).expect("INVARIANT: what the core tells is JSON"))
    });
    Ok(parsed(py, &corrections?)?)
}
