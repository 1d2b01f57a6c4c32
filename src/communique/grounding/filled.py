"""What code fills in from the article while it checks: the word that shows a record, other forms of names."""

from __future__ import annotations

from functools import lru_cache
from operator import is_not
from typing import Any

from pydantic import BaseModel

from communique.grounding.article import Article
from communique.grounding.mentions import aliases
from communique.schemas import Actor, Attribution, Record, Response, stated_fields
from communique.schemas.record_type import scalars


def filled(record: Record, article: Article) -> dict[str, Any]:
    """Return what is to be filled in: an empty `cue`, the aliases of actors.

    The cue is the first word of the evidence that shows such a record.
    """
    update = _with_aliases(record, article)
    concept = getattr(type(record), "concept", "")
    if concept and getattr(record, "cue", None) == "":
        found = article.first(concept, [e.sentence for e in record.evidence])
        if found:
            update["cue"] = found[1]
    return update


def _with_aliases(part: BaseModel, article: Article) -> dict[str, Any]:
    """Return the fields that hold actors, with the aliases of those."""
    update: dict[str, Any] = {}
    for name in _fields_with_parts(type(part)):
        value = part.__dict__.get(name)
        if value and isinstance(value, tuple) and isinstance(value[0], (Actor, Attribution, Response)):
            items = tuple(_filled(item, article) for item in value)
            if any(map(is_not, items, value)):
                update[name] = items
    return update


@lru_cache(maxsize=1024)
def _fields_with_parts(kind: type[BaseModel]) -> tuple[str, ...]:
    types = {name: scalars(kind.model_fields[name].annotation) for name, _ in stated_fields(kind)}
    return tuple(n for n, ts in types.items() if any(isinstance(t, type) and issubclass(t, BaseModel) for t in ts))


def _filled(item: Any, article: Article) -> Any:
    update = _with_aliases(item, article)
    if isinstance(item, Actor) and (found := aliases(item.name, article)):
        update["aliases"] = found
    return item.model_copy(update=update) if update else item
