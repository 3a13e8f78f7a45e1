"""The kinds of events and rows in `schemas`, and their fields."""

from __future__ import annotations

import json
from typing import Any

from vectors import REPOSITORY

SCHEMAS = REPOSITORY / "schemas"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))


def webhooks() -> dict[str, Any]:
    """Returns the schema of each kind of webhook."""
    return {path.stem: schema(path.stem) for path in SCHEMAS.glob("agent.*.json")}


def records() -> dict[str, Any]:
    """Returns the schema of each kind of Chat record."""
    record = schema("chat_event")
    common = {"$defs": record["$defs"], "properties": record["properties"]}
    kinds = {kind["properties"]["field_name"]["const"]: kind for kind in record["oneOf"]}
    return {name: {**common, "oneOf": [kind]} for name, kind in kinds.items()}


def rows() -> dict[str, Any]:
    """Returns the schema of each kind of row."""
    return {kind["properties"]["row"]["const"]: kind for kind in schema("report_row")["oneOf"]}


def descriptions() -> dict[str, dict[str, str]]:
    """Returns the description of each field, by the name of its type. Kinds of rows are types."""
    texts: dict[str, dict[str, set[str]]] = {}
    roots = [schema(path.stem) for path in SCHEMAS.glob("*.json")]
    types = [it for root in roots for it in (*root.get("$defs", {}).items(), (root.get("title"), root))]
    types += [(f"{kind.title().replace('_', '')}Row", row) for kind, row in rows().items()]
    for name, one in types:
        for part in (one, *one.get("oneOf", ()), *one.get("anyOf", ())):
            for field, described in part.get("properties", {}).items():
                if described.__class__ is dict and "description" in described:
                    texts.setdefault(name, {}).setdefault(field, set()).add(described["description"])
    # A field that differs between the parts of its type has no description.
    return {
        name: {field: min(one) for field, one in fields.items() if len(one) == 1}
        for name, fields in texts.items()
    }


def fields(part: Any, root: Any) -> set[str]:
    """Returns the names of all fields in a part of a schema, including its references."""
    # Not `isinstance`, so that both type checkers still see `Any`.
    if part.__class__ is list:
        return {name for item in part for name in fields(item, root)}
    if part.__class__ is not dict:
        return set()
    names: set[str] = set(part.get("properties", ()))
    if "$ref" in part:
        names |= fields(root["$defs"][part["$ref"].removeprefix("#/$defs/")], root)
    inner = (value for key, value in part.items() if key not in ("$defs", "examples"))
    return names.union(*(fields(value, root) for value in inner))
