"""Tell-tale words: where the words of the evidence contradict a choice, and a rule is safe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from communique.documents import Sentence
from communique.grounding.old_cues import (
    CANCELLED,
    DENIAL,
    DOUBT,
    PLANNED,
    SPORT,
    STRONG_DOUBT,
    Cues,
    cue_pattern,
    cues_of,
)
from communique.schemas import Allegation, Check, Meeting, Record, SanctionsConcern

_OPINION = {
    "en": re.compile(r"\b(consider(s|ed)?|deem(s|ed)?|regard(s|ed)?|view(s|ed)?|see(s|n)?)\b", re.IGNORECASE),
}
# Words of law, which a worry has as well as an accusation.
_BREACH = {
    "en": re.compile(r"(violat|breach|illegal|unlawful|evad|circumvent)\w*", re.IGNORECASE),
    "de": re.compile(r"(verletz|verstö|verstoß|illegal)\w*", re.IGNORECASE),
    "fr": re.compile(r"(viol|illégal)\w*", re.IGNORECASE),
    "es": re.compile(r"(viol|ilegal)\w*", re.IGNORECASE),
}
_SUSPECTS = {
    "en": re.compile(
        r"(?<!\ba )(?<!\bthe )\b(suspect(s|ed)?\s(that\b|(?!of\b)([\w’'.-]+\s){1,6}of\b)|fear(s|ed)? that\b|(worried|concerned) that\b)"
    ),
    "de": re.compile(r"\b(vermut(et|en|ete|eten)|(be)?fürcht(et|en|ete|eten)|verdächtig(t|en|te|ten))\b"),
    "fr": re.compile(r"\b(soupçonn(e|ent|ait|aient)|crai(nt|gnent|gnait))\b"),
    "es": re.compile(r"\b(sospech(a|an|ó|aba)|tem(e|en|ía))\b"),
}
_ACCUSES = {
    "en": re.compile(r"\b(accus(es?|ed|ing)|blam(es?|ed|ing)|charg(es?|ed|ing)|denounc\w+)\b", re.IGNORECASE),
    "de": re.compile(r"\b(beschuldig\w+|bezichtig\w+|w[ai]rf\w*|vorgeworfen)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(accus(e|ent|é|ait)|dénonc\w+|reproch\w+)\b", re.IGNORECASE),
    "es": re.compile(r"\b(acus(ó|an?|aron|ado)|denunci(ó|an?))\b", re.IGNORECASE),
}
_REPORT = re.compile(
    r"\b(said|says|told|reported|reports|announced|stated|added|wrote|tweeted|confirmed|quoted|according to|sagte|teilte|berichtete"
    r"|meldete|erklärte|a déclaré|a annoncé|a rapporté|selon|dijo|informó|anunció|declaró|según)\b[^.;]{0,70}$",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\b(that|who|which|met|meet|talks|meeting|held|dass|das|que|qui|se)\b|\b(will|would|to)\s+\w+",
    re.IGNORECASE,
)
_ANTICIPATION = re.compile(
    r"\b(anticipat\w+|expect\w+|hop(es|ed|ing)|plan(s|ned)? to|will|would|erwartet\w*|attend\w*|prévu\w*|espera\w*|prevé\w*)\b",
    re.IGNORECASE,
)


def has(cues: Cues, language: str, text: str) -> bool | None:
    """Tell whether a text has one of the words; None where the language has no list."""
    expression = cues.get(language)
    return None if expression is None else cue_pattern(expression).search(text) is not None


def cue_in(cues: Cues, language: str, text: str) -> str:
    """Return the first of the words as it stands in the text, or ""."""
    return next(cues_in(cues, language, text), "")


def cues_in(cues: Cues, language: str, text: str) -> Iterator[str]:
    """Yield the words that the text has, as they stand there, in order."""
    expression = cues.get(language)
    if expression is not None:
        yield from (match.group() for match in cue_pattern(expression).finditer(text))


def kind_check(
    record: Record, cited: Sequence[Sentence], around: Sequence[Sentence], language: str
) -> Check | None:
    """Check that the evidence has the usual words for the record type.

    Accepts: a SanctionsConcern whose sentence says "violating U.N. sanctions".
    Rejects: one about arms whose sentence names no sanctions, embargo, export control, designation or resolution.
    """
    text = " ".join(s.text for s in cited)
    numbers = tuple(s.number for s in cited)
    if isinstance(record, Meeting) and (sport := _sport(text, around, language)):
        return Check(
            field="record",
            outcome="failed",
            reason="sport_not_diplomacy",
            detail=f"the cited sentence is about sport: {sport!r}",
            sentences=numbers,
        )
    if has(cues_of(record), language, text) is not False:
        return _worry(record, text, numbers, language)
    if isinstance(record, SanctionsConcern):
        near = any(has(cues_of(record), language, s.text) for s in around)
        outcome = "flagged" if near else "failed"
        return Check(
            field="record",
            outcome=outcome,
            reason="no_sanctions_in_evidence",
            detail="the cited sentences speak of no sanctions, embargo, export control, designation or resolution",
            sentences=numbers,
        )
    opinion = _OPINION.get(language)
    if isinstance(record, Allegation) and opinion and opinion.search(text):
        return Check(
            field="record",
            outcome="failed",
            reason="opinion_not_allegation",
            detail="the cited sentences hold an opinion, not an accusation of a wrong act",
            sentences=numbers,
        )
    return Check(
        field="record",
        outcome="flagged",
        reason="no_usual_words",
        detail="the cited sentences have none of the usual words for this kind of record",
        sentences=numbers,
    )


_STANDS_FOR = {
    "en": re.compile(
        r"\b(?:they|them|he|she|his|her|him|we|us|i|both|two|three|four|five|six|who|sides?|leaders?|ministers?|officials?|delegations?"
        r"|presidents?|envoys?|diplomats?|representatives|parties|counterparts?|neighbou?rs|countries|nations|governments?|group)\b",
        re.IGNORECASE,
    )
}
"""Words that stand for people named elsewhere: with them, a meeting needs no name of its own."""
_ELSEWHERE = frozenset({"in_neighbouring_sentence", "elsewhere_in_article"})


def nobody_check(
    record: Record, names: Sequence[Check], cited: Sequence[Sentence], language: str
) -> Check | None:
    """Check that a meeting's sentences name one of those who meet, or have a word that stands for them.

    Rejects: "The stand met all the rules" as a meeting of two clubs that other sentences name.

    Args:
        record: The draft.
        names: What the checks of its names said.
        cited: Its evidence.
        language: Of the article.
    """
    stands_for = _STANDS_FOR.get(language)
    if not isinstance(record, Meeting) or stands_for is None:
        return None
    found = [c for c in names if c.outcome != "failed" and c.field.startswith("participants")]
    if not found or any(c.reason not in _ELSEWHERE for c in found):
        return None
    if any(stands_for.search(s.text) for s in cited):
        return None
    return Check(
        field="record",
        outcome="failed",
        reason="nobody_in_evidence",
        detail="the cited sentences name none of those who meet, and nothing stands for them",
        sentences=tuple(s.number for s in cited),
    )


def _sport(text: str, around: Sequence[Sentence], language: str) -> str:
    """Return the word that shows sport: in the sentence, or different ones in both of its neighbours."""
    word = cue_in(SPORT, language, text)
    if word or len(around) < 2:
        return word
    near = [cue_in(SPORT, language, s.text).casefold() for s in around]
    return near[0] if all(near) and len(set(near)) > 1 else ""


def _worry(record: Record, text: str, numbers: tuple[int, ...], language: str) -> Check | None:
    """Flag an allegation whose words of accusation only say what a doubtful act would breach."""
    breach = _BREACH.get(language)
    if not isinstance(record, Allegation) or breach is None or not has(STRONG_DOUBT, language, text):
        return None
    if not all(breach.fullmatch(word) for word in cues_in(cues_of(record), language, text)):
        return None
    return Check(
        field="record",
        outcome="flagged",
        reason="worry_not_accusation",
        detail="the cited sentences say what may be, and what that would breach; nobody is accused",
        sentences=numbers,
    )


def _suspects(language: str, text: str) -> bool:
    suspicion, accusation = _SUSPECTS.get(language), _ACCUSES.get(language)
    return bool(suspicion and suspicion.search(text) and not (accusation and accusation.search(text)))


def choice_of(record: Record, field: str, value: str, text: str, language: str) -> tuple[str, str] | None:
    """Return (rule, value that the words allow) where the words contradict the choice, or None.

    Rules: `doubt_words` (might, may be, speculating: not asserted, not found), `no_doubt_words`, `no_cancelling_words`,
    `plan_words` (will meet: not held), `no_plan_words` (met: not planned).
    """
    if (
        field == "commitment"
        and value == "asserted"
        and (has(STRONG_DOUBT, language, text) or _suspects(language, text))
    ):
        return "doubt_words", "possible"
    if field == "commitment" and value in {"possible", "probable"} and has(DOUBT, language, text) is False:
        return "no_doubt_words", "asserted"
    if field == "stage" and value in {"found", "alleged"} and has(STRONG_DOUBT, language, text):
        return "doubt_words", "potential"
    if field != "status" or not isinstance(record, Meeting):
        return None
    cancelled, planned = has(CANCELLED, language, text), has(PLANNED, language, text)
    past = _past(language, text)
    if value == "cancelled" and cancelled is False:
        return "no_cancelling_words", "planned" if planned and not past else "held"
    if value in {"planned", "proposed"} and planned is False:
        return "no_plan_words", "held"
    if value in {"held", "ongoing"} and planned and past is False:
        return "plan_words", "planned"
    return None


_PAST = {
    "en": re.compile(
        r"\b(met|held|hosted|visited|gathered|spoke|convened|received|attended|began|opened|concluded|ended|took part|discussed)\b",
        re.IGNORECASE,
    ),
    "de": re.compile(
        r"\b(traf(en)?|getroffen|besuchte\w*|empfing\w*|fand(en)?|hielt(en)?|sprach(en)?|tagte\w*)\b",
        re.IGNORECASE,
    ),
    "fr": re.compile(
        r"\b(a rencontré|ont rencontré|s['’]est|se sont|a reçu|a visité|ont tenu|a eu lieu)\b", re.IGNORECASE
    ),
    "es": re.compile(
        r"\b(se reuni(ó|eron)|visitó|recibió|mantuv\w+|celebr(ó|aron)|se entrevist\w+)\b", re.IGNORECASE
    ),
}


def _past(language: str, text: str) -> bool | None:
    pattern = _PAST.get(language)
    return None if pattern is None else bool(pattern.search(text))


def is_report_date(words: str, sentence: str) -> bool:
    """Tell whether time words belong to a verb of saying: "as reported by … on Wednesday", not to the event."""
    at = sentence.lower().find(words.lower())
    if at < 0:
        return False
    match = _REPORT.search(sentence[:at])
    return match is not None and not _CLAUSE.search(sentence[match.start() + len(match[1]) : at])


def only_anticipated(words: str, found: Sequence[Sentence]) -> bool:
    """Tell whether a topic stands only in sentences about what is expected beforehand."""
    return bool(found) and all(
        _ANTICIPATION.search(s.text[: max(s.text.lower().find(words.lower()), 0)]) for s in found
    )


def denies(text: str, language: str) -> bool | None:
    """Tell whether a sentence denies; None where the language has no list."""
    return has(DENIAL, language, text)
