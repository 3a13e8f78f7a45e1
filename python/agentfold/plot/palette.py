"""The colours and textures of states: those of the pictures that the command draws."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

KNOWN = {
    "online": "#17694d",
    "transfers_only": "#4a8fd0",
    "away": "#e8a317",
    "offline": "#dbe0e6",
    "invisible": "#3a2266",
}
"""Zendesk's own states, each with a different lightness."""

OTHERS = (
    "#8a6bbf",
    "#d98a5b",
    "#5b2a3c",
    "#c9c1e8",
    "#1f3f73",
    "#9a5b2e",
    "#7fa65a",
    "#f0b8c0",
    "#c2476b",
    "#58b0a8",
    "#4d3b12",
    "#d9cf7a",
)
"""The colours of other states, assigned in turn. The four of a texture differ in lightness."""

TEXTURES = ("--", "||", "++")
"""The textures of other states, four each, in white."""

TEXT, MUTED, LINE, NOTHING = "#1b1f24", "#59616b", "#dde1e6", "#eceef1"

Style = dict[str, Any]
"""How a box is filled and edged, in matplotlib's words."""

BAR: Style = {"facecolor": "#5f8fd0", "edgecolor": "white", "linewidth": 0.4}
"""What is not about states, in the colour of the page's charts."""

UNKNOWN: Style = {"facecolor": "white", "edgecolor": "#c6ccd4", "linestyle": "--", "linewidth": 0.7}
DISPUTED: Style = {"facecolor": "none", "edgecolor": TEXT, "hatch": "/////", "linewidth": 0}
INFERRED: Style = {"facecolor": "#ffffff73", "edgecolor": "white", "hatch": "....", "linewidth": 0}

CERTAIN = ("observed", "assumed")
"""The bases of the parts that are not striped."""

STRIPED = {"striped: from uncertain time": DISPUTED | {"facecolor": LINE}}
"""The sign of a part that is disputed or inferred."""


def styles(states: Iterable[str]) -> dict[str, Style]:
    """Returns the styles of states, in the order of a legend."""
    shown = set(states)
    known = {state: _style(colour, None) for state, colour in KNOWN.items() if state in shown}
    return known | {
        state: _style(OTHERS[place % len(OTHERS)], TEXTURES[place % len(OTHERS) // 4])
        for place, state in enumerate(sorted(shown - set(KNOWN)))
    }


def _style(colour: str, texture: str | None) -> Style:
    return {"facecolor": colour, "edgecolor": "white", "hatch": texture, "linewidth": 0}
