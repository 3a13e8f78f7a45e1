//! [`Fold`]: events of many agents.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError};
use std::time::Duration;

use agentfold::alert::Thresholds;
use agentfold::border::{BucketsData, WindowData};
use agentfold::export::Served;
use agentfold::floor::Trust;
use agentfold::history::Window;
use agentfold::names::Names;
use agentfold::report::{RollUp, Row, Scheduled, StoredRow};
use agentfold::rest::{Page, TimelineRow};
use agentfold::stream::Stream;
use agentfold::{Agent, Applied, Error, Event, Options, Selection};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};

use crate::argument::{
    Bytes, Named, argument, bytes, given, id, json, named, options_given, plain, selection, text,
    track, window,
};
use crate::arrow::ArrowStream;
use crate::buckets::{ROW_LIMIT, STREAM_ROW_LIMIT, buckets};
use crate::data::{data, key, parsed};
use crate::event::raw;
use crate::instant::{Clock, instant, instant_or_now};
use crate::raised::Raised;
use crate::read::{self, Callbacks};
use crate::report_rows::ReportRows;
use crate::request::{self, Keywords, Request};
use crate::source::Source;
use crate::tables::{self, Begin};
use crate::turns::{Pages, Turns, extend, list, wait};
use crate::wanted::{Wanted, add_names};

/// The number of events that are taken from Python at a time.
const BATCH: usize = 1024;

/// The number of agents that are merged or compacted at a time.
const AGENTS: usize = 64;

/// Events of many agents, and the states and history that follow from them.
///
/// Events may be repeated, late, and in any order. The same events give the same fold, with equal saved
/// bytes.
///
/// A fold is a mapping from agents to their current states: `fold["2", "10011"]`, or `fold["10011"]` if
/// only one account has an agent with that id. Ids are strings; an `int` is accepted too. Instants are
/// passed as RFC 3339 text or aware `datetime`s, and returned as text.
///
/// Any number of threads may use one fold. A question is about the fold as it was when it was asked, and
/// `apply` in another thread does not wait for it. Long calls let other threads of Python run, and a signal,
/// such as Ctrl-C, ends them.
///
/// Args:
///     **options: How events are read: `ReadOptions`.
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

impl Fold {
    /// Takes a fold that reads events by the given options.
    pub(crate) fn of(fold: agentfold::Fold, options: Options) -> Fold {
        Fold { options, fold: RwLock::new(fold) }
    }
}

/// Reads what a report is to be of.
pub(crate) fn report_of(
    buckets: &Bound<'_, PyAny>,
    by: &str,
    selection: Option<&Bound<'_, PyAny>>,
    row_limit: u64,
) -> Result<(BucketsData, RollUp, Selection), Raised> {
    Ok((self::buckets(buckets, row_limit)?, plain(by, "by")?, self::selection(selection)?))
}

#[pymethods]
impl Fold {
    #[new]
    #[pyo3(signature = (**options))]
    fn new(options: Option<&Bound<'_, PyDict>>) -> Result<Fold, Raised> {
        let options = options_given(options, &[])?;
        Ok(Fold::of(agentfold::Fold::with_options(&options), options))
    }

    /// Applies one event. Returns its outcome and the changes in the current state. If the event can't
    /// be read, the outcome is `"unreadable"`.
    ///
    /// Args:
    ///     event: The bytes or text as received, or a dict.
    ///
    /// Returns:
    ///     An `Applied`: the `outcome` (`"applied"`, `"late"`, `"duplicate"`, `"expired"`, `"ignored"`,
    ///     `"limit"`, with the `limit`, or `"unreadable"`, with its `issues`) and the `changes` in the
    ///     agent's current state.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if it is not bytes, text or a dict.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> applied = fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...                       "timestamp": "2026-01-05T09:00:00Z", "value": "online"})
    ///     >>> applied["outcome"], [(change["track"], change["to"]) for change in applied["changes"]]
    ///     ('applied', [('chat_status', 'online'), ('chat_status.since', '2026-01-05T09:00:00Z')])
    #[pyo3(signature = (event, /))]
    fn apply<'py>(&self, event: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
        Ok(data(event.py(), &self.apply_bytes(event.py(), &bytes(event, "event")?))?)
    }

    /// Applies events one by one. Returns the result of each. If you do not need the results, `read` is
    /// much faster.
    ///
    /// Args:
    ///     events: An iterable of events, each bytes, text or a dict.
    ///
    /// Returns:
    ///     A list of `Applied`s, one for each event.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if one is not bytes, text or a dict. Those before it were
    ///         applied.
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
            let all = self.take(py, |fold| {
                batch.iter().map(|bytes: &Bytes| fold.apply_bytes(bytes)).collect::<Vec<_>>()
            });
            extend(&told, all)?;
            if let Some(wrong) = wrong {
                return Err(wrong);
            }
            py.check_signals()?;
            if batch.len() < BATCH {
                return Ok(told);
            }
        }
    }

    /// Reads all events of a source. Returns the number of events by outcome. This is the fastest way.
    ///
    /// Memory does not grow with the source. `KeyboardInterrupt` stops it. The events read until then
    /// stay in the fold, and reading them again changes nothing.
    ///
    /// Args:
    ///     source: `bytes`; a path, as `str` or `os.PathLike`; an open file; an iterable of `bytes`
    ///         (chunks of one stream, cut anywhere), of `str` or dicts (whole records); or Arrow
    ///         columns with an event in each row: an object with `__arrow_c_stream__`, polars'
    ///         `LazyFrame`, or an iterable of such. Detects NDJSON, concatenated JSON objects, JSON arrays and pages of the Chat
    ///         export. Unpacks gzip and zstd.
    ///     column: The name of the Arrow column with the events, as text or bytes. Required if there
    ///         are several columns.
    ///     changes: Whether to return the changes in the current states, which takes longer.
    ///     on_progress: Called regularly with the number of bytes read from the source since the last
    ///         call, before unpacking. `tqdm(total=...).update` fits.
    ///     on_unreadable: Called with an `Unreadable` for each record that could not be read. The
    ///         result then does not contain them.
    ///
    /// Returns:
    ///     A `Read`: the `counts` by outcome, the `unreadable` records, and `changes` if requested.
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
        let all = Source::new(source, column)?.with_clock(Clock::of(&self.options));
        read::read(source.py(), &self.fold, all, stream, changes, &callbacks)
    }

    /// Returns the agents with an accepted event, sorted by account, then agent.
    fn agents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let agents = self.ask(py, agentfold::Fold::agents);
        let agents = agents.map(|agent| key(py, agent));
        PyList::new(py, agents.collect::<PyResult<Vec<_>>>()?)
    }

    /// Returns the agents with events of which none was accepted, sorted by account, then agent.
    fn unknown_agents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let agents = self.ask(py, agentfold::Fold::unknown_agents).into_iter();
        let agents = agents.map(|agent| key(py, agent));
        PyList::new(py, agents.collect::<PyResult<Vec<_>>>()?)
    }

    /// Returns the instants of the first and the last accepted event; `None` if empty.
    fn first_and_last_event_at(&self, py: Python<'_>) -> Option<(String, String)> {
        let ends = self.ask(py, agentfold::Fold::first_and_last_event_at);
        ends.map(|(first, last)| (first.to_string(), last.to_string()))
    }

    /// Returns when the events happened, apart from outliers; `None` if empty.
    ///
    /// One event with a wrong date would make a report over all events thousands of times as long. An
    /// instant from before 2007 is an outlier, and so are the few that are far from all others.
    ///
    /// Returns:
    ///     `UsualTimes`: the first and the last instant, and how many are before and after them.
    fn usual_event_times<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        data(py, &self.ask_long(py, agentfold::Fold::usual_event_times)?)
    }

    /// Returns an agent's current state; `None` if no event of the agent was accepted.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids (such as a change or a row), or only the agent's
    ///         id.
    ///
    /// Returns:
    ///     An `AgentState`. Values that no event has stated are `None`.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_id`; `ambiguous_agent` if agents of several accounts have this id.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "away"})["outcome"]
    ///     'applied'
    ///     >>> fold.state("7")["chat"]["status"], fold.state((2, 8))
    ///     ('away', None)
    #[pyo3(signature = (agent, /))]
    fn state<'py>(&self, agent: &Bound<'py, PyAny>) -> Result<Bound<'py, PyAny>, Raised> {
        let (py, named) = (agent.py(), named(agent)?);
        let agent = self.whom(py, &named)?;
        Ok(data(py, &self.ask(py, |fold| fold.state(agent?)))?)
    }

    /// Returns an agent's state as of an instant, by everything that is known now; `None` if it had no
    /// accepted event by then.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids, or only the agent's id.
    ///     at: The instant.
    ///
    /// Returns:
    ///     An `AgentState`.
    ///
    /// Raises:
    ///     AgentfoldError: `before_cut` if `at` is before the agent's cut: earlier history was
    ///         compacted away. The error has the `agent` and its `cut`.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> fold.state_at("7", "2026-01-05T09:30:00Z")["chat"]["since"]
    ///     '2026-01-05T09:00:00Z'
    ///     >>> fold.state_at("7", "2026-01-05T08:30:00Z") is None
    ///     True
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

    /// Returns the signs of missing and inconsistent events, by agent. A late event can resolve them.
    ///
    /// Returns:
    ///     A list of `Anomaly`s.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "b",
    ///     ...             "timestamp": "2026-01-05T10:00:00Z", "previous_value": "away",
    ///     ...             "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> [(anomaly["anomaly"], anomaly["track"]) for anomaly in fold.anomalies()]
    ///     [('gap', 'chat_status')]
    fn anomalies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        list(py, self.ask_long(py, agentfold::Fold::anomalies)?)
    }

    /// Returns the channels of all accounts at an instant, with their agents, load and capacity, and
    /// for each agent whether it can take one more item and why its data is doubtful.
    ///
    /// Args:
    ///     at: The instant.
    ///     near_seconds: How long an agent stays doubtful after an anomaly, in seconds. Default: 900.
    ///     silent_seconds: How long an agent may be silent before it is doubtful, in seconds. Default:
    ///         28800.
    ///     selection: The accounts, agents, groups and channels to return. Default: all.
    ///
    /// Returns:
    ///     A list of `ChannelFloor`s.
    ///
    /// Raises:
    ///     AgentfoldError: `before_cut` if `at` is before the cut of one of the agents. The error has
    ///         the `agent` with the latest `cut`: from then on, there is an answer for all of them.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
    ///     ...     "type": "zen:event-type:agent.state_changed", "event": {"new_state": "online",
    ///     ...     "channel": "support", "updated_at": "2026-01-05T08:00:00Z"}})["outcome"]
    ///     'applied'
    ///     >>> [channel] = fold.floor("2026-01-05T09:00:00Z")
    ///     >>> channel["channel"], channel["states"]
    ///     ('support', [{'state': 'online', 'agents': 1}])
    #[pyo3(signature = (at, *, near_seconds = None, silent_seconds = None, selection = None))]
    fn floor<'py>(
        &self,
        at: &Bound<'py, PyAny>,
        near_seconds: Option<u64>,
        silent_seconds: Option<u64>,
        selection: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, at, mut trust) = (at.py(), instant(at, "at")?, Trust::default());
        trust.near = near_seconds.map_or(trust.near, Duration::from_secs);
        trust.silent = silent_seconds.map_or(trust.silent, Duration::from_secs);
        let selection = self::selection(selection)?;
        let floor = self.ask_long(py, move |fold| fold.floor(at, &trust, &selection))??;
        Ok(list(py, floor)?)
    }

    /// Returns what is over a threshold at an instant, by account, kind and subject.
    ///
    /// It depends on the set of events, the thresholds and the instant alone. An alert that may be wrong is
    /// there, and says why. `episodes` says which of them to tell.
    ///
    /// Args:
    ///     thresholds: How long and how much is too long and too much: `Thresholds`.
    ///     at: The instant.
    ///     selection: The accounts, agents, groups and channels to look at. Default: all.
    ///
    /// Returns:
    ///     A list of `Alert`s.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if the thresholds are wrong: `issues` has all problems.
    ///         `before_cut` as for `floor`.
    #[pyo3(signature = (thresholds, at, *, selection = None))]
    fn alerts<'py>(
        &self,
        thresholds: &Bound<'py, PyAny>,
        at: &Bound<'py, PyAny>,
        selection: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, name) = (at.py(), "thresholds");
        let thresholds: Thresholds =
            argument(json(thresholds, name)?.as_bytes(), name)?.read_all()?;
        let (at, selection) = (instant(at, "at")?, self::selection(selection)?);
        let alerts = self.ask_long(py, move |fold| fold.alerts(&thresholds, at, &selection))??;
        Ok(list(py, alerts)?)
    }

    /// Returns the intervals of an agent in a window, track by track, without gaps or overlaps.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids, or only the agent's id.
    ///     track: Returns only this track, such as `"state[support]"`. `"load[support]"`, the number of
    ///         open items, is returned only if it is named here.
    ///     from_: The start of the window, inclusive.
    ///     to: The end of the window, exclusive.
    ///     as_of: Events after this instant are ignored, and nothing is known of the time after it.
    ///         Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
    ///         if values hold until now.
    ///
    /// Returns:
    ///     A list of `Interval`s.
    ///
    /// Raises:
    ///     AgentfoldError: `no_track`; `not_rising` if the window ends before it begins; `unknown_agent`
    ///         if `agent` is only an id that no account has.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "away"})["outcome"]
    ///     'applied'
    ///     >>> end = "2026-01-05T10:00:00Z"
    ///     >>> window = {"from_": "2026-01-05T08:00:00Z", "to": end, "as_of": end}
    ///     >>> [(it["value"], it["basis"]) for it in fold.intervals("7", "chat_status", **window)]
    ///     [(None, 'unknown'), ('away', 'assumed')]
    #[pyo3(signature = (agent, track = None, *, from_, to, as_of = None))]
    fn intervals<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        track: Option<&Bound<'py, PyAny>>,
        from_: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        as_of: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, window) = (agent.py(), window(from_, to, as_of)?);
        let track = track.map(self::track).transpose()?;
        let agent = self.known(agent)?;
        let ask =
            |fold: &agentfold::Fold, window: &Window| fold.intervals(agent, track.as_ref(), window);
        Ok(list(py, self.ask_of(py, agent, window, ask)?)?)
    }

    /// Returns the spans of an agent's work items that overlap a window, in full length.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids, or only the agent's id.
    ///     from_: The start of the window, inclusive.
    ///     to: The end of the window, exclusive.
    ///     as_of: Events after this instant are ignored, and nothing is known of the time after it.
    ///         Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
    ///         if values hold until now.
    ///
    /// Returns:
    ///     A list of `WorkItemSpan`s; `handle_ns` is in nanoseconds.
    ///
    /// Raises:
    ///     AgentfoldError: `not_rising` if the window ends before it begins; `unknown_agent` if `agent` is
    ///         only an id that no account has.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
    ///     ...     "type": "zen:event-type:agent.work_item_added", "event": {"work_item_id": "123",
    ///     ...     "channel": "support", "reason": "ACCEPTED", "updated_at": "2026-01-05T09:00:00Z"}})["outcome"]
    ///     'applied'
    ///     >>> end = "2026-01-05T10:00:00Z"
    ///     >>> window = {"from_": "2026-01-05T08:00:00Z", "to": end, "as_of": end}
    ///     >>> [item] = fold.work_items("10011", **window)
    ///     >>> item["work_item"], item["accepted_at"], item["closed_at"]
    ///     ('123', '2026-01-05T09:00:00Z', None)
    #[pyo3(signature = (agent, *, from_, to, as_of = None))]
    fn work_items<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        from_: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        as_of: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, window) = (agent.py(), window(from_, to, as_of)?);
        let agent = self.known(agent)?;
        let ask = |fold: &agentfold::Fold, window: &Window| fold.work_items(agent, window);
        Ok(list(py, self.ask_of(py, agent, window, ask))?)
    }

    /// Returns the chat spans of an agent in a window, in the format of Zendesk's `agent_timeline`.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids, or only the agent's id.
    ///     from_: The start of the window, inclusive.
    ///     to: The end of the window, exclusive.
    ///     as_of: Events after this instant are ignored, and nothing is known of the time after it.
    ///         Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
    ///         if values hold until now.
    ///
    /// Returns:
    ///     A list of `ChatSpan`s; `duration` is in seconds.
    ///
    /// Raises:
    ///     AgentfoldError: `not_rising` if the window ends before it begins; `unknown_agent` if `agent` is
    ///         only an id that no account has.
    #[pyo3(signature = (agent, *, from_, to, as_of = None))]
    fn chat_spans<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        from_: &Bound<'py, PyAny>,
        to: &Bound<'py, PyAny>,
        as_of: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, window) = (agent.py(), window(from_, to, as_of)?);
        let agent = self.known(agent)?;
        let ask = |fold: &agentfold::Fold, window: &Window| fold.chat_spans(agent, window);
        Ok(list(py, self.ask_of(py, agent, window, ask))?)
    }

    /// Returns the rows of a report for the given buckets: how long, how busy and how fast. Each bucket
    /// has a row for each agent and channel, unified state, and chat; or sums of them, as `by` selects.
    ///
    /// Some rows do not add up. An agent is online on several channels at once, so `online_ns` summed over
    /// channels is more than the time that agents worked. By `"group"`, an agent counts in each of its
    /// groups. Rows of unified states add up to agents' hours, also by `"group_split"`.
    ///
    /// Args:
    ///     buckets: The boundaries and `as_of`, as returned by `agentfold.buckets`.
    ///     by: `"agent"`, `"channel"`, `"account"`, `"group"`, in which an agent of several groups counts
    ///         fully in each, or `"group_split"`, in which its time is divided evenly among them.
    ///     selection: The accounts, agents, groups and channels that the report is about. Default: all.
    ///     rows: The kinds of rows: `"channel"`, `"unified_state"` or `"chat"`, or a list of these.
    ///         Default: all.
    ///     sparse: Whether to leave out rows in which all of the time is unknown and nothing is counted.
    ///     names: The names of agents and groups, as `parse_names` returns them. Then rows have an
    ///         `agent_name`, and rows by group a `group_name`; `None` where it is not known.
    ///     on_progress: Called regularly with the number of rows since the last call.
    ///
    /// Returns:
    ///     A list of `ReportRow`s. Fields that end in `_ns` are nanoseconds, as an `int` of any size.
    ///
    /// Raises:
    ///     AgentfoldError: `not_rising` or `bad_argument`; `too_many_rows` if there would be more than
    ///         1,000,000 rows, or pairs of an agent and a bucket. `row_limit` of the buckets sets another
    ///         limit. They are counted before any is computed.
    ///
    /// Example:
    ///     >>> from agentfold import buckets
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:10:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> end = "2026-01-05T10:00:00Z"
    ///     >>> hour = buckets(from_="2026-01-05T09:00:00Z", to=end, every="1h", as_of=end)
    ///     >>> [row["online_ns"] / 6e10 for row in fold.report(hour) if row["row"] == "chat"]
    ///     [50.0]
    #[pyo3(signature = (
        buckets,
        by = "agent",
        *,
        selection = None,
        rows = None,
        sparse = false,
        names = None,
        on_progress = None
    ))]
    #[expect(clippy::too_many_arguments, reason = "in Python, they have names")]
    fn report<'py>(
        &self,
        buckets: &Bound<'py, PyAny>,
        by: &str,
        selection: Option<&Bound<'py, PyAny>>,
        rows: Option<&Bound<'py, PyAny>>,
        sparse: bool,
        names: Option<&Bound<'py, PyAny>>,
        on_progress: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, wanted, names) = (buckets.py(), Wanted::new(rows, sparse)?, self::names(names)?);
        let report = report_of(buckets, by, selection, ROW_LIMIT)?;
        let list = Pages::new(self.rows(py, report, wanted)?).list(py, on_progress)?;
        if let Some(names) = names {
            let mut turns = Turns::new();
            for row in &list {
                turns.next(py)?;
                add_names(&row, &names)?;
            }
        }
        Ok(list)
    }

    /// Returns an iterator of the rows of a report. It computes them when they are needed, about a
    /// thousand at a time, from what the fold knows now. So a large report takes little memory. The
    /// arguments are those of `report`, without `on_progress`.
    ///
    /// Returns:
    ///     An iterator of `ReportRow`s.
    ///
    /// Raises:
    ///     AgentfoldError: As for `report`, but the limit is 1,000,000,000 rows.
    #[pyo3(signature = (
        buckets,
        by = "agent",
        *,
        selection = None,
        rows = None,
        sparse = false,
        names = None
    ))]
    fn report_rows(
        &self,
        buckets: &Bound<'_, PyAny>,
        by: &str,
        selection: Option<&Bound<'_, PyAny>>,
        rows: Option<&Bound<'_, PyAny>>,
        sparse: bool,
        names: Option<&Bound<'_, PyAny>>,
    ) -> Result<ReportRows, Raised> {
        let (py, wanted, names) = (buckets.py(), Wanted::new(rows, sparse)?, self::names(names)?);
        let report = report_of(buckets, by, selection, STREAM_ROW_LIMIT)?;
        Ok(ReportRows::new(self.rows(py, report, wanted)?, names))
    }

    /// Returns when agents logged in and out: a row for each agent and bucket, with the first login, the
    /// last logout and the sessions. A session is a time in which the agent is known to be not offline.
    ///
    /// Args:
    ///     buckets: The boundaries and `as_of`, as returned by `agentfold.buckets`.
    ///     selection: The accounts, agents and groups that the rows are about. Default: all.
    ///
    /// Returns:
    ///     A list of `SessionsRow`s.
    ///
    /// Raises:
    ///     AgentfoldError: As for `report`.
    ///
    /// Example:
    ///     >>> from agentfold import buckets
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> end = "2026-01-06T00:00:00Z"
    ///     >>> day = buckets(from_="2026-01-05T00:00:00Z", to=end, every="1d", as_of=end)
    ///     >>> [(row["first_login"], row["last_logout"], row["open"]) for row in fold.sessions(day)]
    ///     [('2026-01-05T09:00:00Z', None, True)]
    #[pyo3(signature = (buckets, *, selection = None))]
    fn sessions<'py>(
        &self,
        buckets: &Bound<'py, PyAny>,
        selection: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, buckets) = (buckets.py(), self::buckets(buckets, ROW_LIMIT)?);
        let selection = self::selection(selection)?;
        let fold = self.snapshot(py);
        let rows = wait(py, move || {
            let buckets = buckets.of(&fold)?;
            fold.into_sessions(&buckets, &selection)
        })??;
        Ok(Pages::new(rows.map(Row::Sessions)).list(py, None)?)
    }

    /// Compares agents with a schedule. Returns a row for each entry. The time of an agent without
    /// events is unknown.
    ///
    /// Args:
    ///     schedule: A list of `Scheduled`s: the states that agents are scheduled to be in, and when.
    ///     as_of: The instant at which entries are clipped.
    ///
    /// Returns:
    ///     A list of `AdherenceRow`s.
    ///
    /// Raises:
    ///     AgentfoldError: `no_track` or `bad_argument`.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:15:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> shift = {"account_id": "2", "agent_id": "7", "from": "2026-01-05T09:00:00Z",
    ///     ...          "to": "2026-01-05T10:00:00Z", "track": "chat_status", "states": ["online"]}
    ///     >>> [row] = fold.adherence([shift], "2026-01-05T10:00:00Z")
    ///     >>> row["adherence"], row["unknown_ns"] // 60_000_000_000
    ///     (0.75, 15)
    #[pyo3(signature = (schedule, as_of))]
    fn adherence<'py>(
        &self,
        schedule: &Bound<'py, PyAny>,
        as_of: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, as_of) = (schedule.py(), instant(as_of, "as_of")?);
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        let rows = request::adherence(self.snapshot(py).into(), schedule.into(), as_of)?;
        Ok(Pages::new(rows).list(py, None)?)
    }

    /// Returns when agents did not keep to a schedule: who did not come, came late, left early, or was in
    /// no scheduled state in between.
    ///
    /// Args:
    ///     schedule: A list of `Scheduled`s.
    ///     as_of: The instant at which entries are clipped. With the present, what still goes on is
    ///         `open`.
    ///
    /// Returns:
    ///     A list of `ExceptionRow`s.
    ///
    /// Raises:
    ///     AgentfoldError: `no_track` or `bad_argument`.
    #[pyo3(signature = (schedule, as_of))]
    fn exceptions<'py>(
        &self,
        schedule: &Bound<'py, PyAny>,
        as_of: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, as_of) = (schedule.py(), instant(as_of, "as_of")?);
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        let rows = request::exceptions(self.snapshot(py).into(), schedule.into(), as_of)?;
        Ok(Pages::new(rows).list(py, None)?)
    }

    /// Returns the words of a schedule that no agent of the account ever had: channels and states,
    /// with the known words that are written alike.
    ///
    /// Args:
    ///     schedule: A list of `Scheduled`s.
    ///
    /// Returns:
    ///     A list of `ScheduleWarning`s.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument`.
    #[pyo3(signature = (schedule, /))]
    fn schedule_warnings<'py>(
        &self,
        schedule: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let py = schedule.py();
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        let warnings = self.ask_long(py, move |fold| fold.schedule_warnings(&schedule))?;
        Ok(list(py, warnings)?)
    }

    /// Returns a table in Arrow columns, which `pyarrow.table`, `polars.DataFrame` and DuckDB accept as
    /// it is.
    ///
    /// The rows are computed while they are read, in batches of at most 65,536, from what the fold knows
    /// now. So a table of any length takes little memory, if it is not kept. It can be read any number of
    /// times.
    ///
    /// The columns have the names of the fields in data. Ids and words are dictionary-encoded text,
    /// instants `timestamp[ns, UTC]`, and fields that end in `_ns` `int64`. What 64 bits can't hold
    /// (instants before 1677-09-21 and after 2262-04-11) is null. A `value` is text as it is, or JSON.
    ///
    /// Args:
    ///     table: `"events"`: the events that the fold contains, a row per track. `"agents"`: the
    ///         states, a row per channel of an agent, as of `at` if given. `"work_items"`,
    ///         `"intervals"`, `"report"`, `"sessions"`, `"adherence"`, `"exceptions"` and `"anomalies"`:
    ///         the results of these methods for all agents, with the same keywords.
    ///     agent: Returns only this agent. For `"events"`, `"agents"`, `"work_items"` and
    ///         `"intervals"`.
    ///     at: For `"agents"`: the instant of the states. Default: the current state.
    ///     track: For `"intervals"`: returns only this track.
    ///     from_: For `"work_items"` and `"intervals"`: the start of the window, inclusive.
    ///     to: The end of the window, exclusive.
    ///     as_of: Events after this instant are ignored, and nothing is known of the time after it.
    ///         Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
    ///         if values hold until now.
    ///         Required for `"adherence"` and `"exceptions"`.
    ///     buckets: For `"report"` and `"sessions"`: as returned by `agentfold.buckets`. At most
    ///         1,000,000,000 rows, unless `row_limit` of the buckets sets another limit.
    ///     by: For `"report"`. Default: `"agent"`.
    ///     rows: For `"report"`: the kinds of rows, one or a list. The table has only the columns that rows
    ///         of these kinds have.
    ///     sparse: For `"report"`: whether to leave out rows in which all of the time is unknown and nothing
    ///         is counted.
    ///     selection: The accounts, agents, groups and channels that the rows are about. Not for
    ///         `"adherence"` and `"exceptions"`.
    ///     schedule: For `"adherence"` and `"exceptions"`.
    ///     names: The names of agents and groups, as `parse_names` returns them. The table then has the
    ///         column `agent_name` after `agent_id`, and `group_name` after `group_id`.
    ///     strings: How words are stored: `"dictionary"`, the default, or `"plain"`, for joins with other
    ///         tables.
    ///     unit: The unit of instants: `"ns"`, the default, `"us"` or `"ms"`, rounded down.
    ///     durations: `"ns"`, the default, or `"seconds"`: as `double`, in columns that end in `_s` instead
    ///         of `_ns`.
    ///     flat: Whether columns with fields are a column for each field, such as `unified_state_name`, and
    ///         a `value` is followed by `value_id`, `value_name` and `value_reason`.
    ///     dialect: `"spark"` for types that Apache Spark has, also in Parquet: plain text, microseconds,
    ///         and signed counts, null if they don't fit. `strings` and `unit` still apply.
    ///     on_progress: Called with the number of rows of each batch that is read.
    ///
    /// Returns:
    ///     An `ArrowStream`.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if a keyword is missing or not for this table; otherwise as
    ///         the method of the same name.
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
        let on_progress = keywords.take("on_progress").map(Bound::unbind);
        let (form, names) = (keywords.form()?, self::names(keywords.take("names").as_ref())?);
        let request = Request::new(table, &mut keywords, |agent| self.known(agent))?;
        keywords.none_left()?;
        let fold = Arc::new(match request.agent {
            Some(agent) => self.change(py, |fold| fold.snapshot_of(agent)),
            None => self.snapshot(py),
        });
        let mut layout = request.layout(form);
        if let Some(names) = names {
            layout = layout.with_names(Arc::new(names));
        }
        let begin: Arc<Begin> = Arc::new(move || request.rows(&fold));
        // What is wrong with the request is raised at once.
        wait(py, {
            let begin = begin.clone();
            move || begin().map(drop)
        })??;
        Ok(tables::table(layout, begin, on_progress))
    }

    /// Adds everything that another fold knows. The other fold is unchanged. `|=` does the same, and
    /// `|` returns a new fold.
    ///
    /// If a signal ends it, some agents are merged, and merging again adds the others.
    ///
    /// Raises:
    ///     AgentfoldError: `different_options` if the folds date events by different fields.
    #[pyo3(signature = (other, /))]
    fn merge(&self, py: Python<'_>, other: &Bound<'_, Fold>) -> Result<(), Raised> {
        let other = other.get();
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        let other = other.snapshot(py);
        self.change_in_turns(py, &every_agent(&other), |fold, agents| {
            fold.merge_agents(&other, agents)
        })?;
        // The cut is for agents that neither knows, so it comes last.
        let mut rest = agentfold::Fold::with_options(other.options());
        other.cut().into_iter().for_each(|cut| rest.compact(cut));
        Ok(self.change(py, |fold| fold.absorb(rest))?)
    }

    /// Drops the history before an instant. The current state is unchanged.
    ///
    /// If a signal ends it, some agents are compacted, and compacting again does the others.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> fold.compact("2026-01-05T12:00:00Z")
    ///     >>> fold.state("7")["chat"]["status"], fold.cut_of("7")
    ///     ('online', '2026-01-05T12:00:00Z')
    #[pyo3(signature = (before, /))]
    fn compact(&self, before: &Bound<'_, PyAny>) -> Result<(), Raised> {
        let (py, before) = (before.py(), instant(before, "before")?);
        // From now on, agents that are not known yet begin with this cut.
        self.change(py, |fold| fold.compact_agents(before, &[]));
        let agents = self.ask(py, every_agent);
        self.change_in_turns(py, &agents, |fold, agents| {
            fold.compact_agents(before, agents);
            Ok(())
        })
    }

    /// Forgets an agent. Returns whether anything was known of it.
    ///
    /// To replace an agent by one that is stored, forget it and `restore` that.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids, or only the agent's id.
    ///
    /// Raises:
    ///     AgentfoldError: `unknown_agent` if `agent` is only an id that no account has.
    ///
    /// Example:
    ///     >>> Fold().forget(("2", "10011"))
    ///     False
    #[pyo3(signature = (agent, /))]
    fn forget(&self, agent: &Bound<'_, PyAny>) -> Result<bool, Raised> {
        let (py, agent) = (agent.py(), self.known(agent)?);
        Ok(self.change(py, |fold| fold.forget(agent)))
    }

    /// Returns the cut of agents that are not known yet: their events before it are not accepted.
    /// `None` if the fold was never compacted.
    fn cut(&self, py: Python<'_>) -> Option<String> {
        self.ask(py, agentfold::Fold::cut).map(|cut| cut.to_string())
    }

    /// Returns an agent's cut: earlier history was compacted away. `None` if nothing was.
    ///
    /// Args:
    ///     agent: A pair of ids, a dict with both ids, or only the agent's id.
    ///
    /// Raises:
    ///     AgentfoldError: `unknown_agent` if `agent` is only an id that no account has.
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

    /// Returns the fold as bytes. Equal folds give equal bytes. All later versions can read them.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &self.ask_long(py, agentfold::Fold::save)?))
    }

    /// Returns one agent as bytes for `restore`; `None` if nothing is known of the agent.
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

    /// Returns each agent as bytes for `restore`, including agents without an accepted event. Together
    /// with the cut they are the whole fold.
    ///
    /// Returns:
    ///     A list of `(Agent, bytes)`, sorted by account, then agent.
    fn save_agents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let saved = self.ask_long(py, |fold| fold.save_agents().collect::<Vec<_>>())?;
        let (list, mut turns) = (PyList::empty(py), Turns::new());
        for (agent, saved) in saved {
            turns.next(py)?;
            list.append((key(py, agent)?, PyBytes::new(py, &saved)))?;
        }
        Ok(list)
    }

    /// Adds a saved fold or agent, as `merge` does.
    ///
    /// Raises:
    ///     AgentfoldError: `not_saved`, `damaged`, `newer_version` or `different_options`. The fold is
    ///         unchanged.
    ///
    /// Example:
    ///     >>> fold = Fold()
    ///     >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
    ///     ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
    ///     'applied'
    ///     >>> again = Fold()
    ///     >>> again.restore(fold.save())
    ///     >>> again == fold
    ///     True
    #[pyo3(signature = (saved, /))]
    fn restore(&self, saved: &Bound<'_, PyAny>) -> Result<(), Raised> {
        let bytes = bytes(saved, "saved")?;
        Ok(self.change(saved.py(), |fold| fold.restore(&bytes))?)
    }

    /// Applies a page of Zendesk's REST record of agent availability. If a channel lists all of its open
    /// items, the others are closed. Returns the outcome and changes of each agent.
    ///
    /// Args:
    ///     account_id: The account of the record.
    ///     page: The page: bytes, text or a dict.
    ///     at: When the page was requested.
    ///
    /// Returns:
    ///     A list of `Seeded`s.
    ///
    /// Raises:
    ///     AgentfoldError: If it is not a page: `issues` contains all problems.
    #[pyo3(signature = (account_id, page, at))]
    fn seed<'py>(
        &self,
        account_id: &Bound<'py, PyAny>,
        page: &Bound<'py, PyAny>,
        at: &Bound<'py, PyAny>,
    ) -> Result<Bound<'py, PyList>, Raised> {
        let (py, account_id, at) = (page.py(), id(account_id, "account_id")?, instant(at, "at")?);
        let page = Page::parse(&bytes(page, "page")?)?;
        Ok(list(py, self.take(py, |fold| fold.seed(account_id, &page, at)))?)
    }

    /// Returns the differences between a page of Zendesk's REST record and the current state.
    ///
    /// Args:
    ///     account_id: The account of the record.
    ///     page: The page: bytes, text or a dict.
    ///
    /// Returns:
    ///     A list of `Difference`s.
    ///
    /// Raises:
    ///     AgentfoldError: If it is not a page.
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

    /// Returns the differences between rows of `agent_timeline` and the chat spans.
    ///
    /// Args:
    ///     account_id: The account of the rows.
    ///     rows: A list of `TimelineRow`s, or its JSON.
    ///     as_of: Events after this instant are ignored.
    ///
    /// Returns:
    ///     A list of `TimelineDifference`s.
    ///
    /// Raises:
    ///     AgentfoldError: `bad_argument` if they are not such rows.
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

    /// Returns the events of a channel in the format of the Chat export.
    ///
    /// Args:
    ///     channel: The channel, such as `"messaging"`.
    ///     from_: The instant to begin at, inclusive.
    ///     now: The current time. Events of the five minutes before it are omitted, because late events
    ///         may still change them.
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
        let told = self.ask_long(py, move |fold| fold.tell_chat(channel.as_str(), from, now))?;
        let (list, mut turns) = (PyList::empty(py), Turns::new());
        for chat in told {
            turns.next(py)?;
            list.append(raw(py, &Event::Chat(chat))?)?;
        }
        Ok(list)
    }

    /// Returns the response of the Chat export endpoint to a query, with the events of a channel that
    /// `tell_chat` returns. It looks at little more of the history than the page holds.
    ///
    /// Args:
    ///     channel: The channel, such as `"messaging"`.
    ///     query: The query of the URL, without `?`.
    ///     url: The URL of the endpoint, without a query.
    ///     now: The current time of the server. Default: the host's clock.
    ///
    /// Returns:
    ///     `{"status": 200, "body": ...}` with a page as JSON text, or status 400 with an error.
    #[pyo3(signature = (channel, query, *, url, now = None))]
    fn answer_export<'py>(
        &self,
        py: Python<'py>,
        channel: &str,
        query: &str,
        url: &str,
        now: Option<&Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let served = Served { url, now: instant_or_now(now, "now")?, end: None };
        Ok(data(py, &self.ask(py, |fold| fold.answer_export(channel, query, &served)))?)
    }

    /// Returns a view of the agents.
    fn keys<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "KeysView")
    }

    /// Returns a view of the current states.
    fn values<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "ValuesView")
    }

    /// Returns a view of the agents and their current states.
    fn items<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        view(slf, "ItemsView")
    }

    /// Returns an agent's current state, or `default` if no event of the agent was accepted.
    #[pyo3(signature = (agent, default = None, /))]
    fn get<'py>(
        &self,
        agent: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> Result<Bound<'py, PyAny>, Raised> {
        let state = self.state(agent)?;
        Ok(if state.is_none() { default.unwrap_or(state) } else { state })
    }

    /// Returns an independent copy.
    fn copy(&self, py: Python<'_>) -> Fold {
        // The two share each agent until one of them changes it.
        Fold::of(self.snapshot(py), self.options)
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

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, Fold>) -> PyResult<bool> {
        let other = other.get();
        if std::ptr::eq(self, other) || self.options.instant != other.options.instant {
            return Ok(std::ptr::eq(self, other));
        }
        let (ours, theirs) = (self.snapshot(py), other.snapshot(py));
        wait(py, move || ours == theirs)
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let count = self.__len__(py);
        match self.ask(py, agentfold::Fold::first_and_last_event_at) {
            Some((first, last)) => format!("<Fold of {count} agents, {first} to {last}>"),
            None => "<Fold of 0 agents>".to_owned(),
        }
    }

    // Unlike `__getnewargs_ex__`, this is used by all protocols of pickle.
    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>, Bound<'py, PyBytes>)> {
        let (py, fold) = (slf.py(), slf.get());
        let options = data(py, &fold.options)?.cast_into::<PyDict>()?;
        let partial = py.import("functools")?.getattr("partial")?;
        let make = partial.call((slf.get_type(),), Some(&options))?;
        Ok((make, PyTuple::empty(py), fold.save(py)?))
    }

    fn __setstate__(&self, saved: &Bound<'_, PyAny>) -> Result<(), Raised> {
        self.restore(saved)
    }
}

impl Fold {
    /// Reads the fold with the interpreter released.
    // A thread never waits for the fold while it holds the interpreter, nor for the interpreter while
    // it holds the fold.
    pub(crate) fn ask<T: Send>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&agentfold::Fold) -> T + Send,
    ) -> T {
        py.detach(|| ask(&self.reading()))
    }

    /// Asks a question that may take long, about many agents. A writer does not wait for it.
    fn ask_long<T: Send + 'static>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&agentfold::Fold) -> T + Send + 'static,
    ) -> PyResult<T> {
        let fold = self.snapshot(py);
        wait(py, move || ask(&fold))
    }

    /// Asks a question about one agent in a window. A writer does not wait for it.
    fn ask_of<T: Send>(
        &self,
        py: Python<'_>,
        agent: Agent,
        window: WindowData,
        ask: impl FnOnce(&agentfold::Fold, &Window) -> T + Send,
    ) -> T {
        // Of all agents, the last event may be later.
        let (fold, window) = self.change(py, |fold| (fold.snapshot_of(agent), window.of(fold)));
        py.detach(|| ask(&fold, &window))
    }

    /// The wanted rows of a report of the fold as it is now.
    fn rows(
        &self,
        py: Python<'_>,
        (buckets, by, selection): (BucketsData, RollUp, Selection),
        wanted: Wanted,
    ) -> Result<impl Iterator<Item = Row> + Send + Sync + use<>, Raised> {
        let fold = self.snapshot(py);
        let rows = wait(py, move || {
            let buckets = buckets.of(&fold)?;
            fold.into_report(&buckets, by, &selection)
        })??;
        Ok(rows.filter(move |row| wanted.has(row)))
    }

    /// The fold as it is now, for a question that may take long.
    pub(crate) fn snapshot(&self, py: Python<'_>) -> agentfold::Fold {
        self.change(py, agentfold::Fold::snapshot)
    }

    /// Changes some agents at a time, so that others can use the fold in between.
    fn change_in_turns(
        &self,
        py: Python<'_>,
        agents: &[Agent],
        change: impl Fn(&mut agentfold::Fold, &[Agent]) -> Result<(), Error> + Sync,
    ) -> Result<(), Raised> {
        for some in agents.chunks(AGENTS) {
            self.change(py, |fold| change(fold, some))?;
            py.check_signals()?;
        }
        Ok(())
    }

    /// Reads one event and applies it.
    pub(crate) fn apply_bytes(&self, py: Python<'_>, event: &[u8]) -> Applied {
        // It takes less time than to let another thread in, so that happens only if the fold is in use.
        let mut fold = match self.fold.try_write() {
            Ok(fold) => fold,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => return self.take(py, |fold| fold.apply_bytes(event)),
        };
        fold.set_now(Clock::of(&self.options).now());
        fold.apply_bytes(event)
    }

    /// Takes in events that are compared with the clock.
    fn take<T: Send>(
        &self,
        py: Python<'_>,
        take: impl FnOnce(&mut agentfold::Fold) -> T + Send,
    ) -> T {
        let now = Clock::of(&self.options).now();
        self.change(py, |fold| {
            fold.set_now(now);
            take(fold)
        })
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

    /// Returns the agent; `None` if it is named by an id that no account has.
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

fn names(names: Option<&Bound<'_, PyAny>>) -> Result<Option<Names>, Raised> {
    names.map(|names| Ok(Names::parse(&bytes(names, "names")?)?)).transpose()
}

/// All agents of which something is known.
fn every_agent(fold: &agentfold::Fold) -> Vec<Agent> {
    fold.agents().chain(fold.unknown_agents()).collect()
}

/// Returns a view of a mapping by the name of its class.
fn view<'py>(fold: &Bound<'py, Fold>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let py = fold.py();
    let module = MODULE.get_or_try_init(py, || py.import("collections.abc").map(Bound::unbind))?;
    module.bind(py).getattr(name)?.call1((fold,))
}

/// Returns the rows that differ between two reports over the same buckets.
///
/// Args:
///     before: The rows of the earlier report.
///     after: The rows of the later report.
///
/// Returns:
///     A list of `Correction`s.
///
/// Raises:
///     AgentfoldError: `bad_argument` if they are not rows of a report; `other_buckets` if buckets of the
///         two overlap and differ.
///
/// Example:
///     >>> from agentfold import Fold, buckets
///     >>> fold = Fold()
///     >>> end = "2026-01-05T10:00:00Z"
///     >>> hour = buckets(from_="2026-01-05T09:00:00Z", to=end, every="1h", as_of=end)
///     >>> def status(value, at):
///     ...     return {"account_id": 2, "agent_id": 7, "field_name": "status", "id": f"{at}:a",
///     ...             "timestamp": f"2026-01-05T{at}:00Z", "value": value}
///     >>> fold.apply(status("online", "09:00"))["outcome"]
///     'applied'
///     >>> before = fold.report(hour)
///     >>> fold.apply(status("away", "09:45"))["outcome"]
///     'applied'
///     >>> [it] = [it for it in corrections(before, fold.report(hour)) if it["row"] == "chat"]
///     >>> it["before"]["online_ns"] // 60_000_000_000, it["after"]["online_ns"] // 60_000_000_000
///     (60, 45)
#[pyfunction]
#[pyo3(signature = (before, after))]
pub(crate) fn corrections<'py>(
    before: &Bound<'py, PyAny>,
    after: &Bound<'py, PyAny>,
) -> Result<Bound<'py, PyAny>, Raised> {
    let py = before.py();
    let (before, after) = (json(before, "before")?, json(after, "after")?);
    let rows = |json, name| StoredRow::list(json).ok_or_else(|| Raised::argument(name));
    // The core keeps rows as text, so the result is text too.
    let corrections = py.detach(|| -> Result<String, Raised> {
        let told =
            agentfold::report::corrections(&rows(&before, "before")?, &rows(&after, "after")?)?;
        Ok(serde_json::to_string(&told).expect("INVARIANT: the core's data is JSON"))
    });
    Ok(parsed(py, &corrections?)?)
}
