"""The result of an evaluation: which prediction is which gold record, counts per document, figures over all, and tables.

The one-to-one pairing of greatest total similarity is taken, required gold records first. The rules are those of the
project's reference scorer (head of `score.py`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from communique.evaluation.answers import Entry
from communique.evaluation.counts import Found, Tally, added, assign
from communique.evaluation.kinds import STANDARD, Kind, values_in
from communique.evaluation.ruler import Article

Interval = tuple[float, float]

_VERDICTS = {"unflagged": "supported or verified", "flagged": "to check"}
_HEAD = f"{'P':>7}{'R':>7}{'F1':>7}{'tp':>6}{'fp':>5}{'fn':>5}"
_LEFT_OUT = {
    "predictions_missing": "no prediction for",
    "predictions_unmatched": "predictions without a gold document",
    "without_text": "no text to check quotations in, for",
}


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairing of one record type in one document."""

    pairs: tuple[tuple[Entry, Entry], ...]  # (gold record, prediction)
    missed: tuple[Entry, ...]  # required gold records without a prediction
    extra: tuple[Entry, ...]  # predictions without a gold record
    tally: Tally


def pair(kind: Kind, gold: Sequence[Entry], given: Sequence[Entry], language: str, article: Article) -> Pairing:
    """Pair the records of one type in one document; `article` locates the evidence."""
    wanted, cited = ([article.touched(e.evidence) for e in entries] for entries in (gold, given))
    alike = [
        [kind.similarity(g, p, language, wanted[i], cited[j]) for j, p in enumerate(given)] for i, g in enumerate(gold)
    ]
    # A required record outweighs any optional one, since no similarity is above 1.
    numbers = assign([[s + (not gold[i].optional) if s else 0.0 for s in row] for i, row in enumerate(alike)])
    pairs = tuple((gold[i], given[j]) for i, j in numbers)
    taken, used = {i for i, _ in numbers}, {j for _, j in numbers}
    missed = tuple(g for i, g in enumerate(gold) if i not in taken and not g.optional)
    extra = tuple(p for j, p in enumerate(given) if j not in used)
    tally = Tally(
        tp=len(pairs),
        fp=len(extra),
        fn=len(missed),
        optional_found=sum(g.optional for g, _ in pairs),
        optional=sum(g.optional for g in gold),
        state_ok=sum(kind.state_is_right(g, p) for g, p in pairs) if kind.state else 0,
        state_n=len(pairs) if kind.state else 0,
        slots=added(slot for g, p in pairs for slot in kind.slots(g, p, language).items()),
    )
    return Pairing(pairs, missed, extra, tally)


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """What was counted for one document."""

    id: str
    pairings: Mapping[str, Pairing]  # by record type
    answered: bool = True  # whether there was a prediction
    lost_quotations: int = 0  # predicted quotations that are not in the text
    lost_gold_quotations: int = 0  # gold quotations that are not in the text: a fault of the gold

    @property
    def tally(self) -> Tally:
        """The counts of all record types together."""
        return sum((p.tally for p in self.pairings.values()), Tally())


@dataclass(frozen=True, slots=True)
class Scores:
    """The figures over all documents."""

    documents: tuple[DocumentScore, ...]  # in the order of the gold
    kinds: tuple[Kind, ...] = STANDARD  # what was scored
    unmatched: tuple[str, ...] = ()  # predictions that belong to no gold document
    without_text: tuple[str, ...] = ()  # documents without their text: their quotations were compared as they are
    intervals: Mapping[str, Interval | None] | None = None
    """95 % bootstrap intervals of F1 over documents, by record type and `micro`; None if not asked for."""

    def of(self, plural: str) -> Tally:
        """Return the counts of one record type."""
        return sum((d.pairings[plural].tally for d in self.documents), Tally())

    @property
    def types(self) -> dict[str, Tally]:
        """The counts by record type."""
        return {kind.plural: self.of(kind.plural) for kind in self.kinds}

    @property
    def micro(self) -> Tally:
        """The counts of all record types together."""
        return sum((d.tally for d in self.documents), Tally())

    @property
    def slots(self) -> dict[str, Found]:
        """Slots over all record types; `actors` are the roles that decide which records belong together."""
        always = [(kind.line(name), Found()) for kind in self.kinds for name in (*kind.identity, *kind.more)]
        found = ((kind.line(name), n) for kind in self.kinds for name, n in self.of(kind.plural).slots.items())
        return added((*always, *found))

    @property
    def differences(self) -> Iterator[tuple[str, str, Kind, Entry]]:
        """The required records that were missed and the predictions that are false: `missed` or `false`, document, record."""
        for document in self.documents:
            for kind in self.kinds:
                pairing = document.pairings[kind.plural]
                yield from (("missed", document.id, kind, entry) for entry in pairing.missed)
                yield from (("false", document.id, kind, entry) for entry in pairing.extra)

    def to_json(self) -> dict[str, Any]:
        """Return everything for machines."""
        figures = {name: tally.to_json() for name, tally in (*self.types.items(), ("micro", self.micro))}
        for name, interval in (self.intervals or {}).items():
            figures[name]["F1_95"] = list(interval) if interval else None
        return {
            "micro": figures.pop("micro"),
            "types": figures,
            "slots": {name: found.to_json() for name, found in self.slots.items()},
            "empty": self._empty(),
            "verdicts": self._verdicts(),
            "quotes_not_in_text": sum(d.lost_quotations for d in self.documents),
            "gold_quotes_not_in_text": sum(d.lost_gold_quotations for d in self.documents),
            "gold_without_evidence": sum(
                tag == "missed" and bool(kind.roles) and not entry.evidence for tag, _, kind, entry in self.differences
            ),
            "documents": len(self.documents),
            "predictions_missing": [d.id for d in self.documents if not d.answered],
            "predictions_unmatched": list(self.unmatched),
            "without_text": list(self.without_text),
        }

    def _empty(self) -> dict[str, Any]:
        """Return how many articles hold no record in the gold, and what was predicted there."""
        counts = [t.predicted for t in (d.tally for d in self.documents) if not t.required + t.optional]
        false = sum(n > 0 for n in counts)
        rate = false / len(counts) if counts else None
        return {"articles": len(counts), "with_false_positives": false, "rate": rate, "records": sum(counts)}

    def _verdicts(self) -> dict[str, Any]:
        """Return how many records each verdict was given to, and the share of them that the gold has."""
        pairings = [p for d in self.documents for p in d.pairings.values()]
        judged = [(given.verdict, Found(tp=1)) for p in pairings for _, given in p.pairs]
        judged += [(given.verdict, Found(fp=1)) for p in pairings for given in p.extra]
        found = added((verdict, n) for verdict, n in judged if verdict is not None)
        if found:
            found["unflagged"] = found.get("supported", Found()) + found.get("verified", Found())
        return {
            name: {"records": n.tp + n.fp, "right": n.tp, "precision": n.precision} for name, n in sorted(found.items())
        }


def f1_intervals(documents: Sequence[DocumentScore], plurals: Sequence[str], rounds: int) -> dict[str, Interval | None]:
    """Return 95 % intervals of F1: percentiles over so many draws of documents with replacement, the same ones each time.

    A round without a required record of a type says nothing about that type and is left out of its interval.
    """
    chance = random.Random(0)  # noqa: S311 - statistics, not secrets
    figures: dict[str, list[float]] = {name: [] for name in (*plurals, "micro")}
    for _ in range(rounds):
        drawn = [chance.choice(documents) for _ in documents]
        tallies = {plural: sum((d.pairings[plural].tally for d in drawn), Tally()) for plural in plurals}
        for plural, tally in tallies.items():
            if tally.required:
                figures[plural].append(tally.f1)
        figures["micro"].append(sum(tallies.values(), Tally()).f1)
    ordered = {name: sorted(values) for name, values in figures.items()}
    return {
        name: (values[int(len(values) * 0.025)], values[int(len(values) * 0.975)]) if values else None
        for name, values in ordered.items()
    }


def render(scores: Scores) -> str:
    """Render the figures as lines of text: types, slots, intervals, empty articles, verdicts, and what was left out."""
    tallies = [*scores.types.items(), ("all (micro)", scores.micro)]
    width = max(20, *(len(name) + 2 for name in (*scores.types, *scores.slots)))
    lines = [f"{'':{width}}{_HEAD}{'optional':>10}{'state':>8}"]
    lines += [
        f"{name:{width}}{_figures(tally)}{tally.optional_found:10}{_figure(tally.state_accuracy, 8)}"
        for name, tally in tallies
    ]
    lines += ["", f"{'slot':{width}}{_HEAD}"]
    lines += [f"{name:{width}}{_figures(found)}" for name, found in scores.slots.items()]
    if scores.intervals is not None:
        lines += ["", "F1, 95 % interval (bootstrap over articles)"]
        told = {name: f"{i[0]:7.3f} to {i[1]:.3f}" if i else "      -" for name, i in scores.intervals.items()}
        lines += [f"{name:{width}}{interval}" for name, interval in told.items()]
    return "\n".join([*lines, "", *_remarks(scores)]) + "\n"


def render_differences(scores: Scores) -> str:
    """Render one line per required record that was missed and per prediction that is false."""
    lines = [
        f"{tag.upper():7}{name} {kind.plural} {_told(kind, entry)}" for tag, name, kind, entry in scores.differences
    ]
    return "\n".join(lines) + "\n" if lines else "no differences\n"


def _told(kind: Kind, entry: Entry) -> str:
    if kind.roles:
        named = {role: [forms[0] for forms in entry.required(role)] for role in kind.roles}
    else:
        named = {name: [str(v) for v in values_in(entry.row.get(name))] for name in kind.identity}
    state = entry.row.get(kind.state) if kind.state else ""
    roles = "; ".join(f"{name}: {', '.join(values)}" for name, values in named.items())
    return f"[{roles}] {state} | {(entry.evidence or ('',))[0][:140]}"


def _figures(counts: Found | Tally) -> str:
    figures = "".join(_figure(x, 7) for x in (counts.precision, counts.recall, counts.f1))
    return f"{figures}{counts.tp:6}{counts.fp:5}{counts.fn:5}"


def _figure(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.3f}"


def _remarks(scores: Scores) -> Iterator[str]:
    found = scores.to_json()
    empty = found["empty"]
    false = f"{empty['with_false_positives']} got {empty['records']} false record(s)"
    yield f"articles: {found['documents']}; without a record in the gold: {empty['articles']}, of which {false}"
    if len(found["without_text"]) < found["documents"]:
        yield f"quotations that are not in the text: {found['quotes_not_in_text']}"
    for verdict, n in found["verdicts"].items():
        share = "" if n["precision"] is None else f", precision {n['precision']:.3f}"
        yield f"{_VERDICTS.get(verdict, verdict)}: {n['right']} of {n['records']} records are in the gold{share}"
    yield from (f"{what}: {', '.join(found[key])}" for key, what in _LEFT_OUT.items() if found[key])
    if found["gold_quotes_not_in_text"]:
        yield f"the gold quotes {found['gold_quotes_not_in_text']} sentence(s) that are not in its texts"
    if found["gold_without_evidence"]:
        yield f"{found['gold_without_evidence']} gold record(s) have no evidence and can't be paired"
