"""Plan: what to look for in a document, and how; and the questions about a document that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, get_args

from communique.documents import Document, Sentence, Window, windows
from communique.errors import ConfigurationError, UnknownNameError
from communique.grounding import load_policy
from communique.grounding.rules import RecordCheck
from communique.languages import LISTS
from communique.prompts import (
    Focus,
    Items,
    Prompt,
    brief_prompt,
    focuses,
    full_prompt,
    full_schema,
    items_of,
    language_name,
    parse_brief,
    passages,
    stretches,
)
from communique.prompts.prompt import CHARS_PER_TOKEN
from communique.schemas import STANDARD_RECORDS, Record
from communique.schemas.record_type import record_type

Shape = Literal["auto", "full", "brief"]
Asking = Literal["full", "brief", "trained"]
"""How a model is asked: `trained` is the brief shape for a model that was trained for it."""
Judging = Literal["auto", "on", "off"]
DEFAULT_WINDOW = 60_000
"""Code points of text in one question to a model whose context is unknown."""
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
        self._refuse_wrong_values()
        kinds = tuple(record_type(kind) for kind in self.records)
        for kind in kinds:
            if kind.concept and kind.concept not in LISTS:
                raise UnknownNameError.of(f"phrase list of {kind.__name__}.concept,", kind.concept, LISTS)
        object.__setattr__(self, "records", kinds)
        keys = [kind.plural for kind in kinds]
        if len(set(keys)) < len(keys):
            raise ConfigurationError(f"two record types share one key: {', '.join(keys)}", hint="set `plural` on one")
        _full_schema(kinds)  # says now, not at the first document, which field a model can't be asked for
        language_name(self.claim_language)
        if self.policy is not None:
            load_policy(self.policy)
        for check in self.checks:
            if not callable(check):
                hint = "pass a function of a record and its document"
                raise ConfigurationError(f"{check!r} is not a check", hint=hint)

    def _refuse_wrong_values(self) -> None:
        for name, least in _LEAST.items():
            number = getattr(self, name)
            if number is not None and not (isinstance(number, int) and number >= least):
                raise ConfigurationError(f"{name} is {number!r}", hint=f"use a whole number, {least} or more")
        for name, word, known in (("shape", self.shape, get_args(Shape)), ("judge", self.judge, get_args(Judging))):
            if word not in known:
                raise UnknownNameError.of(name, str(word), known)
        if not isinstance(self.effort, str | None):
            raise ConfigurationError(f"effort is {self.effort!r}", hint="use the server's word, such as low")

    def asking(self, *, narrows: bool, trained: bool) -> Asking:
        """Return how a model is asked, by what its backend says of it."""
        if self.shape == "full" or (self.shape == "auto" and not narrows):
            return "full"
        return "trained" if trained and set(self.records) <= set(STANDARD_RECORDS) else "brief"


_full_schema = lru_cache(maxsize=64)(full_schema)  # it is long, and plans are many


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt, and how its answer becomes items of the full shape: all that was said; the checks sort it out."""

    prompt: Prompt
    read: Callable[[Mapping[str, Any]], Items]
    numbers: frozenset[int]  # of the sentences that it asks about
    window: Window | None = None  # a question that is cut off is split there; None if it can't be


def questions(document: Document, plan: Plan, *, asking: Asking, context_tokens: int | None) -> list[Question]:
    """Return the questions about a document; none where no sentence may state a record."""
    if asking == "full":
        return [full_question(document, plan, w) for w in reading_windows(document, plan, context_tokens)]
    asked = focuses(document.sentences, plan.records, document.language)
    if asking == "trained":
        shown = stretches(document.sentences, asked, document.language)
    else:
        shown = passages(document.sentences, [focus.sentence for focus in asked])
    return [
        _brief_question(document, plan, *pair, trained=asking == "trained") for pair in zip(asked, shown, strict=True)
    ]


def reading_windows(document: Document, plan: Plan, context_tokens: int | None) -> tuple[Window, ...]:
    """Return the windows in which a model reads a document, each with all record types."""
    size = plan.window_chars or DEFAULT_WINDOW
    if plan.window_chars is None and context_tokens is not None:
        size = max(2000, int((context_tokens - plan.max_tokens - 5000) * CHARS_PER_TOKEN))
    return windows(document.sentences, max_chars=size, overlap=plan.overlap)


def full_question(document: Document, plan: Plan, window: Window) -> Question:
    """Return the question for all records of a window."""
    prompt = full_prompt(
        window.sentences,
        plan.records,
        title=document.title,
        published=document.published,
        language=plan.claim_language,
    )
    prompt = replace(prompt, document_id=document.id, effort=plan.effort, max_tokens=plan.max_tokens)
    numbers = frozenset(s.number for s in window.sentences)
    return Question(prompt, lambda data: items_of(data, plan.records), numbers, window)


def _brief_question(
    document: Document, plan: Plan, focus: Focus, passage: Sequence[Sentence], *, trained: bool
) -> Question:
    sentence, kinds, sure = focus
    prompt = brief_prompt(passage, sentence, kinds, plan.records, sure=() if trained else sure, trained=trained)
    prompt = replace(prompt, document_id=document.id, effort=plan.effort)
    numbers = frozenset({sentence.number})
    return Question(prompt, lambda data: parse_brief(data, kinds, sentence.number, sentence.text), numbers)
