"""The libraries that agentfold is compared with.

Each reads the events and stores them in a dict in which the latest arrival wins. None of them keeps
history or recognises duplicates.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
import orjson


class Detail(msgspec.Struct):
    """The agent of an event."""

    account_id: str
    agent_id: str
    version: str


class State(msgspec.Struct):
    """A unified state."""

    id: str
    name: str
    reason: str


class Capacity(msgspec.Struct):
    """The maximum capacity of a channel."""

    current: int | None
    previous: int | None


class StateChange(msgspec.Struct):
    """A state on a channel."""

    updated_at: datetime
    previous_state: str
    new_state: str
    channel: str


class Item(msgspec.Struct):
    """A work item."""

    updated_at: datetime
    work_item_id: str
    channel: str
    previous_reason: str | None = None
    reason: str | None = None


class Capacities(msgspec.Struct):
    """Maximum capacities, by channel."""

    updated_at: datetime
    max_capacity: dict[str, Capacity] = msgspec.field(name="maxCapacity")


class UnifiedChange(msgspec.Struct):
    """A unified state now and before."""

    updated_at: datetime
    previous_unified_state: State
    new_unified_state: State


class Channel(msgspec.Struct):
    """A channel."""

    updated_at: datetime
    channel: str


class Groups(msgspec.Struct):
    """Groups now and before."""

    updated_at: datetime
    previous_group_ids: list[str]
    new_group_ids: list[str]


class Delivery(msgspec.Struct, tag_field="type"):
    """The fields of all deliveries."""

    account_id: int
    detail: Detail
    id: str
    subject: str
    time: datetime
    zendesk_event_version: str


def delivery(name: str, body: Any) -> Any:
    """Returns a type of delivery, tagged by its `type`."""
    tag = f"zen:event-type:agent.{name}"
    return msgspec.defstruct(name, [("event", body)], bases=(Delivery,), tag=tag, kw_only=True)


def union() -> Any:
    """Returns the union of the nine types."""
    bodies = {
        "state_changed": StateChange,
        "work_item_added": Item,
        "work_item_updated": Item,
        "work_item_removed": Item,
        "max_capacity_changed": Capacities,
        "unified_state_changed": UnifiedChange,
        "channel_created": Channel,
        "channel_deleted": Channel,
        "groups_updated": Groups,
    }
    first, *others = (delivery(name, body) for name, body in bodies.items())
    for other in others:
        first |= other
    return first


DECODER = msgspec.json.Decoder(union())


def fold_msgspec(data: bytes) -> int:
    """Reads with msgspec, typed as a tagged union."""
    last: dict[Any, Any] = {}
    for read in DECODER.decode_lines(data):
        body = read.event
        channel, item = getattr(body, "channel", None), getattr(body, "work_item_id", None)
        last[read.detail.agent_id, type(read), channel, item] = body
    return len(last)


class Id(msgspec.Struct, gc=False):
    """The one field of a unified state that a fold needs."""

    id: str


class Agent(msgspec.Struct, gc=False):
    """The one field of an agent that a fold needs."""

    agent_id: str


class Body(msgspec.Struct, gc=False):
    """The fields of all types that a fold needs. Instants stay text."""

    updated_at: str
    channel: str | None = None
    work_item_id: str | None = None
    new_state: str | None = None
    reason: str | None = None
    max_capacity: dict[str, dict[str, int | None]] | None = msgspec.field(
        name="maxCapacity", default=None
    )
    new_unified_state: Id | None = None
    new_group_ids: list[str] | None = None


class Needed(msgspec.Struct, gc=False):
    """The fields of a delivery that a fold needs."""

    type: str
    detail: Agent
    event: Body


NEEDED = msgspec.json.Decoder(Needed)


def fold_needed(deliveries: Iterable[Needed]) -> int:
    """Stores the bodies of deliveries."""
    last: dict[Any, Any] = {}
    for read in deliveries:
        body = read.event
        last[read.detail.agent_id, read.type, body.channel, body.work_item_id] = body
    return len(last)


def fold_skilled(data: bytes) -> int:
    """Reads with msgspec what is needed, all lines in one call: the fastest way that it has."""
    return fold_needed(NEEDED.decode_lines(data))


def fold_skilled_by_line(data: bytes) -> int:
    """Reads with msgspec what is needed, line by line, which does not hold all deliveries at once."""
    return fold_needed(map(NEEDED.decode, data.splitlines()))


def fold_dicts(events: Iterable[Any]) -> int:
    """Stores parsed dicts."""
    last: dict[Any, Any] = {}
    for read in events:
        body = read["event"]
        key = (read["detail"]["agent_id"], read["type"], body.get("channel"), body.get("work_item_id"))
        last[key] = body
    return len(last)


def fold_orjson(data: bytes) -> int:
    """Reads with orjson, without types or checks."""
    return fold_dicts(map(orjson.loads, data.splitlines()))


def fold_json(data: bytes) -> int:
    """Reads with the standard library, without types or checks."""
    return fold_dicts(map(json.loads, data.splitlines()))
