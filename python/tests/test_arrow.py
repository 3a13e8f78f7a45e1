"""Arrow tables: their contents, the libraries that read them, and reading events from them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Event
from schemas import records, webhooks
from vectors import REPOSITORY, VECTORS, cases, paths

from agentfold import AgentfoldError, Fold, buckets, read_events, to_instant, to_ns, types

pa: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed: no tables to compare")

FIRST, LAST = "1677-09-21T00:12:43.145224193Z", "2262-04-11T23:47:16.854775807Z"
WINDOW: dict[str, Any] = {"from_": "2023-04-05T20:00:00Z", "to": "2023-04-07T00:00:00Z"}


def stream(path: Path) -> list[bytes]:
    found = [case["step"]["event"] for case in cases(path) if "event" in case.get("step", {})]
    return [json.dumps(event).encode() for event in found]


@pytest.fixture(scope="module")
def events() -> list[bytes]:
    """Returns events of many kinds and both feeds, some repeated, late or inconsistent."""
    folders = [*(VECTORS / "fold").glob("stream_*"), *(VECTORS / "measure").glob("*.ndjson")]
    found = [event for path in sorted(folders) for event in stream(path)]
    assert len(found) > 2500
    return [*found, b'{"type": "zen:event-type:agent.napped", "id": 1}', b"{}"]


@pytest.fixture(scope="module")
def fold(events: list[bytes]) -> Fold:
    fold = Fold()
    fold.read(events)
    assert len(fold) > 10
    return fold


def fitting(value: int) -> int | None:
    """Returns a number, or `None` if it does not fit into 64 bits."""
    return value if -(2**63) < value < 2**63 else None


def same(value: Any, kind: Any) -> Any:
    """Returns a value as a column of its kind stores it."""
    if value is None:
        return None
    if pa.types.is_dictionary(kind):
        return value if isinstance(value, str) else json.dumps(value)
    if pa.types.is_timestamp(kind):
        return fitting(to_ns(value))
    if pa.types.is_struct(kind):
        known = {field.name: same(value.get(field.name), field.type) for field in kind}
        assert set(value) <= set(known)
        return known
    if pa.types.is_list(kind):
        return [same(item, kind.value_type) for item in value]
    return fitting(value) if pa.types.is_int64(kind) else value


def plain(value: Any, kind: Any) -> Any:
    """Returns a value of a column, with instants as nanoseconds and JSON normalised."""
    if not value.is_valid:
        return None
    if pa.types.is_dictionary(kind):
        text = value.as_py()
        return json.dumps(json.loads(text)) if text[:1] in ("[", "{") else text
    if pa.types.is_timestamp(kind):
        return value.value
    if pa.types.is_struct(kind):
        return {field.name: plain(value[field.name], field.type) for field in kind}
    if pa.types.is_list(kind):
        return [plain(item, kind.value_type) for item in value.values]
    return value.as_py()


def rows_of(table: Any) -> list[dict[str, Any]]:
    columns = {
        field.name: [plain(value, field.type) for value in table.column(field.name)]
        for field in table.schema
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def holds(table: Any, data: list[Any]) -> None:
    """Asserts that a table has exactly these rows in this order."""
    schema = table.schema
    for row in data:
        assert set(row) <= set(schema.names)
    expected = [{field.name: same(row.get(field.name), field.type) for field in schema} for row in data]
    # Normalise JSON arrays and objects in the same way.
    for row in expected:
        if isinstance(row.get("value"), str) and row["value"][:1] in ("[", "{"):
            row["value"] = json.dumps(json.loads(row["value"]))
    assert rows_of(table) == expected


def test_the_agents_table_has_a_row_per_channel(fold: Fold) -> None:
    rows: list[Any] = []
    for state in fold.values():
        agent: Any = {key: value for key, value in state.items() if key != "channels"}
        channels = [{**agent, "channel": name, **on} for name, on in state["channels"].items()]
        rows += channels or [agent]
    table = pa.table(fold.to_arrow("agents"))
    holds(table, rows)
    assert {"unified_state", "chat", "work_items"} <= set(table.schema.names)


def test_the_agents_table_can_be_as_of_an_instant(fold: Fold) -> None:
    at = "2023-04-05T23:30:59Z"
    table = pa.table(fold.to_arrow("agents", at=at))
    states = [fold.state_at(agent, at) for agent in fold]
    expected = [state["agent_id"] for state in states if state for _ in state["channels"] or [0]]
    assert table.column("agent_id").to_pylist() == expected
    compacted = fold.copy()
    compacted.compact(WINDOW["to"])
    with pytest.raises(AgentfoldError, match="before_cut"):
        compacted.to_arrow("agents", at=WINDOW["from_"])


@pytest.mark.parametrize("table", ["work_items", "intervals"])
def test_history_tables_equal_the_answers_for_each_agent(fold: Fold, table: Any) -> None:
    ask: Callable[..., list[Any]] = getattr(fold, table)
    rows = [row for agent in fold for row in ask(agent, **WINDOW)]
    assert len(rows) > 100
    holds(pa.table(fold.to_arrow(table, **WINDOW)), rows)
    agent = fold.agents()[3]
    as_of = "2023-04-06T12:00:00Z"
    one = fold.to_arrow(table, agent=agent, **WINDOW, as_of=as_of)
    holds(pa.table(one), ask(agent, **WINDOW, as_of=as_of))


def test_the_intervals_table_can_have_one_track(fold: Fold) -> None:
    for track in ("state[support]", "load[support]"):
        rows = [row for agent in fold for row in fold.intervals(agent, track, **WINDOW)]
        assert rows
        holds(pa.table(fold.to_arrow("intervals", track=track, **WINDOW)), rows)


@pytest.mark.parametrize("by", ["agent", "channel", "account", "group", "group_split"])
def test_the_report_table_has_rows_of_all_kinds(fold: Fold, by: types.RollUp) -> None:
    hours = buckets(from_=WINDOW["from_"], to=WINDOW["to"], every="6h")
    rows: list[Any] = list(fold.report(hours, by))
    kinds = {"channel"} if by == "channel" else {"channel", "unified_state", "chat"}
    assert {row["row"] for row in rows} == kinds
    holds(pa.table(fold.to_arrow("report", buckets=hours, by=by)), rows)


def test_the_report_table_can_be_about_a_selection(fold: Fold) -> None:
    hours = buckets(from_=WINDOW["from_"], to=WINDOW["to"], every="6h")
    selection: types.Selection = {"agents": fold.agents()[::2], "channels": ["support"]}
    rows: list[Any] = list(fold.report(hours, selection=selection))
    assert 0 < len(rows) < len(fold.report(hours))
    holds(pa.table(fold.to_arrow("report", buckets=hours, selection=selection)), rows)


def test_the_anomalies_table_has_all_kinds(fold: Fold) -> None:
    anomalies = fold.anomalies()
    assert len({anomaly["anomaly"] for anomaly in anomalies}) == 5
    holds(pa.table(fold.to_arrow("anomalies")), anomalies)


def test_the_events_table_has_the_events_of_the_fold(fold: Fold, event: Event) -> None:
    table = pa.table(fold.to_arrow("events"))
    rows = rows_of(table)
    # The last event of a channel determines its state.
    last = {(row["account_id"], row["agent_id"], row["track"]): row["value"] for row in rows}
    states = 0
    for state in fold.values():
        for name, channel in state["channels"].items():
            track = (state["account_id"], state["agent_id"], f"state[{name}]")
            if channel["state"] is not None:
                states += 1
                assert last[track] == channel["state"]
    assert states > 10
    conflicts = {row["event_id"] for row in fold.anomalies() if row["anomaly"] == "conflict"}
    assert {row["event_id"] for row in rows if row["conflict"]} == conflicts
    one = Fold()
    one.read([event(1), event(2, agent="7", state="away"), event(1)])
    assert rows_of(pa.table(one.to_arrow("events", agent="7"))) == [
        {
            "account_id": "2",
            "agent_id": "7",
            "track": "state[support]",
            "aspect": "state",
            "channel": "support",
            "work_item": None,
            "at": to_ns("2026-01-05T08:00:02Z"),
            "version": 2,
            "kind": "agent.state_changed",
            "event_id": "event-2",
            "value": "away",
            "conflict": False,
        }
    ]


def test_the_table_of_a_reader_has_the_events_read(events: list[bytes]) -> None:
    table = pa.table(read_events(events).to_arrow())
    read = list(read_events(events))
    assert table.num_rows == len(read) == len(events)
    for row, record in zip(rows_of(table), read, strict=True):
        assert row["kind"] == record["kind"]
        if record["kind"] == "unreadable":
            assert (row["line"], row["issue"]) == (record["line"], record["issues"][0]["code"])
            continue
        values: Any = {**(record["agent"] or {}), **event_fields(record), "kind": record["kind"]}
        if record["at"]:
            values["at"] = record["at"]
        assert set(values) <= set(table.schema.names), f"a field of {record['kind']} has no column"
        expected = {field.name: same(values.get(field.name), field.type) for field in table.schema}
        assert row == expected
    kinds = set(table.column("kind").to_pylist())
    assert kinds == {*webhooks(), *records(), "unknown", "unreadable"}
    of_time = pa.table(read_events(events, instant="time").to_arrow())
    assert of_time.column("at") != table.column("at")


def event_fields(record: Any) -> dict[str, Any]:
    """Returns the fields of an event that its schema has, as the columns are named."""
    event = record["event"]
    if record["kind"] == "unknown":
        detail: Any = event.get("detail", {})
        known = record["agent"] and detail.get("version") is not None
        return {"version": int(detail["version"])} if known else {}
    if record["kind"] in records():
        told = {record["kind"]: event["value"]}
        if event.get("previous_value") is not None:
            told[f"previous_{record['kind']}"] = event["previous_value"]
        return {**told, "id": event["id"]}
    body: dict[str, Any] = {}
    for key, of in webhook_fields(record["kind"]).items():
        if key in event["event"] and key != "updated_at":
            value = event["event"][key]
            if "additionalProperties" in of:
                value = [{"channel": channel, **limits} for channel, limits in value.items()]
            body[re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)] = value
    version = event["detail"].get("version")
    return {
        **body,
        "time": event.get("time"),
        "version": None if version is None else int(version),
        "id": event["id"],
    }


def webhook_fields(kind: str) -> Any:
    """Returns the schemas of the fields of a webhook's `event`."""
    webhook = webhooks()[kind]
    name = webhook["properties"]["event"]["$ref"].removeprefix("#/$defs/")
    return webhook["$defs"][name]["properties"]


def test_a_reader_yields_batches_while_it_reads_the_source(event: Event) -> None:
    taken = 0

    def source() -> Iterator[bytes]:
        nonlocal taken
        for number in range(3):
            taken += 1
            yield (event(number) + b"\n") * 65_536

    reader = pa.RecordBatchReader.from_stream(read_events(source()).to_arrow())
    assert reader.read_next_batch().num_rows == 65_536
    assert taken < 3
    assert sum(batch.num_rows for batch in reader) == 2 * 65_536
    assert taken == 3


def test_a_reader_can_be_read_once_and_a_table_repeatedly(events: list[bytes], fold: Fold) -> None:
    reader = read_events(events)
    next(reader)
    rows = reader.to_arrow()
    assert list(reader) == []
    assert pa.table(rows).num_rows == len(events) - 1
    with pytest.raises(AgentfoldError) as twice:
        pa.table(rows)
    assert twice.value.code == "already_read"
    assert pa.table(reader.to_arrow()).num_rows == 0
    table = fold.to_arrow("anomalies")
    assert pa.table(table) == pa.table(table)
    assert pa.schema(table) == pa.table(table).schema
    assert repr(rows).startswith("<ArrowStream of kind, account_id")


def test_instants_that_do_not_fit_into_64_bits_are_null(event: Event) -> None:
    def at(instant: str) -> bytes:
        record = {"account_id": 2, "agent_id": 7, "field_name": "status", "value": "away"}
        return json.dumps({**record, "id": "a", "timestamp": instant}).encode()

    instants = ["0001-01-01T00:00:00Z", FIRST, LAST, "2262-04-11T23:47:17Z"]
    read = read_events([at(instant) for instant in instants], now="9999-12-31T00:00:00Z")
    table = pa.table(read.to_arrow())
    nanoseconds = [value.value for value in table.column("at").combine_chunks()]
    assert nanoseconds == [None, to_ns(FIRST), to_ns(LAST), None]
    assert [to_instant(nanoseconds[1]), to_instant(nanoseconds[2])] == [FIRST, LAST]
    fold = Fold()
    fold.read([at(instants[0])])
    end = "2026-01-01T00:00:00Z"
    window: dict[str, Any] = {"from_": "0001-01-01T00:00:00Z", "to": end, "as_of": end}
    (row,) = rows_of(pa.table(fold.to_arrow("intervals", track="chat_status", **window)))
    assert (row["from"], row["to"], row["value"]) == (None, to_ns(window["to"]), "away")


def test_an_exception_of_the_source_is_reported(event: Event) -> None:
    def broken() -> Iterator[bytes]:
        yield event()
        raise LookupError("gone\0 for good")

    with pytest.raises(pa.ArrowException, match="gone  for good"):
        pa.table(read_events(broken()).to_arrow())


def test_keywords_that_do_not_apply_to_a_table_are_refused(fold: Fold) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"table": "nothing"}, "/table"),
        ({"table": "intervals", "to": WINDOW["to"]}, "/from_"),
        ({"table": "report"}, "/buckets"),
        ({"table": "report", "buckets": {}, "by": "agent"}, "/buckets/boundaries"),
        ({"table": "anomalies", "agent": fold.agents()[0]}, "/agent"),
        ({"table": "events", "at": WINDOW["to"]}, "/at"),
        ({"table": "agents", "as_of": WINDOW["to"]}, "/as_of"),
    ]
    for keywords, path in wrong:
        with pytest.raises(AgentfoldError) as refused:
            fold.to_arrow(**keywords)
        assert (refused.value.code, refused.value.path) == ("bad_argument", path)
    with pytest.raises(AgentfoldError, match="no_track"):
        fold.to_arrow("intervals", track="nap", **WINDOW)


def test_the_tables_of_an_empty_fold_have_no_rows() -> None:
    for table in ("events", "agents", "anomalies"):
        assert pa.table(Fold().to_arrow(table)).num_rows == 0
    assert pa.table(Fold().to_arrow("work_items", **WINDOW)).num_rows == 0


# Libraries that read the tables


def online_seconds(rows: list[Any]) -> dict[str, float]:
    """Returns the seconds online of each agent, computed from the dicts."""
    sums: dict[str, float] = {}
    for row in rows:
        if row["value"] == "online":
            seconds = (to_ns(row["to"]) - to_ns(row["from"])) / 1e9
            sums[row["agent_id"]] = sums.get(row["agent_id"], 0.0) + seconds
    return sums


@pytest.fixture(scope="module")
def expected(fold: Fold) -> dict[str, float]:
    rows = [row for agent in fold for row in fold.intervals(agent, "state[support]", **WINDOW)]
    found = online_seconds(rows)
    assert len(found) > 3
    return found


def test_polars_reads_tables(fold: Fold, expected: dict[str, float], events: list[bytes]) -> None:
    pl: Any = pytest.importorskip("polars", reason="polars is not installed")
    frame = pl.DataFrame(fold.to_arrow("intervals", track="state[support]", **WINDOW))
    online = frame.filter(pl.col("value").cast(pl.String) == "online")
    seconds = (pl.col("to") - pl.col("from")).dt.total_nanoseconds() / 1e9
    sums = online.group_by(pl.col("agent_id").cast(pl.String)).agg(seconds.sum().alias("online"))
    assert dict(sums.iter_rows()) == pytest.approx(expected)
    for table in ("events", "agents", "anomalies"):
        assert pl.DataFrame(fold.to_arrow(table)).height > 0
    read = pl.DataFrame(read_events(events).to_arrow())
    assert read["kind"].cast(pl.String).to_list() == [one["kind"] for one in read_events(events)]


def test_pandas_reads_tables(fold: Fold, expected: dict[str, float]) -> None:
    pd: Any = pytest.importorskip("pandas", reason="pandas is not installed")
    table = fold.to_arrow("intervals", track="state[support]", **WINDOW)
    frame = pd.DataFrame.from_arrow(table) if hasattr(pd.DataFrame, "from_arrow") else None
    if frame is None:
        frame = pa.table(table).to_pandas()
    online = frame[frame["value"] == "online"]
    seconds = (online["to"] - online["from"]).dt.total_seconds()
    sums = seconds.groupby(online["agent_id"].astype(str)).sum().to_dict()
    assert sums == pytest.approx(expected)
    assert str(frame["from"].dtype) == "datetime64[ns, UTC]"


def test_duckdb_reads_tables(fold: Fold, expected: dict[str, float], events: list[bytes]) -> None:
    duckdb: Any = pytest.importorskip("duckdb", reason="duckdb is not installed")
    table = fold.to_arrow("intervals", track="state[support]", **WINDOW)
    connection = duckdb.connect()
    connection.register("intervals", table)
    connection.execute("create macro seconds(t) as epoch_us(cast(t as timestamptz)) / 1e6")
    query = """select agent_id, sum(seconds("to") - seconds("from"))
               from intervals where value = 'online' group by all"""
    assert dict(connection.sql(query).fetchall()) == pytest.approx(expected, abs=1e-4)
    rows = read_events(events).to_arrow()
    counted = connection.sql("select count(*), count(distinct kind) from rows").fetchall()
    assert counted == [(len(events), 13)]
    del rows


def test_pyarrow_writes_events_to_parquet(events: list[bytes], tmp_path: Path) -> None:
    pq: Any = pytest.importorskip("pyarrow.parquet")
    table = pa.table(read_events(events[:100]).to_arrow())
    pq.write_table(table, tmp_path / "events.parquet")
    assert rows_of(pq.read_table(tmp_path / "events.parquet")) == rows_of(table)


# Reading events from tables


def test_events_are_read_from_columns_of_any_type(events: list[bytes], fold: Fold) -> None:
    texts = [*(event.decode() for event in events), None]
    counts = Fold().read(events)["counts"]
    kinds = [pa.string(), pa.large_string(), pa.string_view()]
    kinds += [pa.binary(), pa.large_binary(), pa.binary_view()]
    for kind in kinds:
        column = pa.chunked_array([pa.array(texts[:700], kind), pa.array(texts[700:], kind)])
        table = pa.table({"number": range(len(texts)), "event": column})
        sources: list[tuple[Any, str | None]] = [
            (column, None),
            (pa.table({"event": column}), None),
            (table, "event"),
            (table.to_batches(max_chunksize=300), "event"),
            (pa.RecordBatchReader.from_batches(table.schema, iter(table.to_batches())), "event"),
        ]
        for source, name in sources:
            again = Fold()
            assert again.read(source, column=name)["counts"] == counts, kind
            assert again == fold, kind
    for kind in (pa.string(), pa.large_binary()):
        column = pa.chunked_array([pa.array([None, *texts], kind).dictionary_encode()])
        for source in (
            column.slice(1),
            pa.table({"event": column}),
            [pa.table({"event": column[:0]}), pa.table({"event": column})],
        ):
            again = Fold()
            assert again.read(source)["counts"] == counts, kind
            assert again == fold, kind
    nothing = pa.array([None, None], pa.string()).dictionary_encode()
    assert Fold().read(pa.table({"event": nothing}))["counts"] == Fold().read(b"")["counts"]
    kinds_read = [one["kind"] for one in read_events(pa.table({"event": texts}), column="event")]
    assert kinds_read == [one["kind"] for one in read_events(events)]


def test_events_are_read_from_the_table_of_a_reader(events: list[bytes], fold: Fold) -> None:
    table = pa.table(read_events(events).to_arrow(json=True))
    again = Fold()
    assert again.read(table, column="json")["counts"]["unreadable"] == 0
    assert again == fold
    straight = Fold()
    straight.read(read_events(events).to_arrow(json=True), column="json")
    assert straight == fold


def test_events_are_read_from_parquet(events: list[bytes], fold: Fold, tmp_path: Path) -> None:
    pq: Any = pytest.importorskip("pyarrow.parquet")
    dataset: Any = pytest.importorskip("pyarrow.dataset")
    table = pa.table({"number": range(len(events)), "event": events})
    path = tmp_path / "events.parquet"
    pq.write_table(table, path, row_group_size=500)
    file = pq.ParquetFile(path)
    scanned = dataset.dataset(path).scanner(columns=["event"]).to_reader()
    whole = Fold()
    reported: list[int] = []
    whole.read(file.iter_batches(columns=["event"]), on_progress=reported.append)
    assert sum(reported) > 0
    assert whole == fold
    again = Fold()
    again.read(scanned)
    assert again == fold


def test_events_are_read_from_frames_of_other_libraries(events: list[bytes], fold: Fold) -> None:
    texts = [event.decode() for event in events]
    pl: Any = pytest.importorskip("polars", reason="polars is not installed")
    duckdb: Any = pytest.importorskip("duckdb", reason="duckdb is not installed")
    frame = pl.DataFrame({"event": texts, "number": range(len(texts))})
    sources: list[tuple[Any, str | None]] = [
        (frame, "event"),
        (frame["event"], None),
        (duckdb.sql("select event from frame"), None),
        (frame.lazy(), "event"),
        (frame.lazy().select("event").filter(pl.col("event") != ""), None),
        (frame["event"].cast(pl.Categorical), None),
    ]
    for source, name in sources:
        again = Fold()
        again.read(source, column=name)
        assert again == fold
    assert frame.height == len(texts)


def test_a_missing_column_is_refused(events: list[bytes]) -> None:
    table = pa.table({"number": [1], "event": ["{}"]})
    wrong: list[tuple[Any, str | None]] = [
        (table, None),
        (table, "nothing"),
        (table, "number"),
        ([table], "number"),
        (pa.chunked_array([[1]]), None),
        (events[0], "event"),
        (str(REPOSITORY), "event"),
    ]
    for source, column in wrong:
        with pytest.raises(AgentfoldError) as refused:
            Fold().read(source, column=column)
        assert (refused.value.code, refused.value.path) == ("bad_argument", "/column")
        with pytest.raises(AgentfoldError) as refused:
            list(read_events(source, column=column))
        assert (refused.value.code, refused.value.path) == ("bad_argument", "/column")


def test_a_vector_gives_the_same_fold_from_every_source(tmp_path: Path) -> None:
    for path in (parameter.values[0] for parameter in paths("fold", "stream_0[1-3]*")):
        lines = stream(path)
        expected, table, file = Fold(), Fold(), Fold()
        expected.read(lines)
        table.read(pa.table({"event": lines}))
        file.read(io.BytesIO(b"\n".join(lines)))
        assert expected == table == file
