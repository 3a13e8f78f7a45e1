"""The types of all inputs and answers, with field names as Zendesk spells them.

Ids and instants are `str`, nanoseconds are `int`. A check of `kind` (events), `aspect` (tracks), `part`
(changes), `row` (reports), `anomaly`, `difference` or `step` narrows the type for a type checker.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from os import PathLike
from typing import Any, Literal, Protocol, SupportsIndex, TypedDict

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
    """

    agents: int
    """Agents. Default: 1,000,000."""
    channels: int
    """Channels of one agent. Default: 1,000."""
    work_items: int
    """Work items of one agent. Default: 1,000,000."""
    names: int
    """Distinct texts, such as states, reasons, channels and sets of groups. Default: 1,000,000."""
    version_ranges: int
    """Ranges of one agent's versions. Default: 1,000,000."""


class DeliveryOptions(TypedDict, total=False):
    """How the event of a delivery is read."""

    instant: InstantFrom
    """The field that dates a change of a webhook. Default: `updated_at`."""
    max_bytes: int
    """The maximum size of an event in bytes. Default: 1 MiB."""
    max_depth: int
    """The maximum nesting depth of an event. Default: 64."""
    limits: Limits
    """How much a fold holds at most."""


class ReadOptions(DeliveryOptions, total=False):
    """How events are read: the optional arguments of every function that reads events."""

    now: InstantInput
    """The clock that dates are compared with. An event that is dated more than 24 hours after it is
    refused (`future_instant`). Default: the system clock, whenever events are read.
    """


Id = str | SupportsIndex
"""The id of an account or an agent: text or an integer, also one of NumPy."""

Buffer = bytes | bytearray | memoryview
"""Bytes in memory."""

JsonInput = Buffer | str | Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""JSON: the bytes or text as received, a dict, or a list of dicts."""


class BinaryFile(Protocol):
    """An open file."""

    def read(self, size: int, /) -> bytes | str:
        """Returns at most `size` bytes; an empty result at the end."""
        ...


class LazyRows(Protocol):
    """A lazy data frame of polars."""

    def collect_batches(self) -> Iterable[ArrowRows]:
        """Returns the rows, a data frame at a time."""
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
    | LazyRows
    | Iterable[Buffer | str | Mapping[str, Any] | ArrowRows]
)
"""Events: `bytes`, a path, an open file, or Arrow columns with an event in each row, also as polars'
`LazyFrame`; or an iterable of `bytes` (chunks of one stream), of `str` or dicts (whole records), or of
such columns."""


class _MultiItems(Protocol):
    def multi_items(self) -> Iterable[tuple[str, str]]: ...


class _Items(Protocol):
    def items(self) -> Iterable[tuple[str, Any]]: ...


HeadersInput = _MultiItems | _Items | Iterable[tuple[str, str]] | Iterable[tuple[bytes, bytes]]
"""HTTP headers: the object of a framework, a mapping, or pairs of name and value."""


class AgentData(TypedDict):
    """An agent of an account."""

    account_id: str
    """The id of the account."""
    agent_id: str
    """The id of the agent, unique within the account."""


AgentInput = Agent | tuple[Id, Id] | Mapping[str, Any] | Id
"""A pair of ids, a mapping with both ids such as a change or a row, or only the id of the agent."""


class Selection(TypedDict, total=False):
    """The agents and channels that a question is about. A list that is empty or missing selects all."""

    accounts: Sequence[Id]
    """The ids of the accounts."""
    agents: Sequence[AgentInput]
    """The agents. The string `10011` is the agent with this id in any account; `2/10011` is the one
    in account 2.
    """
    groups: Sequence[str]
    """The ids of the groups. An agent is selected if it is in one of them at any time of the report,
    or at the instant of the floor.
    """
    channels: Sequence[str]
    """The channels. The report then has no rows without a channel, such as those about unified
    states.
    """


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
- `unknown_agent`: no account has an agent with this id.
- `unknown_time_zone`: no time zone has this name.
"""

ErrorCode = Literal[IssueCode, FoldErrorCode, FlawCode, RefusalCode, BindingCode]
"""Every `code` that an `AgentfoldError` can have."""


class Issue(TypedDict):
    """One problem with one event. An event with an error is refused; one with only warnings is used."""

    code: IssueCode
    """What kind of problem it is."""
    path: str
    """Where it is: a JSON Pointer (RFC 6901) into the event, empty for the whole."""
    message: str
    """The problem in words. It contains no value from the event."""
    severity: Literal["error", "warning"]
    """An event with an error is refused. An event with only warnings is used."""


class Flaw(TypedDict):
    """One problem with a delivery or with the secrets.

    It contains no secret, signature or payload, so it is safe to log. Do not send it to the sender.
    """

    code: FlawCode
    """What kind of flaw it is."""
    path: str
    """Where it is, as a JSON Pointer: `/body`, `/secrets`, or `/headers/` and a header's name."""
    message: str
    """What is wrong, for people."""


# Events


class Detail(TypedDict):
    """The agent of a delivery. `version` counts the changes of the agent."""

    account_id: NotRequired[str]
    """The account."""
    agent_id: str
    """The agent."""
    version: NotRequired[str]
    """The agent's version, which rises with its events."""


class _Envelope(TypedDict):
    account_id: NotRequired[str]
    """The account."""
    detail: Detail
    """The agent."""
    id: str
    """The event's id, usually a ULID. Two events may share an id."""
    subject: NotRequired[str]
    """Usually `zen:agent:` and the agent's id."""
    time: NotRequired[Instant]
    """When the event was issued."""
    zendesk_event_version: NotRequired[str]
    """The version of the event's format, a date."""


class _Dated(TypedDict):
    agent: AgentData
    """The agent of the event."""
    at: Instant
    """When the change happened."""


class UnifiedState(TypedDict):
    """A unified state: an agent's status across all channels."""

    id: str
    """The status's id. Zendesk's standard ids are 2 offline, 3 online, 4 away and 5 transfers only."""
    name: NotRequired[str]
    """The status's name, in any language."""
    reason: NotRequired[str]
    """Why the agent is in it."""


class Capacity(TypedDict):
    """A maximum capacity now and before the change. `None` means no limit."""

    current: int | None
    """The maximum now."""
    previous: NotRequired[int | None]
    """The maximum before, if it is stated."""


class StateChanged(TypedDict):
    """The change that a delivery of type `agent.state_changed` reports."""

    updated_at: Instant
    """When the agent's status changed."""
    previous_state: NotRequired[str]
    """The agent's previous status."""
    new_state: str
    """The agent's current status."""
    channel: str
    """The channel for which the agent's status changed."""


class WorkItemAdded(TypedDict):
    """The change that a delivery of type `agent.work_item_added` reports."""

    updated_at: Instant
    """When the work item was added."""
    work_item_id: str
    """The id of the work item."""
    channel: str
    """The channel that the work item is on."""
    reason: str
    """The reason for adding the work item."""


class WorkItemUpdated(TypedDict):
    """The change that a delivery of type `agent.work_item_updated` reports."""

    updated_at: Instant
    """When the work item was updated (Zendesk's document says: added)."""
    work_item_id: str
    """The id of the work item."""
    channel: str
    """The channel that the work item is on."""
    previous_reason: NotRequired[str]
    """The reason before."""
    reason: str
    """The reason for updating the work item."""


class WorkItemRemoved(TypedDict):
    """The change that a delivery of type `agent.work_item_removed` reports."""

    updated_at: Instant
    """When the work item was removed."""
    work_item_id: str
    """The id of the work item."""
    channel: str
    """The channel that the work item was on."""
    reason: NotRequired[str]
    """Why it was removed. Zendesk's document has it in the sample but not in the table."""


class MaxCapacityChanged(TypedDict):
    """The change that a delivery of type `agent.max_capacity_changed` reports."""

    updated_at: Instant
    """When the maximum capacity was changed."""
    maxCapacity: dict[str, Capacity]
    """The maximum capacity of each named channel. Other channels keep theirs."""


class UnifiedStateChanged(TypedDict):
    """The change that a delivery of type `agent.unified_state_changed` reports."""

    updated_at: Instant
    """When the agent's unified status was changed."""
    previous_unified_state: NotRequired[UnifiedState]
    """The agent's previous unified status."""
    new_unified_state: UnifiedState
    """The agent's current unified status."""


class ChannelCreated(TypedDict):
    """The change that a delivery of type `agent.channel_created` reports."""

    updated_at: Instant
    """When the channel was created."""
    channel: str
    """The channel."""


class ChannelDeleted(TypedDict):
    """The change that a delivery of type `agent.channel_deleted` reports."""

    updated_at: Instant
    """When the channel was deleted."""
    channel: str
    """The channel."""


class GroupsUpdated(TypedDict):
    """The change that a delivery of type `agent.groups_updated` reports."""

    updated_at: Instant
    """When the group memberships were updated."""
    previous_group_ids: NotRequired[list[str]]
    """The ids of the groups that the agent previously belonged to."""
    new_group_ids: list[str]
    """The ids of the groups that the agent currently belongs to."""


class StateChangedEvent(_Envelope):
    """A delivery of type `agent.state_changed`."""

    type: Literal["zen:event-type:agent.state_changed"]
    """The type of the event."""
    event: StateChanged
    """The event, in Zendesk's format. All ids are strings."""


class WorkItemAddedEvent(_Envelope):
    """A delivery of type `agent.work_item_added`."""

    type: Literal["zen:event-type:agent.work_item_added"]
    """The type of the event."""
    event: WorkItemAdded
    """The event, in Zendesk's format. All ids are strings."""


class WorkItemUpdatedEvent(_Envelope):
    """A delivery of type `agent.work_item_updated`."""

    type: Literal["zen:event-type:agent.work_item_updated"]
    """The type of the event."""
    event: WorkItemUpdated
    """The event, in Zendesk's format. All ids are strings."""


class WorkItemRemovedEvent(_Envelope):
    """A delivery of type `agent.work_item_removed`."""

    type: Literal["zen:event-type:agent.work_item_removed"]
    """The type of the event."""
    event: WorkItemRemoved
    """The event, in Zendesk's format. All ids are strings."""


class MaxCapacityChangedEvent(_Envelope):
    """A delivery of type `agent.max_capacity_changed`."""

    type: Literal["zen:event-type:agent.max_capacity_changed"]
    """The type of the event."""
    event: MaxCapacityChanged
    """The event, in Zendesk's format. All ids are strings."""


class UnifiedStateChangedEvent(_Envelope):
    """A delivery of type `agent.unified_state_changed`."""

    type: Literal["zen:event-type:agent.unified_state_changed"]
    """The type of the event."""
    event: UnifiedStateChanged
    """The event, in Zendesk's format. All ids are strings."""


class ChannelCreatedEvent(_Envelope):
    """A delivery of type `agent.channel_created`."""

    type: Literal["zen:event-type:agent.channel_created"]
    """The type of the event."""
    event: ChannelCreated
    """The event, in Zendesk's format. All ids are strings."""


class ChannelDeletedEvent(_Envelope):
    """A delivery of type `agent.channel_deleted`."""

    type: Literal["zen:event-type:agent.channel_deleted"]
    """The type of the event."""
    event: ChannelDeleted
    """The event, in Zendesk's format. All ids are strings."""


class GroupsUpdatedEvent(_Envelope):
    """A delivery of type `agent.groups_updated`."""

    type: Literal["zen:event-type:agent.groups_updated"]
    """The type of the event."""
    event: GroupsUpdated
    """The event, in Zendesk's format. All ids are strings."""


class ParsedStateChanged(_Dated):
    """A parsed delivery of type `agent.state_changed`."""

    kind: Literal["agent.state_changed"]
    """The type of the event."""
    event: StateChangedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedWorkItemAdded(_Dated):
    """A parsed delivery of type `agent.work_item_added`."""

    kind: Literal["agent.work_item_added"]
    """The type of the event."""
    event: WorkItemAddedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedWorkItemUpdated(_Dated):
    """A parsed delivery of type `agent.work_item_updated`."""

    kind: Literal["agent.work_item_updated"]
    """The type of the event."""
    event: WorkItemUpdatedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedWorkItemRemoved(_Dated):
    """A parsed delivery of type `agent.work_item_removed`."""

    kind: Literal["agent.work_item_removed"]
    """The type of the event."""
    event: WorkItemRemovedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedMaxCapacityChanged(_Dated):
    """A parsed delivery of type `agent.max_capacity_changed`."""

    kind: Literal["agent.max_capacity_changed"]
    """The type of the event."""
    event: MaxCapacityChangedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedUnifiedStateChanged(_Dated):
    """A parsed delivery of type `agent.unified_state_changed`."""

    kind: Literal["agent.unified_state_changed"]
    """The type of the event."""
    event: UnifiedStateChangedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedChannelCreated(_Dated):
    """A parsed delivery of type `agent.channel_created`."""

    kind: Literal["agent.channel_created"]
    """The type of the event."""
    event: ChannelCreatedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedChannelDeleted(_Dated):
    """A parsed delivery of type `agent.channel_deleted`."""

    kind: Literal["agent.channel_deleted"]
    """The type of the event."""
    event: ChannelDeletedEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedGroupsUpdated(_Dated):
    """A parsed delivery of type `agent.groups_updated`."""

    kind: Literal["agent.groups_updated"]
    """The type of the event."""
    event: GroupsUpdatedEvent
    """The event, in Zendesk's format. All ids are strings."""


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
    """The agent's account id."""
    agent_id: str
    """The agent's unique identifier."""
    id: str
    """The event's unique identifier: `<time in base 62>.agent:<agent_id>.<random>`."""
    timestamp: Instant
    """The date and time when the event happened."""


class StatusEvent(_ChatRecord):
    """A change of an agent's chat status."""

    field_name: Literal["status"]
    """What changed."""
    previous_value: NotRequired[str]
    """The status before the change, if the record states it."""
    value: str
    """The status after the change."""


class EngagementsEvent(_ChatRecord):
    """A change of the number of chats an agent is in."""

    field_name: Literal["engagements"]
    """What changed."""
    previous_value: NotRequired[int]
    """The number before the change, if the record states it."""
    value: int
    """The number after the change."""


class ParsedStatus(_Dated):
    """A parsed record of the Chat export with field `status`."""

    kind: Literal["status"]
    """The type of the event."""
    event: StatusEvent
    """The event, in Zendesk's format. All ids are strings."""


class ParsedEngagements(_Dated):
    """A parsed record of the Chat export with field `engagements`."""

    kind: Literal["engagements"]
    """The type of the event."""
    event: EngagementsEvent
    """The event, in Zendesk's format. All ids are strings."""


class UnknownEvent(TypedDict):
    """An event of an unknown type, as received. `agent` is `None` if the event does not name one."""

    kind: Literal["unknown"]
    """Tells this from events of a known type."""
    agent: AgentData | None
    """The agent; `None` if the event does not name one."""
    at: None
    """Unknown: nobody knows which field tells it."""
    event: dict[str, Json]
    """The event as it was received."""


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
    """A record of a stream that could not be read as an event."""

    kind: Literal["unreadable"]
    """Tells this from events."""
    line: int
    """The line on which the record begins, counted from 1."""
    offset: int
    """The byte at which the record begins, counted from 0."""
    issues: list[Issue]
    """The reasons; never empty."""


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
    """The id of the state."""
    name: str | None
    """The name that was stated last."""
    reason: str | None
    """Why the agent is in the state, as stated last."""


class WorkItemValue(TypedDict):
    """The value of a track `work_item[ID]@C`."""

    open: bool
    """Whether the item is open on the channel."""
    reason: str | None
    """The reason of the latest event that changed the item."""


class _OfAgent(AgentData):
    # A track that belongs to no channel.
    track: str
    """The track, such as `unified_state`."""
    channel: None
    """`None`: the track belongs to no channel."""
    work_item: None
    """`None`: the track is not about a work item."""


class _OfChannel(AgentData):
    track: str
    """The track, such as `state[support]`."""
    channel: str
    """The channel."""
    work_item: None
    """`None`: the track is not about a work item."""


class _OfWorkItem(AgentData):
    track: str
    """The track, such as `work_item[123]@support`."""
    channel: str
    """The channel that the item is on."""
    work_item: str
    """The id of the work item."""


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

# `from` is a keyword, so a class can't have it as a field.
_FromTexts = TypedDict("_FromTexts", {"from": str | None})
_FromFlags = TypedDict("_FromFlags", {"from": bool | None})
_FromNumbers = TypedDict("_FromNumbers", {"from": int | None})
_FromLists = TypedDict("_FromLists", {"from": list[str] | None})
_FromUnifiedStates = TypedDict("_FromUnifiedStates", {"from": UnifiedStateValue | None})
_FromWorkItems = TypedDict("_FromWorkItems", {"from": WorkItemValue | None})


class _Caused(TypedDict):
    at: Instant
    """The instant of the event that caused the change."""


class _Texts(_FromTexts, _Caused):
    to: str | None
    """The value after; `None` if it is unknown."""


class _Flags(_FromFlags, _Caused):
    to: bool | None
    """The value after; `None` if it is unknown."""


class _Numbers(_FromNumbers, _Caused):
    to: int | None
    """The value after; `None` if it is unknown."""


class _Lists(_FromLists, _Caused):
    to: list[str] | None
    """The value after; `None` if it is unknown."""


class _UnifiedStates(_FromUnifiedStates, _Caused):
    to: UnifiedStateValue | None
    """The value after; `None` if it is unknown."""


class _WorkItems(_FromWorkItems, _Caused):
    to: WorkItemValue | None
    """The value after; `None` if it is unknown."""


class UnifiedStateValueChange(_OfAgent, _UnifiedStates):
    """A change of the unified state."""

    aspect: Literal["unified_state"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class GroupsValueChange(_OfAgent, _Lists):
    """A change of the ids of the groups."""

    aspect: Literal["groups"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class ChatStatusValueChange(_OfAgent, _Texts):
    """A change of the status in the Chat export."""

    aspect: Literal["chat_status"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class ChatEngagementsValueChange(_OfAgent, _Numbers):
    """A change of the number of engagements in the Chat export."""

    aspect: Literal["chat_engagements"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class AgentSinceChange(_OfAgent, _Texts):
    """A change of the instant since which a unified state or a chat status has its value."""

    aspect: Literal["unified_state", "chat_status"]
    """What the track is about."""
    part: Literal["since"]
    """Which part of the track changed."""


class StateValueChange(_OfChannel, _Texts):
    """A change of the state on a channel."""

    aspect: Literal["state"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class StateSinceChange(_OfChannel, _Texts):
    """A change of the instant since which the state on a channel has its value."""

    aspect: Literal["state"]
    """What the track is about."""
    part: Literal["since"]
    """Which part of the track changed."""


class MaxCapacityValueChange(_OfChannel, _Numbers):
    """A change of the maximum number of open items on a channel; `None` also if there is no limit."""

    aspect: Literal["max_capacity"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class FlagValueChange(_OfChannel, _Flags):
    """A change between true and false, by `aspect`.

    - `access`: whether the agent has access to a channel.
    - `accepting`: whether the agent can take one more item on a channel.
    - `channel`: whether a channel was ever named for the agent.
    """

    aspect: Literal["access", "accepting", "channel"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class WorkItemValueChange(_OfWorkItem, _WorkItems):
    """A change of a work item on a channel. The value is `None` while the item is not open there."""

    aspect: Literal["work_item"]
    """What the track is about."""
    part: Literal["value"]
    """Which part of the track changed."""


class WorkItemInstantChange(_OfWorkItem, _Texts):
    """A change of the instant at which a work item was opened, or since which it has its reason."""

    aspect: Literal["work_item"]
    """What the track is about."""
    part: Literal["since", "opened_at"]
    """Which part of the track changed."""


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
    """The result of applying one event."""

    outcome: Outcome | Literal["unreadable"]
    """What the fold did with the event."""
    issues: NotRequired[list[Issue]]
    """Why it could not be read. Only with the outcome `unreadable`."""
    limit: NotRequired[Limit]
    """The limit that it would exceed. Only with the outcome `limit`."""
    changes: list[Change]
    """Every value of the agent's current state that the event changed."""


class Seeded(AgentData):
    """The result of applying the REST record of one agent."""

    outcome: Outcome | Literal["unreadable"]
    """What the fold did with the record."""
    issues: NotRequired[list[Issue]]
    """Why it could not be read. Only with the outcome `unreadable`."""
    changes: list[Change]
    """Every value of the agent's current state that the event changed."""


class Counts(TypedDict):
    """The number of events by outcome."""

    applied: int
    """How many changed the current state, or are the latest on a track."""
    late: int
    """How many changed history only."""
    duplicate: int
    """How many were known already."""
    expired: int
    """How many are from before the cut, and were dropped."""
    ignored: int
    """How many change no track, such as events of an unknown type."""
    limit: int
    """How many would have exceeded a limit, and were not taken in."""
    unreadable: int
    """How many could not be read."""


class Read(TypedDict):
    """The result of reading a stream of events."""

    counts: Counts
    """The number of events by outcome."""
    unreadable: list[Unreadable]
    """The records that could not be read, in order: the first 1,000 of each code. `counts` has the
    number of all, and `on_unreadable` gets all. A problem of the array or page around the records
    is here too, as the warning `bad_wrapping`; it does not count, and no record is lost by it.
    """
    unreadable_codes: dict[IssueCode, int]
    """How many records could not be read, by the code of their first issue."""
    changes: NotRequired[list[Change]]
    """The changes in the current state; present if requested."""


class UnreadableOfFile(Unreadable):
    """A record of a file that could not be read as an event. `file` is the path of the file."""

    file: str
    """The path of the file."""


class FilesRead(TypedDict):
    """The result of reading files."""

    records: int
    """The number of records."""
    unreadable: list[UnreadableOfFile]
    """Those that could not be read, file by file: the first 1,000 of each code."""
    unreadable_codes: dict[IssueCode, int]
    """How many could not be read, by the code of their first issue."""


class UnifiedStateNow(TypedDict):
    """The unified state of an agent. `since` is when the agent entered it."""

    id: str
    """The state's id."""
    name: str | None
    """Its name, as stated last."""
    reason: str | None
    """Why the agent is in it, as stated last."""
    since: Instant
    """When the agent entered it, by id."""


class WorkItemState(TypedDict):
    """An open work item."""

    id: str
    """The item's id."""
    reason: str
    """Why it is with the agent, such as `ACCEPTED`: the reason of the last event that changed it."""
    opened_at: Instant
    """When its current stay with the agent began. A move between channels does not end a stay."""
    since: Instant
    """When it got this reason."""


class ChannelState(TypedDict):
    """An agent's state on one channel. Values that no event has stated are `None`."""

    access: bool | None
    """Whether the agent has access to the channel."""
    state: str | None
    """The state, such as `online`. It is `None` after the channel was deleted, too."""
    since: Instant | None
    """When the agent entered that state."""
    max_capacity: int | None
    """The maximum number of items at once; `None` if it is unknown or there is no limit."""
    work_items: list[WorkItemState]
    """The open items, by id."""
    load: int
    """How many items are open."""
    spare: int | None
    """How many more items the known capacity allows; `None` without a known limit."""
    accepting: bool | None
    """Whether the agent can take one more item; `None` if that is not known."""


class ChatState(TypedDict):
    """The values of an agent in the Chat export. `None` if no event has stated them."""

    status: str | None
    """The status."""
    since: Instant | None
    """When the agent entered that status."""
    engagements: int | None
    """The number of chats at once."""


class AgentState(AgentData):
    """The state of one agent, now or as of an instant. Values that no event has stated are `None`."""

    version: int | None
    """The greatest version of accepted events."""
    last_event_at: Instant
    """The latest instant of accepted events."""
    unified_state: UnifiedStateNow | None
    """The unified state: the status across all channels, and since when the agent is in it."""
    channels: dict[str, ChannelState]
    """Every channel that was ever named for the agent, by name."""
    group_ids: list[str] | None
    """The agent's groups: numbers first, by value, then the rest by bytes."""
    chat: ChatState | None
    """The values of the Chat export; `None` without such an event."""


class _Sign(TypedDict):
    at: Instant
    """The instant of the event that shows the anomaly."""
    event_id: str
    """The id of this event."""


class AgentAnomaly(_OfAgent, _Sign):
    """A gap or a conflict on a track that belongs to no channel."""

    anomaly: Literal["gap", "conflict"]
    """The kind of anomaly."""
    aspect: Literal["unified_state", "groups", "chat_status", "chat_engagements"]
    """What the track is about."""


class ChannelAnomaly(_OfChannel, _Sign):
    """A gap or a conflict on a track of a channel."""

    anomaly: Literal["gap", "conflict"]
    """The kind of anomaly."""
    aspect: Literal["state", "access", "max_capacity"]
    """What the track is about."""


class WorkItemAnomaly(_OfWorkItem, _Sign):
    """A gap or an orphan on the track of a work item."""

    anomaly: Literal["gap", "orphan"]
    """The kind of anomaly."""
    aspect: Literal["work_item"]
    """What the track is about."""


class WorkItemConflict(AgentData, _Sign):
    """A conflict on a work item. It concerns the item on all channels."""

    anomaly: Literal["conflict"]
    """The kind of anomaly."""
    aspect: Literal["work_item"]
    """What the track is about."""
    track: str
    """The track, such as `work_item[123]`."""
    channel: None
    """`None`: the conflict concerns the item on all channels."""
    work_item: str
    """The id of the work item."""


class VersionDisorder(AgentData):
    """An event with a lower version than an earlier event."""

    anomaly: Literal["version_disorder"]
    """The kind of anomaly."""
    at: Instant
    """The instant of the event."""
    event_id: str
    """The id of the event."""
    version: int
    """The version of the event."""


class MissingVersions(AgentData):
    """Versions that were never received, as pairs of first and last, both included."""

    anomaly: Literal["missing_versions"]
    """The kind of anomaly."""
    ranges: list[list[int]]
    """The missing versions, as pairs of first and last, both included."""
    sparse: NotRequired[bool]
    """Present if so many are missing that they do not indicate lost events."""


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

_From = TypedDict("_From", {"from": Instant})


class _FromTo(_From):
    to: Instant
    """The end, exclusive."""


class DoubtfulPart(_FromTo):
    """A part of an interval in which the value is doubtful."""


class _Interval(_FromTo):
    basis: Basis
    """How certain the value is."""
    open: bool
    """Whether it continues at the window's `as_of`."""
    doubtful: list[DoubtfulPart]
    """The parts of it in which the value is doubtful, in order."""


class UnifiedStateInterval(_OfAgent, _Interval):
    """A period with one unified state."""

    aspect: Literal["unified_state"]
    """What the track is about."""
    value: UnifiedStateValue | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class GroupsInterval(_OfAgent, _Interval):
    """A period with one set of groups. `value` is their ids, sorted."""

    aspect: Literal["groups"]
    """What the track is about."""
    value: list[str] | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class ChatStatusInterval(_OfAgent, _Interval):
    """A period with one status in the Chat export."""

    aspect: Literal["chat_status"]
    """What the track is about."""
    value: str | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class ChatEngagementsInterval(_OfAgent, _Interval):
    """A period with one number of engagements in the Chat export."""

    aspect: Literal["chat_engagements"]
    """What the track is about."""
    value: int | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class StateInterval(_OfChannel, _Interval):
    """A period with one state on a channel."""

    aspect: Literal["state"]
    """What the track is about."""
    value: str | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class AccessInterval(_OfChannel, _Interval):
    """A period with or without access to a channel."""

    aspect: Literal["access"]
    """What the track is about."""
    value: bool | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class MaxCapacityInterval(_OfChannel, _Interval):
    """A period with one maximum number of open items on a channel; `None` also if there is no limit."""

    aspect: Literal["max_capacity"]
    """What the track is about."""
    value: int | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class WorkItemInterval(_OfWorkItem, _Interval):
    """A period in which a work item is open on a channel, with one reason, or not open."""

    aspect: Literal["work_item"]
    """What the track is about."""
    value: WorkItemValue | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


class LoadInterval(_OfChannel, _Interval):
    """A period with one number of open items on a channel. Returned only if the track is named."""

    aspect: Literal["load"]
    """What the track is about."""
    value: int | None
    """The value, as in the state. `None` if it is unknown, or for a capacity without limit."""


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
    """When it came to the channel."""
    channel: str
    """The channel."""


class WorkItemSpan(AgentData):
    """The time a work item spends with one agent, including moves between channels."""

    work_item: str
    """The item's id."""
    opened_at: Instant
    """When this stay began."""
    offered_at: Instant | None
    """When it was first offered; `None` if no event stated an offer."""
    accepted_at: Instant | None
    """When it was first accepted; `None` if no event stated that."""
    closed_at: Instant | None
    """When it left the agent; `None` if it had not by the window's `as_of`."""
    reason: str | None
    """Why it is with the agent or, once it has left, why it left."""
    moves: list[Move]
    """The channels it came to; the first at its opening."""
    orphan: bool
    """Whether its opening is missing: its first event was an update."""
    handle_ns: int | None
    """The time from its acceptance, or its opening, to its removal, in nanoseconds; `None` if it has
    no handle time.
    """


class ChatSpan(AgentData):
    """A period with one chat status and one number of engagements, as in `agent_timeline`."""

    start_time: Instant
    """Where it begins."""
    status: str | None
    """The status; `None` if it is unknown."""
    engagement_count: int | None
    """The number of engagements; `None` if it is unknown."""
    duration: float
    """Its length in seconds."""
    basis: Basis
    """The worst basis of the intervals that were joined."""
    open: bool
    """Whether it continues at the window's `as_of`."""


class Buckets(TypedDict):
    """The buckets of a report. Each runs from one boundary (inclusive) to the next (exclusive)."""

    boundaries: list[Instant]
    """At least two instants, in ascending order."""
    as_of: NotRequired[Instant]
    """Later events are ignored, and the report ends here. Default: the last boundary, or the fold's
    last event apart from outliers if that is earlier. `ReportSums` requires it.
    """
    row_limit: NotRequired[int]
    """The maximum number of rows, and of pairs of an agent and a bucket. Default: 1,000,000 for lists,
    and 1,000,000,000 for `Fold.to_arrow` and `Fold.report_rows`.
    """


RowKind = Literal["channel", "unified_state", "chat"]
"""What a row of a report is about: a channel, a unified state, or chat."""


class TableForm(TypedDict, total=False):
    """How the values of a table are stored: the keywords of `Fold.to_arrow` for all tables."""

    strings: Literal["dictionary", "plain"]
    """How words are stored. Default: `"dictionary"`."""
    unit: Literal["ns", "us", "ms"]
    """The unit of instants. Default: `"ns"`."""
    durations: Literal["ns", "seconds"]
    """The unit of durations. Default: `"ns"`."""
    flat: bool
    """Whether columns with fields are a column for each field. Default: `False`."""
    dialect: Literal["arrow", "spark"]
    """Whose types the table has. Default: `"arrow"`."""


class TableOptions(TableForm, total=False):
    """The keywords of `Fold.to_arrow` for all tables."""

    names: Names
    """The names of agents and groups."""
    on_progress: Callable[[int], object] | None
    """Called with the number of rows of each batch that is read."""


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
    """When the events of a fold happened, apart from outliers."""

    first: Instant
    """The earliest instant that is not an outlier."""
    last: Instant
    """The latest one."""
    before: int
    """How many instants of agents are before `first`."""
    after: int
    """How many are after `last`."""


class _About(_FromTo):
    account_id: str | None
    """The account; `None` in rows by channel, which cover all accounts."""
    agent_id: str | None
    """The agent; `None` in rows that roll up several."""
    # Present in rows by group; `None` for agents without a known group.
    group_id: NotRequired[str | None]
    """The group, in rows by group. `None` is for agents without a known group. By `group`, an agent
    counts fully in each of its groups, so these rows must not be added; by `group_split`, times
    add up.
    """
    # Present in rows about several agents: their number.
    agents: NotRequired[int]
    """The number of agents, in rows that roll up several."""
    agent_name: NotRequired[str | None]
    """The agent's name: present if names were given, and `None` if there is none."""
    group_name: NotRequired[str | None]
    """The group's name: present if names were given, and `None` if there is none."""


class Times(TypedDict):
    """Statistics of durations in nanoseconds, with exact quantiles. `None` if `count` is 0."""

    count: int
    """How many there are."""
    sum_ns: int
    """Their sum."""
    min_ns: int | None
    """The shortest. This and all fields that follow are `None` if there are no times."""
    max_ns: int | None
    """The longest."""
    p50_ns: int | None
    """The median: 50 percent took no longer."""
    p90_ns: int | None
    """90 percent took no longer."""
    p95_ns: int | None
    """95 percent took no longer."""


class StateTime(TypedDict):
    """The time in one state on one basis, in nanoseconds."""

    state: str | None
    """The state; `None` if it is unknown."""
    basis: Basis
    """How certain it is."""
    ns: int
    """The time, in nanoseconds."""


class Removed(TypedDict):
    """The number of work items that were closed with one reason."""

    reason: str | None
    """The reason; `None` if none was given."""
    count: int
    """How many items."""


class ChannelRow(_About):
    """A row about one channel in one bucket. Ratios are `None` if the denominator is 0."""

    row: Literal["channel"]
    """Tells the kinds of rows apart."""
    channel: str
    """The channel."""
    length_ns: int
    """The bucket's length; in rows of several agents, the sum over them."""
    state: list[StateTime]
    """The time in each state, by basis; adds up to `length_ns`."""
    doubtful_ns: int
    """The time in which the state is doubtful: a version is missing between it and what speaks for
    it.
    """
    online_ns: int
    """The time in the state `online` on the channel. An agent is online on several channels at once,
    so the sum over channels is more than the time that agents worked.
    """
    busy_ns: int
    """The time online with at least one open item on the channel. An agent may be busy on several
    channels at once: do not add it over channels.
    """
    item_ns: int
    """The number of open items, integrated over the time online: two items for an hour are two
    hours.
    """
    item_least_ns: int
    """As `item_ns`, without the items that are doubtful."""
    item_most_ns: int
    """As `item_ns`, with the items that may be open although they are not known to be."""
    item_known_ns: int
    """As `item_ns`, but only while the capacity is a known number. So it can be compared with
    `capacity_ns`.
    """
    capacity_ns: int
    """The capacity, integrated over the time online, while it is a known number."""
    at_capacity_ns: int
    """The time online with at least as many open items as the capacity, while that is a known
    number. An agent with capacity 0 is at capacity.
    """
    occupancy: float | None
    """`busy_ns` divided by `online_ns`: the share of the time online with an open item; `None` if
    never online.
    """
    utilisation: float | None
    """`item_known_ns` divided by `capacity_ns`: the share of the known capacity that is taken;
    `None` if that is 0.
    """
    average_used_capacity: float | None
    """`item_ns` divided by `online_ns`: how many items are open at once, on average; `None` if never
    online.
    """
    added: int
    """How many items were opened, moves to the channel included."""
    removed: list[Removed]
    """How many items were closed, by reason, moves from the channel included."""
    offered: int
    """How many offers began: an item was offered to the agent, who may accept it."""
    offers_ended: int
    """How many offers ended: accepted, missed, obsolete or withdrawn."""
    offers_accepted: int
    """How many offers ended with their acceptance."""
    accepted: int
    """How many items were accepted, with or without an offer before."""
    missed: int
    """How many offers were missed, even if the offer's event is missing."""
    acceptance_rate: float | None
    """`offers_accepted` divided by `offers_ended`; `None` if no offer ended. Items that are accepted
    automatically play no part.
    """
    offer_time: Times
    """The times from an offer to its acceptance."""
    handle_time: Times
    """The times from an item's acceptance to its removal, or from its opening if it was never
    accepted. Each is counted once, on the channel and in the bucket of the removal.
    """


class UnifiedStateRow(_About):
    """A row about one unified state in one bucket."""

    row: Literal["unified_state"]
    """Tells the kinds of rows apart."""
    length_ns: int
    """The bucket's length; in rows of several agents, the sum over them."""
    id: str | None
    """The state's id; `None` for the time in which the state is unknown."""
    name: str | None
    """Its name, as stated last."""
    ns: int
    """The time in the state: the sum of `observed_ns`, `assumed_ns`, `inferred_ns`, `disputed_ns`
    and `unknown_ns`. An agent is in one unified state at a time, so the times in all of them add
    up to the agent's hours.
    """
    observed_ns: int
    """The part of `ns` that is observed: the next event confirms it."""
    assumed_ns: int
    """The part of `ns` that is assumed: no later event confirms or contradicts it."""
    inferred_ns: int
    """The part of `ns` that is inferred: the first event states it as the value before."""
    disputed_ns: int
    """The part of `ns` that is disputed: the next event states another value before it."""
    unknown_ns: int
    """The part of `ns` that is unknown."""
    doubtful_ns: int
    """How much of `ns` is doubtful: a version is missing between it and what speaks for it."""
    involuntary_ns: int
    """The part of `ns` that the system caused, not the agent: disconnected, idle, reconnected."""


class StatusTime(TypedDict):
    """The time in one chat status on one basis, in nanoseconds."""

    status: str | None
    """The status; `None` if it is unknown."""
    basis: Basis
    """How certain it is."""
    ns: int
    """The time, in nanoseconds."""


class EngagementsTime(TypedDict):
    """The time with one number of engagements on one basis, in nanoseconds."""

    engagements: int | None
    """The number; `None` if it is unknown."""
    basis: Basis
    """How certain it is."""
    ns: int
    """The time, in nanoseconds."""


class ChatRow(_About):
    """A row about the values of the Chat export in one bucket."""

    row: Literal["chat"]
    """Tells the kinds of rows apart."""
    length_ns: int
    """The bucket's length; in rows of several agents, the sum over them."""
    status: list[StatusTime]
    """The time in each status, by basis; adds up to `length_ns`."""
    engagements: list[EngagementsTime]
    """The time with each number of engagements, by basis; adds up to `length_ns`."""
    concurrency_ns: int
    """The number of engagements, integrated over the bucket, in any status: two chats for an hour
    are two hours.
    """
    online_ns: int
    """The time in the status `online`."""
    busy_ns: int
    """The time online with at least one engagement."""
    occupancy: float | None
    """`busy_ns` divided by `online_ns`: the share of the time online with an engagement; `None` if
    never online.
    """


class AdherenceRow(_About):
    """A comparison of an agent with one entry of the schedule."""

    row: Literal["adherence"]
    """Tells the kinds of rows apart."""
    track: str
    """The track that is compared with the schedule."""
    scheduled_ns: int
    """The whole length of the schedule's line."""
    elapsed_ns: int
    """The part of it that had elapsed by `as_of`: the sum of `adherent_ns`, `out_ns` and
    `unknown_ns`.
    """
    adherent_ns: int
    """The time in a scheduled state."""
    out_ns: int
    """The time in another state."""
    unknown_ns: int
    """The time in which the state is unknown."""
    disputed_ns: int
    """How much of `elapsed_ns` is disputed."""
    inferred_ns: int
    """How much of `elapsed_ns` is inferred."""
    doubtful_ns: int
    """How much of `elapsed_ns` is doubtful."""
    adherence: float | None
    """`adherent_ns` divided by `elapsed_ns`; `None` if no time has elapsed."""


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
    """A time in which an agent did not keep to an entry of the schedule."""

    row: Literal["exception"]
    """Tells the kinds of rows apart."""
    track: str
    """The track that is compared with the schedule."""
    exception: ExceptionKind
    """How the agent did not keep to the line."""
    open: bool
    """Whether it still goes on at `as_of`, before the line ends."""
    scheduled_from: Instant
    """Where the schedule's line begins."""
    scheduled_to: Instant
    """Where it ends."""
    value: UnifiedStateValue | str | int | None
    """The last value in this time, as in the state. `None` if it is unknown."""
    out_ns: int
    """The part in another state than the scheduled ones."""
    unknown_ns: int
    """The part in which the state is unknown."""
    disputed_ns: int
    """How much of it is disputed."""
    inferred_ns: int
    """How much of it is inferred."""


class SessionsRow(_About):
    """When an agent logged in and out in one bucket."""

    row: Literal["sessions"]
    """Tells the kinds of rows apart."""
    length_ns: int
    """The bucket's length."""
    sessions: int
    """How many sessions have a part in the bucket."""
    logins: int
    """How many of them begin in it."""
    logouts: int
    """How many of them end in it."""
    first_login: Instant | None
    """The first login; `None` if no session begins in the bucket."""
    first_login_basis: Basis | None
    """How certain it is that the agent was offline before it; unknown if nothing says so."""
    last_logout: Instant | None
    """The last logout; `None` if no session ends in the bucket."""
    last_logout_basis: Basis | None
    """How certain it is that the session lasted until then; unknown if its end is not known."""
    session_ns: int
    """The time in sessions."""
    unknown_ns: int
    """The time of which nothing is known."""
    continued: bool
    """Whether a session goes on at the beginning of the bucket, begun before."""
    open: bool
    """Whether a session goes on at the end of the bucket."""


ReportRow = ChannelRow | UnifiedStateRow | ChatRow | AdherenceRow | ExceptionRow | SessionsRow
"""One row of a report. Fields that end in `_ns` are nanoseconds."""

_FromGiven = TypedDict("_FromGiven", {"from": InstantInput})


class Scheduled(_FromGiven):
    """One entry of a schedule: the states that an agent is scheduled to be in."""

    account_id: str
    """The id of the account."""
    agent_id: str
    """The id of the agent."""
    to: InstantInput
    """The end, exclusive."""
    track: NotRequired[str]
    """The track to compare. Default: `unified_state`."""
    states: list[str]
    """Ids or names of unified states, or the states of `track`."""


ScheduleWarningCode = Literal[
    "unknown_channel",
    "unknown_state",
]
"""What a word of a schedule names that is not known."""


class ScheduleWarning(TypedDict):
    """A word of a schedule that no agent ever had."""

    code: ScheduleWarningCode
    """What is not known."""
    path: str
    """Where the word stands first: a JSON Pointer into the schedule, such as `/3/states/0`."""
    message: str
    """The problem in words."""
    account_id: str
    """The account of the entry."""
    word: str
    """The word."""
    near: list[str]
    """The known words that are written most alike."""
    lines: int
    """How many entries have the word."""


class Correction(_From):
    """A row that differs between two reports."""

    row: Literal["channel", "unified_state", "chat", "adherence", "exception", "sessions"]
    """The kind of row."""
    account_id: str | None
    """The account; `None` in rows by channel, which cover all accounts."""
    agent_id: str | None
    """The agent; `None` in rows that roll up several."""
    group_id: NotRequired[str | None]
    """The group, in rows by group. `None` is for agents without a known group. By `group`, an agent
    counts fully in each of its groups, so these rows must not be added; by `group_split`, times
    add up.
    """
    channel: NotRequired[str]
    """The channel, in rows about one."""
    id: NotRequired[str | None]
    """The id of the unified state, in rows about one."""
    track: NotRequired[str]
    """The track that was compared, in rows about a schedule."""
    before: ReportRow | None
    """The row of the earlier report; `None` if it had none."""
    after: ReportRow | None
    """The row of the later report; `None` if it has none."""


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
    """One agent on one channel."""

    agent_id: str
    """The agent."""
    state: str | None
    """The state on the channel; `None` if it is unknown."""
    load: int
    """How many items are open."""
    load_least: int
    """How many of them are not doubtful: the load is at least this."""
    max_capacity: int | None
    """The maximum number of open items; `None` if it is unknown or there is no limit."""
    spare: int | None
    """How many more items the agent can take; `None` without a known limit."""
    accepting: bool | None
    """Whether the agent can take one more item; `None` if that is not known."""
    last_event_at: Instant
    """The instant of the agent's last accepted event."""
    doubts: list[Doubt]
    """Why this may be wrong; empty if nothing speaks against it."""


class StateCount(TypedDict):
    """The number of agents in one state; `None` is the unknown state."""

    state: str | None
    """The state; `None` if it is unknown."""
    agents: int
    """The number of agents."""


class ChannelFloor(TypedDict):
    """One channel of an account at an instant."""

    account_id: str
    """The account."""
    channel: str
    """The channel."""
    at: Instant
    """The instant that was asked for."""
    states: list[StateCount]
    """The number of agents in each state."""
    load: int
    """The number of open items of all its agents."""
    load_least: int
    """How many of them are not doubtful: the load is at least this."""
    max_capacity: int
    """The sum of the capacities of its online agents that have a limit."""
    spare: int
    """The number of items that the accepting agents with a limit can take."""
    accepting: int
    """The number of agents that can take one more item."""
    unlimited: int
    """The number of accepting agents without a limit."""
    unsure: int
    """The number of agents of which it is not known whether they accept."""
    doubtful: int
    """The number of agents with a doubt."""
    agents: list[FloorAgent]
    """Its agents, without those that have no access. First come the agents that can take one more
    item: by load, and of equal load, the one with more to spare first. Then come the agents of
    which that is not known, then the others.
    """


# Alerts

Length = float | str
"""A number of seconds, or a whole number and a unit, such as `90s`, `30m`, `8h` or `2d`."""


class StateThreshold(TypedDict):
    """How long an agent may be in a state."""

    state: str
    """The id or the name of a unified state, or a state on a channel."""
    channel: NotRequired[str | None]
    """The channel. Without it, the state is the unified state, or Chat's status of an agent who
    never had a unified state.
    """
    longer_than: Length
    """How long is too long."""


class NobodyFreeThreshold(TypedDict):
    """How long a channel may be without an agent who can take one more item."""

    channel: str
    """The channel."""
    group_id: NotRequired[str | None]
    """The group whose agents are meant; without it, all agents."""
    longer_than: Length
    """How long is too long."""


class LoadThreshold(TypedDict):
    """Which share of the capacity may be taken."""

    channel: NotRequired[str | None]
    """The channel; without it, every channel that no other threshold names."""
    share: float
    """The share: 0.9 is nine of ten items."""


class SilenceThreshold(TypedDict):
    """How long an agent who is logged in may be without an event."""

    longer_than: Length
    """How long nothing may be heard."""


class AccountSilenceThreshold(TypedDict):
    """How long all agents of an account may be without an event."""

    longer_than: Length
    """How long is too long."""
    while_logged_in: NotRequired[bool]
    """Whether somebody has to be logged in, so that a quiet night raises no alert. Default: false."""


class WorkItemThreshold(TypedDict):
    """How long a work item may be open."""

    channel: NotRequired[str | None]
    """The channel; without it, every channel that no other threshold names."""
    longer_than: Length
    """How long is too long."""


class Trust(TypedDict, total=False):
    """When an agent counts as doubtful."""

    near_seconds: float
    """How long an agent stays doubtful after an anomaly, in seconds. Default: 900."""
    silent_seconds: float
    """How long an agent may be silent before it is doubtful, in seconds. Default: 28800."""


class Thresholds(TypedDict, total=False):
    """How long and how much is too long and too much. What equals a threshold is not over it."""

    state: list[StateThreshold]
    """An agent is in a state for too long."""
    nobody_free: list[NobodyFreeThreshold]
    """No agent can take one more item on a channel for too long."""
    load: list[LoadThreshold]
    """An agent has too much of what it can take on a channel."""
    channel_load: list[LoadThreshold]
    """The agents of a channel together have too much of what they can take."""
    silence: SilenceThreshold | None
    """For too long, no event came of an agent who is logged in."""
    account_silence: AccountSilenceThreshold | None
    """For too long, no event came of any agent of an account."""
    work_item: list[WorkItemThreshold]
    """A work item is open for too long, so that its removal was probably lost: it is a ghost."""
    trust: Trust
    """When an alert is doubtful. It has no influence on which alerts there are."""


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
    """

    kind: AlertKind
    """What it is about."""
    account_id: str
    """The account."""
    agent_id: str | None
    """The agent; `None` if it is about a channel or an account."""
    channel: str | None
    """The channel; `None` if it is about no channel."""
    group_id: str | None
    """The group, if the threshold names one."""
    work_item_id: str | None
    """The work item, if it is about one."""
    state: str | None
    """The state that lasts for too long: a unified state's name, or its id if the name was never
    stated.
    """
    since: Instant
    """When the condition began. It is never later than the instant of the question."""
    for_ns: int
    """How long it has lasted, in nanoseconds."""
    threshold_ns: int | None
    """The length of time that it exceeds, in nanoseconds; `None` if it exceeds a share."""
    load: int | None
    """How many items are open, for a load."""
    max_capacity: int | None
    """How many items the agents can have, for a load."""
    share: float | None
    """`load` divided by `max_capacity`; `None` too if that is 0."""
    threshold_share: float | None
    """The share that it exceeds."""
    unsure: int | None
    """The number of agents of which it is not known whether they can take one more item, if nobody
    is known to be free.
    """
    doubts: list[Doubt]
    """Why it may be wrong; empty if nothing speaks against it."""
    episode: str
    """The episode: a text that stays the same as long as the condition lasts, and that no other
    condition has.
    """


class Episode(TypedDict):
    """An alert that was reported and had not ended at the last look. Store it."""

    alert: Alert
    """The alert as it was last seen. Its episode is the one that was reported."""
    told_at: Instant
    """When it was reported."""
    seen_at: Instant
    """When it was last seen."""


class Episodes(TypedDict):
    """What `episodes` returns."""

    began: list[Alert]
    """The alerts to report: their episodes have begun since the last look."""
    continued: list[Alert]
    """The alerts that were reported and go on."""
    ended: list[Alert]
    """The alerts that were reported and have ended, as they were last seen, by subject."""
    told: list[Episode]
    """What to store and to pass at the next look."""


Turn = Literal["began", "ended"]
"""What a message says about an alert."""

MessageForm = Literal["agentfold", "slack"]
"""The form of a message about an alert."""


class AlertNames(TypedDict, total=False):
    """The names of agents and groups, by id. Whoever has no name is named by the id."""

    agents: dict[str, str]
    """The names of agents, by id."""
    groups: dict[str, str]
    """The names of groups, by id."""


class AlertMessage(TypedDict):
    """The body of a message about an alert."""

    type: Literal["agentfold.alert_began", "agentfold.alert_ended"]
    """`agentfold.alert_began` or `agentfold.alert_ended`."""
    account_id: str
    """The account."""
    at: Instant
    """When the alert was found, or found to be over."""
    text: str
    """The alert in a sentence."""
    alert: Alert
    """The alert; one that ended, as it was last seen."""


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
    """What differs."""
    track: None
    """The track, as the contract writes it: `state[support]`, `work_item[7]@talk`."""
    aspect: None
    """What the track is about."""
    channel: None
    """The channel, if the track belongs to one."""
    work_item: None
    """The work item's id, if the track is a work item's."""
    fold: int | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: int | None
    """The value in the record; `None` for none."""


class UnifiedStateDifference(_OfAgent):
    """A difference in the unified state. `fold` and `record` are the ids of the states."""

    difference: Literal["unified_state"]
    """What differs."""
    aspect: Literal["unified_state"]
    """What the track is about."""
    fold: str | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: str | None
    """The value in the record; `None` for none."""


class GroupsDifference(_OfAgent):
    """A difference in the ids of the groups."""

    difference: Literal["groups"]
    """What differs."""
    aspect: Literal["groups"]
    """What the track is about."""
    fold: list[str] | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: list[str] | None
    """The value in the record; `None` for none."""


class StateDifference(_OfChannel):
    """A difference in the state on a channel."""

    difference: Literal["state"]
    """What differs."""
    aspect: Literal["state"]
    """What the track is about."""
    fold: str | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: str | None
    """The value in the record; `None` for none."""


class MaxCapacityDifference(_OfChannel):
    """A difference in the maximum number of open items on a channel."""

    difference: Literal["max_capacity"]
    """What differs."""
    aspect: Literal["max_capacity"]
    """What the track is about."""
    fold: int | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: int | None
    """The value in the record; `None` for none."""


class WorkItemDifference(_OfWorkItem):
    """An item that is open in one of both only. `fold` and `record` are its reason."""

    difference: Literal["ghost_item", "unheard_item"]
    """What differs."""
    aspect: Literal["work_item"]
    """What the track is about."""
    fold: str | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: str | None
    """The value in the record; `None` for none."""


class ItemCountDifference(_OfChannel):
    """A difference in the number of open items on a channel."""

    difference: Literal["item_count"]
    """What differs."""
    aspect: Literal["load"]
    """What the track is about."""
    fold: int | None
    """The value in the fold; `None` for none. For a work item it is the reason."""
    record: int | None
    """The value in the record; `None` for none."""


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
    """The id of the agent."""
    start_time: Instant
    """When the row begins."""
    status: str
    """The chat status."""
    engagement_count: int
    """The number of engagements."""
    duration: float
    """The length in seconds."""


class TimelineDifference(_FromTo):
    """A period for which a fold and `agent_timeline` differ."""

    account_id: str
    """The account."""
    agent_id: str
    """The agent, unique within the account."""
    fold_status: str | None
    """The status in the fold; `None` if it is unknown."""
    fold_engagements: int | None
    """The number of engagements in the fold; `None` if it is unknown."""
    basis: Basis
    """How certain the fold's values are."""
    row_status: str
    """The status in the row."""
    row_engagements: int
    """The number of engagements in the row."""


# Webhooks


class Signed(TypedDict):
    """A verified signature."""

    secret: int
    """The index of the secret that signed the delivery, from 0. Once the old secret no longer
    appears here, you can remove it.
    """
    at: Instant
    """When the delivery was signed."""


class ReceivedStateChanged(ParsedStateChanged):
    """A verified and parsed delivery of type `agent.state_changed`."""

    signed: Signed
    """The signature."""


class ReceivedWorkItemAdded(ParsedWorkItemAdded):
    """A verified and parsed delivery of type `agent.work_item_added`."""

    signed: Signed
    """The signature."""


class ReceivedWorkItemUpdated(ParsedWorkItemUpdated):
    """A verified and parsed delivery of type `agent.work_item_updated`."""

    signed: Signed
    """The signature."""


class ReceivedWorkItemRemoved(ParsedWorkItemRemoved):
    """A verified and parsed delivery of type `agent.work_item_removed`."""

    signed: Signed
    """The signature."""


class ReceivedMaxCapacityChanged(ParsedMaxCapacityChanged):
    """A verified and parsed delivery of type `agent.max_capacity_changed`."""

    signed: Signed
    """The signature."""


class ReceivedUnifiedStateChanged(ParsedUnifiedStateChanged):
    """A verified and parsed delivery of type `agent.unified_state_changed`."""

    signed: Signed
    """The signature."""


class ReceivedChannelCreated(ParsedChannelCreated):
    """A verified and parsed delivery of type `agent.channel_created`."""

    signed: Signed
    """The signature."""


class ReceivedChannelDeleted(ParsedChannelDeleted):
    """A verified and parsed delivery of type `agent.channel_deleted`."""

    signed: Signed
    """The signature."""


class ReceivedGroupsUpdated(ParsedGroupsUpdated):
    """A verified and parsed delivery of type `agent.groups_updated`."""

    signed: Signed
    """The signature."""


class ReceivedStatus(ParsedStatus):
    """A verified and parsed record of the Chat export with field `status`."""

    signed: Signed
    """The signature."""


class ReceivedEngagements(ParsedEngagements):
    """A verified and parsed record of the Chat export with field `engagements`."""

    signed: Signed
    """The signature."""


class ReceivedUnknown(UnknownEvent):
    """A verified delivery of an unknown type."""

    signed: Signed
    """The signature."""


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
    """The optional arguments of `receive`: what to verify, and how to read the event."""

    tolerance_seconds: float
    """The maximum distance between `now` and the signed timestamp. Default: 300."""
    account_id: Id
    """The account that the secrets belong to. Deliveries that name a different account are refused."""
    for_tests: bool
    """Whether to accept secrets that are public. Default: `False`."""


class StoredElsewhere(TypedDict):
    """The result of storing an event outside of a fold."""

    outcome: Outcome | Literal["unreadable"]
    """What became of the event."""
    issues: NotRequired[list[Issue]]
    """The reasons, if the event is `unreadable`."""
    changes: NotRequired[list[Change]]
    """The changes in the current state, if they are known."""


Stored = Applied | StoredElsewhere
"""The result of storing an event: the result of `Fold.apply`, or only an outcome."""


class _Answered(TypedDict):
    status: int
    """The HTTP status to answer with, without a body."""
    changes: list[Change]
    """The changes in the current state."""


class AnsweredStored(_Answered):
    """The result of a verified delivery that was stored."""

    outcome: Outcome
    """What became of the event."""
    event: Received
    """The event."""


class AnsweredUnreadable(_Answered):
    """The result of a verified delivery whose body could not be read as an event."""

    outcome: Literal["unreadable"]
    """The signature is valid, but the body could not be read as an event."""
    issues: list[Issue]
    """The reasons."""


class AnsweredRefused(_Answered):
    """The result of a delivery that failed verification; its sender is unknown."""

    outcome: Literal["untrusted", "too_large"]
    """The delivery failed verification; its sender is unknown."""
    flaws: list[Flaw]
    """The reasons. Do not send them out."""


class AnsweredNotStored(_Answered):
    """The result of a verified delivery that could not be stored. `error` is the exception."""

    outcome: Literal["not_stored"]
    """The event could not be stored."""
    error: Exception
    """The exception that `apply` raised."""


Answered = AnsweredStored | AnsweredUnreadable | AnsweredRefused | AnsweredNotStored
"""The result of `web.receive`: the status to return, and the changes in the current state."""

# The Chat export


class ExportRequest(TypedDict):
    """A GET request to send. Add the host and the credentials."""

    max_bytes: int
    """The maximum size of a reply's body in bytes, uncompressed. Stop reading a body that has more,
    and hand over what was read: the cursor refuses it.
    """
    step: Literal["request"]
    """Tells a request from a pause."""
    path: str
    """The path."""
    query: str
    """The query, encoded, without `?`."""


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
    """Tells a pause from a request or a page."""
    reason: PauseReason
    """Why to wait."""
    seconds: float
    """How long to wait."""


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
    """What is odd about a page or one of its records. The pull goes on."""

    code: NoteCode
    """The kind of oddity."""
    path: str
    """The location: a JSON Pointer into the body."""
    message: str
    """The oddity in words. It contains no value from the reply."""


class ExportApart(ExportNote):
    """A record of a page that is kept apart from its events, and why."""

    record: str
    """The record as received: a JSON text."""


class ExportPage(TypedDict):
    """The new events of a reply. Store them before you save the cursor."""

    step: Literal["page"]
    """Tells a page from a pause."""
    events: list[str]
    """The events as received, one JSON text each."""
    apart: list[ExportApart]
    """The records that are not events, or are dated too far ahead. They are not in `events`. Each is
    returned once.
    """
    warnings: list[ExportNote]
    """Where the page's `count`, `next_page` or size disagrees with what came. A cursor reports each
    kind once.
    """
    repeats: int
    """The number of events left out because they were returned before, or are older than `since`."""
    is_last: bool
    """Whether there are no more events for now."""


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
    """The HTTP status."""
    body: str
    """The body: JSON."""


class ToldCorrection(TypedDict):
    """An exported event that has changed since: it would be exported differently now."""

    before: ChatEvent | None
    """The event as exported; `None` if it was not exported."""
    after: ChatEvent | None
    """The event as it would be exported now; `None` if it would not be."""
