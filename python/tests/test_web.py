"""Handling of deliveries, by the functions and by the examples over real HTTP."""

from __future__ import annotations

import asyncio
import http.client
import importlib
import io
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from conftest import Event
from vectors import REPOSITORY, cases, paths

from agentfold import AgentfoldError, Fold, web, webhook
from agentfold.types import Answered, Buffer, Received, Stored

SECRET = "only-zendesk-and-we-know"


def receive(body: bytes, **options: Any) -> Answered:
    given: dict[str, Any] = {"headers": webhook.sign(body, SECRET), "secrets": [SECRET], **options}
    if "apply" not in given:
        given.setdefault("fold", Fold())
    return web.receive(body=body, **given)


def test_a_delivery_is_applied_and_returns_its_changes(event: Event) -> None:
    fold = Fold()
    answered = receive(event(1), fold=fold)
    assert answered["status"] == 200
    assert answered["outcome"] == "applied"
    assert answered["event"]["kind"] == "agent.state_changed"
    assert answered["event"]["signed"]["secret"] == 0
    assert ("10011", "state[support]") in [
        (change["agent_id"], change["track"]) for change in answered["changes"]
    ]
    again = receive(event(1), fold=fold)
    assert (again["status"], again["outcome"], again["changes"]) == (200, "duplicate", [])


def test_an_unknown_event_type_is_answered_with_200(event: Event) -> None:
    answered = receive(event(1).replace(b"state_changed", b"was_promoted"))
    assert (answered["status"], answered["outcome"]) == (200, "ignored")


def test_an_unsigned_or_wrongly_signed_delivery_is_answered_with_401(event: Event) -> None:
    for code, headers in (
        ("missing_header", {}),
        ("wrong_signature", webhook.sign(event(1), "somebody-else")),
        ("bad_base64", {**webhook.sign(event(1), SECRET), "x-zendesk-webhook-signature": "\udcff"}),
    ):
        fold = Fold()
        answered = receive(event(1), headers=headers, fold=fold)
        assert (answered["status"], answered["changes"]) == (401, [])
        assert answered["outcome"] == "untrusted"
        assert [flaw["code"] for flaw in answered["flaws"]] == [code]
        assert len(fold) == 0


def test_deliveries_are_refused_without_a_secret_and_with_a_public_one(event: Event) -> None:
    for code, secrets in (("no_secret", []), ("empty_secret", [""])):
        answered = receive(event(1), secrets=secrets)
        assert answered["outcome"] == "untrusted"
        assert answered["flaws"][0]["code"] == code


def test_an_old_secret_is_accepted_next_to_a_new_one(event: Event) -> None:
    answered = receive(event(1), secrets=["the-new-one", SECRET])
    assert answered["outcome"] == "applied"
    assert answered["event"]["signed"]["secret"] == 1


def test_the_policy_is_applied(event: Event) -> None:
    other = receive(event(1), account_id=3)
    assert other["outcome"] == "untrusted"
    assert other["flaws"][0]["code"] == "wrong_account"
    signed = webhook.sign(event(1), SECRET, "2026-01-05T09:00:00Z")
    stale = receive(event(1), headers=signed)
    assert stale["outcome"] == "untrusted"
    assert stale["flaws"][0]["code"] == "stale"
    then = receive(event(1), headers=signed, now="2026-01-05T09:04:00Z")
    assert then["outcome"] == "applied"


def test_a_signed_body_that_is_not_an_event_is_answered_with_400(event: Event) -> None:
    for body in (b"", b"{}", b"null", b"no JSON", b"\xff"):
        answered = receive(body)
        assert answered["status"] == 400, body
        assert answered["outcome"] == "unreadable"
        assert answered["issues"]
    # The limit of the fold may be lower than that of the receiver.
    narrow = receive(event(1), fold=Fold(max_bytes=10))
    assert narrow["status"] == 400
    assert narrow["outcome"] == "unreadable"
    assert narrow["issues"][0]["code"] == "too_large"


def test_a_body_that_was_parsed_is_refused(event: Event) -> None:
    parsed: Any = json.loads(event(1))
    headers, fold = webhook.sign(event(1), SECRET), Fold()

    async def apply(body: Buffer, _: Received) -> Stored:
        return fold.apply(body)

    calls: list[Callable[[], object]] = [
        lambda: web.receive(headers, parsed, secrets=[SECRET], fold=fold),
        lambda: asyncio.run(web.receive_async(headers, parsed, secrets=[SECRET], apply=apply)),
        lambda: webhook.verify(headers, parsed, [SECRET]),
    ]
    for call in calls:
        with pytest.raises(AgentfoldError, match="bytes as received") as refused:
            call()
        assert (refused.value.code, refused.value.path) == ("bad_argument", "/body")


def test_a_body_of_1_mib_is_read_and_one_byte_more_is_refused(event: Event) -> None:
    padded = event(1).ljust(1 << 20)
    assert receive(padded)["outcome"] == "applied"
    answered = receive(padded + b" ")
    assert (answered["status"], answered["outcome"]) == (413, "too_large")
    assert receive(event(1), max_bytes=10)["status"] == 413


def test_apply_receives_the_bytes_as_sent_and_decides_the_status(event: Event) -> None:
    stored: list[tuple[Buffer, str | None]] = []

    def apply(body: Buffer, event: Received) -> Stored:
        stored.append((body, event["agent"] and event["agent"]["agent_id"]))
        return {"outcome": "applied"}

    answered = receive(event(1), apply=apply)
    assert (answered["status"], answered["outcome"], answered["changes"]) == (200, "applied", [])
    assert stored == [(event(1), "10011")]


def test_a_delivery_that_was_not_stored_is_answered_with_409(event: Event) -> None:
    full = OSError("the disk is full")

    def fails(_: Buffer, __: Received) -> Stored:
        raise full

    answered = receive(event(1), apply=fails)
    assert answered["status"] == 409
    assert answered["outcome"] == "not_stored"
    assert answered["error"] is full
    nothings: list[Any] = [None, {}, {"outcome": None}, {"outcome": "stored"}]
    for nothing in nothings:

        def stores(_: Buffer, __: Received, nothing: Any = nothing) -> Any:
            return nothing

        answered = receive(event(1), apply=stores)
        assert (answered["status"], answered["outcome"]) == (409, "not_stored")


def test_apply_may_be_async(event: Event) -> None:
    fold, full = Fold(), OSError("the disk is full")

    async def apply(body: Buffer, _: Received) -> Stored:
        await asyncio.sleep(0)
        return fold.apply(body)

    async def fails(_: Buffer, __: Received) -> Stored:
        raise full

    def answer(body: bytes, to: Any = apply, **policy: Any) -> Answered:
        headers = webhook.sign(body, SECRET)
        return asyncio.run(web.receive_async(headers, body, secrets=[SECRET], apply=to, **policy))

    answered = answer(event(1))
    assert (answered["status"], answered["outcome"]) == (200, "applied")
    assert answered["changes"] == receive(event(1))["changes"]
    assert answer(event(1))["outcome"] == "duplicate"
    assert answer(b"{}")["status"] == 400
    assert answer(event(1), account_id=3)["status"] == 401
    failed = answer(event(1), fails)
    assert failed["outcome"] == "not_stored"
    assert failed["error"] is full
    with pytest.raises(AgentfoldError):
        answer(event(1), account_id="nobody")


def test_no_request_makes_it_raise(event: Event) -> None:
    chance = random.Random(6)
    letters = "aA0+/=-:. \t\0\x7f\xe4\udcff\ud800\u20ac\U0001f600"

    def noise() -> str:
        return "".join(chance.choices(letters, k=chance.randrange(40)))

    statuses: set[int] = set()
    for _ in range(2000):
        body = bytearray(event(chance.randrange(9)))
        for _ in range(chance.choice((0, 0, 1, 9))):
            body[chance.randrange(len(body))] = chance.randrange(256)
        pairs = list(webhook.sign(body, SECRET).items())
        for _ in range(chance.choice((0, 0, 1, 2))):
            name, value = chance.choice([*pairs, ("x-zendesk-account-id", "2"), (noise(), "")])
            pairs.insert(chance.randrange(3), (name, chance.choice((value, noise()))))
        form: Any = chance.choice((list, dict))
        answered = receive(bytes(body), headers=form(pairs))
        assert answered["status"] == webhook.advise(answered["outcome"])
        statuses.add(answered["status"])
    assert statuses == {200, 400, 401}


def test_a_parsed_body_is_refused(event: Event) -> None:
    headers = webhook.sign(event(1), SECRET)
    for parsed in (json.loads(event(1)), [json.loads(event(1))], None, 1, bytes):
        body: Any = parsed
        calls: list[Callable[[], object]] = [
            partial(web.receive, headers, body, secrets=SECRET, fold=Fold()),
            partial(webhook.receive, headers, body, SECRET),
            partial(webhook.verify, headers, body, SECRET),
            partial(webhook.explain, headers, body, SECRET),
            partial(webhook.parse, body),
            partial(webhook.sign, body, SECRET),
        ]
        for call in calls:
            with pytest.raises(AgentfoldError) as refused:
                call()
            assert (refused.value.code, refused.value.path) == ("bad_argument", "/body")
            assert "bytes as received" in refused.value.message


def test_a_wsgi_environment_has_the_headers(event: Event) -> None:
    environ: dict[str, Any] = {
        "HTTP_" + name.upper().replace("-", "_"): value
        for name, value in webhook.sign(event(1), SECRET).items()
    }
    environ |= {"REQUEST_METHOD": "POST", "wsgi.version": (1, 0), "wsgi.input": io.BytesIO()}
    answered = web.receive(environ, event(1), secrets=SECRET, fold=Fold())
    assert answered["status"] == 200


def test_headers_of_any_framework_are_read(event: Event) -> None:
    signed = webhook.sign(event(1), SECRET)
    raw = [(name.encode(), value.encode()) for name, value in signed.items()]
    starlette, httpx, werkzeug = (
        pytest.importorskip(module)
        for module in ("starlette.datastructures", "httpx", "werkzeug.datastructures")
    )
    shapes: list[tuple[Any, Any]] = [
        (signed, {name: [value, value] for name, value in signed.items()}),
        (list(signed.items()), [*signed.items(), *signed.items()]),
        (raw, raw + raw),
        (starlette.Headers(raw=raw), starlette.Headers(raw=raw + raw)),
        (httpx.Headers(signed), httpx.Headers(raw + raw)),
        (werkzeug.Headers(signed), werkzeug.Headers([*signed.items(), *signed.items()])),
        (
            MappingProxyType(signed),
            MappingProxyType({name: [value, value] for name, value in signed.items()}),
        ),
    ]
    for once, twice in shapes:
        assert receive(event(1), headers=once)["status"] == 200
        answered = receive(event(1), headers=twice)
        assert answered["outcome"] == "untrusted"
        assert answered["flaws"][0]["code"] == "duplicate_header"


def test_a_mistake_of_the_caller_raises(event: Event) -> None:
    for wrong, code, path in (
        ({"fold": None}, "bad_argument", "/fold"),
        ({"secrets": 1}, "bad_argument", "/secrets"),
        ({"headers": 1}, "bad_argument", "/headers"),
        ({"account_id": "nobody"}, "bad_id", "/account_id"),
        ({"tolerance_seconds": -1}, "bad_argument", "/tolerance_seconds"),
        ({"tolerance": 3}, "bad_argument", "/tolerance"),
        ({"max_byts": 3}, "bad_argument", "/max_byts"),
    ):
        with pytest.raises(AgentfoldError) as refused:
            receive(event(1), **wrong)
        assert (refused.value.code, refused.value.path) == (code, path)


@pytest.mark.parametrize("path", paths("webhook"))
def test_statuses_equal_those_in_the_vectors(path: Path) -> None:
    for case in cases(path):
        if "status" not in case:
            continue
        answered = web.receive(
            case["headers"],
            case["body"].encode() if "body" in case else bytes(case["bytes"]),
            secrets=case["secrets"],
            fold=Fold(),
            now=case["now"],
            **case.get("options", {}),
        )
        assert answered["status"] == case["status"], case["name"]


EXAMPLES = REPOSITORY / "python" / "examples"
SERVERS = {
    "fastapi": ("uvicorn", "fastapi_app:app", "--port=0"),
    "flask": ("flask", "--app=flask_app", "run", "--port=0"),
}


class Served(NamedTuple):
    """An example in a process of its own."""

    process: subprocess.Popen[bytes]
    port: int

    def asked(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        return asked(self.port, method, path, body, **headers)

    def delivered(self, body: bytes, secret: str = SECRET) -> int:
        return self.asked("POST", "/zendesk", body, **webhook.sign(body, secret))[0]

    def state(self, agent: str) -> Any:
        status, body = self.asked("GET", f"/agents/2/{agent}")
        return json.loads(body) if status == 200 else status


def asked(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def served(framework: str, file: Path) -> Generator[Served]:
    """Starts an example as its user would. It is killed at the end, if the test has not done so."""
    module, *arguments = SERVERS[framework]
    pytest.importorskip(framework)
    pytest.importorskip(module)
    environment = {
        **os.environ,
        "AGENTFOLD_SECRETS": f"the-new-one {SECRET}",
        "AGENTFOLD_FILE": str(file),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
    }
    # A pipe that nobody reads would stop the server once it is full.
    with file.with_suffix(".log").open("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments], cwd=EXAMPLES, env=environment, stderr=log
        )
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until and process.poll() is None:
                log.seek(0)
                if found := re.search(r"http://127\.0\.0\.1:(\d+)", log.read()):
                    yield Served(process, int(found[1]))
                    return
                time.sleep(0.02)
            log.seek(0)
            pytest.fail(log.read())
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize("framework", SERVERS)
def test_the_examples_answer_deliveries_and_questions(
    framework: str, event: Event, tmp_path: Path
) -> None:
    with served(framework, tmp_path / "team.sqlite") as server:
        assert server.delivered(event(1)) == 200
        assert server.delivered(event(1)) == 200
        assert server.delivered(event(2, agent="7"), "the-new-one") == 200
        assert server.delivered(event(3), "somebody-else") == 401
        assert server.asked("POST", "/zendesk", event(3)) == (401, b"")
        assert server.delivered(b"{}") == 400
        assert server.delivered(event(4).ljust((1 << 20) + 1)) == 413
        assert server.asked("GET", "/zendesk")[0] == 405
        fold = Fold()
        fold.read([event(1), event(2, agent="7")])
        assert server.state("7") == fold["7"]
        assert server.state("10011") == fold["10011"]
        assert (server.state("8"), server.state("nobody")) == (404, 400)
        status, body = server.asked("GET", "/floor")
        assert status == 200
        [channel] = json.loads(body)
        assert channel["channel"] == "support"
        assert {agent["agent_id"] for agent in channel["agents"]} == {"7", "10011"}


@pytest.mark.parametrize("framework", SERVERS)
def test_what_the_examples_answered_survives_sigkill(
    framework: str, event: Event, tmp_path: Path
) -> None:
    answered: list[bytes] = []
    waiting = [event(number, agent=str(number % 9 + 1)) for number in range(1, 200)]
    for life in range(3):
        with served(framework, tmp_path / "team.sqlite") as server:
            fold = Fold()
            fold.read(answered)
            for agent in fold:
                # An event that was stored may not have been answered.
                assert server.state(agent.agent_id)["version"] >= fold[agent]["version"]
            killed = threading.Timer(0.2 + 0.2 * life, server.process.kill)
            killed.start()
            with suppress(OSError, http.client.HTTPException):
                while waiting:
                    assert server.delivered(waiting[0]) == 200
                    answered.append(waiting.pop(0))
            killed.join()
    assert answered
    with served(framework, tmp_path / "team.sqlite") as server:
        for body in waiting:
            assert server.delivered(body) == 200
        fold = Fold()
        fold.read([*answered, *waiting])
        for agent in fold:
            assert server.state(agent.agent_id) == fold[agent]


@pytest.fixture
def stored_fold(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns the module that keeps the fold of the examples."""
    monkeypatch.setattr(sys, "path", [str(EXAMPLES), *sys.path])
    yield importlib.import_module("stored_fold")
    sys.modules.pop("stored_fold")


def kept(stored: Any, body: bytes) -> Answered:
    return web.receive(webhook.sign(body, SECRET), body, secrets=SECRET, apply=stored.apply)


def test_a_stored_fold_is_the_fold_of_its_events_however_often_it_is_packed(
    stored_fold: Any, event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_fold, "PACK_AFTER", 3)
    file, fold = str(tmp_path / "team.sqlite"), Fold()
    unknown = event(30, agent="6").replace(b"state_changed", b"was_promoted")
    nobody = unknown.replace(b'"agent_id": "6", ', b"")
    bodies = [event(number, agent=str(number % 4)) for number in range(20)]
    for body in [*bodies[::-1], unknown, nobody, *bodies[:5]]:
        stored = stored_fold.StoredFold(file)
        for repeat in range(2):
            answered = kept(stored, body)
            expected = fold.apply(body)["outcome"]
            assert (answered["status"], answered["outcome"]) == (200, expected), repeat
        assert stored.fold.save() == fold.save()
        stored._file.close()
    last = stored_fold.StoredFold(file)
    assert last.fold.save() == fold.save()
    last._file.close()


def test_an_event_that_can_not_be_stored_is_not_applied(
    stored_fold: Any, event: Event, tmp_path: Path
) -> None:
    stored = stored_fold.StoredFold(str(tmp_path / "team.sqlite"))
    stored._file.execute("DROP TABLE events")
    answered = kept(stored, event(1))
    assert (answered["status"], answered["outcome"]) == (409, "not_stored")
    assert len(stored.fold) == 0
    stored._file.close()


def test_a_second_process_does_not_get_the_file(stored_fold: Any, tmp_path: Path) -> None:
    file = str(tmp_path / "team.sqlite")
    first = stored_fold.StoredFold(file)
    program = f"import stored_fold; stored_fold.StoredFold({file!r})"
    second = subprocess.run(
        [sys.executable, "-c", program], cwd=EXAMPLES, capture_output=True, text=True, check=False
    )
    assert "database is locked" in second.stderr
    first._file.close()


@contextmanager
def served_by_uvicorn(app: Any) -> Generator[int]:
    uvicorn = pytest.importorskip("uvicorn")
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(20)
    assert not thread.is_alive()


def test_questions_are_answered_while_a_delivery_waits_for_the_disk(
    stored_fold: Any, event: Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fastapi")
    monkeypatch.setenv("AGENTFOLD_SECRETS", SECRET)
    monkeypatch.setenv("AGENTFOLD_FILE", str(tmp_path / "team.sqlite"))
    program = importlib.import_module("fastapi_app")
    statuses: list[int] = []
    headers = webhook.sign(event(1), SECRET)

    def deliver(port: int) -> None:
        statuses.append(asked(port, "POST", "/zendesk", event(1), **headers)[0])

    with served_by_uvicorn(program.app) as port:
        with program.stored._lock:
            delivery = threading.Thread(target=deliver, args=(port,))
            delivery.start()
            for _ in range(3):
                assert asked(port, "GET", "/floor") == (200, b"[]")
            assert statuses == []
        delivery.join(20)
        assert statuses == [200]
        assert json.loads(asked(port, "GET", "/agents/2/10011")[1])["version"] == 1
    program.stored._file.close()
    sys.modules.pop("fastapi_app")
