"""Folds events on Apache Spark. Install it with `pip install "agentfold[spark]"`.

A data frame of folds has one row per agent: `account_id` and `agent_id` as strings, and `fold`, the
result of `Fold.save` for a fold of this agent alone. You can write it to a table, read it back, and
merge it with others. `states`, `intervals`, `work_items`, `report`, `sessions` and `anomalies` answer
from it, and `to_fold` collects it on the driver. The answers equal those of one fold on one machine,
byte for byte.

The history of an agent must fit into the memory of a worker, and so must the fold of a partition that
is read. `cut` and `compact` limit its size.

Ids and instants are strings, as in all data of agentfold. `cast("timestamp")` converts an instant to
microseconds, the precision of Spark. Versions and capacities are decimals, because they may exceed
Spark's integers. Durations (`_ns`) are integers, in nanoseconds. As in the tables of `Fold.to_arrow`, a
duration that does not fit into 64 bits is null, and so is an instant before 1677-09-21 or after
2262-04-11, except in `states`.

Example:
    >>> online = '''{"account_id": 2, "detail": {"agent_id": "10011", "version": "3"}, "id": "a",
    ...     "type": "zen:event-type:agent.state_changed", "event": {"new_state": "online",
    ...     "channel": "support", "updated_at": "2026-01-05T08:00:00.000000001Z"}}'''
    >>> events = spark.createDataFrame([(online,), (online,), ("{}",)], "value string")
    >>> folds = fold_events(events)
    >>> [state] = states(folds).collect()
    >>> state.agent_id, state.channels["support"].state, state.last_event_at
    ('10011', 'online', '2026-01-05T08:00:00.000000001Z')
    >>> to_fold(folds)
    <Fold of 1 agents, 2026-01-05T08:00:00.000000001Z to 2026-01-05T08:00:00.000000001Z>
    >>> [bad] = unreadable(events).collect()
    >>> bad.value, bad.unreadable[0].issues[0].path
    ('{}', '/type')
"""

# pyarrow has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
# pyright: reportUnknownParameterType=false, reportUnknownVariableType=false
# pyright: reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import reduce
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql.functions import col
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.streaming.state import GroupState, GroupStateTimeout
from pyspark.sql.types import BinaryType, StringType, StructType

from ._agentfold import ArrowStream, Fold, ReportSums, to_instant
from .error import AgentfoldError
from .types import AgentState, Buckets, InstantInput

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "anomalies",
    "compact",
    "fold_events",
    "fold_stream",
    "intervals",
    "merge",
    "report",
    "sessions",
    "states",
    "to_fold",
    "unreadable",
    "work_items",
]

# The number of rows per batch: small, because a fold may be large.
_ROWS = 32
# How many agents are asked at once, since a table for each would take longer to begin than to fill; and
# the number of bytes of their folds after which no further agent is added.
_AGENTS, _BYTES = 64, 1 << 22

_TEXT, _COUNT = pa.string(), pa.int64()
# Unsigned 64-bit integers.
_NUMBER = pa.decimal128(20)

# The columns that may exceed 64 bits with a sign. Others of that type are counts.
_NUMBERS = {"version", "max_capacity", "spare", "engagements", "ranges"}

_FOLDS = pa.schema([("account_id", _TEXT), ("agent_id", _TEXT), ("fold", pa.binary())])
_ISSUE = pa.struct([(name, _TEXT) for name in ("code", "path", "message", "severity")])
_UNREADABLE = pa.field(
    "unreadable",
    pa.list_(pa.struct([("line", _COUNT), ("offset", _COUNT), ("issues", pa.list_(_ISSUE))])),
)


def _columns(table: ArrowStream) -> list[pa.Field]:
    """Returns the columns of a table of `Fold.to_arrow`, with types that Spark has."""
    return [pa.field(field.name, _type(field.name, field.type)) for field in pa.schema(table)]


def _type(name: str, of: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(of) or pa.types.is_timestamp(of):
        return _TEXT
    if pa.types.is_list(of):
        return pa.list_(_type(name, of.value_type))
    if pa.types.is_struct(of):
        return pa.struct([(field.name, _type(field.name, field.type)) for field in of])
    if pa.types.is_uint64(of):
        return _NUMBER if name in _NUMBERS else _COUNT
    return of


def _states_schema() -> pa.Schema:
    columns = _columns(Fold().to_arrow("agents"))
    # The columns of a channel follow its name.
    place = [column.name for column in columns].index("channel")
    channels = pa.map_(_TEXT, pa.struct(columns[place + 1 :]))
    return pa.schema([*columns[:place], ("channels", channels)])


def _report_schema() -> pa.Schema:
    columns = _columns(Fold().to_arrow("report", buckets=_BUCKETS))
    # Rows by agent do not have these.
    return pa.schema([column for column in columns if column.name not in ("group_id", "agents")])


_EPOCH, _LATER = to_instant(0), to_instant(1)
_BUCKETS: Buckets = {"boundaries": [_EPOCH, _LATER], "as_of": _EPOCH}
_STATES, _REPORT = _states_schema(), _report_schema()
_SESSIONS = pa.schema(_columns(Fold().to_arrow("sessions", buckets=_BUCKETS)))
_INTERVALS = pa.schema(_columns(Fold().to_arrow("intervals", from_=_EPOCH, to=_LATER)))
_WORK_ITEMS = pa.schema(_columns(Fold().to_arrow("work_items", from_=_EPOCH, to=_LATER)))
_ANOMALIES = pa.schema(_columns(Fold().to_arrow("anomalies")))


def fold_events(df: DataFrame, *, column: str = "value", cut: InstantInput | None = None) -> DataFrame:
    """Folds the events of a data frame. They may be repeated and in any order.

    Folds each partition in place, and then merges the parts of each agent. Events are read with the
    default options of `Fold()`.

    Args:
        df: Rows that contain events: one each, such as a line of `spark.read.text` or a Kafka message,
            or many, such as a page or a whole file, plain or gzipped.
        column: The column with the events, as strings or bytes.
        cut: Events before this instant are dropped, as by a fold that was compacted before reading.
            Use `compact` to remove history afterwards.

    Returns:
        Folds, one row per agent. `unreadable` returns the records that could not be read.

    Raises:
        AgentfoldError: `bad_argument`, `bad_instant` or `naive_datetime`.
    """
    return _union(_parts(df, column, cut), cut)


def fold_stream(df: DataFrame, *, column: str = "value", cut: InstantInput | None = None) -> DataFrame:
    """Folds a stream of events. Spark stores the folds as state in its checkpoint.

    Events may be late and repeated. After any number of batches and restarts, the folds equal those of
    `fold_events` for all events with the same cut.

    Each batch reads and writes the folds of its agents, which grow with the history after the cut.
    Restart the query with a later cut from time to time, never with an earlier one. The checkpoint
    remains valid, and each agent that receives an event drops the history before the cut, as by
    `compact`.

    Args:
        df: A streaming data frame whose rows contain events.
        column: The column with the events, as strings or bytes.
        cut: Events before this instant are dropped.

    Returns:
        Folds, for the output mode `update`: after each batch, the folds that changed. `states` and the
        other functions accept them.

    Raises:
        AgentfoldError: `bad_argument`, `bad_instant` or `naive_datetime`.
    """

    def step(
        key: tuple[str, str], frames: Iterator[pd.DataFrame], state: GroupState
    ) -> Iterator[pd.DataFrame]:
        import pandas as pd

        before = bytes(state.get[0]) if state.exists else None
        # Apply the cut before the merge, so that both sides of the merge have the same cut.
        fold = _fold([] if before is None else [before], cut)
        for frame in frames:
            for saved in frame["fold"]:
                fold.restore(saved)
        after = fold.save()
        if after != before:
            state.update((after,))
            yield pd.DataFrame({"account_id": [key[0]], "agent_id": [key[1]], "fold": [after]})

    return (
        _parts(df, column, cut)
        .groupBy("account_id", "agent_id")
        .applyInPandasWithState(
            step, from_arrow_schema(_FOLDS), "fold binary", "update", GroupStateTimeout.NoTimeout
        )
    )


def unreadable(df: DataFrame, *, column: str = "value") -> DataFrame:
    """Returns the rows with records that could not be read as events.

    Args:
        df: Rows that contain events; may be a streaming data frame.
        column: The column with the events, as strings or bytes.

    Returns:
        These rows with all their columns, and a column `unreadable`: for each such record, the line and
        the byte offset in the value of the row, and the issues.

    Raises:
        AgentfoldError: `bad_argument` if the column contains neither strings nor bytes.
    """
    _check(df, column)

    def marked(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            last = batch.num_columns - 1
            found = [
                [] if value is None else Fold().read(value)["unreadable"]
                for value in batch.column(last).to_pylist()
            ]
            rows = batch.set_column(last, _UNREADABLE, pa.array(found, _UNREADABLE.type))
            yield rows.filter(pa.array([bool(bad) for bad in found], pa.bool_()))

    schema = StructType([*df.schema.fields, *from_arrow_schema(pa.schema([_UNREADABLE])).fields])
    return df.select("*", col(column).cast("binary").alias("unreadable")).mapInArrow(marked, schema)


def merge(*folds: DataFrame) -> DataFrame:
    """Returns the union of several data frames of folds, such as those until yesterday and of today.

    As for `Fold.merge`, compact the events of one agent in one place: the folds of an agent should have
    the same cut, or one of them should have no events before the cut of the other.

    Args:
        folds: One or more data frames of folds. An agent may have rows in each.

    Returns:
        Folds, one row per agent.
    """
    return _union(reduce(DataFrame.unionByName, folds), None)


def compact(folds: DataFrame, before: InstantInput) -> DataFrame:
    """Returns folds without the history before an instant. Current states are unchanged.

    Args:
        folds: Folds, one row per agent.
        before: The instant: the new cut.

    Returns:
        Folds that drop events before `before` from now on.

    Raises:
        AgentfoldError: `bad_instant` or `naive_datetime`.
    """
    Fold().compact(before)

    def compacted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = zip(*(batch.column(name).to_pylist() for name in _FOLDS.names), strict=True)
            yield from _batches((_row(key, _fold([saved], before)) for *key, saved in rows), _FOLDS)

    return folds.select(*_FOLDS.names).mapInArrow(compacted, from_arrow_schema(_FOLDS))


def states(folds: DataFrame, *, at: InstantInput | None = None) -> DataFrame:
    """Returns the state of each agent, now or as of an instant.

    Args:
        folds: Folds.
        at: The instant. Default: the current state.

    Returns:
        A row for each agent with an accepted event, with the columns of `AgentState`; `channels` is a
        map.

    Raises:
        AgentfoldError: `bad_instant` or `naive_datetime`. `before_cut` is raised on the cluster.
    """
    if at is not None:
        Fold().state_at(("0", "0"), at)

    def rows(fold: Fold) -> Iterator[Mapping[str, Any]]:
        for agent in fold:
            state = fold[agent] if at is None else fold.state_at(agent, at)
            if state is not None:
                yield _with_map(state)

    # Dicts take no longer than a table here, and hold a map.
    def batches(fold: Fold) -> Iterator[pa.RecordBatch]:
        return _batches(rows(fold), _STATES)

    return _answers(folds, _STATES, batches)


def intervals(
    folds: DataFrame,
    track: str | None = None,
    *,
    from_: InstantInput,
    to: InstantInput,
    as_of: InstantInput,
) -> DataFrame:
    """Returns the intervals of all agents in a window, as `Fold.intervals` does for one agent.

    Args:
        folds: Folds.
        track: Return only this track, such as `"state[support]"`.
        from_: The start of the window, inclusive.
        to: The end of the window, exclusive.
        as_of: Later events are ignored, and nothing is known of the time after it. Each agent's fold
            knows its own last event only, so there is no default.

    Returns:
        A row for each interval with the columns of `Interval`. A `value` that is a string is returned
        as it is, any other value as JSON.

    Raises:
        AgentfoldError: `no_track`, `bad_instant` or `naive_datetime`.
    """
    Fold().intervals(("0", "0"), track, from_=from_, to=to, as_of=as_of)

    def rows(fold: Fold) -> ArrowStream:
        return fold.to_arrow("intervals", track=track, from_=from_, to=to, as_of=as_of)

    return _tables(folds, _INTERVALS, rows)


def work_items(
    folds: DataFrame,
    *,
    from_: InstantInput,
    to: InstantInput,
    as_of: InstantInput,
) -> DataFrame:
    """Returns the stays of work items with agents in a window, as `Fold.work_items` does for one agent.

    Args:
        folds: Folds.
        from_: The start of the window, inclusive.
        to: The end of the window, exclusive.
        as_of: As for `intervals`.

    Returns:
        A row for each `WorkItemSpan`.

    Raises:
        AgentfoldError: `bad_instant` or `naive_datetime`.
    """
    Fold().work_items(("0", "0"), from_=from_, to=to, as_of=as_of)

    def rows(fold: Fold) -> ArrowStream:
        return fold.to_arrow("work_items", from_=from_, to=to, as_of=as_of)

    return _tables(folds, _WORK_ITEMS, rows)


def report(folds: DataFrame, buckets: Buckets) -> DataFrame:
    """Returns the rows of a report by agent.

    For a report by channel, account or group, collect an account with `to_fold`: quantiles need the
    times of all agents in one place.

    Args:
        folds: Folds.
        buckets: Boundaries and `as_of`, as returned by `agentfold.buckets`. Each agent's fold knows its
            own last event only, so `as_of` is required.

    Returns:
        A row for each `ReportRow`. `row` is its kind; the columns of other kinds are null.

    Raises:
        AgentfoldError: `not_rising`, `too_many_rows` or `bad_argument`.
    """
    ReportSums(buckets)
    return _tables(folds, _REPORT, lambda fold: fold.to_arrow("report", buckets=buckets))


def sessions(folds: DataFrame, buckets: Buckets) -> DataFrame:
    """Returns when agents logged in and out, as `Fold.sessions` does.

    Args:
        folds: Folds.
        buckets: As for `report`.

    Returns:
        A row for each `SessionsRow`.

    Raises:
        AgentfoldError: `not_rising`, `too_many_rows` or `bad_argument`.
    """
    ReportSums(buckets)
    return _tables(folds, _SESSIONS, lambda fold: fold.to_arrow("sessions", buckets=buckets))


def anomalies(folds: DataFrame) -> DataFrame:
    """Returns the signs of missing and inconsistent events.

    Args:
        folds: Folds.

    Returns:
        A row for each `Anomaly`. The columns of other kinds are null.
    """
    return _tables(folds, _ANOMALIES, lambda fold: fold.to_arrow("anomalies"))


def to_fold(folds: DataFrame) -> Fold:
    """Collects folds on the driver, one partition after another.

    Args:
        folds: Folds that fit into the memory of the driver, such as those of one account.

    Returns:
        One `Fold` with all agents.
    """
    return _fold((bytes(row["fold"]) for row in folds.select("fold").toLocalIterator()), None)


def _parts(df: DataFrame, column: str, cut: InstantInput | None) -> DataFrame:
    """Returns a fold for each agent of each partition."""
    _check(df, column)
    _fold([], cut)

    def fold_part(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        fold = _fold([], cut)
        for batch in batches:
            for value in batch.column(0).to_pylist():
                # Read each row separately, so that a broken row does not affect the next one.
                if value is not None:
                    fold.read(value)
        saved = fold.save_agents()
        yield from _batches(({**agent._asdict(), "fold": one} for agent, one in saved), _FOLDS)

    events = df.select(col(column).cast("binary").alias("value"))
    return events.mapInArrow(fold_part, from_arrow_schema(_FOLDS))


def _union(folds: DataFrame, cut: InstantInput | None) -> DataFrame:
    """Merges the rows of each agent into one row."""

    def union(key: tuple[pa.Scalar, ...], table: pa.Table) -> pa.Table:
        fold = _fold([], cut)
        for saved in table["fold"]:
            fold.restore(saved.as_py())
        return pa.Table.from_pylist([_row([one.as_py() for one in key], fold)], schema=_FOLDS)

    grouped = folds.groupBy("account_id", "agent_id")
    return grouped.applyInArrow(union, from_arrow_schema(_FOLDS))


def _tables(folds: DataFrame, schema: pa.Schema, table: Callable[[Fold], ArrowStream]) -> DataFrame:
    """Returns the rows of the tables that `table` returns for folds of several agents."""

    def batches(fold: Fold) -> Iterator[pa.RecordBatch]:
        for batch in pa.RecordBatchReader.from_stream(table(fold)):
            columns = [_plain(batch.column(field.name), field.type) for field in schema]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    return _answers(folds, schema, batches)


def _plain(column: pa.Array, of: pa.DataType) -> pa.Array:
    """Converts a column of a table to a type that Spark has, from those of `Fold.to_arrow`."""
    if pa.types.is_timestamp(column.type):
        # Without a zone, pyarrow writes the same digits ten times faster.
        text = column.cast(pa.timestamp("ns")).cast(_TEXT)
        text = pc.utf8_replace_slice(text, 10, 11, "T")
        return pc.replace_substring_regex(text, r"(\.000000000|000000|000)?$", "Z", max_replacements=1)
    if pa.types.is_list(of):
        values = _plain(column.values, of.value_type)
        return pa.ListArray.from_arrays(column.offsets, values, type=of, mask=column.is_null())
    if pa.types.is_struct(of):
        fields = [_plain(column.field(place), field.type) for place, field in enumerate(of)]
        return pa.StructArray.from_arrays(fields, fields=list(of), mask=column.is_null())
    return column.cast(of)


def _answers(
    folds: DataFrame, schema: pa.Schema, answers: Callable[[Fold], Iterator[pa.RecordBatch]]
) -> DataFrame:
    """Returns the rows that `answers` yields for folds of several agents."""

    def answer(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for fold in _together(batches):
            yield from answers(fold)

    return folds.select(*_FOLDS.names).mapInArrow(answer, from_arrow_schema(schema))


def _together(batches: Iterator[pa.RecordBatch]) -> Iterator[Fold]:
    fold, keys, size = Fold(), set[tuple[str, str]](), 0
    for row in (row for batch in batches for row in zip(*batch.columns, strict=True)):
        *key, saved = (value.as_py() for value in row)
        # Rows of the same agent are not merged: they are what was known at several times.
        if tuple(key) in keys or len(keys) == _AGENTS or size > _BYTES:
            yield fold
            fold, keys, size = Fold(), set[tuple[str, str]](), 0
        fold.restore(saved)
        keys.add(tuple(key))
        size += len(saved)
    if keys:
        yield fold


def _fold(saved: Iterable[bytes], cut: InstantInput | None) -> Fold:
    fold = Fold()
    for one in saved:
        fold.restore(one)
    if cut is not None:
        fold.compact(cut)
    return fold


def _row(key: list[str], fold: Fold) -> dict[str, Any]:
    return {"account_id": key[0], "agent_id": key[1], "fold": fold.save()}


def _batches(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    rows = iter(rows)
    while some := list(islice(rows, _ROWS)):
        yield pa.RecordBatch.from_pylist(some, schema=schema)


def _with_map(state: AgentState) -> dict[str, Any]:
    return {**state, "channels": list(state["channels"].items())}


def _check(df: DataFrame, column: str) -> None:
    [field] = df.select(col(column)).schema.fields
    if not isinstance(field.dataType, (BinaryType, StringType)):
        message = "`column` must contain strings or bytes"
        raise AgentfoldError("bad_argument", "/column", message)
