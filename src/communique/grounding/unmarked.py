"""Fields that nobody said how to check: kept as the model gave them, and flagged as unverified.

A free value without a marker is one. A closed choice (`Literal`, an enumeration, a bool) is the model's reading, and there
are no words to look for; it is flagged only in a plain Pydantic model, whose author had no way to say what it rests on.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from communique.schemas import Check, Column, Ftm, Identity, Leaf, Record, leaves, stated_fields
from communique.schemas.record_type import is_plain, scalars

_SAYS_NOTHING = (Column, Ftm, Identity)
"""Markers that are no check."""


def may_be_unmarked(kind: type[Record]) -> bool:
    """Tell whether a record of this type may hold a value that nobody said how to check: ours never do."""
    return is_plain(kind) or _has_free_fields(kind)


@lru_cache(maxsize=1024)
def _has_free_fields(kind: type[BaseModel]) -> bool:
    for name, marks in stated_fields(kind):
        inside = list(scalars(kind.model_fields[name].annotation))
        parts = [t for t in inside if isinstance(t, type) and issubclass(t, BaseModel)]
        if any(t is not kind and _has_free_fields(t) for t in parts):
            return True
        if all(isinstance(m, _SAYS_NOTHING) for m in marks) and not all(
            t in parts or _closed(t) for t in inside
        ):
            return True
    return False


def unverified(record: Record) -> Iterator[Check]:
    """Yield a flag for every value that was stated and that no marker has checked."""
    plain = is_plain(type(record))
    for leaf in leaves(record):
        if _checked(leaf) or leaf.field not in leaf.owner.model_fields_set or leaf.value in ("", None):
            continue
        if _is_choice(leaf) and not plain:
            continue
        yield Check(
            field=leaf.path,
            outcome="flagged",
            reason="unverified",
            detail="no marker says how to check it; it is as the model gave it",
        )


def _checked(leaf: Leaf) -> bool:
    return any(not isinstance(m, _SAYS_NOTHING) for m in leaf.markers)


def _is_choice(leaf: Leaf) -> bool:
    kinds = list(scalars(type(leaf.owner).model_fields[leaf.field].annotation))
    return all(_closed(kind) for kind in kinds)


def _closed(kind: Any) -> bool:
    if typing.get_origin(kind) is Literal or kind is bool:
        return True
    return isinstance(kind, type) and issubclass(kind, Enum)
