"""What follows from a judge's probabilities: records that it refutes are flagged, those that it accepts are verified."""

from __future__ import annotations

import re

from communique.grounding.statements import shows, statements
from communique.schemas import Check, Judgement, Record

REASON = "judge_disagrees"
ELSEWHERE = "judge_cites_others"
STATED_BY_A_WORD = frozenset({"commitment", "stage", "status"})
"""Fields of which a check knows no more than a word in the cited sentences; the judge reads all of them."""


def judged(record: Record, *, accept: float = 0.7, refute: float = 0.3) -> Record:
    """Return the record with the verdict that its judgements lead to.

    A record is `verified` where each of its statements is accepted and no check contradicts it. The judge settles what
    a check has only not found, and also status, stage and commitment, as far as its statement shows the value: "could"
    is no doubt in "how this could happen". A judge that agrees because of other sentences than the cited ones has found
    the evidence wrong. Where the judge is undecided, or silent, the verdict stays.

    Args:
        record: The record, with its judgements.
        accept: Probability from which on the judge agrees.
        refute: Probability below which it disagrees.
    """
    said = {j.field: j for j in record.judgements}
    if not said:
        return record
    yes = [j for j in said.values() if j.probability >= accept]
    elsewhere = [j for j in yes if j.sentences and _cited(record, j.field).isdisjoint(j.sentences)]
    accepted = {j.field for j in yes if j not in elsewhere}
    checks = [_settled(c, record) if _statement_of(c) in accepted else c for c in record.checks]
    refuted = [_disagreement(j) for j in said.values() if j.probability < refute]
    refuted += [_other_sentences(j) for j in elsewhere]
    flagged = any(c.severity != "note" for c in (*checks, *refuted))
    verdict = record.verdict
    if refuted:
        verdict = "flagged"
    elif accepted >= {s.field for s in statements(record)} and not flagged:
        verdict = "verified"
    return record.model_copy(update={"checks": (*checks, *refuted), "verdict": verdict})


def _settled(check: Check, record: Record) -> Check:
    mere_words = check.outcome == "unsupported" or check.field in STATED_BY_A_WORD
    if check.severity == "flag" and mere_words and shows(record, check.field):
        return check.model_copy(update={"severity": "note"})
    return check


def _statement_of(check: Check) -> str:
    """Return the field of the statement that shows what a check is about."""
    found = re.match(r"responses\[\d+\]", check.field)
    return found.group() if found else "record"


def _cited(record: Record, field: str) -> set[int]:
    """Return the sentences that a statement's part of the record cites."""
    found = {e.sentence for e in record.evidence}
    if field != "record":
        place = re.fullmatch(r"responses\[(\d+)\]", field)
        responses = getattr(record, "responses", ())
        if place and int(place[1]) < len(responses):
            found |= {e.sentence for e in responses[int(place[1])].evidence}
    return found


def _other_sentences(judgement: Judgement) -> Check:
    where = ", ".join(map(str, judgement.sentences))
    return Check(
        field=judgement.field,
        outcome="contradicted",
        reason=ELSEWHERE,
        severity="flag",
        detail=f"{judgement.model or 'the judge'} finds it in sentence {where}, which is not cited",
        sentences=judgement.sentences,
    )


def _disagreement(judgement: Judgement) -> Check:
    who = judgement.model or "the judge"
    return Check(
        field=judgement.field,
        outcome="contradicted",
        reason=REASON,
        severity="flag",
        detail=f"{who} finds it unlikely ({judgement.probability:.2f}) that the article says so: {judgement.statement}",
        sentences=judgement.sentences,
    )
