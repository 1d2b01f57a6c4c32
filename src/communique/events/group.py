"""Group records into events, from nothing or into events that are known.

Two mentions are compared if they stand in one block: they share a kind, actors and a week or two. What fits is joined by
average linkage: a record must fit the group (design note 0018 says why). What contradicts one member stays out.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from communique.events.event import Event, compose
from communique.events.mention import Key, Mention, Name, analysed, mentions, squeezed
from communique.events.score import MONTH, THRESHOLD, compare, spread
from communique.schemas import STANDARD_RECORDS, Record, VerifiedSummary

STRIDE = 7  # days; a window is two strides long and begins with each, so that two days that are a week apart share one
ACTORS = 4  # of a mention that blocks are made of, the subjects first
CAP = 400  # mentions of a block that are all compared with one another
NEIGHBOURS = 100  # next ones, by day, activity and names, that each is compared with in a larger block
LARGEST = 600  # mentions whose pairs are all compared; what more hang together by links are grouped so many at a time
_ANY_DAY = (-(1 << 40), 1 << 40)
_HELD = 20_000_000  # pairs that are held before those that stand in several blocks are counted once
_NEVER = 1e6  # distance of two mentions that contradict each other: no average gets over it


@dataclass(slots=True)
class Grouping:
    """Which records tell one event: the known events in their order, then new ones, the earliest told first.

    Iterate over it for the events; each is put together when it is asked for.
    """

    groups: list[list[Mention]]
    known: list[Event | str | None]  # for each group, the event that it still is, or the id of the one that it was
    types: Sequence[type[Record]]
    compared: int  # pairs of records
    not_compared: int  # pairs of blocks that are too large

    def __iter__(self) -> Iterator[Event]:
        for group, known in zip(self.groups, self.known, strict=True):
            yield known if isinstance(known, Event) else compose(group, self.types, known)


def group_events(
    results: Iterable[VerifiedSummary], known: Iterable[Event] = (), types: Sequence[type[Record]] = STANDARD_RECORDS
) -> Grouping:
    """Group the records of results; those of known events stay where they are, and the ids of the events, too.

    A record that is given again takes the place of the one before; one that the same text given again no longer has, such
    as one that a reviewer rejected, leaves its event. What the checks rejected takes no part; what they flagged does.
    `known` are events of an earlier grouping, which the records may join, and `types` the types of their records; those of
    the results are known from them.
    """
    events, kinds = list(known), {kind.plural: kind for kind in types}
    old: dict[Key, tuple[Mention, int]] = {}
    for number, event in enumerate(events):
        signatures = {(source.document, source.sha256): source.signature for source in event.sources}
        for member in event.members:
            one = VerifiedSummary.from_json(member, types)
            told = mentions(one, signatures.get((one.document.id, one.document.sha256), ""))
            old |= {mention.key: (mention, number) for mention in told}
    given: dict[Key, Mention] = {}
    read: set[tuple[str, str, str]] = set()  # id and SHA-256 of each document given, and the types asked for
    for result in results:
        kinds |= {type(record).plural: type(record) for record in result.all_records()}
        given |= {mention.key: mention for mention in mentions(result)}
        read |= {(result.document.id, result.document.sha256, kind) for kind in result.records}
    found = {key: mention for key, (mention, _) in old.items() if (*key[:2], mention.kind) not in read} | given
    every = sorted(found.values(), key=lambda m: (m.key not in old, m.order))
    places, *counts = grow(every, [old[m.key][1] for m in every if m.key in old], len(events))
    groups = [[every[place] for place in own] for own in places]
    kept: list[Event | str | None] = [None] * len(groups)
    for number, event in enumerate(events):
        same = [m for m in groups[number] if m.key in old and m.result == old[m.key][0].result]
        kept[number] = event if len(same) == len(groups[number]) == len(event.members) else event.id
    left = [number for number, group in enumerate(groups) if group]  # of the rest, every record is gone
    return Grouping([groups[n] for n in left], [kept[n] for n in left], tuple(kinds.values()), *counts)


def grow(mentions: Sequence[Mention], homes: Sequence[int] = (), known: int = 0) -> tuple[list[list[int]], int, int]:
    """Return groups of places in the list, and how many pairs were compared, and were not, their blocks being too large.

    Mentions of known events come first; `homes` are the numbers of their events, each a group that joins no other.
    """
    groups: list[list[int]] = [[] for _ in range(known)]
    for place, number in enumerate(homes):
        groups[number].append(place)
    home = dict(enumerate(homes))
    both, not_compared = pairs(mentions, len(homes))
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
    return [*groups[:known], *sorted(groups[known:])], len(both), not_compared


def keys(mention: Mention) -> set[str]:
    """Return the keys of the blocks that a mention stands in."""
    actors = sorted(mention.roles.items(), key=lambda item: item[0] not in mention.subjects)
    named = [(role in mention.subjects, _name_keys(name)) for role, names in actors for name in names][:ACTORS]
    pairs_of = ((one, other) for (is_subject, one), (_, other) in combinations(named, 2) if is_subject)
    whom = {"+".join(sorted(pair)) for one, other in pairs_of for pair in product(one, other)}
    alone = {key for is_subject, own in named[:2] if is_subject for key in own}
    whom |= {f"{key}@{place}" for key in alone for names in mention.places for place in names if place}
    if len(named) < 2:
        whom |= alone
    if mention.activity and not (len(named) > 1 and all(is_subject for is_subject, _ in named)):
        whom |= {f"{key}@{mention.activity}" for _, own in named[:2] for key in own}  # a side may have other names
    if not named:
        whom = {f"@{word}" for word in mention.words}
    windows = _windows(mention)
    far = range(-MONTH // STRIDE, MONTH // STRIDE + 1) if mention.when is None else (0,)
    near = {when + later for when in windows for later in far}
    firsts = ("+".join(sorted(pair)) for pair in combinations([own[0] for _, own in named], 2))
    found = {f"{who}|{when}" for who in whom for when in windows}
    found |= {f"{pair}@{place}|{when}" for pair in firsts for place, _ in mention.places for when in near}
    return {f"{mention.kind}|{key}" for key in found}


@lru_cache(maxsize=200_000)
def _name_keys(name: Name) -> tuple[str, ...]:
    """Return what blocks a name: its country's code, and how its last word sounds; its first one if it has none."""
    found = [name.code] if name.code else []
    if name.kind != "country" or not name.code:
        taken_apart = analysed(name.name, name.kind in {"person", ""})
        parts = [p.metaphone or p.comparable for p in taken_apart.parts if len(p.comparable) > 1] if taken_apart else []
        found += parts[-1:] if name.code or name.kind == "person" else [*parts[-1:], *parts[:1]]
    return tuple(dict.fromkeys(found)) or (squeezed(name.name),)


def _windows(mention: Mention) -> set[int]:
    spans = [(mention.published, mention.published)] if mention.published else []
    if mention.when and mention.when[1] - mention.when[0] < MONTH:
        spans.append(mention.when)
    elif mention.when and not spans:
        spans.append((mention.when[0], mention.when[0]))
    return {day for first, last in spans for day in range(first // STRIDE - 1, last // STRIDE + 1)} or {0}


def pairs(
    mentions: Sequence[Mention], new_from: int = 0, keys_of: Callable[[Mention], Collection[str]] = keys
) -> tuple[Any, int]:
    """Return the pairs to compare, an array of shape (pairs, 2) of places in the list, and how many the cap left out.

    There are none of two mentions before the place `new_from`: they are grouped already.
    """
    hashes, sizes = array("q"), array("q")
    for mention in mentions:
        own = keys_of(mention)
        hashes.extend(map(hash, own))
        sizes.append(len(own))
    blocks = np.frombuffer(hashes, np.int64)
    places = np.repeat(np.arange(len(mentions)), np.frombuffer(sizes, np.int64))
    rank = np.argsort(sorted(range(len(mentions)), key=lambda place: _neighbour(mentions[place])))
    places = places[np.lexsort((rank[places], blocks))]
    size = np.unique(blocks, return_counts=True)[1]
    reach = np.repeat(np.where(size > CAP, NEIGHBOURS, size), size)
    reach = np.minimum(reach, np.repeat(np.cumsum(size) - 1, size) - np.arange(len(places)))
    days = np.array([m.when or _ANY_DAY for m in mentions], np.int64)
    at, kept = np.arange(len(places)), [np.empty(0, np.int64)]
    for step in range(1, reach.max(initial=0) + 1):  # each with the next one in its block, then with the one after it
        at = at[reach[at] >= step]
        one, other = places[at], places[at + step]
        low, high = np.minimum(one, other), np.maximum(one, other)
        gap = np.maximum(days[one, 0] - days[other, 1], days[other, 0] - days[one, 1])
        kept.append((low << 32 | high)[(high >= new_from) & (gap <= 2)])  # what has other days is another event
        if sum(map(len, kept[1:])) > _HELD:
            kept = [np.unique(np.concatenate(kept))]
    left_out = size[size > CAP] - NEIGHBOURS
    not_compared = int((left_out * (left_out - 1) // 2).sum())
    return np.stack(np.divmod(np.unique(np.concatenate(kept)), 1 << 32), axis=1), not_compared


def _neighbour(mention: Mention) -> tuple[Any, ...]:
    day = mention.when[0] if mention.when else mention.published or 0
    names = sorted(name.name for role in mention.subjects for name in mention.roles.get(role, ()))
    return day, mention.activity, names, mention.order


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
