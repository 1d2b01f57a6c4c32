"""Scores as tables for people."""

from __future__ import annotations

from collections.abc import Iterable

from communique.evaluation.answers import Entry
from communique.evaluation.counts import Found, Tally
from communique.evaluation.kinds import Kind
from communique.evaluation.scores import Interval, Scores
from communique.evaluation.values import values_in

_VERDICTS = {"unflagged": "supported or verified", "flagged": "to check"}
_HEAD = f"{'P':>7}{'R':>7}{'F1':>7}{'tp':>6}{'fp':>5}{'fn':>5}"
_LEFT_OUT = {
    "predictions_missing": "no prediction for",
    "predictions_unmatched": "predictions without a gold document",
    "without_text": "no text to check quotations in, for",
}


def render(scores: Scores) -> str:
    """Render the figures as lines of text: types, slots, intervals, empty articles, verdicts, and what was left out."""
    tallies = [*scores.types.items(), ("all (micro)", scores.micro)]
    width = max(20, *(len(name) + 2 for name in (*scores.types, *scores.slots)))
    lines = [f"{'':{width}}{_HEAD}{'optional':>10}{'state':>8}"]
    lines += [
        f"{_line(name, width, tally)}{tally.optional_found:10}{_figure(tally.state_accuracy, 8)}"
        for name, tally in tallies
    ]
    lines += ["", f"{'slot':{width}}{_HEAD}", *(_line(name, width, found) for name, found in scores.slots.items())]
    if scores.intervals is not None:
        lines += ["", "F1, 95 % interval (bootstrap over articles)"]
        lines += [f"{name:{width}}{_interval(interval)}" for name, interval in scores.intervals.items()]
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


def _line(name: str, width: int, counts: Found | Tally) -> str:
    figures = "".join(_figure(x, 7) for x in (counts.precision, counts.recall, counts.f1))
    return f"{name:{width}}{figures}{counts.tp:6}{counts.fp:5}{counts.fn:5}"


def _remarks(scores: Scores) -> Iterable[str]:
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


def _figure(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.3f}"


def _interval(interval: Interval | None) -> str:
    return "      -" if interval is None else f"{interval[0]:7.3f} to {interval[1]:.3f}"
