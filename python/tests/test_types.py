"""What type checkers narrow. The tests run too, to show that the data has these types."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from vectors import VECTORS, cases

from agentfold import Fold, types

if sys.version_info >= (3, 11):
    from typing import assert_type
elif sys.version_info < (3, 11):
    from typing_extensions import assert_type

WINDOW = {"from_": "2023-04-05T20:00:00Z", "to": "2023-04-07T00:00:00Z"}


@pytest.fixture(scope="module")
def applied() -> tuple[Fold, list[types.Change]]:
    """Returns a fold of many kinds of events, and the changes of each event."""
    fold = Fold()
    changes: list[types.Change] = []
    for path in sorted((VECTORS / "fold").glob("stream_0*")):
        events: list[Any] = [case.get("step", {}).get("event") for case in cases(path)]
        for one in fold.apply_many([event for event in events if event]):
            changes += one["changes"]
    assert len(changes) > 1000
    return fold, changes


def test_checks_of_aspect_and_part_narrow_changes(applied: tuple[Fold, list[types.Change]]) -> None:
    seen: set[tuple[types.Aspect, types.Part]] = set()
    for change in applied[1]:
        seen.add((change["aspect"], change["part"]))
        if change["part"] != "value":
            assert_type(change["from"], str | None)
            assert isinstance(change["to"], str | None)
            assert change["track"].endswith(f".{change['part']}")
        elif change["aspect"] == "state":
            assert_type(change["to"], str | None)
            assert_type(change["channel"], str)
            assert_type(change["work_item"], None)
            assert change["track"] == f"state[{change['channel']}]"
        elif change["aspect"] == "unified_state":
            assert_type(change["channel"], None)
            state = change["to"] or change["from"]
            assert state
            assert_type(state["name"], str | None)
            assert state.keys() == {"id", "name", "reason"}
        elif change["aspect"] == "work_item":
            assert_type(change["work_item"], str)
            item = change["to"] or change["from"]
            assert item
            assert_type(item["reason"], str | None)
            assert item["open"] is True
        elif change["aspect"] == "groups":
            assert_type(change["to"], list[str] | None)
            assert isinstance(change["to"], list)
        elif change["aspect"] == "max_capacity" or change["aspect"] == "chat_engagements":
            assert_type(change["to"], int | None)
            assert isinstance(change["to"], int | None)
        elif change["aspect"] == "chat_status":
            assert_type(change["to"], str | None)
            assert isinstance(change["to"], str)
        else:
            assert_type(change["to"], bool | None)
            assert isinstance(change["to"], bool | None)
    assert len(seen) == 15


def test_a_check_of_aspect_narrows_intervals(applied: tuple[Fold, list[types.Change]]) -> None:
    fold, seen = applied[0], set[types.Aspect]()
    for interval in [one for agent in fold for one in fold.intervals(agent, **WINDOW)]:
        seen.add(interval["aspect"])
        if interval["aspect"] == "state" or interval["aspect"] == "chat_status":
            assert_type(interval["value"], str | None)
            assert isinstance(interval["value"], str | None)
        elif interval["aspect"] == "access":
            assert_type(interval["value"], bool | None)
            assert isinstance(interval["value"], bool | None)
        elif interval["aspect"] == "groups":
            assert_type(interval["value"], list[str] | None)
            assert isinstance(interval["value"], list | None)
        elif interval["aspect"] == "unified_state":
            assert_type(interval["value"], types.UnifiedStateValue | None)
            assert interval["channel"] is None
        elif interval["aspect"] == "work_item":
            assert_type(interval["value"], types.WorkItemValue | None)
            assert_type(interval["channel"], str)
            assert_type(interval["work_item"], str)
            assert interval["track"] == f"work_item[{interval['work_item']}]@{interval['channel']}"
        else:
            assert_type(interval["value"], int | None)
            assert isinstance(interval["value"], int | None)
    assert len(seen) == 8


def test_checks_of_anomaly_and_aspect_narrow_anomalies(
    applied: tuple[Fold, list[types.Change]],
) -> None:
    seen: set[str] = set()
    for anomaly in applied[0].anomalies():
        seen.add(anomaly["anomaly"])
        if anomaly["anomaly"] == "missing_versions":
            assert_type(anomaly["ranges"], list[list[int]])
        elif anomaly["anomaly"] == "version_disorder":
            assert_type(anomaly["version"], int)
        elif anomaly["aspect"] != "work_item":
            assert_type(anomaly["work_item"], None)
            assert anomaly["work_item"] is None
        elif anomaly["anomaly"] == "conflict":
            assert_type(anomaly["channel"], None)
            assert anomaly["channel"] is None
            assert anomaly["track"] == f"work_item[{anomaly['work_item']}]"
        else:
            assert_type(anomaly["channel"], str)
            assert isinstance(anomaly["channel"], str)
    assert len(seen) == 5


def test_a_check_of_difference_narrows_differences() -> None:
    fold = Fold()
    seen: set[types.Differs] = set()
    for case in cases(VECTORS / "rest" / "record.ndjson"):
        step = case.get("step", {})
        if "event" in step:
            fold.apply(step["event"])
        elif step.get("op") == "seed":
            fold.seed(step["account_id"], step["page"], step["at"])
        elif step.get("op") == "reconcile":
            for difference in fold.reconcile(step["account_id"], step["page"]):
                seen.add(difference["difference"])
                if difference["difference"] == "version":
                    assert_type(difference["fold"], int | None)
                    assert_type(difference["track"], None)
                    assert isinstance(difference["record"], int | None)
                elif difference["difference"] == "groups":
                    assert_type(difference["record"], list[str] | None)
                    assert isinstance(difference["record"], list)
                elif difference["difference"] == "item_count":
                    assert_type(difference["fold"], int | None)
                    assert_type(difference["channel"], str)
                    assert difference["track"] == f"load[{difference['channel']}]"
                elif difference["difference"] == "ghost_item":
                    assert_type(difference["fold"], str | None)
                    assert_type(difference["work_item"], str)
                    assert difference["aspect"] == "work_item"
    assert len(seen) > 4
