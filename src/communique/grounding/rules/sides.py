"""Where a sentence has accuser, accused and act, if its verb of accusation has them in fixed places (`roles.toml`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from communique.grounding.article import Article, Sides
from communique.grounding.haystack import Span
from communique.grounding.hits import CLAUSE_ENDS, VERBS
from communique.languages import words_of

LINK_REACH = 160
"""Code points behind the verb in which the word that begins the act is looked for."""
SHORTEST = 3
"""Code points between verb and link: "was accused of" has nobody between them, is passive, and names the accused first."""
ACT_WORDS = 3
"""Words behind the link among which the act must begin: "of having repeatedly stolen"."""


def sides_of(article: Article, number: int) -> list[Sides]:
    """Return the sides of each accusing verb in a sentence."""
    found = article.sides.get(number)
    if found is None:
        found = article.sides[number] = _sides(article, number) if accuses(article.hits(number)) else []
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
                last = _sides_before((start, end), hits.get(f"agent {index}", ()), hits.get(f"link {index}", ()))
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


def accuses(hits: Iterable[str]) -> bool:
    """Tell whether a verb of accusation is among the lists that have hits."""
    return any(name.startswith(VERBS) for name in hits)


_NOWHERE = (0, 0)


def _sides_before(verb: Span, agents: Sequence[Span], links: Sequence[Span]) -> tuple[Span, Span, Span] | None:
    """Return where accuser, accused and act stand before the verb, as half-open spans, or None where nobody accuses.

    "X ने Y पर चोरी का आरोप लगाया" has them in this order; "Y पर X ने आरोप लगाया" has the accused first. Where several words
    may end the accused, the act has no certain place, and its span is empty.

    Args:
        verb: The verb.
        agents: Words that end an accuser, in order.
        links: Words that end an accused, in order.
    """
    agent = next((a for a in reversed(agents) if a[1] <= verb[0]), None)
    if agent is None:
        return None
    behind = [link for link in links if agent[1] <= link[0] and link[1] <= verb[0]]
    if behind:
        act = (behind[0][1], verb[0]) if len(behind) == 1 else _NOWHERE
        return (0, agent[0]), (agent[1], behind[-1][0]), act
    before = [link for link in links if link[1] <= agent[0]]
    if before:
        return (before[-1][1], agent[0]), (0, before[-1][0]), (agent[1], verb[0])
    return None
