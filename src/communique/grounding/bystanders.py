"""Names in a meeting's sentences that do not meet: the place where others do, and the region in somebody's title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from communique.documents import Document, Sentence
from communique.grounding.matching import bare, find
from communique.schemas import Actor, Check, Meeting, Record

_IN = {
    "en": re.compile(r"(?P<word>[\w’'-]+)?(?:^|\s|[,(])[Ii]n\s(?:the\s)?$"),
    "de": re.compile(r"(?P<word>[\w’'-]+)?(?:^|\s|[,(])(?:[Ii]n(?:\sder|\sden)?|[Ii]m)\s$"),
    "fr": re.compile(r"(?P<word>[\w’'-]+)?(?:^|\s|[,(])[Ee]n\s$"),
    "es": re.compile(r"(?P<word>[\w’'-]+)?(?:^|\s|[,(])[Ee]n\s(?:el\s|la\s)?$"),
}
# "the government in Klow" speaks of people by their place; an interest in Klow is no place.
_STANDS_FOR = {
    "en": r"officials?|governments?|authorities|leaders?|leadership|counterparts?|ministers?|ministry|regime|rulers?|diplomats?|prosecutors"
    r"|administration|partners?|colleagues?|friends|allies|rebels?|people|parties|groups?|factions?|residents|workers|companies|firms"
    r"|lawmakers|forces|troops|generals|counterpart|envoys?|delegations?|power|interests?|trust|confidence|faith|believ\w+|stakes?"
    r"|invest\w*|shares?|involv\w+|engag\w+|particip\w+|role|changes?",
    "de": r"regierung|behörden|führung|machthabern?|kollegen?|amtskolleg\w+|vertretern?|beamten?|partnern?|rebellen|firmen|botschaftern?"
    r"|interesse|vertrauen|investi\w+|macht",
    "fr": r"gouvernement|autorités|dirigeants|responsables|homologues?|partenaires|rebelles|entreprises|confiance|intérêts?|pouvoir",
    "es": r"gobierno|autoridades|dirigentes|funcionarios|homólog\w+|socios|rebeldes|empresas|confianza|interés|intereses|poder",
}
_BODY = re.compile(
    r"\b(?:council|league|union|parliament|assembly|congress|senate|committee|court|commission|house|nations|organi[sz]ation|bank|group"
    r"|forum|alliance|ministry|embassy|party|cabinet|bloc|summit|conference|rat|bund|parlament|bundestag|kommission|gericht|conseil|ligue"
    r"|parlement|assemblée|sénat|commission|tribunal|consejo|liga|unión|parlamento|asamblea|senado|comisión)\b|^(?-i:[A-Z]{3,}\d*|[A-Z]\d+)$",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(
    r"['’]s?\b|\s(?:government|delegations?|officials?|side|team|ministry|ministers?|envoys?)\b",
    re.IGNORECASE,
)
_LONGER = re.compile(r"\s[A-ZÀ-ÖØ-Þ]")
"""The name goes on: "in the Russian Far East" says nothing of "Russian"."""
_TITLES = {
    "en": r"(?:governor|president|prime minister|premier|minister|king|queen|prince|emir|sultan|chancellor|mayor|head|leader|chief"
    r"|chair(?:man|woman)?|ambassador|archbishop|bishop)\sof\s(?:the\s)?",
    "de": r"(?:gouverneur(?:in)?|präsident(?:in)?|ministerpräsident(?:in)?|kanzler(?:in)?|könig(?:in)?|bürgermeister(?:in)?)\s(?:von|der|des)\s",
    "fr": r"(?:gouverneure?|présidente?|roi|reine|chef|maire|ministre)\s(?:de\s(?:la\s|l['’])?|du\s|des\s|d['’])",
    "es": r"(?:gobernadora?|president[ea]|rey|reina|jefe|alcalde(?:sa)?|ministr[oa])\s(?:de\s(?:la\s|las\s|los\s)?|del\s)",
}
# Behind a name: "Odo Brask, the governor of"; not in a list, "Odo Brask, the governor of Zenda and Ilya Tarn".
_APPOSED = re.compile(
    r"(?:,|\s\()\s?(?:who\s(?:is|was)\s)?(?:(?:the|der|die|le|la|el)\s)?(?:(?!and\b|und\b|et\b|y\b)[\w-]+\s){0,2}"
)
_LISTED = re.compile(r",?\s(?:and|or|as well as|und|sowie|et|y)\b")


def bystanders(
    record: Record, update: dict[str, Any], cited: Sequence[Sentence], document: Document
) -> list[Check]:
    """Drop from a meeting's participants the place of the meeting and the region in another participant's title.

    Accepts: "Klow" for "Brask met the government in Klow", and "Mexico" for "the president of Mexico met Odo Brask".
    Rejects: "Geneva" for "Brask and Tarn met in Geneva"; "Zenda" beside "Odo Brask, the governor of Zenda".

    Args:
        record: The draft.
        update: Its actors that resolved, by role; changed in place.
        cited: Its evidence.
        document: The document.
    """
    if not isinstance(record, Meeting):
        return []
    checks: list[Check] = []
    people: tuple[Actor, ...] = tuple(update.get("participants", ()))
    for actor in people:
        others = [a for a in update["participants"] if a is not actor]
        found = [(s, span) for s in cited for span in _spans(actor, s.text, document.language)]
        if not found:
            continue
        if not _BODY.search(bare(actor.name)) and all(
            _is_where(s.text, span, document.language) for s, span in found
        ):
            reason, why = "place_not_participant", "is where they meet"
        elif all(_in_title_of(others, s.text, span, document.language) for s, span in found):
            reason, why = "title_not_participant", "stands in the title of another participant"
        else:
            continue
        numbers = tuple(dict.fromkeys(s.number for s, _ in found))
        detail = f"{actor.name!r} {why}"
        checks.append(
            Check(field="participants", outcome="failed", reason=reason, detail=detail, sentences=numbers)
        )
        update["participants"] = tuple(others)
    return checks


def _spans(actor: Actor, text: str, language: str) -> Iterator[tuple[int, int]]:
    """Yield every place of a name in a text, each once, whichever of its forms stands there."""
    for form in sorted({bare(n) for n in (actor.name, *actor.aliases)}, key=len, reverse=True):
        while span := find(form, text, language):
            yield span
            text = f"{text[: span[0]]}{'_' * (span[1] - span[0])}{text[span[1] :]}"


def _is_where(text: str, span: tuple[int, int], language: str) -> bool:
    pattern = _IN.get(language)
    before = pattern.search(text[: span[0]]) if pattern else None
    if before is None or not text[span[0]].isupper() or _ADJECTIVE.match(text, span[1]):
        return False
    if _LONGER.match(text, span[1]):
        return False
    return not (before["word"] and _stands_for(language).fullmatch(before["word"]))


def _in_title_of(others: Sequence[Actor], text: str, span: tuple[int, int], language: str) -> bool:
    """Tell whether a name ends a title that stands beside another participant, or within one's name."""
    title = _title(language).search(text[: span[0]]) if language in _TITLES else None
    if title is None:
        return False
    for start, end in (s for other in others for s in _spans(other, text, language)):
        if start <= title.start() and span[1] <= end:
            return True
        apposed = end <= title.start() and _APPOSED.fullmatch(text, end, title.start())
        if apposed and not _LISTED.match(text, span[1]):
            return True
    return False


@lru_cache(maxsize=8)
def _stands_for(language: str) -> re.Pattern[str]:
    return re.compile(_STANDS_FOR[language], re.IGNORECASE)


@lru_cache(maxsize=8)
def _title(language: str) -> re.Pattern[str]:
    return re.compile(rf"\b{_TITLES[language]}$", re.IGNORECASE)
