"""A webhook's delivery, from any framework's headers and body to its answer.

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
from ._agentfold import Fold
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
    """Answers a webhook's delivery: verifies it, reads its event, applies it, chooses the status.

    Statuses follow Zendesk's rules for retries: 200 for whatever was understood, repeats too; 400, 401
    and 413 for what is refused; 409, upon which Zendesk sends it again, if it could not be stored. The
    answer has no body: the sender learns nothing of secrets or reasons.

    Args:
        headers: Those of the request, as the framework has them.
        body: Its bytes as they came: parsed and written again, they are others.
        secrets: The secrets that deliveries may be signed with; several while they are rotated.
        fold: What events are applied to.
        apply: In place of a fold, stores an event, its bytes as they came, and answers what became of
            it, such as `{"outcome": "applied"}`. Whatever it raises is answered with 409.
        **policy: As for `webhook.receive`: `now`, `tolerance_seconds`, `account_id`, `for_tests`,
            `instant`, `max_bytes`, `max_depth`.

    Returns:
        An `Answered`: the `status` to answer, the `outcome`, and the `changes` of current state; of a
        stored event also the `event`, else its `issues`, `flaws` or `error`.

    Raises:
        AgentfoldError: `bad_argument` and the like for a mistake in the arguments; nothing that a
            sender does makes it raise.

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
    if apply is None:
        if fold is None:
            raise AgentfoldError("bad_argument", "/fold", "neither `fold` nor `apply` is given")
        into = fold.apply
        return receive(headers, body, secrets=secrets, apply=lambda it, _: into(it), **policy)
    try:
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
    """The same as `receive`, where to store an event is awaited.

    Args:
        headers: Those of the request, as the framework has them.
        body: Its bytes as they came.
        secrets: The secrets that deliveries may be signed with; several while they are rotated.
        apply: Stores an event, its bytes as they came, and answers what became of it. Whatever it
            raises is answered with 409.
        **policy: As for `webhook.receive`.

    Returns:
        An `Answered`.

    Raises:
        AgentfoldError: As `receive` does.

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
    # The caller's mistake, of which no delivery is to blame.
    raise error


def _stored(event: Received, stored: Stored) -> Answered:
    outcome, changes = stored["outcome"], stored.get("changes", [])
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
