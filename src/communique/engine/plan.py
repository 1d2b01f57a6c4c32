"""Plan: what to look for in a document, and how."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from communique.errors import ConfigurationError, UnknownNameError
from communique.grounding import load_policy
from communique.grounding.rules import RecordCheck
from communique.languages import LISTS
from communique.prompts import full_schema, language_name
from communique.schemas import STANDARD_RECORDS, Record
from communique.schemas.record_type import record_type

Shape = Literal["auto", "full", "brief"]
Asking = Literal["full", "brief", "trained"]
"""How a model is asked: `trained` is the brief shape for a model that was trained for it."""
Judging = Literal["auto", "on", "off"]
_LEAST = {"repair_rounds": 0, "window_chars": 1, "overlap": 0, "max_tokens": 1}


@dataclass(frozen=True, slots=True)
class Plan:
    """How one document is read.

    Attributes:
        records: Record types to look for; plain Pydantic models are accepted.
        repair_rounds: How often the model is asked to correct failed checks, per question.
        strict: Keep no flagged records; they become rejections.
        policy: How verdicts are made: `strong`, `small`, or the path of a TOML file; by the shape of the questions if
            None.
        shape: `full` asks for all records at once, `brief` sentence by sentence; `auto` leaves it to the backend.
        window_chars: Code points of text in one question, for long documents; None: from the model's context.
        overlap: Sentences that the next window repeats.
        max_tokens: Limit on one answer, not counting what a model thinks before it.
        effort: How much a reasoning model is to think, in the server's word, such as `low` or `high`; its own choice if
            None.
        claim_language: ISO 639-1 code of the language in which a capable model writes its own sentences (`claim`,
            `concern`), or `article` for the article's own.
        checks: Custom checks, run after the built-in ones on every record.
        judge: Whether the records are judged by a model that reads the article once more: `on` and `off` always and
            never, `auto` where a judge is given, or where the backend is one that can (`judges`) and isn't asked in the
            brief shape.
        keep_text: Whether the result has the text, as `document.text`.
    """

    records: tuple[type[Record], ...] = STANDARD_RECORDS
    repair_rounds: int = 1
    strict: bool = False
    policy: str | None = None
    shape: Shape = "auto"
    window_chars: int | None = None
    overlap: int = 2
    max_tokens: int = 4000
    effort: str | None = None
    claim_language: str = "en"
    checks: tuple[RecordCheck, ...] = ()
    judge: Judging = "auto"
    keep_text: bool = False

    def __post_init__(self) -> None:
        for name in ("records", "checks"):
            given: object = getattr(self, name)
            if isinstance(given, (type, str)) or not isinstance(given, Iterable):
                raise ConfigurationError(f"{name} is {given!r}, not a list", hint=f"use {name}=[...]")
        if not self.records:
            raise ConfigurationError("no record type given", hint="pass at least one, such as Meeting")
        _refuse_wrong_values(self)
        kinds = tuple(record_type(kind) for kind in self.records)
        for kind in kinds:
            if kind.concept and kind.concept not in LISTS:
                raise UnknownNameError.of(f"phrase list of {kind.__name__}.concept,", kind.concept, LISTS)
        object.__setattr__(self, "records", kinds)
        keys = [kind.plural for kind in kinds]
        if len(set(keys)) < len(keys):
            raise ConfigurationError(f"two record types share one key: {', '.join(keys)}", hint="set `plural` on one")
        _refuse_unaskable(kinds)
        language_name(self.claim_language)
        if self.policy is not None:
            load_policy(self.policy)
        for check in self.checks:
            if not callable(check):
                raise ConfigurationError(
                    f"{check!r} is not a check", hint="pass a function of a record and its document"
                )

    def asking(self, *, narrows: bool, trained: bool) -> Asking:
        """Return how a model is asked, by what its backend says of it."""
        if self.shape == "full" or (self.shape == "auto" and not narrows):
            return "full"
        return "trained" if trained and set(self.records) <= set(STANDARD_RECORDS) else "brief"


def _refuse_wrong_values(plan: Plan) -> None:
    for name, least in _LEAST.items():
        number = getattr(plan, name)
        if number is not None and not (isinstance(number, int) and number >= least):
            raise ConfigurationError(f"{name} is {number!r}", hint=f"use a whole number, {least} or more")
    for name, word, known in (("shape", plan.shape, get_args(Shape)), ("judge", plan.judge, get_args(Judging))):
        if word not in known:
            raise UnknownNameError.of(name, str(word), known)
    if not isinstance(plan.effort, str | None):
        raise ConfigurationError(f"effort is {plan.effort!r}", hint="use the server's word, such as low")


@lru_cache(maxsize=64)
def _refuse_unaskable(kinds: tuple[type[Record], ...]) -> None:
    """Say now, not at the first document, which field a model can't be asked for. The schema is long, plans are many."""
    full_schema(kinds)
