"""The notebook of the examples, run as a reader would."""

from __future__ import annotations

from typing import Any

import pytest
from vectors import REPOSITORY

NOTEBOOK = REPOSITORY / "python" / "examples" / "day.ipynb"


def told(notebook: Any) -> list[tuple[str, str, str]]:
    """What cells put out: all texts, and of pictures that they are there."""
    return sorted(
        (cell["id"], form, data if form.startswith("text/") else "")
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        for form, data in output.get("data", {"text/plain": output.get("text")}).items()
    )


def test_the_notebook_holds_what_it_puts_out() -> None:
    for library in ("ipykernel", "matplotlib", "pandas"):
        pytest.importorskip(library)
    nbformat, nbclient = (pytest.importorskip(name) for name in ("nbformat", "nbclient"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    stored = told(notebook)
    client = nbclient.NotebookClient(
        notebook, timeout=60, resources={"metadata": {"path": NOTEBOOK.parent}}
    )
    client.execute()
    assert told(notebook) == stored
    assert [form for _, form, _ in stored].count("image/png") == 2
