"""A webhook receiver with FastAPI that keeps what it took, and answers who is where.

    AGENTFOLD_SECRETS=... uvicorn fastapi_app:app

Run one worker: the file belongs to one process. The questions are answered to anybody who can reach
them, so put them behind your own sign-in.
"""

import logging
import os
from datetime import datetime, timezone

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from stored_fold import StoredFold

from agentfold import AgentfoldError, web
from agentfold.types import AgentState, Applied, Buffer, ChannelFloor, Received

# One secret, or the old and the new one separated by spaces while you rotate them.
SECRETS = os.environ["AGENTFOLD_SECRETS"].split()

app = FastAPI(max_body_size=1 << 20)
stored = StoredFold(os.environ.get("AGENTFOLD_FILE", "agentfold.sqlite"))


async def apply(body: Buffer, event: Received) -> Applied:
    """Waits for the disk in a thread, so that other requests go on."""
    return await run_in_threadpool(stored.apply, body, event)


@app.post("/zendesk")
async def receive(request: Request) -> Response:
    """Handles a delivery."""
    body = await request.body()
    answered = await web.receive_async(request.headers, body, secrets=SECRETS, apply=apply)
    if answered["outcome"] == "untrusted":
        logging.warning("refused: %s", answered["flaws"])
    if answered["outcome"] == "not_stored":
        logging.error("not stored", exc_info=answered["error"])
    for change in answered["changes"]:
        logging.info("%s of %s is %s", change["track"], change["agent_id"], change["to"])
    return Response(status_code=answered["status"])


# FastAPI runs functions that are not async in threads.
@app.get("/floor", response_model=None)
def floor() -> list[ChannelFloor]:
    """Returns the channels with their agents, those who can take one more item first."""
    return stored.fold.floor(datetime.now(timezone.utc))


@app.get("/agents/{account}/{agent}", response_model=None)
def state(account: str, agent: str) -> AgentState:
    """Returns the current state of an agent."""
    try:
        found = stored.fold.state((account, agent))
    except AgentfoldError as error:
        raise HTTPException(400, error.message) from None
    if found is None:
        raise HTTPException(404)
    return found
