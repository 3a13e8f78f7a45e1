"""`make benchpy`: how soon the first rows of a large report are there, and how much memory it takes.

Each way runs in a process of its own, since a process keeps the memory that it once had.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from speed import simulated

from agentfold import Fold, buckets

WAYS = ["to_arrow, batch by batch", "to_arrow, to Parquet", "to_arrow, whole", "report_rows"]
AGENTS = 200


def mebibytes() -> int:
    """Returns the most memory that this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def rows(way: str, fold: Fold, minutes: Any, folder: Path) -> Iterator[int]:
    """Yields the number of rows each time that there are more."""
    if way == "report_rows":
        for _ in fold.report_rows(minutes):
            yield 1
        return
    table = fold.to_arrow("report", buckets=minutes)
    if way == "to_arrow, whole":
        yield pa.table(table).num_rows
        return
    batches = pa.RecordBatchReader.from_stream(table)
    if way == "to_arrow, batch by batch":
        yield from (batch.num_rows for batch in batches)
        return
    with pq.ParquetWriter(folder / "report.parquet", batches.schema) as file:
        for batch in batches:
            file.write_batch(batch)
            yield batch.num_rows


def measure(way: str, path: Path) -> None:
    """Prints a line of the table."""
    fold = Fold()
    fold.read(path)
    ends = fold.first_and_last_event_at()
    assert ends
    minutes = buckets(from_=ends[0], to=ends[1], every="1m")
    before, start, first, count = mebibytes(), time.perf_counter(), 0.0, 0
    for more in rows(way, fold, minutes, path.parent):
        first = first or time.perf_counter() - start
        count += more
    seconds, peak = time.perf_counter() - start, mebibytes() - before
    print(f"| {way} | {count / 1e6:.1f} | {first:.2f} | {seconds:.1f} | {peak} |")


def main() -> None:
    """Runs the benchmarks and prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "events.ndjson")
        events = simulated(AGENTS)
        path.write_bytes(events)
        count = events.count(b"\n")
        print(f"\nA report by the minute of {count:,} events of {AGENTS} agents:\n")
        print("| way | million rows | first rows after, s | all after, s | more memory, MiB |")
        print("|---|---:|---:|---:|---:|", flush=True)
        for way in WAYS:
            subprocess.run([sys.executable, __file__, way, str(path)], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        main()
