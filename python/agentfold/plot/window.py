"""The window of a picture, and its axis of time."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from .._agentfold import to_ns
from ..buckets import buckets
from ..instants import to_datetime
from ..types import Buckets, InstantInput

DAY_NS = 86_400_000_000_000


class Window(NamedTuple):
    """The window of a picture, with its buckets by the clocks of a zone."""

    from_: datetime
    to: datetime
    zone: tzinfo
    buckets: Buckets

    @classmethod
    def of(
        cls,
        from_: InstantInput,
        to: InstantInput,
        every: str,
        tz: str | tzinfo,
        as_of: InstantInput | None,
    ) -> Window:
        """Returns a window. Raises as `buckets` does."""
        parts = buckets(from_=from_, to=to, every=every, tz=tz, as_of=as_of)
        zone = ZoneInfo(tz) if isinstance(tz, str) else tz
        return cls(to_datetime(from_), to_datetime(to), zone, parts)

    def label(self) -> str:
        """Returns the days of the window and the zone."""
        first = self.from_.astimezone(self.zone)
        # The window ends before `to`.
        last = (self.to - timedelta(microseconds=1)).astimezone(self.zone)
        days = _day(first)
        if first.date() != last.date():
            days += f" to {_day(last)}"
        return f"{days}, times in {self.zone}"

    def draw_axis(self, axes: Axes, most: int = 12) -> None:
        """Makes the horizontal axis one of time, by the clocks of the zone."""
        locator = AutoDateLocator(  # type: ignore[no-untyped-call]
            tz=self.zone, minticks=max(2, most // 3), maxticks=most
        )
        formats = ["%Y", "%b %Y", "%a %d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
        zeros = ["", "%Y", "%a %d %b", "%a %d %b", "%H:%M", "%H:%M:%S"]
        formatter = ConciseDateFormatter(  # type: ignore[no-untyped-call]
            locator, tz=self.zone, formats=formats, zero_formats=zeros, show_offset=False
        )
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(formatter)
        axes.set_xlim(position(self.from_), position(self.to))


def position(instant: InstantInput) -> float:
    """Returns the position of an instant on an axis of time: the days since 1970."""
    return to_ns(instant) / DAY_NS


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b %Y}"
