"""Ray Data: grouping for what outgrows one machine. Blocks are compared where they lie; only links come to the driver.

The records that hang together by links are then brought together and grouped as on one machine: the groups are the same.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from scipy.cluster.hierarchy import DisjointSet

from communique.events.event import compose
from communique.events.group import grow, keys, links, pairs
from communique.events.mention import Mention, mentions
from communique.schemas import STANDARD_RECORDS, Record, VerifiedSummary

if TYPE_CHECKING:
    from ray.data import Dataset


def group_dataset(
    dataset: Dataset, *, line_column: str = "line", types: Sequence[type[Record]] = STANDARD_RECORDS
) -> Dataset:
    """Group the records of results into events: rows with `id` and `line`, the event as JSON, in any order.

    There are two passes over the dataset, the first one when this is called.

    Args:
        dataset: Rows with a result as a line of JSON, such as `extract_dataset` gives; a record must stand in one row only.
        line_column: Column of that line; a row without one is left out.
        types: Record types of the records.
    """

    def read(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if row[line_column]:
            for mention in mentions(VerifiedSummary.from_json(json.loads(row[line_column]), types)):
                yield {"record": "|".join(mention.key), "mention": pickle.dumps(mention)}

    def blocks(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
        return ({"block": ascii(key), **row} for key in keys(pickle.loads(row["mention"])))  # noqa: S301 - made above

    def told(component: Any) -> Any:
        own = _mentions(component)
        events = [compose([own[i] for i in places], types) for places in grow(own)[0]]
        return pd.DataFrame({"id": [e.id for e in events], "line": [e.to_json() for e in events]})

    records = dataset.flat_map(read).materialize()
    linked = records.flat_map(blocks).groupby("block").map_groups(_linked, batch_format="pandas")
    ends = [(row["one"], row["other"]) for row in linked.iter_rows()]
    found = DisjointSet(record for pair in ends for record in pair)
    for pair in ends:
        found.merge(*pair)
    homes = {record: f"{number}" for number, own in enumerate(found.subsets()) for record in own}
    housed = records.map(lambda row: row | {"component": homes.get(row["record"], row["record"])})
    return housed.groupby("component").map_groups(told, batch_format="pandas")


def _mentions(rows: Any) -> list[Mention]:
    return sorted((pickle.loads(mention) for mention in rows["mention"]), key=lambda m: m.order)  # noqa: S301 - ours


def _linked(block: Any) -> Any:
    """Return the links within one block; one of nothing where there is none, so that every block has the same columns."""
    own = _mentions(block)
    names = ["|".join(mention.key) for mention in own]
    both, _ = pairs(own, keys_of=lambda _: ("",))
    ends = (side.tolist() for side in links(both, own)[1])
    found = [(names[one], names[other]) for one, other in zip(*ends, strict=True)]
    return pd.DataFrame(found or [("", "")], columns=["one", "other"])
