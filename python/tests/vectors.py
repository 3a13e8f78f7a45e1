"""Where the repository's conformance vectors are: read by path, copied by nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
VECTORS = REPOSITORY / "tests" / "vectors"


def paths(folder: str, pattern: str = "*") -> list[Any]:
    """The files of a folder, each under its own name."""
    import pytest

    found = sorted((VECTORS / folder).glob(pattern))
    assert found, folder
    return [pytest.param(path, id=f"{folder}/{path.name}") for path in found]


def cases(path: Path) -> list[dict[str, Any]]:
    """The cases of a file: one JSON text, or one a line."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ndjson":
        return [json.loads(line) for line in text.splitlines() if line]
    all_cases: list[dict[str, Any]] = json.loads(text)
    return all_cases


def input_of(case: dict[str, Any]) -> bytes:
    """The bytes of a case."""
    return bytes(case["bytes"]) if "bytes" in case else case["text"].encode()


def codes(issues: list[Any]) -> list[dict[str, Any]]:
    """Issues without their messages, which are for people."""
    return [{key: issue[key] for key in ("code", "path", "severity")} for issue in issues]
