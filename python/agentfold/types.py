"""The shapes of all data: what goes in and what comes out, by Zendesk's spelling.

Ids and instants are texts, nanoseconds are `int`s. A check of `kind` (of events), `row` (of reports),
`anomaly` or `step` tells a type checker which shape it is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Protocol, TypedDict

if sys.version_info >= (3, 11):
    from typing import NotRequired
else:
    from typing_extensions import NotRequired

from .agent import Agent

# What goes in

Instant = str
"""RFC 3339 in UTC, to the nanosecond, such as `2023-04-05T23:30:58.642630335Z`."""

Json = Any
"""Anything that JSON can say."""

InstantInput = str | datetime
"""RFC 3339, or an aware `datetime`."""

InstantFrom = Literal["updated_at", "time"]
"""Which field says when a change happened."""

Id = str | int
"""An id of an account or an agent."""

Buffer = bytes | bytearray | memoryview

JsonInput = Buffer | str | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""JSON: its bytes or its text as they came, a dict, or a list of dicts."""


class BinaryFile(Protocol):
    """A file that is open."""

    def read(self, size: int, /) -> bytes | str:
        """Reads so many bytes at the most; none at the end."""
        ...


class ArrowRows(Protocol):
    """Rows in Arrow's columns, such as tables of pyarrow, polars, pandas and DuckDB."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> object:
        """The rows, as a capsule."""
        ...


Source = (
    Buffer
    | str
    | PathLike[str]
    | BinaryFile
    | ArrowRows
    | Iterable[Buffer | str | Mapping[str, Any] | ArrowRows]
)
"""Events: `bytes`; a path; a file that is open; Arrow's columns, an event in each row; or an iterable
of `bytes` (pieces of one stream, cut anywhere), texts or dicts (whole records), or such columns."""


class _MultiItems(Protocol):
    def multi_items(self) -> Iterable[tuple[str, str]]: ...


class _Items(Protocol):
    def items(self) -> Iterable[tuple[str, Any]]: ...


HeadersInput = _MultiItems | _Items | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
"""Headers in any of the forms that frameworks have."""


class AgentData(TypedDict):
    """An agent of an account."""

    account_id: str
    agent_id: str


AgentInput = Agent | tuple[Id, Id] | Mapping[str, Any] | Id
"""A pair of ids, whatever names both, such as a change or a row, or the agent's id alone."""

# Errors

IssueCode = Literal[
    "not_json",
    "missing_field",
    "wrong_type",
    "bad_instant",
    "future_instant",
    "bad_id",
    "too_large",
    "too_deep",
    "duplicate_key",
    "account_mismatch",
    "subject_mismatch",
    "chat_id_time",
    "chat_id_agent",
    "unknown_type",
    "unknown_field",
    "unknown_value",
    "unknown_version",
    "unchanged_value",
    "old_instant",
    "far_instant",
]
"""The stable name of a problem of an event."""

FoldErrorCode = Literal[
    "before_cut",
    "different_options",
    "not_rising",
    "too_many_buckets",
    "too_many_rows",
    "no_track",
    "short_key",
    "not_saved",
    "damaged",
    "newer_version",
]
"""The stable name of why a fold can't answer."""

FlawCode = Literal[
    "too_large",
    "no_secret",
    "missing_header",
    "duplicate_header",
    "bad_base64",
    "bad_timestamp",
    "wrong_signature",
    "wrong_account",
    "stale",
    "future",
    "empty_secret",
    "test_secret",
    "untrimmed_secret",
    "decoded_secret",
    "hex",
    "other_base64",
    "body_first",
    "body_only",
    "separator",
    "reserialised",
]
"""The stable name of why a delivery is not to be trusted."""

RefusalCode = Literal[
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "redirected",
    "unexpected_status",
    "not_a_page",
    "not_advancing",
    "next_page_loops",
    "other_host",
]
"""The stable name of why an export can't be gone on with."""

BindingCode = Literal[
    "already_read",
    "ambiguous_agent",
    "bad_argument",
    "naive_datetime",
    "unknown_agent",
    "unknown_time_zone",
]
"""What only this package says."""

ErrorCode = Literal[IssueCode, FoldErrorCode, FlawCode, RefusalCode, BindingCode]
"""The stable name of whatever can be raised."""


class Issue(TypedDict):
    """One problem of one event.

    `path` is a JSON Pointer into the event, `message` holds no values from it. An event with an error
    is refused; with warnings alone it is used.
    """

    code: IssueCode
    path: str
    message: str
    severity: Literal["error", "warning"]


class Flaw(TypedDict):
    """One thing that is wrong with a delivery, or with the secrets."""

    code: FlawCode
    path: str
    message: str


# Events


class Detail(TypedDict):
    account_id: NotRequired[str]
    agent_id: str
    version: NotRequired[str]


class _Envelope(TypedDict):
    account_id: NotRequired[str]
    detail: Detail
    id: str
    subject: NotRequired[str]
    time: NotRequired[Instant]
    zendesk_event_version: NotRequired[str]


class _Dated(TypedDict):
    agent: AgentData
    at: Instant


class UnifiedState(TypedDict):
    """A unified state: an agent's overall status."""

    id: str
    name: NotRequired[str]
    reason: NotRequired[str]


class Capacity(TypedDict):
    current: int | None
    previous: NotRequired[int | None]


class StateChanged(TypedDict):
    updated_at: Instant
    previous_state: NotRequired[str]
    new_state: str
    channel: str


class WorkItemAdded(TypedDict):
    updated_at: Instant
    work_item_id: str
    channel: str
    reason: str


class WorkItemUpdated(TypedDict):
    updated_at: Instant
    work_item_id: str
    channel: str
    previous_reason: NotRequired[str]
    reason: str


class WorkItemRemoved(TypedDict):
    updated_at: Instant
    work_item_id: str
    channel: str
    reason: NotRequired[str]


class MaxCapacityChanged(TypedDict):
    updated_at: Instant
    maxCapacity: dict[str, Capacity]


class UnifiedStateChanged(TypedDict):
    updated_at: Instant
    previous_unified_state: NotRequired[UnifiedState]
    new_unified_state: UnifiedState


class ChannelCreated(TypedDict):
    updated_at: Instant
    channel: str


class ChannelDeleted(TypedDict):
    updated_at: Instant
    channel: str


class GroupsUpdated(TypedDict):
    updated_at: Instant
    previous_group_ids: NotRequired[list[str]]
    new_group_ids: list[str]


class StateChangedEvent(_Envelope):
    type: Literal["zen:event-type:agent.state_changed"]
    event: StateChanged


class WorkItemAddedEvent(_Envelope):
    type: Literal["zen:event-type:agent.work_item_added"]
    event: WorkItemAdded


class WorkItemUpdatedEvent(_Envelope):
    type: Literal["zen:event-type:agent.work_item_updated"]
    event: WorkItemUpdated


class WorkItemRemovedEvent(_Envelope):
    type: Literal["zen:event-type:agent.work_item_removed"]
    event: WorkItemRemoved


class MaxCapacityChangedEvent(_Envelope):
    type: Literal["zen:event-type:agent.max_capacity_changed"]
    event: MaxCapacityChanged


class UnifiedStateChangedEvent(_Envelope):
    type: Literal["zen:event-type:agent.unified_state_changed"]
    event: UnifiedStateChanged


class ChannelCreatedEvent(_Envelope):
    type: Literal["zen:event-type:agent.channel_created"]
    event: ChannelCreated


class ChannelDeletedEvent(_Envelope):
    type: Literal["zen:event-type:agent.channel_deleted"]
    event: ChannelDeleted


class GroupsUpdatedEvent(_Envelope):
    type: Literal["zen:event-type:agent.groups_updated"]
    event: GroupsUpdated


class ParsedStateChanged(_Dated):
    kind: Literal["agent.state_changed"]
    event: StateChangedEvent


class ParsedWorkItemAdded(_Dated):
    kind: Literal["agent.work_item_added"]
    event: WorkItemAddedEvent


class ParsedWorkItemUpdated(_Dated):
    kind: Literal["agent.work_item_updated"]
    event: WorkItemUpdatedEvent


class ParsedWorkItemRemoved(_Dated):
    kind: Literal["agent.work_item_removed"]
    event: WorkItemRemovedEvent


class ParsedMaxCapacityChanged(_Dated):
    kind: Literal["agent.max_capacity_changed"]
    event: MaxCapacityChangedEvent


class ParsedUnifiedStateChanged(_Dated):
    kind: Literal["agent.unified_state_changed"]
    event: UnifiedStateChangedEvent


class ParsedChannelCreated(_Dated):
    kind: Literal["agent.channel_created"]
    event: ChannelCreatedEvent


class ParsedChannelDeleted(_Dated):
    kind: Literal["agent.channel_deleted"]
    event: ChannelDeletedEvent


class ParsedGroupsUpdated(_Dated):
    kind: Literal["agent.groups_updated"]
    event: GroupsUpdatedEvent


AvailabilityEvent = (
    StateChangedEvent
    | WorkItemAddedEvent
    | WorkItemUpdatedEvent
    | WorkItemRemovedEvent
    | MaxCapacityChangedEvent
    | UnifiedStateChangedEvent
    | ChannelCreatedEvent
    | ChannelDeletedEvent
    | GroupsUpdatedEvent
)
"""A webhook delivery of one of the nine types, in Zendesk's shape, its ids as texts."""


class _ChatRecord(TypedDict):
    account_id: str
    agent_id: str
    id: str
    timestamp: Instant


class StatusEvent(_ChatRecord):
    """A change of a chat status."""

    field_name: Literal["status"]
    previous_value: NotRequired[str]
    value: str


class EngagementsEvent(_ChatRecord):
    """A change of the number of chats at once."""

    field_name: Literal["engagements"]
    previous_value: NotRequired[int]
    value: int


class ParsedStatus(_Dated):
    kind: Literal["status"]
    event: StatusEvent


class ParsedEngagements(_Dated):
    kind: Literal["engagements"]
    event: EngagementsEvent


class UnknownEvent(TypedDict):
    """An event of a type that is not known, as it came."""

    kind: Literal["unknown"]
    agent: AgentData | None
    at: None
    event: dict[str, Json]


ChatEvent = StatusEvent | EngagementsEvent
"""A record of the Chat export, in Zendesk's shape, its ids as texts."""

ParsedEvent = (
    ParsedStateChanged
    | ParsedWorkItemAdded
    | ParsedWorkItemUpdated
    | ParsedWorkItemRemoved
    | ParsedMaxCapacityChanged
    | ParsedUnifiedStateChanged
    | ParsedChannelCreated
    | ParsedChannelDeleted
    | ParsedGroupsUpdated
    | ParsedStatus
    | ParsedEngagements
    | UnknownEvent
)
"""One event, read."""


class Unreadable(TypedDict):
    """A record of a stream that is no event.

    `line` is the line it begins on, from 1; `offset` the byte it begins at, from 0.
    """

    kind: Literal["unreadable"]
    line: int
    offset: int
    issues: list[Issue]


# Folds

Outcome = Literal[
    "applied",
    "late",
    "duplicate",
    "expired",
    "ignored",
]
"""What became of an event that could be read."""

Change = TypedDict(
    "Change",
    {"account_id": str, "agent_id": str, "track": str, "from": Json, "to": Json, "at": Instant},
)
"""One value of an agent's current state that became another. A track is such as `state[support]`,
`work_item[123]@support.opened_at` or `accepting[support]`."""


class Applied(TypedDict):
    """What became of one event; `issues` if it is `unreadable`."""

    outcome: Outcome | Literal["unreadable"]
    issues: NotRequired[list[Issue]]
    changes: list[Change]


class Seeded(AgentData):
    """What became of one agent of a REST record."""

    outcome: Outcome
    changes: list[Change]


class Counts(TypedDict):
    """How many events had each outcome."""

    applied: int
    late: int
    duplicate: int
    expired: int
    ignored: int
    unreadable: int


class Read(TypedDict):
    """What became of many events; `changes` where they were asked for."""

    counts: Counts
    unreadable: list[Unreadable]
    changes: NotRequired[list[Change]]


class UnreadableOfFile(Unreadable):
    """A record of a file that is no event."""

    file: str


class FilesRead(TypedDict):
    """How many records files have, and those of them that are no events."""

    records: int
    unreadable: list[UnreadableOfFile]


class UnifiedStateNow(TypedDict):
    id: str
    name: str | None
    reason: str | None
    since: Instant


class WorkItemState(TypedDict):
    """A work item that is open."""

    id: str
    reason: str
    opened_at: Instant
    since: Instant


class ChannelState(TypedDict):
    """An agent's state on one channel.

    `max_capacity` is `None` too where there is no limit; `accepting` says whether the agent can take
    one more item, and is `None` if that can't be known.
    """

    access: bool | None
    state: str | None
    since: Instant | None
    max_capacity: int | None
    work_items: list[WorkItemState]
    load: int
    spare: int | None
    accepting: bool | None


class ChatState(TypedDict):
    status: str | None
    since: Instant | None
    engagements: int | None


class AgentState(AgentData):
    """What is true of one agent: now, or as of an instant. What was never told is `None`."""

    version: int | None
    last_event_at: Instant
    unified_state: UnifiedStateNow | None
    channels: dict[str, ChannelState]
    group_ids: list[str] | None
    chat: ChatState | None


class SignAnomaly(AgentData):
    anomaly: Literal["gap", "orphan", "conflict"]
    track: str
    at: Instant
    event_id: str


class VersionDisorder(AgentData):
    anomaly: Literal["version_disorder"]
    at: Instant
    event_id: str
    version: int


class MissingVersions(AgentData):
    anomaly: Literal["missing_versions"]
    ranges: list[list[int]]


Anomaly = SignAnomaly | VersionDisorder | MissingVersions
"""A sign that events of an agent are missing or strange. `ranges` are pairs of first and last."""

# Measures

Basis = Literal[
    "observed",
    "assumed",
    "inferred",
    "disputed",
    "unknown",
]
"""How sure a value is, from best to worst."""

Interval = TypedDict(
    "Interval",
    {
        "account_id": str,
        "agent_id": str,
        "track": str,
        "from": Instant,
        "to": Instant,
        "value": Json,
        "basis": Basis,
        "open": bool,
    },
)
"""A stretch of a track with one value."""


class Move(TypedDict):
    at: Instant
    channel: str


class WorkItemSpan(AgentData):
    """A work item's stay with an agent, across channel moves."""

    work_item: str
    opened_at: Instant
    offered_at: Instant | None
    accepted_at: Instant | None
    closed_at: Instant | None
    reason: str | None
    moves: list[Move]
    orphan: bool
    handle_ns: int | None


class ChatSpan(AgentData):
    """A stretch of one chat status and number of engagements; `duration` is in seconds."""

    start_time: Instant
    status: str | None
    engagement_count: int | None
    duration: float
    basis: Basis
    open: bool


class Buckets(TypedDict):
    """The parts of a report's window, each from one boundary up to, not with, the next."""

    boundaries: list[Instant]
    as_of: Instant


RollUp = Literal[
    "agent",
    "channel",
    "account",
    "group",
]
"""Whom a row of a report is about."""

_FromTo = TypedDict("_FromTo", {"from": Instant, "to": Instant})


class _About(_FromTo):
    account_id: str | None
    agent_id: str | None
    # In rows by group.
    group_id: NotRequired[str | None]
    # In rows of several agents, how many.
    agents: NotRequired[int]


class Times(TypedDict):
    """How long something took: exact quantiles, in nanoseconds."""

    count: int
    sum_ns: int
    min_ns: int | None
    max_ns: int | None
    p50_ns: int | None
    p90_ns: int | None
    p95_ns: int | None


class StateTime(TypedDict):
    state: str | None
    basis: Basis
    ns: int


class Removed(TypedDict):
    reason: str | None
    count: int


class ChannelRow(_About):
    """An agent, or several, on one channel in one bucket."""

    row: Literal["channel"]
    channel: str
    length_ns: int
    state: list[StateTime]
    online_ns: int
    busy_ns: int
    item_ns: int
    item_known_ns: int
    capacity_ns: int
    at_capacity_ns: int
    occupancy: float | None
    utilisation: float | None
    average_used_capacity: float | None
    added: int
    removed: list[Removed]
    offered: int
    offers_ended: int
    offers_accepted: int
    accepted: int
    missed: int
    acceptance_rate: float | None
    offer_time: Times
    handle_time: Times


class UnifiedStateRow(_About):
    """An agent, or several, in one unified state in one bucket."""

    row: Literal["unified_state"]
    length_ns: int
    id: str | None
    name: str | None
    ns: int
    observed_ns: int
    assumed_ns: int
    inferred_ns: int
    disputed_ns: int
    unknown_ns: int
    involuntary_ns: int


class StatusTime(TypedDict):
    status: str | None
    basis: Basis
    ns: int


class EngagementsTime(TypedDict):
    engagements: int | None
    basis: Basis
    ns: int


class ChatRow(_About):
    """An agent, or several, by the Chat export in one bucket."""

    row: Literal["chat"]
    length_ns: int
    status: list[StatusTime]
    engagements: list[EngagementsTime]
    concurrency_ns: int
    online_ns: int
    busy_ns: int
    occupancy: float | None


class AdherenceRow(_About):
    """An agent held against a line of a schedule."""

    row: Literal["adherence"]
    track: str
    scheduled_ns: int
    elapsed_ns: int
    adherent_ns: int
    out_ns: int
    unknown_ns: int
    disputed_ns: int
    inferred_ns: int
    adherence: float | None


ReportRow = ChannelRow | UnifiedStateRow | ChatRow | AdherenceRow
"""One line of a report. Durations are in nanoseconds."""

_FromToGiven = TypedDict("_FromToGiven", {"from": InstantInput, "to": InstantInput})


class Scheduled(_FromToGiven):
    """A line of a schedule: in which states an agent was to be.

    The track is the unified state if none is named.
    """

    account_id: str
    agent_id: str
    track: NotRequired[str]
    states: list[str]


_From = TypedDict("_From", {"from": Instant})


class Correction(_From):
    """A row that is another in a later report."""

    row: Literal["channel", "unified_state", "chat", "adherence"]
    account_id: str | None
    agent_id: str | None
    group_id: NotRequired[str | None]
    channel: NotRequired[str]
    id: NotRequired[str | None]
    track: NotRequired[str]
    before: ReportRow | None
    after: ReportRow | None


Doubt = Literal[
    "gap",
    "orphan",
    "conflict",
    "missing_versions",
    "silent",
]
"""Why what is known of an agent should not be trusted."""


class FloorAgent(TypedDict):
    """An agent on a channel."""

    agent_id: str
    state: str | None
    load: int
    max_capacity: int | None
    spare: int | None
    accepting: bool | None
    last_event_at: Instant
    doubts: list[Doubt]


class StateCount(TypedDict):
    state: str | None
    agents: int


class ChannelFloor(TypedDict):
    """A channel of an account at an instant.

    Its agents: first who can take one more item, least loaded first.
    """

    account_id: str
    channel: str
    at: Instant
    states: list[StateCount]
    load: int
    max_capacity: int
    spare: int
    accepting: int
    unlimited: int
    unsure: int
    doubtful: int
    agents: list[FloorAgent]


# Zendesk's record

Differs = Literal[
    "unknown_agent",
    "version",
    "unified_state",
    "groups",
    "state",
    "max_capacity",
    "ghost_item",
    "unheard_item",
    "item_count",
]
"""In what a fold and the REST record differ."""


class Difference(AgentData):
    """Where a fold and the REST record do not agree on an agent."""

    difference: Differs
    track: str | None
    fold: Json
    record: Json


class TimelineRow(TypedDict):
    """A row of Chat's `agent_timeline`."""

    agent_id: int
    start_time: Instant
    status: str
    engagement_count: int
    duration: float


class TimelineDifference(_FromTo):
    """A stretch of which `agent_timeline` says something else than a fold."""

    account_id: str
    agent_id: str
    fold_status: str | None
    fold_engagements: int | None
    basis: Basis
    row_status: str
    row_engagements: int


# Webhooks


class Signed(TypedDict):
    """A right signature: which of the secrets signed it, from 0, and when."""

    secret: int
    at: Instant


class ReceivedStateChanged(ParsedStateChanged):
    signed: Signed


class ReceivedWorkItemAdded(ParsedWorkItemAdded):
    signed: Signed


class ReceivedWorkItemUpdated(ParsedWorkItemUpdated):
    signed: Signed


class ReceivedWorkItemRemoved(ParsedWorkItemRemoved):
    signed: Signed


class ReceivedMaxCapacityChanged(ParsedMaxCapacityChanged):
    signed: Signed


class ReceivedUnifiedStateChanged(ParsedUnifiedStateChanged):
    signed: Signed


class ReceivedChannelCreated(ParsedChannelCreated):
    signed: Signed


class ReceivedChannelDeleted(ParsedChannelDeleted):
    signed: Signed


class ReceivedGroupsUpdated(ParsedGroupsUpdated):
    signed: Signed


class ReceivedStatus(ParsedStatus):
    signed: Signed


class ReceivedEngagements(ParsedEngagements):
    signed: Signed


class ReceivedUnknown(UnknownEvent):
    signed: Signed


Received = (
    ReceivedStateChanged
    | ReceivedWorkItemAdded
    | ReceivedWorkItemUpdated
    | ReceivedWorkItemRemoved
    | ReceivedMaxCapacityChanged
    | ReceivedUnifiedStateChanged
    | ReceivedChannelCreated
    | ReceivedChannelDeleted
    | ReceivedGroupsUpdated
    | ReceivedStatus
    | ReceivedEngagements
    | ReceivedUnknown
)
"""A delivery that is Zendesk's, read: a `ParsedEvent`, and how it was signed."""

Handled = Literal[
    Outcome,
    "unreadable",
    "untrusted",
    "not_stored",
    "too_large",
]
"""What became of a delivery."""


class ReceivePolicy(TypedDict, total=False):
    """Whom to trust, and how to read, where it is not the default.

    `now` is the receiver's instant, `tolerance_seconds` how far from it a delivery may have been
    signed, `account_id` the account whose secrets are given; `for_tests` also takes secrets that
    anybody knows.
    """

    now: InstantInput
    tolerance_seconds: float
    account_id: Id
    for_tests: bool
    instant: InstantFrom
    max_bytes: int
    max_depth: int


class StoredElsewhere(TypedDict):
    """What became of an event that was stored, by a program's own account."""

    outcome: Outcome | Literal["unreadable"]
    issues: NotRequired[list[Issue]]
    changes: NotRequired[list[Change]]


Stored = Applied | StoredElsewhere
"""What became of an event: as `Fold.apply` answers it, or the outcome alone."""


class _Answered(TypedDict):
    status: int
    changes: list[Change]


class AnsweredStored(_Answered):
    """It is Zendesk's, and was applied."""

    outcome: Outcome
    event: Received


class AnsweredUnreadable(_Answered):
    """It is Zendesk's, and no event that can be read."""

    outcome: Literal["unreadable"]
    issues: list[Issue]


class AnsweredRefused(_Answered):
    """It may be anybody's."""

    outcome: Literal["untrusted", "too_large"]
    flaws: list[Flaw]


class AnsweredNotStored(_Answered):
    """It is Zendesk's, and to store it failed; `error` is what was raised."""

    outcome: Literal["not_stored"]
    error: Exception


Answered = AnsweredStored | AnsweredUnreadable | AnsweredRefused | AnsweredNotStored
"""What became of a delivery: the status to answer, and what moved in the current state."""

# The Chat export


class ExportRequest(TypedDict):
    """A request to send, by GET; host and credentials are the caller's.

    The query is encoded, without `?`.
    """

    step: Literal["request"]
    path: str
    query: str


PauseReason = Literal[
    "too_recent",
    "too_many_requests",
    "server_error",
    "cut_off",
    "no_reply",
]
"""Why to wait."""


class Pause(TypedDict):
    """Wait so long, then ask `next` again."""

    step: Literal["pause"]
    reason: PauseReason
    seconds: float


class ExportPage(TypedDict):
    """The events of a reply that were not handed out before. Store them before the cursor.

    They are JSON texts as they came. `repeats` others were left out; after the last page there is
    nothing more for now.
    """

    step: Literal["page"]
    events: list[str]
    repeats: int
    is_last: bool


class Reply(Protocol):
    """A reply as httpx and requests have it, its body read."""

    @property
    def status_code(self) -> int:
        """Its status."""
        ...

    @property
    def headers(self) -> HeadersInput:
        """Its headers."""
        ...

    @property
    def content(self) -> bytes:
        """Its body, unpacked."""
        ...

    @property
    def history(self) -> Sequence[Reply]:
        """The replies by which it was come to: empty where no redirect was followed."""
        ...


class Answer(TypedDict):
    """What the export's endpoint answers; the body is JSON."""

    status: int
    body: str


class ToldCorrection(TypedDict):
    """An event that was told, and would be told otherwise now."""

    before: ChatEvent | None
    after: ChatEvent | None
