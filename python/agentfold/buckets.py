"""The parts of a report's window, right across daylight saving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ._agentfold import to_instant
from .error import AgentfoldError
from .instants import to_datetime
from .types import Buckets

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MONDAY = date(1970, 1, 5)
# More than anybody reads.
_MOST = 1_000_000


def buckets(
    *,
    from_: str | datetime,
    to: str | datetime,
    every: str,
    tz: str | tzinfo = "UTC",
    as_of: str | datetime | None = None,
) -> Buckets:
    """Makes the buckets of a report.

    A bucket begins when the clocks of the zone show a multiple of the length: a time of day that is
    the same on all days, or midnight. If they were put forward over it, it begins at that instant;
    if they were put back over it, it begins again once a whole length has passed.

    Args:
        from_: Where the first bucket begins.
        to: Where the last one ends.
        every: Their length: up to 1440 minutes, 24 hours or 366 days, as `15m`, `1h` or `1d`. Days
            are counted from a Monday, so that `7d` is a week.
        tz: A `tzinfo`, such as a `ZoneInfo`, or a zone's IANA name.
        as_of: The latest instant of which anything is known; `to` where it is left out.

    Returns:
        `Buckets`, for `Fold.report`.

    Raises:
        AgentfoldError: `bad_instant`, `naive_datetime`, `unknown_time_zone`, `too_many_buckets`, or
            `bad_argument` for a wrong length.

    Example:
        >>> day = buckets(
        ...     from_="2026-03-28T23:00:00Z",
        ...     to="2026-03-29T02:00:00Z",
        ...     every="1h",
        ...     tz="Europe/Berlin",
        ... )
        >>> day["boundaries"][1]
        '2026-03-29T00:00:00Z'
    """
    (begin, first), (end, last) = _instant(from_, "from_"), _instant(to, "to")
    known = end if as_of is None else _instant(as_of, "as_of")[0]
    days, length = _length(every)
    zone = _zone(tz)
    if (last - first) / length > _MOST:
        message = f"there would be more than {_MOST} buckets"
        raise AgentfoldError("too_many_buckets", "/every", message)
    # A bucket may begin within the last microsecond that `to` has only a part of.
    limit = last if to_instant(last) == end else last + timedelta.resolution
    inner = {at for at in _beginnings(zone, first, last, days, length) if first < at < limit}
    return {"boundaries": [begin, *map(to_instant, sorted(inner)), end], "as_of": known}


def _instant(at: str | datetime, name: str) -> tuple[str, datetime]:
    """An instant as a text, and cut to microseconds."""
    try:
        return to_instant(at), to_datetime(at)
    except AgentfoldError as error:
        message = error.message.replace("`instant`", f"`{name}`")
        raise AgentfoldError(error.code, f"/{name}", message) from None


def _length(every: str) -> tuple[int, timedelta]:
    """Every how many days buckets begin, and how long they are where clocks are not changed."""
    found = re.fullmatch(r"([0-9]{1,4})([mhd])", every)
    count, unit = (int(found[1]), found[2]) if found else (0, "m")
    most, length = {
        "m": (1440, timedelta(minutes=1)),
        "h": (24, timedelta(hours=1)),
        "d": (366, _DAY),
    }[unit]
    if not 1 <= count <= most:
        message = (
            "`every` is a length of up to 1440 minutes, 24 hours or 366 days, such as `15m`, `1h` "
            "or `1d`"
        )
        raise AgentfoldError("bad_argument", "/every", message)
    return count if unit == "d" else 1, count * length


def _zone(tz: str | tzinfo) -> tzinfo:
    if not isinstance(tz, str):
        return tz
    try:
        return ZoneInfo(tz)
    except (KeyError, OSError, ValueError):
        message = "no IANA time zone has this name; one is `Europe/Berlin`"
        raise AgentfoldError("unknown_time_zone", "/tz", message) from None


def _beginnings(
    zone: tzinfo, first: datetime, last: datetime, days: int, length: timedelta
) -> Iterator[datetime]:
    """The instants near a range at which buckets begin, in no order."""
    # The calendar has no others before and after.
    begin = max(first.toordinal() - 2, 4)
    end = min(last.toordinal() + 2, date.max.toordinal() - 4)
    for day in map(date.fromordinal, range(begin, end + 1)):
        if (day - _MONDAY).days % days != 0:
            continue
        midnight = datetime.combine(day, time())
        ahead = _offset(zone, midnight)
        still = _offset(zone, midnight - _DAY) == ahead == _offset(zone, midnight + 2 * _DAY)
        local = midnight
        while local < midnight + _DAY:
            shown = [(local - ahead).replace(tzinfo=timezone.utc)] if still else _shown(zone, local)
            yield shown[0]
            if shown[-1] - shown[0] >= length:
                yield shown[-1]
            local += length


def _offset(zone: tzinfo, local: datetime) -> timedelta:
    """How far clocks that show a time are ahead of UTC."""
    return local.replace(tzinfo=zone).utcoffset() or timedelta()


def _shown(zone: tzinfo, local: datetime) -> list[datetime]:
    """When clocks show a local time: once, twice, or in place of never when they leapt over it."""
    times = [local.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1)]
    shown = [at for at in times if _local(zone, at) == local]
    return sorted(shown) if shown else [_leap(zone, local)]


def _local(zone: tzinfo, at: datetime) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


def _leap(zone: tzinfo, local: datetime) -> datetime:
    """The instant at which clocks were put forward over a local time."""
    # No zone was ever two days from UTC. Past at the end, not at the begin.
    begin, end = -2 * _DAY // _SECOND, 2 * _DAY // _SECOND
    while end - begin > 1:
        middle = (begin + end) // 2
        if _local(zone, (local + middle * _SECOND).replace(tzinfo=timezone.utc)) >= local:
            end = middle
        else:
            begin = middle
    return (local + end * _SECOND).replace(tzinfo=timezone.utc)
