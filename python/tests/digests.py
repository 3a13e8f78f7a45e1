"""Prints the digest of the saved fold of a file of events, folded in one of several ways."""

from __future__ import annotations

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agentfold import Fold


def fold_of(source: bytes | list[bytes]) -> Fold:
    fold = Fold()
    fold.read(source)
    return fold


def folded(way: str, day: bytes) -> Fold:
    if way == "threads":
        lines = day.splitlines(keepends=True)
        with ThreadPoolExecutor(2) as threads:
            first, second = threads.map(fold_of, [lines[::2], lines[1::2]])
        return first | second
    if way == "pieces":
        return fold_of([day[begin : begin + 997] for begin in range(0, len(day), 997)])
    return fold_of(day)


if __name__ == "__main__":
    fold = folded(sys.argv[1], Path(sys.argv[2]).read_bytes())
    print(hashlib.sha256(fold.save()).hexdigest())
