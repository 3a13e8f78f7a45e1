"""Runs the pages for analysts from start to end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import run_in_order
from vectors import REPOSITORY

FILES = ("day.ndjson.gz", "names.csv", "schedule.csv")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Returns a folder with the files of the pages, in which a page runs."""
    for library in ("matplotlib", "openpyxl", "pandas", "polars", "pyarrow"):
        pytest.importorskip(library)
    duckdb = pytest.importorskip("duckdb")
    for name in FILES:
        shutil.copy(REPOSITORY / "python" / "examples" / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    duckdb.sql("RESET TimeZone")


def test_the_page_prints_what_it_shows_and_writes_pictures_and_a_spreadsheet(folder: Path) -> None:
    run_in_order("docs/analysts.md")
    pictures = sorted(path.name for path in folder.glob("*.png"))
    assert pictures == ["heat_map.png", "occupancy.png", "staffing.png", "timeline.png"]
    sheet: Any = pytest.importorskip("openpyxl").load_workbook(folder / "day.xlsx")["sessions"]
    header, first, *_ = sheet.iter_rows(values_only=True)
    assert header == ("agent", "first_login", "last_logout", "sessions", "hours")
    assert (first[0], f"{first[1]}", first[3:]) == ("Ada Brandt", "2026-01-05 07:18:22", (1, 7.98))


def test_the_report_of_a_day_prints_what_it_shows_and_is_written_as_csv(folder: Path) -> None:
    run_in_order("docs/report.md")
    header, first, *rows = (folder / "report.csv").read_text(encoding="utf-8").splitlines()
    assert header == "agent_name,hour,state,minutes,disputed_s,unknown_s"
    assert first == "Ada Brandt,07:00,offline,0.0,0.0,0.0"
    assert len(rows) > 100
