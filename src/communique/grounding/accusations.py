"""The sides of one record: swapped ones, a receiver or holder taken for the accused, a denier or doer for an accuser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from communique.documents import Document, Sentence
from communique.grounding.bystanders import bystanders
from communique.grounding.doers import doers
from communique.grounding.matching import bare, find, fold
from communique.grounding.roles import all_sides, denier
from communique.schemas import Actor, Check, Record

HOLDERS = ("accusers", "raised_by")
"""Roles whose actors say something, in the order of `_TARGETS`."""

_TARGETS = ("accused", "subjects")


def check_sides(
    record: Record, update: dict[str, Any], cited: Sequence[Sentence], document: Document
) -> list[Check]:
    """Check who stands on which side; what can't stand there leaves `update`.

    Args:
        record: The draft.
        update: Its actors that resolved, by role; changed in place.
        cited: Its evidence.
        document: The document.
    """
    checks = _placed(update, cited, document) + bystanders(record, update, cited, document)
    for holders, targets in zip(HOLDERS, _TARGETS, strict=True):
        if holders in type(record).model_fields:
            checks += _doers(update, holders, cited, document)
            checks += _deniers(update, holders, targets, cited, document)
            checks += _both(update, holders, targets, cited)
    return checks


def _placed(update: dict[str, Any], cited: Sequence[Sentence], document: Document) -> list[Check]:
    checks: list[Check] = []
    for sentence in cited:
        parts = all_sides(sentence.text, document.language)
        if not parts:
            continue
        for role, right, wrong in (
            ("accused", "accused", "receiver_not_accused"),
            ("accusers", "before", "accused_not_accuser"),
        ):
            kept = []
            for actor in update.get(role, ()):
                forms = (actor.name, *actor.aliases)
                where = set[str]().union(*(p.place(forms, document.language) for p in parts))
                if not where or right in where:
                    kept.append(actor)
                    continue
                reason = wrong if role == "accusers" or "before" not in where else "accuser_not_accused"
                detail = f"in {sentence.text[:60]!r}… {actor.name} stands elsewhere"
                checks.append(_failed(role, reason, detail, [sentence]))
            if role in update:
                update[role] = tuple(kept)
    return checks


def _doers(
    update: dict[str, Any], holders: str, cited: Sequence[Sentence], document: Document
) -> list[Check]:
    """Drop who is named only as the doer of the wrong act: "a theft blamed on Klow" is no claim of Klow's."""
    checks: list[Check] = []
    spans = {s.number: found for s in cited if (found := doers(s.text, document.language))}
    for actor in update.get(holders, ()) if spans else ():
        named = [s for s in cited if _names(actor, s.text, document)]
        if not named or any(
            _names(actor, _without(s.text, spans.get(s.number, ())), document) for s in named
        ):
            continue
        detail = f"in {named[0].text[:60]!r}… {actor.name} is said to have done it"
        checks.append(_failed(holders, "doer_not_accuser", detail, named))
        update[holders] = tuple(a for a in update[holders] if a is not actor)
    return checks


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = f"{text[:start]}{'_' * (end - start)}{text[end:]}"
    return text


def _deniers(
    update: dict[str, Any], holders: str, targets: str, cited: Sequence[Sentence], document: Document
) -> list[Check]:
    """Drop who is named only as the one that denies: "Pyongyang denied that it ships arms" accuses nobody.

    Where that leaves a claim against somebody else than the denier, the sentence holds no such claim: nobody stays accused.
    """
    checks: list[Check] = []
    denying = {s.number: before for s in cited if (before := denier(s.text, document.language))}
    for actor in update.get(holders, ()):
        named = [s for s in cited if _names(actor, s.text, document)]
        if not named or not all(_names(actor, denying.get(s.number, ""), document) for s in named):
            continue
        detail = f"in {named[0].text[:60]!r}… {actor.name} denies, and accuses nobody"
        checks.append(_failed(holders, "denier_not_accuser", detail, named))
        update[holders] = tuple(a for a in update[holders] if a is not actor)
        if len(denying) < len(cited):
            continue
        others = [
            a for a in update.get(targets, ()) if not any(_names(a, b, document) for b in denying.values())
        ]
        if others:
            update[targets] = tuple(a for a in update[targets] if a not in others)
            names = ", ".join(a.name for a in others)
            detail = f"the cited sentences only deny; they accuse {names} of nothing"
            checks.append(_failed(targets, "denial_not_allegation", detail, named))
    return checks


def _both(update: dict[str, Any], holders: str, targets: str, cited: Sequence[Sentence]) -> list[Check]:
    """Drop from the holders who is also the accused: nobody accuses himself, and who holds it the sentence does not tell."""
    accused = {_form(a) for a in update.get(targets, ())}
    twice = [a for a in update.get(holders, ()) if _form(a) in accused]
    if not twice:
        return []
    update[holders] = tuple(a for a in update[holders] if a not in twice)
    names = ", ".join(a.name for a in twice)
    return [_failed(holders, "on_both_sides", f"{names} can't stand in {holders} and in {targets}", cited)]


def _form(actor: Actor) -> str:
    return fold(bare(actor.name))


def _names(actor: Actor, text: str, document: Document) -> bool:
    return any(find(bare(form), text, document.language) for form in (actor.name, *actor.aliases))


def _failed(field: str, reason: str, detail: str, sentences: Sequence[Sentence]) -> Check:
    numbers = tuple(s.number for s in sentences)
    return Check(field=field, outcome="failed", reason=reason, detail=detail, sentences=numbers)
