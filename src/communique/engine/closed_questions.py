"""Closed questions about a record, made by code from what its type declares: `asks`, or descriptions and markers."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from communique.backends.opinions import ClosedQuestion, Inquiry
from communique.documents import Document
from communique.schemas import Opinion, Record
from communique.schemas.markers import (
    Choice,
    Leaf,
    Mentioned,
    StatedDate,
    StatedNumber,
    StatedPlace,
    field_markers,
    leaves,
)

WORDING = "closed-questions/1"
"""Name and version of the wording, part of the configuration's fingerprint: probabilities depend on it."""

WHOLE = "record"
"""Field of a question about the whole record."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_LONGEST = 300


def inquiry_about(record: Record, document: Document, *, each_field: bool, around: int) -> Inquiry:
    """Return what a second model is asked about a record.

    Args:
        record: A record that came through the checks.
        document: Its document; the passage is copied from it.
        each_field: Ask about the fields too, not only about the whole.
        around: Sentences before and after each cited one that the passage shows.
    """
    return Inquiry(passage_of(record, document, around), tuple(_questions(record, each_field)), document.id)


def passage_of(record: Record, document: Document, around: int) -> str:
    """Return the cited sentences with their neighbours, answers to the record included, in the order of the text."""
    cited = {e.sentence for e in _evidence(record)}
    near = [s.text for s in document.sentences if any(abs(s.number - n) <= around for n in cited)]
    return " ".join(" ".join(text.split()) for text in near)


def _evidence(record: Record) -> Iterator[Any]:
    yield from record.evidence
    responses = getattr(record, "responses", ())
    for response in responses if isinstance(responses, (tuple, list)) else ():
        yield from getattr(response, "evidence", ())


def _questions(record: Record, each_field: bool) -> Iterator[ClosedQuestion]:
    plural, asks = type(record).plural, type(record).asks
    worded = _worded_whole(record, asks)
    yield ClosedQuestion(WHOLE, f"{plural}.{WHOLE}", _filled(worded, record) if worded else _generic(record))
    if not each_field:
        return
    for leaf in leaves(record):
        kind = about(plural, leaf.path)
        key = kind.partition(".")[2]
        if key in asks:
            yield ClosedQuestion(leaf.path, kind, _filled(asks[key], record, shown(leaf.value)))
        elif not asks and _worth_asking(leaf):
            yield ClosedQuestion(leaf.path, kind, _generic_of_field(record, leaf, key))


def _worded_whole(record: Record, asks: Mapping[str, str]) -> str:
    """Return the type's own question about a whole record, the one for the state that a closed list gives it, or ""."""
    for name in type(record).model_fields:
        state = f"{WHOLE}={getattr(record, name)}"
        if state in asks and any(isinstance(m, Choice) for m in field_markers(type(record), name)):
            return asks[state]
    return asks.get(WHOLE, "")


def about(plural: str, path: str) -> str:
    """Return what a question's probabilities are calibrated by; see `Opinion.about`."""
    return Opinion(field=path, question="", probability=0.0, verdict="unverified").about(plural)


def _worth_asking(leaf: Leaf) -> bool:
    """Names, times, numbers, places and choices can be asked about; copied words and the model's own sentences are not."""
    place = leaf.marker(StatedPlace)
    return (isinstance(place, StatedPlace) and not place.anywhere) or any(
        isinstance(m, (Mentioned, StatedDate, StatedNumber, Choice)) for m in leaf.markers
    )


def _filled(template: str, record: Record, it: str = "") -> str:
    """Put values into a question; in one pass, so that braces in a value stay what they are."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        return it if name == "it" else shown(getattr(record, name, None)) or "somebody"

    return _PLACEHOLDER.sub(value, template)


def _generic(record: Record) -> str:
    """Ask whether the passage states all that a record says."""
    parts = [f"{leaf.path}: {shown(leaf.value)}" for leaf in leaves(record) if _worth_asking(leaf)]
    filled = f", with {'; '.join(parts)}" if parts else ""
    return (
        f"A record was made from the passage: {_meaning(record)}{filled}. Does the passage say all of that?"
    )


def _generic_of_field(record: Record, leaf: Leaf, key: str) -> str:
    described = type(leaf.owner).model_fields[leaf.field].description
    meaning = f" ({described.rstrip('.')})" if described else ""
    return (
        f'A record was made from the passage: {_meaning(record)}. Its field "{key}"{meaning} says: {shown(leaf.value)}. '
        f"Does the passage say so?"
    )


def _meaning(record: Record) -> str:
    doc = inspect.cleandoc(type(record).__doc__ or type(record).__name__).split("\n\n")[0]
    return " ".join(doc.split()).rstrip(".")


def shown(value: Any) -> str:
    """Return a value as a question words it: names joined, white space made plain, long ones cut."""
    if value is None:
        return ""
    if isinstance(value, BaseModel):
        return shown(getattr(value, "name", ""))
    if isinstance(value, (tuple, list)):
        return _joined(filter(None, map(shown, value)))
    text = " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _joined(names: Iterable[str]) -> str:
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}" if found else ""
