"""What a prompt says of record types: their docstrings and descriptions as instructions, and worked examples."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from communique.errors import ConfigurationError
from communique.prompts.wire import Shape, singular, wire_fields, wire_key
from communique.schemas import Actor, Meanings, Place, Record, field_markers
from communique.schemas.annotation import choices, is_model, scalars
from communique.schemas.record import Evidence

TEMPLATES = files("communique.prompts") / "templates"


@dataclass(frozen=True, slots=True)
class BriefExample:
    """A worked example, which is worth more to a small model than any other choice (docs/design/0007-accuracy.md).

    Those whose answer is null keep it from finding something in every sentence. They are invented, in a world of their
    own, so that a name that leaks into an answer is known at once.
    """

    passage: list[str]
    focus: int  # the sentence that is asked about, from 1
    answer: dict[str, dict[str, Any] | None]  # by kind


_EXAMPLES = json.loads((TEMPLATES / "examples.json").read_text("utf-8"))
BRIEF = tuple(BriefExample(**example) for example in _EXAMPLES["standard"])
OWN = tuple(BriefExample(**example) for example in _EXAMPLES["other_kind"]["examples"])
"""Of a record type that nobody has, where a type without examples is asked for: they show the form, and that what the
sentence does not say is null. Without any, the embedded model filled fields from the sentences around, and with words
of the descriptions."""
OWN_KIND: str = _EXAMPLES["other_kind"]["name"]
OWN_TOLD: str = _EXAMPLES["other_kind"]["told"]
SENTINELS: tuple[str, ...] = tuple(_EXAMPLES["invented_names"])
"""Names that exist only in the examples."""


def template(name: str) -> str:
    """Read a prompt template of this package."""
    return (TEMPLATES / f"{name}.md").read_text("utf-8").strip()


def describe(record_types: Sequence[type[Record]], shape: Shape) -> str:
    """Render the kinds of record, a line each; fields are described by the schema in the full shape."""
    lines = []
    for kind in record_types:
        doc = _paragraphs(kind, 1) or f"the article states {singular(kind).replace('_', ' ')}."
        if shape == "full":
            lines.append(f"- {wire_key(kind.plural)}: {_paragraphs(kind, 2) or doc}")
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
        elif is_model(value) and not issubclass(value, (Actor, Place, Evidence)):  # those are single values
            parts = [_told(inner, of) for inner, of in wire_fields(value, "brief")]
            said += [f"({' '.join(filter(None, parts))})"] if any(parts) else []
    return f"{wire_key(name)}: {' '.join(said)}" if said else ""


def _paragraphs(kind: type[Record], most: int) -> str:
    """Return the docstring's first paragraphs on one line, without sections such as `Attributes:`; "" if it has none."""
    found = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[:most]
    told = [p for p in found if not re.match(r"[A-Z]\w+:\n", p)]
    return " ".join(" ".join(told).split())


def meanings(record_types: Sequence[type[Record]]) -> str:
    """Return what the values of closed lists mean, a line for each list, whatever fields have it; "" if none says."""
    return "\n".join(dict.fromkeys(line for kind in record_types for line in _meanings(kind, ())))


def _meanings(model: type[BaseModel], around: tuple[type, ...]) -> Iterator[str]:
    for name, info in wire_fields(model, "full"):
        for marker in field_markers(model, name):
            if isinstance(marker, Meanings):
                yield f"- {wire_key(name)}: {'; '.join(f'{value} = {said}' for value, said in marker.of)}"
        for value in scalars(info.annotation):
            if is_model(value) and value not in around:
                yield from _meanings(value, (*around, model))


def language_name(code: str) -> str:
    """Return how a prompt calls a language: `fr` gives "French", "article" "the language of the article"."""
    if code == "article":
        return "the language of the article"
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code).get_display_name("en") or code
    except (UnknownLocaleError, ValueError):
        hint = "give an ISO 639-1 code such as en, or article"
        raise ConfigurationError(f"no language has the code {code!r}", hint=hint) from None
