"""Folds on Spark, here on one machine, equal one fold byte for byte."""

from __future__ import annotations

import doctest
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import types as python
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from pages import programs_of
from vectors import VECTORS, cases

import agentfold
from agentfold import AgentfoldError, Fold, Scrubber
from agentfold.types import Buckets

pytest.importorskip("pyspark", reason="pyspark is not installed", exc_type=ImportError)
if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
    pytest.skip("Java is not installed: Spark needs it", allow_module_level=True)

from agentfold import spark as on_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CUT = "2023-04-05T21:00:00Z"
LATER = "2023-04-05T23:00:00Z"
END = "2023-04-06T02:00:00Z"


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    from pyspark.sql import SparkSession

    settings: dict[str, bool | float | int | str | None] = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        # Spark creates folders in the working directory, and its workers look for packages there.
        environment.chdir(tmp_path_factory.mktemp("spark"))
        session = SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def rows_of_vectors() -> list[bytes]:
    """Returns about 50,000 rows of events from the vectors for many accounts, shuffled, some broken."""
    events = [
        json.dumps(case["step"]["event"])
        for path in sorted((VECTORS / "fold").glob("stream_*.ndjson"))
        for case in cases(path)
        if "event" in case.get("step", {})
    ]
    chance = random.Random(6)
    scrubbers = [Scrubber(f"a key of the test, number {number:02}") for number in range(27)]
    rows = [event.encode() for event in events]
    good = [event for event in events if Fold().apply(event)["outcome"] != "unreadable"]
    rows += [scrubber.scrub(event).encode() for scrubber in scrubbers for event in good]
    rows += chance.sample(rows, len(rows) // 10)
    rows += [row[: chance.randrange(1, len(row))] for row in chance.sample(rows, 500)]
    # Only a version is known of this agent.
    rows.append(
        b'{"account_id": 2, "detail": {"agent_id": "8", "version": "4"}, "id": "a",'
        b' "type": "zen:event-type:agent.new", "event": {}}'
    )
    rows += [b"", b" ", b"[", b"]", b'{"agent_events": [', b"null", bytes(range(256))] * 20
    # Rows may also contain whole files and pages.
    rows += [gzip.compress(b"\n".join(rows[:99])), b"[" + b",".join(rows[99:199]) + b"]"]
    chance.shuffle(rows)
    return rows


ROWS = rows_of_vectors()
LINES = [row for row in ROWS if b"\n" not in row and b"\r" not in row and row.isascii()]


def folded(rows: list[bytes], cut: str | None = None) -> Fold:
    fold = Fold()
    if cut:
        fold.compact(cut)
    for row in rows:
        fold.read(row)
    return fold


@pytest.fixture(scope="module")
def one() -> Fold:
    """Returns one fold of all rows, made without Spark."""
    fold = folded(ROWS)
    assert len(ROWS) > 45_000
    assert len({agent.account_id for agent in fold}) > 50
    return fold


def table(spark: SparkSession, rows: list[Any], schema: str) -> DataFrame:
    # Its type refers to pandas, which has no types.
    session: Any = spark
    made: DataFrame = session.createDataFrame(rows, schema)
    return made


def frame(spark: SparkSession, rows: list[bytes], partitions: int = 3) -> DataFrame:
    """Returns a data frame of the rows as bytes, including a null."""
    from pyspark.sql import functions

    rows_and_null = [(number, row) for number, row in enumerate([*rows, None])]
    found = table(spark, rows_and_null, "offset bigint, value binary")
    return found.repartition(partitions, functions.col("offset"))


@pytest.fixture(scope="module")
def events(spark: SparkSession) -> DataFrame:
    return frame(spark, ROWS).cache()


@pytest.fixture(scope="module")
def folds(events: DataFrame) -> DataFrame:
    return on_spark.fold_events(events).cache()


def test_spark_folds_to_the_bytes_of_one_fold(folds: DataFrame, one: Fold) -> None:
    assert on_spark.to_fold(folds).save() == one.save()
    keys = [(row.account_id, row.agent_id) for row in folds.collect()]
    assert len(keys) == len(set(keys))
    # Including agents without an accepted event.
    assert len(keys) == len(one.save_agents()) > len(one)


# `make spark` runs it.
@pytest.mark.slow
@pytest.mark.parametrize("share", [0, 0.9])
def test_a_million_shuffled_repeated_events_fold_to_the_bytes_of_one_fold(
    spark: SparkSession, tmp_path: Path, share: float
) -> None:
    path = os.environ["AGENTFOLD_MILLION"]
    chance = random.Random(6)
    lines = Path(path).read_bytes().splitlines()
    lines += chance.choices(lines, k=1_000_000 - len(lines))
    chance.shuffle(lines)
    # A share of the events are made those of one agent.
    for place in range(int(share * len(lines))):
        account = re.sub(rb'"account_id":"?\d+"?', b'"account_id":"2"', lines[place])
        lines[place] = re.sub(rb'"agent_id":"\d+"', b'"agent_id":"1"', account)
    for part in range(8):
        (tmp_path / f"{part}.ndjson").write_bytes(b"\n".join(lines[part::8]))
    begin = time.perf_counter()
    folds = on_spark.fold_events(spark.read.text(str(tmp_path))).cache()
    on_cluster = on_spark.to_fold(folds)
    seconds = time.perf_counter() - begin
    whole = Fold()
    whole.read(b"\n".join(lines))
    assert on_cluster.save() == whole.save()
    accounts = len({agent.account_id for agent in whole})
    summary = (
        f"{len(lines):,} events, {len(whole):,} agents, {accounts} accounts, {share:.0%} of one agent"
    )
    print(f"\n{summary}: {len(whole.save()):,} equal bytes after {seconds:.1f} s on Spark")
    window: Any = dict(zip(("from_", "to"), whole.first_and_last_event_at() or (), strict=True))
    window["as_of"] = window["to"]
    answers = {
        "report by quarters of an hour": on_spark.report(
            folds, agentfold.buckets(every="15m", **window)
        ),
        "intervals": on_spark.intervals(folds, **window),
    }
    for name, answer in answers.items():
        begin = time.perf_counter()
        # Computes all columns of all rows, which `count` does not.
        answer.write.format("noop").mode("overwrite").save()
        seconds = time.perf_counter() - begin
        print(f"  {name}: {answer.count():,} rows after {seconds:.1f} s")
    folds.unpersist()


def test_strings_fold_like_bytes(spark: SparkSession) -> None:
    texts = [row.decode("utf-8", "ignore") for row in ROWS[:1000]]
    found = table(spark, [({"text": text},) for text in texts], "message struct<text: string>")
    folds = on_spark.fold_events(found, column="message.text")
    assert on_spark.to_fold(folds) == folded([text.encode() for text in texts])


def test_events_before_the_cut_are_dropped(events: DataFrame) -> None:
    cut_first = folded(ROWS, CUT)
    folds = on_spark.fold_events(events, cut=CUT)
    assert on_spark.to_fold(folds).save() == cut_first.save()
    assert cut_first != folded(ROWS)


def test_compacted_folds_equal_a_compacted_fold(folds: DataFrame, one: Fold) -> None:
    whole = one.copy()
    whole.compact(CUT)
    assert on_spark.to_fold(on_spark.compact(folds, CUT)).save() == whole.save()
    with pytest.raises(AgentfoldError) as wrong:
        on_spark.compact(folds, "yesterday")
    assert (wrong.value.code, wrong.value.path) == ("bad_instant", "/before")


def test_partial_folds_merge_even_from_a_table(spark: SparkSession, one: Fold, tmp_path: Path) -> None:
    half = len(ROWS) // 2
    on_spark.fold_events(frame(spark, ROWS[:half])).write.parquet(str(tmp_path / "folds"))
    until_yesterday = spark.read.parquet(str(tmp_path / "folds"))
    # The second part overlaps the end of the first part.
    today = on_spark.fold_events(frame(spark, ROWS[half - 1000 :]))
    assert on_spark.to_fold(on_spark.merge(until_yesterday, today)).save() == one.save()


def test_unreadable_records_are_returned_with_their_row(events: DataFrame) -> None:
    found = {row.offset: row for row in on_spark.unreadable(events).collect()}
    expected = {
        number: bad for number, row in enumerate(ROWS) if (bad := Fold().read(row)["unreadable"])
    }
    assert len(expected) > 400
    assert found.keys() == expected.keys()
    for number, bad in expected.items():
        assert bytes(found[number].value) == ROWS[number]
        plain = [row.asDict(recursive=True) for row in found[number].unreadable]
        assert plain == [{key: one[key] for key in ("line", "offset", "issues")} for one in bad]


def rows_of(answers: DataFrame) -> list[dict[str, Any]]:
    return in_order([plain(row.asDict(recursive=True)) for row in answers.collect()])


def plain(value: Any) -> Any:
    """Returns data without nulls, and with numbers as Python types."""
    match value:
        case dict():
            return {
                key: plain(one) for key, one in cast(dict[str, Any], value).items() if one is not None
            }
        case list():
            return [plain(one) for one in cast(list[object], value)]
        case Decimal():
            return int(value)
        case _:
            return value


def in_order(rows: list[Any]) -> list[Any]:
    return sorted((plain(row) for row in rows), key=lambda row: json.dumps(row, sort_keys=True))


def test_states_equal_those_of_the_fold(folds: DataFrame, one: Fold) -> None:
    assert rows_of(on_spark.states(folds)) == in_order(list(one.values()))
    found = [one.state_at(agent, CUT) for agent in one]
    assert rows_of(on_spark.states(folds, at=CUT)) == in_order([state for state in found if state])


def test_intervals_equal_those_of_the_fold(folds: DataFrame, one: Fold) -> None:
    for track in (None, "state[support]"):
        expected = [
            {**interval, "value": as_text(interval["value"])}
            for agent in one
            for interval in one.intervals(agent, track, from_=CUT, to=END, as_of=LATER)
        ]
        assert len(expected) > (300 if track else 1000)
        same(on_spark.intervals(folds, track, from_=CUT, to=END, as_of=LATER), expected)
    with pytest.raises(AgentfoldError) as wrong:
        on_spark.intervals(folds, "mood", from_=CUT, to=END, as_of=END)
    assert wrong.value.code == "no_track"


def same(answers: DataFrame, expected: list[Any]) -> None:
    # Not `==` on the lists: pytest would take minutes to tell how long lists differ.
    found, wanted = rows_of(answers), in_order(expected)
    assert len(found) == len(wanted)
    assert [pair for pair in zip(found, wanted, strict=True) if pair[0] != pair[1]][:1] == []


def test_all_agents_are_asked_as_of_one_instant(folds: DataFrame) -> None:
    with pytest.raises(TypeError):
        on_spark.intervals(folds, from_=CUT, to=END)  # type: ignore[call-arg]
    undated: Any = {"boundaries": [CUT, END]}
    with pytest.raises(AgentfoldError) as wrong:
        on_spark.report(folds, undated)
    assert wrong.value.code == "bad_argument"


def test_work_items_equal_those_of_the_fold(folds: DataFrame, one: Fold) -> None:
    expected = [span for agent in one for span in one.work_items(agent, from_=CUT, to=END, as_of=LATER)]
    assert len(expected) > 500
    same(on_spark.work_items(folds, from_=CUT, to=END, as_of=LATER), expected)


def as_text(value: Any) -> str | None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value if value is None or isinstance(value, str) else text


def test_reports_equal_those_of_the_fold(folds: DataFrame, one: Fold) -> None:
    hours = agentfold.buckets(from_=CUT, to=END, every="6h", as_of=END)
    expected = one.report(hours)
    assert {row["row"] for row in expected} == {"channel", "unified_state", "chat"}
    answers = on_spark.report(folds, hours)
    same(answers, [fitting(row) for row in expected])
    types = dict(answers.dtypes)
    assert (types["from"], types["online_ns"], types["added"]) == ("string", "bigint", "bigint")
    wrong: Buckets = {"boundaries": [LATER, CUT], "as_of": LATER}
    with pytest.raises(AgentfoldError) as refused:
        on_spark.report(folds, wrong)
    assert refused.value.code == "not_rising"
    with pytest.raises(AgentfoldError) as refused:
        on_spark.report(folds, agentfold.buckets(from_=CUT, to=END, every="6h"))
    assert (refused.value.code, refused.value.path) == ("bad_argument", "/buckets/as_of")


def test_sessions_equal_those_of_the_fold(folds: DataFrame, one: Fold) -> None:
    hours = agentfold.buckets(from_=CUT, to=END, every="6h", as_of=END)
    expected = one.sessions(hours)
    assert len(expected) > 300
    same(on_spark.sessions(folds, hours), [fitting(row) for row in expected])


def fitting(row: Any) -> dict[str, Any]:
    """Returns a row without the durations that need more than 64 bits."""
    return {key: value for key, value in row.items() if not (key.endswith("_ns") and value >= 1 << 63)}


def test_anomalies_equal_those_of_the_fold(folds: DataFrame, one: Fold) -> None:
    expected = one.anomalies()
    assert len({anomaly["anomaly"] for anomaly in expected}) == 5
    assert rows_of(on_spark.anomalies(folds)) == in_order(expected)


def test_rows_of_one_agent_are_answered_apart(spark: SparkSession) -> None:
    earlier, later = (frame(spark, LINES[:count], 1) for count in (300, 600))
    both = on_spark.fold_events(earlier).union(on_spark.fold_events(later)).coalesce(1)
    states = [*folded(LINES[:300]).values(), *folded(LINES[:600]).values()]
    same(on_spark.states(both), states)


def test_instants_can_be_cast_to_timestamps(spark: SparkSession) -> None:
    instants = table(spark, [("2026-01-05T08:00:00.123456789Z",)], "at string")
    [row] = instants.selectExpr("unix_micros(cast(at as timestamp)) as us").collect()
    assert row.us == agentfold.to_ns("2026-01-05T08:00:00.123456789Z") // 1000


def test_a_column_of_another_type_is_refused(spark: SparkSession) -> None:
    numbers = spark.range(3)
    for call in (on_spark.fold_events, on_spark.fold_stream, on_spark.unreadable):
        with pytest.raises(AgentfoldError) as wrong:
            call(numbers, column="id")
        assert (wrong.value.code, wrong.value.path) == ("bad_argument", "/column")


class Stream:
    """A stream of files, one per batch, whose checkpoint survives its queries."""

    def __init__(self, spark: SparkSession, folder: Path) -> None:
        self.spark, self.folder = spark, folder
        self.latest: dict[tuple[str, str], bytes] = {}
        self.counts: list[int] = []
        (folder / "events").mkdir()

    def add(self, name: str, rows: list[bytes]) -> None:
        # Each line is a row.
        (self.folder / "events" / name).write_bytes(b"\n".join(rows))

    def run(self, cut: str | None = None, fail_at: int | None = None) -> None:
        """Runs until no file is left."""

        def take(batch: DataFrame, number: int) -> None:
            rows = batch.collect()
            if number == fail_at:
                raise LookupError("the sink is gone")
            self.counts.append(len(rows))
            for row in rows:
                self.latest[row.account_id, row.agent_id] = bytes(row.fold)

        lines = self.spark.readStream.option("maxFilesPerTrigger", 1).text(str(self.folder / "events"))
        writer = on_spark.fold_stream(lines, cut=cut).writeStream.outputMode("update")
        writer = writer.option("checkpointLocation", str(self.folder / "checkpoint"))
        query = writer.foreachBatch(take).trigger(availableNow=True).start()
        try:
            assert query.awaitTermination(120)
        finally:
            query.stop()

    def fold(self) -> Fold:
        fold = Fold()
        for saved in self.latest.values():
            fold.restore(saved)
        return fold


def test_a_stream_folds_to_the_bytes_of_one_fold_through_crashes_and_restarts(
    spark: SparkSession, tmp_path: Path
) -> None:
    from pyspark.errors import StreamingQueryException

    stream = Stream(spark, tmp_path)
    stream.add("1", LINES[:9000])
    stream.add("2", LINES[8000:16000])
    with pytest.raises(StreamingQueryException):
        stream.run(fail_at=1)
    assert len(stream.counts) == 1
    # The second batch is delivered again.
    stream.run()
    stream.add("3", LINES[:100] + LINES[15000:24000])
    stream.run()
    assert stream.fold().save() == folded(LINES[:24000]).save()
    # Agents without new events are not returned again.
    stream.add("4", LINES[:3000])
    stream.run()
    assert stream.counts[-1] == 0


def test_a_restarted_stream_applies_a_later_cut(spark: SparkSession, tmp_path: Path) -> None:
    stream = Stream(spark, tmp_path)
    first, second = LINES[:6000], LINES[5000:12000]
    stream.add("1", first)
    stream.run(cut=CUT)
    expected = folded(first, CUT)
    assert stream.fold().save() == expected.save()
    stream.add("2", second)
    stream.run(cut=LATER)
    expected.compact(LATER)
    for line in second:
        expected.read(line)
    # Agents without new events are not compacted yet.
    whole = stream.fold()
    whole.compact(LATER)
    assert whole.save() == expected.save()


def test_states_can_be_streamed(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "1").write_bytes(b"\n".join(LINES[:500]))
    lines = spark.readStream.text(str(tmp_path / "events"))
    found: list[Any] = []
    query = (
        on_spark.states(on_spark.fold_stream(lines))
        .writeStream.outputMode("update")
        .option("checkpointLocation", str(tmp_path / "checkpoint"))
        .foreachBatch(lambda batch, _: found.extend(rows_of(batch)))
        .trigger(availableNow=True)
        .start()
    )
    assert query.awaitTermination(120)
    assert in_order(found) == in_order(list(folded(LINES[:500]).values()))


def test_spark_reads_tables_of_a_fold_in_its_dialect(spark: SparkSession, tmp_path: Path) -> None:
    pa: Any = pytest.importorskip("pyarrow")
    pq: Any = pytest.importorskip("pyarrow.parquet")
    fold = Fold()
    fold.read(LINES)
    window: dict[str, Any] = {"from_": CUT, "to": END}
    hours = agentfold.buckets(**window, every="1h")
    tables = {
        "events": fold.to_arrow("events", dialect="spark"),
        "agents": fold.to_arrow("agents", dialect="spark"),
        "work_items": fold.to_arrow("work_items", dialect="spark", **window),
        "intervals": fold.to_arrow("intervals", dialect="spark", flat=True, **window),
        "report": fold.to_arrow("report", dialect="spark", durations="seconds", buckets=hours),
        "sessions": fold.to_arrow("sessions", dialect="spark", buckets=hours),
        "anomalies": fold.to_arrow("anomalies", dialect="spark"),
    }
    for name, stream in tables.items():
        table = pa.table(stream).slice(0, 2000)
        assert table.num_rows > 100
        pq.write_table(table, tmp_path / f"{name}.parquet")
        read = spark.read.parquet(str(tmp_path / f"{name}.parquet"))
        for frame in (read, cast("Any", spark).createDataFrame(table)):
            assert frame.columns == table.column_names
            ids = [row["agent_id"] for row in frame.collect()]
            assert sorted(map(str, ids)) == sorted(map(str, table.column("agent_id").to_pylist()))
    online = spark.read.parquet(str(tmp_path / "report.parquet")).where("row = 'channel'")
    [sums] = online.selectExpr("sum(online_s) as online", "max(to) as last").collect()
    assert sums["online"] > 0
    assert sums["last"] <= agentfold.to_datetime(END).astimezone().replace(tzinfo=None)


def test_the_examples_in_the_docstrings_run(spark: SparkSession) -> None:
    names = {**vars(on_spark), "spark": spark}
    test = doctest.DocTestParser().get_doctest(on_spark.__doc__ or "", names, "spark", None, None)
    assert test.examples
    output: list[str] = []
    doctest.DocTestRunner().run(test, out=output.append)
    assert not output, "".join(output)
    for name in on_spark.__all__:
        assert getattr(on_spark, name).__doc__, name


def test_the_example_in_the_readme_runs(spark: SparkSession) -> None:
    assert spark
    programs = programs_of("python/README.md")
    [program] = [program for program in programs if "agentfold.spark" in program]
    exec(compile(program, "README.md", "exec"), python.ModuleType("example").__dict__)


def test_the_recipes_in_the_page_run(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spark
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # Those with Delta and Ray are marked in the page, and Dask has a test of its own.
    all_programs = programs_of("docs/spark.md")
    programs = [one for one in all_programs if not re.search(r"(import|from) (delta|dask|ray)", one)]
    assert len(programs) == 5
    names = python.ModuleType("example").__dict__
    for program in programs:
        exec(compile(program, "spark.md", "exec"), names)


def test_the_recipe_for_delta_merges_the_agents_with_new_events(
    events: DataFrame, folds: DataFrame, one: Fold
) -> None:
    """Does what Delta's `MERGE` does with the data frame of the page."""
    keys = ["account_id", "agent_id"]
    table = on_spark.fold_events(events.where("offset % 3 > 0")).cache()
    new = on_spark.fold_events(events.where("offset % 3 = 0 and offset < 9000")).cache()
    known = table.join(new.select(*keys), keys, "left_semi")
    merged = on_spark.merge(known, new)
    after = table.join(merged, keys, "left_anti").unionByName(merged)
    expected = folded([row for number, row in enumerate(ROWS) if number % 3 or number < 9000])
    assert on_spark.to_fold(after).save() == expected.save()
    assert expected != one
    assert merged.count() < folds.count()


def test_a_local_spark_runs_where_the_environment_is_not_activated(tmp_path: Path) -> None:
    begin = programs_of("docs/spark.md")[0]
    program = f"{begin}print(spark.range(3).mapInArrow(lambda batches: batches, 'id long').count())"
    java = os.environ.get("JAVA_HOME") or str(Path(shutil.which("java") or "").resolve().parents[1])
    # Spark's workers find another Python first, which has nothing installed.
    other = tmp_path / "bin"
    other.mkdir()
    (other / "python3").write_text("#!/bin/sh\necho another python >&2\nexit 1\n")
    (other / "python3").chmod(0o755)
    environment = {
        "HOME": str(tmp_path),
        "JAVA_HOME": java,
        "PATH": f"{other}:/usr/bin:/bin",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.split() == ["3"], ended.stderr[-2000:]
