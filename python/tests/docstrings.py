"""Copies docstrings to where an IDE looks for them: `make docstrings`.

The native module has the docstrings of its Rust code, but an IDE reads only its stub. The signatures
there are written by hand; the docstrings are those of the module that is installed.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from importlib import import_module
from types import WrapperDescriptorType
from typing import Any

from vectors import REPOSITORY

STUB = REPOSITORY / "python" / "agentfold" / "_agentfold.pyi"
NATIVE = import_module("agentfold._agentfold")


def stub(source: str) -> str:
    """Returns the source of the stub with the docstrings of the native module."""
    encoded = source.encode()
    # From the end, so that the places before stay where they are.
    for definition, docstring in reversed(list(definitions(ast.parse(source), vars(NATIVE)))):
        first = definition.body[0]
        header = encoded[: place(encoded, first.lineno, first.col_offset)].rstrip()
        assert first.end_lineno
        assert first.end_col_offset
        rest = encoded[place(encoded, first.end_lineno, first.end_col_offset) :]
        body = indented(docstring, definition.col_offset + 4) if docstring else " ..."
        encoded = header + body.encode() + rest
    return encoded.decode()


Definition = ast.FunctionDef | ast.ClassDef


def definitions(tree: ast.Module | ast.ClassDef, of: Any) -> Iterator[tuple[Definition, str | None]]:
    """Returns the functions and classes of a module or class, in order, with their docstrings."""
    seen = set[str]()
    for node in tree.body:
        if not isinstance(node, Definition):
            continue
        found = of[node.name]
        # Python's own docstrings, as of `__or__`, say nothing. An overload takes those of the first.
        is_own = not isinstance(found, WrapperDescriptorType) and node.name != "__new__"
        yield node, inspect.getdoc(found) if is_own and node.name not in seen else None
        seen.add(node.name)
        if isinstance(node, ast.ClassDef):
            yield from definitions(node, vars(found))


def place(encoded: bytes, line: int, column: int) -> int:
    """Returns the place of a line, counted from 1, and a column in an encoded source."""
    return sum(map(len, encoded.splitlines(keepends=True)[: line - 1])) + column


def indented(docstring: str, columns: int) -> str:
    """Returns a docstring as it stands in a source, on lines of its own."""
    quotes = 'r"""' if "\\" in docstring else '"""'
    text = f"\n{quotes}{docstring}" + ("\n" if "\n" in docstring else "") + '"""'
    return textwrap.indent(text, " " * columns)


if __name__ == "__main__":
    STUB.write_text(stub(STUB.read_text(encoding="utf-8")), encoding="utf-8")
