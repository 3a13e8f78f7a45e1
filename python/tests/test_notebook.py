"""Runs the notebook of the examples from start to end."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from vectors import REPOSITORY

NOTEBOOK = REPOSITORY / "python" / "examples" / "day.ipynb"


def outputs(notebook: Any) -> list[tuple[str, str, str]]:
    """Returns the outputs of the cells: all text, and a mark for each picture."""
    return sorted(
        (cell["id"], form, data if form.startswith("text/") else "")
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        for form, data in output.get("data", {"text/plain": output.get("text")}).items()
    )


def test_the_outputs_in_the_notebook_are_current(tmp_path: Path) -> None:
    for library in ("ipykernel", "matplotlib", "openpyxl", "pandas"):
        pytest.importorskip(library)
    nbformat, nbclient = (pytest.importorskip(name) for name in ("nbformat", "nbclient"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    stored = outputs(notebook)
    # It writes a file, so it runs in a copy of its folder.
    folder = shutil.copytree(NOTEBOOK.parent, tmp_path / "examples")
    client = nbclient.NotebookClient(notebook, timeout=60, resources={"metadata": {"path": folder}})
    client.execute()
    assert outputs(notebook) == stored
    assert [form for _, form, _ in stored].count("image/png") == 4
    assert (folder / "day.xlsx").exists()
