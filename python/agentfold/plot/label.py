"""What agents, groups and states are called in a picture."""

from __future__ import annotations

from .._agentfold import shown
from ..agent import Agent
from ..types import Names

# The maximum length of a name. Ids are never cut.
_LONGEST = 28


def text(words: str) -> str:
    """Returns a text as matplotlib draws it, without formulas and control characters."""
    return shown(words).replace("$", r"\$")


def agent_labels(agents: list[Agent], names: Names | None) -> list[str]:
    """Returns the names of agents, or their ids, with the account if there are several."""
    several = len({agent.account_id for agent in agents}) > 1
    called = names["agents"] if names else {}
    return [
        _short(called[agent.agent_id])
        if agent.agent_id in called
        else f"{agent.agent_id} of {agent.account_id}"
        if several
        else agent.agent_id
        for agent in agents
    ]


def group_label(group_id: str | None, names: Names | None) -> str:
    """Returns the name of a group, or its id."""
    if group_id is None:
        return "no group"
    called = names["groups"] if names else {}
    return _short(called[group_id]) if group_id in called else text(group_id)


def _short(name: str) -> str:
    return text(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")
