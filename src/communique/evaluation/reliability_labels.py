"""From predictions with opinions, and gold, to observations: which of a second model's questions had yes for an answer.

A whole record is right if it is paired with a gold record or repeats one that is (`pairing.py`). A field is right if a gold
record of that type which shares a sentence has it: the actor in that role, the state, the place, the time. Fields that the
gold doesn't annotate are not observed, nor are documents without gold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from communique.errors import ConfigurationError
from communique.evaluation.answers import KINDS, STATE_FIELDS, Entry, objects
from communique.evaluation.measure import evaluate
from communique.evaluation.naming import same_actor
from communique.evaluation.quotations import ArticleText, Locator, WithoutText
from communique.evaluation.reliability import Observation
from communique.evaluation.scores import DocumentScore
from communique.evaluation.slots import compare_place, compare_time
from communique.evaluation.sources import Source, find_texts, rows

_INDEX = re.compile(r"\[(\d+)\]")
_STATES = frozenset({"status", "stage", "commitment"})
_ROLE_OF = {"responses.responders": "denied_by", "attributions.source": "reported_by"}


def observe(
    gold: Source, predictions: Source, texts: Path | str | Mapping[str, str] | None = None
) -> tuple[list[Observation], str]:
    """Return the opinions of our own output as observations, and whose opinions they are.

    Args:
        gold: As for `evaluate`.
        predictions: Output of ours, made with a second opinion and without a calibration.
        texts: As for `evaluate`.

    Raises:
        UnreadableDocumentError: A path is missing or a file can't be read.
        ConfigurationError: Gold and predictions don't fit each other, hold no opinion that the gold knows the answer to, hold
            those of several models, or are calibrated already.
    """
    source = predictions if isinstance(predictions, (str, Path)) else list(predictions)
    given = [(ids, row) for _, ids, row in rows(source)]
    scores = evaluate(gold, source, texts)
    articles = find_texts(gold, texts, [d.id for d in scores.documents])
    found: list[Observation] = []
    models: set[str] = set()
    for document in scores.documents:
        row = next((row for ids, row in given if document.id in ids), None)
        if row is None or document.given is None:
            continue
        for kind in KINDS:
            judge = _Judge(kind, document, articles.get(document.id))
            for index, record in enumerate(objects(row.get(kind))):
                for opinion in objects(record.get("opinions")):
                    _demand_raw(document.id, opinion)
                    models.add(str(opinion.get("model") or ""))
                    right = judge(index, record, str(opinion["field"]))
                    if right is not None:
                        question = f"{kind}.{_key(str(opinion['field']))}"
                        probability = float(opinion["probability"])
                        found.append(Observation(document.id, question, probability, right))
    if not found:
        raise ConfigurationError(
            "the predictions hold no opinion that the gold has an answer to",
            hint="make them with --check-with",
        )
    if len(models) > 1:
        raise ConfigurationError(
            f"the opinions are those of several models: {', '.join(sorted(models))}",
            hint="calibrate one at a time",
        )
    return found, models.pop()


class _Judge:
    """Says which fields of the predicted records of one type, in one document, are right."""

    def __init__(self, kind: str, document: DocumentScore, article: str | None) -> None:
        pairing = document.pairings[kind]
        self._kind, self._language = kind, document.gold.language
        self._locator: Locator = WithoutText() if article is None else ArticleText(article)
        self._right = {j for _, j in pairing.pairs} | set(pairing.repeated)
        self._gold = [(e, self._locator.touched(e.evidence)) for e in document.gold.of(kind)]
        self._given = document.given.of(kind) if document.given else ()

    def __call__(self, index: int, record: Mapping[str, Any], path: str) -> bool | None:
        """Tell whether a field is right; None where the gold doesn't say."""
        if path == "record":
            return index in self._right
        entry = self._given[index]
        cited = self._locator.touched(entry.evidence)
        near = [g for g, wanted in self._gold if wanted & cited]
        key = _key(path)
        if key in _STATES:
            state = STATE_FIELDS[self._kind]
            return any(entry.state in {g.state, *g.accepted.get(state, ())} for g in near)
        if key == "place":
            return any(not compare_place(g, entry).fp for g in near)
        if key == "when":
            return any(not compare_time(g, entry).fp for g in near)
        role = _ROLE_OF.get(key, key)
        forms = _forms(record, path)
        if not forms or (role not in entry.roles and role != "denied_by"):
            return None
        return any(self._holds(g, role, forms) for g in near)

    def _holds(self, gold: Entry, role: str, forms: Sequence[str]) -> bool:
        others = (*gold.actors(role), *gold.optional_actors(role), gold.group(role))
        return any(same_actor(forms, other, self._language) for other in others)


def _key(path: str) -> str:
    return _INDEX.sub("", path).removesuffix(".name")


def _forms(record: Mapping[str, Any], path: str) -> list[str]:
    """Return the forms of the actor that a path such as `accused[0].name` leads to."""
    value: Any = record
    for step in _steps(path.removesuffix(".name")):
        try:
            value = value[step]
        except (LookupError, TypeError):
            return []
    if not isinstance(value, Mapping):
        return []
    return [str(f) for f in (value.get("name"), *(value.get("aliases") or ())) if f]


def _steps(path: str) -> Iterator[str | int]:
    for part in path.split("."):
        yield part.partition("[")[0]
        yield from (int(i) for i in _INDEX.findall(part))


def _demand_raw(document: str, opinion: Mapping[str, Any]) -> None:
    if opinion.get("calibrated"):
        raise ConfigurationError(
            f"the opinions on {document!r} are calibrated already",
            hint="make the predictions without --calibration",
        )
