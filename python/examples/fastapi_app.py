"""A webhook receiver with FastAPI: `AGENTFOLD_SECRETS=... uvicorn fastapi_app:app`."""

import logging
import os

from fastapi import FastAPI, Request, Response

from agentfold import Fold, web
from agentfold.types import AgentState

# One secret, or the old and the new one separated by spaces while you rotate them.
SECRETS = os.environ["AGENTFOLD_SECRETS"].split()

app = FastAPI(max_body_size=1 << 20)
fold = Fold()


@app.post("/zendesk")
async def receive(request: Request) -> Response:
    """Handles a delivery."""
    answered = web.receive(request.headers, await request.body(), secrets=SECRETS, fold=fold)
    if answered["outcome"] == "untrusted":
        logging.warning("refused: %s", answered["flaws"])
    for change in answered["changes"]:
        logging.info("%s of %s is %s", change["track"], change["agent_id"], change["to"])
    return Response(status_code=answered["status"])


@app.get("/agents", response_model=None)
def agents() -> list[AgentState]:
    """Returns the current state of all agents."""
    return list(fold.values())
