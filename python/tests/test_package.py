"""The installed package: its types, its documentation, and the names shared with other languages."""

from __future__ import annotations

import doctest
import inspect
import pickle
import re
import subprocess
import sys
import sysconfig
import types as python
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints, is_typeddict

import docstrings
import pytest
from pages import programs_of
from schemas import fields, records, webhooks
from vectors import REPOSITORY, VECTORS, cases, input_of

import agentfold
from agentfold import AgentfoldError, Fold, types, web, webhook

OF_STEPS = {
    "state": "AgentState",
    "state_at": "AgentState",
    "anomalies": "Anomaly",
    "intervals": "Interval",
    "work_items": "WorkItemSpan",
    "chat_spans": "ChatSpan",
    "report": "ReportRow",
    "adherence": "AdherenceRow",
    "exceptions": "ExceptionRow",
    "schedule_warnings": "ScheduleWarning",
    "sessions": "SessionsRow",
    "usual_event_times": "UsualTimes",
    "corrections": "Correction",
    "floor": "ChannelFloor",
    "alerts": "Alert",
    "reconcile": "Difference",
}
TYPES_OF_TYPESCRIPT = (REPOSITORY / "bindings" / "wasm" / "types.d.ts").read_text(encoding="utf-8")
CONFIG = str(REPOSITORY / "python" / "pyproject.toml")
SHARED = [
    "AlertKind",
    "Aspect",
    "Basis",
    "Differs",
    "Doubt",
    "FlawCode",
    "FoldErrorCode",
    "Handled",
    "IssueCode",
    "NoteCode",
    "Outcome",
    "Part",
    "PauseReason",
    "RefusalCode",
    "RollUp",
    "Turn",
]


def test_the_installed_package_is_tested() -> None:
    assert not Path(agentfold.__file__).is_relative_to(REPOSITORY / "python" / "agentfold")
    assert (Path(agentfold.__file__).parent / "py.typed").exists()


def test_a_free_threaded_python_stays_free() -> None:
    free = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
    assert getattr(sys, "_is_gil_enabled", lambda: True)() is not free


@pytest.mark.parametrize("name", SHARED)
def test_literals_equal_those_of_typescript(name: str) -> None:
    declared = re.search(rf"export type {name} =(.*?);\n", TYPES_OF_TYPESCRIPT, re.DOTALL)
    assert declared
    words = set(re.findall(r'"(\w+)"', declared[1]))
    if "Outcome" in declared[1]:
        words |= set(get_args(types.Outcome))
    assert set(get_args(getattr(types, name))) == words


def test_the_words_for_limits_are_the_fields_of_limits() -> None:
    assert set(get_args(types.Limit)) == set(types.Limits.__annotations__)


def test_types_of_events_have_every_kind_and_field_of_the_schemas() -> None:
    hints = [get_type_hints(one) for one in get_args(types.ParsedEvent)]
    declared = {get_args(hint["kind"])[0]: keys(hint["event"]) for hint in hints}
    assert declared.pop("unknown") == set()
    kinds = webhooks() | records()
    assert declared == {kind: fields(schema, schema) for kind, schema in kinds.items()}
    of_schemas = {get_type_hints(one)["type"] for one in get_args(types.AvailabilityEvent)}
    assert of_schemas == {Literal[f"zen:event-type:{kind}"] for kind in webhooks()}


def keys(hint: Any) -> set[str]:
    """Returns every key of a `TypedDict`, and of those that it refers to."""
    if is_typeddict(hint):
        return set(get_type_hints(hint)).union(*map(keys, get_type_hints(hint).values()))
    none: set[str] = set()
    return none.union(*map(keys, get_args(hint)))


def test_types_have_the_fields_of_typescript() -> None:
    for name, body in re.findall(
        r"export interface (\w+)(?: extends \w+)? \{\n(.*?)\n\}", TYPES_OF_TYPESCRIPT, re.DOTALL
    ):
        shape = getattr(types, name, None)
        # Types with keywords as fields and types with other names are checked by the literals below.
        if shape is None or name == "Agent":
            continue
        fields = set(re.findall(r"^  (\w+)\??:", body, re.MULTILINE))
        for one in get_args(shape) or [shape]:
            assert fields <= set(one.__annotations__), name


def test_the_examples_in_docstrings_run_and_each_function_has_one() -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner()
    names = vars(agentfold)
    examples = 0
    for path, documented in documented_objects():
        assert documented.__doc__, f"{path} has no docstring"
        test = parser.get_doctest(documented.__doc__, dict(names), path, None, None)
        if inspect.isfunction(documented) or inspect.isbuiltin(documented):
            assert test.examples, f"{path} has no example"
        examples += len(test.examples)
        output: list[str] = []
        runner.run(test, out=output.append)
        assert not runner.summarize(verbose=False).failed, "".join(output)
    assert examples > 30


def documented_objects() -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for module in (agentfold, web, webhook):
        for name in ["__doc__", *module.__all__]:
            one = module if name == "__doc__" else getattr(module, name)
            found.append((f"{module.__name__}.{name}", one))
            if inspect.isclass(one) and one.__module__ == "agentfold":
                methods = (it for it in vars(one).items() if not it[0].startswith("_"))
                found += [(f"{name}.{method}", it) for method, it in methods]
    return found


def programs() -> list[Any]:
    """Returns the programs in the READMEs and in the guide, named after their place."""
    # Pages that have tests of their own.
    apart = {f"docs/{name}.md" for name in ("analysts", "report", "scale", "server", "spark")}
    guide = {f"docs/{page.name}" for page in (REPOSITORY / "docs").glob("*.md")}
    found: list[Any] = []
    for page in ["README.md", "python/README.md", *sorted(guide - apart)]:
        blocks = programs_of(page)
        assert blocks or page in guide
        for place, program in enumerate(blocks):
            # The tests of Spark run those that need it.
            if "pyspark" not in program:
                found.append(pytest.param(program, id=f"{page} {place}"))
    return found


@pytest.mark.parametrize("program", programs())
def test_the_examples_in_the_pages_run(
    program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in re.findall(r"^(?:import|from) (\w+)", program, re.MULTILINE):
        if library not in sys.stdlib_module_names:
            pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "README.md", "exec"), python.ModuleType("example").__dict__)


def test_an_error_has_a_code_a_path_and_a_message() -> None:
    with pytest.raises(ValueError, match="missing_field at /type") as caught:
        agentfold.parse_event("{}")
    error = caught.value
    assert isinstance(error, AgentfoldError)
    assert (error.code, error.path) == ("missing_field", "/type")
    assert error.issues[0]["message"] == error.message
    assert error.handled is None
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.issues) == (str(error), error.issues)


def test_an_error_shows_a_key_that_controls_a_terminal_as_an_escape() -> None:
    with pytest.raises(AgentfoldError) as refused:
        agentfold.parse_event('{"\\u001b[2J\\u202e": 1, "\\u001b[2J\\u202e": 2}')
    issue = next(issue for issue in refused.value.issues if issue["code"] == "duplicate_key")
    assert "\x1b" in issue["path"]
    error = AgentfoldError(issue["code"], issue["path"], issue["message"])
    assert str(error).isprintable()
    assert r"\u{1b}[2J\u{202e}" in str(error)


def test_errors_contain_no_payload_and_no_secret() -> None:
    secret, payload = "only-zendesk-and-we-know", "payload-that-is-private"
    for call in (
        lambda: agentfold.parse_event(payload),
        lambda: agentfold.parse_event({"a": {payload}}),
        lambda: agentfold.parse_event("\ud800" + payload),
        lambda: agentfold.to_instant(payload),
        lambda: agentfold.Scrubber(payload[:8]),
        lambda: Fold().state(payload),
        lambda: Fold().report({"boundaries": [payload], "as_of": payload}),
        lambda: webhook.verify({}, payload, secret),
        lambda: webhook.verify({}, payload, f" {secret}"),
        lambda: webhook.verify([("x-zendesk-webhook-signature", payload)], payload, [secret]),
    ):
        with pytest.raises(AgentfoldError) as caught:
            call()
        text = repr(caught.value) + str(caught.value)
        assert secret not in text
        assert payload not in text


def test_headers_are_accepted_in_many_forms() -> None:
    secret = "only-zendesk-and-we-know"
    headers = webhook.sign(b"{}", secret)

    class Headers:
        def multi_items(self) -> list[tuple[str, str]]:
            return list(headers.items())

    forms: list[Any] = [
        headers,
        list(headers.items()),
        [list(pair) for pair in headers.items()],
        [(name.encode(), value.encode()) for name, value in headers.items()],
        {name.upper(): [value] for name, value in headers.items()},
        Headers(),
    ]
    for form in forms:
        assert webhook.verify(form, b"{}", secret)["secret"] == 0
    for wrong in (1, ["ab"], [("a",)], {"a": 1}):
        with pytest.raises(AgentfoldError) as refused:
            webhook.verify(wrong, b"{}", secret)  # type: ignore[arg-type]
        assert (refused.value.code, refused.value.path) == ("bad_argument", "/headers")


def test_an_export_cursor_can_be_pickled_and_saved() -> None:
    cursor = agentfold.ExportCursor("2018-10-01T00:00:00Z", limit=10, unit="seconds")
    for again in (
        pickle.loads(pickle.dumps(cursor)),
        agentfold.ExportCursor.restore(cursor.save()),
    ):
        assert again == cursor
        assert again.next("2026-01-05T00:00:00Z") == cursor.next("2026-01-05T00:00:00Z")
    with pytest.raises(AgentfoldError) as wrong:
        agentfold.ExportCursor("2018-10-01T00:00:00Z", limit=1001)
    assert wrong.value.path == "/limit"


def checked(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=REPOSITORY / "python" / "tests",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


def test_the_stub_matches_the_native_module() -> None:
    pytest.importorskip("mypy")
    checked("mypy.stubtest", "agentfold._agentfold", "--mypy-config-file", CONFIG)


@pytest.mark.parametrize(("name", "written"), docstrings.SOURCES.items())
def test_sources_have_the_docstrings_of_the_native_module_and_of_the_schemas(
    name: str, written: Callable[[str], str]
) -> None:
    source = (REPOSITORY / name).read_text(encoding="utf-8")
    assert source == written(source), "run `make docstrings`"


def test_type_checkers_accept_the_package_and_the_answers_in_the_vectors(tmp_path: Path) -> None:
    for tool in ("mypy", "basedpyright", "fastapi"):
        pytest.importorskip(tool)
    lines = ["from agentfold import types", ""]
    for path in sorted(VECTORS.glob("*/*")):
        if path.parent.name in ("fold", "measure", "rest"):
            for case in cases(path):
                of = OF_STEPS.get(case.get("step", {}).get("op", ""))
                has_rows = isinstance(case.get("expect"), list) and case["expect"]
                if of and has_rows:
                    answers: list[Any] = case["expect"]
                    if of == "ScheduleWarning":
                        # The vectors have no messages.
                        answers = [{**answer, "message": ""} for answer in answers]
                    lines.append(f"it_{len(lines)}: list[types.{of}] = {answers!r}")
        elif path.parent.name == "webhook":
            lines += [
                f"delivery_{len(lines)}_{number}: types.Received = {delivery!r}"
                for number, delivery in enumerate(deliveries(path))
            ]
        elif path.parent.name in ("read", "check"):
            lines += [
                f"event_{len(lines)}_{number}: types.ParsedEvent = {event!r}"
                for number, event in enumerate(parsed_events(path))
            ]
    lines += [f"change_{number}: types.Change = {one!r}" for number, one in enumerate(changes())]
    assert len(lines) > 300
    programs = [str(path) for path in (REPOSITORY / "python" / "examples").glob("*.py")]
    literals = tmp_path / "literals.py"
    literals.write_text("\n".join(lines), encoding="utf-8")
    checked("mypy", "--config-file", CONFIG, ".", *programs, str(literals))
    checked("basedpyright", "--project", CONFIG, "--pythonpath", sys.executable)


def parsed_events(path: Path) -> list[Any]:
    """Returns the events without undocumented fields, because literals may not have any."""
    found: list[Any] = []
    for case in cases(path):
        unknown = any(issue["code"] == "unknown_field" for issue in case["issues"])
        if not unknown and all(issue["severity"] == "warning" for issue in case["issues"]):
            found.append(agentfold.parse_event(input_of(case), **case.get("options", {})))
    return found


def changes() -> list[types.Change]:
    """Returns a change of each part of each track, from and to each type of value."""
    fold, found = Fold(), dict[Any, types.Change]()
    for path in sorted((VECTORS / "fold").glob("stream_0*")):
        for event in [case["step"]["event"] for case in cases(path) if "event" in case.get("step", {})]:
            for change in fold.apply(event)["changes"]:
                of = (change["aspect"], change["part"], type(change["from"]), type(change["to"]))
                found[of] = change
    assert len(found) > 30
    return list(found.values())


def deliveries(path: Path) -> list[Any]:
    """Returns the deliveries that are verified and contain an event."""
    found: list[Any] = []
    for case in cases(path):
        if case.get("status") == 200:
            options: dict[str, Any] = {"now": case["now"], **case.get("options", {})}
            found.append(webhook.receive(case["headers"], case["body"], case["secrets"], **options))
    return found
