"""Buckets of reports, by Python's time zone data."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from ._agentfold import buckets_by_offset
from .error import AgentfoldError
from .types import Buckets

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# The second and the last but one day of the calendar, in seconds since 1970. Outside of them an
# instant may have no local time.
_FIRST, _LAST = -62_135_510_400, 253_402_214_400


def buckets(
    *,
    from_: str | datetime,
    to: str | datetime,
    every: str | int | timedelta,
    tz: str | tzinfo = "UTC",
    as_of: str | datetime | None = None,
) -> Buckets:
    """Returns the buckets of a report between two instants.

    A bucket begins when the clocks of the zone show a multiple of the length: a time of day that is
    the same on all days, or midnight. If the clocks skip that time, it begins at the change. If they
    show it twice, a bucket begins both times if a whole length is between them.

    Args:
        from_: The start of the first bucket, inclusive.
        to: The end of the last bucket, exclusive.
        every: The length: up to 1440 minutes, 24 hours, 366 days, 52 weeks or 12 months, such as
            `15m`, `1h`, `1d`, `1w` or `1mo`, also with the unit as `min` or a word; or a `timedelta`
            or a number of seconds. Days are counted from a Monday, so `7d` begin on Mondays, and
            months from January.
        tz: A `tzinfo`, such as a `ZoneInfo`, or the IANA name of a zone. Default: `UTC`.
        as_of: Later events are ignored, and the report ends here. Default: `to`, or the fold's last
            event apart from outliers if that is earlier. Pass the present if values hold until now.

    Returns:
        `Buckets`, for `Fold.report`.

    Raises:
        AgentfoldError: `bad_instant`, `naive_datetime`, `unknown_time_zone`, `not_rising`,
            `too_many_buckets`, or `bad_argument` for an invalid length.

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
    zone = _zone(tz)

    def offset(second: int) -> int:
        at = _EPOCH + timedelta(seconds=min(max(second, _FIRST), _LAST))
        return (at.astimezone(zone).utcoffset() or timedelta()) // timedelta(seconds=1)

    return buckets_by_offset(from_, to, every, as_of, offset)


def _zone(tz: str | tzinfo) -> tzinfo:
    if not isinstance(tz, str):
        return tz
    try:
        return ZoneInfo(tz)
    except (KeyError, OSError, ValueError):
        message = "no IANA time zone has this name; an example is `Europe/Berlin`"
        raise AgentfoldError("unknown_time_zone", "/tz", message) from None
