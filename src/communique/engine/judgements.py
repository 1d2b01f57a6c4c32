"""The second step of reading: a judge says how likely it is that the article says each record.

A part of the exchange.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from communique.backends.backend import Completion
from communique.documents import Window
from communique.engine.queries import full_question, reading_windows
from communique.engine.talk import Talk
from communique.errors import DocumentTooLongError, ResponseError, TransientBackendError
from communique.grounding.statements import Assertion, statements
from communique.prompts import MOST_STATEMENTS, Prompt, judge_prompt, read_judgements
from communique.schemas import Judgement, Record

FAILED = "judge_failed"
"""Warning: not every statement has a judgement; those records keep the verdict of the checks."""

UNJUDGED = (ResponseError, TransientBackendError, DocumentTooLongError)
"""Errors that cost the judgements and not the document."""

_Asked = tuple[int, Assertion]
"""Place of a record, and one of its statements."""


def judge(records: Sequence[Record], talk: Talk) -> Generator[Prompt, Completion, tuple[tuple[Record, ...], bool]]:
    """Ask about every record in a window that holds its evidence.

    Returns:
        The records with their judgements, and whether every statement has one; through `StopIteration.value`.
    """
    document, plan = talk.document, talk.plan
    found: dict[int, list[Judgement]] = {}
    asked = 0
    for window, about in _by_window(records, reading_windows(document, plan, talk.traits.judge_context)):
        known = {s.number for s in window.sentences}
        question = full_question(document, plan, window).prompt
        for start in range(0, len(about), MOST_STATEMENTS):
            portion = about[start : start + MOST_STATEMENTS]
            asked += len(portion)
            try:
                answer = yield judge_prompt(question, [said.text for _, said in portion])
            except UNJUDGED as error:
                talk.unheard(error)
                continue
            talk.judged(answer)
            given = read_judgements(answer.data, len(portion))
            for number, (place, said) in enumerate(portion, 1):
                if number in given:
                    probability, sentences = given[number]
                    deciding = tuple(n for n in dict.fromkeys(sentences) if n in known)
                    found.setdefault(place, []).append(
                        Judgement(
                            field=said.field,
                            statement=said.text,
                            probability=round(probability, 4),
                            sentences=deciding,
                            model=answer.model,
                        )
                    )
    whole = asked == sum(map(len, found.values()))
    judged = (r.model_copy(update={"judgements": tuple(found.get(i, ()))}) for i, r in enumerate(records))
    return tuple(judged), whole


def _by_window(records: Sequence[Record], windows: Sequence[Window]) -> Iterator[tuple[Window, list[_Asked]]]:
    """Yield each window with the statements of the records of which it holds the most evidence."""
    numbers = [{s.number for s in window.sentences} for window in windows]
    about: list[list[_Asked]] = [[] for _ in windows]
    for place, record in enumerate(records):
        cited = _cited(record)
        best = max(range(len(windows)), key=lambda i: len(cited & numbers[i]))
        about[best] += [(place, said) for said in statements(record)]
    return ((window, said) for window, said in zip(windows, about, strict=True) if said)


def _cited(record: Record) -> set[int]:
    found = {e.sentence for e in record.evidence}
    for response in getattr(record, "responses", ()):
        found |= {e.sentence for e in getattr(response, "evidence", ())}
    return found
