"""Fields of one record that can't hold together, whatever the article says, and evidence that talks to the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from communique.documents import Sentence
from communique.grounding.matching import bare, fold
from communique.schemas import Actor, Attribution, Check, Record, Response

_INSTRUCTIONS = re.compile(
    r"\b(?:ignore|disregard|forget|override) (?:all |any |the |your |these )*(?:previous |prior |above |earlier |preceding |given )?"
    r"(?:instructions?|prompts?|rules|directions|guidelines)\b"
    r"|\bsystem prompt\b|\byou are (?:now )?(?:an? |the )?(?:ai|assistant|language model|chatbot|llm)\b"
    r"|\bas an? (?:ai )?(?:language model|assistant|chatbot|llm)\b|\bas an ai(?: (?:model|system|agent))?(?=[,:;.]|$)"
    r"|<\|?/?(?:im_start|im_end|system|assistant|user|endoftext)\|?>|\[/?inst\]|^\s*(?:system|assistant)\s*:"
    r"|^fill in ?:|\{\s*\"\w+\"\s*:\s*[\[{\"]"  # a line of our own question; an answer in JSON, ready to be copied
    r"|\b(?:answer|respond|reply|output|return) (?:only )?(?:with|in|as) (?:the following |valid )?json\b"
    r"|\b(?:ignoriere?|vergiss) (?:alle |die )*(?:vorherigen|bisherigen|obigen) anweisungen\b"
    r"|\b(?:ignore[rz]?|oublie[rz]?) (?:toutes )?les (?:instructions|consignes)\b|\b(?:ignora|olvida) (?:todas )?las instrucciones\b",
    re.IGNORECASE,
)
_MODEL = r"(?:ai|llms?|(?:large )?language models?|chatbots?|assistants?|(?:ai|automated) (?:systems?|agents?|models?|readers?|tools?))"
_ROLE_PLAY = re.compile(
    r"(?:^|[.:;!?]\s)\W*you are (?:now|no longer|from now on)\b|(?:^|[.:;!?]\s)\W*from now on,? you\b"
    r"|(?:^|[.:;!?]\s)\W*(?:act|behave|pretend|respond|answer|speak) (?:as|like) (?:if you were )?(?:an? |the )?(?:\w+ ){0,2}"
    rf"(?:{_MODEL}|bot|developer|administrator)\b|\bpretend (?:to be|that you are|you are) an? (?:\w+ ){{0,2}}(?:{_MODEL}|bot)\b"
    rf"|\b(?:notes?|notice|message|memo|attention|instructions?) (?:to|for) (?:all |any |the )?{_MODEL}\b"
    r"|(?:^|[.:;!?]\s)\W*new (?:instructions?|orders?|rules?) for (?:you|the model|the assistant)\b"
    r"|(?:^|[.:;!?]\s)\W*(?:du bist (?:jetzt|nun|ab jetzt)|vous êtes (?:maintenant|désormais)|(?:ahora eres|a partir de ahora eres))\b",
    re.IGNORECASE,
)
"""Ways to give a reader a part to play. People say such things to people, too: they lead to a warning and flag no record."""
_OPENING, _CLOSING = "“„«", "”»"
_HEDGED = frozenset({"possible", "probable"})
_DONE = frozenset({"found", "imposed"})


def orders_to_a_model(sentences: Iterable[Sentence]) -> Sentence | None:
    """Return the first sentence that is addressed to a model, or None. General phrases; an attacker can word it otherwise."""
    return next((s for s in sentences if _gives_orders(s.text)), None)


def speaks_to_a_model(sentences: Iterable[Sentence]) -> bool:
    """Tell whether some sentence gives orders to a model or a part to play, spoken words of somebody not counted."""
    return any(_gives_orders(s.text) or _gives_a_part(s.text) for s in sentences)


@lru_cache(maxsize=2048)
def _gives_a_part(text: str) -> bool:
    return any(not _spoken(text, match.end()) for match in _ROLE_PLAY.finditer(text))


def _spoken(text: str, at: int) -> bool:
    """Tell whether a place stands in quotation marks that are opened in the same sentence."""
    before = text[:at]
    opened = sum(map(before.count, _OPENING)) - sum(map(before.count, _CLOSING))
    return opened > 0 or before.count('"') % 2 == 1


@lru_cache(maxsize=2048)
def _gives_orders(text: str) -> bool:
    return _INSTRUCTIONS.search(text) is not None


def contradictions(record: Record, update: dict[str, Any], cited: Sequence[Sentence]) -> Iterator[Check]:
    """Yield a flag for each pair of fields that contradict each other, and for evidence that is addressed to a model.

    Args:
        record: The draft.
        update: The fields that the checks changed.
        cited: Its evidence.
    """
    numbers = tuple(s.number for s in cited)

    def now(name: str) -> Any:
        # Most names are fields of other types: asking the model for those costs more than the checks.
        return update[name] if name in update else record.__dict__.get(name)

    def flag(field: str, reason: str, detail: str) -> Check:
        return Check(field=field, outcome="flagged", reason=reason, detail=detail, sentences=numbers)

    posing = orders_to_a_model(cited)
    if posing:
        yield flag("record", "instructions_in_evidence", f"sentence {posing.number} gives orders to a model")
    for a, b in (("accused", "counterparties"), ("subjects", "counterparties")):
        both = _shared(now(a), now(b))
        if both:
            yield flag(b, "in_two_roles", f"{', '.join(both)} can't stand in {a} and in {b}")
    both = _shared(now("topics"), now("anticipated_topics"))
    if both:
        yield flag("topics", "discussed_and_anticipated", f"{', '.join(both)}: discussed, or only expected?")
    if str(now("stage")) in _DONE and str(now("commitment")) in _HEDGED:
        detail = f"{now('stage')} says that it is so, {now('commitment')} that it may be"
        yield flag("stage", "stage_against_commitment", detail)
    for place in _sourceless(now("attributions"), record.__dict__.get("attributions")):
        yield flag(f"attributions[{place}]", "no_source", "nobody is credited; left out")
    both = _shared(_answering(now("responses"), "denial"), _answering(now("responses"), "admission"))
    if both:
        yield flag("responses", "denies_and_admits", f"{', '.join(both)} can't deny and admit the same")


def _sourceless(kept: Any, drafted: Any) -> list[int]:
    """Return the places of attributions that credit nobody: the checks of names have nothing to say of those."""
    if not isinstance(kept, tuple) or not isinstance(drafted, tuple):
        return []
    return [i for i, a in enumerate(drafted) if isinstance(a, Attribution) and not a.source]


def _answering(responses: Any, kind: str) -> list[Actor]:
    if not isinstance(responses, (tuple, list)):
        return []
    return [a for r in responses if isinstance(r, Response) and r.type == kind for a in r.responders]


def _shared(left: Any, right: Any) -> list[str]:
    """Return what stands on both lists, as the right one has it."""
    if not isinstance(left, (tuple, list)) or not isinstance(right, (tuple, list)):
        return []  # a stranger's field of that name
    forms = {_form(item) for item in left if _text(item)}
    return [_text(item) for item in right if _text(item) and _form(item) in forms]


def _text(item: Any) -> str:
    return item.name if isinstance(item, Actor) else item if isinstance(item, str) else ""


def _form(item: Any) -> str:
    return fold(bare(_text(item)))
