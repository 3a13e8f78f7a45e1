from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, ValuesView
from datetime import datetime
from os import PathLike
from typing import Any, Literal, TypeVar, final, overload

from .agent import Agent
from .types import (
    AdherenceRow,
    AgentInput,
    AgentState,
    Anomaly,
    Answer,
    Applied,
    Buckets,
    Buffer,
    ChannelFloor,
    ChatEvent,
    ChatSpan,
    Correction,
    Difference,
    ExportPage,
    ExportRequest,
    FilesRead,
    Flaw,
    Handled,
    HeadersInput,
    Id,
    InstantFrom,
    InstantInput,
    Interval,
    Issue,
    JsonInput,
    ParsedEvent,
    Pause,
    Read,
    Received,
    ReportRow,
    RollUp,
    Scheduled,
    Seeded,
    Signed,
    Source,
    TimelineDifference,
    TimelineRow,
    ToldCorrection,
    Unreadable,
    WorkItemSpan,
)

_T = TypeVar("_T")

__all__ = [
    "ArrowStream",
    "EventReader",
    "ExportCursor",
    "Fold",
    "Records",
    "Scrubber",
    "advise",
    "answer_export",
    "buckets_by_offset",
    "check_event",
    "corrections",
    "explain",
    "fold_files",
    "parse",
    "parse_event",
    "print_event",
    "read_events",
    "receive",
    "sign",
    "to_cloud_event",
    "to_instant",
    "to_ns",
    "told_corrections",
    "verify",
]

@final
class Fold:
    def __new__(
        cls, *, instant: InstantFrom = "updated_at", max_bytes: int = 1048576, max_depth: int = 64
    ) -> Fold: ...
    def apply(self, event: JsonInput, /) -> Applied: ...
    def apply_many(self, events: Iterable[JsonInput], /) -> list[Applied]: ...
    def read(
        self,
        source: Source,
        *,
        column: str | None = None,
        changes: bool = False,
        on_progress: Callable[[int], object] | None = None,
        on_unreadable: Callable[[Unreadable], object] | None = None,
    ) -> Read: ...
    def agents(self) -> list[Agent]: ...
    def first_and_last_event_at(self) -> tuple[str, str] | None: ...
    def state(self, agent: AgentInput, /) -> AgentState | None: ...
    def state_at(self, agent: AgentInput, at: InstantInput, /) -> AgentState | None: ...
    def anomalies(self) -> list[Anomaly]: ...
    def floor(
        self,
        at: InstantInput,
        *,
        near_seconds: int | None = None,
        silent_seconds: int | None = None,
    ) -> list[ChannelFloor]: ...
    def intervals(
        self,
        agent: AgentInput,
        track: str | None = None,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[Interval]: ...
    def work_items(
        self,
        agent: AgentInput,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[WorkItemSpan]: ...
    def chat_spans(
        self,
        agent: AgentInput,
        *,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> list[ChatSpan]: ...
    def report(self, buckets: Buckets, by: RollUp = "agent") -> list[ReportRow]: ...
    def adherence(self, schedule: list[Scheduled], as_of: InstantInput) -> list[AdherenceRow]: ...
    @overload
    def to_arrow(self, table: Literal["events"], *, agent: AgentInput | None = None) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["agents"],
        *,
        agent: AgentInput | None = None,
        at: InstantInput | None = None,
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self,
        table: Literal["work_items"],
        *,
        agent: AgentInput | None = None,
        from_: InstantInput,
        to: InstantInput,
        as_of: InstantInput | None = None,
    ) -> ArrowStream: ...
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
    ) -> ArrowStream: ...
    @overload
    def to_arrow(
        self, table: Literal["report"], *, buckets: Buckets, by: RollUp | None = None
    ) -> ArrowStream: ...
    @overload
    def to_arrow(self, table: Literal["anomalies"]) -> ArrowStream: ...
    def merge(self, other: Fold, /) -> None: ...
    def compact(self, before: InstantInput, /) -> None: ...
    def save(self) -> bytes: ...
    def save_agent(self, agent: AgentInput, /) -> bytes | None: ...
    def save_agents(self) -> list[tuple[Agent, bytes]]: ...
    def restore(self, saved: Buffer, /) -> None: ...
    def seed(self, account_id: Id, page: JsonInput, at: InstantInput) -> list[Seeded]: ...
    def reconcile(self, account_id: Id, page: JsonInput) -> list[Difference]: ...
    def reconcile_timeline(
        self, account_id: Id, rows: Buffer | str | list[TimelineRow], as_of: InstantInput
    ) -> list[TimelineDifference]: ...
    def tell_chat(self, channel: str, from_: InstantInput, now: InstantInput) -> list[ChatEvent]: ...
    def keys(self) -> KeysView[Agent]: ...
    def values(self) -> ValuesView[AgentState]: ...
    def items(self) -> ItemsView[Agent, AgentState]: ...
    @overload
    def get(self, agent: AgentInput, default: None = None, /) -> AgentState | None: ...
    @overload
    def get(self, agent: AgentInput, default: _T, /) -> AgentState | _T: ...
    def copy(self) -> Fold: ...
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
    def __new__(
        cls, *, instant: InstantFrom = "updated_at", max_bytes: int = 1048576, max_depth: int = 64
    ) -> Records: ...
    def push(self, chunk: Buffer | str, /) -> list[ParsedEvent | Unreadable]: ...
    def end(self) -> list[ParsedEvent | Unreadable]: ...

@final
class ArrowStream:
    def __arrow_c_schema__(self) -> object: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class EventReader:
    def to_arrow(self, *, json: bool = False) -> ArrowStream: ...
    def __iter__(self) -> EventReader: ...
    def __next__(self) -> ParsedEvent | Unreadable: ...

def fold_files(
    paths: str | PathLike[str] | Iterable[str | PathLike[str]],
    *,
    threads: int | None = None,
    on_progress: Callable[[int], object] | None = None,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> tuple[Fold, FilesRead]: ...
def read_events(
    source: Source,
    *,
    column: str | None = None,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> EventReader: ...
def parse_event(
    event: JsonInput,
    *,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> ParsedEvent: ...
def check_event(
    event: JsonInput,
    *,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> list[Issue]: ...
def print_event(
    event: JsonInput,
    *,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> str: ...
def to_cloud_event(
    event: JsonInput,
    *,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> str | None: ...
def to_instant(instant: str | datetime | int, /) -> str: ...
def to_ns(instant: InstantInput, /) -> int: ...
def buckets_by_offset(
    from_: InstantInput,
    to: InstantInput,
    every: str,
    as_of: InstantInput | None,
    offset: Callable[[int], int],
    /,
) -> Buckets: ...
def corrections(before: list[ReportRow], after: list[ReportRow]) -> list[Correction]: ...

@final
class Scrubber:
    def __new__(cls, key: Buffer | str, /) -> Scrubber: ...
    def scrub(
        self,
        event: JsonInput,
        *,
        instant: InstantFrom = "updated_at",
        max_bytes: int = 1048576,
        max_depth: int = 64,
    ) -> str: ...
    def account(self, id: Id, /) -> str: ...
    def agent(self, id: Id, /) -> str: ...
    def group(self, id: str, /) -> str: ...
    def work_item(self, id: str, /) -> str: ...
    def name(self, name: str, /) -> str: ...

@final
class ExportCursor:
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
    def restore(cls, saved: JsonInput, /) -> ExportCursor: ...
    def save(self) -> str: ...
    @property
    def handed_out(self) -> int: ...
    @property
    def start_time(self) -> str: ...
    def next(self, now: InstantInput | None = None) -> ExportRequest | Pause: ...
    def take(
        self,
        *,
        host: str,
        status: int,
        headers: HeadersInput,
        body: JsonInput,
        now: InstantInput | None = None,
        jitter: float | None = None,
    ) -> ExportPage | Pause: ...
    def lost(self, *, jitter: float | None = None) -> Pause: ...
    def __eq__(self, other: object, /) -> bool: ...
    def __reduce__(self) -> tuple[Any, tuple[str]]: ...

def answer_export(
    query: str,
    events: Buffer | str | list[ChatEvent],
    *,
    url: str,
    now: InstantInput | None = None,
    end: tuple[str, InstantInput] | None = None,
) -> Answer: ...
def told_corrections(
    before: Buffer | str | list[ChatEvent],
    after: Buffer | str | list[ChatEvent],
    told_until: InstantInput,
) -> list[ToldCorrection]: ...
def verify(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    max_bytes: int = 1048576,
) -> Signed: ...
def parse(
    body: Buffer | str,
    *,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> ParsedEvent: ...
def receive(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    instant: InstantFrom = "updated_at",
    max_bytes: int = 1048576,
    max_depth: int = 64,
) -> Received: ...
def sign(body: Buffer | str, secret: str, at: InstantInput | None = None) -> dict[str, str]: ...
def explain(
    headers: HeadersInput,
    body: Buffer | str,
    secrets: str | Iterable[str],
    *,
    now: InstantInput | None = None,
    tolerance_seconds: float = 300.0,
    account_id: Id | None = None,
    for_tests: bool = False,
    max_bytes: int = 1048576,
) -> list[Flaw]: ...
def advise(handled: Handled, /) -> int: ...
