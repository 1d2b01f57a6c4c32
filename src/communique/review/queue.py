"""Queue: the records of a results file in the order in which a person should see them, the riskiest first."""

from __future__ import annotations

import itertools
import json
import zlib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from communique.review.decision import (
    JUDGES,
    OPEN,
    DecisionsFile,
    Standing,
    edited_fingerprint_of,
    fingerprint_of,
    key_of,
)
from communique.schemas import Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.html_report import line
from communique.sinks.identifiers import identified
from communique.sinks.json_files import read_results, record_types

_ORDER = {"flagged": 0, "draft": 1, "supported": 2, "verified": 3}


class Entry(NamedTuple):
    """A record of the queue, which is sorted by `rank`: its risk, the number of its result, its own in the result."""

    rank: tuple[int, int, float, int, int]
    key: str
    record: str
    document: str
    kind: str
    verdict: str
    fingerprint: str
    edited: str
    headline: str
    title: str


class Queue:
    """The records of a results file, in order of risk: verdict, fields without support, the judge's probability.

    The results themselves are held compressed, since their file may change. `kinds` are further record types. Raises
    UnreadableDocumentError if the results can't be read.
    """

    def __init__(self, results: Path, decisions: DecisionsFile, kinds: Sequence[type[Record]] = ()) -> None:
        self.results, self.decisions, self._own, self.edition = results, decisions, kinds, 0
        self._standings: tuple[tuple[int, int], list[tuple[Entry, Standing]]] = (-1, -1), []
        self._load()

    def refresh(self) -> None:
        """Read the decisions of others, and the results if they changed; what was read before stays if either raises."""
        self.decisions.refresh()
        if self._seen != self._signature():
            self._load()

    def standing(self, entry: Entry) -> Standing:
        """Return where a record stands."""
        return self.decisions.standing_of(entry.key, entry.record, entry.fingerprint, entry.edited, self._documents)

    def standings(self) -> list[tuple[Entry, Standing]]:
        """Return the records, in order, and where each stands."""
        editions = self.edition, self.decisions.edition
        if self._standings[0] != editions:
            self._standings = editions, [(entry, self.standing(entry)) for entry in self.entries.values()]
        return self._standings[1]

    def shown(self, which: str) -> list[Entry]:
        """Return the entries of a list, in order: `open`, `decided`, `conflicts`, or all."""
        lists = {"open": OPEN, "decided": JUDGES.values()}
        found = [(e, s) for e, s in self.standings() if which not in lists or s.state in lists[which]]
        return [entry for entry, standing in found if standing.conflict or which != "conflicts"]

    def counts(self) -> dict[str, int]:
        """Return the number of records by state, of conflicts, and of places marked as missing."""
        found = Counter(standing.state for _, standing in self.standings())
        return {
            "records": len(self.entries),
            **{state: found[state] for state in (*OPEN, *JUDGES.values())},
            "conflicts": sum(standing.conflict for _, standing in self.standings()),
            "missing": sum(len(self.decisions.missing(sha)) for sha in self._documents),
        }

    def progress(self) -> str:
        """Return in words how far the review is: `3 of 10 records decided: accepted 2, rejected 1`."""
        counts, names = self.counts(), {"again": "asked again", "missing": "marked as missing"}
        decided = sum(counts[state] for state in JUDGES.values())
        told = {name: n for name, n in counts.items() if n and name not in {"records", "undecided"}}
        more = ", ".join(f"{names.get(name, name)} {n:,}" for name, n in told.items())
        return f"{decided:,} of {counts['records']:,} records decided" + (f": {more}" if more else "")

    def summary(self, number: int) -> VerifiedSummary:
        """Return a result by its number."""
        return VerifiedSummary.from_json(json.loads(zlib.decompress(self._held[number])), self._types)

    def record(self, entry: Entry) -> tuple[VerifiedSummary, Record]:
        """Return the result that holds a record, and the record."""
        *_, number, place = entry.rank
        summary = self.summary(number)
        return summary, next(itertools.islice(summary.all_records(), place, None))

    def _signature(self) -> tuple[int, ...]:
        with suppress(OSError):
            status = self.results.stat()
            return status.st_mtime_ns, status.st_size, status.st_ino
        return ()

    def _load(self) -> None:
        seen, held, found = self._signature(), list[bytes](), dict[str, Entry]()
        for number, summary in enumerate(read_results(self.results, self._own)):
            held.append(zlib.compress(json_line(summary.to_dict(full=True)).encode(), level=1))
            info, sha = summary.document, summary.document.sha256
            title = line(info.title or info.source or info.id)
            for place, (kind, record, named) in enumerate(identified(summary)):
                probability = min((judged.probability for judged in record.judgements), default=1.0)
                rank = _ORDER.get(record.verdict, 0), -len(record.flags), probability, number, place
                told = {"kind": kind, "verdict": record.verdict, "headline": line(record.headline), "title": title}
                told |= {"fingerprint": fingerprint_of(record), "edited": edited_fingerprint_of(record)}
                entry = Entry(rank, key_of(sha, named.id), named.id, sha, **told)
                found.setdefault(entry.key, entry)  # the same text twice is reviewed once
        self._held, self._seen = held, seen
        self._types = record_types(self._own)
        self.entries = {entry.key: entry for entry in sorted(found.values())}
        self.kinds = sorted({*(kind.plural for kind in self._types), *(entry.kind for entry in found.values())})
        self._documents = {entry.document for entry in found.values()}
        self.edition += 1
