"""Does a grouping bring together the records that tell one event, and no others? No model is asked.

    python benchmarks/events.py benchmarks/events/tune [--grouping MODULE:FUNCTION] [--copies MODULE:FUNCTION] [--list NAME]

The folder holds ID.txt, ID.meta.json, strong/ID.json (a strong model's raw answers) and gold.json; its README.md says how
they were made. The answers go through the checks as they are now: what is rejected falls away, from the gold, too.

--grouping  A callable that takes a list of results and returns groups of record ids. Scored beside the baselines:
            `apart`, each record an event of its own; `same`, those of one kind with the same names and the same date;
            `group_key`, those with the same `derived.group_key`.
--copies    A callable that takes a list of documents and returns groups of their ids, each group one source.
--list      The grouping whose false merges and missed links are listed.

Events are scored twice: as claims (another accuser's side is another claim) and as occurrences (claims and measures about
one act or package count as one). Intervals are of 95 %, from 2,000 draws of events.
"""

from __future__ import annotations

import argparse
import importlib
import itertools
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from articles import KINDS, ROLES, stored
from figures import markdown
from verdicts import read

from communique import Document
from communique.schemas import Record, VerifiedSummary

Groups = Collection[Collection[str]]
Grouping = Callable[[list[VerifiedSummary]], Groups]

DRAWS = 2000
_SUMS = ("n", "hit", "grouped", "linked", "precision", "recall")


@dataclass
class Corpus:
    """One side: its articles, their results by today's checks, and the gold in terms of record ids."""

    documents: list[Document] = field(default_factory=list)
    summaries: list[VerifiedSummary] = field(default_factory=list)
    records: dict[str, Record] = field(default_factory=dict)
    article: dict[str, str] = field(default_factory=dict)
    event: dict[str, str] = field(default_factory=dict)
    occurrence: dict[str, str] = field(default_factory=dict)
    copies: list[frozenset[str]] = field(default_factory=list)
    undecided: int = 0
    lost: list[str] = field(default_factory=list)

    def told(self, record: str) -> str:
        """Return a record in one line."""
        return f"{self.article[record]}: {self.records[record].headline[:150]}"


def load(folder: Path) -> Corpus:
    """Replay the answers of a folder and read its gold.

    Raises:
        ValueError: A member of the gold is in no answer, is in two events, or an answer's record is in none.
    """
    found, ids = Corpus(), dict[str, str | None]()
    for path in sorted(folder.glob("*.txt")):
        meta, answer = stored(folder, f"{path.stem}.meta"), stored(folder / "strong", path.stem)
        text = path.read_text("utf-8")
        document = Document.from_text(text, published=meta["published"], title=meta["title"], id=path.stem)
        summary = read(document, answer)
        found.documents.append(document)
        found.summaries.append(summary)
        for kind in KINDS:
            records = list(getattr(summary, kind))
            found.records |= {r.id: r for r in records}
            found.article |= {r.id: path.stem for r in records}
            for index, place in enumerate(paired(answer[kind], records)):
                ids[f"{path.stem}/{kind}/{index}"] = None if place is None else records[place].id
    gold = stored(folder, "gold")
    undecided = ["/".join(row["record"]) for row in gold["undecided"]]
    members = [(event, "/".join(member)) for event in gold["events"] for member in event["members"]]
    named = Counter([*undecided, *(member for _, member in members)])
    if wrong := set(named) ^ set(ids) | {member for member, n in named.items() if n > 1}:
        raise ValueError(f"{folder}: in no answer, in no event, or in two: {sorted(wrong)}")
    found.undecided = len(undecided)
    found.copies = [frozenset(row["articles"]) for row in gold["copies"]]
    for event, member in members:
        record = ids[member]
        if record is None:
            found.lost.append(member)
        else:
            found.event[record] = event["id"]
            found.occurrence[record] = event.get("occurrence", event["id"])
    return found


def paired(items: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> list[int | None]:
    """Return for each record of an answer the place of what the checks left of it; None if nothing.

    The checks may drop, change and reorder records, so they are paired by the sentences and words that they share, best
    pair first.
    """

    def likeness(item: Mapping[str, Any], record: Record) -> float:
        mine, theirs = _strings(item), _strings(record.model_dump(exclude={"checks", "support", "derived", "id"}))
        cited = {e.sentence for e in record.evidence}
        told = set(item["evidence"])
        return len(told & cited) / len(told | cited) + len(mine & theirs) / max(len(mine), 1)

    pairs = [(likeness(item, r), i, n) for i, item in enumerate(items) for n, r in enumerate(records)]
    places: list[int | None] = [None] * len(items)
    for score, i, n in sorted(pairs, key=lambda pair: (-pair[0], *pair[1:])):
        if places[i] is None and n not in places and score > 1:
            places[i] = n
    return places


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return set[str]().union(*map(_strings, inner))


@dataclass
class Score:
    """Precision, recall and F1, pairwise and B-cubed, with intervals; None where nothing was grouped."""

    values: dict[str, float | None]
    intervals: dict[str, tuple[float, float] | None]
    false_merges: list[tuple[str, str, list[str]]]
    missed_links: list[tuple[str, list[list[str]]]]


def score(groups: Groups, event: Mapping[str, str], draws: int = DRAWS) -> Score:
    """Hold groups of record ids against the event of each record.

    Records without an event don't count; a record in no group is a group of its own.

    Raises:
        ValueError: A record is in two groups.
    """
    kept = [frozenset(group) & event.keys() for group in groups]
    times = Counter(itertools.chain.from_iterable(kept))
    if twice := [record for record, n in times.items() if n > 1]:
        raise ValueError(f"in two groups: {twice}")
    kept = [g for g in kept if g] + [frozenset([record]) for record in event if record not in times]
    members = defaultdict[str, set[str]](set)
    for record, name in event.items():
        members[name].add(record)
    counts = {name: dict.fromkeys(_SUMS, 0.0) for name in members}
    for group in kept:
        for record in group:
            mine, count = members[event[record]], counts[event[record]]
            right = len(group & mine)
            # Each record of a pair counts half of it, so that a false pair counts for both of its events.
            said = (
                1,
                (right - 1) / 2,
                (len(group) - 1) / 2,
                (len(mine) - 1) / 2,
                right / len(group),
                right / len(mine),
            )
            for name, value in zip(_SUMS, said, strict=True):
                count[name] += value
    names, rng = sorted(counts), Random(7)
    drawn = [_figures(counts[n] for n in rng.choices(names, k=len(names))) for _ in range(draws)]
    values = _figures(counts.values())
    return Score(values, {k: _interval([d[k] for d in drawn]) for k in values}, *_faults(kept, event, members))


def _figures(counts: Iterable[Mapping[str, float]]) -> dict[str, float | None]:
    drawn = list(counts)
    total = {name: sum(count[name] for count in drawn) for name in _SUMS}
    found: dict[str, float | None] = {}
    for name, hits, said, true in (
        ("pairwise", (total["hit"], total["hit"]), total["grouped"], total["linked"]),
        ("b_cubed", (total["precision"], total["recall"]), total["n"], total["n"]),
    ):
        p, r = hits[0] / said if said else None, hits[1] / true if true else None
        f1 = None if p is None or r is None else 2 * p * r / (p + r) if p + r else 0.0
        found |= {f"{name}_p": p, f"{name}_r": r, f"{name}_f1": f1}
    return found


def _interval(drawn: Sequence[float | None]) -> tuple[float, float] | None:
    known = sorted(value for value in drawn if value is not None)
    return (known[int(len(known) * 0.025)], known[int(len(known) * 0.975)]) if known else None


def _faults(groups: Groups, event: Mapping[str, str], members: Mapping[str, set[str]]) -> Any:
    merges, split = dict[tuple[str, str], list[str]](), defaultdict[str, list[list[str]]](list)
    for group in groups:
        by_event = defaultdict[str, list[str]](list)
        for record in sorted(group):
            by_event[event[record]].append(record)
        for a, b in itertools.combinations(sorted(by_event), 2):
            merges.setdefault((a, b), []).extend(by_event[a] + by_event[b])
        for name, records in by_event.items():
            split[name].append(records)
    missed = [(name, parts) for name, parts in sorted(split.items()) if len(parts) > 1]
    return [(a, b, records) for (a, b), records in sorted(merges.items())], missed


def apart(_: list[VerifiedSummary]) -> Groups:
    """Each record is an event of its own."""
    return ()


def same(summaries: list[VerifiedSummary]) -> Groups:
    """Records of one kind with the same names, and the same date or none, are one event."""

    def key(record: Record) -> tuple[Any, ...]:
        kind = type(record).plural
        names = (frozenset(a.name.casefold() for a in getattr(record, role)) for role in ROLES[kind])
        return (kind, *names, record.derived.date)

    return _by(summaries, key)


def group_key(summaries: list[VerifiedSummary]) -> Groups:
    """Records with the same `derived.group_key` are one event."""
    return _by(summaries, lambda record: record.derived.group_key or record.id)


def _by(summaries: list[VerifiedSummary], key: Callable[[Record], Any]) -> Groups:
    groups = defaultdict[Any, set[str]](set)
    for record in (r for summary in summaries for r in summary.all_records()):
        groups[key(record)].add(record.id)
    return groups.values()


def copies(groups: Groups, gold: Sequence[frozenset[str]]) -> tuple[set[frozenset[str]], ...]:
    """Return the pairs of copies that are found, missed, and wrong."""
    said, true = ({frozenset(p) for g in gs for p in itertools.combinations(g, 2)} for gs in (groups, gold))
    return said & true, true - said, said - true


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--grouping", type=_named, help="MODULE:FUNCTION")
    parser.add_argument("--copies", type=_named, help="MODULE:FUNCTION")
    parser.add_argument("--list", default="")
    args = parser.parse_args()
    corpus = load(args.folder)
    print(f"{len(corpus.documents)} articles, {len(corpus.event)} records of {len(set(corpus.event.values()))} events;")
    print(f"{corpus.undecided} undecided records don't count; rejected: {corpus.lost or 'none'}\n")
    groupings: dict[str, Grouping] = {"apart": apart, "same": same, "group_key": group_key}
    if args.grouping:
        groupings["grouping"] = args.grouping
    found = {
        (name, level): score(groups, getattr(corpus, level))
        for name, grouping in groupings.items()
        for groups in [[set(g) for g in grouping(corpus.summaries)]]
        for level in ("event", "occurrence")
    }
    rows = [
        [*key, *map(_cell, s.values.values(), s.intervals.values()), len(s.false_merges)] for key, s in found.items()
    ]
    print(markdown(["grouping", "level", "pair P", "R", "F1", "B³ P", "R", "F1", "false merges"], rows))
    shown = args.list or list(groupings)[-1]
    faults = found[shown, "event"]
    print(f"\n{shown}: false merges, by pair of events")
    for a, b, records in faults.false_merges:
        print(f"  {a} + {b}", *map(corpus.told, records), sep="\n      ")
    print(f"{shown}: missed links, by event")
    for name, parts in faults.missed_links:
        print(f"  {name}", *(" | ".join(map(corpus.told, part)) for part in parts), sep="\n      ")
    if args.copies:
        found_pairs = copies(args.copies(corpus.documents), corpus.copies)
        for name, pairs in zip(("found", "missed", "wrong"), found_pairs, strict=True):
            print(f"copies {name}: {len(pairs)}", *(" = ".join(sorted(p)) for p in pairs), sep="\n      ")


def _named(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)


def _cell(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None or interval is None:
        return "–"
    return f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"


if __name__ == "__main__":
    main()
