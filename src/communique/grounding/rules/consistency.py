"""Fields of one record that can't both hold, whatever the article says; values that no marker says how to check."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from communique.grounding.article import Article
from communique.grounding.matching import name_key
from communique.grounding.rules.rule import Reason, Rule, cited
from communique.schemas import (
    Actor,
    Brief,
    Check,
    Column,
    Ftm,
    Identity,
    Meanings,
    Record,
    leaves,
    stated_fields,
)
from communique.schemas.annotation import scalars
from communique.schemas.record_type import is_plain

_SAYS_NOTHING = (Brief, Column, Ftm, Identity, Meanings)
"""Markers that are no check."""
_ROLES = (("accused", "counterparties"), ("subjects", "counterparties"), ("topics", "anticipated_topics"))


class InTwoRoles(Rule[Record]):
    """Nobody receives what he is accused of sending; nothing was both discussed and only expected."""

    reason = Reason(
        "in_two_roles",
        "flag",
        "The same name appears in two fields that exclude each other.",
        accepts="accused: Sylvania; counterparties: Borduria",
        rejects="accused: Sylvania; counterparties: Sylvania",
    )

    fields = ("counterparties", "anticipated_topics")

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        for left, right in _ROLES:
            both = _shared(record.__dict__.get(left), record.__dict__.get(right), article.code)
            if both:
                yield self.contradicted(right, f"{', '.join(both)}: in both {left} and {right}", cited(record))


class Unmarked(Rule[Record]):
    """A value that no marker says how to check is as the model gave it."""

    reason = Reason(
        "unverified",
        "flag",
        "This field has no marker that says how to check it, so its value was not checked.",
        accepts="a field with a marker, or a closed list in a `Record`",
        rejects="an unconstrained field without a marker",
    )

    def concerns(self, kind: type[Record]) -> bool:
        return is_plain(kind) or _has_free_fields(kind)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        plain = is_plain(type(record))
        for leaf in leaves(record):
            checked = any(not isinstance(m, _SAYS_NOTHING) for m in leaf.markers)
            if checked or leaf.field not in leaf.owner.model_fields_set or leaf.value in ("", None):
                continue
            if plain or not all(map(_closed, scalars(type(leaf.owner).model_fields[leaf.field].annotation))):
                yield self.unsupported(leaf.path, "no marker says how to check it")


class MostlyElsewhere(Rule[Record]):
    """The cited sentences hold at least as many values of a user's record as they lack."""

    reason = Reason(
        "mostly_not_in_evidence",
        "flag",
        "Most values of this record are not in the cited sentences.",
        accepts="a contract whose buyer and sum are in the cited sentence",
        rejects="a contract whose buyer, winner and sum are in other sentences",
    )

    def concerns(self, kind: type[Record]) -> bool:
        return not kind.subjects_of  # NobodyInEvidence knows more

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        held = [s.field for s in record.support if s.where == "cited"]
        lacking = [s.field for s in record.support if s.where != "cited"]
        lacking += [c.field for c in record.checks if c.outcome == "unsupported" and c.change == "left_out"]
        if len(lacking) > len(held):
            yield self.unsupported("record", f"not in the cited sentences: {', '.join(lacking[:8])}", cited(record))


def _shared(left: Any, right: Any, code: str) -> list[str]:
    """Return what is on both lists, as the right one has it."""
    if not isinstance(left, (tuple, list)) or not isinstance(right, (tuple, list)):
        return []  # a user's field of that name
    forms = {name_key(text, code) for text in _texts(left)} if right else ()
    return [text for text in _texts(right) if name_key(text, code) in forms]


def _texts(items: Sequence[Any]) -> Iterator[str]:
    for item in items:
        text = item.name if isinstance(item, Actor) else item
        if isinstance(text, str) and text:
            yield text


@lru_cache(maxsize=1024)
def _has_free_fields(kind: type[BaseModel]) -> bool:
    for name, marks in stated_fields(kind):
        inside = list(scalars(kind.model_fields[name].annotation))
        parts = [t for t in inside if isinstance(t, type) and issubclass(t, BaseModel)]
        if any(t is not kind and _has_free_fields(t) for t in parts):
            return True
        free = all(isinstance(m, _SAYS_NOTHING) for m in marks)
        if free and not all(t in parts or _closed(t) for t in inside):
            return True
    return False


def _closed(kind: Any) -> bool:
    if typing.get_origin(kind) is Literal or kind is bool:
        return True
    return isinstance(kind, type) and issubclass(kind, Enum)


RULES: tuple[Rule[Any], ...] = (InTwoRoles(), Unmarked(), MostlyElsewhere())
