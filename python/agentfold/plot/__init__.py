"""Pictures of what a fold knows, by matplotlib. Install it with `pip install "agentfold[plot]"`.

- `timeline`: the state of each agent over time.
- `staffing`: how many agents were in each state, bucket by bucket.
- `occupancy`: how busy the agents of each channel, or of each group, were.
- `heat_map`: one ratio, such as the occupancy, of each agent and hour, or of each day and hour.

Each takes a fold, a window and a time zone, and returns a `matplotlib.figure.Figure`. A notebook shows
it if it is the result of a cell, and `savefig` writes it to a file. A figure of nothing says so and has
no axes. Times are those of the zone's clocks. Agents and groups are called by their `names`, if these
are given, and else by their ids. Pictures grow with the number of agents or groups: select some hundred
at most.

The colours of states are those of the pictures of the `agentfold` command: they differ for all kinds of
colour blindness, and states of your own also have a texture. Striped time is disputed (an event was
lost), dotted time is inferred, and a dashed box or no box is unknown.

Example:
    >>> from agentfold import Fold, plot
    >>> fold = Fold()
    >>> counts = fold.read(b'''{"account_id": 2, "detail": {"agent_id": "10011"}, "id": "a",
    ...   "type": "zen:event-type:agent.unified_state_changed",
    ...   "event": {"updated_at": "2026-01-05T08:30:00Z",
    ...             "new_unified_state": {"id": "3", "name": "online"}}}''')
    >>> end = "2026-01-05T10:00:00Z"
    >>> figure = plot.timeline(fold, from_="2026-01-05T08:00:00Z", to=end, as_of=end)
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['10011']
"""

from importlib import import_module

try:
    import_module("matplotlib")
except ImportError:
    message = 'agentfold.plot needs matplotlib: pip install "agentfold[plot]"'
    raise ImportError(message, name="matplotlib") from None

from .heat_map import heat_map
from .occupancy import occupancy
from .staffing import staffing
from .timeline import timeline

__all__ = ["heat_map", "occupancy", "staffing", "timeline"]
