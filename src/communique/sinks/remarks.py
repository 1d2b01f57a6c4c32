"""Words for people: names of the schema, verdicts, and what the checks say of a record."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from communique.schemas import Check, Record, Rejection, Response

VERDICTS: Mapping[str, tuple[str, str]] = {
    "supported": (
        "supported",
        (
            "every name, time and quotation is in the article, and names and times are near the cited sentences; the"
            " meaning was not judged"
        ),
    ),
    "verified": (
        "verified",
        "every name, time and quotation is in the article, and a model that read the whole article agrees with the meaning",
    ),
    "flagged": (
        "please check",
        "the article contradicts something in the record, a value was not found where it should be, or the judge disagrees",
    ),
    "draft": ("not checked", "the record was not compared with the article"),
}
"""By verdict, the words for it and what it means."""

GROUPS: Mapping[str, str] = {
    "reviewed": "Review",
    "corrected": "Corrected",
    "left_out": "Left out",
    "check": "Please check",
    "note": "Notes",
}
"""By what became of the value, the heading; notes change no verdict."""

LABELS: Mapping[str, str] = {
    "raised_by": "Raised by",
    "anticipated_topics": "Expected topics",
    "counterparties": "Others involved",
    "regime": "Rules named",
    "cue": "Linking words",
    "attributions": "According to",
    "when": "When",
    "place": "Where",
    "responses": "Answer",
    "record": "The record",
}
"""By field, its name for people where the schema's own doesn't say enough."""


def words(name: str) -> str:
    """Return a name of the schema as words: `arms_transfer` gives `arms transfer`."""
    return name.replace("_", " ")


def field_label(field: str) -> str:
    """Return the name of a field for people."""
    return LABELS.get(field) or words(field).capitalize()


def path_label(path: str) -> str:
    """Return a field's path for people: `responses[0].responders[1].name` gives `Answer, responders`."""
    first, *rest = re.sub(r"\[\d+\]", "", path).removesuffix(".name").split(".")
    return ", ".join([field_label(first), *map(words, rest)])


def numbered(sentences: Sequence[int]) -> str:
    """Return numbers of sentences as words: `sentences 2 and 4`."""
    return f"sentence{'s' * (len(sentences) > 1)} {join([str(n) for n in sentences])}" if sentences else ""


def join(names: Sequence[str]) -> str:
    """Join names as a sentence does: `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def responders(response: Response) -> str:
    """Return who answered, as a sentence names them."""
    return join([actor.name for actor in response.responders]) or "an unnamed party"


class Remark(NamedTuple):
    """What a check says: its group (a key of `GROUPS`), the field, and the sentence of the rule with the values at hand."""

    group: str
    label: str
    text: str

    def __str__(self) -> str:
        return f"{self.label}: {self.text}"


def remarks_of(checks: Iterable[Check]) -> tuple[Remark, ...]:
    """Return what the checks say, in the order of `GROUPS`."""
    found = [Remark(_group(c), path_label(c.field), _text(c)) for c in checks]
    return tuple(sorted(found, key=lambda r: [*GROUPS].index(r.group)))


def why(rejection: Rejection) -> str:
    """Return why a record was kept out, as a sentence."""
    return _sentence(rejection.reason, rejection.detail, rejection.sentences)


def counted(counts: Mapping[str, int]) -> str:
    """Return the numbers of records by verdict as words: `3 supported, 1 to check`."""
    shown = {**{name: told for name, (told, _) in VERDICTS.items()}, "flagged": "to check"}
    return ", ".join(f"{counts[name]:,} {told}" for name, told in shown.items() if counts.get(name))


def explained(records: Iterable[Record]) -> Iterator[str]:
    """Yield a line for each verdict that the records have: what it means."""
    there = {r.verdict for r in records}
    yield from (f"{told}: {meaning}." for name, (told, meaning) in VERDICTS.items() if name in there)


def _group(check: Check) -> str:
    if check.change != "kept":
        return "corrected" if check.change == "replaced" else "left_out"
    if check.reason == "accepted_in_review":
        return "reviewed"
    return "note" if check.severity == "note" else "check"


def _text(check: Check) -> str:
    said, other = _sentence(check.reason, check.detail, check.sentences), words(check.proposal or "")
    if check.change == "replaced":
        return f"{other}{f' instead of {words(check.was)}' if check.was else ''}. {said}"
    if check.change == "kept":  # a person wanted it so
        said = said.replace("; it was left out", "").replace("; they were left out", "")
    return f"{said} The words suggest: {other}." if other else said


def _sentence(reason: str, detail: str, sentences: Sequence[int]) -> str:
    message, detail = _messages().get(reason, "").removesuffix("."), detail.removesuffix(".")
    see = f"see {numbered(sentences)}" if sentences else ""
    more = "; ".join(filter(None, [detail if message else "", see]))
    return f"{message or detail or words(reason)}{f' ({more})' if more else ''}."


@functools.cache
def _messages() -> Mapping[str, str]:
    from communique.grounding.rules import REASONS  # here, since tables and graphs don't need it

    return {key: reason.message for key, reason in REASONS.items()}
