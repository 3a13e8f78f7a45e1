"""Conversion of instants to `datetime`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ._agentfold import to_ns
from .error import AgentfoldError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def to_datetime(instant: str | datetime, /) -> datetime:
    """Returns an instant as a `datetime` in UTC, truncated to microseconds.

    Args:
        instant: RFC 3339 text, or an aware `datetime`.

    Raises:
        AgentfoldError: `naive_datetime` for a `datetime` without a time zone; `bad_instant` for text
            that is not an instant, and for the year 0, which `datetime` does not support.

    Example:
        >>> to_datetime("2026-01-05T08:30:00.000001999Z").isoformat()
        '2026-01-05T08:30:00.000001+00:00'
    """
    try:
        return _EPOCH + timedelta(microseconds=to_ns(instant) // 1000)
    except OverflowError:
        message = "`instant` is outside of the years 1 to 9999"
        raise AgentfoldError("bad_instant", "/instant", message) from None
