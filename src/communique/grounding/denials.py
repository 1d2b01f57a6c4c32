"""Denials that a model overlooked: linked to their claim by rule, since a lost denial is the reader's worst surprise.

A sentence answers an allegation if it has words of denial, names an accused before them, stands in the claim's sentence or
at most `REACH` sentences behind it, and no other claim stands nearer (unless it speaks of all of them).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from communique.documents import Document, Sentence
from communique.grounding.citations import evidence_of
from communique.grounding.matching import bare, find
from communique.grounding.old_cues import DENIAL, cue_pattern
from communique.grounding.responses import REACH, answers_other
from communique.schemas import Actor, Allegation, Check, Record, Response

_NOT_A_DENIAL = re.compile(
    r"\b(could|would|did|will|can) not be (reached|confirmed)|\bdenied (entry|access|a visa|the right|bail)\b",
    re.IGNORECASE,
)


def link_denials(records: Sequence[Record], document: Document) -> tuple[Record, ...]:
    """Return the records with the denials that their drafts lack, each marked by a check `denial_linked_by_rule`."""
    claims = [r.evidence[0].sentence for r in records if isinstance(r, Allegation) and r.evidence]
    everyone = [a for r in records for a in _actors_of(r)]
    return tuple(_linked(r, claims, everyone, document) if isinstance(r, Allegation) else r for r in records)


def _actors_of(record: Record) -> list[Actor]:
    found: list[Actor] = []
    for _, value in record:
        if isinstance(value, tuple):
            found += [a for a in value if isinstance(a, Actor)]
    return found


def _linked(
    record: Allegation, claims: Sequence[int], everyone: Sequence[Actor], document: Document
) -> Record:
    if not record.evidence or not record.accused or any(r.type == "denial" for r in record.responses):
        return record
    cited = [document.sentence(e.sentence) for e in record.evidence]
    last = cited[-1].number
    accusers = {bare(a.name).lower() for a in record.accusers}
    for sentence in document.sentences[cited[0].number - 1 : last + REACH]:
        before = _before_denial(sentence, document.language)
        if before is None:
            continue
        named = [a for a in record.accused if _in(a, before, document)]
        if not named or any(bare(a.name).lower() in accusers for a in named):
            continue
        if answers_other(sentence, cited, claims, named, document):
            continue
        others = [a for a in everyone if _in(a, before, document) and bare(a.name).lower() not in accusers]
        responders = list({bare(a.name).lower(): a for a in (*named, *others)}.values())
        cue = sentence.text[len(before) :].split()[0].strip(".,;:")
        response = Response(
            type="denial", responders=tuple(responders), cue=cue, evidence=evidence_of([sentence], document)
        )
        check = Check(
            field=f"responses[{len(record.responses)}]",
            outcome="passed",
            reason="denial_linked_by_rule",
            detail="the draft had no denial; the rule found one that names an accused",
            sentences=(sentence.number,),
        )
        return record.model_copy(
            update={"responses": (*record.responses, response), "checks": (*record.checks, check)}
        )
    return record


def _before_denial(sentence: Sentence, language: str) -> str | None:
    expression = DENIAL.get(language)
    if expression is None or sentence.kind != "body":
        return None
    match = cue_pattern(expression).search(sentence.text)
    if match is None or _NOT_A_DENIAL.search(sentence.text):
        return None
    return sentence.text[: match.start()]


def _in(actor: Actor, text: str, document: Document) -> bool:
    return any(find(bare(n), text, document.language) for n in (actor.name, *actor.aliases))
