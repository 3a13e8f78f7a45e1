"""Instants as Python has them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from ._agentfold import to_ns
from .error import AgentfoldError

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def to_datetime(instant: str | datetime, /) -> datetime:
    """Tells an instant as a `datetime` in UTC, cut to the microseconds that it can hold.

    Args:
        instant: A text, as data has it, or an aware `datetime`.

    Raises:
        AgentfoldError: `naive_datetime`; `bad_instant`, also for the year 0, which a `datetime` can't
            hold.

    Example:
        >>> to_datetime("2026-01-05T08:30:00.000001999Z").isoformat()
        '2026-01-05T08:30:00.000001+00:00'
    """
    try:
        return _EPOCH + timedelta(microseconds=to_ns(instant) // 1000)
    except OverflowError:
        message = "`instant` is not of the years 1 to 9999"
        raise AgentfoldError("bad_instant", "/instant", message) from None
