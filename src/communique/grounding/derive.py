"""The derived layer: what code adds to checked records by named rules. A model is never asked for any of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel

from communique.documents import Document
from communique.grounding.article import Article, article_of
from communique.grounding.countries import country_code, exact_code, is_country
from communique.grounding.dates import NO_ANCHOR, Resolution, resolve
from communique.grounding.hits import Hits, less
from communique.grounding.identity import distinct_ids, group_key, territories_of
from communique.grounding.periods import Tense
from communique.grounding.programmes import programmes_for
from communique.grounding.rules.reporting import dated_fields
from communique.grounding.short_forms import initials_of
from communique.schemas import Derived, Record, SanctionsConcern, StatedDate, computed_fields, leaves
from communique.schemas.markers import fields_with_parts

_TENSES: dict[str, Tense] = {
    "held": "past",
    "ongoing": "past",
    "alleged": "past",
    "found": "past",
    "broken_off": "past",
    "imposed": "past",
    "eased": "past",
    "lifted": "past",
    "planned": "future",
    "proposed": "future",
}
# Whether these lie before or after publication, the words alone must say.
_OPEN = frozenset({"cancelled", "potential", "refused", "unclear"})
# A name holds its country's name by right only where it names people or bodies of that country.
_NAMED_FOR_COUNTRY = frozenset({"country", "group", "public_body"})
_UNSURE = ("denial", "doubt", "strong_doubt", "negation", "planned", "anticipation")
"""Lists that leave open whether a measure is taken, beside `proposed`."""
_CLAUSE_END = re.compile(r"[,;:.!?–—()،؛؟](?:\s|$)|[，、；：。！？（）]")


def derive(records: Sequence[Record], document: Document) -> tuple[Record, ...]:
    """Return the records, in order, with ids, country codes, dates, response status, programmes and group keys.

    Args:
        records: Records whose evidence has its words and offsets.
        document: The article; its publication date is the only anchor, its language chooses the tables.
    """
    with_codes = [_walk(record, document) for record in records]
    ids = distinct_ids(with_codes, document.id)
    return tuple(_finish(record, own, document) for record, own in zip(with_codes, ids, strict=True))


def _walk(part: Any, document: Document) -> Any:
    """Fill the computed fields of a part and of all parts inside it."""
    if isinstance(part, (list, tuple)):
        return type(part)(_walk(item, document) for item in part)
    if not isinstance(part, BaseModel):
        return part
    kind = type(part)
    inner: dict[str, Any] = {}
    for name in fields_with_parts(kind):
        value = part.__dict__.get(name)
        items = value if isinstance(value, (list, tuple)) else (value,)
        if any(isinstance(item, BaseModel) for item in items):
            inner[name] = _walk(value, document)
    filled = {"country_code", "date"} & part.__dict__.keys()
    if filled:
        computed = _country(part, document.language) if "country_code" in filled else {}
        if "date" in filled:
            computed |= _said_on(part, document)
        own = {"kind", *computed_fields(kind)}
        inner.update((name, value) for name, value in computed.items() if name in own)
    return part.model_copy(update=inner) if inner else part


def _country(part: BaseModel, language: str) -> dict[str, Any]:
    """Read the code of whatever has a `country_code`: from its country's words, else from its name."""
    words, name = _text(part, "country"), _text(part, "name")
    if "kind" not in part.__dict__:  # a place
        return {"country_code": country_code(words or name, language) or country_code(name, language)}
    found: dict[str, Any] = {}
    kind = getattr(part, "kind", None)
    if kind is None and is_country(name, language):
        kind = found["kind"] = "country"
    if kind == "country":
        code = country_code(name, language) or country_code(words, language)
    else:
        code = country_code(words, language)
        if code is None and not words:
            code = country_code(name, language) if kind in _NAMED_FOR_COUNTRY else None
        if code is None and kind is None:
            code = exact_code(name, language)
    found["country_code"] = code
    return found


def _said_on(part: BaseModel, document: Document) -> dict[str, Any]:
    """Resolve when a source spoke: a report lies before publication."""
    if "date" not in computed_fields(type(part)) or not _text(part, "when"):
        return {}
    return {"date": resolve(_text(part, "when"), document.published, document.language, tense="past").date}


def _finish(record: Record, own_id: str, document: Document) -> Record:
    dated = _dates(record, document)
    programs = programmes_for(
        [w for w in _items(record, "regime") if isinstance(w, str)],
        territories_of([a for role in type(record).subjects_of for a in _items(record, role)]),
    )
    known = {**dated, "response_status": _response_status(record), "programs": programs}
    if isinstance(record, SanctionsConcern):
        known["measure_stated"] = _measure_stated([e.exact for e in record.evidence], article_of(document))
    derived = Derived(**known, group_key=group_key(record, Derived(**known)))
    return record.model_copy(update={"id": own_id, "derived": derived})


def _measure_stated(sentences: Sequence[str], article: Article) -> Literal["imposed", "eased", "refused"] | None:
    """Return what sentences of an article state of a measure.

    It is imposed if a phrase says so and no word that governs it fears, plans or denies it. A sentence that eases or
    refuses a measure may also say that it was imposed once, so that comes first.
    """
    found = [(text, less(article.scan(text), "imposed", "not_imposed")) for text in sentences]
    for name in ("eased", "refused"):
        if any(name in hits for _, hits in found):
            return name
    modality = article.known.modality if article.known else "sentence"
    return "imposed" if any(_is_imposed(text, hits, modality) for text, hits in found) else None


def _is_imposed(text: str, hits: Hits, modality: str) -> bool:
    ends = [m.end() for m in _CLAUSE_END.finditer(text)] if modality == "clause" else []
    for start, end in hits.get("imposed", ()):
        first = max((e for e in ends if e <= start), default=0)
        # "Imposed new sanctions" has "new sanctions", a phrase of `proposed`, inside.
        last = dict.fromkeys(_UNSURE, end) | {"proposed": start + 1}
        if modality == "sentence":
            last = dict.fromkeys(last, len(text))
        if not any(first <= at < last[name] for name in last for at, _ in hits.get(name, ())):
            return True
    return False


def _dates(record: Record, document: Document) -> dict[str, Any]:
    if not dated_fields(type(record)):
        return {}
    state = next((s for s in (_text(record, "status"), _text(record, "stage")) if s), "")
    tense = _TENSES.get(state)
    said = (str(leaf.value) for leaf in leaves(record, marked=StatedDate))
    words = next((words for words in said if words.strip()), "")
    if not words:
        return _undated(record, document, "past" if state in {"held", "ongoing", "broken_off"} else None)
    found = _resolved(words, document, tense, open_=state in _OPEN)
    if found.date is None:
        return {"date_note": found.note, "not_after": found.not_after}
    return {
        "date": found.date,
        "precision": found.precision,
        "date_basis": _basis(words, found, document.published),
        "date_note": found.note,
        "date_rule": found.rule,
    }


def _resolved(words: str, document: Document, tense: Tense | None, *, open_: bool) -> Resolution:
    if not open_:
        return resolve(words, document.published, document.language, tense=tense)
    before, after = (resolve(words, document.published, document.language, tense=t) for t in ("past", "future"))
    if before.date and before.date != after.date:
        return Resolution(note=f'"{words}": the article leaves open whether this is before or after publication')
    return before if before.date and not before.note else after


def _undated(record: Record, document: Document, tense: Tense | None) -> dict[str, Any]:
    """Bound what has happened and has no date: by the report of it, else by publication. A report is not the event."""
    if tense is None:
        return {}
    published = document.published
    if published is None:
        return {"date_note": NO_ANCHOR}
    name = type(record).__name__.lower()
    reports = [
        (found.last, _short_name(part), words, found.date)
        for part in _items(record, "attributions")
        if isinstance(part, BaseModel) and (words := _text(part, "when"))
        for found in (resolve(words, published, document.language, tense="past"),)
        if found.last and found.last <= published
    ]
    if reports:
        last, source, words, date = min(reports, key=lambda r: r[0])
        basis = f'{name} date not stated; {source} reported it "{words}" = {date}'
        return {"not_after": last.isoformat(), "date_basis": basis, "date_rule": "report"}
    basis = f"{name} date not stated; published {published.isoformat()}"
    return {"not_after": published.isoformat(), "date_basis": basis, "date_rule": "publication"}


def _short_name(attribution: BaseModel) -> str:
    """Return the first source's initials if its name has three capitalised words or more, else its name."""
    name = next((_text(s, "name") for s in _items(attribution, "source") if isinstance(s, BaseModel)), "") or "a source"
    return initials_of(name) or name


def _basis(words: str, found: Resolution, anchor: dt.date | None) -> str:
    if anchor is None or found.first is None or found.last is None:
        return f'"{words}" as written'
    if found.last < anchor:
        relation = "before"
    elif found.first > anchor:
        relation = "after"
    else:
        relation = "on the day of" if found.first == found.last else "around"
    return f'"{words}" {relation} publication {anchor.isoformat()}'


def _response_status(record: Record) -> Literal["denied", "admitted", "contested", "none_reported"] | None:
    if "responses" not in record.__dict__:
        return None
    kinds = {_text(r, "type") for r in _items(record, "responses") if isinstance(r, BaseModel)}
    if kinds & {"counter_accusation", "justification"} or {"denial", "admission"} <= kinds:
        return "contested"
    if "denial" in kinds:
        return "denied"
    return "admitted" if "admission" in kinds else "none_reported"


def _text(part: BaseModel, name: str) -> str:
    value = part.__dict__.get(name)
    return value.strip() if isinstance(value, str) else ""


def _items(part: BaseModel, name: str) -> tuple[Any, ...]:
    value = part.__dict__.get(name)
    return tuple(value) if isinstance(value, (list, tuple)) else () if value is None else (value,)
