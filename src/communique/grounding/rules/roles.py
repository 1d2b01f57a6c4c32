"""Who does what to whom, where a verb of accusation has its sides in fixed places (`roles.toml` of the language)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal, NamedTuple

from communique.grounding.article import Article, Mention, Sides
from communique.grounding.hits import CLAUSE_ENDS, VERBS
from communique.grounding.matching import name_key
from communique.grounding.mentions import mentions
from communique.grounding.rules.rule import Reason, Rule, cited
from communique.grounding.rules.verb_last import sides_before
from communique.languages import phrases_in, words_of
from communique.schemas import Actor, Allegation, Check, Record

LINK_REACH = 160
"""Code points behind the verb in which the word that begins the act is looked for."""
SHORTEST = 3
"""Code points between verb and link: "was accused of" has nobody between them, is passive, and names the accused first."""
BESIDE = 1
"""Code points between a name and a word that belongs to it: "the defendant Brask"."""
ACT_WORDS = 3
"""Words behind the link among which the act must begin: "of having repeatedly stolen"."""


def sides_of(article: Article, number: int) -> list[Sides]:
    """Return the sides of each accusing verb in a sentence."""
    found = article.sides.get(number)
    if found is None:
        found = article.sides[number] = _sides(article, number) if _accuses(article.hits(number)) else []
    return found


def _sides(article: Article, number: int) -> list[Sides]:
    sentence, hits = article.document.sentence(number), article.hits(number)
    text = sentence.text
    found: list[Sides] = []
    for index, verb in enumerate(article.known.roles if article.known else ()):
        acts = tuple(a.removeprefix("*") for a in verb.act)
        passives = hits.get(f"passive {index}", [])
        for start, end in passives:
            found.append(_shifted(sentence.start, (end, _clause_end(text, end)), (0, start), (0, 0)))
        for start, end in hits.get(f"verb {index}", []):
            if any(s <= start < e or start <= s < end for s, e in passives):
                continue
            if verb.agent:
                last = sides_before((start, end), hits.get(f"agent {index}", ()), hits.get(f"link {index}", ()))
                found += [_shifted(sentence.start, *last)] if last else []
                continue
            if not verb.link:
                found.append(_shifted(sentence.start, (0, start), (end, _clause_end(text, end)), (0, 0)))
                continue
            if text.startswith(verb.object_first):
                continue  # "Dem Minister warf Klow vor": whoever stands before the verb is accused, or stands somewhere else
            links = [h for h in hits.get(f"link {index}", []) if h[0] >= end]
            passive = next((h for h in links if end <= h[0] < end + SHORTEST), None)
            if passive is not None:
                act = (passive[1], _clause_end(text, passive[1]))
                found.append(_shifted(sentence.start, (0, 0), (0, start), act))
                continue
            ends = [start for start, _ in links[1:]] + [len(text)]  # "the republic of Tolvik of digging wells"
            link = next(
                (
                    h
                    for h, until in zip(links, ends, strict=False)
                    if end + SHORTEST <= h[0] <= end + LINK_REACH and _opens_act(text[h[1] : until], acts)
                ),
                None,
            )
            if link is None and links:  # "accused Borduria of theft": where the act begins is not known, the sides are
                found.append(_shifted(sentence.start, (0, start), (end, _clause_end(text, end)), (0, 0)))
            elif link is not None:
                act = (link[1], _clause_end(text, link[1]))
                found.append(_shifted(sentence.start, (0, start), (end, link[0]), act))
    return found


def _opens_act(text: str, acts: tuple[str, ...]) -> bool:
    """Tell whether what follows the word that may open an act is one: a word soon ends like a gerund or an infinitive."""
    following = words_of(text[:60])[:ACT_WORDS]
    return not acts or any(word.endswith(acts) for word, _, _ in following)


def _clause_end(text: str, start: int) -> int:
    return min((at for mark in CLAUSE_ENDS if (at := text.find(mark, start)) >= 0), default=len(text))


def _shifted(by: int, *spans: tuple[int, int]) -> Sides:
    return Sides(*((start + by, end + by) for start, end in spans))


class _Placed(NamedTuple):
    accuser: bool
    accused: bool
    act: bool


def _place(actor: Actor, sides: Sides, article: Article) -> _Placed:
    starts = [m.start for m in mentions(actor.name, article)]
    return _Placed(*(any(begin <= start < end for start in starts) for begin, end in sides))


class SidesSwapped(Rule):
    """Accuser and accused stand where the sentence has them."""

    reason = Reason(
        "sides_swapped",
        "flag",
        "In the cited sentence, accuser and accused are the other way round.",
        accepts="accuser Freedonia, accused Sylvania: “Freedonia accused Sylvania of stealing gold.”",
        rejects="accuser Sylvania, accused Freedonia: “Freedonia accused Sylvania of stealing gold.”",
    )

    kinds = (Allegation,)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        if not isinstance(record, Allegation):
            return
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


class ReceiverAccused(Rule):
    """Who only receives or suffers the act is not accused of it."""

    reason = Reason(
        "receiver_not_accused",
        "flag",
        "The cited sentence names this actor only as part of the act that somebody else is accused of.",
        accepts="accused Sylvania: “Freedonia accused Sylvania of arming Borduria.”",
        rejects="accused Borduria: “Freedonia accused Sylvania of arming Borduria.”",
    )

    kinds = (Allegation,)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        if not isinstance(record, Allegation) or len(record.accused) < 1:
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


class OnlySubjects(Rule):
    """Base of rules on a side that the evidence has only as the subject of a list's words, with no verb of accusation.

    Attributes:
        side: Field of the side.
        words: Name of the list.
        said: What is wrong.
    """

    side: ClassVar[Literal["accusers", "accused"]]
    words: ClassVar[str]
    said: ClassVar[str]

    kinds = (Allegation,)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        numbers = cited(record)
        actors = getattr(record, self.side, ())
        if not actors or any(_accuses(article.hits(n)) for n in numbers):
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


class SuspectAccuses(Rule):
    """Who is called a suspect or a defendant is accused, and accuses nobody."""

    reason = Reason(
        "suspect_accuses",
        "flag",
        "The accuser is called a suspect or a defendant, and is more likely the accused.",
        accepts="accuser the prosecutor: “The defendant Odo Brask stole gold, said the prosecutor.”",
        rejects="accuser the defendant Odo Brask: “The defendant Odo Brask stole gold, said the prosecutor.”",
    )

    kinds = (Allegation,)

    def look(self, record: Record, article: Article) -> Iterator[Check]:
        if not isinstance(record, Allegation):
            return
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


def _accuses(hits: Iterable[str]) -> bool:
    """Tell whether a verb of accusation is among the lists that have hits."""
    return any(name.startswith(VERBS) for name in hits)


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


RULES: tuple[Rule, ...] = (SidesSwapped(), ReceiverAccused(), SpeakerAccused(), DenierAccuses(), SuspectAccuses())
