"""The types of all inputs and answers, with field names as Zendesk spells them.

Ids and instants are `str`, nanoseconds are `int`. A check of `kind` (events), `aspect` (tracks), `part`
(changes), `row` (reports), `anomaly`, `difference` or `step` narrows the type for a type checker.
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

# Inputs

Instant = str
"""RFC 3339 in UTC with up to nine fraction digits, such as `2023-04-05T23:30:58.642630335Z`."""

Json = Any
"""Any JSON value."""

InstantInput = str | datetime
"""RFC 3339 text, or an aware `datetime`."""

InstantFrom = Literal["updated_at", "time"]
"""The field that dates a change."""

Limit = Literal[
    "agents",
    "channels",
    "work_items",
    "names",
    "version_ranges",
]
"""What a fold holds a limited number of. `Limits` has their meanings."""


class Limits(TypedDict, total=False):
    """How much a fold holds at most.

    An event that would exceed a limit is not taken in, and its outcome is `limit`; all other events
    are. Past a limit, the result depends on the order of arrival. Merging and restoring are not
    limited.

    Attributes:
        agents: Agents. Default: 1,000,000.
        channels: Channels of one agent. Default: 1,000.
        work_items: Work items of one agent. Default: 1,000,000.
        names: Distinct texts, such as states, reasons, channels and sets of groups. Default: 1,000,000.
        version_ranges: Ranges of one agent's versions. Default: 1,000,000.
    """

    agents: int
    channels: int
    work_items: int
    names: int
    version_ranges: int


class DeliveryOptions(TypedDict, total=False):
    """How the event of a delivery is read.

    Attributes:
        instant: The field that dates a change of a webhook. Default: `updated_at`.
        max_bytes: The maximum size of an event in bytes. Default: 1 MiB.
        max_depth: The maximum nesting depth of an event. Default: 64.
        limits: How much a fold holds at most.
    """

    instant: InstantFrom
    max_bytes: int
    max_depth: int
    limits: Limits


class ReadOptions(DeliveryOptions, total=False):
    """How events are read: the optional arguments of every function that reads events.

    Attributes:
        instant: The field that dates a change of a webhook. Default: `updated_at`.
        max_bytes: The maximum size of an event in bytes. Default: 1 MiB.
        max_depth: The maximum nesting depth of an event. Default: 64.
        limits: How much a fold holds at most.
        now: The clock that dates are compared with. An event that is dated more than 24 hours after it
            is refused (`future_instant`). Default: the system clock, whenever events are read.
    """

    now: InstantInput


Id = str | int
"""The id of an account or an agent."""

Buffer = bytes | bytearray | memoryview

JsonInput = Buffer | str | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""JSON: the bytes or text as received, a dict, or a list of dicts."""


class BinaryFile(Protocol):
    """An open file."""

    def read(self, size: int, /) -> bytes | str:
        """Returns at most `size` bytes; an empty result at the end."""
        ...


class ArrowRows(Protocol):
    """Rows in Arrow columns, such as tables of pyarrow, polars, pandas and DuckDB."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> object:
        """Returns the rows as a capsule."""
        ...


Source = (
    Buffer
    | str
    | PathLike[str]
    | BinaryFile
    | ArrowRows
    | Iterable[Buffer | str | Mapping[str, Any] | ArrowRows]
)
"""Events: `bytes`, a path, an open file, or Arrow columns with an event in each row; or an iterable of
`bytes` (chunks of one stream), of `str` or dicts (whole records), or of such columns."""


class _MultiItems(Protocol):
    def multi_items(self) -> Iterable[tuple[str, str]]: ...


class _Items(Protocol):
    def items(self) -> Iterable[tuple[str, Any]]: ...


HeadersInput = _MultiItems | _Items | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
"""HTTP headers: the object of a framework, a mapping, or pairs of name and value."""


class AgentData(TypedDict):
    """An agent of an account."""

    account_id: str
    agent_id: str


AgentInput = Agent | tuple[Id, Id] | Mapping[str, Any] | Id
"""A pair of ids, a mapping with both ids such as a change or a row, or only the id of the agent."""


class Selection(TypedDict, total=False):
    """The agents and channels that a question is about. A list that is empty or missing selects all.

    Attributes:
        accounts: The ids of the accounts.
        agents: The agents. The string `10011` is the agent with this id in any account; `2/10011` is
            the one in account 2.
        groups: The ids of the groups. An agent is selected if it is in one of them at any time of the
            report, or at the instant of the floor.
        channels: The channels. The report then has no rows without a channel, such as those about
            unified states.
    """

    accounts: Sequence[Id]
    agents: Sequence[AgentInput]
    groups: Sequence[str]
    channels: Sequence[str]


class Names(TypedDict):
    """What agents and groups are called. It is plain data, and `parse_names` reads it again."""

    agents: dict[str, str]
    """The names of agents, by id."""
    groups: dict[str, str]
    """The names of groups, by id."""


# Errors

IssueCode = Literal[
    "not_json",
    "other_format",
    "damaged_stream",
    "not_one_event",
    "missing_field",
    "wrong_type",
    "bad_instant",
    "future_instant",
    "bad_id",
    "out_of_range",
    "too_large",
    "too_deep",
    "duplicate_key",
    "empty_name",
    "bad_row",
    "bad_wrapping",
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
    "ahead_instant",
]
"""The stable name of a problem with an event or a table of names. The same in every language."""

FoldErrorCode = Literal[
    "before_cut",
    "different_options",
    "not_rising",
    "too_many_buckets",
    "too_many_rows",
    "other_buckets",
    "no_track",
    "short_key",
    "not_saved",
    "damaged",
    "newer_version",
]
"""The stable name of the reason why a fold or a `Scrubber` refused a call.

The same in every language.
"""

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
    "nul_in_secret",
    "untrimmed_secret",
    "quoted_secret",
    "decoded_secret",
    "hex",
    "other_base64",
    "url_encoded",
    "body_first",
    "body_only",
    "separator",
    "reserialised",
    "byte_order_mark",
    "base64_body",
    "quoted_body",
    "encoded_body",
    "wrong_charset",
    "empty_body",
    "compressed_body",
    "parsed_body",
    "no_json",
    "normalised_body",
]
"""The stable name of the reason why a delivery or a secret was refused. The same in every language."""

RefusalCode = Literal[
    "start_in_future",
    "bad_request",
    "unauthorized",
    "forbidden",
    "not_found",
    "redirected",
    "unexpected_status",
    "page_too_large",
    "error_in_page",
    "not_a_page",
    "not_advancing",
    "endless_instant",
    "other_host",
]
"""The stable name of the reason why a pull of the Chat export stopped. The same in every language."""

BindingCode = Literal[
    "already_read",
    "ambiguous_agent",
    "bad_argument",
    "freed",
    "naive_datetime",
    "unknown_agent",
    "unknown_time_zone",
]
"""The codes that only this package uses.

- `already_read`: the source was read before and can be read only once.
- `ambiguous_agent`: several accounts have an agent with this id; pass both ids.
- `bad_argument`: an argument does not have the documented type; `path` names it.
- `freed`: the rows of a `ReportSums` were taken before.
- `naive_datetime`: a `datetime` has no time zone.
- `too_many_buckets`: the report would have too many buckets.
- `unknown_agent`: no account has an agent with this id.
- `unknown_time_zone`: no time zone has this name.
"""

ErrorCode = Literal[IssueCode, FoldErrorCode, FlawCode, RefusalCode, BindingCode]
"""Every `code` that an `AgentfoldError` can have."""


class Issue(TypedDict):
    """One problem with one event. An event with an error is refused; one with only warnings is used.

    Attributes:
        code: The kind of problem.
        path: The location: a JSON Pointer into the event, empty for the whole event.
        message: The problem in words. It contains no value from the event.
        severity: `error` or `warning`.
    """

    code: IssueCode
    path: str
    message: str
    severity: Literal["error", "warning"]


class Flaw(TypedDict):
    """One problem with a delivery or with the secrets.

    It contains no secret, signature or payload, so it is safe to log. Do not send it to the sender.

    Attributes:
        code: The kind of problem.
        path: The location: `/body`, `/secrets`, or `/headers/` and a header's name.
        message: The problem in words.
    """

    code: FlawCode
    path: str
    message: str


# Events


class Detail(TypedDict):
    """The agent of a delivery. `version` counts the changes of the agent."""

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
    """A unified state: an agent's status across all channels.

    Attributes:
        id: The id of the state. Zendesk's own: 2 offline, 3 online, 4 away, 5 transfers only.
        name: The name, in any language.
        reason: Why the agent is in the state.
    """

    id: str
    name: NotRequired[str]
    reason: NotRequired[str]


class Capacity(TypedDict):
    """A maximum capacity now and before the change. `None` means no limit."""

    current: int | None
    previous: NotRequired[int | None]


class StateChanged(TypedDict):
    """The change that a delivery of type `agent.state_changed` reports."""

    updated_at: Instant
    previous_state: NotRequired[str]
    new_state: str
    channel: str


class WorkItemAdded(TypedDict):
    """The change that a delivery of type `agent.work_item_added` reports."""

    updated_at: Instant
    work_item_id: str
    channel: str
    reason: str


class WorkItemUpdated(TypedDict):
    """The change that a delivery of type `agent.work_item_updated` reports."""

    updated_at: Instant
    work_item_id: str
    channel: str
    previous_reason: NotRequired[str]
    reason: str


class WorkItemRemoved(TypedDict):
    """The change that a delivery of type `agent.work_item_removed` reports."""

    updated_at: Instant
    work_item_id: str
    channel: str
    reason: NotRequired[str]


class MaxCapacityChanged(TypedDict):
    """The change that a delivery of type `agent.max_capacity_changed` reports."""

    updated_at: Instant
    maxCapacity: dict[str, Capacity]


class UnifiedStateChanged(TypedDict):
    """The change that a delivery of type `agent.unified_state_changed` reports."""

    updated_at: Instant
    previous_unified_state: NotRequired[UnifiedState]
    new_unified_state: UnifiedState


class ChannelCreated(TypedDict):
    """The change that a delivery of type `agent.channel_created` reports."""

    updated_at: Instant
    channel: str


class ChannelDeleted(TypedDict):
    """The change that a delivery of type `agent.channel_deleted` reports."""

    updated_at: Instant
    channel: str


class GroupsUpdated(TypedDict):
    """The change that a delivery of type `agent.groups_updated` reports."""

    updated_at: Instant
    previous_group_ids: NotRequired[list[str]]
    new_group_ids: list[str]


class StateChangedEvent(_Envelope):
    """A delivery of type `agent.state_changed`."""

    type: Literal["zen:event-type:agent.state_changed"]
    event: StateChanged


class WorkItemAddedEvent(_Envelope):
    """A delivery of type `agent.work_item_added`."""

    type: Literal["zen:event-type:agent.work_item_added"]
    event: WorkItemAdded


class WorkItemUpdatedEvent(_Envelope):
    """A delivery of type `agent.work_item_updated`."""

    type: Literal["zen:event-type:agent.work_item_updated"]
    event: WorkItemUpdated


class WorkItemRemovedEvent(_Envelope):
    """A delivery of type `agent.work_item_removed`."""

    type: Literal["zen:event-type:agent.work_item_removed"]
    event: WorkItemRemoved


class MaxCapacityChangedEvent(_Envelope):
    """A delivery of type `agent.max_capacity_changed`."""

    type: Literal["zen:event-type:agent.max_capacity_changed"]
    event: MaxCapacityChanged


class UnifiedStateChangedEvent(_Envelope):
    """A delivery of type `agent.unified_state_changed`."""

    type: Literal["zen:event-type:agent.unified_state_changed"]
    event: UnifiedStateChanged


class ChannelCreatedEvent(_Envelope):
    """A delivery of type `agent.channel_created`."""

    type: Literal["zen:event-type:agent.channel_created"]
    event: ChannelCreated


class ChannelDeletedEvent(_Envelope):
    """A delivery of type `agent.channel_deleted`."""

    type: Literal["zen:event-type:agent.channel_deleted"]
    event: ChannelDeleted


class GroupsUpdatedEvent(_Envelope):
    """A delivery of type `agent.groups_updated`."""

    type: Literal["zen:event-type:agent.groups_updated"]
    event: GroupsUpdated


class ParsedStateChanged(_Dated):
    """A parsed delivery of type `agent.state_changed`."""

    kind: Literal["agent.state_changed"]
    event: StateChangedEvent


class ParsedWorkItemAdded(_Dated):
    """A parsed delivery of type `agent.work_item_added`."""

    kind: Literal["agent.work_item_added"]
    event: WorkItemAddedEvent


class ParsedWorkItemUpdated(_Dated):
    """A parsed delivery of type `agent.work_item_updated`."""

    kind: Literal["agent.work_item_updated"]
    event: WorkItemUpdatedEvent


class ParsedWorkItemRemoved(_Dated):
    """A parsed delivery of type `agent.work_item_removed`."""

    kind: Literal["agent.work_item_removed"]
    event: WorkItemRemovedEvent


class ParsedMaxCapacityChanged(_Dated):
    """A parsed delivery of type `agent.max_capacity_changed`."""

    kind: Literal["agent.max_capacity_changed"]
    event: MaxCapacityChangedEvent


class ParsedUnifiedStateChanged(_Dated):
    """A parsed delivery of type `agent.unified_state_changed`."""

    kind: Literal["agent.unified_state_changed"]
    event: UnifiedStateChangedEvent


class ParsedChannelCreated(_Dated):
    """A parsed delivery of type `agent.channel_created`."""

    kind: Literal["agent.channel_created"]
    event: ChannelCreatedEvent


class ParsedChannelDeleted(_Dated):
    """A parsed delivery of type `agent.channel_deleted`."""

    kind: Literal["agent.channel_deleted"]
    event: ChannelDeletedEvent


class ParsedGroupsUpdated(_Dated):
    """A parsed delivery of type `agent.groups_updated`."""

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
"""A webhook delivery of one of the nine event types, in Zendesk's format. All ids are strings."""


class _ChatRecord(TypedDict):
    account_id: str
    agent_id: str
    id: str
    timestamp: Instant


class StatusEvent(_ChatRecord):
    """A change of an agent's chat status."""

    field_name: Literal["status"]
    previous_value: NotRequired[str]
    value: str


class EngagementsEvent(_ChatRecord):
    """A change of the number of chats an agent is in."""

    field_name: Literal["engagements"]
    previous_value: NotRequired[int]
    value: int


class ParsedStatus(_Dated):
    """A parsed record of the Chat export with field `status`."""

    kind: Literal["status"]
    event: StatusEvent


class ParsedEngagements(_Dated):
    """A parsed record of the Chat export with field `engagements`."""

    kind: Literal["engagements"]
    event: EngagementsEvent


class UnknownEvent(TypedDict):
    """An event of an unknown type, as received. `agent` is `None` if the event does not name one."""

    kind: Literal["unknown"]
    agent: AgentData | None
    at: None
    event: dict[str, Json]


ChatEvent = StatusEvent | EngagementsEvent
"""A record of the Chat export, in Zendesk's format. All ids are strings."""

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
"""A parsed event. A check of `kind` narrows the type of `event`."""


class Unreadable(TypedDict):
    """A record of a stream that could not be read as an event.

    Attributes:
        line: The line on which the record begins, counted from 1.
        offset: The byte at which the record begins, counted from 0.
        issues: The reasons; never empty.
    """

    kind: Literal["unreadable"]
    line: int
    offset: int
    issues: list[Issue]


# Tracks

Aspect = Literal[
    "unified_state",
    "state",
    "access",
    "max_capacity",
    "groups",
    "chat_status",
    "chat_engagements",
    "work_item",
    "load",
    "accepting",
    "channel",
]
"""What a track is about.

A track is one aspect of an agent that has one value at a time. The value of `load`, `accepting` and
`channel` follows from the others; no event states it.
"""


class UnifiedStateValue(TypedDict):
    """The value of the track `unified_state`."""

    id: str
    name: str | None
    reason: str | None


class WorkItemValue(TypedDict):
    """The value of a track `work_item[ID]@C`.

    Attributes:
        open: Whether the item is open on the channel.
        reason: The reason of the latest event that changed the item.
    """

    open: bool
    reason: str | None


class _OfAgent(AgentData):
    # A track that belongs to no channel.
    track: str
    channel: None
    work_item: None


class _OfChannel(AgentData):
    track: str
    channel: str
    work_item: None


class _OfWorkItem(AgentData):
    track: str
    channel: str
    work_item: str


# Folds

Outcome = Literal[
    "applied",
    "late",
    "duplicate",
    "expired",
    "ignored",
    "limit",
]
"""What a fold did with an event that it could read.

- `applied`: the event is the latest on one of its tracks, or changed the current state.
- `late`: the event changed history only.
- `duplicate`: the fold already had the event.
- `expired`: the event is older than the cut of its agent, and was dropped.
- `ignored`: the type of the event is unknown, or the event changes no track.
- `limit`: the event would exceed a limit of the fold, and was not taken in.
"""

Part = Literal[
    "value",
    "since",
    "opened_at",
]
"""Which part of the current state a change is about.

- `value`: the value of the track.
- `since`: since when the track has this value.
- `opened_at`: when the work item was opened.
"""

# `from` is a keyword, so these cannot be classes.
_Texts = TypedDict("_Texts", {"from": str | None, "to": str | None, "at": Instant})
_Flags = TypedDict("_Flags", {"from": bool | None, "to": bool | None, "at": Instant})
_Numbers = TypedDict("_Numbers", {"from": int | None, "to": int | None, "at": Instant})
_Lists = TypedDict("_Lists", {"from": list[str] | None, "to": list[str] | None, "at": Instant})
_UnifiedStates = TypedDict(
    "_UnifiedStates",
    {"from": UnifiedStateValue | None, "to": UnifiedStateValue | None, "at": Instant},
)
_WorkItems = TypedDict(
    "_WorkItems", {"from": WorkItemValue | None, "to": WorkItemValue | None, "at": Instant}
)


class UnifiedStateValueChange(_OfAgent, _UnifiedStates):
    """A change of the unified state."""

    aspect: Literal["unified_state"]
    part: Literal["value"]


class GroupsValueChange(_OfAgent, _Lists):
    """A change of the ids of the groups."""

    aspect: Literal["groups"]
    part: Literal["value"]


class ChatStatusValueChange(_OfAgent, _Texts):
    """A change of the status in the Chat export."""

    aspect: Literal["chat_status"]
    part: Literal["value"]


class ChatEngagementsValueChange(_OfAgent, _Numbers):
    """A change of the number of engagements in the Chat export."""

    aspect: Literal["chat_engagements"]
    part: Literal["value"]


class AgentSinceChange(_OfAgent, _Texts):
    """A change of the instant since which a unified state or a chat status has its value."""

    aspect: Literal["unified_state", "chat_status"]
    part: Literal["since"]


class StateValueChange(_OfChannel, _Texts):
    """A change of the state on a channel."""

    aspect: Literal["state"]
    part: Literal["value"]


class StateSinceChange(_OfChannel, _Texts):
    """A change of the instant since which the state on a channel has its value."""

    aspect: Literal["state"]
    part: Literal["since"]


class MaxCapacityValueChange(_OfChannel, _Numbers):
    """A change of the maximum number of open items on a channel; `None` also if there is no limit."""

    aspect: Literal["max_capacity"]
    part: Literal["value"]


class FlagValueChange(_OfChannel, _Flags):
    """A change between true and false, by `aspect`.

    - `access`: whether the agent has access to a channel.
    - `accepting`: whether the agent can take one more item on a channel.
    - `channel`: whether a channel was ever named for the agent.
    """

    aspect: Literal["access", "accepting", "channel"]
    part: Literal["value"]


class WorkItemValueChange(_OfWorkItem, _WorkItems):
    """A change of a work item on a channel. The value is `None` while the item is not open there."""

    aspect: Literal["work_item"]
    part: Literal["value"]


class WorkItemInstantChange(_OfWorkItem, _Texts):
    """A change of the instant at which a work item was opened, or since which it has its reason."""

    aspect: Literal["work_item"]
    part: Literal["since", "opened_at"]


Change = (
    UnifiedStateValueChange
    | GroupsValueChange
    | ChatStatusValueChange
    | ChatEngagementsValueChange
    | AgentSinceChange
    | StateValueChange
    | StateSinceChange
    | MaxCapacityValueChange
    | FlagValueChange
    | WorkItemValueChange
    | WorkItemInstantChange
)
"""One change of a value in an agent's current state.

Checks of `aspect` and `part` narrow the types of `from` and `to`, which are `None` for an unknown
value, and those of `channel` and `work_item`. `track` is what changed as one string, such as
`state[support]`, `work_item[123]@support.opened_at` or `accepting[support]`. `at` is the instant of
the event that caused the change.
"""


class Applied(TypedDict):
    """The result of applying one event.

    Attributes:
        outcome: What the fold did with the event.
        issues: The reasons; present if the event is `unreadable`.
        limit: The limit; present if the event would exceed it.
        changes: The changes in the current state.
    """

    outcome: Outcome | Literal["unreadable"]
    issues: NotRequired[list[Issue]]
    limit: NotRequired[Limit]
    changes: list[Change]


class Seeded(AgentData):
    """The result of applying the REST record of one agent.

    Attributes:
        outcome: What the fold did with the record.
        issues: The reasons; present if the record is `unreadable`.
        changes: The changes in the current state.
    """

    outcome: Outcome | Literal["unreadable"]
    issues: NotRequired[list[Issue]]
    changes: list[Change]


class Counts(TypedDict):
    """The number of events by outcome."""

    applied: int
    late: int
    duplicate: int
    expired: int
    ignored: int
    limit: int
    unreadable: int


class Read(TypedDict):
    """The result of reading a stream of events.

    Attributes:
        counts: The number of events by outcome.
        unreadable: The records that could not be read, in order: the first 1,000 of each code. `counts`
            has the number of all, and `on_unreadable` gets all. A problem of the array or page around
            the records is here too, as the warning `bad_wrapping`; it does not count, and no record is
            lost by it.
        unreadable_codes: How many records could not be read, by the code of their first issue.
        changes: The changes in the current state; present if requested.
    """

    counts: Counts
    unreadable: list[Unreadable]
    unreadable_codes: dict[IssueCode, int]
    changes: NotRequired[list[Change]]


class UnreadableOfFile(Unreadable):
    """A record of a file that could not be read as an event. `file` is the path of the file."""

    file: str


class FilesRead(TypedDict):
    """The result of reading files.

    Attributes:
        records: The number of records.
        unreadable: Those that could not be read, file by file: the first 1,000 of each code.
        unreadable_codes: How many could not be read, by the code of their first issue.
    """

    records: int
    unreadable: list[UnreadableOfFile]
    unreadable_codes: dict[IssueCode, int]


class UnifiedStateNow(TypedDict):
    """The unified state of an agent. `since` is when the agent entered it."""

    id: str
    name: str | None
    reason: str | None
    since: Instant


class WorkItemState(TypedDict):
    """An open work item.

    Attributes:
        reason: The reason of the latest event that changed it, such as `ACCEPTED`.
        opened_at: When the item was opened; a move between channels keeps it.
        since: When the item got `reason`.
    """

    id: str
    reason: str
    opened_at: Instant
    since: Instant


class ChannelState(TypedDict):
    """An agent's state on one channel. Values that no event has stated are `None`.

    Attributes:
        access: Whether the agent has access to the channel.
        state: The state, such as `online`.
        since: When the agent entered `state`.
        max_capacity: The maximum number of open items. `None` if unknown, and if there is no limit.
        work_items: The open items, sorted by id.
        load: The number of open items.
        spare: How many more items the agent can take. `None` without a known limit.
        accepting: Whether the agent can take one more item. `None` if unknown.
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
    """The values of an agent in the Chat export. `None` if no event has stated them."""

    status: str | None
    since: Instant | None
    engagements: int | None


class AgentState(AgentData):
    """The state of one agent, now or as of an instant. Values that no event has stated are `None`.

    Attributes:
        version: The greatest version received.
        last_event_at: The instant of the latest event.
        unified_state: The unified state, and since when the agent is in it.
        channels: The agent's state by channel, for every channel ever named for the agent.
        group_ids: The ids of the groups, sorted.
        chat: The values of the Chat export.
    """

    version: int | None
    last_event_at: Instant
    unified_state: UnifiedStateNow | None
    channels: dict[str, ChannelState]
    group_ids: list[str] | None
    chat: ChatState | None


class _Sign(TypedDict):
    at: Instant
    event_id: str


class AgentAnomaly(_OfAgent, _Sign):
    """A gap or a conflict on a track that belongs to no channel."""

    anomaly: Literal["gap", "conflict"]
    aspect: Literal["unified_state", "groups", "chat_status", "chat_engagements"]


class ChannelAnomaly(_OfChannel, _Sign):
    """A gap or a conflict on a track of a channel."""

    anomaly: Literal["gap", "conflict"]
    aspect: Literal["state", "access", "max_capacity"]


class WorkItemAnomaly(_OfWorkItem, _Sign):
    """A gap or an orphan on the track of a work item."""

    anomaly: Literal["gap", "orphan"]
    aspect: Literal["work_item"]


class WorkItemConflict(AgentData, _Sign):
    """A conflict on a work item. It concerns the item on all channels."""

    anomaly: Literal["conflict"]
    aspect: Literal["work_item"]
    track: str
    channel: None
    work_item: str


class VersionDisorder(AgentData):
    """An event with a lower version than an earlier event."""

    anomaly: Literal["version_disorder"]
    at: Instant
    event_id: str
    version: int


class MissingVersions(AgentData):
    """Versions that were never received, as pairs of first and last, both included.

    Attributes:
        sparse: Present if so many are missing that they do not indicate lost events.
    """

    anomaly: Literal["missing_versions"]
    ranges: list[list[int]]
    sparse: NotRequired[bool]


Anomaly = (
    AgentAnomaly
    | ChannelAnomaly
    | WorkItemAnomaly
    | WorkItemConflict
    | VersionDisorder
    | MissingVersions
)
"""A sign that events of an agent are missing or inconsistent. A late event can resolve it.

- `gap`: an event states a previous value that differs from the known one.
- `orphan`: a work item was updated or removed while it was not open.
- `conflict`: two different events have the same position on a track.
- `version_disorder`: an event has a lower version than an earlier event.
- `missing_versions`: versions were never received.

The first three are on a track: a check of `anomaly`, then one of `aspect`, narrows the type.
"""

# History and reports

Basis = Literal[
    "observed",
    "assumed",
    "inferred",
    "disputed",
    "unknown",
]
"""How certain a value is, from most to least certain.

- `observed`: the next event states this value as its previous value.
- `assumed`: no later event confirms or contradicts it.
- `inferred`: derived from the previous value that the first event states.
- `disputed`: the next event states a different previous value, so an event is missing.
- `unknown`: the value is not known.
"""

_FromTo = TypedDict("_FromTo", {"from": Instant, "to": Instant})


class DoubtfulPart(_FromTo):
    """A part of an interval in which the value is doubtful."""


class _Interval(_FromTo):
    basis: Basis
    open: bool
    doubtful: list[DoubtfulPart]


class UnifiedStateInterval(_OfAgent, _Interval):
    """A period with one unified state."""

    aspect: Literal["unified_state"]
    value: UnifiedStateValue | None


class GroupsInterval(_OfAgent, _Interval):
    """A period with one set of groups. `value` is their ids, sorted."""

    aspect: Literal["groups"]
    value: list[str] | None


class ChatStatusInterval(_OfAgent, _Interval):
    """A period with one status in the Chat export."""

    aspect: Literal["chat_status"]
    value: str | None


class ChatEngagementsInterval(_OfAgent, _Interval):
    """A period with one number of engagements in the Chat export."""

    aspect: Literal["chat_engagements"]
    value: int | None


class StateInterval(_OfChannel, _Interval):
    """A period with one state on a channel."""

    aspect: Literal["state"]
    value: str | None


class AccessInterval(_OfChannel, _Interval):
    """A period with or without access to a channel."""

    aspect: Literal["access"]
    value: bool | None


class MaxCapacityInterval(_OfChannel, _Interval):
    """A period with one maximum number of open items on a channel; `None` also if there is no limit."""

    aspect: Literal["max_capacity"]
    value: int | None


class WorkItemInterval(_OfWorkItem, _Interval):
    """A period in which a work item is open on a channel, with one reason, or not open."""

    aspect: Literal["work_item"]
    value: WorkItemValue | None


class LoadInterval(_OfChannel, _Interval):
    """A period with one number of open items on a channel. Returned only if the track is named."""

    aspect: Literal["load"]
    value: int | None


Interval = (
    UnifiedStateInterval
    | GroupsInterval
    | ChatStatusInterval
    | ChatEngagementsInterval
    | StateInterval
    | AccessInterval
    | MaxCapacityInterval
    | WorkItemInterval
    | LoadInterval
)
"""A period in which a track has one value, from `from` (inclusive) to `to` (exclusive).

A check of `aspect` narrows the type of `value`, and those of `channel` and `work_item`. `value` is
`None` if it is unknown, and for a capacity without limit. `open` is true if the interval has not ended
by `as_of`.
"""


class Move(TypedDict):
    """The arrival of a work item on a channel."""

    at: Instant
    channel: str


class WorkItemSpan(AgentData):
    """The time a work item spends with one agent, including moves between channels.

    Attributes:
        work_item: The id of the work item.
        opened_at: When the span began.
        offered_at: When the item was first offered; `None` if no offer was received.
        accepted_at: When the item was first accepted; `None` if no acceptance was received.
        closed_at: When the item left the agent; `None` if it is open.
        reason: The latest reason; after the span ended, the reason for the removal.
        moves: The channels of the item in order, beginning with the one it was opened on.
        orphan: Whether the opening is missing: the first event received was an update.
        handle_ns: The time from acceptance (or opening) to removal, in nanoseconds; `None` if unknown.
    """

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
    """A period with one chat status and one number of engagements, as in `agent_timeline`.

    Attributes:
        status: The chat status; `None` if unknown.
        engagement_count: The number of engagements; `None` if unknown.
        duration: The length in seconds.
        basis: How certain the values are.
        open: Whether the span has not ended by `as_of`.
    """

    start_time: Instant
    status: str | None
    engagement_count: int | None
    duration: float
    basis: Basis
    open: bool


class Buckets(TypedDict):
    """The buckets of a report. Each runs from one boundary (inclusive) to the next (exclusive).

    Attributes:
        boundaries: At least two instants, in ascending order.
        as_of: Later events are ignored, and the report ends here.
        row_limit: The maximum number of rows, and of pairs of an agent and a bucket. Default:
            1,000,000, and 10,000,000 for `Fold.to_arrow`.
    """

    boundaries: list[Instant]
    as_of: Instant
    row_limit: NotRequired[int]


RollUp = Literal[
    "agent",
    "channel",
    "account",
    "group",
    "group_split",
]
"""What a row of a report is about: one agent, or the sum over a channel, an account or a group.

An agent of several groups counts fully in each, so rows by `group` add up to more than there is; by
`group_split` its time is divided evenly among them. An agent is online on several channels at once, so
`online_ns` summed over channels is more than the time that agents worked.
"""


class UsualTimes(TypedDict):
    """When the events of a fold happened, apart from outliers.

    Attributes:
        first: The earliest instant that is not an outlier.
        last: The latest one.
        before: How many instants of agents are before `first`.
        after: How many are after `last`.
    """

    first: Instant
    last: Instant
    before: int
    after: int


class _About(_FromTo):
    account_id: str | None
    agent_id: str | None
    # Present in rows by group; `None` for agents without a known group.
    group_id: NotRequired[str | None]
    # Present in rows about several agents: their number.
    agents: NotRequired[int]


class Times(TypedDict):
    """Statistics of durations in nanoseconds, with exact quantiles. `None` if `count` is 0."""

    count: int
    sum_ns: int
    min_ns: int | None
    max_ns: int | None
    p50_ns: int | None
    p90_ns: int | None
    p95_ns: int | None


class StateTime(TypedDict):
    """The time in one state on one basis, in nanoseconds."""

    state: str | None
    basis: Basis
    ns: int


class Removed(TypedDict):
    """The number of work items that were closed with one reason."""

    reason: str | None
    count: int


class ChannelRow(_About):
    """A row about one channel in one bucket. Ratios are `None` if the denominator is 0.

    Attributes:
        channel: The channel.
        length_ns: The length of the bucket; in rows about several agents, the sum over them.
        state: The time in each state, by basis. Adds up to `length_ns`.
        doubtful_ns: The time in which the state is doubtful.
        online_ns: The time online.
        busy_ns: The time online with at least one open item.
        item_ns: The number of open items integrated over the time online.
        item_least_ns: The same without the items that are doubtful.
        item_most_ns: The same with the items that may be open although they are not known to be.
        item_known_ns: The same, only while the capacity is a known number.
        capacity_ns: The capacity integrated over the time online, while it is a known number.
        at_capacity_ns: The time online with at least as many open items as the capacity.
        occupancy: `busy_ns / online_ns`.
        utilisation: `item_known_ns / capacity_ns`.
        average_used_capacity: `item_ns / online_ns`.
        added: The number of items opened, including moves to the channel.
        removed: The number of items closed by reason, including moves away from the channel.
        offered: The number of offers made.
        offers_ended: The number of offers that ended, in any way.
        offers_accepted: The number of offers that ended with acceptance.
        accepted: The number of items accepted, with or without a known offer.
        missed: The number of offers missed, with or without a known offer.
        acceptance_rate: `offers_accepted / offers_ended`.
        offer_time: The time from offer to acceptance.
        handle_time: The time from acceptance (or opening) to removal.
    """

    row: Literal["channel"]
    channel: str
    length_ns: int
    state: list[StateTime]
    doubtful_ns: int
    online_ns: int
    busy_ns: int
    item_ns: int
    item_least_ns: int
    item_most_ns: int
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
    """A row about one unified state in one bucket.

    Attributes:
        length_ns: The length of the bucket; in rows about several agents, the sum over them.
        id: The id of the state; `None` for the time in which the state is unknown.
        name: The latest name of the state.
        ns: The time in the state: the sum of the five values below.
        observed_ns: The observed part.
        assumed_ns: The assumed part.
        inferred_ns: The inferred part.
        disputed_ns: The disputed part.
        unknown_ns: The unknown part.
        doubtful_ns: How much of `ns` is doubtful.
        involuntary_ns: The part of `ns` that the system caused, not the agent: disconnected, idle,
            reconnected.
    """

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
    doubtful_ns: int
    involuntary_ns: int


class StatusTime(TypedDict):
    """The time in one chat status on one basis, in nanoseconds."""

    status: str | None
    basis: Basis
    ns: int


class EngagementsTime(TypedDict):
    """The time with one number of engagements on one basis, in nanoseconds."""

    engagements: int | None
    basis: Basis
    ns: int


class ChatRow(_About):
    """A row about the values of the Chat export in one bucket.

    Attributes:
        length_ns: The length of the bucket; in rows about several agents, the sum over them.
        status: The time in each status, by basis. Adds up to `length_ns`.
        engagements: The time with each number of engagements, by basis. Adds up to `length_ns`.
        concurrency_ns: The number of engagements integrated over the bucket, in any status.
        online_ns: The time online.
        busy_ns: The time online with at least one engagement.
        occupancy: `busy_ns / online_ns`; `None` if never online.
    """

    row: Literal["chat"]
    length_ns: int
    status: list[StatusTime]
    engagements: list[EngagementsTime]
    concurrency_ns: int
    online_ns: int
    busy_ns: int
    occupancy: float | None


class AdherenceRow(_About):
    """A comparison of an agent with one entry of the schedule.

    Attributes:
        track: The track that was compared.
        scheduled_ns: The length of the entry.
        elapsed_ns: The part of the entry before `as_of`: the sum of the three values below.
        adherent_ns: The time in a scheduled state.
        out_ns: The time in any other state.
        unknown_ns: The time in which the state is unknown.
        disputed_ns: The disputed part of `elapsed_ns`.
        inferred_ns: The inferred part of `elapsed_ns`.
        doubtful_ns: The doubtful part of `elapsed_ns`.
        adherence: `adherent_ns / elapsed_ns`; `None` if no time has elapsed.
    """

    row: Literal["adherence"]
    track: str
    scheduled_ns: int
    elapsed_ns: int
    adherent_ns: int
    out_ns: int
    unknown_ns: int
    disputed_ns: int
    inferred_ns: int
    doubtful_ns: int
    adherence: float | None


ExceptionKind = Literal[
    "no_show",
    "late",
    "left_early",
    "out_of_adherence",
]
"""How an agent did not keep to an entry of the schedule.

`no_show`: in no scheduled state so far. `late`: from the beginning of the entry on. `left_early`: up to
its end. `out_of_adherence`: in between, or now.
"""


class ExceptionRow(_About):
    """A time in which an agent did not keep to an entry of the schedule.

    Attributes:
        track: The track that was compared.
        exception: How the agent did not keep to it.
        open: Whether it still goes on at `as_of`, before the entry ends.
        scheduled_from: The start of the entry.
        scheduled_to: The end of the entry.
        value: The last value in this time, as in the state; `None` if unknown.
        out_ns: The time in another state.
        unknown_ns: The time in which the state is unknown.
        disputed_ns: The disputed part.
        inferred_ns: The inferred part.
    """

    row: Literal["exception"]
    track: str
    exception: ExceptionKind
    open: bool
    scheduled_from: Instant
    scheduled_to: Instant
    value: UnifiedStateValue | str | int | None
    out_ns: int
    unknown_ns: int
    disputed_ns: int
    inferred_ns: int


class SessionsRow(_About):
    """When an agent logged in and out in one bucket.

    Attributes:
        length_ns: The length of the bucket.
        sessions: The number of sessions that have a part in the bucket.
        logins: How many of them begin in it.
        logouts: How many of them end in it.
        first_login: The first login; `None` if no session begins in the bucket.
        first_login_basis: How certain it is that the agent was offline before it.
        last_logout: The last logout; `None` if no session ends in the bucket.
        last_logout_basis: How certain it is that the session lasted until then.
        session_ns: The time in sessions.
        unknown_ns: The time of which nothing is known.
        continued: Whether a session goes on at the beginning of the bucket, begun before.
        open: Whether a session goes on at the end of the bucket.
    """

    row: Literal["sessions"]
    length_ns: int
    sessions: int
    logins: int
    logouts: int
    first_login: Instant | None
    first_login_basis: Basis | None
    last_logout: Instant | None
    last_logout_basis: Basis | None
    session_ns: int
    unknown_ns: int
    continued: bool
    open: bool


ReportRow = ChannelRow | UnifiedStateRow | ChatRow | AdherenceRow | ExceptionRow | SessionsRow
"""One row of a report. Fields that end in `_ns` are nanoseconds."""

_FromToGiven = TypedDict("_FromToGiven", {"from": InstantInput, "to": InstantInput})


class Scheduled(_FromToGiven):
    """One entry of a schedule: the states that an agent is scheduled to be in.

    Attributes:
        track: The track to compare. Default: `unified_state`.
        states: Ids or names of unified states, or the states of `track`.
    """

    account_id: str
    agent_id: str
    track: NotRequired[str]
    states: list[str]


ScheduleWarningCode = Literal[
    "unknown_channel",
    "unknown_state",
]
"""What a word of a schedule names that is not known."""


class ScheduleWarning(TypedDict):
    """A word of a schedule that no agent ever had.

    Attributes:
        code: What is not known.
        path: Where the word stands first: a JSON Pointer into the schedule, such as `/3/states/0`.
        message: The problem in words.
        account_id: The account of the entry.
        word: The word.
        near: The known words that are written most alike.
        lines: How many entries have the word.
    """

    code: ScheduleWarningCode
    path: str
    message: str
    account_id: str
    word: str
    near: list[str]
    lines: int


_From = TypedDict("_From", {"from": Instant})


class Correction(_From):
    """A row that differs between two reports.

    Attributes:
        before: The row of the earlier report; `None` if it had none.
        after: The row of the later report; `None` if it has none.
    """

    row: Literal["channel", "unified_state", "chat", "adherence", "exception", "sessions"]
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
    "unconfirmed",
]
"""Why the data about an agent is doubtful.

`silent`: no event was received for too long. `unconfirmed`: since the state or an open item of the
channel was stated, a version was never received. The others are recent anomalies.
"""


class FloorAgent(TypedDict):
    """One agent on one channel.

    Attributes:
        state: The state on the channel; `None` if unknown.
        load: The number of open items.
        load_least: How many of them are not doubtful.
        max_capacity: The maximum number of open items. `None` if unknown, and if there is no limit.
        spare: How many more items the agent can take. `None` without a known limit.
        accepting: Whether the agent can take one more item. `None` if unknown.
        last_event_at: The instant of the latest event.
        doubts: Why the data is doubtful; empty if it is not.
    """

    agent_id: str
    state: str | None
    load: int
    load_least: int
    max_capacity: int | None
    spare: int | None
    accepting: bool | None
    last_event_at: Instant
    doubts: list[Doubt]


class StateCount(TypedDict):
    """The number of agents in one state; `None` is the unknown state."""

    state: str | None
    agents: int


class ChannelFloor(TypedDict):
    """One channel of an account at an instant.

    Attributes:
        states: The number of agents in each state.
        load: The open items of all agents of the channel.
        load_least: How many of them are not doubtful.
        max_capacity: The total capacity of the online agents that have a limit.
        spare: How many more items the accepting agents with a limit can take.
        accepting: The number of agents that can take one more item.
        unlimited: The number of accepting agents without a limit.
        unsure: The number of agents for which it is unknown whether they can take one more item.
        doubtful: The number of agents with doubts.
        agents: The agents with access. Agents that can take one more item come first, the least loaded
            of them at the top.
    """

    account_id: str
    channel: str
    at: Instant
    states: list[StateCount]
    load: int
    load_least: int
    max_capacity: int
    spare: int
    accepting: int
    unlimited: int
    unsure: int
    doubtful: int
    agents: list[FloorAgent]


# Alerts

Length = float | str
"""A number of seconds, or a whole number and a unit, such as `90s`, `30m`, `8h` or `2d`."""


class StateThreshold(TypedDict):
    """How long an agent may be in a state.

    Attributes:
        state: The id or the name of a unified state, or a state on a channel.
        channel: The channel. Without it, the state is the unified state, or Chat's status of an agent
            who
            never had a unified state.
        longer_than: How long is too long.
    """

    state: str
    channel: NotRequired[str | None]
    longer_than: Length


class NobodyFreeThreshold(TypedDict):
    """How long a channel may be without an agent who can take one more item.

    Attributes:
        group_id: The group whose agents are meant; without it, all agents.
        longer_than: How long is too long.
    """

    channel: str
    group_id: NotRequired[str | None]
    longer_than: Length


class LoadThreshold(TypedDict):
    """Which share of the capacity may be taken.

    Attributes:
        channel: The channel; without it, every channel that no other threshold names.
        share: The share: 0.9 is nine of ten items.
    """

    channel: NotRequired[str | None]
    share: float


class SilenceThreshold(TypedDict):
    """How long nothing may be heard of an agent who is logged in."""

    longer_than: Length


class AccountSilenceThreshold(TypedDict):
    """How long nothing may be heard of any agent of an account.

    Attributes:
        longer_than: How long is too long.
        while_logged_in: Whether somebody has to be logged in, so that a quiet night raises no alert.
            Default: false.
    """

    longer_than: Length
    while_logged_in: NotRequired[bool]


class WorkItemThreshold(TypedDict):
    """How long a work item may be open.

    Attributes:
        channel: The channel; without it, every channel that no other threshold names.
        longer_than: How long is too long.
    """

    channel: NotRequired[str | None]
    longer_than: Length


class Trust(TypedDict, total=False):
    """When an agent counts as doubtful.

    Attributes:
        near_seconds: How long an agent stays doubtful after an anomaly, in seconds. Default: 900.
        silent_seconds: How long an agent may be silent before it is doubtful, in seconds. Default:
            28800.
    """

    near_seconds: float
    silent_seconds: float


class Thresholds(TypedDict, total=False):
    """How long and how much is too long and too much. What equals a threshold is not over it.

    Attributes:
        state: An agent is in a state for too long.
        nobody_free: No agent can take one more item on a channel for too long.
        load: An agent has too much of what it can take on a channel.
        channel_load: The agents of a channel together have too much of what they can take.
        silence: Nothing was heard of an agent who is logged in for too long.
        account_silence: Nothing was heard of any agent of an account for too long.
        work_item: A work item is open for too long, so that its removal was probably lost: it is a
            ghost.
        trust: When an alert is doubtful. It has no influence on which alerts there are.
    """

    state: list[StateThreshold]
    nobody_free: list[NobodyFreeThreshold]
    load: list[LoadThreshold]
    channel_load: list[LoadThreshold]
    silence: SilenceThreshold | None
    account_silence: AccountSilenceThreshold | None
    work_item: list[WorkItemThreshold]
    trust: Trust


AlertKind = Literal[
    "state",
    "nobody_free",
    "load",
    "channel_load",
    "silence",
    "account_silence",
    "work_item",
]
"""What an alert is about: the keys of `Thresholds`."""


class Alert(TypedDict):
    """A condition that is over its threshold at an instant.

    What does not belong to its kind is `None`.

    Attributes:
        kind: What it is about.
        agent_id: The agent; `None` if it is about a channel or an account.
        channel: The channel; `None` if it is about no channel.
        group_id: The group, if the threshold names one.
        work_item_id: The work item, if it is about one.
        state: The state that lasts for too long: a unified state's name, or its id if the name was
            never
            stated.
        since: When the condition began. It is never later than the instant of the question.
        for_ns: How long it has lasted, in nanoseconds.
        threshold_ns: The length of time that it exceeds, in nanoseconds; `None` if it exceeds a share.
        load: How many items are open, for a load.
        max_capacity: How many items the agents can have, for a load.
        share: `load` divided by `max_capacity`; `None` too if that is 0.
        threshold_share: The share that it exceeds.
        unsure: The number of agents of which it is not known whether they can take one more item, if
            nobody
            is known to be free.
        doubts: Why it may be wrong; empty if nothing speaks against it.
        episode: A text that stays the same as long as the condition lasts, and that no other condition
            has.
    """

    kind: AlertKind
    account_id: str
    agent_id: str | None
    channel: str | None
    group_id: str | None
    work_item_id: str | None
    state: str | None
    since: Instant
    for_ns: int
    threshold_ns: int | None
    load: int | None
    max_capacity: int | None
    share: float | None
    threshold_share: float | None
    unsure: int | None
    doubts: list[Doubt]
    episode: str


class Episode(TypedDict):
    """An alert that was told and had not ended when it was last looked at. Store it.

    Attributes:
        alert: The alert as it was last seen. Its episode is the one that was told.
        told_at: When it was told.
        seen_at: When it was last seen.
    """

    alert: Alert
    told_at: Instant
    seen_at: Instant


class Episodes(TypedDict):
    """What `episodes` returns.

    Attributes:
        began: The alerts to tell: their episodes have begun since the last look.
        continued: The alerts that were told and go on.
        ended: The alerts that were told and have ended, as they were last seen, by subject.
        told: What to store and to pass at the next look.
    """

    began: list[Alert]
    continued: list[Alert]
    ended: list[Alert]
    told: list[Episode]


Turn = Literal["began", "ended"]
"""What is told about an alert."""

MessageForm = Literal["agentfold", "slack"]
"""The form of a message about an alert."""


class AlertNames(TypedDict, total=False):
    """The names of agents and groups, by id. Whoever has no name is named by the id."""

    agents: dict[str, str]
    groups: dict[str, str]


class AlertMessage(TypedDict):
    """The body of a message about an alert.

    Attributes:
        type: What is told.
        at: When the alert was found, or found to be over.
        text: The alert in a sentence.
        alert: The alert; one that ended, as it was last seen.
    """

    type: Literal["agentfold.alert_began", "agentfold.alert_ended"]
    account_id: str
    at: Instant
    text: str
    alert: Alert


# Zendesk's REST record

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
"""What differs between a fold and Zendesk's REST record.

- `unknown_agent`: the fold has no event of the agent.
- `version`, `unified_state`, `groups`, `state`, `max_capacity`: the values differ.
- `ghost_item`: an item is open in the fold only; its removal was lost.
- `unheard_item`: an item is open in the record only; its opening was lost.
- `item_count`: the record lists only some items, and the total numbers differ.
"""


class VersionDifference(AgentData):
    """A difference in the version. `fold` is `None` if the agent is unknown."""

    difference: Literal["unknown_agent", "version"]
    track: None
    aspect: None
    channel: None
    work_item: None
    fold: int | None
    record: int | None


class UnifiedStateDifference(_OfAgent):
    """A difference in the unified state. `fold` and `record` are the ids of the states."""

    difference: Literal["unified_state"]
    aspect: Literal["unified_state"]
    fold: str | None
    record: str | None


class GroupsDifference(_OfAgent):
    """A difference in the ids of the groups."""

    difference: Literal["groups"]
    aspect: Literal["groups"]
    fold: list[str] | None
    record: list[str] | None


class StateDifference(_OfChannel):
    """A difference in the state on a channel."""

    difference: Literal["state"]
    aspect: Literal["state"]
    fold: str | None
    record: str | None


class MaxCapacityDifference(_OfChannel):
    """A difference in the maximum number of open items on a channel."""

    difference: Literal["max_capacity"]
    aspect: Literal["max_capacity"]
    fold: int | None
    record: int | None


class WorkItemDifference(_OfWorkItem):
    """An item that is open in one of both only. `fold` and `record` are its reason."""

    difference: Literal["ghost_item", "unheard_item"]
    aspect: Literal["work_item"]
    fold: str | None
    record: str | None


class ItemCountDifference(_OfChannel):
    """A difference in the number of open items on a channel."""

    difference: Literal["item_count"]
    aspect: Literal["load"]
    fold: int | None
    record: int | None


Difference = (
    VersionDifference
    | UnifiedStateDifference
    | GroupsDifference
    | StateDifference
    | MaxCapacityDifference
    | WorkItemDifference
    | ItemCountDifference
)
"""One difference between a fold and Zendesk's REST record of an agent.

A check of `difference` narrows the types of `fold` and `record`: the value in the fold and the one in
the record, `None` for none.
"""


class TimelineRow(TypedDict):
    """A row of Zendesk Chat's `agent_timeline`. `duration` is in seconds."""

    agent_id: int
    start_time: Instant
    status: str
    engagement_count: int
    duration: float


class TimelineDifference(_FromTo):
    """A period for which a fold and `agent_timeline` differ.

    Attributes:
        fold_status: The status in the fold; `None` if unknown.
        fold_engagements: The number of engagements in the fold; `None` if unknown.
        basis: How certain the values of the fold are.
        row_status: The status in the row.
        row_engagements: The number of engagements in the row.
    """

    account_id: str
    agent_id: str
    fold_status: str | None
    fold_engagements: int | None
    basis: Basis
    row_status: str
    row_engagements: int


# Webhooks


class Signed(TypedDict):
    """A verified signature.

    Attributes:
        secret: The index of the secret that signed the delivery, from 0.
        at: The signed timestamp.
    """

    secret: int
    at: Instant


class ReceivedStateChanged(ParsedStateChanged):
    """A verified and parsed delivery of type `agent.state_changed`."""

    signed: Signed


class ReceivedWorkItemAdded(ParsedWorkItemAdded):
    """A verified and parsed delivery of type `agent.work_item_added`."""

    signed: Signed


class ReceivedWorkItemUpdated(ParsedWorkItemUpdated):
    """A verified and parsed delivery of type `agent.work_item_updated`."""

    signed: Signed


class ReceivedWorkItemRemoved(ParsedWorkItemRemoved):
    """A verified and parsed delivery of type `agent.work_item_removed`."""

    signed: Signed


class ReceivedMaxCapacityChanged(ParsedMaxCapacityChanged):
    """A verified and parsed delivery of type `agent.max_capacity_changed`."""

    signed: Signed


class ReceivedUnifiedStateChanged(ParsedUnifiedStateChanged):
    """A verified and parsed delivery of type `agent.unified_state_changed`."""

    signed: Signed


class ReceivedChannelCreated(ParsedChannelCreated):
    """A verified and parsed delivery of type `agent.channel_created`."""

    signed: Signed


class ReceivedChannelDeleted(ParsedChannelDeleted):
    """A verified and parsed delivery of type `agent.channel_deleted`."""

    signed: Signed


class ReceivedGroupsUpdated(ParsedGroupsUpdated):
    """A verified and parsed delivery of type `agent.groups_updated`."""

    signed: Signed


class ReceivedStatus(ParsedStatus):
    """A verified and parsed record of the Chat export with field `status`."""

    signed: Signed


class ReceivedEngagements(ParsedEngagements):
    """A verified and parsed record of the Chat export with field `engagements`."""

    signed: Signed


class ReceivedUnknown(UnknownEvent):
    """A verified delivery of an unknown type."""

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
"""A verified and parsed delivery: a `ParsedEvent` with its signature."""

Handled = Literal[
    Outcome,
    "unreadable",
    "untrusted",
    "not_stored",
    "too_large",
]
"""The result of handling a delivery. `webhook.advise` returns the HTTP status for it."""


class ReceivePolicy(ReadOptions, total=False):
    """The optional arguments of `receive`: what to verify, and how to read the event.

    Attributes:
        now: The current time of the receiver, also for dates of events. Default: the system clock.
        tolerance_seconds: The maximum distance between `now` and the signed timestamp. Default: 300.
        account_id: The account that the secrets belong to. Deliveries that name a different account are
            refused.
        for_tests: Whether to accept secrets that are public. Default: `False`.
        instant: The field that dates a change. Default: `updated_at`.
        max_bytes: The maximum size of a body. Default: 1 MiB.
        max_depth: The maximum nesting depth of an event. Default: 64.
    """

    tolerance_seconds: float
    account_id: Id
    for_tests: bool


class StoredElsewhere(TypedDict):
    """The result of storing an event outside of a fold."""

    outcome: Outcome | Literal["unreadable"]
    issues: NotRequired[list[Issue]]
    changes: NotRequired[list[Change]]


Stored = Applied | StoredElsewhere
"""The result of storing an event: the result of `Fold.apply`, or only an outcome."""


class _Answered(TypedDict):
    status: int
    changes: list[Change]


class AnsweredStored(_Answered):
    """The result of a verified delivery that was stored."""

    outcome: Outcome
    event: Received


class AnsweredUnreadable(_Answered):
    """The result of a verified delivery whose body could not be read as an event."""

    outcome: Literal["unreadable"]
    issues: list[Issue]


class AnsweredRefused(_Answered):
    """The result of a delivery that failed verification; its sender is unknown."""

    outcome: Literal["untrusted", "too_large"]
    flaws: list[Flaw]


class AnsweredNotStored(_Answered):
    """The result of a verified delivery that could not be stored. `error` is the exception."""

    outcome: Literal["not_stored"]
    error: Exception


Answered = AnsweredStored | AnsweredUnreadable | AnsweredRefused | AnsweredNotStored
"""The result of `web.receive`: the status to return, and the changes in the current state."""

# The Chat export


class ExportRequest(TypedDict):
    """A GET request to send. Add the host and the credentials.

    Attributes:
        path: The path.
        query: The encoded query string, without `?`.
        max_bytes: The maximum size of a reply's body in bytes, uncompressed. Stop reading a body that
            has more, and hand over what was read: the cursor refuses it.
    """

    max_bytes: int
    step: Literal["request"]
    path: str
    query: str


PauseReason = Literal[
    "too_recent",
    "too_many_requests",
    "server_error",
    "strange_reply",
    "cut_off",
    "no_reply",
]
"""Why to wait.

- `too_recent`: Zendesk serves only events older than five minutes.
- `too_many_requests`: the status was 429.
- `server_error`: the status was 408, 409, 425, or 500 or above.
- `strange_reply`: the reply is probably not Zendesk's, but for example the page of a proxy.
- `cut_off`: the body was incomplete.
- `no_reply`: the request failed.
"""


class Pause(TypedDict):
    """An instruction to wait `seconds`, and then to call `next` again."""

    step: Literal["pause"]
    reason: PauseReason
    seconds: float


NoteCode = Literal[
    "not_an_event",
    "dated_ahead",
    "count_differs",
    "short_page",
    "no_next_page",
    "next_page_loops",
    "start_ignored",
    "repeated_key",
]
"""What is odd about a page or one of its records.

- `not_an_event`: the record is not an object, or has no id or no instant.
- `dated_ahead`: the record is dated more than five minutes after the caller's clock. It becomes an
  event when the clock has reached its instant.
- `count_differs`: `count` is not the number of records on the page.
- `short_page`: the page before had fewer records than requested, but more followed.
- `no_next_page`: the page before had no `next_page`, but more followed.
- `next_page_loops`: `next_page` points to this page or to an earlier one.
- `start_ignored`: the last page has nothing new, but records from before the requested start.
- `repeated_key`: a key stands twice in the page. The records of both are read.
"""


class ExportNote(TypedDict):
    """What is odd about a page or one of its records. The pull goes on.

    Attributes:
        code: The kind of oddity.
        path: The location: a JSON Pointer into the body.
        message: The oddity in words. It contains no value from the reply.
    """

    code: NoteCode
    path: str
    message: str


class ExportApart(ExportNote):
    """A record of a page that is kept apart from its events, and why.

    Attributes:
        record: The record as received: a JSON text.
    """

    record: str


class ExportPage(TypedDict):
    """The new events of a reply. Store them before you save the cursor.

    Attributes:
        events: The events as received, one JSON text each.
        apart: The records that are not events, or are dated too far ahead. They are not in `events`.
            Each is returned once.
        warnings: Where the page's `count`, `next_page` or size disagrees with what came. A cursor
            reports each kind once.
        repeats: The number of events left out because they were returned before, or are older than
            `since`.
        is_last: Whether there are no more events for now.
    """

    step: Literal["page"]
    events: list[str]
    apart: list[ExportApart]
    warnings: list[ExportNote]
    repeats: int
    is_last: bool


class Reply(Protocol):
    """A reply of httpx or requests.

    If it has `iter_bytes` or `iter_content`, the body is read with that, and not further than a page
    may be long. So a client that does not read the body before never unpacks too much.
    """

    @property
    def status_code(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> HeadersInput:
        """The headers."""
        ...

    @property
    def content(self) -> bytes:
        """The decompressed body."""
        ...

    @property
    def history(self) -> Sequence[Reply]:
        """The replies before it; empty if no redirect was followed."""
        ...


class Answer(TypedDict):
    """The response of an export endpoint. The body is JSON."""

    status: int
    body: str


class ToldCorrection(TypedDict):
    """An exported event that has changed since: it would be exported differently now.

    Attributes:
        before: The event as exported; `None` if it was not exported.
        after: The event as it would be exported now; `None` if it would not be.
    """

    before: ChatEvent | None
    after: ChatEvent | None
