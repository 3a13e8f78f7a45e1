"""The error that the package raises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .agent import Agent

if TYPE_CHECKING:
    from .types import AgentData, ErrorCode, Handled, Issue


class AgentfoldError(ValueError):
    """The error that this package raises.

    It has the same `code`, `path` and `message` in every language. It contains no secret and no value
    from an event, so it is safe to log.

    Example:
        >>> from agentfold import parse_event
        >>> try:
        ...     parse_event("{}")
        ... except AgentfoldError as error:
        ...     print(error)
        missing_field at /type: `type` is missing
    """

    def __init__(
        self,
        code: ErrorCode,
        path: str,
        message: str,
        issues: Sequence[Issue] = (),
        handled: Handled | None = None,
        status: int | None = None,
        agent: AgentData | None = None,
        cut: str | None = None,
    ) -> None:
        super().__init__(code, path, message, issues, handled, status, agent, cut)
        self.code: ErrorCode = code
        """The kind of problem: a stable name, the same in every language."""
        self.path = path
        """The location of the problem: a JSON Pointer, empty for the whole input."""
        self.message = message
        """The problem in words."""
        self.issues: list[Issue] = list(issues)
        """All problems of an input that could not be read; empty for other errors."""
        self.handled: Handled | None = handled
        """For a refused delivery, the argument for `webhook.advise`; otherwise `None`."""
        self.status = status
        """For a refused reply of the export, its HTTP status; otherwise `None`."""
        self.agent: Agent | None = None if agent is None else Agent(**agent)
        """For `before_cut`, the agent whose history was compacted away; otherwise `None`."""
        self.cut = cut
        """For `before_cut`, that agent's cut: from then on, there is an answer; otherwise `None`."""

    def __str__(self) -> str:
        # The module raises this error, so it can't be imported before this module.
        from ._agentfold import shown

        where = f" at {shown(self.path)}" if self.path else ""
        return f"{self.code}{where}: {self.message}"
