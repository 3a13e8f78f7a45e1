"""A webhook receiver with Flask: `AGENTFOLD_SECRETS=... flask --app flask_app run`."""

import logging
import os

from flask import Flask, Response, jsonify, request

from agentfold import Fold, web

# One secret, or the old and the new one separated by spaces while you rotate them.
SECRETS = os.environ["AGENTFOLD_SECRETS"].split()

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 1 << 20
fold = Fold()


@app.post("/zendesk")
def receive() -> Response:
    """Handles a delivery."""
    answered = web.receive(request.headers, request.get_data(), secrets=SECRETS, fold=fold)
    if answered["outcome"] == "untrusted":
        logging.warning("refused: %s", answered["flaws"])
    for change in answered["changes"]:
        logging.info("%s of %s is %s", change["track"], change["agent_id"], change["to"])
    return Response(status=answered["status"])


@app.get("/agents")
def agents() -> Response:
    """Returns the current state of all agents."""
    return jsonify(list(fold.values()))
