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
from peers import fold_json, fold_msgspec, fold_orjson, fold_skilled, fold_skilled_by_line

from agentfold import Fold, fold_files, read_events

ROUNDS = 9
FEW_ROUNDS = 5
ROOT = Path(__file__).resolve().parents[2]

Ways = dict[str, Callable[[], Any]]


# Those in which an event is a line, since msgspec reads lines.
SPELLINGS = {
    "documented": "as the documents write it",
    "type-first": "`type` first",
    "spaced": "spaces after `:` and `,`",
    "shuffled": "keys in another order each time",
    "escaped": "an escape in each text",
    "extra-fields": "two unknown fields",
}

HISTORY = "history, repeats, order, unknown fields and types"
LEAVES_OUT = {
    "msgspec, typed": HISTORY,
    "msgspec, skilled": f"{HISTORY}; instants are text, and not all fields are checked",
    "msgspec, skilled, line by line": "the same",
    "orjson": f"{HISTORY}; all checks",
    "json": "the same",
}


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


def medians(
    ways: Ways, rounds: int = ROUNDS, clock: Callable[[], float] = time.process_time
) -> dict[str, float]:
    """Returns the median seconds of each way. The first round only warms up.

    By default these are seconds of the processor, since other programs may use the machine.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            start = clock()
            way()
            if number:
                times[name].append(clock() - start)
    return {name: statistics.median(all_times) for name, all_times in times.items()}


def table(
    title: str,
    ways: Ways,
    size: int,
    count: int,
    omitted: dict[str, str] | None = None,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """Prints a table of ways, compared with the first one."""
    times = medians(ways, clock=clock)
    first = next(iter(times.values()))
    more = (" leaves out |", "---|") if omitted else ("", "")
    print(f"\n| {title} | MB/s | µs an event | agentfold is faster by |{more[0]}")
    print(f"|---|---:|---:|---:|{more[1]}")
    for name, seconds in times.items():
        ratio = "" if name.startswith("agentfold") else f"{seconds / first:.1f}"
        line = f"| {name} | {size / seconds / 1e6:.0f} | {seconds / count * 1e6:.2f} | {ratio} |"
        print(f"{line} {omitted.get(name, '')} |" if omitted else line)


def by_spelling() -> None:
    """Prints a table of the spellings in which JSON lines can be written."""
    titles = ["reading and folding, one core", "agentfold, MB/s", "msgspec, skilled", "faster by"]
    titles += ["msgspec, typed", "faster by"]
    print(f"\n| {' | '.join(titles)} |")
    print("|---|---:|---:|---:|---:|---:|")
    for spelling, name in SPELLINGS.items():
        data = simulated(200, spelling)
        ways: Ways = {
            "agentfold": partial(fold, data),
            "skilled": partial(fold_skilled, data),
            "typed": partial(fold_msgspec, data),
        }
        own, *others = medians(ways, FEW_ROUNDS).values()
        size = len(data) / 1e6
        cells = [f"{size / other:.0f} | {other / own:.1f}" for other in others]
        print(f"| {name} | {size / own:.0f} | {' | '.join(cells)} |")


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
        "msgspec, skilled": lambda: fold_skilled(data),
        "msgspec, skilled, line by line": lambda: fold_skilled_by_line(data),
        "msgspec, typed": lambda: fold_msgspec(data),
        "orjson": lambda: fold_orjson(data),
        "json": lambda: fold_json(data),
    }
    table("reading and folding, one core", folded, size, count, LEAVES_OUT)
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
        title = f"a file of {len(large) / 1e6:.0f} MB, elapsed time"
        table(title, files, len(large), large.count(b"\n"), clock=time.perf_counter)


if __name__ == "__main__":
    main()
