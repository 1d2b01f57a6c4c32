"""Responses: a denial needs words of denial, a responder, and the claim that it answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from communique.documents import Document, Sentence
from communique.grounding.actors import ActorChecks
from communique.grounding.citations import cite, evidence_of
from communique.grounding.matching import bare, find, fold
from communique.grounding.old_cues import DENIAL
from communique.grounding.roles import all_sides
from communique.grounding.telltales import cue_in, denies
from communique.schemas import Actor, Check, Response

_BLANKET = re.compile(
    r"\b(all|any|both|these|those|allegations|accusations|claims|charges|everything|alle|sämtliche|vorwürfe|toutes|accusations|todas|acusaciones)\b",
    re.IGNORECASE,
)
_PRONOUNS = re.compile(
    r"\b(?:it|he|she|they|we|er|sie|es|il|elle|ils|elles|él|ella|ellos|the|also|later|and|but)\b",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[A-ZÀ-ÖØ-ÞΑ-ΩА-Я]\w")
BACK = 6
"""Sentences before a denial in which the article may hold the claim that it answers."""
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
        claims: Numbers of the first evidence sentence of every allegation of the draft: a denial answers the nearest
            claim before it, of the draft or of the article, unless it speaks of all of them.
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
    if response.type == "denial" and (
        other := answers_other(sentences[0], cited, claims, response.responders, document)
    ):
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


def answers_other(
    denial: Sentence,
    cited: Sequence[Sentence],
    claims: Sequence[int],
    responders: Sequence[Actor],
    document: Document,
) -> int | None:
    """Return the number of the nearer claim that a denial answers, or None if it may answer this one.

    Args:
        denial: The sentence that denies.
        cited: Evidence of the claim.
        claims: Numbers of the sentences with the other claims of the draft; those of the article are looked for.
        responders: Who denies: what they say of others they don't deny.
        document: The document.
    """
    own = {s.number for s in cited}
    if denial.number in own or _BLANKET.search(denial.text):
        return None
    last = max((n for n in own if n <= denial.number), default=None)
    start = last + 1 if last else max(denial.number - BACK, 1)
    between = [n for n in range(start, denial.number + 1) if _accuses(document.sentence(n), denial, document)]
    before = [
        n
        for n in (*claims, *between)
        if 1 <= n <= denial.number
        and not (n not in own and _made_by(responders, document.sentence(n), document))
    ]
    nearest = max(before, default=None)
    if nearest is None or nearest in own:
        return None
    return nearest if last is None or last < nearest else None


def _accuses(sentence: Sentence, denial: Sentence, document: Document) -> bool:
    """Tell whether a sentence of the article has an accuser of its own; "It also accused" goes on with what was said before."""
    if sentence.kind != "body":
        return False
    for parts in all_sides(sentence.text, document.language):
        if sentence.number == denial.number and denies(parts.before, document.language):
            continue
        if _NAMED.search(_PRONOUNS.sub("", parts.before)):
            return True
    return False


def _made_by(responders: Sequence[Actor], sentence: Sentence, document: Document) -> bool:
    """Tell whether the responders are the ones who accuse in a sentence, and not the accused."""
    parts = all_sides(sentence.text, document.language)
    forms = tuple(form for a in responders for form in (a.name, *a.aliases))
    where = set[str]().union(*(p.place(forms, document.language) for p in parts)) if forms else set[str]()
    return "before" in where and "accused" not in where


def _failed(field: str, reason: str, detail: str, sentences: Sequence[int]) -> Check:
    return Check(field=field, outcome="failed", reason=reason, detail=detail, sentences=tuple(sentences))
