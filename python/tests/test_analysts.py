"""Runs the page of answers for analysts from start to end."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vectors import REPOSITORY

PAGE = REPOSITORY / "docs" / "analysts.md"
FILES = ("day.ndjson.gz", "names.csv", "schedule.csv")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Returns a folder with the files of the page, in which the page runs."""
    for library in ("matplotlib", "openpyxl", "pandas", "polars", "pyarrow"):
        pytest.importorskip(library)
    duckdb = pytest.importorskip("duckdb")
    for name in FILES:
        shutil.copy(REPOSITORY / "python" / "examples" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    duckdb.sql("RESET TimeZone")


def trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))


def test_the_page_prints_what_it_shows_and_writes_pictures_and_a_spreadsheet(folder: Path) -> None:
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```(python|text)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    programs = [text for kind, text in blocks if kind == "python"]
    shown = {place: text for place, (kind, text) in enumerate(blocks) if kind == "text"}
    assert len(programs) > 8
    assert len(shown) > 4
    for place, (kind, text) in enumerate(blocks):
        if kind == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(text, f"analysts.md {place}", "exec"), names)
            assert trimmed(printed.getvalue()) == trimmed(shown.get(place + 1, "")), text
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == ["heat_map.png", "occupancy.png", "staffing.png", "timeline.png"]
    sheet: Any = pytest.importorskip("openpyxl").load_workbook(folder / "day.xlsx")["sessions"]
    header, first, *_ = sheet.iter_rows(values_only=True)
    assert header == ("agent", "first_login", "last_logout", "sessions", "hours")
    assert (first[0], f"{first[1]}", first[3:]) == ("Ada Brandt", "2026-01-05 07:18:22", (1, 7.98))
