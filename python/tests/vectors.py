"""Access to the conformance vectors of the repository, in their original place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
VECTORS = REPOSITORY / "tests" / "vectors"


def paths(folder: str, pattern: str = "*") -> list[Any]:
    """Returns the files of a folder as parameters named after them."""
    import pytest

    found = sorted((VECTORS / folder).glob(pattern))
    assert found, folder
    return [pytest.param(path, id=f"{folder}/{path.name}") for path in found]


def cases(path: Path) -> list[dict[str, Any]]:
    """Returns the cases of a file: one JSON text, or one per line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in text.splitlines() if line]
    all_cases: list[dict[str, Any]] = json.loads(text)
    return all_cases


def input_of(case: dict[str, Any]) -> bytes:
    """Returns the bytes of a case."""
    return bytes(case["bytes"]) if "bytes" in case else case["text"].encode()


def codes(issues: list[Any]) -> list[dict[str, Any]]:
    """Returns the issues without their messages, which are not part of the contract."""
    return [{key: issue[key] for key in ("code", "path", "severity")} for issue in issues]
