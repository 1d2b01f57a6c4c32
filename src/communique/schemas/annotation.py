"""Annotations as authors write them: what stands behind `Annotated`, aliases and new types, and what an optional may be."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, RootModel

T = TypeVar("T")

LISTS = (list, tuple, set, frozenset)
DEEPEST = 20
"""How deep types may lie in one another; what is deeper holds itself."""


def unwrapped(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return the type behind `Annotated`, `NewType`, `RootModel` and type aliases, and the metadata on the way to it."""
    metadata: list[Any] = []
    while True:
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            annotation, *more = typing.get_args(annotation)
            metadata += more
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif _is_alias(annotation):
            annotation = annotation.__value__
        elif _is_alias(origin):
            annotation = origin.__value__[typing.get_args(annotation)]
        elif isinstance(annotation, type) and issubclass(annotation, RootModel) and annotation.model_fields:
            root = annotation.model_fields["root"]
            annotation, metadata = root.annotation, [*metadata, *root.metadata]
        else:
            return annotation, tuple(metadata)


def _is_alias(value: Any) -> bool:
    return type(value).__name__ == "TypeAliasType"  # of typing, or of typing_extensions before Python 3.12


def is_union(bare: Any) -> bool:
    """Tell whether an unwrapped type is a union, an optional among them."""
    return typing.get_origin(bare) in (typing.Union, types.UnionType)


def options(annotation: Any) -> tuple[Any, ...]:
    """Return what a value may be: the members of a union, unwrapped, without None."""
    bare, _ = unwrapped(annotation)
    if is_union(bare):
        return tuple(option for inner in typing.get_args(bare) for option in options(inner))
    return () if bare in (None, type(None)) else (bare,)


def nullable(annotation: Any) -> bool:
    """Tell whether None is a value of it."""
    bare, _ = unwrapped(annotation)
    if is_union(bare):
        return any(nullable(inner) for inner in typing.get_args(bare))
    return bare in (None, type(None)) or None in choices(bare)


def choices(option: Any) -> tuple[Any, ...]:
    """Return the values of a closed list as JSON has them; () for any other type."""
    if typing.get_origin(option) is Literal:
        return tuple(v.value if isinstance(v, Enum) else v for v in typing.get_args(option))
    if isinstance(option, type) and issubclass(option, Enum):
        return tuple(member.value for member in option)
    return ()


def is_list(option: Any) -> bool:
    """Tell whether it is a list, tuple or set of something."""
    return option in LISTS or typing.get_origin(option) in LISTS


def item_type(option: Any) -> Any:
    """Return the type of a list's items; `Any` where it doesn't say."""
    args = [a for a in typing.get_args(option) if a is not Ellipsis]
    return args[0] if args else Any


def is_model(option: Any) -> bool:
    """Tell whether it is a Pydantic model."""
    return isinstance(option, type) and issubclass(option, BaseModel)


def part_of(annotation: Any) -> type[BaseModel] | None:
    """Return the model that a value is a part of; None if it is none, or one of several."""
    models = [o for o in options(annotation) if is_model(o)]
    return models[0] if len(models) == 1 else None


def scalars(annotation: Any) -> Iterator[Any]:
    """Yield the types inside an annotation, through aliases, lists, tuples, sets and optionals; None is left out."""
    for option in inside(annotation):
        if option is not Ellipsis and (typing.get_origin(option) is Literal or not typing.get_args(option)):
            yield option


def inside(annotation: Any, deep: int = 0) -> Iterator[Any]:
    """Yield all types inside an annotation, those of lists and other containers before those that they hold."""
    for option in options(annotation) if deep < DEEPEST else ():
        yield option
        for inner in () if typing.get_origin(option) is Literal else typing.get_args(option):
            yield from inside(inner, deep + 1)


def ordered(values: Iterable[T]) -> Sequence[T]:
    """Return the items of a list, a tuple or a set; of a set by their text, since its own order differs from run to run."""
    return sorted(values, key=str) if isinstance(values, (set, frozenset)) else tuple(values)


@functools.lru_cache(maxsize=1024)
def holds_set(model: type[BaseModel]) -> bool:
    """Tell whether a field of a model, or of a part inside it, is or holds a set."""
    return _holds_set(model, {model})


def _holds_set(model: type[BaseModel], seen: set[Any]) -> bool:
    found = [option for info in model.model_fields.values() for option in inside(info.annotation)]
    if any(kind in (set, frozenset) for option in found for kind in (option, typing.get_origin(option))):
        return True
    parts = {option for option in found if is_model(option)} - seen
    seen |= parts
    return any(_holds_set(part, seen) for part in parts)
