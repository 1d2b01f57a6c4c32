"""What is asked of a model about one document: a few questions, each with a way to read its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from communique.documents import Document, Sentence, Window, windows
from communique.engine.plan import Asking, Plan
from communique.prompts import (
    Focus,
    Items,
    Prompt,
    brief_prompt,
    focuses,
    full_prompt,
    items_of,
    parse_brief,
    passages,
    stretches,
)
from communique.prompts.prompt import CHARS_PER_TOKEN

DEFAULT_WINDOW = 60_000


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt, and how its answer becomes items by plural key.

    Attributes:
        prompt: What is sent.
        read: Turns the answer into items of the full shape. Everything that was said is in them: the checks sort it
            out.
        numbers: Of the sentences that it asks about.
        window: The sentences it is about; a question that is cut off is split there. None if it can't be split.
    """

    prompt: Prompt
    read: Callable[[Mapping[str, Any]], Items]
    numbers: frozenset[int]
    window: Window | None = None


def questions(document: Document, plan: Plan, *, asking: Asking, context_tokens: int | None) -> list[Question]:
    """Return the questions about a document; none where no sentence may state a record."""
    if asking != "full":
        asked = focuses(document.sentences, plan.records, document.language)
        if asking == "trained":
            shown = stretches(document.sentences, asked, document.language)
        else:
            shown = passages(document.sentences, [focus.sentence for focus in asked])
        return [_brief(document, plan, focus, p, asking) for focus, p in zip(asked, shown, strict=True)]
    return [full_question(document, plan, w) for w in reading_windows(document, plan, context_tokens)]


def reading_windows(document: Document, plan: Plan, context_tokens: int | None) -> tuple[Window, ...]:
    """Return the windows in which a model reads a document, each with all record types."""
    room = (
        DEFAULT_WINDOW if context_tokens is None else int((context_tokens - plan.max_tokens - 5000) * CHARS_PER_TOKEN)
    )
    size = plan.window_chars or max(2000, room)
    return windows(document.sentences, max_chars=size, overlap=plan.overlap)


def full_question(document: Document, plan: Plan, window: Window) -> Question:
    """Return the question for all records of a window."""
    prompt = full_prompt(
        window.sentences,
        plan.records,
        title=document.title,
        published=document.published,
        language=plan.claim_language,
        document_id=document.id,
        max_tokens=plan.max_tokens,
    )
    numbers = frozenset(s.number for s in window.sentences)
    return Question(replace(prompt, effort=plan.effort), lambda data: items_of(data, plan.records), numbers, window)


def _brief(document: Document, plan: Plan, focus: Focus, passage: Sequence[Sentence], asking: Asking) -> Question:
    sentence, kinds, sure = focus
    trained = asking == "trained"
    prompt = brief_prompt(
        passage,
        sentence,
        kinds,
        plan.records,
        sure=() if trained else sure,
        trained=trained,
        document_id=document.id,
    )
    return Question(
        replace(prompt, effort=plan.effort),
        lambda data: parse_brief(data, kinds, sentence.number, sentence.text),
        frozenset({sentence.number}),
    )
