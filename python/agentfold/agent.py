"""The key of a fold."""

from __future__ import annotations

from typing import NamedTuple


class Agent(NamedTuple):
    """An agent of an account, with ids as strings.

    Example:
        >>> Agent("2", "10011").agent_id
        '10011'
    """

    account_id: str
    """The id of the account."""
    agent_id: str
    """The id of the agent, unique within the account."""
