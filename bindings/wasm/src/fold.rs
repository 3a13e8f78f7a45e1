//! [`Fold`]: events of many agents.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use agentfold::alert::Thresholds;
use agentfold::border::{BucketsData, Columns, Failure, WindowData};
use agentfold::floor::Trust;
use agentfold::report::{RollUp, Row, Scheduled, StoredRow};
use agentfold::rest::{Page, TimelineRow};
use agentfold::{Agent, Instant, Selection, Track};
use js_sys::{Array, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::argument::{
    Clock, agent, argument, bytes, given, given_or_default, id, instant, is_left_out, json,
    options_given, parsed, text,
};
use crate::chunks;
use crate::columns::batch;
use crate::data::{PAGE, applied, data, list};
use crate::export::ServedGiven;
use crate::reading::Reading;
use crate::thrown::Thrown;
use crate::told::Told;

#[wasm_bindgen(raw_module = "../src/read.js")]
extern "C" {
    /// Returns an iterator of the rows of pages.
    #[wasm_bindgen(js_name = rows)]
    fn rows_of(pages: ReportPages) -> JsValue;
}

#[wasm_bindgen(raw_module = "../src/read-from.js")]
extern "C" {
    /// Reads a source to its end, and returns a promise of the result.
    #[wasm_bindgen(js_name = readFrom)]
    fn read_all(reading: Reading, source: &JsValue) -> JsValue;

    /// Returns an iterator of the results of a source's records.
    #[wasm_bindgen(js_name = applyFrom)]
    fn apply_all(reading: Reading, source: &JsValue) -> JsValue;
}

#[wasm_bindgen(raw_module = "../src/seed.js")]
extern "C" {
    /// Returns a random number of the host. A module has the same memory in every process, so without
    /// it everybody could choose ids whose hashes are equal.
    fn seed() -> u64;
}

/// The rows of a report, or batches of its columns, a page at a time.
#[wasm_bindgen(skip_typescript)]
pub struct ReportPages(Box<dyn FnMut() -> Result<JsValue, Thrown>>);

#[wasm_bindgen]
impl ReportPages {
    /// Returns the next ones, none at the end.
    pub fn page(&mut self) -> Result<JsValue, Thrown> {
        (self.0)()
    }
}

impl ReportPages {
    fn of_rows(mut rows: impl Iterator<Item = Row> + 'static) -> ReportPages {
        ReportPages(Box::new(move || list(rows.by_ref().take(PAGE))))
    }

    fn of_columns(mut batches: impl Iterator<Item = Columns> + 'static) -> ReportPages {
        ReportPages(Box::new(move || {
            let page = batches.next().map(|columns| batch(&columns));
            Ok(page.into_iter().collect::<Result<Array, Thrown>>()?.into())
        }))
    }
}

/// The instants of the first and the last event.
#[derive(Serialize)]
struct FirstAndLast {
    first: Instant,
    last: Instant,
}

/// The largest number of rows in an array, by default. A row takes about 4 kB of the host's memory.
const ARRAY_LIMIT: u64 = 100_000;
/// The same for rows that are given one by one.
const ROW_LIMIT: u64 = 500_000;

/// Reads the buckets of a report, with the default limit of its rows.
fn buckets_of(buckets: &JsValue, row_limit: u64) -> Result<BucketsData, Thrown> {
    Ok(given::<BucketsData>(buckets, "buckets")?.with_default_limit(row_limit)?)
}

fn window_of(window: &JsValue) -> Result<WindowData, Thrown> {
    Ok(given::<WindowData>(window, "window")?.check("/window/to")?)
}

/// Reads what a report is to be of.
fn report_of(
    buckets: &JsValue,
    by: &JsValue,
    selection: &JsValue,
    row_limit: u64,
) -> Result<(BucketsData, RollUp, Selection), Thrown> {
    Ok((
        buckets_of(buckets, row_limit)?,
        given_or_default(by, "by")?,
        given_or_default(selection, "selection")?,
    ))
}

/// The options of [`Fold::read`].
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct ReadGiven {
    changes: bool,
}

/// Events of many agents, and the states and history that follow from them.
///
/// Events may be repeated, late, and in any order. The same events give the same fold, with equal saved
/// bytes.
///
/// A fold uses memory outside of JavaScript's heap. It is freed by `free()`, by `using`, or some time
/// after the last reference to the fold is gone.
///
/// @example
/// ```js
/// using fold = new Fold();
/// await fold.readFrom((await fetch("/day.ndjson")).body);
/// for (const agent of fold.agents()) console.log(fold.state(agent));
/// ```
#[wasm_bindgen]
pub struct Fold(Rc<RefCell<agentfold::Fold>>, Clock);

#[wasm_bindgen]
impl Fold {
    /// Creates an empty fold that reads events with these options.
    ///
    /// @throws {AgentfoldError} `bad_argument`
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(js_name = options, unchecked_optional_param_type = "ReadOptions")]
        how: &JsValue,
    ) -> Result<Fold, Thrown> {
        let options = options_given(how)?;
        let fold = agentfold::Fold::with_options(&options.with_hash_seed(seed()));
        Ok(Fold::of(fold, Clock::of(&options)))
    }

    /// Applies one event. Returns its outcome and the changes in the current state. If the event can't
    /// be read, the outcome is `unreadable`. Use `read` where you do not need the changes: it takes a third of the time.
    ///
    /// @example
    /// ```js
    /// const { changes } = fold.apply(await request.arrayBuffer());
    /// for (const change of changes) {
    ///   if (change.aspect === "state" && change.part === "value") console.log(change.channel, change.to);
    /// }
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Applied")]
    pub fn apply(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "EventInput")] event: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let event = bytes(event, "event")?;
        applied(&self.taking()?.apply_bytes(&event))
    }

    /// Reads all events of complete input in any format. Returns the number of events by outcome. This
    /// is the fastest way, also for a single delivery. With `changes` it also returns the changes in
    /// the current state, which takes longer.
    ///
    /// @example
    /// ```js
    /// const { counts, unreadable } = fold.read(bytes);
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Read")]
    pub fn read(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "EventsInput")] events: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "{ changes?: boolean }")] options: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let ReadGiven { changes: with_changes } = given_or_default(options, "options")?;
        let (mut fold, mut told) = (self.taking()?, Told::default());
        if with_changes {
            let (mut stream, mut changes) = (fold.stream(), Vec::new());
            stream.push(&bytes(events, "events")?);
            stream.end();
            let add = |change| changes.push(change);
            told.counts = fold.apply_stream(&mut stream, add, |bad| told.note(bad));
            return told.data(&data(&changes)?);
        }
        told.counts = match chunks::read(&mut fold, events, |bad| told.note(bad)) {
            Some(counts) => counts,
            None => fold.read(&bytes(events, "events")?, |bad| told.note(bad)),
        };
        told.data(&JsValue::UNDEFINED)
    }

    /// Reads all events of a source that arrives in chunks of any size: a Node stream, a `ReadableStream` such as
    /// the body of a response, or any iterable of bytes, asynchronous or not. Unpacks gzip. Returns what `read`
    /// returns, and is nearly as fast. Asks for the next chunk when the one before is read, so that memory does not grow
    /// with the source. In between, the fold can be asked and changed.
    ///
    /// @throws {AgentfoldError} The promise is rejected with `bad_argument` if it is not such a source. Errors of the
    /// source are passed on; what came before them was read.
    /// @example
    /// ```js
    /// const { counts } = await fold.readFrom(createReadStream("day.ndjson.gz"));
    /// ```
    #[wasm_bindgen(js_name = readFrom, unchecked_return_type = "Promise<Read>")]
    pub fn read_from(
        &self,
        #[wasm_bindgen(unchecked_param_type = "StreamInput")] source: &JsValue,
    ) -> JsValue {
        read_all(Reading::new(&self.0, self.1), source)
    }

    /// Applies the events of a source as `apply` does, and yields the result of each record. The source is what
    /// `readFrom` takes. Asks for the next chunk when all results of the one before were taken.
    ///
    /// @throws {AgentfoldError} as `readFrom`
    /// @example
    /// ```js
    /// for await (const { changes } of fold.applyFrom(response.body)) {
    ///   for (const change of changes) socket.send(JSON.stringify(change));
    /// }
    /// ```
    #[wasm_bindgen(js_name = applyFrom, unchecked_return_type = "AsyncGenerator<AppliedRecord, void, void>")]
    pub fn apply_from(
        &self,
        #[wasm_bindgen(unchecked_param_type = "StreamInput")] source: &JsValue,
    ) -> JsValue {
        apply_all(Reading::new(&self.0, self.1), source)
    }

    /// Returns the agents with an accepted event, sorted by account, then agent.
    #[wasm_bindgen(unchecked_return_type = "Agent[]")]
    pub fn agents(&self) -> Result<JsValue, Thrown> {
        list(self.0.borrow().agents())
    }

    /// Returns the agents with events of which none was accepted, sorted by account, then agent.
    #[wasm_bindgen(js_name = unknownAgents, unchecked_return_type = "Agent[]")]
    pub fn unknown_agents(&self) -> Result<JsValue, Thrown> {
        list(self.0.borrow().unknown_agents().into_iter())
    }

    /// Returns the instants of the first and the last accepted event; `null` if empty.
    #[wasm_bindgen(
        js_name = firstAndLastEventAt,
        unchecked_return_type = "{ first: string; last: string } | null"
    )]
    pub fn first_and_last_event_at(&self) -> Result<JsValue, Thrown> {
        let ends = self.0.borrow().first_and_last_event_at();
        data(&ends.map(|(first, last)| FirstAndLast { first, last }))
    }

    /// Returns when the events happened, apart from outliers: instants from before 2007, and the few
    /// that are far from all others. One event with a wrong date would make a report over all events
    /// thousands of times as long. `null` if empty.
    #[wasm_bindgen(js_name = usualEventTimes, unchecked_return_type = "UsualTimes | null")]
    pub fn usual_event_times(&self) -> Result<JsValue, Thrown> {
        data(&self.0.borrow().usual_event_times())
    }

    /// Returns an agent's current state; `null` if no event of the agent was accepted.
    ///
    /// @throws {AgentfoldError} `bad_id`
    #[wasm_bindgen(unchecked_return_type = "AgentState | null")]
    pub fn state(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        data(&self.0.borrow().state(agent(of)?))
    }

    /// Returns an agent's state as of an instant, by everything that is known now; `null` if it had no
    /// accepted event by then.
    ///
    /// @throws {AgentfoldError} `before_cut` if `at` is before the agent's cut: earlier history was
    /// compacted away. The error has the `agent` and its `cut`.
    #[wasm_bindgen(js_name = stateAt, unchecked_return_type = "AgentState | null")]
    pub fn state_at(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] at: &JsValue,
    ) -> Result<JsValue, Thrown> {
        data(&self.0.borrow().state_at(agent(of)?, instant(at, "at")?)?)
    }

    /// Returns the signs of missing and inconsistent events, by agent. A late event can resolve them.
    #[wasm_bindgen(unchecked_return_type = "Anomaly[]")]
    pub fn anomalies(&self) -> Result<JsValue, Thrown> {
        data(&self.0.borrow().anomalies())
    }

    /// Returns the channels of all accounts at an instant, with their agents, load and capacity, and
    /// for each agent whether it can take one more item and why its data is doubtful. `selection`
    /// limits the agents and channels.
    ///
    /// @throws {AgentfoldError} `before_cut` if `at` is before the cut of one of the agents. The error
    /// has the `agent` with the latest `cut`: from then on, there is an answer for all of them.
    #[wasm_bindgen(unchecked_return_type = "ChannelFloor[]")]
    pub fn floor(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] at: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Trust")] trust: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let trust: Trust = given_or_default(trust, "trust")?;
        let selection: Selection = given_or_default(selection, "selection")?;
        data(&self.0.borrow().floor(instant(at, "at")?, &trust, &selection)?)
    }

    /// Returns what is over a threshold at an instant, by account, kind and subject. It depends on the set of
    /// events, the thresholds and the instant alone. An alert that may be wrong is there, and says why.
    /// `selection` limits the agents and channels. `episodes` says which of them to tell.
    ///
    /// @throws {AgentfoldError} `bad_argument` if the thresholds are wrong: `issues` has all problems.
    /// `before_cut` as for `floor`.
    /// @example
    /// ```js
    /// const thresholds = { state: [{ state: "away", longer_than: "30m" }], load: [{ share: 0.9 }] };
    /// for (const alert of fold.alerts(thresholds, at)) console.log(alert.kind, alert.agent_id, alert.since);
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Alert[]")]
    pub fn alerts(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Thresholds")] thresholds: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] at: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let thresholds: Thresholds = argument(thresholds, "thresholds")?.read_all()?;
        let selection: Selection = given_or_default(selection, "selection")?;
        data(&self.0.borrow().alerts(&thresholds, instant(at, "at")?, &selection)?)
    }

    /// Returns the intervals of an agent in a window, track by track, without gaps or overlaps. With
    /// `track`, such as `state[support]` or `load[support]`, returns only that track.
    ///
    /// @throws {AgentfoldError} `no_track`; `not_rising` if the window ends before it begins
    #[wasm_bindgen(unchecked_return_type = "Interval[]")]
    pub fn intervals(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Window")] window: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "string")] track: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let window = window_of(window)?;
        let track = match is_left_out(track) {
            true => None,
            false => Some(text(track, "track")?.parse::<Track>()?),
        };
        let fold = self.0.borrow();
        data(&fold.intervals(agent(of)?, track.as_ref(), &window.of(&fold))?)
    }

    /// Returns the spans of an agent's work items that overlap a window, in full length.
    ///
    /// @throws {AgentfoldError} `not_rising` if the window ends before it begins
    #[wasm_bindgen(js_name = workItems, unchecked_return_type = "WorkItemSpan[]")]
    pub fn work_items(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Window")] window: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (window, fold) = (window_of(window)?, self.0.borrow());
        data(&fold.work_items(agent(of)?, &window.of(&fold)))
    }

    /// Returns the chat spans of an agent in a window, in the format of Zendesk's `agent_timeline`.
    ///
    /// @throws {AgentfoldError} `not_rising` if the window ends before it begins
    #[wasm_bindgen(js_name = chatSpans, unchecked_return_type = "ChatSpan[]")]
    pub fn chat_spans(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Window")] window: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (window, fold) = (window_of(window)?, self.0.borrow());
        data(&fold.chat_spans(agent(of)?, &window.of(&fold)))
    }

    /// Returns the rows of a report for the given buckets: how long, how busy and how fast. Each bucket
    /// has a row for each agent and channel, unified state, and chat; or sums of them, as `by` selects.
    /// `buckets()` makes buckets. `selection` limits the agents and channels.
    ///
    /// Some rows do not add up. An agent is online on several channels at once, so `online_ns` summed over
    /// channels is more than the time that agents worked. By `group`, an agent counts in each of its
    /// groups. Rows of unified states add up to agents' hours, also by `group_split`.
    ///
    /// @throws {AgentfoldError} `not_rising`, or `too_many_rows` if there would be more than 100,000
    /// rows, or pairs of an agent and a bucket: use `reportRows`. They are counted before any is computed.
    /// `row_limit` of the buckets sets another limit.
    /// @example
    /// ```js
    /// const day = buckets({ from, to, every: "1h", tz: "Europe/Berlin" });
    /// const rows = fold.report(day, "channel", { groups: ["360001"] });
    /// ```
    #[wasm_bindgen(unchecked_return_type = "ReportRow[]")]
    pub fn report(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Buckets")] buckets: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RollUp")] by: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (buckets, by, selection) = report_of(buckets, by, selection, ARRAY_LIMIT)?;
        let fold = self.0.borrow();
        list(fold.report(&buckets.of(&fold)?, by, &selection)?)
    }

    /// Returns an iterator of the rows of a report. It computes them when they are needed, a few hundred
    /// at a time, from what the fold knows now. So a large report takes little memory, and other work
    /// can be done in between. The arguments are those of `report`.
    ///
    /// @throws {AgentfoldError} as for `report`, with a limit of 500,000 rows
    /// @example
    /// ```js
    /// const day = buckets({ from, to, every: "15m" });
    /// for (const row of fold.reportRows({ ...day, row_limit: 10_000_000 })) await write(row);
    /// ```
    #[wasm_bindgen(
        js_name = reportRows,
        unchecked_return_type = "Generator<ReportRow, undefined, undefined>"
    )]
    pub fn report_rows(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Buckets")] buckets: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RollUp")] by: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (buckets, by, selection) = report_of(buckets, by, selection, ROW_LIMIT)?;
        let snapshot = self.0.borrow_mut().snapshot();
        let buckets = buckets.of(&snapshot)?;
        Ok(rows_of(ReportPages::of_rows(snapshot.into_report(&buckets, by, &selection)?)))
    }

    /// Returns an iterator of a report's columns, for drawing and exporting: batches of at most 4,096 rows of one
    /// kind, in which each field is one typed array. Nanoseconds are exact. Like `reportRows`, it computes them when
    /// they are needed; the arguments are those of `report`.
    ///
    /// @throws {AgentfoldError} as for `reportRows`, and `bad_argument` if an instant of the buckets is not of the
    /// years 1678 to 2261
    /// @example
    /// ```js
    /// for (const { row, columns } of fold.reportColumns(day)) {
    ///   if (row === "channel") draw(columns.from, columns.occupancy);
    /// }
    /// ```
    #[wasm_bindgen(
        js_name = reportColumns,
        unchecked_return_type = "Generator<ReportColumns, undefined, undefined>"
    )]
    pub fn report_columns(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Buckets")] buckets: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RollUp")] by: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (buckets, by, selection) = report_of(buckets, by, selection, ROW_LIMIT)?;
        let snapshot = self.0.borrow_mut().snapshot();
        let buckets = buckets.of(&snapshot)?;
        let rows = snapshot.into_report(&buckets, by, &selection)?;
        Ok(rows_of(ReportPages::of_columns(Columns::batches(&buckets, rows)?)))
    }

    /// Returns a fold that knows what this one knows now, and takes little time and memory until one of them
    /// changes. Ask it while this one takes events in, then free it.
    pub fn snapshot(&self) -> Fold {
        Fold::of(self.0.borrow_mut().snapshot(), self.1)
    }

    /// Returns when agents logged in and out: a row for each selected agent and bucket, with the first
    /// login, the last logout and the sessions. A session is a time in which the agent is known to be
    /// not offline. The channels of the selection do not matter.
    ///
    /// @throws {AgentfoldError} `not_rising` or `too_many_rows`, as for `report`.
    #[wasm_bindgen(unchecked_return_type = "SessionsRow[]")]
    pub fn sessions(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Buckets")] buckets: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let buckets = buckets_of(buckets, ARRAY_LIMIT)?;
        let selection: Selection = given_or_default(selection, "selection")?;
        let fold = self.0.borrow();
        list(fold.sessions(&buckets.of(&fold)?, &selection)?.map(Row::Sessions))
    }

    /// Compares agents with a schedule. Returns a row for each entry, clipped at `as_of`. The time of an
    /// agent without events is unknown.
    ///
    /// @throws {AgentfoldError} `no_track`
    #[wasm_bindgen(unchecked_return_type = "AdherenceRow[]")]
    pub fn adherence(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheduled[]")] schedule: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] as_of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        let rows = self.0.borrow().adherence(&schedule, instant(as_of, "as_of")?)?;
        list(rows.into_iter().map(Row::Adherence))
    }

    /// Returns when agents did not keep to a schedule: who did not come, came late, left early, or was
    /// in no scheduled state in between. With the present as `as_of`, what still goes on is `open`.
    ///
    /// @throws {AgentfoldError} `no_track`
    #[wasm_bindgen(unchecked_return_type = "ExceptionRow[]")]
    pub fn exceptions(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheduled[]")] schedule: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] as_of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        let rows = self.0.borrow().exceptions(&schedule, instant(as_of, "as_of")?)?;
        list(rows.into_iter().map(Row::Exception))
    }

    /// Returns the words of a schedule that no agent of the account ever had (channels and states), with
    /// the known words that are written alike.
    #[wasm_bindgen(js_name = scheduleWarnings, unchecked_return_type = "ScheduleWarning[]")]
    pub fn schedule_warnings(
        &self,
        #[wasm_bindgen(unchecked_param_type = "Scheduled[]")] schedule: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let schedule: Vec<Scheduled> = given(schedule, "schedule")?;
        data(&self.0.borrow().schedule_warnings(&schedule))
    }

    /// Adds everything that another fold knows. The other fold is unchanged.
    ///
    /// @throws {AgentfoldError} `different_options`
    // The glue borrows neither fold for writing, because a caller may merge a fold with itself.
    pub fn merge(&self, other: &Fold) -> Result<(), Thrown> {
        if std::ptr::eq(self, other) {
            return Ok(());
        }
        Ok(self.0.borrow_mut().merge(&other.0.borrow())?)
    }

    /// Drops the history before an instant. The current state is unchanged.
    pub fn compact(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "string")] before: &JsValue,
    ) -> Result<(), Thrown> {
        self.0.borrow_mut().compact(instant(before, "before")?);
        Ok(())
    }

    /// Forgets an agent. Returns whether anything was known of it. To replace an agent by one that is stored, forget
    /// it and `restore` that.
    ///
    /// @throws {AgentfoldError} `bad_id`
    #[wasm_bindgen(unchecked_return_type = "boolean")]
    pub fn forget(
        &mut self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        Ok(self.0.borrow_mut().forget(agent(of)?).into())
    }

    /// Returns the cut of agents that are not known yet: their events before it are not accepted.
    /// `null` if the fold was never compacted.
    #[wasm_bindgen(unchecked_return_type = "Instant | null")]
    pub fn cut(&self) -> Result<JsValue, Thrown> {
        data(&self.0.borrow().cut())
    }

    /// Returns an agent's cut: earlier history was compacted away. `null` if nothing was.
    ///
    /// @throws {AgentfoldError} `bad_id`
    #[wasm_bindgen(js_name = cutOf, unchecked_return_type = "Instant | null")]
    pub fn cut_of(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        data(&self.0.borrow().cut_of(agent(of)?))
    }

    /// Returns the fold as bytes. Equal folds give equal bytes. All later versions can read them.
    #[wasm_bindgen(unchecked_return_type = "Uint8Array<ArrayBuffer>")]
    pub fn save(&self) -> Uint8Array {
        Uint8Array::from(&self.0.borrow().save()[..])
    }

    /// Returns one agent as bytes for `restore`; `null` if nothing is known of the agent.
    #[wasm_bindgen(
        js_name = saveAgent,
        unchecked_return_type = "Uint8Array<ArrayBuffer> | null"
    )]
    pub fn save_agent(
        &self,
        #[wasm_bindgen(js_name = agent, unchecked_param_type = "Agent")] of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let saved = self.0.borrow().save_agent(agent(of)?);
        Ok(saved.map_or(JsValue::NULL, |saved| Uint8Array::from(&saved[..]).into()))
    }

    /// Returns each agent as bytes for `restore`, including agents without an accepted event. Together
    /// with the cut they are the whole fold.
    #[wasm_bindgen(js_name = saveAgents, unchecked_return_type = "SavedAgent[]")]
    pub fn save_agents(&self) -> Result<Array, Thrown> {
        let saved = |(agent, saved): (Agent, Vec<u8>)| {
            let told = data(&agent)?;
            let bytes = Uint8Array::from(&saved[..]);
            Reflect::set(&told, &"saved".into(), &bytes).expect_throw("a plain object");
            Ok(told)
        };
        self.0.borrow().save_agents().map(saved).collect()
    }

    /// Adds a saved fold or agent, as `merge` does.
    ///
    /// @throws {AgentfoldError} `not_saved`, `damaged`, `newer_version` or `different_options`. The
    /// fold is unchanged.
    pub fn restore(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Bytes")] saved: &JsValue,
    ) -> Result<(), Thrown> {
        Ok(self.0.borrow_mut().restore(&bytes(saved, "saved")?)?)
    }

    /// Applies a page of Zendesk's REST record, requested at an instant. If a channel lists all of its
    /// open items, the others are closed. Returns the outcome and changes of each agent.
    ///
    /// @throws {AgentfoldError} If it is not a page: `issues` contains all problems.
    #[wasm_bindgen(unchecked_return_type = "Seeded[]")]
    pub fn seed(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "string")] account_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "PageInput")] page: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] at: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (account_id, at) = (id(account_id, "account_id")?, instant(at, "at")?);
        let page = Page::parse(&bytes(page, "page")?)?;
        data(&self.taking()?.seed(account_id, &page, at))
    }

    /// Returns the differences between a page of Zendesk's REST record and the current state.
    ///
    /// @throws {AgentfoldError} If it is not a page.
    #[wasm_bindgen(unchecked_return_type = "Difference[]")]
    pub fn reconcile(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] account_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "PageInput")] page: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let page = Page::parse(&bytes(page, "page")?)?;
        data(&self.0.borrow().reconcile(id(account_id, "account_id")?, &page))
    }

    /// Returns the differences between rows of `agent_timeline` and the chat spans, as of an instant.
    ///
    /// @throws {AgentfoldError} `bad_argument` if they are not such rows.
    #[wasm_bindgen(js_name = reconcileTimeline, unchecked_return_type = "TimelineDifference[]")]
    pub fn reconcile_timeline(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] account_id: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Bytes | string | TimelineRow[]")] rows: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] as_of: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let rows: Vec<TimelineRow<'_>> = parsed(rows, "rows")?;
        let (account_id, as_of) = (id(account_id, "account_id")?, instant(as_of, "as_of")?);
        data(&self.0.borrow().reconcile_timeline(account_id, &rows, as_of))
    }

    /// Returns the response of the Chat export endpoint to a query, with the events of a channel that `tellChat`
    /// returns. It looks at little more of the history than the page holds.
    ///
    /// @throws {AgentfoldError} `bad_argument`
    /// @example
    /// ```js
    /// const { status, body } = fold.answerExport("messaging", url.search.slice(1), { url: url.origin + url.pathname });
    /// ```
    #[wasm_bindgen(js_name = answerExport, unchecked_return_type = "{ status: number; body: string }")]
    pub fn answer_export(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] channel: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] query: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "Served")] served: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (channel, query) = (text(channel, "channel")?, text(query, "query")?);
        let served = argument(served, "served")?;
        let served = served.read::<ServedGiven<'_>>()?.served()?;
        data(&self.0.borrow().answer_export(&channel, &query, &served))
    }

    /// Returns the events of a channel in the format of the Chat export, from `from` (inclusive) until
    /// more than five minutes before `now`.
    #[wasm_bindgen(js_name = tellChat, unchecked_return_type = "ChatEvent[]")]
    pub fn tell_chat(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] channel: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] from: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] now: &JsValue,
    ) -> Result<JsValue, Thrown> {
        let (from, now) = (instant(from, "from")?, instant(now, "now")?);
        let told = self.0.borrow().tell_chat(&text(channel, "channel")?, from, now);
        list(told.into_iter().map(|chat| agentfold::Event::Chat(chat).to_raw()))
    }
}

/// A report whose agents are added one by one: a report of many agents without a long pause, or of agents that are
/// kept apart, each in a fold of its own.
///
/// @example
/// ```js
/// const sums = new ReportSums(buckets({ from, to, every: "1h", as_of: new Date().toISOString() }), "channel");
/// for (const { saved } of stored) {
///   using fold = new Fold();
///   fold.restore(saved);
///   sums.add(fold);
/// }
/// for (const row of sums.rows()) console.log(row.from, row.channel, row.busy_ns);
/// ```
#[wasm_bindgen]
pub struct ReportSums(Option<agentfold::report::ReportSums>);

#[wasm_bindgen]
impl ReportSums {
    /// Creates the sums of a report to which no agent was added yet. The arguments are those of
    /// `Fold.report`, but the buckets must have `as_of`: no part has the last event of all.
    ///
    /// @throws {AgentfoldError} `not_rising`; `bad_argument`, also if `as_of` is missing
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_param_type = "Buckets")] buckets: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RollUp")] by: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "Selection")] selection: &JsValue,
    ) -> Result<ReportSums, Thrown> {
        let (buckets, by, selection) = report_of(buckets, by, selection, ROW_LIMIT)?;
        let sums = agentfold::report::ReportSums::new(&buckets.of_parts()?, by, &selection);
        Ok(ReportSums(Some(sums)))
    }

    /// Adds an agent of a fold; all agents if none is named. Each agent must be added once.
    ///
    /// With `first` and `last`, the agent is added in the buckets from one place until another, exclusive, so
    /// that other work can be done in between. Each bucket of an agent must be added once.
    ///
    /// @throws {AgentfoldError} `too_many_rows` if there are more than 500,000 rows; `row_limit` of the buckets
    /// sets another limit. `freed` after `rows`.
    pub fn add(
        &mut self,
        fold: &Fold,
        #[wasm_bindgen(js_name = agent, unchecked_optional_param_type = "Agent")] of: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] first: &JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "number")] last: &JsValue,
    ) -> Result<(), Thrown> {
        let fold = fold.0.borrow();
        let sums = self.0.as_mut().ok_or_else(used_up)?;
        let place = |place: &JsValue, or| place.as_f64().map_or(or, |place| place as usize);
        match is_left_out(of) {
            true => sums.add(&fold)?,
            false => {
                let places = place(first, 0)..place(last, usize::MAX);
                sums.add_buckets(&fold, agent(of)?, places)?;
            }
        }
        Ok(())
    }

    /// Returns an iterator of the rows, in the order of `Fold.report`. Nothing can be added then.
    ///
    /// @throws {AgentfoldError} `freed` if it was called before.
    #[wasm_bindgen(unchecked_return_type = "Generator<ReportRow, undefined, undefined>")]
    pub fn rows(&mut self) -> Result<JsValue, Thrown> {
        let rows = self.0.take().ok_or_else(used_up)?.rows();
        Ok(rows_of(ReportPages::of_rows(rows)))
    }
}

#[cold]
fn used_up() -> Thrown {
    Failure::new("freed", String::new(), "the rows of these sums were taken before".to_owned())
        .into()
}

/// Returns the rows that differ between two reports over the same buckets.
///
/// @throws {AgentfoldError} `bad_argument` if they are not rows of a report; `other_buckets` if buckets
/// of the two overlap and differ.
#[wasm_bindgen(unchecked_return_type = "Correction[]")]
pub fn corrections(
    #[wasm_bindgen(unchecked_param_type = "ReportRow[]")] before: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "ReportRow[]")] after: &JsValue,
) -> Result<JsValue, Thrown> {
    let (before, after) = (json(before, "before")?, json(after, "after")?);
    let rows = |json, name| StoredRow::list(json).ok_or_else(|| Thrown::argument(name));
    data(&agentfold::report::corrections(&rows(&before, "before")?, &rows(&after, "after")?)?)
}

impl Fold {
    /// Returns the fold, with the clock that the dates of new events are compared with.
    fn taking(&mut self) -> Result<RefMut<'_, agentfold::Fold>, Thrown> {
        let now = self.1.now()?;
        let mut fold = self.0.borrow_mut();
        fold.set_now(now);
        Ok(fold)
    }

    fn of(fold: agentfold::Fold, clock: Clock) -> Fold {
        Fold(Rc::new(RefCell::new(fold)), clock)
    }
}
