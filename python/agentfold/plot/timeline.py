"""The state of each agent over time."""

# matplotlib leaves the types of `**kwargs` open.
# pyright: reportUnknownMemberType=false

from __future__ import annotations

from collections import defaultdict
from datetime import tzinfo

from matplotlib.figure import Figure

from .._agentfold import Fold
from ..agent import Agent
from ..types import Basis, InstantInput, Interval, Names, Selection
from .boxes import Box, draw_boxes
from .label import agent_labels, text
from .palette import DISPUTED, INFERRED, LINE, UNKNOWN, styles
from .picture import Picture
from .window import Window

# The height of a lane in inches, and the part of it that is coloured.
_LANE, _FILLED = 0.3, 0.68

_DOUBTS = {"inferred": INFERRED, "disputed": DISPUTED}

_SIGNS = {
    "inferred": ("inferred from the next event", INFERRED | {"facecolor": "#6b7580"}),
    "disputed": ("disputed: an event is missing", DISPUTED | {"facecolor": LINE}),
    "unknown": ("unknown", UNKNOWN),
}


def timeline(
    fold: Fold,
    *,
    from_: InstantInput,
    to: InstantInput,
    tz: str | tzinfo = "UTC",
    as_of: InstantInput | None = None,
    track: str = "unified_state",
    selection: Selection | None = None,
    names: Names | None = None,
) -> Figure:
    """Draws the state of each agent over time, a lane for each agent.

    Agents without any known value in the window are left out.

    Args:
        fold: The fold to ask.
        from_: The start of the window.
        to: The end of the window.
        tz: A `tzinfo`, such as a `ZoneInfo`, or the IANA name of a zone. Default: `UTC`.
        as_of: Later events are ignored, and the lanes end here. Default: as for `buckets`.
        track: The track whose values are drawn: `unified_state`, the state on a channel, such as
            `state[support]`, or `chat_status`.
        selection: The agents to draw. Default: all.
        names: What agents are called, as `parse_names` returns it.

    Returns:
        A figure with one `Axes`. Its height depends on the number of agents.

    Raises:
        AgentfoldError: As `buckets` and `Fold.intervals`.

    Example:
        >>> from agentfold import Fold, plot
        >>> fold = Fold()
        >>> counts = fold.read(b'''{"account_id": 2, "detail": {"agent_id": "7"}, "id": "a",
        ...   "type": "zen:event-type:agent.state_changed", "event": {"channel": "support",
        ...   "updated_at": "2026-01-05T08:30:00Z", "new_state": "online"}}''')
        >>> figure = plot.timeline(
        ...     fold,
        ...     from_="2026-01-05T08:00:00Z",
        ...     to="2026-01-05T10:00:00Z",
        ...     as_of="2026-01-05T10:00:00Z",
        ...     track="state[support]",
        ...     names={"agents": {"7": "Kim"}, "groups": {}},
        ... )
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['Kim']
    """
    window = Window.of(from_, to, "1d", tz, as_of)
    lanes = {
        agent: fold.intervals(agent, track, from_=from_, to=to, as_of=as_of)
        for agent in _selected(fold, window, selection)
    }
    lanes = {agent: lane for agent, lane in lanes.items() if any(map(_is_known, lane))}
    boxes: dict[tuple[str | None, Basis], list[Box]] = defaultdict(list)
    for place, lane in enumerate(lanes.values()):
        for interval in lane:
            box = Box.of(interval, place - _FILLED / 2, _FILLED)
            boxes[_state(interval), interval["basis"]].append(box)
    signs = styles(state for state, _ in boxes if state is not None)
    agents = "1 agent" if len(lanes) == 1 else f"{len(lanes)} agents"
    picture = Picture(0.75 + _LANE * max(1, len(lanes)), f"{_title(track)} of {agents}", window.label())
    for axes in picture.panel(is_empty=not lanes):
        axes.set_yticks(range(len(lanes)), agent_labels(list(lanes), names))
        axes.set_ylim(len(lanes) - 0.5, -0.5)
        window.draw_axis(axes)
        for (state, basis), of_state in boxes.items():
            if state is None:
                draw_boxes(axes, of_state, "unknown", **UNKNOWN)
            else:
                draw_boxes(axes, of_state, state, **signs[state])
                if basis in _DOUBTS:
                    draw_boxes(axes, of_state, basis, **_DOUBTS[basis])
    seen = {"unknown" if state is None else basis for state, basis in boxes}
    picture.explain(signs | {sign: style for basis, (sign, style) in _SIGNS.items() if basis in seen})
    return picture


def _selected(fold: Fold, window: Window, selection: Selection | None) -> list[Agent]:
    if selection is None:
        return fold.agents()
    rows = fold.sessions(window.buckets, selection=selection)
    selected = {(row["account_id"], row["agent_id"]) for row in rows}
    return [agent for agent in fold.agents() if agent in selected]


def _is_known(interval: Interval) -> bool:
    return interval["value"] is not None


def _state(interval: Interval) -> str | None:
    if interval["aspect"] == "unified_state":
        value = interval["value"]
        return value and (value["name"] or value["id"])
    return None if interval["value"] is None else str(interval["value"])


def _title(track: str) -> str:
    if track.startswith("state["):
        return f"States on {text(track[6:-1])}"
    return {"unified_state": "Unified states", "chat_status": "Chat statuses"}.get(track, text(track))
