"""The programs in the pages of the repository."""

from __future__ import annotations

import re

from vectors import REPOSITORY


def programs_of(page: str) -> list[str]:
    """Returns the blocks of Python in a page, by its path in the repository."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
