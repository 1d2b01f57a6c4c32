"""Names resolve to mentions: in the cited sentences, by an alias that the article itself uses, or elsewhere in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from communique.documents import Document, Sentence
from communique.grounding.countries import aliases_of, country_code, is_country
from communique.grounding.matching import bare, find, is_cjk

Where = Literal["cited", "alias", "shared", "article", "nowhere"]
_GENERIC = re.compile(
    r"president|minister|prime|foreign|leader|king|queen|general|secretary|government|official|officials|state"
    r"|states|republic|united|north|south|east|west|new|news|agency|party|council|international|world|people"
    r"|ministry"
)
_TITLES = re.compile(
    r"mr|mrs|ms|miss|dr|sir|dame|lord|lady|prof|professor|president|minister|premier|chancellor|marshal|general"
    r"|colonel|major|captain|lieutenant|sergeant|admiral|commander|chairman|chairwoman|chair|chief|comrade"
    r"|governor|mayor|senator|congressman|ambassador|envoy|king|queen|prince|princess|emperor|sheikh|ayatollah"
    r"|pope|bishop|father|secretary|spokesman|spokeswoman|spokesperson|director|judge|justice|deputy|vice|leader"
    r"|lawmaker|representative|herr|frau|präsident|präsidentin|kanzler|ministerin|madame|monsieur|mme|señor"
    r"|señora|don|doña|presidente|presidenta|ministro|ministra|président|ministre"
)
_INSTITUTIONS = re.compile(
    r"group|foundation|university|administration|airport|square|tower|street|institute|company|inc|ltd|ag|gmbh"
    r"|doctrine|plan|cabinet|government|family|campaign|museum|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|january|february|march|april|may|june|july|august|september|october|november|december"
)
_TAKES_NAME = re.compile(r"of|for|de|del|di|du|von|van|der|the|la|le|el")
_OPENERS = re.compile(
    r"the|a|an|however|but|when|while|yesterday|today|tomorrow|then|later|earlier|meanwhile|still|and|as|if"
    r"|after|before|although|though|since|because|until|once|now|also|both|for|so|yet|that|this|in|on|at|by|with"
    r"|to|from|under|like|unlike|even|only|where|how|why|aber|und|als|auch|doch|et|mais|quand|y|pero|cuando"
)
_BEFORE = re.compile(r"(?:^|(?P<stop>[.!?:;,“\"(]\s?|\n))?(?P<word>[^\W\d_][\w’'-]*\.?)\s$")
_BEHIND = re.compile(r"\s(?P<word>[^\W\d_][\w’'-]*)")


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a name stands.

    Attributes:
        where: `cited` (as written), `alias` (another form of it in the cited sentences), `shared` (a short form that another
            name of the article has too), `article` (elsewhere only), `nowhere`.
        aliases: Other forms of the name that the article uses.
        sentences: Numbers of the sentences with it.
    """

    where: Where
    aliases: tuple[str, ...] = ()
    sentences: tuple[int, ...] = ()


def resolve(name: str, cited: Sequence[Sentence], document: Document) -> Mention:
    """Find a name. `Kim` in a cited sentence stands for `Kim Jong Un` where the article has the full name.

    Accepts: "Kim Jong Un" for a sentence with "Kim", in an article that names Kim Jong Un.
    Rejects: "Ewa Holt" where the article says "Eva Holt".
    """
    language = document.language
    form = bare(name)
    within = [s for s in cited if find(form, s.text, language)]
    in_article = bool(within) or find(form, document.text, language) is not None
    forms = _aliases(form, document)
    if within:
        return Mention("cited", forms, tuple(s.number for s in within))
    by_alias = [s.number for s in cited if any(find(a, s.text, language) for a in forms)]
    territory = is_country(form, language)
    if by_alias and (in_article or territory):
        return Mention("alias", forms, tuple(by_alias))
    if in_article:
        shared = [s.number for s in cited if any(find(w, s.text, language) for w in _shared(form, document))]
        if shared:
            return Mention("shared", forms, tuple(shared))
        return Mention(
            "article", forms, tuple(s.number for s in document.sentences if find(form, s.text, language))
        )
    if territory and forms:
        elsewhere = [s.number for s in document.sentences if any(find(a, s.text, language) for a in forms)]
        return Mention("article", forms, tuple(elsewhere))
    return Mention("nowhere")


def _aliases(form: str, document: Document) -> tuple[str, ...]:
    return _forms(form, document.text, document.language)[0]


def _shared(form: str, document: Document) -> tuple[str, ...]:
    return _forms(form, document.text, document.language)[1]


@lru_cache(maxsize=512)
def _forms(form: str, text: str, language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the other forms of a name that the article uses, and the short forms that it shares with another name."""
    found: list[str] = []
    shared: list[str] = []
    code = country_code(form, language) if is_country(form, language) else None
    if code:
        for alias in sorted(aliases_of(code, language)):
            span = find(alias, text, language)
            if span and text[span[0]].isupper():
                found.append(text[slice(*span)])
    elif not is_cjk(form):
        words = form.split()
        if len(words) > 1:
            for word in _short_forms(words, language):
                alone, others = _uses(word, form, text)
                if alone:
                    (shared if others else found).append(word)
            initials = "".join(w[0] for w in words if w[0].isupper())
            if len(initials) >= 3 and initials in text and find(initials, text):
                found.append(initials)
        elif form.isupper() and len(form) >= 3:
            found += _spelled_out(form, text)
    return tuple(a for a in dict.fromkeys(found) if a != form), tuple(dict.fromkeys(shared))


def _short_forms(words: list[str], language: str) -> list[str]:
    """Return the last and the first word of a name where it may stand for the whole: no country, no part behind "of"."""
    titled = any(_TITLES.fullmatch(w.lower()) for w in words[1:])
    found = [words[-1]] if not _TAKES_NAME.fullmatch(words[-2].lower()) else []
    found += [words[0]] if not titled else []
    return [w for w in found if _is_name(w) and country_code(w, language) is None]


def _is_name(word: str) -> bool:
    return len(word) >= 3 and word[0].isupper() and not _GENERIC.fullmatch(word.lower().strip("."))


def _uses(word: str, form: str, text: str) -> tuple[bool, bool]:
    """Return whether a word of a name stands alone in the article, and whether it stands in another name."""
    alone = others = False
    whole = form.find(word) if form.startswith(word) else form.rfind(word)
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        inside = (at > 0 and _word_letter(text[at - 1])) or (end < len(text) and _word_letter(text[end]))
        if not inside and not text.startswith(form, max(at - whole, 0)):
            if _in_other_name(at, end, text):
                others = True
            else:
                alone = True
        at = text.find(word, end)
    return alone, others


def _word_letter(char: str) -> bool:
    return char.isalnum() or char == "_"


def _in_other_name(start: int, end: int, text: str) -> bool:
    behind = _BEHIND.match(text, end)
    if behind and _like_name(behind["word"]) and not _INSTITUTIONS.fullmatch(behind["word"].lower()):
        return True
    before = _BEFORE.search(text, max(start - 40, 0), start)
    if before is None or not _like_name(before["word"]):
        return False
    if before["stop"] is None and before.start() > 0:
        return True
    # At the start of a sentence a capital tells nothing: "However Brask".
    return not _OPENERS.fullmatch(before["word"].lower()) and f" {before['word'].lower()} " not in text


def _like_name(word: str) -> bool:
    if not word[0].isupper() or word.endswith((".", "’s", "'s")):
        return False
    return not _TITLES.fullmatch(word.lower()) and not _GENERIC.fullmatch(word.lower())


def _spelled_out(acronym: str, text: str) -> list[str]:
    pattern = (
        r"\b"
        + r"\w+[\s-]+(?:(?:of|and|for|the|de|des|du|der|und)\s+)*".join(re.escape(c) for c in acronym)
        + r"\w+\b"
    )
    match = re.search(pattern, text)
    return [match.group()] if match else []
