"""The sentences that a record cites, copied by code; those of a denial, and a denial that the draft overlooked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from communique.documents import Document, Sentence
from communique.grounding.article import Article
from communique.grounding.hits import untruths
from communique.grounding.matching import name_key
from communique.grounding.mentions import mentions
from communique.schemas import Allegation, Check, Evidence, Record, Response, SanctionsConcern


def cite(numbers: Iterable[int], document: Document, field: str) -> tuple[tuple[Sentence, ...], list[Check]]:
    """Look up cited sentences.

    Args:
        numbers: As the draft gives them.
        document: The document.
        field: Path of the evidence field, for the checks.

    Returns:
        The sentences that may be cited, ascending, each once; and a check for each number that may not.
    """
    checks: list[Check] = []
    found: list[Sentence] = []
    sentences = document.sentences
    for number in dict.fromkeys(numbers):
        if not 1 <= number <= len(sentences):
            checks.append(_left_out(field, "no_such_sentence", f"there is no sentence {number}", number))
        elif sentences[number - 1].kind == "link":
            checks.append(_left_out(field, "cites_link", f"sentence {number} links to another story", number))
        else:
            found.append(sentences[number - 1])
    if found and all(s.kind == "heading" for s in found):
        numbers = tuple(s.number for s in found)
        detail = "only headings are cited"
        checks.append(
            Check(field=field, outcome="unsupported", reason="heading_only", detail=detail, sentences=numbers)
        )
    return tuple(sorted(found, key=lambda s: s.number)), checks


def evidence_of(sentences: Sequence[Sentence], document: Document) -> tuple[Evidence, ...]:
    """Copy the words of cited sentences: `document.text[start:end] == exact`."""
    return tuple(
        Evidence(sentence=s.number, exact=s.text, start=s.start, end=s.end, page=document.page_of(s.start))
        for s in sentences
    )


def _left_out(field: str, reason: str, detail: str, number: int) -> Check:
    return Check(
        field=field,
        outcome="unsupported",
        reason=reason,
        detail=detail,
        sentences=(number,),
        change="left_out",
    )


REACH = 4
"""Sentences behind the claim in which a denial is looked for."""


def placed(record: Record, article: Article) -> Record:
    """Return the record with evidence and cue for each denial that has none.

    The evidence is a sentence of the claim or shortly behind it that denies and names a responder; without one the
    denial stays as it is.
    """
    responses = record.__dict__.get("responses")
    if not isinstance(responses, tuple) or not any(isinstance(r, Response) and not r.evidence for r in responses):
        return record
    found = tuple(_placed(r, record, article) if isinstance(r, Response) else r for r in responses)
    return record.model_copy(update={"responses": found}) if found != responses else record


def _placed(response: Response, record: Record, article: Article) -> Response:
    if response.evidence or response.type != "denial":
        return response
    for number, cue, _ in _denials(record, article):
        if any(m.sentence == number for a in response.responders for m in mentions(a.name, article)):
            evidence = evidence_of([article.document.sentence(number)], article.document)
            return response.model_copy(update={"evidence": evidence, "cue": response.cue or cue})
    return response


def with_denial(record: Record, article: Article) -> Record:
    """Return the record with the denial that its draft lacks.

    An accused is named before the word that denies, in the claim's sentence or shortly behind it, and no other
    accusation stands between. A word of untruth ("fake companies") is not enough.
    """
    if not isinstance(record, (Allegation, SanctionsConcern)) or not record.evidence:
        return record
    accused = record.accused if isinstance(record, Allegation) else record.subjects
    holders = record.accusers if isinstance(record, Allegation) else record.raised_by
    if any(r.type == "denial" for r in record.responses):
        return record
    own = {name_key(a.name, article.code) for a in holders}
    others = [(a, mentions(a.name, article)) for a in accused if name_key(a.name, article.code) not in own]
    for number, cue, at in _denials(record, article, plainly=True):
        named = [a for a, places in others if any(m.sentence == number and m.start < at for m in places)]
        if not named:
            continue
        evidence = evidence_of([article.document.sentence(number)], article.document)
        response = Response(type="denial", responders=tuple(named), cue=cue, evidence=evidence)
        check = Check(
            field=f"responses[{len(record.responses)}]",
            outcome="supported",
            reason="denial_added",
            detail=f"the draft had no denial; “{cue}” is one",
            sentences=(number,),
        )
        return record.model_copy(update={"responses": (*record.responses, response), "checks": (*record.checks, check)})
    return record


def _denials(record: Record, article: Article, *, plainly: bool = False) -> Iterator[tuple[int, str, int]]:
    """Yield each denying sentence by the claim or shortly behind it: its number, the word, the word's offset."""
    own = sorted({e.sentence for e in record.evidence})
    for claim, following in zip(own, (*own[1:], len(article.document.sentences) + 1), strict=True):
        for number in range(claim, min(claim + REACH + 1, following)):
            sentence, hits = article.document.sentence(number), article.hits(number)
            if number != claim and "accusation" in hits and "denial" not in hits:
                break  # another claim: what denies behind it answers that one
            weak = untruths(hits) if plainly else ()
            found = [hit for hit in hits.get("denial", ()) if hit[0] not in weak]
            if sentence.kind == "body" and found:
                start, end = found[0]
                yield number, sentence.text[start:end], sentence.start + start
