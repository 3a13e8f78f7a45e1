"""Boxes: what all pictures consist of."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from .._agentfold import to_ns
from ..types import Interval, ReportRow
from .window import DAY_NS, position


class Box(NamedTuple):
    """A box, in the units of the axes: horizontally days, if these are axes of time."""

    left: float
    bottom: float
    width: float
    height: float

    @classmethod
    def of(cls, part: Interval | ReportRow, bottom: float, height: float) -> Box:
        """Returns the box of an interval or a bucket."""
        # Equal lengths must give equal widths wherever they are.
        width = (to_ns(part["to"]) - to_ns(part["from"])) / DAY_NS
        return cls(position(part["from"]), bottom, width, height)

    def upper(self, part: float) -> Box:
        """Returns the upper part of the box."""
        height = self.height * part
        return self._replace(bottom=self.bottom + self.height - height, height=height)


def draw_boxes(axes: Axes, boxes: list[Box], label: str, **style: Any) -> PolyCollection:
    """Draws boxes of one style. The caller sets the limits of the axes.

    One collection is much faster than a patch for each box and new limits after each.
    """
    corners = [
        [(left, low), (left + width, low), (left + width, low + height), (left, low + height)]
        for left, low, width, height in boxes
    ]
    drawn = PolyCollection(corners, label=label, **style)
    axes.add_collection(drawn, autolim=False)
    return drawn
