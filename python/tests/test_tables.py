"""The options of tables: which rows and columns they have, and how values are stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from conftest import Event
from vectors import VECTORS, cases

from agentfold import AgentfoldError, Fold, buckets, parse_names, read_events, to_ns, types

pa: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed: no tables to compare")

WINDOW: dict[str, Any] = {"from_": "2023-04-05T20:00:00Z", "to": "2023-04-07T00:00:00Z"}
HOURS = buckets(**WINDOW, every="6h")
SCHEDULE: list[types.Scheduled] = [
    {
        "account_id": "2",
        "agent_id": "10011",
        "from": "2023-04-05T20:00:00Z",
        "to": "2023-04-06T04:00:00Z",
        "states": ["online"],
    }
]
TABLES: dict[str, dict[str, Any]] = {
    "events": {},
    "agents": {},
    "work_items": WINDOW,
    "intervals": WINDOW,
    "report": {"buckets": HOURS},
    "sessions": {"buckets": HOURS},
    "adherence": {"schedule": SCHEDULE, "as_of": WINDOW["to"]},
    "exceptions": {"schedule": SCHEDULE, "as_of": WINDOW["to"]},
    "anomalies": {},
}


@pytest.fixture(scope="module")
def fold() -> Fold:
    """Returns a fold of many kinds of events of both feeds."""
    fold = Fold()
    for path in sorted([*(VECTORS / "fold").glob("stream_*"), *(VECTORS / "measure").glob("*.ndjson")]):
        found: list[Any] = [case.get("step", {}).get("event") for case in cases(path)]
        fold.read([event for event in found if event])
    assert len(fold) > 10
    return fold


def table(fold: Fold, name: Any, **options: Any) -> Any:
    return pa.table(fold.to_arrow(name, **TABLES[name], **options))


def kinds_of(kind: Any) -> set[Any]:
    """Returns the types of a column and of what is in it."""
    if pa.types.is_struct(kind):
        return {one for field in kind for one in kinds_of(field.type)}
    return kinds_of(kind.value_type) if pa.types.is_list(kind) else {kind}


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_rows_and_can_be_read_again(fold: Fold, name: Any) -> None:
    stream = fold.to_arrow(name, **TABLES[name])
    rows = pa.table(stream)
    assert rows.num_rows > 0
    assert pa.table(stream) == rows
    assert pa.schema(stream) == rows.schema


def test_sessions_adherence_and_exceptions_equal_the_lists(fold: Fold) -> None:
    lists: dict[str, list[Any]] = {
        "sessions": list(fold.sessions(HOURS)),
        "adherence": list(fold.adherence(SCHEDULE * 600, WINDOW["to"])),
        "exceptions": list(fold.exceptions(SCHEDULE * 600, WINDOW["to"])),
    }
    keywords: dict[str, Any] = {"schedule": SCHEDULE * 600, "as_of": WINDOW["to"]}
    for name, rows in lists.items():
        given = {"buckets": HOURS} if name == "sessions" else keywords
        found = pa.table(fold.to_arrow(name, **given))  # type: ignore[call-overload]
        assert found.num_rows == len(rows) > 10
        assert found.column_names == list(rows[0])
        for column in ("row", "agent_id", "unknown_ns"):
            assert found.column(column).to_pylist() == [row[column] for row in rows]
        instants = [value.value for value in found.column("from")]
        assert instants == [to_ns(row["from"]) for row in rows]


@pytest.mark.parametrize("by", get_args(types.RollUp))
def test_rows_of_some_kinds_have_the_columns_of_these_kinds(fold: Fold, by: types.RollUp) -> None:
    whole = fold.report(HOURS, by)
    for kind in get_args(types.RowKind):
        rows = fold.report(HOURS, by, rows=kind)
        assert rows == [row for row in whole if row["row"] == kind]
        assert rows == list(fold.report_rows(HOURS, by, rows=kind))
        assert rows or (by == "channel" and kind != "channel")
        found = table(fold, "report", by=by, rows=kind)
        assert found.num_rows == len(rows)
        if rows:
            assert set(found.column_names) == set(rows[0])
    two: list[types.RowKind] = ["channel", "unified_state"]
    rows = fold.report(HOURS, by, rows=two)
    assert {row["row"] for row in rows} <= set(two)
    found = table(fold, "report", by=by, rows=two)
    assert found.column("row").to_pylist() == [row["row"] for row in rows]
    assert set(found.column_names) >= {key for row in rows for key in row}
    assert "concurrency_ns" not in found.column_names


def test_a_sparse_report_leaves_out_what_is_unknown(event: Event) -> None:
    fold = Fold()
    fold.read([event(1), event(2, agent="7")])
    end = "2026-01-05T09:00:00Z"
    hours = buckets(from_="2026-01-05T07:00:00Z", to=end, every="1h", as_of=end)
    whole, sparse = fold.report(hours), fold.report(hours, sparse=True)
    assert len(whole) == 2 * 2 * 3
    # Without the Chat export, and without unified states, these are the channels from 8 o'clock on.
    assert sparse == [
        row for row in whole if row["row"] == "channel" and row["from"] == "2026-01-05T08:00:00Z"
    ]
    found = pa.table(fold.to_arrow("report", buckets=hours, sparse=True))
    assert found.column("agent_id").to_pylist() == ["7", "10011"]
    assert found.column_names == pa.table(fold.to_arrow("report", buckets=hours)).column_names


def test_a_selection_is_for_tables_of_agents_too(fold: Fold) -> None:
    agents = fold.agents()[::3]
    for name in ("events", "agents", "work_items", "intervals", "report", "sessions", "anomalies"):
        found = table(fold, name, selection={"agents": agents}, strings="plain")
        whole = table(fold, name, strings="plain")
        places = [
            place
            for place, agent in enumerate(
                zip(*(whole.column(key).to_pylist() for key in ("account_id", "agent_id")), strict=True)
            )
            if agent in agents
        ]
        assert 0 < len(places) < whole.num_rows
        assert found == whole.take(places)
        assert table(fold, name, selection={"accounts": ["999"]}).num_rows == 0
    for name in ("events", "agents", "intervals", "anomalies"):
        found = table(fold, name, selection={"channels": ["support"]})
        assert set(found.column("channel").to_pylist()) == {"support"}
    items = table(fold, "work_items", selection={"channels": ["support"]})
    assert items.num_rows > 0
    for moves in items.column("moves").to_pylist():
        assert "support" in {move["channel"] for move in moves}
    groups: set[str] = {group for state in fold.values() for group in state["group_ids"] or []}
    group = min(groups)
    states = table(fold, "agents", selection={"groups": [group]})
    assert states.num_rows > 0
    assert all(group in ids for ids in states.column("group_ids").to_pylist())
    assert set(states.column("agent_id").to_pylist()) == {
        agent.agent_id for agent, state in fold.items() if group in (state["group_ids"] or [])
    }


@pytest.mark.parametrize("name", TABLES)
def test_values_are_stored_as_options_say(fold: Fold, name: Any) -> None:
    usual, other = (
        table(fold, name),
        table(fold, name, strings="plain", unit="us", durations="seconds"),
    )
    found = {one for field in other.schema for one in kinds_of(field.type)}
    assert not any(pa.types.is_dictionary(one) for one in found)
    assert pa.timestamp("ns", "UTC") not in found
    assert other.num_rows == usual.num_rows
    for field, stored in zip(usual.schema, other.schema, strict=True):
        values, others = usual.column(field.name), other.column(stored.name)
        if pa.types.is_dictionary(field.type):
            assert stored.type == pa.string()
            assert others.to_pylist() == values.to_pylist()
        elif pa.types.is_timestamp(field.type):
            assert stored.type == pa.timestamp("us", "UTC")
            rounded = [one.value and one.value // 1000 for one in values]
            assert [one.value for one in others] == rounded
        elif field.name == "ns" or field.name.endswith("_ns"):
            assert stored.name == field.name[:-2] + "s"
            seconds = [None if ns is None else ns / 1e9 for ns in values.to_pylist()]
            assert others.to_pylist() == pytest.approx(seconds)
        else:
            assert stored.name == field.name


def test_milliseconds_hold_every_instant() -> None:
    record = (
        b'{"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a", "value": "away",'
        b' "timestamp": "1969-12-31T23:59:59.9995Z"}'
    )
    fold = Fold()
    fold.read(record)
    end = "9999-01-01T00:00:00Z"
    year: dict[str, Any] = {"from_": "0001-01-01T00:00:00Z", "to": end, "as_of": end}
    found = pa.table(fold.to_arrow("intervals", track="chat_status", unit="ms", **year))
    instants = [value.value for value in found.column("from")]
    assert instants == [to_ns(year["from_"]) // 10**6, -1]


def test_a_flat_table_has_a_column_for_each_field(fold: Fold) -> None:
    nested, flat = table(fold, "agents").flatten(), table(fold, "agents", flat=True)
    assert flat.column_names == [name.replace(".", "_") for name in nested.column_names]
    assert {"unified_state_name", "unified_state_reason", "chat_status"} <= set(flat.column_names)
    assert flat.columns == nested.columns
    times = table(fold, "report", flat=True, rows="channel", durations="seconds")
    assert {"offer_time_count", "offer_time_p50_s", "handle_time_sum_s"} <= set(times.column_names)
    rows = fold.report(HOURS, rows="channel")
    medians = [row["handle_time"]["p50_ns"] for row in rows if row["row"] == "channel"]
    seconds = [None if ns is None else ns / 1e9 for ns in medians]
    assert times.column("handle_time_p50_s").to_pylist() == pytest.approx(seconds)

    expected: list[Any] = []
    for interval in [one for agent in fold for one in fold.intervals(agent, **WINDOW)]:
        value: Any = interval["value"]
        parts: Any = value if hasattr(value, "keys") else {}
        expected.append([parts.get(key) for key in ("id", "name", "reason")])
    for strings in ("dictionary", "plain"):
        found = table(fold, "intervals", flat=True, strings=strings)
        keys = ("value_id", "value_name", "value_reason")
        columns = [found.column(key).to_pylist() for key in keys]
        assert [list(row) for row in zip(*columns, strict=True)] == expected
    assert any(row[1] for row in expected)


def test_names_of_agents_and_groups_are_columns_and_keys(fold: Fold) -> None:
    agent = fold.report(HOURS)[-1]["agent_id"]
    assert agent
    groups = {row.get("group_id") for row in fold.report(HOURS, "group")}
    group = min(one for one in groups if one and one.isdecimal())
    names = parse_names({"agents": {agent: "Ann Lee"}, "groups": {group: "Night"}})
    for name in TABLES:
        found = table(fold, name, names=names)
        ids, named = (found.column(key).to_pylist() for key in ("agent_id", "agent_name"))
        assert named == ["Ann Lee" if one == agent else None for one in ids]
        assert found.column_names.index("agent_name") == found.column_names.index("agent_id") + 1
    rows = fold.report(HOURS, "group", names=names)
    found = table(fold, "report", by="group", names=names, strings="plain")
    # Ids are numbers: `"07"` is the group 7.
    same = {one for one in groups if one and one.isdecimal() and int(one) == int(group)}
    named = ["Night" if row.get("group_id") in same else None for row in rows]
    assert "Night" in named
    assert [row.get("group_name") for row in rows] == named
    assert found.column("group_name").to_pylist() == named
    by_agent = fold.report(HOURS, names=names)
    assert list(fold.report_rows(HOURS, names=names)) == by_agent
    assert {row.get("agent_name") for row in by_agent if row["agent_id"] == agent} == {"Ann Lee"}
    assert all("group_name" not in row for row in by_agent)


def test_tables_of_events_are_stored_as_options_say(event: Event) -> None:
    found = pa.table(read_events([event(1)]).to_arrow(dialect="spark", flat=True))
    assert found.schema.field("at").type == pa.timestamp("us", "UTC")
    assert found.schema.field("version").type == pa.int64()
    assert found.column("agent_id").to_pylist() == ["10011"]
    assert "new_unified_state_name" in found.column_names
    with pytest.raises(AgentfoldError, match="durations"):
        read_events([]).to_arrow(durations="minutes")  # type: ignore[arg-type]


def test_the_dialect_of_spark_has_types_of_spark(fold: Fold) -> None:
    takes = {pa.string(), pa.bool_(), pa.int64(), pa.float64(), pa.timestamp("us", "UTC")}
    for name in TABLES:
        found = table(fold, name, dialect="spark")
        assert {one for field in found.schema for one in kinds_of(field.type)} <= takes
        milliseconds = table(fold, name, dialect="spark", unit="ms")
        assert milliseconds.num_rows == found.num_rows > 0


def test_an_unknown_word_lists_the_right_ones(fold: Fold) -> None:
    ask: Callable[..., Any] = fold.to_arrow
    wrong: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"table": "reports"}, "/table", list(TABLES)),
        ({"unit": "s"}, "/unit", ["ns", "us", "ms"]),
        ({"strings": "utf8"}, "/strings", ["dictionary", "plain"]),
        ({"durations": "ms"}, "/durations", ["ns", "seconds"]),
        ({"dialect": "pandas"}, "/dialect", ["arrow", "spark"]),
        ({"rows": "status"}, "/rows", ["channel", "unified_state", "chat"]),
        ({"rows": ["channel", "status"]}, "/rows", ["channel", "unified_state", "chat"]),
        ({"by": "team"}, "/by", list(get_args(types.RollUp))),
        ({"rows": 1}, "/rows", []),
        ({"flat": "yes"}, "/flat", []),
    ]
    for keywords, path, words in wrong:
        with pytest.raises(AgentfoldError) as refused:
            ask(**{"table": "report", "buckets": HOURS, **keywords})
        assert refused.value.path == path
        assert all(f"`{word}`" in refused.value.message for word in words), refused.value.message
    with pytest.raises(AgentfoldError) as refused:
        fold.report(HOURS, rows="status")  # type: ignore[arg-type]
    assert refused.value.path == "/rows"
