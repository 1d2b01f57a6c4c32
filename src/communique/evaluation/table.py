"""Scores as tables for people."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from communique.evaluation.answers import Entry
from communique.evaluation.counts import Found, Tally
from communique.evaluation.kinds import Kind
from communique.evaluation.scores import Interval, Scores
from communique.evaluation.values import values_in

_VERDICTS = {"unflagged": "supported or verified", "flagged": "to check"}
_HEAD = f"{'':20}{'P':>7}{'R':>7}{'F1':>7}{'P len.':>8}{'F1 loose':>10}{'req':>6}{'pred':>6}{'dup':>5}{'opt':>5}{'state':>8}"
_LEFT_OUT = {
    "predictions_missing": "no prediction for",
    "predictions_unmatched": "predictions of no gold document",
    "without_text": "no text at hand to look quotations up, for",
}


def render(scores: Scores) -> str:
    """Render the figures as lines of text: types, slots, intervals, empty articles, verdicts, and what was left out."""
    lines = [_HEAD, *(_row(name, tally) for name, tally in scores.types.items()), _row("all (micro)", scores.micro)]
    width = max(20, 2 + max(map(len, scores.slots)))
    lines += ["", f"{'slot':{width}}{'P':>7}{'R':>7}{'F1':>7}{'tp':>6}{'fp':>5}{'fn':>5}"]
    lines += [_slot(f"{name:{width}}", found) for name, found in scores.slots.items()]
    if scores.intervals is not None:
        lines += ["", "F1, 95 % interval (bootstrap over articles)"]
        lines += [f"{name:20}{_interval(interval)}" for name, interval in scores.intervals.items()]
    return "\n".join([*lines, "", *_remarks(scores)]) + "\n"


def render_documents(scores: Scores) -> str:
    """Render one line per document: required found / required + optional found, of predictions."""
    lines = [f"{'':36}{''.join(f'{kind.plural:>22}' for kind in scores.kinds)}"]
    for document in scores.documents:
        tallies = (pairing.tally for pairing in document.pairings.values())
        cells = (f"{t.tp_req}/{t.req}+{t.tp_opt} of {t.pred}" for t in tallies)
        lines.append(f"{document.id:36}" + "".join(f"{cell:>22}" for cell in cells))
    return "\n".join(lines) + "\n"


def render_differences(scores: Scores) -> str:
    """Render one line per required record that was missed and per prediction that is false or a repetition."""
    lines = []
    for document in scores.documents:
        for kind in scores.kinds:
            pairing = document.pairings[kind.plural]
            tagged = chain(
                (("MISSED", entry) for entry in pairing.missed),
                (("REPEATED" if entry in pairing.repeated else "FALSE", entry) for entry in pairing.extra),
            )
            lines += [f"{tag:9}{document.id} {kind.plural} {_told(kind, entry)}" for tag, entry in tagged]
    return "\n".join(lines) + "\n" if lines else "no differences\n"


def _told(kind: Kind, entry: Entry) -> str:
    if kind.roles:
        named = {role: [forms[0] for forms in entry.required(role)] for role in kind.roles}
    else:
        named = {name: [str(v) for v in values_in(entry.row.get(name))] for name in kind.identity}
    state = entry.row.get(kind.state) if kind.state else ""
    roles = "; ".join(f"{name}: {', '.join(values)}" for name, values in named.items())
    return f"[{roles}] {state} | {(entry.evidence or ('',))[0][:140]}"


def _row(name: str, tally: Tally) -> str:
    figures = (
        f"{tally.precision:7.3f}{tally.recall:7.3f}{tally.f1:7.3f}{tally.precision_lenient:8.3f}{tally.f1_loose:10.3f}"
    )
    counts = f"{tally.req:6}{tally.pred:6}{tally.dup:5}{tally.tp_opt:5}"
    return f"{name:20}{figures}{counts}{_figure(tally.state_accuracy, 8)}"


def _slot(name: str, found: Found) -> str:
    figures = "".join(_figure(x, 7) for x in (found.precision, found.recall, found.f1))
    return f"{name}{figures}{found.tp:6}{found.fp:5}{found.fn:5}"


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


def _figure(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.3f}"


def _interval(interval: Interval | None) -> str:
    return "      -" if interval is None else f"{interval[0]:7.3f} to {interval[1]:.3f}"
