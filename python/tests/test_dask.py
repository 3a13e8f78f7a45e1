"""Folds on Dask."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from vectors import REPOSITORY


def test_the_recipe_for_dask_in_the_page_runs(tmp_path: Path) -> None:
    pytest.importorskip("dask", reason="dask is not installed")
    page = (REPOSITORY / "docs" / "spark.md").read_text(encoding="utf-8")
    programs = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    [program] = [program for program in programs if "from dask" in program]
    # A file of its own: Dask's processes import it.
    (tmp_path / "program.py").write_text(program)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "program.py"], cwd=tmp_path, env=environment, check=True)
