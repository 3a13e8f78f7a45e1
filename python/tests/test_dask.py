"""Folds on Dask."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pages import programs_of


def test_the_recipe_for_dask_in_the_page_runs(tmp_path: Path) -> None:
    pytest.importorskip("dask", reason="dask is not installed")
    programs = programs_of("docs/spark.md")
    [program] = [program for program in programs if "from dask" in program]
    # A file of its own: Dask's processes import it.
    (tmp_path / "program.py").write_text(program)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "program.py"], cwd=tmp_path, env=environment, check=True)
