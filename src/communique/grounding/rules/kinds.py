"""Whether the cited sentences are about such a record at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from communique.grounding.article import Article, has_quotes
from communique.grounding.rules.rule import Reason, Rule, actors_of, cited
from communique.languages import phrases_in
from communique.schemas import Allegation, Check, Meeting, Record, SanctionsConcern


class NobodyInEvidence(Rule[Record]):
    """The cited sentences name somebody of the record.

    Or they have a word that stands for somebody named just before, and one that shows such a record.
    """

    reason = Reason(
        "nobody_in_evidence",
        "flag",
        "The cited sentences name none of the record's actors.",
        accepts="“Odo Brask met the minister.” for a meeting of Odo Brask",
        rejects="“Rain fell on the hills.” for a meeting of Odo Brask",
    )

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        in_evidence = {s.field for s in record.support if s.where == "cited"}
        if not article.has_list("pronoun") or any(f"{path}.name" in in_evidence for path, _ in actors_of(record)):
            return
        named = {f"{path}.name" for path, _ in actors_of(record)}
        if not named:
            return
        support = [s for s in record.support if s.field in named]
        numbers = cited(record)
        shows = article.has(type(record).concept, numbers) is not False
        if isinstance(record, Allegation):
            shows = shows or bool(article.has("doubt", numbers))  # "is said to have", without a word of accusation
            spoken = any(s.by == "mention" and s.field.startswith("accusers") for s in support)
            shows = shows or (spoken and any(has_quotes(s.text) for s in article.sentences(numbers)))
        if not (shows and any(s.by == "mention" for s in support)):
            yield self.unsupported("record", "no actor of the record is named there", numbers)


class NobodyNamed(Rule[Record]):
    """A record is about somebody."""

    reason = Reason(
        "nobody_named",
        "note",
        "The record names no one in its main roles.",
        accepts="accused: Sylvania",
        rejects="accused: nobody",
    )

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        roles = type(record).subjects_of
        if roles and not any(getattr(record, role) for role in roles):
            yield self.unsupported(roles[0], "no one is named", cited(record))


class Sport(Rule[Meeting]):
    """A match is no meeting."""

    reason = Reason(
        "sport_not_diplomacy",
        "flag",
        "The cited sentences are about sport.",
        accepts="“The ministers met in Geneva.”",
        rejects="“The two teams met in the semi-final.”",
    )

    def look(self, record: Meeting, article: Article) -> Iterator[Check]:
        found = article.first("sport", cited(record))
        if found:
            yield self.contradicted("record", f"“{found[1]}” is a sports term", (found[0],))


_MEASURES = ("breach", "imposed", "proposed")
"""Lists whose words also show a measure or its breach: "exported against the rules", "to seize their assets"."""


class NoSanctions(Rule[SanctionsConcern]):
    """A sanctions concern speaks of sanctions."""

    reason = Reason(
        "no_sanctions_in_evidence",
        "flag",
        "Neither the cited sentences nor those around them mention sanctions, an embargo, export controls, a"
        " designation or a breach of rules.",
        accepts="“Freedonia broke the arms embargo.”",
        rejects="“Freedonia sold rifles.”",
    )

    def look(self, record: SanctionsConcern, article: Article) -> Iterator[Check]:
        numbers = cited(record)
        if article.has("sanctions", numbers) is False and not (
            article.has("sanctions", article.context(numbers)) or any(article.has(n, numbers) for n in _MEASURES)
        ):
            yield self.unsupported("record", "no sanctions term in or near the cited sentences", numbers)


class Opinion(Rule[Allegation]):
    """A view is no accusation of an act."""

    reason = Reason(
        "opinion_not_allegation",
        "note",
        "The cited sentences express somebody's opinion; they don't accuse anyone of an act.",
        accepts="“Freedonia accused Sylvania of arming rebels.”",
        rejects="“Freedonia considers Sylvania to be backed by Borduria.”",
    )

    def look(self, record: Allegation, article: Article) -> Iterator[Check]:
        numbers = cited(record)
        found = article.first("opinion", numbers)
        if found and article.has("accusation", numbers) is False:
            yield self.contradicted("record", f"“{found[1]}” expresses an opinion", (found[0],))


class NoName(Rule[Meeting | Allegation]):
    """Whoever meets or is accused has a name, or a word that stands for somebody."""

    reason = Reason(
        "no_name",
        "note",
        "None of those whom the record is about has a name, or a word for somebody, such as a minister or a company.",
        accepts="accused the ministry: “Freedonia accused the ministry of theft.”",
        rejects="accused forged papers: “Odo Brask was charged with holding forged papers.”",
    )

    def look(self, record: Meeting | Allegation, article: Article) -> Iterator[Check]:
        names = [a.name for role in type(record).subjects_of for a in getattr(record, role)]
        if names and all(_names_nobody(name, article) for name in names):
            said = ", ".join(f"“{name}”" for name in names)
            yield self.unsupported("record", f"{said}: nobody's name", cited(record))


def _names_nobody(name: str, article: Article) -> bool:
    """Tell whether words in small letters stand for nobody, where names have capitals; or whether they name sanctions."""
    language = article.known
    if language is None:
        return False
    found = phrases_in(name, article.code)
    if not found.keys().isdisjoint(_SOMEBODY):
        return False
    return "sanctions" in found or (language.case and not language.noun_capitals and name == name.lower())


_SOMEBODY = frozenset({"description", "collective", "pronoun", "both"})

RULES: tuple[Rule[Any], ...] = (NobodyInEvidence(), NobodyNamed(), Sport(), NoSanctions(), Opinion(), NoName())
