"""`make load`: sends deliveries to `agentfold serve` and to plain receivers, with wrk, in one run.

Each receiver stores a delivery on the disk before it answers. All events are different, so that none
can be answered unstored. The plain receivers answer no questions: only agentfold has readers.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from servers import processor_seconds, wait_until_up

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
AGENTFOLD = ROOT / "target/release/agentfold"
RECEIVER = ROOT / "js/bench/receiver"
SECRET = "only-zendesk-and-we-know"
ACCOUNT = "10000345"
PORT = 8_643
CONNECTIONS = 256
READERS = 10
SECONDS = 10
#: Zendesk waits so long for an answer.
TIMEOUT = "12s"
#: The agents of the history that readers ask about.
PAST_AGENTS = 200
PAST_DAYS = 7
AGENTS = 1_000
NOW = datetime.now(timezone.utc).replace(minute=0, second=0, microsecond=0)


@dataclass
class Load:
    """What wrk measured, and how long the receiver used the processor for it."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    longest_ms: float
    refused: int
    failed: int
    processor_seconds: float = 0

    @property
    def rate(self) -> float:
        """The deliveries a second."""
        return self.requests / self.seconds


def stamp(at: datetime) -> str:
    """Returns an instant as the command reads it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def simulated(agents: int, hours: int, start: datetime, seed: int) -> list[bytes]:
    """Returns simulated events of one account."""
    command = [
        AGENTFOLD,
        "simulate",
        "--feed",
        "availability",
        "--agents",
        str(agents),
        "--hours",
        str(hours),
    ]
    command += ["--start", stamp(start), "--seed", str(seed), "--shuffle", "60"]
    lines = subprocess.run(
        [str(part) for part in command], capture_output=True, check=True
    ).stdout.splitlines()
    return [re.sub(rb'(?<="account_id":)("?)\d+', rb"\g<1>" + ACCOUNT.encode(), line) for line in lines]


def sign(events: list[bytes], path: Path) -> None:
    """Writes requests as `deliveries.lua` reads them, with the headers that Zendesk sends."""
    timestamp = stamp(datetime.now(timezone.utc))
    with path.open("wb") as file:
        for event in events:
            digest = hmac.digest(SECRET.encode(), timestamp.encode() + event, "sha256")
            headers = {
                "Host": "127.0.0.1",
                "User-Agent": "Zendesk Webhook",
                "Accept": "*/*",
                "Content-Type": "application/json; charset=utf-8",
                "Content-Length": str(len(event)),
                "X-Zendesk-Account-Id": ACCOUNT,
                "X-Zendesk-Webhook-Id": "01GX79ST1QX01C889XV42S2J5T",
                "X-Zendesk-Webhook-Invocation-Id": "01GX79ST1QX01C889XV42S2J5Z",
                "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
                "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
            }
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            request = f"POST /webhooks/zendesk HTTP/1.1\r\n{head}\r\n".encode() + event
            file.write(b"%08d" % len(request) + request)


def wrk(script: str, path: str, connections: int, seconds: int, *options: str) -> subprocess.Popen[str]:
    """Starts wrk."""
    command = ["wrk", "--connections", str(connections), "--duration", f"{seconds}s", *options]
    command += ["--script", str(HERE / "load" / script), f"http://127.0.0.1:{PORT}{path}"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def result(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Waits for wrk, and returns what its script printed."""
    printed, _ = process.communicate(timeout=300)
    if process.returncode:
        raise SystemExit(f"wrk failed: {printed}")
    measured: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return measured


@contextmanager
def running(command: list[str], folder: Path, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a receiver until the block ends."""
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **variables}, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_up(process, PORT)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def peak_bytes(process: subprocess.Popen[bytes]) -> int:
    """Returns the peak memory of a process. Only Linux tells."""
    peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text())
    return int(peak[1]) * 1024 if peak else 0


def deliver(process: subprocess.Popen[bytes], deliveries: Path, seconds: int) -> Load:
    """Sends deliveries until there are no more, or time is up."""
    before = processor_seconds(process)
    os.environ["DELIVERIES"] = str(deliveries)
    load = Load(
        **result(
            wrk("deliveries.lua", "/", CONNECTIONS, seconds, "--threads", "1", "--timeout", TIMEOUT)
        )
    )
    if load.refused or load.failed:
        raise SystemExit(f"{load.refused} deliveries were refused, and {load.failed} were not answered")
    load.processor_seconds = processor_seconds(process) - before
    return load


def peers(folder: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Returns the commands and the variables of the plain receivers."""
    uvicorn = [
        sys.executable,
        "-m",
        "uvicorn",
        "--app-dir",
        str(HERE),
        "receiver:app",
        "--port",
        str(PORT),
    ]
    uvicorn += ["--no-access-log", "--log-level", "warning"]
    all_peers: dict[str, tuple[list[str], dict[str, str]]] = {}
    for commit, name in {"grouped": "shared commits", "each": "a commit each"}.items():
        node = [
            "node",
            str(RECEIVER / "receiver.js"),
            str(folder / f"node-{commit}.db"),
            str(PORT),
            SECRET,
            commit,
        ]
        python = {
            "RECEIVER_SECRET": SECRET,
            "RECEIVER_FILE": str(folder / f"python-{commit}.db"),
            "RECEIVER_COMMIT": commit,
        }
        all_peers[f"Node, better-sqlite3, {name}"] = (node, {})
        all_peers[f"FastAPI, aiosqlite, {name}"] = (uvicorn, python)
    return all_peers


def own(folder: Path, *arguments: str) -> str:
    """Runs the command in a folder, and returns what it printed."""
    return subprocess.run(
        [str(AGENTFOLD), *arguments], cwd=folder, capture_output=True, check=True, text=True
    ).stdout


def set_up(folder: Path, history: Path | None = None) -> str:
    """Makes a folder for agentfold, and returns a token."""
    folder.mkdir()
    (folder / "agentfold.toml").write_text(f'[accounts.{ACCOUNT}]\nsecrets = ["{SECRET}"]\n')
    if history:
        own(folder, "serve", "import", str(history))
    return own(folder, "serve", "token", "add", "load").strip()


SERVE = [str(AGENTFOLD), "serve", "--address", f"127.0.0.1:{PORT}", "--log", "error"]


def ask(path: str, token: str) -> str:
    """Returns the answer to a question."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", headers={"authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        return str(answer.read(), "utf-8")


def check(folder: Path, token: str, expected: int) -> None:
    """Checks that all that was answered is stored."""
    metrics = ask("/metrics", token)
    outcomes = re.findall(
        r'^agentfold_deliveries_total\{outcome="(\w+)"\} (\d+)', metrics, re.MULTILINE
    )
    # wrk may stop before the last answer is there, and sends the last delivery again until it stops.
    known = ("applied", "late", "ignored", "duplicate")
    stored = sum(int(count) for outcome, count in outcomes if outcome in known)
    if stored < expected:
        raise SystemExit(f"{expected} deliveries were sent, and {stored} are stored: {outcomes}")


def row(name: str, load: Load, base: float | None, note: str = "") -> None:
    """Prints a row of the table."""
    ratio = f"{base / load.rate:.1f}" if base else ""
    each = load.processor_seconds / load.requests * 1e6
    cells = [
        name,
        f"{load.rate:,.0f}",
        f"{load.p50_ms:.1f}",
        f"{load.p99_ms:.1f}",
        f"{each:.0f}",
        ratio,
    ]
    print(f"| {' | '.join([*cells, note])} |", flush=True)


def compare(folder: Path, events: list[bytes], history: Path) -> None:
    """Prints the throughput of all receivers."""
    deliveries = folder / "deliveries"
    print(f"{CONNECTIONS} connections, {SECONDS} seconds, different events. Each reader asks")
    print(f"for reports of two days of {PAST_AGENTS} agents, by hours and channels.\n")
    print(
        "| | deliveries a second | p50 ms | p99 ms | processor µs each | agentfold, times as many | |"
    )
    print("|---|---:|---:|---:|---:|---:|---|")
    window = urllib.parse.urlencode(
        {
            "from": stamp(NOW - timedelta(days=3)),
            "to": stamp(NOW - timedelta(days=1)),
            "every": "1h",
            "by": "channel",
        }
    )
    question = f"/api/report?account={ACCOUNT}&{window}"
    rates = []
    for readers in (0, READERS):
        at = folder / f"agentfold-{readers}"
        token = set_up(at, history)
        sign(events, deliveries)
        with running(SERVE, at) as process:
            options = [
                "--threads",
                str(READERS),
                "--timeout",
                "60s",
                "--header",
                f"Authorization: Bearer {token}",
            ]
            reading = wrk("readers.lua", question, READERS, SECONDS, *options) if readers else None
            load = deliver(process, deliveries, SECONDS)
            note = f"{result(reading)['answers']} reports were answered meanwhile" if reading else ""
            check(at, token, load.requests)
        rates.append(load.rate)
        row(f"`agentfold serve`, {readers or 'no'} readers", load, None, note)
    for name, (command, variables) in peers(folder).items():
        sign(events, deliveries)
        with running(command, folder, **variables) as process:
            row(name, deliver(process, deliveries, SECONDS), rates[-1])


def day(folder: Path, events: list[bytes]) -> None:
    """Prints what a day takes at full speed."""
    deliveries = folder / "deliveries"
    sign(events, deliveries)
    at = folder / "day"
    token = set_up(at)
    with running(SERVE, at) as process:
        idle = peak_bytes(process)
        load = deliver(process, deliveries, 60)
        check(at, token, load.requests)
        floor = len(json.loads(ask(f"/api/agents?account={ACCOUNT}", token)))
        peak = peak_bytes(process)
    size = sum(file.stat().st_size for file in at.iterdir() if file.name.startswith("agentfold.db"))
    print(f"\n24 hours of {AGENTS:,} agents at full speed, with {CONNECTIONS} connections:\n")
    print(
        "| events | seconds | a second | p99 ms | memory at the start | peak memory | file | agents |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    cells = [f"{load.requests:,}", f"{load.seconds:.1f}", f"{load.rate:,.0f}", f"{load.p99_ms:.1f}"]
    cells += [f"{bytes_ / 1e6:.0f} MB" for bytes_ in (idle, peak, size)]
    print(f"| {' | '.join([*cells, f'{floor:,}'])} |", flush=True)


def main() -> None:
    """Prints the tables."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing: install it, and try again")
    events = simulated(AGENTS, 24, NOW - timedelta(hours=24), 7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        history = folder / "history.ndjson"
        past = simulated(PAST_AGENTS, 24 * PAST_DAYS, NOW - timedelta(days=PAST_DAYS + 1), 8)
        history.write_bytes(b"\n".join(past))
        compare(folder, events, history)
        day(folder, events)


if __name__ == "__main__":
    main()
