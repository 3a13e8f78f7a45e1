"""What is raised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .types import ErrorCode, Handled, Issue


class AgentfoldError(ValueError):
    """What can't be answered: an error with the parts that errors have in every language.

    It holds no secret and nothing of an event, so it is safe to log.

    Attributes:
        code: What kind of problem it is: the same words in every language.
        path: Where it is: a JSON Pointer, empty for the whole.
        message: The problem in words.
        issues: Of what can't be read, every problem; else none.
        handled: Of a delivery that is refused, what to hand to `webhook.advise`; else `None`.
        status: Of an export's reply that is refused, its status; else `None`.

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
    ) -> None:
        super().__init__(code, path, message, issues, handled, status)
        self.code: ErrorCode = code
        self.path = path
        self.message = message
        self.issues: list[Issue] = list(issues)
        self.handled: Handled | None = handled
        self.status = status

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"{self.code}{where}: {self.message}"
