"""Names resolve to mentions: in the cited sentences, by an alias that the article itself uses, or elsewhere in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from communique.documents import Document, Sentence
from communique.grounding.matching import bare, find, is_cjk
from communique.grounding.territories import aliases_of, country_code, is_country

Where = Literal["cited", "alias", "article", "nowhere"]
_GENERIC = frozenset(
    [
        "president",
        "minister",
        "prime",
        "foreign",
        "leader",
        "king",
        "queen",
        "general",
        "secretary",
        "government",
        "official",
        "officials",
        "state",
        "states",
        "republic",
        "united",
        "north",
        "south",
        "east",
        "west",
        "new",
        "news",
        "agency",
        "party",
        "council",
        "international",
        "world",
        "people",
        "ministry",
    ]
)


@dataclass(frozen=True, slots=True)
class Mention:
    """Where a name stands.

    Attributes:
        where: `cited` (as written), `alias` (another form of it in the cited sentences), `article` (elsewhere only),
            `nowhere`.
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
        return Mention(
            "article", forms, tuple(s.number for s in document.sentences if find(form, s.text, language))
        )
    if territory and forms:
        elsewhere = [s.number for s in document.sentences if any(find(a, s.text, language) for a in forms)]
        return Mention("article", forms, tuple(elsewhere))
    return Mention("nowhere")


def _aliases(form: str, document: Document) -> tuple[str, ...]:
    found: list[str] = []
    language = document.language
    code = country_code(form, language) if is_country(form, language) else None
    if code:
        for alias in sorted(aliases_of(code)):
            span = find(alias, document.text, language)
            if span and document.text[span[0]].isupper():
                found.append(document.text[slice(*span)])
    elif not is_cjk(form):
        words = form.split()
        if len(words) > 1:
            found += [
                w for w in (words[-1], words[0]) if _is_name(w) and _stands_alone(w, form, document.text)
            ]
            initials = "".join(w[0] for w in words if w[0].isupper())
            if len(initials) >= 3 and find(initials, document.text) and initials in document.text:
                found.append(initials)
        elif form.isupper() and len(form) >= 3:
            found += _spelled_out(form, document.text)
    return tuple(a for a in dict.fromkeys(found) if a != form)


def _is_name(word: str) -> bool:
    return len(word) >= 3 and word[0].isupper() and word.lower().strip(".") not in _GENERIC


def _stands_alone(word: str, form: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text.replace(form, " ")) is not None


def _spelled_out(acronym: str, text: str) -> list[str]:
    pattern = (
        r"\b"
        + r"\w+[\s-]+(?:(?:of|and|for|the|de|des|du|der|und)\s+)*".join(re.escape(c) for c in acronym)
        + r"\w+\b"
    )
    match = re.search(pattern, text)
    return [match.group()] if match else []
