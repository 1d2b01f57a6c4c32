"""What code fills in from the article while it checks: the word that shows a record, other forms of names."""

from __future__ import annotations

from collections.abc import Callable
from operator import is_not
from typing import Any

from pydantic import BaseModel

from communique.grounding.article import Article
from communique.grounding.mentions import aliases
from communique.schemas import Actor, Attribution, Record, Response
from communique.schemas.markers import fields_with_parts


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
