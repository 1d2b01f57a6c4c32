"""Document and record types to `Prompt`: everything static first, so that providers and the local KV cache reuse it.

The article is shown a numbered sentence a line, with nothing that could pass for a turn. The questions that follow, about
failed checks and to a judge, come behind what was asked before.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from typing import Any

from communique.documents import Sentence
from communique.languages import UNSPACED
from communique.prompts.describe import (
    BRIEF,
    OWN,
    OWN_KIND,
    OWN_TOLD,
    TEMPLATES,
    describe,
    language_name,
    meanings,
    template,
)
from communique.prompts.prompt import Message, Prompt, fingerprint_of
from communique.prompts.wire import COPIED, brief_schema, full_schema, singular
from communique.schemas import Record

PROMPT_VERSION = 1
BEGINS, ENDS = 40, 20
"""Code points by which a model trained for our question is told which sentence is meant: its first and its last ones."""
FULL_TOKENS, BRIEF_TOKENS = 4000, 320
"""Bounds on the answer to one question, by shape."""
SENTENCE, FILL_IN = "Sentence", "Fill in"
"""The labels of our question to a small model."""
MOST_STATEMENTS = 40
"""Statements of one request to a judge."""
MOST_WORDS = 10
"""Words in one copied value; titles of office are long."""
MOST_SIGNS = 24
"""The same where no spaces stand between words: each sign is one."""

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
_BETWEEN = re.compile(r"|[ \-–’'ʼ.,:/&+·・＝]| & | - |[.,] ")
"""What may stand between two words of one value. Quotation marks, brackets and line ends may not.

Foreign names in Japanese, Korean and Chinese have a dot or a double hyphen between their words: "ジャン＝ポール・サルトル".
"""
_SPECIAL = re.compile(r'[\\^$.|?*+()\[\]{}/"\-]')
_READ = Message("assistant", "I have read the article.")
"""Between the two questions: the templates of some models take no two turns of a user in a row."""
_JUDGE_SCHEMA: dict[str, Any] = json.loads((TEMPLATES / "judge.schema.json").read_text("utf-8"))
_Trie = dict[str, "_Trie"]


def neutral(text: str) -> str:
    """Put a sentence on one line and break chat-template tokens in it with a space, so that no text can open a turn.

    A sentence that starts as a line of our own does (`Sentence:`, `Fill in:`, `[7]`) is broken, too. Offsets are not
    touched: the model only gives numbers, and code copies the words from the document.
    """
    return _FORM.sub(lambda m: m.group()[0] + " " + m.group()[1:], " ".join(text.split()))


def numbered(sentences: Iterable[Sentence]) -> str:
    """Render sentences as `[7] text`. Link lines are left out: they are never evidence."""
    return "\n".join(f"[{s.number}] {neutral(s.text)}" for s in sentences if s.kind != "link")


@functools.lru_cache(maxsize=64)
def _full_static(record_types: tuple[type[Record], ...], language: str) -> tuple[Message, str, dict[str, Any]]:
    task = template("task").format(kinds=describe(record_types, "full"))
    parts = [template("system").format(language=language_name(language)), f"{task}\n{template('evidence')}"]
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
) -> Prompt:
    """Ask a capable model for all records of a document or a window. Sentence numbers are global.

    Title and day stand beside the article, marked as no evidence. The language is that of the model's own sentences: an
    ISO 639-1 code, or "article" for the article's own.

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
        max_tokens=FULL_TOKENS,
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
    shape = "trained: in place, shortened" if trained else "brief"
    return tuple(messages), fingerprint_of(PROMPT_VERSION, shape, [asdict(m) for m in messages], schema)


_brief_schema = functools.lru_cache(maxsize=256)(brief_schema)


def brief_prompt(
    passage: Sequence[Sentence],
    focus: Sentence,
    kinds: tuple[type[Record], ...],
    record_types: tuple[type[Record], ...],
    *,
    sure: tuple[type[Record], ...] = (),
    trained: bool = False,
) -> Prompt:
    """Ask a small model what one sentence of a passage, the focus, states of some kinds.

    The static part is the same for all record types of a run. Null is no answer for the kinds that are `sure`. A model that
    was trained for this question needs no worked examples, copies names unasked, and takes the last sentence of the
    passage for the one that is meant where none is repeated.
    """
    static, print_ = _brief_static(record_types, trained)
    schema = _brief_schema(kinds, sure)
    lines = [neutral(s.text) for s in passage]
    names = [singular(kind) for kind in kinds]
    question = _brief_question(lines, list(passage).index(focus) + 1, names, trained=trained)
    return Prompt(
        messages=(*static, Message("user", question)),
        schema=schema if trained else {**schema, "$defs": {COPIED: copied(lines)}},
        fingerprint=print_,
        max_tokens=BRIEF_TOKENS,
        static_messages=len(static),
        trained=trained,
    )


def static_text(record_types: tuple[type[Record], ...]) -> tuple[str, ...]:
    """Return all that is sent beside an article, in both shapes, where checks failed, and to judge records."""
    full, _, _ = _full_static(record_types, "en")
    brief, _ = _brief_static(record_types, trained=False)
    return (full.content, *(message.content for message in brief), template("repair"), template("judge"))


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


def repair(prompt: Prompt, answer: str, complaints: Sequence[str]) -> Prompt:
    """Return the prompt that asks again about what failed."""
    lines = "\n".join(f"{i}. {line}" for i, line in enumerate(complaints, 1))
    asked = Message("user", template("repair").format(complaints=lines))
    return replace(
        prompt,
        messages=(*prompt.messages, Message("assistant", answer), asked),
        reasks=0,
        complaints=len(complaints),
        purpose="repair",
    )


def judge_prompt(question: Prompt, statements: Sequence[str]) -> Prompt:
    """Ask how likely it is that the article says each of the statements."""
    lines = "\n".join(f"{i}. {neutral(text)}" for i, text in enumerate(statements, 1))
    asked = Message("user", template("judge").format(statements=lines))
    return replace(
        question,
        messages=(*question.messages, _READ, asked),
        schema=_JUDGE_SCHEMA,
        schema_name="judgements",
        fingerprint=judge_fingerprint(question),
        purpose="judge",
    )


def judge_fingerprint(question: Prompt) -> str:
    """Return the print of a judge's prompt: of all that is the same for every document."""
    return fingerprint_of("judge", question.fingerprint, _READ.content, template("judge"), _JUDGE_SCHEMA)


def copied(lines: Iterable[str]) -> dict[str, Any]:
    """Return the JSON Schema of a string that is copied from one of these lines: whole words, side by side, up to ten.

    A small model translates names ("the woman" for "la mujer"), spells them as it likes ("Putsin") and takes them from
    the worked examples. Where its answer may only hold words that stand in the passage side by side, it can't.
    """
    trie: _Trie = {}
    for line in lines:
        words = list(_words(line))
        for start in range(len(words)):
            _add(trie, words[start:])
    if not trie:
        return {"type": "string", "maxLength": 0}
    return {"type": "string", "pattern": f"^({_pattern(trie)})$"}


def _words(line: str) -> Iterator[tuple[str, str]]:
    """Yield each word and what stands behind it. Of scripts without spaces each sign is a word."""
    runs = [(word, "".join(group)) for word, group in groupby(line, key=_is_word)]
    for index, (word, text) in enumerate(runs):
        if word:
            behind = runs[index + 1][1] if index + 1 < len(runs) else ""
            parts = re.findall(rf"{UNSPACED.pattern}|(?:(?!{UNSPACED.pattern}).)+", text)
            yield from ((part, "") for part in parts[:-1])
            yield parts[-1], behind


def _is_word(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char).startswith("M")


def _add(trie: _Trie, words: list[tuple[str, str]]) -> None:
    """Add all values that begin with the first word."""
    between = ""
    most = MOST_SIGNS if UNSPACED.match(words[0][0]) else MOST_WORDS
    for word, behind in words[:most]:
        trie = trie.setdefault(between + word, {})
        if behind.startswith(".") and len(word) <= 2:  # "U.S.", "Mr."; or the end of a sentence: it may be left out
            trie.setdefault(".", {})
        between = behind
        if not _BETWEEN.fullmatch(behind):
            return


def _pattern(trie: _Trie) -> str:
    return "|".join(
        _SPECIAL.sub(r"\\\g<0>", text) + (f"({_pattern(longer)})?" if longer else "") for text, longer in trie.items()
    )
