"""Record types as others write them: what makes a class one, plain Pydantic models taken in, and a print of what it says."""

from __future__ import annotations

import copyreg
import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, RootModel, StringConstraints
from pydantic.errors import PydanticUserError

from communique.errors import ConfigurationError
from communique.schemas.annotation import scalars as scalars  # noqa: PLC0414 - `grounding` finds it here
from communique.schemas.markers import (
    Computed,
    Marker,
    Mentioned,
    Quoted,
    StatedDate,
    StatedNumber,
    StatedPlace,
    Worded,
    annotated,
    field_markers,
)
from communique.schemas.record import Record

TAKEN = frozenset({"evidence", "id", "verdict", "support", "checks", "judgements", "derived"})
"""Fields that every record has; code fills them, so that no other field may have their names."""

_SETTINGS = frozenset({"plural", "concept", "cues", "essential", "brief", "subjects_of", "flags", "headline"})
"""Names that say something of the type, or that code makes of a record: none of them is a field."""

_SETTING_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("plural", "concept", "brief"), str),
    "cues": Mapping,
    **dict.fromkeys(("essential", "subjects_of"), tuple),
}
"""A plain model may have settings, too, as class variables; what has another type is something of its own."""

_ID = Annotated[
    str,
    Computed(),
    Field(alias="id", min_length=0, max_length=200),
    StringConstraints(strip_whitespace=False, to_upper=False, to_lower=False),
]
_OUTPUT_KEYS = frozenset({"schema_version", "document", "records", "brief", "sentences", "rejections", "provenance"})
_TEXT_MARKERS = (Mentioned, Quoted, StatedDate, StatedPlace, Worded)
_RECORD_HINT = "derive it from communique.Record, or from pydantic.BaseModel"


class _TakenIn(type(BaseModel)):  # type: ignore[misc]
    """The class of record types that were made from plain Pydantic models: nobody said how their fields are to be checked."""

    given: type[BaseModel]


def _pickled(kind: _TakenIn) -> str | tuple[Any, ...]:
    made_here = "given" in kind.__dict__
    return (record_type, (kind.given,)) if made_here else kind.__qualname__


copyreg.pickle(_TakenIn, _pickled)


@lru_cache(maxsize=512)
def cue_pattern(expression: str) -> re.Pattern[str]:
    """Compile the cues of a record type of one's own: without case, at the start of a word."""
    return re.compile(rf"(?<!\w)(?:{expression})", re.IGNORECASE)


def record_type(kind: Any) -> type[Record]:
    """Return the record type that a class is: itself if it derives from `Record`, else one made from the Pydantic model.

    A plain model is given evidence, an id and the other fields that every record has. Its own records are instances of
    the class that was given, too.

    Raises:
        ConfigurationError: It is no Pydantic model, or its fields can't be those of a record; the message has the
            field.
    """
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        raise ConfigurationError(f"{_called(kind)} is not a record type", hint=_RECORD_HINT)
    return _record_type(kind)


def is_plain(kind: type[Record]) -> bool:
    """Tell whether a record type was made from a plain Pydantic model."""
    return isinstance(kind, _TakenIn)


@lru_cache(maxsize=256)
def _record_type(kind: type[BaseModel]) -> type[Record]:
    if kind is Record or kind is BaseModel:
        raise ConfigurationError(
            f"{kind.__name__} itself has no fields to extract", hint="derive your own type from it"
        )
    if issubclass(kind, RootModel):
        raise ConfigurationError(
            f"{kind.__name__} is a RootModel, which has no fields", hint="use it as the type of a field"
        )
    return _usable(kind if issubclass(kind, Record) else _taken_in(kind))


def _taken_in(kind: type[BaseModel]) -> type[Record]:
    for name in sorted(TAKEN | _SETTINGS):
        if _has(kind, name) and not _is_setting(kind, name):
            raise ConfigurationError(
                f"{kind.__name__}.{name} has a reserved name",
                hint=f"rename it; reserved names are {', '.join(sorted(TAKEN | _SETTINGS))}",
            )
    # Its own configuration, and where it says nothing Pydantic's: that of Record is for those who derive from it.
    config = {"frozen": False, "extra": "ignore", "populate_by_name": False, **kind.model_config}
    body: dict[str, Any] = {"__module__": kind.__module__, "__doc__": kind.__doc__, "model_config": config}
    if hasattr(kind, "plural"):
        body["plural"] = getattr(kind, "plural")  # noqa: B009 - a class variable that only some have
    if any(name.startswith("str_") for name in config):  # what it does to its texts, it doesn't do to our id
        body |= {"__annotations__": {"id": _ID}, "id": ""}
    try:
        made: _TakenIn = type.__call__(_TakenIn, kind.__name__, (kind, Record), body)
    except (TypeError, NameError, PydanticUserError) as error:
        said = str(error).splitlines()[0]
        raise ConfigurationError(f"{kind.__name__} can't become a record type: {said}", hint=_RECORD_HINT) from error
    made.given = kind
    return cast("type[Record]", made)


def _has(kind: type[BaseModel], name: str) -> bool:
    """Tell whether a plain model uses a name: for a field, an alias, a method, a property or a private attribute."""
    aliases = {str(a) for info in kind.model_fields.values() for a in (info.alias, info.validation_alias) if a}
    own = kind.__mro__[: kind.__mro__.index(BaseModel)]
    return name in kind.model_fields or name in aliases or any(name in vars(base) for base in own)


def _is_setting(kind: type[BaseModel], name: str) -> bool:
    wanted = _SETTING_TYPES.get(name)
    return wanted is not None and name not in kind.model_fields and isinstance(getattr(kind, name, None), wanted)


def _refuse_names(kind: type[Record]) -> None:
    for name in sorted(_SETTINGS & set(kind.model_fields)):
        raise ConfigurationError(
            f"the field {kind.__name__}.{name} has the name of a setting of record types", hint="rename it"
        )
    for name in sorted(TAKEN):
        if name not in kind.model_fields:
            raise ConfigurationError(f"{kind.__name__} has no field {name!r}", hint="don't remove it from Record")
        if kind.model_fields[name].annotation != Record.model_fields[name].annotation:
            raise ConfigurationError(
                f"the field {kind.__name__}.{name} has a reserved name",
                hint="rename it; its type can't be changed",
            )
    if not kind.plural or kind.plural in _OUTPUT_KEYS:
        raise ConfigurationError(
            f"{kind.__name__} would be listed under {kind.plural!r}, which the output already uses",
            hint="set `plural`",
        )
    lost = [n for n, i in kind.model_fields.items() if i.exclude and i.is_required()]
    if lost:
        raise ConfigurationError(
            f"the field {kind.__name__}.{lost[0]} is required but excluded from the output, so results couldn't be read back",
            hint="give it a default, or don't exclude it",
        )


def _refuse_settings(kind: type[Record]) -> None:
    fields = set(kind.model_fields)
    known = {"essential": fields | ({"denied_by"} if "responses" in fields else set()), "subjects_of": fields - TAKEN}
    for setting, allowed in known.items():
        for name in getattr(kind, setting):
            if name not in allowed:
                raise ConfigurationError(
                    f"{kind.__name__}.{setting} names {name!r}, which is no field of its own",
                    hint=f"its fields: {', '.join(n for n in kind.model_fields if n not in TAKEN)}",
                )
    for name in kind.model_fields:
        for marker in annotated(kind, name):
            if isinstance(marker, type) and issubclass(marker, Marker):
                raise ConfigurationError(
                    f"the field {kind.__name__}.{name} has the marker {marker.__name__} without brackets",
                    hint=f"write {marker.__name__}()",
                )


def _usable(kind: type[Record]) -> type[Record]:
    _refuse_names(kind)
    _refuse_settings(kind)
    for language, words in kind.cues.items():
        try:
            cue_pattern(words)
        except (re.error, TypeError) as error:
            raise ConfigurationError(
                f"{kind.__name__}.cues[{language!r}] is not a regular expression: {error}"
            ) from error
    for owner, name, value, marker in _marked(kind):
        if isinstance(marker, _TEXT_MARKERS) and value is not str:
            _misplaced(owner, name, marker, "a str: it is looked up in the text as written")
        if isinstance(marker, StatedNumber) and value not in (str, int, float, Decimal):
            _misplaced(owner, name, marker, "a number, or a str with the number as written")
    return kind


def _misplaced(owner: type[BaseModel], name: str, marker: Marker, wanted: str) -> None:
    raise ConfigurationError(
        f"{type(marker).__name__}() on the field {owner.__name__}.{name} needs {wanted}",
        hint="change the field's type, or remove the marker",
    )


def _marked(model: type[BaseModel]) -> Iterator[tuple[type[BaseModel], str, Any, Marker]]:
    """Yield each marker on a field of scalars of the type's own fields, with the scalar's type."""
    for name, info in model.model_fields.items():
        for marker in field_markers(model, name):
            if isinstance(marker, Computed):
                break
            for value in scalars(info.annotation):
                yield model, name, value, marker


@cache
def type_print(kind: type[Record]) -> str:
    """Return 16 hex digits that change when the type changes: its words, fields, types, markers and cue words.

    The code of validators is not part of it.
    """
    said = [
        kind.plural,
        inspect.cleandoc(kind.__doc__ or ""),
        kind.brief,
        kind.concept,
        dict(kind.cues),
        list(kind.essential),
        list(kind.subjects_of),
        is_plain(kind),
        kind.model_json_schema(mode="validation"),
        _markers(kind, set()),
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _markers(model: type[BaseModel], seen: set[type]) -> dict[str, Any]:
    seen.add(model)
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        found[name] = [repr(m) for m in field_markers(model, name)]
        for inner in scalars(info.annotation):
            if isinstance(inner, type) and issubclass(inner, BaseModel) and inner not in seen:
                found[f"{name} {inner.__name__}"] = _markers(inner, seen)
    return found


def _called(kind: Any) -> str:
    return kind.__name__ if isinstance(kind, type) else repr(kind)[:80]
