"""Long calls: Ctrl-C ends them, other threads run meanwhile, and writers do not wait for readers."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agentfold import AgentfoldError, Fold, ReportSums, buckets

pa: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed: no tables to read")

AGENTS = 300
DAY: dict[str, Any] = {"from_": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z"}
END = "2026-01-19T00:00:00Z"
WEEKS: dict[str, Any] = {"from_": "2026-01-05T00:00:00Z", "to": END, "as_of": END}
MINUTES = buckets(**WEEKS, every="1m")
MANY: Any = {**MINUTES, "row_limit": 10**7}
FEW: Any = {"agents": [str(agent) for agent in range(5)]}
SOME: Any = {"agents": [str(agent) for agent in range(20)]}

# How long a signal and another thread may have to wait, in seconds. On a machine that is busy with
# other programs, Python's own threads wait for longer, so a third of a long call is allowed, too.
SOON = 2.0
STALL = 0.25


def gap(agent: int, number: int) -> bytes:
    """Returns an event that contradicts the one before it."""
    at = f"2026-01-05T{number // 60:02}:{number % 60:02}:00Z"
    return (
        f'{{"account_id": 2, "detail": {{"agent_id": "{agent}", "version": "{number + 1}"}}, '
        f'"event": {{"updated_at": "{at}", "previous_state": "away", "new_state": "online", '
        f'"channel": "support"}}, "id": "{number}", "type": "zen:event-type:agent.state_changed"}}\n'
    ).encode()


@pytest.fixture(scope="module")
def fold() -> Fold:
    """Returns a fold with 120,000 anomalies."""
    fold = Fold()
    fold.read(b"".join(gap(agent, number) for agent in range(AGENTS) for number in range(401)))
    assert len(fold) == AGENTS
    # Its first table lets pyarrow import pandas, in which Ctrl-C could arrive.
    pa.table(fold.to_arrow("sessions", buckets=buckets(**DAY, every="1d"), selection=FEW))
    return fold


@pytest.fixture
def without_collections() -> Iterator[None]:
    """Turns off the collection of garbage, for which Python stops all threads."""
    gc.disable()
    yield
    gc.enable()


# Each takes at least five seconds where nothing else runs, if nothing ends it.
LONG: dict[str, Callable[[Fold], Any]] = {
    "report": lambda fold: fold.report(MANY, selection=SOME),
    "report_of_groups": lambda fold: fold.report(MANY, "group_split"),
    "report_rows": lambda fold: list(fold.report_rows(MINUTES)),
    "sums": lambda fold: ReportSums(MANY).add(fold),
    "sessions": lambda fold: fold.sessions(MANY),
    "to_arrow": lambda fold: pa.table(fold.to_arrow("report", buckets=MINUTES)),
    "anomalies": lambda fold: [fold.anomalies() for _ in range(20)],
    "apply_many": lambda fold: fold.copy().apply_many(gap(1, 1) for _ in range(10**9)),
}


@pytest.mark.usefixtures("heeds_ctrl_c")
@pytest.mark.parametrize("name", LONG)
def test_ctrl_c_ends_a_long_call(fold: Fold, name: str) -> None:
    raised_at, done = 0.0, threading.Event()

    def interrupt() -> None:
        nonlocal raised_at
        while not done.wait(2 * SOON if raised_at else 0.3):
            # Once more if the first was lost, since the call could take all memory.
            raised_at = raised_at or time.monotonic()
            signal.raise_signal(signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        # What reads a table raises an error of its own before Python raises `KeyboardInterrupt`.
        try:
            LONG[name](fold)
        finally:
            time.sleep(0)
    except KeyboardInterrupt:
        waited = time.monotonic() - raised_at
    else:
        pytest.fail("Ctrl-C was lost")
    finally:
        done.set()
        thread.join()
    assert waited < SOON
    # Nothing goes on in a thread of the core either.
    while is_busy():
        assert time.monotonic() - raised_at < 2 * SOON


def is_busy() -> bool:
    """Whether a thread of this process works."""
    begin = time.process_time()
    time.sleep(0.1)
    return time.process_time() - begin > 0.05


def test_an_exception_of_another_signal_ends_a_call_too(fold: Fold) -> None:
    def late(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        with pytest.raises(TimeoutError):
            LONG["report"](fold)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def longest_stall(call: Callable[[], Any]) -> tuple[float, float]:
    """Returns how long a call took, and for how long another thread could not run meanwhile."""
    done, stall = threading.Event(), 0.0

    def beat() -> None:
        nonlocal stall
        last = time.monotonic()
        while not done.is_set():
            time.sleep(0.001)
            now = time.monotonic()
            stall, last = max(stall, now - last), now

    thread = threading.Thread(target=beat)
    thread.start()
    begin = time.monotonic()
    try:
        call()
    finally:
        done.set()
        thread.join()
    return time.monotonic() - begin, stall


@pytest.mark.usefixtures("without_collections")
@pytest.mark.parametrize("name", ["report", "sessions", "to_arrow", "anomalies", "merge", "read"])
def test_other_threads_run_during_a_long_call(fold: Fold, name: str) -> None:
    quarters = buckets(**WEEKS, every="15m")
    events = b"".join(gap(agent, number) for agent in range(100) for number in range(400))
    calls: dict[str, Callable[[], Any]] = {
        "report": lambda: fold.report(quarters, selection={"agents": [str(i) for i in range(10)]}),
        "sessions": lambda: fold.sessions(quarters, selection={"agents": [str(i) for i in range(40)]}),
        "to_arrow": lambda: pa.table(fold.to_arrow("sessions", buckets=quarters)),
        "anomalies": lambda: fold.anomalies(),
        "merge": lambda: fold.copy().merge(Fold() | fold),
        "read": lambda: Fold().read(events, changes=True),
    }
    took, stall = 0.0, 0.0
    for _ in range(3):
        took, stall = longest_stall(calls[name])
        if stall < max(STALL, took / 3):
            return
    pytest.fail(f"another thread waited for {stall:.2f} s of {took:.2f} s")


def test_a_writer_does_not_wait_for_a_report(fold: Fold) -> None:
    fold, done, slowest, applied = fold.copy(), threading.Event(), 0.0, 0

    def read() -> None:
        table = fold.to_arrow("report", buckets=MINUTES, selection=FEW)
        rows = fold.report_rows(MINUTES, selection={"agents": ["1"]})
        assert pa.table(table).num_rows > 200_000
        assert sum(1 for _ in rows) > 40_000
        done.set()

    thread = threading.Thread(target=read)
    begin = time.monotonic()
    thread.start()
    while not done.is_set() and thread.is_alive():
        before = time.monotonic()
        fold.apply(gap(1, applied % 400))
        slowest, applied = max(slowest, time.monotonic() - before), applied + 1
    took = time.monotonic() - begin
    thread.join()
    assert done.is_set()
    assert applied > 50
    assert slowest < max(STALL, took / 3)


def test_a_report_is_of_the_fold_as_it_was(fold: Fold) -> None:
    fold = fold.copy()
    hours = buckets(**DAY, every="1h")
    table, rows = fold.to_arrow("report", buckets=hours), fold.report_rows(hours)
    before, expected = pa.table(table), fold.report(hours)
    fold.compact(DAY["to"])
    assert fold.forget(("2", "1"))
    assert pa.table(table) == before
    assert list(rows) == expected
    assert fold.report(hours) != expected


def test_progress_is_told_in_rows(fold: Fold) -> None:
    hours = buckets(**WEEKS, every="1h")
    told: list[int] = []
    rows = fold.report(hours, selection=FEW, on_progress=told.append)
    assert len(told) > 3
    assert sum(told) == len(rows)
    told.clear()
    table = pa.table(fold.to_arrow("report", buckets=hours, on_progress=told.append))
    assert len(told) > 3
    assert max(told) == 65_536
    assert sum(told) == table.num_rows

    def failing(_: int) -> None:
        raise LookupError("no bar")

    with pytest.raises(LookupError):
        fold.report(hours, selection=FEW, on_progress=failing)
    with pytest.raises(pa.ArrowException, match="no bar"):
        pa.table(fold.to_arrow("report", buckets=hours, on_progress=failing))


def test_a_copy_and_its_original_change_apart(fold: Fold) -> None:
    original, saved = fold.copy(), fold.save()
    copy = original.copy()
    copy.compact(DAY["to"])
    assert original.save() == saved
    assert copy != original
    original.apply(gap(AGENTS + 1, 1))
    assert len(copy) == AGENTS
    assert len(original) == AGENTS + 1


def test_a_merge_and_a_compaction_in_turns_equal_those_at_once(fold: Fold) -> None:
    half, cut = Fold(), "2026-01-05T03:00:00Z"
    half.read(b"".join(gap(agent, number) for agent in range(200, 400) for number in range(300)))
    union = fold | half
    assert len(union) == 400
    assert union == half | fold
    union.compact(cut)
    assert union.cut() == cut
    assert {union.cut_of(agent) for agent in union} == {cut}
    # The cut of agents that are not known yet is the later one.
    assert (Fold() | union).cut() == cut
    assert (Fold() | union) == union
    other = Fold(instant="time")
    with pytest.raises(AgentfoldError, match="different_options"):
        other.merge(union)
    assert len(other) == 0
