"""Actors: each name resolves to a mention, lists of names are split, pronouns and leaked examples are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from communique.documents import Document, Sentence
from communique.grounding.contradictions import orders_to_a_model
from communique.grounding.countries import aliases_of, country_code, is_country
from communique.grounding.matching import bare, find, fold
from communique.grounding.mentions import resolve
from communique.schemas import Actor, Check

_PRONOUN = re.compile(
    r"^(he|she|it|they|we|i|you|him|her|them|his|their|its|who|which|this|these|those|er|sie|es|wir|il|elle|ils|elles|on|él|ella|ellos|others?|nobody|none|null|n/?a|unknown|both|either|neither|each|somebody|someone|anybody|anyone|beide|jemand|les deux|ambos|ambas|alguien|nicht genannt)$"
)
_SPEAKING = re.compile(
    r"\b(he|she|it|they|we|er|sie|es|il|elle|ils|elles|él|ella|ellos)\b|\bthe (group|ministry|statement|letter|report|official|spokes\w+|minister|president|agency|council|government|embassy|committee)\b",
    re.IGNORECASE,
)
_AUTHORITIES = re.compile(
    r"\b(government|authorities|officials?|administration|regime|delegation|side|ministry|military|army|forces)$",
    re.IGNORECASE,
)
NEAR = 3
"""Sentences before the evidence in which the holder of "he said" may be named."""


class ActorChecks:
    """Checks the actors of one record and remembers what was found.

    Args:
        document: The document.
        cited: Evidence of the record.
        known_false: Names that can't be in an article: those of the worked examples.
    """

    def __init__(self, document: Document, cited: Sequence[Sentence], known_false: frozenset[str]) -> None:
        self.document = document
        self.cited = cited
        self.known_false = known_false
        self.checks: list[Check] = []

    def keep(self, actors: Sequence[Actor], path: str, *, speaks: bool = False) -> tuple[Actor, ...]:
        """Return the actors whose names hold, with their aliases; the others become failed checks.

        Args:
            actors: As drafted.
            path: Path of the list.
            speaks: The role says or holds something: its name must stand in the evidence, or shortly before it where the
                evidence only has a pronoun. Nobody is carried over from another sentence.
        """
        kept: dict[str, Actor] = {}
        for index, actor in enumerate(a for given in actors for a in self._split(given)):
            found = self._one(actor, f"{path}[{index}]", speaks=speaks)
            if found is not None:
                form = fold(bare(found.name))
                kept[form] = _filled(kept[form], found) if form in kept else found
        return tuple(kept.values())

    def _split(self, actor: Actor) -> list[Actor]:
        """Split "Britain, France and Germany" where every part is a name of the article."""
        if not re.search(r",| and | und | et | y | & ", actor.name):
            return [actor]
        parts = [
            p.strip()
            for p in re.split(r",\s*(?:and |und |et |y )?| and | und | et | y | & ", actor.name)
            if p.strip()
        ]
        if len(parts) < 2 or not all(p[0].isupper() and len(p) > 1 for p in parts):
            return [actor]
        if find(actor.name, self.document.text) and not all(
            is_country(p, self.document.language) for p in parts
        ):
            return [actor]
        if not all(find(bare(p), self.document.text, self.document.language) for p in parts):
            return [actor]
        return [actor.model_copy(update={"name": p}) for p in parts]

    def _one(self, actor: Actor, path: str, *, speaks: bool) -> Actor | None:
        name, where = actor.name.strip(), f"{path}.name"
        numbers = tuple(s.number for s in self.cited)
        if _PRONOUN.match(name.lower()):
            self._fail(where, "pronoun", f"{name!r} is no name", numbers)
            return None
        if find(name, self.document.text) is None and any(find(s, name) for s in self.known_false):
            self._fail(where, "example_leak", f"{name!r} comes from the worked examples", ())
            return None
        mention = resolve(name, self.cited, self.document)
        if mention.where == "nowhere" and (country := self._country_for(name)):
            return self._as_country(actor, name, country, where)
        if mention.where == "nowhere":
            self._fail(where, "not_in_article", f"{name!r} is not in the article", ())
            return None
        if mention.where == "article" and speaks and not self._spoken_near(mention.sentences):
            self._fail(where, "holder_not_in_evidence", f"{name!r} is not in the cited sentences", numbers)
            return None
        reason = {
            "cited": "in_cited_sentence",
            "alias": "alias_in_cited_sentence",
            "shared": "shared_short_form",
            "article": "elsewhere_in_article",
        }
        near = mention.where == "article" and self._close(mention.sentences)
        doubtful = mention.where == "shared" or (mention.where == "article" and not near)
        outcome = "flagged" if doubtful else "passed"
        self.checks.append(
            Check(
                field=where,
                outcome=outcome,
                reason="in_neighbouring_sentence" if near else reason[mention.where],
                sentences=mention.sentences[:8],
            )
        )
        return actor.model_copy(update={"name": self._as_written(name), "aliases": mention.aliases})

    def _country_for(self, name: str) -> str | None:
        """Return the country, as the article names it, that "Georgian authorities" speaks of."""
        code = country_code(name, self.document.language) if _AUTHORITIES.search(name) else None
        forms = sorted(aliases_of(code, self.document.language), key=len, reverse=True) if code else []
        for sentence in self.cited:
            for form in forms:
                span = find(form, sentence.text, self.document.language)
                if span and sentence.text[span[0]].isupper():
                    return sentence.text[slice(*span)]
        return None

    def _as_country(self, actor: Actor, name: str, country: str, where: str) -> Actor:
        detail = f"{name!r} is not in the article; the cited sentences name {country!r}"
        numbers = tuple(s.number for s in self.cited)
        self.checks.append(
            Check(
                field=where,
                outcome="flagged",
                reason="country_for_its_authorities",
                detail=detail,
                sentences=numbers,
            )
        )
        return actor.model_copy(
            update={"name": country, "aliases": resolve(country, self.cited, self.document).aliases}
        )

    def _as_written(self, name: str) -> str:
        """Copy the name from the article, without a leading article."""
        form = bare(name)
        span = find(form, self.document.text, self.document.language)
        return self.document.text[slice(*span)] if span else form

    def _close(self, numbers: Sequence[int]) -> bool:
        """Tell whether one of the sentences is near the evidence; one that gives orders to a model vouches for no name."""
        near = (n for n in numbers if any(-NEAR <= n - s.number <= 1 for s in self.cited))
        return any(orders_to_a_model([self.document.sentence(n)]) is None for n in near)

    def _spoken_near(self, numbers: Sequence[int]) -> bool:
        return self._close(numbers) and any(_SPEAKING.search(s.text) for s in self.cited)

    def _fail(self, field: str, reason: str, detail: str, numbers: tuple[int, ...]) -> None:
        self.checks.append(
            Check(field=field, outcome="failed", reason=reason, detail=detail, sentences=numbers)
        )


def _filled(first: Actor, again: Actor) -> Actor:
    """Return an actor that was named twice, with what the second naming adds."""
    said = {n for n in again.model_fields_set if getattr(again, n) is not None}
    more = {
        n: getattr(again, n) for n in said if n not in first.model_fields_set or getattr(first, n) is None
    }
    return first.model_copy(update=more) if more else first
