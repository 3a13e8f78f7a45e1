"""The conformance vectors. `tests/README.md` describes their format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from vectors import cases, codes, input_of, paths

import agentfold
from agentfold import AgentfoldError, Fold, webhook


@pytest.mark.parametrize("path", paths("check") + paths("read"))
def test_events_are_read_checked_and_printed(path: Path) -> None:
    for case in cases(path):
        name, options = case["name"], case.get("options", {})
        given = input_of(case)
        assert codes(agentfold.check_event(given, **options)) == case["issues"], name
        if any(issue["severity"] == "error" for issue in case["issues"]):
            with pytest.raises(AgentfoldError) as caught:
                agentfold.parse_event(given, **options)
            error = caught.value
            assert codes(error.issues) == case["issues"], name
            first = case["issues"][0]
            assert (error.code, error.path) == (first["code"], first["path"]), name
            continue
        parsed = agentfold.parse_event(given, **options)
        assert parsed["agent"] == case["agent"], name
        assert parsed["at"] == case["at"], name
        printed = agentfold.print_event(given, **options)
        if "printed" in case:
            assert printed == case["printed"], name
        else:
            assert json.loads(printed) == case["event"], name
        if parsed["kind"] == "unknown":
            continue
        how = {key: value for key, value in options.items() if key in ("instant", "now")}
        # Dicts lose duplicate keys, and Python writes some floats differently.
        if '"x":' not in printed:
            assert agentfold.print_event(dict(parsed["event"]), **how) == printed, name
        cloud = agentfold.to_cloud_event(given, **options)
        assert cloud is not None
        assert agentfold.print_event(cloud, **how) == printed, name


@pytest.mark.parametrize("path", paths("names"))
def test_names_are_read(path: Path) -> None:
    for case in cases(path):
        name, given = case["name"], input_of(case)
        if "issues" in case:
            with pytest.raises(AgentfoldError) as caught:
                agentfold.parse_names(given)
            assert codes(caught.value.issues) == case["issues"], name
            continue
        names = agentfold.parse_names(given)
        assert names == case["names"], name
        assert agentfold.parse_names(dict(names)) == names, name


@pytest.mark.parametrize("path", paths("documents"))
def test_the_samples_in_the_documentation_are_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    whole: list[Any] = cases(path) if path.suffix == ".ndjson" else [json.loads(text)]
    expected = [event for sample in whole for event in sample.get("agent_events", [sample])]
    read = [
        json.loads(agentfold.print_event(dict(record["event"])))
        for record in agentfold.read_events(path)
        if record["kind"] != "unreadable"
    ]
    assert read == expected


@pytest.mark.parametrize("path", paths("streams"))
def test_streams_give_the_same_records_for_every_chunk_size(path: Path) -> None:
    for case in cases(path):
        name, options, given = case["name"], case.get("options", {}), input_of(case)
        for size in (len(given) + 1, 1):
            chunks = [given[at : at + size] for at in range(0, len(given), size)]
            records = agentfold.Records(**options)
            pushed = [record for chunk in chunks for record in records.push(chunk)]
            pushed += records.end()
            assert list(map(record_of, pushed)) == case["records"], (name, size)
            iterated = agentfold.read_events(iter(chunks), **options)
            assert list(map(record_of, iterated)) == case["records"], (name, size)
        read: Any = Fold(**options).read(given)
        unreadable = [record for record in case["records"] if "issues" in record]
        warnings = [it for it in unreadable if it["issues"][0]["severity"] == "warning"]
        assert sum(read["counts"].values()) == len(case["records"]) - len(warnings), name
        assert list(map(record_of, read["unreadable"])) == unreadable, name


def record_of(record: Any) -> dict[str, Any]:
    if record["kind"] == "unreadable":
        return {"line": record["line"], "issues": codes(record["issues"])}
    return {"id": record["event"].get("id")}


@pytest.mark.parametrize("path", paths("fold") + paths("measure") + paths("rest"))
def test_folds_answer_step_by_step(path: Path) -> None:
    folds, current = {"a": Fold()}, "a"
    told: list[Any] = []
    for case in cases(path):
        if "step" not in case:
            continue
        step = case["step"]
        current = step.get("fold", current)
        fold = folds.setdefault(current, Fold())
        try:
            answer = stepped(step, folds, fold, told)
        except AgentfoldError as error:
            answer = error.issues[0]["code"] if error.issues else error.code
        assert answer == case["expect"], step


def stepped(step: dict[str, Any], folds: dict[str, Fold], fold: Fold, told: list[Any]) -> Any:
    if "event" in step:
        return fold.apply(step["event"])["outcome"]
    window: dict[str, Any] = {
        "from_": step.get("from"),
        "to": step.get("to"),
        "as_of": step.get("as_of"),
    }
    agents = fold.agents()
    match step["op"]:
        case "state":
            return [fold[agent] for agent in agents]
        case "state_at":
            states = [fold.state_at(agent, step["at"]) for agent in agents]
            return [state for state in states if state is not None]
        case "anomalies":
            return sorted(fold.anomalies(), key=by_json)
        case "compact":
            fold.compact(step["before"])
            restored = Fold()
            restored.restore(fold.save())
            return None if restored.save() == fold.save() else "saved bytes differ"
        case "merge":
            return fold.merge(folds.setdefault(step["merge"], Fold()))
        case "fold":
            return None
        case "intervals":
            return fold.intervals(step, step.get("track"), **window)
        case "work_items":
            return [span for agent in agents for span in fold.work_items(agent, **window)]
        case "chat_spans":
            return [span for agent in agents for span in fold.chat_spans(agent, **window)]
        case "report":
            return report(fold, step)
        case "adherence":
            return fold.adherence(step["schedule"], step["as_of"])
        case "corrections":
            earlier = report(folds.setdefault(step["of"], Fold()), step)
            return agentfold.corrections(earlier, report(fold, step.get("after", step)))
        case "exceptions":
            return fold.exceptions(step["schedule"], step["as_of"])
        case "schedule_warnings":
            warnings = fold.schedule_warnings(step["schedule"])
            return [{k: v for k, v in one.items() if k != "message"} for one in warnings]
        case "sessions":
            return fold.sessions(buckets(step), selection=step.get("selection"))
        case "usual_event_times":
            return fold.usual_event_times()
        case "floor":
            trust = {key: step.get(key) for key in ("near_seconds", "silent_seconds")}
            return fold.floor(step["at"], **trust)
        case "alerts":
            selection = step.get("selection")
            return fold.alerts(step["thresholds"], step["at"], selection=selection)
        case "episodes":
            alerts = fold.alerts(step["thresholds"], step["at"])
            look = agentfold.episodes(told, alerts, step["at"])
            told[:] = look["told"]
            return look
        case "alert_message":
            keywords = {key: step[key] for key in ("form", "at", "names") if key in step}
            return json.loads(agentfold.alert_message(step["alert"], step["turn"], **keywords))
        case "bad_thresholds":
            with pytest.raises(AgentfoldError) as refused:
                fold.alerts(step["thresholds"], "2026-01-05T09:00:00Z")
            return [{key: it[key] for key in ("code", "path")} for it in refused.value.issues]
        case "seed":
            seeded = fold.seed(step["account_id"], step["page"], step["at"])
            return [one["outcome"] for one in seeded]
        case "reconcile":
            return fold.reconcile(step["account_id"], step["page"])
        case other:
            return f"no such step: {other}"


def by_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def report(fold: Fold, step: dict[str, Any]) -> Any:
    return fold.report(buckets(step), step.get("by", "agent"))


def buckets(step: dict[str, Any]) -> Any:
    return {key: step[key] for key in ("boundaries", "as_of") if key in step}


@pytest.mark.parametrize("path", paths("scrub"))
def test_pseudonyms_depend_on_the_key(path: Path) -> None:
    for case in cases(path):
        scrubbed = agentfold.Scrubber(case["key"]).scrub(case["text"])
        assert json.loads(scrubbed) == case["event"], case["name"]


@pytest.mark.parametrize("path", paths("export", "pages*"))
def test_pages_of_the_export_are_served(path: Path) -> None:
    for case in cases(path):
        end = case.get("end") and (case["end"]["end_id"], case["end"]["end_time"])
        answer = agentfold.answer_export(
            case["query"], case["events"], url=case["url"], now=case["now"], end=end
        )
        assert answer["status"] == case["status"], case["name"]
        assert json.loads(answer["body"]) == case["body"], case["name"]


@pytest.mark.parametrize("path", paths("export", "cursor_*"))
def test_the_export_is_pulled_without_gaps_and_repeats(path: Path) -> None:
    for case in cases(path):
        options = case["cursor"]
        if "saved" in options:
            cursor = agentfold.ExportCursor.restore(json.dumps(options["saved"]))
        else:
            cursor = agentfold.ExportCursor(**options)
        for number, step in enumerate(case["steps"]):
            name = f"{case['name']}: {number}"
            if "refuse" in step:
                with pytest.raises(AgentfoldError) as refused:
                    cursor.next(step["now"])
                told = {"code": refused.value.code, "path": refused.value.path}
                assert told == step["refuse"], name
                continue
            asked = cursor.next(step["now"])
            if asked["step"] == "pause":
                assert {key: asked[key] for key in ("reason", "seconds")} == step["wait"], name
                continue
            request = {"path": asked["path"], "query": dict(parse_qsl(asked["query"]))}
            assert request == step["request"], name
            before = cursor.save()
            taken = take(cursor, step)
            assert taken == step["expect"], name
            if "refusal" in taken:
                assert cursor.save() == before, name
            # Simulates a crash after each page: the cursor is restored from its saved form.
            if "page" in taken:
                cursor = agentfold.ExportCursor.restore(cursor.save())


def take(cursor: agentfold.ExportCursor, step: dict[str, Any]) -> dict[str, Any]:
    reply = step["reply"]
    body = reply["text"] if "text" in reply else json.dumps(reply["body"])
    try:
        taken = cursor.take(
            host="example.zendesk.com",
            status=reply["status"],
            headers=reply["headers"],
            body=body + " " * reply.get("padding", 0),
            now=step["now"],
            jitter=step.get("jitter", 0.5),
        )
    except AgentfoldError as error:
        return {"refusal": {"code": error.code, "path": error.path}}
    if taken["step"] == "pause":
        return {"pause": {"reason": taken["reason"], "seconds": taken["seconds"]}}
    ids = [json.loads(event).get("id") for event in taken["events"]]
    page = {"ids": ids, "repeats": taken["repeats"], "is_last": taken["is_last"]}
    for key in ("apart", "warnings"):
        if taken[key]:
            page[key] = [{"code": note["code"], "path": note["path"]} for note in taken[key]]
    return {"page": page}


@pytest.mark.parametrize("path", paths("webhook"))
def test_deliveries_are_verified_explained_and_answered(path: Path) -> None:
    for case in cases(path):
        name, options = case["name"], case.get("options", {})
        body = case["body"].encode() if "body" in case else bytes(case["bytes"])
        delivery = (case["headers"], body, case["secrets"])
        how: dict[str, Any] = {"now": case["now"], **options}
        answer: dict[str, Any] = {}
        try:
            answer["trusted"] = webhook.verify(*delivery, **how)
        except AgentfoldError as error:
            answer["flaw"] = {"code": error.code, "path": error.path}
        assert answer == {key: case[key] for key in ("trusted", "flaw") if key in case}, name
        try:
            explained: list[str] = [flaw["code"] for flaw in webhook.explain(*delivery, **how)]
        except AgentfoldError as error:
            explained = [error.code]
        assert explained == case.get("explain", []), name
        # Vectors about refused secrets have no status.
        if "status" not in case:
            continue
        try:
            received = webhook.receive(*delivery, **how)
            handled: Any = Fold().apply(received["event"])["outcome"]
        except AgentfoldError as error:
            handled = error.handled
        assert webhook.advise(handled) == case["status"], name
        if "trusted" not in case:
            continue
        trusted = case["trusted"]
        signed = webhook.sign(delivery[1], case["secrets"][trusted["secret"]], trusted["at"])
        how.pop("account_id", None)
        assert webhook.verify(signed, *delivery[1:], **how) == trusted, name
