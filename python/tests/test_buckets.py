"""Buckets in time zones, held against boundaries that were found by hand."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agentfold import AgentfoldError, buckets


def assert_bounds(every: str, tz: str, *by_hand: str) -> None:
    """Holds boundaries in UTC, dates left out where they do not change."""
    date = ""
    expected: list[str] = []
    for text in by_hand:
        date, found_time = text.split(" ") if " " in text else (date, text)
        expected.append(f"{date}T{found_time}:00Z")
    for zone in (tz, ZoneInfo(tz)):
        found = buckets(from_=expected[0], to=expected[-1], every=every, tz=zone)
        assert found == {"boundaries": expected, "as_of": expected[-1]}, f"{every} in {tz}"


def test_berlin_puts_clocks_forward_and_its_day_has_23_hours() -> None:
    berlin = "Europe/Berlin"
    assert_bounds("1d", berlin, "2026-03-27 23:00", "2026-03-28 23:00", "2026-03-29 22:00")
    assert_bounds("6h", berlin, "2026-03-28 23:00", "2026-03-29 04:00", "10:00", "16:00", "22:00")
    assert_bounds("2h", berlin, "2026-03-28 23:00", "2026-03-29 01:00", "02:00", "04:00")
    assert_bounds("1h", berlin, "2026-03-28 23:00", "2026-03-29 00:00", "01:00", "02:00")
    assert_bounds("15m", berlin, "2026-03-29 00:30", "00:45", "01:00", "01:15", "01:30")
    hours = buckets(from_="2026-03-28T23:00:00Z", to="2026-03-29T22:00:00Z", every="1h", tz=berlin)
    assert len(hours["boundaries"]) - 1 == 23


def test_berlin_puts_clocks_back_and_its_day_has_25_hours() -> None:
    berlin = "Europe/Berlin"
    assert_bounds("1d", berlin, "2026-10-23 22:00", "2026-10-24 22:00", "2026-10-25 23:00")
    assert_bounds("6h", berlin, "2026-10-24 22:00", "2026-10-25 05:00", "11:00", "17:00", "23:00")
    assert_bounds("2h", berlin, "2026-10-24 22:00", "2026-10-25 00:00", "03:00", "05:00")
    assert_bounds("1h", berlin, "2026-10-25 00:00", "01:00", "02:00", "03:00")
    assert_bounds("30m", berlin, "2026-10-25 00:00", "00:30", "01:00", "01:30", "02:00")
    quarters = buckets(from_="2026-10-24T22:00:00Z", to="2026-10-25T23:00:00Z", every="15m", tz=berlin)
    assert len(quarters["boundaries"]) - 1 == 100


def test_lord_howe_moves_clocks_by_half_an_hour() -> None:
    howe = "Australia/Lord_Howe"
    assert_bounds("1d", howe, "2026-04-03 13:00", "2026-04-04 13:00", "2026-04-05 13:30")
    assert_bounds("6h", howe, "2026-04-04 13:00", "19:30", "2026-04-05 01:30", "07:30", "13:30")
    assert_bounds("1h", howe, "2026-04-04 13:00", "14:00", "15:30", "16:30")
    assert_bounds("30m", howe, "2026-04-04 14:00", "14:30", "15:00", "15:30", "16:00")
    assert_bounds("15m", howe, "2026-04-04 14:30", "14:45", "15:00", "15:15", "15:30")
    assert_bounds("1d", howe, "2026-10-02 13:30", "2026-10-03 13:30", "2026-10-04 13:00")
    assert_bounds("1h", howe, "2026-10-03 13:30", "14:30", "15:30", "16:00", "17:00")
    assert_bounds("30m", howe, "2026-10-03 15:00", "15:30", "16:00", "16:30")
    assert_bounds("15m", howe, "2026-10-03 15:15", "15:30", "15:45", "16:00")


def test_kathmandu_is_a_quarter_of_an_hour_off() -> None:
    assert_bounds("1d", "Asia/Kathmandu", "2026-01-04 18:15", "2026-01-05 18:15")
    assert_bounds("1h", "Asia/Kathmandu", "2026-01-04 18:15", "19:15", "20:15")
    assert_bounds("15m", "Asia/Kathmandu", "2026-01-04 18:15", "18:30", "18:45")


def test_apia_skipped_a_day() -> None:
    apia = "Pacific/Apia"
    assert_bounds(
        "1d", apia, "2011-12-28 10:00", "2011-12-29 10:00", "2011-12-30 10:00", "2011-12-31 10:00"
    )
    assert_bounds("6h", apia, "2011-12-30 04:00", "10:00", "16:00", "22:00")
    assert_bounds("15m", apia, "2011-12-30 09:45", "10:00", "10:15")


def test_midnight_may_come_twice_or_never() -> None:
    havana, cairo = "America/Havana", "Africa/Cairo"
    assert_bounds("1d", havana, "2026-10-31 04:00", "2026-11-01 04:00", "2026-11-02 05:00")
    assert_bounds("6h", havana, "2026-11-01 04:00", "11:00", "17:00")
    assert_bounds("1h", havana, "2026-11-01 03:00", "04:00", "05:00", "06:00")
    assert_bounds("1d", cairo, "2026-04-22 22:00", "2026-04-23 22:00", "2026-04-24 21:00")


def test_lengths_that_are_no_part_of_a_day_begin_anew_each_day() -> None:
    assert_bounds("7h", "UTC", "2026-01-05 14:00", "21:00", "2026-01-06 00:00", "07:00")
    assert_bounds("24h", "UTC", "2026-01-05 00:00", "2026-01-06 00:00")


def test_weeks_begin_on_mondays_and_ends_are_cut_to_the_nanosecond() -> None:
    assert_bounds("7d", "UTC", "2026-01-01 09:30", "2026-01-05 00:00", "2026-01-12 00:00", "00:01")
    begin, inner = "2026-01-05T08:59:59.999999999Z", "2026-01-05T09:00:00Z"
    end = "2026-01-05T10:00:00.000000001Z"
    found = buckets(from_=begin, to=end, every="1h")
    assert found["boundaries"] == [begin, inner, "2026-01-05T10:00:00Z", end]


def test_datetimes_and_any_tzinfo_will_do() -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    begin = datetime(2026, 1, 5, tzinfo=kolkata)
    found = buckets(from_=begin, to=begin + timedelta(hours=2), every="1h", tz=kolkata)
    assert found["boundaries"][1] == "2026-01-04T19:30:00Z"
    known = buckets(from_=begin, to=begin + timedelta(hours=2), every="1h", as_of=begin)["as_of"]
    assert known == "2026-01-04T18:30:00Z"


@pytest.mark.parametrize(
    ("wrong", "code", "path"),
    [
        ({"tz": "Mars/Olympus"}, "unknown_time_zone", "/tz"),
        ({"tz": "../../etc/passwd"}, "unknown_time_zone", "/tz"),
        ({"from_": "yesterday"}, "bad_instant", "/from_"),
        ({"from_": "0000-01-01T00:00:00Z"}, "bad_instant", "/from_"),
        ({"to": datetime(2026, 1, 5, 9)}, "naive_datetime", "/to"),
        ({"as_of": 1}, "bad_argument", "/as_of"),
        ({"to": "9999-01-01T00:00:00Z", "every": "1m"}, "too_many_buckets", "/every"),
        *(
            ({"every": every}, "bad_argument", "/every")
            for every in ("", "0m", "1441m", "25h", "367d", "15", "1.5h", "-1h", "1h\n", "\u0661h")
        ),
    ],
)
def test_what_can_not_be_made_into_buckets_is_refused(
    wrong: dict[str, Any], code: str, path: str
) -> None:
    hour = {"from_": "2026-01-05T08:00:00Z", "to": "2026-01-05T09:00:00Z", "every": "1h"}
    with pytest.raises(AgentfoldError) as refused:
        buckets(**{**hour, **wrong})
    assert (refused.value.code, refused.value.path) == (code, path)


def test_buckets_reach_to_the_ends_of_the_calendar() -> None:
    for begin, end in (("0001-01-01", "0001-01-09"), ("9999-12-25", "9999-12-31")):
        for tz in ("UTC", "Asia/Tokyo", "America/Los_Angeles"):
            found = buckets(from_=f"{begin}T00:00:00Z", to=f"{end}T23:59:59Z", every="6h", tz=tz)
            assert found["boundaries"] == sorted(found["boundaries"])
