"""The programs in the pages of the repository."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

from vectors import REPOSITORY


def programs_of(page: str) -> list[str]:
    """Returns the blocks of Python in a page, by its path in the repository."""
    return [text for kind, text in _blocks(page) if kind == "python"]


def run_in_order(page: str) -> None:
    """Runs the blocks of Python in a page as one program.

    What a block prints must be the block of text that follows it.
    """
    names: dict[str, Any] = {}
    blocks = _blocks(page)
    for place, (kind, text) in enumerate(blocks):
        if kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, f"{page} {place}", "exec"), names)
            after, shown = blocks[place + 1] if place + 1 < len(blocks) else ("", "")
            assert _trimmed(printed.getvalue()) == _trimmed(shown if after == "text" else ""), text


def _blocks(page: str) -> list[tuple[str, str]]:
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    return re.findall(r"^```(python|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))
