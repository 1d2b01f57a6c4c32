"""Who does what to whom, where a verb of accusation has its sides in fixed places (`roles.toml` of the language)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from communique.grounding.article import Article, Mention, Sides
from communique.grounding.matching import name_key
from communique.grounding.mentions import mentions
from communique.grounding.rules.rule import Reason, Rule, cited
from communique.grounding.rules.sides import accuses, sides_of
from communique.languages import phrases_in
from communique.schemas import Actor, Allegation, Check

BESIDE = 1
"""Code points between a name and a word that belongs to it: "the defendant Brask"."""


class _Placed(NamedTuple):
    accuser: bool
    accused: bool
    act: bool


def _place(actor: Actor, sides: Sides, article: Article) -> _Placed:
    starts = [m.start for m in mentions(actor.name, article)]
    return _Placed(*(any(begin <= start < end for start in starts) for begin, end in sides))


class SidesSwapped(Rule[Allegation]):
    """Accuser and accused stand where the sentence has them."""

    reason = Reason(
        "sides_swapped",
        "flag",
        "In the cited sentence, accuser and accused are the other way round.",
        accepts="accuser Freedonia, accused Sylvania: “Freedonia accused Sylvania of stealing gold.”",
        rejects="accuser Sylvania, accused Freedonia: “Freedonia accused Sylvania of stealing gold.”",
    )

    def look(self, record: Allegation, article: Article) -> Iterator[Check]:
        for number in cited(record):
            for sides in sides_of(article, number):
                accusing = [_place(a, sides, article) for a in record.accusers]
                accused = [_place(a, sides, article) for a in record.accused]
                swapped = any(p.accused and not p.accuser for p in accusing)
                swapped &= any(p.accuser and not p.accused for p in accused)
                right = any(p.accuser and not p.accused for p in accusing)
                if swapped and not right:
                    yield from self._the_other_way_round(record, number)
                    return

    def _the_other_way_round(self, record: Allegation, number: int) -> Iterator[Check]:
        told, accused, accusers = "the sentence has them the other way round", record.accused, record.accusers
        for role, own, others in (("accused", accused, accusers), ("accusers", accusers, accused)):
            for i in range(len(own)):
                proposal = others[i].name if i < len(others) else None
                yield self.contradicted(f"{role}[{i}].name", told, (number,), proposal)


class ReceiverAccused(Rule[Allegation]):
    """Who only receives or suffers the act is not accused of it."""

    reason = Reason(
        "receiver_not_accused",
        "flag",
        "The cited sentence names this actor only as part of the act that somebody else is accused of.",
        accepts="accused Sylvania: “Freedonia accused Sylvania of arming Borduria.”",
        rejects="accused Borduria: “Freedonia accused Sylvania of arming Borduria.”",
    )

    def look(self, record: Allegation, article: Article) -> Iterator[Check]:
        if len(record.accused) < 1:
            return
        stretches = [s for number in cited(record) for s in sides_of(article, number)]
        if len(stretches) != 1:
            return
        (sides,) = stretches
        names = {name_key(a.name, article.code) for a in record.accused}
        for index, actor in enumerate(record.accused):
            place = _place(actor, sides, article)
            others = any(a is not actor and _place(a, sides, article).accused for a in record.accused)
            if place.act and not place.accused and not place.accuser and (others or len(names) == 1):
                yield self.contradicted(
                    f"accused[{index}].name",
                    f"“{actor.name}” is part of the act, not the accused",
                    cited(record),
                )


class OnlySubjects(Rule[Allegation]):
    """Base of rules on a side that the evidence has only as the subject of a list's words, with no verb of accusation.

    Attributes:
        side: Field of the side.
        words: Name of the list.
        said: What is wrong.
    """

    side: ClassVar[Literal["accusers", "accused"]]
    words: ClassVar[str]
    said: ClassVar[str]

    def look(self, record: Allegation, article: Article) -> Iterator[Check]:
        numbers = cited(record)
        actors = getattr(record, self.side, ())
        if not actors or any(accuses(article.hits(n)) for n in numbers):
            return
        if all(_only_before(self.words, actor, numbers, article) for actor in actors):
            yield self.contradicted(self.side, self.said, numbers)


class SpeakerAccused(OnlySubjects):
    """Who says something in the cited sentence is not accused in it."""

    reason = Reason(
        "speaker_not_accused",
        "note",
        "In the cited sentence the accused is the one who reports something.",
        accepts="accused Sylvania: “The Courier reported that Sylvania had stolen gold.”",
        rejects="accused the Courier: “The Courier reported that Sylvania had stolen gold.”",
    )

    side, words, said = "accused", "reporting", "reports something, and is accused of nothing"


class DenierAccuses(OnlySubjects):
    """Who only denies something in the cited sentence accuses nobody in it."""

    reason = Reason(
        "denier_no_accuser",
        "note",
        "In the cited sentence the accuser only denies something, and no other words accuse anybody.",
        accepts="accuser Freedonia: “Freedonia denied the theft and accused Sylvania.”",
        rejects="accuser Freedonia: “Freedonia has denied the claims of Sylvania.”",
    )

    side, words, said = "accusers", "denial", "only denies something here"


class SuspectAccuses(Rule[Allegation]):
    """Who is called a suspect or a defendant is accused, and accuses nobody."""

    reason = Reason(
        "suspect_accuses",
        "flag",
        "The accuser is called a suspect or a defendant, and is more likely the accused.",
        accepts="accuser the prosecutor: “The defendant Odo Brask stole gold, said the prosecutor.”",
        rejects="accuser the defendant Odo Brask: “The defendant Odo Brask stole gold, said the prosecutor.”",
    )

    def look(self, record: Allegation, article: Article) -> Iterator[Check]:
        stretches = [s for number in cited(record) for s in sides_of(article, number)]
        if any(_place(a, s, article).accuser for a in record.accused for s in stretches):
            stretches = []  # swapped, which has a rule of its own

        def suspected(actor: Actor) -> bool:
            places = [_place(actor, s, article) for s in stretches]
            stands = any(p.accused for p in places) and not any(p.accuser for p in places)
            return stands or _is_suspect(actor, article)

        suspects = [i for i, a in enumerate(record.accusers) if suspected(a)]
        if suspects and not any(suspected(a) for a in record.accused):
            name = record.accusers[suspects[0]].name
            for i in suspects:
                yield self.contradicted(f"accusers[{i}].name", f"“{name}” is a suspect", cited(record))
            for i, actor in enumerate(record.accused):
                told = f"not “{actor.name}” but “{name}” is a suspect"
                yield self.contradicted(f"accused[{i}].name", told, cited(record), None if i else name)


def _is_suspect(actor: Actor, article: Article) -> bool:
    """Tell whether somebody is called so by the name itself, or by a word in it or right beside it."""
    return "suspect" in phrases_in(actor.name, article.code) or any(
        hit[0] - BESIDE <= m.end - start and m.start - start <= hit[1] + BESIDE
        for m in mentions(actor.name, article)
        for start in [article.document.sentence(m.sentence).start]
        for hit in article.hits_of("suspect", m.sentence)
    )


BEFORE = 6
"""Code points between a name and the verb of which it is the subject: "Klow has denied"."""


def _only_before(words: str, actor: Actor, numbers: Sequence[int], article: Article) -> bool:
    """Tell whether each mention of somebody in the sentences stands right before a word of a list; one does at least."""
    spots = [m for m in mentions(actor.name, article) if m.sentence in numbers]
    return bool(spots) and all(_is_subject(m, words, article) for m in spots)


def _is_subject(spot: Mention, words: str, article: Article) -> bool:
    sentence = article.document.sentence(spot.sentence)
    end = spot.end - sentence.start
    return any(
        0 <= start - end <= BEFORE and (words == "denial" or "," not in sentence.text[end:start])
        for start, _ in article.hits(spot.sentence).get(words, ())
    )


RULES: tuple[Rule[Any], ...] = (SidesSwapped(), ReceiverAccused(), SpeakerAccused(), DenierAccuses(), SuspectAccuses())
