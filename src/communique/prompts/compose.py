"""Document and record types to `Prompt`: everything static first, so that providers and the local KV cache reuse it.

The article is shown a numbered sentence a line, with nothing that could pass for a turn.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from communique.documents import Sentence
from communique.languages import phrases_in
from communique.prompts.copied import copied
from communique.prompts.describe import BRIEF, OWN, OWN_KIND, OWN_TOLD, describe, language_name, meanings, template
from communique.prompts.finding import Focus
from communique.prompts.prompt import Message, Prompt, fingerprint_of
from communique.prompts.wire import COPIED, brief_schema, full_schema, singular
from communique.schemas import Meeting, Record

PROMPT_VERSION = 1
CONTEXT_BEFORE = 2
CONTEXT_AFTER = 2
PASSAGE = 9
"""Sentences of a passage at most. Up to there the passages of neighbours begin alike, and a local model evaluates only what
is added."""

STRETCH = 40
"""Sentences that a model trained for our question sees: an article, or a stretch of a long one. The next one repeats
`CONTEXT_BEFORE`."""
STRETCH_CHARS = 12_000
"""Code points of it: some 5,000 tokens where a token is short, which leave room in the local model's 8,192."""
AHEAD = 8
"""Sentences of an article's beginning that are always shown: who is only described there is named a few sentences later."""
BEGINS, ENDS = 40, 20
"""Code points by which a model trained for our question is told which sentence is meant: its first and its last ones."""

BRIEF_TOKENS = 320
"""Bound on the answer to one question of the brief shape."""

SENTENCE, FILL_IN = "Sentence", "Fill in"
"""The labels of our question to a small model."""

TEMPLATE_TOKENS = re.compile(
    r"<[|\uff5c][^|\uff5c<>\n]{0,40}[|\uff5c]>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>|</?s>"
    r"|<(?:start|end)_of_turn>|</?(?:tool_call|tool_response|think)>",
    re.IGNORECASE,
)
_FORM = re.compile(
    rf"{TEMPLATE_TOKENS.pattern}|^(?:{SENTENCE}|{FILL_IN}) ?:"  # lines of our question
    r"|^\[(?=\s?\d{1,4}\s?\])",  # the number of one of our lines
    re.IGNORECASE,
)


def neutral(text: str) -> str:
    """Put a sentence on one line and break chat-template tokens in it with a space, so that no text can open a turn.

    A sentence that starts as a line of our own does (`Sentence:`, `Fill in:`, `[7]`) is broken, too.

    Offsets are not touched: the model only gives numbers, and code copies the words from the document.
    """
    return _FORM.sub(lambda m: m.group()[0] + " " + m.group()[1:], " ".join(text.split()))


def numbered(sentences: Iterable[Sentence]) -> str:
    """Render sentences as `[7] text`. Link lines are left out: they are never evidence."""
    return "\n".join(f"[{s.number}] {neutral(s.text)}" for s in sentences if s.kind != "link")


@functools.lru_cache(maxsize=64)
def _full_static(record_types: tuple[type[Record], ...], language: str) -> tuple[Message, str, dict[str, Any]]:
    parts = [
        template("system").format(language=language_name(language)),
        template("task").format(kinds=describe(record_types, "full")) + "\n" + template("evidence"),
    ]
    if told := meanings(record_types):
        parts.append(f"{template('meanings')}\n{told}")
    schema = full_schema(record_types)
    system = Message("system", "\n\n".join(parts))
    return system, fingerprint_of(PROMPT_VERSION, "full", system.content, schema), schema


def full_prompt(
    sentences: Sequence[Sentence],
    record_types: tuple[type[Record], ...],
    *,
    title: str | None = None,
    published: dt.date | None = None,
    language: str = "en",
    document_id: str = "",
    max_tokens: int = 4000,
) -> Prompt:
    """Ask a capable model for all records of a document or a window. Sentence numbers are global.

    Args:
        sentences: Those of the document or the window.
        record_types: What is asked for.
        title: Given beside the article, marked as no evidence.
        published: The same.
        language: ISO 639-1 code of the language for the model's own sentences, or "article" for the article's own.
        document_id: For errors and events.
        max_tokens: Bound on the answer.

    Raises:
        ConfigurationError: A record type has a field that a model can't be asked for.
    """
    system, print_, schema = _full_static(record_types, language)
    about = [f"{name}: {neutral(str(value))}" for name, value in (("Title", title), ("Published", published)) if value]
    article = "\n".join([*about, "", numbered(sentences)]) if about else numbered(sentences)
    return Prompt(
        messages=(system, Message("user", article)),
        schema=schema,
        fingerprint=print_,
        max_tokens=max_tokens,
        document_id=document_id,
        static_messages=1,
    )


@functools.lru_cache(maxsize=64)
def _brief_static(record_types: tuple[type[Record], ...], trained: bool) -> tuple[tuple[Message, ...], str]:
    schema = brief_schema(record_types)  # refuses types that can't be told of
    known = {singular(kind) for kind in record_types}
    told, examples = describe(record_types, "brief"), () if trained else BRIEF
    if not trained and known - {kind for example in BRIEF for kind in example.answer} and OWN_KIND not in known:
        told, examples, known = f"{told}\n{OWN_TOLD}", (*BRIEF, *OWN), {*known, OWN_KIND}
    messages = [Message("system", template("focus").format(kinds=told))]
    for example in examples:
        answer = {kind: said for kind, said in example.answer.items() if kind in known}
        if answer:
            messages.append(Message("user", _brief_question(example.passage, example.focus, list(answer))))
            messages.append(Message("assistant", json.dumps(answer, ensure_ascii=False, separators=(",", ":"))))
    static = tuple(messages)
    return static, fingerprint_of(
        PROMPT_VERSION, "trained: in place, shortened" if trained else "brief", [asdict(m) for m in static], schema
    )


@functools.lru_cache(maxsize=256)
def _brief_schema(kinds: tuple[type[Record], ...], sure: tuple[type[Record], ...]) -> dict[str, Any]:
    return brief_schema(kinds, sure)


def brief_prompt(
    passage: Sequence[Sentence],
    focus: Sentence,
    kinds: tuple[type[Record], ...],
    record_types: tuple[type[Record], ...],
    *,
    sure: tuple[type[Record], ...] = (),
    trained: bool = False,
    document_id: str = "",
) -> Prompt:
    """Ask a small model what one sentence of a passage states.

    Args:
        passage: The sentence with its neighbours, in order.
        focus: The sentence.
        kinds: The record types to ask for.
        record_types: All record types of the run; the static part is the same for all of them.
        sure: Those of `kinds` for which null is no answer.
        trained: The model was trained for this question: it needs no worked examples, copies names unasked, and takes the
            last sentence of the passage for the one that is meant where none is repeated.
        document_id: For errors and events.
    """
    static, print_ = _brief_static(record_types, trained)
    schema = _brief_schema(kinds, sure)
    lines = [neutral(s.text) for s in passage]
    question = _brief_question(
        lines, list(passage).index(focus) + 1, [singular(kind) for kind in kinds], trained=trained
    )
    return Prompt(
        messages=(*static, Message("user", question)),
        schema=schema if trained else {**schema, "$defs": {COPIED: copied(lines)}},
        fingerprint=print_,
        max_tokens=BRIEF_TOKENS,
        document_id=document_id,
        static_messages=len(static),
        trained=trained,
    )


def static_text(record_types: tuple[type[Record], ...]) -> tuple[str, ...]:
    """Return all that is sent beside an article, in both shapes, where checks failed, and to judge records."""
    full, _, _ = _full_static(record_types, "en")
    brief, _ = _brief_static(record_types, trained=False)
    return (full.content, *(message.content for message in brief), template("repair"), template("judge"))


def passages(sentences: Sequence[Sentence], asked: Sequence[Sentence]) -> list[tuple[Sentence, ...]]:
    """Return for each sentence that is asked about its passage: two neighbours before it, or more, and two behind it.

    The next one goes on with the passage of the one before as long as it stays short. Link lines are left out.
    """
    body = [s for s in sentences if s.kind != "link"]
    place = {s.number: at for at, s in enumerate(body)}
    found: list[tuple[Sentence, ...]] = []
    start = -PASSAGE
    for sentence in asked:
        at = place[sentence.number]
        end = at + 1 + CONTEXT_AFTER
        if end - start > PASSAGE:
            start = max(0, at - CONTEXT_BEFORE)
        found.append(tuple(body[start:end]))
    return found


def stretches(sentences: Sequence[Sentence], asked: Sequence[Focus], language: str) -> list[tuple[Sentence, ...]]:
    """Return for each sentence that is asked about the article down to it, or the stretch of a long article.

    The first `AHEAD` sentences are always shown, and where an accusation or a concern is asked about, a denial in one of the
    next two sentences. So nearly every stretch goes on with the one before, and a local model evaluates each sentence once.
    Link lines are left out.

    Args:
        sentences: All sentences of the document, in order.
        asked: What is asked, in the order of the sentences.
        language: ISO 639-1 code.
    """
    body = [s for s in sentences if s.kind != "link"]
    place = {s.number: at for at, s in enumerate(body)}
    found: list[tuple[Sentence, ...]] = []
    start = 0
    for focus in asked:
        at = place[focus.sentence.number]
        end = at + 1
        if any(kind is not Meeting for kind in focus.kinds):
            denials = (n for n in range(end, min(end + CONTEXT_AFTER, len(body))) if _denies(body[n], language))
            end = next(denials, at) + 1
        ahead = min(AHEAD, len(body))
        if end < ahead and _chars(body[start:ahead]) <= STRETCH_CHARS:
            end = ahead
        if end - start > STRETCH or _chars(body[start:end]) > STRETCH_CHARS:
            start = max(0, at - CONTEXT_BEFORE)
        found.append(tuple(body[start:end]))
    return found


def _chars(sentences: Sequence[Sentence]) -> int:
    return sum(len(s.text) for s in sentences)


def _denies(sentence: Sentence, language: str) -> bool:
    return sentence.kind == "body" and "denial" in phrases_in(sentence.text, language)


def _brief_question(lines: Sequence[str], focus: int, kinds: Sequence[str], *, trained: bool = False) -> str:
    asked = f"{FILL_IN}: {', '.join(kinds)}"
    if not trained or focus < len(lines):
        line, cut = lines[focus - 1], shortened(lines[focus - 1])
        alone = trained and sum(shortened(other) == cut for other in lines) == 1
        asked = f"{SENTENCE}: {cut if alone else line}\n{asked}"
    return "\n".join(lines) + f"\n\n{asked}"


def shortened(line: str) -> str:
    """Return the beginning and the end of a sentence: enough to say which one is meant."""
    return f"{line[:BEGINS]} … {line[-ENDS:]}" if len(line) > BEGINS + ENDS else line
