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
from itertools import chain
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, RootModel, StringConstraints
from pydantic.errors import PydanticUserError

from communique.errors import ConfigurationError
from communique.schemas.annotation import is_model, scalars
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
    computed_fields,
    field_markers,
)
from communique.schemas.record import Record

TAKEN = frozenset({"evidence", "id", "verdict", "support", "checks", "judgements", "derived"})
"""Fields that every record has; code fills them, so that no other field may have their names."""

_SETTING_TYPES: dict[str, type] = {
    **dict.fromkeys(("plural", "concept", "brief"), str),
    "cues": Mapping,
    **dict.fromkeys(("essential", "subjects_of"), tuple),
}
"""A plain model may have settings, too, as class variables; what has another type is something of its own."""

_SETTINGS = frozenset({*_SETTING_TYPES, "flags", "headline"})
"""Names that say something of the type, or that code makes of a record: none of them is a field."""

_ID = Annotated[
    str,
    Computed(),
    Field(alias="id", min_length=0, max_length=200),
    StringConstraints(strip_whitespace=False, to_upper=False, to_lower=False),
]
_OUTPUT_KEYS = frozenset({"schema_version", "document", "records", "brief", "sentences", "rejections", "provenance"})
_TEXT_MARKERS = (Mentioned, Quoted, StatedDate, StatedPlace, Worded)
_RECORD_HINT = "derive it from communique.Record, or from pydantic.BaseModel"

_Faults = Iterator[tuple[str, str]]
"""What is wrong with a type, and what to do."""


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
        called = kind.__name__ if isinstance(kind, type) else repr(kind)[:80]
        raise ConfigurationError(f"{called} is not a record type", hint=_RECORD_HINT)
    return _record_type(kind)


def is_plain(kind: type[Record]) -> bool:
    """Tell whether a record type was made from a plain Pydantic model."""
    return isinstance(kind, _TakenIn)


@lru_cache(maxsize=256)
def _record_type(kind: type[BaseModel]) -> type[Record]:
    _refuse(_faults_of_class(kind))
    own = kind if issubclass(kind, Record) else _taken_in(kind)
    _refuse(chain(_faults_of_names(own), _faults_of_settings(own), _faults_of_markers(own)))
    return own


def _refuse(faults: _Faults) -> None:
    for said, hint in faults:
        raise ConfigurationError(said, hint=hint)


def _faults_of_class(kind: type[BaseModel]) -> _Faults:
    called = kind.__name__
    if kind is Record or kind is BaseModel:
        yield f"{called} itself has no fields to extract", "derive your own type from it"
    if issubclass(kind, RootModel):
        yield f"{called} is a RootModel, which has no fields", "use it as the type of a field"
    reserved = sorted(TAKEN | _SETTINGS)
    for name in () if issubclass(kind, Record) else reserved:
        if _has(kind, name) and not _is_setting(kind, name):
            yield f"{called}.{name} has a reserved name", f"rename it; reserved names are {', '.join(reserved)}"


def _has(kind: type[BaseModel], name: str) -> bool:
    """Tell whether a plain model uses a name: for a field, an alias, a method, a property or a private attribute."""
    aliases = {str(a) for info in kind.model_fields.values() for a in (info.alias, info.validation_alias) if a}
    own = kind.__mro__[: kind.__mro__.index(BaseModel)]
    return name in kind.model_fields or name in aliases or any(name in vars(base) for base in own)


def _is_setting(kind: type[BaseModel], name: str) -> bool:
    wanted = _SETTING_TYPES.get(name)
    return wanted is not None and name not in kind.model_fields and isinstance(getattr(kind, name, None), wanted)


def _taken_in(kind: type[BaseModel]) -> type[Record]:
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


def _faults_of_names(kind: type[Record]) -> _Faults:
    called = kind.__name__
    for name in sorted(_SETTINGS & set(kind.model_fields)):
        yield f"the field {called}.{name} has the name of a setting of record types", "rename it"
    for name in sorted(TAKEN):
        info = kind.model_fields.get(name)
        if info is None or info.annotation != Record.model_fields[name].annotation:
            yield f"the field {called}.{name} has a reserved name", "rename it; its type can't be changed"
    if not kind.plural or kind.plural in _OUTPUT_KEYS:
        yield f"{called} would be listed under {kind.plural!r}, which the output already uses", "set `plural`"
    for name in (n for n, info in kind.model_fields.items() if info.exclude and info.is_required()):
        lost = "is required but excluded from the output, so results couldn't be read back"
        yield f"the field {called}.{name} {lost}", "give it a default, or don't exclude it"


def _faults_of_settings(kind: type[Record]) -> _Faults:
    fields = set(kind.model_fields)
    known = {"essential": fields | ({"denied_by"} if "responses" in fields else set()), "subjects_of": fields - TAKEN}
    own = ", ".join(name for name in kind.model_fields if name not in TAKEN)
    for setting, allowed in known.items():
        for name in getattr(kind, setting):
            if name not in allowed:
                yield f"{kind.__name__}.{setting} names {name!r}, which is no field of its own", f"its fields: {own}"
    for language, words in kind.cues.items():
        try:
            cue_pattern(words)
        except (re.error, TypeError) as error:
            yield f"{kind.__name__}.cues[{language!r}] is not a regular expression: {error}", ""


def _faults_of_markers(kind: type[Record]) -> _Faults:
    for name, info in kind.model_fields.items():
        field = f"the field {kind.__name__}.{name}"
        for marker in annotated(kind, name):
            if isinstance(marker, type) and issubclass(marker, Marker):
                yield f"{field} has the marker {marker.__name__} without brackets", f"write {marker.__name__}()"
        for marker in () if name in computed_fields(kind) else field_markers(kind, name):
            for value in scalars(info.annotation):
                wanted = ""
                if isinstance(marker, _TEXT_MARKERS) and value is not str:
                    wanted = "a str: it is looked up in the text as written"
                elif isinstance(marker, StatedNumber) and value not in (str, int, float, Decimal):
                    wanted = "a number, or a str with the number as written"
                if wanted:
                    said = f"{type(marker).__name__}() on {field} needs {wanted}"
                    yield said, "change the field's type, or remove the marker"


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
            if is_model(inner) and inner not in seen:
                found[f"{name} {inner.__name__}"] = _markers(inner, seen)
    return found
