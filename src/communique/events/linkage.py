"""Average linkage: groups grow while their members are alike on the whole, so that no chain of weak links joins two events.

Connected components would: A like B, B like C, and A and C are one, whatever they say. Complete linkage would split an
event over one odd record. With the average, a record must fit the group; and what contradicts one member (another day,
other people) stays out, however well it fits the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from communique.events.mention import Mention
from communique.events.score import THRESHOLD, Score, compare

LARGEST = 600
"""Mentions of a component whose pairs are all compared; a larger one is first cut at its weakest links."""
SAMPLE = 30
"""Members of an event, spread evenly, that a group is compared with when it may join."""
_NEVER = 1e6
"""Distance of two mentions that contradict each other: no average gets over it."""

Link = tuple[int, int, float]
"""Two places in the list of mentions, and their score."""


def links(pairs: Iterable[tuple[int, int]], mentions: Sequence[Mention]) -> list[Link]:
    """Return the pairs that tell one event, with their scores."""
    scored = ((int(i), int(j), compare(mentions[i], mentions[j]).total) for i, j in pairs)
    return [(i, j, total) for i, j, total in scored if total >= THRESHOLD]


def components(found: Sequence[Link], size: int) -> tuple[list[list[int]], int]:
    """Return what hangs together by links, each sorted, and how many links were cut to keep each to `LARGEST`."""
    ready: list[list[int]] = []
    cut = 0
    waiting = [(list(found), THRESHOLD)]
    while waiting:
        given, least = waiting.pop()
        if not given:
            continue
        ends = np.array([(i, j) for i, j, _ in given], np.int64)
        graph = coo_array((np.ones(len(given), np.int8), (ends[:, 0], ends[:, 1])), shape=(size, size))
        _, labels = connected_components(graph, directed=False)
        members: dict[int, list[int]] = {}
        for place in np.unique(ends):
            members.setdefault(int(labels[place]), []).append(int(place))
        ready += [places for places in members.values() if len(places) <= LARGEST or least >= 1]
        large = {label for label, places in members.items() if len(places) > LARGEST and least < 1}
        for label in sorted(large):
            inside = [link for link in given if labels[link[0]] == label]
            stronger = [link for link in inside if link[2] >= least + 0.05]
            cut += len(inside) - len(stronger)
            waiting.append((stronger, least + 0.05))
    return sorted(ready), cut


def clusters(component: Sequence[int], mentions: Sequence[Mention]) -> list[list[int]]:
    """Return a component in groups, by average linkage over the scores of all its pairs."""
    if len(component) < 2:
        return [list(component)]
    distances = [
        _distance(compare(mentions[component[i]], mentions[component[j]]))
        for i in range(len(component))
        for j in range(i + 1, len(component))
    ]
    tree = linkage(np.array(distances), method="average")
    labels = fcluster(tree, t=1 - THRESHOLD + 1e-9, criterion="distance")
    found: dict[int, list[int]] = {}
    for place, label in zip(component, labels, strict=True):
        found.setdefault(int(label), []).append(place)
    return sorted(found.values())


def join(
    groups: Iterable[list[int]],
    events: dict[int, list[int]],
    near: Callable[[int], Iterable[int]],
    mentions: Sequence[Mention],
) -> list[list[int]]:
    """Let new groups join the events that they fit best; returns those that fit none.

    Events never join one another: their ids stay.

    Args:
        groups: New groups.
        events: The places of each event's members; what joins is added.
        near: Gives the events that a mention has a link to.
        mentions: All mentions.
    """
    left: list[list[int]] = []
    for group in groups:
        candidates = sorted({event for place in group for event in near(place)})
        fits = [(_average(group, events[event], mentions), -event) for event in candidates]
        best, event = max(fits, default=(0.0, 0))
        if best >= THRESHOLD:
            events[-event].extend(group)
        else:
            left.append(group)
    return left


def spread(members: Sequence[int]) -> Sequence[int]:
    """Return at most `SAMPLE` members, spread evenly."""
    step = max(1, -(-len(members) // SAMPLE))
    return members[::step]


def _average(group: Sequence[int], event: Sequence[int], mentions: Sequence[Mention]) -> float:
    distances = [_distance(compare(mentions[i], mentions[j])) for i, j in product(spread(group), spread(event))]
    return 1.0 - sum(distances) / len(distances)


def _distance(score: Score) -> float:
    return _NEVER if score.against else 1 - score.total
