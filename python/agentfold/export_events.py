"""Pulls the Chat export with any HTTP client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from typing import Any, TypeVar, cast

from ._agentfold import ExportCursor
from .types import ExportPage, ExportRequest, Pause, Reply

_Got = TypeVar("_Got")

_PIECE = 65_536
"""How many bytes of a body to read at once."""

_MISTAKES = (AttributeError, NameError, TypeError)
"""Errors of the program, not of the network. They are raised, because a retry would never end."""


def export_events(
    *,
    cursor: ExportCursor,
    host: str,
    get: Callable[[str], Reply],
    sleep: Callable[[float], object] = time.sleep,
) -> Generator[ExportPage, None, None]:
    """Yields the pages of the Chat export, up to the last page that is available now.

    Asks until a page brings nothing new, or ends within the last five minutes. Waits when Zendesk asks
    for it, and retries requests that failed temporarily. Store the events of a page, then the cursor,
    before you ask for the next page. A pull that was stopped at any moment continues from
    `ExportCursor.restore`.

    Args:
        cursor: The position of the pull. It advances with each page.
        host: The host to ask, such as `example.zendesk.com`. No other host is contacted.
        get: Gets a URL, such as `httpx.Client(auth=...).get` or `requests.Session().get`. It adds the
            credentials, should not follow redirects, and should have a timeout. An exception counts
            as a missing reply and is retried, except for `TypeError`, `AttributeError` and
            `NameError`. If it is the method `get` of an httpx client or a requests session, or
            returns replies whose bodies are not read yet, such as
            `lambda url: session.get(url, stream=True)`, no more of a reply is unpacked than a page may
            have.
        sleep: Waits a number of seconds. Default: `time.sleep`.

    Yields:
        An `ExportPage`. Its events are JSON texts as received.

    Raises:
        AgentfoldError: If a retry would not help, or did not help several times. `code` is a
            `RefusalCode`, and `status` the status of the reply. The cursor is unchanged.

    Example:
        >>> from types import SimpleNamespace
        >>> body = b'{"agent_events": [], "count": 0}'
        >>> reply = SimpleNamespace(status_code=200, headers={}, content=body, history=[])
        >>> cursor = ExportCursor("2018-10-01T00:00:00Z")
        >>> for page in export_events(cursor=cursor, host="acme.zendesk.com", get=lambda url: reply):
        ...     print(page["events"], page["is_last"])
        [] True
    """
    get = _unread(get)
    while True:
        step: ExportRequest | ExportPage | Pause = cursor.next()
        if step["step"] == "request":
            try:
                reply = get(_url(host, step))
                body = _body(reply, step["max_bytes"])
            except _MISTAKES:
                raise
            except Exception:
                step = cursor.lost()
            else:
                step = _taken(cursor, host, reply, body)
        if step["step"] == "pause":
            sleep(step["seconds"])
        elif step["step"] == "page":
            yield step
            if step["is_last"]:
                return


async def export_events_async(
    *,
    cursor: ExportCursor,
    host: str,
    get: Callable[[str], Awaitable[Reply]],
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> AsyncGenerator[ExportPage, None]:
    """Yields the pages of the Chat export, like `export_events`, but awaits `get` and `sleep`.

    Args:
        cursor: The position of the pull. It advances with each page.
        host: The host to ask, such as `example.zendesk.com`.
        get: Gets a URL, such as `httpx.AsyncClient(auth=...).get`.
        sleep: Waits a number of seconds. Default: `asyncio.sleep`.

    Yields:
        An `ExportPage`. Its events are JSON texts as received.

    Raises:
        AgentfoldError: As for `export_events`.

    Example:
        >>> import asyncio
        >>> from types import SimpleNamespace
        >>> async def get(url):
        ...     body = b'{"agent_events": [], "count": 0}'
        ...     return SimpleNamespace(status_code=200, headers={}, content=body, history=[])
        >>> async def pull(cursor):
        ...     pages = export_events_async(cursor=cursor, host="acme.zendesk.com", get=get)
        ...     return [page["is_last"] async for page in pages]
        >>> asyncio.run(pull(ExportCursor("2018-10-01T00:00:00Z")))
        [True]
    """
    get = _unread(get)
    while True:
        step: ExportRequest | ExportPage | Pause = cursor.next()
        if step["step"] == "request":
            try:
                reply = await get(_url(host, step))
                body = await _body_async(reply, step["max_bytes"])
            except _MISTAKES:
                raise
            except Exception:
                step = cursor.lost()
            else:
                step = _taken(cursor, host, reply, body)
        if step["step"] == "pause":
            await sleep(step["seconds"])
        elif step["step"] == "page":
            yield step
            if step["is_last"]:
                return


def _url(host: str, request: ExportRequest) -> str:
    return f"https://{host}{request['path']}?{request['query']}"


def _unread(get: Callable[[str], _Got]) -> Callable[[str], _Got]:
    """Returns a function that gets a reply without its body, if `get` is a method of a known client."""
    client: Any = getattr(get, "__self__", None)
    if getattr(get, "__name__", None) != "get":
        return get
    if hasattr(client, "build_request"):  # httpx
        return lambda url: client.send(client.build_request("GET", url), stream=True)
    if hasattr(client, "get_adapter"):  # requests
        return lambda url: client.get(url, stream=True)
    return get


def _pieces(reply: Reply) -> Any:
    return getattr(reply, "iter_content", None) or getattr(reply, "iter_bytes", None)


def _body(reply: Reply, max_bytes: int) -> bytes:
    """Returns the body, but not much more of it than the cursor takes."""
    pieces = _pieces(reply)
    if pieces is None or reply.history:
        return _first(reply).content
    body = bytearray()
    try:
        for piece in pieces(_PIECE):
            body += piece
            if len(body) > max_bytes:
                break
    finally:
        cast("Any", reply).close()
    return bytes(body)


async def _body_async(reply: Reply, max_bytes: int) -> bytes:
    """Returns the body, like `_body`, of a reply that may have to be awaited."""
    pieces: Any = getattr(reply, "aiter_bytes", None)
    if pieces is None or reply.history or getattr(reply, "is_stream_consumed", False):
        return _body(reply, max_bytes) if pieces is None else _first(reply).content
    body = bytearray()
    try:
        async for piece in pieces(_PIECE):
            body += piece
            if len(body) > max_bytes:
                break
    finally:
        await cast("Any", reply).aclose()
    return bytes(body)


def _first(reply: Reply) -> Reply:
    """Returns the reply of the host itself, even if the client followed a redirect."""
    return reply.history[0] if reply.history else reply


def _taken(cursor: ExportCursor, host: str, reply: Reply, body: bytes) -> ExportPage | Pause:
    first = _first(reply)
    return cursor.take(host=host, status=first.status_code, headers=first.headers, body=body)
