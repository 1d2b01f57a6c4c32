"""Does a grouping bring together the records that tell one event, and no others? No model is asked.

    python benchmarks/events.py benchmarks/events/tune [--grouping MODULE:FUNCTION] [--copies MODULE:FUNCTION] [--list NAME]

The folder holds ID.txt, ID.meta.json, strong/ID.json (raw answers) and gold.json; its README.md says how they were made.
The answers go through the checks as they are now: what is rejected falls away, from the gold, too.

--grouping  A callable that takes a list of results and returns groups of record ids. Scored beside `apart`, `same` and
            `group_key`, which are baselines.
--copies    A callable that takes a list of documents and returns groups of their ids, each one source.
--list      The grouping whose faults are listed; the last one unless said.

Scored twice: by event (another accuser's side is another claim), and by occurrence (claims and measures about one act or
package count as one). Intervals are of 95 %, from draws of events.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from pkgutil import resolve_name
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from articles import KINDS, ROLES, stored
from figures import markdown
from verdicts import read

from communique import Document
from communique.schemas import Record, VerifiedSummary

Groups = Collection[Collection[str]]
FIGURES = ("pair P", "pair R", "pair F1", "B³ P", "B³ R", "B³ F1")


@dataclass
class Corpus:
    """One side: its articles, their results by today's checks, and the gold in terms of record ids."""

    documents: list[Document] = field(default_factory=list)
    summaries: list[VerifiedSummary] = field(default_factory=list)
    told: dict[str, str] = field(default_factory=dict)  # a record in one line
    event: dict[str, str] = field(default_factory=dict)
    occurrence: dict[str, str] = field(default_factory=dict)
    copies: list[frozenset[str]] = field(default_factory=list)
    undecided: int = 0
    lost: list[str] = field(default_factory=list)


def load(folder: Path) -> Corpus:
    """Replay the answers of a folder and read its gold.

    Raises:
        ValueError: A member of the gold is in no answer or in two events, or a record is in none.
    """
    found, ids = Corpus(), dict[str, str | None]()
    for path in sorted(folder.glob("*.txt")):
        meta, answer = stored(folder, f"{path.stem}.meta"), stored(folder / "strong", path.stem)
        told = {"published": meta["published"], "title": meta["title"]}
        document = Document.from_text(path.read_text("utf-8"), **told, id=path.stem)
        summary = read(document, answer)
        found.documents.append(document)
        found.summaries.append(summary)
        found.told |= {r.id: f"{path.stem}: {r.headline[:150]}" for r in summary.all_records()}
        for kind in KINDS:
            records = getattr(summary, kind)
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
        if (record := ids[member]) is None:
            found.lost.append(member)
        else:
            found.event[record] = event["id"]
            found.occurrence[record] = event.get("occurrence", event["id"])
    return found


def paired(items: Sequence[Mapping[str, Any]], records: Sequence[Record]) -> list[int | None]:
    """Return for each record of an answer the place of what the checks left of it; None if nothing.

    The checks may drop, change and reorder records: they are paired by the sentences and words they share, best first.
    """

    def likeness(item: Mapping[str, Any], record: Record) -> float:
        mine, theirs = _strings(item), _strings(record.model_dump(exclude={"checks", "support", "derived", "id"}))
        said, cited = set(item["evidence"]), {e.sentence for e in record.evidence}
        return len(said & cited) / len(said | cited) + len(mine & theirs) / max(len(mine), 1)

    pairs = [(-likeness(item, record), i, n) for i, item in enumerate(items) for n, record in enumerate(records)]
    places: list[int | None] = [None] * len(items)
    for unlike, i, n in sorted(pairs):
        if places[i] is None and n not in places and unlike < -1:
            places[i] = n
    return places


def _strings(value: Any) -> set[str]:
    if isinstance(value, str):
        return {value}
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return set[str]().union(*map(_strings, inner))


@dataclass
class Score:
    """How well groups fit events: figures from 0 to 1 (None where nothing was grouped) with the ends of their intervals;
    by pair of events that groups join, the records of both; by event that is torn apart, its parts."""

    figures: dict[str, float | None]
    intervals: dict[str, tuple[float, float] | None]
    false_merges: dict[tuple[str, str], list[str]]
    missed_links: dict[str, list[list[str]]]


def score(groups: Groups, event: Mapping[str, str], draws: int = 1000) -> Score:
    """Hold groups of record ids against the event of each record.

    Records without an event don't count; a record in no group is a group of its own.

    Raises:
        ValueError: A record is in two groups.
    """
    times = Counter(record for group in groups for record in set(group) & event.keys())
    if twice := [record for record, n in times.items() if n > 1]:
        raise ValueError(f"in two groups: {twice}")
    size = Counter(event.values())
    sums, merges = {name: [0.0] * 6 for name in size}, dict[tuple[str, str], list[str]]()
    parts = defaultdict[str, list[list[str]]](list)
    for group in [*groups, *([record] for record in event if record not in times)]:
        told = defaultdict[str, list[str]](list)
        for record in sorted(set(group) & event.keys()):
            told[event[record]].append(record)
        grouped = sum(map(len, told.values()))
        for name, records in told.items():
            parts[name].append(records)
            hits = len(records)
            # Each record of a pair counts half of it, so that a false pair counts for both of its events.
            each = (1, (hits - 1) / 2, (grouped - 1) / 2, (size[name] - 1) / 2, hits / grouped, hits / size[name])
            sums[name] = [total + hits * value for total, value in zip(sums[name], each, strict=True)]
        for a, b in combinations(sorted(told), 2):
            merges.setdefault((a, b), []).extend(told[a] + told[b])
    by_event, rng = [sums[name] for name in sorted(sums)], Random(7)
    drawn = [_figures(rng.choices(by_event, k=len(by_event))) for _ in range(draws)]
    return Score(
        _figures(by_event),
        {name: _interval(sorted(v for d in drawn if (v := d[name]) is not None)) for name in FIGURES},
        dict(sorted(merges.items())),
        {name: found for name, found in sorted(parts.items()) if len(found) > 1},
    )


def _figures(sums: Iterable[Sequence[float]]) -> dict[str, float | None]:
    n, hits, grouped, linked, precision, recall = map(sum, zip(*sums, strict=True))
    found: list[float | None] = []
    for p, r in ((hits / grouped if grouped else None, hits / linked if linked else None), (precision / n, recall / n)):
        f1 = None if p is None or r is None else 2 * p * r / (p + r) if p + r else 0.0
        found += [p, r, f1]
    return dict(zip(FIGURES, found, strict=True))


def _interval(drawn: Sequence[float]) -> tuple[float, float] | None:
    return (drawn[int(len(drawn) * 0.025)], drawn[int(len(drawn) * 0.975)]) if drawn else None


def apart(_: list[VerifiedSummary]) -> Groups:
    """Each record is an event of its own."""
    return ()


def same(summaries: list[VerifiedSummary]) -> Groups:
    """Records of one kind with the same names in each role, and the same date or none, are one event."""

    def key(record: Record) -> tuple[Any, ...]:
        kind = type(record).plural
        names = (frozenset(actor.name.casefold() for actor in getattr(record, role)) for role in ROLES[kind])
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


def copies(groups: Groups, gold: Groups) -> dict[str, set[frozenset[str]]]:
    """Return the pairs of copies that are found, missed, and wrong."""
    said, true = ({frozenset(pair) for group in side for pair in combinations(group, 2)} for side in (groups, gold))
    return {"found": said & true, "missed": true - said, "wrong": said - true}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for option in ("--grouping", "--copies"):
        parser.add_argument(option, type=resolve_name)
    parser.add_argument("--list")
    args = parser.parse_args()
    corpus = load(args.folder)
    print(f"{len(corpus.documents)} articles, {len(corpus.event)} records of {len(set(corpus.event.values()))} events")
    print(f"left out: {corpus.undecided} undecided records; rejected by the checks: {corpus.lost or 'none'}\n")
    groupings = {"apart": apart, "same": same, "group_key": group_key, "grouping": args.grouping}
    groupings = {name: grouping for name, grouping in groupings.items() if grouping}
    shown, rows = args.list or list(groupings)[-1], []
    groups = {name: [set(group) for group in grouping(corpus.summaries)] for name, grouping in groupings.items()}
    for name, level in ((name, level) for name in groups for level in ("event", "occurrence")):
        found = score(groups[name], getattr(corpus, level))
        cells = (_cell(found.figures[figure], found.intervals[figure]) for figure in FIGURES)
        rows.append([name, level, *cells, len(found.false_merges)])
    print(markdown(["grouping", "level", *FIGURES, "false merges"], rows))
    faults = score(groups[shown], corpus.event, draws=0)
    print(f"\n{shown}: false merges, by pair of events")
    for pair, records in faults.false_merges.items():
        print("  " + " + ".join(pair), *(corpus.told[record] for record in records), sep="\n      ")
    print(f"{shown}: missed links, by event")
    for name, parts in faults.missed_links.items():
        print(f"  {name}", *(" | ".join(corpus.told[record] for record in part) for part in parts), sep="\n      ")
    if args.copies:
        for name, pairs in copies(args.copies(corpus.documents), corpus.copies).items():
            print(f"copies {name}: {len(pairs)}", *(" = ".join(sorted(pair)) for pair in pairs), sep="\n      ")


def _cell(value: float | None, interval: tuple[float, float] | None) -> str:
    return "–" if value is None or interval is None else f"{value:.2f} ({interval[0]:.2f} to {interval[1]:.2f})"


if __name__ == "__main__":
    main()
