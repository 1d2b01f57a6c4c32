"""Correction: what a person changed in a record, read by its type, and what the checks say of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import BaseModel, ValidationError

from communique.documents import Document, number_sentences
from communique.errors import ConfigurationError
from communique.grounding import check_record, load_policy, supported_anew
from communique.grounding.article import article_of
from communique.grounding.derive import derive
from communique.review.decision import stated
from communique.schemas import Check, Evidence, Record, VerifiedSummary
from communique.schemas.stored import loaded
from communique.sinks.cards import values_of
from communique.sinks.remarks import field_label


def sentences_of(summary: VerifiedSummary) -> dict[int, Evidence]:
    """Return the sentences that a record of the document may cite: all of a kept text, else those that some record cites."""
    info = summary.document
    if info.text:
        numbered = number_sentences(info.text, info.language or "en")
        return {s.number: Evidence(sentence=s.number, exact=s.text, start=s.start, end=s.end) for s in numbered}
    return {e.sentence: e for record in summary.all_records() for e in _cited(record)}


def corrected(record: Record, edited: Mapping[str, Any], summary: VerifiedSummary) -> Record:
    """Return the record that a person wants instead of another one.

    Its values are the person's; codes and dates are derived anew. If the text was kept, `checks` has what the rules say
    of it; else it is a `draft`, which nobody compared with the article.

    Args:
        record: The record as it was.
        edited: What it should state, as `stated` gives it.
        summary: The result that holds it.

    Raises:
        ConfigurationError: It is none of this type; the message has the field.
    """
    known, cited = sentences_of(summary), edited.get("evidence")
    if not isinstance(cited, list) or not cited:
        raise ConfigurationError("Evidence: cite a sentence")
    if unknown := [n for n in cited if not isinstance(n, int) or n not in known]:
        raise ConfigurationError(f"Evidence: there is no sentence {str(unknown[0])[:20]} to cite")
    try:
        made = loaded(type(record), edited, {n: e.model_dump(mode="json") for n, e in known.items()})
    except (ValidationError, TypeError) as error:
        raise ConfigurationError(_told(error)) from error
    info = summary.document
    text = info.text or "\n".join(e.exact for e in known.values()) or info.id
    document = Document(text=text, id=info.id, language=info.language or "en", published=_day(info.published))
    made = derive([made], document)[0].model_copy(update={"id": record.id, "verdict": "draft"})
    if not info.text:
        return made
    checks = [
        _objection(c) for c in check_record(made, article_of(document), frozenset(), load_policy("strong")).checks
    ]
    verdict = "flagged" if any(c.severity == "flag" for c in checks) else "supported"
    return supported_anew(made, document).model_copy(update={"checks": tuple(checks), "verdict": verdict})


def changes(record: Record, other: Record, detail: str) -> Iterator[Check]:
    """Yield a check for each field that a person changed, with both values."""
    old, new = stated(record), stated(other)
    for name in new:
        if old.get(name) != new[name]:
            was, proposal = (_brief(getattr(r, name, None)) for r in (record, other))
            found = {"field": name, "outcome": "contradicted", "reason": "corrected_in_review", "detail": detail}
            yield Check.model_validate({**found, "change": "replaced", "was": was, "proposal": proposal or "nothing"})


def _objection(check: Check) -> Check:
    """Return a check without what it would do: a person decides."""
    asks = check.severity == "reject" or check.change != "kept"
    severity = "flag" if asks else check.severity
    return check.model_copy(update={"severity": severity, "change": "kept", "was": None})


def _cited(part: Any) -> Iterator[Evidence]:
    if isinstance(part, Evidence):
        yield part
    elif isinstance(part, BaseModel):
        yield from (e for name in type(part).model_fields for e in _cited(getattr(part, name)))
    elif isinstance(part, (list, tuple)):
        yield from (e for item in part for e in _cited(item))


def _brief(value: Any) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], Evidence):
        return ", ".join(str(e.sentence) for e in value)
    return "; ".join(f"{v.text} ({v.detail})" if v.detail else v.text for v in values_of(value))


def _told(error: ValidationError | TypeError) -> str:
    if isinstance(error, TypeError):
        return "a list was expected"
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{' '.join(field_label(str(part)) for part in first['loc'])}: {first['msg']}"


def _day(published: str | None) -> dt.date | None:
    with suppress(ValueError):
        return dt.date.fromisoformat((published or "")[:10])
    return None
