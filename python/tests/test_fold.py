"""Folds as Python mappings, with operators, pickling and datetimes."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from conftest import Event
from vectors import VECTORS, cases

import agentfold
from agentfold import Agent, AgentfoldError, Fold, to_datetime, to_instant, to_ns, types

MANY = (VECTORS / "documents" / "availability.ndjson").read_bytes()


def events_of_a_vector() -> list[bytes]:
    found = cases(VECTORS / "fold" / "stream_01.ndjson")
    return [
        json.dumps(case["step"]["event"]).encode() for case in found if "event" in case.get("step", {})
    ]


def test_a_fold_is_a_mapping_from_agents_to_states(event: Event) -> None:
    fold = Fold()
    assert len(fold) == 0
    assert not fold
    fold.apply(event(1))
    fold.apply(event(2, agent="7"))
    assert isinstance(fold, Mapping)
    assert list(fold) == fold.agents() == [Agent("2", "7"), Agent("2", "10011")]
    state = fold["10011"]
    assert state == fold["2", "10011"] == fold[2, 10011] == fold[10011] == fold[state]
    assert state == fold.state(("2", "10011")) == fold.get("10011")
    assert state["channels"]["support"]["state"] == "online"
    assert "10011" in fold
    assert Agent("2", "7") in fold
    assert ("3", "7") not in fold
    assert "nobody" not in fold
    assert list(fold.keys()) == fold.agents()
    assert list(fold.values()) == [fold["7"], state]
    assert dict(fold.items()) == {Agent("2", "7"): fold["7"], Agent("2", "10011"): state}
    assert fold.get("8") is None
    assert fold.get("8", "nobody") == "nobody"


def test_an_unknown_agent_is_a_key_error_and_an_ambiguous_one_is_refused(event: Event) -> None:
    fold = Fold()
    fold.read([event(1), event(2, account="3")])
    with pytest.raises(KeyError):
        fold["8"]
    with pytest.raises(AgentfoldError) as two:
        fold["10011"]
    assert (two.value.code, two.value.path) == ("ambiguous_agent", "/agent_id")
    with pytest.raises(AgentfoldError) as nobody:
        fold.intervals("8", from_="2026-01-05T08:00:00Z", to="2026-01-05T09:00:00Z")
    assert nobody.value.code == "unknown_agent"
    with pytest.raises(AgentfoldError) as wrong:
        fold.state("nobody")
    assert (wrong.value.code, wrong.value.path) == ("bad_id", "/agent_id")


AT = "2026-01-05T09:00:00Z"
LATER = "2026-01-05T10:00:00Z"
LINE: dict[str, Any] = {"account_id": 2, "agent_id": "7", "from": AT, "to": LATER, "states": []}
UNTYPED: Any = agentfold


@pytest.mark.parametrize(
    ("call", "path", "message"),
    [
        (
            lambda: UNTYPED.Fold(max_byts=1),
            "/max_byts",
            "`max_byts` is not an option; did you mean `max_bytes`?",
        ),
        (
            lambda: UNTYPED.Fold(max_bytes="1"),
            "/max_bytes",
            "`max_bytes` must be a whole number, 0 or more",
        ),
        (
            lambda: UNTYPED.Fold(instant="noon"),
            "/instant",
            "`instant` must be `updated_at` or `time`",
        ),
        (
            lambda: UNTYPED.parse_event("{}", column="a"),
            "/column",
            "`column` is not an option; "
            "the options are `instant`, `max_bytes`, `max_depth`, `limits` and `now`",
        ),
        (
            lambda: UNTYPED.Fold(limits={"chanels": 1}),
            "/limits/chanels",
            "`chanels` is not an option; did you mean `channels`?",
        ),
        (
            lambda: UNTYPED.Fold(limits={"channels": "1"}),
            "/limits/channels",
            "`channels` must be a whole number, 0 or more",
        ),
        (
            lambda: UNTYPED.read_events(b"", colum="a"),
            "/colum",
            "`colum` is not an option; did you mean `column`?",
        ),
        (
            lambda: UNTYPED.webhook.verify({}, b"", "secret", nwo=AT),
            "/nwo",
            "`nwo` is not an option; did you mean `now`?",
        ),
        (
            lambda: UNTYPED.Fold().report({"boundarys": [AT, LATER], "as_of": LATER}),
            "/buckets/boundarys",
            "`boundarys` is not an option; did you mean `boundaries`?",
        ),
        (
            lambda: UNTYPED.Fold().report({"as_of": LATER}),
            "/buckets/boundaries",
            "`boundaries` is missing",
        ),
        (
            lambda: UNTYPED.Fold().report({"boundaries": [AT, 7], "as_of": AT}),
            "/buckets/boundaries/1",
            "item 1 of `boundaries` must be a string",
        ),
        (
            lambda: UNTYPED.Fold().report({"boundaries": [AT, LATER], "as_of": AT}, by="team"),
            "/by",
            "`by` must be `agent`, `channel`, `account`, `group` or `group_split`",
        ),
        (
            lambda: UNTYPED.Fold().adherence([LINE, {**LINE, "stats": []}], AT),
            "/schedule/1/stats",
            "`stats` is not an option; did you mean `states`?",
        ),
        (
            lambda: UNTYPED.ExportCursor(AT, limit=1001),
            "/limit",
            "`limit`: must be from 1 to 1000",
        ),
        (
            lambda: UNTYPED.ExportCursor.restore({"version": 2}),
            "/saved/version",
            "`version`: the cursor was saved by a newer version of agentfold: upgrade to read it",
        ),
    ],
)
def test_an_option_that_is_unknown_missing_or_of_another_type_is_named(
    call: Callable[[], object], path: str, message: str
) -> None:
    with pytest.raises(AgentfoldError) as refused:
        call()
    error = refused.value
    assert (error.code, error.path, error.message) == ("bad_argument", path, message)


def test_an_option_that_is_none_is_left_out() -> None:
    assert UNTYPED.Fold(max_bytes=None, instant=None) == Fold()


def test_before_the_cut_the_error_names_the_agent_and_the_cut() -> None:
    fold = Fold()
    fold.read(MANY)
    agent, cut = fold.agents()[0], "2030-01-01T00:00:00Z"
    assert (fold.cut(), fold.cut_of(agent)) == (None, None)
    fold.compact(cut)
    assert (fold.cut(), fold.cut_of(agent)) == (cut, cut)
    for call in (lambda: fold.state_at(agent, AT), lambda: fold.floor(AT)):
        with pytest.raises(AgentfoldError) as refused:
            call()
        assert (refused.value.code, refused.value.agent, refused.value.cut) == (
            "before_cut",
            agent,
            cut,
        )
        again = pickle.loads(pickle.dumps(refused.value))
        assert (again.agent, again.cut) == (agent, cut)


def test_events_in_any_order_and_with_repeats_give_the_same_bytes() -> None:
    events = events_of_a_vector()
    assert len(events) > 10
    once = Fold()
    once.read(events)
    chance = random.Random(6)
    for _ in range(10):
        shuffled = events * 2
        chance.shuffle(shuffled)
        again = Fold()
        again.apply_many(shuffled)
        assert again == once
        assert again.save() == once.save()


def test_a_merge_is_a_union() -> None:
    events = events_of_a_vector()
    whole, left, right = Fold(), Fold(), Fold()
    whole.read(events)
    left.read(events[::2])
    right.read(events[1::2])
    assert left | right == right | left == whole
    assert left | Fold() == left
    assert left != whole
    kept = left
    left |= right
    assert left is kept
    assert left == whole
    left |= left
    assert left == whole
    with pytest.raises(AgentfoldError) as other:
        left.merge(Fold(instant="time"))
    assert other.value.code == "different_options"
    with pytest.raises(TypeError):
        left | {}  # type: ignore[operator]


def test_the_saved_fold_of_the_repository_is_restored() -> None:
    folder = VECTORS.parent / "saved"
    saved = (folder / "1.fold").read_bytes()
    fold = Fold()
    fold.restore(saved)
    assert list(fold.values()) == json.loads((folder / "states.json").read_text(encoding="utf-8"))
    assert fold.save() == saved


def test_a_fold_can_be_saved_copied_and_pickled() -> None:
    fold = Fold(instant="time", max_bytes=100_000)
    fold.read(MANY)
    restored = Fold(instant="time")
    restored.restore(fold.save())
    assert restored == fold
    for clone in (
        fold.copy(),
        copy.copy(fold),
        copy.deepcopy(fold),
        *(
            pickle.loads(pickle.dumps(fold, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ):
        assert clone == fold
        assert clone is not fold
        clone.compact("2030-01-01T00:00:00Z")
        assert clone != fold
    assert (
        pickle.loads(pickle.dumps(Fold(max_bytes=2))).apply("{}!")["issues"][0]["code"] == "too_large"
    )
    alone = Fold(instant="time")
    for agent in fold:
        saved = fold.save_agent(agent)
        assert saved is not None
        alone.restore(saved)
    assert list(alone.values()) == list(fold.values())
    assert fold.save_agent("8") is None
    assert fold.save_agents() == [(agent, fold.save_agent(agent)) for agent in fold]
    with pytest.raises(AgentfoldError) as damaged:
        restored.restore(fold.save()[:-1])
    assert damaged.value.code == "damaged"
    with pytest.raises(TypeError):
        hash(fold)


def test_changes_are_returned_on_request(event: Event) -> None:
    one, many, read = Fold(), Fold(), Fold()
    events = [event(1), event(2, state="away"), b"{}", event(1)]
    applied = [one.apply(it) for it in events]
    assert [it["outcome"] for it in applied] == ["applied", "applied", "unreadable", "duplicate"]
    assert applied[2].get("issues", [])[0]["code"] == "missing_field"
    assert many.apply_many(iter(events)) == applied
    result = read.read(events, changes=True)
    assert result.get("changes") == [change for it in applied for change in it["changes"]]
    assert result["counts"]["duplicate"] == 1
    assert "changes" not in Fold().read(events)


def test_an_event_past_a_limit_has_the_outcome_limit(event: Event) -> None:
    def on(number: int, channel: str) -> dict[str, Any]:
        made = json.loads(event(number))
        return {**made, "event": {**made["event"], "channel": channel}}

    events = [on(1, "support"), on(2, "chat"), on(3, "support")]
    fold, read = Fold(limits={"channels": 1}), Fold(limits={"channels": 1})
    applied = fold.apply_many(events)
    assert [one["outcome"] for one in applied] == ["applied", "limit", "applied"]
    assert [one.get("limit") for one in applied] == [None, "channels", None]
    assert applied[1]["changes"] == []
    assert list(fold["10011"]["channels"]) == ["support"]
    counts = read.read(events)["counts"]
    assert {outcome: count for outcome, count in counts.items() if count} == {"applied": 2, "limit": 1}
    assert read == fold
    # A copy keeps the limits, and a merge is not limited.
    assert pickle.loads(pickle.dumps(fold)).apply(events[1])["outcome"] == "limit"
    wider = Fold()
    wider.read(events)
    fold.merge(wider)
    assert fold == wider


def test_apply_many_keeps_the_events_before_an_invalid_one(event: Event) -> None:
    fold = Fold()
    with pytest.raises(AgentfoldError) as wrong:
        fold.apply_many([event(1), 2])  # type: ignore[list-item]
    assert (wrong.value.code, wrong.value.path) == ("bad_argument", "/events")
    assert len(fold) == 1


@pytest.mark.parametrize("collects", [True, False])
def test_results_leave_the_garbage_collector_as_it_was(event: Event, collects: bool) -> None:
    before = gc.isenabled()
    try:
        gc.enable() if collects else gc.disable()
        fold = Fold()
        fold.apply_many([event(1), event(2)])
        with pytest.raises(AgentfoldError):
            fold.apply_many([event(3), 2])  # type: ignore[list-item]
        assert gc.isenabled() == collects
    finally:
        gc.enable() if before else gc.disable()


def test_unknown_fields_are_read_as_python_reads_json(event: Event) -> None:
    numbers = [
        "0",
        "-0",
        "-1",
        "1.5",
        "1e3",
        str(2**63),
        str(2**64 - 1),
        str(2**64),
        str(-(2**63)),
        str(-(2**70)),
    ]
    others = [
        "null",
        "true",
        "[]",
        "{}",
        '"caf\\u00e9 \\ud83d\\ude00"',
        '{"a":{"a":[[1],"\\n"]},"":false}',
    ]
    for value in numbers + others + ["[" + ",".join(numbers + others) + "]"]:
        text = event(1).replace(b'"new_state"', b'"unknown": ' + value.encode() + b', "new_state"')
        parsed: Any = agentfold.parse_event(text)
        assert repr(parsed["event"]["event"]["unknown"]) == repr(json.loads(value))


def test_instants_are_aware_datetimes_or_strings(event: Event) -> None:
    fold = Fold()
    fold.apply(event(1))
    berlin = timezone(timedelta(hours=1))
    at = datetime(2026, 1, 5, 9, 30, tzinfo=berlin)
    assert fold.state_at("10011", at) == fold.state_at("10011", "2026-01-05T08:30:00Z")
    end = at + timedelta(hours=1)
    [interval] = fold.intervals("10011", "state[support]", from_=at, to=end, as_of=end)
    assert interval["from"] == "2026-01-05T08:30:00Z"
    assert to_datetime(interval["to"]) == at + timedelta(hours=1)
    schedule = [
        {
            "account_id": "2",
            "agent_id": "10011",
            "from": at,
            "to": at + timedelta(hours=1),
            "track": "state[support]",
            "states": ["online"],
        }
    ]
    [row] = fold.adherence(schedule, at + timedelta(hours=1))  # type: ignore[arg-type]
    assert row["adherent_ns"] == 3_600_000_000_000
    naive = datetime(2026, 1, 5, 9, 30)
    with pytest.raises(AgentfoldError) as refused:
        fold.state_at("10011", naive)
    assert (refused.value.code, refused.value.path) == ("naive_datetime", "/at")
    with pytest.raises(AgentfoldError) as within:
        fold.adherence([{**schedule[0], "from": naive}], at)  # type: ignore[typeddict-item]
    assert within.value.code == "naive_datetime"
    with pytest.raises(AgentfoldError) as wrong:
        fold.compact(1)  # type: ignore[arg-type]
    assert (wrong.value.code, wrong.value.path) == ("bad_argument", "/before")


def test_instants_convert_to_datetimes_and_nanoseconds() -> None:
    text = "2026-01-05T08:30:00.123456789Z"
    assert to_instant(to_ns(text)) == text
    assert to_ns(to_datetime(text)) == to_ns(text) // 1000 * 1000
    assert to_instant("2026-01-05T09:30:00+01:00") == "2026-01-05T08:30:00Z"
    assert to_instant(-1) == "1969-12-31T23:59:59.999999999Z"
    for wrong in ("yesterday", 10**40, -(10**20)):
        with pytest.raises(AgentfoldError) as refused:
            to_instant(wrong)
        assert refused.value.code == "bad_instant"
    with pytest.raises(AgentfoldError):
        to_datetime("0000-01-01T00:00:00Z")


def test_durations_keep_all_digits(event: Event) -> None:
    fold = Fold()
    capacity = {"support": {"current": (2**32 - 1), "previous": None}}
    fold.apply(
        {
            "account_id": 2,
            "detail": {"agent_id": "7"},
            "id": "c",
            "type": "zen:event-type:agent.max_capacity_changed",
            "event": {"updated_at": "2026-01-05T08:00:00Z", "maxCapacity": capacity},
        }
    )
    fold.apply(event(1, agent="7"))
    buckets: types.Buckets = {
        "boundaries": ["2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"],
        "as_of": "2026-01-05T10:00:00Z",
    }
    [row] = [row for row in fold.report(buckets) if row["row"] == "channel"]
    assert row["capacity_ns"] == (2**32 - 1) * 3_600_000_000_000


def test_the_rows_of_a_report_come_one_by_one_from_what_the_fold_knew(event: Event) -> None:
    fold = Fold()
    fold.read((VECTORS.parent / "saved" / "events.ndjson").read_bytes())
    minutes = agentfold.buckets(from_="2026-01-05T07:00:00Z", to="2026-01-05T10:00:00Z", every="1m")
    whole = fold.report(minutes)
    assert len(whole) > 1000
    rows = fold.report_rows(minutes)
    first = next(rows)
    fold.apply(event(1, agent="7"))
    assert [first, *rows] == whole
    with pytest.raises(AgentfoldError) as refused:
        fold.report_rows({**minutes, "row_limit": 20})
    assert refused.value.code == "too_many_rows"


@pytest.mark.parametrize("by", ["agent", "channel", "account", "group"])
def test_sums_of_agents_that_are_kept_apart_are_the_report_of_all(by: types.RollUp) -> None:
    fold = Fold()
    fold.read((VECTORS.parent / "saved" / "events.ndjson").read_bytes())
    end = "2026-01-05T12:00:00Z"
    hours = agentfold.buckets(from_="2026-01-05T07:00:00Z", to=end, every="1h", as_of=end)
    sums = agentfold.ReportSums(hours, by)
    for _, saved in fold.save_agents():
        one = Fold()
        one.restore(saved)
        sums.add(one)
    rows = list(sums.rows())
    assert len(rows) > 3
    assert rows == fold.report(hours, by)
    with pytest.raises(AgentfoldError) as refused:
        sums.add(fold)
    assert refused.value.code == "freed"
    few = agentfold.ReportSums({**hours, "row_limit": 1}, by)
    with pytest.raises(AgentfoldError) as refused:
        few.add(fold)
    assert refused.value.code == "too_many_rows"


def test_without_as_of_a_report_ends_at_the_last_event(event: Event) -> None:
    fold = Fold()
    fold.read(event(60) + b"\n" + event(120, agent="7"))
    usual: Any = fold.usual_event_times()
    last = usual["last"]
    window = {"from_": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z"}
    day = agentfold.buckets(**window, every="1d")
    assert "as_of" not in day
    known: types.Buckets = {**day, "as_of": last}
    present: types.Buckets = {**day, "as_of": window["to"]}
    assert fold.report(day) == fold.report(known) != fold.report(present)
    assert list(fold.report_rows(day)) == fold.report(known)
    assert fold.sessions(day) == fold.sessions(known) != fold.sessions(present)
    for agent in fold:
        for ask in (fold.intervals, fold.work_items, fold.chat_spans):
            assert ask(agent, **window) == ask(agent, **window, as_of=last)
        assert fold.intervals(agent, **window)[-1]["to"] == last
    early = {**window, "to": "2026-01-05T08:01:30Z"}
    for agent in fold:
        assert fold.intervals(agent, **early) == fold.intervals(agent, **early, as_of=early["to"])
    with pytest.raises(AgentfoldError) as refused:
        agentfold.ReportSums(day)
    assert (refused.value.code, refused.value.path) == ("bad_argument", "/buckets/as_of")


def test_reversed_windows_are_refused() -> None:
    window: dict[str, Any] = {"from_": "2026-01-05T09:00:00Z", "to": "2026-01-05T08:00:00Z"}
    asks: list[Callable[[], Any]] = [
        lambda: Fold().intervals(("2", "7"), **window),
        lambda: Fold().work_items(("2", "7"), **window),
        lambda: Fold().chat_spans(("2", "7"), **window),
        lambda: Fold().to_arrow("intervals", **window),
        lambda: Fold().to_arrow("work_items", **window),
        lambda: agentfold.buckets(**window, every="1h"),
    ]
    for ask in asks:
        with pytest.raises(AgentfoldError) as refused:
            ask()
        assert (refused.value.code, refused.value.path) == ("not_rising", "/to")


def test_integers_of_numpy_are_ids_and_counts(event: Event) -> None:
    numpy = pytest.importorskip("numpy")
    fold = Fold(max_bytes=numpy.int32(100_000), limits={"agents": numpy.uint8(9)})
    account, agent = numpy.int64(2), numpy.uint64(10011)
    fold.apply({**json.loads(event(1)), "account_id": account})
    state = fold[account, agent]
    assert state["agent_id"] == "10011"
    assert fold[agent] == fold.state(agent) == fold[numpy.array([2]).item(), agent] == state
    day: Any = {
        "boundaries": ["2026-01-05T00:00:00Z", "2026-01-06T00:00:00Z"],
        "row_limit": numpy.int64(9),
    }
    assert fold.report(day, selection={"agents": [agent], "accounts": [account]}) == fold.report(day)
    nanoseconds = numpy.int64(agentfold.to_ns(state["last_event_at"]))
    assert agentfold.to_instant(nanoseconds) == state["last_event_at"]
    for wrong in (numpy.float64(2), numpy.int64(-1), numpy.array([2, 3])):
        with pytest.raises(AgentfoldError):
            fold.state((wrong, agent))


def test_wrong_words_are_told_the_right_ones() -> None:
    table: Any = "agnts"
    with pytest.raises(
        AgentfoldError, match=r"`events`, `agents`, `work_items`.*or `anomalies`"
    ) as refused:
        Fold().to_arrow(table)
    assert refused.value.path == "/table"


HOUR: types.Buckets = {
    "boundaries": ["2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z"],
    "as_of": "2026-01-05T09:00:00Z",
}


def item(number: int, kind: str, **fields: str) -> dict[str, Any]:
    """Returns an event of work item 7 on a channel, `number` minutes after eight."""
    return {
        "account_id": 2,
        "detail": {"agent_id": "10011", "version": str(number)},
        "id": f"item-{number}",
        "type": f"zen:event-type:agent.work_item_{kind}",
        "event": {
            "updated_at": f"2026-01-05T08:{number:02}:00Z",
            "work_item_id": "7",
            "channel": "support",
            **fields,
        },
    }


def test_a_selection_limits_a_report_and_the_floor(event: Event) -> None:
    fold = Fold()
    fold.read([event(1), event(2, agent="7"), event(3, account="3"), event(4, account="3", agent="8")])
    groups = {"updated_at": "2026-01-05T08:00:00Z", "new_group_ids": ["5"]}
    fold.apply(
        {
            "account_id": 2,
            "detail": {"agent_id": "7"},
            "id": "g",
            "type": "zen:event-type:agent.groups_updated",
            "event": groups,
        }
    )

    def selected(selection: types.Selection | None) -> list[str]:
        rows = fold.report(HOUR, selection=selection)
        found = {(row["account_id"], row["agent_id"]) for row in rows}
        floor = fold.floor("2026-01-05T08:30:00Z", selection=selection)
        on_floor = {(on["account_id"], agent["agent_id"]) for on in floor for agent in on["agents"]}
        assert found == on_floor
        return sorted(f"{account}/{agent}" for account, agent in found)

    everyone = ["2/10011", "2/7", "3/10011", "3/8"]
    assert selected(None) == selected({}) == selected({"agents": []}) == everyone
    assert selected({"accounts": ["3"]}) == selected({"accounts": [3]}) == ["3/10011", "3/8"]
    assert selected({"agents": ["10011"]}) == selected({"agents": [10011]}) == ["2/10011", "3/10011"]
    assert selected({"agents": ["2/10011", "8"]}) == ["2/10011", "3/8"]
    assert selected({"agents": [Agent("2", "7"), fold["3", "8"]]}) == ["2/7", "3/8"]
    assert selected({"agents": fold.agents(), "accounts": ["2"]}) == ["2/10011", "2/7"]
    assert selected({"groups": ["5"]}) == ["2/7"]
    assert selected({"channels": ["talk"]}) == []
    of_channel = fold.report(HOUR, selection={"channels": ["support"]})
    assert {row["row"] for row in of_channel} == {"channel"}
    assert {row["row"] for row in fold.report(HOUR)} == {"channel", "unified_state", "chat"}
    [row] = fold.report(HOUR, "channel", selection={"accounts": ["2"]})
    assert row.get("agents") == 2
    wrong: list[tuple[Any, str]] = [
        (["7"], "/selection"),
        ({"agent": ["7"]}, "/selection/agent"),
        ({"agents": "7"}, "/selection/agents"),
        ({"agents": ["x"]}, "/selection/agents/0"),
        ({"groups": "5"}, "/selection/groups"),
    ]
    for selection, path in wrong:
        for ask in (fold.report, fold.floor):
            given: Any = HOUR if ask == fold.report else "2026-01-05T08:30:00Z"
            with pytest.raises(AgentfoldError) as refused:
                ask(given, selection=selection)
            assert (refused.value.code, refused.value.path) == ("bad_argument", path)


def test_the_load_of_a_channel_has_intervals_if_it_is_named() -> None:
    fold = Fold()
    fold.read([item(10, "added", reason="ACCEPTED"), item(40, "removed", reason="CLOSED")])
    window = {"from_": "2026-01-05T08:00:00Z", "to": "2026-01-05T09:00:00Z"}
    intervals = fold.intervals("10011", "load[support]", **window, as_of=window["to"])
    assert [interval["value"] for interval in intervals] == [None, 1, 0]
    assert {(it["track"], it["aspect"], it["channel"], it["work_item"]) for it in intervals} == {
        ("load[support]", "load", "support", None)
    }
    assert intervals[1]["from"] == "2026-01-05T08:10:00Z"
    assert intervals[1]["to"] == "2026-01-05T08:40:00Z"
    every = fold.intervals("10011", **window)
    assert {interval["aspect"] for interval in every} == {"work_item"}
    with pytest.raises(AgentfoldError, match="no_track"):
        fold.intervals("10011", "accepting[support]", **window)


def test_the_repr_of_a_fold_has_its_size_and_its_period(event: Event) -> None:
    assert repr(Fold()) == "<Fold of 0 agents>"
    fold = Fold()
    fold.read([event(1), event(2)])
    assert repr(fold) == "<Fold of 1 agents, 2026-01-05T08:00:01Z to 2026-01-05T08:00:02Z>"
    assert fold.first_and_last_event_at() == ("2026-01-05T08:00:01Z", "2026-01-05T08:00:02Z")


def test_availability_is_exported_as_chat_served_and_corrected(event: Event) -> None:
    fold = Fold()
    fold.read([event(1), event(600, state="away")])
    since, now = "2026-01-05T08:00:00Z", "2026-01-05T09:00:00Z"
    before = fold.tell_chat("support", since, now)
    assert [chat["value"] for chat in before] == ["online", "away"]
    answer = agentfold.answer_export("start_time=1767600000", before, url="https://a.b/c", now=now)
    assert answer["status"] == 200
    asked = "start_time=1767600000"
    assert fold.answer_export("support", asked, url="https://a.b/c", now=now) == answer
    assert fold.answer_export("support", "limit=x", url="https://a.b/c")["status"] == 400
    fold.apply(event(600, state="invisible"))
    fold.apply(event(300, state="invisible"))
    after = fold.tell_chat("support", since, now)
    corrected = agentfold.told_corrections(before, after, now)
    assert corrected
    assert all(pair["before"] != pair["after"] for pair in corrected)


def test_rows_of_agent_timeline_are_compared_with_the_fold() -> None:
    fold = Fold()
    for identity, at, field, value in (
        ("a", "08:00:00", "status", "online"),
        ("b", "08:00:00", "engagements", 0),
        ("c", "09:00:00", "status", "offline"),
    ):
        fold.apply(
            {
                "account_id": 2,
                "agent_id": 7,
                "field_name": field,
                "id": identity,
                "timestamp": f"2026-01-05T{at}Z",
                "value": value,
            }
        )
    row = {
        "agent_id": 7,
        "start_time": "2026-01-05T08:00:00Z",
        "status": "away",
        "engagement_count": 0,
        "duration": 3600.0,
    }
    [difference] = fold.reconcile_timeline("2", [row], "2026-01-05T10:00:00Z")  # type: ignore[list-item]
    assert (difference["fold_status"], difference["row_status"]) == ("online", "away")
    with pytest.raises(AgentfoldError) as wrong:
        fold.reconcile_timeline("2", [{}], "2026-01-05T10:00:00Z")  # type: ignore[typeddict-item]
    assert wrong.value.path == "/rows/0/agent_id"


def test_an_event_that_is_dated_far_after_the_clock_is_refused() -> None:
    away = {
        "account_id": 2,
        "agent_id": 7,
        "field_name": "status",
        "id": "a",
        "timestamp": "2126-01-06T07:30:00Z",
        "value": "away",
    }
    page = {
        "data": [
            {
                "id": "agent_availabilities|7",
                "attributes": {
                    "agent_id": 7,
                    "agent_status": {"id": 1, "updated_at": "2126-01-06T07:30:00Z"},
                },
            }
        ]
    }
    fold = Fold()
    for refused in (fold.apply(away), *fold.apply_many([away])):
        assert refused["outcome"] == "unreadable"
        assert refused.get("issues", [])[0]["code"] == "future_instant"
    for changes in (False, True):
        assert fold.read([away], changes=changes)["counts"]["unreadable"] == 1
    for at in ("2026-01-05T09:00:00Z", "2126-01-07T09:00:00Z"):
        assert fold.seed(2, page, at)[0]["outcome"] == "unreadable"
    assert len(fold) == 0
    assert [issue["code"] for issue in agentfold.check_event(away)] == ["future_instant"]
    for read in (agentfold.parse_event, webhook_of):
        with pytest.raises(AgentfoldError) as error:
            read(away)
        assert error.value.code == "future_instant"
    assert [record["kind"] for record in agentfold.read_events([away])] == ["unreadable"]

    now = datetime(2126, 1, 5, 7, 30, tzinfo=timezone.utc)
    later = Fold(now=now)
    assert later.apply(away)["outcome"] == "applied"
    for same in (copy.copy(later), pickle.loads(pickle.dumps(later))):
        assert same.read([away])["counts"]["duplicate"] == 1
    assert [issue["code"] for issue in agentfold.check_event(away, now=now)] == ["ahead_instant"]
    assert [record["kind"] for record in agentfold.read_events([away], now=now)] == ["status"]
    assert agentfold.Records(now=now).push(json.dumps(away) + "\n")[0]["kind"] == "status"


def webhook_of(event: dict[str, Any]) -> object:
    return agentfold.webhook.parse(json.dumps(event))
