from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from datetime import datetime
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
    Scheduled,
    ScheduleWarning,
    Seeded,
    Selection,
    SessionsRow,
    Signed,
    Source,
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
    """Events of many agents, and the states and history that follow from them."""

    def __new__(cls, **options: Unpack[ReadOptions]) -> Fold: ...
    def apply(self, event: JsonInput, /) -> Applied:
        """Applies one event. Returns its outcome and the changes in the current state."""
    def apply_many(self, events: Iterable[JsonInput], /) -> list[Applied]:
        """Applies events one by one. Returns the result of each. `read` is much faster."""
    def read(
        self,
        source: Source,
        *,
        column: str | None = None,
        changes: bool = False,
        on_progress: Callable[[int], object] | None = None,
        on_unreadable: Callable[[Unreadable], object] | None = None,
    ) -> Read:
        """Reads all events of a source. Returns the number of events by outcome."""
    def agents(self) -> list[Agent]:
        """Returns the agents with an accepted event, sorted by account, then agent."""
    def unknown_agents(self) -> list[Agent]:
        """Returns the agents with events of which none was accepted, sorted by account, then agent."""
    def first_and_last_event_at(self) -> tuple[str, str] | None:
        """Returns the instants of the first and the last accepted event; `None` if empty."""
    def usual_event_times(self) -> UsualTimes | None:
        """Returns when the events happened, apart from outliers; `None` if empty."""
    def state(self, agent: AgentInput, /) -> AgentState | None:
        """Returns an agent's current state; `None` if no event of the agent was accepted."""
    def state_at(self, agent: AgentInput, at: InstantInput, /) -> AgentState | None:
        """Returns an agent's state as of an instant; `None` if it had no accepted event by then."""
    def anomalies(self) -> list[Anomaly]:
        """Returns the signs of missing and inconsistent events."""
    def floor(
        self,
        at: InstantInput,
        *,
        near_seconds: int | None = None,
        silent_seconds: int | None = None,
        selection: Selection | None = None,
    ) -> list[ChannelFloor]:
        """Returns the channels of all accounts at an instant, with their agents, load and capacity."""
    def alerts(
        self,
        thresholds: Thresholds,
        at: InstantInput,
        *,
        selection: Selection | None = None,
    ) -> list[Alert]:
        """Returns what is over a threshold at an instant, by account, kind and subject."""
    def intervals(
        self,
        agent: AgentInput,
        track: str | None = None,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[Interval]:
        """Returns the intervals of an agent in a window, track by track, without gaps or overlaps."""
    def work_items(
        self,
        agent: AgentInput,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[WorkItemSpan]:
        """Returns the spans of an agent's work items that overlap a window, in full length."""
    def chat_spans(
        self,
        agent: AgentInput,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[ChatSpan]:
        """Returns the chat spans of an agent in a window, as in `agent_timeline`."""
    def report(
        self, buckets: Buckets, by: RollUp = "agent", *, selection: Selection | None = None
    ) -> list[ReportRow]:
        """Returns the rows of a report for the given buckets."""
    def report_rows(
        self, buckets: Buckets, by: RollUp = "agent", *, selection: Selection | None = None
    ) -> Iterator[ReportRow]:
        """Returns an iterator of the rows of a report, computed when they are needed."""
    def sessions(self, buckets: Buckets, *, selection: Selection | None = None) -> list[SessionsRow]:
        """Returns when agents logged in and out: a row for each agent and bucket."""
    def adherence(self, schedule: list[Scheduled], as_of: InstantInput) -> list[AdherenceRow]:
        """Compares agents with a schedule. Returns a row for each entry."""
    def exceptions(self, schedule: list[Scheduled], as_of: InstantInput) -> list[ExceptionRow]:
        """Returns when agents did not keep to a schedule."""
    def schedule_warnings(self, schedule: list[Scheduled], /) -> list[ScheduleWarning]:
        """Returns the words of a schedule that no agent of the account ever had."""
    @overload
    def to_arrow(self, table: Literal["events"], *, agent: AgentInput | None = None) -> ArrowStream:
        """Returns the events that the fold contains, a row per track."""
    @overload
    def to_arrow(
        self,
        table: Literal["agents"],
        *,
        agent: AgentInput | None = None,
        at: InstantInput | None = None,
    ) -> ArrowStream:
        """Returns the states, a row per channel of an agent."""
    @overload
    def to_arrow(
        self,
        table: Literal["work_items"],
        *,
        agent: AgentInput | None = None,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> ArrowStream:
        """Returns the work item spans of all agents or of one."""
    @overload
    def to_arrow(
        self,
        table: Literal["intervals"],
        *,
        agent: AgentInput | None = None,
        track: str | None = None,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> ArrowStream:
        """Returns the intervals of all agents or of one."""
    @overload
    def to_arrow(
        self,
        table: Literal["report"],
        *,
        buckets: Buckets,
        by: RollUp | None = None,
        selection: Selection | None = None,
    ) -> ArrowStream:
        """Returns the rows of a report."""
    @overload
    def to_arrow(self, table: Literal["anomalies"]) -> ArrowStream:
        """Returns the anomalies of all agents."""
    def merge(self, other: Fold, /) -> None:
        """Adds everything that another fold knows. The other fold is unchanged."""
    def compact(self, before: InstantInput, /) -> None:
        """Drops the history before an instant. The current state is unchanged."""
    def forget(self, agent: AgentInput, /) -> bool:
        """Forgets an agent. Returns whether anything was known of it."""
    def cut(self) -> str | None:
        """Returns the cut of agents that are not known yet; `None` if the fold was never compacted."""
    def cut_of(self, agent: AgentInput, /) -> str | None:
        """Returns an agent's cut: earlier history was compacted away. `None` if nothing was."""
    def save(self) -> bytes:
        """Returns the fold as bytes. Equal folds give equal bytes."""
    def save_agent(self, agent: AgentInput, /) -> bytes | None:
        """Returns one agent as bytes for `restore`; `None` if nothing is known of the agent."""
    def save_agents(self) -> list[tuple[Agent, bytes]]:
        """Returns each agent as bytes for `restore`, sorted by account, then agent."""
    def restore(self, saved: Buffer, /) -> None:
        """Adds a saved fold or agent, as `merge` does."""
    def seed(self, account_id: Id, page: JsonInput, at: InstantInput) -> list[Seeded]:
        """Applies a page of Zendesk's REST record. Returns the outcome and changes of each agent."""
    def reconcile(self, account_id: Id, page: JsonInput) -> list[Difference]:
        """Returns the differences between a page of Zendesk's REST record and the current state."""
    def reconcile_timeline(
        self, account_id: Id, rows: Buffer | str | list[TimelineRow], as_of: InstantInput
    ) -> list[TimelineDifference]:
        """Returns the differences between rows of `agent_timeline` and the chat spans."""
    def tell_chat(self, channel: str, from_: InstantInput, now: InstantInput) -> list[ChatEvent]:
        """Returns the events of a channel in the format of the Chat export."""
    def answer_export(
        self, channel: str, query: str, *, url: str, now: InstantInput | None = None
    ) -> Answer:
        """Returns the response of the Chat export endpoint to a query, from a channel's events."""
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
    def get(self, agent: AgentInput, default: _T, /) -> AgentState | _T:
        """Returns an agent's current state, or `default` if no event of the agent was accepted."""
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
    def __getnewargs_ex__(self) -> tuple[tuple[()], dict[str, Any]]: ...
    def __getstate__(self) -> bytes: ...
    def __setstate__(self, saved: bytes) -> None: ...

@final
class Records:
    """Finds and parses the events in a stream of bytes that arrives in chunks."""

    def __new__(cls, **options: Unpack[ReadOptions]) -> Records: ...
    def push(self, chunk: Buffer | str, /) -> list[ParsedEvent | Unreadable]:
        """Adds a chunk. Returns the records that are complete."""
    def end(self) -> list[ParsedEvent | Unreadable]:
        """Ends the stream. Returns the remaining records."""

@final
class ArrowStream:
    """Rows in Arrow columns, for pyarrow, polars, pandas and DuckDB."""

    def __arrow_c_schema__(self) -> object:
        """Returns the names and types of the columns as a capsule."""
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Returns the rows as a capsule. `requested_schema` is ignored."""

@final
class EventReader:
    """An iterator over the events of a source. Returned by `read_events`."""

    def to_arrow(self, *, json: bool = False) -> ArrowStream:
        """Returns the remaining events as a table, read in batches. Can be read once."""
    def __iter__(self) -> EventReader: ...
    def __next__(self) -> ParsedEvent | Unreadable: ...

def fold_files(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    threads: int | None = None,
    on_progress: Callable[[int], object] | None = None,
    **options: Unpack[ReadOptions],
) -> tuple[Fold, FilesRead]:
    """Folds files on all cores. Returns the fold, and the records that could not be read."""

def read_events(
    source: Source,
    *,
    column: str | None = None,
    **options: Unpack[ReadOptions],
) -> EventReader:
    """Returns an iterator over the events of a source, with `Unreadable` for other records."""

def parse_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> ParsedEvent:
    """Parses one event of either feed. Raises with all problems in `issues`."""

def check_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> list[Issue]:
    """Returns all problems of one event, errors first. An event without errors can be applied."""

def parse_names(names: JsonInput, /) -> Names:
    """Reads names of agents and groups, for tables and pictures."""

def print_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> str:
    """Returns an event as JSON text in Zendesk's own format."""

def to_cloud_event(
    event: JsonInput,
    **options: Unpack[ReadOptions],
) -> str | None:
    """Returns an event as a CloudEvent 1.0 in JSON; `None` for an unknown type."""

def to_instant(instant: str | datetime | int, /) -> str:
    """Returns an instant as RFC 3339 text in UTC. An `int` is in nanoseconds since 1970."""

def to_ns(instant: InstantInput, /) -> int:
    """Returns an instant as nanoseconds since 1970."""

def buckets_by_offset(
    from_: InstantInput,
    to: InstantInput,
    every: str,
    as_of: InstantInput | None,
    offset: Callable[[int], int],
    /,
) -> Buckets:
    """Returns buckets by the clocks of a zone, given its offset from UTC in seconds at an instant."""

def episodes(told: list[Episode], alerts: list[Alert], at: InstantInput) -> Episodes:
    """Compares alerts with those that were told: what began, what goes on and what ended."""

def alert_message(
    alert: Alert,
    turn: Turn,
    *,
    form: MessageForm = "agentfold",
    at: InstantInput | None = None,
    names: AlertNames | None = None,
) -> str:
    """Returns the body of an outgoing webhook about an alert."""

def corrections(before: list[ReportRow], after: list[ReportRow]) -> list[Correction]:
    """Returns the rows that differ between two reports over the same buckets."""

@final
class ReportSums:
    """A report whose agents are added one by one, each in a fold of its own."""

    def __new__(
        cls, buckets: Buckets, by: RollUp = "agent", *, selection: Selection | None = None
    ) -> ReportSums: ...
    def add(self, fold: Fold, /) -> None:
        """Adds all agents of a fold. Each agent must be added once."""
    def rows(self) -> Iterator[ReportRow]:
        """Returns an iterator of the rows, in the order of `Fold.report`."""

@final
class Scrubber:
    """Replaces ids and free text by pseudonyms that depend on a key."""

    def __new__(cls, key: Buffer | str, /) -> Scrubber: ...
    def scrub(
        self,
        event: JsonInput,
        **options: Unpack[ReadOptions],
    ) -> str:
        """Returns an event with pseudonyms, as JSON text in Zendesk's format."""
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
    """The position of a pull of the Chat export. It sends nothing itself."""

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
        """Returns a cursor from its saved form."""
    def save(self) -> str:
        """Returns the cursor as JSON text."""
    @property
    def handed_out(self) -> int:
        """The number of events returned so far."""
    @property
    def start_time(self) -> str:
        """The instant from which the next request starts. All earlier events were returned."""
    def next(self, now: InstantInput | None = None) -> ExportRequest | Pause:
        """Returns the next request to send, or how long to wait."""
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
        """Handles the reply to a request. Returns a page, or how long to wait."""
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
    """Returns the response of the Chat export endpoint to a query."""

def told_corrections(
    before: Buffer | str | list[ChatEvent],
    after: Buffer | str | list[ChatEvent],
    told_until: InstantInput,
) -> list[ToldCorrection]:
    """Returns the exported events that have changed, as pairs of before and after."""

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
    """Verifies the signature of a delivery. Returns which secret signed it, and when."""

def parse(
    body: Buffer | str,
    **options: Unpack[ReadOptions],
) -> ParsedEvent:
    """Parses the event of a delivery without verifying it."""

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
    """Verifies and parses a delivery. Returns the event with its signature."""

def sign(body: Buffer | str, secret: str, at: InstantInput | None = None) -> dict[str, str]:
    """Returns the headers with which Zendesk would sign a body, for tests."""

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
    """Returns the flaws of a refused delivery and the likely mistake. Do not send them out."""

def advise(handled: Handled | None, /) -> int:
    """Returns the HTTP status for the result of a delivery, by Zendesk's rules for retries."""

def shown(text: str, /) -> str:
    """Returns a text as people may read it: what is not printable is shown as an escape."""
