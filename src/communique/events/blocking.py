"""Blocking: which mentions are compared at all. Two that share a kind, actors and a week or two stand in one block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, combinations, product
from typing import Any

import numpy as np

from communique.events.mention import Mention
from communique.events.names import name_keys

STRIDE = 7
"""Days. A window is two strides long and begins with each stride, so that two days that are a week apart share one."""
MONTH = 31
"""Days of a stated time beyond which only the day of publication places a mention in time; and how far about that day a
record without a time may lie that shares two actors and the place."""
ACTORS = 4
"""Actors of a mention that blocks are made of, the subjects first."""
CAP = 400
"""Mentions of a block that are all compared with one another. In a larger one each is compared with the next ones only."""
NEIGHBOURS = 100
"""How many next ones, in the order of their days, activities and names (the sorted neighbourhood of record linkage)."""


@dataclass(slots=True)
class Blocks:
    """What blocking came to.

    Attributes:
        blocks: Blocks of two mentions or more.
        largest: Mentions of the largest one.
        capped: Blocks beyond the cap.
        not_compared: Pairs that the cap kept apart in those blocks; another block may still hold them.
        compared: Pairs that are left to compare, each once.
    """

    blocks: int = 0
    largest: int = 0
    capped: int = 0
    not_compared: int = 0
    compared: int = 0


def keys(mention: Mention) -> set[int]:
    """Return the keys of the blocks that a mention stands in, the same on every machine."""
    actors = sorted(mention.roles.items(), key=lambda item: item[0] not in mention.subjects)
    flat = [(role in mention.subjects, name_keys(name)) for role, names in actors for name in names][:ACTORS]
    whom = {
        "+".join(sorted(pair))
        for (one_is_subject, one), (other_is_subject, other) in combinations(flat, 2)
        if one_is_subject or other_is_subject
        for pair in product(one, other)
    }
    alone = {key for is_subject, found in flat[:2] for key in found if is_subject}
    whom |= {f"{key}@{place}" for key in alone for pair in mention.places for place in pair if place}
    if mention.activity and (
        len(flat) < 2 or not all(is_subject for is_subject, _ in flat)
    ):  # one side may be named in other words
        whom |= {f"{key}@{mention.activity}" for _, found in flat[:2] for key in found}
    if len(flat) < 2:
        whom |= alone
    if not flat:
        whom = {f"@{word}" for word in sorted(mention.words)}
    found = {(who, when) for who in whom for when in _windows(mention)}
    far = range(-MONTH // STRIDE, MONTH // STRIDE + 1) if mention.when is None else (0,)
    codes = [codes[0] for _, codes in flat]
    found |= {
        (f"{'+'.join(sorted(pair))}@{place}", when + later)
        for pair in combinations(codes, 2)
        for place, _ in mention.places
        for when in _windows(mention)
        for later in far
    }
    return {_hashed(f"{mention.kind}|{who}|{when}") for who, when in found}


def pairs(mentions: Sequence[Mention], new_from: int = 0) -> tuple[Any, Blocks]:
    """Return the pairs to compare, an array of shape (pairs, 2) of places in the list, and what blocking came to.

    Args:
        mentions: In their order.
        new_from: Pairs of two mentions before this place are left out: they are grouped already.
    """
    counted = Blocks()
    found = [keys(mention) for mention in mentions]
    sizes = np.fromiter((len(k) for k in found), np.int64, len(found))
    hashes = np.fromiter(chain.from_iterable(found), np.uint64, int(sizes.sum()))
    places = np.repeat(np.arange(len(mentions), dtype=np.int64), sizes)
    del found
    order = np.lexsort((places, hashes))
    hashes, places = hashes[order], places[order]
    kept: list[Any] = []
    for block in np.split(places, np.flatnonzero(np.diff(hashes)) + 1):
        if len(block) > 1 and block[-1] >= new_from:
            kept.append(compared(block, mentions, counted))
            if len(kept) > 100_000:
                kept = [np.unique(np.concatenate(kept))]
    both = fitting(np.unique(np.concatenate(kept)) if kept else np.empty(0, np.int64), mentions)
    both = both[both[:, 1] >= new_from]
    counted.compared = len(both)
    return both, counted


_SHIFT = 1 << 31
"""A pair is kept as one number while pairs are counted: the smaller place times this, and the larger place."""


def compared(block: Any, mentions: Sequence[Mention], counted: Blocks) -> Any:
    """Return the pairs of a block, each as one number; the block holds places in the list of mentions, in order."""
    size = len(block)
    counted.blocks, counted.largest = counted.blocks + 1, max(counted.largest, size)
    if size <= CAP:
        one, other = np.triu_indices(size, 1)
        return block[one] * _SHIFT + block[other]
    counted.capped += 1
    counted.not_compared += (size - NEIGHBOURS) * (size - NEIGHBOURS - 1) // 2
    ordered = np.array(sorted(block, key=lambda place: _neighbour(mentions[place])))
    near = [(ordered[:-step], ordered[step:]) for step in range(1, NEIGHBOURS + 1)]
    return np.concatenate([np.minimum(a, b) * _SHIFT + np.maximum(a, b) for a, b in near])


def fitting(codes: Any, mentions: Sequence[Mention]) -> Any:
    """Return the pairs, of shape (pairs, 2), whose stated times don't exclude each other: most of a block falls away here."""
    both = np.stack(np.divmod(codes, _SHIFT), axis=1)
    unknown = (-(1 << 40), 1 << 40)
    days = np.array([m.when or unknown for m in mentions], np.int64).reshape(-1, 2)
    left, right = days[both[:, 0]], days[both[:, 1]]
    return both[np.maximum(left[:, 0] - right[:, 1], right[:, 0] - left[:, 1]) <= 2]


def _neighbour(mention: Mention) -> tuple[Any, ...]:
    day = mention.when[0] if mention.when else mention.published or 0
    names = sorted(name.name for role in mention.subjects for name in mention.roles.get(role, ()))
    return day, mention.activity, names, mention.order


def _windows(mention: Mention) -> set[int]:
    spans = [(mention.published, mention.published)] if mention.published else []
    if mention.when and (mention.when[1] - mention.when[0] < MONTH or not spans):
        spans.append(mention.when if mention.when[1] - mention.when[0] < MONTH else (mention.when[0], mention.when[0]))
    found = {day for first, last in spans for day in range(first // STRIDE - 1, last // STRIDE + 1)}
    return found or {0}


def _hashed(key: str) -> int:
    return int.from_bytes(blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big")
