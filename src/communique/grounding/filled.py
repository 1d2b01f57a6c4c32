"""What code fills in from the article while it checks: the word that shows a record, other forms of names."""

from __future__ import annotations

from typing import Any

from communique.grounding.article import Article
from communique.grounding.mentions import aliases
from communique.schemas import Actor, Attribution, Record, Response


def with_cue(record: Record, article: Article) -> Record:
    """Fill an empty `cue` with the first word of the evidence that shows such a record."""
    concept = getattr(type(record), "concept", "")
    if getattr(record, "cue", None) != "" or not concept:
        return record
    found = article.first(concept, [e.sentence for e in record.evidence])
    return record.model_copy(update={"cue": found[1]}) if found else record


def with_aliases(record: Any, article: Article) -> Any:
    """Fill the aliases of a record's actors, those of its parts included."""
    update: dict[str, Any] = {}
    for name, value in record.__dict__.items():
        items = value if isinstance(value, tuple) else ()
        if items and isinstance(items[0], (Actor, Attribution, Response)):
            update[name] = tuple(with_aliases(item, article) for item in items)
    if isinstance(record, Actor) and (found := aliases(record.name, article)):
        update["aliases"] = found
    return record.model_copy(update=update) if update else record
