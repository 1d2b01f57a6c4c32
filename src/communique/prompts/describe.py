"""A record type's docstring and field descriptions, as instructions."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from importlib.resources import files

from communique.prompts.wire import Shape, singular, wire_fields
from communique.schemas import Record


def template(name: str) -> str:
    """Read a prompt template of this package."""
    return (files("communique.prompts") / "templates" / f"{name}.md").read_text("utf-8").strip()


def describe(record_types: Sequence[type[Record]], shape: Shape) -> str:
    """Render the kinds of record, a line each; fields are described by the schema in the full shape."""
    lines = []
    for kind in record_types:
        doc = _first_paragraph(kind) or f"the article states {singular(kind).replace('_', ' ')}."
        if shape == "full":
            lines.append(f"- {kind.plural}: {doc}")
        elif kind.brief:
            lines.append(f"{singular(kind)}: {kind.brief}")
        else:
            told = " ".join(f"{n}: {i.description}" for n, i in wire_fields(kind, "brief") if i.description)
            lines.append(f"{singular(kind)}: {doc} {told}".rstrip())
    return "\n".join(lines)


def _first_paragraph(kind: type[Record]) -> str:
    """Return the docstring's first paragraph on one line; "" for a class that has none of its own."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())
