"""Pulls the Chat export over real HTTP with common clients."""

from __future__ import annotations

import asyncio
import functools
import gzip
import json
import random
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

import pytest

from agentfold import (
    AgentfoldError,
    ExportCursor,
    answer_export,
    export_events,
    export_events_async,
    to_instant,
    to_ns,
)
from agentfold.types import ChatEvent, ExportPage, Reply

TOKEN = "credentials-of-an-administrator"
SINCE = "2018-10-19T12:00:00Z"

Answer = tuple[int, dict[str, str], bytes]
"""A status, headers and a body, possibly incomplete."""


def chat_event(number: int) -> ChatEvent:
    """Returns an event of the Chat export: one per second, every third at the previous instant."""
    return {
        "account_id": "2",
        "agent_id": "10011",
        "id": f"event-{number:03}",
        "timestamp": to_instant(to_ns(SINCE) + (number - (number % 3 == 2)) * 1_000_000_000),
        "field_name": "engagements",
        "value": number,
    }


class Server(ThreadingHTTPServer):
    """A local export endpoint that can fail before it answers."""

    daemon_threads = True

    def __init__(self, events: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.records = [chat_event(number) for number in range(events)]
        self.host = f"127.0.0.1:{self.server_port}"
        self.failures: list[Answer | None] = []
        self.most: int | None = None
        """The most events on a page, whatever was requested."""
        self.asked: list[tuple[dict[str, str], str | None]] = []

    def ids(self) -> list[str]:
        return [event["id"] for event in self.records]

    def answer(self, path: str, query: str) -> Answer | None:
        """Returns the next failure if there is one, otherwise a page; `None` stands for no reply."""
        if self.failures:
            return self.failures.pop(0)
        # Ignores the start id, so that the last event of a page begins the next page.
        without_id = [pair for pair in parse_qsl(query) if pair[0] != "start_id"]
        if self.most is not None:
            without_id = [pair for pair in without_id if pair[0] != "limit"]
            without_id.append(("limit", str(self.most)))
        url = f"https://{self.host}{path}"
        answer = answer_export(urlencode(without_id), self.records, url=url)
        return answer["status"], {}, answer["body"].encode()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = cast("Server", self.server)
        path, _, query = self.path.partition("?")
        server.asked.append((dict(parse_qsl(query)), self.headers["authorization"]))
        answer = server.answer(path, query)
        if answer is None:
            return
        status, headers, body = answer
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing."""


@pytest.fixture
def serve() -> Iterator[Callable[[int], Server]]:
    servers: list[tuple[Server, threading.Thread]] = []

    def started(events: int) -> Server:
        server = Server(events)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        servers.append((server, thread))
        return server

    yield started
    for server, thread in servers:
        server.shutdown()
        thread.join(20)
        server.server_close()


def plain(url: str) -> str:
    """Replaces https by http, because the local server has no certificate."""
    assert url.startswith("https://")
    return url.replace("https:", "http:", 1)


class SleptError(Exception):
    """Raised instead of waiting."""


class Pulled:
    """The pages of a pull, and the waits that it asked for."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.pages: list[ExportPage] = []

    def ids(self) -> list[str]:
        return [json.loads(event)["id"] for page in self.pages for event in page["events"]]

    def by(self, client: str, cursor: ExportCursor, server: Server, pages: int = 1000) -> Pulled:
        """Pulls at most `pages` pages."""
        for library in ("httpx", "requests"):
            pytest.importorskip(library)
        import httpx
        import requests

        if client == "httpx.AsyncClient":
            asyncio.run(self.awaited(cursor, server, pages))
            return self
        session = httpx.Client() if client == "httpx" else requests.Session()
        session.headers["authorization"] = TOKEN
        with session:
            pulled = export_events(
                cursor=cursor,
                host=server.host,
                get=lambda url: session.get(plain(url), timeout=5),
                sleep=self.slept.append,
            )
            for page in pulled:
                self.pages.append(page)
                if len(self.pages) >= pages:
                    break
        return self

    async def awaited(self, cursor: ExportCursor, server: Server, pages: int) -> None:
        import httpx

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        async with httpx.AsyncClient(headers={"authorization": TOKEN}, timeout=5) as session:
            pulled = export_events_async(
                cursor=cursor,
                host=server.host,
                get=lambda url: session.get(plain(url)),
                sleep=sleep,
            )
            async for page in pulled:
                self.pages.append(page)
                if len(self.pages) >= pages:
                    break
            await pulled.aclose()


CLIENTS = pytest.mark.parametrize("client", ["httpx", "requests", "httpx.AsyncClient"])
Serve = Callable[[int], Server]


@CLIENTS
def test_every_event_is_returned_once_despite_repeats_between_pages(client: str, serve: Serve) -> None:
    server, cursor = serve(25), ExportCursor(SINCE, limit=10)
    pulled = Pulled().by(client, cursor, server)
    assert pulled.ids() == server.ids()
    # The last page brings nothing new.
    assert [page["is_last"] for page in pulled.pages] == [not page["events"] for page in pulled.pages]
    assert pulled.pages[-1]["is_last"]
    assert pulled.pages[0]["repeats"] == 0
    assert pulled.pages[1]["repeats"] > 0
    assert pulled.slept == []
    assert cursor.handed_out == 25
    assert {authorization for _, authorization in server.asked} == {TOKEN}
    server.records += [chat_event(25), chat_event(26)]
    assert Pulled().by(client, cursor, server).ids() == ["event-025", "event-026"]


@CLIENTS
def test_a_pull_waits_as_long_as_asked_and_then_retries(client: str, serve: Serve) -> None:
    server = serve(25)
    page = json.dumps({"agent_events": server.records}).encode()
    server.failures = [
        (429, {"retry-after": "7"}, b""),
        (503, {"retry-after": "11"}, b"busy"),
        (500, {}, b""),
        # Incomplete bodies, with and without a content-length.
        (200, {}, page[:100]),
        (200, {"content-length": "100000"}, page[:100]),
        None,
    ]
    pulled = Pulled().by(client, ExportCursor(SINCE), server)
    assert pulled.ids() == server.ids()
    assert pulled.slept[:2] == [7, 11]
    assert len(pulled.slept) == 6
    assert all(0 < seconds < 120 for seconds in pulled.slept)
    assert len({json.dumps(query) for query, _ in server.asked}) == 2


@CLIENTS
def test_a_stopped_pull_continues_from_the_saved_cursor(client: str, serve: Serve) -> None:
    server, cursor = serve(25), ExportCursor(SINCE, limit=5)
    first = Pulled().by(client, cursor, server, pages=2)
    saved = cursor.save()
    rest = Pulled().by(client, ExportCursor.restore(saved), server)
    assert len(first.pages) == 2
    assert first.ids() + rest.ids() == server.ids()


@CLIENTS
def test_every_event_is_returned_once_despite_failures_and_stops(client: str, serve: Serve) -> None:
    chance = random.Random(6)
    fails: list[Answer | None] = [(429, {"retry-after": "1"}, b""), (502, {}, b"<html>"), None]
    for limit in (4, 7):
        server, ids = serve(40), list[str]()
        cursor, done = ExportCursor(SINCE, limit=limit), False
        for _ in range(100):
            server.failures = [chance.choice(fails) for _ in range(chance.randrange(3))]
            pulled = Pulled().by(client, cursor, server, pages=chance.randrange(1, 4))
            ids += pulled.ids()
            cursor, done = ExportCursor.restore(cursor.save()), pulled.pages[-1]["is_last"]
            if done:
                break
        assert done
        assert ids == server.ids()


@CLIENTS
@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (401, b"{}", "unauthorized"),
        (404, b"{}", "not_found"),
        (200, b"<html></html>", "not_a_page"),
        (200, b'{"agent_events": [], "next_page": "https://else.example/"}', "other_host"),
    ],
)
def test_a_reply_that_a_retry_would_not_change_is_raised(
    client: str, status: int, body: bytes, code: str, serve: Serve
) -> None:
    server, cursor = serve(3), ExportCursor(SINCE)
    # A reply that is not Zendesk's is asked for again four times.
    server.failures = [(status, {}, body)] * 5
    before = cursor.save()
    with pytest.raises(AgentfoldError) as refused:
        Pulled().by(client, cursor, server)
    assert refused.value.code == code
    assert refused.value.status == status
    assert TOKEN not in repr(refused.value)
    assert cursor.save() == before
    assert len(server.asked) == (5 if code == "not_a_page" else 1)
    server.failures.clear()
    assert Pulled().by(client, cursor, server).ids() == server.ids()


@CLIENTS
def test_replies_that_may_pass_are_asked_for_again(client: str, serve: Serve) -> None:
    server = serve(25)
    server.failures = [
        (409, {}, b'{"error": "DatabaseConflict"}'),
        (200, {}, b"<html>maintenance</html>"),
        (403, {}, b"<html>proxy</html>"),
        (429, {"retry-after": "1.5"}, b""),
        (503, {"retry-after": "2, 2"}, b""),
        (429, {"ratelimit-reset": "41"}, b""),
        (200, {}, b'\xef\xbb\xbf{"agent_events": [], "agent_events": [{"id": 7}, null]}'),
    ]
    pulled = Pulled().by(client, ExportCursor(SINCE), server, pages=1)
    assert pulled.slept[3:] == [1.5, 2, 41]
    [page] = pulled.pages
    assert [note["code"] for note in page["warnings"]] == ["repeated_key"]
    assert [apart["record"] for apart in page["apart"]] == ['{"id": 7}', "null"]
    assert [apart["path"] for apart in page["apart"]] == ["/agent_events/0", "/agent_events/1"]


@CLIENTS
def test_a_host_that_gives_fewer_events_than_requested_is_asked_on(client: str, serve: Serve) -> None:
    server = serve(95)
    server.most = 20
    pulled = Pulled().by(client, ExportCursor(SINCE), server)
    assert pulled.ids() == server.ids()
    codes = [note["code"] for page in pulled.pages for note in page["warnings"]]
    assert codes.count("short_page") == 1


def test_an_event_dated_ahead_does_not_move_the_cursor(serve: Serve) -> None:
    server, cursor = serve(25), ExportCursor(SINCE)
    ahead = chat_event(25)
    ahead["timestamp"] = "9999-12-31T23:59:59Z"
    server.records.append(ahead)
    pulled = Pulled().by("httpx", cursor, server)
    assert pulled.ids() == server.ids()[:25]
    assert [apart["code"] for page in pulled.pages for apart in page["apart"]] == ["dated_ahead"]
    assert cursor.start_time < "2019"


def test_a_start_in_the_future_is_raised() -> None:
    def get(_: str) -> Reply:
        raise AssertionError

    ahead = ExportCursor(to_instant(2**62))
    with pytest.raises(AgentfoldError) as refused:
        next(export_events(cursor=ahead, host="acme.zendesk.com", get=get))
    assert refused.value.code == "start_in_future"


@pytest.mark.parametrize("client", ["httpx", "requests", "httpx.AsyncClient", "stream"])
def test_no_more_is_unpacked_than_a_page_may_have(client: str, serve: Serve) -> None:
    for library in ("httpx", "requests"):
        pytest.importorskip(library)
    import httpx
    import requests

    class PlainClient(httpx.Client):
        def build_request(self, method: str, url: Any, **more: Any) -> httpx.Request:
            return super().build_request(method, plain(str(url)), **more)

    class PlainAsyncClient(httpx.AsyncClient):
        def build_request(self, method: str, url: Any, **more: Any) -> httpx.Request:
            return super().build_request(method, plain(str(url)), **more)

    class PlainSession(requests.Session):
        def get(self, url: Any, **more: Any) -> requests.Response:
            return super().get(plain(url), **more)

    async def first() -> None:
        async with PlainAsyncClient(timeout=20) as awaited:
            async for _ in export_events_async(cursor=cursor, host=server.host, get=awaited.get):
                raise AssertionError

    def pull() -> None:
        if client == "httpx.AsyncClient":
            asyncio.run(first())
            return
        session = PlainSession() if client != "httpx" else PlainClient(timeout=20)
        get: Callable[[str], Reply] = session.get
        if client == "stream":
            get = functools.partial(PlainSession().get, stream=True)
        with session:
            next(export_events(cursor=cursor, host=server.host, get=get))

    server, cursor = serve(1), ExportCursor(SINCE)
    bomb = gzip.compress(b" " * (400 << 20), compresslevel=1)
    server.failures = [(200, {"content-encoding": "gzip"}, bomb)]
    tracemalloc.start()
    with pytest.raises(AgentfoldError) as refused:
        pull()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.code == "page_too_large"
    assert peak < 300 << 20


@CLIENTS
def test_a_redirect_is_refused_and_credentials_stay_with_the_host(client: str, serve: Serve) -> None:
    server, other = serve(3), serve(3)
    server.failures = [(302, {"location": f"http://{other.host}/elsewhere"}, b"")] * 5
    with pytest.raises(AgentfoldError) as refused:
        Pulled().by(client, ExportCursor(SINCE), server)
    assert (refused.value.code, refused.value.status) == ("redirected", 302)
    # requests follows redirects and removes `Authorization`.
    assert [authorization for _, authorization in other.asked] == [None] * 5 * (client == "requests")


def test_an_error_in_the_program_is_not_retried() -> None:
    def wrong(url: str) -> Reply:
        raise TypeError(url)

    async def wrong_too(url: str) -> Reply:
        return wrong(url)

    async def first() -> None:
        cursor = ExportCursor(SINCE)
        async for _ in export_events_async(cursor=cursor, host="acme.zendesk.com", get=wrong_too):
            raise AssertionError

    with pytest.raises(TypeError, match=r"^https://acme[.]zendesk[.]com/api/v2/chat/incremental/"):
        next(export_events(cursor=ExportCursor(SINCE), host="acme.zendesk.com", get=wrong))
    with pytest.raises(TypeError):
        asyncio.run(first())


def test_the_last_five_minutes_are_not_requested() -> None:
    def sleep(seconds: float) -> None:
        assert seconds > 200
        raise SleptError

    def get(_: str) -> Reply:
        raise AssertionError

    soon = to_instant(time.time_ns() - 60_000_000_000)
    with pytest.raises(SleptError):
        next(export_events(cursor=ExportCursor(soon), host="acme.zendesk.com", get=get, sleep=sleep))


def test_clients_work_unchanged_and_nothing_is_sent_without_encryption(serve: Serve) -> None:
    for library in ("httpx", "requests"):
        pytest.importorskip(library)
    import httpx
    import requests

    def sleep(_: float) -> None:
        raise SleptError

    async def sleep_too(_: float) -> None:
        raise SleptError

    async def first() -> None:
        async with httpx.AsyncClient(auth=("admin@acme.example", TOKEN)) as awaited:
            pages = export_events_async(
                cursor=ExportCursor(SINCE), host=server.host, get=awaited.get, sleep=sleep_too
            )
            async for _ in pages:
                raise AssertionError

    server = serve(3)
    with httpx.Client(auth=("admin@acme.example", TOKEN)) as client, requests.Session() as session:
        for pages in (
            export_events(cursor=ExportCursor(SINCE), host=server.host, get=client.get, sleep=sleep),
            export_events(cursor=ExportCursor(SINCE), host=server.host, get=session.get, sleep=sleep),
        ):
            with pytest.raises(SleptError):
                next(pages)
    with pytest.raises(SleptError):
        asyncio.run(first())
    assert server.asked == []
