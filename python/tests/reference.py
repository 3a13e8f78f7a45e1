"""Writes the Python reference into a folder: `make docs`.

pdoc takes docstrings from the package that is installed, and types from the stub of each module that it
documents. The names of the native module are documented where users import them, so its stub serves as
that of those modules.
"""

from __future__ import annotations

import ast
import sys
import tempfile
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pdoc
import pdoc.render
from vectors import REPOSITORY

STUB = REPOSITORY / "python" / "agentfold" / "_agentfold.pyi"
# Modules and what they need. For Python 3.10 it is not installed.
EXTRAS = {"agentfold.plot": "matplotlib", "agentfold.spark": "pyspark"}
# Each is a function's module, and its page would hide the function's.
HIDDEN = ("!agentfold.buckets", "!agentfold.export_events", "!agentfold.plot.")


class Documented(ast.NodeTransformer):
    """Drops overloads, of which pdoc would show none: it then shows the signature at run time."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef | None:
        """Returns a function, unless it is an overload."""
        return None if "overload" in map(ast.unparse, node.decorator_list) else node


def main(folder: Path) -> None:
    """Writes the reference. What pdoc warns of is an error."""
    stub = ast.unparse(Documented().visit(ast.parse(STUB.read_text(encoding="utf-8"))))
    modules = ["agentfold", *(module for module, library in EXTRAS.items() if find_spec(library))]
    for module in EXTRAS.keys() - modules:
        print(f"Without {EXTRAS[module]}, not in the reference: {module}")
    # A module that pdoc imports may not start a program, but matplotlib looks for fonts with one, once.
    for module in modules:
        import_module(module)
    warnings.simplefilter("error")
    # Before Python 3.12, a `TypedDict` doesn't tell which base a field is from.
    warnings.filterwarnings("ignore", "Cannot determine where")
    with tempfile.TemporaryDirectory() as stubs:
        sys.path.append(stubs)
        package = Path(stubs) / "agentfold-stubs"
        package.mkdir()
        for module in ("__init__", "webhook"):
            text = f"from __future__ import annotations\n{stub}\n"
            (package / f"{module}.pyi").write_text(text, encoding="utf-8")
        pdoc.render.configure(docformat="google", show_source=False)
        pdoc.pdoc(*modules, *HIDDEN, output_directory=folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
