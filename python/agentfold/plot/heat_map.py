"""One ratio of many agents, groups or days, hour by hour."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta, tzinfo
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator, PercentFormatter

from .._agentfold import Fold
from ..agent import Agent
from ..error import AgentfoldError
from ..instants import to_datetime
from ..types import ChannelRow, ChatRow, InstantInput, Names, Selection
from .boxes import Box, draw_boxes
from .label import agent_labels, group_label, text
from .palette import NOTHING, TEXT
from .picture import Picture
from .window import Window

Measure = Literal["occupancy", "utilisation", "acceptance_rate"]
"""The ratio that is drawn."""

# The height of a row, and the least width of a cell with a number, in inches.
_ROW, _ROOM = 0.3, 0.36

# From which share on a colour is too dark for dark text.
_DARK = 0.55

_Row = Agent | date | str | None


def heat_map(
    fold: Fold,
    channel: str | None,
    *,
    from_: InstantInput,
    to: InstantInput,
    every: str = "1h",
    tz: str | tzinfo = "UTC",
    as_of: InstantInput | None = None,
    by: Literal["agent", "group", "day"] = "agent",
    measure: Measure = "occupancy",
    selection: Selection | None = None,
    names: Names | None = None,
) -> Figure:
    """Draws a ratio on one channel in colours, a row for each agent, group or day.

    Each bucket is a cell. A grey one has nothing to divide by: nobody was online.

    Args:
        fold: The fold to ask.
        channel: The channel; `None` for the Chat export.
        from_: The start of the window.
        to: The end of the window.
        every: The length of the buckets, as for `buckets`. Default: `1h`.
        tz: A `tzinfo`, such as a `ZoneInfo`, or the IANA name of a zone. Default: `UTC`.
        as_of: Later events are ignored, and the cells end here. Default: as for `buckets`.
        by: What a row is: `agent`, `group`, or `day` for all agents together, by the time of day. An
            hour that the clocks show twice is one cell.
        measure: `occupancy`, `utilisation` or `acceptance_rate`, as in a report. The Chat export has
            only the first.
        selection: The agents to draw. Default: all.
        names: What agents and groups are called, as `parse_names` returns it.

    Returns:
        A figure whose first `Axes` has the cells, and whose second is the scale.

    Raises:
        AgentfoldError: As `buckets` and `Fold.report`; `bad_argument` for other words.

    Example:
        >>> from agentfold import Fold, plot
        >>> fold = Fold()
        >>> online = '''{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
        ...   "type": "zen:event-type:agent.state_changed", "event": {"channel": "talk",
        ...   "updated_at": "2026-01-05T08:00:00Z", "new_state": "online"}}'''
        >>> added = '''{"account_id": 2, "detail": {"agent_id": "7"}, "id": "b",
        ...   "type": "zen:event-type:agent.work_item_added", "event": {"channel": "talk",
        ...   "updated_at": "2026-01-05T08:45:00Z", "work_item_id": "1", "reason": "ACCEPTED"}}'''
        >>> counts = fold.read([online, added])
        >>> end = "2026-01-05T10:00:00Z"
        >>> window = {"from_": "2026-01-05T08:00:00Z", "to": end, "as_of": end}
        >>> figure = plot.heat_map(fold, "talk", **window)
        >>> [cells] = figure.axes[0].collections
        >>> cells.get_array().tolist()
        [0.25, 1.0]
    """
    if by not in ("agent", "group", "day"):
        raise AgentfoldError("bad_argument", "/by", "expected `agent`, `group` or `day`")
    window = Window.of(from_, to, every, tz, as_of)
    if channel is not None:
        selection = {**(selection or {}), "channels": [channel]}
    sums: dict[_Row, dict[Box, tuple[int, int]]] = defaultdict(dict)
    for row in fold.report(window.buckets, "account" if by == "day" else by, selection=selection):
        if row["row"] == "channel" or (row["row"] == "chat" and channel is None):
            part, whole = _ratio(row, measure)
            if whole > 0:
                key, box = _place(row, by, window.zone)
                before = sums[key].get(box, (0, 0))
                sums[key][box] = (before[0] + part, before[1] + whole)
    # Accounts come one after the other in a report.
    keys = sorted(key for key in sums if isinstance(key, date)) if by == "day" else [*sums]
    cells = [
        (box._replace(bottom=place - 0.5), part / whole)
        for place, key in enumerate(keys)
        for box, (part, whole) in sums[key].items()
    ]
    of = f"on {text(channel)}" if channel is not None else "in the Chat export"
    title = f"{measure.replace('_', ' ').capitalize()} {of} by {by}, per {every}"
    picture = Picture(0.9 + _ROW * max(1, len(keys)), title, window.label())
    for axes in picture.panel(is_empty=not keys):
        axes.set_yticks(range(len(keys)), _labels([*keys], names))
        axes.set_ylim(len(keys) - 0.5, -0.5)
        axes.grid(visible=False)
        axes.set_facecolor(NOTHING)
        if by == "day":
            _draw_day(axes, [box for box, _ in cells])
        else:
            window.draw_axis(axes)
        top = max(1, *(value for _, value in cells))
        drawn = draw_boxes(
            axes,
            [box for box, _ in cells],
            measure,
            array=[value for _, value in cells],
            norm=Normalize(0, top),
            cmap="YlGnBu",
            edgecolor="white",
        )
        picture.colorbar(drawn, ax=axes, format=PercentFormatter(1), pad=0.01, fraction=0.03)
        start, end = axes.get_xlim()
        for box, value in cells:
            # The axis is about eight inches long.
            if 8 * box.width / (end - start) >= _ROOM:
                colour = TEXT if value < _DARK * top else "white"
                at = (box.left + box.width / 2, box.bottom + 0.5)
                axes.text(*at, f"{value:.0%}", ha="center", va="center", fontsize=8, color=colour)
    return picture


def _draw_day(axes: Axes, boxes: list[Box]) -> None:
    """Makes the horizontal axis one of times of day."""
    start, end = min(box.left for box in boxes), max(box.left + box.width for box in boxes)
    axes.set_xlim(start, end)
    axes.xaxis.set_major_locator(MultipleLocator(1 / 24 if end - start <= 0.5 else 1 / 12))
    axes.xaxis.set_major_formatter(FuncFormatter(_hour))


def _hour(day: float, _: float) -> str:
    return f"{round(day * 24):02}:00"


def _place(row: ChannelRow | ChatRow, by: str, zone: tzinfo) -> tuple[_Row, Box]:
    """Returns which row of the picture a row of the report is in, and where."""
    box = Box.of(row, 0, 1)
    if by == "agent":
        return Agent(row["account_id"] or "", row["agent_id"] or ""), box
    if by == "group":
        return row.get("group_id"), box
    start = to_datetime(row["from"]).astimezone(zone).replace(tzinfo=None)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    return start.date(), box._replace(left=(start - midnight) / timedelta(days=1))


def _labels(keys: list[_Row], names: Names | None) -> list[str]:
    agents = [key for key in keys if isinstance(key, Agent)]
    if agents:
        return agent_labels(agents, names)
    return [
        f"{key:%a} {key.day} {key:%b}"
        if isinstance(key, date)
        else group_label(key if isinstance(key, str) else None, names)
        for key in keys
    ]


def _ratio(row: ChannelRow | ChatRow, measure: Measure) -> tuple[int, int]:
    if measure == "occupancy":
        return row["busy_ns"], row["online_ns"]
    if measure == "utilisation" and row["row"] == "channel":
        return row["item_known_ns"], row["capacity_ns"]
    if measure == "acceptance_rate" and row["row"] == "channel":
        return row["offers_accepted"], row["offers_ended"]
    message = "expected `occupancy` or, on a channel, `utilisation` or `acceptance_rate`"
    raise AgentfoldError("bad_argument", "/measure", message)
