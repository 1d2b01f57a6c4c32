"""Reviewed results: corrected records replace what they correct, rejected ones are left out, undecided ones have a mark."""

from __future__ import annotations

from communique.errors import ConfigurationError
from communique.review.correction import changes, corrected
from communique.review.decision import fingerprint_of, key_of, keyed, stated
from communique.review.decisions_file import DecisionsFile
from communique.review.standing import Standing, standing_of
from communique.schemas import Check, Record, Rejection, Statement, VerifiedSummary

MISSING = "records_missing_in_review"
"""Warning: a person marked sentences that state something for which there is no record."""


def reviewed(summary: VerifiedSummary, decisions: DecisionsFile) -> VerifiedSummary:
    """Return a result after review.

    Each record that stays has a check that tells what a person decided: `accepted_in_review`, one
    `corrected_in_review` for each field with both values, or `not_reviewed`. A rejected record becomes a rejection.

    Args:
        summary: The result.
        decisions: The decisions.
    """
    sha, rejections, groups = summary.document.sha256, list(summary.rejections), {}
    numbered = list(keyed(summary.document, summary.all_records()))
    standings = {
        id(record): standing_of(key_of(sha, own), own, fingerprint_of(record), decisions) for own, record in numbered
    }
    for plural, group in summary.records.items():
        kept = []
        for record in group:
            standing = standings[id(record)]
            if standing.state == "rejected":
                rejections.append(_rejection(plural, record, standing))
            else:
                kept.append(marked(record, standing, summary))
        groups[plural] = tuple(kept)
    kept_records = (r for group in groups.values() for r in group if summary.brief)
    brief = (Statement(text=r.headline, record=r.id, evidence=r.evidence) for r in kept_records)
    missing = any(d.decision == "missing" for d in decisions.standing(key_of(sha, "")))
    provenance = summary.provenance
    if missing and MISSING not in provenance.warnings:
        provenance = provenance.model_copy(update={"warnings": (*provenance.warnings, MISSING)})
    changed = {"records": groups, "rejections": tuple(rejections), "brief": tuple(brief), "provenance": provenance}
    return summary.model_copy(update=changed)


def marked(record: Record, standing: Standing, summary: VerifiedSummary) -> Record:
    """Return a record as its review left it, with the checks that say so."""
    if standing.state == "accepted":
        return _with(record, _mark("accepted_in_review", "supported", "note", f"Accepted by {standing.told}"))
    if standing.state == "corrected" and standing.last and standing.last.edited is not None:
        try:
            new = corrected(record, standing.last.edited, summary)
        except ConfigurationError as error:  # the record type has changed
            return _with(
                record, _mark("not_reviewed", "not_checked", "flag", f"The correction no longer fits: {error}")
            )
        return _with(new, *changes(record, new, f"Corrected by {standing.told}"))
    if standing.state == "rejected":
        return record
    why = f"Decided by {standing.told}, but {standing.why}" if standing.state == "again" else "Nobody decided on it yet"
    return _with(record, _mark("not_reviewed", "not_checked", "flag", why))


def _with(record: Record, *marks: Check) -> Record:
    return record.model_copy(update={"checks": (*record.checks, *marks)})


def _mark(reason: str, outcome: str, severity: str, detail: str) -> Check:
    return Check.model_validate(
        {"field": "record", "reason": reason, "outcome": outcome, "severity": severity, "detail": detail}
    )


def _rejection(plural: str, record: Record, standing: Standing) -> Rejection:
    because = _mark("rejected_in_review", "contradicted", "reject", f"Rejected by {standing.told}")
    found = Rejection.of(record, because, stated(record))
    return found.model_copy(update={"kind": plural})
