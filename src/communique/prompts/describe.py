"""A record type's docstring and field descriptions, as instructions."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from importlib.resources import files

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from communique.prompts.wire import Shape, singular, wire_fields, wire_key
from communique.schemas import Actor, Place, Record
from communique.schemas.annotation import choices, scalars
from communique.schemas.record import Evidence


def template(name: str) -> str:
    """Read a prompt template of this package."""
    return (files("communique.prompts") / "templates" / f"{name}.md").read_text("utf-8").strip()


def describe(record_types: Sequence[type[Record]], shape: Shape) -> str:
    """Render the kinds of record, a line each; fields are described by the schema in the full shape."""
    lines = []
    for kind in record_types:
        doc = _first_paragraph(kind) or f"the article states {singular(kind).replace('_', ' ')}."
        if shape == "full":
            lines.append(f"- {wire_key(kind.plural)}: {doc}")
        elif kind.brief:
            lines.append(f"{singular(kind)}: {kind.brief}")
        else:
            told = " ".join(_told(name, info) for name, info in wire_fields(kind, "brief")).split()
            lines.append(f"{singular(kind)}: {doc} {' '.join(told)}".rstrip())
    return "\n".join(lines)


def _told(name: str, info: FieldInfo) -> str:
    """Return what a field is, with its choices and what its parts are; "" if there is nothing to tell."""
    said = [info.description] if info.description else []
    for value in scalars(info.annotation):
        if listed := choices(value):
            said.append(f"({', '.join(map(str, listed))})")
        elif _is_whole_part(value):
            parts = [_told(inner, of) for inner, of in wire_fields(value, "brief")]
            said += [f"({' '.join(filter(None, parts))})"] if any(parts) else []
    return f"{wire_key(name)}: {' '.join(said)}" if said else ""


def _is_whole_part(value: object) -> bool:
    """Tell whether a part is asked for field by field.

    Evidence, actors and places are single values in the brief shape.
    """
    return isinstance(value, type) and issubclass(value, BaseModel) and not issubclass(value, (Actor, Place, Evidence))


def _first_paragraph(kind: type[Record]) -> str:
    """Return the docstring's first paragraph on one line; "" for a class that has none of its own."""
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())
