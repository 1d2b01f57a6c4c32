"""Change fields of a record: by their paths, or with what the article adds (the word that shows it, other names)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import is_not
from typing import Any

from pydantic import BaseModel

from communique.grounding.article import Article
from communique.grounding.mentions import aliases
from communique.schemas import Actor, Attribution, Record, Response
from communique.schemas.annotation import LISTS, ordered
from communique.schemas.markers import fields_with_parts

OUT = object()
"""In place of a value: take it out."""


def changed(model: BaseModel, changes: Mapping[str, Any]) -> Any:
    """Return the model with the changes, or `OUT` where a field that it requires was taken out.

    A part without a value that it requires goes as a whole (an actor without a name, a place without a name), and so
    does a part all of whose items of a required list are gone (an attribution without a source).

    Args:
        model: A record or a part of one.
        changes: New values, or `OUT`, by path: `participants[0].name`.
    """
    return _model(model, "", changes) if changes else model


def _model(model: BaseModel, prefix: str, changes: Mapping[str, Any]) -> Any:
    update: dict[str, Any] = {}
    for name, info in type(model).model_fields.items():
        path = f"{prefix}{name}"
        if not any(p.startswith(path) for p in changes):
            continue
        value = getattr(model, name)
        new = _value(value, path, changes)
        emptied = prefix and isinstance(value, LISTS) and value and not new
        if info.is_required() and (new is OUT or emptied):
            return OUT
        if new is OUT:
            new = info.get_default(call_default_factory=True)
        if new is not value:
            update[name] = new
    return model.model_copy(update=update) if update else model


def _value(value: Any, path: str, changes: Mapping[str, Any]) -> Any:
    if path in changes:
        return changes[path]
    if isinstance(value, LISTS):
        before = ordered(value)
        items = [_value(item, f"{path}[{i}]", changes) for i, item in enumerate(before)]
        if all(new is old for new, old in zip(items, before, strict=True)):
            return value
        return type(value)(item for item in items if item is not OUT)
    if isinstance(value, BaseModel):
        return _model(value, f"{path}.", changes)
    return value


def value_at(model: BaseModel, path: str) -> str | None:
    """Return the value at a path as text; None where there is no single one, as at the path of a whole part.

    For a response these are the names of those who gave it.
    """
    value: Any = model
    for step in re.findall(r"\w+", path):
        if isinstance(value, BaseModel):
            value = getattr(value, step, None)
        elif isinstance(value, LISTS):
            value = next((item for i, item in enumerate(ordered(value)) if str(i) == step), None)
        else:
            return None
    if isinstance(value, Response):
        return ", ".join(actor.name for actor in value.responders) or None
    return None if value is None or isinstance(value, (BaseModel, *LISTS)) else str(value)


def filled(record: Record, article: Article) -> dict[str, Any]:
    """Return what is to be filled in: an empty `cue`, the aliases of actors.

    The cue is the first word of the evidence that shows such a record.
    """
    update = with_aliases(record, lambda name: aliases(name, article))
    concept = getattr(type(record), "concept", "")
    if concept and record.__dict__.get("cue") == "":
        found = article.first(concept, [e.sentence for e in record.evidence])
        if found:
            update["cue"] = found[1]
    return update


def with_aliases(part: BaseModel, known: Callable[[str], tuple[str, ...]]) -> dict[str, Any]:
    """Return the fields that hold actors, with the aliases that `known` gives for their names."""
    update: dict[str, Any] = {}
    for name in fields_with_parts(type(part)):
        value = part.__dict__.get(name)
        if value and isinstance(value, tuple) and isinstance(value[0], (Actor, Attribution, Response)):
            items = tuple(_filled(item, known) for item in value)
            if any(map(is_not, items, value)):
                update[name] = items
        elif isinstance(value, Actor) and (item := _filled(value, known)) is not value:
            update[name] = item
    return update


def _filled(item: Any, known: Callable[[str], tuple[str, ...]]) -> Any:
    update = with_aliases(item, known)
    if isinstance(item, Actor) and (found := known(item.name)):
        update["aliases"] = found
    return item.model_copy(update=update) if update else item
