"""`make benchpy`: compares reading, folding and tables with other libraries, in one run.

The libraries take turns, round by round, and the median is reported. Each uses one core.
"""

from __future__ import annotations

import os

# polars reads it when it is imported.
os.environ["POLARS_MAX_THREADS"] = "1"

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from peers import fold_json, fold_msgspec, fold_orjson

from agentfold import Fold, fold_files, read_events

ROUNDS = 9
ROOT = Path(__file__).resolve().parents[2]

Ways = dict[str, Callable[[], Any]]


# Those in which an event is a line, since msgspec reads lines.
SPELLINGS = ["documented", "type-first", "spaced", "shuffled", "escaped", "extra-fields"]


def simulated(agents: int, spelling: str = "documented") -> bytes:
    """Returns forty hours of simulated events, with some deliveries repeated and late."""
    command = ["cargo", "run", "--quiet", "--release", "--locked", "--package", "agentfold-cli", "--"]
    floor = [
        "--agents",
        str(agents),
        "--hours",
        "40",
        "--seed",
        "3",
        "--duplicate",
        "0.02",
        "--shuffle",
        "60",
        "--spelling",
        spelling,
    ]
    run = subprocess.run(
        [*command, "simulate", *floor], cwd=ROOT, check=True, stdout=-1, stderr=subprocess.DEVNULL
    )
    return run.stdout


def medians(ways: Ways, rounds: int = ROUNDS) -> dict[str, float]:
    """Returns the median seconds of each way. The first round only warms up."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if number:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(all_times) for name, all_times in times.items()}


def table(title: str, ways: Ways, size: int, count: int) -> None:
    """Prints a table of ways, compared with the first one."""
    times = medians(ways)
    first = next(iter(times.values()))
    print(f"\n| {title} | MB/s | µs per event | agentfold is faster by |\n|---|---:|---:|---:|")
    for name, seconds in times.items():
        ratio = "" if name.startswith("agentfold") else f"{seconds / first:.1f}"
        print(f"| {name} | {size / seconds / 1e6:.0f} | {seconds / count * 1e6:.2f} | {ratio} |")


def by_spelling() -> None:
    """Prints a table of the spellings in which JSON lines can be written."""
    print("\n| reading and folding, one core | agentfold, MB/s | msgspec, MB/s | faster by |")
    print("|---|---:|---:|---:|")
    for spelling in SPELLINGS:
        data = simulated(200, spelling)
        ways: Ways = {"agentfold": partial(fold, data), "msgspec": partial(fold_msgspec, data)}
        own, other = medians(ways).values()
        size = len(data) / 1e6
        print(f"| {spelling} | {size / own:.0f} | {size / other:.0f} | {other / own:.1f} |")


def fold(data: bytes) -> Fold:
    """Reads and folds with agentfold."""
    read = Fold()
    read.read(data)
    return read


def main() -> None:
    """Runs the benchmarks and prints the tables."""
    data = simulated(200)
    size, count = len(data), data.count(b"\n")
    cores = os.cpu_count() or 1
    print("The documents' spelling, unless another one is named:")
    print(f"{count} webhook deliveries, {size / 1e6:.1f} MB of NDJSON, Python {sys.version.split()[0]}")
    folded: Ways = {
        "agentfold": lambda: fold(data),
        "msgspec, typed": lambda: fold_msgspec(data),
        "orjson": lambda: fold_orjson(data),
        "json": lambda: fold_json(data),
    }
    table("reading and folding, one core", folded, size, count)
    # By default polars infers the schema from the first lines, and later lines do not match it.
    schema = pl.read_ndjson(data, infer_schema_length=None).schema
    columns: Ways = {
        "agentfold, `to_arrow`, one core": lambda: pa.table(read_events(data).to_arrow()),
        "polars, schema given, one core": lambda: pl.read_ndjson(data, schema=schema),
        "polars, one core": lambda: pl.read_ndjson(data, infer_schema_length=None),
    }
    table("a table of events", columns, size, count)
    by_spelling()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "day.ndjson")
        large = simulated(1000)
        path.write_bytes(large)
        files: Ways = {
            f"agentfold, `fold_files`, threads: {threads}": partial(fold_files, path, threads=threads)
            for threads in sorted({1, 2, cores})
        }
        table(f"a file of {len(large) / 1e6:.0f} MB", files, len(large), large.count(b"\n"))


if __name__ == "__main__":
    main()
