"""How busy the agents of channels and groups were."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import tzinfo
from typing import Literal

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .._agentfold import Fold
from ..error import AgentfoldError
from ..types import ChannelRow, ChatRow, InstantInput, Names, Selection
from .boxes import Box, draw_boxes
from .label import group_label, text
from .palette import BAR, CERTAIN, DISPUTED, LINE, STRIPED
from .picture import Picture
from .window import Window

# What agents of the Chat export are busy with.
_CHAT = "chat export"


def occupancy(
    fold: Fold,
    *,
    from_: InstantInput,
    to: InstantInput,
    every: str = "15m",
    tz: str | tzinfo = "UTC",
    as_of: InstantInput | None = None,
    by: Literal["channel", "group", "group_split"] = "channel",
    selection: Selection | None = None,
    names: Names | None = None,
) -> Figure:
    """Draws the share of the time online with at least one open item, bucket by bucket.

    There is a panel for each channel; by group, a row of panels for each group. An agent of several
    groups counts in each. The striped upper part of a bar comes from uncertain time. A bucket without
    a bar has nobody online; a bar of no height is nobody busy.

    Args:
        fold: The fold to ask.
        from_: The start of the window.
        to: The end of the window.
        every: The length of the buckets, as for `buckets`. Default: `15m`.
        tz: A `tzinfo`, such as a `ZoneInfo`, or the IANA name of a zone. Default: `UTC`.
        as_of: Later events are ignored, and the bars end here. Default: as for `buckets`.
        by: `channel`, `group`, or `group_split` to divide the time of an agent among its groups.
        selection: The agents and channels to draw. Default: all.
        names: What groups are called, as `parse_names` returns it.

    Returns:
        A figure with an `Axes` for each panel.

    Raises:
        AgentfoldError: As `buckets` and `Fold.report`.

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
        >>> figure = plot.occupancy(fold, **window, every="1h")
        >>> [busy, _] = figure.axes[0].collections
        >>> [f"{path.get_extents().height:.0%}" for path in busy.get_paths()]
        ['25%', '100%']
    """
    if by not in ("channel", "group", "group_split"):
        raise AgentfoldError("bad_argument", "/by", "expected `channel`, `group` or `group_split`")
    window = Window.of(from_, to, every, tz, as_of)
    # By panel and bucket. Those of several accounts are added.
    sums: dict[tuple[str | None, str], dict[Box, Counter[str]]]
    sums = defaultdict(lambda: defaultdict(Counter))
    for row in fold.report(window.buckets, "account" if by == "channel" else by, selection=selection):
        if row["row"] == "channel" or row["row"] == "chat":
            channel = row["channel"] if row["row"] == "channel" else _CHAT
            sums[row.get("group_id"), channel][Box.of(row, 0, 1)].update(
                online=row["online_ns"], busy=row["busy_ns"], uncertain=_uncertain_ns(row)
            )
    seen = [panel for panel, times in sums.items() if any(it["online"] for it in times.values())]
    channels = sorted({channel for _, channel in seen}, key=lambda it: (it == _CHAT, it))
    places: list[list[tuple[str | None, str]]]
    if by == "channel":
        columns, sides = [""], [text(channel) for channel in channels]
        places = [[(None, channel)] for channel in channels]
    else:
        groups = list(dict.fromkeys(group for group, _ in seen))
        columns, sides = channels, [group_label(group, names) for group in groups]
        places = [[(group, channel) for channel in channels] for group in groups]
    title = f"Occupancy by {by.removesuffix('_split')}, per {every}"
    picture = Picture(0.6 + 0.85 * max(1, len(places)), title, window.label())
    panels = picture.panels(len(places), len(columns))
    has_uncertain = False
    for side, row_of_panels, row_of_places in zip(sides, panels, places, strict=True):
        row_of_panels[0].set_ylabel(side, rotation=0, ha="right", va="center")
        for axes, place in zip(row_of_panels, row_of_places, strict=True):
            online = {box: it for box, it in sums[place].items() if it["online"]}
            boxes = [box._replace(height=it["busy"] / it["online"]) for box, it in online.items()]
            draw_boxes(axes, boxes, place[1], **BAR)
            doubts = [it["uncertain"] / it["online"] for it in online.values()]
            uncertain = [box.upper(part) for box, part in zip(boxes, doubts, strict=True) if part]
            draw_boxes(axes, uncertain, "uncertain", **DISPUTED)
            has_uncertain |= bool(uncertain)
            axes.grid(axis="y", color=LINE, linewidth=0.8)
    for axes, column in zip(panels[0] if panels else [], columns, strict=False):
        axes.set_title(text(column), fontsize=9, loc="left")
    if panels:
        # The panels share their axes.
        window.draw_axis(panels[0][0], most=max(2, 12 // len(columns)))
        panels[0][0].set_ylim(0, 1)
        panels[0][0].set_yticks([0, 0.5, 1])
        panels[0][0].yaxis.set_major_formatter(PercentFormatter(1))
    picture.explain(STRIPED if has_uncertain else {})
    return picture


def _uncertain_ns(row: ChannelRow | ChatRow) -> int:
    """Returns how much of the time online is not certain."""
    if row["row"] == "channel":
        times = [(time["state"], time["basis"], time["ns"]) for time in row["state"]]
    else:
        times = [(time["status"], time["basis"], time["ns"]) for time in row["status"]]
    return sum(ns for state, basis, ns in times if state == "online" and basis not in CERTAIN)
