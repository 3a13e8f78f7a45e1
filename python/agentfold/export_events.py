"""The pages of the Chat export, over any HTTP client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

from ._agentfold import ExportCursor
from .types import ExportPage, ExportRequest, Pause, Reply

_MISTAKES = (AttributeError, NameError, TypeError)
"""What the program is to blame for, and not the network: to try again would never end."""


def export_events(
    *,
    cursor: ExportCursor,
    host: str,
    get: Callable[[str], Reply],
    sleep: Callable[[float], object] = time.sleep,
) -> Generator[ExportPage, None, None]:
    """Pulls the pages of the Chat export up to the last one there is for now.

    It waits where Zendesk asks for it, and where no reply comes. Store a page's events, then the
    cursor, before you ask for the next page: stopped at any moment, a pull goes on from
    `ExportCursor.restore`.

    Args:
        cursor: Where the pull stands; it moves on as pages are given.
        host: Such as `example.zendesk.com`. Nothing else is ever asked.
        get: Gets a URL, as `httpx.Client(auth=...).get` or `requests.Session().get` does; credentials
            are its own business. It should not follow redirects and should give up after a while.
            Whatever it raises is a reply that did not come, but for a `TypeError`, an `AttributeError`
            or a `NameError`.
        sleep: Waits so many seconds.

    Yields:
        An `ExportPage`, whose events are JSON texts as they came.

    Raises:
        AgentfoldError: Whose `code` is a `RefusalCode`, if to ask again would not help, with the
            reply's `status`; the cursor stays as it was.

    Example:
        >>> from types import SimpleNamespace
        >>> body = b'{"agent_events": [], "count": 0}'
        >>> reply = SimpleNamespace(status_code=200, headers={}, content=body, history=[])
        >>> cursor = ExportCursor("2018-10-01T00:00:00Z")
        >>> for page in export_events(cursor=cursor, host="acme.zendesk.com", get=lambda url: reply):
        ...     print(page["events"], page["is_last"])
        [] True
    """
    while True:
        step: ExportRequest | ExportPage | Pause = cursor.next()
        if step["step"] == "request":
            try:
                reply = get(_url(host, step))
            except _MISTAKES:
                raise
            except Exception:
                step = cursor.lost()
            else:
                step = _taken(cursor, host, reply)
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
    """The same as `export_events`, where to get and to sleep is awaited.

    Args:
        cursor: Where the pull stands; it moves on as pages are given.
        host: Such as `example.zendesk.com`.
        get: Gets a URL, as `httpx.AsyncClient(auth=...).get` does.
        sleep: Waits so many seconds.

    Yields:
        An `ExportPage`, whose events are JSON texts as they came.

    Raises:
        AgentfoldError: As `export_events` does.

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
    while True:
        step: ExportRequest | ExportPage | Pause = cursor.next()
        if step["step"] == "request":
            try:
                reply = await get(_url(host, step))
            except _MISTAKES:
                raise
            except Exception:
                step = cursor.lost()
            else:
                step = _taken(cursor, host, reply)
        if step["step"] == "pause":
            await sleep(step["seconds"])
        elif step["step"] == "page":
            yield step
            if step["is_last"]:
                return


def _url(host: str, request: ExportRequest) -> str:
    return f"https://{host}{request['path']}?{request['query']}"


def _taken(cursor: ExportCursor, host: str, reply: Reply) -> ExportPage | Pause:
    # What the host itself answered, also where the client went on to where that pointed.
    first = reply.history[0] if reply.history else reply
    return cursor.take(host=host, status=first.status_code, headers=first.headers, body=first.content)
