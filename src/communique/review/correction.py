"""What decisions make of results: corrected records replace theirs, rejected ones are left out, others have a mark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from communique.documents import Document, number_sentences
from communique.errors import ConfigurationError
from communique.grounding import check_record, load_policy, supported_anew
from communique.grounding.article import article_of
from communique.grounding.derive import derive
from communique.review.decision import DecisionsFile, Standing, fingerprint_of, key_of, keyed, stated
from communique.schemas import Check, Evidence, Record, Rejection, Statement, VerifiedSummary
from communique.schemas.stored import loaded
from communique.sinks.cards import values_of
from communique.sinks.remarks import path_label

MISSING = "records_missing_in_review"
"""Warning: a person marked sentences that state something for which there is no record."""


class CorrectionError(ConfigurationError):
    """What a person wants is no record of its type; `path` leads to the field: `("participants", 0, "name")`."""

    def __init__(self, said: str, *path: str | int) -> None:
        names = ".".join(part for part in path if isinstance(part, str))
        super().__init__(f"{path_label(names)}: {said}" if names else said)
        self.path = path


def sentences_of(summary: VerifiedSummary) -> dict[int, Evidence]:
    """Return the sentences that a record may cite: all of a kept text, else those that some record cites."""
    info = summary.document
    if not info.text:
        return {item["sentence"]: Evidence.model_validate(item) for item in summary.to_dict()["sentences"]}
    numbered = number_sentences(info.text, info.language or "en")
    return {s.number: Evidence(sentence=s.number, exact=s.text, start=s.start, end=s.end) for s in numbered}


def corrected(record: Record, edited: Mapping[str, Any], summary: VerifiedSummary) -> Record:
    """Return the record that a person wants instead of one of a result; `edited` is as `stated` gives it.

    Its values are the person's; codes and dates are derived anew. If the text was kept, `checks` has what the rules say
    of it; else it is a `draft`, which nobody compared with the article.

    Raises:
        CorrectionError: It is none of this type.
    """
    info, known, cited = summary.document, sentences_of(summary), edited.get("evidence")
    if not isinstance(cited, list) or not cited:
        raise CorrectionError("cite a sentence", "evidence")
    if unknown := [n for n in cited if not isinstance(n, int) or n not in known]:
        raise CorrectionError(f"there is no sentence {str(unknown[0])[:20]} to cite", "evidence")
    try:
        made = loaded(type(record), edited, {n: e.model_dump(mode="json") for n, e in known.items()})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise CorrectionError(first["msg"], *first["loc"]) from error
    except TypeError as error:
        raise CorrectionError("a list was expected") from error
    text, published = info.text or "\n".join(e.exact for e in known.values()) or info.id, None
    with suppress(ValueError):
        published = dt.date.fromisoformat((info.published or "")[:10])
    document = Document(text=text, id=info.id, language=info.language or "en", published=published)
    made = derive([made], document)[0].model_copy(update={"id": record.id, "verdict": "draft"})
    if not info.text:
        return made
    found = check_record(made, article_of(document), frozenset(), load_policy("strong")).checks
    checks = tuple(_objection(check) for check in found)
    verdict = "flagged" if any(check.severity == "flag" for check in checks) else "supported"
    return supported_anew(made, document).model_copy(update={"checks": checks, "verdict": verdict})


def reviewed(summary: VerifiedSummary, decisions: DecisionsFile) -> VerifiedSummary:
    """Return a result after review.

    A record that stays has a check that tells what a person decided: `accepted_in_review`, one `corrected_in_review`
    for each field with both values, or `not_reviewed`. A rejected record becomes a rejection.
    """
    sha, rejections, provenance = summary.document.sha256, [*summary.rejections], summary.provenance
    groups: dict[str, list[Record]] = {kind: [] for kind in summary.records}
    for kind, own, record in keyed(summary):
        standing = decisions.standing_of(key_of(sha, own), own, fingerprint_of(record))
        if standing.state == "rejected":
            because = _check("rejected_in_review", "contradicted", f"Rejected by {standing.told}", "reject")
            rejections.append(Rejection.of(record, because, stated(record)).model_copy(update={"kind": kind}))
        else:
            groups[kind].append(marked(record, standing, summary))
    kept = (r for group in groups.values() for r in group if summary.brief)
    brief = tuple(Statement(text=r.headline, record=r.id, evidence=r.evidence) for r in kept)
    if decisions.missing(sha) and MISSING not in provenance.warnings:
        provenance = provenance.model_copy(update={"warnings": (*provenance.warnings, MISSING)})
    changed = {"records": {kind: tuple(group) for kind, group in groups.items()}, "rejections": tuple(rejections)}
    return summary.model_copy(update={**changed, "brief": brief, "provenance": provenance})


def marked(record: Record, standing: Standing, summary: VerifiedSummary) -> Record:
    """Return a record, unless it is rejected, as its review left it, with the checks that say so."""
    why = f"Decided by {standing.told}, but {standing.why}" if standing.why else "Nobody decided on it yet"
    marks = [_check("not_reviewed", "not_checked", why, "flag")]
    if standing.state == "accepted":
        marks = [_check("accepted_in_review", "supported", f"Accepted by {standing.told}")]
    elif standing.state == "corrected" and standing.last:
        try:
            new = corrected(record, standing.last.edited or {}, summary)
            record, marks = new, [*_changes(record, new, f"Corrected by {standing.told}")]
        except ConfigurationError as error:  # the record type has changed
            marks = [_check("not_reviewed", "not_checked", f"The correction no longer fits: {error}", "flag")]
    return record.model_copy(update={"checks": (*record.checks, *marks)})


def _check(reason: str, outcome: str, detail: str, severity: str = "note", **more: Any) -> Check:
    told = {"field": "record", "reason": reason, "outcome": outcome, "detail": detail, "severity": severity}
    return Check.model_validate(told | more)


def _changes(record: Record, other: Record, detail: str) -> Iterator[Check]:
    old, new = stated(record), stated(other)
    for name in new:
        if old.get(name) != new[name]:
            was, proposal = (_brief(getattr(r, name, None)) for r in (record, other))
            values = {"field": name, "change": "replaced", "was": was, "proposal": proposal or "nothing"}
            yield _check("corrected_in_review", "contradicted", detail, **values)


def _objection(check: Check) -> Check:
    """Return a check without what it would do: a person decides."""
    severity = "flag" if check.severity == "reject" or check.change != "kept" else check.severity
    return check.model_copy(update={"severity": severity, "change": "kept", "was": None})


def _brief(value: Any) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], Evidence):
        return ", ".join(str(e.sentence) for e in value)
    return "; ".join(f"{v.text} ({v.detail})" if v.detail else v.text for v in values_of(value))
