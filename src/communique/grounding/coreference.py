"""Who is meant where the evidence names nobody: a pronoun, a description, a running quotation stand for a name elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Literal

from communique.grounding.article import CONTEXT, Article, Mention
from communique.grounding.mentions import (
    answers_questions,
    common_nouns,
    described_by,
    is_main_actor,
    mentions,
)
from communique.schemas import Evidence

Where = Literal["cited", "context", "article"]
REACH = 2
"""Sentences before the evidence in which somebody is named for whom it has only a pronoun or a description.

With 1, 11 of 61 right records of new articles (`benchmarks/events/tune`) were flagged, with 2 it is 8; of names put in
from elsewhere 50 to 87 % are still caught (53 to 87 % before).
"""
PARAGRAPH_REACH = 4
"""The same inside of one paragraph."""
SPEAKER_REACH = 8
"""The same for those who speak: news names a speaker once and goes on quoting for a paragraph or two."""
SPEAKERS = frozenset({"accusers", "raised_by", "source", "responders"})
"""Fields whose actors say something."""
_BEHIND = 100
_RANK = {"cited": 0, "context": 1, "article": 2}
_STANDS_FOR = frozenset({"pronoun", "description"})


class Near:
    """The evidence of a record or a response, and what is around it."""

    def __init__(self, article: Article, cited: frozenset[int]) -> None:
        self.article = article
        self.cited = cited

    @cached_property
    def context(self) -> frozenset[int]:
        """The numbers of the sentences around the evidence."""
        return self.article.context(self.cited)

    @cached_property
    def surroundings(self) -> str:
        """The text of the evidence and of the sentences around it."""
        return " ".join(s.text for s in self.article.sentences(sorted(self.cited | self.context)))

    @classmethod
    def of(cls, article: Article, evidence: Collection[Evidence]) -> Near:
        """Return the surroundings of what a record or a response cites."""
        return cls(article, frozenset(e.sentence for e in evidence))

    def where(self, sentence: int) -> Where:
        """Return how near a sentence is."""
        return "cited" if sentence in self.cited else "context" if sentence in self.context else "article"

    def between(self, sentence: int) -> bool:
        """Tell whether a sentence stands between the cited ones: who is named there belongs to what they tell."""
        return min(self.cited) < sentence < max(self.cited) if self.cited else False

    @cached_property
    def stands_for(self) -> bool | None:
        """Whether the evidence has a word that may stand for somebody named before.

        None where no list says which do.
        """
        if not self.article.has_list("pronoun"):
            return None
        return any(not _STANDS_FOR.isdisjoint(self.article.hits(n)) for n in self.cited)

    def describes(self, name: str) -> bool:
        """Tell whether the evidence has a description of somebody: a word of the name itself, or one beside it elsewhere.

        "The administration" stands for the Obama administration, "the president" for one who is called President
        before.
        """
        words = self.article.descriptions(self.cited)
        if words and not words.isdisjoint(described_by(name, self.article)):
            return True
        own = common_nouns(name, self.article)
        return bool(own) and any(self.article.begins_word(own, n) for n in self.cited)


def stood_for(name: str, path: str, best: Mention, near: Near) -> bool:
    """Tell whether a word of the evidence may stand for somebody who is named outside of it."""
    article, distance = near.article, _distance(best, near)
    speaks = role_of(path) in SPEAKERS
    reach = SPEAKER_REACH if speaks or article.has("both", near.cited) else REACH
    if (distance <= reach or _leads(best, near)) and (
        near.stands_for or (speaks and article.has("reporting", near.cited))
    ):
        return True
    if speaks and (answers_questions(name, article) or any(near.between(m.sentence) for m in mentions(name, article))):
        return True
    # "The minister" opens a story, and one of the next sentences names her.
    if distance <= _BEHIND + CONTEXT and near.describes(name):
        return True
    return is_main_actor(name, article)


def _leads(mention: Mention, near: Near) -> bool:
    """Tell whether somebody is named earlier in the paragraph of a cited sentence."""
    paragraphs = near.article.paragraphs
    mine = paragraphs[mention.sentence - 1]
    return any(0 < n - mention.sentence <= PARAGRAPH_REACH and paragraphs[n - 1] == mine for n in near.cited)


def role_of(path: str) -> str:
    """Return the role in a path: `accused` of `accused[0].name`."""
    return path.removesuffix(".name").rpartition(".")[2].partition("[")[0]


def nearest(places: Sequence[Mention], near: Near) -> Mention:
    """Return the mention in the evidence, else the one in its context, else the one that is least far away."""
    for mention in places:
        if mention.sentence in near.cited:
            return mention
    return min(places, key=lambda m: (_RANK[near.where(m.sentence)], _distance(m, near)))


def _distance(mention: Mention, near: Near) -> int:
    """Return how many sentences a mention stands before the evidence; one that stands behind counts as far."""
    at = mention.sentence
    return min([n - at if at <= n else _BEHIND + at - n for n in near.cited], default=0)
