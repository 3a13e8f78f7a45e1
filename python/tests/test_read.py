"""Reading from every kind of source, with threads, progress and Ctrl-C."""

from __future__ import annotations

import gzip
import io
import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Event

from agentfold import AgentfoldError, Fold, read_events
from agentfold.types import Source, Unreadable


@pytest.fixture
def lines(event: Event) -> bytes:
    return b"\n".join(event(number) for number in range(1, 3001))


def test_every_kind_of_source_gives_the_same_fold(lines: bytes, tmp_path: Path) -> None:
    packed = gzip.compress(lines)
    halves = gzip.compress(lines[:1000]) + gzip.compress(lines[1000:])
    plain, zipped = tmp_path / "day.ndjson", tmp_path / "day.whatever"
    plain.write_bytes(lines)
    zipped.write_bytes(halves)
    texts = lines.decode().splitlines()
    dicts = [json.loads(line) for line in texts]
    sources: dict[str, Any] = {
        "bytes": lines,
        "bytearray": bytearray(lines),
        "memoryview": memoryview(lines),
        "gzip": packed,
        "text path": str(plain),
        "path": plain,
        "gzip path": zipped,
        "binary file": io.BytesIO(lines),
        "gzip file": io.BytesIO(packed),
        "text file": io.StringIO(lines.decode()),
        "chunks": [lines[:100], b"", lines[100:]],
        "gzip chunks": iter([packed[:1], packed[1:5], packed[5:]]),
        "lines": texts,
        "dicts": dicts,
        "array": [json.dumps(dicts).encode()],
        "mixture": iter([texts[0], dicts[1], "\n".join(texts[2:])]),
    }
    expected = Fold()
    expected.read(lines)
    assert expected["10011"]["version"] == 3000
    for name, source in sources.items():
        fold = Fold()
        assert fold.read(source)["counts"]["applied"] == 3000, name
        assert fold == expected, name
    with gzip.open(zipped) as file:
        assert sum(record["kind"] == "agent.state_changed" for record in read_events(file)) == 3000


def test_one_dict_is_one_event(event: Event) -> None:
    assert Fold().read(json.loads(event()))["counts"]["applied"] == 1


def test_an_object_that_is_not_a_source_is_refused(tmp_path: Path) -> None:
    for wrong in (1, None, [1], [None]):
        with pytest.raises(AgentfoldError) as refused:
            Fold().read(wrong)  # type: ignore[arg-type]
        assert (refused.value.code, refused.value.path) == ("bad_argument", "/source")
    with pytest.raises(FileNotFoundError) as missing:
        Fold().read(tmp_path / "nothing")
    assert Path(missing.value.filename) == tmp_path / "nothing"


def test_an_exception_of_the_source_is_raised() -> None:
    def broken() -> Iterator[bytes]:
        yield b'{"a'
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        Fold().read(broken())
    with pytest.raises(LookupError, match="gone"):
        list(read_events(broken()))


def test_progress_adds_up_to_the_bytes_of_the_source(lines: bytes, tmp_path: Path) -> None:
    from tqdm import tqdm

    path = tmp_path / "day.ndjson.gz"
    path.write_bytes(gzip.compress(lines))
    with tqdm(total=path.stat().st_size, disable=None, file=io.StringIO()) as bar:
        reported: list[int] = []

        def progress(more: int) -> None:
            reported.append(more)
            bar.update(more)

        Fold().read(path, on_progress=progress)
    assert sum(reported) == path.stat().st_size
    reported.clear()
    Fold().read(lines, on_progress=reported.append)
    assert sum(reported) == len(lines)


def test_unreadable_records_are_passed_to_the_callback(event: Event) -> None:
    source = event(1) + b"\n{}\n[1]\n" + event(2)
    reported: list[Unreadable] = []
    fold = Fold()
    read = fold.read(source, on_unreadable=reported.append)
    assert read["unreadable"] == []
    assert read["counts"]["unreadable"] == len(reported)
    assert reported[0]["line"] == 2
    again = Fold().read(source)
    assert again["unreadable"] == reported


def test_a_callback_may_use_the_fold_and_its_errors_are_raised(lines: bytes) -> None:
    fold = Fold()
    seen: list[int] = []
    fold.read([lines, b""], on_progress=lambda _: seen.append(len(fold)))
    assert seen[-1] == 1

    def asked() -> Iterator[bytes]:
        yield lines
        assert fold.save()
        yield b"\n"

    fold.read(asked())

    def refuse(_: object) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        fold.read(lines, on_progress=refuse)
    with pytest.raises(LookupError, match="enough"):
        fold.read(b"{}", on_unreadable=refuse)


def endless(line: bytes) -> Iterator[bytes]:
    many = (line + b"\n") * 2000
    while True:
        yield many


def again_and_again(fold: Fold, source: Source) -> None:
    while True:
        fold.read(source)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_stops_a_long_read_and_keeps_the_events_read(event: Event, tmp_path: Path) -> None:
    # A long file, and an endless stream.
    path = tmp_path / "long.ndjson"
    path.write_bytes((event(1) + b"\n") * 1_000_000)
    for source in (path, path.read_bytes() * 4, endless(event(1))):
        fold = Fold()
        timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
        timer.start()
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            again_and_again(fold, source)
        assert time.monotonic() - begin < 5
        timer.join()
        assert fold["10011"]["version"] == 1


def test_other_threads_run_while_a_fold_reads(event: Event) -> None:
    source = (event(1) + b"\n") * 400_000
    done = threading.Event()

    def read() -> None:
        Fold().read(source)
        done.set()

    thread = threading.Thread(target=read)
    thread.start()
    turns = 0
    while not done.is_set():
        turns += 1
    thread.join()
    # If reading kept the interpreter locked, other threads would get at most one turn in 50 ms.
    assert turns > 1000


def test_two_folds_in_two_threads_run_in_parallel(event: Event) -> None:
    source = (event(1) + b"\n") * 300_000
    begun, ended = [0.0, 0.0], [0.0, 0.0]

    def read(place: int) -> None:
        begun[place] = time.monotonic()
        Fold().read(source)
        ended[place] = time.monotonic()

    threads = [threading.Thread(target=read, args=[place]) for place in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # Each begins before the other ends, so neither waited for the other.
    assert max(begun) < min(ended)


def test_threads_can_share_a_fold(event: Event) -> None:
    fold, other = Fold(), Fold()
    parts = [[event(number) for number in range(start, 4000, 4)] for start in range(1, 5)]

    def work(part: list[bytes]) -> None:
        fold.read(part)
        for one in part[:50]:
            other.apply(one)
            fold.merge(other)
            other.merge(fold)
            assert fold.agents()

    threads = [threading.Thread(target=work, args=[part]) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    whole = Fold()
    whole.read([one for part in parts for one in part])
    assert fold == whole
