"""Responses: a denial needs words of denial, a responder, and the claim that it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from communique.documents import Document, Sentence
from communique.grounding.actors import ActorChecks
from communique.grounding.citations import cite, evidence_of
from communique.grounding.matching import bare, find, fold
from communique.grounding.telltales import cue_in, denies
from communique.schemas import Actor, Check, Response
from communique.schemas.cue_words import DENIAL

_BLANKET = re.compile(
    r"\b(all|any|both|these|those|allegations|accusations|claims|charges|everything|alle|sämtliche|vorwürfe|toutes|accusations|todas|acusaciones)\b",
    re.IGNORECASE,
)
REACH = 4
"""Sentences behind the claim in which a denial is looked for where the draft cites none."""


def check_responses(  # noqa: PLR0917 - each is a different thing
    responses: Sequence[Response],
    cited: Sequence[Sentence],
    accusers: Sequence[Actor],
    claims: Sequence[int],
    document: Document,
    known_false: frozenset[str],
) -> tuple[tuple[Response, ...], list[Check]]:
    """Check the responses of one record.

    Args:
        responses: As drafted; a denial without evidence is looked for behind the claim.
        cited: Evidence of the record.
        accusers: Who makes the claim: they don't deny it.
        claims: Numbers of the first evidence sentence of every allegation of the document: a denial answers the nearest
            claim before it, unless it speaks of all of them.
        document: The document.
        known_false: Names of the worked examples.
    """
    kept: list[Response] = []
    checks: list[Check] = []
    for index, response in enumerate(responses):
        path = f"responses[{index}]"
        fine, said = _one(response, path, cited, accusers, claims, document, known_false)
        checks += said
        if fine is not None:
            kept.append(fine)
    return tuple(kept), checks


def _one(  # noqa: PLR0917 - see check_responses
    response: Response,
    path: str,
    cited: Sequence[Sentence],
    accusers: Sequence[Actor],
    claims: Sequence[int],
    document: Document,
    known_false: frozenset[str],
) -> tuple[Response | None, list[Check]]:
    numbers = [e.sentence for e in response.evidence] or _look_for(response.responders, cited, document)
    sentences, checks = cite(numbers, document, f"{path}.evidence")
    if not sentences:
        if not response.evidence:
            checks = [
                _failed(
                    path,
                    "no_denying_words",
                    "no sentence near the claim denies it",
                    [s.number for s in cited],
                )
            ]
        return None, checks
    text = " ".join(s.text for s in sentences)
    said = [s.number for s in sentences]
    if response.type == "denial" and denies(text, document.language) is False:
        return None, [*checks, _failed(path, "no_denying_words", "the cited sentence denies nothing", said)]
    if not response.responders:
        return None, [
            *checks,
            _failed(f"{path}.responders", "no_responder", "nobody is named who answers", said),
        ]
    if response.type == "denial" and (other := answers_other(sentences[0], cited, claims)):
        detail = f"sentence {said[0]} answers the claim in sentence {other}"
        return None, [*checks, _failed(path, "answers_other_claim", detail, said)]
    actors = ActorChecks(document, sentences, known_false)
    responders = actors.keep(response.responders, f"{path}.responders", speaks=True)
    same = {fold(bare(a.name)) for a in accusers} & {fold(bare(r.name)) for r in responders}
    if response.type == "denial" and same:
        return None, [
            *checks,
            *actors.checks,
            _failed(path, "accuser_denies_own_claim", "the accuser can't deny it", said),
        ]
    if not responders:
        return None, checks + actors.checks
    cue = response.cue if response.cue and find(response.cue, text, document.language) else ""
    if response.cue and not cue:
        checks.append(
            _failed(
                f"{path}.cue", "not_in_cited_sentence", f"{response.cue!r} is not in sentence {said}", said
            )
        )
    if not cue and response.type == "denial":
        cue = cue_in(DENIAL, document.language, text)
    checks += actors.checks
    checks.append(
        Check(field=path, outcome="passed", reason="denying_words" if cue else "cited", sentences=tuple(said))
    )
    evidence = evidence_of(sentences, document)
    return response.model_copy(update={"responders": responders, "cue": cue, "evidence": evidence}), checks


def _look_for(responders: Sequence[Actor], cited: Sequence[Sentence], document: Document) -> list[int]:
    """Find the sentence, the claim's or one shortly behind it, that denies and names a responder; else one that denies."""
    last = max(s.number for s in cited)
    near = [
        s for s in document.sentences[cited[0].number - 1 : last + REACH] if denies(s.text, document.language)
    ]
    for sentence in near:
        if any(find(bare(r.name), sentence.text, document.language) for r in responders):
            return [sentence.number]
    return []


def answers_other(denial: Sentence, cited: Sequence[Sentence], claims: Sequence[int]) -> int | None:
    """Return the number of the nearer claim that a denial answers, or None if it may answer this one."""
    own = {s.number for s in cited}
    if denial.number in own or _BLANKET.search(denial.text):
        return None
    before = [n for n in claims if n <= denial.number]
    nearest = max(before, default=None)
    if nearest is None or nearest in own:
        return None
    mine = [n for n in own if n <= denial.number]
    return nearest if not mine or max(mine) < nearest else None


def _failed(field: str, reason: str, detail: str, sentences: Sequence[int]) -> Check:
    return Check(field=field, outcome="failed", reason=reason, detail=detail, sentences=tuple(sentences))
