"""How a field is checked: markers that a record's author puts on its fields.

A marker says *what must be true* of a field; `communique.grounding` reads it and decides how that is tested. Markers
live in `Annotated[...]`, survive Pydantic, and never reach the JSON schema that a model sees.
"""

from __future__ import annotations

import tomllib
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, RootModel

from communique.schemas.annotation import DEEPEST, LISTS, is_list, is_model, is_union, ordered, scalars, unwrapped


@dataclass(frozen=True, slots=True)
class Marker:
    """Base of the markers."""


@dataclass(frozen=True, slots=True)
class Mentioned(Marker):
    """A name: it must occur in the cited sentences, or else be a mention (or an alias) in the article."""


@dataclass(frozen=True, slots=True)
class Quoted(Marker):
    """Copied words: they must occur in the cited sentences, or `anywhere` in the article."""

    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class StatedDate(Marker):
    """Time words as written: they must occur in the cited sentences; code resolves them to an EDTF date."""


@dataclass(frozen=True, slots=True)
class StatedNumber(Marker):
    """A number as written: it must occur in the cited sentences."""


@dataclass(frozen=True, slots=True)
class StatedPlace(Marker):
    """A place name: it must occur in the cited sentences, or `anywhere`; code adds its country's ISO 3166-1 alpha-2 code."""

    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Worded(Marker):
    """The model's own sentence: names, numbers and dates in it must occur in the evidence or the article."""


@dataclass(frozen=True, slots=True)
class Choice(Marker):
    """A closed list: words in the evidence may contradict the choice (`communique.grounding.rules.modality`)."""

    brief: tuple[str, ...] = ()
    """The values that a small model may choose among; all of them if empty."""


@dataclass(frozen=True, slots=True)
class Meanings(Marker):
    """What each value of a closed list means; the full prompt says it once, whatever fields have the list."""

    of: tuple[tuple[str, str], ...]
    """Pairs of value and meaning."""

    @classmethod
    def named(cls, name: str) -> Meanings:
        """Return the marker for a closed list of the standard records, by its name in `vocabulary.toml`."""
        return cls(tuple(_vocabulary()[name].items()))


@cache
def _vocabulary() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("communique.schemas") / "vocabulary.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Brief(Marker):
    """Only a small model is asked for it; a capable one gives what code makes it of."""


@dataclass(frozen=True, slots=True)
class Computed(Marker):
    """Filled by code after the checks: a model is never asked for it, and what it says there is ignored."""


@dataclass(frozen=True, slots=True)
class Identity(Marker):
    """The field takes part in pairing records: merging, evaluation, `group_key`."""


@dataclass(frozen=True, slots=True)
class Column(Marker):
    """Name of the field's column in a flat table; without it the field's own name is used."""

    name: str


@dataclass(frozen=True, slots=True)
class Ftm(Marker):
    """The FollowTheMoney property that the field fills."""

    property: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value inside a record, found by `leaves`."""

    path: str  # where it stands, as in JSON: `participants[0].name`
    field: str  # name of the innermost field
    value: Any  # never None
    markers: tuple[Marker, ...]  # on that field
    owner: BaseModel  # the model that holds the field

    def marker(self, kind: type[Marker]) -> Marker | None:
        """Return the first marker of that kind."""
        return next((m for m in self.markers if isinstance(m, kind)), None)


@lru_cache(maxsize=4096)
def field_markers(model: type[BaseModel], name: str) -> tuple[Marker, ...]:
    """Return the markers on a field, also those inside `list[...]` and `... | None`."""
    return tuple(dict.fromkeys(m for m in annotated(model, name) if isinstance(m, Marker)))


def annotated(model: type[BaseModel], name: str) -> list[Any]:
    """Return all that `Annotated` adds to a field, also inside `list[...]` and `... | None`."""
    info = model.model_fields[name]
    return [*info.metadata, *_inner(info.annotation)]


def _inner(annotation: Any, deep: int = 0) -> list[Any]:
    bare, metadata = unwrapped(annotation)
    deeper = typing.get_args(bare) if deep < DEEPEST and (is_list(bare) or is_union(bare)) else ()
    return [*metadata, *(m for arg in deeper for m in _inner(arg, deep + 1))]


@lru_cache(maxsize=1024)
def computed_fields(model: type[BaseModel]) -> frozenset[str]:
    """Return the names of the fields that code fills."""
    return frozenset(name for name in model.model_fields if _fits(field_markers(model, name), Computed))


@lru_cache(maxsize=1024)
def stated_fields(model: type[BaseModel]) -> tuple[tuple[str, tuple[Marker, ...]], ...]:
    """Return the fields that a model may state, evidence not among them, with their markers, in order."""
    stated = [name for name in model.model_fields if name not in {"evidence", *computed_fields(model)}]
    return tuple((name, field_markers(model, name)) for name in stated)


@lru_cache(maxsize=1024)
def fields_with_parts(kind: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields that hold actors or other parts, as far as a model may state them."""
    types_of = {name: scalars(kind.model_fields[name].annotation) for name, _ in stated_fields(kind)}
    return tuple(name for name, inside in types_of.items() if any(map(is_model, inside)))


def leaves(model: BaseModel, prefix: str = "", marked: type | None = None) -> Iterator[Leaf]:
    """Walk every filled scalar that a model may state, through lists and nested parts, in field order.

    Those of fields with such a marker only, if one is given.
    """
    for name, marks in _walked(type(model), marked):
        yield from _leaves(getattr(model, name), f"{prefix}{name}", name, marks, model, marked=marked)


@lru_cache(maxsize=4096)
def _walked(model: type[BaseModel], marked: type | None) -> tuple[tuple[str, tuple[Marker, ...]], ...]:
    deep = fields_with_parts(model)
    return tuple((name, marks) for name, marks in stated_fields(model) if name in deep or _fits(marks, marked))


def _leaves(
    value: Any, path: str, name: str, marks: tuple[Marker, ...], owner: BaseModel, *, marked: type | None
) -> Iterator[Leaf]:
    if isinstance(value, LISTS):
        for index, item in enumerate(ordered(value)):
            yield from _leaves(item, f"{path}[{index}]", name, marks, owner, marked=marked)
    elif isinstance(value, RootModel):
        yield from _leaves(value.root, path, name, marks, owner, marked=marked)
    elif isinstance(value, BaseModel):
        yield from leaves(value, f"{path}.", marked)
    elif value is not None and not isinstance(value, dict) and _fits(marks, marked):
        yield Leaf(path, name, value, marks, owner)


def _fits(marks: tuple[Marker, ...], marked: type | None) -> bool:
    return marked is None or any(isinstance(m, marked) for m in marks)
