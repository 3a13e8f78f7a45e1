"""A receiver of webhooks as a skilled user would write it, for `make load`.

It verifies the signature and its age, parses the body, recognises repeats by their id, stores the event
before it answers, and keeps the latest event of each agent and kind. Each delivery has a transaction of
its own, or those that arrived together share one. It keeps no history, and answers no questions.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from typing import Any

import aiosqlite
from fastapi import FastAPI, Request, Response

KEY = os.environ["RECEIVER_SECRET"].encode()
FILE = os.environ["RECEIVER_FILE"]
GROUPED = os.environ["RECEIVER_COMMIT"] == "grouped"
TOLERANCE = 300
INSERT = "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?)"

Row = tuple[str, str, str, str]

last: dict[Any, Any] = {}
waiting: asyncio.Queue[tuple[Row, asyncio.Future[bool]]] = asyncio.Queue()
one_at_a_time = asyncio.Lock()


async def write(database: aiosqlite.Connection) -> None:
    """Stores events that arrived together in one transaction."""
    while True:
        batch = [await waiting.get()]
        while not waiting.empty():
            batch.append(waiting.get_nowait())
        try:
            await database.executemany(INSERT, [row for row, _ in batch])
            await database.commit()
            stored = True
        except aiosqlite.Error:
            await database.rollback()
            stored = False
        for _, done in batch:
            if not done.done():
                done.set_result(stored)


async def store(database: aiosqlite.Connection, row: Row) -> bool:
    """Stores an event, and tells whether it is stored."""
    if GROUPED:
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        waiting.put_nowait((row, done))
        return await done
    async with one_at_a_time:
        try:
            await database.execute(INSERT, row)
            await database.commit()
        except aiosqlite.Error:
            await database.rollback()
            return False
    return True


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens the database as long as the server runs."""
    async with aiosqlite.connect(FILE) as database:
        await database.execute("PRAGMA journal_mode = WAL")
        await database.execute("PRAGMA synchronous = FULL")
        await database.execute(
            "CREATE TABLE IF NOT EXISTS event"
            " (id TEXT PRIMARY KEY, account_id TEXT, agent_id TEXT, body TEXT) WITHOUT ROWID"
        )
        app.state.database = database
        writer = asyncio.create_task(write(database))
        yield
        writer.cancel()


app = FastAPI(lifespan=lifespan)


def is_signed(headers: Any, body: bytes) -> bool:
    """Tells whether Zendesk signed the body within the last minutes."""
    timestamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
    expected = base64.b64encode(hmac.digest(KEY, timestamp.encode() + body, "sha256"))
    if not hmac.compare_digest(expected, headers.get("x-zendesk-webhook-signature", "").encode()):
        return False
    age = datetime.now(timezone.utc) - datetime.fromisoformat(timestamp.replace("Z", "+00:00"))
    return abs(age.total_seconds()) <= TOLERANCE


@app.post("/webhooks/zendesk")
async def receive(request: Request) -> Response:
    """Answers a delivery once it is stored."""
    body = await request.body()
    if not is_signed(request.headers, body):
        return Response(status_code=401)
    read = json.loads(body)
    agent_id, event = read["detail"]["agent_id"], read["event"]
    row = (read["id"], str(read["account_id"]), agent_id, body.decode())
    if not await store(request.app.state.database, row):
        return Response(status_code=409)
    last[agent_id, read["type"], event.get("channel"), event.get("work_item_id")] = event
    return Response()
