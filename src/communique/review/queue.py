"""Queue: the records of a results file in the order in which a person should see them, the riskiest first."""

from __future__ import annotations

import itertools
import json
import tempfile
import weakref
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from communique.review.decision import fingerprint_of, key_of, keyed
from communique.review.decisions_file import DecisionsFile
from communique.review.standing import OPEN, Standing, standing_of
from communique.schemas import Record, VerifiedSummary
from communique.schemas.stored import json_line
from communique.sinks.reading import read_results, record_types
from communique.sinks.report_content import line

_ORDER = {"flagged": 0, "draft": 1, "supported": 2, "verified": 3}


@dataclass(frozen=True, slots=True)
class Entry:
    """A record of the queue: its place is the number of its result and its own in it, its order goes by `risk`."""

    key: str
    record: str
    document: str
    place: tuple[int, int]
    kind: str
    verdict: str
    fingerprint: str
    probability: float | None
    risk: tuple[int, int, float]
    headline: str
    title: str


class Queue:
    """The records of a results file, in order of risk: verdict, fields without support, the judge's probability.

    The results themselves are spooled to a temporary file, so that the memory needed is small.

    Args:
        results: The file.
        decisions: What was decided.
        kinds: Record types besides the known ones.

    Raises:
        UnreadableDocumentError: The results can't be read.
    """

    def __init__(self, results: Path, decisions: DecisionsFile, kinds: Sequence[type[Record]] = ()) -> None:
        self.results, self.decisions, self._own = results, decisions, kinds
        self.edition = 0
        self._standings: list[tuple[Entry, Standing]] = []
        self._asked = -1, -1
        self._close: Callable[[], object] = lambda: None
        self._load()

    def refresh(self) -> bool:
        """Read the decisions of others, and the results if they changed; tell whether they did.

        Raises:
            UnreadableDocumentError: The results can't be read any more; what was read before stays.
        """
        self.decisions.refresh()
        if self._seen == self._signature():
            return False
        self._load()
        return True

    def standing(self, entry: Entry) -> Standing:
        """Return where a record stands."""
        return standing_of(entry.key, entry.record, entry.fingerprint, self.decisions, self._documents)

    def standings(self) -> list[tuple[Entry, Standing]]:
        """Return the records, in order, and where each stands."""
        if self._asked != (editions := (self.edition, self.decisions.edition)):
            self._standings = [(entry, self.standing(entry)) for entry in self.entries.values()]
            self._asked = editions
        return self._standings

    def shown(self, which: str) -> list[Entry]:
        """Return the entries of a list, in order: `open`, `decided`, `conflicts`, or all."""
        fits: dict[str, Callable[[Standing], bool]] = {
            "open": lambda s: s.state in OPEN,
            "decided": lambda s: s.state not in OPEN,
            "conflicts": lambda s: s.conflict,
            "all": lambda _: True,
        }
        fit = fits.get(which, fits["all"])
        return [entry for entry, standing in self.standings() if fit(standing)]

    def counts(self) -> dict[str, int]:
        """Return the number of records by state, of conflicts, and of places marked as missing."""
        found = Counter(s.state for _, s in self.standings())
        states = {state: found[state] for state in ("undecided", "again", "accepted", "corrected", "rejected")}
        conflicts = sum(s.conflict for _, s in self.standings())
        missing = sum(len(self.missing(sha)) for sha in self._documents)
        return {"records": len(self.entries), **states, "conflicts": conflicts, "missing": missing}

    def missing(self, document: str) -> list[Any]:
        """Return the marks of what is missing in a document."""
        return [d for d in self.decisions.standing(key_of(document, "")) if d.decision == "missing"]

    def summary(self, number: int) -> VerifiedSummary:
        """Return a result by its number."""
        self._spool.seek(self._offsets[number])
        return VerifiedSummary.from_json(json.loads(self._spool.readline()), self._types)

    def record(self, entry: Entry) -> tuple[VerifiedSummary, Record]:
        """Return the result that holds a record, and the record."""
        summary = self.summary(entry.place[0])
        return summary, next(itertools.islice(summary.all_records(), entry.place[1], None))

    def _signature(self) -> tuple[int, ...]:
        try:
            status = self.results.stat()
        except OSError:
            return ()
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _load(self) -> None:
        seen = self._signature()
        spool = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - the queue's own, to its end
        offsets: list[int] = []
        found: dict[str, Entry] = {}
        try:
            for number, summary in enumerate(read_results(self.results, self._own)):
                offsets.append(spool.tell())
                spool.write(json_line(summary.to_dict(full=True)).encode() + b"\n")
                for entry in _entries(summary, number):
                    found.setdefault(entry.key, entry)  # the same text twice is reviewed once
        except BaseException:
            spool.close()
            raise
        self._close()
        self._spool, self._offsets, self._seen = spool, offsets, seen
        self._close = weakref.finalize(self, spool.close)
        self._types = tuple({kind.plural: kind for kind in (*record_types(), *self._own)}.values())
        self.entries: dict[str, Entry] = dict(sorted(found.items(), key=lambda pair: (pair[1].risk, pair[1].place)))
        self.kinds = sorted({*(kind.plural for kind in self._types), *(entry.kind for entry in found.values())})
        self._documents = {entry.document for entry in found.values()}
        self.edition += 1


def _entries(summary: VerifiedSummary, number: int) -> Iterator[Entry]:
    info = summary.document
    kinds = (plural for plural, group in summary.records.items() for _ in group)
    for place, (kind, (own, record)) in enumerate(zip(kinds, keyed(info, summary.all_records()), strict=True)):
        probability = min((j.probability for j in record.judgements), default=None)
        yield Entry(
            key=key_of(info.sha256, own),
            record=own,
            document=info.sha256,
            place=(number, place),
            kind=kind,
            verdict=record.verdict,
            fingerprint=fingerprint_of(record),
            probability=probability,
            risk=(_ORDER.get(record.verdict, 0), -len(record.flags), 1.0 if probability is None else probability),
            headline=line(record.headline),
            title=line(info.title or info.source or info.id),
        )
