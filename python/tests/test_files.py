"""Files folded on all cores: every number of threads gives the same fold."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Event
from vectors import VECTORS, cases

from agentfold import AgentfoldError, Fold, fold_files, read_events

# More than three parts of 8 MiB.
LARGE = 26_000_000


def many(event: Event, size: int, seed: int = 1) -> bytes:
    """Returns events of some agents in mixed order, some of them repeated, one per line."""
    chance = random.Random(seed)
    states = ("online", "away", "offline")
    lines = [
        event(number, agent=str(number % 97), state=states[number % 3]) for number in range(1, 8000)
    ]
    whole: list[bytes] = []
    while size > 0:
        whole.append(chance.choice(lines))
        size -= len(whole[-1]) + 1
    return b"\n".join(whole)


@pytest.fixture(scope="module")
def zstd() -> Callable[[bytes], bytes]:
    """Returns a function that compresses with zstd, from an installed library."""
    arrow: Any = pytest.importorskip(
        "pyarrow", reason="pyarrow is not installed: nothing compresses with zstd"
    )

    def packed(data: bytes) -> bytes:
        whole: bytes = arrow.compress(data, codec="zstd", asbytes=True)
        return whole

    return packed


def test_every_number_of_threads_gives_the_same_bytes(event: Event, tmp_path: Path) -> None:
    plain, small, packed = (tmp_path / name for name in ("plain", "small", "packed"))
    large = many(event, LARGE)
    plain.write_bytes(large)
    small.write_bytes(many(event, 100_000, 2) + b"\n{}\n")
    packed.write_bytes(gzip.compress(many(event, 1_000_000, 3), 1))
    files = [small, plain, packed]
    expected = Fold()
    counts: list[Any] = [expected.read(path)["counts"] for path in files]
    records = sum(sum(count.values()) for count in counts)
    saved = expected.save()
    for threads in (1, 2, 3, 7, None):
        fold, read = fold_files(files, threads=threads)
        assert fold.save() == saved, threads
        assert read["records"] == records
        (bad,) = read["unreadable"]
        assert (bad["file"], bad["issues"][0]["code"]) == (str(small), "missing_field")
    assert fold_files(plain, threads=2)[0].save() == fold_files(str(plain), threads=1)[0].save()
    merged = fold_files([small], threads=2)[0] | fold_files([packed, plain], threads=2)[0]
    assert merged.save() == saved


def test_lines_and_offsets_count_from_the_start_of_the_file(event: Event, tmp_path: Path) -> None:
    lines = many(event, LARGE).split(b"\n")
    for place in (0, 5, len(lines) // 2, len(lines) - 1):
        lines[place] = b'{"wrong": true}'
    path = tmp_path / "day.ndjson"
    path.write_bytes(b"\r\n\n".join(lines))
    expected = Fold().read(path)["unreadable"]
    assert len(expected) == 4
    for threads in (1, 4):
        found = fold_files([path, path], threads=threads)[1]["unreadable"]
        assert found == [{"file": str(path), **bad} for bad in expected] * 2


def test_files_that_are_not_ndjson_are_read_as_a_whole(event: Event, tmp_path: Path) -> None:
    events = [json.loads(line) for line in many(event, LARGE // 2).split(b"\n")]
    shapes = {
        "array": json.dumps(events),
        "array, an event a line": "[" + ",\n".join(map(json.dumps, events)) + "]",
        "objects over many lines": "\n".join(json.dumps(one, indent=1) for one in events),
    }
    expected = Fold()
    expected.read(events)
    for name, text in shapes.items():
        path = tmp_path / "shape.json"
        path.write_text(text)
        fold, read = fold_files([path], threads=3)
        assert (fold == expected, read["records"], read["unreadable"]) == (True, len(events), []), name


def test_the_vectors_fold_from_files(tmp_path: Path) -> None:
    expected = Fold()
    files: list[Path] = []
    for vector in sorted((VECTORS / "fold").glob("stream_*")):
        events = [case["step"]["event"] for case in cases(vector) if "event" in case.get("step", {})]
        files.append(tmp_path / vector.name)
        files[-1].write_text("\n".join(map(json.dumps, events)))
        expected.read(files[-1])
    assert fold_files(files, threads=4)[0].save() == expected.save()
    by_time = Fold(instant="time")
    by_time.read(files[0])
    assert fold_files(files[:1], instant="time")[0] == by_time


def test_zstd_is_unpacked_like_gzip(
    event: Event, tmp_path: Path, zstd: Callable[[bytes], bytes]
) -> None:
    plain = many(event, 1_000_000)
    packed = zstd(plain[:5000]) + zstd(plain[5000:])
    path = tmp_path / "day.ndjson.zst"
    path.write_bytes(packed)
    expected = Fold()
    expected.read(plain)
    sources: list[Any] = [packed, path, [packed[:3], packed[3:100], packed[100:]]]
    for source in sources:
        fold = Fold()
        fold.read(source)
        assert fold == expected
        assert sum(1 for _ in read_events(source)) == plain.count(b"\n") + 1
    reported: list[int] = []
    assert fold_files([path], on_progress=reported.append)[0] == expected
    assert sum(reported) == len(packed)


def test_progress_adds_up_to_the_bytes_of_all_files(event: Event, tmp_path: Path) -> None:
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        file.write_bytes(many(event, LARGE))
    reported: list[int] = []
    fold_files(files, threads=2, on_progress=reported.append)
    assert sum(reported) == sum(file.stat().st_size for file in files)

    def refuse(_: object) -> None:
        raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        fold_files(files, on_progress=refuse)


def test_the_error_names_a_file_that_can_not_be_read(event: Event, tmp_path: Path) -> None:
    good, folder, missing = (tmp_path / name for name in ("good", "folder", "missing"))
    good.write_bytes(event())
    folder.mkdir()
    for bad in (missing, folder):
        with pytest.raises(OSError, match=r".") as raised:
            fold_files([good, bad], threads=2)
        assert raised.value.filename == str(bad) or Path(raised.value.filename) == bad
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"paths": [good], "threads": 0}, "/threads"),
        ({"paths": 3}, "/paths"),
        ({"paths": [3]}, "/paths"),
        ({"paths": [good], "instant": "never"}, "/instant"),
    ]
    for keywords, path in wrong:
        with pytest.raises(AgentfoldError) as refused:
            fold_files(**keywords)
        assert (refused.value.code, refused.value.path) == ("bad_argument", path)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_stops_reading_files(event: Event, tmp_path: Path) -> None:
    path = tmp_path / "long.ndjson"
    path.write_bytes(many(event, LARGE))
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        fold_files([path] * 1000, threads=2)
    timer.join()
    assert time.monotonic() - begin < 5


def test_a_pipe_is_read_like_a_file(event: Event, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    feeder = threading.Thread(target=pipe.write_bytes, args=[event(1) + b"\n" + event(2)])
    feeder.start()
    fold, read = fold_files([pipe])
    feeder.join(10)
    assert (len(fold), read["records"]) == (1, 2)


def test_damage_costs_nothing_that_comes_before_it(event: Event, tmp_path: Path) -> None:
    text = many(event, 20_000)
    good, bad = tmp_path / "good.ndjson", tmp_path / "bad.gz"
    good.write_bytes(text)
    whole = Fold().read(good)
    bad.write_bytes(gzip.compress(text) + bytes(512))
    assert Fold().read(bad) == whole
    for damaged in (gzip.compress(text) + b"garbage", gzip.compress(text)[:-4]):
        bad.write_bytes(damaged)
        for source in (bad, damaged):
            read = Fold().read(source)
            assert read["counts"]["applied"] == whole["counts"]["applied"]
            assert read["unreadable_codes"] == {"damaged_stream": 1}
            assert " at byte " in read["unreadable"][0]["issues"][0]["message"]
        fold, files = fold_files([good, bad])
        assert fold == fold_files(good)[0]
        assert [it["file"] for it in files["unreadable"]] == [str(bad)]


def test_the_list_of_unreadable_records_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "empty.ndjson"
    path.write_bytes(b"{}\n" * 5_000)
    read = Fold().read(path)
    assert (len(read["unreadable"]), read["counts"]["unreadable"]) == (1_000, 5_000)
    assert read["unreadable_codes"] == {"missing_field": 5_000}
    files = fold_files([path, path])[1]
    assert (len(files["unreadable"]), files["unreadable_codes"]) == (1_000, {"missing_field": 10_000})
    reported: list[object] = []
    Fold().read(path, on_unreadable=reported.append)
    assert len(reported) == 5_000


def test_text_that_is_no_path_is_refused_without_being_repeated(tmp_path: Path) -> None:
    held = tmp_path / "held"
    held.touch()
    sources: list[Any] = [
        '{"secret": 1}',
        '\n[{"secret": 1}]',
        "secret" * 4_000_000,
        "secret,secret\n" * 2,
        "secret\0",
        [tmp_path / "a.ndjson"],
        ["secret.ndjson"],
        (str(held), "more"),
    ]
    for source in sources:
        with pytest.raises(AgentfoldError) as refused:
            Fold().read(source)
        assert refused.value.code == "bad_argument"
        assert "secret" not in str(refused.value)
        assert len(str(refused.value)) < 300
    with pytest.raises(AgentfoldError, match="fold_files"):
        Fold().read(["a.ndjson.gz", "b.ndjson.gz"])
    with pytest.raises(AgentfoldError, match="JSON"):
        fold_files('{"secret": 1}')
    lines = ["no path", "{}", "", '"a.json"']
    assert Fold().read(lines)["counts"]["unreadable"] == 3
    odd = tmp_path / "odd\nname"
    odd.touch()
    assert Fold().read(str(odd))["counts"]["applied"] == 0


def test_what_is_no_source_is_told_what_is_one() -> None:
    for wrong in (3, [3], None):
        source: Any = wrong
        with pytest.raises(AgentfoldError, match="an open file, an iterable of bytes") as refused:
            Fold().read(source)
        assert refused.value.path == "/source"
