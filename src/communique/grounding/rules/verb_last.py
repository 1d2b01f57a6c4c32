"""The sides of an accusation in languages that have the verb last, and a word behind each side (Hindi: ने, पर)."""

from __future__ import annotations

from collections.abc import Sequence

from communique.grounding.haystack import Span

NOWHERE = (0, 0)


def sides_before(verb: Span, agents: Sequence[Span], links: Sequence[Span]) -> tuple[Span, Span, Span] | None:
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
        act = (behind[0][1], verb[0]) if len(behind) == 1 else NOWHERE
        return (0, agent[0]), (agent[1], behind[-1][0]), act
    before = [link for link in links if link[1] <= agent[0]]
    if before:
        return (before[-1][1], agent[0]), (0, before[-1][0]), (agent[1], verb[0])
    return None
