"""What an IDE shows about each public name, asked of a language server."""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, is_typeddict

import pytest

import agentfold
from agentfold import AgentfoldError, types

if TYPE_CHECKING:
    from lsprotocol.types import ConfigurationParams

SERVER = "from basedpyright.langserver import main; main()"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Returns what is shown for each public name, as Markdown."""
    for module in ("basedpyright", "pygls"):
        pytest.importorskip(module)
    expressions = [*names(), *members(), *fields()]
    path = tmp_path_factory.mktemp("hover") / "program.py"
    return dict(zip(expressions, asyncio.run(hovers(expressions, path)), strict=True))


def names() -> Iterator[str]:
    """Returns every name of the modules, and those of the types."""
    modules = ["agentfold", "agentfold.web", "agentfold.webhook"]
    extras = {"agentfold.plot": "matplotlib", "agentfold.spark": "pyspark"}
    modules.extend(module for module, package in extras.items() if find_spec(package))
    for module in modules:
        yield from (f"{module}.{name}" for name in import_module(module).__all__)
    for one in ast.parse(inspect.getsource(types)).body:
        targets = one.targets if isinstance(one, ast.Assign) else [one]
        for target in targets:
            name = getattr(target, "id", getattr(target, "name", "_"))
            if not name.startswith("_"):
                yield f"agentfold.types.{name}"


def members() -> Iterator[str]:
    """Returns every method and attribute of the classes."""
    for name in agentfold.__all__:
        one = getattr(agentfold, name)
        if inspect.isclass(one):
            of = vars(AgentfoldError("bad_argument", "", "")) if one is AgentfoldError else vars(one)
            for member in (*of, *getattr(one, "_fields", ())):
                if not member.startswith("_"):
                    yield f"def _(it: agentfold.{name}): it.{member}"


def fields() -> Iterator[str]:
    """Returns every field of the types."""
    for name, one in vars(types).items():
        if is_typeddict(one) and not name.startswith("_"):
            # A class can't have the keyword `from` as a field, and elsewhere it can't have a docstring.
            for key in one.__annotations__.keys() - {"from"}:
                yield f'def _(it: agentfold.types.{name}): it["{key}"]'


def test_every_public_name_shows_its_docstring(shown: dict[str, str]) -> None:
    assert len(shown) > 1000
    texts = {expression: text.partition("\n---\n")[2] for expression, text in shown.items()}
    assert [expression for expression, text in texts.items() if not text.strip()] == []


def test_measures_are_explained_where_they_are_used(shown: dict[str, str]) -> None:
    for key, word in (("online_ns", "channels"), ("busy_ns", "item"), ("occupancy", "`busy_ns`")):
        assert word in shown[f'def _(it: agentfold.types.ChannelRow): it["{key}"]']
    assert "do not add up" in shown["def _(it: agentfold.Fold): it.report"]


async def hovers(expressions: list[str], path: Path) -> list[str]:
    """Returns what is shown for the last name of each expression in a program."""
    import lsprotocol.types as lsp
    from pygls.lsp.client import LanguageClient

    def configuration(params: ConfigurationParams) -> list[dict[str, str]]:
        python = {"pythonPath": sys.executable}
        return [python if item.section == "python" else {} for item in params.items]

    # Its types are incomplete.
    client: Any = LanguageClient("test_hover", "1")
    client.feature(lsp.WORKSPACE_CONFIGURATION)(configuration)
    imports = [f"import agentfold.{module}" for module in ("plot", "spark", "web", "webhook")]
    program = "\n".join([*imports, *expressions])
    await client.start_io(sys.executable, "-c", SERVER, "--stdio")
    await client.initialize_async(
        lsp.InitializeParams(
            capabilities=lsp.ClientCapabilities(
                workspace=lsp.WorkspaceClientCapabilities(configuration=True, workspace_folders=True),
                text_document=lsp.TextDocumentClientCapabilities(
                    hover=lsp.HoverClientCapabilities(content_format=[lsp.MarkupKind.Markdown])
                ),
            ),
            workspace_folders=[lsp.WorkspaceFolder(path.parent.as_uri(), path.parent.name)],
        )
    )
    client.initialized(lsp.InitializedParams())
    item = lsp.TextDocumentItem(path.as_uri(), lsp.LanguageKind.Python, 1, program)
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
    texts: list[str] = []
    for line, expression in enumerate(expressions, len(imports)):
        place = lsp.Position(line, len(expression.rstrip('"]')) - 1)
        params = lsp.HoverParams(lsp.TextDocumentIdentifier(item.uri), place)
        answer = await client.text_document_hover_async(params)
        texts.append(str(getattr(answer and answer.contents, "value", "")))
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    return texts
