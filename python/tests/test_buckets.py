"""Buckets in time zones: the vectors, and what only Python has."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from vectors import cases, paths

from agentfold import AgentfoldError, Fold, buckets, corrections


@pytest.mark.parametrize("path", paths("buckets"))
def test_buckets_are_those_of_the_vectors(path: Path) -> None:
    for case in cases(path):
        boundaries = case.get("boundaries", [])
        ends = (boundaries[0], boundaries[-1]) if boundaries else (case["from"], case["to"])
        for tz in (case["tz"], ZoneInfo(case["tz"])):
            expected: Any = {"boundaries": boundaries}
            try:
                found: Any = buckets(from_=ends[0], to=ends[1], every=case["every"], tz=tz)
            except AgentfoldError as error:
                found, expected = error.code, case["error"]
            assert found == expected, case["name"]


def test_datetimes_and_any_tzinfo_are_accepted() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    begin = datetime(2026, 1, 5, tzinfo=kolkata)
    found = buckets(from_=begin, to=begin + timedelta(hours=2), every="1h", tz=kolkata)
    assert found["boundaries"][1] == "2026-01-04T19:30:00Z"
    known = buckets(from_=begin, to=begin + timedelta(hours=2), every="1h", as_of=begin)
    assert known.get("as_of") == "2026-01-04T18:30:00Z"


def test_lengths_are_timedeltas_and_numbers_of_seconds_too() -> None:
    day = {"from_": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z"}
    quarters = buckets(**day, every="15m")
    numpy = pytest.importorskip("numpy")
    lengths: list[Any] = [timedelta(minutes=15), 900, 900.0, numpy.int64(900), "15min"]
    for every in lengths:
        assert buckets(**day, every=every) == quarters, every
    wrong: list[Any] = [timedelta(seconds=90), 0, -900, timedelta(0), timedelta(days=-1), [], None]
    for every in wrong:
        with pytest.raises(AgentfoldError) as refused:
            buckets(**day, every=every)
        assert (refused.value.code, refused.value.path) == ("bad_argument", "/every"), every


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"tz": "Mars/Olympus"}, "unknown_time_zone", "/tz"),
        ({"tz": "../../etc/passwd"}, "unknown_time_zone", "/tz"),
        ({"from_": "yesterday"}, "bad_instant", "/from_"),
        ({"to": datetime(2026, 1, 5, 9)}, "naive_datetime", "/to"),
        ({"as_of": 1}, "bad_argument", "/as_of"),
        ({"to": "9999-01-01T00:00:00Z", "every": "1m"}, "too_many_buckets", "/every"),
        ({"to": "2026-01-05T08:00:00Z"}, "not_rising", "/to"),
        ({"every": "25h"}, "bad_argument", "/every"),
        ({"every": 1}, "bad_argument", "/every"),
    ],
)
def test_invalid_arguments_are_refused(wrong: dict[str, Any], code: str, path: str) -> None:
    hour = {"from_": "2026-01-05T08:00:00Z", "to": "2026-01-05T09:00:00Z", "every": "1h"}
    with pytest.raises(AgentfoldError) as refused:
        buckets(**{**hour, **wrong})
    assert (refused.value.code, refused.value.path) == (code, path)


def test_an_exception_of_a_tzinfo_is_raised() -> None:
    class Broken(tzinfo):
        def utcoffset(self, dt: datetime | None, /) -> timedelta | None:
            raise LookupError("no tables")

        def dst(self, dt: datetime | None, /) -> timedelta | None:
            return None

        def tzname(self, dt: datetime | None, /) -> str | None:
            return None

    with pytest.raises(LookupError, match="no tables"):
        buckets(from_="2026-01-05T08:00:00Z", to="2026-01-05T09:00:00Z", every="1h", tz=Broken())


def test_buckets_reach_to_the_ends_of_the_calendar() -> None:
    for begin, end in (("0000-01-01", "0001-01-09"), ("9999-12-25", "9999-12-31")):
        for tz in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
            found = buckets(from_=f"{begin}T00:00:00Z", to=f"{end}T23:59:59Z", every="6h", tz=tz)
            assert found["boundaries"] == sorted(found["boundaries"])


AWAY = {
    "account_id": 2,
    "agent_id": 7,
    "field_name": "status",
    "id": "a",
    "timestamp": "2026-01-05T09:00:00Z",
    "value": "away",
}


@pytest.mark.parametrize("by", ["agent", "account", "group", "group_split"])
def test_a_report_of_too_many_rows_is_refused_and_says_how_many(by: Any) -> None:
    fold = Fold()
    fold.apply(AWAY)
    end = "2027-01-01T00:00:00Z"
    year = buckets(from_="2026-01-01T00:00:00Z", to=end, every="1m", as_of=end)
    with pytest.raises(AgentfoldError, match=r"10512\d\d rows") as refused:
        fold.report(year, by)
    assert refused.value.code == "too_many_rows"
    end = "2026-01-06T08:00:00Z"
    day = buckets(from_="2026-01-05T08:00:00Z", to=end, every="1h", as_of=end)
    assert len(fold.report(day)) == 48
    day["row_limit"] = 20
    with pytest.raises(AgentfoldError, match="limit is 20"):
        fold.report(day, by)
    with pytest.raises(AgentfoldError, match="limit is 20"):
        fold.sessions(day)


def test_reports_over_other_buckets_are_not_compared() -> None:
    fold = Fold()
    fold.apply(AWAY)
    end = "2026-01-05T11:00:00Z"
    hours, halves = (
        fold.report(buckets(from_="2026-01-05T09:00:00Z", to=end, every=every, as_of=end))
        for every in ("1h", "30m")
    )
    assert corrections(hours, hours) == []
    with pytest.raises(AgentfoldError) as refused:
        corrections(hours, halves)
    assert refused.value.code == "other_buckets"
