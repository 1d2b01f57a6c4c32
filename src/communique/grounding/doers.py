"""Who is said to have done it: the agent that a sentence names behind a wrong act. Such a one accuses nobody with it.

*attacks perpetrated by X*, *a theft blamed on X*: X is the accused. What is carried out may as well be an inquiry, so that the
weaker verbs need a wrong act before them, and no inquiry.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WRONG = {
    "en": r"(?:cyber-?)?(?:attacks?|assaults?|bombings?|killings?|murders?|massacres?|heists?|thefts?|hack(?:s|ings?)?|kidnappings?"
    r"|abductions?|poisonings?|sabotage|assassinations?|atrocit(?:y|ies)|(?:war )?crimes?|abuses?|violations?|genocide|fraud"
    r"|robber(?:y|ies)|shellings?|blasts?|explosions?|arson|torture|rapes?|smuggling|deaths?|breaches|intrusions?)",
    "de": r"(?:\w*(?:angriffe?n?|anschl[aä]ge?n?|morde?n?|massakern?|verbrechen|diebst[aä]hle?n?|straftaten|gräueltaten))",
    "fr": r"(?:(?:cyber)?attaques?|attentats?|meurtres?|massacres?|vols?|crimes?|atrocités|exactions|assassinats?|violations?)",
    "es": r"(?:(?:ciber)?ataques?|atentados?|asesinatos?|masacres?|robos?|crímenes|crimen|atrocidades|violaciones|violación)",
}
_SURE = {
    "en": r"perpetrated by|(?:blamed|pinned) on(?! (?:mon|tues|wednes|thurs|fri|satur|sun)day)",
    "de": r"verübt (?:von|durch)",
    "fr": r"perpétrée?s? par|imputée?s? (?:à|aux?)",
    "es": r"perpetrad[oa]s? por|imputad[oa]s? al?",
}
_DONE = {
    "en": r"(?:carried out|committed|orchestrated|masterminded|staged|launched) by|(?:attributed|ascribed) to",
    "de": r"begangen (?:von|durch)",
    "fr": r"commis(?:es?)? par|attribuée?s? (?:à|aux?)",
    "es": r"cometid[oa]s? por|atribuid[oa]s? al?",
}
_INQUIRY = re.compile(
    r"\b(?:investigat|inquir|enquir|probe|stud(?:y|ies)|survey|analys|review|audit|search|report|hearing|trial|respons|retaliat|reprisal"
    r"|rescue|operation|crackdown|untersuch|ermittlung|enquête|étude|analyse|rapport|investigaci|estudio|análisis|informe)",
    re.IGNORECASE,
)
_END = re.compile(
    r"[,;:()]|(?<![A-Z])\.(?=\s|$)|\s(?:and|or|but|against|in|on|at|to|into|that|which|who|whose|during|since|with|over|for|as|when|after"
    r"|before|while|from|under|through|between|near|has|have|had|is|was|were|are|will|would|could|may|might|und|oder|gegen|am|im|auf"
    r"|seit|mit|nach|vor|et|ou|contre|en|dans|depuis|avec|après|qui|que|y|o|contra|desde|con|tras)\b"
)
_NAME = re.compile(
    r"(?:(?!of\b|de\b|von\b)[^\WA-ZÀ-ÖØ-Þ][\w’'-]*\s){0,3}[A-ZÀ-ÖØ-Þ][\w.’'-]*"
    r"(?:\s(?:(?:of|de|la|du|des|del|von|the)\s){0,2}[A-ZÀ-ÖØ-Þ][\w.’'-]*)*"
)
_GOES_ON = re.compile(r"[,\s]+(?:which|who|whose|der|die|das|qui|que|quien|quienes)\b")


@lru_cache(maxsize=2048)
def doers(sentence: str, language: str) -> tuple[tuple[int, int], ...]:
    """Return the half-open spans of the names of those whom a sentence calls the doers of a wrong act.

    Example: "heists perpetrated by the DPRK" gives the span of "the DPRK"; "an inquiry carried out by the U.N." nothing.
    What goes on with a relative clause is left out: "attacks blamed on Klow, which accused Zenda".
    """
    if language not in _SURE:
        return ()
    found = []
    for match in _expression(language).finditer(sentence):
        if match["done"] and _INQUIRY.search(_same_clause(sentence[: match.start()])):
            continue
        end = _END.search(sentence, match.end())
        stop = end.start() if end else len(sentence)
        name = _NAME.match(sentence, match.end(), stop)
        stop = name.end() if name else stop
        if sentence[match.end() : stop].strip() and not _GOES_ON.match(sentence, stop):
            found.append((match.end(), stop))
    return tuple(found)


@lru_cache(maxsize=8)
def _expression(language: str) -> re.Pattern[str]:
    act = rf"\b{_WRONG[language]}\b[^,.;:]{{0,60}}?\s(?P<done>{_DONE[language]})\s"
    return re.compile(rf"{act}|\b(?:{_SURE[language]})\s", re.IGNORECASE)


def _same_clause(before: str) -> str:
    return re.split(r"[,;:.]\s", before)[-1]
