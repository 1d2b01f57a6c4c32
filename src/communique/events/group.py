"""Group records into events, from nothing or into events that are known, by average linkage.

Connected components would chain: A like B, B like C, and A and C are one, whatever they say. Complete linkage would split
an event over one odd record. With the average, a record must fit the group; and what contradicts one member (another day,
other people) stays out, however well it fits the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from communique.events.blocking import Blocks, pairs
from communique.events.event import Event, compose
from communique.events.mention import Key, Mention, mentions
from communique.events.score import THRESHOLD, compare, spread
from communique.schemas import STANDARD_RECORDS, Record, VerifiedSummary

LARGEST = 600  # mentions whose pairs are all compared; what more hang together by links are grouped so many at a time
_NEVER = 1e6  # distance of two mentions that contradict each other: no average gets over it


@dataclass(slots=True)
class Grouping:
    """Which records tell one event: the known events in their order, then new ones, the earliest told first."""

    groups: list[list[Mention]]
    known: list[Event | None]  # for each group, the event that it was before
    changed: list[bool]  # for each group, whether anything in it is new
    types: Sequence[type[Record]]
    blocks: Blocks

    def events(self) -> Iterator[Event]:
        """Yield the events, in the order of the groups."""
        for group, known, changed in zip(self.groups, self.known, self.changed, strict=True):
            yield known if known and not changed else compose(group, self.types, known.id if known else None)


def group(
    results: Iterable[VerifiedSummary], known: Iterable[Event] = (), types: Sequence[type[Record]] = STANDARD_RECORDS
) -> Grouping:
    """Group the records of results; those of known events stay where they are, and the ids of the events, too.

    A record that is given again takes the place of the one before. What the checks rejected takes no part; what they
    flagged does.

    Args:
        results: Results as `extract` gives them.
        known: Events of an earlier grouping, which the records may join.
        types: Record types of the known events' records; those of the results are known from them.
    """
    events = list(known)
    found: dict[Key, Mention] = {}
    home: dict[Key, int] = {}
    for number, event in enumerate(events):
        signatures = {(source.document, source.sha256): source.signature for source in event.sources}
        for member in event.members:
            one = VerifiedSummary.from_json(member, types)
            for mention in mentions(one, signatures.get((one.document.id, one.document.sha256), "")):
                found[mention.key], home[mention.key] = mention, number
    old = dict(found)
    kinds = {kind.plural: kind for kind in types}
    for result in results:
        kinds |= {type(record).plural: type(record) for record in result.all_records()}
        found |= {mention.key: mention for mention in mentions(result)}
    every = sorted(found.values(), key=lambda m: (m.key not in home, m.order))
    places, blocks = grow(every, [home[m.key] for m in every if m.key in home], len(events))
    groups = [[every[place] for place in own] for own in places]
    changed = [any(m.key not in old or m.result != old[m.key].result for m in group) for group in groups]
    return Grouping(groups, [*events, *[None] * (len(groups) - len(events))], changed, tuple(kinds.values()), blocks)


def group_events(
    results: Iterable[VerifiedSummary], known: Iterable[Event] = (), types: Sequence[type[Record]] = STANDARD_RECORDS
) -> list[Event]:
    """Return the events that results tell; see `group`, which gives them one at a time and says what was compared."""
    return list(group(results, known, types).events())


def grow(mentions: Sequence[Mention], homes: Sequence[int] = (), known: int = 0) -> tuple[list[list[int]], Blocks]:
    """Return groups of places in the list, and what blocking came to.

    Mentions of known events come first; `homes` are the numbers of their events, each a group that joins no other.
    """
    groups: list[list[int]] = [[] for _ in range(known)]
    for place, number in enumerate(homes):
        groups[number].append(place)
    home = dict(enumerate(homes))
    both, blocks = pairs(mentions, len(homes))
    graph = coo_array(links(both, mentions), shape=(len(mentions), len(mentions))).tocsr()
    labels = connected_components(graph, directed=False)[1]
    for component in np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels))[:-1]):
        fresh = [place for place in component.tolist() if place not in home]
        for start in range(0, len(fresh), LARGEST):
            settled: dict[int, int] = {}
            for cluster in _clusters(fresh[start : start + LARGEST], mentions, graph):
                around = {home[place] for place in graph[cluster].indices.tolist() if place in home}
                fits = [(_average(cluster, groups[number], mentions), -number) for number in around]
                number = -max([*fits, (THRESHOLD, -len(groups))])[1]  # a new one if no other fits
                if number == len(groups):
                    groups.append([])
                groups[number] += cluster
                settled |= dict.fromkeys(cluster, number)
            home |= settled  # only now: what is grouped at one time stays apart; what comes later may join it
    return [*groups[:known], *sorted(groups[known:])], blocks


def links(both: Any, mentions: Sequence[Mention]) -> tuple[Any, tuple[Any, Any]]:
    """Return the scores of the pairs that tell one event, and the places of their two ends, the later ones first."""
    scores = np.fromiter((compare(mentions[i], mentions[j]).total for i, j in both), float, len(both))
    found = scores >= THRESHOLD
    return scores[found], (both[found, 1], both[found, 0])


def _clusters(component: Sequence[int], mentions: Sequence[Mention], graph: Any) -> list[list[int]]:
    """Return a component in groups, by average linkage over the scores of all its pairs, of which the graph has some."""
    if len(component) < 2:
        return [list(component)]
    known = graph[component][:, component].toarray().T[np.triu_indices(len(component), 1)].tolist()
    distances = [
        1 - score if score else _distance(mentions[i], mentions[j])
        for score, (i, j) in zip(known, combinations(component, 2), strict=True)
    ]
    labels = fcluster(linkage(np.array(distances), method="average"), t=1 - THRESHOLD + 1e-9, criterion="distance")
    found: dict[int, list[int]] = defaultdict(list)
    for place, label in zip(component, labels.tolist(), strict=True):
        found[label].append(place)
    return list(found.values())


def _average(cluster: Sequence[int], event: Sequence[int], mentions: Sequence[Mention]) -> float:
    distances = [_distance(mentions[i], mentions[j]) for i, j in product(spread(cluster), spread(event))]
    return 1 - sum(distances) / len(distances)


def _distance(left: Mention, right: Mention) -> float:
    score = compare(left, right)
    return _NEVER if score.against else 1 - score.total
