"""Handles webhook deliveries in any web framework.

>>> from agentfold import Fold, web, webhook
>>> fold, secrets = Fold(), ["only-zendesk-and-we-know"]
>>> web.receive({}, b"{}", secrets=secrets, fold=fold)["status"]
401
>>> headers = webhook.sign(b"{}", secrets[0])
>>> web.receive(headers, b"{}", secrets=secrets, fold=fold)["status"]
400
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterable
from typing import cast, overload

from . import webhook
from ._agentfold import Fold, receive_into
from .error import AgentfoldError
from .types import (
    Answered,
    AnsweredNotStored,
    Buffer,
    FlawCode,
    HeadersInput,
    Received,
    ReceivePolicy,
    Stored,
)

if sys.version_info >= (3, 11):
    from typing import Unpack
else:
    from typing_extensions import Unpack

__all__ = ["receive", "receive_async"]


@overload
def receive(
    headers: HeadersInput,
    body: Buffer,
    *,
    secrets: str | Iterable[str],
    fold: Fold,
    apply: None = None,
    **policy: Unpack[ReceivePolicy],
) -> Answered: ...
@overload
def receive(
    headers: HeadersInput,
    body: Buffer,
    *,
    secrets: str | Iterable[str],
    fold: None = None,
    apply: Callable[[Buffer, Received], Stored],
    **policy: Unpack[ReceivePolicy],
) -> Answered: ...
def receive(
    headers: HeadersInput,
    body: Buffer,
    *,
    secrets: str | Iterable[str],
    fold: Fold | None = None,
    apply: Callable[[Buffer, Received], Stored] | None = None,
    **policy: Unpack[ReceivePolicy],
) -> Answered:
    """Handles a webhook delivery: verifies, parses and applies it, and returns the status to send.

    The status follows Zendesk's rules for retries. Send it without a body, so that it reveals nothing:

    - 200: the event was stored, or is a duplicate, or is ignored.
    - 400: the body is not an event.
    - 401: the signature or the account is wrong.
    - 409: the event could not be stored. Zendesk sends it again.
    - 413: the body is too large.

    Args:
        headers: The headers of the request, as the framework provides them.
        body: The bytes received. Do not parse and serialise them: the signature covers the bytes.
        secrets: The webhook's secrets. Pass both the old and the new one while you rotate them.
        fold: The fold that events are applied to.
        apply: Instead of `fold`, a function that stores an event, given as the bytes received and as
            the parsed event, and returns the outcome, such as `{"outcome": "applied"}`. If it raises,
            the status is 409.
        **policy: As for `webhook.receive`: `now`, `tolerance_seconds`, `account_id`, `for_tests`,
            `instant`, `max_bytes`, `max_depth`.

    Returns:
        An `Answered`: the `status` to send, the `outcome`, and the `changes` in the current state. For
        a stored event also the `event`, otherwise `issues`, `flaws` or `error`.

    Raises:
        AgentfoldError: `bad_argument` and similar codes for a wrong argument. No request makes it
            raise.

    Example:
        >>> from agentfold import webhook
        >>> event = b'''{"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
        ...   "event": {"updated_at": "2026-01-05T08:30:00Z", "new_state": "online", "channel": "talk"},
        ...   "type": "zen:event-type:agent.state_changed"}'''
        >>> fold, secret = Fold(), "only-zendesk-and-we-know"
        >>> answered = web.receive(webhook.sign(event, secret), event, secrets=[secret], fold=fold)
        >>> answered["status"], answered["outcome"]
        (200, 'applied')
        >>> [change["to"] for change in answered["changes"] if change["track"] == "state[talk]"]
        ['online']
    """
    try:
        if apply is None:
            if fold is None:
                raise AgentfoldError("bad_argument", "/fold", "expected `fold` or `apply`")
            return receive_into(headers, body, secrets, fold, **policy)
        event = webhook.receive(headers, body, secrets, **policy)
    except AgentfoldError as error:
        return _refused(error)
    try:
        return _stored(event, apply(body, event))
    except Exception as error:
        return _not_stored(error)


async def receive_async(
    headers: HeadersInput,
    body: Buffer,
    *,
    secrets: str | Iterable[str],
    apply: Callable[[Buffer, Received], Awaitable[Stored]],
    **policy: Unpack[ReceivePolicy],
) -> Answered:
    """Handles a webhook delivery like `receive`, but awaits the function that stores the event.

    Args:
        headers: The headers of the request, as the framework provides them.
        body: The bytes received.
        secrets: The webhook's secrets. Pass both the old and the new one while you rotate them.
        apply: Stores an event, given as the bytes received and as the parsed event, and returns the
            outcome. If it raises, the status is 409.
        **policy: As for `webhook.receive`.

    Returns:
        An `Answered`, as for `receive`.

    Raises:
        AgentfoldError: As for `receive`.

    Example:
        >>> import asyncio
        >>> async def store(body, event):
        ...     return {"outcome": "applied"}
        >>> asyncio.run(web.receive_async({}, b"{}", secrets=["s3cret"], apply=store))["outcome"]
        'untrusted'
    """
    try:
        event = webhook.receive(headers, body, secrets, **policy)
    except AgentfoldError as error:
        return _refused(error)
    try:
        return _stored(event, await apply(body, event))
    except Exception as error:
        return _not_stored(error)


def _refused(error: AgentfoldError) -> Answered:
    if error.handled == "unreadable":
        status = webhook.advise(error.handled)
        return {"status": status, "changes": [], "outcome": error.handled, "issues": error.issues}
    if error.handled == "untrusted" or error.handled == "too_large":
        code = cast("FlawCode", error.code)
        return {
            "status": webhook.advise(error.handled),
            "changes": [],
            "outcome": error.handled,
            "flaws": [{"code": code, "path": error.path, "message": error.message}],
        }
    # A mistake of the caller, not of the delivery.
    raise error


def _stored(event: Received, stored: Stored) -> Answered:
    outcome, changes = stored["outcome"], stored.get("changes", [])
    if not outcome:
        raise ValueError("`apply` returned no outcome")
    status = webhook.advise(outcome)
    if outcome == "unreadable":
        issues = stored.get("issues", [])
        return {"status": status, "changes": changes, "outcome": outcome, "issues": issues}
    return {"status": status, "changes": changes, "outcome": outcome, "event": event}


def _not_stored(error: Exception) -> AnsweredNotStored:
    return {
        "status": webhook.advise("not_stored"),
        "changes": [],
        "outcome": "not_stored",
        "error": error,
    }
