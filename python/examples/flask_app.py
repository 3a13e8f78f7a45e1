"""A webhook receiver with Flask that keeps what it took, and answers who is where.

    AGENTFOLD_SECRETS=... flask --app flask_app run

Run one process with threads, such as `gunicorn --threads 8 flask_app:app`: the file belongs to one
process. The questions are answered to anybody who can reach them, so put them behind your own sign-in.
"""

import logging
import os
from datetime import datetime, timezone

from flask import Flask, Response, abort, jsonify, request
from stored_fold import StoredFold

from agentfold import AgentfoldError, web

# One secret, or the old and the new one separated by spaces while you rotate them.
SECRETS = os.environ["AGENTFOLD_SECRETS"].split()

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1 << 20
stored = StoredFold(os.environ.get("AGENTFOLD_FILE", "agentfold.sqlite"))


@app.post("/zendesk")
def receive() -> Response:
    """Handles a delivery."""
    body = request.get_data()
    answered = web.receive(request.headers, body, secrets=SECRETS, apply=stored.apply)
    if answered["outcome"] == "untrusted":
        logging.warning("refused: %s", answered["flaws"])
    if answered["outcome"] == "not_stored":
        logging.error("not stored", exc_info=answered["error"])
    for change in answered["changes"]:
        logging.info("%s of %s is %s", change["track"], change["agent_id"], change["to"])
    return Response(status=answered["status"])


@app.get("/floor")
def floor() -> Response:
    """Returns the channels with their agents, those who can take one more item first."""
    return jsonify(stored.fold.floor(datetime.now(timezone.utc)))


@app.get("/agents/<account>/<agent>")
def state(account: str, agent: str) -> Response:
    """Returns the current state of an agent."""
    try:
        found = stored.fold.state((account, agent))
    except AgentfoldError as error:
        abort(400, error.message)
    if found is None:
        abort(404)
    return jsonify(found)
