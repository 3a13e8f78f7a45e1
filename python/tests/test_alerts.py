"""Alerts, and the outgoing webhook that tells them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from agentfold import AgentfoldError, Fold, alert_message, episodes, types, webhook

THRESHOLDS: types.Thresholds = {"state": [{"state": "away", "longer_than": "30m"}]}
AT = "2026-01-05T09:42:00Z"


@pytest.fixture
def fold() -> Fold:
    """Returns a fold with an agent who is away since nine."""
    fold = Fold()
    away = {"account_id": 2, "agent_id": 7, "field_name": "status", "id": "a", "value": "away"}
    fold.apply({**away, "timestamp": "2026-01-05T09:00:00Z"})
    return fold


def test_an_episode_is_told_once_across_restarts_of_the_host(fold: Fold) -> None:
    stored = "[]"
    began: list[list[str]] = []
    for minute in (30, 31, 32):
        at = datetime(2026, 1, 5, 9, minute, tzinfo=timezone.utc)
        look = episodes(json.loads(stored), fold.alerts(THRESHOLDS, at), at)
        began.append([alert["episode"] for alert in look["began"]])
        stored = json.dumps(look["told"])
    assert began == [[], ["state/2/7/chat_status/2026-01-05T09:00:00Z"], []]
    ended = episodes(json.loads(stored), [], "2026-01-05T09:33:00Z")
    assert (len(ended["ended"]), ended["told"]) == (1, [])


def test_a_receiver_verifies_a_message_as_it_verifies_zendesks_webhooks(fold: Fold) -> None:
    [alert] = fold.alerts(THRESHOLDS, AT, selection={"accounts": ["2"]})
    secret = "a secret of the receiver's"
    names: types.AlertNames = {"agents": {"7": "Ada <3"}}
    body = alert_message(alert, "began", at=AT, names=names)
    headers = webhook.sign(body, secret, at=AT)
    assert webhook.verify(headers, body, secret, now=AT)["secret"] == 0
    with pytest.raises(AgentfoldError, match="wrong_signature"):
        webhook.verify(headers, body + " ", secret, now=AT)
    text = "Ada <3 has been away for 42 minutes (limit: 30 minutes)."
    kind = "agentfold.alert_began"
    expected = {"type": kind, "account_id": "2", "at": AT, "text": text, "alert": alert}
    assert json.loads(body) == expected
    slack = alert_message(alert, "began", form="slack", names=names)
    assert json.loads(slack) == {"text": text.replace("<", "&lt;")}
    told = datetime.fromisoformat(json.loads(alert_message(alert, "ended"))["at"][:19] + "+00:00")
    assert abs(datetime.now(timezone.utc) - told) < timedelta(minutes=1)


def test_all_that_is_wrong_with_thresholds_is_named_at_once(fold: Fold) -> None:
    wrong: Any = {"state": [{"state": "away", "longer_then": "30m"}], "silense": {}}
    with pytest.raises(AgentfoldError) as refused:
        fold.alerts(wrong, AT)
    assert refused.value.code == "bad_argument"
    assert [(issue["path"], issue["message"]) for issue in refused.value.issues] == [
        ("/thresholds/silense", "`silense` is not an option; did you mean `silence`?"),
        ("/thresholds/state/0/longer_than", "`longer_than` is missing"),
        (
            "/thresholds/state/0/longer_then",
            "`longer_then` is not an option; did you mean `longer_than`?",
        ),
    ]


def test_wrong_arguments_of_episodes_and_messages_are_refused(fold: Fold) -> None:
    [alert] = fold.alerts(THRESHOLDS, AT)
    no: Any = {}
    calls: list[tuple[Any, str]] = [
        (lambda: episodes(no, [], AT), "/told"),
        (lambda: episodes([], [no], AT), "/alerts/0/kind"),
        (lambda: episodes([], [], "soon"), "/at"),
        (lambda: alert_message(no, "began"), "/alert/kind"),
        (lambda: alert_message(alert, "begun"), "/turn"),  # type: ignore[arg-type]
        (lambda: alert_message(alert, "began", form="teams"), "/form"),  # type: ignore[arg-type]
        (lambda: alert_message(alert, "began", names={"7": "Ada"}), "/names/7"),  # type: ignore[arg-type]
    ]
    for call, path in calls:
        with pytest.raises(AgentfoldError) as refused:
            call()
        assert refused.value.path == path
