"""Copies docstrings from Rust to where an IDE looks for them: `make docstrings`.

- The native module has the docstrings of its Rust code, but an IDE reads only its stub. The signatures
  there are written by hand; the docstrings are those of the module that is installed.
- The fields of the types of Python and TypeScript that are in the schemas have the descriptions of the
  schemas, and so those of Rust. The other fields are described by hand.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from types import WrapperDescriptorType
from typing import Any

from schemas import descriptions
from vectors import REPOSITORY

NATIVE = import_module("agentfold._agentfold")
# Types whose fields are in a schema of another name, beside those of unions.
NAMES = {
    "AlertMessage": "Message",
    "AlertNames": "Names",
    "ExportRequest": "Request",
    "About": "ChannelRow",
    "_About": "ChannelRow",
    "_ChatRecord": "ChatEvent",
    "_Envelope": "StateChangedDelivery",
}
UNIONS = ("Change", "Difference", "Interval")


def stub(source: str) -> str:
    """Returns the source of the stub with the docstrings of the native module."""
    encoded, edits = source.encode(), list[Edit]()
    for definition, docstring in definitions(ast.parse(source), vars(NATIVE)):
        start, end = places(encoded, definition.body[0])
        header = len(encoded[:start].rstrip())
        body = indented(docstring, definition.col_offset + 4) if docstring else " ..."
        edits.append((header, end, body))
    return edited(encoded, edits)


def fields(source: str) -> str:
    """Returns the source of `agentfold.types` with the descriptions of the schemas."""
    encoded, edits, described = source.encode(), list[Edit](), descriptions()
    for one in ast.parse(source).body:
        if not isinstance(one, ast.ClassDef):
            continue
        union = next((union for union in UNIONS if one.name.endswith(union)), "")
        texts = described.get(one.name) or described.get(NAMES.get(one.name, union), {})
        for field, after in zip(one.body, [*one.body[1:], None], strict=True):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                text = texts.get(field.target.id)
                _, start = places(encoded, field)
                end = places(encoded, after)[1] if isinstance(after, ast.Expr) else start
                if text:
                    edits.append((start, end, indented(filled(text, "`None`", 94), field.col_offset)))
    return edited(encoded, edits)


def comments(source: str) -> str:
    """Returns the source of TypeScript's types with the descriptions of the schemas."""
    described = descriptions()

    def interface(found: re.Match[str]) -> str:
        texts = described.get(NAMES.get(found[1], found[1]), {})

        def comment(found: re.Match[str]) -> str:
            text = texts.get(found[1])
            return tsdoc(text) if text else found[0]

        return re.sub(r"^  /\*\*(?:(?!\*/).)*\*/\n(?=  (\w+)\??: )", comment, found[0], flags=FLAGS)

    return re.sub(r"^(?:export )?interface (\w+).*?^}$", interface, source, flags=FLAGS)


FLAGS = re.DOTALL | re.MULTILINE


def tsdoc(text: str) -> str:
    """Returns a description as the comment of a field in TypeScript."""
    lines = filled(text, "`null`", 104).splitlines()
    if len(lines) == 1:
        return f"  /** {lines[0]} */\n"
    return "  /**\n" + "".join(f"   * {line}\n" for line in lines) + "   */\n"


Definition = ast.FunctionDef | ast.ClassDef
Edit = tuple[int, int, str]


def definitions(tree: ast.Module | ast.ClassDef, of: Any) -> Iterator[tuple[Definition, str | None]]:
    """Returns the functions and classes of a module or class, in order, with their docstrings."""
    seen = set[str]()
    for node in tree.body:
        if not isinstance(node, Definition):
            continue
        found = of[node.name]
        # Python's own docstrings, as of `__or__`, say nothing. An overload takes those of the first.
        is_own = not isinstance(found, WrapperDescriptorType) and node.name != "__new__"
        # `inspect.getdoc` would add what a method inherits.
        docstring = found.__doc__ if is_own and node.name not in seen else None
        yield node, inspect.cleandoc(docstring) if docstring else None
        seen.add(node.name)
        if isinstance(node, ast.ClassDef):
            yield from definitions(node, vars(found))


def places(encoded: bytes, node: ast.stmt) -> tuple[int, int]:
    """Returns where a statement begins and ends in an encoded source."""
    assert node.end_lineno
    assert node.end_col_offset
    lines = encoded.splitlines(keepends=True)
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    return start, sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset


def edited(encoded: bytes, edits: Iterable[Edit]) -> str:
    """Returns a source with texts in place of others."""
    for start, end, text in sorted(edits, reverse=True):
        encoded = encoded[:start] + text.encode() + encoded[end:]
    return encoded.decode()


def filled(text: str, null: str, columns: int) -> str:
    """Returns a description in lines, with the language's word for null."""
    text = re.sub(r"\bnull\b", null, text, flags=re.IGNORECASE)
    return textwrap.fill(text, columns, break_long_words=False, break_on_hyphens=False)


def indented(docstring: str, columns: int) -> str:
    """Returns a docstring as it stands in a source, on lines of its own."""
    quotes = 'r"""' if "\\" in docstring else '"""'
    text = f"\n{quotes}{docstring}" + ("\n" if "\n" in docstring else "") + '"""'
    return textwrap.indent(text, " " * columns)


SOURCES = {
    "python/agentfold/_agentfold.pyi": stub,
    "python/agentfold/types.py": fields,
    "bindings/wasm/types.d.ts": comments,
}

if __name__ == "__main__":
    for name, written in SOURCES.items():
        path = REPOSITORY / name
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
