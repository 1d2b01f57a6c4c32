"""The judge: what a record says, in plain English, for it to read; and what follows from its probabilities."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from communique.schemas import (
    Allegation,
    Check,
    Judgement,
    Meeting,
    Record,
    Response,
    SanctionsConcern,
)
from communique.schemas.headline import CALL, STAGE, meeting_of, names, put, regime_of, values_of
from communique.schemas.sanctions_concern import BREACHES

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


_CALL = {status: pattern.replace("phone", "telephone") for status, pattern in CALL.items()}
_SUSPECTED = "{by} suspect{s}, without asserting it, that {who} did this"
_SAYS = {
    "asserted": "{by} say{s} that {who} did this",
    "probable": _SUSPECTED,
    "possible": _SUSPECTED,
    "unspecified": "{by} say{s}, or {are} reported to say, that {who} did this",
}
_STAGE = STAGE | {
    "potential": "{by} say{s} that {who} may breach {regime}, or come under them",
    "found": "{by} find{s} that {who} did breach {regime}, as a fact",
    "imposed": "{by} impose{s} {regime} on {who}, or keep{s} them in force",
    "refused": "{by} refuse{s} to impose {regime} on {who}",
}
_NOBODY_STAGE = {
    "potential": "It is said, without a named source, that {who} may breach {regime}, or come under them",
    "alleged": "It is said, without a named source, that {who} did breach {regime}",
    "found": "It is said as a fact, without a named source, that {who} did breach {regime}",
    "proposed": "Somebody who is not named proposes {regime} on {who}",
    "imposed": "There are {regime} on {who}, and it is not said who imposed them",
    "eased": "{regime} on {who} are eased, and it is not said by whom",
    "lifted": "{regime} on {who} are lifted, and it is not said by whom",
    "refused": "It is ruled out, and not said by whom, that {regime} are imposed on {who}",
    "unclear": "{regime} on {who} are spoken of",
}
_SHOWN: dict[type[Record], frozenset[str]] = {
    Meeting: frozenset({"participants", "place", "when", "status", "mode"}),
    Allegation: frozenset({"claim", "accusers", "accused", "commitment", "responses"}),
    SanctionsConcern: frozenset({"concern", "raised_by", "subjects", "regime", "stage", "responses"}),
}
_ANSWER = {
    "denial": "{by} den{ies} this claim",
    "admission": "{by} admit{s} this claim",
    "justification": "{by} justif{ies}, without denying it, this claim",
    "counter_accusation": "{by} answer{s}, by accusing somebody else, this claim",
    "no_comment": "{by} decline{s} to comment on this claim",
    "other": "{by} answer{s}, neither denying nor admitting it, this claim",
}


@dataclass(frozen=True, slots=True)
class Assertion:
    """Something that a record says of its article.

    Attributes:
        field: `record`, or the response that it is about, such as `responses[0]`.
        text: One sentence.
    """

    field: str
    text: str


def statements(record: Record) -> tuple[Assertion, ...]:
    """Return what a record says: first the record, then each response to it."""
    if isinstance(record, Meeting):
        return (Assertion("record", f"{meeting_of(record, _CALL)}."),)
    if isinstance(record, Allegation):
        said, matter = _allegation(record), record.claim
    elif isinstance(record, SanctionsConcern):
        said, matter = _concern(record), record.concern
    else:
        return (Assertion("record", f"{type(record).__name__}: {'; '.join(values_of(record, ' = '))}."),)
    whole = Assertion("record", f"{said}: {_ended(matter)}")
    return (whole, *_answers(record, record.responses, matter))


def shows(record: Record, field: str) -> bool:
    """Tell whether the statements of a record show a field: they leave out topics, titles, countries and the like."""
    if type(record) not in _SHOWN or field in {"record", "evidence"}:
        return True
    first, *rest = re.split(r"[.\[]", field)
    return first in _SHOWN[type(record)] and (
        not rest or rest[-1] not in {"role", "country", "kind", "capacity", "cue"}
    )


def _allegation(record: Allegation) -> str:
    if record.accusers:
        return put(_SAYS[record.commitment], record.accusers, record.accused)
    verb = "suspected" if record.commitment in {"possible", "probable"} else "alleged"
    return f"It is {verb}, without a named accuser, that {names(record.accused)} did this"


def _concern(record: SanctionsConcern) -> str:
    pattern = (_STAGE if record.raised_by else _NOBODY_STAGE)[record.stage]
    said = put(pattern, record.raised_by, record.subjects, regime_of(record))
    return said if record.stage in BREACHES else f"{said}; what for"


def _answers(record: Record, responses: Sequence[Response], matter: str) -> Iterator[Assertion]:
    who = names(getattr(record, "accused", ()) or getattr(record, "subjects", ()), "")
    about = f" about {who}" if who else ""
    for index, response in enumerate(responses):
        said = put(_ANSWER[response.type], response.responders)
        yield Assertion(f"responses[{index}]", f"{said}{about}: {_ended(matter)}")


def _ended(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?", "…", ".”", '."')) else f"{text}."
