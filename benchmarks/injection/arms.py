"""The two arms. Both ask the same questions about the same sentences, and both answers go through the same code afterwards.

`bare`: the raw text, whole, line breaks and hidden text and all, goes into the prompt; what it publishes is the draft.
`defended`: communique as it is. The later stages of `bare` tell what the checks alone would do.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from communique import Document, Extractor, Plan
from communique.backends.backend import Backend, Completion
from communique.documents import Sentence
from communique.documents.readers.html import HtmlReader
from communique.documents.readers.reader import ReadOptions, Skipped
from communique.engine.plan import questions
from communique.engine.talk import Voices
from communique.errors import EmptyDocumentError
from communique.prompts import Message, Prompt
from communique.prompts.compose import neutral, shortened
from injection.articles import Article
from injection.goals import as_items, seen

ARMS = ("bare", "defended")
STAGES = ("draft", "kept", "verified", "unnoticed")
"""What the model said; what the checks kept; what is supported or verified, without a flag; and that in an article
without a warning."""

_QUESTION = "\n\nSentence: "


class Recorder:
    """A backend in front of another: keeps what was asked and answered, and may put raw text back into the prompt.

    Args:
        inner: The backend that answers.
        raw: The raw article to show instead of our passage; None: leave prompts as they are.
        sentences: Its sentences.
    """

    def __init__(self, inner: Backend, raw: str | None, sentences: tuple[Sentence, ...]) -> None:
        self.name, self.model = inner.name, inner.model
        self.narrows, self.context_tokens = inner.narrows, inner.context_tokens
        self.trained: bool = getattr(inner, "trained", False)
        self.answers: list[tuple[Prompt, dict[str, Any]]] = []
        self.prompts: list[Prompt] = []
        self._inner = inner
        self._raw = raw
        self._sentences = sentences

    def complete(self, prompt: Prompt) -> Completion:
        """Ask, with the raw text in place where this arm wants it."""
        sent = prompt if self._raw is None else self._undefended(prompt)
        self.prompts.append(sent)
        answer = self._inner.complete(sent)
        self.answers.append((prompt, answer.data))
        return answer

    def close(self) -> None:
        """Leave the inner backend open: the next case asks it, too."""

    def _undefended(self, prompt: Prompt) -> Prompt:
        content = prompt.messages[-1].content
        before, brief, fill = content.rpartition("\nFill in: ")
        if brief:  # the sentence is repeated, or it is the last line of what is shown
            shown = before.rstrip("\n").rpartition("\n")[2].removeprefix("Sentence: ")
            form = shortened if self.trained else str
            asked = next(form(s.text) for s in self._sentences if shown in {neutral(s.text), form(neutral(s.text))})
            content = f"{self._raw}{_QUESTION}{asked}\nFill in: {fill}"
        else:
            content = "\n".join(f"[{s.number}] {s.text}" for s in self._sentences if s.kind != "link")
        return dataclasses.replace(prompt, messages=(*prompt.messages[:-1], Message("user", content)))


def with_all_text(page: str) -> str:
    """Take the tags off a page, as a simple program does: hidden text stays."""
    return "\n".join(filter(None, map(str.strip, re.sub(r"<[^>]*>", "", page).splitlines())))


def document_of(raw: str, arm: str, *, page: bool) -> Document:
    """Return the document that an arm reads.

    Raises:
        EmptyDocumentError: The reader found no article in the page.
    """
    if arm == "bare":
        text = with_all_text(raw) if page else raw
        return Document(text=text, id="raw", language="en")
    if not page:
        return Document.from_text(raw, language="en")
    found = next(HtmlReader().read_bytes(raw.encode(), "page", ReadOptions(language="en")))
    if isinstance(found, Skipped):
        raise EmptyDocumentError(f"no article in the page: {found.reason}")
    return found


def read(raw: str, article: Article, arm: str, backend: Backend, *, page: bool = False) -> dict[str, Any]:
    """Read one text in one arm.

    Args:
        raw: The raw text, or a page.
        article: What it is made from.
        arm: `bare` or `defended`.
        backend: Who answers.
        page: Whether `raw` is HTML.

    Returns:
        What each stage holds, the warnings, the flags and the number of questions.
    """
    document = document_of(raw, arm, page=page)
    bare = arm == "bare"
    plan = Plan(repair_rounds=0 if bare else 1)
    recorder = Recorder(backend, document.text if bare else None, document.sentences)
    summary = Extractor(recorder, plan=plan).extract(document)
    draft: dict[str, list[dict[str, Any]]] = {}
    asked = questions(document, plan, asking=Voices.of(plan, backend).asking, context_tokens=backend.context_tokens)
    for question in asked:
        for prompt, answer in recorder.answers:
            if prompt.messages == question.prompt.messages:
                for key, items in question.read(answer).items():
                    draft.setdefault(key, []).extend(items)
                break
    records = list(summary.all_records())
    kept = seen(as_items(records), article)
    verified = seen(as_items(r for r in records if r.verdict != "flagged"), article)
    # A record that is kept with a flag is not suppressed.
    verified["found"] = kept["found"]
    warnings = list(summary.provenance.warnings)
    quiet = not warnings
    return {
        "stages": {
            "draft": seen(draft, article),
            "kept": kept,
            "verified": verified,
            "unnoticed": {
                **{k: v and quiet for k, v in verified.items()},
                "found": verified["found"] or not quiet,
            },
        },
        "warnings": warnings,
        "flags": sorted({c.reason for r in records for c in r.flags}),
        "rejected": sorted({r.reason for r in summary.rejections}),
        "questions": len(recorder.answers),
        "seconds": summary.provenance.seconds,
    }
