"""Scores as a table for people."""

from __future__ import annotations

from communique.evaluation.answers import KINDS, SCORED_ROLES, Entry
from communique.evaluation.counts import Tally
from communique.evaluation.scores import Scores

_VERDICTS = {"unflagged": "supported or verified", "flagged": "to check"}
_HEAD = f"{'':20}{'P':>7}{'R':>7}{'F1':>7}{'P len.':>8}{'F1 loose':>10}{'req':>6}{'pred':>6}{'dup':>5}{'opt':>5}{'state':>8}"


def render(scores: Scores) -> str:
    """Render the figures as lines of text: types, slots, empty articles, checks, and what was left out."""
    lines = [_HEAD, *(_row(kind, scores.of(kind)) for kind in KINDS), _row("all (micro)", scores.micro)]
    lines += ["", f"{'slot':20}{'P':>7}{'R':>7}{'F1':>7}{'tp':>6}{'fp':>5}{'fn':>5}"]
    for name, found in scores.slots.items():
        figures = "".join(_figure(x, 7) for x in (found.precision, found.recall, found.f1))
        lines.append(f"{name:20}{figures}{found.tp:6}{found.fp:5}{found.fn:5}")
    if scores.intervals is not None:
        lines += ["", "F1, 95 % interval (bootstrap over articles)"]
        lines += [f"{name:20}{_interval(interval)}" for name, interval in scores.intervals.items()]
    return "\n".join([*lines, "", *_remarks(scores)]) + "\n"


def render_documents(scores: Scores) -> str:
    """Render one line per document: required found / required + optional found, of predictions."""
    lines = [f"{'':36}{''.join(f'{kind:>22}' for kind in KINDS)}"]
    for document in scores.documents:
        cells = (document.tally(kind) for kind in KINDS)
        lines.append(
            f"{document.id:36}" + "".join(f"{f'{t.tp_req}/{t.req}+{t.tp_opt} of {t.pred}':>22}" for t in cells)
        )
    return "\n".join(lines) + "\n"


def render_differences(scores: Scores) -> str:
    """Render one line per required record that was missed and per prediction that is false or a repetition."""
    lines = []
    for document in scores.documents:
        for kind, pairing in document.pairings.items():
            lines += [_difference("MISSED", document.id, kind, document.gold.of(kind)[i]) for i in pairing.missed]
            given = document.given.of(kind) if document.given else ()
            for j in pairing.extra:
                tag = "REPEATED" if j in pairing.repeated else "FALSE"
                lines.append(_difference(tag, document.id, kind, given[j]))
    return "\n".join(lines) + "\n" if lines else "no differences\n"


def _difference(tag: str, document: str, kind: str, entry: Entry) -> str:
    roles = "; ".join(f"{role}: {', '.join(a[0] for a in entry.actors(role))}" for role in SCORED_ROLES[kind])
    return f"{tag:9}{document} {kind} [{roles}] {entry.state} | {(entry.evidence or ('',))[0][:140]}"


def _row(name: str, tally: Tally) -> str:
    figures = (
        f"{tally.precision:7.3f}{tally.recall:7.3f}{tally.f1:7.3f}{tally.precision_lenient:8.3f}{tally.f1_loose:10.3f}"
    )
    return (
        f"{name:20}{figures}{tally.req:6}{tally.pred:6}{tally.dup:5}{tally.tp_opt:5}{_figure(tally.state_accuracy, 8)}"
    )


def _remarks(scores: Scores) -> list[str]:
    found = scores.to_json()
    empty = found["empty"]
    false = f"{empty['with_false_positives']} got {empty['records']} false record(s)"
    lines = [
        f"articles: {found['documents']}; without a record in the gold: {empty['articles']}, of which {false}",
        f"quotations that are not in the text: {found['quotes_not_in_text']}",
    ]
    for verdict, n in found["verdicts"].items():
        share = "" if n["precision"] is None else f", precision {n['precision']:.3f}"
        lines.append(
            f"{_VERDICTS.get(verdict, verdict)}: {n['right']} of {n['records']} records are in the gold{share}"
        )
    for key, what in (
        ("predictions_missing", "no prediction for"),
        ("predictions_unmatched", "predictions of no gold document"),
        ("without_text", "no text at hand, quotations compared as they are, for"),
    ):
        if found[key]:
            lines.append(f"{what}: {', '.join(found[key])}")
    if found["gold_quotes_not_in_text"]:
        lines.append(f"the gold quotes {found['gold_quotes_not_in_text']} sentence(s) that are not in its texts")
    return lines


def _figure(value: float | None, width: int) -> str:
    return f"{'-':>{width}}" if value is None else f"{value:{width}.3f}"


def _interval(interval: tuple[float, float] | None) -> str:
    return "      -" if interval is None else f"{interval[0]:7.3f} to {interval[1]:.3f}"
