"""`make benchpy`: compares `web.receive` with a plain program, alone and in a server.

The plain program is written as a skilled user would: it verifies the signature and its age, parses the
body, and stores it in a dict in which the latest arrival wins. It keeps no history, recognises no
repeats, and trusts that a signed body is an event.
"""

from __future__ import annotations

import base64
import hmac
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from servers import processor_seconds, wait_until_up
from speed import simulated

from agentfold import Fold, web, webhook

SECRET = "only-zendesk-and-we-know"
KEY = SECRET.encode()
TOLERANCE = 300
COUNT = 4_000
ROUNDS = 15
TURNS = 3
SECONDS = 4
CONNECTIONS = 50
PORT = 8_642

Headers = Mapping[str, str]
Last = dict[Any, Any]


def plain(headers: Headers, body: bytes, last: Last, loads: Callable[[bytes], Any] = json.loads) -> int:
    """Receives a delivery, and returns the status to send."""
    signature = headers.get("x-zendesk-webhook-signature", "")
    timestamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
    expected = base64.b64encode(hmac.digest(KEY, timestamp.encode() + body, "sha256"))
    if not hmac.compare_digest(expected, signature.encode()):
        return 401
    age = datetime.now(timezone.utc) - datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    if abs(age.total_seconds()) > TOLERANCE:
        return 401
    read = loads(body)
    event = read["event"]
    key = (read["detail"]["agent_id"], read["type"], event.get("channel"), event.get("work_item_id"))
    last[key] = event
    return 200


def server(receive: Callable[[Headers, bytes], int]) -> FastAPI:
    """Returns a server that receives deliveries."""
    app = FastAPI()

    @app.post("/zendesk")
    async def handle(request: Request) -> Response:
        return Response(status_code=receive(request.headers, await request.body()))

    return app


def plain_app() -> FastAPI:
    """Returns the server with the plain program."""
    return server(partial(plain, last={}))


def agentfold_app() -> FastAPI:
    """Returns the server with agentfold."""
    fold = Fold()
    return server(lambda headers, body: own(headers, body, fold))


def own(headers: Headers, body: bytes, fold: Fold) -> int:
    """Receives a delivery with agentfold, and returns the status to send."""
    return web.receive(headers, body, secrets=SECRET, fold=fold)["status"]


def deliveries() -> list[tuple[dict[str, str], bytes]]:
    """Returns signed deliveries with the headers that Zendesk sends."""
    signed = []
    for body in simulated(200).splitlines()[:COUNT]:
        headers = {
            "user-agent": "Zendesk Webhook",
            "accept": "*/*",
            "content-type": "application/json; charset=utf-8",
            "x-zendesk-account-id": str(json.loads(body)["account_id"]),
            "x-zendesk-webhook-id": "01GX79ST1QX01C889XV42S2J5T",
            "x-zendesk-webhook-invocation-id": "01GX79ST1QX01C889XV42S2J5Z",
            **webhook.sign(body, SECRET),
        }
        signed.append((headers, body))
    return signed


def alone(all_deliveries: Iterable[tuple[Headers, bytes]]) -> None:
    """Prints how long a delivery takes without a server."""
    msgspec_loads = msgspec.json.Decoder().decode

    def run(receive: Callable[[Headers, bytes], int]) -> None:
        if any(receive(headers, body) != 200 for headers, body in all_deliveries):
            raise SystemExit("a delivery was refused")

    ways: dict[str, Callable[[], None]] = {
        "agentfold, `web.receive`": lambda: run(partial(own, fold=Fold())),
        "plain, `hmac` and `json`": lambda: run(partial(plain, last={})),
        "plain, `hmac` and msgspec": lambda: run(partial(plain, last={}, loads=msgspec_loads)),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, way in ways.items():
            # Not the time of the clock, since other programs may use the machine.
            start = time.process_time()
            way()
            if number:
                times[name].append((time.process_time() - start) / COUNT)
    medians = {name: statistics.median(each) for name, each in times.items()}
    first = next(iter(medians.values()))
    print("\n| a delivery, verified, parsed and stored | µs | agentfold takes |\n|---|---:|---:|")
    for name, seconds in medians.items():
        ratio = "" if name.startswith("agentfold") else f"{first / seconds:.2f} times as long"
        print(f"| {name} | {seconds * 1e6:.1f} | {ratio} |")


def script(all_deliveries: Iterable[tuple[Headers, bytes]], path: Path) -> None:
    """Writes the deliveries as a script of wrk."""
    requests = []
    for headers, body in all_deliveries:
        own_headers = ", ".join(f"[{name!r}] = {value!r}" for name, value in headers.items())
        requests.append(f"{{{{{own_headers}}}, [==[{body.decode()}]==]}}")
    path.write_text(f"""
local deliveries = {{{",".join(requests)}}}
local next = 0
function request()
  next = next % #deliveries + 1
  return wrk.format("POST", "/zendesk", deliveries[next][1], deliveries[next][2])
end
""")


def load(app: str, lua: Path) -> tuple[float, float, str]:
    """Returns the deliveries a second, the processor's seconds for each, and the median latency."""
    command = [sys.executable, "-m", "uvicorn", "--factory", f"deliveries:{app}", "--port", str(PORT)]
    quiet = ["--no-access-log", "--log-level", "warning"]
    here = Path(__file__).parent
    process = subprocess.Popen([*command, *quiet], cwd=here)
    try:
        wait_until_up(process, PORT)
        before = processor_seconds(process)
        wrk = [
            "wrk",
            "--threads",
            "1",
            "--connections",
            str(CONNECTIONS),
            "--latency",
            "--script",
            str(lua),
        ]
        url = f"http://127.0.0.1:{PORT}"
        run = subprocess.run([*wrk, "--duration", f"{SECONDS}s", url], capture_output=True, text=True)
        spent = processor_seconds(process) - before
    finally:
        process.terminate()
        process.wait(10)
    if run.returncode or "Non-2xx" in run.stdout:
        raise SystemExit(f"wrk failed, or a delivery was refused: {run.stdout}{run.stderr}")
    lines = [line.split() for line in run.stdout.splitlines()]
    found = {line[0]: line[1] for line in lines if len(line) >= 2}
    count = next(int(line[0]) for line in lines if line[1:3] == ["requests", "in"])
    return float(found["Requests/sec:"]), spent / count, found["50%"]


def served(all_deliveries: Iterable[tuple[Headers, bytes]]) -> None:
    """Prints how many deliveries a second a server takes."""
    if shutil.which("wrk") is None:
        print("\nwrk is not installed, so the servers are not compared.", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        lua = Path(folder, "deliveries.lua")
        script(all_deliveries, lua)
        apps = {"agentfold, `web.receive`": "agentfold_app", "plain, `hmac` and `json`": "plain_app"}
        turns: dict[str, list[tuple[float, float, str]]] = {name: [] for name in apps}
        for _ in range(TURNS):
            for name, app in apps.items():
                turns[name].append(load(app, lua))
    titles = [f"FastAPI under uvicorn, {CONNECTIONS} connections", "deliveries a second"]
    titles += ["µs of the processor for each", "p50"]
    print(f"\n| {' | '.join(titles)} |\n|---|---:|---:|---:|")
    for name, all_turns in turns.items():
        rate, spent, latency = statistics.median_low(all_turns)
        print(f"| {name} | {rate:,.0f} | {spent * 1e6:.0f} | {latency} |")


def main() -> None:
    """Runs the benchmarks and prints the tables."""
    signed = deliveries()
    print(f"{len(signed)} signed deliveries, {sum(len(body) for _, body in signed) / 1e6:.1f} MB")
    alone(signed)
    served(signed)


if __name__ == "__main__":
    main()
