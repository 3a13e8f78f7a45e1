"""Fixtures that several tests use."""

from __future__ import annotations

import gc
import json
import os
import signal
from collections.abc import Callable, Iterator

import pytest

Event = Callable[..., bytes]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Fails in CI if a test was skipped."""
    if os.environ.get("CI") and terminalreporter.stats.get("skipped"):
        pytest.exit("in CI, a skipped test is a failure", returncode=1)


@pytest.fixture
def event() -> Event:
    """Returns a function that makes events of agents changing state on a channel."""

    def made(
        number: int = 1, *, agent: str = "10011", account: str = "2", state: str = "online"
    ) -> bytes:
        at = f"2026-01-05T{8 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        return json.dumps(
            {
                "account_id": int(account),
                "detail": {"account_id": account, "agent_id": agent, "version": str(number)},
                "event": {"updated_at": at, "new_state": state, "channel": "support"},
                "id": f"event-{number}",
                "type": "zen:event-type:agent.state_changed",
            }
        ).encode()

    return made


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Handles Ctrl-C as in a terminal, because processes in the background ignore it.

    Python drops a Ctrl-C that arrives while it frees an object that other tests have left.
    """
    gc.collect()
    gc.disable()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
    gc.enable()
