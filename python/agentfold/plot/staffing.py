"""How many agents were in each state."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import tzinfo

from matplotlib.figure import Figure

from .._agentfold import Fold
from ..types import InstantInput, ReportRow, Selection
from .boxes import Box, draw_boxes
from .palette import CERTAIN, DISPUTED, LINE, STRIPED, styles
from .picture import Picture
from .window import DAY_NS, Window


def staffing(
    fold: Fold,
    *,
    from_: InstantInput,
    to: InstantInput,
    every: str = "15m",
    tz: str | tzinfo = "UTC",
    as_of: InstantInput | None = None,
    selection: Selection | None = None,
) -> Figure:
    """Draws how many agents were in each unified state, on average in each bucket, as stacked bars.

    Offline agents are left out. If no unified state is known, the statuses of the Chat export are
    drawn, without invisible agents. Striped parts are uncertain: disputed or inferred.

    Args:
        fold: The fold to ask.
        from_: The start of the window.
        to: The end of the window.
        every: The length of the buckets, as for `buckets`. Default: `15m`.
        tz: A `tzinfo`, such as a `ZoneInfo`, or the IANA name of a zone. Default: `UTC`.
        as_of: Later events are ignored, and the bars end here. Default: as for `buckets`.
        selection: The agents to count. Default: all.

    Returns:
        A figure with one `Axes`.

    Raises:
        AgentfoldError: As `buckets` and `Fold.report`.

    Example:
        >>> from agentfold import Fold, plot
        >>> fold = Fold()
        >>> counts = fold.read(b'''{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
        ...   "type": "zen:event-type:agent.unified_state_changed",
        ...   "event": {"updated_at": "2026-01-05T08:30:00Z",
        ...             "new_unified_state": {"id": "3", "name": "online"}}}''')
        >>> end = "2026-01-05T10:00:00Z"
        >>> window = {"from_": "2026-01-05T08:00:00Z", "to": end, "as_of": end}
        >>> figure = plot.staffing(fold, **window, every="1h")
        >>> [online, _] = figure.axes[0].collections
        >>> [f"{path.get_extents().height:.1f}" for path in online.get_paths()]
        ['0.5', '1.0']
    """
    window = Window.of(from_, to, every, tz, as_of)
    rows = fold.report(window.buckets, "account", selection=selection)
    # By state and bucket: how many agents, and how many of these for uncertain time.
    agents: dict[str, dict[Box, tuple[float, float]]] = defaultdict(dict)
    for row, state, ns, uncertain_ns in _at_work(rows):
        bucket = Box.of(row, 0, 1)
        before = agents[state].get(bucket, (0, 0))
        length = bucket.width * DAY_NS
        agents[state][bucket] = (before[0] + ns / length, before[1] + uncertain_ns / length)
    signs = styles(agents)
    picture = Picture(3.6, f"Agents by state, average per {every}", window.label())
    tops: dict[Box, float] = defaultdict(float)
    uncertain_boxes: list[Box] = []
    for axes in picture.panel(is_empty=not agents):
        for state, style in signs.items():
            boxes: list[Box] = []
            for bucket, (number, uncertain) in agents[state].items():
                box = bucket._replace(bottom=tops[bucket], height=number)
                tops[bucket] += number
                boxes.append(box)
                if uncertain > 0:
                    uncertain_boxes.append(box.upper(uncertain / number))
            draw_boxes(axes, boxes, state, **style)
        draw_boxes(axes, uncertain_boxes, "uncertain", **DISPUTED)
        window.draw_axis(axes)
        axes.set_ylim(0, 1.05 * max(1, *tops.values()))
        axes.set_ylabel("agents")
        axes.grid(axis="y", color=LINE, linewidth=0.8)
    picture.explain(signs | (STRIPED if uncertain_boxes else {}))
    return picture


def _at_work(rows: list[ReportRow]) -> Iterator[tuple[ReportRow, str, int, int]]:
    """Returns the times in unified states, or in chat statuses if no unified state is known."""
    unified = [row for row in rows if row["row"] == "unified_state"]
    known = [row for row in unified if row["id"] is not None]
    for row in known:
        state = row["name"] or row["id"]
        is_offline = row["id"] == "2" or (state or "").lower() == "offline"
        if state is not None and not is_offline and row["ns"] > 0:
            yield row, state, row["ns"], row["inferred_ns"] + row["disputed_ns"]
    for chat in [] if known else rows:
        for time in chat["status"] if chat["row"] == "chat" else []:
            if time["status"] not in (None, "offline", "invisible"):
                is_sure = time["basis"] in CERTAIN
                yield chat, time["status"], time["ns"], 0 if is_sure else time["ns"]
