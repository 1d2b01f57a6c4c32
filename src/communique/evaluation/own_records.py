"""Scoring record types of one's own: pairs are found by the fields marked `Identity`, then every field is compared.

The gold has, for each document, `{"id": ..., "PLURAL": [{field: value, "evidence": [...]}]}`; fields that it leaves out
are not scored. A gold record with `"optional": true` may be missed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from communique.errors import ConfigurationError
from communique.evaluation.answers import objects
from communique.evaluation.assignment import assign
from communique.evaluation.counts import Found
from communique.evaluation.sources import Source, rows
from communique.evaluation.wording import normal, same_value
from communique.schemas import Computed, Identity, Record, field_markers

Fields = Mapping[str, Any]
LEAST_ALIKE = 0.5
"""Share of the identifying fields that a prediction must have right to be paired."""


@dataclass(frozen=True, slots=True)
class KindScore:
    """Figures of one record type.

    Attributes:
        kind: Its plural key.
        records: Records found, too many, missed.
        fields: By field, over the paired records.
        optional: Predictions paired with an optional gold record; they count neither way.
        paired_by: The fields that decided which records belong together.
    """

    kind: str
    records: Found
    fields: Mapping[str, Found]
    optional: int = 0
    paired_by: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """Return counts and figures for machines."""
        return {
            "kind": self.kind,
            "records": self.records.to_json(),
            "fields": {name: found.to_json() for name, found in self.fields.items()},
            "optional": self.optional,
            "paired_by": list(self.paired_by),
        }


def score_records(gold: Source, predictions: Source, record_types: Iterable[type[Record]]) -> tuple[KindScore, ...]:
    """Compare predictions with gold, one score a record type.

    Args:
        gold: A folder of `ID.json`, a JSONL file, or objects; in the shape above or our own output.
        predictions: The same.
        record_types: What to score.

    Raises:
        UnreadableDocumentError: A path is missing, or a file holds no JSON object.
        ConfigurationError: There is no gold, or no prediction belongs to it.
    """
    kinds = tuple(record_types)
    keys = [kind.plural for kind in kinds]
    wanted = _by_id(gold, keys, None, "the gold")
    if not wanted:
        raise ConfigurationError("there is no gold", hint=f"each row needs an id and a list {keys[0]!r}")
    given = _by_id(predictions, keys, set(wanted), "the predictions")
    if not given:
        raise ConfigurationError("no prediction belongs to a gold document", hint="give both the same ids")
    return tuple(_score(kind, wanted, given) for kind in kinds)


def render_records(scores: Sequence[KindScore]) -> str:
    """Render the figures as lines of text."""
    lines = [f"{'':32}{'P':>7}{'R':>7}{'F1':>7}{'tp':>6}{'fp':>5}{'fn':>5}"]
    for score in scores:
        lines.append(_line(score.kind, score.records))
        lines += [_line(f"  {name}", found) for name, found in score.fields.items()]
        lines.append(f"  paired by {', '.join(score.paired_by)}")
    return "\n".join(lines)


def _line(name: str, found: Found) -> str:
    figures = "".join(f"{x:7.3f}" if x is not None else f"{'-':>7}" for x in (found.precision, found.recall, found.f1))
    return f"{name:32}{figures}{found.tp:6}{found.fp:5}{found.fn:5}"


def _by_id(source: Source, keys: list[str], known: set[str] | None, what: str) -> dict[str, Fields]:
    found: dict[str, Fields] = {}
    for where, ids, row in rows(source, keys):
        name = ids[0] if known is None else next((i for i in ids if i in known), None)
        if name is None:
            continue
        wrong = next((k for k in keys if not isinstance(row.get(k, []), (list, tuple))), None)
        if wrong is not None:
            raise ConfigurationError(f"{where}: {wrong} is not a list", hint="a list of objects")
        if name in found:
            raise ConfigurationError(f"{where}: {what} hold {name!r} twice", hint="keep one per document")
        found[name] = row
    return found


def _score(kind: type[Record], gold: Mapping[str, Fields], given: Mapping[str, Fields]) -> KindScore:
    fields = _fields(kind)
    identity = tuple(n for n in fields if any(isinstance(m, Identity) for m in field_markers(kind, n))) or tuple(fields)
    records, optional = Found(), 0
    per_field: dict[str, Found] = {}
    for name, row in gold.items():
        wanted, said = objects(row.get(kind.plural)), objects(given.get(name, {}).get(kind.plural))
        # A required record outweighs an optional one where both would fit.
        alike = [[_alike(g, p, identity) * (1.0 if g.get("optional") else 2.0) for p in said] for g in wanted]
        pairs = assign(alike) if wanted and said else []
        taken = {i for i, _ in pairs}
        optional += sum(bool(wanted[i].get("optional")) for i in taken)
        hits = sum(not wanted[i].get("optional") for i in taken)
        missed = sum(not g.get("optional") for i, g in enumerate(wanted) if i not in taken)
        records += Found(hits, len(said) - len(pairs), missed)
        for i, j in pairs:
            for each in fields:
                if each in wanted[i]:
                    compared = _compare(wanted[i][each], said[j].get(each))
                    per_field[each] = per_field.get(each, Found()) + compared
    return KindScore(kind.plural, records, per_field, optional, identity)


def _fields(kind: type[Record]) -> list[str]:
    return [
        name
        for name in kind.model_fields
        if name != "evidence" and not any(isinstance(m, Computed) for m in field_markers(kind, name))
    ]


def _alike(gold: Fields, given: Fields, identity: Sequence[str]) -> float:
    """Return the share of the identifying values that are right; 0 below `LEAST_ALIKE`."""
    found = sum((_compare(gold[name], given.get(name)) for name in identity if _values(gold.get(name))), Found())
    share = found.f1 or 0.0
    return share if share >= LEAST_ALIKE else 0.0


def _compare(gold: Any, given: Any) -> Found:
    wanted, said = _values(gold), _values(given)
    pairs = assign([[1.0 if _same(w, s) else 0.0 for s in said] for w in wanted]) if wanted and said else []
    return Found(len(pairs), len(said) - len(pairs), len(wanted) - len(pairs))


def _values(value: Any) -> list[Any]:
    """Return the single values in a field: of a list its items, of a part its name or its values.

    None and "" are none.
    """
    if isinstance(value, (list, tuple)):
        return [v for item in value for v in _values(item)]
    if isinstance(value, Mapping):
        name = value.get("name")
        return [name] if name else [v for item in value.values() for v in _values(item)]
    return [] if value is None or value == "" else [value]


def _same(wanted: Any, given: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(given, bool):
        return wanted is given
    if isinstance(wanted, (int, float)) and isinstance(given, (int, float)):
        return float(wanted) == float(given)
    first, second = str(wanted), str(given)
    if any(c.isdigit() for c in first + second):  # "7" is no part of "7.1"
        return normal(first) == normal(second)
    return same_value(first, second)
