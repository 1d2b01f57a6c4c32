"""Who does what to whom in a sentence that accuses or denies: swapped sides and receivers taken for accused are caught here.

English, German, French and Spanish have fixed patterns: *X accused Y of supplying Z*. What stands between the verb and
the preposition that opens the act is accused; what stands before an active verb accuses; what stands only behind the
preposition does neither. Where the pattern is not there, or the order of the words does not tell, nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from communique.grounding.doers import doers
from communique.grounding.matching import bare, find
from communique.grounding.old_cues import ACCUSATION, cue_pattern


@dataclass(frozen=True, slots=True)
class Sides:
    """The three stretches of an accusing sentence: who accuses, the accused, and what they are accused of."""

    before: str
    accused: str
    behind: str

    def place(self, forms: tuple[str, ...], language: str) -> set[str]:
        """Return in which stretches any of the forms occurs."""
        stretches = {"before": self.before, "accused": self.accused, "behind": self.behind}
        return {k for k, text in stretches.items() if any(find(bare(f), text, language) for f in forms)}


@dataclass(frozen=True, slots=True)
class _Pattern:
    """An accusing verb; the word that opens the act; what, right behind that word, is surely an act."""

    verb: re.Pattern[str]
    link: re.Pattern[str]
    act: re.Pattern[str] | None = None


_GERUND = re.compile(r"\s(?:not |never |having |being |also |both |either )?(?:[a-z]+ly )?[a-z-]+ing\b")
_INFINITIVE_FR = re.compile(
    r"\s?(?:ne (?:pas )?|l['’]|s['’]|se |les? )?(?:avoir|être|[a-zéèê]+(?:er|ir|re|oir))\b"
)
_INFINITIVE_ES = re.compile(r"\s(?:no )?(?:haber|[a-zíáñ]+(?:ar|er|ir)(?:se|les?|l[oa]s?)?)\b")
_PATTERNS = {
    "en": (
        _Pattern(re.compile(r"\b(?:accus|suspect)(?:ed|es|e|s|ing)?\s"), re.compile(r"\sof\b"), _GERUND),
        _Pattern(re.compile(r"\bblam(?:ed|es|e|ing)\s"), re.compile(r"\sfor\b")),
        _Pattern(re.compile(r"\bcharg(?:ed|es|ing)\s"), re.compile(r"\swith\b")),
        _Pattern(re.compile(r"\b(?:condemn|denounc|criticiz|criticis)(?:ed|es|s|ing)\s"), re.compile(r"\sfor\b")),
    ),
    "de": (
        _Pattern(
            re.compile(r"\b(?:beschuldig|bezichtig)(?:te|ten|t|en)\s"), re.compile(r",?\s(?:zu|des|der)\b|,\s")
        ),
        _Pattern(re.compile(r"\bw(?:arf|arfen|irft|erfen)\s"), re.compile(r"\svor\b")),
        _Pattern(re.compile(r"\b(?:hat|haben|hatte|hatten)\s"), re.compile(r"\svorgeworfen\b")),
    ),
    "fr": (
        _Pattern(
            re.compile(r"\baccus(?:é|e|ent|ait|aient|er)\s"), re.compile(r"\s(?:de\b|d['’])"), _INFINITIVE_FR
        ),
    ),
    "es": (
        _Pattern(
            re.compile(
                r"\bacus(?:ó|a|an|aron|aba|ado)\s(?:(?:el|este|esta)\s\w+\s|ayer\s|hoy\s|también\s|nuevamente\s)?al?\s"
            ),
            re.compile(r"\sde\b"),
            _INFINITIVE_ES,
        ),
    ),
}  # fmt: skip
_THAT = re.compile(
    r"\b(?:suspect(?:ed|s)?|speculat(?:ed|es|e|ing)|alleg(?:ed|es|ing)|warn(?:ed|s|ing))\s"
    r"(?=that\b(?!\s(?:he|she|it|they|his|her|its|their)\b))"
)
_DISMAYED = re.compile(
    r"\b(?:condemn(?:ed|s|ing)?|denounc(?:ed|es|ing)|deplor(?:ed|es|ing)"
    r"|express(?:ed|es|ing)?\s(?:\w+\s){0,2}(?:concerns?|alarm|outrage|dismay)\s(?:over|about|at))\s"
)
_BLAME_ON = re.compile(
    r"\bblam(?:ed|es|e|ing)\s[^;:]{1,80}?\son\s(?!(?:mon|tues|wednes|thurs|fri|satur|sun)day)", re.IGNORECASE
)
_PASSIVE = re.compile(
    r"\b(?:was|were|is|are|been|being|be|wurde|wurden|werden|été|fue|fueron)\s+(?:\w+\s+)?$"
)
_END = re.compile(r"[;:]|(?<![A-Z])\.(?=\s|$)")
_NOUN = re.compile(
    r"\b(?:an?|the|of|by|with|two|three|other|some|many|its|his|her|their|against)\s$", re.IGNORECASE
)
_CLAUSE = re.compile(r",|\b(?:that|who|which|said|says|and|but)\b")
_REACH = 200

# Nouns that take a name or a thing behind "of": the name goes on.
_HEADS = re.compile(
    r"\b(?:republic|kingdom|state|states|federation|union|emirate|principality|government|bank|university|island|city|president"
    r"|prime minister|king|queen|prince|governor|mayor|république|royaume|gouvernement|república|reino|gobierno)$",
    re.IGNORECASE,
)
_HOLDING = re.compile(
    r"\b(?:ministry|minister|secretary|department|chamber|court|board|office|chief|head|group|members?|one|some|two|three|dozens"
    r"|hundreds|thousands|ministère|ministre|ministerio|ministro|grupo|groupe|membres|miembros)$",
    re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"(?:^|,\s)(?:the|an?|its|his|her|their|la|le|les|l['’]|el|los|las|un[ae]?)\b\s?[^,]*$"
)
_NAME_NEXT = re.compile(r"\s?(?:(?:the|la|le|les|el|los|las)\s|l['’])?[A-ZÀ-ÖØ-Þ]")

# German puts the verb second: behind a fronted adverbial or object the subject follows the verb.
_FRONTED = re.compile(
    r"^(?:(?:und|aber|doch)\s)?(?:am|im|in|an|auf|bei|vor|nach|seit|mit|zu|zum|zur|unter|wegen|trotz|laut|für|gegen|zuvor|danach|daraufhin"
    r"|zugleich|gleichzeitig|auch|zudem|außerdem|später|dabei|dafür|darin|dort|nun|jetzt|gestern|heute|bereits|erst|schon|dem|den"
    r"|denen|ihm|ihr|ihnen|ihn|einem|einen)\b",
    re.IGNORECASE,
)


def sides(sentence: str, language: str) -> Sides | None:
    """Split a sentence at its first accusing verb, or return None.

    Example: "Tokyo accused the Republic of Korea of theft" has "the Republic of Korea" as the accused.
    """
    return next(iter(all_sides(sentence, language)), None)


@lru_cache(maxsize=2048)
def all_sides(sentence: str, language: str) -> tuple[Sides, ...]:
    """Split a sentence at each of its accusing verbs, in order: two may accuse each other in one sentence."""
    found: list[tuple[int, Sides]] = []
    for pattern in _PATTERNS.get(language, ()):
        for match in pattern.verb.finditer(sentence):
            parts = _split(sentence, match, pattern, language)
            if parts is not None:
                found.append((match.start(), parts))
    if language == "en":
        for blamed in _BLAME_ON.finditer(sentence):
            accused = re.split(r",\s", _clause(sentence, blamed.end()))[0]
            parts = Sides(sentence[: blamed.start()], accused, sentence[blamed.end() + len(accused) :])
            found.append((blamed.start(), parts))
        for that in _THAT.finditer(sentence):
            parts = Sides(sentence[: that.start()], _clause(sentence, that.end()), "")
            found.append((that.start(), parts))
        found += _dismayed(sentence)
    return tuple(parts for _, parts in sorted(found, key=lambda f: f[0]))


def _dismayed(sentence: str) -> Iterator[tuple[int, Sides]]:
    """Split "Klow condemned attacks carried out by Zenda": who did it is accused, who condemns it is not."""
    spans = doers(sentence, "en")
    for match in _DISMAYED.finditer(sentence) if spans else ():
        before = sentence[: match.start()]
        doer = next((sentence[slice(*s)] for s in spans if s[0] > match.end()), None)
        if doer is not None and not (_PASSIVE.search(before) or _NOUN.search(before)):
            yield match.start(), Sides(before, doer, "")


def _clause(sentence: str, start: int) -> str:
    end = _END.search(sentence, start)
    return sentence[start : min(end.start() if end else len(sentence), start + _REACH)]


def _split(sentence: str, match: re.Match[str], pattern: _Pattern, language: str) -> Sides | None:
    before, clause = sentence[: match.start()], _clause(sentence, match.end())
    passive = language == "en" and (_PASSIVE.search(before) is not None or clause.startswith("by "))
    if passive:
        return _passive(before, clause, pattern.link)
    apposed = match.group().startswith("suspected") and before.endswith(", ")
    if language == "en" and (_NOUN.search(before) or apposed):
        return None
    if _PASSIVE.search(before) or re.match(r"(?:of|for|with|that|de|d['’])\b", clause):
        return None
    if language == "de" and _FRONTED.match(re.split(r"[,;:]\s", before)[-1]):
        return None
    links = list(pattern.link.finditer(clause))
    chosen = next(
        (k for i, k in enumerate(links) if _opens(clause, k, pattern.act, last=i == len(links) - 1)), None
    )
    if chosen is None or not clause[: chosen.start()].strip():
        return None
    return Sides(before, clause[: chosen.start()], sentence[match.end() + chosen.start() :])


def _opens(clause: str, link: re.Match[str], act: re.Pattern[str] | None, *, last: bool) -> bool:
    """Tell whether the preposition opens the act: not where it goes on with a name and another one follows."""
    if act is None or last or act.match(clause, link.end()):
        return True
    head = clause[: link.start()]
    if _HOLDING.search(head):
        return False
    return not (_NAME_NEXT.match(clause, link.end()) and (_HEADS.search(head) or _DETERMINER.search(head)))


def _passive(before: str, clause: str, link: re.Pattern[str]) -> Sides | None:
    """Split "Ruritania was accused of theft by Klow"; only what stands close before the verb is surely the accused."""
    accused = _CLAUSE.split(_PASSIVE.sub("", before))[-1]
    opening = link.search(f" {clause}")
    if opening is None or not accused.strip():
        return None
    at = max(opening.start() - 1, 0)
    by, act = clause[:at].removeprefix("by "), clause[at:]
    if not by.strip() and " by " in act:
        act, _, by = act.partition(" by ")
    return Sides(by, accused, act)


_DENIES = {
    "en": re.compile(
        r"\b(?P<deny>den(?:y|ies|ied)|disavow(?:s|ed)?)\b|\b(?:reject(?:s|ed)?|dismiss(?:es|ed)?|refut(?:es|ed|e)|disput(?:es|ed|e)"
        r"|rebuff(?:s|ed))\b"
    ),
    "de": re.compile(
        r"\b(?P<deny>bestreite[tn]|bestritt(?:en)?|dementier(?:t|te|ten|en)|leugne(?:t|te|ten|n))\b|\bw(?:ies(?:en)?|eist|eisen)\b(?=.{1,80}\bzurück)"
    ),
    "fr": re.compile(
        r"\b(?P<deny>(?:(?:a|ont|avait|avaient)\s(?:\w+\s)?(?:démenti|nié|réfuté|contesté))|dément(?:ent)?|ni(?:e|ent|ait))\b"
        r"|\b(?:(?:a|ont)\s(?:\w+\s)?rejeté|rejett?e(?:nt)?)\b"
    ),
    "es": re.compile(
        r"\b(?P<deny>neg(?:ó|aron)|niegan?|han?\snegado|desm(?:intió|intieron|ienten?)|han?\sdesmentido)\b"
        r"|\b(?:rechaz(?:ó|aron|an?)|han?\srechazado)\b"
    ),
}
_COUNTERS = {
    "en": re.compile(
        r"\b(?:accus(?:es|ed|ing|e)|blam(?:es|ed|ing|e)|denounc\w+|condemn\w+|charg(?:es|ed|ing) |suspect(?:s|ed)? |instead|alleg(?:es|ed|ing) (?:that|[A-Z])"
        r"|claim(?:s|ed|ing)? that|sa(?:id|ys|ying) (?!on\b|in\b|at\b)\w)"
    ),
    "de": re.compile(
        r"\b(?:beschuldig\w+|bezichtig\w+|w(?:arf|irft|arfen|erfen)\b.*\bvor\b|vielmehr|stattdessen|kritisier\w+|verurteil\w+|sagt?e?,? (?:d\w\w|\w+ (?:hab|sei)))"
    ),
    "fr": re.compile(r"\b(?:accus(?:e|ent|ant|é)\b|dénonc\w+|reproch\w+|au contraire|condamn\w+)"),
    "es": re.compile(r"\b(?:acus(?:ó|an?|aron|ando|ado)\b|denunci\w+|culp\w+|conden\w+|en cambio)"),
}
_CLAIM_NOUNS = re.compile(
    r"\b(?:accusations?|allegations?|claims?|charges?|vorw[uü]rfe?n?|behauptung\w*|allégations?|acusaci(?:ón|ones)|denuncias?)\b",
    re.IGNORECASE,
)
_NO_DENIAL = re.compile(
    r"\bdenied (?:entry|access|a visa|a permit|the right|bail)|\b(?:not|never|cannot|n['’]t|nicht|ni|no)\s(?:\w+\s)?$"
)


def denier(sentence: str, language: str) -> str | None:
    """Return what stands before the verb of a sentence that denies and accuses nobody, or None.

    Example: "Pyongyang denied that it ships arms" gives "Pyongyang "; "Borduria denied it and accused Freedonia" nothing.
    """
    pattern = _DENIES.get(language)
    match = pattern.search(sentence) if pattern else None
    if match is None:
        return None
    before = sentence[: match.start()]
    if _PASSIVE.search(before) or _NO_DENIAL.search(before) or _NO_DENIAL.match(sentence, match.start()):
        return None
    if _COUNTERS[language].search(sentence):
        return None
    plain = _CLAIM_NOUNS.sub(" ", sentence)
    if match["deny"] is None and cue_pattern(ACCUSATION[language]).search(plain):
        return None
    return before
