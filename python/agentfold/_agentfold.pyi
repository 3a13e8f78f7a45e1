from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Sequence, ValuesView
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Literal, TypeVar, final, overload

from typing_extensions import Unpack

from .agent import Agent
from .types import (
    AdherenceRow,
    AgentInput,
    AgentState,
    Alert,
    AlertNames,
    Anomaly,
    Answer,
    AnsweredStored,
    AnsweredUnreadable,
    Applied,
    Buckets,
    Buffer,
    ChannelFloor,
    ChatEvent,
    ChatSpan,
    Correction,
    DeliveryOptions,
    Difference,
    Episode,
    Episodes,
    ExceptionRow,
    ExportPage,
    ExportRequest,
    FilesRead,
    Flaw,
    Handled,
    HeadersInput,
    Id,
    InstantInput,
    Interval,
    Issue,
    JsonInput,
    MessageForm,
    Names,
    ParsedEvent,
    Pause,
    Read,
    ReadOptions,
    Received,
    ReportRow,
    RollUp,
    RowKind,
    Scheduled,
    ScheduleWarning,
    Seeded,
    Selection,
    SessionsRow,
    Signed,
    Source,
    TableForm,
    TableOptions,
    Thresholds,
    TimelineDifference,
    TimelineRow,
    ToldCorrection,
    Turn,
    Unreadable,
    UsualTimes,
    WorkItemSpan,
)

_T = TypeVar("_T")

__all__ = [
    "ArrowStream",
    "EventReader",
    "ExportCursor",
    "Fold",
    "Records",
    "ReportSums",
    "Scrubber",
    "advise",
    "alert_message",
    "answer_export",
    "buckets_by_offset",
    "check_event",
    "corrections",
    "episodes",
    "explain",
    "fold_files",
    "parse",
    "parse_event",
    "parse_names",
    "print_event",
    "read_events",
    "receive",
    "receive_into",
    "shown",
    "sign",
    "to_cloud_event",
    "to_instant",
    "to_ns",
    "told_corrections",
    "verify",
]

@final
class Fold:
    """Events of many agents, and the states and history that follow from them.

    Events may be repeated, late, and in any order. The same events give the same fold, with equal saved
    bytes.

    A fold is a mapping from agents to their current states: `fold["2", "10011"]`, or `fold["10011"]` if
    only one account has an agent with that id. Ids are strings; an `int` is accepted too. Instants are
    passed as RFC 3339 text or aware `datetime`s, and returned as text.

    Any number of threads may use one fold. A question is about the fold as it was when it was asked, and
    `apply` in another thread does not wait for it. Long calls let other threads of Python run, and a signal,
    such as Ctrl-C, ends them.

    Args:
        **options: How events are read: `ReadOptions`.

    Raises:
        AgentfoldError: `bad_argument`

    Example:
        >>> fold = Fold()
        >>> online = {"account_id": 2, "detail": {"agent_id": "10011", "version": "3"}, "id": "a",
        ...     "type": "zen:event-type:agent.state_changed", "event": {"new_state": "online",
        ...     "channel": "support", "updated_at": "2026-01-05T08:00:00Z"}}
        >>> fold.apply(online)["outcome"], fold.apply(online)["outcome"]
        ('applied', 'duplicate')
        >>> fold["10011"]["channels"]["support"]["state"]
        'online'
        >>> list(fold)
        [Agent(account_id='2', agent_id='10011')]
    """

    def __new__(cls, **options: Unpack[ReadOptions]) -> Fold: ...
    def apply(self, event: JsonInput, /) -> Applied:
        """Applies one event. Returns its outcome and the changes in the current state. If the event can't
        be read, the outcome is `"unreadable"`.

        Args:
            event: The bytes or text as received, or a dict.

        Returns:
            An `Applied`: the `outcome` (`"applied"`, `"late"`, `"duplicate"`, `"expired"`, `"ignored"`,
            `"limit"`, with the `limit`, or `"unreadable"`, with its `issues`) and the `changes` in the
            agent's current state.

        Raises:
            AgentfoldError: `bad_argument` if it is not bytes, text or a dict.

        Example:
            >>> fold = Fold()
            >>> applied = fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...                       "timestamp": "2026-01-05T09:00:00Z", "value": "online"})
            >>> applied["outcome"], [(change["track"], change["to"]) for change in applied["changes"]]
            ('applied', [('chat_status', 'online'), ('chat_status.since', '2026-01-05T09:00:00Z')])
        """
    def apply_many(self, events: Iterable[JsonInput], /) -> list[Applied]:
        """Applies events one by one. Returns the result of each. If you do not need the results, `read` is
        much faster.

        Args:
            events: An iterable of events, each bytes, text or a dict.

        Returns:
            A list of `Applied`s, one for each event.

        Raises:
            AgentfoldError: `bad_argument` if one is not bytes, text or a dict. Those before it were
                applied.
        """
    def read(
        self,
        source: Source,
        *,
        column: str | None = None,
        changes: bool = False,
        on_progress: Callable[[int], object] | None = None,
        on_unreadable: Callable[[Unreadable], object] | None = None,
    ) -> Read:
        """Reads all events of a source. Returns the number of events by outcome. This is the fastest way.

        Memory does not grow with the source. `KeyboardInterrupt` stops it. The events read until then
        stay in the fold, and reading them again changes nothing.

        Args:
            source: `bytes`; a path, as `str` or `os.PathLike`; an open file; an iterable of `bytes`
                (chunks of one stream, cut anywhere), of `str` or dicts (whole records); or Arrow
                columns with an event in each row: an object with `__arrow_c_stream__`, polars'
                `LazyFrame`, or an iterable of such. Detects NDJSON, concatenated JSON objects, JSON arrays and pages of the Chat
                export. Unpacks gzip and zstd.
            column: The name of the Arrow column with the events, as text or bytes. Required if there
                are several columns.
            changes: Whether to return the changes in the current states, which takes longer.
            on_progress: Called regularly with the number of bytes read from the source since the last
                call, before unpacking. `tqdm(total=...).update` fits.
            on_unreadable: Called with an `Unreadable` for each record that could not be read. The
                result then does not contain them.

        Returns:
            A `Read`: the `counts` by outcome, the `unreadable` records, and `changes` if requested.

        Raises:
            AgentfoldError: `bad_argument`
            OSError: If a file can't be read.

        Example:
            >>> Fold().read(b"{}")["counts"]["unreadable"]
            1
        """
    def agents(self) -> list[Agent]:
        """Returns the agents with an accepted event, sorted by account, then agent."""
    def unknown_agents(self) -> list[Agent]:
        """Returns the agents with events of which none was accepted, sorted by account, then agent."""
    def first_and_last_event_at(self) -> tuple[str, str] | None:
        """Returns the instants of the first and the last accepted event; `None` if empty."""
    def usual_event_times(self) -> UsualTimes | None:
        """Returns when the events happened, apart from outliers; `None` if empty.

        One event with a wrong date would make a report over all events thousands of times as long. An
        instant from before 2007 is an outlier, and so are the few that are far from all others.

        Returns:
            `UsualTimes`: the first and the last instant, and how many are before and after them.
        """
    def state(self, agent: AgentInput, /) -> AgentState | None:
        """Returns an agent's current state; `None` if no event of the agent was accepted.

        Args:
            agent: A pair of ids, a dict with both ids (such as a change or a row), or only the agent's
                id.

        Returns:
            An `AgentState`. Values that no event has stated are `None`.

        Raises:
            AgentfoldError: `bad_id`; `ambiguous_agent` if agents of several accounts have this id.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "away"})["outcome"]
            'applied'
            >>> fold.state("7")["chat"]["status"], fold.state((2, 8))
            ('away', None)
        """
    def state_at(self, agent: AgentInput, at: InstantInput, /) -> AgentState | None:
        """Returns an agent's state as of an instant, by everything that is known now; `None` if it had no
        accepted event by then.

        Args:
            agent: A pair of ids, a dict with both ids, or only the agent's id.
            at: The instant.

        Returns:
            An `AgentState`.

        Raises:
            AgentfoldError: `before_cut` if `at` is before the agent's cut: earlier history was
                compacted away. The error has the `agent` and its `cut`.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
            'applied'
            >>> fold.state_at("7", "2026-01-05T09:30:00Z")["chat"]["since"]
            '2026-01-05T09:00:00Z'
            >>> fold.state_at("7", "2026-01-05T08:30:00Z") is None
            True
        """
    def anomalies(self) -> list[Anomaly]:
        """Returns the signs of missing and inconsistent events, by agent. A late event can resolve them.

        Returns:
            A list of `Anomaly`s.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
            'applied'
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "b",
            ...             "timestamp": "2026-01-05T10:00:00Z", "previous_value": "away",
            ...             "value": "online"})["outcome"]
            'applied'
            >>> [(anomaly["anomaly"], anomaly["track"]) for anomaly in fold.anomalies()]
            [('gap', 'chat_status')]
        """
    def floor(
        self,
        at: InstantInput,
        *,
        near_seconds: int | None = None,
        silent_seconds: int | None = None,
        selection: Selection | None = None,
    ) -> list[ChannelFloor]:
        """Returns the channels of all accounts at an instant, with their agents, load and capacity, and
        for each agent whether it can take one more item and why its data is doubtful.

        Args:
            at: The instant.
            near_seconds: How long an agent stays doubtful after an anomaly, in seconds. Default: 900.
            silent_seconds: How long an agent may be silent before it is doubtful, in seconds. Default:
                28800.
            selection: The accounts, agents, groups and channels to return. Default: all.

        Returns:
            A list of `ChannelFloor`s.

        Raises:
            AgentfoldError: `before_cut` if `at` is before the cut of one of the agents. The error has
                the `agent` with the latest `cut`: from then on, there is an answer for all of them.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
            ...     "type": "zen:event-type:agent.state_changed", "event": {"new_state": "online",
            ...     "channel": "support", "updated_at": "2026-01-05T08:00:00Z"}})["outcome"]
            'applied'
            >>> [channel] = fold.floor("2026-01-05T09:00:00Z")
            >>> channel["channel"], channel["states"]
            ('support', [{'state': 'online', 'agents': 1}])
        """
    def alerts(
        self,
        thresholds: Thresholds,
        at: InstantInput,
        *,
        selection: Selection | None = None,
    ) -> list[Alert]:
        """Returns what is over a threshold at an instant, by account, kind and subject.

        It depends on the set of events, the thresholds and the instant alone. An alert that may be wrong is
        there, and says why. `episodes` says which of them to tell.

        Args:
            thresholds: How long and how much is too long and too much: `Thresholds`.
            at: The instant.
            selection: The accounts, agents, groups and channels to look at. Default: all.

        Returns:
            A list of `Alert`s.

        Raises:
            AgentfoldError: `bad_argument` if the thresholds are wrong: `issues` has all problems.
                `before_cut` as for `floor`.
        """
    def intervals(
        self,
        agent: AgentInput,
        track: str | None = None,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[Interval]:
        """Returns the intervals of an agent in a window, track by track, without gaps or overlaps.

        Args:
            agent: A pair of ids, a dict with both ids, or only the agent's id.
            track: Returns only this track, such as `"state[support]"`. `"load[support]"`, the number of
                open items, is returned only if it is named here.
            from_: The start of the window, inclusive.
            to: The end of the window, exclusive.
            as_of: Events after this instant are ignored, and nothing is known of the time after it.
                Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
                if values hold until now.

        Returns:
            A list of `Interval`s.

        Raises:
            AgentfoldError: `no_track`; `not_rising` if the window ends before it begins; `unknown_agent`
                if `agent` is only an id that no account has.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "away"})["outcome"]
            'applied'
            >>> end = "2026-01-05T10:00:00Z"
            >>> window = {"from_": "2026-01-05T08:00:00Z", "to": end, "as_of": end}
            >>> [(it["value"], it["basis"]) for it in fold.intervals("7", "chat_status", **window)]
            [(None, 'unknown'), ('away', 'assumed')]
        """
    def work_items(
        self,
        agent: AgentInput,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[WorkItemSpan]:
        """Returns the spans of an agent's work items that overlap a window, in full length.

        Args:
            agent: A pair of ids, a dict with both ids, or only the agent's id.
            from_: The start of the window, inclusive.
            to: The end of the window, exclusive.
            as_of: Events after this instant are ignored, and nothing is known of the time after it.
                Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
                if values hold until now.

        Returns:
            A list of `WorkItemSpan`s; `handle_ns` is in nanoseconds.

        Raises:
            AgentfoldError: `not_rising` if the window ends before it begins; `unknown_agent` if `agent` is
                only an id that no account has.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
            ...     "type": "zen:event-type:agent.work_item_added", "event": {"work_item_id": "123",
            ...     "channel": "support", "reason": "ACCEPTED", "updated_at": "2026-01-05T09:00:00Z"}})["outcome"]
            'applied'
            >>> end = "2026-01-05T10:00:00Z"
            >>> window = {"from_": "2026-01-05T08:00:00Z", "to": end, "as_of": end}
            >>> [item] = fold.work_items("10011", **window)
            >>> item["work_item"], item["accepted_at"], item["closed_at"]
            ('123', '2026-01-05T09:00:00Z', None)
        """
    def chat_spans(
        self,
        agent: AgentInput,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[ChatSpan]:
        """Returns the chat spans of an agent in a window, in the format of Zendesk's `agent_timeline`.

        Args:
            agent: A pair of ids, a dict with both ids, or only the agent's id.
            from_: The start of the window, inclusive.
            to: The end of the window, exclusive.
            as_of: Events after this instant are ignored, and nothing is known of the time after it.
                Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
                if values hold until now.

        Returns:
            A list of `ChatSpan`s; `duration` is in seconds.

        Raises:
            AgentfoldError: `not_rising` if the window ends before it begins; `unknown_agent` if `agent` is
                only an id that no account has.
        """
    def report(
        self,
        buckets: Buckets,
        by: RollUp = "agent",
        *,
        selection: Selection | None = None,
        rows: RowKind | Sequence[RowKind] | None = None,
        sparse: bool = False,
        names: Names | None = None,
        on_progress: Callable[[int], object] | None = None,
    ) -> list[ReportRow]:
        """Returns the rows of a report for the given buckets: how long, how busy and how fast. Each bucket
        has a row for each agent and channel, unified state, and chat; or sums of them, as `by` selects.

        Some rows do not add up. An agent is online on several channels at once, so `online_ns` summed over
        channels is more than the time that agents worked. By `"group"`, an agent counts in each of its
        groups. Rows of unified states add up to agents' hours, also by `"group_split"`.

        Args:
            buckets: The boundaries and `as_of`, as returned by `agentfold.buckets`.
            by: `"agent"`, `"channel"`, `"account"`, `"group"`, in which an agent of several groups counts
                fully in each, or `"group_split"`, in which its time is divided evenly among them.
            selection: The accounts, agents, groups and channels that the report is about. Default: all.
            rows: The kinds of rows: `"channel"`, `"unified_state"` or `"chat"`, or a list of these.
                Default: all.
            sparse: Whether to leave out rows in which all of the time is unknown and nothing is counted.
            names: The names of agents and groups, as `parse_names` returns them. Then rows have an
                `agent_name`, and rows by group a `group_name`; `None` where it is not known.
            on_progress: Called regularly with the number of rows since the last call.

        Returns:
            A list of `ReportRow`s. Fields that end in `_ns` are nanoseconds, as an `int` of any size.

        Raises:
            AgentfoldError: `not_rising` or `bad_argument`; `too_many_rows` if there would be more than
                1,000,000 rows, or pairs of an agent and a bucket. `row_limit` of the buckets sets another
                limit. They are counted before any is computed.

        Example:
            >>> from agentfold import buckets
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:10:00Z", "value": "online"})["outcome"]
            'applied'
            >>> end = "2026-01-05T10:00:00Z"
            >>> hour = buckets(from_="2026-01-05T09:00:00Z", to=end, every="1h", as_of=end)
            >>> [row["online_ns"] / 6e10 for row in fold.report(hour) if row["row"] == "chat"]
            [50.0]
        """
    def report_rows(
        self,
        buckets: Buckets,
        by: RollUp = "agent",
        *,
        selection: Selection | None = None,
        rows: RowKind | Sequence[RowKind] | None = None,
        sparse: bool = False,
        names: Names | None = None,
    ) -> Iterator[ReportRow]:
        """Returns an iterator of the rows of a report. It computes them when they are needed, about a
        thousand at a time, from what the fold knows now. So a large report takes little memory. The
        arguments are those of `report`, without `on_progress`.

        Returns:
            An iterator of `ReportRow`s.

        Raises:
            AgentfoldError: As for `report`, but the limit is 1,000,000,000 rows.
        """
    def sessions(self, buckets: Buckets, *, selection: Selection | None = None) -> list[SessionsRow]:
        """Returns when agents logged in and out: a row for each agent and bucket, with the first login, the
        last logout and the sessions. A session is a time in which the agent is known to be not offline.

        Args:
            buckets: The boundaries and `as_of`, as returned by `agentfold.buckets`.
            selection: The accounts, agents and groups that the rows are about. Default: all.

        Returns:
            A list of `SessionsRow`s.

        Raises:
            AgentfoldError: As for `report`.

        Example:
            >>> from agentfold import buckets
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
            'applied'
            >>> end = "2026-01-06T00:00:00Z"
            >>> day = buckets(from_="2026-01-05T00:00:00Z", to=end, every="1d", as_of=end)
            >>> [(row["first_login"], row["last_logout"], row["open"]) for row in fold.sessions(day)]
            [('2026-01-05T09:00:00Z', None, True)]
        """
    def adherence(self, schedule: list[Scheduled], as_of: InstantInput) -> list[AdherenceRow]:
        """Compares agents with a schedule. Returns a row for each entry. The time of an agent without
        events is unknown.

        Args:
            schedule: A list of `Scheduled`s: the states that agents are scheduled to be in, and when.
            as_of: The instant at which entries are clipped.

        Returns:
            A list of `AdherenceRow`s.

        Raises:
            AgentfoldError: `no_track` or `bad_argument`.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:15:00Z", "value": "online"})["outcome"]
            'applied'
            >>> shift = {"account_id": "2", "agent_id": "7", "from": "2026-01-05T09:00:00Z",
            ...          "to": "2026-01-05T10:00:00Z", "track": "chat_status", "states": ["online"]}
            >>> [row] = fold.adherence([shift], "2026-01-05T10:00:00Z")
            >>> row["adherence"], row["unknown_ns"] // 60_000_000_000
            (0.75, 15)
        """
    def exceptions(self, schedule: list[Scheduled], as_of: InstantInput) -> list[ExceptionRow]:
        """Returns when agents did not keep to a schedule: who did not come, came late, left early, or was in
        no scheduled state in between.

        Args:
            schedule: A list of `Scheduled`s.
            as_of: The instant at which entries are clipped. With the present, what still goes on is
                `open`.

        Returns:
            A list of `ExceptionRow`s.

        Raises:
            AgentfoldError: `no_track` or `bad_argument`.
        """
    def schedule_warnings(self, schedule: list[Scheduled], /) -> list[ScheduleWarning]:
        """Returns the words of a schedule that no agent of the account ever had: channels and states,
        with the known words that are written alike.

        Args:
            schedule: A list of `Scheduled`s.

        Returns:
            A list of `ScheduleWarning`s.

        Raises:
            AgentfoldError: `bad_argument`.
        """
    @overload
    def to_arrow(
        self,
        table: Literal["events"],
        *,
        agent: AgentInput | None = None,
        selection: Selection | None = None,
        **options: Unpack[TableOptions],
    ) -> ArrowStream:
        """Returns a table in Arrow columns, which `pyarrow.table`, `polars.DataFrame` and DuckDB accept as
        it is.

        The rows are computed while they are read, in batches of at most 65,536, from what the fold knows
        now. So a table of any length takes little memory, if it is not kept. It can be read any number of
        times.

        The columns have the names of the fields in data. Ids and words are dictionary-encoded text,
        instants `timestamp[ns, UTC]`, and fields that end in `_ns` `int64`. What 64 bits can't hold
        (instants before 1677-09-21 and after 2262-04-11) is null. A `value` is text as it is, or JSON.

        Args:
            table: `"events"`: the events that the fold contains, a row per track. `"agents"`: the
                states, a row per channel of an agent, as of `at` if given. `"work_items"`,
                `"intervals"`, `"report"`, `"sessions"`, `"adherence"`, `"exceptions"` and `"anomalies"`:
                the results of these methods for all agents, with the same keywords.
            agent: Returns only this agent. For `"events"`, `"agents"`, `"work_items"` and
                `"intervals"`.
            at: For `"agents"`: the instant of the states. Default: the current state.
            track: For `"intervals"`: returns only this track.
            from_: For `"work_items"` and `"intervals"`: the start of the window, inclusive.
            to: The end of the window, exclusive.
            as_of: Events after this instant are ignored, and nothing is known of the time after it.
                Default: `to`, or the last event apart from outliers if that is earlier. Pass the present
                if values hold until now.
                Required for `"adherence"` and `"exceptions"`.
            buckets: For `"report"` and `"sessions"`: as returned by `agentfold.buckets`. At most
                1,000,000,000 rows, unless `row_limit` of the buckets sets another limit.
            by: For `"report"`. Default: `"agent"`.
            rows: For `"report"`: the kinds of rows, one or a list. The table has only the columns that rows
                of these kinds have.
            sparse: For `"report"`: whether to leave out rows in which all of the time is unknown and nothing
                is counted.
            selection: The accounts, agents, groups and channels that the rows are about. Not for
                `"adherence"` and `"exceptions"`.
            schedule: For `"adherence"` and `"exceptions"`.
            names: The names of agents and groups, as `parse_names` returns them. The table then has the
                column `agent_name` after `agent_id`, and `group_name` after `group_id`.
            strings: How words are stored: `"dictionary"`, the default, or `"plain"`, for joins with other
                tables.
            unit: The unit of instants: `"ns"`, the default, `"us"` or `"ms"`, rounded down.
            durations: `"ns"`, the default, or `"seconds"`: as `double`, in columns that end in `_s` instead
                of `_ns`.
            flat: Whether columns with fields are a column for each field, such as `unified_state_name`, and
                a `value` is followed by `value_id`, `value_name` and `value_reason`.
            dialect: `"spark"` for types that Apache Spark has, also in Parquet: plain text, microseconds,
                and signed counts, null if they don't fit. `strings` and `unit` still apply.
            on_progress: Called with the number of rows of each batch that is read.

        Returns:
            An `ArrowStream`.

        Raises:
            AgentfoldError: `bad_argument` if a keyword is missing or not for this table; otherwise as
                the method of the same name.

        Example:
            >>> Fold().to_arrow("anomalies")
            <ArrowStream of account_id, agent_id, anomaly, track, aspect, channel, work_item, at, ...>
        """
    @overload
    def to_arrow(
        self,
        table: Literal["agents"],
        *,
        agent: AgentInput | None = None,
        selection: Selection | None = None,
        at: InstantInput | None = None,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["work_items"],
        *,
        agent: AgentInput | None = None,
        selection: Selection | None = None,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["intervals"],
        *,
        agent: AgentInput | None = None,
        selection: Selection | None = None,
        track: str | None = None,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["report"],
        *,
        buckets: Buckets,
        by: RollUp | None = None,
        selection: Selection | None = None,
        rows: RowKind | Sequence[RowKind] | None = None,
        sparse: bool = False,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["sessions"],
        *,
        buckets: Buckets,
        selection: Selection | None = None,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["adherence", "exceptions"],
        *,
        schedule: list[Scheduled],
        as_of: InstantInput,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["anomalies"],
        *,
        selection: Selection | None = None,
        **options: Unpack[TableOptions],
    ) -> ArrowStream: ...
    def merge(self, other: Fold, /) -> None:
        """Adds everything that another fold knows. The other fold is unchanged. `|=` does the same, and
        `|` returns a new fold.

        If a signal ends it, some agents are merged, and merging again adds the others.

        Raises:
            AgentfoldError: `different_options` if the folds date events by different fields.
        """
    def compact(self, before: InstantInput, /) -> None:
        """Drops the history before an instant. The current state is unchanged.

        If a signal ends it, some agents are compacted, and compacting again does the others.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
            'applied'
            >>> fold.compact("2026-01-05T12:00:00Z")
            >>> fold.state("7")["chat"]["status"], fold.cut_of("7")
            ('online', '2026-01-05T12:00:00Z')
        """
    def forget(self, agent: AgentInput, /) -> bool:
        """Forgets an agent. Returns whether anything was known of it.

        To replace an agent by one that is stored, forget it and `restore` that.

        Args:
            agent: A pair of ids, a dict with both ids, or only the agent's id.

        Raises:
            AgentfoldError: `unknown_agent` if `agent` is only an id that no account has.

        Example:
            >>> Fold().forget(("2", "10011"))
            False
        """
    def cut(self) -> str | None:
        """Returns the cut of agents that are not known yet: their events before it are not accepted.
        `None` if the fold was never compacted.
        """
    def cut_of(self, agent: AgentInput, /) -> str | None:
        """Returns an agent's cut: earlier history was compacted away. `None` if nothing was.

        Args:
            agent: A pair of ids, a dict with both ids, or only the agent's id.

        Raises:
            AgentfoldError: `unknown_agent` if `agent` is only an id that no account has.

        Example:
            >>> fold = Fold()
            >>> fold.compact("2026-01-05T08:00:00Z")
            >>> fold.cut_of(("2", "10011"))
            '2026-01-05T08:00:00Z'
        """
    def save(self) -> bytes:
        """Returns the fold as bytes. Equal folds give equal bytes. All later versions can read them."""
    def save_agent(self, agent: AgentInput, /) -> bytes | None:
        """Returns one agent as bytes for `restore`; `None` if nothing is known of the agent."""
    def save_agents(self) -> list[tuple[Agent, bytes]]:
        """Returns each agent as bytes for `restore`, including agents without an accepted event. Together
        with the cut they are the whole fold.

        Returns:
            A list of `(Agent, bytes)`, sorted by account, then agent.
        """
    def restore(self, saved: Buffer, /) -> None:
        """Adds a saved fold or agent, as `merge` does.

        Raises:
            AgentfoldError: `not_saved`, `damaged`, `newer_version` or `different_options`. The fold is
                unchanged.

        Example:
            >>> fold = Fold()
            >>> fold.apply({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
            ...             "timestamp": "2026-01-05T09:00:00Z", "value": "online"})["outcome"]
            'applied'
            >>> again = Fold()
            >>> again.restore(fold.save())
            >>> again == fold
            True
        """
    def seed(self, account_id: Id, page: JsonInput, at: InstantInput) -> list[Seeded]:
        """Applies a page of Zendesk's REST record of agent availability. If a channel lists all of its open
        items, the others are closed. Returns the outcome and changes of each agent.

        Args:
            account_id: The account of the record.
            page: The page: bytes, text or a dict.
            at: When the page was requested.

        Returns:
            A list of `Seeded`s.

        Raises:
            AgentfoldError: If it is not a page: `issues` contains all problems.
        """
    def reconcile(self, account_id: Id, page: JsonInput) -> list[Difference]:
        """Returns the differences between a page of Zendesk's REST record and the current state.

        Args:
            account_id: The account of the record.
            page: The page: bytes, text or a dict.

        Returns:
            A list of `Difference`s.

        Raises:
            AgentfoldError: If it is not a page.
        """
    def reconcile_timeline(
        self, account_id: Id, rows: Buffer | str | list[TimelineRow], as_of: InstantInput
    ) -> list[TimelineDifference]:
        """Returns the differences between rows of `agent_timeline` and the chat spans.

        Args:
            account_id: The account of the rows.
            rows: A list of `TimelineRow`s, or its JSON.
            as_of: Events after this instant are ignored.

        Returns:
            A list of `TimelineDifference`s.

        Raises:
            AgentfoldError: `bad_argument` if they are not such rows.
        """
    def tell_chat(self, channel: str, from_: InstantInput, now: InstantInput) -> list[ChatEvent]:
        """Returns the events of a channel in the format of the Chat export.

        Args:
            channel: The channel, such as `"messaging"`.
            from_: The instant to begin at, inclusive.
            now: The current time. Events of the five minutes before it are omitted, because late events
                may still change them.

        Returns:
            A list of `ChatEvent`s.
        """
    def answer_export(
        self, channel: str, query: str, *, url: str, now: InstantInput | None = None
    ) -> Answer:
        """Returns the response of the Chat export endpoint to a query, with the events of a channel that
        `tell_chat` returns. It looks at little more of the history than the page holds.

        Args:
            channel: The channel, such as `"messaging"`.
            query: The query of the URL, without `?`.
            url: The URL of the endpoint, without a query.
            now: The current time of the server. Default: the host's clock.

        Returns:
            `{"status": 200, "body": ...}` with a page as JSON text, or status 400 with an error.
        """
    def keys(self) -> KeysView[Agent]:
        """Returns a view of the agents."""
    def values(self) -> ValuesView[AgentState]:
        """Returns a view of the current states."""
    def items(self) -> ItemsView[Agent, AgentState]:
        """Returns a view of the agents and their current states."""
    @overload
    def get(self, agent: AgentInput, default: None = None, /) -> AgentState | None:
        """Returns an agent's current state, or `default` if no event of the agent was accepted."""
    @overload
    def get(self, agent: AgentInput, default: _T, /) -> AgentState | _T: ...
    def copy(self) -> Fold:
        """Returns an independent copy."""
    def __copy__(self) -> Fold: ...
    def __deepcopy__(self, _memo: Any) -> Fold: ...
    def __getitem__(self, agent: AgentInput, /) -> AgentState: ...
    def __contains__(self, agent: object, /) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Agent]: ...
    def __or__(self, other: Fold, /) -> Fold: ...
    def __ror__(self, value: Fold, /) -> Fold: ...
    def __ior__(self, other: Fold, /) -> Fold: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[()], bytes]: ...
    def __setstate__(self, saved: bytes) -> None: ...

@final
class Records:
    """Finds and parses the events in a stream of bytes that arrives in chunks of any size.

    Detects a single object, NDJSON, concatenated JSON objects, a JSON array, and pages of the Chat
    export. A record that can't be read is returned in its place.

    Args:
        **options: How events are read: `ReadOptions`.

    Raises:
        AgentfoldError: `bad_argument`

    Example:
        >>> records = Records()
        >>> records.push(b'{"account_id": 2')
        []
        >>> [record["kind"] for record in records.end()]
        ['unreadable']
    """

    def __new__(cls, **options: Unpack[ReadOptions]) -> Records: ...
    def push(self, chunk: Buffer | str, /) -> list[ParsedEvent | Unreadable]:
        """Adds a chunk. Returns the records that are complete."""
    def end(self) -> list[ParsedEvent | Unreadable]:
        """Ends the stream. Returns the remaining records. The next chunk begins another stream."""

@final
class ArrowStream:
    """Rows in Arrow columns, for pyarrow, polars, pandas and DuckDB. `pyarrow.table(...)`,
    `polars.DataFrame(...)` and DuckDB's SQL accept it as it is, by the Arrow PyCapsule interface.

    The rows are computed in batches of at most 65,536 while they are read, so a table of any length takes
    little memory. A table of a fold has what the fold knew when the table was made, and can be read any
    number of times; each time, the rows are computed again. A table of `read_events` is read from the
    source, once.
    """

    def __arrow_c_schema__(self) -> object:
        """Returns the names and types of the columns as a capsule."""
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Returns the rows as a capsule. `requested_schema` is ignored, as the interface allows.

        Raises:
            AgentfoldError: `already_read` if the rows can be read once, and were read.
        """

@final
class EventReader:
    """An iterator over the events of a source. Returned by `read_events`."""

    def to_arrow(self, *, json: bool = False, **form: Unpack[TableForm]) -> ArrowStream:
        """Returns the remaining events as a table, a row for each event, read in batches of at most 65,536
        rows. Can be read once. This iterator ends.

        The columns are `kind`, `account_id`, `agent_id`, `at`, `time` (when the event was issued),
        `version`, `id`, and the fields of all event types with Zendesk's names; the `value` of a Chat
        record is its `status` or `engagements`. Fields that an event does not have are null. A record
        that could not be read is a row with the kind `"unreadable"`, its `line`, and the code of its
        first `issue`.

        Args:
            json: Whether to add a last column, `json`, with the whole event in Zendesk's format, so
                that the table can be read again: `Fold.read(table, column="json")`.
            **form: `strings`, `unit`, `flat` and `dialect`, as for `Fold.to_arrow`.

        Returns:
            An `ArrowStream`, which can be read once. Ids and words are dictionary-encoded, instants
            `timestamp[ns, UTC]`: null before 1677-09-21 and after 2262-04-11, which 64 bits can't hold.

        Example:
            >>> lines = b'{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "a", '
            >>> lines += b'"timestamp": "2026-01-05T08:00:00Z", "value": 1}'
            >>> read_events(lines).to_arrow()
            <ArrowStream of kind, account_id, agent_id, at, time, version, id, channel, ...>
        """
    def __iter__(self) -> EventReader: ...
    def __next__(self) -> ParsedEvent | Unreadable: ...

def fold_files(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    threads: int | None = None,
    on_progress: Callable[[int], object] | None = None,
    **options: Unpack[ReadOptions],
) -> tuple[Fold, FilesRead]:
    """Folds files on all cores. Returns the fold, and the records that could not be read.

    The saved bytes of the fold are the same for any number of threads. Each thread folds consecutive
    files and parts of large files into a fold of its own; then these are merged. Memory grows with the
    fold and the unreadable records, but not with the files. `KeyboardInterrupt` stops it.

    Args:
        paths: One path, or an iterable of paths. Detects NDJSON, concatenated JSON objects, JSON arrays
            and pages of the Chat export. Unpacks gzip and zstd; each packed file is read by one thread.
        threads: The number of threads. Default: the number of cores.
        on_progress: Called regularly with the number of bytes read from the files since the last call,
            before unpacking. `tqdm(total=...).update` fits.
        **options: How events are read: `ReadOptions`.

    Returns:
        The fold, and a `FilesRead`: the number of `records`, and the `unreadable` ones, file by file,
        with `file`, `line` and `offset`: the first 1,000 of each code. `unreadable_codes` counts all.

    Raises:
        AgentfoldError: `bad_argument`
        OSError: If a file can't be read.

    Example:
        >>> fold, read = fold_files([])
        >>> len(fold), read
        (0, {'records': 0, 'unreadable': [], 'unreadable_codes': {}})
    """

def read_events(
    source: Source,
    *,
    column: str | None = None,
    **options: Unpack[ReadOptions],
) -> EventReader:
    r"""Returns an iterator over the events of a source, with `Unreadable` for other records. Memory does
    not grow with the source.

    Args:
        source: `bytes`; a path, as `str` or `os.PathLike`; an open file; an iterable of `bytes` (chunks
            of one stream, cut anywhere), of `str` or dicts (whole records); or Arrow columns with an
            event in each row, also as polars' `LazyFrame`. Detects NDJSON, concatenated JSON objects, JSON arrays and pages of the
            Chat export. Unpacks gzip and zstd.
        column: The name of the Arrow column with the events. Required if there are several columns.
        **options: How events are read: `ReadOptions`.

    Returns:
        An iterator of `ParsedEvent`s, and of an `Unreadable` in the place of each record that is not an
        event. Its `to_arrow` returns the same as a table.

    Raises:
        AgentfoldError: `bad_argument`
        OSError: If a file can't be read.

    Example:
        >>> lines = b'{"account_id": 2, "agent_id": 7, "field_name": "engagements", "id": "a", '
        >>> lines += b'"timestamp": "2026-01-05T08:00:00Z", "value": 1}\n{}'
        >>> [record["kind"] for record in read_events(lines)]
        ['engagements', 'unreadable']
    """

def parse_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> ParsedEvent:
    """Parses one event of either feed.

    Args:
        event: The bytes or text as received, or a dict.
        **options: How events are read: `ReadOptions`.

    Returns:
        A `ParsedEvent`. `kind` is its type. `event` has Zendesk's format, with ids as strings.

    Raises:
        AgentfoldError: If it is not an event: `issues` contains all problems.

    Example:
        >>> parsed = parse_event('{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a", '
        ...     '"timestamp": "2018-10-19T12:33:50Z", "value": "away"}')
        >>> parsed["kind"], parsed["agent"], parsed["event"]["value"]
        ('status', {'account_id': '2', 'agent_id': '7'}, 'away')
    """

def check_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> list[Issue]:
    """Returns all problems of one event: errors first, then by path. An event without errors can be
    applied.

    Args:
        event: The bytes or text as received, or a dict.
        **options: How events are read: `ReadOptions`.

    Example:
        >>> [(issue["code"], issue["path"]) for issue in check_event("{}")]
        [('missing_field', '/type')]
    """

def parse_names(names: JsonInput, /) -> Names:
    """Reads names of agents and groups, for tables and pictures. They are never part of a fold.

    Reads JSON `{id: name}`, whose names are of agents and of groups; JSON with `agents` and `groups`, as
    this function returns it; pages of Zendesk's `users.json` and `groups.json`, of which only ids and names
    are kept, and no end users; and CSV with the columns `id` and `name`, and optionally `kind`, which says
    `agent` or `group`. At most 64 MiB, 100,000 entries, and 1,024 bytes for a name.

    Args:
        names: The bytes or text of the table, or a dict.

    Returns:
        `Names`: a dict of `agents` and `groups`, each with names by id.

    Raises:
        AgentfoldError: If it is not a table of names: `issues` contains all problems, and none of the
            names.

    Example:
        >>> names = parse_names('{"users": [{"id": 10011, "name": "Ann Lee", "email": "a@example.com"}]}')
        >>> names["agents"].get("10011", "10011"), names["groups"]
        ('Ann Lee', {})
    """

def print_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> str:
    """Returns an event as JSON text in Zendesk's own format: ids are numbers where Zendesk writes numbers.
    Parsing the text gives an equal event.

    Args:
        event: The bytes or text as received, or a dict.
        **options: How events are read: `ReadOptions`.

    Raises:
        AgentfoldError: If it is not an event.

    Example:
        >>> print_event({"account_id": "2", "agent_id": "7", "field_name": "status", "id": "a",
        ...              "timestamp": "2018-10-19T12:33:50.000Z", "value": "away"})[:49]
        '{"account_id":2,"agent_id":7,"field_name":"status'
    """

def to_cloud_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> str | None:
    """Returns an event as a CloudEvent 1.0 in JSON; `None` for an unknown type. Every function that reads
    events accepts the text.

    Args:
        event: The bytes or text as received, or a dict.
        **options: How events are read: `ReadOptions`.

    Raises:
        AgentfoldError: If it is not an event.

    Example:
        >>> import json
        >>> text = to_cloud_event({"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        ...                        "timestamp": "2018-10-19T12:33:50Z", "value": "away"})
        >>> event = json.loads(text)
        >>> event["specversion"], event["subject"], event["type"]
        ('1.0', 'zen:agent:7', 'com.zendesk.chat.agent_event.status')
    """

def to_instant(instant: str | datetime | int, /) -> str:
    """Returns an instant as RFC 3339 text in UTC.

    Args:
        instant: An aware `datetime` (also a pandas `Timestamp`, with its nanoseconds), an `int` in
            nanoseconds since 1970, or RFC 3339 text.

    Returns:
        The text, with 0, 3, 6 or 9 fraction digits: as few as the instant needs.

    Raises:
        AgentfoldError: `naive_datetime` if a `datetime` has no time zone; `bad_instant`.

    Example:
        >>> from datetime import datetime, timezone
        >>> to_instant(datetime(2026, 1, 5, 8, 30, tzinfo=timezone.utc))
        '2026-01-05T08:30:00Z'
        >>> to_instant(1767601800000000001)
        '2026-01-05T08:30:00.000000001Z'
    """

def to_ns(instant: InstantInput, /) -> int:
    """Returns an instant as nanoseconds since 1970.

    Args:
        instant: RFC 3339 text, or an aware `datetime`.

    Raises:
        AgentfoldError: `naive_datetime` or `bad_instant`.

    Example:
        >>> to_ns("2026-01-05T08:30:00.000000001Z")
        1767601800000000001
    """

def buckets_by_offset(
    from_: InstantInput,
    to: InstantInput,
    every: str | int | timedelta,
    as_of: InstantInput | None,
    offset: Callable[[int], int],
    /,
) -> Buckets:
    """Returns buckets by the clocks of a zone, given its offset from UTC in seconds at an instant in
    seconds since 1970.
    """

def episodes(told: list[Episode], alerts: list[Alert], at: InstantInput) -> Episodes:
    """Compares the alerts of an instant with those that were reported: what began, what goes on and what ended.

    Each episode is reported at most once, also if a late event changes when it began. Store `told` once the
    messages are sent, and pass it at the next look; at first it is an empty list. If a message could not be
    sent, leave its episode out of what you store: it begins again at the next look.

    Args:
        told: What the last look returned as `told`.
        alerts: What `Fold.alerts` returns at the instant.
        at: The instant.

    Returns:
        `Episodes`.

    Raises:
        AgentfoldError: `bad_argument`, `bad_instant`

    Examples:
        >>> fold = Fold()
        >>> away = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        ...         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}
        >>> at, thresholds = "2026-01-05T09:42:00Z", {"state": [{"state": "away", "longer_than": "30m"}]}
        >>> fold.apply(away)["outcome"]
        'applied'
        >>> look = episodes([], fold.alerts(thresholds, at), at)
        >>> [alert["episode"] for alert in look["began"]]
        ['state/2/7/chat_status/2026-01-05T09:00:00Z']
        >>> len(episodes(look["told"], fold.alerts(thresholds, at), at)["began"])
        0
    """

def alert_message(
    alert: Alert,
    turn: Turn,
    *,
    form: MessageForm = "agentfold",
    at: InstantInput | None = None,
    names: AlertNames | None = None,
) -> str:
    """Returns the body of an outgoing webhook about an alert: JSON of an `AlertMessage`, or Slack's form.

    Send it with the headers of `webhook.sign`, so that a receiver can verify it with `webhook.verify`, as it
    verifies Zendesk's webhooks. Slack ignores the signature.

    Args:
        alert: The alert.
        turn: What the message says about it: `"began"` or `"ended"`.
        form: `"agentfold"`, for programs, or `"slack"`: a sentence, as Slack's incoming webhooks take it.
        at: When the alert was found, or found to be over. Default: the host's clock.
        names: The names by which people know agents and groups: `AlertNames`.

    Raises:
        AgentfoldError: `bad_argument`, `bad_instant`

    Example:
        >>> from agentfold import Fold
        >>> fold = Fold()
        >>> away = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        ...         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}
        >>> at, thresholds = "2026-01-05T09:42:00Z", {"state": [{"state": "away", "longer_than": "30m"}]}
        >>> fold.apply(away)["outcome"]
        'applied'
        >>> [alert] = fold.alerts(thresholds, at)
        >>> alert_message(alert, "began", form="slack", at=at, names={"agents": {"7": "Ada"}})
        '{"text":"Ada has been away for 42 minutes (limit: 30 minutes)."}'
    """

def corrections(before: list[ReportRow], after: list[ReportRow]) -> list[Correction]:
    """Returns the rows that differ between two reports over the same buckets.

    Args:
        before: The rows of the earlier report.
        after: The rows of the later report.

    Returns:
        A list of `Correction`s.

    Raises:
        AgentfoldError: `bad_argument` if they are not rows of a report; `other_buckets` if buckets of the
            two overlap and differ.

    Example:
        >>> from agentfold import Fold, buckets
        >>> fold = Fold()
        >>> end = "2026-01-05T10:00:00Z"
        >>> hour = buckets(from_="2026-01-05T09:00:00Z", to=end, every="1h", as_of=end)
        >>> def status(value, at):
        ...     return {"account_id": 2, "agent_id": 7, "field_name": "status", "id": f"{at}:a",
        ...             "timestamp": f"2026-01-05T{at}:00Z", "value": value}
        >>> fold.apply(status("online", "09:00"))["outcome"]
        'applied'
        >>> before = fold.report(hour)
        >>> fold.apply(status("away", "09:45"))["outcome"]
        'applied'
        >>> [it] = [it for it in corrections(before, fold.report(hour)) if it["row"] == "chat"]
        >>> it["before"]["online_ns"] // 60_000_000_000, it["after"]["online_ns"] // 60_000_000_000
        (60, 45)
    """

@final
class ReportSums:
    """A report whose agents are added one by one: of agents that are kept apart, each in a fold of its own, as in a
    database or on a cluster. The arguments are those of `Fold.report`, but the buckets must have `as_of`: no part
    has the last event of all.

    Raises:
        AgentfoldError: `not_rising` or `bad_argument`.

    Example:
        >>> from agentfold import Fold, ReportSums, buckets
        >>> nine, ten = "2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"
        >>> hour = buckets(from_=nine, to=ten, every="1h", as_of=ten)
        >>> sums = ReportSums(hour, "account")
        >>> sums.add(Fold())
        >>> list(sums.rows())
        []
    """

    def __new__(
        cls, buckets: Buckets, by: RollUp = "agent", *, selection: Selection | None = None
    ) -> ReportSums: ...
    def add(self, fold: Fold, /) -> None:
        """Adds all agents of a fold. Each agent must be added once, with everything that is known of it.

        Nothing can be added any more if a signal, such as Ctrl-C, ends the call.

        Raises:
            AgentfoldError: `too_many_rows`, as for `Fold.report`; `freed` after `rows` and after a signal.
        """
    def rows(self) -> Iterator[ReportRow]:
        """Returns an iterator of the rows, in the order of `Fold.report`. Nothing can be added then.

        Raises:
            AgentfoldError: `freed` if it was called before.
        """

@final
class Scrubber:
    """Replaces the ids of accounts, agents, groups and work items, and free text, by pseudonyms that
    depend on a key. The same value always gets the same pseudonym. Without the key, the value can't be
    found.

    Args:
        key: A key of at least 16 bytes. Use random bytes.

    Raises:
        AgentfoldError: `short_key`

    Example:
        >>> Scrubber("only for these examples").agent("10011")
        '5260926570146308134'
    """

    def __new__(cls, key: Buffer | str, /) -> Scrubber: ...
    def scrub(
        self,
        event: JsonInput,
        **options: Unpack[ReadOptions],
    ) -> str:
        """Returns an event with pseudonyms, as JSON text in Zendesk's format.

        Args:
            event: The bytes or text as received, or a dict.
            **options: How events are read: `ReadOptions`.

        Raises:
            AgentfoldError: If it is not an event.
        """
    def account(self, id: Id, /) -> str:
        """Returns the pseudonym of an account id."""
    def agent(self, id: Id, /) -> str:
        """Returns the pseudonym of an agent id, the same in every account."""
    def group(self, id: str, /) -> str:
        """Returns the pseudonym of a group id."""
    def work_item(self, id: str, /) -> str:
        """Returns the pseudonym of a work item id."""
    def name(self, name: str, /) -> str:
        """Returns the pseudonym of a unified state's name. Zendesk's own names are kept."""

@final
class ExportCursor:
    """The position of a pull of the Chat export. It returns each request to send and handles the reply, so
    that no event is missed or repeated. It sends nothing itself.

    Store the events of a page, then save the cursor. A pull then continues after a crash where it was.

    Args:
        since: The instant to begin at, inclusive.
        limit: The maximum number of events on a page, from 1 to 1000.
        endpoint: `"chat"`, the current path; `"document"`, the path in Zendesk's older documentation;
            or `"agent_timeline"`, the export of time spans.
        unit: The unit of times in requests: `"seconds"` or `"microseconds"`. Default: the one of the
            endpoint.
        all_fields: Whether to request all fields, including undocumented ones.

    Raises:
        AgentfoldError: `bad_argument`, `bad_instant` or `naive_datetime`.

    Example:
        >>> cursor = ExportCursor("2018-10-01T00:00:00Z")
        >>> step = cursor.next()
        >>> step["step"], step["path"]
        ('request', '/api/v2/chat/incremental/agent_events')
        >>> body = b'{"agent_events": [], "count": 0}'
        >>> taken = cursor.take(host="acme.zendesk.com", status=200, headers={}, body=body)
        >>> taken["events"], taken["is_last"]
        ([], True)
    """

    def __new__(
        cls,
        since: InstantInput,
        *,
        limit: int = 1000,
        endpoint: Literal["chat", "document", "agent_timeline"] = "chat",
        unit: Literal["seconds", "microseconds"] | None = None,
        all_fields: bool = False,
    ) -> ExportCursor: ...
    @classmethod
    def restore(cls, saved: JsonInput, /) -> ExportCursor:
        """Returns a cursor from its saved form.

        Raises:
            AgentfoldError: `bad_argument` if it is not a saved cursor, or one of a newer version.
        """
    def save(self) -> str:
        """Returns the cursor as JSON text."""
    @property
    def handed_out(self) -> int:
        """The number of events returned so far."""
    @property
    def start_time(self) -> str:
        """The instant from which the next request starts. All earlier events were returned."""
    def next(self, now: InstantInput | None = None) -> ExportRequest | Pause:
        """Returns the next request to send, or how long to wait.

        Args:
            now: The current time. Default: the host's clock.

        Returns:
            An `ExportRequest` to send with GET, or a `Pause`.

        Raises:
            AgentfoldError: `start_in_future` if the cursor begins after `now`.
        """
    def take(
        self,
        *,
        host: str,
        status: int,
        headers: HeadersInput,
        body: JsonInput,
        now: InstantInput | None = None,
        jitter: float | None = None,
    ) -> ExportPage | Pause:
        """Handles the reply to a request. Returns a page and advances, or returns how long to wait if the
        failure is temporary.

        Args:
            host: The host that was asked, with its port if it is not the default one.
            status: The status of the reply.
            headers: The headers of the reply: a mapping or pairs.
            body: The bytes of the reply, uncompressed; of a body with more than `max_bytes` of the
                request, one byte more than that is enough.
            now: The current time. Default: the host's clock.
            jitter: A random number from 0 to 1, so that clients do not retry at the same moment.
                Default: one from the host.

        Returns:
            An `ExportPage`, whose events are JSON texts as received, or a `Pause`.

        Raises:
            AgentfoldError: If a retry would not help, or did not help several times. `code` is a
                `RefusalCode`. The cursor is unchanged.
        """
    def lost(self, *, jitter: float | None = None) -> Pause:
        """Records that no reply arrived. Returns how long to wait."""
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...

def answer_export(
    query: str,
    events: Buffer | str | list[ChatEvent],
    *,
    url: str,
    now: InstantInput | None = None,
    end: tuple[str, InstantInput] | None = None,
) -> Answer:
    """Returns the response of the Chat export endpoint to a query.

    Args:
        query: The query of the URL, without `?`.
        events: Events of the Chat export sorted by instant, as `tell_chat` returns them.
        url: The URL of the endpoint, without a query.
        now: The current time of the server. Default: the host's clock.
        end: The point up to which the source is complete, as an id and an instant, if it is after the
            last event.

    Returns:
        `{"status": 200, "body": ...}` with a page as JSON text, or status 400 with an error.

    Raises:
        AgentfoldError: If `events` contains anything but events of the Chat export.

    Example:
        >>> url = "https://acme.example/api/v2/chat/incremental/agent_events"
        >>> answer_export("limit=10&start_time=1767600000", [], url=url)["status"]
        200
    """

def told_corrections(
    before: Buffer | str | list[ChatEvent],
    after: Buffer | str | list[ChatEvent],
    told_until: InstantInput,
) -> list[ToldCorrection]:
    """Returns the exported events that have changed, as pairs of before and after, sorted by time.

    Args:
        before: The events as exported earlier.
        after: The events as they would be exported now.
        told_until: The end of the earlier export. Only events up to this instant, inclusive, are
            compared.

    Returns:
        A list of `ToldCorrection`s.

    Raises:
        AgentfoldError: If a list contains anything but events of the Chat export.

    Example:
        >>> told = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a",
        ...         "timestamp": "2026-01-05T09:00:00Z", "value": "away"}
        >>> [it] = told_corrections([told], [{**told, "value": "online"}], "2026-01-05T10:00:00Z")
        >>> it["before"]["value"], it["after"]["value"]
        ('away', 'online')
    """

def verify(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    **options: Unpack[DeliveryOptions],
) -> Signed:
    """Verifies the signature of a delivery. Returns which secret signed it, and when.

    Args:
        headers: A mapping or pairs, of text or bytes.
        body: The body as received: parsed and written again, it has different bytes.
        secrets: The webhook's secret. Pass both the old and the new one while you rotate them.
        now: The current time of the receiver. Default: the host's clock.
        tolerance_seconds: The maximum distance between `now` and the signed timestamp.
        account_id: The account that the secrets belong to. Deliveries that name a different account are
            refused.
        for_tests: Whether to accept secrets that are public: the empty one, and the one of Zendesk's
            test webhooks.
        **options: How events are read: `ReadOptions`.

    Returns:
        A `Signed`: the index of the secret that signed the delivery, from 0, and the signed timestamp.

    Raises:
        AgentfoldError: If the delivery is refused: `code` is a `FlawCode`. Pass `handled` to `advise`.

    Example:
        >>> from agentfold import webhook
        >>> headers = webhook.sign(b"{}", "only-zendesk-and-we-know")
        >>> webhook.verify(headers, b"{}", "only-zendesk-and-we-know")["secret"]
        0
        >>> try:
        ...     webhook.verify(headers, b"{ }", "only-zendesk-and-we-know")
        ... except AgentfoldError as error:
        ...     print(error.code, webhook.advise(error.handled))
        wrong_signature 401
    """

def parse(
    body: Buffer | str,
    **options: Unpack[ReadOptions],
) -> ParsedEvent:
    """Parses the event of a delivery without verifying it.

    Args:
        body: The body as received.
        **options: How events are read: `ReadOptions`.

    Raises:
        AgentfoldError: If it is not an event: `issues` contains all problems.

    Example:
        >>> from agentfold import webhook
        >>> created = b'''{"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
        ...   "event": {"updated_at": "2026-01-05T08:30:00Z", "channel": "talk"},
        ...   "type": "zen:event-type:agent.channel_created"}'''
        >>> parsed = webhook.parse(created)
        >>> parsed["kind"], parsed["at"]
        ('agent.channel_created', '2026-01-05T08:30:00Z')
    """

def receive(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    **options: Unpack[DeliveryOptions],
) -> Received:
    """Verifies and parses a delivery. Returns the event with its signature.

    Args:
        headers: A mapping or pairs, of text or bytes.
        body: The body as received: parsed and written again, it has different bytes.
        secrets: The webhook's secret. Pass both the old and the new one while you rotate them.
        now: The current time of the receiver. Default: the host's clock.
        tolerance_seconds: The maximum distance between `now` and the signed timestamp.
        account_id: The account that the secrets belong to. Deliveries that name a different account are
            refused.
        for_tests: Whether to accept secrets that are public.
        **options: How events are read: `ReadOptions`.

    Returns:
        A `Received`: a `ParsedEvent`, and its `signed`.

    Raises:
        AgentfoldError: If verification fails, or if it is not an event. Pass `handled` to `advise`.

    Example:
        >>> from agentfold import webhook
        >>> created = b'''{"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
        ...   "event": {"updated_at": "2026-01-05T08:30:00Z", "channel": "talk"},
        ...   "type": "zen:event-type:agent.channel_created"}'''
        >>> headers = webhook.sign(created, "only-zendesk-and-we-know")
        >>> received = webhook.receive(headers, created, ["the-old-one", "only-zendesk-and-we-know"])
        >>> received["event"]["event"]["channel"], received["signed"]["secret"]
        ('talk', 1)
    """

def receive_into(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    fold: Fold,
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    **options: Unpack[DeliveryOptions],
) -> AnsweredStored | AnsweredUnreadable:
    """Verifies and parses a delivery like `receive`, and applies it to a fold. Returns the status to send,
    and what was done.

    Args:
        headers: A mapping or pairs, of text or bytes.
        body: The body as received.
        secrets: The webhook's secret, or several.
        fold: The fold that the event is applied to.
        now: The current time of the receiver. Default: the host's clock.
        tolerance_seconds: The maximum distance between `now` and the signed timestamp.
        account_id: The account that the secrets belong to. Deliveries that name a different account are
            refused.
        for_tests: Whether to accept secrets that are public.
        **options: How events are read: `ReadOptions`.

    Returns:
        An `AnsweredStored` or an `AnsweredUnreadable`.

    Raises:
        AgentfoldError: As for `receive`.
    """

def sign(body: Buffer | str, secret: str, at: InstantInput | None = None) -> dict[str, str]:
    """Returns the headers with which Zendesk would sign a body, for tests and for webhooks of your own.

    Args:
        body: The bytes to sign.
        secret: Any secret.
        at: The signed timestamp. Default: the host's clock.

    Example:
        >>> from agentfold import webhook
        >>> headers = webhook.sign(b"{}", "only-zendesk-and-we-know", "2026-01-05T08:30:00Z")
        >>> headers["x-zendesk-webhook-signature-timestamp"]
        '2026-01-05T08:30:00Z'
    """

def explain(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    **options: Unpack[DeliveryOptions],
) -> list[Flaw]:
    """Returns the flaws of a refused delivery, the decisive one first, and the likely mistake. Use it to
    find a mistake; do not send the flaws to the sender.

    Args:
        headers: A mapping or pairs, of text or bytes.
        body: The body as received.
        secrets: The webhook's secret, or several.
        now: The current time of the receiver. Default: the host's clock.
        tolerance_seconds: The maximum distance between `now` and the signed timestamp.
        account_id: The account that the secrets belong to. Deliveries that name a different account are
            refused.
        for_tests: Whether to accept secrets that are public.
        **options: How events are read: `ReadOptions`.

    Raises:
        AgentfoldError: If a secret is refused.

    Example:
        >>> from agentfold import webhook
        >>> headers = webhook.sign(b'{"id": 1}', "only-zendesk-and-we-know")
        >>> flaws = webhook.explain(headers, b'{"id":1}', "only-zendesk-and-we-know")
        >>> [flaw["code"] for flaw in flaws]
        ['wrong_signature', 'reserialised']
    """

def advise(handled: Handled | None, /) -> int:
    """Returns the HTTP status for the result of a delivery, by Zendesk's rules for retries.

    Args:
        handled: An outcome of `apply`, the `handled` of an error, or `"not_stored"`. An error without `handled` is
            not about the delivery, so `None` counts as `"not_stored"`: Zendesk sends it again.

    Raises:
        AgentfoldError: `bad_argument` for any other value.

    Example:
        >>> from agentfold import webhook
        >>> webhook.advise("duplicate"), webhook.advise("not_stored"), webhook.advise(None)
        (200, 409, 409)
    """

def shown(text: str, /) -> str:
    """Returns a text as people may read it: what is not printable is shown as an escape."""
